"""Runs that are ended, full disks, workers that die: what stands in the end is what an undisturbed run leaves."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sayso.archive import store
from sayso.archive.check import verify
from sayso.archive.engines.local import Local
from sayso.archive.process import attempt
from sayso.archive.tasks import Options, Task

from .sample import ANTS, BIRDS, CATS, MORE, Inline, document, jsonl, read, sayso, tables, text

KILLS = int(os.environ.get("SAYSO_KILLS", 4))
"""How often a run is killed: 30 for the real thing."""


def done_in(*arguments: str | Path, within: float = 600) -> tuple[int, float, str]:
    began = time.monotonic()
    running = sayso(*arguments)
    _, said = running.communicate(timeout=within)
    return running.returncode, time.monotonic() - began, said


def test_a_run_that_is_killed_at_any_moment_can_be_gone_on_with(crawl: Path, undisturbed: Path, tmp_path: Path) -> None:
    """The run's process alone, or all of its processes, by SIGKILL, at random moments of what the run takes."""
    rng = random.Random(17)
    out = tmp_path / "out-0"
    status, takes, said = done_in("archive", crawl, "--out", tmp_path / "timed", "--jobs", "2")
    assert status == 0, said
    killed = folders = 0
    while killed < KILLS:
        running = sayso("archive", crawl, "--out", out, "--jobs", "2")
        try:
            running.communicate(timeout=rng.uniform(0.1, 1.0) * takes)
        except subprocess.TimeoutExpired:
            if rng.random() < 0.5:
                os.killpg(running.pid, signal.SIGKILL)
            else:
                running.kill()
            running.communicate()
            killed += 1
            continue
        assert running.returncode == 0
        assert tables(out) == tables(undisturbed)
        folders += 1
        out = tmp_path / f"out-{folders}"
    status, _, said = done_in("archive", crawl, "--out", out, "--jobs", "2")
    assert status == 0, said
    assert tables(out) == tables(undisturbed)
    assert list(verify(out)) == []
    assert list((out / "_aside").iterdir()) == []


class _Killed(BaseException):
    """Stands for a process that is gone: nothing of Sayso's own catches it."""


def small(folder: Path) -> list[Path]:
    return [
        jsonl(
            folder / "a.jsonl", document("ants", text(ANTS, MORE)), document("cats", text(CATS), published="2023-01-02")
        ),
        jsonl(
            folder / "b.jsonl", document("again", text(ANTS, MORE), published="2024-04-01"), document("birds", BIRDS)
        ),
    ]


