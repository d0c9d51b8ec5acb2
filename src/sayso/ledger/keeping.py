"""Putting what was read into the ledger, so that doing it again changes nothing.

For a batch of documents, in one transaction:

1. Their threads are found or made; what is said of a thread now and was not known is added.
2. Each post is found by its id. A text that differs from the one kept makes a new version, and the old one stays.
3. Claims already there by id are left. One that an older version of the post has too (the same id, or the same words
   of the same holder) is joined to it, so that it counts once and keeps its resolutions.
   What people have corrected stands (``recorrecting``).
4. The new ones are written with their chains and their words for the search.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import sqlalchemy as sa

from sayso.errors import FieldError
from sayso.ledger import recorrecting, schema
from sayso.ledger.database import next_id
from sayso.ledger.holders import Holders, chunks, site_of
from sayso.ledger.names import fold
from sayso.ledger.noted import EDITS, note
from sayso.ledger.rows import insert
from sayso.ledger.search import index, remark
from sayso.posts import FORECASTS, KINDS, Claim, Post, PostKind, Quote, Thread, Voice

Document = tuple[Thread, Sequence[Claim]]
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_THREAD = ("url", "title", "site", "published", "language")
_THREAD_ROW = ("id", *_THREAD, "site_folded")


@dataclass(slots=True)
class Kept:
    """How much was new: threads, posts, versions of posts, claims; ``known`` counts claims that were there before."""

    threads: int = 0
    posts: int = 0
    versions: int = 0
    claims: int = 0
    known: int = 0

    def __iadd__(self, other: Kept) -> Kept:
        for field in ("threads", "posts", "versions", "claims", "known"):
            setattr(self, field, getattr(self, field) + getattr(other, field))
        return self


def day_of(moment: str | None) -> str | None:
    """The day of an ISO 8601 moment; None where there is none."""
    found = _DAY.match(moment) if moment else None
    return found[0] if found else None


def keep(connection: sa.Connection, documents: Sequence[Document], now: str, *, known_people: bool = False) -> Kept:
    """Keep documents in the connection's transaction, which must be a writer's.

    ``known_people`` says that names come from a list of people and not from a text; see ``Holders``.
    """
    return _Keeper(connection, now, known_people=known_people).keep(documents)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def body_of(claim: Claim) -> str:
    """What the columns of ``claim`` do not hold, as JSON."""
    from sayso.export.jsonl import claim_to_json

    value = claim_to_json(claim)
    for column in ("id", "thread", "post", "kind", "confidence"):
        del value[column]
    del value["content"]["text"]
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Keeper:
    def __init__(self, connection: sa.Connection, now: str, *, known_people: bool = False) -> None:
        self.connection, self.now = connection, now
        self.kept = Kept()
        self.edited = False
        self.threads: dict[str, Any] = {}
        self.new_threads: dict[int, dict[str, Any]] = {}
        self.posts: dict[tuple[int, str], Any] = {}
        self.versions: dict[tuple[int, str, str], Any] = {}
        self.holders = Holders(connection, now, known_people=known_people)

    def keep(self, documents: Sequence[Document]) -> Kept:
        for thread, claims in documents:
            check(thread, claims)
        documents = recorrecting.stand(self.connection, documents)
        self._load(documents)
        self.holders.load(claim for _, claims in documents for claim in claims)
        self.next_claim = next_id(self.connection, schema.claim)
        self.next_post = next_id(self.connection, schema.post)
        self.next_thread = next_id(self.connection, schema.thread)
        new_posts: list[dict[str, Any]] = []
        waiting: list[tuple[int, dict[str, tuple[int, bool]], Sequence[Claim]]] = []
        for thread, claims in documents:
            thread_id = self._thread(thread)
            waiting.append((thread_id, self._posts(thread, thread_id, new_posts), claims))
        insert(self.connection, schema.thread, list(self.new_threads.values()))
        insert(self.connection, schema.post, new_posts)
        self._claims(waiting)
        if self.edited:
            note(self.connection, EDITS)
        return self.kept

    # Threads and posts

    def _load(self, documents: Sequence[Document]) -> None:
        table, post = schema.thread, schema.post
        for some in chunks(schema.mark(thread.id) for thread, _ in documents):
            for row in self.connection.execute(sa.select(table).where(table.c.mark.in_(some))):
                self.threads[row.mark] = row
        columns = [c for c in post.c if c.name != "text"]
        for numbers in chunks(row.id for row in self.threads.values()):
            for row in self.connection.execute(sa.select(*columns).where(post.c.thread_id.in_(numbers))):
                if row.current:
                    self.posts[row.thread_id, row.mark] = row
                if row.digest:
                    self.versions[row.thread_id, row.mark, row.digest] = row

    def _thread(self, thread: Thread) -> int:
        mark = schema.mark(thread.id)
        said = {field: getattr(thread, field) for field in _THREAD}
        site = site_of(thread)
        row = self.threads.get(mark)
        if row is None:
            number = self.next_thread
            self.next_thread += 1
            said |= {"id": number, "key": thread.id, "mark": mark, "kept_at": self.now}
            said["site_folded"] = fold(site) if site else None
            self.new_threads[number] = said
            self.threads[mark] = _Row(said)
            self.kept.threads += 1
            return number
        changed: dict[str, Any] = {
            field: value for field, value in said.items() if value and value != getattr(row, field)
        }
        if changed:
            if site and fold(site) != row.site_folded:
                changed["site_folded"] = fold(site)
            if row.id in self.new_threads:  # the same document twice in one batch
                self.new_threads[row.id].update(changed)
            else:
                self.edited = True
                self.connection.execute(sa.update(schema.thread).where(schema.thread.c.id == row.id).values(changed))
                if not changed.keys().isdisjoint(("url", "site_folded")):
                    remark(self.connection, row.id)
            self.threads[mark] = _Row({field: getattr(row, field) for field in _THREAD_ROW} | changed)
        return int(row.id)

    def _posts(self, thread: Thread, thread_id: int, new: list[dict[str, Any]]) -> dict[str, tuple[int, bool]]:
        """The row of each post by its id, and whether it is the newest version."""
        found: dict[str, tuple[int, bool]] = {}
        for place, post in enumerate(thread.posts):
            mark = schema.mark(post.id)
            row = self.posts.get((thread_id, mark))
            digest = _digest(post.text) if post.text else None
            if digest and (known := self.versions.get((thread_id, mark, digest))) is not None:
                row = known  # also where a newer version has come since: this one is there
            if row is None or (digest and row.digest and digest != row.digest):
                version = 1 if row is None else row.version + 1
                if row is not None:
                    self._update_post(row, {"current": False}, new)
                    self.kept.versions += 1
                else:
                    self.kept.posts += 1
                made = _post_row(post, self.next_post, thread_id, mark, version, place, digest, self.now)
                self.next_post += 1
                new.append(made)
                row = self.posts[thread_id, mark] = _Row(made)
                if digest:
                    self.versions[thread_id, mark, digest] = row
            elif changed := _news(post, row, digest):
                self._update_post(row, changed, new)
            found[post.id] = (int(row.id), self.posts[thread_id, mark].id == row.id)
        return found

    def _update_post(self, row: Any, values: dict[str, Any], new: list[dict[str, Any]]) -> None:
        if isinstance(row, _Row):  # the same document twice in one batch: the row is not written yet
            row.__dict__.update(values)
            next(made for made in new if made["id"] == row.id).update(values)
        else:
            self.edited = True
            self.connection.execute(sa.update(schema.post).where(schema.post.c.id == row.id).values(values))

    # Claims

    def _claims(self, waiting: Sequence[tuple[int, dict[str, tuple[int, bool]], Sequence[Claim]]]) -> None:
        earlier = self._earlier(waiting)
        rows: list[dict[str, Any]] = []
        vias: list[dict[str, Any]] = []
        superseded: list[int] = []
        for thread_id, posts, claims in waiting:
            incoming = {claim.id for claim in claims}
            for claim in claims:
                post_id, newest = posts[claim.post.id]
                chain = [self.holders.number(claim, place) for place in range(len(claim.chain))]
                before = earlier.setdefault((thread_id, schema.mark(claim.post.id)), _Earlier())
                same = before.match(claim, chain[-1], post_id, incoming)
                # In an older version that comes again, what a newer one holds as well is there in the newer.
                if (post_id, claim.id) in before.rows or (same is not None and (same.post_id == post_id or not newest)):
                    self.kept.known += 1
                    continue
                number = self.next_claim
                self.next_claim += 1
                if same is not None:
                    superseded.append(same.id)
                    before.drop(same)
                made = claim_row(claim, number, thread_id, post_id, chain[-1], same.root_id if same else number)
                rows.append(made)
                before.add(_Row(made))
                vias += [{"claim_id": number, "place": at, "name_id": chain[at]} for at in range(len(chain) - 1)]
        self.holders.write()
        insert(self.connection, schema.claim, rows)
        for some in chunks(superseded):
            self.connection.execute(sa.update(schema.claim).where(schema.claim.c.id.in_(some)).values(latest=False))
        insert(self.connection, schema.via, vias)
        index(self.connection, ((row["id"], row["content"]) for row in rows))
        self.kept.claims += len(rows)

    def _earlier(
        self, waiting: Sequence[tuple[int, dict[str, tuple[int, bool]], Sequence[Claim]]]
    ) -> dict[tuple[int, str], _Earlier]:
        """The claims already kept of each post, in whatever version of it."""
        found: dict[tuple[int, str], _Earlier] = {}
        claim, post = schema.claim.c, schema.post.c
        query = (
            sa.select(claim.id, claim.key, claim.root_id, claim.post_id, claim.content, claim.name_id)
            .add_columns(post.mark, claim.thread_id, claim.latest)
            .join_from(schema.claim, schema.post, claim.post_id == post.id)
        )
        for some in chunks(thread_id for thread_id, _, _ in waiting):
            for row in self.connection.execute(query.where(claim.thread_id.in_(some))):
                found.setdefault((row.thread_id, row.mark), _Earlier()).add(row)
        return found


class _Row:
    """A row that is about to be written, with the columns as attributes like one that was read."""

    id: int
    version: int
    digest: str | None

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


class _Earlier:
    """The claims of one post that are there, found by id, and by holder and words."""

    def __init__(self) -> None:
        self.rows: set[tuple[int, str]] = set()
        self.by_key: dict[str, Any] = {}
        self.by_words: dict[tuple[int, str], list[Any]] = {}

    def add(self, row: Any) -> None:
        self.rows.add((row.post_id, row.key))
        if not row.latest:
            return
        self.by_key[row.key] = row
        self.by_words.setdefault((row.name_id, row.content), []).append(row)

    def drop(self, row: Any) -> None:
        """It has found its successor."""
        self.by_key.pop(row.key, None)
        self.by_words[row.name_id, row.content].remove(row)

    def match(self, claim: Claim, name_id: int, post_id: int, incoming: set[str]) -> Any | None:
        """The row of the same claim. One of this very version whose own id comes as well is not it."""
        if (known := self.by_key.get(claim.id)) is not None:
            return known
        # Without the post's text the claims at hand may not be all of it, so that another id is another claim.
        whole = bool(claim.post.text)
        for row in self.by_words.get((name_id, claim.content.text), ()):
            if row.key not in incoming and (whole or row.post_id != post_id):
                return row
        return None


def _news(post: Post, row: Any, digest: str | None) -> dict[str, Any]:
    """What is known of a post now and was not before."""
    changed: dict[str, Any] = {
        field: value
        for field, value in (("author", post.author), ("posted", post.posted), ("language", post.language))
        if value and getattr(row, field) is None
    }
    if digest and row.digest is None:
        changed |= {"text": post.text, "digest": digest, "quotes": _quotes(post)}
    return changed


def _quotes(post: Post) -> str | None:
    return json.dumps([list(span) for span in post.quotes]) if post.quotes else None


def _post_row(
    post: Post, number: int, thread_id: int, mark: str, version: int, place: int, digest: str | None, now: str
) -> dict[str, Any]:
    return {
        "id": number,
        "thread_id": thread_id,
        "key": post.id,
        "mark": mark,
        "version": version,
        "current": True,
        "place": place,
        "parent": post.parent,
        "kind": post.kind,
        "author": post.author,
        "posted": post.posted,
        "language": post.language,
        "quotes": _quotes(post),
        "text": post.text if digest else None,
        "digest": digest,
        "kept_at": now,
    }


def claim_row(claim: Claim, number: int, thread_id: int, post_id: int, name_id: int, root_id: int) -> dict[str, Any]:
    """The row of a claim in the table."""
    forecast = claim.forecast
    end = forecast.horizon.end if forecast and forecast.horizon else None
    odds = forecast.probability if forecast else None
    return {
        "id": number,
        "key": claim.id,
        "thread_id": thread_id,
        "post_id": post_id,
        "root_id": root_id,
        "latest": True,
        "name_id": name_id,
        "kind": claim.kind,
        "said_on": day_of(claim.post.posted) or day_of(claim.thread.published),
        "content": claim.content.text,
        "body": body_of(claim),
        "confidence": round(claim.confidence, 4),
        "forecast": claim.kind in FORECASTS,
        "due_on": end.isoformat() if end else None,
        "resolvable": bool(forecast and forecast.resolvable),
        "probability": odds.point if odds else None,
        "probability_low": odds.low if odds else None,
        "probability_high": odds.high if odds else None,
    }


def check(thread: Thread, claims: Iterable[Claim]) -> None:
    """Refuse what could be written but not read again: FieldError."""
    known = {post.id for post in thread.posts}
    for claim in claims:
        where = f"claim {str(claim.id)[:80]}"
        problem = _problem(claim)
        if problem is None and claim.post.id not in known:
            problem = "its post is not in its thread"
        if problem is not None:
            raise FieldError(where, problem, "compare it with `sayso schema`")


def _problem(claim: Claim) -> str | None:
    texts = [claim.id, claim.thread.id, claim.post.id, claim.content.text, *(h.name for h in claim.chain)]
    optional = [claim.post.author, claim.post.posted, claim.post.parent, claim.thread.language]
    optional += [getattr(claim.thread, field) for field in _THREAD]
    if not all(isinstance(x, str) for x in texts) or not all(x is None or isinstance(x, str) for x in optional):
        return "a text is no text"
    if not 1 <= len(claim.id) <= schema.MOST_INDEXED:
        return f"its id has {len(claim.id)} characters, not 1 to {schema.MOST_INDEXED}"
    if not claim.chain or not all(holder.name.strip() for holder in claim.chain):
        return "it has no holder with a name"
    for value, allowed in (
        (claim.kind, KINDS),
        (claim.quote, get_args(Quote)),
        (claim.voice, get_args(Voice)),
        (claim.post.kind, get_args(PostKind)),
    ):
        if value not in allowed:
            return f"{str(value)[:40]!r} is none of {', '.join(allowed)}"
    if not claim.content.spans:
        return "its content stands nowhere"
    odds = claim.forecast.probability if claim.forecast else None
    numbers = [claim.confidence, *((odds.point, odds.low, odds.high) if odds else ())]
    if not all(isinstance(x, int | float) and 0 <= x <= 1 for x in numbers):
        return "a confidence or probability is not between 0 and 1"
    return None
