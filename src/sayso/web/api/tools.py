"""What all of the API's handlers share: JSON answers, pages with cursors, writes that can be repeated."""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import json
from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Path, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from sayso.ledger.database import Database
from sayso.ledger.schema_serving import answered
from sayso.web.accounts import moment
from sayso.web.gate import SAFE
from sayso.web.problems import Problem
from sayso.web.rules import Router, RuledRoute
from sayso.web.site import site_of

MOST = 200
"""Items of a page at most."""
HEADER = "idempotency-key"
REMEMBERED = datetime.timedelta(days=1)
"""For how long the answer to a write is kept for who asks again."""
PATIENCE = datetime.timedelta(minutes=2)
"""After so long a write that was begun and never answered may be tried anew: its process has ended."""

Limit = Annotated[int, Query(ge=1, le=MOST, description="Items of a page.")]
Cursor = Annotated[str | None, Query(max_length=400, description="Where the page begins: `next` of the one before.")]
Number = Annotated[int, Path(ge=1, le=2**53, description="The number of the thing.")]
Key = Annotated[str, Path(min_length=1, max_length=200, description="The id, or the beginning of it.")]


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A value as JSON, in the text's own letters."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    return Response(body, status, headers, "application/json")


def paged(items: Sequence[object], next: object | None) -> Response:
    """A page: its items, and the cursor of the next page (None where it is the last)."""
    return answer({"items": list(items), "next": None if next is None else pack(next)})


def pack(place: object) -> str:
    """A place in a list as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def unpack(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The place that a cursor says, as a list of values of ``kinds``; None without one. Raises a Problem (422)."""
    if cursor is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        right = isinstance(found, list) and len(found) == len(kinds)
        if right and all(
            isinstance(v, k) and (not isinstance(v, int) or abs(v) < 2**53) for v, k in zip(found, kinds, strict=True)
        ):
            return list(found)
    except (ValueError, binascii.Error, RecursionError):
        pass
    raise Problem(422, "cursor: this is none of ours", "take it from `next` of the page before")


def attempt(request: Request) -> str:
    """What names this attempt to write, for what is written to remember; empty where the request names none."""
    given = request.headers.get(HEADER)
    if not given:
        return ""
    who = request.state.who
    text = "\0".join((str(who.account), str(who.how), request.method, request.url.path, given))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class ApiRoute(RuledRoute):
    """A route whose writes can be repeated: with the header ``Idempotency-Key`` the second gets the first's answer."""

    async def around(self, request: Request, rest: Callable[[], Coroutine[Any, Any, Response]]) -> Response:
        key = attempt(request)
        if not key or request.method in SAFE:
            return await rest()
        if len(request.headers[HEADER]) > 200:
            raise Problem(422, "Idempotency-Key has more than 200 characters", "use a UUID")
        digest = hashlib.sha256(await request.body()).hexdigest()
        database = site_of(request).ledger.database
        known = await run_in_threadpool(_begin, database, key, digest)
        if known is not None:
            return known
        try:
            made = await rest()
        except BaseException:
            # Nothing was written: the same key may be used once what was wrong is mended.
            await run_in_threadpool(_forget, database, key)
            raise
        # A secret that is told once is not kept to be told again.
        body = None if made.headers.get("cache-control") == "no-store" else bytes(made.body).decode()
        await run_in_threadpool(_remember, database, key, made.status_code, body)
        return made


def _begin(database: Database, key: str, digest: str) -> Response | None:
    """The answer that the key has had; None where the write is to be done now."""
    now = datetime.datetime.now(datetime.UTC)

    def write(connection: sa.Connection) -> Any:
        connection.execute(sa.delete(answered).where(answered.c.at < moment(now - REMEMBERED)))
        row = connection.execute(sa.select(answered).where(answered.c.key == key)).one_or_none()
        if row is None:
            connection.execute(sa.insert(answered), {"key": key, "request": digest, "at": moment(now)})
        elif row.status is None and row.request == digest and row.at < moment(now - PATIENCE):
            connection.execute(sa.update(answered).where(answered.c.key == key).values(at=moment(now)))
            return None
        return row

    row = database.write(write)
    if row is None:
        return None
    if row.request != digest:
        raise Problem(422, "this Idempotency-Key was used for another request", "use a new one")
    if row.status is None:
        raise Problem(409, "this request is being worked on", "ask again", headers={"Retry-After": "5"})
    if row.body is None:
        raise Problem(409, "this was done already, and its answer held a secret that is told once", "make a new one")
    return Response(row.body, row.status, {"idempotency-replayed": "true"}, "application/json")


def _forget(database: Database, key: str) -> None:
    database.write(lambda c: c.execute(sa.delete(answered).where(answered.c.key == key)))


def _remember(database: Database, key: str, status: int, body: str | None) -> None:
    values = {"status": status, "body": body}
    database.write(lambda c: c.execute(sa.update(answered).where(answered.c.key == key).values(values)))


def api_router(tag: str) -> Router:
    """A router of the API; ``tag`` is the heading that its routes are described under."""
    return Router(api=True, route_class=ApiRoute, prefix="/api/v1", tags=[tag])
