"""What is costly to work out and the same until the ledger changes: kept for the next who asks.

A figure is never shown after what it rests on has changed: the key holds the last row of every table that it may rest
on, and rows of those tables are only ever added.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from fastapi import Request

from sayso.ledger.schema import answer, claim, correction, event, question, resolution, thread
from sayso.web.site import ledger_of

T = TypeVar("T")
MOST = 300
_lock = threading.Lock()


def _tide(connection: sa.Connection) -> tuple[int, ...]:
    tables = (claim, resolution, event, correction, question, thread)
    newest = [sa.select(sa.func.max(table.c.id)).scalar_subquery() for table in tables]
    # Attaching a forecast to a question adds no row with a number of its own.
    hanging = sa.select(sa.func.count()).select_from(answer).scalar_subquery()
    asserted = sa.select(sa.func.count()).where(answer.c.side == "asserted").scalar_subquery()
    moved = sa.select(sa.func.sum(answer.c.question_id * (answer.c.claim_id % 1_009 + 1))).scalar_subquery()
    return tuple(int(value or 0) for value in connection.execute(sa.select(*newest, hanging, asserted, moved)).one())


def remembered(request: Request, key: Hashable, make: Callable[[], T], *, seconds: int = 0) -> T:
    """What ``make`` gives, or what it gave under the same key while the ledger was as it is.

    With ``seconds`` it may be as old as that instead, whatever has changed: for counts that nobody acts upon.
    """
    shelf: OrderedDict[Any, Any] = request.app.state.__dict__.setdefault("remembered", OrderedDict())
    now: Any = int(time.time() // seconds) if seconds else ledger_of(request).database.read(_tide)
    whole = (key, now)
    with _lock:
        if whole in shelf:
            shelf.move_to_end(whole)
            return cast(T, shelf[whole])
    made = make()
    with _lock:
        shelf[whole] = made
        while len(shelf) > MOST:
            shelf.popitem(last=False)
    return made
