"""What happens when something goes wrong meanwhile: processes die, two write at once, disks fill up."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sayso.errors import FullLedger, LedgerError
from sayso.ledger import Ledger
from sayso.posts import Claim, Thread

from .processes import documents, keep, process, state
from .sample import numbered

KILLS = int(os.environ.get("SAYSO_TEST_KILLS", "12"))


def _killed(work: Callable[[Callable[[], None]], None], after: int, rest: float) -> None:
    """Let another process work until it has told ``after`` steps, and ``rest`` seconds more; then kill it."""
    told, telling = os.pipe()
    with process(lambda: work(lambda: os.write(telling, b".") and None)) as child:
        os.close(telling)
        steps = 0
        # A step is told as it is made, so that the moment does not hang on how fast the machine is.
        while steps < after and (some := os.read(told, after - steps)):
            steps += len(some)
        time.sleep(rest)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    os.close(told)


def test_killed_at_any_moment_it_is_whole_and_a_rerun_ends_the_same(url: str, second: Ledger) -> None:
    number, rng = 500, random.Random(7)
    kept = []
    # Each time a little further on, so that it dies while it writes what is new.
    for after in sorted(rng.sample(range(number), KILLS)):
        _killed(lambda tell: keep(url, number, tell), after, rng.uniform(0.0, 0.005))
        with Ledger(url) as ledger:
            assert ledger.check() == []
            kept.append(ledger.stats()["posts"])
    assert kept == sorted(kept)  # what was kept stays
    assert len(set(kept)) > KILLS // 2
    print(f"killed {KILLS} times with so many posts kept: {kept}")
    with Ledger(url) as ledger:
        for _ in ledger.keep_all(documents(number)):
            pass
        assert ledger.check() == []
        for _ in second.keep_all(documents(number)):
            pass
        assert state(ledger) == state(second)
        for key in ("threads", "posts", "older_versions", "claims", "people", "names"):
            assert ledger.stats()[key] == second.stats()[key]


def test_two_processes_keep_the_same_folder_at_once(url: str, second: Ledger) -> None:
    folder = [numbered(n, holder=f"Holder {n % 17}") for n in range(150)]

    def keep() -> None:
        with Ledger(url) as ledger:
            for reading in folder:
                assert reading.thread is not None
                ledger.keep(reading.thread, reading.claims)

    with process(keep) as one, process(keep) as other:
        assert [os.waitpid(child, 0)[1] for child in (one, other)] == [0, 0]
    for _ in second.keep_all(iter(folder)):
        pass
    with Ledger(url) as ledger:
        assert state(ledger) == state(second)
        assert ledger.stats()["people"] == 17
        assert ledger.check() == []


def test_threads_share_a_ledger(ledger: Ledger) -> None:
    failures: list[BaseException] = []

    def keep() -> None:
        try:
            for n in range(20):
                reading = numbered(n)
                assert reading.thread is not None
                ledger.keep(reading.thread, reading.claims)
                list(ledger.claims(text="pier"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=keep) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    assert ledger.stats()["claims"] == 20


def test_a_backup_while_writing_restores_equal(url: str, new_url: Callable[[], str], tmp_path: Path) -> None:
    with Ledger(url) as ledger:
        for _ in ledger.keep_all(documents(30)):
            pass
        asked = ledger.ask("Will pier 1 reopen?", id="pier")
        (key, *_) = [c.id for c in ledger.claims(text='"pier 1"')]
        ledger.attach(asked.id, key)
        ledger.resolve("pier", "true", evidence=["https://x.example"])
        ledger.link("Holder 1", "Q5")
        ledger.merge("Holder 1", "Holder 2")
        before = state(ledger)
        stop = threading.Event()

        def write() -> None:
            n = 1_000
            while not stop.is_set():
                reading = numbered(n)
                assert reading.thread is not None
                ledger.keep(reading.thread, reading.claims)
                n += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            ledger.backup(tmp_path / "backup.sqlite")
        finally:
            stop.set()
            writer.join()
        with Ledger(tmp_path / "backup.sqlite", create=False) as copy, Ledger(new_url()) as restored:
            assert copy.check() == []
            assert set(before) <= set(state(copy)) <= set(state(ledger))
            restored.restore(tmp_path / "backup.sqlite")
            assert state(restored) == state(copy)
            assert restored.check() == []
            assert restored.history("pier")[0].evidence == ("https://x.example",)
            assert restored.person("Q5").claims == copy.person("Holder 2").claims > 0
            assert len(list(restored.claims(text='"pier 1"'))) == 1
            restored.undo(restored.people_history()[-1].id)
            with pytest.raises(LedgerError, match="is not empty"):
                restored.restore(tmp_path / "backup.sqlite")


def test_a_backup_overwrites_nothing(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    with pytest.raises(Exception, match="exists already"):
        ledger.backup(tmp_path / "there")
    with pytest.raises(Exception, match="is not there"):
        ledger.backup(tmp_path / "nowhere" / "b")
    assert (tmp_path / "there").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir() if "part" in p.name) == []


def _last_state_is_intact(url: str, before: list[str]) -> None:
    with Ledger(url) as ledger:
        assert ledger.check() == []
        assert set(before) <= set(state(ledger))


def test_a_file_that_may_not_grow_is_said_and_the_last_state_is_intact(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'l.sqlite'}"
    with Ledger(url) as ledger:
        for _ in ledger.keep_all(documents(20)):
            pass
        before = state(ledger)

    def limited() -> None:
        size = (tmp_path / "l.sqlite").stat().st_size + 40_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        with Ledger(url) as ledger:
            try:
                for _ in ledger.keep_all(documents(3_000)):
                    pass
            except FullLedger as error:
                os._exit(0 if "disk" in str(error) else 2)
        os._exit(3)

    with process(limited) as child:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    _last_state_is_intact(url, before)
    with Ledger(url) as ledger:
        for _ in ledger.keep_all(documents(20)):
            pass
        assert ledger.check() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of a file system of four megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    words = [str(mount), "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if mount is None or (made := subprocess.run(words, capture_output=True, text=True)).returncode != 0:
        pytest.skip(f"no file system may be mounted here ({made.stderr.strip() if mount else 'there is no mount'})")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_the_last_state_is_intact(small_disk: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{small_disk / 'l.sqlite'}"
    with Ledger(url) as ledger:
        for _ in ledger.keep_all(documents(20)):
            pass
        before = state(ledger)
        kept = 0
        keeping = ledger.keep_all(documents(30_000))
        with pytest.raises(FullLedger, match="no room left to write; free some disk space"):  # noqa: PT012
            while True:
                kept += next(keeping).claims
        assert kept > 0
        # What was kept is still read and found, by the same process and by another.
        assert set(before) <= set(state(ledger))
        with pytest.raises(FullLedger, match=r"/backup\.sqlite: there is no room left"):
            ledger.backup(small_disk / "backup.sqlite")
        ledger.backup(tmp_path / "backup.sqlite")
    assert sorted(path.name for path in small_disk.iterdir() if "backup" in path.name) == []
    _last_state_is_intact(url, before)
    # On a larger disk it goes on.
    with Ledger(tmp_path / "backup.sqlite") as ledger:
        assert len(state(ledger)) == len(before) + kept
        ledger.keep(*_one(100_000))
        assert len(state(ledger)) == len(before) + kept + 1
        assert ledger.check() == []


def _one(number: int) -> tuple[Thread, list[Claim]]:
    reading = numbered(number)
    assert reading.thread is not None
    return reading.thread, reading.claims
