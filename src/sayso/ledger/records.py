"""Records: the ledger's resolved forecasts handed to ``sayso.scoring``, and what comes back with what it rests on."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa

from sayso.ledger import people
from sayso.ledger.holders import CHUNK, chunks
from sayso.ledger.schema import answer, claim, name, person, resolution
from sayso.ledger.settled import Scope, Settled, Topics, settled
from sayso.ledger.within import within
from sayso.scoring import Bin, Crowd, Decomposition, Scores, Share, calibration, decompose, score, share
from sayso.scoring.rules import LOG_CLIP

SAMPLE = 5_000
"""Resolutions, the newest, from which the crowd is learnt: as many as teach it, and as few as are quickly read."""
FEWEST = 3
"""Resolved forecasts without which a holder is on no board."""


@dataclass(slots=True)
class Tally:
    """What a record rests on. ``resolvable`` counts forecasts that strangers could settle, or have settled.

    ``resolved`` is how many have an answer, whatever it is; of them ``scored`` are predictions with a probability and
    an outcome. ``void`` and ``unresolvable`` are answers that no score counts.
    """

    claims: int = 0
    forecasts: int = 0
    resolvable: int = 0
    resolved: int = 0
    scored: int = 0
    void: int = 0
    unresolvable: int = 0
    kept: float = 0.0
    broken: float = 0.0


@dataclass(slots=True)
class Record:
    """One holder's forecasts and how they came out; figures are None where there is nothing to compute them from.

    See ``sayso.scoring.Scores`` for the figures. ``low`` and ``high`` are the ends of the interval of ``skill``.
    """

    holder: str
    person: int
    tally: Tally
    brier: float | None = None
    brier_low: float | None = None
    brier_high: float | None = None
    log_score: float | None = None
    expected_brier: float | None = None
    skill: float | None = None
    low: float | None = None
    high: float | None = None
    pledges: Share | None = None
    parts: Decomposition | None = None
    calibration: list[Bin] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The record as an object of JSON, the tally flat beside the figures."""
        made: dict[str, Any] = {"holder": self.holder, "person": self.person, **asdict(self.tally)}
        for key in ("brier", "expected_brier", "skill", "low", "high", "brier_low", "brier_high", "log_score"):
            value = getattr(self, key)
            made[key] = None if value is None else round(value, 6)
        made["log_clip"] = LOG_CLIP
        made["pledges"] = None if self.pledges is None else _rounded(asdict(self.pledges))
        if self.parts is not None:
            made["parts"] = _rounded(asdict(self.parts))
            made["calibration"] = [_rounded(asdict(each)) for each in self.calibration]
        return made


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in values.items()}


def _crowd(rows: Settled) -> Crowd:
    order = np.argsort(rows.resolution, kind="stable")
    return Crowd.fit(rows.where(order[-SAMPLE:]).forecasts()[0])


def record(connection: sa.Connection, who: str, *, scope: Scope | None = None) -> Record:
    """The record of one holder, named as ``people.find`` reads it."""
    scope, topics = scope or Scope(), Topics()
    number = people.find(connection, who)
    last = connection.execute(sa.select(sa.func.max(resolution.c.id))).scalar() or 0
    crowd = _crowd(settled(connection, scope, resolution.c.id > last - SAMPLE, topics=topics, reach="some"))
    mine = settled(connection, scope, name.c.person_id == number, topics=topics)
    together = [mine]
    for some in chunks(int(each) for each in np.unique(mine.question[mine.question >= 0])):
        beside = settled(connection, scope, answer.c.question_id.in_(some), topics=topics)
        together.append(beside.where(beside.person != number))
    shown = connection.execute(sa.select(person.c.name).where(person.c.id == number)).scalar_one()
    made = Record(shown, number, _tallies(connection, mine, [number])[number])
    if made.tally.scored:
        forecasts, who_is = Settled.joined(together).forecasts()
        _fill(made, score(forecasts, crowd), int(np.searchsorted(who_is, number)))
        own = mine.where(mine.scored)
        made.parts = decompose(own.probability, own.outcome)
        made.calibration = calibration(own.probability, own.outcome)
    made.pledges = _pledges(made.tally)
    return made


