"""A process that reads: ``python -m sayso.web.worker`` with its settings in the environment, started by ``readers``.

Its memory and the time for one job are bounded by the system, so that no article can do more than end this process:
memory that is refused is an error that is told, and the clock's signal ends the process whatever it is doing. It ends
by itself when the one that started it does.
"""

from __future__ import annotations

import io
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from sayso.errors import InputError, SaysoError
from sayso.garbage import collect_rarely
from sayso.intake.inputs import open_input, open_stream
from sayso.intake.options import Overrides
from sayso.ledger import Ledger
from sayso.posts import Thread
from sayso.web import jobs
from sayso.web.jobs import Reading, Work
from sayso.web.settings import WORKER, Settings

if TYPE_CHECKING:
    from sayso.reading.odds import Yardstick
    from sayso.reading.reader import Reader

BEAT = 2.0
"""Seconds between two signs of life."""
PAUSE = 0.5
"""Seconds between two looks at an empty queue."""


class Beat:
    """Says that a job's process is alive, and how far it is, until it is left; ``lost`` where the job is not ours."""

    def __init__(self, ledger: Ledger, work: Work, worker: str) -> None:
        self._ledger, self._work, self._worker = ledger, work, worker
        self.progress, self.lost = 0.0, False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go, daemon=True)

    def __enter__(self) -> Beat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _go(self) -> None:
        while not self._over.wait(BEAT):
            try:
                held = self._ledger.database.write(lambda c: jobs.renew(c, self._work, self._worker, self.progress))
            except SaysoError:
                continue  # the database is busy or away; the lease is longer than a beat
            if not held:
                self.lost = True
                return


def threads_of(work: Work, settings: Settings) -> Iterator[Thread | InputError]:
    """What a job's input holds; its errors in their places."""
    options = work.options
    overrides = Overrides(title=options.title, author=options.author, published=options.published, url=options.url)
    if work.form == "address":
        from sayso.intake.guard import guarded_fetch, networks

        allowed = networks(settings.networks)
        yield from open_input(
            work.payload.decode(), overrides=overrides, fetcher=lambda url: guarded_fetch(url, allowed=allowed)
        )
    elif work.form == "file":
        yield from open_stream(io.BytesIO(work.payload), f"upload:{work.digest}/{work.name}", overrides=overrides)
    else:
        from sayso.intake import thread_from_text

        try:
            yield thread_from_text(work.payload.decode(), id=f"text:{work.digest}", overrides=overrides)
        except InputError as error:
            yield error


def read(work: Work, settings: Settings, beat: Beat) -> Reading:
    """Read a job's input. Raises InputError where nothing of it could be read."""
    from sayso.export import select

    made = Reading()
    threads = list(threads_of(work, settings))
    total = sum(_size(each) for each in threads) or 1
    done = 0
    reader = _reader()
    reader.conventions = replace(reader.conventions, yardstick=cast("Yardstick", work.options.yardstick))
    for one in select(reader.read_threads(threads), min_confidence=work.options.min_confidence):
        if one.error is not None:
            made.failures.append(one.error)
        elif one.thread is not None:
            made.documents.append((one.thread, one.claims))
            done += _size(one.thread)
            beat.progress = done / total
        if beat.lost:
            break
    if not made.documents and made.failures:
        raise made.failures[0]
    return made


@lru_cache(maxsize=1)
def _reader() -> Reader:
    """The reader, whose model is loaded once in a process."""
    from sayso.reading.reader import Reader

    return Reader()


def _size(of: Thread | InputError) -> int:
    return sum(len(post.text) for post in of.posts) if isinstance(of, Thread) else 0


def do(ledger: Ledger, work: Work, worker: str, settings: Settings) -> None:
    """Do one job, whatever comes of it."""
    signal.setitimer(signal.ITIMER_REAL, settings.reading_seconds)
    try:
        with Beat(ledger, work, worker) as beat:
            reading = read(work, settings, beat)
            signal.setitimer(signal.ITIMER_REAL, 0)
        if not beat.lost:
            jobs.finish(ledger.database, work, worker, reading)
    except SaysoError as error:
        # The name that a file has among others of its name is no word to its sender.
        why = str(error).replace(f"upload:{work.digest}/", "").replace(f"text:{work.digest}", "the text")
        ledger.database.write(lambda c: jobs.fail(c, work, worker, why))
    except MemoryError:
        why = f"reading it takes more than {settings.reading_memory // 1_000_000:,} MB of memory"
        ledger.database.write(lambda c: jobs.fail(c, work, worker, why))
        sys.exit(1)  # a fresh process has its memory in order
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _end_with_parent() -> None:
    """End when the pipe from the process that started this one closes."""

    def wait() -> None:
        while os.read(0, 1):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    """Take jobs and do them until told to stop."""
    collect_rarely()
    settings = Settings.from_environment()
    worker = os.environ[WORKER]
    _end_with_parent()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_DATA, (settings.reading_memory, settings.reading_memory))
    os.nice(5)
    ledger = Ledger(settings.ledger, create=False)
    while True:
        try:
            work = None
            if ledger.database.read(jobs.waiting):
                work = ledger.database.write(lambda c: jobs.take(c, worker))
        except SaysoError as error:
            print(f"sayso: a reading process cannot use the ledger: {error}", file=sys.stderr)
            time.sleep(5)
            continue
        if work is None:
            time.sleep(PAUSE)
        else:
            do(ledger, work, worker, settings)


if __name__ == "__main__":
    main()
