"""What is dear to compute, remembered as long as the ledger stays as it is: the board, records, people, the first page.

Scores are computed from the resolutions and never stored. What was computed is kept in memory with the state of the
ledger that it was computed from, and computed anew when that has changed. Only the first who asks computes; while it
takes long, others are given what stood before, which is at most ``STALE`` seconds old.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from sayso.ledger import schema
from sayso.ledger.questions import MOVES
from sayso.ledger.records import Record
from sayso.ledger.settled import Scope
from sayso.web.site import Site

T = TypeVar("T")
MOST = 64
"""Results that are remembered."""
STALE = 300.0
"""Seconds after which a result is computed anew, whatever the ledger's state."""

__all__ = ["Memory", "Scope", "people", "record", "scores", "state"]

_COUNTED = (
    schema.claim,
    schema.resolution,
    schema.event,
    schema.question,
    schema.correction,
    schema.name,
    schema.thread,
)


def state(connection: sa.Connection) -> Hashable:
    """What changes whenever articles, claims, people, questions or resolutions do: the highest row of each."""
    numbers: list[Any] = [sa.select(sa.func.max(table.c.id)).scalar_subquery() for table in _COUNTED]
    moves = sa.select(schema.about.c.value).where(schema.about.c.key == MOVES).scalar_subquery()
    return tuple(connection.execute(sa.select(*numbers, moves)).one())


@dataclass(slots=True)
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    state: Hashable = None
    at: float = 0.0
    value: Any = None


class Memory:
    """Results by what was asked; threads share it."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, site: Site, key: Hashable, compute: Callable[[], T]) -> T:
        """What ``compute`` gives, computed once for each state of the ledger."""
        now = site.ledger.database.read(state)
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > MOST:
                self._entries.popitem(last=False)
        if entry.at and entry.state == now and time.monotonic() - entry.at < STALE:
            return entry.value  # type: ignore[no-any-return]
        # One computes; whoever comes meanwhile takes what stood before, or waits where nothing did.
        old = entry.value if entry.at else None
        if not entry.lock.acquire(blocking=old is None or time.monotonic() - entry.at > 2 * STALE):
            return old  # type: ignore[return-value]
        try:
            if entry.at and entry.state == now and time.monotonic() - entry.at < STALE:
                return entry.value  # type: ignore[no-any-return]
            value = compute()
            entry.value, entry.state, entry.at = value, now, time.monotonic()
            return value
        finally:
            entry.lock.release()


def scores(site: Site, scope: Scope, *, fewest: int = 3) -> list[Record]:
    """The board; see ``sayso.ledger.records.scores``."""
    from sayso.ledger import records

    def compute() -> list[Record]:
        return site.ledger.database.read(lambda c: records.scores(c, scope=scope, fewest=fewest))

    return site.memory.get(site, ("scores", scope, fewest), compute)


def record(site: Site, person: int, scope: Scope) -> Record:
    """One person's record; see ``sayso.ledger.records.record``."""
    from sayso.ledger import records

    def compute() -> Record:
        return site.ledger.database.read(lambda c: records.record(c, f"#{person}", scope=scope))

    return site.memory.get(site, ("record", person, scope), compute)


def people(site: Site, *, text: str | None = None, limit: int = 100) -> list[tuple[int, str, int]]:
    """People as (number, name, claims), those with most claims first."""
    return site.memory.get(site, ("people", text, limit), lambda: site.ledger.people(text=text, limit=limit))
