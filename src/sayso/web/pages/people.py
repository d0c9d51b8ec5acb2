"""People: a record and what it rests on, who reports them, their names, and who may be one person."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Query, Request, Response

from sayso.errors import FieldError
from sayso.ledger import Filter, Ledger, finding
from sayso.ledger.people import Event
from sayso.ledger.records import FEWEST, Record
from sayso.ledger.suggestions import Suggestion
from sayso.web import actions
from sayso.web import board as memory
from sayso.web.kept import rests_on
from sayso.web.pages.shown import Shown, shown
from sayso.web.pages.words import address, outcome_word, person_path
from sayso.web.plots import DayScale, Foretold, Scale, calibration_plot, skill_axis, skill_strip, time_axis, time_strip
from sayso.web.render import page, redirect
from sayso.web.rules import Router, rule
from sayso.web.site import ledger_of, site_of
from sayso.web.watch import Basis
from sayso.web.who import Me

router = Router()
PAGE = 60
LINES = 40
"""Forecasts on the time line of a record."""


@router.get("/people")
@rule("reader", public=True)
def people(
    request: Request, me: Me, text: Annotated[str, Query(max_length=200)] = "", at: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """Everybody who holds a claim, those with most first."""
    limit = min(at, 5_000) + PAGE + 1
    counted = memory.people(site_of(request), text=text or None, limit=limit)
    found = [each for each in counted.value[at:] if each[2] or text]
    suggested = _suggestions(request)
    rests_on(request, Basis(results=(counted.still, suggested.still)))
    return page(
        request,
        "people.html",
        title="People" + (f": {text}" if text else ""),
        text=text,
        found=found[:PAGE],
        most=max((each[2] for each in found), default=0),
        suggestions=len(suggested.value),
        first=address("/people", {"text": text}, at=max(0, at - PAGE) or None) if at else None,
        next=address("/people", {"text": text}, at=at + PAGE) if len(found) > PAGE else None,
    )


def _suggestions(request: Request) -> memory.Result[list[Suggestion]]:
    return site_of(request).memory.get(
        site_of(request), "suggestions", lambda: ledger_of(request).suggestions(limit=500)
    )


@dataclass(slots=True)
class Line:
    """A forecast on the time line."""

    shown: Shown
    drawing: str


@router.get("/people/suggestions")
@rule("reader", public=True)
def suggestions(request: Request, me: Me, at: Annotated[int, Query(ge=0)] = 0) -> Response:
    """Who may be one person: to accept or to refuse."""
    found = _suggestions(request).value
    return page(
        request,
        "suggestions.html",
        title="Who may be one person",
        found=found[at : at + PAGE],
        number=len(found),
        steps=[each for each in reversed(ledger_of(request).people_history()) if each.action != "undo"][:20],
        name_of=lambda number: _name(request, number),
        first=address("/people/suggestions", {}, at=max(0, at - PAGE) or None) if at else None,
        next=address("/people/suggestions", {}, at=at + PAGE) if len(found) > at + PAGE else None,
    )


def _name(request: Request, number: int | None) -> str:
    if number is None:
        return ""
    try:
        return ledger_of(request).person(f"#{number}").name
    except (FieldError, LookupError):
        return f"#{number}"


@dataclass(frozen=True, slots=True)
class _Said:
    """What a person's page shows of claims."""

    lines: list[Shown]
    rest: list[Shown]


def _said(ledger: Ledger, number: int, today: datetime.date) -> _Said:
    who = f"#{number}"
    with ledger.database.connect() as connection:
        forecasts = finding.find(connection, Filter(holder=who, kind=("prediction", "pledge"), limit=LINES))
        others = finding.find(connection, Filter(holder=who, kind=("demand", "judgment", "fact", "other"), limit=6))
        return _Said(
            shown(connection, list(forecasts), today=today),
            shown(connection, list(others), today=today),
        )


