"""Records: the ledger's resolved forecasts handed to ``sayso.scoring``, and what comes back with what it rests on."""

from __future__ import annotations

import datetime
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from sayso.ledger import people
from sayso.ledger.holders import chunks
from sayso.ledger.resolutions import OPEN, by_side
from sayso.ledger.schema import answer, claim, name, person, question, resolution
from sayso.scoring import Bin, Crowd, Decomposition, Forecasts, Scores, Share, calibration, decompose, score, share
from sayso.scoring.rules import LOG_CLIP

SAMPLE = 8_000
"""Resolutions, the newest, from which the crowd is learnt: as many as teach it, and as few as are quickly read."""
FEWEST = 3
"""Resolved forecasts without which a holder is on no board."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which forecasts count: of a kind, said in a span of days (ISO 8601, both included), on a topic's questions."""

    kind: str | None = None
    since: str | None = None
    until: str | None = None
    topic: str | None = None


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


# As the database holds it: a topic is only compared here, and a conversion for each row is a good part of the time.
_TOPIC = sa.type_coerce(question.c.topic, sa.Text)


class Settled(NamedTuple):
    """A forecast with the resolution that stands; the outcome is the claim's own, not its question's."""

    root: int
    person: int
    kind: str
    said_on: str | None
    probability: float | None
    low: float | None
    high: float | None
    question: int | None
    denied: bool
    topic: str | None
    resolution: int
    value: str
    outcome: float | None


def _settled(
    connection: sa.Connection, scope: Scope, *conditions: sa.ColumnElement[bool], many: bool = False
) -> list[Settled]:
    """The settled forecasts in ``scope`` that meet the ``conditions`` on resolutions, names or questions.

    ``many`` says that they are a good part of all, so that resolutions are gone through, and not somebody's claims.
    """
    c, r = claim.c, resolution.c
    columns: tuple[sa.ColumnElement[Any], ...] = (
        c.root_id,
        name.c.person_id,
        c.kind,
        c.said_on,
        c.probability,
        c.probability_low,
        c.probability_high,
    )
    columns += (answer.c.question_id, answer.c.side, _TOPIC, r.id, r.value, r.outcome, r.question_id)
    # Spelt as the condition of the index that holds all these columns is.
    forecasts = sa.text("claim.latest AND claim.forecast")
    # A plus keeps SQLite from seeking resolutions for each of all claims, which it would else do without statistics.
    root: sa.ColumnElement[Any] = sa.literal_column("+resolution.claim_id") if many else r.claim_id
    joined = sa.and_(c.root_id == root, forecasts)
    answered: sa.ColumnElement[Any] = sa.literal_column("+answer.claim_id") if many else answer.c.claim_id
    through = sa.and_(c.root_id == answered, forecasts)
    own = (
        sa.select(*columns)
        .select_from(resolution)
        .join(claim, joined)
        .join(name, name.c.id == c.name_id)
        .outerjoin(answer, answer.c.claim_id == c.root_id)
        .outerjoin(question, question.c.id == answer.c.question_id)
    )
    shared = (
        sa.select(*columns)
        .select_from(resolution)
        .join(answer, answer.c.question_id == r.question_id)
        .join(question, question.c.id == answer.c.question_id)
        .join(claim, through)
        .join(name, name.c.id == c.name_id)
    )
    wanted = list(conditions)
    if scope.kind is not None:
        wanted.append(c.kind == scope.kind)
    if scope.since is not None:
        wanted.append(c.said_on >= scope.since)
    if scope.until is not None:
        wanted.append(c.said_on <= scope.until)
    if scope.topic is not None:
        wanted.append(question.c.topic == scope.topic)
    newest: dict[int, Any] = {}
    for query in (own, shared):
        for row in connection.execute(query.where(*wanted)).all():
            old = newest.get(row[0])
            if old is None or old[10] < row[10]:
                newest[row[0]] = row
    return [_standing(row) for row in newest.values() if row[11] != OPEN]


def _standing(row: Sequence[Any]) -> Settled:
    root, who, kind, said, p, low, high, asked, side, topic, number, value, outcome, through = row
    denied = side == "denied"
    if through is not None:
        value, outcome = by_side(value, outcome, denied=denied, kind=kind)
    return Settled(root, who, kind, said, p, low, high, asked, denied, topic, number, value, outcome)


def _forecasts(rows: Iterable[Settled]) -> tuple[Forecasts, list[object], list[Settled]]:
    """The rows that can be scored, on the scale of their questions, and the people in the order of their numbers."""
    scored = [
        row for row in rows if row.kind == "prediction" and row.outcome is not None and row.probability is not None
    ]

    def turned(value: float | None, row: Settled) -> float:
        given = row.probability if value is None else value
        assert given is not None
        return 1.0 - given if row.denied else given

    made, who = Forecasts.of(
        [row.person for row in scored],
        [turned(row.probability, row) for row in scored],
        [1.0 - (row.outcome or 0.0) if row.denied else row.outcome or 0.0 for row in scored],
        question=[row.question for row in scored],
        day=[_ordinal(row.said_on) for row in scored],
        low=[turned(row.low, row) for row in scored],
        high=[turned(row.high, row) for row in scored],
        like=[row.topic for row in scored],
    )
    return made, who, scored


