"""How fast a ledger is, and how much memory it takes, at any size, on SQLite or PostgreSQL.

    python benchmarks/ledger.py                                   20,000 claims, SQLite
    python benchmarks/ledger.py --claims 1000000                  the size that the limits are for
    python benchmarks/ledger.py --claims 1000000 --url postgresql+psycopg://localhost/bench
    python benchmarks/ledger.py --url … --filled --cpu --out benchmarks/results/ledger.md

The data are made up, always the same for a size: of 20 claims, 4 are forecasts and 2 are resolved, a twentieth as many
people as claims, a few of whom say most. Times are 95th percentiles in milliseconds over queries for different people,
sites and words, in a process of their own that has opened the ledger before. Memory is that process' peak.

A ledger at ``--url`` stays; with ``--filled`` it is one that was filled so before, and storing is measured by further
claims. ``--cpu`` gives processor time in place of the wall's, for a machine that has other work; of a PostgreSQL server
on the same machine what serves the connection is counted too, except for that of the command line.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from sayso.errors import UnknownError
from sayso.ledger import Filter, Ledger
from sayso.ledger.database import next_id
from sayso.ledger.resolutions import OUTCOMES
from sayso.ledger.schema import claim, resolution
from sayso.posts import Claim, Forecast, Holder, Horizon, Kind, Part, Post, Probability, Thread

LIMITS = {
    "store, claims a second": 3_000,
    "search, ms": 100,
    "due, ms": 100,
    "record, ms": 100,
    "board, ms": 1_000,
    "command line, ms": 600,
    "memory, MB": 300,
}
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
MORE = 20_000
"""Claims that are added where a ledger is full already."""
PER_DOCUMENT = 20
FIRST = datetime.date(2015, 1, 1)
DAYS = 4_000
SITES = 200
WORDS = 30_000
KINDS: tuple[Kind, ...] = ("fact", "judgment", "demand", "other")


@dataclass
class Document:
    """A document with its claims, as a reader gives it."""

    thread: Thread | None
    claims: list[Claim] = field(default_factory=list)


def word(rng: random.Random) -> str:
    """A made-up word; a few are in every text, most are rare, as in a language."""
    number = int(WORDS ** rng.random())
    return "w" + "".join("bcdfghklmnprstvz"[int(d, 16)] + "aeiou"[i % 5] for i, d in enumerate(f"{number:x}"))


def person(rng: random.Random, people: int) -> str:
    """A made-up name; the first hold most claims."""
    number = int(people ** rng.random())
    return f"Name{number % 997:03d} Surname{number:06d}"


def documents(claims: int, *, of: int, first: int = 0) -> Iterator[Document]:
    """Yield documents with ``claims`` claims in all, from number ``first`` on, for a ledger of the size ``of``."""
    rng, people = random.Random(1 + first), max(20, of // 20)
    for n in range(first, first + claims // PER_DOCUMENT):
        day = FIRST + datetime.timedelta(days=rng.randrange(DAYS))
        contents = [" ".join(word(rng) for _ in range(rng.randint(8, 24))) for _ in range(PER_DOCUMENT)]
        post = Post(f"d{n}", "\n".join(contents), posted=day.isoformat(), author=person(rng, people))
        site = int(SITES ** rng.random())
        thread = Thread(
            post.id, [post], f"https://site{site}.example/{n}", contents[0], f"Site {site}", day.isoformat(), "en"
        )
        made, at = Document(thread), 0
        for i, text in enumerate(contents):
            part = Part(text, ((at, at + len(text)),))
            at += len(text) + 1
            chain = tuple(Holder(person(rng, people)) for _ in range(1 + (rng.random() < 0.1)))
            kind: Kind = "prediction" if i < 3 else "pledge" if i == 3 else rng.choice(KINDS)
            forecast = None
            if i < 4:
                end = day + datetime.timedelta(days=rng.randint(5, 900))
                p = round(rng.betavariate(2, 2), 2)
                horizon = Horizon(text[:8], ((at - 9, at - 1),), day, end, "bench")
                odds = Probability(p, max(0.0, p - 0.1), min(1.0, p + 0.1), "bench")
                forecast = Forecast(horizon=horizon, probability=odds, resolvable=True)
            made.claims.append(
                Claim(
                    f"{n:07x}{i:02x}",
                    thread,
                    post,
                    part,
                    None,
                    part,
                    "indirect",
                    "attributed",
                    chain,
                    kind,
                    forecast,
                    0.9,
                )
            )
        yield made


def settle(ledger: Ledger, claims: int) -> int:
    """Resolve half of the forecasts, the first two of each document."""
    rng, made, moment = random.Random(2), 0, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    for first in range(0, claims // PER_DOCUMENT, 2_000):
        keys = [f"{n:07x}{i:02x}" for n in range(first, min(first + 2_000, claims // PER_DOCUMENT)) for i in (0, 1)]

        def work(connection: sa.Connection, keys: list[str] = keys) -> int:
            number, rows = next_id(connection, resolution), []
            for at in range(0, len(keys), 500):
                query = sa.select(claim.c.root_id, claim.c.key).where(claim.c.key.in_(keys[at : at + 500]))
                for root, key in connection.execute(query.order_by(claim.c.key)):
                    value = rng.choice(("true", "false"))
                    rows.append(
                        {"id": number + len(rows), "token": f"bench-{key}", "claim_id": root, "question_id": None,
                         "value": value, "outcome": OUTCOMES[value], "on_day": "2026-01-01", "by": None,
                         "note": None, "evidence": "[]", "at": moment.isoformat()}
                    )  # fmt: skip
            connection.execute(sa.insert(resolution), rows)
            return len(rows)

        made += ledger.database.write(work)
    return made


class Clock:
    """Seconds by the wall, or of processor time: this process, its children, and what serves it in the database."""

    def __init__(self, *, cpu: bool, ledger: Ledger | None = None) -> None:
        self._cpu, self._serving = cpu, None
        if cpu and ledger is not None and not ledger.database.is_sqlite:
            # The pool hands out the same connection as long as one is enough.
            served = ledger.database.read(lambda c: c.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
            self._serving = Path(f"/proc/{served}/schedstat")
            if not self._serving.exists():
                raise SystemExit("--cpu needs a PostgreSQL server on this machine, with Linux")

    def __call__(self) -> float:
        if not self._cpu:
            return time.perf_counter()
        own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        served = int(self._serving.read_text().split()[0]) / 1e9 if self._serving is not None else 0.0
        return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime + served


def slowest(work: Callable[[random.Random], object], times: int, clock: Clock) -> float:
    """The 95th percentile of the time of ``work`` in milliseconds."""
    work(random.Random(4))  # what the first call loads is not what is measured
    rng, taken = random.Random(3), []
    for _ in range(times):
        start = clock()
        work(rng)
        taken.append((clock() - start) * 1_000)
    return sorted(taken)[min(times - 1, int(times * 0.95))]


def measure(url: str, claims: int, cpu: bool) -> dict[str, float]:
    """The times of queries on a ledger that is there, and this process' peak of memory."""
    people = max(20, claims // 20)
    found: dict[str, float] = {}
    with Ledger(url, create=False) as ledger:
        clock = Clock(cpu=cpu, ledger=ledger)

        def search(rng: random.Random) -> object:
            which = Filter(text=word(rng), kind=("prediction",), since="2018-01-01", limit=50)
            return list(ledger.find(which))

        def search_site(rng: random.Random) -> object:
            which = Filter(
                text=f"{word(rng)} OR {word(rng)}", site=f"Site {int(SITES ** rng.random())}", open=True, limit=50
            )
            return list(ledger.find(which))

        def due(rng: random.Random) -> object:
            return ledger.due(on=FIRST + datetime.timedelta(days=DAYS + rng.randrange(900)), limit=100)

        def record(rng: random.Random) -> object:
            try:
                return ledger.record(person(rng, people))
            except UnknownError:  # of those who say little, not all have come up
                return None

        found["search, ms"] = max(slowest(search, 60, clock), slowest(search_site, 60, clock))
        found["due, ms"] = slowest(due, 40, clock)
        found["record, ms"] = slowest(record, 40, clock)
        found["board, ms"] = slowest(lambda _: ledger.scores(), 5, clock)
    found["memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def command_line(url: str, cpu: bool) -> float:
    """The whole of a small command, the start of Python included."""

    def work(_: random.Random) -> object:
        words = [sys.executable, "-m", "sayso.cli", "due", "--limit", "5", "--ledger", url]
        return subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

    return slowest(work, 12, Clock(cpu=cpu))


def store(ledger: Ledger, source: Iterable[Document], *, cpu: bool) -> float:
    """Keep documents, which are made meanwhile and off the clock: claims a second."""
    total, spent, clock = 0, 0.0, Clock(cpu=cpu, ledger=ledger)
    source = iter(source)
    while batch := list(islice(source, 640)):
        start = clock()
        total += sum(kept.claims for kept in ledger.keep_all(batch))
        spent += clock() - start
    return total / spent


def table(found: dict[str, float], url: str, claims: int, *, cpu: bool, filled: bool) -> tuple[str, list[str]]:
    """The figures as Markdown under the engine's name, and the names of those that miss their limit."""
    from speed import machine

    failed = []
    with Ledger(url, create=False) as ledger:
        stats = ledger.stats()
    engine = ENGINES[url.split(":")[0].split("+")[0]]
    how = "processor time, since the machine had other work" if cpu else "by the wall's clock"
    if cpu and engine == "PostgreSQL":
        how += " (without that of the server's parallel workers)"
    if filled:
        how += f"; storing was measured by {MORE:,} further claims"
    size = f"{stats['bytes'] / 1e6:,.0f} MB"
    lines = [
        f"## {engine}, {claims:,} claims",
        "",
        f"Measured {datetime.date.today()} on {machine()}; {how}. The ledger holds {stats['claims']:,} claims by "
        f"{stats['people']:,} people and {stats['resolutions']:,} resolutions in {size}. Times are 95th percentiles.",
        "",
        "| what | figure | limit | kept |",
        "|---|---|---|---|",
    ]
    for name, limit in LIMITS.items():
        least = name.startswith("store")
        kept = found[name] >= limit if least else found[name] <= limit
        failed += [] if kept else [name]
        bound = f"{'at least' if least else 'at most'} {limit:,}"
        lines.append(f"| {name} | {found[name]:,.0f} | {bound} | {'yes' if kept else 'NO'} |")
    return "\n".join(lines) + "\n", failed


def put(path: Path, section: str) -> None:
    """Write a section into a file in the place of the one of the same engine."""
    engine = section.split(",")[0]
    old = re.split(r"^(?=## )", path.read_text("utf-8"), flags=re.MULTILINE) if path.exists() else []
    others = [each.strip() + "\n" for each in old if each.strip() and not each.startswith(engine)]
    path.write_text("\n".join(sorted([*others, section], reverse=True)), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--url", help="an empty database; default: a SQLite file that is taken away afterwards")
    parser.add_argument("--filled", action="store_true", help="the ledger was filled so before")
    parser.add_argument("--cpu", action="store_true", help="processor time in place of the wall's, on a busy machine")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--strict", action="store_true", help="fail where a limit is not kept")
    parser.add_argument("--out", type=Path, help="also write the figures to their section of this file")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.url, options.claims, options.cpu)))
        return
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{folder}/bench.sqlite"
        with Ledger(url) as ledger:
            if options.filled:
                # Each time others, so that none is known before.
                first = ledger.stats()["threads"]
                source = documents(MORE, of=options.claims, first=first)
            else:
                source = documents(options.claims, of=options.claims)
            found = {"store, claims a second": store(ledger, source, cpu=options.cpu)}
            if not options.filled:
                settle(ledger, options.claims)
        script = [sys.executable, os.path.abspath(__file__), "--measure", "--claims", str(options.claims), "--url", url]
        script += ["--cpu"] if options.cpu else []
        found |= json.loads(subprocess.run(script, check=True, stdout=subprocess.PIPE, text=True).stdout)
        found["command line, ms"] = command_line(url, options.cpu)
        section, failed = table(found, url, options.claims, cpu=options.cpu, filled=options.filled)
    print(section)
    if options.out:
        put(options.out, section)
    if options.strict and failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
