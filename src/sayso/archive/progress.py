"""How far a worker has come, told by a small file that whoever can see the folder can read: engines need not know."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from sayso.archive.store import Store, read_json, write_bytes, writing
from sayso.archive.tasks import Stage
from sayso.errors import OutputError

EVERY = 1.0
"""Seconds between two signs of life."""
EVERY_REMOTE = 20.0
"""The same in a store, where each is a request."""


class Heartbeat:
    """Writes, once a second at most (in a store once in twenty), how many records of a shard are done. It is no part of
    the result: where it cannot be written, nobody minds."""

    def __init__(self, store: Store, shard: str, stage: Stage) -> None:
        self._path, self._is_remote = store.progress(shard), store.is_remote
        self._said = {"shard": shard, "stage": stage, "worker": f"{os.uname().nodename}:{os.getpid()}"}
        self._next = 0.0

    def __enter__(self) -> Heartbeat:
        self.beat(0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with contextlib.suppress(OutputError), writing(self._path):
            self._path.unlink(missing_ok=True)

    def beat(self, done: int, total: int | None = None) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (EVERY_REMOTE if self._is_remote else EVERY)
        said = json.dumps(self._said | {"done": done, "total": total, "at": time.time()})
        if self._is_remote:
            with contextlib.suppress(OutputError):
                write_bytes(self._path, said.encode())
            return
        aside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            aside.write_text(said)
            aside.replace(self._path)


def under_way(store: Store) -> Iterator[dict[str, Any]]:
    """What the workers last said of themselves."""
    for path in sorted(store.aside.glob("*.progress")):
        if isinstance(said := read_json(path), dict):
            yield said


def peak_memory() -> int:
    """The most memory that this process has had, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
