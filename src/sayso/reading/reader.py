"""Read threads: the one place where intake's threads become claims, in this process or in several."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from sayso.errors import InputError
from sayso.posts import Attribution, Claim, Thread
from sayso.reading.claims import claims_of
from sayso.reading.encoder import Encoder
from sayso.reading.page import read_page
from sayso.reading.people import NamedMention, People


@dataclass(slots=True)
class Result:
    """What came of one input: a thread with its claims and, by post id, its attributions; or the error."""

    thread: Thread | None = None
    claims: list[Claim] = field(default_factory=list)
    attributions: dict[str, list[Attribution]] = field(default_factory=dict)
    error: InputError | None = None


class Reader:
    """Reads threads with the shipped model, which is loaded once, at the first text.

    A reader may be used from several threads at a time. With ``jobs`` above 1 `read_threads` spreads documents over so
    many processes, each with a model of its own. ``yardstick`` chooses what probability words are worth (see
    `sayso.reading.odds`).
    """

    def __init__(self, *, jobs: int = 1, yardstick: str = "survey") -> None:
        if jobs < 1:
            raise ValueError(f"jobs is {jobs}; at least one process is needed")
        self.jobs = jobs
        self.yardstick = yardstick
        self._encoder = Encoder()

    def read(self, source: str | os.PathLike[str]) -> list[Claim]:
        """The claims of a text, a file, or an address (http or https). Raises `InputError` where it cannot be read."""
        from sayso.intake import read_source

        claims: list[Claim] = []
        for thread in read_source(source):
            if isinstance(thread, InputError):
                raise thread
            claims += self.read_thread(thread).claims
        return claims

    def read_thread(self, thread: Thread) -> Result:
        """Read one thread.

        1. The article is read first, and its names are known to the comments. 2. Each post's claims are put together.
        A post in a language the model does not know is left out.
        """
        self._encoder.load()
        result = Result(thread)
        context: People | None = None
        unnamed = 0
        for post in thread.posts:
            if post.kind == "comment":
                unnamed += 1
            author = post.author or (f"commenter {unnamed}" if post.kind == "comment" else thread.site or "the author")
            if post.language not in (None, "en"):
                result.attributions[post.id] = []
                continue
            page = read_page(post.text, self._encoder)
            names = [NamedMention(s, e, kind) for s, e, kind in page.names]
            people = People(post.text, names, author=author, context=context)
            context = context or people
            result.attributions[post.id] = page.attributions
            result.claims += claims_of(
                thread, post, page, people=people, author=author, encoder=self._encoder, yardstick=self.yardstick
            )
        return result

    def read_threads(self, threads: Iterable[Thread | InputError]) -> Iterator[Result]:
        """Read threads as they come, in order; what could not be taken in is passed on as a result with its error."""
        if self.jobs == 1:
            for thread in threads:
                yield Result(error=thread) if isinstance(thread, InputError) else self.read_thread(thread)
            return
        yield from self._read_parallel(iter(threads))

    def _read_parallel(self, threads: Iterator[Thread | InputError]) -> Iterator[Result]:
        import multiprocessing

        # Spawned, not forked: the parent may hold threads (ONNX Runtime's, a progress bar's).
        pool = ProcessPoolExecutor(self.jobs, multiprocessing.get_context("spawn"), _start, (self.yardstick,))
        waiting: deque[Future[list[Result]]] = deque()
        with pool:
            while True:
                # A bounded number of batches is under way, so that a corpus of any size streams.
                while len(waiting) < 2 * self.jobs and (batch := list(islice(threads, BATCH))):
                    waiting.append(pool.submit(_read_batch, batch))
                if not waiting:
                    return
                yield from waiting.popleft().result()


BATCH = 4
"""Documents a process takes at a time."""

_worker: Reader | None = None


def _start(yardstick: str) -> None:
    global _worker
    _worker = Reader(yardstick=yardstick)


def _read_batch(batch: list[Thread | InputError]) -> list[Result]:
    assert _worker is not None
    return list(_worker.read_threads(batch))


