"""A run on the terminal: a line of progress where there is a terminal, and a line for each shard that fails."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from sayso.archive.progress import EVERY, EVERY_REMOTE, under_way
from sayso.archive.run import Watcher
from sayso.archive.store import Store
from sayso.archive.tasks import Outcome, Stage

if TYPE_CHECKING:
    from rich.progress import Progress

_VERBS: dict[Stage, str] = {"extract": "taking in", "read": "reading"}


class Watch:
    """Shows a run while it is used as a context; ``watcher`` is what the run is given."""

    def __init__(self, *, shown: bool, out: str) -> None:
        self.shown, self._store = shown, Store(out)
        self.watcher = Watcher(began=self._began, ended=self._ended)
        self._progress: Progress | None = None
        self._over = threading.Event()
        self._stage: Stage = "extract"
        self._done = self._shards = self._records = 0

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        if self._progress is not None:
            self._progress.stop()

    def _began(self, stage: Stage, shards: int, skipped: int) -> None:
        self._stage, self._shards, self._done, self._records = stage, shards, 0, 0
        if self.shown:
            self._show(shards)
        else:
            known = f" ({skipped} need nothing)" if skipped else ""
            print(f"{_VERBS[stage]} {shards} {'shard' if shards == 1 else 'shards'}{known}", file=sys.stderr)

    def _ended(self, outcome: Outcome) -> None:
        self._done += 1
        if outcome.report is not None:
            self._records += outcome.report.counts.get("records", outcome.report.counts.get("documents", 0))
        elif not outcome.fatal:
            self._say(f"sayso: {', '.join(outcome.task.shard.inputs[:3])}: set aside: {outcome.reason}")
        self._tick()

    def _say(self, line: str) -> None:
        from sayso.export.words import plain

        if self._progress is not None:
            self._progress.console.print(plain(line), markup=False, highlight=False, soft_wrap=True)
        else:
            print(plain(line), file=sys.stderr)

    def _show(self, shards: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        if self._progress is None:
            self._progress = Progress(
                TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), "shards",
                TextColumn("{task.fields[note]}"), TimeElapsedColumn(),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self._progress.start()
            threading.Thread(target=self._follow, daemon=True).start()
        for task in self._progress.task_ids:
            self._progress.remove_task(task)
        self._progress.add_task(_VERBS[self._stage], total=shards, note="")

    def _follow(self) -> None:
        while not self._over.wait(EVERY_REMOTE if self._store.is_remote else EVERY):
            self._tick()

    def _tick(self) -> None:
        if self._progress is None or not self._progress.task_ids:
            return
        records = self._records + sum(said["done"] for said in under_way(self._store) if said["stage"] == self._stage)
        what = "records" if self._stage == "extract" else "documents"
        self._progress.update(self._progress.task_ids[-1], completed=self._done, note=f"{records:,} {what}")
