"""What the ledger's commands print: tables for people on a terminal, JSON Lines for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import click

Form = Literal["table", "jsonl"]

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "jsonl"]),
    help="Default: table on a terminal, jsonl when piped.",
)
ledger_option = click.option(
    "--ledger",
    "url",
    metavar="URL",
    help="sqlite:///FILE, postgresql+psycopg://…, or a path. Default: SAYSO_LEDGER, else the platform's data folder.",
)
by_option = click.option("--by", metavar="NAME", help="Who says so.")


def chosen(form: str | None) -> Form:
    """The format where none is named: a table for a terminal, else JSON Lines."""
    return "jsonl" if form == "jsonl" or (form is None and not sys.stdout.isatty()) else "table"


def tell(rows: Iterable[dict[str, Any]], form: str | None, columns: Sequence[str], *, none: str) -> None:
    """Print rows as JSON Lines, or some of their columns as a table; ``none`` where there are none."""
    from sayso.export.jsonl import dumps

    if chosen(form) == "jsonl":
        for row in rows:
            click.echo(dumps(row))
        return
    from rich.table import Table

    from sayso.export.table import console
    from sayso.export.words import plain

    table = Table(box=None, pad_edge=False, header_style="bold")
    found = list(rows)
    for column in columns:
        numeric = all(isinstance(row.get(column), int | float | None) for row in found)
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in found:
        table.add_row(*(plain(_cell(row.get(column))) for column in columns))
    screen = console(sys.stdout)
    if found:
        screen.print(table)
    else:
        screen.print(none)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}" if value != int(value) else f"{value:.0f}"
    if isinstance(value, list | tuple):
        return "; ".join(_cell(each) for each in value)
    return str(value)


def facts(pairs: Iterable[tuple[str, Any]]) -> None:
    """Print names with their values, one a line."""
    from sayso.export.words import plain

    found = list(pairs)
    width = max((len(key) for key, _ in found), default=0)
    for key, value in found:
        click.echo(f"{key:<{width}}  {plain(_cell(value))}")


def days(text: str, name: str) -> int:
    """A span like ``30d``, ``6w`` or ``30`` in days."""
    unit = {"d": 1, "w": 7}.get(text[-1:].lower())
    number = text[:-1] if unit else text
    if not number.isdecimal() or not 1 <= int(number) * (unit or 1) <= 36_500:
        raise click.BadParameter(f"{text!r} is no span of days; write 30d or 6w.", param_hint=name)
    return int(number) * (unit or 1)