@lru_cache(maxsize=20_000)
def _ordinal(day: str | None) -> int:
    try:
        return datetime.date.fromisoformat(day).toordinal() if day else 0
    except ValueError:
        return 0


def _crowd(rows: Sequence[Settled]) -> Crowd:
    newest = sorted(rows, key=lambda row: row.resolution)[-SAMPLE:]
    return Crowd.fit(_forecasts(newest)[0])


def record(connection: sa.Connection, who: str, *, scope: Scope | None = None) -> Record:
    """The record of one holder, named as ``people.find`` reads it."""
    scope = scope or Scope()
    number = people.find(connection, who)
    last = connection.execute(sa.select(sa.func.max(resolution.c.id))).scalar() or 0
    crowd = _crowd(_settled(connection, scope, resolution.c.id > last - SAMPLE, many=True))
    mine = _settled(connection, scope, name.c.person_id == number)
    asked = sorted({row.question for row in mine if row.question is not None})
    beside: dict[int, Settled] = {}
    for some in chunks(asked):
        beside.update({row.root: row for row in _settled(connection, scope, answer.c.question_id.in_(some))})
    others = [row for row in beside.values() if row.person != number]
    shown = connection.execute(sa.select(person.c.name).where(person.c.id == number)).scalar_one()
    made = Record(shown, number, _tally(connection, {number: mine}, [number])[number])
    forecasts, _, scored = _forecasts([*mine, *others])
    own = [row for row in scored if row.person == number]
    if own:
        _fill(made, score(forecasts, crowd), 0)
        p = [row.probability for row in own]
        o = [row.outcome for row in own]
        made.parts, made.calibration = decompose(p, o), calibration(p, o)  # type: ignore[arg-type]
    made.pledges = _pledges(made.tally)
    return made


def scores(connection: sa.Connection, *, scope: Scope | None = None, fewest: int = FEWEST) -> list[Record]:
    """The board: every holder with at least ``fewest`` resolved forecasts, by the lower end of the skill's interval.

    Holders without a scored prediction come last, by the lower end of the share of pledges kept.
    """
    scope = scope or Scope()
    rows = _settled(connection, scope, many=True)
    crowd = _crowd(rows)
    forecasts, who, _ = _forecasts(rows)
    figures = score(forecasts, crowd)
    place = {number: at for at, number in enumerate(who)}
    by_person: dict[int, list[Settled]] = defaultdict(list)
    for row in rows:
        if row.outcome is not None:
            by_person[row.person].append(row)
    listed = [number for number, theirs in by_person.items() if len(theirs) >= fewest]
    everything: dict[int, list[Settled]] = defaultdict(list)
    for row in rows:
        everything[row.person].append(row)
    tallies = _tally(connection, everything, listed)
    shown: dict[int, str] = {}
    for some in chunks(listed):
        shown.update(connection.execute(sa.select(person.c.id, person.c.name).where(person.c.id.in_(some))).all())
    made = []
    for number in listed:
        one = Record(shown[number], number, tallies[number])
        if number in place:
            _fill(one, figures, place[number])
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


def _tally(connection: sa.Connection, settled: dict[int, list[Settled]], wanted: list[int]) -> dict[int, Tally]:
    found = {number: Tally() for number in wanted}
    c = claim.c
    number = sa.func.count()
    forecasts = sa.func.sum(sa.case((c.forecast, 1), else_=0))
    resolvable = sa.func.sum(sa.case((c.resolvable, 1), else_=0))
    for some in chunks(wanted):
        query = (
            sa.select(name.c.person_id, number, forecasts, resolvable)
            .join_from(name, claim, c.name_id == name.c.id)
            .where(name.c.person_id.in_(some), c.latest)
            .group_by(name.c.person_id)
        )
        for who, claims, foretold, could in connection.execute(query):
            made = found[who]
            made.claims, made.forecasts, made.resolvable = claims, int(foretold), int(could)
    for who in wanted:
        made, rows = found[who], settled.get(who, [])
        words = Counter(row.value for row in rows)
        made.resolved, made.void, made.unresolvable = len(rows), words["void"], words["unresolvable"]
        for row in rows:
            if row.outcome is None:
                continue
            if row.kind == "pledge":
                made.kept += row.outcome
                made.broken += 1.0 - row.outcome
            elif row.probability is not None:
                made.scored += 1
    return found
