"""Pages and texts made to break a reader: they are read or refused, in time and memory in line with their size."""

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from sayso.errors import InputError
from sayso.intake import open_input, thread_from_html, thread_from_text
from sayso.intake.html import MAX_PAGE
from sayso.intake.markup import parse
from sayso.posts import Thread

HEAD = "<html><head><title>A Bridge by May</title></head><body><h1>A Bridge by May</h1>"
WORDS = "The mayor said that part {} of the bridge would be done by May, and that nobody need worry about the ferry."
PROSE = "".join(f"<p>{WORDS.format(n)}</p>" for n in range(5))


def read(page: str) -> Thread:
    return thread_from_html(page, id="page", languages=False)


def test_a_page_of_50_mb_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "big.html"
    with path.open("wb") as file:
        file.write(HEAD.encode())
        for _ in range(50):
            file.write(b"<p>" + b"words and words " * 62_500)
    tracemalloc.start()
    (got,) = open_input(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(got, InputError)
    assert "more than 10 MB" in got.problem
    assert peak < 4 * MAX_PAGE


@pytest.mark.parametrize("tag", ["div", "span", "blockquote", "ul", "table", "b", "x-y"])
@pytest.mark.parametrize("closed", [True, False])
def test_ten_thousand_nested_tags(tag: str, closed: bool) -> None:
    cell = "<tr><td>" if tag == "table" else "<li>" if tag == "ul" else ""
    page = (
        HEAD
        + PROSE
        + f"<{tag}>{cell}" * 10_000
        + "<p>At the bottom of it.</p>"
        + (f"</{tag}>" * 10_000 if closed else "")
    )
    tree = parse(page + "<p>After it all.</p>")
    text = "".join(tree.itertext())
    assert "At the bottom of it." in text
    assert "After it all." in text
    assert WORDS.format(4) in read(page).article.text


def test_no_tag_is_ever_closed() -> None:
    page = HEAD + "<div><article>" + "".join(f"<p><i>{WORDS.format(n)}<br>" for n in range(2_000))
    assert WORDS.format(1_999) in read(page).article.text


def comments(number: int, *, nested: bool) -> str:
    item = (
        '<li class="comment" id="comment-{0}"><cite class="fn">Ann {0}</cite>'
        '<div class="comment-content"><p>I say number {0}.</p></div>'
    )
    ends = "<ul class=children>" if nested else "</li>"
    return "<ol class=comment-list>" + "".join(item.format(n) + ends for n in range(number)) + "</ol>"


def test_five_thousand_comments_side_by_side() -> None:
    thread = read(HEAD + f"<article>{PROSE}</article>" + comments(5_000, nested=False))
    assert len(thread.posts) == 5_001
    assert {post.parent for post in thread.posts[1:]} == {"page"}
    assert thread.posts[-1].author == "Ann 4999"


def test_five_thousand_comments_inside_each_other() -> None:
    thread = read(HEAD + f"<article>{PROSE}</article>" + comments(5_000, nested=True))
    assert len(thread.posts) == 5_001
    assert thread.posts[100].parent == "page#comment-98"
    assert sum(1 for _ in thread.walk()) == 5_001
    assert "I say" not in thread.article.text


def calls_of(work: Callable[[], object]) -> int:
    """How many calls some work takes: seconds would depend on what else the machine does."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def test_work_grows_with_the_size() -> None:
    def calls(number: int) -> int:
        page = HEAD + f"<article>{PROSE}</article>" + comments(number, nested=False)
        return calls_of(lambda: read(page))

    small, large = calls(200), calls(1_600)
    assert large < 8 * small * 1.5, (small, large)


def test_nul_characters_in_a_page_and_a_text(tmp_path: Path) -> None:
    page, text = tmp_path / "a.html", tmp_path / "a.txt"
    page.write_bytes((HEAD + PROSE).replace("bridge", "bri\x00dge").encode())
    text.write_bytes(b"The bri\x00dge is open, he said.")
    (first,), (second,) = open_input(page, languages=False), open_input(text, languages=False)
    assert isinstance(first, Thread)
    assert isinstance(second, Thread)
    assert WORDS.format(4) in first.article.text
    assert second.article.text == "The bridge is open, he said."


@pytest.mark.parametrize(
    "page",
    [
        "<html></html>",
        "<html><body><script>var x = 1;</script></body></html>",
        "<!DOCTYPE html>",
        "<html><head><title>Only a title</title></head><body></body></html>",
    ],
)
def test_pages_without_an_article(page: str) -> None:
    with pytest.raises(InputError) as caught:
        read(page)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "data",
    [
        "{broken",
        "[" * 100_000,
        '{"@type": "Comment", "text": {"a": 1}, "author": [[]], "comment": "x", "parentItem": 3}',
        '[null, 1, "x", {"@type": [1, null, "Comment"], "text": "  "}]',
        '{"@type":"Comment","@id":"a","parentItem":{"@id":"b"},"text":"x","comment":{"@type":"Comment","@id":"b","text":"y"}}',
    ],
)
def test_hostile_json_ld(data: str) -> None:
    thread = read(HEAD + f'<script type="application/ld+json">{data}</script><article>{PROSE}</article>')
    assert WORDS.format(4) in thread.article.text
    assert sum(1 for _ in thread.walk()) == len(thread.posts)


def test_a_paragraph_of_200_000_words() -> None:
    words = "word " * 200_000
    assert len(read(HEAD + f"<p>{words}</p>").article.text) > 900_000
    assert thread_from_text(words, id="x", languages=False).article.text == words.strip()


def test_a_long_text_with_bullets_takes_linear_work() -> None:
    def calls(lines: int) -> int:
        text = "The mayor said so.\n\n" + "* so he says\n" + "  and goes on\n" * lines
        return calls_of(lambda: thread_from_text(text, id="x", languages=False))

    assert calls(20_000) < 10 * calls(2_500)
