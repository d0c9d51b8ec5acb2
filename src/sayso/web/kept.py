"""Pages and the API's answers as they were made, given again as long as the ledger stays as it is.

What may be shown to the public is a function of the ledger, of the address that was asked for and of who asks. It is
kept with the state of the ledger that it was made from, for ``board.STALE`` seconds at most, and with a mark in the
place of what each browser's forms carry.
"""

from __future__ import annotations

import datetime
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

import sqlalchemy as sa
from fastapi import Request, Response

from sayso.ledger.schema_serving import job, saved_search
from sayso.web import board
from sayso.web.csrf import cookie_name
from sayso.web.rules import Rule
from sayso.web.site import site_of

MOST_BYTES = 32_000_000
"""What all kept pages of one process may take."""
LARGEST = 400_000
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class _Page:
    state: Hashable
    at: float
    body: str | bytes


class Shelf:
    """The pages of one process; threads share it."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, _Page] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, state: Hashable) -> str | bytes | None:
        """The page that was made for this key from this state."""
        with self._lock:
            found = self._pages.get(key)
            if found is None or found.state != state or time.monotonic() - found.at > board.STALE:
                return None
            self._pages.move_to_end(key)
            return found.body

    def put(self, key: Hashable, state: Hashable, body: str | bytes) -> None:
        """Keep a page; those that were not asked for longest make room."""
        if len(body) > LARGEST:
            return
        with self._lock:
            old = self._pages.pop(key, None)
            self._bytes += len(body) - (len(old.body) if old else 0)
            self._pages[key] = _Page(state, time.monotonic(), body)
            while self._bytes > MOST_BYTES:
                self._bytes -= len(self._pages.popitem(last=False)[1].body)


def state(connection: sa.Connection) -> Hashable:
    """What changes whenever something does that a page shows."""
    searches = connection.execute(sa.select(sa.func.max(saved_search.c.id), sa.func.count())).one()
    jobs = connection.execute(sa.select(job.c.state, sa.func.count()).group_by(job.c.state)).all()
    return (board.state(connection), tuple(searches), tuple(sorted(map(tuple, jobs))))


def key_of(request: Request, rule: Rule) -> Hashable | None:
    """What a page depends on besides the ledger; None for what is not kept."""
    who = request.state.who
    accept = request.headers.get("accept", "")
    once = request.cookies.get("sayso_said") is not None
    if not rule.public or request.method != "GET" or once or "ld+json" in accept:
        return None
    host = (request.url.scheme, request.headers.get("host"), cookie_name("", request))
    today = datetime.date.today()
    return (request.url.path, request.url.query, who.how, who.role, who.account, who.scope, host, today)


def look(request: Request, key: Hashable) -> tuple[Hashable, Response | None]:
    """The state of the ledger, and the page where it is kept."""
    from sayso.web.render import finished

    site = site_of(request)
    now = site.ledger.database.read(state)
    body = site.shelf.get(key, now)
    if isinstance(body, bytes):
        return now, Response(body, 200, {"vary": "Accept, Cookie"}, JSON)
    return now, None if body is None else finished(request, body)


def keep(request: Request, key: Hashable, state: Hashable, made: Response) -> None:
    """Keep an answer that may be given again: a page as it was before it was finished, or the API's JSON."""
    if made.status_code != 200:
        return
    body = getattr(request.state, "page", None)
    if body is None and made.headers.get("content-type") == JSON and hasattr(made, "body"):
        body = bytes(made.body)
    if body is not None:
        site_of(request).shelf.put(key, state, body)
