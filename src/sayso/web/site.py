"""What all requests to one server share: its settings, its ledger, its secret."""

from __future__ import annotations

import secrets
from functools import cached_property

from fastapi import FastAPI, Request

from sayso.ledger import Ledger
from sayso.web.settings import Settings


class Site:
    """One server. Handlers get at it with ``site_of(request)``."""

    def __init__(self, settings: Settings, ledger: Ledger | None = None) -> None:
        self.settings = settings
        self._ledger = ledger

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, opened when it is first asked for and shared by all threads."""
        return self._ledger or Ledger(self.settings.ledger)

    @cached_property
    def secret(self) -> bytes:
        """What forms are signed with."""
        return secrets.token_bytes(32)


def site_of(request: Request) -> Site:
    """The server that a request was made to."""
    app: FastAPI = request.app
    found: Site = app.state.site
    return found


def ledger_of(request: Request) -> Ledger:
    """The ledger that a request is about."""
    return site_of(request).ledger
