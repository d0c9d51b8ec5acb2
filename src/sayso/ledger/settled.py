"""Settled forecasts as columns, out of the ledger and into ``sayso.scoring``.

A board is made of every resolution there is, and nothing of it is stored; so they are fetched as columns and worked on
as such, a hundred thousand at a time.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from typing import Any, Literal

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from sayso.ledger.database import BINARY
from sayso.ledger.resolutions import OPEN
from sayso.ledger.schema import answer, claim, name, question, resolution
from sayso.scoring import Forecasts
from sayso.scoring.core import Array

ROWS = 2_000
"""Rows that are fetched before they are made columns of."""

_AS_IT_COMES = sa.types.NullType()
_NUMBERS, _SHARES, _TEXTS = np.dtype(">i8"), np.dtype(">f8"), np.dtype("O")
_FETCHED = {
    "root": _NUMBERS,
    "person": _NUMBERS,
    "pledge": _NUMBERS,
    "said_on": _TEXTS,
    "probability": _SHARES,
    "low": _SHARES,
    "high": _SHARES,
    "asked": _NUMBERS,
    "denied": _NUMBERS,
    "topic": _TEXTS,
    "resolution": _NUMBERS,
    "outcome": _SHARES,
    "special": _NUMBERS,
    "shared": _NUMBERS,
}
"""The columns that are fetched of each, as PostgreSQL sends them: numbers of eight bytes, the first the highest."""

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which forecasts count: of a kind, said in a span of days (ISO 8601, both included), on a topic's questions."""

    kind: str | None = None
    since: str | None = None
    until: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Forecasts with the resolution that stands, a row each; all columns have one length.

    ``question`` is -1 where there is none, ``day`` 0 where it is not known, ``topic`` a number of ``Topics``.
    ``outcome`` is the claim's own, not its question's; nan where the answer is ``void`` or ``unresolvable``.
    ``open`` says that an answer was taken back; ``settled`` gives no such rows.
    """

    root: Numbers
    person: Numbers
    pledge: Flags
    day: Numbers
    probability: Array
    low: Array
    high: Array
    question: Numbers
    denied: Flags
    topic: Numbers
    resolution: Numbers
    outcome: Array
    void: Flags
    unresolvable: Flags
    open: Flags

    def where(self, which: Flags | Numbers) -> Settled:
        """Some of the rows, by a mask or by their numbers."""
        return replace(self, **{each.name: getattr(self, each.name)[which] for each in fields(self)})

    @classmethod
    def joined(cls, parts: Sequence[Settled]) -> Settled:
        """The rows of several, one after the other; at least one must be given."""
        return cls(**{each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)})

    @property
    def scored(self) -> Flags:
        """Which rows are predictions with a probability and an outcome."""
        return ~self.pledge & ~np.isnan(self.outcome) & ~np.isnan(self.probability)

    def newest(self) -> Settled:
        """Of rows of the same claim the one with the newest resolution, in the order of their claims."""
        order = np.lexsort((self.resolution, self.root))
        root = self.root[order]
        return self.where(order[np.append(root[1:] != root[:-1], True)[: root.size]])

    def forecasts(self) -> tuple[Forecasts, Numbers]:
        """The scored rows on the scale of their questions, and the people in the order of their numbers."""
        rows = self.where(self.scored)

        def turned(value: Array) -> Array:
            given = np.where(np.isnan(value), rows.probability, value)
            return np.where(rows.denied, 1.0 - given, given)

        people, holder = np.unique(rows.person, return_inverse=True)
        alone = np.where(rows.question < 0, -1 - np.arange(rows.question.size), rows.question)
        asked = np.unique(alone, return_inverse=True)[1]
        made = Forecasts(
            holder=holder.reshape(-1).astype(np.intp),
            question=asked.reshape(-1).astype(np.intp),
            probability=turned(rows.probability),
            low=turned(rows.low),
            high=turned(rows.high),
            outcome=np.where(rows.denied, 1.0 - rows.outcome, rows.outcome),
            day=rows.day,
            like=rows.topic.astype(np.intp),
            holders=int(people.size),
        )
        return made, people


class Topics(dict[str | None, int]):
    """A number for each topic. What is compared with one another must be fetched with the same ones."""

    def __missing__(self, topic: str | None) -> int:
        self[topic] = len(self)
        return self[topic]


Reach = Literal["few", "some", "all"]
_CLAIM = ("root_id", "name_id", "kind", "said_on", "probability", "probability_low", "probability_high")
_SPECIAL = {"void": 1, "unresolvable": 2, OPEN: 3}

# As the database holds it: a topic is only compared here, and a conversion for each row is a good part of the time.
_TOPIC = sa.type_coerce(question.c.topic, sa.Text)


@lru_cache(maxsize=20_000)
def _ordinal(day: str | None) -> int:
    try:
        return datetime.date.fromisoformat(day).toordinal() if day else 0
    except ValueError:
        return 0


def settled(
    connection: sa.Connection,
    scope: Scope,
    *conditions: sa.ColumnElement[bool],
    topics: Topics,
    reach: Reach = "few",
) -> Settled:
    """The settled forecasts in ``scope`` that meet the ``conditions`` on resolutions, names or questions.

    Where they are not ``few`` but ``some`` thousands of resolutions or ``all``, resolutions are gone through, and not
    somebody's claims.
    """
    wanted = list(conditions)
    # Else SQLite would go through all claims of the kind or the days, and for each through all resolutions.
    plus = "+" if reach != "few" and connection.dialect.name == "sqlite" else ""
    kind, said_on = (sa.literal_column(f"{plus}claim.{each}", sa.Text) for each in ("kind", "said_on"))
    if scope.kind is not None:
        wanted.append(kind == scope.kind)
    if scope.since is not None:
        wanted.append(said_on >= scope.since)
    if scope.until is not None:
        wanted.append(said_on <= scope.until)
    if scope.topic is not None:
        wanted.append(question.c.topic == scope.topic)
    parts = [_columns([()] * len(_FETCHED), topics)]
    for query in _queries(connection.dialect.name, reach):
        parts += [_columns(columns, topics) for columns in _fetched(connection, query.where(*wanted))]
    found = Settled.joined(parts).newest()
    return found.where(~found.open)


def _fetched(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    """What a query finds, as columns of some of the rows at a time; nothing where it finds none."""
    if connection.dialect.name == "postgresql":
        # A row is a message with a field for each column, and making each an object of Python is most of the work; so
        # a column is sent as the bytes of its numbers.
        rows = query.subquery("rows")
        whole = sa.select(*(_sent(column, kind) for column, kind in zip(rows.c, _FETCHED.values(), strict=True)))
        columns = connection.execute(whole, execution_options={BINARY: True}).one()
        if columns[0] is not None:
            kinds = zip(columns, _FETCHED.values(), strict=True)
            yield [column if kind is _TEXTS else np.frombuffer(column, kind) for column, kind in kinds]
        return
    result = connection.execute(query)
    # Rows by the hundred thousand would be gone through by the garbage collector again and again.
    while some := result.fetchmany(ROWS):
        yield list(zip(*some))


def _sent(column: sa.ColumnElement[Any], kind: np.dtype[Any]) -> sa.ColumnElement[Any]:
    """A column of all rows as one value, on PostgreSQL; where rows are gone through once, all have the same order."""
    if kind is _TEXTS:
        return sa.func.array_agg(column, type_=_AS_IT_COMES)
    if kind is _SHARES:
        each = sa.func.float8send(sa.func.coalesce(column, sa.cast("NaN", sa.Double)))
    else:
        each = sa.func.int8send(sa.cast(column, sa.BigInteger))
    return sa.func.string_agg(each, sa.literal(b"", sa.LargeBinary), type_=_AS_IT_COMES)


@cache
def _queries(dialect: str, reach: Reach) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Forecasts with resolutions of their own, and with those of their questions."""
    # PostgreSQL is to look up the claim of each resolution, where it would go through all the forecasts there are.
    each = reach == "some" and dialect == "postgresql"
    # A plus keeps SQLite from seeking resolutions for each of all claims, which it would else do without statistics.
    plus = "" if reach == "few" else "+"
    source, on = _forecasts(f"{plus}resolution.claim_id", each=each)
    own = (
        sa.select(*_selected(source))
        .select_from(resolution)
        .join(source, on)
        .join(name, name.c.id == source.c.name_id)
        .outerjoin(answer, answer.c.claim_id == source.c.root_id)
        .outerjoin(question, question.c.id == answer.c.question_id)
    )
    source, on = _forecasts(f"{plus}answer.claim_id", each=each)
    shared = (
        sa.select(*_selected(source))
        .select_from(resolution)
        .join(answer, answer.c.question_id == resolution.c.question_id)
        .join(question, question.c.id == answer.c.question_id)
        .join(source, on)
        .join(name, name.c.id == source.c.name_id)
    )
    return own, shared


