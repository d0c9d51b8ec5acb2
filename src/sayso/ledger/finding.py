"""Claims out of the ledger: which, and as what they were when they were read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sayso.errors import AmbiguousError, FieldError, UnknownError
from sayso.ledger import people, schema
from sayso.ledger.holders import chunks
from sayso.ledger.names import fold
from sayso.ledger.schema import answer, claim, post, resolution, thread, via
from sayso.ledger.search import Match, host_of, marks, matching
from sayso.posts import FORECASTS, KINDS, Claim, Kind, Post, Thread

PAGE = 500
"""Claims whose threads and posts are fetched together."""
RANKED = 500
"""Matches of a search that are compared with one another where only the best are asked for: those kept last."""
FEW = {"sqlite": 150_000, "postgresql": 5_000}
"""Claims that are few enough to be listed before it is looked which of them have the words."""
NEWEST = 1 << 14
"""Claims, those kept last, among which PostgreSQL looks first for as many matches as are wanted."""
AT_ONCE = 600
"""Matches that are few enough to be looked for in all that is left at once."""
SHORTEST = 4
"""Characters of an id that are enough where they are unambiguous."""

# Spelt as the condition of the index on due_on is, so that it is used.
OPEN_FORECASTS = sa.text("claim.latest AND claim.forecast AND claim.due_on IS NOT NULL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which claims. All that is given must hold; days are ISO 8601, both ends included.

    ``holder`` and ``via`` name people (see ``people.find``), ``text`` is a query (see ``words.parse``), ``site`` the
    name of a site or its host, ``open`` means forecasts that nobody has resolved, ``resolved`` those that somebody has,
    ``article`` the row of a thread. Each claim is given once, as its post's newest version has it, unless ``versions``
    asks for all. With a ``limit`` of up to 500, where more than 500 claims match a ``text``, those kept last are
    compared. ``offset`` leaves out so many, the first.
    """

    holder: str | None = None
    via: str | None = None
    kind: Sequence[Kind] = ()
    site: str | None = None
    since: str | None = None
    until: str | None = None
    due_before: str | None = None
    open: bool = False
    resolved: bool = False
    text: str | None = None
    question: str | None = None
    article: int | None = None
    versions: bool = False
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A claim with the number of its row, that of its first version, and the person who holds it."""

    row: int
    root: int
    claim: Claim
    person: int
    due_on: str | None


def resolved(root: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a claim, by its root, or the question that it answers has a resolution that stands."""
    asked = resolution.alias("asked")
    return sa.and_(
        sa.or_(
            sa.exists().where(resolution.c.claim_id == root),
            sa.exists().where(answer.c.claim_id == root, asked.c.question_id == answer.c.question_id),
        ),
        ~_taken_back(root),
    )


