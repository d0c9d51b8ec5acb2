"""What the claims that a search finds have in common, by which it is narrowed."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from sayso.ledger import finding
from sayso.ledger.browse import settled_roots
from sayso.ledger.finding import Filter
from sayso.ledger.schema import claim, name, person, thread, via
from sayso.ledger.within import within
from sayso.posts import KINDS

SAMPLE = 2_000
"""Claims of a search, the first, whose facets are counted: more would cost more than they tell. With words there are
no more than are ranked for a page (``finding.RANKED``): else all that have a common word would be."""
FACET = 8
"""Values of a facet that are offered."""
_NAMES = 500
"""Names, those with most claims, whose people are looked up."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet: what is written into the search, what is shown, and how many claims have it."""

    value: str
    label: str
    count: int


@dataclass(slots=True)
class Facets:
    """What the claims that a search finds have in common; counted over the first of them (``SAMPLE``).

    ``total`` is how many it finds where that is no more than the sample; ``more`` says that it is.
    """

    total: int = 0
    more: bool = False
    kind: list[Value] = field(default_factory=list)
    holder: list[Value] = field(default_factory=list)
    via: list[Value] = field(default_factory=list)
    site: list[Value] = field(default_factory=list)
    year: list[Value] = field(default_factory=list)
    state: list[Value] = field(default_factory=list)


def facets_of(connection: sa.Connection, which: Filter, *, today: datetime.date) -> tuple[Facets, str | None]:
    """The facets of a search, and the day of the oldest claim that they count where there are more than those."""
    c = claim.c
    base = sa.select(c.id, c.root_id, c.thread_id, c.name_id, c.kind, c.said_on, c.forecast, c.due_on)
    most = SAMPLE if which.text is None else finding.RANKED
    query = finding.searched(connection, base.select_from(claim), replace(which, limit=most, offset=0))
    if query is None:
        return Facets(), None
    rows = connection.execute(query).all()
    made = Facets(total=len(rows), more=len(rows) == most)
    if not rows:
        return made, None
    numbers, roots, threads, names, kinds, said, forecasts, dues = zip(*rows)
    by_kind = Counter(kinds)
    made.kind = [Value(kind, kind, by_kind[kind]) for kind in KINDS if by_kind[kind]]
    years = Counter(day[:4] for day in said if day)
    made.year = [Value(year, year, years[year]) for year in sorted(years, reverse=True)]
    made.holder = _people(connection, Counter(names))
    outer = sa.select(via.c.name_id, sa.func.count()).where(within(connection, via.c.claim_id, numbers))
    made.via = _people(connection, Counter(dict(connection.execute(outer.group_by(via.c.name_id)).all())))
    made.site = _sites(connection, Counter(threads))
    settled = settled_roots(connection, [root for root, forecast in zip(roots, forecasts) if forecast])
    states: Counter[str] = Counter()
    for root, forecast, due in zip(roots, forecasts, dues):
        if not forecast:
            continue
        if root in settled:
            states["resolved"] += 1
            continue
        states["open"] += 1
        if due and due < today.isoformat():
            states["due"] += 1
    made.state = [Value(state, state, states[state]) for state in ("open", "due", "resolved") if states[state]]
    known = [day for day in said if day]
    # Where some have no day, which come last, all that have one have come before.
    return made, min(known) if made.more and len(known) == len(said) else None


def _people(connection: sa.Connection, by_name: Counter[int]) -> list[Value]:
    shown: dict[int, str] = {}
    counts: Counter[int] = Counter()
    common = [number for number, _ in by_name.most_common(_NAMES)]
    query = sa.select(name.c.id, person.c.id, person.c.name).join_from(name, person, name.c.person_id == person.c.id)
    for row, who, called in connection.execute(query.where(within(connection, name.c.id, common))) if common else ():
        shown[who] = called
        counts[who] += by_name[row]
    return [Value(f"#{who}", shown[who], count) for who, count in counts.most_common(FACET)]


def _sites(connection: sa.Connection, by_thread: Counter[int]) -> list[Value]:
    counts: Counter[str] = Counter()
    query = sa.select(thread.c.id, thread.c.site).where(within(connection, thread.c.id, by_thread))
    for number, site in connection.execute(query):
        if site:
            counts[site] += by_thread[number]
    return [Value(site, site, count) for site, count in counts.most_common(FACET)]
