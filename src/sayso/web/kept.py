"""Pages and the API's answers as they were made, given again as long as what they were made of stays as it is.

What may be shown to the public is a function of the ledger, of the address that was asked for and of who asks. It is
kept with what it rests on (``watch.Basis``): by default on all of the ledger, else on what its handler says
(``rests_on``). In the place of what each browser's forms carry it has a mark. Kept answers are given before the
application is asked, without a thread and without a query, once ``watch`` has told that nothing else was committed.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import secrets
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Asked

from sayso.web import csrf
from sayso.web.rules import Rule
from sayso.web.watch import ALL, Basis, Moment, Watch
from sayso.web.who import Who

if TYPE_CHECKING:
    from sayso.web.site import Site

MOST_BYTES = 8_000_000
"""What all kept pages of one process may take."""
LARGEST = 400_000
STALE = 3_600.0
"""Seconds after which an answer is made anew, whatever the ledger's state."""
KNOWN = 5.0
"""Seconds after which it is asked again who somebody is, although nothing was committed: sessions end by the clock."""
MOST_KNOWN = 2_000
JSON = "application/json"
MARK = secrets.token_hex(32).encode()
"""What stands in a page where each browser is given what its own forms carry."""
VARY = "Accept, Authorization, Cookie"
_MADE_ANEW = frozenset((b"content-length", b"set-cookie", b"etag"))
_FORWARDED = frozenset((b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"))

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class _Page:
    at: int
    made: float
    basis: Basis
    body: bytes
    """Compressed: a tenth of a millisecond makes room for six times as many."""
    forms: bool
    """Whether it holds the mark in whose place each browser is given what its own forms carry."""
    headers: Headers
    digest: str
    route: Any


class Shelf:
    """The answers of one process, and who has asked; threads share it."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, _Page] = OrderedDict()
        self._bytes = 0
        self._known: OrderedDict[Hashable, tuple[int, float, Who]] = OrderedDict()
        self._lock = threading.Lock()
        self.making: dict[tuple[int, Hashable], asyncio.Future[None]] = {}

    def get(self, key: Hashable, now: Moment, watch: Watch) -> _Page | None:
        """The answer that was made for this key, where it is still right."""
        found = self._pages.get(key)
        if found is None or time.monotonic() - found.made > STALE:
            return None
        if not watch.stands(found.basis, found.at, now.change):
            return None
        with self._lock:
            if self._pages.get(key) is found:
                self._pages.move_to_end(key)
                if found.at < now.change:
                    self._pages[key] = found = replace(found, at=now.change)
        return found

    def put(self, key: Hashable, page: _Page) -> None:
        """Keep an answer; those that were not asked for longest make room."""
        with self._lock:
            old = self._pages.pop(key, None)
            self._bytes += len(page.body) - (len(old.body) if old else 0)
            self._pages[key] = page
            while self._bytes > MOST_BYTES:
                self._bytes -= len(self._pages.popitem(last=False)[1].body)

    def known(self, caller: Hashable, now: Moment) -> Who | None:
        """Who sends such headers, where that was found out in this state of the database and not long ago."""
        found = self._known.get(caller)
        if found is None or found[0] != now.commit or time.monotonic() > found[1]:
            return None
        return found[2]

    def know(self, caller: Hashable, now: Moment, who: Who) -> None:
        """Remember who sends such headers."""
        with self._lock:
            self._known[caller] = (now.commit, time.monotonic() + KNOWN, who)
            self._known.move_to_end(caller)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)


def rests_on(request: Request, basis: Basis | None) -> None:
    """Say what the answer to a request is made of; without a word of it, and with None, that is all of the ledger."""
    request.state.basis = basis or ALL


# What answers hang on besides the ledger


def caller_of(asked: Asked) -> Hashable:
    """What tells of a request who sends it."""
    wanted: dict[bytes, Any] = {}
    for name, value in asked["headers"]:
        if name in (b"authorization", b"cookie", b"host"):
            wanted[name] = wanted.get(name, b"") + b"\n" + value
        elif name in _FORWARDED:
            wanted[b"forwarded"] = True
    return (asked["scheme"], *(wanted.get(name) for name in (b"authorization", b"cookie", b"host", b"forwarded")))


def key_of(asked: Asked, who: Who) -> Hashable | None:
    """What an answer depends on besides the ledger; None for what is not kept."""
    host = None
    for name, value in asked["headers"]:
        if name == b"host":
            host = value
        elif (name == b"accept" and b"ld+json" in value) or (name == b"cookie" and b"sayso_said=" in value):
            return None
    place = (asked.get("root_path", ""), asked["path"], asked["query_string"], asked["scheme"], host)
    return (place, who.how, who.role, who.account, who.scope, datetime.date.today())


class Kept:
    """ASGI middleware that gives kept answers, and lets one at a time make what many ask for."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app, self._site = app, site

    async def __call__(self, asked: Asked, receive: Receive, send: Send) -> None:
        if asked["type"] != "http" or asked["method"] != "GET" or asked["path"].startswith("/static/"):
            await self.app(asked, receive, send)
            return
        site, state = self._site, asked.setdefault("state", {})
        now = state["moment"] = await site.watch.now()
        who = site.shelf.known(caller_of(asked), now)
        key = None if who is None else key_of(asked, who)
        if who is None or key is None:
            await self.app(asked, receive, send)
            return
        state["known"] = who
        mine = (id(asyncio.get_running_loop()), key)
        while True:
            if (page := site.shelf.get(key, now, site.watch)) is not None:
                state["who"], asked["route"] = who, page.route
                await _send(asked, page, send)
                return
            if (other := site.shelf.making.get(mine)) is None:
                break
            await asyncio.wait((other,))
        making = site.shelf.making[mine] = asyncio.get_running_loop().create_future()
        try:
            await self.app(asked, receive, send)
        finally:
            del site.shelf.making[mine]
            making.set_result(None)


async def _send(asked: Asked, page: _Page, send: Send) -> None:
    """Answer with what is kept, or that the browser has it."""
    body, headers = zlib.decompress(page.body), list(page.headers)
    etag: str | None = f'"{page.digest}"'
    if page.forms:
        request = Request(asked)
        token = csrf.token(request)
        body = body.replace(MARK, token.encode())
        etag = _for_browser(request, page.digest, token)
        given = Response()
        csrf.remember(request, given)
        headers += [each for each in given.raw_headers if each[0] == b"set-cookie"]
    if etag is not None:
        headers.append((b"etag", etag.encode()))
        there = next((value for name, value in asked["headers"] if name == b"if-none-match"), b"")
        if etag.encode() in there:
            headers = [each for each in headers if each[0] != b"content-type"]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _for_browser(request: Request, digest: str, token: str) -> str | None:
    """The ETag of a page with forms; none for a browser that is only now given the cookie they go with."""
    if getattr(request.state, "visit", None) is not None:
        return None
    return f'"{digest}-{_digest(token.encode())}"'


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=12).hexdigest()


def look(request: Request, rule: Rule) -> tuple[Hashable | None, Response | None]:
    """For one whom nobody knew before the gate: the key of the answer, None where it is not kept, and the answer."""
    now: Moment | None = getattr(request.state, "moment", None)
    key = key_of(request.scope, request.state.who) if rule.public and now is not None else None
    if key is None or now is None:
        return None, None
    site: Site = request.app.state.site
    page = None if hasattr(request.state, "known") else site.shelf.get(key, now, site.watch)
    return key, None if page is None else _Given(page)


class _Given(Response):
    """A kept answer, for who expects a response."""

    def __init__(self, page: _Page) -> None:
        super().__init__()
        self._page = page

    async def __call__(self, scope: Asked, receive: Receive, send: Send) -> None:
        await _send(scope, self._page, send)


def keep(request: Request, key: Hashable, route: Any, made: Response) -> None:
    """Keep an answer that may be given again: a page as it was before it was finished, or the API's JSON."""
    if made.status_code != 200:
        return
    page: str | None = getattr(request.state, "page", None)
    if page is not None:
        body = page.encode("utf-8", "replace")
    elif made.headers.get("content-type") == JSON and hasattr(made, "body"):
        body = bytes(made.body)
    else:
        return
    if len(body) > LARGEST:
        return
    digest, forms = _digest(body), page is not None and MARK in body
    made.headers["vary"] = VARY
    site: Site = request.app.state.site
    headers = [each for each in made.raw_headers if each[0] not in _MADE_ANEW]
    basis = getattr(request.state, "basis", ALL)
    now: Moment = request.state.moment
    packed = zlib.compress(body, 1)
    site.shelf.put(key, _Page(now.change, time.monotonic(), basis, packed, forms, headers, digest, route))
    etag = _for_browser(request, digest, csrf.token(request)) if forms else f'"{digest}"'
    if etag is not None:
        made.headers["etag"] = etag
