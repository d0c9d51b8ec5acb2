"""Comment threads that are not as the book has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayso.intake import thread_from_html
from sayso.intake.comments.found import clean_author, without_loops
from sayso.intake.comments.systems import SYSTEMS
from sayso.intake.markup import block_text, parse

BODY = "".join(
    f"<p>{words}</p>"
    for words in (
        "The mayor said on Tuesday that the bridge would open in May, three months ahead of what was planned.",
        "Two members of the council denied it, and one of them predicted that the piers would be looked at again.",
    )
)


def thread(comments: str, *, head: str = "") -> list[tuple[str, str | None, str | None, str | None, str]]:
    page = f"<html><head><title>A Bridge by May</title>{head}</head><body><h1>A Bridge by May</h1><article>{BODY}</article>{comments}</body></html>"
    got = thread_from_html(page, id="p", languages=False)
    assert "Two members of the council denied it" in got.article.text
    return [(c.id[2:], (c.parent or "")[2:] or None, c.author, c.posted, c.text) for c in got.posts[1:]]


def test_a_page_without_comments() -> None:
    assert thread("<div id='comments'><h3>No comments</h3><form><p>Leave a reply</p></form></div>") == []


def test_latest_comments_on_other_pages_are_none_of_this_one() -> None:
    widget = "".join(
        f"<li><span class='author'>Ann {n}</span> on <a>Story {n}</a>: <q>It was so.</q></li>" for n in range(4)
    )
    assert thread(f"<div class='recent-comments'><ul>{widget}</ul></div>") == []


def test_a_menu_called_after_replies_is_no_thread() -> None:
    links = "".join(f"<li><a href='#'>More about story number {n}</a></li>" for n in range(5))
    assert thread(f"<ul class='replies'>{links}</ul>") == []


def test_answers_to_a_deleted_comment_answer_what_it_answered() -> None:
    assert thread(
        "<ol class='comment-list'><li class='comment' id='comment-1'><div class='comment-content'>One.</div>"
        "<ol class='children'><li class='comment' id='comment-2'><div class='comment-content'></div>"
        "<ol class='children'><li class='comment' id='comment-3'><div class='comment-content'>Three.</div></li>"
        "<li class='comment' id='comment-4'><div class='comment-content'>Four.</div></li></ol></li></ol></li></ol>"
    ) == [
        ("comment-1", None, None, None, "One."),
        ("comment-3", "comment-1", None, None, "Three."),
        ("comment-4", "comment-1", None, None, "Four."),
    ]


def test_depth_in_a_class_nests_comments_side_by_side() -> None:
    item = "<div class='comment depth-{1}' id='comment-{0}'><cite class='fn'>A{0}</cite><div class='comment-text'>No {0}.</div></div>"
    rows = thread(
        "<div id='comments'>"
        + "".join(item.format(n, d) for n, d in ((1, 1), (2, 2), (3, 3), (4, 2), (5, 1)))
        + "</div>"
    )
    assert [(id, parent) for id, parent, *_ in rows] == [
        ("comment-1", None), ("comment-2", "comment-1"), ("comment-3", "comment-2"), ("comment-4", "comment-1"), ("comment-5", None),
    ]  # fmt: skip


def test_the_id_of_the_comment_answered_goes_before_all() -> None:
    rows = thread(
        "<div id='comments'><div class='reply' data-id='a1' data-parent-id=''><b class='username'>Ada</b><div class='body'>First of all.</div></div>"
        "<div class='reply' data-id='a2' data-parent-id='a1'><b class='username'>Bo</b><div class='body'>Second to you.</div></div>"
        "<div class='reply' data-id='a3' data-parent-id='a1'><b class='username'>Cy</b><div class='body'>Third to you.</div></div></div>"
    )
    assert [(id, parent, author) for id, parent, author, *_ in rows] == [
        ("a1", None, "Ada"), ("a2", "a1", "Bo"), ("a3", "a1", "Cy"),
    ]  # fmt: skip


def test_reddit_as_saved() -> None:
    item = (
        "<div class='thing comment' data-fullname='t1_{0}'><div class='entry'><p class='tagline'><a class='author'>u{0}</a>"
        "<time datetime='2021-06-0{0}T01:02:03+00:00'>1 year ago</time></p><div class='usertext-body'><div class='md'><p>No {0}.</p></div></div>"
        "<ul class='flat-list buttons'><li>reply</li></ul></div><div class='child'>{1}</div></div>"
    )
    assert thread("<div class='commentarea'>" + item.format(1, item.format(2, "")) + item.format(3, "") + "</div>") == [
        ("t1_1", None, "u1", "2021-06-01T01:02:03Z", "No 1."),
        ("t1_2", "t1_1", "u2", "2021-06-02T01:02:03Z", "No 2."),
        ("t1_3", None, "u3", "2021-06-03T01:02:03Z", "No 3."),
    ]


def test_ids_that_repeat_or_cannot_be() -> None:
    rows = thread(
        "<ol class='comment-list'>"
        + "".join(
            f"<li class='comment' id='{id}'><div class='comment-content'>{id}!</div></li>"
            for id in ("x 1", "c3", "c3", "y")
        )
        + "</ol>"
    )
    assert [id for id, *_ in rows] == ["c1", "c3", "c3.2", "y"]


def test_json_ld_fills_in_what_the_markup_does_not_tell() -> None:
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2021-06-01", "comment": '
        '[{"@type": "Comment", "text": "It is so.", "author": {"name": "Ada"}, "dateCreated": "2021-06-02T10:00:00Z"}]}</script>'
    )
    comments = (
        "<ol class='comment-list'><li class='comment' id='comment-1'><time>2 years ago</time><div class='comment-content'>It is  so.</div></li>"
        "<li class='comment' id='comment-2'><div class='comment-content'>Or not.</div></li></ol>"
    )
    assert thread(comments, head=head) == [
        ("comment-1", None, "Ada", "2021-06-02T10:00:00Z", "It is so."),
        ("comment-2", None, None, None, "Or not."),
    ]


def test_a_date_is_not_invented() -> None:
    page = f"<html><head><title>A Bridge</title></head><body><h1>A Bridge</h1><article>{BODY}<p>The last one opened on 2011-03-04, it was said.</p></article><footer>© 2019 Ledger</footer></body></html>"
    assert thread_from_html(page, id="p", languages=False).published is None


def test_a_date_in_the_future_is_not_believed() -> None:
    page = f"<html><head><title>A Bridge</title><meta property='article:published_time' content='2999-01-01'></head><body><h1>A Bridge</h1><article>{BODY}</article></body></html>"
    assert thread_from_html(page, id="p", languages=False).published is None


def test_a_comment_that_is_all_quote_has_none() -> None:
    text, quotes = block_text(parse("<div><blockquote><p>One.</p><p>Two.</p></blockquote></div>"))
    assert (text, quotes) == ("One.\n\nTwo.", ())


def test_quotes_inside_quotes_are_one() -> None:
    text, quotes = block_text(
        parse("<div><p>So:</p><blockquote>a<blockquote>b</blockquote>c</blockquote>no<br>&gt; d</div>")
    )
    assert [text[start:end] for start, end in quotes] == ["a\n\nb\n\nc", "> d"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("By Ada Lime", "Ada Lime"), ("Tom Birch says:", "Tom Birch"), ("Lotte said...", "Lotte"), (" J. P.\u00a0Lund ", "J. P. Lund"),
        ("Emil K.", "Emil K."), ("Anonymous", None), ("", None), ("x" * 101, None), (":", ":"),
    ],
)  # fmt: skip
def test_names(text: str, name: str | None) -> None:
    assert clean_author(text) == name


@given(
    st.lists(st.none() | st.integers(0, 19), max_size=20).map(
        lambda row: [p if p is None or p < len(row) else None for p in row]
    )
)
def test_every_comment_leads_to_the_article(parents: list[int | None]) -> None:
    out = without_loops(parents)
    for number in range(len(out)):
        at: int | None = number
        for _ in range(len(out)):
            at = out[at] if at is not None else None
        assert at is None
    assert all(after in (before, None) for before, after in zip(parents, out))


def test_every_selector_is_one() -> None:
    tree = parse("<p>x</p>")
    from sayso.intake.markup import select

    for system in SYSTEMS:
        for selector in (
            system.comment,
            *system.body,
            *system.author,
            *system.time,
            system.drop,
            system.quote,
            system.level_at,
            system.indent,
        ):
            assert select(tree, selector) == []


ENTRIES = "".join(
    f"<div class='rv-entry' id='e{n}'><p class='rv-meta'><span class='rv-nick'>{name}</span> "
    f"<time datetime='2026-10-02T0{n}:00:00Z'>then</time></p><div class='rv-text'>{text}</div></div>"
    for n, name, text in (
        (7, "TidePilot", "The boat sailed all winter, and it will again."),
        (8, "Una Craig", "My cousin says the hull is done for."),
    )
)


@pytest.mark.parametrize("heading", ["Your views (2)", "2 Comments", "Readers’ letters", "Join the conversation"])
def test_a_thread_that_nothing_but_its_heading_names(heading: str) -> None:
    got = thread(f"<section class='rv'><div><h2>{heading}</h2><button>Sort</button></div>{ENTRIES}</section>")
    assert got == [
        ("e7", None, "TidePilot", "2026-10-02T07:00:00Z", "The boat sailed all winter, and it will again."),
        ("e8", None, "Una Craig", "2026-10-02T08:00:00Z", "My cousin says the hull is done for."),
    ]


@pytest.mark.parametrize("heading", ["More stories", "Opinions", "Latest comments", "Letters from the front"])
def test_other_headings_name_no_thread(heading: str) -> None:
    assert thread(f"<section class='rv'><h2>{heading}</h2>{ENTRIES}</section>") == []
