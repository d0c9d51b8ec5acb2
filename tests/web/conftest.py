"""A server in this process on a ledger of its own, and browsers and programs that use it."""

from __future__ import annotations

import os
import re
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from sayso.ledger import Ledger
from sayso.web import accounts
from sayso.web.app import create_app
from sayso.web.rules import Role, Scope
from sayso.web.settings import Settings

from .sample import fill

HERE = "http://127.0.0.1:8765"
PASSWORD = "a long enough password"


@pytest.fixture(scope="session")
def hashed() -> str:
    """The password's hash, made once: that it takes its time is the point of it."""
    return accounts.hashed(PASSWORD)


POSTGRES = os.environ.get("SAYSO_TEST_POSTGRES")
ON_BOTH = ("test_api", "test_kept", "test_pages")
"""The modules whose tests run on PostgreSQL as well, where SAYSO_TEST_POSTGRES names a database for it."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_BOTH:
        metafunc.parametrize("engine", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    chosen = str(getattr(request, "param", "sqlite"))
    if chosen == "postgres" and not POSTGRES:
        pytest.skip("no PostgreSQL: SAYSO_TEST_POSTGRES is not set")
    return chosen


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def where(engine: str, path: Path) -> Iterator[str]:
    """What names the ledger: a file, or a schema of the PostgreSQL database."""
    if engine == "sqlite":
        yield str(path)
        return
    name = f"web{uuid.uuid4().hex[:12]}"
    yield f"{POSTGRES}?schema={name}"
    server = sa.create_engine(sa.make_url(str(POSTGRES)).set(drivername="postgresql+psycopg"))
    with server.begin() as connection:
        connection.execute(sa.text(f'DROP SCHEMA IF EXISTS "{name}" CASCADE'))
    server.dispose()


@pytest.fixture
def ledger(where: str) -> Iterator[Ledger]:
    with Ledger(where) as opened:
        fill(opened)
        yield opened


Make = Callable[..., FastAPI]


@pytest.fixture
def make(ledger: Ledger, where: str) -> Make:
    """Makes an application on the ledger, with settings."""

    def made(**settings: object) -> FastAPI:
        return create_app(Settings(ledger=where, **settings), ledger=ledger)  # type: ignore[arg-type]

    return made


@pytest.fixture
def local(make: Make) -> TestClient:
    """The one person at this machine, while there are no accounts."""
    return browser(make())


_OPENED: list[TestClient] = []


@pytest.fixture(autouse=True)
def _closing() -> Iterator[None]:
    yield
    while _OPENED:
        _OPENED.pop().__exit__(None, None, None)


def browser(app: FastAPI, base: str = HERE) -> TestClient:
    """A client that follows no redirects and keeps cookies; the application runs until the test has ended."""
    client = TestClient(app, base_url=base, follow_redirects=False, raise_server_exceptions=True)
    _OPENED.append(client.__enter__())
    return client


def add_account(ledger: Ledger, hashed: str, name: str, role: Role) -> int:
    return ledger.database.write(lambda c: accounts.add(c, name, role, hashed)).id


def add_token(ledger: Ledger, account: int, scope: Scope) -> dict[str, str]:
    """The headers of a program with a token."""
    made = ledger.database.write(lambda c: accounts.add_token(c, account, "test", scope))
    return {"Authorization": f"Bearer {made.secret}"}


def csrf_of(client: TestClient, page: str = "/login") -> str:
    """What the forms of this browser carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get(page).text)
    assert found is not None
    return found[1]


def sign_in(app: FastAPI, name: str, base: str = HERE) -> TestClient:
    """A browser in which somebody has signed in."""
    client = browser(app, base)
    answer = client.post("/login", data={"csrf": csrf_of(client), "name": name, "password": PASSWORD, "next": "/about"})
    assert answer.status_code == 303, answer.text
    return client


@pytest.fixture
def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