def _taken_back(root: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether the newest resolution of a claim, by its root, or of its question takes back the one before.

    Each part asks for a claim or for a question and never for either, which no index would answer.
    """

    def of_claim(one: sa.FromClause) -> sa.ColumnElement[bool]:
        return one.c.claim_id == root

    def of_question(one: sa.FromClause) -> sa.ColumnElement[bool]:
        # Told what it is of: two levels down, SQLAlchemy would ask all claims else.
        asked = sa.select(answer.c.question_id).where(answer.c.claim_id == root).correlate_except(answer)
        return one.c.question_id == asked.scalar_subquery()

    def newest(of: Callable[[sa.FromClause], sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
        back = resolution.alias("back")
        newer = []
        for which in (of_claim, of_question):
            later = resolution.alias("later")
            newer.append(sa.exists().where(which(later), later.c.id > back.c.id).correlate_except(later))
        return sa.exists().where(of(back), back.c.value == "open", ~newer[0], ~newer[1]).correlate_except(back)

    return sa.or_(newest(of_claim), newest(of_question))


def _conditions(
    connection: sa.Connection, which: Filter, *, marked: bool = False
) -> tuple[list[sa.ColumnElement[bool]], list[sa.ColumnElement[bool]]]:
    """What must hold: what an index knows, and the rest, for which rows must be looked at.

    ``marked`` leaves out what marks say in the index of words.
    """
    c = claim.c
    known: list[sa.ColumnElement[bool]] = []
    rest: list[sa.ColumnElement[bool]] = []
    if which.holder is not None:
        known.append(c.name_id.in_(people.names_of(connection, people.find(connection, which.holder))))
    if which.via is not None:
        through = people.names_of(connection, people.find(connection, which.via))
        known.append(c.id.in_(sa.select(via.c.claim_id).where(via.c.name_id.in_(through))))
    if which.kind:
        for kind in which.kind:
            if kind not in KINDS:
                raise FieldError("--kind", f"{kind!r} is no kind of claim", f"use one of {', '.join(KINDS)}")
        if not marked:
            known.append(c.kind.in_(list(which.kind)))
    if which.site is not None and not marked:
        known.append(c.thread_id.in_(sa.select(thread.c.id).where(_on_site(which.site))))
    if which.since is not None:
        known.append(c.said_on >= which.since)
    if which.until is not None:
        known.append(c.said_on <= which.until)
    if which.question is not None:
        of = sa.select(answer.c.claim_id).join(schema.question).where(schema.question.c.key == which.question)
        known.append(c.root_id.in_(of))
    if which.due_before is not None:
        known += [c.forecast, c.due_on < which.due_before]
        if not which.versions:
            known.append(sa.and_(OPEN_FORECASTS))
    if not which.versions:
        rest.append(c.latest)
    if (which.open or which.resolved) and not marked:
        known.append(c.kind.in_(sorted(FORECASTS)))
    if which.open:
        rest.append(~resolved(c.root_id))
    if which.resolved:
        rest.append(resolved(c.root_id))
    if which.article is not None:
        known.append(c.thread_id == which.article)
    return known, rest


def conditions(connection: sa.Connection, which: Filter) -> list[sa.ColumnElement[bool]]:
    """What ``which`` asks of the rows of ``claim``, but for its words."""
    known, rest = _conditions(connection, which)
    return [*known, *rest]


def _on_site(site: str) -> sa.ColumnElement[bool]:
    """Whether a thread is from a site, named as the thread names it, or by the host of its address."""
    named = thread.c.site_folded == fold(site)
    host = host_of(site)
    if host is None:
        return named
    like = [f"http{s}://{w}{_escaped(host)}/%" for s in ("", "s") for w in ("", "www.")]
    return sa.or_(named, *(thread.c.url.like(x, escape="\\") for x in like))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    claim.c.id,
    claim.c.key,
    claim.c.root_id,
    claim.c.thread_id,
    claim.c.post_id,
    claim.c.kind,
    claim.c.content,
    claim.c.body,
    claim.c.confidence,
    claim.c.due_on,
    schema.name.c.person_id,
)


def find(connection: sa.Connection, which: Filter, *, with_text: bool = False) -> Iterator[Found]:
    """Yield the claims that ``which`` describes: the best match first, else the newest said first.

    ``with_text`` fetches the texts of the posts as well.
    """
    query = sa.select(*COLUMNS).join_from(claim, schema.name, claim.c.name_id == schema.name.c.id)
    wanted = searched(connection, query, which)
    if wanted is not None:
        yield from built(connection, wanted, with_text=with_text)


def searched(connection: sa.Connection, query: sa.Select[Any], which: Filter) -> sa.Select[Any] | None:
    """A query of ``claim`` with all that ``which`` asks, in the order of ``find``; None where it asks for nothing."""
    if which.text is None:
        query = query.where(*conditions(connection, which))
        query = query.order_by(claim.c.said_on.desc().nulls_last(), claim.c.id)
    else:
        dialect = connection.dialect.name
        match = matching(dialect, which.text, marked=_marks(which) if dialect == "postgresql" else ())
        if match is None:
            return None
        few = which.limit is not None and which.limit + which.offset <= RANKED
        best = _matches(connection, match, which, most=RANKED if few else None)
        rank = match.rank(best.c.words)
        if few and dialect == "postgresql":
            # Ranked by themselves, so that the rows of those that are none of the best are not fetched.
            top = sa.select(best.c.claim_id, rank.label("rank")).order_by(rank, best.c.claim_id)
            best = top.limit(which.limit).offset(which.offset or None).subquery("top")
            return query.join(best, best.c.claim_id == claim.c.id).order_by(best.c.rank, claim.c.id)
        query = query.join(best, best.c.claim_id == claim.c.id).order_by(rank, claim.c.id)
    return query.limit(which.limit).offset(which.offset or None)


def _marks(which: Filter) -> list[list[str]]:
    """What ``which`` asks of the marks in the index of words."""
    kinds: set[str] = set(which.kind)
    if which.open or which.resolved:
        kinds = (kinds & FORECASTS or {"none"}) if kinds else set(FORECASTS)
    return marks(sorted(kinds), which.site)


def _matches(connection: sa.Connection, match: Match, which: Filter, *, most: int | None) -> sa.Subquery:
    """The claims that match and meet the conditions, ``most`` of them at most, those kept last.

    SQLite finds the words first and then looks at each claim, the last one first, until there are enough; PostgreSQL
    does so too, but a stretch of claims at a time (``_newest``). Where the words are common and the conditions are
    not, that would be nearly all claims, so that it is done the other way round. The answer is the same.
    """
    sqlite = connection.dialect.name == "sqlite"
    known, rest = _conditions(connection, which, marked=not sqlite)
    # The days alone are no reason to go through all claims of theirs.
    narrow = bool(known) if sqlite else _is_narrow(which)
    if narrow and match.is_common(connection, RANKED) and _are_few(connection, known):
        listed = sa.select(claim.c.id).where(*known).cte("listed")
        query = _joined(match.found, sqlite=sqlite)
        query = query.where(_number(match.found, sqlite=sqlite).in_(sa.select(listed.c.id)), *rest)
    elif most is None or sqlite:
        query = _joined(match.found, sqlite=sqlite).where(*known, *rest)
    else:
        return match.only(_newest(connection, match, [*known, *rest], most))
    if most is not None:
        query = query.order_by(match.found.c.claim_id.desc()).limit(most)
    return query.subquery("best")


def _joined(found: sa.Subquery, *, sqlite: bool) -> sa.Select[Any]:
    """What words find, with the claims' rows."""
    joined = sa.select(found.c.claim_id, found.c.words)
    return joined.join_from(found, claim, claim.c.id == _number(found, sqlite=sqlite))


def _number(found: sa.Subquery, *, sqlite: bool) -> sa.ColumnElement[int]:
    """The rows of claims that words find, to compare; a plus keeps SQLite from looking the words up again for each."""
    return sa.literal_column("+found.claim_id", claim.c.id.type) if sqlite else found.c.claim_id


def _is_narrow(which: Filter) -> bool:
    """Whether more is asked for than words, kinds, a site, days and states."""
    asked = (which.holder, which.via, which.question, which.article, which.due_before)
    return any(each is not None for each in asked)


def _newest(
    connection: sa.Connection, match: Match, conditions: Sequence[sa.ColumnElement[bool]], most: int
) -> list[int]:
    """The rows of the claims kept last that match and meet the conditions, ``most`` of them at most, on PostgreSQL.

    Its index gives all claims with the words or none, and each costs a look at its row, so that it is asked for the
    last ones alone first. They tell how many there should be of all. Where those are few, the next stretch is all the
    rest; else it is as long as should suffice.
    """
    last = int(connection.execute(sa.select(sa.func.max(claim.c.id))).scalar() or 0)
    rows: list[int] = []
    high, width = last, NEWEST
    while len(rows) < most and high > 0:
        low = max(0, high - width)
        found = match.between(low, high)
        query = sa.select(found.c.claim_id).join_from(found, claim, claim.c.id == found.c.claim_id)
        query = query.where(*conditions).order_by(found.c.claim_id.desc()).limit(most - len(rows))
        rows += connection.execute(query).scalars()
        seen, high = last - low, low
        if (len(rows) + 1) * high <= AT_ONCE * seen:
            width = high
        else:
            width = min(16 * width, max(2 * width, int(1.5 * seen * (most - len(rows)) / (len(rows) + 1))))
    return rows


def _are_few(connection: sa.Connection, known: list[sa.ColumnElement[bool]]) -> bool:
    most = FEW[connection.dialect.name]
    some = sa.select(claim.c.id).where(*known).limit(most + 1).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()) <= most


