"""Claims over HTTP: found, looked at, corrected."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import Depends, Query, Request, Response

from sayso.export.jsonl import claim_to_json
from sayso.ledger import Correction, Filter, Found, browse, corrections, finding, paging
from sayso.ledger.changes import Sought
from sayso.ledger.facets import facets_of
from sayso.ledger.paging import Place
from sayso.ledger.resolutions import Resolution, to_json
from sayso.web import actions, data
from sayso.web.api.shapes import GivenClaim, GivenEdit, GivenJoin, GivenParts, Kind, gives
from sayso.web.api.tools import Cursor, Key, Limit, Number, answer, api_router, attempt, paged, unpack
from sayso.web.kept import rests_on
from sayso.web.rules import rule
from sayso.web.site import ledger_of, site_of
from sayso.web.watch import Basis
from sayso.web.who import Me

router = api_router("Claims")


def which(
    holder: Annotated[str | None, Query(max_length=500, description="Whose claim: a name, #number, Q7747.")] = None,
    via: Annotated[str | None, Query(max_length=500, description="Through whom it came.")] = None,
    kind: Annotated[list[Kind], Query(description="May be given more than once.")] = [],  # noqa: B006  FastAPI copies it
    site: Annotated[str | None, Query(max_length=500, description="The name of a site or its host.")] = None,
    since: Annotated[datetime.date | None, Query(description="Said on that day or later.")] = None,
    until: Annotated[datetime.date | None, Query(description="Said on that day or earlier.")] = None,
    due_before: Annotated[datetime.date | None, Query(description="Forecasts that end before that day.")] = None,
    state: Annotated[Literal["open", "due", "resolved"] | None, Query(description="How far a forecast is.")] = None,
    text: Annotated[str | None, Query(max_length=500, description='Words, "a phrase", begin*, -not, A OR B.')] = None,
    question: Annotated[str | None, Query(max_length=200, description="Forecasts on that question.")] = None,
    article: Annotated[int | None, Query(ge=1, le=2**53, description="The number of an article.")] = None,
) -> Filter:
    """The search that a request's query says."""
    return Filter(
        holder=holder,
        via=via,
        kind=kind,
        site=site,
        since=since.isoformat() if since else None,
        until=until.isoformat() if until else None,
        due_before=(due_before or datetime.date.today()).isoformat() if due_before or state == "due" else None,
        open=state in ("open", "due"),
        resolved=state == "resolved",
        text=text or None,
        question=question,
        article=article,
    )


Which = Annotated[Filter, Depends(which)]


def shown(connection: sa.Connection, found: Iterable[Found], *, today: datetime.date | None = None) -> list[Any]:
    """Claims as JSON, each with what the ledger knows of it: its article, when it is due, how it came out."""
    some = list(found)
    articles = browse.article_of(connection, [one.row for one in some])
    standing = browse.standings(connection, {one.root: one.claim.kind for one in some if one.claim.forecast})
    people = browse.chains(connection, [one.row for one in some])
    made = []
    for one in some:
        known = standing.get(one.root)
        kept = {
            "article": articles[one.row],
            "people": people.get(one.row, [one.person]),
            "due": one.due_on,
            "resolution": None if known is None else _resolution(known),
        }
        made.append(claim_to_json(one.claim) | {"kept": kept})
    return made


def _resolution(known: Resolution) -> dict[str, Any]:
    value = to_json(known)
    del value["stands"]
    return value


