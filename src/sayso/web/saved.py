"""Saved searches and the settings that users change: functions of a database."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa

from sayso.errors import FieldError, UnknownError
from sayso.ledger.database import next_id
from sayso.ledger.schema_serving import saved_search, setting
from sayso.reading.odds import YARDSTICKS
from sayso.web.accounts import moment

MOST = 200
"""Searches that one account may save."""
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Search:
    """A saved search: ``query`` is the query string of the page of claims, without the question mark."""

    id: int
    name: str
    query: str
    made_at: str


def _owner(account: int | None) -> sa.ColumnElement[bool]:
    return saved_search.c.account_id.is_(None) if account is None else saved_search.c.account_id == account


def searches(connection: sa.Connection, account: int | None) -> list[Search]:
    """The searches of an account (None: of the one person on loopback), by name."""
    rows = connection.execute(sa.select(saved_search).where(_owner(account)))
    found = [Search(row.id, row.name, row.query, row.made_at) for row in rows]
    return sorted(found, key=lambda each: (each.name.casefold(), each.id))


def save(connection: sa.Connection, account: int | None, name: str, query: str) -> Search:
    """Save a search; one of the same name is replaced. Raises FieldError."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 100:
        raise FieldError("name", "it has to have 1 to 100 characters", "say what the search is for")
    query = urlencode(parse_qsl(query.lstrip("?")[: LONGEST + 1], max_num_fields=50))
    if not query or len(query) > LONGEST:
        raise FieldError("query", "it is empty or too long", "search for something first")
    connection.execute(sa.delete(saved_search).where(_owner(account), saved_search.c.name == name))
    count = connection.execute(sa.select(sa.func.count()).select_from(saved_search).where(_owner(account)))
    if count.scalar_one() >= MOST:
        raise FieldError(name, f"there are {MOST} saved searches already", "delete one first")
    values = {"id": next_id(connection, saved_search), "account_id": account, "name": name, "query": query}
    values["made_at"] = moment()
    connection.execute(sa.insert(saved_search), values)
    return Search(**{key: value for key, value in values.items() if key != "account_id"})  # type: ignore[arg-type]


def forget(connection: sa.Connection, account: int | None, number: int) -> None:
    """Delete a saved search of an account. Raises UnknownError."""
    if not connection.execute(sa.delete(saved_search).where(_owner(account), saved_search.c.id == number)).rowcount:
        raise UnknownError(str(number), "there is no such saved search", "see the list of searches")


def yardstick(connection: sa.Connection) -> str:
    """Whose scale turns certainty words into probabilities, for what is read from now on."""
    found = connection.execute(sa.select(setting.c.value).where(setting.c.key == "yardstick")).scalar()
    return str(found or YARDSTICKS[0])


def set_yardstick(connection: sa.Connection, name: str) -> None:
    """Choose it. Raises FieldError."""
    if name not in YARDSTICKS:
        raise FieldError("yardstick", f"{name[:40]!r} is none", f"use one of {', '.join(YARDSTICKS)}")
    connection.execute(sa.delete(setting).where(setting.c.key == "yardstick"))
    connection.execute(sa.insert(setting), {"key": "yardstick", "value": name})
