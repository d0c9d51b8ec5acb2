"""Writing many rows of a table at once.

A driver sends a statement for each row, and PostgreSQL runs each for itself; with all rows in one parameter, as JSON,
it is one statement. SQLite, which runs beside us, takes rows as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from sayso.ledger.schema import storable

ROWS, CHARACTERS = 1_000, 4_000_000
"""At most so many rows, and about so many characters of text, in one statement."""

# NUL, any half of a character, though it may have its other half, and U+F8FF.
_DOUBTFUL = re.compile(r"\\u(?:0000|d[89a-f]|f8ff)")

Row = Mapping[str, Any]


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows, each with the same columns."""
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(sa.insert(table), rows)
        return
    names = list(rows[0])
    given = sa.func.json_to_recordset(sa.cast(sa.bindparam("rows", type_=sa.Text), sa.JSON))
    source = given.table_valued(*(table.c[name] for name in names)).render_derived("r", with_types=True)
    statement = sa.insert(table).from_select(names, sa.select(*(source.c[name] for name in names)))
    for some in portions(rows):
        connection.execute(statement, {"rows": as_json(some)})


def as_json(rows: Sequence[Row]) -> str:
    """Rows as JSON, their texts as they can be stored."""
    text = json.dumps(rows)
    if not _DOUBTFUL.search(text):
        return text
    return json.dumps([{name: storable(x) if isinstance(x, str) else x for name, x in row.items()} for row in rows])


def portions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in order, as many at a time as one statement takes."""
    some: list[Row] = []
    size = 0
    for row in rows:
        some.append(row)
        size += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(some) >= ROWS or size >= CHARACTERS:
            yield some
            some, size = [], 0
    if some:
        yield some
