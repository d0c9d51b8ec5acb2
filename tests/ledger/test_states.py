"""A ledger that is not as it should be: locked, read-only, foreign, older, newer, damaged, or not there."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from sayso.errors import (
    DamagedLedger,
    ForeignLedger,
    LedgerError,
    LockedLedger,
    NewerLedger,
    OlderLedger,
    ReadOnlyLedger,
    UnreachableLedger,
)
from sayso.ledger import Ledger
from sayso.ledger.database import Database
from sayso.ledger.location import ledger_url
from sayso.ledger.schema import REVISIONS

from .conftest import POSTGRES
from .processes import documents, process
from .sample import harbour, thread


def test_a_locked_ledger(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    with Ledger(path) as ledger:
        ledger.keep(thread(), harbour().claims)
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with Ledger(path, timeout=0.1) as other:
            assert other.stats()["claims"] == 5  # reading does not wait
            with pytest.raises(LockedLedger, match="another process is writing"):
                other.keep(thread("b"), [])
        holder.execute("ROLLBACK")
        holder.close()


@pytest.mark.skipif(not POSTGRES, reason="no PostgreSQL: SAYSO_TEST_POSTGRES is not set")
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_locked_ledger_on_postgres(url: str) -> None:
    with Ledger(url) as one, Ledger(url, timeout=0.2) as other:
        entered, leave = threading.Event(), threading.Event()

        def hold(connection: sa.Connection) -> None:
            entered.set()
            leave.wait(20)

        holder = threading.Thread(target=lambda: one.database.write(hold))
        holder.start()
        entered.wait(20)
        try:
            with pytest.raises(LockedLedger, match="another process is writing"):
                other.keep(thread("b"), [])
        finally:
            leave.set()
            holder.join()


def test_files_that_are_no_ledger(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("only a note, longer than a header is")
    other = tmp_path / "other.sqlite"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE birds (name)")
        connection.commit()
    for path, said in ((text, "not a SQLite file"), (other, "another program"), (tmp_path, "is a folder")):
        with pytest.raises(LedgerError, match=said):
            Ledger(path)
    assert text.read_text().startswith("only a note")
    with contextlib.closing(sqlite3.connect(other)) as connection:
        assert [row[0] for row in connection.execute("SELECT name FROM sqlite_master")] == ["birds"]
    (tmp_path / "empty").touch()
    with Ledger(tmp_path / "empty") as ledger:
        assert ledger.stats()["claims"] == 0


@pytest.mark.skipif(not POSTGRES, reason="no PostgreSQL: SAYSO_TEST_POSTGRES is not set")
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_foreign_schema_on_postgres(url: str) -> None:
    name = sa.make_url(url).query["schema"]
    server = sa.create_engine(sa.make_url(str(POSTGRES)).set(drivername="postgresql+psycopg"))
    with server.begin() as connection:
        connection.execute(sa.text(f'CREATE SCHEMA "{name}"'))
        connection.execute(sa.text(f'CREATE TABLE "{name}".claim (bird text)'))
    server.dispose()
    with pytest.raises(ForeignLedger, match="tables of another program"):
        Ledger(url)


def test_a_ledger_that_is_not_there_is_not_made_for_reading(tmp_path: Path) -> None:
    with pytest.raises(UnreachableLedger, match=r"there is no ledger.*sayso keep"):
        Ledger(tmp_path / "none.sqlite", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("revision", "error", "said"), [("9999", NewerLedger, "upgrade Sayso")])
def test_a_newer_ledger(url: str, revision: str, error: type[LedgerError], said: str) -> None:
    with Ledger(url) as ledger:
        ledger.database.write(lambda c: c.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'"))
        (finding,) = ledger.check()
        assert "sayso ledger migrate" in finding.remedy
    with pytest.raises(error, match=said):
        Ledger(url)
    with contextlib.closing(Database(ledger_url(url), checked=False)) as database, pytest.raises(error, match=said):
        database.migrate()


def test_an_older_ledger_is_told_to_be_migrated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Ledger(url).close()
    monkeypatch.setattr("sayso.ledger.database.REVISIONS", (*REVISIONS, "9998"))
    with pytest.raises(OlderLedger, match="sayso ledger migrate"):
        Ledger(url)


def _filled(path: Path) -> None:
    with Ledger(path) as ledger:
        for _ in ledger.keep_all(documents(200)):
            pass
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_damaged_files(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    _filled(path)
    whole = path.read_bytes()
    rng = random.Random(3)
    told = 0
    for _ in range(15):
        damaged = bytearray(whole)
        at = rng.randrange(4_096, len(damaged) - 9_000)
        damaged[at : at + 8_192] = rng.randbytes(8_192)
        path.write_bytes(damaged)
        try:
            with Ledger(path, create=False) as ledger:
                told += bool(ledger.check())
        except LedgerError as error:
            told += "sayso ledger restore" in str(error) or "beginning is damaged" in str(error)
    assert told == 15
    path.write_bytes(whole[: len(whole) // 2])
    try:
        with Ledger(path, create=False) as ledger:
            assert ledger.check()
    except DamagedLedger:
        pass
    path.write_bytes(b"\x00" * 100 + whole[100:])
    with pytest.raises(ForeignLedger, match="its beginning is damaged"):
        Ledger(path)


def test_check_finds_what_the_engine_cannot(ledger: Ledger) -> None:
    ledger.keep(thread(), harbour().claims)
    for statement, said in (
        ("UPDATE post SET text = 'other words'", "not the one that was kept"),
        ("UPDATE claim SET body = '{' WHERE id = 2", "cannot be read again"),
        ("UPDATE claim SET latest = (1 = 0) WHERE id = 1", "not exactly one newest row"),
        ("UPDATE post SET current = (1 = 0)", "not exactly one current version"),
    ):
        ledger.database.write(lambda c, s=statement: c.exec_driver_sql(s))  # type: ignore[misc]
        assert any(said in finding.problem for finding in ledger.check()), said


def test_a_read_only_ledger(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    _filled(path)
    with Ledger(f"sqlite:///file:{path}?mode=ro&uri=true", create=False) as ledger:
        assert ledger.stats()["claims"] > 200
        with pytest.raises(ReadOnlyLedger, match="may be read but not written"):
            ledger.keep(thread(), [])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_a_ledger_of_somebody_else(tmp_path: Path) -> None:
    folder = Path("/tmp") / f"sayso-{os.getpid()}"
    folder.mkdir(mode=0o755)
    try:
        _filled(folder / "l.sqlite")
        for stray in folder.glob("*-*"):
            stray.unlink()

        def as_nobody() -> None:
            os.setuid(65_534)
            with Ledger(folder / "l.sqlite", create=False) as ledger:
                if ledger.stats()["claims"] < 200:
                    os._exit(2)
                try:
                    ledger.keep(thread(), [])
                except ReadOnlyLedger:
                    os._exit(0)
            os._exit(3)

        with process(as_nobody) as child:
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        shutil.rmtree(folder)


def test_the_folder_is_made_and_a_file_in_its_way_is_told(tmp_path: Path) -> None:
    with Ledger(tmp_path / "a" / "b" / "l.sqlite") as ledger:
        assert ledger.check() == []
    (tmp_path / "file").touch()
    with pytest.raises(UnreachableLedger, match=r"folder cannot be made|cannot be read"):
        Ledger(tmp_path / "file" / "l.sqlite")


def test_where_the_ledger_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAYSO_LEDGER", str(tmp_path / "by-variable"))
    assert ledger_url().database == str(tmp_path / "by-variable")
    assert ledger_url("sqlite:///x.db").database == "x.db"
    assert ledger_url("postgresql://h/d").drivername == "postgresql+psycopg"
    monkeypatch.delenv("SAYSO_LEDGER")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert str(ledger_url().database).endswith("ledger.sqlite")
    for bad in ("mysql://h/d", "sqlite://", "no such://"):
        with pytest.raises(LedgerError):
            ledger_url(bad)


def test_the_commands_are_listed_without_the_database_library() -> None:
    script = textwrap.dedent("""
        import sys
        import sayso.cli
        assert "sqlalchemy" not in sys.modules, "loaded too early"
        assert "claims" in sayso.cli.cli.commands
    """)
    subprocess.run([sys.executable, "-c", script], check=True)
