"""Full-text search: one function over FTS5 and tsvector.

On PostgreSQL the index also holds marks of each claim, its kind and its site: it then finds the few claims that have
both these words and that site by itself, where else each claim with the words had to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sayso.ledger.names import fold
from sayso.ledger.rows import as_json, portions
from sayso.ledger.schema import claim, storable
from sayso.ledger.words import parse, tsvector, words_of

if TYPE_CHECKING:
    from sayso.ledger.database import Database

_FTS = sa.text("INSERT INTO claim_words (rowid, words) VALUES (:id, :words)")
# As migration 0004 makes them.
_MARKS = """array_remove(ARRAY[
    'kind:' || c.kind,
    'site:' || t.site_folded,
    'host:' || left(regexp_replace(substring(lower(t.url) from '^https?://([^/]+)/'), '^www[.]', ''), 300)
], NULL)"""
_TSVECTOR = sa.text(
    f"INSERT INTO claim_words (claim_id, words, marks) SELECT c.id, CAST(w.words AS tsvector), {_MARKS} "
    "FROM json_to_recordset(CAST(:rows AS json)) AS w(id bigint, words text) "
    "JOIN claim c ON c.id = w.id JOIN thread t ON t.id = c.thread_id"
)
_REMARK = sa.text(
    f"UPDATE claim_words w SET marks = {_MARKS} FROM claim c JOIN thread t ON t.id = c.thread_id "
    "WHERE w.claim_id = c.id AND c.thread_id = :thread"
)

PART = 14
"""The index tells claims apart by their rows' numbers, this many bits left out; as migration 0005 makes it."""
_PART = f"(ARRAY[claim_id >> {PART}])"


def index(connection: sa.Connection, texts: Iterable[tuple[int, str]]) -> None:
    """Make claims, given as (row, text) and written before, findable."""
    found = ((number, words_of(text)) for number, text in texts)
    if connection.dialect.name == "sqlite":
        if rows := [{"id": number, "words": " ".join(words)} for number, words in found]:
            connection.execute(_FTS, rows)
        return
    for some in portions({"id": number, "words": tsvector(words)} for number, words in found):
        connection.execute(_TSVECTOR, {"rows": as_json(some)})


def unindex(connection: sa.Connection, number: int, text: str) -> None:
    """Take a claim, whose text was ``text``, out of what can be found."""
    if connection.dialect.name == "sqlite":
        # The index holds no texts: to forget one it has to be told which it was.
        sql = "INSERT INTO claim_words (claim_words, rowid, words) VALUES ('delete', :id, :words)"
        connection.execute(sa.text(sql), {"id": number, "words": " ".join(words_of(text))})
    else:
        connection.execute(sa.text("DELETE FROM claim_words WHERE claim_id = :id"), {"id": number})


def remark(connection: sa.Connection, thread: int) -> None:
    """Mark the claims of a thread, by its row, anew: its site or address has changed."""
    if connection.dialect.name == "postgresql":
        connection.execute(_REMARK, {"thread": thread})


def host_of(site: str) -> str | None:
    """The host that the name of a site is, as addresses spell it; None where it is none."""
    host = site.strip().casefold().removeprefix("www.")
    return host if "." in host or host == "localhost" else None


def marks(kinds: Iterable[str], site: str | None) -> list[list[str]]:
    """What to ask of the marks: one of each list."""
    asked = [[f"kind:{kind}" for kind in kinds]] if kinds else []
    if site is not None:
        host = host_of(site)
        asked.insert(0, [storable(f"site:{fold(site)}"), *([storable(f"host:{host[:300]}")] if host else [])])
    return asked


_TIDY = sa.text(
    "SELECT gin_clean_pending_list(c.oid) FROM pg_class c WHERE c.relname = 'ix_claim_words_words' "
    "AND c.relnamespace = current_schema()::regnamespace AND pg_has_role(c.relowner, 'USAGE')"
)
# What PostgreSQL thinks that it has of claims, and whether we may make it count.
_KNOWN = sa.text(
    "SELECT c.reltuples FROM pg_class c WHERE c.relname = 'claim' "
    "AND c.relnamespace = current_schema()::regnamespace AND pg_has_role(c.relowner, 'USAGE')"
)
_COUNTED = ("thread", "post", "person", "name", "claim", "via", "answer", "resolution", "claim_words")
MANY = 5_000
"""Claims that have come since PostgreSQL last counted, from which on it counts anew."""


# Of which tables PostgreSQL has not seen that all of a page's rows may be read by anybody, and whether we may let it.
_UNSEEN = sa.text(
    "SELECT c.relname FROM pg_class c, LATERAL (SELECT pg_relation_size(c.oid) / current_setting('block_size')::int) "
    "AS p(pages) WHERE c.relname = ANY(:tables) AND c.relnamespace = current_schema()::regnamespace "
    "AND pg_has_role(c.relowner, 'USAGE') AND p.pages - c.relallvisible > greatest(:most, 0.01 * p.pages)"
)
UNSEEN = 500
"""Pages that have come since PostgreSQL last looked through them, from which on it is told to."""


