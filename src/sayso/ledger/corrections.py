"""Corrections: what people change of what was read. Each is a step with the claims before and after, and can be undone.

A corrected claim keeps its row, its id and its resolutions. One that is taken away keeps its row too, marked as no
claim any more, so that reading the article again does not bring it back (``recorrecting``).
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sayso.errors import FieldError, UnknownError
from sayso.ledger import editing, finding, keeping, schema
from sayso.ledger.database import next_id
from sayso.ledger.editing import Edit
from sayso.ledger.finding import Found
from sayso.ledger.holders import Holders
from sayso.ledger.schema import claim, corrected, correction, post, thread, via
from sayso.ledger.search import index, unindex
from sayso.posts import Claim, Kind, Post, Range, Thread

JSON = dict[str, Any]
MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Change:
    """What a correction did to one claim: the claim as JSON before (None: it was not there) and after (None: gone)."""

    before: JSON | None
    after: JSON | None

    @property
    def claim(self) -> str:
        """The claim's id."""
        there = self.after or self.before
        assert there is not None
        return str(there["id"])


@dataclass(frozen=True, slots=True)
class Correction:
    """One step: when, by whom, which action, to which claims.

    ``action`` is ``change``, ``split``, ``join``, ``delete``, ``add`` or ``undo``.
    """

    id: int
    at: str
    by: str | None
    action: str
    thread: str
    post: str
    changes: tuple[Change, ...]
    undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Who corrects, when; ``token`` names the attempt, so that a repeated one does nothing."""

    now: str
    by: str | None = None
    token: str = ""


def change(connection: sa.Connection, key: str, edit: Edit, step: Step) -> Correction:
    """Change a claim. Raises UnknownError, FieldError."""
    if (done := _done(connection, step)) is not None:
        return done
    found = finding.by_key(connection, key)
    after = editing.edited(found.claim, found.claim.post, edit)
    if _json(after) | {"confidence": 0} == _json(found.claim) | {"confidence": 0}:
        raise FieldError(found.claim.id, "it is so already", "change something, or leave it as it is")
    return _Writer(connection, step, found).write("change", [(found, after)])


def split(connection: sa.Connection, key: str, parts: Sequence[Sequence[Range]], step: Step) -> Correction:
    """Make several claims of one: each part is the spans of one; the first keeps the id."""
    if (done := _done(connection, step)) is not None:
        return done
    if not 2 <= len(parts) <= MOST_PARTS:
        raise FieldError("parts", f"{len(parts)} are given", f"a claim is split into 2 to {MOST_PARTS}")
    found = finding.by_key(connection, key)
    first, *others = (editing.edited(found.claim, found.claim.post, Edit(content=spans)) for spans in parts)
    new = [dataclasses.replace(each, id=editing.identity(each)) for each in others]
    return _Writer(connection, step, found).write("split", [(found, first), *((None, each) for each in new)])


def join(connection: sa.Connection, keys: Sequence[str], step: Step) -> Correction:
    """Make one claim of several in one post: the first keeps its id and takes the words of all."""
    if (done := _done(connection, step)) is not None:
        return done
    found = [finding.by_key(connection, key) for key in dict.fromkeys(keys)]
    if len({one.root for one in found}) < 2:
        raise FieldError("claims", "one is given", "name the claims to be joined")
    posts = {_place(connection, one.row) for one in found}
    if len(posts) > 1:
        raise FieldError("claims", "they stand in different posts", "only claims of one post can be joined")
    first, *others = found
    spans = _union([span for one in found for span in one.claim.content.spans])
    after = editing.edited(first.claim, first.claim.post, Edit(content=spans))
    return _Writer(connection, step, first).write("join", [(first, after), *((one, None) for one in others)])


def delete(connection: sa.Connection, key: str, step: Step) -> Correction:
    """Say that a claim is none."""
    if (done := _done(connection, step)) is not None:
        return done
    found = finding.by_key(connection, key)
    return _Writer(connection, step, found).write("delete", [(found, None)])


def add(
    connection: sa.Connection, article: int, post_key: str | None, kind: Kind, edit: Edit, step: Step
) -> Correction:
    """Add a claim that was missed, to a post (None: the article itself) of the thread with the row ``article``."""
    if (done := _done(connection, step)) is not None:
        return done
    of, row = _thread(connection, article, post_key)
    held_in = next(p for p in of.posts if p.id == row.key)
    if edit.content is None or (edit.holder is None and not edit.chain):
        raise FieldError("claim", "words or holder are missing", "select the words and say whose they are")
    words = editing.part(held_in, edit.content, "content")
    if words is None:
        raise FieldError("content", "a claim has to stand somewhere", "select its words")
    quote = editing.quoted(held_in.text, words)
    names = tuple(edit.chain or (edit.holder or "",))
    voice = edit.voice or ("attributed" if edit.cue or edit.source else "carried-over")
    blank = Claim("", of, held_in, words, None, None, quote, voice, (), kind)
    made = editing.edited(blank, held_in, dataclasses.replace(edit, chain=names, holder=None))
    made = dataclasses.replace(made, id=editing.identity(made))
    there = sa.select(claim.c.id).where(claim.c.post_id == row.id, claim.c.key == made.id, claim.c.latest)
    if connection.execute(there).first():
        raise FieldError(made.id, "this claim is there already", "look at it")
    return _Writer(connection, step, None, place=(article, row.id)).write("add", [(None, made)])


def undo(connection: sa.Connection, number: int, step: Step) -> Correction:
    """Take a correction back; later ones of the same claims have to be undone first."""
    if (done := _done(connection, step)) is not None:
        return done
    row = connection.execute(sa.select(correction).where(correction.c.id == number)).one_or_none()
    if row is None:
        raise UnknownError(str(number), "no such correction", "see the list of corrections")
    if row.undone or row.action == "undo":
        raise FieldError(str(number), "was undone already" if row.undone else "is itself an undoing")
    roots = sa.select(corrected.c.claim_id).where(corrected.c.correction_id == number)
    later = (
        sa.select(correction.c.id)
        .join(corrected, corrected.c.correction_id == correction.c.id)
        .where(correction.c.id > number, ~correction.c.undone, correction.c.action != "undo")
        .where(corrected.c.claim_id.in_(roots))
        .order_by(correction.c.id.desc())
    )
    if (upon := connection.execute(later.limit(1)).scalar()) is not None:
        raise FieldError(str(number), f"correction {upon} builds on it", "undo that first")
    writer = _Writer(connection, step, None, place=(row.thread_id, row.post_id))
    made = writer.take_back(row)
    connection.execute(sa.update(correction).where(correction.c.id == number).values(undone=True))
    return made


class _Writer:
    """Writes one step: the claims as they are now, and the step itself."""

    def __init__(
        self, connection: sa.Connection, step: Step, found: Found | None, *, place: tuple[int, int] | None = None
    ) -> None:
        self._connection, self._step = connection, step
        self._thread, self._post = place or _place(connection, found.row if found else 0)

    def write(self, action: str, changes: Sequence[tuple[Found | None, Claim | None]]) -> Correction:
        made, roots = [], []
        for found, after in changes:
            before = None if found is None else _json(found.claim)
            if after is None:
                assert found is not None
                self._hide(found.row)
                root = found.root
            else:
                root = self._put(found.row if found else None, after)
            made.append(Change(before, None if after is None else _json(after)))
            roots.append((root, after is None))
        return self._record(action, made, roots)

    def take_back(self, row: Any) -> Correction:
        """The opposite of a step."""
        from sayso.export.jsonl import claim_from_json

        of, _ = _thread(self._connection, row.thread_id, None, any_post=row.post_id)
        steps = json.loads(row.detail)["changes"]
        places = sa.select(corrected).where(corrected.c.correction_id == row.id).order_by(corrected.c.place)
        made, roots = [], []
        for change, at in zip(steps, self._connection.execute(places).all(), strict=True):
            newest = sa.select(claim.c.id).where(claim.c.root_id == at.claim_id).order_by(claim.c.id.desc())
            number = self._connection.execute(newest.limit(1)).scalar_one()
            if change["before"] is None:
                self._hide(number)
            else:
                self._put(number, claim_from_json(change["before"], threads={of.id: of}))
            made.append(Change(change["after"], change["before"]))
            roots.append((at.claim_id, change["before"] is None))
        return self._record("undo", made, roots)

    def _record(self, action: str, changes: list[Change], roots: list[tuple[int, bool]]) -> Correction:
        number = next_id(self._connection, correction)
        detail = json.dumps({"changes": [{"before": c.before, "after": c.after} for c in changes]}, ensure_ascii=False)
        self._connection.execute(
            sa.insert(correction),
            {
                "id": number,
                "token": self._step.token or uuid.uuid4().hex,
                "thread_id": self._thread,
                "post_id": self._post,
                "at": self._step.now,
                "by": self._step.by,
                "action": action,
                "detail": detail,
                "undone": False,
            },
        )
        rows = [
            {"correction_id": number, "place": at, "claim_id": root, "gone": gone}
            for at, (root, gone) in enumerate(roots)
        ]
        self._connection.execute(sa.insert(corrected), rows)
        return by_number(self._connection, number)

    def _hide(self, number: int) -> None:
        self._connection.execute(sa.update(claim).where(claim.c.id == number).values(latest=False))

    def _put(self, number: int | None, made: Claim) -> int:
        """Write a claim into its row, or a new one: the number of its root."""
        keeping.check(made.thread, [made])
        holders = Holders(self._connection, self._step.now)
        holders.load([made])
        chain = [holders.number(made, place) for place in range(len(made.chain))]
        holders.write()
        old = None
        if number is None:  # one that was taken back comes again
            gone = sa.select(claim).where(claim.c.post_id == self._post, claim.c.key == made.id)
            old = self._connection.execute(gone).one_or_none()
        else:
            old = self._connection.execute(sa.select(claim).where(claim.c.id == number)).one()
        row = old.id if old else next_id(self._connection, claim)
        root = old.root_id if old else row
        values = keeping.claim_row(made, row, self._thread, old.post_id if old else self._post, chain[-1], root)
        if old is None:
            self._connection.execute(sa.insert(claim), values)
        else:
            unindex(self._connection, row, old.content)
            self._connection.execute(sa.update(claim).where(claim.c.id == row).values(values))
            self._connection.execute(sa.delete(via).where(via.c.claim_id == row))
        outer = [{"claim_id": row, "place": at, "name_id": chain[at]} for at in range(len(chain) - 1)]
        if outer:
            self._connection.execute(sa.insert(via), outer)
        index(self._connection, [(row, made.content.text)])
        return int(root)


def _json(made: Claim) -> JSON:
    from sayso.export.jsonl import claim_to_json

    return claim_to_json(made)


def _place(connection: sa.Connection, row: int) -> tuple[int, int]:
    found = connection.execute(sa.select(claim.c.thread_id, claim.c.post_id).where(claim.c.id == row)).one()
    return found.thread_id, found.post_id


def _thread(
    connection: sa.Connection, number: int, post_key: str | None, *, any_post: int | None = None
) -> tuple[Thread, Any]:
    """A thread with its posts, and the row of one of them: the current one of that key, or ``any_post``."""
    row = connection.execute(sa.select(thread).where(thread.c.id == number)).one_or_none()
    if row is None:
        raise UnknownError(str(number), "no article in this ledger has that number", "see the list of articles")
    wanted = post.c.current if any_post is None else sa.or_(post.c.current, post.c.id == any_post)
    posts = connection.execute(
        sa.select(post).where(post.c.thread_id == number, wanted).order_by(post.c.place, post.c.id)
    ).all()
    chosen = next(
        (p for p in posts if (p.id == any_post if any_post else p.key == post_key or (post_key is None))), None
    )
    if chosen is None:
        raise UnknownError(str(post_key)[:80], "no post of this article has that id", "see the article")
    shown = {p.key: p for p in posts} | {chosen.key: chosen}
    made = [Post(p.key, p.text or "", p.kind, p.parent, p.author, p.posted, (), p.language) for p in shown.values()]
    return Thread(row.key, made, row.url, row.title, row.site, row.published, row.language), chosen


def _union(spans: Sequence[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


# Looking back


def _done(connection: sa.Connection, step: Step) -> Correction | None:
    """What an earlier attempt with the same token did."""
    if not step.token:
        return None
    number = connection.execute(sa.select(correction.c.id).where(correction.c.token == step.token)).scalar()
    return None if number is None else by_number(connection, number)


def by_number(connection: sa.Connection, number: int) -> Correction:
    """One correction. Raises UnknownError."""
    found = list(_listed(connection, correction.c.id == number))
    if not found:
        raise UnknownError(str(number), "no such correction", "see the list of corrections")
    return found[0]


def history(connection: sa.Connection, key: str) -> list[Correction]:
    """The corrections of a claim, the oldest first; also of one that was taken away."""
    roots = sa.select(claim.c.root_id).where(claim.c.key == key)
    numbers = sa.select(corrected.c.correction_id).where(corrected.c.claim_id.in_(roots))
    return list(_listed(connection, correction.c.id.in_(numbers)))


def listing(
    connection: sa.Connection, *, article: int | None = None, after: int = 0, limit: int | None = None
) -> Iterator[Correction]:
    """Yield corrections, or those of one article, the oldest first; ``after`` leaves out those up to a number."""
    conditions = [correction.c.id > after]
    if article is not None:
        conditions.append(correction.c.thread_id == article)
    return _listed(connection, *conditions, limit=limit)


def _listed(
    connection: sa.Connection, *conditions: sa.ColumnElement[bool], limit: int | None = None
) -> Iterator[Correction]:
    query = (
        sa.select(correction, thread.c.key.label("thread_key"), post.c.key.label("post_key"))
        .join(thread, thread.c.id == correction.c.thread_id)
        .join(post, post.c.id == correction.c.post_id)
        .where(*conditions)
        .order_by(correction.c.id)
        .limit(limit)
    )
    with connection.execute(query, execution_options={"yield_per": 500}) as rows:  # closed also if left half-way
        for row in rows:
            changes = tuple(Change(c["before"], c["after"]) for c in json.loads(row.detail)["changes"])
            yield Correction(row.id, row.at, row.by, row.action, row.thread_key, row.post_key, changes, row.undone)


def texts(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, Any]:
    """The posts that corrections were made in, by the correction's number: rows with post_id, text, author, posted."""
    query = sa.select(correction.c.id, correction.c.post_id, post.c.text, post.c.author, post.c.posted).join(
        post, post.c.id == correction.c.post_id
    )
    return {row.id: row for row in connection.execute(query.where(correction.c.id.in_(list(numbers))))}


def standing(connection: sa.Connection, post_id: int) -> list[Claim]:
    """The claims that stand in one version of a post, in the order in which they were kept."""
    query = sa.select(*finding.COLUMNS).join_from(claim, schema.name, claim.c.name_id == schema.name.c.id)
    query = query.where(claim.c.post_id == post_id, claim.c.latest).order_by(claim.c.id)
    return [found.claim for found in finding.built(connection, query, with_text=False)]


def to_json(made: Correction) -> JSON:
    """A correction as an object of JSON."""
    return {
        "id": made.id,
        "at": made.at,
        "by": made.by,
        "action": made.action,
        "thread": made.thread,
        "post": made.post,
        "changes": [{"claim": c.claim, "before": c.before, "after": c.after} for c in made.changes],
        "undone": made.undone,
    }
