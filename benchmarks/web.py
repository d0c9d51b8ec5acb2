"""Measure the server under load: wrk with 50 connections on a large ledger, and readings asked for at once.

    python benchmarks/ledger.py --claims 1000000 --url sqlite:////tmp/ledger.sqlite     makes one
    python benchmarks/web.py /tmp/ledger.sqlite                       # or postgresql+psycopg://…
    python benchmarks/web.py LEDGER --seconds 20 --workers 2 --readings 20

Tells for each page requests a second and the 95th percentile, then for all of them mixed; the memory of the server's
processes beside those that read, before and after; how long it takes to start; and whether so many readings asked for
at once all finish. Exit status 1 where a target is missed (``TARGETS``). Needs wrk and the extra sayso[web].
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CONNECTIONS = 50
TARGETS = {"p95_ms": 150.0, "requests_per_second": 200.0, "errors": 0, "memory_mb": 400.0, "start_s": 1.5}
TEXT = "The ferry will sail by June {year}, Ruth Odell said. The fare will be {number} crowns, Jonas Pell says."

# wrk asks for the addresses in turn, and tells what it has measured as one line of JSON.
LUA = """
local addresses = {%s}
local at = 0
request = function()
  at = at %% #addresses + 1
  return wrk.format("GET", addresses[at])
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests": %%d, "us": %%d, "p50": %%.0f, "p95": %%.0f, "p99": %%.0f, "errors": %%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What wrk measured: requests a second, percentiles in milliseconds, errors (status, connection, time)."""

    name: str
    rate: float
    p50: float
    p95: float
    p99: float
    errors: int


def wrk(base: str, name: str, addresses: list[str], seconds: int) -> Run:
    """Ask for addresses in turn."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LUA % ", ".join(json.dumps(each) for each in addresses))
        script.flush()
        command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", script.name, base]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(next(line for line in told.splitlines() if line.startswith("{")))
    rate = found["requests"] / found["us"] * 1e6
    return Run(name, rate, found["p50"] / 1e3, found["p95"] / 1e3, found["p99"] / 1e3, found["errors"])


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


def pages(base: str) -> dict[str, list[str]]:
    """Addresses of each kind of page, with what this ledger holds."""
    api = f"{base}/api/v1"
    claims = get(f"{api}/claims?limit=50")["items"]
    people = get(f"{api}/people?limit=20")["items"]
    words = [next((w for w in c["content"]["text"].split() if len(w) > 5 and w.isalpha()), "will") for c in claims]
    return {
        "first page": ["/"],
        "claims": ["/claims", "/claims?kind=prediction", "/claims?state=open", "/claims?kind=fact&kind=judgment"],
        "search": [f"/claims?text={word}" for word in sorted(set(words))[:20]],
        "by holder": [f"/claims?holder=%23{each['id']}" for each in people],
        "claim": [f"/claims/{each['id']}" for each in claims[:20]],
        "article": [f"/articles/{each['kept']['article']}" for each in claims[:20]],
        "articles": ["/articles"],
        "due": ["/due"],
        "person": [f"/people/{each['id']}" for each in people],
        "people": ["/people"],
        "board": ["/board"],
        "api claims": ["/api/v1/claims", "/api/v1/claims?kind=prediction"],
        "api claim": [f"/api/v1/claims/{each['id']}" for each in claims[:20]],
    }


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


def main() -> int:
    """Measure, tell, judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("ledger")
    parser.add_argument("--seconds", type=int, default=10, help="for each kind of page")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--readings", type=int, default=20)
    parser.add_argument("--out", type=Path, help="also as JSON")
    given = parser.parse_args()
    made: dict[str, Any] = {"ledger": given.ledger.split("@")[-1], "workers": given.workers, "runs": []}
    # Imported once before it is timed, so that the file system's cache is as on a machine that is in use.
    with served(given.ledger, workers=1, readers=0):
        pass
    with served(given.ledger, workers=1, readers=0) as (_, _, seconds):
        made["start_s"] = round(seconds, 2)
    missed = []
    with served(given.ledger, workers=given.workers, readers=1) as (base, pid, _):
        made["claims"] = get(f"{base}/api/v1/stats")["claims"]
        print(f"{made['claims']:,} claims, {given.workers} processes; starts in {made['start_s']} s", flush=True)
        kinds = pages(base)
        print(f"{'page':<12} {'requests/s':>10} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'errors':>7}")
        everything = [address for some in kinds.values() for address in some]
        for name, addresses in [*kinds.items(), ("all", everything)]:
            # As on a server that is in use: each process has been asked for each of them.
            for address in 4 * given.workers * addresses:
                urllib.request.urlopen(base + address, timeout=120).read()
            run = wrk(base, name, addresses, given.seconds)
            made["runs"].append(asdict(run))
            figures = f"{run.rate:>10.0f} {run.p50:>8.1f} {run.p95:>8.1f} {run.p99:>8.1f} {run.errors:>7}"
            print(f"{name:<12} {figures}", flush=True)
            if run.p95 > TARGETS["p95_ms"] or run.errors:
                missed.append(f"{name}: p95 {run.p95:.0f} ms, {run.errors} errors")
            if name == "all" and run.rate < TARGETS["requests_per_second"]:
                missed.append(f"all: {run.rate:.0f} requests a second")
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
    for each in missed:
        print(f"missed: {each}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