def tidy(database: Database) -> None:
    """Put what has just come into its place; for PostgreSQL, which does it by itself as well, but later.

    Until words are in their place, each search goes through all of the new ones. Where the ledger has grown by a fifth,
    how much there is of everything is counted, by samples: else all claims are gone through where an index gives a few.
    Where some of a table is new, it is looked through: else what is asked of an index alone, as all that records are
    made of, is looked up in the table too.
    """
    if database.is_sqlite:
        return
    for table in database.read(_tidied):
        # What fails here is done the next time, and was not asked for.
        with suppress(sa.exc.SQLAlchemyError):
            database.outside(f"VACUUM (SKIP_LOCKED, INDEX_CLEANUP OFF, TRUNCATE OFF) {table}")


def _tidied(connection: sa.Connection) -> list[str]:
    """Do what can be done in a transaction; gives the tables that remain to be looked through."""
    connection.execute(_TIDY)
    known = connection.execute(_KNOWN).scalar()
    if known is None:
        return []
    there = int(connection.execute(sa.select(sa.func.max(claim.c.id))).scalar() or 0)
    if there - max(0.0, known) > max(MANY, 0.2 * known):
        for table in _COUNTED:
            connection.execute(sa.text(f"ANALYZE {table}"))
    return list(connection.execute(_UNSEEN, {"tables": list(_COUNTED), "most": UNSEEN}).scalars())


@dataclass(frozen=True, slots=True)
class Match:
    """The claims that a query finds: ``found`` is a table of them with ``claim_id`` and ``words``.

    ``rank`` makes of a column of those ``words`` what a claim is sorted by, the best lowest.
    """

    found: sa.Subquery
    _query: str
    _sqlite: bool
    _text: str
    _values: dict[str, Any]

    def rank(self, words: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        if self._sqlite:
            return words  # FTS5 gives bm25 itself, and in the place where it has just found the claim
        # Length counts (1), as it does in bm25.
        asked = sa.text("CAST(:query AS tsquery)").bindparams(query=self._query)
        return -sa.func.ts_rank_cd(words, asked, 1)

    def is_common(self, connection: sa.Connection, most: int) -> bool:
        """Whether more than ``most`` claims have these words."""
        some = sa.select(self.found.c.claim_id).limit(most + 1).subquery()
        return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()) > most

    def between(self, low: int, high: int) -> sa.Subquery:
        """What is found with rows above ``low`` and up to ``high``, the last first, as ``found`` does; on PostgreSQL.

        It is put in order for itself: a search that asked for some of the last alone would take PostgreSQL through all
        claims in their order, by an estimate of how soon it will have found them that is often far off.
        """
        tests, values = "claim_id > :low AND claim_id <= :high", {**self._values, "low": low, "high": high}
        if low > 0:
            # The index knows in which part of the ledger a claim is, and so none of another part is looked at.
            tests += f" AND {_PART} && CAST(:parts AS bigint[])"
            values["parts"] = list(range((low + 1) >> PART, (high >> PART) + 1))
        sql = f"{self._text} AND {tests} ORDER BY claim_id DESC OFFSET 0"
        return _found(sa.text(sql).bindparams(**values))

    def only(self, rows: Sequence[int]) -> sa.Subquery:
        """Some of what is found, by the rows of claims, as ``found`` gives it; on PostgreSQL."""
        sql = "SELECT claim_id, words FROM claim_words WHERE claim_id = ANY(CAST(:rows AS bigint[]))"
        return _found(sa.text(sql).bindparams(rows=list(rows)))


def matching(dialect: str, text: str, *, marked: Sequence[Sequence[str]] = ()) -> Match | None:
    """What a query asks for; see ``words.parse`` for what it may say. None where it asks for nothing to be found.

    ``marked`` is what ``marks`` gives, for PostgreSQL.
    """
    query = parse(text)
    sqlite = dialect == "sqlite"
    asked = query.for_sqlite() if sqlite else query.for_postgres()
    if asked is None:
        return None
    values: dict[str, Any] = {"asked": asked}
    if sqlite:
        sql = "SELECT rowid AS claim_id, rank AS words FROM claim_words WHERE claim_words MATCH :asked"
    else:
        tests = ["words @@ CAST(:asked AS tsquery)"]
        for at, some in enumerate(marked):
            # A site is rarer than most words, so that where it goes through claims it is looked at first.
            tests.insert(0 if some[0].startswith("site:") else at + 1, f"marks && CAST(:marks_{at} AS text[])")
            values[f"marks_{at}"] = list(some)
        sql = f"SELECT claim_id, words FROM claim_words WHERE {' AND '.join(tests)}"
    return Match(_found(sa.text(sql).bindparams(**values)), asked, sqlite, sql, values)


def _found(query: sa.TextClause) -> sa.Subquery:
    number: sa.ColumnClause[Any] = sa.column("claim_id", claim.c.id.type)
    words: sa.ColumnClause[Any] = sa.column("words")
    return query.columns(number, words).subquery("found")