def all_claims(connection: sa.Connection) -> Iterator[Found]:
    """Yield every claim once, in the order in which they were kept."""
    query = sa.select(*COLUMNS).join_from(claim, schema.name, claim.c.name_id == schema.name.c.id)
    return built(connection, query.where(claim.c.latest).order_by(claim.c.id), with_text=False)


def of_thread(connection: sa.Connection, number: int) -> Iterator[Found]:
    """Yield the claims of a thread, by its row, with the texts of its posts, in the order in which they were kept."""
    query = sa.select(*COLUMNS).join_from(claim, schema.name, claim.c.name_id == schema.name.c.id)
    return built(
        connection, query.where(claim.c.thread_id == number, claim.c.latest).order_by(claim.c.id), with_text=True
    )


def due(
    connection: sa.Connection, *, on: str, since: str | None = None, limit: int | None = None, offset: int = 0
) -> Iterator[Found]:
    """Yield the forecasts whose horizon ended before the day ``on`` and that nobody has resolved, the oldest first.

    ``since`` leaves out those that ended before it.
    """
    c = claim.c
    query = (
        sa.select(*COLUMNS)
        .join_from(claim, schema.name, c.name_id == schema.name.c.id)
        .where(OPEN_FORECASTS, c.due_on < on, ~resolved(c.root_id))
        .order_by(c.due_on, c.id)
        .limit(limit)
        .offset(offset or None)
    )
    yield from built(connection, query.where(c.due_on >= since) if since else query, with_text=False)


