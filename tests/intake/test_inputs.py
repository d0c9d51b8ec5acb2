"""Inputs as users name them, with what goes wrong with them."""

import gzip
import io
import os
from pathlib import Path

import pytest

from sayso.errors import DecodingError, InputError, LanguageError
from sayso.intake import Overrides, open_input, read_inputs
from sayso.intake.sniff import form_of
from sayso.posts import Thread

TEXT = "The bridge will open in May, the mayor said on Tuesday, and the ferry will go on through the summer."
PAGE = f"<!DOCTYPE html><html><head><title>A Bridge by May</title></head><body><h1>A Bridge by May</h1><p>{TEXT}</p></body></html>"
LINES = '{"id": "a", "text": "Yes."}\n{"id": "b", "text": "No."}\n'


def ids(*inputs: str | Path, stdin: bytes = b"") -> list[str]:
    got = list(read_inputs(inputs, stdin=io.BytesIO(stdin)))
    assert all(isinstance(item, Thread) for item in got), got
    return [item.id for item in got if isinstance(item, Thread)]


def error(name: str | Path, stdin: bytes = b"") -> InputError:
    (item,) = open_input(name, stdin=io.BytesIO(stdin))
    assert isinstance(item, InputError), item
    assert item.remedy
    assert "\n" not in str(item)
    return item


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b.txt").write_text(TEXT)
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "d.jsonl").write_text(LINES)
    (tmp_path / "c" / "e.jsonl.gz").write_bytes(gzip.compress(LINES.replace("a", "x").encode()))
    (tmp_path / "c" / "style.css").write_text("body {}")
    (tmp_path / ".hidden.txt").write_text(TEXT)
    return tmp_path


def test_files_are_named_as_they_were_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert ids("b.txt", "./a.html", Path("c/d.jsonl")) == ["b.txt", "./a.html", "a", "b"]


def test_a_folder_is_read_in_order_and_in_depth(folder: Path) -> None:
    assert ids(folder) == [str(folder / "a.html"), str(folder / "b.txt"), "a", "b", "x", "b"]


def test_a_folder_with_loops_is_read_once(folder: Path) -> None:
    (folder / "c" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "again").symlink_to(folder / "c", target_is_directory=True)
    assert len(ids(folder)) == 6


def test_what_cannot_be_read_in_a_folder_does_not_end_it(folder: Path) -> None:
    (folder / "empty.txt").touch()
    (folder / "gone.txt").symlink_to(folder / "nowhere")
    (folder / "self.txt").symlink_to(folder / "self.txt")
    (folder / "noise.bin").write_bytes(bytes(range(256)) * 40)
    os.mkfifo(folder / "pipe.txt")
    got = list(open_input(folder))
    assert sum(isinstance(item, Thread) for item in got) == 6
    failed = {Path(item.input).name: item for item in got if isinstance(item, InputError)}
    assert set(failed) == {"empty.txt", "gone.txt", "self.txt", "noise.bin", "pipe.txt"}
    assert all(item.remedy for item in failed.values())


def test_a_folder_without_texts(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"\x89PNG")
    assert "without texts" in error(tmp_path).problem


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        (b"\x00" * 5_000, "is empty"),
        (b"%PDF-1.7 \x00\x01", "a PDF"),
        (b"PK\x03\x04" + bytes(100), "zip archive"),
        (bytes(range(256)) * 20, "a binary file"),
        (gzip.compress(b""), "is empty"),
        (gzip.compress(TEXT.encode() * 99)[:-12], "damaged"),
        (gzip.compress(gzip.compress(TEXT.encode())), "packed twice"),
    ],
)
def test_files_that_are_no_text(tmp_path: Path, data: bytes, words: str) -> None:
    for name in ("x.txt", "x.html", "x", "x.jsonl"):
        (tmp_path / name).write_bytes(data)
        assert words in error(tmp_path / name).problem
    assert words in error("-", stdin=data).problem


