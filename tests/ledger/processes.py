"""Documents in plenty, what a ledger holds of them, and processes that keep them and may be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import traceback
from collections.abc import Callable, Iterator

from sayso.export.jsonl import claim_to_json
from sayso.ledger import Filter, Ledger

from .sample import Reading, harbour, numbered, thread


def documents(number: int) -> Iterator[Reading]:
    """Articles and single predictions; every tenth article comes in two versions."""
    for n in range(number):
        yield numbered(n, holder=f"Holder {n % 17}")
        if n % 10 == 0:
            yield harbour(thread(f"long-{n}"))
            yield harbour(thread(f"long-{n}", "Changed. " + harbour().claims[0].post.text))


def state(ledger: Ledger) -> list[str]:
    """All that a ledger holds, without the numbers of rows and the moments, which no two runs share."""
    found = ledger.find(Filter(versions=True), with_text=True)
    return sorted(repr((claim_to_json(f.claim), f.claim.post.text)) for f in found)


@contextlib.contextmanager
def process(work: Callable[[], None]) -> Iterator[int]:
    """Another process that does ``work``; its number."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    try:
        yield child
    finally:
        with contextlib.suppress(ChildProcessError, ProcessLookupError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def keep(url: str, number: int, tell: Callable[[], None]) -> None:
    """Keep so many documents one by one, each of which is told."""
    with Ledger(url) as ledger:
        for reading in documents(number):
            assert reading.thread is not None
            ledger.keep(reading.thread, reading.claims)
            tell()
