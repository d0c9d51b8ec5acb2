"""The connection to a ledger's database: opening, transactions, one writer at a time, trying again.

- Reads see one state of the ledger from beginning to end.
- Writers take turns: ``BEGIN IMMEDIATE`` on SQLite, one advisory lock on PostgreSQL. Both engines then behave alike,
  and rows can be numbered without asking the database for each.
- Where a server goes away, the whole transaction is tried again for ``patience`` seconds: everything that is written
  is written in a way that a second attempt does not repeat.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from sayso.errors import MissingExtra, NewerLedger, OlderLedger, ReadOnlyLedger, UnreachableLedger
from sayso.ledger import trouble
from sayso.ledger.schema import APPLICATION_ID, FORMAT, REVISIONS

T = TypeVar("T")
_WRITE = "sayso_write"
BINARY = "sayso_binary"
"""An option of statements: PostgreSQL is to send what it finds as it has it, and not as text. SQLite always does."""


class Database:
    """A ledger's database. ``timeout`` is how long a writer waits for another, in seconds; ``cache_mb`` is what each
    connection to SQLite may hold of it in memory.

    Raises the LedgerErrors; a database that does not exist is made where ``create`` is set.
    """

    def __init__(
        self,
        url: sa.URL,
        *,
        create: bool = True,
        timeout: float = 30.0,
        patience: float = 30.0,
        checked: bool = True,
        cache_mb: int = 32,
    ) -> None:
        self.timeout, self.patience, self._cache = timeout, patience, f"cache_size = -{cache_mb * 1000}"
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.label = str(url.database) if self.is_sqlite else url.render_as_string(hide_password=True)
        self.path = Path(str(url.database)) if self.is_sqlite and url.database not in (None, ":memory:") else None
        if self.path and str(self.path).startswith("file:"):
            self.path = None
        schema = url.query.get("schema", "sayso")
        self.schema = schema if isinstance(schema, str) else schema[-1]
        self.url = url.difference_update_query(["schema"])
        self._engine = self._sqlite() if self.is_sqlite else self._postgres()
        try:
            if checked:
                self._open(create=create)
            elif self.path is not None and not self._file_is_there():
                raise self._nothing_there()
        except BaseException:
            self._engine.dispose()
            raise

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    # How each engine is spoken to

    def _sqlite(self, *, immutable: bool = False) -> sa.Engine:
        options: dict[str, Any] = {"timeout": self.timeout, "check_same_thread": False}
        url = self.url
        if immutable and self.path is not None:
            url = sa.make_url(f"sqlite:///file:{self.path.absolute().as_posix()}?immutable=1&mode=ro&uri=true")
        special: dict[str, Any] = {"poolclass": StaticPool} if url.database == ":memory:" else {}
        engine = sa.create_engine(url, connect_args=options, **special)

        @sa.event.listens_for(engine, "connect")
        def connected(connection: sqlite3.Connection, _: object) -> None:
            connection.isolation_level = None  # transactions begin where we say so, below
            for pragma in ("foreign_keys = ON", "synchronous = NORMAL", self._cache, "temp_store = MEMORY"):
                connection.execute(f"PRAGMA {pragma}")

        @sa.event.listens_for(engine, "begin")
        def begun(connection: sa.Connection) -> None:
            writes = connection.get_execution_options().get(_WRITE)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    def _postgres(self) -> sa.Engine:
        schema = self.schema
        # Compiling a query, or starting processes for it, takes longer than running it, with queries as short as these.
        # One plan for whatever is asked for is a bad one: some words and sites are in most claims, others in a few.
        # To look for words in a claim costs more than to compare two numbers, for which PostgreSQL takes it, and pages
        # are mostly in memory, or on a disk without a head to move.
        settings = (
            "jit=off",
            "max_parallel_workers_per_gather=0",
            "plan_cache_mode=force_custom_plan",
            "cpu_operator_cost=0.01",
            "random_page_cost=1.1",
            "work_mem=16MB",  # what a board is made of stays in memory
        )
        options = " ".join(f"-c{setting}" for setting in (f"search_path={schema}", *settings))
        try:
            engine = sa.create_engine(
                self.url,
                pool_pre_ping=True,
                use_native_hstore=False,  # nothing here is one, and to ask for it takes a query
                isolation_level="REPEATABLE READ",
                connect_args={"connect_timeout": 10, "options": options, "application_name": "sayso"},
            )
        except ModuleNotFoundError as error:
            raise MissingExtra("PostgreSQL", "postgres") from error

        @sa.event.listens_for(engine, "begin")
        def begun(connection: sa.Connection) -> None:
            if connection.get_execution_options().get(_WRITE):
                # A snapshot is taken by the first query, which must come after the lock, or it would be too old.
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(self.timeout * 1000)}ms'")
                connection.exec_driver_sql("SET LOCAL plan_cache_mode = auto")  # the same rows again and again
                connection.execute(sa.text(f"LOCK TABLE {_quoted(schema)}.about IN EXCLUSIVE MODE"))

        @sa.event.listens_for(engine, "do_execute")
        def executed(cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
            if context is None or not context.execution_options.get(BINARY):
                return None  # as usual
            cursor.execute(statement, parameters, binary=True)
            return True

        return engine

    # Transactions

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that reads one state of the ledger."""
        with self._told(), self._engine.connect() as connection, connection.begin():
            yield connection

    def read(self, work: Callable[[sa.Connection], T]) -> T:
        """What ``work`` reads in one transaction."""

        def attempt() -> T:
            with self._engine.connect() as connection, connection.begin():
                return work(connection)

        return self._persistently(attempt)

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """What ``work`` returns, after its transaction was committed; it may be run more than once."""

        def attempt() -> T:
            with self._engine.connect() as connection:
                connection = connection.execution_options(**{_WRITE: True})
                with connection.begin():
                    return work(connection)

        return self._persistently(attempt)

    def outside(self, statement: str) -> None:
        """Run a statement that takes no transaction around it."""
        with self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(statement)

    def _persistently(self, attempt: Callable[[], T]) -> T:
        until, pause = time.monotonic() + self.patience, 0.05
        while True:
            try:
                return attempt()
            except sa.exc.SQLAlchemyError as error:
                if not trouble.is_passing(error) or time.monotonic() + pause > until:
                    known = trouble.translated(self.label, error)
                    if known is None:
                        raise
                    raise known from error
                self._engine.dispose()
            time.sleep(pause * (0.5 + random.random()))
            pause = min(pause * 2, 2.0)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            known = trouble.translated(self.label, error)
            if known is None:
                raise
            raise known from error

    # Opening

    def _open(self, *, create: bool) -> None:
        """Look at what is there and make it fit: nothing, a ledger, an older or newer one, something else."""
        if self.path is not None and not self._file_is_there():
            if not create:
                raise self._nothing_there()
            self._make_folder()
        try:
            revision = self._persistently(self._revision)
        except (UnreachableLedger, ReadOnlyLedger):
            # A ledger in a folder that may not be written to: nobody else writes there either.
            if self.path is None or not os.access(self.path, os.R_OK) or os.access(self.path.parent, os.W_OK):
                raise
            self._engine.dispose()
            self._engine = self._sqlite(immutable=True)
            revision = self._persistently(self._revision)
        if revision is None:
            if not create:
                raise self._nothing_there()
            self._make()
        elif revision not in REVISIONS:
            raise NewerLedger(
                self.label, f"a newer Sayso wrote it (schema {revision})", "upgrade Sayso: pip install -U sayso"
            )
        elif revision != REVISIONS[-1]:
            raise OlderLedger(
                self.label,
                f"an older Sayso wrote it (schema {revision}, this one needs {REVISIONS[-1]})",
                "back it up and run: sayso ledger migrate",
            )
        elif self.path is not None:
            self._let_read_while_written()

    def _let_read_while_written(self) -> None:
        """A ledger that came as a copy is not yet in the mode in which readers and a writer do not wait for another."""
        with self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            if raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                with suppress(sqlite3.Error):  # in use, or not writable: it stays as it is
                    raw.execute("PRAGMA journal_mode = WAL")

    def _nothing_there(self) -> UnreachableLedger:
        remedy = "keep something first: sayso keep INPUT, or name another with --ledger"
        return UnreachableLedger(self.label, "there is no ledger", remedy)

    def _file_is_there(self) -> bool:
        assert self.path is not None
        try:
            if self.path.is_dir():
                raise UnreachableLedger(self.label, "is a folder", "name a file in it")
            with self.path.open("rb") as file:
                start = file.read(16)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise UnreachableLedger(
                self.label, f"cannot be read ({(error.strerror or str(error)).lower()})", "check its permissions"
            ) from error
        if start and start != b"SQLite format 3\x00":
            raise trouble.foreign(self.label, "is not a SQLite file, or its beginning is damaged")
        return bool(start)

    def _make_folder(self) -> None:
        assert self.path is not None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnreachableLedger(
                self.label,
                f"its folder cannot be made ({(error.strerror or str(error)).lower()})",
                "name another place with --ledger or SAYSO_LEDGER",
            ) from error

    def _revision(self) -> str | None:
        """The schema's revision; None where there is nothing yet. Raises ForeignLedger."""
        with self._engine.connect() as connection, connection.begin():
            return self.revision(connection)

    def present_revision(self, connection: sa.Connection) -> str:
        """The same; UnreachableLedger where there is nothing yet."""
        found = self.revision(connection)
        if found is None:
            raise self._nothing_there()
        return found

    def revision(self, connection: sa.Connection) -> str | None:
        """The revision of the schema that ``connection`` sees."""
        tables = self.tables(connection)
        if self.is_sqlite:
            mark = connection.exec_driver_sql("PRAGMA application_id").scalar()
            if not tables and not mark:
                return None
            if mark != APPLICATION_ID:
                raise trouble.foreign(self.label, "is a SQLite file of another program")
        elif not tables:
            return None
        if "about" in tables and "alembic_version" in tables:
            found = connection.exec_driver_sql("SELECT value FROM about WHERE key = 'format'").scalar()
            if found == FORMAT:
                return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())
        if self.is_sqlite:
            raise trouble.damaged(self.label, "is a ledger without its tables")
        raise trouble.foreign(self.label, f"the schema {self.schema} holds tables of another program")

    def tables(self, connection: sa.Connection) -> set[str]:
        """The names of the tables that are there."""
        if self.is_sqlite:
            rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        else:
            rows = connection.execute(
                sa.text("SELECT tablename FROM pg_tables WHERE schemaname = :schema"), {"schema": self.schema}
            )
        return {row[0] for row in rows}

    def _make(self) -> None:
        """Make the tables of a new ledger; whoever comes second finds them made."""
        from sayso.ledger.migrations import upgrade

        def make() -> None:
            with self._engine.connect() as connection:
                if self.is_sqlite:
                    # Neither can be set inside a transaction; both stay with the file.
                    raw = connection.connection.driver_connection
                    assert isinstance(raw, sqlite3.Connection)
                    raw.execute("PRAGMA journal_mode = WAL")
                    with connection.execution_options(**{_WRITE: True}).begin():
                        if self.revision(connection) is None:
                            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
                            upgrade(connection)
                else:
                    # Not under one snapshot, which would not show what the first of two has just made.
                    with connection.execution_options(isolation_level="READ COMMITTED").begin():
                        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:n))"), {"n": self.schema})
                        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {_quoted(self.schema)}")
                        if self.revision(connection) is None:
                            upgrade(connection)

        self._persistently(make)

    def migrate(self) -> tuple[str | None, str]:
        """Bring an older schema up to date in one transaction: the revisions before and after."""
        from sayso.ledger.migrations import upgrade

        before = self._persistently(self._revision)
        if before is None:
            raise self._nothing_there()
        if before not in REVISIONS:
            raise NewerLedger(
                self.label, f"a newer Sayso wrote it (schema {before})", "upgrade Sayso: pip install -U sayso"
            )

        def work(connection: sa.Connection) -> None:
            if self.revision(connection) != REVISIONS[-1]:
                upgrade(connection)

        self.write(work)
        return before, REVISIONS[-1]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def next_id(connection: sa.Connection, table: sa.Table) -> int:
    """The number of the next row; right because the writer is the only one."""
    last = connection.execute(sa.select(sa.func.max(table.c.id))).scalar()
    return int(last or 0) + 1