def scores(connection: sa.Connection, *, scope: Scope | None = None, fewest: int = FEWEST) -> list[Record]:
    """The board: every holder with at least ``fewest`` resolved forecasts, by the lower end of the skill's interval.

    Holders without a scored prediction come last, by the lower end of the share of pledges kept.
    """
    rows = settled(connection, scope or Scope(), topics=Topics(), reach="all")
    crowd = _crowd(rows)
    forecasts, who = rows.forecasts()
    figures = score(forecasts, crowd)
    place = {number: at for at, number in enumerate(who.tolist())}
    number, count = np.unique(rows.person[~np.isnan(rows.outcome)], return_counts=True)
    listed: list[int] = number[count >= fewest].tolist()
    tallies = _tallies(connection, rows, listed)
    shown = _names(connection, listed)
    made = []
    for each in listed:
        one = Record(shown[each], each, tallies[each])
        if each in place:
            _fill(one, figures, place[each])
        one.pledges = _pledges(one.tally)
        made.append(one)
    return sorted(made, key=_rank)


def _rank(one: Record) -> tuple[float, float, int]:
    return (
        -one.low if one.low is not None else math.inf,
        -one.pledges.low if one.pledges is not None else math.inf,
        one.person,
    )


def _fill(made: Record, figures: Scores, at: int) -> None:
    def value(column: Any) -> float | None:
        found = float(column[at])
        return None if math.isnan(found) else found

    made.brier, made.log_score = value(figures.brier), value(figures.log)
    made.brier_low, made.brier_high = value(figures.brier_low), value(figures.brier_high)
    made.expected_brier, made.skill = value(figures.expected_brier), value(figures.skill)
    made.low, made.high = value(figures.low), value(figures.high)


def _pledges(tally: Tally) -> Share | None:
    number = tally.kept + tally.broken
    return share(tally.kept, number) if number else None


def _names(connection: sa.Connection, wanted: list[int]) -> dict[int, str]:
    query = sa.select(person.c.id, person.c.name).where(within(connection, person.c.id, wanted))
    return {row.id: row.name for row in connection.execute(query)}


def _tallies(connection: sa.Connection, rows: Settled, wanted: list[int]) -> dict[int, Tally]:
    """What the records of the people with these numbers, in ascending order, rest on."""
    found = {number: Tally() for number in wanted}
    count, c = sa.func.count, claim.c
    counted = {"claims": count(), "forecasts": count().filter(c.forecast), "resolvable": count().filter(c.resolvable)}
    query = people.counts(counted, [within(connection, name.c.person_id, wanted)], few=len(wanted) <= CHUNK)
    for number, claims, forecasts, resolvable in connection.execute(query):
        if (made := found.get(number)) is not None:
            made.claims, made.forecasts, made.resolvable = int(claims), int(forecasts), int(resolvable)
    theirs = rows.where(np.isin(rows.person, np.array(wanted, np.int64)))
    at, known = np.searchsorted(wanted, theirs.person), ~np.isnan(theirs.outcome)
    kept = np.where(theirs.pledge & known, theirs.outcome, 0.0)
    columns = {
        "resolved": np.ones(at.size),
        "scored": theirs.scored,
        "void": theirs.void,
        "unresolvable": theirs.unresolvable,
        "kept": kept,
        "broken": (theirs.pledge & known) - kept,
    }
    for field_name, column in columns.items():
        sums = np.bincount(at, column, minlength=len(wanted)).tolist()
        for tally, value in zip(found.values(), sums):
            setattr(tally, field_name, value if field_name in ("kept", "broken") else int(value))
    return found
