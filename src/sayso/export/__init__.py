"""What a reading is written as: JSON Lines, CSV, a table for the terminal, one page of HTML.

``write(readings, out, format="jsonl")`` writes what ``Reader.read_threads`` yields; ``schema()`` is the JSON Schema of
a claim. Readings are written as they come, so that a corpus streams.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import Any, Literal, TextIO, get_args

from sayso.export.selection import Reading, Selection, select

Format = Literal["table", "jsonl", "attributions", "csv", "html"]
FORMATS: tuple[Format, ...] = get_args(Format)

__all__ = ["FORMATS", "Format", "Reading", "Selection", "schema", "select", "write"]


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a claim as JSON Lines give it."""
    loaded: dict[str, Any] = json.loads(files("sayso.export").joinpath("claim.schema.json").read_text("utf-8"))
    return loaded


def write(readings: Iterable[Reading], out: TextIO, *, format: Format = "jsonl", width: int | None = None) -> None:
    """Write readings to a text file opened with ``newline=""``; ``width`` is the table's, in columns.

    A reading with an error is passed over: the errors are the caller's to tell.
    """
    # Each format's modules are imported when it is written: rich and Jinja2 take longer than reading an article.
    if format == "table":
        from sayso.export.table import write_table

        write_table(readings, out, width=width)
    elif format == "html":
        from sayso.export.html import write_html

        write_html(readings, out)
    elif format == "csv":
        from sayso.export.csv import write_csv

        write_csv(readings, out)
    elif format == "attributions":
        from sayso.export.jsonl import write_attributions

        write_attributions(readings, out)
    else:
        from sayso.export.jsonl import write_jsonl

        write_jsonl(readings, out)
