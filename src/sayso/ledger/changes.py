"""What has changed in a ledger since one last looked, so that who keeps what was made of it knows what still stands.

``mark`` tells how far the ledger has come, by one short query; ``since`` what lies between two marks: which articles,
which people, and which claims, so exactly that ``Sought.may_find`` can say of a search whether it may find another
thing now. Both err on one side alone: what may have changed counts as changed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from sayso.ledger import schema
from sayso.ledger.finding import Filter
from sayso.ledger.holders import chunks
from sayso.ledger.names import fold
from sayso.ledger.noted import EDITS, MOVES
from sayso.ledger.schema import about, answer, claim, corrected, correction, name, post, resolution, thread, via
from sayso.ledger.schema_serving import saved_search, setting
from sayso.ledger.search import host_of
from sayso.ledger.words import parse, words_of
from sayso.posts import FORECASTS

MOST = 300
"""Claims, articles or names that one change is told by; of a larger one it is said that everything has changed."""

_NUMBERED = (claim, resolution, correction, post, thread, name, schema.event, schema.question)

Mark = tuple[Any, ...]


def _mark_query() -> sa.Select[Any]:
    numbers: list[Any] = [sa.select(sa.func.max(table.c.id)).scalar_subquery() for table in _NUMBERED]
    counts = [sa.select(about.c.value).where(about.c.key == key).scalar_subquery() for key in (MOVES, EDITS)]
    searches = [sa.select(of).select_from(saved_search).scalar_subquery()
                for of in (sa.func.max(saved_search.c.id), sa.func.count())]  # fmt: skip
    yardstick = sa.select(setting.c.value).where(setting.c.key == "yardstick").scalar_subquery()
    return sa.select(*numbers, *counts, *searches, yardstick)


_MARK = _mark_query()


def mark(connection: sa.Connection) -> Mark:
    """How far the ledger has come: another whenever anything is different that a page may show."""
    return tuple(connection.execute(_MARK).one())


@dataclass(slots=True)
class Touched:
    """A claim that was kept, corrected or settled: all that it is or was, as far as searches ask for it."""

    thread: int
    kinds: set[str] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    through: set[int] = field(default_factory=set)
    said: set[str | None] = field(default_factory=set)
    due: set[str | None] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    site: str | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What is different: ``everything``, or the articles, people and claims named.

    ``listed`` says that articles have come, ``answered`` that questions were settled. ``claims`` are those of
    ``threads`` that are not what they were.
    """

    everything: bool = False
    listed: bool = False
    answered: bool = False
    threads: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()
    claims: tuple[Touched, ...] = ()


EVERYTHING = Change(everything=True)


def since(connection: sa.Connection, before: Mark, now: Mark) -> Change:
    """What has changed between two marks."""
    last = dict(zip((table.name for table in _NUMBERED), before))
    there = dict(zip((table.name for table in _NUMBERED), now))
    known = len(_NUMBERED)
    apart = [there[key] != last[key] for key in ("event", "question")]
    if any(apart) or before[known:] != now[known:] or any((there[key] or 0) < (last[key] or 0) for key in there):
        return EVERYTHING

    def come(table: sa.Table, column: sa.ColumnElement[int]) -> set[int]:
        if there[table.name] == last[table.name]:
            return set()
        query = sa.select(column).where(table.c.id > (last[table.name] or 0)).distinct().limit(MOST + 1)
        return set(connection.execute(query).scalars())

    roots = come(claim, claim.c.root_id)
    roots |= come(resolution, resolution.c.claim_id) - {None}
    asked = come(resolution, resolution.c.question_id) - {None}
    roots |= set(
        connection.execute(
            sa.select(answer.c.claim_id).where(answer.c.question_id.in_(sorted(asked))).limit(MOST + 1)
        ).scalars()
        if asked
        else ()
    )
    steps = come(correction, correction.c.id)
    if steps:
        touched = sa.select(corrected.c.claim_id).where(corrected.c.correction_id.in_(sorted(steps)[: MOST + 1]))
        roots |= set(connection.execute(touched.limit(MOST + 1)).scalars())
    new, posts, people = come(thread, thread.c.id), come(post, post.c.thread_id), come(name, name.c.person_id)
    if max(map(len, (roots, asked, steps, new, posts, people))) > MOST:
        return EVERYTHING
    claims = _touched(connection, roots, steps)
    threads = {one.thread for one in claims} | new | posts
    people |= {number for one in claims for number in one.people | one.through}
    return Change(
        listed=bool(new),
        answered=bool(asked),
        threads=frozenset(threads),
        people=frozenset(people),
        claims=tuple(claims),
    )


