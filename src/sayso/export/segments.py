"""Cut a post's text so that claims that nest, overlap or are broken can each be marked in place.

A page cannot hold overlapping elements, so the text is cut at every end of every marked range; each piece knows
which claims and which parts of claims it belongs to. The pieces of a paragraph, joined, are the paragraph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sayso.posts import Claim, Part, Range

Role = Literal["content", "source", "cue", "condition", "horizon", "certainty"]
ROLES: tuple[Role, ...] = ("content", "source", "cue", "condition", "horizon", "certainty")
PARTED: tuple[Role, ...] = ("condition", "horizon", "certainty")
"""The parts of a forecast, which mostly stand inside its content."""


@dataclass(slots=True)
class Segment:
    """A stretch of text that is marked alike from end to end.

    ``start`` is its offset in the post; ``roles`` gives the numbers of the claims that it belongs to in each role,
    the claim with the shortest content (the innermost) first; ``begins`` the claims whose content begins here,
    ``ends`` those whose content ends here; ``apart`` the forecasts of which this is a part that stands beside their
    content ("If he wins, she said, …"), and ``opens`` whether such a part begins here.
    """

    start: int
    text: str
    roles: dict[Role, list[int]] = field(default_factory=dict)
    begins: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    apart: list[int] = field(default_factory=list)
    opens: bool = False


@dataclass(slots=True)
class Paragraph:
    """A line of the text that holds more than white space; ``gap`` says that an empty line stood before it."""

    start: int
    end: int
    gap: bool
    segments: list[Segment]


def parts_of(claim: Claim) -> Iterator[tuple[Role, Part]]:
    """Yield the parts of a claim that stand in its post, with their roles."""
    yield "content", claim.content
    if claim.source:
        yield "source", claim.source
    if claim.cue:
        yield "cue", claim.cue
    if forecast := claim.forecast:
        for condition in forecast.conditions:
            yield "condition", condition
        if forecast.horizon:
            yield "horizon", Part(forecast.horizon.text, forecast.horizon.spans)
        if forecast.certainty:
            yield "certainty", forecast.certainty


def lanes(claims: Sequence[tuple[int, Claim]], *, most: int = 3) -> dict[int, int]:
    """Give each claim (by its number) a lane to be underlined in, so that claims over the same words stand apart.

    The outermost has lane 0; lanes beyond ``most`` are drawn in the last one.
    """
    given: dict[int, int] = {}
    free: list[int] = []  # by lane, the offset from which it is free
    for number, claim in sorted(claims, key=lambda c: (c[1].content.start, -c[1].content.end, c[0])):
        lane = next((i for i, end in enumerate(free) if end <= claim.content.start), len(free))
        if lane == len(free):
            free.append(0)
        free[lane] = claim.content.end
        given[number] = min(lane, most - 1)
    return given


def _lines(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield start and end of each line with words in it, and whether an empty line stands before it."""
    at, gap = 0, False
    for line in text.splitlines(keepends=True):
        if inside := line.strip():
            start = at + line.index(inside)
            yield start, start + len(inside), gap
            gap = False
        else:
            gap = True
        at += len(line)


def paragraphs(text: str, claims: Sequence[tuple[int, Claim]]) -> list[Paragraph]:
    """The paragraphs of a post's text, cut into segments by its claims, each given with a number.

    Runs in the length of the text and the number of marked ranges (times the claims that overlap at one place).
    """
    changes: dict[int, list[tuple[bool, Role, int]]] = defaultdict(list)
    length: dict[int, int] = {}
    for number, claim in claims:
        length[number] = sum(e - s for s, e in claim.content.spans)
        for role, part in parts_of(claim):
            for start, end in part.spans:
                if start < end:
                    changes[start].append((True, role, number))
                    changes[end].append((False, role, number))
    first = {number: claim.content.start for number, claim in claims}
    last = {number: claim.content.end for number, claim in claims}
    cuts = sorted(changes)
    made: list[Paragraph] = []
    active: dict[Role, dict[int, int]] = {role: {} for role in ROLES}
    begun: set[int] = set()
    next_cut = 0

    def apply(until: int) -> None:
        """Take in the changes at offsets up to and with ``until``."""
        nonlocal next_cut
        while next_cut < len(cuts) and cuts[next_cut] <= until:
            for opens, role, number in sorted(changes[cuts[next_cut]]):
                depth = active[role].get(number, 0) + (1 if opens else -1)
                if depth:
                    active[role][number] = depth
                else:
                    active[role].pop(number, None)
            next_cut += 1

    for start, end, gap in _lines(text):
        segments: list[Segment] = []
        at = start
        while at < end:
            apply(at)
            stop = min(end, cuts[next_cut]) if next_cut < len(cuts) else end
            segment = Segment(at, text[at:stop])
            for role in ROLES:
                if active[role]:
                    segment.roles[role] = sorted(active[role], key=lambda n: (length[n], n))
            inside = segment.roles.get("content", ())
            parted = (n for role in PARTED for n in segment.roles.get(role, ()) if n not in inside)
            segment.apart = list(dict.fromkeys(parted))
            segment.opens = any(opens and number in segment.apart for opens, _, number in changes.get(at, ()))
            for number in inside:
                if number not in begun and first[number] <= at:
                    begun.add(number)
                    segment.begins.append(number)
                if at < last[number] <= stop:
                    segment.ends.append(number)
            segments.append(segment)
            at = stop
        made.append(Paragraph(start, end, gap, segments))
    return made


def covered(ranges: Sequence[Range], start: int, end: int) -> bool:
    """Whether the ranges cover all of ``start``..``end``."""
    return any(s <= start and end <= e for s, e in ranges)
