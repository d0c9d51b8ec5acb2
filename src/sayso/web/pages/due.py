"""The queue of forecasts that have come due, and settling them one by one or by their question."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Annotated

from fastapi import Form, Query, Request, Response

from sayso.errors import FieldError
from sayso.ledger import Question, browse
from sayso.web import actions
from sayso.web import board as memory
from sayso.web.kept import rests_on
from sayso.web.pages.articles import detail
from sayso.web.pages.claims import context_of, opened
from sayso.web.pages.shown import Shown, shown
from sayso.web.pages.words import address, claim_path, outcome_word, question_path
from sayso.web.render import page, redirect
from sayso.web.rules import Router, rule
from sayso.web.site import ledger_of, site_of
from sayso.web.who import Me

router = Router()
PAGE = 30
SOON = (7, 30, 90, 365)

ANSWERS = {
    "prediction": (("true", "It came true", "1"), ("false", "It did not", "2")),
    "pledge": (("kept", "It was kept", "1"), ("broken", "It was broken", "2")),
    "question": (("true", "Yes", "1"), ("false", "No", "2")),
}
REST = (("void", "Void: the condition never came about", "3"), ("unresolvable", "Not resolvable", "n"))


@router.get("/due")
@rule("reader", public=True)
def due(
    request: Request,
    me: Me,
    soon: Annotated[int, Query(ge=0, le=3_650)] = 0,
    sort: str = "",
    at: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Response:
    """Forecasts that have come due and that nobody has settled; with ``soon`` those that will in so many days."""
    ledger, today = ledger_of(request), datetime.date.today()
    quoted = sort == "quoted"
    with ledger.database.connect() as connection:
        found = browse.due(connection, on=today, soon=soon, most_quoted=quoted, limit=PAGE + 1, offset=at)
        listed = shown(connection, found[:PAGE], today=today)
    number = memory.count_due(site_of(request), today)
    rest = memory.due_of(found, today, soon=soon, whole=quoted or len(found) <= PAGE)
    rests_on(request, dataclasses.replace(rest, results=(number.still,)))
    query = {"soon": soon or None, "sort": "quoted" if quoted else None}
    return page(
        request,
        "due.html",
        title="Due" if not soon else f"Due in {soon} days",
        groups=_by_question(listed),
        number=number.value,
        soon=soon,
        soons=SOON,
        quoted=quoted,
        questions=ledger.questions(only_open=True)[:200] if me.may("editor") else [],
        days={one.key: _late(one, today) for one in listed},
        first=address("/due", query, at=max(0, at - PAGE) or None) if at else None,
        next=address("/due", query, at=at + PAGE) if len(found) > PAGE else None,
    )


def _late(one: Shown, today: datetime.date) -> str:
    """How long ago or in how many days a forecast comes due."""
    if one.found.due_on is None:
        return ""
    days = (today - datetime.date.fromisoformat(one.found.due_on)).days
    number, unit = (abs(days), "day") if abs(days) < 60 else (abs(days) // 30, "month")
    if number > 23 and unit == "month":
        number, unit = number // 12, "year"
    words = f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{words} ago" if days > 0 else f"in {words}" if days < 0 else "today"


def _by_question(listed: list[Shown]) -> list[tuple[tuple[str, str, str] | None, list[Shown]]]:
    """The forecasts in order, those on one question together where the first of them stands."""
    groups: dict[str, list[Shown]] = {}
    for one in listed:
        groups.setdefault(f"question {one.question[0]}" if one.question else f"claim {one.key}", []).append(one)
    return [(group[0].question, group) for group in groups.values()]


@router.get("/claims/{key:path}/resolve")
@rule("editor")
def resolving(request: Request, key: str, last: str = "", queue: bool = False) -> Response:
    """A forecast beside what settles it: quote in context, condition and deadline; criteria, evidence and answers."""
    ledger = ledger_of(request)
    one = opened(request, key)
    if not one.is_forecast:
        raise FieldError(one.key, f"a {one.kind} is no forecast", "only predictions and pledges come true or not")
    asked = ledger.question(one.question[0]) if one.question else None
    return page(
        request,
        "resolve.html",
        title=f"Resolve: {one.claim.content.text[:80]}",
        s=one,
        detail=detail(request, one),
        context=context_of(one),
        asked=asked,
        beside=[s for s in _on_question(request, asked) if s.key != one.key] if asked else [],
        answers=ANSWERS[one.kind],
        rest=REST,
        history=ledger.history(f"claim:{one.key}"),
        last=_last(request, last),
        queue=queue,
        today=datetime.date.today().isoformat(),
    )


def _last(request: Request, target: str) -> tuple[str, str] | None:
    """What was resolved just before, and the answer that stands: for the line that takes it back."""
    if not target:
        return None
    history = ledger_of(request).history(target)
    return (target, history[-1].value) if history and history[-1].value != "open" else None


def _on_question(request: Request, asked: Question) -> list[Shown]:
    """The forecasts that hang on a question."""
    from sayso.ledger import Filter, finding

    with ledger_of(request).database.connect() as connection:
        return shown(connection, list(finding.find(connection, Filter(question=asked.id, limit=200))))


Words = Annotated[str, Form(max_length=5_000)]


@router.post("/resolutions")
@rule("editor")
def resolve(
    request: Request,
    me: Me,
    target: Annotated[str, Form(max_length=300)] = "",
    value: Annotated[str, Form(max_length=20)] = "",
    evidence: Words = "",
    note: Words = "",
    on: Annotated[str, Form(max_length=10)] = "",
    queue: Annotated[bool, Form()] = False,
) -> Response:
    """Add an answer to the history of a claim (``claim:ID``) or a question (``question:ID``)."""
    done = actions.resolve(site_of(request), me, target, value, evidence=evidence.split(), note=note.strip(), on=on)
    kind, _, key = done.target.partition(":")
    back = question_path(key) if kind == "question" else claim_path(key)
    if value == "open":
        return redirect(back, "It is open again.")
    said = f"Kept: {outcome_word(done.value)}."
    if not queue:
        return redirect(back, said)
    with ledger_of(request).database.connect() as connection:
        following = browse.due(connection, on=datetime.date.today(), limit=1)
    if not following:
        return redirect("/due", f"{said} Nothing else has come due.")
    return redirect(address(claim_path(following[0].claim.id, "resolve"), {"queue": 1, "last": done.target}), said)


@router.get("/questions")
@rule("reader", public=True)
def questions(request: Request, me: Me, topic: str = "") -> Response:
    """All questions, the open ones first."""
    found = ledger_of(request).questions(topic=topic or None)
    with ledger_of(request).database.connect() as connection:
        topics = browse.topics(connection)
    return page(
        request,
        "questions.html",
        title="Questions",
        open=[q for q in found if q.value is None],
        settled=[q for q in found if q.value is not None],
        topics=topics,
        topic=topic,
    )


@router.post("/questions")
@rule("editor")
def ask(
    request: Request,
    me: Me,
    text: Annotated[str, Form(max_length=1_000)] = "",
    criteria: Words = "",
    deadline: Annotated[str, Form(max_length=10)] = "",
    topic: Annotated[str, Form(max_length=200)] = "",
    question: Annotated[str, Form(max_length=200)] = "",
    claim: Annotated[list[str] | None, Form()] = None,
    side: Annotated[str, Form(max_length=10)] = "asserted",
) -> Response:
    """Put a question, or take one that is there (``question``), and hang the chosen forecasts on it.

    With ``none`` for their side they are taken off it.
    """
    site = site_of(request)
    if question and side == "none":
        actions.detach(site, me, question, claim or [])
        return redirect(question_path(question), "It no longer hangs on this question.")
    if not question:
        if not text.strip():
            raise FieldError("question", "it has no words", "write what is asked, or choose a question")
        made = actions.ask(
            site, me, text.strip(), criteria=criteria.strip(), deadline=deadline, topic=" ".join(topic.split())
        )
        question = made.id
    done = actions.attach(site, me, question, claim or [], side="denied" if side == "denied" else "asserted")
    said = (
        f"{len(done)} {'forecast hangs' if len(done) == 1 else 'forecasts hang'} on it."
        if done
        else "The question is put."
    )
    return redirect(question_path(question), said)


@router.get("/questions/{key:path}")
@rule("reader", public=True)
def question(request: Request, me: Me, key: str) -> Response:
    """A question, all forecasts that hang on it, and its answers."""
    ledger = ledger_of(request)
    asked = ledger.question(key)
    return page(
        request,
        "question.html",
        title=asked.text[:120],
        asked=asked,
        found=_on_question(request, asked),
        answers=ANSWERS["question"],
        rest=REST,
        history=ledger.history(f"question:{asked.id}"),
        today=datetime.date.today().isoformat(),
    )
