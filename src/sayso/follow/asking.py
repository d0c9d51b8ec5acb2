"""Many servers at a time, and each by one request at a time."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from sayso.errors import FetchError
from sayso.follow.manners import Stopped
from sayso.intake.url import Fetched

T = TypeVar("T")
SERVERS = 8
"""Servers that are asked at a time."""
_LOOK = 0.2
"""Seconds after which a thread that waits looks whether it is to stop."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What came of asking for something: what was sent, or the error."""

    asked: T
    fetched: Fetched | None
    error: FetchError | None


def ask_all(
    wanted: Iterable[tuple[str, T]],
    ask: Callable[[T], Fetched],
    *,
    stop: threading.Event,
    servers: int = SERVERS,
) -> Iterator[Answer[T]]:
    """Call ``ask`` for all that is wanted, given with its address, and yield the answers as they come.

    What lies on one server is asked for one after the other and in order. Only a few answers wait at a time to be
    taken. When ``stop`` is set it ends with the answers that are there; those on their way are let go.
    """
    by_server: dict[str, list[T]] = {}
    for url, thing in wanted:
        by_server.setdefault(urlsplit(url).netloc.lower(), []).append(thing)
    groups = deque(by_server.values())
    answers: queue.Queue[Answer[T] | BaseException | None] = queue.Queue(maxsize=servers)
    threads = [
        # Daemons: a server that keeps one waiting does not keep the program from ending.
        threading.Thread(target=_work, args=(groups, ask, answers, stop), name=f"sayso-ask-{n}", daemon=True)
        for n in range(min(servers, len(groups)))
    ]
    for thread in threads:
        thread.start()
    left = len(threads)
    while left:
        try:
            answer = answers.get(timeout=None if stop.is_set() else _LOOK, block=not stop.is_set())
        except queue.Empty:
            if stop.is_set():
                return
            continue
        if answer is None:
            left -= 1
        elif isinstance(answer, BaseException):
            raise answer
        else:
            yield answer


def _work(
    groups: deque[list[T]],
    ask: Callable[[T], Fetched],
    answers: queue.Queue[Answer[T] | BaseException | None],
    stop: threading.Event,
) -> None:
    while not stop.is_set():
        try:
            group = groups.popleft()
        except IndexError:
            break
        for thing in group:
            answer: Answer[T] | BaseException
            try:
                answer = Answer(thing, ask(thing), None)
            except FetchError as error:
                answer = Answer(thing, None, error)
            except Stopped:
                return
            except BaseException as error:  # told by the one who asked, in its own thread
                answer = error
            if not _put(answers, answer, stop):
                return
    _put(answers, None, stop)


def _put(answers: queue.Queue[T], answer: T, stop: threading.Event) -> bool:
    while not stop.is_set():
        try:
            answers.put(answer, timeout=_LOOK)
            return True
        except queue.Full:
            continue
    return False
