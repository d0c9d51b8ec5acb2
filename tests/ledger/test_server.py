"""A PostgreSQL server that goes away in the middle and comes back."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from sayso.errors import UnreachableLedger
from sayso.ledger import Ledger
from sayso.ledger.database import Database
from sayso.ledger.location import ledger_url

from .conftest import POSTGRES
from .processes import documents, state
from .sample import numbered

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


class Server:
    """A PostgreSQL server of its own, which can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(folder, "postgres")
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")

    def _run(self, program: str, *words: str) -> None:
        command = [*self._as, str(PROGRAMS[-1] / program), f"--pgdata={self.folder / 'data'}", *words]
        # Not by a pipe, which the server would keep open.
        with (self.folder / "said").open("w") as said:
            done = subprocess.run(command, cwd="/", stdout=said, stderr=said, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, (self.folder / "said").read_text()

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder}"
        self._run("pg_ctl", f"--log={self.folder / 'log'}", "--wait", f"--options={options}", "start")

    def stop(self, mode: str) -> None:
        self._run("pg_ctl", "--wait", f"--mode={mode}", "stop")


@pytest.fixture
def server() -> Iterator[Server]:
    if not PROGRAMS:
        pytest.skip("no PostgreSQL: there is no /usr/lib/postgresql")
    # Not in pytest's own folder, which the user that the server runs as may not enter.
    with tempfile.TemporaryDirectory(prefix="sayso-server") as name:
        made = Server(Path(name))
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_server_that_is_stopped_and_started_in_the_middle_of_keeping(server: Server, mode: str) -> None:
    number = 60
    with Ledger(f"{server.url}?schema=undisturbed") as ledger:
        for _ in ledger.keep_all(documents(number)):
            pass
        undisturbed = state(ledger)
    begun, failed = threading.Event(), []
    with Ledger(server.url) as ledger:

        def keep() -> None:
            try:
                for at, reading in enumerate(documents(number)):
                    assert reading.thread is not None
                    ledger.keep(reading.thread, reading.claims)
                    if at == 10:
                        begun.set()
            except BaseException as error:
                failed.append(error)
                begun.set()

        keeper = threading.Thread(target=keep)
        keeper.start()
        assert begun.wait(60)
        for _ in range(2):
            server.stop(mode)
            server.start()
        keeper.join()
        assert failed == []
        assert state(ledger) == undisturbed
        assert ledger.check() == []


def test_a_server_that_stays_away_is_said_and_nothing_is_lost(server: Server) -> None:
    reading = numbered(1)
    assert reading.thread is not None
    with Ledger(server.url) as ledger:
        ledger.keep(reading.thread, reading.claims)
        server.stop("immediate")
        ledger.database.patience = 0.3
        for act in (lambda: ledger.keep(reading.thread, []), ledger.stats, lambda: list(ledger.claims())):
            with pytest.raises(UnreachableLedger, match="check that the server runs"):
                act()
        server.start()
        assert ledger.stats()["claims"] == 1
        assert ledger.check() == []


@pytest.mark.skipif(not POSTGRES, reason="no PostgreSQL: SAYSO_TEST_POSTGRES is not set")
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_server_that_goes_away_and_comes_back(url: str) -> None:
    server = sa.create_engine(
        sa.make_url(str(POSTGRES)).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    stop, more = threading.Event(), threading.Event()

    def cut() -> None:
        """Ends all connections of Sayso, over and over, but lets some work be done between: a machine may be slow."""
        query = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sayso'")
        with server.connect() as connection:
            while not stop.is_set():
                if more.wait(0.1):
                    more.clear()
                    connection.execute(query)

    with Ledger(url) as ledger:
        cutter = threading.Thread(target=cut)
        cutter.start()
        try:
            for n in range(80):
                reading = numbered(n)
                assert reading.thread is not None
                ledger.keep(reading.thread, reading.claims)
                if n % 5 == 0:
                    more.set()
            ledger.resolve(reading.claims[0].id, "true")
        finally:
            stop.set()
            cutter.join()
        assert ledger.stats()["claims"] == 80
        assert len(ledger.history(reading.claims[0].id)) == 1
        assert ledger.check() == []
    server.dispose()


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(UnreachableLedger, match=r"cannot be reached.*check that the server runs") as raised:
        Database(ledger_url("postgresql://ann:secret@127.0.0.1:1/none"), patience=0.2)
    assert "secret" not in str(raised.value)
