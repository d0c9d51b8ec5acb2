"""Read an archive: from WARC, JSON Lines and pages to tables of claims, on one machine or many.

>>> from sayso.archive import Local, Options, Run
>>> Run("tables", Local(workers=2)).read(["news/*.warc.gz"], Options(since="2021-01-01"))

`process_shard` is what an engine schedules, `readings` gives back what the tables hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sayso.archive.engines.local import Local
    from sayso.archive.keep import readings
    from sayso.archive.process import process_shard
    from sayso.archive.report import Report
    from sayso.archive.run import Run
    from sayso.archive.tasks import Options, Shard, ShardReport, Task

__all__ = ["Local", "Options", "Report", "Run", "Shard", "ShardReport", "Task", "process_shard", "readings"]

_PLACES = {
    "Local": "engines.local",
    "Options": "tasks",
    "Report": "report",
    "Run": "run",
    "Shard": "tasks",
    "ShardReport": "tasks",
    "Task": "tasks",
    "process_shard": "process",
    "readings": "keep",
}


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the command line imports this package for its help.
    import importlib

    if name in _PLACES:
        return getattr(importlib.import_module(f"sayso.archive.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'sayso.archive' has no attribute {name!r}")
