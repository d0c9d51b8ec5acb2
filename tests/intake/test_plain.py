from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayso.errors import InputError
from sayso.intake import Overrides, thread_from_text

SHARED = Path(__file__).parents[2] / ".." / "shared"

ARTICLE = """Ferrant’s Bridge Will Not Open Before June, Tull Says

Nora Quill. March 3. 2020

Port Amis, March 2 – The bridge will open in June, Marek Tull says, and not in May as the mayor had promised.

\u00a0\u00a0\u00a0\u00a0The councillor told the harbour board that “the piers come first.”

Such delays, he suggests, are only to be expected."""


def test_the_model_case() -> None:
    path = SHARED / "articles" / "new-yalta.txt"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    thread = thread_from_text(path.read_text("utf-8"), id="y")
    assert thread.title is not None
    assert thread.title.endswith("Khazin Says")
    assert (thread.article.author, thread.published, thread.language) == ("Paul Goble", "2021-06-02", "en")
    assert thread.article.text.endswith("such actions would be.")
    assert [post.parent for post in thread.posts] == [None, "y", "y#c1", "y#c2"]
    assert [depth for depth, _ in thread.walk()] == [0, 1, 2, 3]
    assert thread.posts[2].text.endswith("textbook psychopaths.")


def test_header_and_prose() -> None:
    thread = thread_from_text(ARTICLE + " nora quill at 4:10 AM\n", id="a")
    assert thread.title == "Ferrant’s Bridge Will Not Open Before June, Tull Says"
    assert (thread.article.author, thread.published) == ("Nora Quill", "2020-03-03")
    assert thread.article.text == ARTICLE
    assert len(thread.posts) == 1


def test_a_text_without_any_of_it_is_one_article() -> None:
    text = "It was said in the square that the ferry would stop. Nobody knew who had said it first."
    thread = thread_from_text(text, id="a")
    assert (thread.article.text, thread.title, thread.article.author, thread.published) == (text, None, None, None)


@pytest.mark.parametrize(
    ("header", "author", "published"),
    [
        ("By Nora Quill", "Nora Quill", None),
        ("By Nora Quill and Jan van der Meer", "Nora Quill and Jan van der Meer", None),
        ("3 March 2020", None, "2020-03-03"),
        ("Published: March 3, 2020\nBy J. P. O’Dowd", "J. P. O’Dowd", "2020-03-03"),
        ("Nora Quill | 2020-03-03", "Nora Quill", "2020-03-03"),
        ("Interview by Nora Quill\nMarch 3, 2020", "Nora Quill", "2020-03-03"),
        ("*By Nora Quill*", "Nora Quill", None),
        ("Nora Quill met the mayor on March 3, 2020 and left.", None, None),
    ],
)
def test_bylines_and_dates(header: str, author: str | None, published: str | None) -> None:
    text = f"A Bridge for the Harbour\n\n{header}\n\nThe bridge will open in June, the mayor said to the board."
    thread = thread_from_text(text, id="a")
    assert (thread.title, thread.article.author, thread.published) == ("A Bridge for the Harbour", author, published)


def test_a_dateline_with_a_year_says_the_day() -> None:
    thread = thread_from_text(
        "Port Amis, March 2, 2020 – The bridge will open in June, the mayor said.\n\nSo be it.", id="a"
    )
    assert (thread.title, thread.published) == (None, "2020-03-02")


def test_overrides_go_first_and_leave_the_text() -> None:
    over = Overrides(title="T", author="A", published="2019-01-01", url="https://x.example/")
    thread = thread_from_text(ARTICLE, id="a", overrides=over)
    assert (thread.title, thread.article.author, thread.published, thread.url) == ("T", "A", "2019-01-01", over.url)
    assert thread.article.text == ARTICLE


def test_hard_wrapped_lines_become_paragraphs() -> None:
    wrapped = (
        "The mayor said that the bridge would open in May, and that nobody\n"
        "need worry about the ferry, which would go on for as long as there\n"
        "were people to carry. The council did not agree with her on this,\n"
        "and said so.\n\n"
        "Tull, for one, called it a half-\nbaked plan that would sink with the first storm of the new season\n"
        "and take the ferry with it, as had the last three of her plans.\n"
    )
    paragraphs = thread_from_text(wrapped, id="a").article.text.split("\n\n")
    assert len(paragraphs) == 2
    assert paragraphs[0].startswith("The mayor said that the bridge would open in May, and that nobody need worry")
    assert "\n" not in paragraphs[0]


def test_verse_and_short_lines_are_not_joined() -> None:
    text = "Roses are red,\nthe harbour is blue,\nthe bridge is not ready,\nand neither are you,\nsaid the mayor."
    assert thread_from_text(text, id="a").article.text == text


def thread_under(comments: str) -> list[tuple[str, str | None, str | None, str | None, str]]:
    thread = thread_from_text(ARTICLE + "\n\n\n" + comments, id="a")
    assert thread.article.text == ARTICLE
    return [(p.id, p.parent, p.author, p.posted, p.text) for p in thread.posts[1:]]


def test_bullets_nest_by_their_indent() -> None:
    comments = (
        "* I do not believe one word of what he says about those piers, not one.\n"
        "    * Then go and look at them yourself, before you write such a thing here.\n"
        "      They are cracked from end to end.\n\n"
        "    * He will not, he never does, and he lives three streets away from them.\n"
        "* The mayor will be gone by the summer anyway, whatever the piers are like.\n"
    )
    assert [(id, parent) for id, parent, *_ in thread_under(comments)] == [
        ("a#c1", "a"), ("a#c2", "a#c1"), ("a#c3", "a#c1"), ("a#c4", "a"),
    ]  # fmt: skip
    assert thread_under(comments)[1][4].endswith("here.\nThey are cracked from end to end.")


