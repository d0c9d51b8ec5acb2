"""A giant post is read in sections, and what is found stands where it does in the post."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayso.posts import Post, Thread
from sayso.reading import reader as reading
from sayso.reading.reader import Reader
from sayso.reading.sections import SECTION, sections

SAID = "Mayor Laura Whitfield said on Monday that the bridge will open by June. The town had waited for years."
AGAIN = "“It will cost us twice as much,” Whitfield added. She expects that the county will pay for half of it."


def test_a_post_that_is_short_enough_is_its_own_section() -> None:
    post = Post("a", "x" * SECTION)
    (only,) = sections(post)
    assert only.part is post
    assert only.start == 0


@given(st.text(alphabet="ab .\n", max_size=300), st.integers(5, 60))
def test_sections_make_up_the_post(text: str, limit: int) -> None:
    found = list(sections(Post("a", text), limit=limit))
    assert "".join(s.part.text for s in found) == text
    assert all(text[s.start : s.start + len(s.part.text)] == s.part.text for s in found)
    assert all(len(s.part.text) <= limit for s in found)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("One. Two three.\nFour five. Six", ["One. Two three.\n", "Four five. Six"]),
        ("One two. Three four five six seven", ["One two. Three four ", "five six seven"]),
        ("One two three. Four five six seven", ["One two three. ", "Four five six seven"]),
        ("x" * 50, ["x" * 20, "x" * 20, "x" * 10]),
    ],
)
def test_a_section_ends_where_something_ends(text: str, ends: list[str]) -> None:
    assert [s.part.text for s in sections(Post("a", text), limit=20)] == ends


def test_quotes_are_cut_with_the_text() -> None:
    first, second = sections(Post("a", "One two three. Four five six", quotes=((4, 20), (22, 28))), limit=20)
    assert first.part.quotes == ((4, 15),)
    assert second.part.quotes == ((0, 5), (7, 13))


def test_what_is_found_stands_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join([SAID, *[AGAIN] * 11])
    thread = Thread("t", [Post("t", text, posted="2024-03-06")], published="2024-03-06")
    whole = Reader().read_thread(thread)
    monkeypatch.setattr(reading, "sections", partial(sections, limit=420))
    parts = Reader().read_thread(thread)
    assert len(list(sections(thread.article, limit=420))) > 2
    for claim in parts.claims:
        assert claim.post is thread.article
        horizon = claim.forecast.horizon if claim.forecast else None
        mentions = [holder.mention for holder in claim.chain]
        for part in (claim.content, claim.source, claim.cue, horizon, *mentions):
            assert part is None or part.text == " … ".join(text[s:e] for s, e in part.spans)
    assert len({claim.id for claim in parts.claims}) == len(parts.claims)
    # In sections or at once, much the same is found, under the same ids; names are known from the section before.
    assert len({c.id for c in parts.claims} & {c.id for c in whole.claims}) >= 0.7 * len(whole.claims)
    assert {c.holder.name for c in parts.claims} == {c.holder.name for c in whole.claims} == {"Laura Whitfield"}
    contents = [a.content for a in parts.attributions["t"]]
    assert contents == sorted(contents)
    assert contents[-1][0][0] > 1000