@router.get("/claims", responses=gives("Claims, the newest said first; of a search for words the best.", ref="Claim", many=True, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("reader", public=True)
def find(request: Request, which: Which, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Search claims; all conditions given must hold."""
    place = unpack(cursor, (str, type(None)), int, int)  # type: ignore[arg-type]

    def read(connection: sa.Connection) -> tuple[list[Any], Place | None]:
        found, next = paging.page(connection, which, size=limit, at=Place(*place) if place else None)
        return shown(connection, found), next

    sought = Sought.of(which)
    rests_on(request, None if sought is None else Basis(sought=(sought,)))
    items, next = ledger_of(request).database.read(read)
    return paged(items, None if next is None else [next.said_on, next.row, next.after])


@router.get("/claims/facets", responses=gives("What the claims that a search finds have in common.", errors=(404, 409)))
@rule("reader", public=True)
def facets(request: Request, which: Which) -> Response:
    """The facets of a search, counted over the first two thousand claims, five hundred where it has words."""
    today = datetime.date.today()
    return answer(asdict(ledger_of(request).database.read(lambda c: facets_of(c, which, today=today))[0]))


@router.get("/claims.{form}", responses={200: {"description": "The same search as a file.", "content": {"text/csv": {}, "application/jsonl": {}, "application/atom+xml": {}}}})  # fmt: skip  # noqa: E501
@rule("reader", public=True)
def file(request: Request, which: Which, form: data.FileForm, limit: Annotated[int, Query(ge=1, le=100_000)] = 10_000) -> Response:  # fmt: skip  # noqa: E501
    """The claims that a search finds, as CSV, as JSON Lines or as an Atom feed of the newest hundred."""
    return data.file(request, which, form, limit=limit)


@router.get("/claims/{key}", responses=gives("The claim; by `Accept` also as Web Annotation or ClaimReview.", ref="Claim", errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("reader", public=True)
def one(request: Request, key: Key) -> Response:
    """One claim. `Accept: application/ld+json` gives a W3C Web Annotation; with the profile `https://schema.org` a
    ClaimReview, once the claim is resolved.
    """
    other = data.negotiated(request, key)
    if other is not None:
        return other

    def read(connection: sa.Connection) -> Any:
        return shown(connection, [finding.by_key(connection, key)])[0]

    made = ledger_of(request).database.read(read)
    rests_on(request, Basis(threads=frozenset((made["kept"]["article"],))) if made["id"] == key else None)
    return answer(made, headers={"vary": "Accept"})


@router.post("/claims", status_code=201, responses=gives("The correction that added it.", ref="Correction", status=201, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("editor")
def add(request: Request, me: Me, given: GivenClaim) -> Response:
    """Add a claim that was missed."""
    edit, key = given.edit(), attempt(request)
    made = actions.add_claim(site_of(request), me, given.article, given.kind, edit, post=given.post, key=key)
    return corrected(made)


@router.patch("/claims/{key}", responses=gives("The correction.", ref="Correction", errors=(404, 409)))
@rule("editor")
def change(request: Request, me: Me, key: Key, given: GivenEdit) -> Response:
    """Correct a claim: holder, kind, words, dates, odds."""
    return corrected(actions.correct_claim(site_of(request), me, key, given.edit(), key=attempt(request)), 200)


@router.delete("/claims/{key}", responses=gives("The correction.", ref="Correction", errors=(404, 409)))
@rule("editor")
def delete(request: Request, me: Me, key: Key) -> Response:
    """Say that this is no claim."""
    return corrected(actions.delete_claim(site_of(request), me, key, key=attempt(request)), 200)


@router.post("/claims/{key}/split", status_code=201, responses=gives("The correction.", ref="Correction", status=201, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("editor")
def split(request: Request, me: Me, key: Key, given: GivenParts) -> Response:
    """Make several claims of one."""
    return corrected(actions.split_claim(site_of(request), me, key, given.parts, key=attempt(request)))


@router.post("/claims/join", status_code=201, responses=gives("The correction.", ref="Correction", status=201, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("editor")
def join(request: Request, me: Me, given: GivenJoin) -> Response:
    """Make one claim of several."""
    return corrected(actions.join_claims(site_of(request), me, given.claims, key=attempt(request)))


@router.get("/claims/{key}/corrections", responses=gives("Corrections, the oldest first.", ref="Correction", many=True))
@rule("reader")
def history(request: Request, key: Key) -> Response:
    """What people have changed of a claim, also of one that was taken away."""
    found = ledger_of(request).database.read(lambda c: corrections.history(c, key))
    return paged([corrections.to_json(each) for each in found], None)


@router.get("/corrections", responses=gives("Corrections, the oldest first.", ref="Correction", many=True))
@rule("reader")
def all_corrections(request: Request, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """All corrections, by whom and when."""
    place = unpack(cursor, int)

    def read(connection: sa.Connection) -> list[Correction]:
        return list(corrections.listing(connection, after=place[0] if place else 0, limit=limit + 1))

    found = ledger_of(request).database.read(read)
    next = [found[limit - 1].id] if len(found) > limit else None
    return paged([corrections.to_json(each) for each in found[:limit]], next)


@router.post("/corrections/{number}/undo", status_code=201, responses=gives("The correction that takes it back.", ref="Correction", status=201, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("editor")
def undo(request: Request, me: Me, number: Number) -> Response:
    """Take a correction back."""
    return corrected(actions.undo_correction(site_of(request), me, number, key=attempt(request)))


def corrected(made: Correction, status: int = 201) -> Response:
    """A correction as an answer."""
    return answer(corrections.to_json(made), status)