def test_missing_unreadable_and_impossible_names(tmp_path: Path) -> None:
    assert "No such file" in error(tmp_path / "x.txt").problem
    assert "cannot be read" in error("a\x00b").problem
    assert "cannot be read" in error("x" * 5_000).problem


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_without_the_right_to_read(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text(TEXT)
    path.chmod(0)
    assert "Permission denied" in error(path).problem


def test_a_file_whose_reading_fails() -> None:
    path = Path("/proc/self/mem")
    if not path.exists():
        pytest.skip("no such file on this system")
    assert "cannot be read" in error(path).problem


def test_undecodable_text(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes("A naïve café".encode() + b"\xff" + TEXT.encode())
    assert isinstance(error(path), DecodingError)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("pack", [False, True])
def test_standard_input_is_known_by_its_first_bytes(encoding: str, pack: bool) -> None:
    def given(text: str) -> bytes:
        data = text.encode(encoding)
        return gzip.compress(data) if pack else data

    (page,) = open_input("-", stdin=io.BytesIO(given(PAGE)))
    assert isinstance(page, Thread)
    assert (page.id, page.title) == ("-", "A Bridge by May")
    (text,) = open_input("-", stdin=io.BytesIO(given(TEXT)))
    assert isinstance(text, Thread)
    assert text.article.text == TEXT
    if encoding.startswith("utf-8"):
        assert ids("-", stdin=given(LINES)) == ["a", "b"]


def test_a_first_line_longer_than_what_is_looked_at() -> None:
    line = '{"id": "a", "text": "' + "Yes. " * 50_000 + '"}\n'
    assert ids("-", stdin=(line + LINES).encode()) == ["a", "a", "b"]


def test_a_text_that_begins_with_a_brace_is_text() -> None:
    (thread,) = open_input("-", stdin=io.BytesIO(b"{sic} the mayor said, and so it was."))
    assert isinstance(thread, Thread)


def test_overrides(folder: Path) -> None:
    over = Overrides(title="T", author="A", published="2 June 2021", url="https://x.example/")
    for item in read_inputs([folder], overrides=over):
        assert isinstance(item, Thread)
        assert (item.title, item.article.author, item.published, item.url) == ("T", "A", "2021-06-02", over.url)


def test_another_language_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text(
        "Der Bürgermeister sagte am Dienstag, die Brücke werde noch vor Ende Mai für den Verkehr geöffnet. " * 2
    )
    assert isinstance(error(path), LanguageError)
    (thread,) = open_input(path, languages=False)
    assert isinstance(thread, Thread)


def test_offsets_count_code_points_after_line_ends_were_made_alike(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes("👩‍👩‍👧 said\r\n\r\nאמר \u202bשלום\u202c, e\u0301tude\r\nend".encode())
    (thread,) = open_input(path, languages=False)
    assert isinstance(thread, Thread)
    assert thread.article.text == "👩‍👩‍👧 said\n\nאמר \u202bשלום\u202c, e\u0301tude\nend"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (
            b'<?xml version="1.0"?><rss version="2.0"><channel><item><title>A bridge</title></item></channel></rss>',
            "feed",
        ),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Bridges</title></feed>', "feed"),
        (b'<?xml version="1.0"?>\n<document><p>The bridge will open.</p></document>', "XML"),
        (b'[{"id": "a", "text": "The bridge will open in May."}]', "JSON array"),
        (b"Return-Path: <a@b.example>\r\nSubject: Bridge\r\n\r\nThe bridge will open=\r\n.", "mail"),
        (b"From: a@b.example\nX-Long: some\n thing\nMIME-Version: 1.0\n\nThe bridge.", "mail"),
    ],
)
def test_what_is_written_in_letters_and_is_no_text_is_refused(content: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "input.txt"
    path.write_bytes(content)
    assert what in error(path).problem


def test_a_page_that_begins_with_many_comments_does_not_hang() -> None:
    assert form_of(b"<!-- x -->\n" * 200 + b"<strange>") == "text"
    assert form_of(b"<!-- x -->\n" * 200 + b"<html>") == "html"


@pytest.mark.parametrize("name", ["ftp://x.example/a.txt", "file:///tmp/nothing-here.txt"])
def test_an_address_of_another_kind_is_named_as_that(name: str) -> None:
    assert "address" in error(name).problem
    assert "http" in error(name).remedy
