import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayso.errors import DecodingError, FieldError, InputError, LanguageError
from sayso.intake import jsonl as jsonl_module
from sayso.intake import open_input, thread_from_document
from sayso.intake.jsonl import threads_from_lines
from sayso.posts import Thread

FULL: dict[str, Any] = {
    "id": "d1", "url": "https://x.example/1", "title": "A Bridge", "author": "Nora Quill", "published": "2020-03-03",
    "site": "Ledger", "text": "The bridge\r\nwill open, \u00a0he said.\u2028 \x00e\u0301 👩‍👧 שלום\n",
    "comments": [
        {"id": "7", "parent": None, "author": "Ada", "posted": "2020-03-04T05:06:07Z", "text": "> will open\nNo.\r\n"},
        {"id": 8, "parent": "7", "text": "Yes."},
        {"id": "9", "parent": "d1", "author": "", "text": "Well."},
        {"parent": "gone", "text": "Hm."},
    ],
}  # fmt: skip


def test_a_document_with_its_thread() -> None:
    thread = thread_from_document(FULL)
    assert (thread.id, thread.url, thread.title, thread.site) == ("d1", FULL["url"], "A Bridge", "Ledger")
    assert (thread.article.author, thread.published) == ("Nora Quill", "2020-03-03")
    assert [(p.id, p.parent, p.author, p.posted) for p in thread.posts[1:]] == [
        ("d1#7", "d1", "Ada", "2020-03-04T05:06:07Z"),
        ("d1#8", "d1#7", None, None),
        ("d1#9", "d1", None, None),
        ("d1#c4", "d1", None, None),
    ]
    assert thread.posts[1].text[slice(*thread.posts[1].quotes[0])] == "> will open"


@given(st.text(min_size=1).filter(str.strip))
def test_texts_are_never_changed(text: str) -> None:
    row = {"id": "d", "text": text, "comments": [{"text": text}]}
    line = json.dumps(row).encode() + b"\n"
    (thread,) = threads_from_lines(io.BytesIO(line), input="x", languages=False)
    assert isinstance(thread, Thread)
    assert [post.text for post in thread.posts] == [text, text]


def read(lines: bytes) -> list[Thread | InputError]:
    return list(threads_from_lines(io.BytesIO(lines), input="c.jsonl"))


def test_a_bad_line_is_named_and_the_rest_is_read() -> None:
    good = b'{"id": "a", "text": "Ja."}\n'
    got = read(
        b"\xef\xbb\xbf" + good + b"\n{broken\n" + b'{"id": "b"}\n' + b"[1]\n" + b'{"id":"c","text":"\xff"}\n' + good
    )
    errors = [item for item in got if isinstance(item, InputError)]
    assert [type(item) for item in got] == [Thread, InputError, FieldError, InputError, DecodingError, Thread]
    assert [error.input for error in errors] == ["c.jsonl:3", "c.jsonl:4", "c.jsonl:5", "c.jsonl:6"]
    assert all(error.remedy for error in errors)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": None}, '"id" is missing'),
        ({"text": 7}, '"text" is 7, not a string'),
        ({"text": "half \ud83d"}, "half a character"),
        ({"published": "2999-01-01"}, '"published" says 2999-01-01, which is in the future'),
        ({"published": "1492-10-12"}, "before 1800"),
        ({"published": "soon"}, "not a date"),
        ({"comments": {}}, '"comments" is no list'),
        ({"comments": ["x"]}, r'"comments\[0\]" is no object'),
        ({"comments": [{"id": "1"}]}, r'"comments\[0\].text" is missing'),
        ({"comments": [{"text": "x", "posted": "2999-01-01"}]}, r'"comments\[0\].posted"'),
        ({"comments": [{"id": "1", "text": "x"}, {"id": "1", "text": "y"}]}, "for the second time"),
        ({"comments": [{"id": "1", "parent": "1", "text": "x"}]}, "answer itself"),
        (
            {"comments": [{"id": "1", "parent": "2", "text": "x"}, {"id": "2", "parent": "1", "text": "y"}]},
            "answer itself",
        ),
    ],
)
def test_fields_that_cannot_be(change: dict[str, Any], words: str) -> None:
    with pytest.raises(FieldError, match=words) as caught:
        thread_from_document(FULL | change, input="c.jsonl:5")
    assert caught.value.input == "c.jsonl:5"


def test_no_text() -> None:
    with pytest.raises(InputError, match="no text"):
        thread_from_document({"id": "a", "text": " "})
    assert len(read(b"\n\n")) == 1


def test_another_language_names_the_line() -> None:
    text = "Der Bürgermeister sagte am Dienstag, dass die Brücke noch vor Ende Mai für den Verkehr geöffnet werde. " * 2
    (error,) = read(json.dumps({"id": "a", "text": text}).encode())
    assert isinstance(error, LanguageError)
    assert "c.jsonl:1: looks like German (de)" in str(error)


def test_nesting_without_end_and_long_numbers() -> None:
    got = read(b'{"id": ' + b"[" * 200_000 + b"\n" + b'{"id": ' + b"9" * 5_000 + b"}\n")
    assert [type(item) for item in got] == [InputError, InputError]


def test_a_line_beyond_the_limit_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl_module, "MAX_LINE", 100)
    good = b'{"id": "a", "text": "Ja."}\n'
    got = read(b'{"id": "b", "text": "' + b"x" * 3_000_000 + b'"}\n' + good)
    assert isinstance(got[0], InputError)
    assert "more than" in got[0].problem
    assert isinstance(got[1], Thread)


def test_gz_and_damaged_gz(tmp_path: Path) -> None:
    rows = b"".join(
        b'{"id": "%d", "text": "The bridge will open, he said, number %d."}\n' % (n, n * n) for n in range(20_000)
    )
    whole = tmp_path / "c.jsonl.gz"
    whole.write_bytes(gzip.compress(rows))
    assert sum(isinstance(item, Thread) for item in open_input(whole)) == 20_000
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(whole.read_bytes()[:-20_000])
    *threads, last = open_input(cut)
    assert len(threads) > 1_000
    assert isinstance(last, InputError)
    assert "breaks off" in last.problem


def test_a_stream_is_read_line_by_line() -> None:
    class Endless(io.RawIOBase):
        number = 0

        def readable(self) -> bool:
            return True

        def readline(self, size: int | None = -1, /) -> bytes:
            self.number += 1
            return b'{"id": "%d", "text": "Yes."}\n' % self.number

    stream = Endless()
    threads = threads_from_lines(stream, input="-")  # type: ignore[arg-type]
    for number in range(1, 4):
        thread = next(threads)
        assert isinstance(thread, Thread)
        assert thread.id == str(number)
    assert stream.number == 3
