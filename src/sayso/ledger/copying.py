"""Backups: one state of a ledger as a SQLite file that is itself a ledger, also of one on PostgreSQL; and back.

So a backup of either engine can be restored on the other, or simply be opened.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sayso.errors import LedgerError, OutputError
from sayso.ledger import schema_serving, trouble
from sayso.ledger.database import Database
from sayso.ledger.location import ledger_url
from sayso.ledger.rows import insert
from sayso.ledger.schema import TABLES, about, claim, thread
from sayso.ledger.search import index, tidy

ROWS = 2_000


def backup(database: Database, path: Path) -> None:
    """Write the ledger's state to ``path``, which must not exist; it is there whole or not at all."""
    if path.exists():
        raise OutputError(str(path), "exists already", "name a new file for the backup")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(str(path.parent), "may not be written to, or is not there", "name another place")
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        if database.is_sqlite:
            _vacuum(database, part, path)
        else:
            _copy_out(database, part, path)
        os.replace(part, path)
    except OSError as error:
        raise OutputError(str(path), f"cannot be written ({(error.strerror or str(error)).lower()})") from error
    finally:
        for stray in (part, part.with_name(part.name + "-wal"), part.with_name(part.name + "-shm")):
            stray.unlink(missing_ok=True)


def _vacuum(database: Database, part: Path, path: Path) -> None:
    """SQLite's own copy of one state; writers go on meanwhile."""
    engine = database._engine
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        try:
            raw.execute("VACUUM INTO ?", (str(part),))
        except sqlite3.Error as error:
            wrapped = sa.exc.DatabaseError("VACUUM INTO", None, error)
            raise trouble.translated(str(path), wrapped) or wrapped from error


def _copy_out(database: Database, part: Path, path: Path) -> None:
    target = Database(ledger_url(part))
    target.label = str(path)  # what an error names
    try:
        with database.connect() as source:
            target.write(lambda to: _copy(source, to))
        with target._engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raw.execute("PRAGMA journal_mode = DELETE")
    finally:
        target.close()


def restore(database: Database, path: Path) -> None:
    """Fill an empty ledger from a backup, all or nothing."""
    source = Database(ledger_url(path), create=False)
    try:

        def work(to: sa.Connection) -> None:
            if (
                to.execute(sa.select(thread.c.id).limit(1)).first()
                or to.execute(sa.select(claim.c.id).limit(1)).first()
            ):
                raise LedgerError(database.label, "is not empty", "restore into a new one: --ledger NEWFILE")
            with source.connect() as connection:
                _copy(connection, to)

        database.write(work)
        tidy(database)
    finally:
        source.close()


def _copy(source: sa.Connection, to: sa.Connection) -> None:
    """All rows in order, parents first; the words for the search are made anew."""
    for table in (*TABLES, *schema_serving.LASTING):
        if table is about:
            continue
        order = list(table.primary_key.columns)
        rows = source.execute(sa.select(table).order_by(*order), execution_options={"yield_per": ROWS}).mappings()
        batches = _batches((dict(row) for row in rows), ROWS)
        for batch in batches:
            insert(to, table, batch)
            if table is claim:
                index(to, ((row["id"], row["content"]) for row in batch))


def _batches(rows: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, size)):
        yield batch
