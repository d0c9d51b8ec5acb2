"""Whether a column holds one of many numbers, asked with one parameter.

``IN (…)`` has a parameter for each, and to write, to send and to read two thousand of them takes longer than to find
the rows; and each number of them is another statement, which no cache knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

_MANY = ARRAY(sa.BigInteger)


def within(connection: sa.Connection, column: sa.ColumnElement[Any], numbers: Iterable[int]) -> sa.ColumnElement[bool]:
    """Whether ``column`` holds one of ``numbers``."""
    ordered = sorted(set(numbers))
    if connection.dialect.name == "postgresql":
        return column == sa.any_(sa.literal(ordered, _MANY))
    each = sa.func.json_each(json.dumps(ordered, separators=(",", ":"))).table_valued("value")
    return column.in_(sa.select(each.c.value))
