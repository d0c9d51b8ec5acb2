"""How fast a ledger is, and how much memory it takes, at any size, on SQLite or PostgreSQL.

    python benchmarks/ledger.py                                   20,000 claims, SQLite
    python benchmarks/ledger.py --claims 1000000                  the size that the limits are for
    python benchmarks/ledger.py --claims 1000000 --url postgresql+psycopg://localhost/bench
    python benchmarks/ledger.py --url … --filled --ahead --out benchmarks/results/ledger.md

The data are made up, always the same for a size: of 20 claims, 4 are forecasts and 2 are resolved, a twentieth as many
people as claims, a few of whom say most. Each kind of question is asked a hundred times and more, of people, sites and
words as they come up (common ones often, most seldom), in a process of its own, after twenty others off the record. The
table has the median and the 95th percentile in milliseconds, which the limits are for; of PostgreSQL also the 95th
percentile of how long its answers were waited for. Memory is that process' peak.

A ledger at ``--url`` stays; with ``--filled`` it is one that was filled so before, and storing is measured by further
claims. On a machine that has other work, ``--ahead`` has the system run this program, and a PostgreSQL server on it,
ahead of that, which takes the rights of root. ``--cpu`` gives processor time in place of the wall's, which leaves
out waiting for a disk; of a PostgreSQL server on the same machine what serves the connection is counted too, except for
that of the command line.
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
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
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
    "search by kind, day and words, ms": 100,
    "search by site, state and words, ms": 100,
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
class Figure:
    """What was measured: the median and the 95th percentile, and that of the time spent in the database."""

    median: float
    high: float
    database: float | None = None


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
            number, rows = next_id(connection, resolution), list[dict[str, object]]()
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


def server_process(ledger: Ledger) -> int | None:
    """The process that serves the ledger's connection, where it is on this machine; None for SQLite."""
    if ledger.database.is_sqlite:
        return None
    # The pool hands out the same connection as long as one is enough.
    served = ledger.database.read(lambda c: int(c.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()))
    return served if Path(f"/proc/{served}/schedstat").exists() else None


@contextmanager
def ahead_of_others(ledger: Ledger) -> Iterator[None]:
    """Have the system run this program, and a PostgreSQL server on this machine, ahead of all that is not urgent."""
    processes = [0]
    if (serving := server_process(ledger)) is not None:
        # The server itself, of which every connection's process is a child, and the one that is there already.
        whole = int(re.sub(r".*\)", "", Path(f"/proc/{serving}/stat").read_text()).split()[1])
        processes += [whole, serving]
    before = [(process, os.getpriority(os.PRIO_PROCESS, process)) for process in processes]
    try:
        for process in processes:
            os.setpriority(os.PRIO_PROCESS, process, -19)
        yield
    finally:
        for process, priority in before:
            with suppress(ProcessLookupError):  # a connection that was closed meanwhile
                os.setpriority(os.PRIO_PROCESS, process, priority)


class Clock:
    """Seconds by the wall, or of processor time: this process, its children, and what serves it in the database.

    ``database`` are those of PostgreSQL: how long its answers were waited for, or the processor time of its process.
    """

    def __init__(self, *, cpu: bool, ledger: Ledger | None = None) -> None:
        self._cpu, self._serving, self._waited = cpu, None, 0.0
        if cpu and ledger is not None and not ledger.database.is_sqlite:
            process = server_process(ledger)
            if process is None:
                raise SystemExit("--cpu needs a PostgreSQL server on this machine, with Linux")
            self._serving = Path(f"/proc/{process}/schedstat")
        elif ledger is not None and not ledger.database.is_sqlite:
            sa.event.listen(sa.Engine, "before_cursor_execute", self._sent)
            sa.event.listen(sa.Engine, "after_cursor_execute", self._answered)

    def _sent(self, *_: object) -> None:
        self._since = time.perf_counter()

    def _answered(self, *_: object) -> None:
        self._waited += time.perf_counter() - self._since

    @property
    def database(self) -> float:
        if self._serving is not None:
            return int(self._serving.read_text().split()[0]) / 1e9
        return self._waited

    def __call__(self) -> float:
        if not self._cpu:
            return time.perf_counter()
        own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime + self.database


def percentile(taken: list[float], share: float) -> float:
    """The milliseconds below which a share of the times, in seconds, is."""
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * share))] * 1_000


def timed(work: Callable[[random.Random], object], times: int, clock: Clock, *, before: int = 20) -> Figure:
    """How long ``work`` takes, measured ``times`` times, after it was done some times to warm up."""
    first, rng, taken, waited = random.Random(4), random.Random(3), [], []
    for _ in range(before):
        work(first)
    for _ in range(times):
        start, sent = clock(), clock.database
        work(rng)
        taken.append(clock() - start)
        waited.append(clock.database - sent)
    database = percentile(waited, 0.95)
    return Figure(percentile(taken, 0.5), percentile(taken, 0.95), database if database else None)


