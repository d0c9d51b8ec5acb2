"""Full-text search: one function over FTS5 and tsvector."""

from __future__ import annotations

from collections.abc import Iterable

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


def matching(dialect: str, text: str) -> tuple[sa.FromClause, sa.ColumnElement[float]] | None:
    """The claims that a query finds, as a table with ``claim_id`` and ``rank``, and the rank, the best lowest.

    See ``words.parse`` for what a query may say. None where it asks for nothing that could be found.
    """
    query = parse(text)
    if dialect == "sqlite":
        asked = query.for_sqlite()
        sql = "SELECT rowid AS claim_id, rank AS rank FROM claim_words WHERE claim_words MATCH :asked"
    else:
        asked = query.for_postgres()
        # Length counts (1), as it does in the bm25 of FTS5.
        sql = (
            "SELECT claim_id, -ts_rank_cd(words, CAST(:asked AS tsquery), 1) AS rank "
            "FROM claim_words WHERE words @@ CAST(:asked AS tsquery)"
        )
    if asked is None:
        return None
    found = (
        sa.text(sql)
        .bindparams(asked=asked)
        .columns(sa.column("claim_id", claim.c.id.type), sa.column("rank", sa.Float))
        .subquery("found")
    )
    return found, found.c.rank
