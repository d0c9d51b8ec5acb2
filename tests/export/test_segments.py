"""Cutting a text for marking: nested, overlapping and broken claims, and never a character lost."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sayso.export.segments import covered, lanes, paragraphs
from sayso.posts import Claim, Part

from .sample import reading

CLAIM = reading().claims[0]


def claims(text: str, *spans: list[tuple[int, int]]) -> list[tuple[int, Claim]]:
    made = (replace(CLAIM, content=Part.of(text, ranges), source=None, cue=None, forecast=None) for ranges in spans)
    return list(enumerate(made, 1))


def cut(text: str, *spans: list[tuple[int, int]]) -> list[tuple[str, list[int]]]:
    made = paragraphs(text, claims(text, *spans))
    return [(s.text, s.roles.get("content", [])) for p in made for s in p.segments]


def test_nested_innermost_first() -> None:
    assert cut("abcdef", [(0, 6)], [(2, 4)]) == [("ab", [1]), ("cd", [2, 1]), ("ef", [1])]


def test_overlapping() -> None:
    assert cut("abcdef", [(0, 4)], [(2, 6)]) == [("ab", [1]), ("cd", [1, 2]), ("ef", [2])]


def test_broken_and_touching() -> None:
    assert cut("abcdef", [(0, 2), (4, 6)], [(2, 4)]) == [("ab", [1]), ("cd", [2]), ("ef", [1])]


def test_over_a_paragraph_end() -> None:
    text = "ab\n\n  cd\nef"
    made = paragraphs(text, claims(text, [(1, 8)]))
    assert [(p.start, p.end, p.gap) for p in made] == [(0, 2, False), (6, 8, True), (9, 11, False)]
    assert [(s.text, s.begins, s.ends) for p in made for s in p.segments] == [
        ("a", [], []),
        ("b", [1], []),
        ("cd", [], [1]),
        ("ef", [], []),
    ]


def test_a_claim_that_begins_in_white_space_still_begins() -> None:
    made = paragraphs("ab\n  cd", claims("ab\n  cd", [(2, 7)]))
    assert [(s.text, s.begins, s.ends) for p in made for s in p.segments] == [("ab", [], []), ("cd", [1], [1])]


def test_lanes_keep_nested_claims_apart() -> None:
    assert lanes(claims("x" * 40, [(0, 20)], [(5, 10)], [(6, 8)], [(7, 8)], [(20, 30)])) == {
        1: 0,
        2: 1,
        3: 2,
        4: 2,
        5: 0,
    }


def test_covered() -> None:
    assert covered([(0, 10)], 2, 10)
    assert not covered([(0, 5), (6, 10)], 2, 10)


TEXT = st.text(st.sampled_from("ab \n\u00a0\r\u2028é😀א"), min_size=1, max_size=40)


@given(st.data())
def test_every_character_once_with_its_claims(data: st.DataObject) -> None:
    text = data.draw(TEXT)
    place = st.integers(0, len(text) - 1)
    spans = data.draw(st.lists(st.lists(st.tuples(place, st.integers(1, 9)), min_size=1, max_size=3), max_size=6))
    ranges = [[(s, min(len(text), s + n)) for s, n in one] for one in spans]
    given_claims = claims(text, *ranges)
    at = 0
    for paragraph in paragraphs(text, given_claims):
        assert not text[at : paragraph.start].strip()
        at = paragraph.start
        for segment in paragraph.segments:
            assert segment.start == at
            assert text.startswith(segment.text, at)
            for offset in range(at, at + len(segment.text)):
                over = {n for n, c in given_claims if any(s <= offset < e for s, e in c.content.spans)}
                assert set(segment.roles.get("content", ())) == over
            at += len(segment.text)
        assert at == paragraph.end
    assert not text[at:].strip()
