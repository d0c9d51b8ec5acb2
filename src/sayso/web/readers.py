"""The processes that read, started and looked after by the one that serves."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field

from sayso.errors import SaysoError
from sayso.ledger import Ledger
from sayso.web import jobs
from sayso.web.settings import VARIABLE, WORKER, Settings

log = logging.getLogger("sayso.readers")
LOOK = 0.5
"""Seconds between two looks at whether all processes are there."""


@dataclass(slots=True)
class _Process:
    name: str
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)


class Readers:
    """Keeps ``settings.readers`` processes running, and lets the jobs of those that end be found again.

    ``with Readers(settings, ledger): serve()``.
    """

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self._processes: list[_Process] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="readers", daemon=True)

    def __enter__(self) -> Readers:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for each in self._processes:
            each.process.terminate()
        for each in self._processes:
            try:
                each.process.wait(5)
            except subprocess.TimeoutExpired:
                each.process.kill()
                each.process.wait()
            # What was under way is found again at once, not when its lease has run out.
            self._ended(each, stopping=True)
        self._processes = []

    @property
    def pids(self) -> list[int]:
        """The processes that read."""
        return [each.process.pid for each in self._processes]

    def _watch(self) -> None:
        looked = 0.0
        while not self._over.is_set():
            self._processes = [each for each in self._processes if each.process.poll() is None or self._ended(each)]
            while len(self._processes) < self._settings.readers and not self._over.is_set():
                self._processes.append(self._start())
            if time.monotonic() - looked > jobs.LEASE / 2:
                looked = time.monotonic()
                self._recover()
            self._over.wait(LOOK)

    def _start(self) -> _Process:
        name = uuid.uuid4().hex
        environment = os.environ | {VARIABLE: self._settings.to_environment(), WORKER: name}
        # One thread of the network a process: several processes share the cores.
        environment |= {"OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
        process = subprocess.Popen(
            [sys.executable, "-m", "sayso.web.worker"], stdin=subprocess.PIPE, env=environment, start_new_session=True
        )
        return _Process(name, process)

    def _ended(self, each: _Process, *, stopping: bool = False) -> bool:
        """Tell why a process has ended, and free its job; always False: it is no longer one of ours."""
        code = each.process.returncode
        if each.process.stdin is not None:
            each.process.stdin.close()
        try:
            held = self._ledger.database.read(lambda c: jobs.held_by(c, each.name))
            if held is not None:
                number, attempts = held
                why = "the process that read it ended, more than once"
                if code == -signal.SIGALRM:
                    attempts = jobs.MOST_ATTEMPTS
                    why = f"reading it takes longer than {self._settings.reading_seconds:g} s"
                self._ledger.database.write(lambda c: jobs.abandon(c, number, attempts, why, blameless=stopping))
        except SaysoError as error:
            log.warning("cannot free the job of a process that ended", extra={"problem": str(error)})
        if not stopping:
            log.warning("a reading process ended", extra={"exit": code, "seconds": time.monotonic() - each.started})
            if time.monotonic() - each.started < 2:
                self._over.wait(2)  # one that cannot even start is not started without end
        return False

    def _recover(self) -> None:
        try:
            found = self._ledger.database.read(jobs.overdue)
            if found:
                self._ledger.database.write(jobs.recover)
                log.info("readings were found again", extra={"count": found})
        except SaysoError as error:
            log.warning("cannot look for readings that were left", extra={"problem": str(error)})
