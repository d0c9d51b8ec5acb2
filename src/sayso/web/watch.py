"""Notices whatever is written to the ledger, by whichever process, before the next request is answered.

Each answer is made after its request came. So the database is asked, for each request, whether anything was committed
since it was last asked: on SQLite by ``PRAGMA data_version``, on PostgreSQL by ``pg_current_snapshot``, which names the
transactions that can be seen, so that two alike see the same. Neither touches a table. Requests that come while it is
being asked wait for the question after that one, and share it. Only where something was committed is it looked what
(``sayso.ledger.changes``).
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from sayso.errors import SaysoError
from sayso.ledger.changes import EVERYTHING, Change, Mark, Sought, mark, since
from sayso.ledger.database import Database

MOST = 2_000
"""Changes that are remembered: what was made before them counts as outdated."""
BUSY = 0.2
"""Seconds that SQLite may keep us waiting."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What something was made of: it stands until one of these changes. ``lists`` says that it lists
    articles, ``asks`` that it lists questions.

    ``fits`` are versions that something else has to have kept still, each as it is asked for.
    """

    everything: bool = False
    threads: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()
    lists: bool = False
    asks: bool = False
    sought: tuple[Sought, ...] = ()
    results: tuple[Callable[[], bool], ...] = field(default=(), compare=False)

    def outlived(self, change: Change) -> bool:
        """Whether what was made of this may be different after the change."""
        return (
            self.everything
            or change.everything
            or (self.lists and change.listed)
            or (self.asks and change.answered)
            or not self.threads.isdisjoint(change.threads)
            or not self.people.isdisjoint(change.people)
            or any(sought.may_find(one) for sought in self.sought for one in change.claims)
        )


ALL = Basis(everything=True)
NOTHING = Basis()
"""Outdated only where everything has changed."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A state of the ledger: ``commit`` grows with everything that is committed, ``change`` with what pages show."""

    commit: int
    change: int


class Watch:
    """What one process knows of the ledger's state; its threads and event loops share it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looking = threading.Lock()  # held while the database is asked
        self._lock = threading.Lock()  # held for an instant, also by event loops
        self._stamp: Any = None
        self._mark: Mark | None = None
        self._moment = Moment(0, 0)
        self._changes: deque[tuple[float, Change]] = deque(maxlen=MOST)
        self._connection: Any = None
        self._asking = ThreadPoolExecutor(1, "watch")
        self._next: Future[Moment] | None = None
        self._shared: tuple[Future[Moment], asyncio.Future[Moment]] | None = None

    @property
    def moment(self) -> Moment:
        """The state that was last seen."""
        return self._moment

    def close(self) -> None:
        """Give the connection back; it is opened again when it is needed."""
        with self._looking:
            self._forget()

    async def now(self) -> Moment:
        """The state of the ledger, asked for after this was called."""
        if self._database.is_sqlite:
            stamp = self._ask()  # microseconds, less than it takes to hand it to a thread
            if stamp is not None and stamp == self._stamp:
                return self._moment
        with self._lock:
            if self._next is None:
                self._next = self._asking.submit(self._round)
            asked = self._next
            loop = asyncio.get_running_loop()
            if self._shared is None or self._shared[0] is not asked or self._shared[1].get_loop() is not loop:
                self._shared = (asked, asyncio.wrap_future(asked))
            shared = self._shared[1]
        return await asyncio.shield(shared)

    def _round(self) -> Moment:
        with self._lock:
            self._next = None
        return self.look()

    def look(self) -> Moment:
        """The same for a thread that may wait."""
        with self._looking:
            stamp = self._ask()
            if stamp is not None and stamp == self._stamp:
                return self._moment
            change: Change | None
            try:
                with self._database.connect() as connection:
                    change = self._what(connection)
            except (SaysoError, sa.exc.SQLAlchemyError):
                self._stamp, self._mark, change = None, None, EVERYTHING  # whoever reads next will tell
            else:
                self._stamp = stamp
            if stamp is None:
                change = EVERYTHING
            with self._lock:
                if change is not None:
                    self._changes.append((time.monotonic(), change))
                self._moment = Moment(self._moment.commit + 1, self._moment.change + (change is not None))
            return self._moment

    def _what(self, connection: sa.Connection) -> Change | None:
        now = mark(connection)
        before, self._mark = self._mark, now
        if before == now:
            return None
        return EVERYTHING if before is None else since(connection, before, now)

    def stands(self, basis: Basis, at: int, now: int) -> bool:
        """Whether what was made of ``basis`` at one change stands at a later one."""
        return self.outlived(basis, at, now) is None and all(still() for still in basis.results)

    def outlived(self, basis: Basis, at: int, now: int) -> float | None:
        """When (of the monotonic clock) it was noticed that ``basis`` has changed since then; None where it has not."""
        if at >= now:
            return None
        with self._lock:
            behind = self._moment.change - at
            if behind > len(self._changes):
                return 0.0
            changes = [self._changes[place] for place in range(-behind, now - self._moment.change)]
        return next((noticed for noticed, change in changes if basis.outlived(change)), None)

    # How each engine is asked

    def _ask(self) -> Any:
        """What is another after each commit; None where it cannot be told."""
        try:
            if self._connection is None:
                self._connection = self._sqlite() if self._database.is_sqlite else self._postgres()
                if self._connection is None:
                    return None
            query = "PRAGMA data_version" if self._database.is_sqlite else "SELECT pg_current_snapshot()::text"
            return (id(self._connection), self._connection.execute(query).fetchone()[0])
        except Exception:  # of either driver: whatever it is, reading the ledger will meet it and tell
            self._forget()
            return None

    def _forget(self) -> None:
        connection, self._connection, self._stamp = self._connection, None, None
        with contextlib.suppress(Exception):
            if connection is not None:
                connection.close()

    def _sqlite(self) -> Any:
        path = self._database.path
        if path is None:  # in memory
            return None
        return sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)

    def _postgres(self) -> Any:
        if self._database.url.get_driver_name() != "psycopg":
            return None
        import psycopg

        # As SQLAlchemy would do it, but without a transaction around each query, which would be three more.
        given, known = self._database._engine.dialect.create_connect_args(self._database.url)
        named = {**known, "autocommit": True, "connect_timeout": 10, "application_name": "sayso"}
        return psycopg.connect(*given, **named)
