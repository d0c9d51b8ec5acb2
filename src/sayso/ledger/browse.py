"""What pages show of a ledger beyond single claims: articles, the queue, who reports whom.

All of it reads; each function takes a connection and does a bounded amount of work, whatever the size of the ledger.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sayso.errors import UnknownError
from sayso.ledger import finding, schema
from sayso.ledger.finding import OPEN_FORECASTS, Found
from sayso.ledger.holders import chunks
from sayso.ledger.resolutions import OPEN, Resolution, by_side
from sayso.ledger.schema import answer, claim, name, person, post, question, resolution, thread, via
from sayso.ledger.within import within
from sayso.posts import KINDS, Kind, Thread


@dataclass(frozen=True, slots=True)
class Article:
    """A thread in a list: its row, what is said of it, and how many claims it holds by kind."""

    number: int
    key: str
    title: str
    url: str | None
    site: str | None
    published: str | None
    kept_at: str
    author: str | None
    comments: int
    kinds: dict[Kind, int]

    @property
    def claims(self) -> int:
        return sum(self.kinds.values())

    @property
    def forecasts(self) -> int:
        return self.kinds.get("prediction", 0) + self.kinds.get("pledge", 0)


def articles(
    connection: sa.Connection, *, text: str | None = None, site: str | None = None, limit: int = 30, offset: int = 0
) -> list[Article]:
    """Threads, the last kept first; ``text`` is part of a title, an address or a site."""
    t = thread.c
    query = sa.select(thread).order_by(t.id.desc()).limit(limit).offset(offset)
    if text:
        like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(sa.or_(*(column.ilike(like, escape="\\") for column in (t.title, t.key, t.site))))
    if site:
        query = query.where(t.site_folded == schema.mark(site.casefold()))
    return _articles(connection, connection.execute(query).all())


def _articles(connection: sa.Connection, rows: Sequence[Any]) -> list[Article]:
    numbers = [row.id for row in rows]
    kinds: dict[int, dict[Kind, int]] = defaultdict(dict)
    heads: dict[int, str | None] = {}
    comments: Counter[int] = Counter()
    for some in chunks(numbers):
        counted = (
            sa.select(claim.c.thread_id, claim.c.kind, sa.func.count())
            .where(claim.c.thread_id.in_(some), claim.c.latest)
            .group_by(claim.c.thread_id, claim.c.kind)
        )
        for number, kind, count in connection.execute(counted):
            kinds[number][kind] = count
        posts = sa.select(post.c.thread_id, post.c.kind, post.c.author).where(
            post.c.thread_id.in_(some), post.c.current
        )
        for number, kind, author in connection.execute(posts):
            if kind == "comment":
                comments[number] += 1
            else:
                heads[number] = author
    return [
        Article(
            row.id,
            row.key,
            row.title or row.url or row.key,
            row.url,
            row.site,
            row.published,
            row.kept_at,
            heads.get(row.id),
            comments[row.id],
            {kind: kinds[row.id][kind] for kind in KINDS if kind in kinds[row.id]},
        )
        for row in rows
    ]


def article(connection: sa.Connection, number: int) -> tuple[Thread, list[Found]]:
    """A thread by its row, with its posts' texts, and its claims. Raises UnknownError."""
    of = connection.execute(sa.select(thread.c.key).where(thread.c.id == number)).scalar()
    if of is None:
        raise UnknownError(str(number), "no article in this ledger has that number", "see the list of articles")
    found = list(finding.of_thread(connection, number))
    return found[0].claim.thread if found else _bare(connection, number), found


def _bare(connection: sa.Connection, number: int) -> Thread:
    """A thread without claims."""
    from sayso.posts import Post

    row = connection.execute(sa.select(thread).where(thread.c.id == number)).one()
    posts = sa.select(post).where(post.c.thread_id == number, post.c.current).order_by(post.c.place, post.c.id)
    made = [
        Post(p.key, p.text or "", p.kind, p.parent, p.author, p.posted,
             tuple((s, e) for s, e in json.loads(p.quotes)) if p.quotes else (), p.language)
        for p in connection.execute(posts)
    ]  # fmt: skip
    return Thread(row.key, made, row.url, row.title, row.site, row.published, row.language)


def article_of(connection: sa.Connection, rows: Iterable[int]) -> dict[int, int]:
    """The row of the thread of each claim, by the claim's row."""
    made: dict[int, int] = {}
    for some in chunks(rows):
        made.update(connection.execute(sa.select(claim.c.id, claim.c.thread_id).where(claim.c.id.in_(some))).all())
    return made


