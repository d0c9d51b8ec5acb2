"""Settled forecasts as columns, out of the ledger and into ``sayso.scoring``.

A board is made of every resolution there is, and nothing of it is stored; so they are fetched as columns and worked on
as such, a hundred thousand at a time.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from sayso.ledger.resolutions import OPEN
from sayso.ledger.schema import answer, claim, name, question, resolution
from sayso.scoring import Forecasts
from sayso.scoring.core import Array

ROWS = 2_000
"""Rows that are fetched before they are made columns of."""

COLUMNS = 14
"""Columns that are fetched of each."""
_AS_IT_COMES = sa.types.NullType()

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


_KINDS = {"pledge": True}
_SIDES = {"denied": True}

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
    many: bool = False,
) -> Settled:
    """The settled forecasts in ``scope`` that meet the ``conditions`` on resolutions, names or questions.

    ``many`` says that they are a good part of all, so that resolutions are gone through, and not somebody's claims.
    """
    wanted = list(conditions)
    kind: sa.ColumnElement[str] = claim.c.kind
    said_on: sa.ColumnElement[str] = claim.c.said_on
    if many and connection.dialect.name == "sqlite":
        # It would else go through all claims of the kind or the days, and for each through all resolutions.
        kind, said_on = sa.literal_column("+claim.kind", sa.Text), sa.literal_column("+claim.said_on", sa.Text)
    if scope.kind is not None:
        wanted.append(kind == scope.kind)
    if scope.since is not None:
        wanted.append(said_on >= scope.since)
    if scope.until is not None:
        wanted.append(said_on <= scope.until)
    if scope.topic is not None:
        wanted.append(question.c.topic == scope.topic)
    parts = [_columns([()] * COLUMNS, topics)]
    for query in _queries(many=many):
        parts += [_columns(columns, topics) for columns in _fetched(connection, query.where(*wanted))]
    found = Settled.joined(parts).newest()
    return found.where(~found.open)


def _fetched(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    """What a query finds, as columns of some of the rows at a time; nothing where it finds none."""
    if connection.dialect.name == "postgresql":
        # A row is a message with a field for each column, and making each an object of Python is most of the work.
        rows = query.subquery("rows")
        whole = sa.select(*(sa.func.array_agg(column, type_=_AS_IT_COMES) for column in rows.c))
        columns = connection.execute(whole).one()
        if columns[0] is not None:
            yield columns
        return
    result = connection.execute(query)
    # Rows by the hundred thousand would be gone through by the garbage collector again and again.
    while some := result.fetchmany(ROWS):
        yield list(zip(*some))


@lru_cache(maxsize=2)
def _queries(*, many: bool) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Forecasts with resolutions of their own, and with those of their questions."""
    c, r = claim.c, resolution.c
    columns: tuple[sa.ColumnElement[Any], ...] = (
        c.root_id,
        name.c.person_id,
        c.kind,
        c.said_on,
        c.probability,
        c.probability_low,
        c.probability_high,
        sa.func.coalesce(answer.c.question_id, -1).label("asked"),
        answer.c.side,
        _TOPIC,
        r.id,
        r.outcome,
        r.value,
        # Not as a truth value, which would be converted for each row.
        sa.func.coalesce(r.question_id, -1).label("shared"),
    )
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
    return own, shared


def _columns(columns: Sequence[Sequence[Any]], topics: Topics) -> Settled:
    root, person, kind, said, p, low, high, asked, side, topic, number, outcome, value, shared = columns
    denied = np.array([_SIDES.get(each, False) for each in side], np.bool_)
    came = np.array(outcome, np.float64)  # None is nan
    # A question's answer is turned for who denied it; a resolution of the claim itself is not.
    turned = denied & (np.array(shared, np.int64) >= 0)
    return Settled(
        root=np.array(root, np.int64),
        person=np.array(person, np.int64),
        pledge=np.array([_KINDS.get(each, False) for each in kind], np.bool_),
        day=np.array([_ordinal(day) for day in said], np.int64),
        probability=np.array(p, np.float64),
        low=np.array(low, np.float64),
        high=np.array(high, np.float64),
        question=np.array(asked, np.int64),
        denied=denied,
        topic=np.array([topics[each] for each in topic], np.int64),
        resolution=np.array(number, np.int64),
        outcome=np.where(turned, 1.0 - came, came),
        void=np.array([each == "void" for each in value], np.bool_),
        unresolvable=np.array([each == "unresolvable" for each in value], np.bool_),
        open=np.array([each == OPEN for each in value], np.bool_),
    )
