"""What the runs came to: ``report.json`` for programs, ``summary.txt`` for people."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sayso import __version__
from sayso.archive.engines import Engine
from sayso.archive.store import Store, read_json, write_bytes, write_json
from sayso.archive.tables import SCHEMA
from sayso.archive.tasks import Shard
from sayso.archive.versions import version_here

TOP = 1_000
"""Sites that the report names."""


@dataclass(slots=True)
class Report:
    """Sums over all shards that are done. ``seconds`` are CPU seconds by what they went into, "model" the reading
    itself; ``aside`` are the shards that were set aside, with their reason."""

    shards: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    tallies: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    peak: int = 0
    aside: list[dict[str, Any]] = field(default_factory=list)
    run: dict[str, Any] = field(default_factory=dict)
    schema: str = SCHEMA
    sayso: str = __version__
    version: dict[str, str] = field(default_factory=dict)

    @property
    def outside(self) -> float | None:
        """The share of CPU time that went into anything but the model."""
        whole = self.seconds.get("all", 0.0)
        return 1 - self.seconds.get("model", 0.0) / whole if whole else None

    def to_json(self) -> dict[str, Any]:
        value = asdict(self)
        value["tallies"] = {name: top(values) for name, values in self.tallies.items()}
        value["seconds"] = {name: round(spent, 3) for name, spent in sorted(self.seconds.items())}
        value["outside_the_model"] = None if self.outside is None else round(self.outside, 4)
        return value


def top(values: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(values.items(), key=lambda item: (-item[1], item[0]))[:TOP])


def collect(store: Store, shards: Mapping[str, Shard]) -> Report:
    """Add up what the markers say."""
    made = Report(version=asdict(version_here()))
    done = 0
    for id in shards:
        failure = read_json(store.failure(id))
        marker = read_json(store.marker(id))
        if failure is not None:
            made.aside.append({"shard": id} | {key: failure.get(key) for key in ("stage", "reason", "inputs")})
        elif marker is not None:
            done += 1
            _add(made, marker["report"], marker["extracted"])
    left = len(shards) - done - len(made.aside)
    made.shards = {"all": len(shards), "done": done, "set aside": len(made.aside), "left": left}
    return made


def _add(made: Report, read: Mapping[str, Any], extracted: Mapping[str, Any]) -> None:
    counts = dict(read["counts"]) | {"records": extracted["counts"].get("records", 0)}
    counts["mended"] = extracted["counts"].get("mended", 0)
    for name, count in counts.items():
        made.counts[name] = made.counts.get(name, 0) + count
    for name, values in read["tallies"].items():
        tally = made.tallies.setdefault(name, {})
        for value, count in values.items():
            tally[value] = tally.get(value, 0) + count
    for seconds in (read["seconds"], extracted["seconds"]):
        for name, spent in seconds.items():
            made.seconds[name] = made.seconds.get(name, 0.0) + spent
    made.peak = max(made.peak, read["peak"], extracted["peak"])


def write_report(store: Store, shards: Mapping[str, Shard], *, began: float, engine: Engine) -> Report:
    """Write both forms, and return what they say. ``began`` is when the run did (seconds since 1970)."""
    made = collect(store, shards)
    made.run = {"engine": engine.name, "workers": engine.workers, "seconds": round(time.time() - began, 1)}
    write_json(store.root / "report.json", made.to_json())
    write_bytes(store.root / "summary.txt", ("\n".join(summary(made)) + "\n").encode())
    return made


def summary(report: Report) -> list[str]:
    """The report as lines for people."""
    counts, tallies = report.counts, report.tallies
    shards = report.shards
    lines = [f"{shards['done']} of {shards['all']} shards are done" + _some(shards["set aside"], "set aside") + ":"]
    lines += _rows(
        ("records", counts.get("records", 0), ""),
        ("rejected", counts.get("rejects", 0), _list(tallies.get("reasons", {}), 6)),
        ("documents", counts.get("documents", 0), ""),
        ("  read", counts.get("read", 0), ""),
        ("  copies, exact", counts.get("exact copies", 0), ""),
        ("  copies, near", counts.get("near copies", 0), ""),
        ("posts", counts.get("posts", 0), f"{counts.get('comments', 0):,} of them comments"),
        ("words", counts.get("words", 0), ""),
        ("claims", counts.get("claims", 0), _list(tallies.get("kinds", {}), 6)),
        ("forecasts", counts.get("forecasts", 0), ""),
        ("sites", len(tallies.get("sites", {})), _list(tallies.get("sites", {}), 5)),
    )
    if tallies.get("languages"):
        lines += _rows(("other languages", sum(tallies["languages"].values()), _list(tallies["languages"], 8)))
    spent, model = report.seconds.get("all", 0.0), report.seconds.get("model", 0.0)
    if model and report.outside is not None:
        rate = counts.get("words", 0) / spent
        lines.append("")
        lines.append(f"{rate:,.0f} words a CPU-second, {report.outside:.0%} of the time outside the model;")
        lines.append(f"{spent / 3600:,.2f} CPU-hours in all, at most {report.peak / 1e6:,.0f} MB a worker")
    for one in report.aside:
        lines.append(f"set aside: {one['shard']} ({one['stage']}): {one['reason']}")
    return lines


def _some(count: int, words: str) -> str:
    return f", {count} {words}" if count else ""


def _rows(*rows: tuple[str, int, str]) -> list[str]:
    return [f"  {name:<18}{count:>14,}" + (f"   {note}" if note else "") for name, count, note in rows]


def _list(values: Mapping[str, int], most: int) -> str:
    named = list(top(values).items())
    words = ", ".join(f"{name} {count:,}" for name, count in named[:most])
    return words + (", …" if len(named) > most else "")
