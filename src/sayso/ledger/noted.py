"""Counters of changes that leave no row with a number of its own, so that who watches the ledger sees them too."""

from __future__ import annotations

import sqlalchemy as sa

from sayso.ledger.schema import about

MOVES = "moves"
"""Answers that were hung on a question."""
EDITS = "edits"
"""Threads and posts that were kept again with something else said of them."""


def note(connection: sa.Connection, what: str) -> None:
    """Count one more of ``what``."""
    count = connection.execute(sa.select(about.c.value).where(about.c.key == what)).scalar()
    if count is None:
        connection.execute(sa.insert(about), {"key": what, "value": "1"})
    else:
        connection.execute(sa.update(about).where(about.c.key == what).values(value=str(int(count) + 1)))
