"""A server in this process on a ledger of its own, and browsers and programs that use it."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger(path) as opened:
        fill(opened)
        yield opened


Make = Callable[..., FastAPI]


@pytest.fixture
def make(ledger: Ledger, path: Path) -> Make:
    """Makes an application on the ledger, with settings."""

    def made(**settings: object) -> FastAPI:
        return create_app(Settings(ledger=str(path), **settings), ledger=ledger)  # type: ignore[arg-type]

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
