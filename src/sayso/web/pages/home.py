"""The first page: what has come due, what was settled and read last; an empty ledger is offered an article to try."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import partial

from fastapi import Request, Response

from sayso.ledger import Filter, Ledger, browse
from sayso.ledger.changes import Sought
from sayso.web import board as memory
from sayso.web.kept import rests_on
from sayso.web.pages.shown import Shown, shown
from sayso.web.plots import Scale, skill_axis, skill_strip
from sayso.web.render import page
from sayso.web.rules import Router, rule
from sayso.web.site import Site, ledger_of, site_of
from sayso.web.watch import Basis
from sayso.web.who import Me

router = Router()
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True, slots=True)
class _News:
    """What the first page shows of claims and articles."""

    due: list[Shown]
    soon: list[Shown]
    settled: list[Shown]
    latest: list[browse.Article]


def _due(ledger: Ledger, today: datetime.date, soon: int, most: int) -> list[Shown]:
    with ledger.database.connect() as connection:
        return shown(connection, browse.due(connection, on=today, soon=soon, limit=most), today=today)


def _basis(today: datetime.date, soon: int, most: int, made: list[Shown]) -> Basis:
    return memory.due_of([one.found for one in made], today, soon=soon, whole=len(made) < most)


def _news(site: Site, today: datetime.date) -> _News:
    ledger = site.ledger
    due = site.memory.get(site, ("home", today), lambda: _due(ledger, today, 0, 6), basis=partial(_basis, today, 0, 6))
    soon = site.memory.get(
        site, ("soon", today), lambda: _due(ledger, today, 90, 4), basis=partial(_basis, today, 90, 4)
    )
    with ledger.database.connect() as connection:
        return _News(
            due=due.value,
            soon=soon.value,
            settled=shown(connection, browse.settled(connection, limit=5), today=today),
            latest=browse.articles(connection, limit=6),
        )


@router.get("/")
@rule("reader", public=True)
def home(request: Request, me: Me) -> Response:
    """What a newsroom would look at in the morning."""
    ledger, today = ledger_of(request), datetime.date.today()
    date = f"{_WEEKDAYS[today.weekday()]}, {today.day} {_MONTHS[today.month - 1]} {today.year}"
    if not ledger.database.read(lambda c: browse.articles(c, limit=1)):
        return page(request, "empty.html", title="Who says what, on whose word", date=date)
    site = site_of(request)
    news = _news(site, today)
    scores = memory.scores(site, memory.Scope())
    totals = site.memory.get(site, "totals", lambda: ledger.database.read(browse.totals))
    number = memory.count_due(site, today)
    rests_on(
        request,
        Basis(
            threads=frozenset(each.number for each in news.latest),
            lists=True,
            sought=(Sought(Filter(kind=("prediction", "pledge")), None, None),),  # what was settled last
            results=(scores.still, totals.still, number.still),
        ),
    )
    board = [r for r in scores.value if r.skill is not None][:6]
    scale = Scale.around_zero([v for r in board for v in (r.low, r.high) if v is not None])
    strips = [(r, skill_strip(r.skill or 0.0, r.low or 0.0, r.high or 0.0, scale, who=r.holder)) for r in board]
    return page(
        request,
        "home.html",
        title="Who says what, on whose word",
        date=date,
        totals=totals.value,
        due=news.due,
        soon=news.soon,
        number=number.value,
        settled=news.settled,
        latest=news.latest,
        board=strips,
        axis=skill_axis(scale),
    )
