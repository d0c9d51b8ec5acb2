"""What an archive costs: from the figures in costs.toml to the tables in docs/archive-costs.md.

python benchmarks/costs.py            write the tables into the page
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "archive-costs.md"
GIGA = 1e9


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one archive: words that are read, core-hours by what they go into, bytes in and out, the election's bytes."""

    name: str
    documents: float
    read: float
    words: float
    hours: dict[str, float]
    warc: float
    tables: dict[str, float]
    election: float

    @property
    def core_hours(self) -> float:
        return sum(self.hours.values())


def figures() -> dict[str, Any]:
    """What costs.toml holds."""
    with (HERE / "costs.toml").open("rb") as file:
        return tomllib.load(file)


def cost(archive: dict[str, Any], measured: dict[str, Any]) -> Cost:
    """What one archive comes to."""
    documents = archive["pages"] * archive["english"]
    read = documents * archive["new"]
    words = read * archive["words"]
    hours = {
        "take in": archive["pages"] * measured["take_in_ms"] / 1000 / 3600,
        "read": words / measured["words_per_second"] / 3600,
        "write": read * measured["write_ms"] / 1000 / 3600,
    }
    tables = {
        "claims": words / 1000 * measured["claims_per_thousand_words"] * measured["bytes_per_claim"],
        "posts": words * measured["bytes_per_word"],
        "addresses": documents * measured["bytes_per_address"],
        "rejects": (archive["pages"] - documents) * measured["bytes_per_reject"],
    }
    warc = archive["pages"] * archive["page_bytes"]
    return Cost(archive["name"], documents, read, words, hours, warc, tables, documents * measured["election_bytes"])


def tables() -> dict[str, str]:
    """The page's tables by name."""
    known = figures()
    prices, cores = known["prices"], known["cluster"]["cores"]
    costs = [cost(archive, known["measured"]) for archive in known["archives"]]
    head = "| | " + " | ".join(each.name for each in costs) + " |\n|---|" + "--:|" * len(costs)

    def table(*rows: tuple[str, Any]) -> str:
        return "\n".join([head, *(f"| {name} | " + " | ".join(map(form, costs)) + " |" for name, form in rows)])

    work = table(
        ("pages", lambda c: _count(c.documents / _archive(known, c)["english"])),
        ("articles in English", lambda c: _count(c.documents)),
        ("that are no copies", lambda c: _count(c.read)),
        ("words that are read", lambda c: _count(c.words)),
        ("core-hours: taking in", lambda c: _hours(c.hours["take in"])),
        ("core-hours: reading", lambda c: _hours(c.hours["read"])),
        ("core-hours: writing", lambda c: _hours(c.hours["write"])),
        ("**core-hours in all**", lambda c: f"**{_hours(c.core_hours)}**"),
        ("outside the model", lambda c: f"{1 - c.hours['read'] / c.core_hours:.0%}"),
        ("on two cores", lambda c: _span(c.core_hours / 2)),
        (f"on {cores:,} cores", lambda c: _span(c.core_hours / cores)),
        ("**dollars, on demand**", lambda c: f"**{_dollars(c.core_hours * prices['core_hour'])}**"),
        ("dollars, on spare capacity", lambda c: _dollars(c.core_hours * prices["core_hour"] * prices["spot"])),
    )
    space = table(
        ("the WARC files, which stay where they are", lambda c: _bytes(c.warc)),
        *((f"`{name}`", lambda c, name=name: _bytes(c.tables[name])) for name in costs[0].tables),
        ("**tables in all**", lambda c: f"**{_bytes(sum(c.tables.values()))}**"),
        ("dollars a month", lambda c: _dollars(sum(c.tables.values()) / GIGA * prices["gigabyte_month"])),
    )
    rows = []
    for what, gigabits in known["cluster"]["lines"]:
        rows.append((f"fetching by {what}", lambda c, line=gigabits: _span(c.warc * 8 / (line * GIGA) / 3600)))
    limits = table(
        (f"computing on {cores:,} cores", lambda c: _span(c.core_hours / cores)),
        *rows,
        ("input that keeps the cores busy", lambda c: f"{_bytes(c.warc / (c.core_hours / cores) / 3600)}/s"),
        ("output meanwhile", lambda c: f"{_bytes(sum(c.tables.values()) / (c.core_hours / cores) / 3600)}/s"),
        ("memory for the election", lambda c: _bytes(c.election)),
    )
    return {"work": work, "space": space, "limits": limits}


def filled(page: str) -> str:
    """The page with its tables as they are now."""
    for name, table in tables().items():
        page = re.sub(rf"(<!-- {name} -->).*?(<!-- /{name} -->)", rf"\1\n{table}\n\2", page, flags=re.DOTALL)
    return page


def _archive(known: dict[str, Any], made: Cost) -> dict[str, Any]:
    return next(archive for archive in known["archives"] if archive["name"] == made.name)


def _count(number: float) -> str:
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:,.3g} {name}"
    return f"{number:,.0f}"


def _hours(hours: float) -> str:
    return f"{float(f'{hours:.2g}'):,.0f}" if hours >= 10 else f"{hours:.1f}"


def _span(hours: float) -> str:
    if hours >= 2 * 8766:
        return f"{hours / 8766:.2g} years"
    if hours >= 72:
        return f"{float(f'{hours / 24:.2g}'):,.0f} days"
    minutes = max(1, round(hours * 60))
    return f"{hours:.2g} hours" if hours >= 1.5 else f"{minutes} minutes" if minutes > 1 else "a minute"


def _dollars(amount: float) -> str:
    return f"{float(f'{amount:.2g}'):,.0f}" if amount >= 10 else f"{amount:.2f}"


def _bytes(number: float) -> str:
    for size, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if number >= size:
            return f"{number / size:.2g} {name}" if number / size < 100 else f"{number / size:,.0f} {name}"
    return f"{number / 1e3:,.0f} kB"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")
