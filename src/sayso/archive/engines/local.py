"""Tasks on this machine's cores: a few processes, each with a model of its own, each doing one task at a time.

Not a ProcessPoolExecutor, since that gives up as a whole when one process dies, and does not say which task it had.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

from sayso.archive.engines import TRIES
from sayso.archive.process import attempt, pin_threads
from sayso.archive.tasks import Outcome, Task


@dataclass(slots=True)
class Local:
    """``workers`` processes of this machine."""

    workers: int = 1
    name: str = field(default="local", init=False)

    def run(self, tasks: Sequence[Task], out: str | os.PathLike[str]) -> Iterator[Outcome]:
        """See `sayso.archive.engines.Engine`."""
        waiting = deque((task, 1) for task in tasks)
        idle = [_Worker(os.fspath(out)) for _ in range(min(self.workers, len(waiting)))]
        busy: dict[object, _Worker] = {}
        try:
            while waiting or busy:
                while waiting and idle:
                    worker = idle.pop()
                    worker.give(*waiting.popleft())
                    busy[worker.pipe] = worker
                for pipe in wait([worker.pipe for worker in busy.values()]):
                    worker = busy.pop(pipe)
                    outcome = worker.take()
                    idle.append(_Worker(os.fspath(out)) if worker.pipe.closed else worker)
                    if outcome.report is None and not outcome.fatal and worker.tries < TRIES:
                        waiting.append((worker.task, worker.tries + 1))  # last: a bad shard holds up nothing
                    else:
                        yield outcome
        finally:
            for worker in [*idle, *busy.values()]:
                worker.end()


class _Worker:
    """A process and the task it is at."""

    def __init__(self, out: str) -> None:
        context = multiprocessing.get_context("spawn")  # this process may hold threads
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, out), daemon=True)
        self.process.start()
        theirs.close()  # so that the pipe ends with the process

    def give(self, task: Task, tries: int) -> None:
        self.task, self.tries = task, tries
        with contextlib.suppress(OSError):  # it has died, and says so by the end of the pipe
            self.pipe.send(task)

    def take(self) -> Outcome:
        """What came of the task; where the process died, how. The pipe is then closed."""
        try:
            outcome: Outcome = self.pipe.recv()
            return outcome
        except (EOFError, OSError):
            self.process.join()
            self.pipe.close()
            code = self.process.exitcode or 0
            how = f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"
            return Outcome(self.task, reason=f"the process that read it ended with {how}")

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, out: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the run's, which then ends its workers
    pin_threads()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError):
        while True:
            pipe.send(attempt(pipe.recv(), out))


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
