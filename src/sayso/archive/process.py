"""One shard, one stage: the function that engines schedule.

It needs nothing but its arguments and the file system, and may be called again at any time, on any machine that sees
the same files, also twice at once: what it leaves is the same, and appears whole or not at all. So exactly-once rests
on the file system, and not on an engine's recovery.
"""

from __future__ import annotations

import os
import socket
import time
import traceback

from sayso.archive.tasks import Outcome, ShardReport, Task
from sayso.errors import MissingExtra, ModelError, OutputError, SaysoError

FATAL = (OutputError, ModelError, MissingExtra)
"""Errors that are not the shard's fault, and that every other shard would meet as well."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS")


def process_shard(task: Task, out: str | os.PathLike[str]) -> ShardReport:
    """Do one stage of one shard into the folder ``out``, and say what it came to.

    Raises InputError where the whole input cannot be read, OutputError where ``out`` cannot be written to, and
    ModelError where this worker's model or rules are not the run's. Whatever is wrong with single records is no
    error: they are rejects, with their reason.
    """
    from sayso.archive.versions import check_version

    check_version(task.version)
    began = time.monotonic()
    report = ShardReport(task.shard.id, task.stage, worker=f"{socket.gethostname()}:{os.getpid()}")
    if task.stage == "extract":
        from sayso.archive.extract import extract

        extract(task.shard, out, task.version, report)
    else:
        from sayso.archive.read import read

        read(task.shard, out, task.version, report)
    report.wall = time.monotonic() - began
    return report


def attempt(task: Task, out: str | os.PathLike[str]) -> Outcome:
    """``process_shard``, with what it raises as a value, for engines that pass outcomes between processes."""
    try:
        return Outcome(task, process_shard(task, out))
    except FATAL as error:
        return Outcome(task, reason=str(error), fatal=True)
    except SaysoError as error:
        return Outcome(task, reason=str(error))
    except MemoryError:
        return Outcome(task, reason="ran out of memory")
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)}:{place.lineno}"
        return Outcome(task, reason=f"{type(error).__name__}: {error} ({where})")


def pin_threads() -> None:
    """Keep numeric libraries that are loaded from now on to one thread: a worker is one core."""
    for name in THREADS:
        os.environ[name] = "1"
