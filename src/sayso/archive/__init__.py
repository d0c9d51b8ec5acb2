"""Read an archive: from WARC, JSON Lines and pages to tables of claims, on one machine or many."""

from __future__ import annotations

from sayso.archive.process import process_shard
from sayso.archive.tasks import Options, Shard, ShardReport, Task

__all__ = ["Options", "Shard", "ShardReport", "Task", "process_shard"]
