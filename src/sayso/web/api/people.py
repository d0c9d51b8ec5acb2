"""People over HTTP: who they are, how right they were, who may be one person."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from sayso.web import actions, board
from sayso.web.api.shapes import GivenLink, GivenName, GivenPair, GivenSplit, gives
from sayso.web.api.tools import Cursor, Limit, Number, answer, api_router, paged, unpack
from sayso.web.kept import rests_on
from sayso.web.rules import rule
from sayso.web.site import ledger_of, site_of
from sayso.web.watch import Basis
from sayso.web.who import Me

router = api_router("People")
Day = Annotated[datetime.date | None, Query()]
Forecast = Annotated[Literal["prediction", "pledge"] | None, Query()]
Topic = Annotated[str | None, Query(max_length=200)]


def scope(kind: str | None, since: datetime.date | None, until: datetime.date | None, topic: str | None) -> board.Scope:
    """Which forecasts count."""
    return board.Scope(
        kind=kind,
        since=since.isoformat() if since else None,
        until=until.isoformat() if until else None,
        topic=topic,
    )


@router.get("/people", responses=gives("People, those with most claims first.", many=True))
@rule("reader", public=True)
def people(
    request: Request,
    q: Annotated[str | None, Query(max_length=200, description="Part of a name.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Find people by name."""
    place = unpack(cursor, int)
    start = place[0] if place else 0
    counted = board.people(site_of(request), text=q, limit=start + limit + 1)
    rests_on(request, Basis(results=(counted.still,)))
    found = counted.value
    next = [start + limit] if len(found) > start + limit else None
    rows = found[start : start + limit]
    return paged([{"id": number, "name": name, "claims": claims} for number, name, claims in rows], next)


@router.get("/people/suggestions", responses=gives("Pairs, those with nothing against them first.", many=True))
@rule("reader")
def suggestions(request: Request, limit: Limit = 50) -> Response:
    """Who may be one person, with reasons; merge them or say that they differ."""
    return paged([asdict(each) for each in ledger_of(request).suggestions(limit=limit)], None)


@router.post("/people/merge", status_code=201, responses=gives("The step.", ref="Done", status=201, errors=(404, 409)))
@rule("editor")
def merge(request: Request, me: Me, given: GivenPair) -> Response:
    """Make two people one; the first keeps its name."""
    return answer({"step": actions.merge(site_of(request), me, given.person, given.other)}, 201)


@router.post("/people/different", status_code=201, responses=gives("The step.", ref="Done", status=201, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("editor")
def different(request: Request, me: Me, given: GivenPair) -> Response:
    """Say that two people are not one, so that it is not suggested again."""
    return answer({"step": actions.different(site_of(request), me, given.person, given.other)}, 201)


@router.get("/people/steps", responses=gives("Steps, the newest first.", many=True))
@rule("reader")
def steps(request: Request, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """What was done to people, by whom and when."""
    place = unpack(cursor, int)
    start = place[0] if place else 0
    found = list(reversed(ledger_of(request).people_history()))
    next = [start + limit] if len(found) > start + limit else None
    return paged([asdict(each) for each in found[start : start + limit]], next)


@router.post("/people/steps/{number}/undo", status_code=201, responses=gives("The step.", ref="Done", status=201, errors=(404,)))  # fmt: skip  # noqa: E501
@rule("editor")
def undo(request: Request, me: Me, number: Number) -> Response:
    """Take a step back."""
    return answer({"step": actions.undo_step(site_of(request), me, number)}, 201)


@router.get("/people/{number}", responses=gives("The person.", errors=(404,)))
@rule("reader", public=True)
def person(request: Request, number: Number) -> Response:
    """A person: names, ids elsewhere, who reports them."""
    ledger = ledger_of(request)
    found = ledger.person(f"#{number}")
    through = board.reporters(site_of(request), number)
    rests_on(request, Basis(people=frozenset((number,)), results=(through.still,)))
    value: dict[str, Any] = asdict(found)
    value["names"] = [{"name": name, "scope": where} for name, where in found.names]
    value["links"] = [{"system": system, "value": text} for system, text in found.links]
    value["reported_by"] = [{"id": who, "name": name, "claims": count} for who, name, count in through.value]
    return answer(value)


@router.get("/people/{number}/record", responses=gives("The record.", errors=(404,)))
@rule("reader", public=True)
def record(
    request: Request, number: Number, kind: Forecast = None, since: Day = None, until: Day = None, topic: Topic = None
) -> Response:
    """How a person's forecasts came out, and what the figures rest on."""
    found = board.record(site_of(request), number, scope(kind, since, until, topic))
    rests_on(request, Basis(results=(found.still,)))
    return answer(found.value.to_json())


@router.post("/people/{number}/names", status_code=201, responses=gives("The step.", ref="Done", status=201, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("editor")
def alias(request: Request, me: Me, number: Number, given: GivenName) -> Response:
    """Give a person another name."""
    return answer({"step": actions.alias(site_of(request), me, f"#{number}", given.name)}, 201)


@router.post("/people/{number}/links", status_code=201, responses=gives("The step.", ref="Done", status=201, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("editor")
def link(request: Request, me: Me, number: Number, given: GivenLink) -> Response:
    """Say who a person is elsewhere."""
    return answer({"step": actions.link(site_of(request), me, f"#{number}", given.value)}, 201)


@router.post("/people/{number}/split", status_code=201, responses=gives("The new person.", status=201, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("editor")
def split(request: Request, me: Me, number: Number, given: GivenSplit) -> Response:
    """Make one person two, by a name or by a thread."""
    made = actions.split_person(site_of(request), me, f"#{number}", name=given.name, thread=given.thread)
    return answer({"id": made}, 201)


@router.get("/board", responses=gives("Records, the best first.", many=True))
@rule("reader", public=True)
def scores(
    request: Request,
    kind: Forecast = None,
    since: Day = None,
    until: Day = None,
    topic: Topic = None,
    fewest: Annotated[int, Query(ge=1, le=10_000, description="Resolved forecasts at least.")] = 3,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The board: who has been how right, by the lower end of the interval of skill."""
    place = unpack(cursor, int)
    start = place[0] if place else 0
    made = board.scores(site_of(request), scope(kind, since, until, topic), fewest=fewest)
    rests_on(request, Basis(results=(made.still,)))
    found = made.value
    next = [start + limit] if len(found) > start + limit else None
    return paged([each.to_json() for each in found[start : start + limit]], next)