def _touched(connection: sa.Connection, roots: Iterable[int], steps: Iterable[int]) -> list[Touched]:
    """Claims by their roots, in all versions that there are, and as the corrections found them."""
    found: dict[int, Touched] = {}
    rows: dict[int, Touched] = {}
    c, t = claim.c, thread.c
    columns = (c.id, c.root_id, c.thread_id, c.kind, c.said_on, c.due_on, c.content, name.c.person_id)
    query = sa.select(*columns, t.site_folded, t.url).join_from(claim, name, name.c.id == c.name_id).join(thread)
    for some in chunks(roots):
        for row in connection.execute(query.where(c.root_id.in_(some))):
            one = rows[row.id] = found.setdefault(row.root_id, Touched(row.thread_id))
            one.kinds.add(row.kind)
            one.said.add(row.said_on)
            one.due.add(row.due_on)
            one.words.update(words_of(row.content))
            one.site, one.url = row.site_folded, row.url or ""
            one.people.add(row.person_id)
    outer = sa.select(via.c.claim_id, name.c.person_id).join_from(via, name, name.c.id == via.c.name_id)
    for some in chunks(rows):
        for number, who in connection.execute(outer.where(via.c.claim_id.in_(some))):
            rows[number].through.add(who)
    for number, before in _corrections(connection, steps):
        if before is not None:
            _was(connection, found[number], before)
    return list(found.values())


def _corrections(connection: sa.Connection, steps: Iterable[int]) -> Iterable[tuple[int, Any]]:
    """(root, claim before it) of each change that the corrections made."""
    numbers = sorted(steps)
    if not numbers:
        return
    places: dict[int, list[int]] = defaultdict(list)
    query = sa.select(corrected).where(corrected.c.correction_id.in_(numbers))
    for row in connection.execute(query.order_by(corrected.c.correction_id, corrected.c.place)):
        places[row.correction_id].append(row.claim_id)
    details = sa.select(correction.c.id, correction.c.detail).where(correction.c.id.in_(numbers))
    for number, detail in connection.execute(details).all():
        for root, change in zip(places[number], json.loads(detail)["changes"]):
            yield root, change["before"]


def _was(connection: sa.Connection, one: Touched, before: Any) -> None:
    """Add what a claim was before it was corrected."""
    one.words.update(words_of(before["content"]["text"]))
    one.kinds.add(before["kind"])
    horizon = (before.get("forecast") or {}).get("horizon") or {}
    one.due.add(horizon.get("to"))
    # Everybody of such a name, in whatever article.
    called = sa.select(name.c.person_id).where(name.c.folded.in_({fold(each["name"]) for each in before["chain"]}))
    people = set(connection.execute(called.distinct()).scalars())
    one.people |= people
    one.through |= people


@dataclass(frozen=True, slots=True)
class Sought:
    """A search, as far as it can be compared with a claim that has changed.

    ``oldest`` is the day of the oldest claim that is shown of a search without words: older ones come after it.
    ``due`` are the first and last day of those that a list of forecasts by their days goes over.
    """

    which: Filter
    holder: int | None
    via: int | None
    oldest: str | None = None
    due: tuple[str, str] | None = None

    @classmethod
    def forecasts(cls, first: str = "", last: str = "9999-12-31") -> Sought:
        """Forecasts that come due in a span of days, both ends included."""
        return cls(Filter(kind=("prediction", "pledge")), None, None, due=(first, last))

    @classmethod
    def of(cls, which: Filter, *, oldest: str | None = None) -> Sought | None:
        """None where the search hangs on more: names that others may come to bear, questions."""
        numbers: list[int | None] = []
        for who in (which.holder, which.via):
            if who is not None and not (who.startswith("#") and who[1:].isdecimal()):
                return None
            numbers.append(int(who[1:19]) if who else None)
        if which.question is not None:
            return None
        return cls(which, numbers[0], numbers[1], None if which.text else oldest)

    def may_find(self, one: Touched) -> bool:
        """Whether the claim may be among what is found, now or before."""
        which = self.which
        kinds = set(which.kind) or one.kinds
        if which.open or which.resolved or which.due_before:
            kinds = kinds & FORECASTS
        return (
            bool(kinds & one.kinds)
            and (self.holder is None or self.holder in one.people)
            and (self.via is None or self.via in one.through)
            and (which.article is None or which.article == one.thread)
            and any(map(self._in_time, one.said))
            and (self.due is None or any(day is not None and self.due[0] <= day <= self.due[1] for day in one.due))
            and (which.due_before is None or any(day is not None and day < which.due_before for day in one.due))
            and (which.site is None or self._on_site(one))
            and (which.text is None or self._has_words(one))
        )

    def _in_time(self, said: str | None) -> bool:
        which = self.which
        if said is None:
            return not (which.since or which.until or self.oldest)
        return (
            (which.since is None or said >= which.since)
            and (which.until is None or said <= which.until)
            and (self.oldest is None or said >= self.oldest)
        )

    def _on_site(self, one: Touched) -> bool:
        site = self.which.site or ""
        host = host_of(site)
        return one.site == fold(site) or (host is not None and host in one.url.casefold())

    def _has_words(self, one: Touched) -> bool:
        def there(word: str, start: bool) -> bool:
            return word in one.words or (start and any(each.startswith(word) for each in one.words))

        return all(
            any(
                all(there(word, term.start and at == len(term.words) - 1) for at, word in enumerate(term.words))
                for term in clause
            )
            for clause in parse(self.which.text or "").wanted
        )
