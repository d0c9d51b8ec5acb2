"""One alternation of many expressions finds what they find in order."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sayso.reading.alternatives import joined, number_of

SOURCES = [
    r"(?:very |quite )?(?:un)?likely(?! to)",
    r"no\s+(?:doubt|chance)|not\b",
    r"un(?:likely|sure)",
    r"[a-c]+d",
    r"in\s+(?:a\s+)?(?:year|week)s?",
    r"(?:a|an)?b{2}",
    r"(?:sure)+ly",
    r"l|li",
]
PIECES = [
    "likely",
    "very ",
    "quite ",
    "un",
    " to",
    "no ",
    "doubt",
    "not",
    "sure",
    "ly",
    "abcd",
    "in ",
    "a ",
    "weeks",
    "b",
    "li",
]


def found(regex: re.Pattern[str], text: str) -> list[tuple[int, tuple[int, int]]]:
    return [(number_of(match), match.span()) for match in regex.finditer(text)]


def plainly(sources: list[str], text: str, at: int) -> tuple[int, int] | None:
    """The first expression that matches at a place, and where it ends."""
    tried = ((number, re.compile(source).match(text, at)) for number, source in enumerate(sources))
    return next(((number, match.end()) for number, match in tried if match), None)


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_the_first_in_order_wins(pieces: list[str]) -> None:
    text, regex = "".join(pieces), re.compile(joined(SOURCES, name="x"))
    for at in range(len(text)):
        match = regex.match(text, at)
        assert (match and (number_of(match), match.end())) == plainly(SOURCES, text, at)


def test_what_follows_decides_between_alternatives() -> None:
    regex = re.compile(rf"(?:{joined(['ab?', 'a(?:b|bc)', 'abc'], name='x')})(?!\w)")
    assert found(regex, "a ab abc") == [(0, (0, 1)), (0, (2, 4)), (1, (5, 8))]