def settled_roots(connection: sa.Connection, roots: Iterable[int]) -> set[int]:
    """Those of the claims, by root, that have a resolution of their own or of their question that stands."""
    newest: dict[int, tuple[int, str]] = {}
    r, some = resolution.c, list(roots)
    own = sa.select(r.claim_id, r.id, r.value).where(within(connection, r.claim_id, some))
    asked = (
        sa.select(answer.c.claim_id, r.id, r.value)
        .join(answer, r.question_id == answer.c.question_id)
        .where(within(connection, answer.c.claim_id, some))
    )
    for query in (own, asked) if some else ():
        for root, number, value in connection.execute(query):
            newest[root] = max(newest.get(root, (0, "")), (number, value))
    return {root for root, (_, value) in newest.items() if value != OPEN}


def standings(connection: sa.Connection, kinds: dict[int, Kind]) -> dict[int, Resolution]:
    """The resolutions that stand, as they are for the claims themselves, of claims given as root and kind."""
    newest: dict[int, tuple[Any, str | None, str | None]] = {}
    r = resolution.c
    for some in chunks(kinds):
        own = sa.select(resolution, r.claim_id.label("root"), sa.null().label("side"), sa.null().label("asked"))
        shared = (
            sa.select(resolution, answer.c.claim_id.label("root"), answer.c.side, question.c.key.label("asked"))
            .join(answer, answer.c.question_id == r.question_id)
            .join(question, question.c.id == r.question_id)
        )
        for query in (own.where(r.claim_id.in_(some)), shared.where(answer.c.claim_id.in_(some))):
            for row in connection.execute(query):
                if row.root not in newest or newest[row.root][0].id < row.id:
                    newest[row.root] = (row, row.side, row.asked)
    made = {}
    for root, (row, side, asked) in newest.items():
        if row.value == OPEN:
            continue
        value, outcome = row.value, row.outcome
        if side is not None:
            value, outcome = by_side(value, outcome, denied=side == "denied", kind=kinds[root])
        target = f"question:{asked}" if asked is not None else "claim"
        evidence = tuple(json.loads(row.evidence))
        made[root] = Resolution(row.id, target, value, outcome, row.on_day, row.by, row.note, evidence, row.at, True)
    return made


def chains(connection: sa.Connection, rows: Iterable[int]) -> dict[int, list[int]]:
    """The people of each claim's chain, from the outermost to the holder, by the claim's row."""
    made: dict[int, list[int]] = defaultdict(list)
    for some in chunks(rows):
        outer = (
            sa.select(via.c.claim_id, name.c.person_id)
            .join_from(via, name, name.c.id == via.c.name_id)
            .where(via.c.claim_id.in_(some))
            .order_by(via.c.claim_id, via.c.place)
        )
        for row, who in connection.execute(outer):
            made[row].append(who)
        inner = sa.select(claim.c.id, name.c.person_id).join_from(claim, name, name.c.id == claim.c.name_id)
        for row, who in connection.execute(inner.where(claim.c.id.in_(some))):
            made[row].append(who)
    return made


def asked(connection: sa.Connection, roots: Iterable[int]) -> dict[int, tuple[str, str, str]]:
    """The question that each claim answers, by root: (the question's id, its words, the claim's side)."""
    made: dict[int, tuple[str, str, str]] = {}
    for some in chunks(roots):
        query = sa.select(answer.c.claim_id, question.c.key, question.c.text, answer.c.side).join(
            question, question.c.id == answer.c.question_id
        )
        for root, key, text, side in connection.execute(query.where(answer.c.claim_id.in_(some))):
            made[root] = (key, text, side)
    return made


def due(
    connection: sa.Connection,
    *,
    on: datetime.date,
    soon: int = 0,
    most_quoted: bool = False,
    limit: int = 30,
    offset: int = 0,
) -> list[Found]:
    """Open forecasts that have come due by ``on``; with ``soon`` those that will within so many days.

    Those that are due for the shortest time first; with ``most_quoted`` those first on whose question most forecasts
    hang.
    """
    c = claim.c
    conditions: list[Any] = [OPEN_FORECASTS, ~finding.resolved(c.root_id)]
    if soon:
        conditions += [c.due_on >= on.isoformat(), c.due_on < (on + datetime.timedelta(days=soon + 1)).isoformat()]
    else:
        conditions.append(c.due_on < on.isoformat())
    query = sa.select(*finding.COLUMNS).join_from(claim, schema.name, c.name_id == schema.name.c.id).where(*conditions)
    order: tuple[sa.ColumnElement[Any], ...] = (c.due_on if soon else c.due_on.desc(), c.id)

    def some(which: sa.Select[Any], offset: int, limit: int) -> list[Found]:
        return list(finding.built(connection, which.limit(limit).offset(offset), with_text=False))

    if not most_quoted:
        return some(query.order_by(*order), offset, limit)
    # Those on a question with others, and then the rest: to sort all together would go through every open forecast.
    hanging = sa.select(answer.c.question_id, sa.func.count().label("quoted")).group_by(answer.c.question_id)
    counts = hanging.having(sa.func.count() > 1).subquery()
    joined = sa.join(answer, counts, counts.c.question_id == answer.c.question_id)
    shared = query.join(joined, answer.c.claim_id == c.root_id)
    found = some(shared.order_by(counts.c.quoted.desc(), *order), offset, limit)
    if len(found) == limit:
        return found
    number = connection.execute(shared.with_only_columns(sa.func.count()).order_by(None)).scalar_one()
    together = sa.select(answer.c.claim_id).select_from(joined)
    alone = query.where(c.root_id.not_in(together)).order_by(*order)
    return found + some(alone, max(0, offset - number), limit - len(found))


