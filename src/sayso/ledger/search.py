"""Full-text search: one function over FTS5 and tsvector."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sayso.ledger.schema import claim
from sayso.ledger.words import parse, tsvector, words_of

_FTS = sa.text("INSERT INTO claim_words (rowid, words) VALUES (:id, :words)")
_TSVECTOR = sa.text("INSERT INTO claim_words (claim_id, words) VALUES (:id, CAST(:words AS tsvector))")


def index(connection: sa.Connection, texts: Iterable[tuple[int, str]]) -> None:
    """Make claims, given as (row, text), findable."""
    sqlite = connection.dialect.name == "sqlite"
    rows = [
        {"id": number, "words": " ".join(words_of(text)) if sqlite else tsvector(words_of(text))}
        for number, text in texts
    ]
    if rows:
        connection.execute(_FTS if sqlite else _TSVECTOR, rows)


def unindex(connection: sa.Connection, number: int, text: str) -> None:
    """Take a claim, whose text was ``text``, out of what can be found."""
    if connection.dialect.name == "sqlite":
        # The index holds no texts: to forget one it has to be told which it was.
        sql = "INSERT INTO claim_words (claim_words, rowid, words) VALUES ('delete', :id, :words)"
        connection.execute(sa.text(sql), {"id": number, "words": " ".join(words_of(text))})
    else:
        connection.execute(sa.text("DELETE FROM claim_words WHERE claim_id = :id"), {"id": number})


_TIDY = sa.text(
    "SELECT gin_clean_pending_list(c.oid) FROM pg_class c WHERE c.relname = 'ix_claim_words_words' "
    "AND c.relnamespace = current_schema()::regnamespace AND pg_has_role(c.relowner, 'USAGE')"
)


def tidy(connection: sa.Connection) -> None:
    """Put words that have just come into their place: until then each search on PostgreSQL goes through all of them."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TIDY)


@dataclass(frozen=True, slots=True)
class Match:
    """The claims that a query finds: ``found`` is a table of them with ``claim_id`` and ``words``.

    ``rank`` makes of a column of those ``words`` what a claim is sorted by, the best lowest.
    """

    found: sa.Subquery
    _query: str
    _sqlite: bool

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


def matching(dialect: str, text: str) -> Match | None:
    """What a query asks for; see ``words.parse`` for what it may say. None where it asks for nothing to be found."""
    query = parse(text)
    sqlite = dialect == "sqlite"
    asked = query.for_sqlite() if sqlite else query.for_postgres()
    if asked is None:
        return None
    if sqlite:
        sql = "SELECT rowid AS claim_id, rank AS words FROM claim_words WHERE claim_words MATCH :asked"
    else:
        sql = "SELECT claim_id, words FROM claim_words WHERE words @@ CAST(:asked AS tsquery)"
    number: sa.ColumnClause[Any] = sa.column("claim_id", claim.c.id.type)
    words: sa.ColumnClause[Any] = sa.column("words")
    return Match(sa.text(sql).bindparams(asked=asked).columns(number, words).subquery("found"), asked, sqlite)
