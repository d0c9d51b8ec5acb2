"""How far a long reading has come: a line on the terminal with documents done, the rate and the time left."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

T = TypeVar("T")
_LINES = (".jsonl", ".ndjson", ".jsonlines", ".jsonl.gz", ".ndjson.gz", ".jsonlines.gz")


def _documents(path: str) -> int:
    """Documents of one file: its lines where it is JSON Lines, else one."""
    if not path.lower().endswith(_LINES):
        return 1
    count, last = 0, b"\n"
    with gzip.open(path) if path.lower().endswith(".gz") else open(path, "rb") as file:
        while block := file.read(1 << 20):
            count += block.count(b"\n")
            last = block[-1:]
    return count + (last != b"\n")


def estimate(inputs: Sequence[str]) -> int | None:
    """How many documents the inputs hold, as far as that can be told without reading them; None if not at all.

    An address or a file counts as one, a folder as many as the files in it, JSON Lines as many as their lines.
    """
    from sayso.intake.sniff import PASSED_OVER

    total = 0
    for name in inputs:
        if name == "-":
            return None
        try:
            if os.path.isdir(name):
                for folder, _, files in os.walk(name):
                    for file in files:
                        if file[0] != "." and os.path.splitext(file)[1].lower() not in PASSED_OVER:
                            total += _documents(os.path.join(folder, file))
            else:
                total += _documents(name) if os.path.isfile(name) else 1
        except (OSError, EOFError):
            total += 1
    return total


class Meter:
    """Shows progress on stderr while it is used as a context, from the second document on.

    ``total`` is the number of documents expected, None where unknown. Where ``shown`` is False it only counts.
    """

    def __init__(self, total: int | None, *, shown: bool) -> None:
        self.total, self.done = total, 0
        self.shown = shown and (total is None or total > 1)
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Meter:
        if self.shown and self.total is not None:
            self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._progress is not None:
            self._progress.stop()

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
        from rich.text import Text

        class Rate(ProgressColumn):
            def render(self, task: Task) -> Text:
                speed = task.finished_speed or task.speed
                return Text(f"{speed:.1f}/s" if speed else "–/s", style="dim")

        self._progress = Progress(
            "reading",
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            "documents",
            Rate(),
            TimeRemainingColumn(compact=True),
            "left",
            console=Console(stderr=True),
            transient=True,
            expand=True,
        )
        self._task = self._progress.add_task("reading", total=self.total)
        self._progress.start()

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items, counting one document with each."""
        for item in items:
            yield item
            self.done += 1
            if self.shown and self._progress is None and self.done > 1:
                self._start()
            if self._progress is not None and self._task is not None:
                # An estimate that was too low is corrected rather than overrun.
                total = self.total and max(self.total, self.done)
                self._progress.update(self._task, completed=self.done, total=total)

    def say(self, line: str) -> None:
        """Write a line to stderr, above the progress where that is shown."""
        if self._progress is not None:
            self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            print(line, file=sys.stderr)
