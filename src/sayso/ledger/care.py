"""Looking after a ledger: is it whole, how much is in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sayso.ledger import schema
from sayso.ledger.database import Database
from sayso.ledger.schema import REVISIONS, answer, claim, name, person, post, question, resolution, thread, via

MOST = 20
"""Findings of one kind that are told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be: where, what, and what to do."""

    place: str
    problem: str
    remedy: str


_RESTORE = "restore a backup: sayso ledger restore BACKUP --ledger NEW"


def check(database: Database) -> list[Finding]:
    """All that is wrong with a ledger; also whether a migration is due. Raises LedgerError where it cannot be read."""
    try:
        with database.connect() as connection:
            revision = database.present_revision(connection)
            if revision != REVISIONS[-1]:
                return [Finding("schema", f"is {revision}, not {REVISIONS[-1]}", "run: sayso ledger migrate")]
            found = list(_engine(connection)) if database.is_sqlite else []
            return found or [*_rows(connection), *_texts(connection), *_search(connection)]
    except sa.exc.DatabaseError as error:
        return [Finding("database", " ".join(str(error.orig).split())[:200], _RESTORE)]


def _engine(connection: sa.Connection) -> Iterator[Finding]:
    for row in connection.exec_driver_sql(f"PRAGMA integrity_check({MOST})"):
        if row[0] != "ok":
            yield Finding("file", str(row[0]), _RESTORE)
    for at, row in enumerate(connection.exec_driver_sql("PRAGMA foreign_key_check")):
        if at < MOST:
            yield Finding(f"{row[0]} {row[1]}", f"names a row of {row[2]} that is not there", _RESTORE)


def _rows(connection: sa.Connection) -> Iterator[Finding]:
    """What the tables cannot promise by themselves."""
    current = sa.select(post.c.thread_id, post.c.mark).group_by(post.c.thread_id, post.c.mark)
    current = current.having(sa.func.sum(sa.case((post.c.current, 1), else_=0)) != 1)
    newest = sa.select(claim.c.root_id).group_by(claim.c.root_id)
    taken_away = sa.select(schema.corrected.c.claim_id).where(schema.corrected.c.gone)
    there = sa.func.sum(sa.case((claim.c.latest, 1), else_=0))
    newest = newest.having(sa.or_(there > 1, sa.and_(there == 0, claim.c.root_id.not_in(taken_away))))
    root = claim.alias("root")
    not_root = sa.select(claim.c.id).join(root, root.c.id == claim.c.root_id).where(root.c.root_id != root.c.id)
    nameless = sa.select(person.c.id).where(~sa.exists().where(name.c.person_id == person.c.id))
    elsewhere = sa.select(claim.c.id).join(post, post.c.id == claim.c.post_id)
    elsewhere = elsewhere.where(post.c.thread_id != claim.c.thread_id)
    for table, problem, query in (
        ("post", "has not exactly one current version", current),
        ("claim", "has not exactly one newest row", newest),
        ("claim", "goes back to a row that is no beginning", not_root),
        ("claim", "lies in another thread than its post", elsewhere),
        ("answer", "is of a claim that is not the first of its versions", _strange(answer)),
        ("resolution", "is of a claim that is not the first of its versions", _strange(resolution)),
    ):
        for row in connection.execute(query.limit(MOST)):
            yield Finding(f"{table} {row[0]}", problem, _RESTORE)
    merged = {row[0] for row in connection.execute(nameless.limit(100_000))}
    known = set()
    for detail in connection.execute(sa.select(schema.event.c.detail)).scalars():
        known.add(json.loads(detail).get("other"))
        known.add(json.loads(detail).get("person"))
    for number in sorted(merged - known)[:MOST]:
        yield Finding(f"person {number}", "has no name and was never merged", _RESTORE)


def _strange(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table.c.claim_id).join(claim, claim.c.id == table.c.claim_id).where(claim.c.root_id != claim.c.id)


def _texts(connection: sa.Connection) -> Iterator[Finding]:
    """Whether the texts are those that were kept, and what was read of each can be read again."""
    told = 0
    query = sa.select(post.c.id, post.c.text, post.c.digest).where(post.c.digest.is_not(None)).order_by(post.c.id)
    for row in connection.execute(query, execution_options={"yield_per": 200}):
        digest = hashlib.sha256((row.text or "").encode("utf-8", "surrogatepass")).hexdigest()
        if digest != row.digest and told < MOST:
            told += 1
            yield Finding(f"post {row.id}", "its text is not the one that was kept", _RESTORE)
    told = 0
    bodies = sa.select(claim.c.id, claim.c.body).order_by(claim.c.id)
    for number, body in connection.execute(bodies, execution_options={"yield_per": 2_000}):
        try:
            spans = json.loads(body)["content"]["spans"]
        except (ValueError, KeyError, TypeError):
            spans = None
        if not spans and told < MOST:
            told += 1
            yield Finding(f"claim {number}", "what was read of it cannot be read again", _RESTORE)


def _search(connection: sa.Connection) -> Iterator[Finding]:
    sqlite = connection.dialect.name == "sqlite"
    table = "claim_words_docsize" if sqlite else "claim_words"
    indexed = connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
    claims = connection.execute(sa.select(sa.func.count()).select_from(claim)).scalar_one()
    if indexed != claims:
        yield Finding(
            "search", f"holds {indexed} of {claims} claims", "back it up and restore that, which indexes anew"
        )
    if sqlite:
        try:
            connection.exec_driver_sql("SELECT count(*) FROM claim_words WHERE claim_words MATCH 'a'").scalar()
        except sa.exc.DatabaseError as error:
            yield Finding("search", str(error.orig), _RESTORE)


def stats(database: Database) -> dict[str, Any]:
    """How much there is of everything, by kind; the size in bytes; where it is and of which schema."""

    def work(connection: sa.Connection) -> dict[str, Any]:
        def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
            return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())

        kinds = connection.execute(
            sa.select(claim.c.kind, sa.func.count()).where(claim.c.latest).group_by(claim.c.kind)
        )
        settled = resolution.c
        by_kind: dict[str, int] = dict(kinds.all())
        return {
            "ledger": database.label,
            "schema": database.revision(connection),
            "threads": count(thread),
            "posts": count(post, post.c.current),
            "older_versions": count(post, ~post.c.current),
            "claims": sum(by_kind.values()),
            "by_kind": {kind: by_kind[kind] for kind in sorted(by_kind)},
            "nested_claims": connection.execute(sa.select(sa.func.count(via.c.claim_id.distinct()))).scalar_one(),
            "people": connection.execute(sa.select(sa.func.count(name.c.person_id.distinct()))).scalar_one(),
            "names": count(name),
            "questions": count(question),
            "attached": count(answer),
            "resolutions": count(resolution),
            "resolved_claims": connection.execute(sa.select(sa.func.count(settled.claim_id.distinct()))).scalar_one(),
            "resolved_questions": connection.execute(
                sa.select(sa.func.count(settled.question_id.distinct()))
            ).scalar_one(),
            "corrections": count(schema.correction, ~schema.correction.c.undone, schema.correction.c.action != "undo"),
            "bytes": _size(connection),
        }

    return database.read(work)


def _size(connection: sa.Connection) -> int:
    if connection.dialect.name == "sqlite":
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    total = "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c JOIN pg_namespace n "
    total += "ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'"
    return int(connection.exec_driver_sql(total).scalar_one())
