"""Readings are queued and done by bounded processes; whatever is killed, nothing is half-done and the job is found."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from sayso.ledger import Ledger
from sayso.web import accounts, jobs, worker
from sayso.web.api import tools
from sayso.web.jobs import Job, Options, Reading, Work
from sayso.web.problems import Problem
from sayso.web.readers import Readers
from sayso.web.settings import Settings
from sayso.web.site import Site

from .conftest import Make, browser, csrf_of
from .sample import SAIL, claim, thread

TEXT = "The ferry will sail by June 2027, Ruth Odell said on Monday in the harbour of Brennick."


def submit(ledger: Ledger, text: str = TEXT, form: jobs.Form = "text", **options: object) -> str:
    given = Options(**options)  # type: ignore[arg-type]
    return ledger.database.write(
        lambda c: jobs.submit(c, form, "a text", text.encode(), given, by=None, account=None, most_waiting=100)
    )


def find(ledger: Ledger, key: str) -> Job:
    return ledger.database.read(lambda c: jobs.find(c, key))


def take(ledger: Ledger, name: str = "worker") -> Work:
    work = ledger.database.write(lambda c: jobs.take(c, name))
    assert work is not None
    return work


def until(ready: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait for something that other processes do; a machine may be slow."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it has not come about"
        time.sleep(0.1)


def read(ledger: Ledger) -> Reading:
    of = thread("text:new")
    return Reading([(of, [claim(of, "The engine is in the yard", "Ruth Odell", kind="fact", key="9" * 16)])])


def test_a_reading_is_kept_with_the_end_of_its_job(ledger: Ledger) -> None:
    key = submit(ledger)
    assert [find(ledger, key).state, find(ledger, submit(ledger)).before] == ["waiting", 1]
    work = take(ledger)
    assert find(ledger, key).state == "reading"
    assert jobs.finish(ledger.database, work, "worker", read(ledger))
    done = find(ledger, key)
    assert (done.state, done.claims, done.documents, done.articles) == ("done", 1, 1, (2,))
    assert ledger.claim("9" * 16).holder.name == "Ruth Odell"


def test_nothing_is_kept_for_who_has_lost_the_job(ledger: Ledger) -> None:
    key = submit(ledger)
    work = take(ledger)
    ledger.database.write(lambda c: jobs.cancel(c, key))
    assert not jobs.finish(ledger.database, work, "worker", read(ledger))
    assert find(ledger, key).state == "cancelled"
    assert not [one for one in ledger.claims() if one.id == "9" * 16]


def test_a_failure_in_the_middle_keeps_neither(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    key = submit(ledger)
    work = take(ledger)

    def broken(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs.schema, "mark", broken)
    with pytest.raises(KeyboardInterrupt):
        jobs.finish(ledger.database, work, "worker", read(ledger))
    monkeypatch.undo()
    assert find(ledger, key).state == "reading"
    assert not [one for one in ledger.claims() if one.id == "9" * 16]


def test_a_job_that_was_left_is_found_and_given_up_in_the_end(ledger: Ledger) -> None:
    key = submit(ledger)
    for attempt in range(jobs.MOST_ATTEMPTS):
        assert find(ledger, key).state == "waiting", attempt
        take(ledger)
        assert ledger.database.write(jobs.recover) == 0, "its process still has it"
        ledger.database.write(lambda c: c.exec_driver_sql("UPDATE job SET lease = 1"))
        assert ledger.database.write(jobs.recover) == 1
    left = find(ledger, key)
    assert left.state == "failed"
    assert "ended" in (left.problem or "")
    # Its input is still there, to be tried once more.
    assert ledger.database.write(lambda c: jobs.again(c, key)).state == "waiting"


def test_a_repeated_request_is_one_job(ledger: Ledger) -> None:
    def ask() -> str:
        return ledger.database.write(
            lambda c: jobs.submit(c, "text", "x", b"x", Options(), by=None, account=None, most_waiting=9, key="0" * 32)
        )

    assert ask() == ask()
    assert len(ledger.database.read(jobs.listing)) == 1


def test_the_queue_is_bounded(ledger: Ledger, make: Make) -> None:
    client = browser(make(max_waiting=2))
    head = {"x-csrf-token": csrf_of(client, "/read")}
    said = [client.post("/api/v1/readings", json={"text": TEXT}, headers=head).status_code for _ in range(3)]
    assert said == [202, 202, 503]
    with pytest.raises(Problem):
        ledger.database.write(
            lambda c: jobs.submit(c, "text", "x", b"x", Options(), by=None, account=None, most_waiting=1)
        )


def test_twenty_at_once_queue_and_finish(ledger: Ledger, path: Path) -> None:
    keys = [submit(ledger, f"{TEXT} The fare will be {number} crowns, Jonas Pell says.") for number in range(20)]
    with Readers(Settings(ledger=str(path), readers=2), ledger):
        until(lambda: all(find(ledger, key).ended for key in keys), 300)
    assert [find(ledger, key).problem for key in keys if find(ledger, key).state != "done"] == []
    assert ledger.check() == []


def test_a_killed_process_loses_nothing(ledger: Ledger, path: Path) -> None:
    long = "\n\n".join(f"{TEXT} Number {number} will follow, Jonas Pell says." for number in range(400))
    key = submit(ledger, long)
    before = ledger.stats()["claims"]
    with Readers(Settings(ledger=str(path)), ledger) as readers:
        until(lambda: find(ledger, key).state == "reading")
        os.kill(readers.pids[0], signal.SIGKILL)
        until(lambda: find(ledger, key).state == "waiting")
        assert ledger.stats()["claims"] == before
        until(lambda: find(ledger, key).attempts == 2)
    # The readers were told to end: the job waits for the next, and the attempt does not count.
    left = find(ledger, key)
    assert left.state in ("waiting", "done")
    assert ledger.check() == []


def test_time_and_memory_are_bounded(ledger: Ledger, path: Path) -> None:
    long = "\n\n".join(f"{TEXT} Number {number} will follow, Jonas Pell says." for number in range(2_000))
    key = submit(ledger, long)
    with Readers(Settings(ledger=str(path), reading_seconds=1.5), ledger):
        until(lambda: find(ledger, key).ended)
    assert find(ledger, key).problem == "reading it takes longer than 1.5 s"
    key = submit(ledger, long)
    with Readers(Settings(ledger=str(path), reading_memory=150_000_000), ledger):
        until(lambda: find(ledger, key).ended)
    assert find(ledger, key).state == "failed"


def test_what_cannot_be_read_says_why(ledger: Ledger, path: Path) -> None:
    settings = Settings(ledger=str(path))
    address = submit(ledger, "http://127.0.0.1/", "address")
    binary = submit(ledger, "\x7fELF\x00\x00", "file")
    for _ in range(2):
        work = take(ledger)
        worker.do(ledger, work, "worker", settings)
    assert "not public" in (find(ledger, address).problem or "")
    assert (find(ledger, binary).problem or "").startswith("a text: is a program, not a text")


def serve(path: Path, port: int) -> subprocess.Popen[bytes]:
    """The server as a user starts it."""
    command = [sys.executable, "-m", "sayso.cli", "serve", "--port", str(port), "--ledger", str(path)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def test_the_server_is_killed_and_comes_back(ledger: Ledger, path: Path, free_port: int) -> None:
    def up() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{free_port}/api/v1/me").status_code == 200
        except httpx.HTTPError:
            return False

    base = f"http://127.0.0.1:{free_port}/api/v1"
    server = serve(path, free_port)
    try:
        until(up)
        long = "\n\n".join(f"{TEXT} Number {number} will follow, Jonas Pell says." for number in range(400))
        key = httpx.post(f"{base}/readings", json={"text": long}).json()["id"]
        until(lambda: find(ledger, key).state == "reading")
        resolved = httpx.post(f"{base}/claims/{SAIL}/resolutions", json={"value": "true"}).json()
        server.kill()
        server.wait()
        # Its readers end with it, and nothing was half-done.
        until(lambda: find(ledger, key).state != "done" or bool(find(ledger, key).articles))
        assert ledger.check() == []
        server = serve(path, free_port)
        until(up)
        until(lambda: find(ledger, key).state == "done", 300)
        assert [r.value for r in ledger.history(SAIL)] == [resolved["value"]]
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    finally:
        server.kill()
        server.wait()


def test_a_resolution_asked_for_twice_is_one(local: TestClient, ledger: Ledger) -> None:
    """As it is when the answer to the first was lost on its way."""
    head = {"idempotency-key": "the-same"}
    one = local.post(f"/api/v1/claims/{SAIL}/resolutions", json={"value": "true"}, headers=head)
    # The server ended after it had written and before it had remembered its answer.
    long_ago = accounts.moment(datetime.datetime.now(datetime.UTC) - 2 * tools.PATIENCE)
    ledger.database.write(lambda c: c.exec_driver_sql(f"UPDATE answered SET status = NULL, at = '{long_ago}'"))
    other = local.post(f"/api/v1/claims/{SAIL}/resolutions", json={"value": "true"}, headers=head)
    assert one.json() == other.json()
    assert len(ledger.history(SAIL)) == 1


def test_starting_on_an_address_that_others_reach_takes_an_account(path: Path, ledger: Ledger, free_port: int) -> None:
    command = [sys.executable, "-m", "sayso.cli", "serve", "--host", "0.0.0.0", "--port", str(free_port)]
    done = subprocess.run([*command, "--ledger", str(path)], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 1
    assert "sayso account add" in done.stderr


def test_processes_share_what_forms_are_signed_with(path: Path, ledger: Ledger) -> None:
    sites = [Site(Settings(ledger=str(path))) for _ in range(2)]
    assert sites[0].secret == sites[1].secret
    for each in sites:
        each.ledger.close()