def test_a_run_that_ends_at_any_rename_or_removal_can_be_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each point at which a file comes into place or goes, one after the other, on top of what an older run left."""
    before = Options(min_words=20, since="2024-01-01")
    inputs = small(tmp_path)
    read(tmp_path / "whole", *inputs)
    replace, unlink = os.replace, Path.unlink
    at = 0
    while True:
        out = tmp_path / f"out-{at}"
        read(out, *inputs, options=before)
        left = at

        def passing(step: Callable[..., None]) -> Callable[..., None]:
            def one(*given: object, **more: object) -> None:
                nonlocal left
                if ".progress" not in str(given[0]):
                    left -= 1
                    if left < 0:
                        raise _Killed
                step(*given, **more)

            return one

        with monkeypatch.context() as context:
            context.setattr(os, "replace", passing(replace))
            context.setattr(Path, "unlink", passing(unlink))
            try:
                read(out, *inputs)
                ended = True
            except _Killed:
                ended = False
        read(out, *inputs)
        assert tables(out) == tables(tmp_path / "whole"), f"after step {at}"
        assert list(verify(out)) == []
        if ended:
            break
        at += 3 if "CI" in os.environ else 1
    assert at > 20


def test_a_file_that_may_not_grow_stops_the_run_and_it_goes_on_later(tmp_path: Path) -> None:
    inputs = small(tmp_path)
    read(tmp_path / "whole", *inputs)
    out = tmp_path / "out"
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, resource.RLIM_INFINITY))  # noqa: E731
    running = sayso("archive", *inputs, "--out", out, "--min-words", "20", "--jobs", "1", preexec_fn=limit)
    _, said = running.communicate(timeout=300)
    assert running.returncode == 1
    assert "the run had to stop" in said
    assert "file too large" in said
    assert "Traceback" not in said
    assert list((out / "_failed").iterdir()) == []
    read(out, *inputs)
    assert tables(out) == tables(tmp_path / "whole")


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 60 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_stops_the_run_and_it_goes_on_when_there_is_room(tiny_disk: Path, tmp_path: Path) -> None:
    inputs = small(tmp_path)
    read(tmp_path / "whole", *inputs)
    status, _, said = done_in("archive", *inputs, "--out", tiny_disk / "out", "--min-words", "20", "--jobs", "1")
    assert status == 1
    assert "no space left" in said
    assert "free some space" in said
    assert "Traceback" not in said
    subprocess.run(["mount", "-o", "remount,size=20m", tiny_disk], check=True)
    read(tiny_disk / "out", *inputs)
    assert tables(tiny_disk / "out") == tables(tmp_path / "whole")


def test_a_shard_that_kills_its_worker_is_set_aside_and_the_rest_is_read(tmp_path: Path) -> None:
    """In a worker as it really is: the poison is put there by a site file, which Python reads when it starts."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'sayso.archive.extract':\n"
        "            import sayso.archive.store as store\n"
        "            was = store.Store.workplace\n"
        "            def workplace(self, name):\n"
        "                if name.startswith('poison'):\n"
        "                    open(os.environ['POISON_LOG'], 'a').write('tried\\n')\n"
        "                    os.kill(os.getpid(), signal.SIGSEGV)\n"
        "                return was(self, name)\n"
        "            store.Store.workplace = workplace\n"
        "sys.meta_path.insert(0, Finder())\n",
        "utf-8",
    )
    inputs = [*small(tmp_path), jsonl(tmp_path / "poison.jsonl", document("poison", text(MORE, CATS)))]
    log = tmp_path / "log"
    environment = os.environ | {"PYTHONPATH": f"{site}{os.pathsep}src", "POISON_LOG": str(log)}
    options = ["--out", str(tmp_path / "out"), "--min-words", "20", "--jobs", "2"]
    running = subprocess.run(
        [sys.executable, "-m", "sayso.cli", "archive", *map(str, inputs), *options],
        env=environment, cwd=Path(__file__).resolve().parents[2],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert running.returncode == 1
    assert "poison.jsonl: set aside: the process that read it ended with signal SIGSEGV" in running.stderr
    assert log.read_text() == "tried\n" * 2
    read(tmp_path / "whole", *inputs[:2])
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    inputs = small(tmp_path)
    with store.Store(tmp_path / "out").locked():
        status, _, said = done_in("archive", *inputs, "--out", tmp_path / "out")
    assert status == 1
    assert "another run is writing here; wait for it" in said


def test_the_same_shard_read_twice_at_once_leaves_one(tmp_path: Path) -> None:
    """As when an engine takes a worker for dead that is not."""
    inputs = small(tmp_path)
    once = Inline()
    read(tmp_path / "out", *inputs, engine=once)
    read(tmp_path / "whole", *inputs)
    for stage in ("extract", "read", "read"):
        tasks = once.of(stage)  # type: ignore[arg-type]
        assert all(outcome.report for outcome in Local(2).run([*tasks[:1], *tasks[:1], *tasks[1:]], tmp_path / "out"))
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")
    assert list(verify(tmp_path / "out")) == []


def test_a_worker_of_another_version_refuses(tmp_path: Path) -> None:
    once = Inline()
    read(tmp_path / "out", *small(tmp_path), engine=once)
    outcome = attempt(Task("read", once.tasks[0].shard, "0" * 16), tmp_path / "out")
    assert outcome.fatal
    assert "install the same version everywhere" in str(outcome.reason)


def test_workers_end_with_the_engine(tmp_path: Path) -> None:
    once = Inline()
    read(tmp_path / "out", *small(tmp_path), engine=once)
    running = Local(2).run(once.of("extract"), tmp_path / "out")
    assert next(running).report is not None
    children = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "pid="], capture_output=True, text=True, check=True
    )
    assert len(children.stdout.split()) >= 2
    running.close()  # type: ignore[attr-defined]
    left = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "cmd="], capture_output=True, text=True, check=True)
    assert "spawn_main" not in left.stdout
