"""Claims by pages of which each begins where the one before ended, however much was kept meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa

from sayso.ledger import finding, schema
from sayso.ledger.finding import COLUMNS, Filter, Found, built
from sayso.ledger.schema import claim


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after the claim with this day and row; in a search for words after so many."""

    said_on: str | None = None
    row: int = 0
    after: int = 0


def page(
    connection: sa.Connection, which: Filter, *, size: int, at: Place | None = None
) -> tuple[list[Found], Place | None]:
    """Up to ``size`` claims in the order of ``finding.find``, and where the next page begins (None: nowhere)."""
    if which.text is not None:
        start = at.after if at else 0
        some = list(finding.find(connection, replace(which, limit=size + 1, offset=start)))
        return some[:size], Place(after=start + size) if len(some) > size else None
    c = claim.c
    query = sa.select(*COLUMNS).join_from(claim, schema.name, c.name_id == schema.name.c.id)
    query = query.where(*finding.conditions(connection, which))
    if at is not None:
        query = query.where(_after(at))
    query = query.order_by(c.said_on.desc().nulls_last(), c.id).limit(size + 1)
    some = list(built(connection, query, with_text=False))
    if len(some) <= size:
        return some, None
    last = some[size - 1].row
    day = connection.execute(sa.select(c.said_on).where(c.id == last)).scalar()
    return some[:size], Place(day, last)


def _after(at: Place) -> sa.ColumnElement[bool]:
    c = claim.c
    if at.said_on is None:
        return sa.and_(c.said_on.is_(None), c.id > at.row)
    later = sa.or_(c.said_on < at.said_on, sa.and_(c.said_on == at.said_on, c.id > at.row))
    return sa.or_(later, c.said_on.is_(None))