def _forecasts(root: str, *, each: bool) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
    """What to join, under the name of claims, and on which condition."""
    # Spelt as the condition of the index that holds all these columns is.
    on = sa.and_(claim.c.root_id == sa.literal_column(root), sa.text("claim.latest AND claim.forecast"))
    if not each:
        return claim, on
    return sa.select(*(claim.c[column] for column in _CLAIM)).where(on).offset(0).lateral("claim"), sa.true()


def _selected(source: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    """The columns of ``_FETCHED``; none is a truth value, which would be converted for each row."""
    c, r = source.c, resolution.c
    return [
        c.root_id,
        name.c.person_id,
        sa.case((c.kind == "pledge", 1), else_=0).label("pledge"),
        c.said_on,
        c.probability,
        c.probability_low,
        c.probability_high,
        sa.func.coalesce(answer.c.question_id, -1).label("asked"),
        sa.case((answer.c.side == "denied", 1), else_=0).label("denied"),
        _TOPIC,
        r.id,
        r.outcome,
        sa.case(_SPECIAL, value=r.value, else_=0).label("special"),
        sa.func.coalesce(r.question_id, -1).label("shared"),
    ]


def _columns(columns: Sequence[Any], topics: Topics) -> Settled:
    root, person, pledge, said, p, low, high, asked, denies, topic, number, came, special, shared = columns
    denied = np.array(denies, np.bool_)
    outcome = np.array(came, np.float64)  # None is nan
    # A question's answer is turned for who denied it; a resolution of the claim itself is not.
    turned = denied & (np.array(shared, np.int64) >= 0)
    which = np.array(special, np.int64)
    return Settled(
        root=np.array(root, np.int64),
        person=np.array(person, np.int64),
        pledge=np.array(pledge, np.bool_),
        day=np.array([*map(_ordinal, said)], np.int64),
        probability=np.array(p, np.float64),
        low=np.array(low, np.float64),
        high=np.array(high, np.float64),
        question=np.array(asked, np.int64),
        denied=denied,
        topic=np.array([*map(topics.__getitem__, topic)], np.int64),
        resolution=np.array(number, np.int64),
        outcome=np.where(turned, 1.0 - outcome, outcome),
        void=which == _SPECIAL["void"],
        unresolvable=which == _SPECIAL["unresolvable"],
        open=which == _SPECIAL[OPEN],
    )
