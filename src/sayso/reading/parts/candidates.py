"""The phrases of a content that could be a part of its forecast, each with what speaks for and against it."""

from __future__ import annotations

import datetime
import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from sayso.posts import Kind, Range
from sayso.reading.dates import Calendar, Hemisphere, Interval, binding_horizon, find_horizons
from sayso.reading.odds import find_odds
from sayso.reading.page import Page
from sayso.reading.parts.clauses import LOOSE, Clause, clauses, occasions
from sayso.reading.segment import sentences

_FUTURE = re.compile(
    r"\b(?:will|won['’]t|would|wouldn['’]t|shall|could|may|might|can|going to|about to|to be|plans?|intends?|expects?|"
    r"expected|likely|unlikely|should)\b|['’]ll\b|^to\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:was|were|had|did|has|have|been|\w{3,}ed)\b")
# Words that no part consists of alone, whatever the network says.
_EMPTY = frozenset(
    "if any anything so not ever it that this he she they we i you is be to will would the a an of in and".split()
)
_GAP = 12
"""Tagged words that are at most so many characters apart are one phrase."""
_MIN_TAGGED = 0.25
"""The least mean probability of tagged words."""


@dataclass(frozen=True)
class Place:
    """A content to take apart: its ranges in a page, its kind and how likely it is a forecast, and the day it was said.

    With no day known the words of horizons are found all the same, and their days mean nothing.
    """

    page: Page
    content: Sequence[Range]
    kind: Kind
    sure: float = 0.9
    said: datetime.date = datetime.date(2000, 1, 1)
    calendar: Calendar | None = None
    hemisphere: Hemisphere = "north"

    @cached_property
    def ifs(self) -> list[Clause]:
        """The clauses that "if" and its like begin."""
        text = self.page.text
        return [clause for start, end in self.content for clause in clauses(text, start, end, part="condition")]

    @cached_property
    def pieces(self) -> list[int]:
        """The indices of the pieces of the content."""
        return [i for at in self.content for i in self.page.pieces(at)]

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
    found = [*_PROPOSE[part](place), *_tagged(place, tagged)]
    if not found:
        return []
    seen: dict[Range, Candidate] = {}
    for one in found:
        kept = seen.setdefault(one.at, one)
        if kept is not one:
            kept.features |= {k: v for k, v in one.features.items() if k not in kept.features}
    made = sorted(seen.values(), key=lambda c: c.at)
    look = _Look(place, part, tagged)
    for one in made:
        one.features |= look.at(one)
    return made


def _conditions(place: Place) -> Iterator[Candidate]:
    for clause in place.ifs:
        yield Candidate(clause.at, clause.marker, _clause(clause))


def _clause(clause: Clause) -> dict[str, float]:
    return {f"rule:{clause.marker}": 1.0, f"end:{clause.end}": 1.0, "clause": 1.0}


def _horizons(place: Place) -> Iterator[Candidate]:
    text = place.page.text
    for start, end in place.content:
        inside = text[start:end]
        said, where, events = place.said, place.hemisphere, place.calendar
        found = find_horizons(inside, said=said, hemisphere=where, calendar=events)
        bound = binding_horizon(inside, said=said, hemisphere=where, calendar=events) if found else None
        for n, (a, b, read) in enumerate(found):
            path = read.rule.split(" > ")
            features = {f"rule:{path[0]}": 1.0, "dated": 1.0}
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


def _longer(place: Place, found: Sequence[Range], start: int, end: int) -> Iterator[Candidate]:
    """Phrases around what the grammar reads: occasions, an occasion with its day, a day with what qualifies it."""
    text = place.page.text
    for at in occasions(text, start, end):
        if at in found:
            continue
        held = any(a < at[1] and at[0] < b for a, b in found)
        yield Candidate(at, "occasion", {"rule:occasion": 1.0, "dated" if held else "undated": 1.0, **_head(text, at)})
        for a, b in found:
            if 0 < a - at[1] <= 2:
                whole = at[0], b
                yield Candidate(whole, "occasion-day", {"rule:occasion-day": 1.0, "dated": 1.0, **_head(text, at)})
    for a, b in found:
        if (tail := _QUALIFIED.match(text, b, end)) is not None:
            yield Candidate((a, tail.end()), "qualified", {"rule:qualified": 1.0, "dated": 1.0})


