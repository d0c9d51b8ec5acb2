"""Conditions that stand beside a content rather than in it: "If he wins, Orlen has said, *he would cut the tax*"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from sayso.posts import Range
from sayso.reading.page import Page
from sayso.reading.parts.clauses import LOOSE, Clause, clauses
from sayso.reading.segment import sentences

_SURE = frozenset(("if", "if-done", "unless", "only-if", "even-if", "should", "provided"))
"""The markers that make a condition of what they begin, wherever it stands."""
_OPENING = re.compile(r"(?:(?:and|but|so|yet)\s+)?[\"“”‘'(\s]*", re.IGNORECASE)
_THEN = re.compile(r"[\"“‘'\s]*then\b", re.IGNORECASE)
_NEAR = 2
"""A condition that follows a content begins within so many characters of its end."""


def conditions_outside(page: Page, content: Sequence[Range]) -> list[Range]:
    """The conditions of a forecast that its content leaves out, in the order of the text.

    1. A clause that opens the content's sentence, up to a comma, with nobody else's words between. 2. A sentence that
    is nothing but such a clause, where the content goes on with "then". 3. A clause right behind the content. A clause
    that is part of another content belongs to that.
    """
    text = page.text
    found: set[Range] = set()
    for start, end in content:
        whole = _sentences(text, start, end)
        at = next((n for n, (s, e) in enumerate(whole) if s <= start < e), None)
        if at is None:
            continue
        opening = _opening(text, whole[at][0], start)
        if opening and opening.end == "comma" and not _touches(_others(page, content), (opening.at[0], start)):
            found.add(opening.at)
        if at and _THEN.match(text, start):
            begin, stop = whole[at - 1]
            alone = _opening(text, begin, stop)
            if alone and not text[alone.at[1] : stop].strip(LOOSE):
                found.add(alone.at)
        last = next((e for s, e in whole if s < end <= e), end)
        behind = _sure(text, end, last, within=_NEAR)
        if behind and not _touches(_others(page, content), behind.at):
            found.add(behind.at)
    return sorted(at for at in found if not _touches(content, at))


def _others(page: Page, content: Sequence[Range]) -> list[Range]:
    """The ranges of the other contents of a page."""
    return [r for a in page.attributions if set(a.content) != set(content) for r in a.content]


def _sentences(text: str, start: int, end: int) -> tuple[Range, ...]:
    """The sentences of the line that a stretch stands in."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    return _of_line(text, first, len(text) if last < 0 else last)


@lru_cache(maxsize=16)
def _of_line(text: str, first: int, last: int) -> tuple[Range, ...]:
    """Kept, as many a forecast may stand in one line."""
    return (*sentences(text, first, last),)


def _opening(text: str, start: int, end: int) -> Clause | None:
    """The clause with which a stretch opens, if a condition does."""
    opening = _OPENING.match(text, start, end)
    assert opening is not None  # it may be empty
    return _sure(text, start, end, within=opening.end() - start)


def _sure(text: str, start: int, end: int, *, within: int) -> Clause | None:
    """The first clause in a stretch that begins within so many characters, if its marker always makes a condition."""
    clause = next(clauses(text, start, end, part="condition", within=within), None)
    return clause if clause is not None and clause.marker in _SURE else None


def _touches(ranges: Sequence[Range], at: Range) -> bool:
    return any(s < at[1] and at[0] < e for s, e in ranges)
