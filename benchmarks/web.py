"""Measure the server under load: wrk with 50 connections on a large ledger, and readings asked for at once.

    python benchmarks/ledger.py --claims 1000000 --url sqlite:////tmp/ledger.sqlite     makes one
    python benchmarks/web.py /tmp/ledger.sqlite                       # or postgresql+psycopg://…
    python benchmarks/web.py LEDGER --seconds 20 --workers 2 --readings 20

Well over a thousand addresses are visited, taken at random from all of the ledger. For each kind of page it is told
what the first visit to each address costs; then, when all processes have been asked for all of them, requests a
second and the 95th percentile of visits at random; then the same of all kinds as a newsroom may mix them (``MIX``),
without and with one request in a hundred that writes: it resolves a forecast or corrects a claim, in the ledger at
hand. Processor time is that of the server's processes, and of PostgreSQL's where it runs on this machine: it says
more than seconds do where the machine has other work. Then: the memory of the server's processes beside those that
read; how long it takes to start; and whether so many readings asked for at once finish. Exit status 1 where a target
is missed (``TARGETS``; with writes among them, requests are only to be as many). With ``--write`` the figures go into
their engine's section of benchmarks/results/web.md. Needs wrk and the extra sayso[web].
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import sqlalchemy as sa

from ledger import ENGINES, put
from sayso.ledger import Ledger, schema
from sayso.ledger.location import ledger_url

RESULT = Path(__file__).parent / "results" / "web.md"
CONNECTIONS = 50
TARGETS = {"p95_ms": 150.0, "requests_per_second": 200.0, "errors": 0, "memory_mb": 400.0, "start_s": 1.5}
TEXT = "The ferry will sail by June {year}, Ruth Odell said. The fare will be {number} crowns, Jonas Pell says."

MIX = {
    "first page": 10, "claims": 8, "search": 12, "by holder": 10, "claim": 18, "article": 20, "articles": 4, "due": 4,
    "person": 5, "people": 1, "board": 2, "api claims": 2, "api claim": 4,
}  # fmt: skip
"""Of a hundred requests, how many go to each kind of page."""
WRITES = 0.01
SEED = 7

# wrk asks for addresses at random, of a kind chosen by its weight, and tells what it has measured as a line of JSON.
LUA = """
local kinds, weights, writes, share = {%(kinds)s}, {%(weights)s}, {%(writes)s}, %(share)s
local threads, total = 0, 0
for _, weight in ipairs(weights) do total = total + weight end
setup = function(thread) threads = threads + 1; thread:set("number", threads) end
init = function() math.randomseed(os.time() + number) end
request = function()
  if #writes > 0 and math.random() < share then
    local write = writes[math.random(#writes)]
    local body = string.gsub(write[3], "RANDOM", tostring(math.random()))
    return wrk.format(write[1], write[2], {["Content-Type"] = "application/json"}, body)
  end
  local left = math.random() * total
  for at, weight in ipairs(weights) do
    left = left - weight
    if left <= 0 then return wrk.format("GET", kinds[at][math.random(#kinds[at])]) end
  end
  return wrk.format("GET", kinds[1][1])
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests": %%d, "us": %%d, "p50": %%.0f, "p95": %%.0f, "p99": %%.0f, "errors": %%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""

Write = tuple[str, str, str]
"""Method, address and body."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured: requests a second, percentiles in milliseconds, errors (status, connection, time), and
    milliseconds of processor time a request, of the server and of the database's processes.
    """

    name: str
    rate: float
    p50: float
    p95: float
    p99: float
    errors: int
    server_ms: float
    database_ms: float

    def __str__(self) -> str:
        figures = f"{self.rate:>10.0f} {self.p50:>8.1f} {self.p95:>8.1f} {self.p99:>8.1f} {self.errors:>7}"
        return f"{self.name:<18} {figures} {self.server_ms:>10.2f} {self.database_ms:>12.2f}"


HEAD = f"{'':<18} {'requests/s':>10} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'errors':>7}"
HEAD += f" {'server ms':>10} {'database ms':>12}"


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(json.dumps(each) for each in values)


def wrk(pid: int, base: str, name: str, kinds: dict[str, list[str]], seconds: int, writes: Sequence[Write] = ()) -> Run:
    """Ask for addresses at random, those of each kind as often as ``MIX`` says."""
    filled = {
        "kinds": ", ".join("{" + _quoted(some) + "}" for some in kinds.values()),
        "weights": ", ".join(str(MIX[kind]) for kind in kinds),
        "writes": ", ".join("{" + _quoted(write) + "}" for write in writes),
        "share": WRITES,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LUA % filled)
        script.flush()
        command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", script.name, base]
        before = cpu(pid)
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        after = cpu(pid)
    found = json.loads(next(line for line in told.splitlines() if line.startswith("{")))
    number = max(1, found["requests"])
    server, database = ((now - then) * 1e3 / number for now, then in zip(after, before))
    rate, percentiles = number / found["us"] * 1e6, (found[key] / 1e3 for key in ("p50", "p95", "p99"))
    return Run(name, rate, *percentiles, found["errors"], server, database)


def first_visits(pid: int, base: str, name: str, addresses: list[str]) -> Run:
    """Ask for each address once, two at a time."""
    server = urlsplit(base)
    took: list[float] = []
    errors: list[str] = []

    def visit(some: list[str]) -> None:
        connection = HTTPConnection(server.netloc, timeout=120)
        for address in some:
            began = time.perf_counter()
            connection.request("GET", address)
            answer = connection.getresponse()
            answer.read()
            took.append((time.perf_counter() - began) * 1e3)
            if answer.status != 200:
                errors.append(f"{answer.status} {address}")

    before, began = cpu(pid), time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(visit, (addresses[0::2], addresses[1::2])))
    seconds, after = time.perf_counter() - began, cpu(pid)
    spent = ((now - then) * 1e3 / len(took) for now, then in zip(after, before))
    p50, p95, p99 = (float(np.percentile(took, at)) for at in (50, 95, 99))
    return Run(name, len(took) / seconds, p50, p95, p99, len(errors), *spent)


def warm(base: str, workers: int, addresses: Iterable[str]) -> None:
    """Ask for each address over so many connections at a time that every process has been asked for it."""
    server, addresses = urlsplit(base), list(addresses)

    def ask(_: int) -> None:
        connection = HTTPConnection(server.netloc, timeout=120)
        for address in addresses:
            connection.request("GET", address)
            connection.getresponse().read()
        connection.close()

    with ThreadPoolExecutor(8 * workers) as pool:  # one after the other they might all come to one process
        list(pool.map(ask, range(8 * workers)))


def cpu(pid: int) -> tuple[float, float]:
    """Seconds of processor time that the server's processes, but those that read, and PostgreSQL's have had."""
    ours = set(family(pid))
    server = database = 0.0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            command = (folder / "cmdline").read_bytes()
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        spent = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
        if int(folder.name) in ours and b"sayso.web.worker" not in command:
            server += spent
        elif command.startswith(b"postgres:"):
            database += spent
    return server, database


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=120) as answer:
        return json.load(answer)


def post(url: str, value: object) -> Any:
    request = urllib.request.Request(url, json.dumps(value).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def family(pid: int) -> Iterator[int]:
    """A process and those below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


def memory(pid: int) -> float:
    """Megabytes that the server's processes hold to themselves and share, each shared page once; readers left out."""
    total = 0
    for each in family(pid):
        command = Path(f"/proc/{each}/cmdline").read_bytes()
        if b"sayso.web.worker" in command:
            continue
        rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])  # type: ignore[index]
    return total * 1024 / 1e6


@contextmanager
def served(ledger: str, *, workers: int, readers: int) -> Iterator[tuple[str, int, float]]:
    """A server on a free port: its address, its process, the seconds until it answered."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    command = [sys.executable, "-m", "sayso.cli", "serve", "--port", str(port), "--ledger", ledger]
    command += ["--workers", str(workers), "--readers", str(readers)]
    began = time.perf_counter()
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ)
    base = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                get(f"{base}/api/v1/me")
                break
            except OSError:
                if server.poll() is not None or time.perf_counter() - began > 120:
                    raise SystemExit("the server did not start") from None
                time.sleep(0.01)
        yield base, server.pid, time.perf_counter() - began
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def pages(ledger: Ledger) -> tuple[dict[str, list[str]], list[Write]]:
    """Addresses of each kind of page, and what may be written, taken at random from what the ledger holds."""
    chance = random.Random(SEED)
    c, name = schema.claim.c, schema.name.c

    def some(connection: sa.Connection, number: int, *conditions: Any) -> list[Any]:
        last = connection.execute(sa.select(sa.func.max(c.id))).scalar_one()
        drawn = chance.sample(range(1, last + 1), min(last, 20 * number))
        query = sa.select(c.id, c.key, c.thread_id, c.content, c.kind, name.person_id)
        query = query.join_from(schema.claim, schema.name, c.name_id == name.id).where(c.latest, *conditions)
        found: list[Any] = []
        for at in range(0, len(drawn), 500):
            found += connection.execute(query.where(c.id.in_(drawn[at : at + 500]))).all()
            if len(found) >= number:
                break
        return chance.sample(found, min(number, len(found)))

    with ledger.database.connect() as connection:
        claims = some(connection, 300)
        forecasts = some(connection, 200, c.kind == "prediction")
    people = list(dict.fromkeys(row.person_id for row in claims))
    words = dict.fromkeys(
        max((w for w in row.content.split() if w.isalpha()), key=len, default="will") for row in claims
    )
    kinds = ("prediction", "pledge", "demand", "judgment", "fact", "other")
    keys, articles = [row.key for row in claims], dict.fromkeys(row.thread_id for row in claims)
    addresses = {
        "first page": ["/"],
        "claims": ["/claims", "/claims?state=open", "/claims?state=resolved"]
        + [f"/claims?kind={kind}" for kind in kinds] + [f"/claims?at={25 * at}" for at in range(1, 10)],
        "search": [f"/claims?text={word}" for word in words][:200],
        "by holder": [f"/claims?holder=%23{who}" for who in people[:200]],
        "claim": [f"/claims/{key}" for key in keys],
        "article": [f"/articles/{number}" for number in articles],
        "articles": [f"/articles?at={30 * at}" for at in range(10)],
        "due": ["/due", "/due?soon=30", "/due?sort=quoted"] + [f"/due?at={30 * at}" for at in range(1, 5)],
        "person": [f"/people/{who}" for who in people[:100]],
        "people": ["/people", "/people?at=60"],
        "board": ["/board", "/board?sort=brier", "/board?kind=prediction"],
        "api claims": [f"/api/v1/claims?kind={kind}" for kind in kinds],
        "api claim": [f"/api/v1/claims/{key}" for key in keys],
    }  # fmt: skip
    for listed in addresses.values():
        chance.shuffle(listed)
    writes = [
        ("POST", f"/api/v1/claims/{row.key}/resolutions", json.dumps({"value": chance.choice(("true", "false"))}))
        for row in forecasts
    ]
    writes += [("PATCH", f"/api/v1/claims/{row.key}", '{"probability": RANDOM}') for row in forecasts[:100]]
    return addresses, writes


def readings(base: str, count: int) -> tuple[int, float]:
    """Ask for readings at once: how many finish, and in how many seconds."""
    began = time.perf_counter()
    asked = [
        post(f"{base}/api/v1/readings", {"text": TEXT.format(year=2027 + n, number=n) + f" {time.time_ns()}"})["id"]
        for n in range(count)
    ]
    while time.perf_counter() - began < 600:
        states = [get(f"{base}/api/v1/readings/{each}")["state"] for each in asked]
        if all(state in ("done", "failed", "cancelled") for state in states):
            return states.count("done"), time.perf_counter() - began
        time.sleep(0.5)
    return states.count("done"), time.perf_counter() - began


def section(made: dict[str, Any]) -> str:
    """What was measured as Markdown, under the engine's name."""
    from speed import machine

    runs: list[dict[str, Any]] = made["runs"]
    half = next(at for at, run in enumerate(runs) if not run["name"][-1].isdigit())
    first = {run["name"].rsplit(" ", 1)[0]: run for run in runs[:half]}
    lines = [
        f"## {made['engine']}, {made['claims']:,} claims",
        "",
        f"Measured {datetime.date.today()} on {machine()}, which had a load of {made['load']:.1f} when it began; "
        f"processes that answer: {made['workers']}; wrk has {CONNECTIONS} connections on the same machine. First "
        "visits are to pages that nobody has opened yet, two at a time, in milliseconds.",
        "",
        "| page | first visit, median | 95th percentile | requests a second | median, ms | 95th percentile | errors |",
        "|---|---|---|---|---|---|---|",
    ]
    for run in runs[half:]:
        visits = first.get(run["name"])
        cells = [f"{visits[key]:,.0f}" if visits else "" for key in ("p50", "p95")]
        cells += [f"{run['rate']:,.0f}", f"{run['p50']:,.1f}", f"{run['p95']:,.0f}", str(run["errors"])]
        lines.append(f"| {run['name']} | {' | '.join(cells)} |")
    lines += [
        "",
        f"The limits are 150 ms for the 95th percentile under load and {TARGETS['requests_per_second']:.0f} requests a "
        f"second. The server starts in {made['start_s']:.2f} s (limit 1.5) and takes {made['memory_mb']:.0f} MB beside "
        f"those that read (limit 400); {made['finished']} of {made['readings']} readings asked for at once were done "
        f"after {made['readings_s']:.1f} s.",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure, tell, judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("ledger")
    parser.add_argument("--seconds", type=int, default=10, help="for each kind of page")
    parser.add_argument("--workers", type=int, default=1, help="processes that answer, as of sayso serve")
    parser.add_argument("--readings", type=int, default=20)
    parser.add_argument("--out", type=Path, help="also as JSON")
    parser.add_argument("--write", action="store_true", help="into the engine's section of benchmarks/results/web.md")
    given = parser.parse_args()
    made: dict[str, Any] = {"ledger": given.ledger.split("@")[-1], "workers": given.workers, "runs": []}
    made |= {"engine": ENGINES[ledger_url(given.ledger).get_backend_name()], "load": os.getloadavg()[0]}
    # Imported once before it is timed, so that the file system's cache is as on a machine that is in use.
    with served(given.ledger, workers=1, readers=0):
        pass
    starts = []
    for _ in range(3):
        with served(given.ledger, workers=1, readers=0) as (_, _, seconds):
            starts.append(seconds)
    made["start_s"] = round(sorted(starts)[1], 2)
    missed: list[str] = []
    with Ledger(given.ledger) as ledger:
        kinds, writes = pages(ledger)

    def told(run: Run, *, judged: bool = True) -> None:
        made["runs"].append(asdict(run))
        print(run, flush=True)
        if run.errors or (judged and run.p95 > TARGETS["p95_ms"]):
            missed.append(f"{run.name}: p95 {run.p95:.0f} ms, {run.errors} errors")

    with served(given.ledger, workers=given.workers, readers=1) as (base, pid, _):
        made["claims"] = get(f"{base}/api/v1/stats")["claims"]
        number = sum(map(len, kinds.values()))
        print(
            f"{made['claims']:,} claims, {number:,} addresses, {given.workers} processes; starts in {made['start_s']} s"
        )
        print(f"first visits, two at a time\n{HEAD}")
        for name, addresses in kinds.items():
            told(first_visits(pid, base, f"{name} {len(addresses)}", addresses), judged=False)
        print(f"{CONNECTIONS} connections, addresses at random\n{HEAD}")
        for name, addresses in kinds.items():
            warm(base, given.workers, addresses)
            told(wrk(pid, base, name, {name: addresses}, given.seconds))
        told(wrk(pid, base, "mixed", kinds, given.seconds))
        told(mixed := wrk(pid, base, "mixed, 1% writes", kinds, 3 * given.seconds, writes), judged=False)
        if mixed.rate < TARGETS["requests_per_second"]:
            missed.append(f"mixed: {mixed.rate:.0f} requests a second")
        done, seconds = readings(base, given.readings)
        made |= {"readings": given.readings, "finished": done, "readings_s": round(seconds, 1)}
        made["memory_mb"] = round(memory(pid), 1)
        print(f"{done} of {given.readings} readings asked for at once finished in {seconds:.1f} s")
        print(f"memory of the server beside its readers: {made['memory_mb']:.0f} MB")
    if done < given.readings:
        missed.append(f"{given.readings - done} readings did not finish")
    for key in ("memory_mb", "start_s"):
        if made[key] > TARGETS[key]:
            missed.append(f"{key} {made[key]}")
    made["missed"] = missed
    if given.out:
        given.out.write_text(json.dumps(made, indent=2) + "\n", "utf-8")
    if given.write:
        put(RESULT, section(made))
    for each in missed:
        print(f"missed: {each}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
