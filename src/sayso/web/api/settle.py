"""Forecasts over HTTP: what has come due, how it came out, questions."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query, Request, Response

from sayso.ledger import Question, browse
from sayso.ledger.resolutions import to_json
from sayso.web import actions
from sayso.web.api.claims import shown
from sayso.web.api.shapes import GivenAnswers, GivenQuestion, GivenResolution, gives
from sayso.web.api.tools import Cursor, Key, Limit, answer, api_router, attempt, paged, unpack
from sayso.web.rules import rule
from sayso.web.site import ledger_of, site_of
from sayso.web.who import Me

router = api_router("Forecasts")
_SPAN = Annotated[int, Query(ge=0, le=36_500, description="Those instead that come due within so many days.")]


@router.get("/due", responses=gives("Forecasts, the last come due first.", ref="Claim", many=True))
@rule("reader", public=True)
def due(
    request: Request,
    on: Annotated[datetime.date | None, Query(description="Due by that day. Default: today.")] = None,
    soon: _SPAN = 0,
    order: Annotated[str, Query(pattern="^(day|quoted)$", description="By day, or the most quoted first.")] = "day",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Open forecasts that have come due."""
    place = unpack(cursor, int)
    start = place[0] if place else 0
    day = on or datetime.date.today()
    if day.year > 9_000:
        day = datetime.date(9_000, 1, 1)  # the days to come are counted from it

    def read(connection: sa.Connection) -> list[Any]:
        found = browse.due(
            connection, on=day, soon=soon, most_quoted=order == "quoted", limit=limit + 1, offset=start
        )  # fmt: skip
        return shown(connection, found)

    items = ledger_of(request).database.read(read)
    return paged(items[:limit], [start + limit] if len(items) > limit else None)


@router.get("/claims/{key}/resolutions", responses=gives("Resolutions, the oldest first.", ref="Resolution", many=True, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("reader", public=True)
def history(request: Request, key: Key) -> Response:
    """How a claim was resolved; the last stands."""
    return paged([to_json(each) for each in ledger_of(request).history(f"claim:{key}")], None)


@router.post("/claims/{key}/resolutions", status_code=201, responses=gives("The resolution.", ref="Resolution", status=201, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("editor")
def resolve(request: Request, me: Me, key: Key, given: GivenResolution) -> Response:
    """Say how a forecast came out. Added to what was said before; the last stands."""
    return _resolve(request, me, f"claim:{key}", given)


def _resolve(request: Request, me: Me, target: str, given: GivenResolution) -> Response:
    made = actions.resolve(
        site_of(request),
        me,
        target,
        given.value,
        evidence=given.evidence,
        note=given.note,
        on=given.on.isoformat() if given.on else None,
        key=attempt(request),
    )
    return answer(to_json(made), 201)


@router.get("/questions", responses=gives("Questions, the earliest deadline first.", many=True))
@rule("reader", public=True)
def questions(
    request: Request,
    topic: Annotated[str | None, Query(max_length=200)] = None,
    open: bool = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Questions that forecasts hang on."""
    place = unpack(cursor, int)
    start = place[0] if place else 0
    found = ledger_of(request).questions(topic=topic, only_open=open)
    next = [start + limit] if len(found) > start + limit else None
    return paged([_question(each) for each in found[start : start + limit]], next)


def _question(found: Question) -> dict[str, Any]:
    value = asdict(found)
    del value["row"]
    return value


@router.post("/questions", status_code=201, responses=gives("The question.", status=201))
@rule("editor")
def ask(request: Request, me: Me, given: GivenQuestion) -> Response:
    """Put a question."""
    made = actions.ask(
        site_of(request),
        me,
        given.text,
        criteria=given.criteria,
        deadline=given.deadline.isoformat() if given.deadline else None,
        topic=given.topic,
        id=given.id,
    )
    return answer(_question(made), 201)


@router.get("/questions/{key}", responses=gives("The question, and the claims that hang on it.", errors=(404,)))
@rule("reader", public=True)
def question(request: Request, key: Key) -> Response:
    """One question with its forecasts and which side each is on."""
    ledger = ledger_of(request)
    found = ledger.question(key)
    claims = [{"claim": claim, "side": side} for claim, side in ledger.claims_on(key)]
    return answer(_question(found) | {"claims": claims})


@router.post("/questions/{key}/claims", status_code=201, responses=gives("The ids of the claims.", status=201, errors=(404, 409)))  # fmt: skip  # noqa: E501
@rule("editor")
def attach(request: Request, me: Me, key: Key, given: GivenAnswers) -> Response:
    """Hang forecasts on a question; one that hangs on another is moved."""
    return answer({"claims": actions.attach(site_of(request), me, key, given.claims, side=given.side)}, 201)


@router.delete("/questions/{key}/claims/{claim}", responses=gives("The id of the claim.", errors=(404, 422)))
@rule("editor")
def detach(request: Request, me: Me, key: Key, claim: Key) -> Response:
    """Take a forecast off a question; what was said of it alone stays."""
    return answer({"claims": actions.detach(site_of(request), me, key, [claim])})


@router.get("/questions/{key}/resolutions", responses=gives("Resolutions, the oldest first.", ref="Resolution", many=True, errors=(404,)))  # fmt: skip  # noqa: E501
@rule("reader", public=True)
def question_history(request: Request, key: Key) -> Response:
    """How a question was resolved; the last stands."""
    return paged([to_json(each) for each in ledger_of(request).history(f"question:{key}")], None)


@router.post("/questions/{key}/resolutions", status_code=201, responses=gives("The resolution.", ref="Resolution", status=201, errors=(404,)))  # fmt: skip  # noqa: E501
@rule("editor")
def resolve_question(request: Request, me: Me, key: Key, given: GivenResolution) -> Response:
    """Settle all forecasts that hang on a question at once."""
    return _resolve(request, me, f"question:{key}", given)
