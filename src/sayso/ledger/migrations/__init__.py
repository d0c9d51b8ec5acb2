"""How a ledger of an earlier Sayso becomes one of this: Alembic's scripts, run on a connection in a transaction."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa


def upgrade(connection: sa.Connection, revision: str = "head") -> None:
    """Run the scripts that are missing; the caller's transaction commits or takes back all of them."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