def count_due(connection: sa.Connection, *, on: datetime.date, most: int = 1_000) -> int:
    """How many open forecasts have come due, counted up to ``most``."""
    c = claim.c
    query = sa.select(c.id).where(OPEN_FORECASTS, c.due_on < on.isoformat(), ~finding.resolved(c.root_id)).limit(most)
    return int(connection.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one())


def reporters(connection: sa.Connection, number: int, *, limit: int = 12) -> list[tuple[int | None, str, int]]:
    """Through whom a person's claims came: (the person's number or None, name, claims), the most frequent first.

    Those who stand next to the person in a chain; where nobody does, the author of the post.
    """
    bearing = sa.select(name.c.id).where(name.c.person_id == number)
    mine = sa.select(claim.c.id, claim.c.post_id).where(claim.c.name_id.in_(bearing), claim.c.latest).subquery()
    last = sa.select(via.c.claim_id, sa.func.max(via.c.place).label("place")).group_by(via.c.claim_id)
    last = last.where(via.c.claim_id.in_(sa.select(mine.c.id)))
    nearest = last.subquery()
    outer = (
        sa.select(person.c.id, person.c.name, sa.func.count())
        .select_from(nearest)
        .join(via, sa.and_(via.c.claim_id == nearest.c.claim_id, via.c.place == nearest.c.place))
        .join(name, name.c.id == via.c.name_id)
        .join(person, person.c.id == name.c.person_id)
        .group_by(person.c.id, person.c.name)
    )
    found: Counter[tuple[int | None, str]] = Counter()
    for who, called, count in connection.execute(outer):
        found[who, called] += count
    written = (
        sa.select(post.c.author, sa.func.count())
        .join_from(mine, post, post.c.id == mine.c.post_id)
        .where(mine.c.id.not_in(sa.select(nearest.c.claim_id)), post.c.author.is_not(None))
        .group_by(post.c.author)
    )
    for author, count in connection.execute(written):
        found[None, author] += count
    return [(who, called, count) for (who, called), count in found.most_common(limit)]


def topics(connection: sa.Connection) -> list[str]:
    """The topics of questions, in the order of the alphabet."""
    query = sa.select(question.c.topic).where(question.c.topic.is_not(None)).distinct().order_by(question.c.topic)
    return list(connection.execute(query.limit(200)).scalars())


def article_title(connection: sa.Connection, number: int) -> str:
    """How a thread, by its row, is called. Raises UnknownError."""
    query = sa.select(thread.c.title, thread.c.url, thread.c.key).where(thread.c.id == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownError(str(number), "no article in this ledger has that number", "see the list of articles")
    return str(row.title or row.url or row.key)


def settled(connection: sa.Connection, *, limit: int = 5) -> list[Found]:
    """Forecasts of which the last resolutions say how they came out, the last first; of a question the first only."""
    r = resolution.c
    rows = connection.execute(sa.select(r.claim_id, r.question_id).order_by(r.id.desc()).limit(limit * 4)).all()
    roots: dict[int, None] = {}
    for root, asked in dict.fromkeys((row.claim_id, row.question_id) for row in rows):
        if root is None:
            first = sa.select(sa.func.min(answer.c.claim_id)).where(answer.c.question_id == asked)
            root = connection.execute(first).scalar()
        if root is not None:
            roots.setdefault(root)
    keep = [root for root in roots if root in settled_roots(connection, roots)][:limit]
    c = claim.c
    query = sa.select(*finding.COLUMNS).join_from(claim, schema.name, c.name_id == schema.name.c.id)
    found = finding.built(connection, query.where(c.root_id.in_(keep), c.latest), with_text=False)
    return sorted(found, key=lambda one: keep.index(one.root))


@dataclass(frozen=True, slots=True)
class Totals:
    """How many articles, forecasts and answers there are: what can be counted quickly."""

    articles: int
    forecasts: int
    answers: int


def totals(connection: sa.Connection) -> Totals:
    """The counts of a ledger's first page."""
    number = sa.func.count()
    # Spelt as the condition of the index on forecasts is, so that it is counted there.
    forecasts = sa.select(number).select_from(claim).where(sa.text("latest AND forecast"))
    counts = (sa.select(number).select_from(thread), forecasts, sa.select(number).select_from(resolution))
    return Totals(*(connection.execute(query).scalar_one() for query in counts))
