"""What all requests to one server share: its settings, its ledger, its secret."""

from __future__ import annotations

import secrets
from functools import cached_property

import sqlalchemy as sa
from anyio import CapacityLimiter
from fastapi import FastAPI, Request

from sayso.ledger import Ledger
from sayso.ledger.schema_serving import setting
from sayso.web.settings import Settings
from sayso.web.watch import Watch

CACHE_MB = 8
"""What each of a server's connections to SQLite may hold: there are several, and the system caches the file as well."""
THREADS = 2
"""Requests that one process works on at a time; others wait their turn.

Threads take turns at the interpreter, and SQLite lets go of it at each row, so that with more of them all are slower:
eight answered 116 lists of claims a second where one answered 189. The second is there for when the first takes long.
"""
THREADS_OF_A_SERVER = 4
"""The same on PostgreSQL, which answers in processes of its own meanwhile."""
GATE = 4
"""Requests of which it is found out at a time who sends them: that is short, and does not wait for pages to be made."""
SWITCH_SECONDS = 0.0005
"""For how long one of them may keep the other waiting."""


class Site:
    """One server. Handlers get at it with ``site_of(request)``."""

    def __init__(self, settings: Settings, ledger: Ledger | None = None) -> None:
        from sayso.web.board import Memory
        from sayso.web.kept import Shelf

        self.settings = settings
        self.memory = Memory()
        self.shelf = Shelf()
        self.gate = CapacityLimiter(GATE)
        self._ledger = ledger

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, opened when it is first asked for and shared by all threads."""
        return self._ledger or Ledger(self.settings.ledger, cache_mb=CACHE_MB)

    @cached_property
    def watch(self) -> Watch:
        """What notices that the ledger has changed."""
        return Watch(self.ledger.database)

    @cached_property
    def secret(self) -> bytes:
        """What forms are signed with: the same for all processes that serve this ledger, and after a restart."""
        return bytes.fromhex(self.ledger.database.write(_secret))


def _secret(connection: sa.Connection) -> str:
    found = connection.execute(sa.select(setting.c.value).where(setting.c.key == "secret")).scalar()
    if found is None:
        found = secrets.token_hex(32)
        connection.execute(sa.insert(setting), {"key": "secret", "value": found})
    return str(found)


def site_of(request: Request) -> Site:
    """The server that a request was made to."""
    app: FastAPI = request.app
    found: Site = app.state.site
    return found


def ledger_of(request: Request) -> Ledger:
    """The ledger that a request is about."""
    return site_of(request).ledger
