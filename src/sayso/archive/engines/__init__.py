"""Who does the tasks. An engine only schedules; what a task does and leaves is ``process_shard``'s business.

The contract, which ``tests/archive`` holds every engine to:

- Every task given has exactly one outcome, in whatever order.
- A task whose worker dies, or that fails, is tried once more; after ``TRIES`` its outcome carries the reason.
- An outcome that is ``fatal`` is handed on at once, without another try; the run then stops and closes the engine.
- Each worker keeps to one thread (`sayso.archive.process.pin_threads`) and loads one model.
- Closing the iterator (``generator.close()``) ends the workers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Protocol

from sayso.archive.tasks import Outcome, Task

TRIES = 2


class Engine(Protocol):
    """Does tasks on some workers."""

    name: str
    workers: int

    def run(self, tasks: Sequence[Task], out: str | os.PathLike[str]) -> Iterator[Outcome]:
        """Do the tasks into the folder ``out``, and yield the outcome of each as it comes."""