def _head(text: str, at: Range) -> dict[str, float]:
    words = text[at[0] : at[1]].lower().split()
    return {f"head:{words[0]}": 1.0, f"noun:{words[-1].rstrip('s')}": 1.0, "words": len(words) / 4}


# What belongs to a term although it changes little: "before 2017 at the earliest", "through 2016 and beyond".
_QUALIFIED = re.compile(
    r"\s+(?:at the (?:very )?(?:earliest|latest)|and (?:perhaps |possibly )?beyond|or (?:so|sooner|later))\b"
    r"|,? if not (?:sooner|before|earlier)\b"
)


def _certainties(place: Place) -> Iterator[Candidate]:
    for start, end in place.content:
        for n, (a, b, phrase) in enumerate(find_odds(place.page.text[start:end])):
            features = {f"rule:{phrase}": 1.0, "hedge": 1.0}
            features[f"word:{place.page.text[start + a : start + b].lower().replace('’', chr(39))}"] = 1.0
            if n:
                features["later"] = 1.0
            yield Candidate((start + a, start + b), phrase, features)


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


class _Look:
    """What the network, the sentence and the content say of any phrase of a content."""

    def __init__(self, place: Place, part: str, tagged: Sequence[tuple[Range, float]]) -> None:
        self._place = place
        inside = place.page.tagged(part).inside
        self._shares = [inside[i] for i in place.pieces]
        self._tagged = tagged
        self._ifs = [clause.at for clause in place.ifs] if part != "condition" else []
        self._size = sum(e - s for s, e in place.content)

    def at(self, candidate: Candidate) -> dict[str, float]:
        start, end = candidate.at
        first, last = bisect_left(self._place.starts, start), bisect_left(self._place.starts, end)
        shares = self._shares[first:last]
        made = {"bias": 1.0, "k:sure": _logit(self._place.sure)}
        if shares:
            around = [*self._shares[max(0, first - 1) : first], *self._shares[last : last + 1]]
            made |= {
                "t:mean": _logit(sum(shares) / len(shares)),
                "t:most": _logit(max(shares)),
                "t:out": max(around, default=0.0),
                "t:alike": max((_alike(candidate.at, at) for at, _ in self._tagged), default=0.0),
            }
        if self._place.kind == "pledge":
            made["pledge"] = 1.0
        if any(s <= start and end <= e for s, e in self._ifs):
            made["in-condition"] = 1.0
        text = self._place.page.text
        sentence = _sentence(text, self._place.content, start)
        rest = text[sentence[0] : start] + text[end : sentence[1]]
        if not rest.strip(LOOSE):  # "If they refuse? Then we would …": what follows is foretold
            beyond = next((e for s, e in self._place.content if s <= start < e), end)
            follows = _sentence(text, self._place.content, min(sentence[1] + 1, beyond - 1))
            rest = text[follows[0] : follows[1]] if follows[0] > start else ""
        if _FUTURE.search(rest):
            made["future"] = 1.0
        elif _PAST.search(rest):
            made["past-tense"] = 1.0
        if start <= sentence[0] + 2:
            made["first-in-sentence"] = made[f"{candidate.rule}-first"] = 1.0
        if end >= sentence[1] - 2:
            made["last-in-sentence"] = 1.0
        if text[end : end + 2] in ("'s", "’s"):
            made["possessive"] = 1.0
        if self._size < 160:
            made["short"] = 1.0
        return made


def _logit(p: float) -> float:
    p = min(max(p, 0.005), 0.995)
    return math.log(p / (1 - p))


def _alike(a: Range, b: Range) -> float:
    both = min(a[1], b[1]) - max(a[0], b[0])
    return max(0.0, both / (max(a[1], b[1]) - min(a[0], b[0])))


def _sentence(text: str, content: Sequence[Range], at: int) -> Range:
    for start, end in content:
        if start <= at < end:
            for s, e in _sentences(text[start:end]):
                if start + s <= at < start + e:
                    return start + s, start + e
            return start, end
    return at, at


@lru_cache(maxsize=64)
def _sentences(text: str) -> tuple[Range, ...]:
    return tuple(sentences(text))
