"""The indexes of claims over part of the table, or of one engine alone: what the migrations have made of them.

They are apart from their table since SQLAlchemy loads the dialects of both engines to describe them, which takes longer
than most of what a command does. Nothing needs their description but a comparison with what a database has.
"""

from __future__ import annotations

import sqlalchemy as sa

from sayso.ledger.schema import claim

sa.Index(
    "ix_claim_due",
    claim.c.due_on,
    claim.c.id,
    sqlite_where=sa.text("latest AND forecast AND due_on IS NOT NULL"),
    postgresql_where=sa.text("latest AND forecast AND due_on IS NOT NULL"),
)

# The newest said first, of unknown day last: SQLite has them so in any index, PostgreSQL only where it is told.
sa.Index("ix_claim_said_on", claim.c.said_on).ddl_if(dialect="sqlite")
sa.Index("ix_claim_newest", claim.c.said_on.desc().nulls_last(), claim.c.id).ddl_if(dialect="postgresql")

# All that a record asks of a forecast, so that its row, with words and places, need not be fetched: from the
# resolutions of everybody, and from the forecasts of one holder.
_RECORD = (
    claim.c.kind,
    claim.c.said_on,
    claim.c.probability,
    claim.c.probability_low,
    claim.c.probability_high,
    # Always true here, but without them SQLite looks them up in the row.
    claim.c.latest,
    claim.c.forecast,
)
for _label, _columns in (
    ("ix_claim_record", (claim.c.root_id, claim.c.name_id)),
    ("ix_claim_holder_record", (claim.c.name_id, claim.c.root_id)),
):
    sa.Index(
        _label,
        *_columns,
        *_RECORD,
        sqlite_where=sa.text("latest AND forecast"),
        postgresql_where=sa.text("latest AND forecast"),
    )
