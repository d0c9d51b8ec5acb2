"""Records of holders who have said much: all that they ask of a claim now stands in its indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FORECASTS = "latest AND forecast"


def upgrade() -> None:
    op.drop_index("ix_claim_name_id_said_on", "claim")
    op.create_index("ix_claim_holder", "claim", ["name_id", "said_on", "latest", "forecast", "resolvable"])
    op.create_index(
        "ix_claim_holder_record",
        "claim",
        [
            "name_id",
            "root_id",
            "kind",
            "said_on",
            "probability",
            "probability_low",
            "probability_high",
            "latest",
            "forecast",
        ],
        sqlite_where=sa.text(_FORECASTS),
        postgresql_where=sa.text(_FORECASTS),
    )