def measure(url: str, claims: int, *, cpu: bool) -> dict[str, Figure]:
    """The times of queries on a ledger that is there, and this process' peak of memory."""
    people = max(20, claims // 20)
    found: dict[str, Figure] = {}
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

        found["search by kind, day and words, ms"] = timed(search, 200, clock)
        found["search by site, state and words, ms"] = timed(search_site, 200, clock)
        found["due, ms"] = timed(due, 100, clock)
        found["record, ms"] = timed(record, 200, clock)
        found["board, ms"] = timed(lambda _: ledger.scores(), 10, clock, before=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found["memory, MB"] = Figure(peak, peak)
    return found


def command_line(url: str, *, cpu: bool) -> Figure:
    """The whole of a small command, the start of Python included."""

    def work(_: random.Random) -> object:
        words = [sys.executable, "-m", "sayso.cli", "due", "--limit", "5", "--ledger", url]
        return subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

    return timed(work, 20, Clock(cpu=cpu), before=2)


def store(ledger: Ledger, source: Iterable[Document], *, cpu: bool) -> float:
    """Keep documents, which are made meanwhile and off the clock: claims a second."""
    total, spent, clock = 0, 0.0, Clock(cpu=cpu, ledger=ledger)
    source = iter(source)
    while batch := list(islice(source, 640)):
        start = clock()
        total += sum(kept.claims for kept in ledger.keep_all(batch))
        spent += clock() - start
    return total / spent


def table(found: dict[str, Figure], url: str, claims: int, *, how: str) -> tuple[str, list[str]]:
    """The figures as Markdown under the engine's name, and the names of those that miss their limit."""
    from speed import machine

    failed = []
    with Ledger(url, create=False) as ledger:
        stats = ledger.stats()
    engine = ENGINES[url.split(":")[0].split("+")[0]]
    size = f"{stats['bytes'] / 1e6:,.0f} MB"
    waited = any(one.database is not None for one in found.values())
    lines = [
        f"## {engine}, {claims:,} claims",
        "",
        f"Measured {datetime.date.today()} on {machine()}; {how}. The ledger holds {stats['claims']:,} claims by "
        f"{stats['people']:,} people and {stats['resolutions']:,} resolutions in {size}. The limits are "
        "for the 95th percentile.",
        "",
        f"| what | median | 95th percentile |{' of it the server |' * waited} limit | kept |",
        f"|---|---|---|{'---|' * waited}---|---|",
    ]
    for name, limit in LIMITS.items():
        least = name.startswith("store")
        one = found[name]
        kept = one.high >= limit if least else one.high <= limit
        failed += [] if kept else [name]
        bound = f"{'at least' if least else 'at most'} {limit:,}"
        # Storing and memory are one figure each, measured once over all.
        whole = one.median == one.high
        cells = [name, "" if whole else f"{one.median:,.0f}", f"{one.high:,.0f}"]
        cells += ["" if one.database is None else f"{one.database:,.0f}"] * waited
        lines.append(f"| {' | '.join([*cells, bound, 'yes' if kept else 'NO'])} |")
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
    parser.add_argument("--ahead", action="store_true", help="run ahead of the machine's other work; for root")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--strict", action="store_true", help="fail where a limit is not kept")
    parser.add_argument("--out", type=Path, help="also write the figures to their section of this file")
    options = parser.parse_args()
    if options.measure:
        measured = measure(options.url, options.claims, cpu=options.cpu)
        print(json.dumps({name: asdict(figure) for name, figure in measured.items()}))
        return
    how = "processor time, since the machine had other work" if options.cpu else "by the wall's clock"
    if options.ahead:
        how += ", run ahead of the machine's other work"
    if options.filled:
        how += f"; storing was measured by {MORE:,} further claims"
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{folder}/bench.sqlite"
        with ExitStack() as stack:
            ledger = stack.enter_context(Ledger(url))
            if options.ahead:
                stack.enter_context(ahead_of_others(ledger))
            if options.filled:
                # Each time others, so that none is known before.
                first = ledger.stats()["threads"]
                source = documents(MORE, of=options.claims, first=first)
            else:
                source = documents(options.claims, of=options.claims)
            rate = store(ledger, source, cpu=options.cpu)
            found = {"store, claims a second": Figure(rate, rate)}
            if not options.filled:
                settle(ledger, options.claims)
            script = [sys.executable, os.path.abspath(__file__), "--measure"]
            script += ["--claims", str(options.claims), "--url", url] + ["--cpu"] * options.cpu
            told = json.loads(subprocess.run(script, check=True, stdout=subprocess.PIPE, text=True).stdout)
            found |= {name: Figure(**figure) for name, figure in told.items()}
            found["command line, ms"] = command_line(url, cpu=options.cpu)
            section, failed = table(found, url, options.claims, how=how)
    print(section)
    if options.out:
        put(options.out, section)
    if options.strict and failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