@router.get("/people/{number}")
@rule("reader", public=True)
def person(request: Request, me: Me, number: int) -> Response:
    """A person's record: what it rests on, calibration, forecasts from said to due to outcome, who reports them."""
    ledger, today, who = ledger_of(request), datetime.date.today(), f"#{number}"
    found = ledger.person(who)
    scored, suggested = memory.record(site_of(request), number, memory.Scope()), _suggestions(request)
    through = memory.reporters(site_of(request), number)
    record: Record = scored.value
    rests_on(request, Basis(people=frozenset((number,)), results=(scored.still, suggested.still, through.still)))
    said = _said(ledger, number, today)
    drawn, scale = _timeline(said.lines, today)
    return page(
        request,
        "person.html",
        title=found.name,
        person=found,
        record=record,
        fewest=FEWEST,
        calibration=calibration_plot(record.calibration, who=found.name) if record.calibration else "",
        skill=_skill(record),
        lines=drawn,
        axis=time_axis(scale) if scale else "",
        more=record.tally.forecasts - len(drawn),
        rest=said.rest,
        reporters=through.value,
        suggestions=[s for s in suggested.value if number in (s.one, s.other)][:10],
        steps=list(reversed(ledger.people_history(who)))[:12] if me.may("reader") else [],
        name_of=lambda n: _name(request, n),
    )


def _skill(record: Record) -> dict[str, Any] | None:
    if record.skill is None or record.low is None or record.high is None:
        return None
    scale = Scale.around_zero([record.low, record.high])
    strip = skill_strip(record.skill, record.low, record.high, scale, who=record.holder)
    return {"axis": skill_axis(scale), "strip": strip}


def _timeline(lines: list[Shown], today: datetime.date) -> tuple[list[Line], DayScale | None]:
    foretold = [(one, _foretold(one)) for one in lines]
    scale = DayScale.over(day for _, each in foretold for day in each.days)
    if scale is None:
        return [Line(one, "") for one, _ in foretold], None
    return [Line(one, time_strip(each, scale, today=today, label=_spoken(one))) for one, each in foretold], scale


def _foretold(one: Shown) -> Foretold:
    stands = one.standing
    return Foretold(
        _day(one.said), _day(one.found.due_on), _day(stands.on if stands else None), stands.value if stands else None
    )


def _day(text: str | None) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _spoken(one: Shown) -> str:
    came = outcome_word(one.standing.value) if one.standing else "open"
    return ", ".join(
        x
        for x in (
            f"said {one.said[:10]}" if one.said else "",
            f"due {one.found.due_on}" if one.found.due_on else "",
            came,
        )
        if x
    )


Short = Annotated[str, Form(max_length=1_000)]


@router.post("/people/{number}/alias")
@rule("editor")
def alias(request: Request, me: Me, number: int, name: Short = "") -> Response:
    """Give a person another name."""
    name = " ".join(name.split())
    if not name:
        raise FieldError("name", "it is empty", "write the other name")
    actions.alias(site_of(request), me, f"#{number}", name)
    return redirect(person_path(number), f"Also known as “{name}”.")


@router.post("/people/{number}/link")
@rule("editor")
def link(request: Request, me: Me, number: int, value: Short = "") -> Response:
    """Say who a person is elsewhere."""
    actions.link(site_of(request), me, f"#{number}", value)
    return redirect(person_path(number), "Linked.")


@router.post("/people/{number}/split")
@rule("editor")
def split(request: Request, me: Me, number: int, name: Short = "") -> Response:
    """Make one person two, by a name."""
    new = actions.split_person(site_of(request), me, f"#{number}", name=name)
    return redirect(person_path(new), "Two people now.")


@router.post("/people/{number}/merge")
@rule("editor")
def merge(request: Request, me: Me, number: int, other: Short = "", back: Short = "") -> Response:
    """Make two people one, under the name of the first."""
    actions.merge(site_of(request), me, f"#{number}", other)
    return redirect("/people/suggestions" if back == "suggestions" else person_path(number), "One person now.")


@router.post("/people/{number}/different")
@rule("editor")
def different(request: Request, me: Me, number: int, other: Short = "", back: Short = "") -> Response:
    """Say that two people are not one."""
    actions.different(site_of(request), me, f"#{number}", other)
    return redirect("/people/suggestions" if back == "suggestions" else person_path(number), "Kept apart.")


@router.post("/people/steps/{number}/undo")
@rule("editor")
def undo(request: Request, me: Me, number: int) -> Response:
    """Take back one of these steps."""
    step: Event | None = next((each for each in ledger_of(request).people_history() if each.id == number), None)
    actions.undo_step(site_of(request), me, number)
    there = step.detail.get("person") if step else None
    return redirect(person_path(int(there)) if there else "/people/suggestions", "Taken back.")
