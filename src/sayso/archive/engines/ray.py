"""Tasks on a Ray cluster: one actor on a core, each with a model of its own, each doing one task at a time.

Ray carries tasks and outcomes only, of some hundred bytes, so that its object store has nothing to spill; by default it
starts no actor and does no task again, which is done here. All nodes must see the folder, under the same name.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sayso.archive.engines import TRIES
from sayso.archive.engines.cluster import connect, is_loss, is_unfit, last_line
from sayso.archive.process import attempt, pin_threads
from sayso.archive.store import Store
from sayso.archive.tasks import Outcome, Task

MEMORY = 1 << 30  # bytes that a node sets apart for a worker; where it runs out all the same, Ray's monitor ends one
LOSSES = 5  # nodes that may go while they do a task: that is not the shard's fault, unless it always happens


class Worker:
    def __init__(self, out: str) -> None:
        pin_threads()
        self.out = out

    def ready(self) -> None:
        if not Store(self.out).runs.is_dir():
            raise FileNotFoundError(f"{socket.gethostname()} does not see {self.out}")

    def do(self, task: Task) -> Outcome:
        return attempt(task, self.out)


@dataclass(slots=True)
class _Job:
    task: Task
    failed: int = 0  # with its worker alive, or ended
    lost: int = 0  # with its node


@dataclass(slots=True)
class Ray:
    """``workers`` actors (0: one for each core of the cluster) on the cluster at ``address`` ("auto", host:port), else
    on the one that RAY_ADDRESS names, else on a new one on this machine."""

    workers: int = 0
    address: str | None = None
    name: str = field(default="ray", init=False)

    def run(self, tasks: Sequence[Task], out: str | os.PathLike[str]) -> Iterator[Outcome]:
        """See `sayso.archive.engines.Engine`."""
        ray = connect(self.address, self.workers)
        self.workers = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        remote = ray.remote(num_cpus=1, memory=MEMORY, max_restarts=0, max_task_retries=0)(Worker)
        waiting = deque(_Job(task) for task in tasks)
        busy: dict[Any, tuple[Any, _Job | None]] = {}
        worker, unfit = None, 0  # the one at hand; how many did not start, in a row

        def hire() -> None:
            # It gets a job when it stands somewhere: what waits for a core that may never come must not have one.
            worker = remote.options(scheduling_strategy="SPREAD").remote(os.fspath(out))
            busy[worker.ready.remote()] = worker, None

        try:
            for _ in range(min(self.workers, len(tasks))):
                hire()
            while waiting or any(job for _, job in busy.values()):
                worker, job = busy.pop(done := ray.wait(list(busy))[0][0])
                try:
                    outcome, unfit = ray.get(done), 0
                except ray.exceptions.RayError as error:
                    ray.kill(worker)  # a node that cannot be reached may still have it
                    hire()
                    worker, reason = None, f"the worker that had it ended: {last_line(error)}"
                    if job is not None:
                        outcome, gone = Outcome(job.task, reason=reason), is_loss(ray, error)
                        job.lost, job.failed = job.lost + gone, job.failed - gone  # it counts as failed below
                    elif (unfit := unfit + 1) > TRIES * self.workers or is_unfit(ray, error):
                        yield Outcome(tasks[0], reason=f"no worker can start: {last_line(error)}", fatal=True)
                if job is not None:
                    job.failed += outcome.report is None
                    if outcome.report or outcome.fatal or job.failed >= TRIES or job.lost > LOSSES:
                        yield outcome
                    else:
                        waiting.append(job)  # last: a bad shard holds up nothing
                if worker is not None and waiting:
                    job = waiting.popleft()
                    busy[worker.do.remote(job.task)] = worker, job
                elif worker is not None:
                    ray.kill(worker)
        finally:
            for each in (worker, *(other for other, _ in busy.values())):
                if each is not None:
                    ray.kill(each)
