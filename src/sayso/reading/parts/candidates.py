"""The phrases of a content that could be a part of its forecast, each with what speaks for and against it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from sayso.posts import Kind, Range
from sayso.reading.dates import Calendar, Hemisphere, Interval, binding_horizon, find_horizons
from sayso.reading.odds import find_odds
from sayso.reading.page import Page
from sayso.reading.parts.clauses import LOOSE, Clause, clauses, occasions, subjects
from sayso.reading.parts.look import Look, sort_of

# Words that no part consists of alone, whatever the network says.
_EMPTY = frozenset(
    "if any anything so not ever it that this he she they we i you his her its our their my your him them us is be to "
    "will would the a an of in and".split()
)
_GAP = 12
"""Tagged words that are at most so many characters apart are one phrase."""
_MIN_TAGGED = 0.25
"""The least mean probability of tagged words."""


@dataclass(frozen=True)
class Place:
    """A content to take apart: its ranges in a page, its kind and how likely it is a forecast, and the day it was said.

    ``cued`` is False for what has no cue of its own: fewer of those that sound like forecasts are some.
    With no day known the words of horizons are found all the same, and their days mean nothing.
    """

    page: Page
    content: Sequence[Range]
    kind: Kind
    sure: float = 0.9
    said: datetime.date = datetime.date(2000, 1, 1)
    calendar: Calendar | None = None
    hemisphere: Hemisphere = "north"
    cued: bool = True

    @cached_property
    def ifs(self) -> list[Clause]:
        """The clauses that "if" and its like begin."""
        text = self.page.text
        return [clause for start, end in self.content for clause in clauses(text, start, end, part="condition")]

    def sight(self, part: str) -> float:
        """How likely the piece that the network finds likeliest of a part is in it."""
        inside = self.page.tagged(part).inside
        return max([max(inside[r.start : r.stop], default=0.0) for r in self._ranges], default=0.0)

    @cached_property
    def _ranges(self) -> list[range]:
        """The indices of the pieces of each range of the content."""
        return [self.page.pieces(at) for at in self.content]

    @cached_property
    def pieces(self) -> list[int]:
        """The indices of the pieces of the content."""
        return [*chain.from_iterable(self._ranges)]

    @cached_property
    def starts(self) -> list[int]:
        """Where in the text the pieces begin."""
        return [self.page.starts[i] for i in self.pieces]


@dataclass(slots=True)
class Candidate:
    """A phrase, the rule that proposes it (``tagged`` for the network), and its features by name.

    ``read`` is what the grammar of dates makes of a horizon.
    """

    at: Range
    rule: str
    features: dict[str, float] = field(default_factory=dict)
    read: Interval | None = None


def candidates(place: Place, part: str) -> list[Candidate]:
    """The candidates for a part of a content, in the order of the text, with their features."""
    tagged = place.page.part_spans(place.content, part)
    found = [*_PROPOSE[part](place), *(_tagged(place, tagged) if part != "condition" else ())]
    if not found:
        return []
    seen: dict[Range, Candidate] = {}
    for one in found:
        kept = seen.setdefault(one.at, one)
        if kept is not one:
            kept.features |= {k: v for k, v in one.features.items() if k not in kept.features}
    made = sorted(seen.values(), key=lambda c: c.at)
    look = Look(place, part, tagged)
    for one in made:
        one.features |= look.at(one) | _nesting(one, made)
    return [one for one in made if not _takes_in_outcome(one, made)]


def _takes_in_outcome(one: Candidate, others: Sequence[Candidate]) -> bool:
    """Whether a shorter clause ends where the outcome begins: "if he wins, he will resign" has no longer condition."""
    return any(one.at[0] == o.at[0] and o.at[1] < one.at[1] and "outcome-behind" in o.features for o in others)


def _nesting(one: Candidate, others: Sequence[Candidate]) -> dict[str, float]:
    """Which rules' candidates hold this one, and which it holds: "Friday" stands in "after it is filed Friday"."""
    made = {}
    start, end = one.at
    for other in others:
        if other is one or "tagged" in (one.rule, other.rule):
            continue
        s, e = other.at
        if s <= start and end <= e:
            made[f"held-by:{other.rule}"] = 1.0
        elif start <= s and e <= end:
            made[f"holds:{other.rule}"] = made[f"{one.rule}-holds"] = 1.0
    return made


def _conditions(place: Place) -> Iterator[Candidate]:
    text = place.page.text
    for clause in place.ifs:
        yield Candidate(clause.at, clause.marker, _clause(clause) | _skips(text, clause))
    yield from _joined(text, place.ifs)
    for start, end in place.content:
        for clause in clauses(text, start, end, part="circumstance"):
            yield Candidate(clause.at, clause.marker, _clause(clause) | _skips(text, clause) | {"weak": 1.0})
        for clause in subjects(text, start, end):
            yield Candidate(clause.at, clause.marker, _subject(text, clause))


