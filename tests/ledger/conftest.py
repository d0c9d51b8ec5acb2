"""Each test of a ledger runs on SQLite, and on PostgreSQL where SAYSO_TEST_POSTGRES names a database for it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from sayso.ledger import Ledger

POSTGRES = os.environ.get("SAYSO_TEST_POSTGRES")


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres" and not POSTGRES:
        pytest.skip("no PostgreSQL: SAYSO_TEST_POSTGRES is not set")
    return str(request.param)


@pytest.fixture
def new_url(engine: str, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes the URL of a ledger that is not there yet."""
    schemas: list[str] = []

    def make() -> str:
        name = f"t{uuid.uuid4().hex[:12]}"
        if engine == "sqlite":
            return f"sqlite:///{tmp_path / name}.sqlite"
        schemas.append(name)
        return f"{POSTGRES}?schema={name}"

    yield make
    if schemas:
        server = sa.create_engine(sa.make_url(str(POSTGRES)).set(drivername="postgresql+psycopg"))
        with server.begin() as connection:
            for name in schemas:
                connection.execute(sa.text(f'DROP SCHEMA IF EXISTS "{name}" CASCADE'))
        server.dispose()


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with Ledger(url) as opened:
        yield opened


@pytest.fixture
def second(new_url: Callable[[], str]) -> Iterator[Ledger]:
    """Another ledger on the same engine."""
    with Ledger(new_url()) as opened:
        yield opened