def by_key(connection: sa.Connection, key: str) -> Found:
    """The claim with this id, or the only one whose id begins so. Raises UnknownError or AmbiguousError."""
    base = sa.select(*COLUMNS).join_from(claim, schema.name, claim.c.name_id == schema.name.c.id).where(claim.c.latest)
    rows = connection.execute(base.where(claim.c.key == key).order_by(claim.c.id).limit(2)).all()
    if not rows and len(key) >= SHORTEST:
        starts = sa.and_(claim.c.key >= key, claim.c.key < key + "\U0010ffff")
        rows = connection.execute(base.where(starts).order_by(claim.c.key, claim.c.id).limit(2)).all()
    if not rows:
        raise UnknownError(key[:80], "no claim in this ledger has that id", "look it up: sayso claims --text …")
    if len(rows) > 1:
        ids = ", ".join(dict.fromkeys(row.key for row in rows))
        raise AmbiguousError(key[:80], f"several claims have an id that begins so ({ids}, …)", "write more of the id")
    return next(built(connection, base.where(claim.c.id == rows[0].id), with_text=True))


def built(connection: sa.Connection, query: sa.Select[Any], *, with_text: bool) -> Iterator[Found]:
    """Yield the claims that a query for ``COLUMNS`` finds, with their threads and posts."""
    from sayso.export.jsonl import claim_from_json

    shelf = _Shelf(connection, with_text=with_text)
    with connection.execute(query, execution_options={"yield_per": PAGE}) as result:
        for rows in result.partitions(PAGE):
            shelf.fetch(rows)
            for row in rows:
                of, held_in = shelf.thread(row.thread_id, row.post_id)
                value = json.loads(row.body)
                value["content"]["text"] = row.content
                value |= {"id": row.key, "kind": row.kind, "confidence": row.confidence}
                value |= {"thread": _thread_json(of), "post": _post_json(held_in)}
                built = claim_from_json(value, threads={of.id: of})
                yield Found(row.id, row.root_id, built, row.person_id, row.due_on)


def _thread_json(of: Thread) -> dict[str, Any]:
    return {key: getattr(of, key) for key in ("id", "url", "title", "site", "published", "language")}


def _post_json(of: Post) -> dict[str, Any]:
    return {key: getattr(of, key) for key in ("id", "parent", "author", "posted", "kind")}


class _Shelf:
    """The threads and posts of the claims at hand; old ones are put away as new ones come."""

    MOST = 200

    def __init__(self, connection: sa.Connection, *, with_text: bool) -> None:
        self._connection, self._with_text = connection, with_text
        self._threads: dict[int, tuple[Thread, dict[int, Post]]] = {}

    def fetch(self, rows: Sequence[Any]) -> None:
        if len(self._threads) > self.MOST:
            self._threads.clear()
        missing = {row.thread_id for row in rows} - self._threads.keys()
        for some in chunks(missing):
            for row in self._connection.execute(sa.select(thread).where(thread.c.id.in_(some))):
                made = Thread(row.key, [], row.url, row.title, row.site, row.published, row.language)
                self._threads[row.id] = (made, {})
            columns = [c for c in post.c if self._with_text or c.name != "text"]
            posts = (
                sa.select(*columns)
                .where(post.c.thread_id.in_(some))
                .order_by(post.c.thread_id, post.c.place, post.c.id)
            )
            for row in self._connection.execute(posts):
                made_post = Post(
                    row.key,
                    (row.text or "") if self._with_text else "",
                    row.kind,
                    row.parent,
                    row.author,
                    row.posted,
                    tuple((s, e) for s, e in json.loads(row.quotes)) if row.quotes else (),
                    row.language,
                )
                of, versions = self._threads[row.thread_id]
                versions[row.id] = made_post
                if row.current:
                    of.posts.append(made_post)

    def thread(self, thread_id: int, post_id: int) -> tuple[Thread, Post]:
        """The thread as it is now; for a claim of an older version, with that version in its post's place."""
        of, versions = self._threads[thread_id]
        held_in = versions[post_id]
        if any(p is held_in for p in of.posts):
            return of, held_in
        then = Thread(of.id, [held_in if p.id == held_in.id else p for p in of.posts], of.url, of.title, of.site)
        then.published, then.language = of.published, of.language
        return then, held_in