def test_an_indented_thread_with_names_under_a_heading() -> None:
    comments = (
        "3 Comments\n\nAda Lime, March 4, 2020 at 5:12 pm\nI agree.\n\nWith all of it.\n\n"
        "    Tom Birch says:\n    > I agree.\n    I do not.\n\nSal (5 March 2020)\nWhy not?\n"
    )
    assert thread_under(comments) == [
        ("a#c1", "a", "Ada Lime", "2020-03-04T17:12:00", "I agree.\n\nWith all of it."),
        ("a#c2", "a#c1", "Tom Birch", None, "> I agree.\nI do not."),
        ("a#c3", "a", "Sal", "2020-03-05", "Why not?"),
    ]


def test_quoted_lines_are_known_as_quotes() -> None:
    thread = thread_from_text(ARTICLE + "\n\nComments\n\n* > in June, he says\n  So he says.\n* Yes.\n", id="a")
    post = thread.posts[1]
    assert [post.text[start:end] for start, end in post.quotes] == ["> in June, he says"]


@pytest.mark.parametrize(
    "ending",
    [
        "\n\nHe named three reasons:\n\n* The piers are old and nobody has looked at them since the flood.\n* Money.\n",
        "\n\n* piers\n* money\n",
        "\n\n* The piers come first, and will for a long time, as he told the board.\n\nThat was all he said.\n",
    ],
)
def test_a_list_of_the_article_is_no_thread(ending: str) -> None:
    thread = thread_from_text(ARTICLE + ending, id="a")
    assert len(thread.posts) == 1
    assert thread.article.text == (ARTICLE + ending).strip()


def test_line_ends_and_nul_characters() -> None:
    thread = thread_from_text("\ufeffOne line, he said.\r\n\r\nAn\x00other one.\rLast", id="a")
    assert thread.article.text == "One line, he said.\n\nAnother one.\nLast"


def test_nothing_to_read() -> None:
    with pytest.raises(InputError, match=r"a\.txt: has no text"):
        thread_from_text(" \n\x00\t\n", id="a.txt")


@given(st.text(alphabet=st.sampled_from("ab .•*\n\t\u00a0>:,-–é👩\u0301שJune2021 at4:10AMbyBComments\r"), max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        thread = thread_from_text(text, id="t", languages=False)
    except InputError:
        assert not text.replace("\x00", "").strip()
        return
    ids = [post.id for post in thread.posts]
    assert len(set(ids)) == len(ids)
    assert sum(1 for _ in thread.walk()) == len(ids)
    for post in thread.posts:
        assert post.text.strip()
        assert all(0 <= start < end <= len(post.text) for start, end in post.quotes)
    again = thread_from_text(text, id="t", languages=False)
    assert again == thread


MAIL = """From: Ola Brandt <ola@desk.example>
To: Kim Sato <kim@desk.example>
Subject: Re: Fwd: The bridge
Date: Tue, 3 Mar 2020 09:14:22 +0100

Kim, the harbour board told me that the bridge will open by Friday. I do not believe it."""
MATTER = """---
title: "Why the Bridge Will Stay Shut"
author: Hanne Vold
date: 2020-03-03
tags:
  - harbour
---

# Why the Bridge Will Stay Shut

The engineer says the piers will not last another winter."""


@pytest.mark.parametrize(
    ("text", "title", "author", "begins"),
    [
        (MAIL, "The bridge", "Ola Brandt", "Kim, the harbour"),
        (MATTER, "Why the Bridge Will Stay Shut", "Hanne Vold", "Why the Bridge"),
    ],
)
def test_labelled_lines_at_the_top(text: str, title: str, author: str, begins: str) -> None:
    thread = thread_from_text(text, id="a")
    assert (thread.title, thread.article.author) == (title, author)
    assert (thread.published or "").startswith("2020-03-03")
    assert thread.article.text.startswith(begins)


@pytest.mark.parametrize(
    "text",
    [
        "Reporter: Will it open?\nMinister: It will open in May.\n\nThat was all that was said on the quay.",
        "Date: 3 March 2020\n\nThe bridge will open in May, the mayor said to the board.",
        "---\n\nThe bridge will open in May.\n\n---\n\nThe ferry goes on, the mayor said to the board.",
    ],
)
def test_what_only_looks_like_labelled_lines_stays(text: str) -> None:
    assert thread_from_text(text, id="a").article.text == text


def test_a_press_release_has_its_headline_and_day() -> None:
    text = (
        "FOR IMMEDIATE RELEASE\nContact: Petra Vance, press@halden.example\n\nHALDEN TO CLOSE ITS LAST COAL PLANT\n\n"
        "HALDEN CITY, March 3, 2020 – Halden said today that it will close its last plant by 2029."
    )
    thread = thread_from_text(text, id="a")
    assert (thread.title, thread.published) == ("HALDEN TO CLOSE ITS LAST COAL PLANT", "2020-03-03")


def test_a_first_line_of_several_sentences_is_no_title() -> None:
    text = (
        "The reserve was “never meant for war,” according to Admiral Koenig.[1] Most historians disagree.² "
        "Thomas Vail holds that it was meant for nothing else.*\n\n[1] Interview with the author."
    )
    assert thread_from_text(text, id="a").title is None
