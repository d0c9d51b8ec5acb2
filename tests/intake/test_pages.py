"""Saved pages of many comment systems, each with what must be read from it beside it."""

import json
from pathlib import Path

import pytest

from sayso.intake import thread_from_html

PAGES = Path(__file__).parent / "pages"
NAMES = sorted(path.stem for path in PAGES.glob("*.html"))
BODY = [
    "Mayor Odile Ferrant said on Tuesday that the harbour bridge would open to traffic before the end of May, three "
    "months ahead of the plan that the council approved last spring.",
    "“We will not wait for the railings,” Mayor Odile Ferrant told reporters outside the town hall, adding that the "
    "ferry would go on running through the summer in any case.",
    "Two members of the council denied that any date had been settled, and one of them, Marek Tull, predicted that "
    "the piers would have to be inspected again in the autumn.",
]


def test_there_are_pages_of_at_least_eight_systems() -> None:
    assert len(NAMES) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_page(name: str) -> None:
    wanted = json.loads((PAGES / f"{name}.json").read_text("utf-8"))
    thread = thread_from_html((PAGES / f"{name}.html").read_bytes(), id="page")
    for field in ("title", "published", "site", "url"):
        if field in wanted:
            assert getattr(thread, field) == wanted[field], field
    if "author" in wanted:
        assert thread.article.author == wanted["author"]
    got = [
        {
            "id": post.id.removeprefix("page#"),
            "parent": None if post.parent == "page" else (post.parent or "").removeprefix("page#"),
            "author": post.author,
            "posted": post.posted,
            "text": post.text,
            "quotes": [post.text[start:end] for start, end in post.quotes],
        }
        for post in thread.posts[1:]
    ]
    assert got == wanted["comments"]
    # The body is there word for word under its headline, and no comment has come into it.
    paragraphs = thread.article.text.split("\n\n")
    assert paragraphs[0] == wanted["title"]
    assert [p for p in paragraphs if p in BODY] == BODY
    for comment in wanted["comments"]:
        for paragraph in comment["text"].split("\n\n"):
            assert paragraph not in paragraphs


def test_what_the_markup_does_not_say_is_read_from_the_first_lines() -> None:
    body = "".join(f"<p class=MsoNormal>{paragraph}</p>" for paragraph in BODY)
    page = (
        "<html><head><meta name=Generator content='Word'><title>Briefing on the bridge</title></head><body>"
        f"<p class=MsoTitle>Briefing on the bridge</p><p class=MsoNormal>By Greta Molnar, 14 March 2021</p>{body}</body>"
    )
    thread = thread_from_html(page, id="page")
    assert (thread.title, thread.article.author, thread.published) == (
        "Briefing on the bridge",
        "Greta Molnar",
        "2021-03-14",
    )
