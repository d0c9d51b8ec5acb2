"""The reader with the shipped model: what must hold of any text, and what must hold of plain cases."""

from __future__ import annotations

import gc
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sayso
from sayso.errors import InputError
from sayso.posts import FORECASTS, Claim, Post, Thread
from sayso.reading import reader
from sayso.reading.reader import Reader

READER = Reader()
ARTICLE = """Council Will Drop the Canal Tax, Orlen Says

Vellin, March 3 – The council of Vellin will drop its canal tax by the summer, Marta Orlen said on Tuesday.

“We have no choice,” the economist told reporters. She argued that Mayor Tobias Renk believes the port will leave the \
city unless the tax goes.

A spokesman for Mr. Renk said the mayor plans to meet the port’s owners next week."""

VOCABULARY = (
    "Orlen said that the tax will fall by June “we won’t go,” she told him . 🙂 e\u0301 שלום <b> if Renk agrees".split()
)
WORDS = st.lists(st.sampled_from([*VOCABULARY, "\n\n", "\r\n"]), min_size=1, max_size=120)


def read(text: str, **about: str) -> list[Claim]:
    return READER.read_thread(Thread("t", [Post("t", text)], **about)).claims  # type: ignore[arg-type]


def test_who_says_what_and_on_whose_word() -> None:
    claims = read(ARTICLE, published="2020-03-04")
    by_content = {c.content.text.strip(" ,.“”"): c for c in claims}
    tax = next(c for text, c in by_content.items() if text.startswith("The council of Vellin will drop"))
    assert tax.holder.name == "Marta Orlen"
    assert tax.kind in FORECASTS
    assert tax.cue is not None
    assert tax.cue.text.startswith("said")
    choice = next(c for text, c in by_content.items() if text.startswith("We have no choice"))
    assert choice.quote == "direct"
    assert choice.holder.name == "Marta Orlen"


def test_the_day_the_words_were_said_bounds_the_horizon() -> None:
    claims = read(ARTICLE, published="2020-03-04")
    tax = next(c for c in claims if c.content.text.startswith("The council of Vellin will drop"))
    assert tax.forecast is not None
    assert tax.forecast.horizon is not None
    assert tax.forecast.horizon.end is not None
    assert tax.forecast.horizon.end.year == 2020


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WORDS)
def test_offsets_give_back_the_text_and_ids_are_stable(words: list[str]) -> None:
    text = " ".join(words)
    claims = read(text)
    assert [c.id for c in claims] == [c.id for c in read(text)]
    assert len({c.id for c in claims}) == len(claims)
    for c in claims:
        assert 0.0 <= c.confidence <= 1.0
        for part in (c.content, c.source, c.cue):
            if part is not None:
                assert part.text == " … ".join(text[s:e] for s, e in part.spans)
                assert all(text[s:e].strip() == text[s:e] != "" for s, e in part.spans)
                assert list(part.spans) == sorted(part.spans)
        if c.forecast:
            assert c.kind in FORECASTS
            inside = [i for s, e in c.content.spans for i in range(s, e)]
            for found in (*c.forecast.conditions, c.forecast.certainty, c.forecast.horizon):
                assert found is None or all(i in inside for s, e in found.spans for i in range(s, e))


def test_reading_together_reads_as_reading_alone() -> None:
    texts = [ARTICLE, "Orlen said no.", "", "\n \n", ARTICLE * 3]
    threads = [Thread(f"t{n}", [Post(f"t{n}", text)]) for n, text in enumerate(texts)]
    together = [[c.content for c in r.claims] for r in READER.read_threads(threads)]
    assert together == [[c.content for c in READER.read_thread(t).claims] for t in threads]


def test_one_reader_serves_several_threads_of_control() -> None:
    expected = [c.id for c in read(ARTICLE)]
    found: list[list[str]] = []
    workers = [threading.Thread(target=lambda: found.append([c.id for c in read(ARTICLE)])) for _ in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    assert found == [expected] * 4


def test_a_comment_knows_the_articles_people_and_its_own_author() -> None:
    thread = Thread(
        "t",
        [
            Post("t", ARTICLE, author="Ann Writer"),
            Post("t#1", "Orlen said the same in 2015. I think the port will be gone by 2022.", "comment", "t"),
            Post("t#2", "Diese Steuer ist ein Unsinn, sagt jeder.", "comment", "t", language="de"),
        ],
        published="2020-03-04",
    )
    claims = READER.read_thread(thread).claims
    holders = {c.holder.name for c in claims if c.post.id == "t#1"}
    assert "commenter 1" in holders
    assert not [c for c in claims if c.post.id == "t#2"]


def test_a_text_is_a_text_and_a_missing_file_is_said_to_be_missing() -> None:
    assert [c.holder.name for c in sayso.read("The bridge will open by June, Marta Orlen said.")] == ["Marta Orlen"]
    with pytest.raises(InputError, match="no such file"):
        sayso.read("no/such/file.txt")
    with pytest.raises(ValueError, match="jobs is 0"):
        Reader(jobs=0)


def test_several_processes_give_what_one_gives_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "BATCH", 1)  # so that there are batches to deal out, to read here and to take back
    monkeypatch.setattr(reader, "LEAST", 1)
    monkeypatch.setattr(reader, "HELD", 4)
    gone = InputError("gone.txt", "cannot be read", "check it")
    threads: list[Thread | InputError] = [
        Thread(str(n), [Post(str(n), f"Bridge {n} will open by June, Marta Orlen said.")]) for n in range(30)
    ]
    threads[7:7] = [gone]
    one = list(READER.read_threads(threads))
    two = list(Reader(jobs=2).read_threads(iter(threads)))
    assert [(r.thread, r.claims, str(r.error)) for r in two] == [(r.thread, r.claims, str(r.error)) for r in one]
    assert [r.thread.id for r in two if r.thread] == [str(n) for n in range(30)]


def test_batches_for_several_processes_grow_smaller_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "BATCH", 100)
    monkeypatch.setattr(reader, "LEAST", 20)
    gone = InputError("gone.txt", "cannot be read", "check it")
    threads: list[Thread | InputError] = [Thread(str(n), [Post(str(n), "x" * 10)]) for n in range(100)]
    threads.append(gone)
    for jobs in (1, 2):
        batches = list(reader._batches(iter(threads), jobs=jobs))
        assert [t for batch in batches for t in batch] == threads
        sizes = [sum(isinstance(t, Thread) for t in batch) for batch in batches]
        if jobs == 1:
            assert set(sizes[:-1]) == {10}
        else:
            assert sizes == sorted(sizes, reverse=True)
            assert sizes[0] == 10
            assert sizes[-1] <= 2
    many = list(reader._batches([gone] * 500, jobs=2))
    assert max(map(len, many)) == reader.MOST
    assert sum(map(len, many)) == 500


def test_what_was_read_is_freed_at_once() -> None:
    """Not when Python next looks for circles of objects, until when a corpus would fill the memory."""
    text = (
        ARTICLE + " A spokesman for the mayor doubted it. He said that his report, a draft, was wrong. The aide agreed."
    )
    READER.read_thread(Thread("t", [Post("t", text)]))
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        READER.read_thread(Thread("t", [Post("t", text)]))
        gc.collect()
        left = {type(each).__name__ for each in gc.garbage if type(each).__module__.startswith("sayso.")}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert left == set()


def test_a_very_long_paragraph_is_read() -> None:
    text = "The port will leave, Marta Orlen said, and the mayor knows it. " * 400
    claims = read(text)
    assert len(claims) > 100
    assert max(c.content.end for c in claims) > len(text) * 0.9
