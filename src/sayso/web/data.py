"""What pages and the API give to programs alike: a search as CSV, JSON Lines or Atom; a claim as linked data."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa
from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from lxml import etree

from sayso.ledger import Filter, Found, finding
from sayso.ledger.feeds import annotation, review, urn
from sayso.ledger.resolutions import Resolution, standing
from sayso.web.problems import Problem
from sayso.web.site import ledger_of

FileForm = Literal["csv", "jsonl", "atom"]
ANNOTATION = "http://www.w3.org/ns/anno.jsonld"
SCHEMA_ORG = "https://schema.org"
NEWEST = 100
"""Entries of a feed."""
_ATOM = "http://www.w3.org/2005/Atom"
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def file(request: Request, which: Filter, form: FileForm, *, limit: int = 10_000) -> Response:
    """A search as a file, streamed but for the feed."""
    if form == "atom":
        body = _feed(request, which)
        return Response(body, media_type=_TYPES[form])
    headers = {"content-disposition": f'attachment; filename="claims.{form}"', "x-robots-tag": "noindex"}
    rows = _lines(request, replace(which, limit=limit), form)
    # The first piece is made before the answer begins, so that what cannot be is still told as a problem.
    first = next(rows, "")
    return StreamingResponse(_rest(first, rows), 200, headers, _TYPES[form])


def _rest(first: str, rows: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rows


def _lines(request: Request, which: Filter, form: FileForm) -> Iterator[str]:
    """The lines of a file, some at a time."""
    from sayso.export import write
    from sayso.export.selection import Selection

    some: list[Found] = []
    head = True

    def text(found: Iterable[Found]) -> str:
        nonlocal head
        out = io.StringIO(newline="")
        write(
            (Selection(one.claim.thread, [one.claim]) for one in found), out, format="csv" if form == "csv" else "jsonl"
        )
        made = out.getvalue()
        if form == "csv" and not head:
            made = made.partition("\r\n")[2]
        head = False
        return made.encode("utf-8", "replace").decode()

    for one in ledger_of(request).find(which):
        some.append(one)
        if len(some) == 500:
            yield text(some)
            some = []
    if some or head:
        yield text(some)


def _feed(request: Request, which: Filter) -> bytes:
    """The newest claims of a search as Atom (RFC 4287)."""
    base = str(request.base_url).rstrip("/")
    found = list(ledger_of(request).find(replace(which, limit=NEWEST)))
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item]
    here = str(request.url)
    _child(feed, "id", here)
    _child(feed, "title", "Sayso: claims" + (f" with {which.text}" if which.text else ""))
    _child(feed, "link", rel="self", href=here)
    _child(feed, "updated", max((_moment(one) for one in found), default="1970-01-01T00:00:00Z"))
    for one in found:
        claim = one.claim
        entry = etree.SubElement(feed, f"{{{_ATOM}}}entry")
        _child(entry, "id", urn(claim))
        words = " ".join(claim.content.text.split())
        _child(entry, "title", f"{claim.holder.name}: {words if len(words) <= 120 else words[:119] + '…'}")
        _child(entry, "link", rel="alternate", href=f"{base}/claims/{claim.id}")
        if claim.thread.url and urlsplit(claim.thread.url).scheme in ("http", "https"):
            _child(entry, "link", rel="via", href=claim.thread.url)
        _child(entry, "updated", _moment(one))
        author = etree.SubElement(entry, f"{{{_ATOM}}}author")
        _child(author, "name", claim.holder.name)
        _child(entry, "category", term=claim.kind)
        _child(entry, "summary", claim.content.text)
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="utf-8"))


def _child(parent: Any, name: str, text: str | None = None, **attributes: str) -> None:
    made = etree.SubElement(parent, f"{{{_ATOM}}}{name}", {k: _clean(v) for k, v in attributes.items()})
    if text is not None:
        made.text = _clean(text)


def _clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _UNPRINTABLE.sub("\ufffd", text)


def _moment(one: Found) -> str:
    said = one.claim.post.posted or one.claim.thread.published or "1970-01-01"
    try:
        at = datetime.datetime.fromisoformat(said)
    except ValueError:
        return "1970-01-01T00:00:00Z"
    return (at if at.tzinfo else at.replace(tzinfo=datetime.UTC)).isoformat(timespec="seconds")


def negotiated(request: Request, key: str) -> Response | None:
    """A claim in the form that the request's ``Accept`` asks for; None where that is the page's own, or plain JSON.

    ``application/ld+json`` is a Web Annotation, with the profile ``https://schema.org`` a ClaimReview.
    """
    wanted = _wanted(request.headers.get("accept", ""))
    if wanted is None:
        return None

    def read(connection: sa.Connection) -> dict[str, Any]:
        found = finding.by_key(connection, key)
        return annotation(found.claim) if wanted == "annotation" else _review(connection, found)

    value = ledger_of(request).database.read(read)
    profile = ANNOTATION if wanted == "annotation" else SCHEMA_ORG
    return JSONResponse(value, 200, {"vary": "Accept"}, f'application/ld+json; profile="{profile}"')


def _wanted(accept: str) -> Literal["annotation", "review"] | None:
    """Whether linked data is what is asked for most."""
    best, chosen = 0.0, None
    for part in accept.lower().split(","):
        kind, _, rest = part.strip().partition(";")
        weight = re.search(r"\bq=([0-9.]{1,5})", rest)
        try:
            q = float(weight[1]) if weight else 1.0
        except ValueError:
            q = 0.0
        if q > best:
            best, chosen = q, (kind.strip(), rest)
    if chosen is None or chosen[0] != "application/ld+json":
        return None
    return "review" if "schema.org" in chosen[1] else "annotation"


def _review(connection: sa.Connection, found: Found) -> dict[str, Any]:
    settled = standing(connection, found.root, found.claim.kind)
    if settled is None or found.claim.forecast is None:
        raise Problem(404, f"{found.claim.id}: nobody has resolved it, so that there is nothing to review")
    return {"@context": SCHEMA_ORG} | review(found.claim, settled)


def claim_review(found: Found, settled: Resolution | None) -> dict[str, Any] | None:
    """The ClaimReview that a claim's page embeds with ``|ld``; None while it is not resolved."""
    if settled is None or found.claim.forecast is None:
        return None
    return {"@context": SCHEMA_ORG} | review(found.claim, settled)
