"""On PostgreSQL the index of words also knows in which part of the ledger a claim is, by its row's number, so that a
search for the claims kept last looks at no others. On SQLite nothing changes."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP INDEX ix_claim_words_words")
    # As ``sayso.ledger.search`` asks for it.
    op.execute("CREATE INDEX ix_claim_words_words ON claim_words USING gin (words, marks, (ARRAY[claim_id >> 14]))")
    op.execute("ANALYZE claim_words")
