"""The board: skill with its interval, by kind, topic and period; pledges kept and broken."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query, Request, Response

from sayso.errors import InputError
from sayso.ledger import browse
from sayso.ledger.records import FEWEST, Record
from sayso.ledger.resolutions import parse_day
from sayso.web import board as memory
from sayso.web.kept import rests_on
from sayso.web.pages.words import address
from sayso.web.plots import Scale, probability_bar, skill_axis, skill_strip
from sayso.web.problems import problem_of
from sayso.web.render import page
from sayso.web.rules import Router, rule
from sayso.web.site import ledger_of, site_of
from sayso.web.watch import Basis
from sayso.web.who import Me

router = Router()
LEAST = (3, 5, 10, 20)
SHOWN = 200
"""Rows of a table."""


def _or_last(value: float | None, descending: bool) -> tuple[bool, float]:
    return (value is None, (-value if descending else value) if value is not None else 0.0)


SORTS: dict[str, tuple[Callable[[Record], float | None], bool]] = {
    "skill": (lambda r: r.low, True),
    "mean": (lambda r: r.skill, True),
    "brier": (lambda r: r.brier, False),
    "scored": (lambda r: float(r.tally.scored), True),
    "resolved": (lambda r: float(r.tally.resolved), True),
    "kept": (lambda r: r.pledges.low if r.pledges else None, True),
    "pledges": (lambda r: r.pledges.of if r.pledges else None, True),
}
"""By what a table is sorted, and whether the most comes first at first."""


@router.get("/board")
@rule("reader", public=True)
def board(
    request: Request,
    me: Me,
    kind: str = "",
    topic: Annotated[str, Query(max_length=200)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
    fewest: Annotated[int, Query(ge=1, le=1_000)] = FEWEST,
    sort: str = "skill",
    down: bool | None = None,
) -> Response:
    """Everybody with enough resolved forecasts, by what is sure of their skill."""
    ledger = ledger_of(request)
    kind = kind if kind in ("prediction", "pledge") else ""
    scope: dict[str, Any] = {"kind": kind or None, "topic": topic or None}
    problem: InputError | None = None
    records: list[Record] = []
    made: memory.Result[list[Record]] | None = None
    try:
        scope |= {name: parse_day(day, name) if day else None for name, day in (("since", since), ("until", until))}
        made = memory.scores(site_of(request), memory.Scope(**scope), fewest=fewest)
        records = made.value
    except InputError as error:
        problem = error
    with ledger.database.connect() as connection:
        topics = browse.topics(connection)
    # The index of a topic that nobody uses any more must not keep its board from being linked to.
    topics = sorted({*topics, topic} - {""})
    query = {
        "kind": kind,
        "topic": topic,
        "since": since,
        "until": until,
        "fewest": fewest if fewest != FEWEST else None,
    }
    if made is not None:
        rests_on(request, Basis(results=(made.still,)))
    sort = sort if sort in (*SORTS, "name") else "skill"
    predicting = [r for r in records if r.skill is not None]
    pledging = [r for r in records if r.pledges is not None]
    descending = down if down is not None else (sort != "name" and SORTS[sort][1])
    scale = Scale.around_zero([v for r in predicting for v in (r.low, r.high) if v is not None])
    return page(
        request,
        "board.html",
        status=problem_of(problem).status if problem else 200,
        title="Board" + (f": {topic}" if topic else ""),
        problem=problem,
        query=query,
        fewest=fewest,
        least=LEAST,
        topics=topics,
        years=_years(),
        sort=sort,
        descending=descending,
        sorted_by=lambda name: _sorting(query, name, sort, descending),
        predicting=[(r, _strip(r, scale)) for r in _ordered(predicting, sort, descending)[:SHOWN]],
        pledging=[
            (r, _kept(r))
            for r in _ordered(pledging, sort if sort in ("kept", "pledges", "name") else "kept", descending)[:SHOWN]
        ],
        axis=skill_axis(scale),
        clear=sum(1 for r in predicting if (r.low or 0) > 0 or (r.high or 0) < 0),
    )


def _ordered(records: list[Record], sort: str, descending: bool) -> list[Record]:
    if sort == "name":
        return sorted(records, key=lambda r: r.holder.casefold(), reverse=descending)
    value, _ = SORTS[sort]
    return sorted(records, key=lambda r: (*_or_last(value(r), descending), r.person))


def _sorting(query: dict[str, Any], name: str, sort: str, descending: bool) -> tuple[str, str]:
    """The address of the table sorted by a column, and the column's ``aria-sort``."""
    first = name != "name" and SORTS[name][1]
    down = not descending if name == sort else first
    state = ("descending" if descending else "ascending") if name == sort else ""
    changes = {"sort": name if name != "skill" else None, "down": int(down) if down != first else None}
    return address("/board", query, **changes), state


def _strip(record: Record, scale: Scale) -> str:
    skill, low, high = record.skill or 0.0, record.low or 0.0, record.high or 0.0
    return skill_strip(skill, low, high, scale, who=record.holder)


def _kept(record: Record) -> str:
    kept = record.pledges
    if kept is None:
        return ""
    label = f"{record.holder}: {kept.count:g} of {kept.of:g} kept, 90% interval {kept.low:.0%} to {kept.high:.0%}"
    return probability_bar(kept.count / kept.of, kept.low, kept.high, label=label)


def _years() -> list[tuple[str, str, str]]:
    """The last years, as spans of days in which a forecast was said."""
    this = datetime.date.today().year
    return [(str(year), f"{year}-01-01", f"{year}-12-31") for year in range(this, this - 5, -1)]