def _joined(text: str, ifs: Sequence[Clause]) -> Iterator[Candidate]:
    """Conditions that follow each other as one: "if it is signed, if it is kept, …"."""
    for first in ifs:
        for second in ifs:
            if first.at[1] < second.at[0] and ADJOINS.fullmatch(text, first.at[1], second.at[0]):
                features = _clause(second) | {f"rule:{first.marker}": 1.0, "joined": 1.0}
                yield Candidate((first.at[0], second.at[1]), first.marker, features)


ADJOINS = re.compile(r",?\s+(?:(?:and|or)\s+)?")
"""What stands between two conditions that hold together: the second needs no more than the first did."""


def _subject(text: str, clause: Clause) -> dict[str, float]:
    words = text[clause.at[0] : clause.at[1]].lower().split()
    return {
        f"rule:{clause.marker}": 1.0,
        f"{clause.marker}-{clause.end}": 1.0,
        f"subject-{clause.end}": 1.0,
        f"head:{words[0]}": 1.0,
        f"noun:{words[-1].rstrip('s')}": 1.0,
        "weak": 1.0,
    }


def _skips(text: str, clause: Clause) -> dict[str, float]:
    """What stands behind the commas that a clause goes over: "if he wins, and | they lose, …"."""
    return {f"over:{sort_of(word)}": 1.0 for word in _OVER.finditer(text, *clause.at)} if clause.end != "comma" else {}


_OVER = re.compile(r",\s+[\"“]?([\w’'-]+)")


def _clause(clause: Clause) -> dict[str, float]:
    return {f"rule:{clause.marker}": 1.0, f"end:{clause.end}": 1.0, "clause": 1.0}


def _horizons(place: Place) -> Iterator[Candidate]:
    text = place.page.text
    for start, end in place.content:
        inside = text[start:end]
        said, where, events = place.said, place.hemisphere, place.calendar
        found = find_horizons(inside, said=said, hemisphere=where, calendar=events)
        found = [one for one in found if not _looks_back(inside, *one)]
        bound = binding_horizon(inside, said=said, hemisphere=where, calendar=events) if found else None
        for n, (a, b, read) in enumerate(found):
            path = read.rule.split(" > ")
            features = {f"rule:{path[0]}": 1.0, "dated": 1.0}
            if path[0] in _VAGUE:
                features[f"word:{' '.join(inside[a:b].lower().split())}"] = 1.0
            if len(path) > 1:
                features[f"leaf:{path[-1]}"] = 1.0
            if read.past:
                features["past"] = 1.0
            if read.end is None:
                features["open"] = 1.0
            if len(found) == 1 or (bound and bound[:2] == (a, b)):
                features["binding"] = 1.0
            if n:
                features["later"] = 1.0
            yield Candidate((start + a, start + b), path[0], features, bound[2] if bound and bound[0] == a else read)
        yield from _longer(place, [(start + a, start + b) for a, b, _ in found], start, end)
        for clause in clauses(text, start, end, part="time"):
            if clause.end != "comma" or text[clause.at[1] : clause.at[1] + 1] == ",":
                yield Candidate(clause.at, clause.marker, _clause(clause))


def _looks_back(text: str, start: int, end: int, read: Interval) -> bool:
    """ "For the last thirty years", "the first in forty years": no time that a forecast could come true in."""
    if (read.rule or "").startswith("past-"):
        return True
    return (
        _REACHES_BACK.match(text, start, end) is not None
        and _RECORD.search(text, max(0, start - 60), start) is not None
    )


_REACHES_BACK = re.compile(
    r"in (?:(?:more than|over|almost|nearly|some|at least) )?(?:\w+ )?(?:\w+ )?"
    r"(?:years?|decades?|generations?|months|weeks|history|memory)",
    re.IGNORECASE,
)
_RECORD = re.compile(
    r"\b(?:first|only|most|least|worst|best|\w{3,}est|second time|third time|never)\b[^.,;:?!]*\Z", re.IGNORECASE
)

_VAGUE = frozenset(("soon", "some-day", "long-while", "now", "later"))
"""The rules whose words differ too much for one weight."""


