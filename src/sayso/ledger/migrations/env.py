"""What Alembic runs: the migrations on the connection that it is handed."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transaction_per_migration=False,
    # The caller has begun a transaction, also for the tables themselves.
    transactional_ddl=True,
)
context.run_migrations()
