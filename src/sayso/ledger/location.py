"""Where the ledger is: as told, else by the environment, else in the platform's folder for data."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from sayso.errors import LedgerError

VARIABLE = "SAYSO_LEDGER"


def default_path() -> Path:
    """The SQLite file in the platform's folder for a user's data."""
    from platformdirs import user_data_path

    return user_data_path("sayso", appauthor=False) / "ledger.sqlite"


def ledger_url(given: str | os.PathLike[str] | None = None) -> sa.URL:
    """The address of the ledger: ``given``, else ``SAYSO_LEDGER``, else the default file.

    Either a URL (``sqlite:///…``, ``postgresql+psycopg://…``) or the path of a SQLite file. On PostgreSQL the tables
    lie in the schema ``sayso``; ``?schema=name`` names another.
    """
    text = os.fspath(given) if given is not None else os.environ.get(VARIABLE) or str(default_path())
    if "://" not in text:
        if text == ":memory:":
            return sa.URL.create("sqlite", database=":memory:")
        return sa.URL.create("sqlite", database=str(Path(text).expanduser()))
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError as error:
        raise LedgerError(
            text, "is no address of a database", "write sqlite:///file or postgresql+psycopg://…"
        ) from error
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise LedgerError(
            url.render_as_string(),
            f"{backend} is no database that Sayso keeps a ledger in",
            "use sqlite:///… or postgresql+psycopg://…",
        )
    if not url.database:
        raise LedgerError(url.render_as_string(), "names no file", "write sqlite:///ledger.sqlite")
    return url