def _longer(place: Place, found: Sequence[Range], start: int, end: int) -> Iterator[Candidate]:
    """Phrases around what the grammar reads: occasions, an occasion with its day, a day with what qualifies it."""
    text = place.page.text
    for at in occasions(text, start, end):
        if at not in found:
            held = "dated" if any(a < at[1] and at[0] < b for a, b in found) else "undated"
            yield Candidate(at, "occasion", {"rule:occasion": 1.0, held: 1.0, **_head(text, at)})
        for a, b in found:
            if a > at[1] and _TO_DAY.fullmatch(text, at[1], a):
                whole = at[0], b
                yield Candidate(whole, "occasion-day", {"rule:occasion-day": 1.0, "dated": 1.0, **_head(text, at)})
    for n, (a, b) in enumerate(found):
        if n and _LISTED.fullmatch(text, found[n - 1][1], a):
            yield Candidate((found[n - 1][0], b), "listed", {"rule:listed": 1.0, "dated": 1.0})
        if (head := _NARROWED.search(text, max(start, a - 24), a)) is not None:
            tail = _QUALIFIED.match(text, b, end)
            narrowed = head.start(), tail.end() if tail else b
            yield Candidate(narrowed, "qualified", {"rule:qualified": 1.0, "dated": 1.0})
        if (tail := _QUALIFIED.match(text, b, end)) is not None:
            yield Candidate((a, tail.end()), "qualified", {"rule:qualified": 1.0, "dated": 1.0})


def _head(text: str, at: Range) -> dict[str, float]:
    words = text[at[0] : at[1]].lower().split()
    return {f"head:{words[0]}": 1.0, f"noun:{words[-1].rstrip('s')}": 1.0, "words": len(words) / 4}


# "at the convention | in July", "at the convention in Cleveland | this summer"
_TO_DAY = re.compile(r",?\s+(?:in (?:[A-Z][\w.]+,?\s+){1,3})?")
_LISTED = re.compile(r",?\s+(?:or|and|,)?\s*")
_NARROWED = re.compile(
    r"\b(?:later|earlier|early|late|some ?time|at least|at most|as (?:early|soon|late) as|starting|beginning)\s+\Z"
)
# What belongs to a term although it changes little: "before 2017 at the earliest", "through 2016 and beyond".
_QUALIFIED = re.compile(
    r"\s+(?:at the (?:very )?(?:earliest|latest)|and (?:perhaps |possibly )?beyond|or (?:so|sooner|later))\b"
    r"|,? if not (?:sooner|before|earlier)\b"
)


def _certainties(place: Place) -> Iterator[Candidate]:
    for start, end in place.content:
        inside = place.page.text[start:end]
        hedges = find_odds(inside)
        for n, (a, b, phrase) in enumerate(hedges):
            features = {f"rule:{phrase}": 1.0, "hedge": 1.0}
            features[f"word:{place.page.text[start + a : start + b].lower().replace('’', chr(39))}"] = 1.0
            if n:
                features["later"] = 1.0
            if n and hedges[n - 1][1] + _SAME_CLAUSE > a and "." not in inside[hedges[n - 1][1] : a]:
                features[f"after:{hedges[n - 1][2]}"] = features["governed"] = 1.0
            if n + 1 < len(hedges) and b + _SAME_CLAUSE > hedges[n + 1][0] and "." not in inside[b : hedges[n + 1][0]]:
                features[f"then:{hedges[n + 1][2]}"] = features["governs"] = 1.0
            if _COMPARED.search(inside, max(0, a - 60), a):
                features["compared"] = 1.0
            yield Candidate((start + a, start + b), phrase, features)


_SAME_CLAUSE = 60
"""Words of certainty that are at most so many characters apart speak of the same thing."""
# "closer than it should be", "more than people believed"
_COMPARED = re.compile(r"\b(?:than|as (?:much|many|well) as)\s+(?:\w+\s+){0,3}\Z")


_PROPOSE: dict[str, Callable[[Place], Iterator[Candidate]]] = {
    "condition": _conditions,
    "horizon": _horizons,
    "certainty": _certainties,
}


def _tagged(place: Place, tagged: Sequence[tuple[Range, float]]) -> Iterator[Candidate]:
    """What the network tags; pieces of one phrase in which it lost the thread for a word are put together."""
    joined: list[Range] = []
    for at, sure in sorted(tagged):
        if sure < _MIN_TAGGED:
            continue
        if joined and 0 <= at[0] - joined[-1][1] <= _GAP:
            joined[-1] = (joined[-1][0], at[1])
        else:
            joined.append(at)
    for at in joined:
        start, end = at
        while start < end and place.page.text[start] in LOOSE:
            start += 1
        while end > start and place.page.text[end - 1] in LOOSE:
            end -= 1
        if start < end and not _EMPTY.issuperset(place.page.text[start:end].lower().split()):
            yield Candidate((start, end), "tagged", {"rule:tagged": 1.0})
