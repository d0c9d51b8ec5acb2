"""Read threads: the one place where intake's threads become claims, in this process or in several."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field

from sayso.errors import InputError
from sayso.garbage import collect_rarely
from sayso.posts import Attribution, Claim, Thread
from sayso.reading.claims import Probe, claims_of, probes_of
from sayso.reading.dates import Hemisphere, standard
from sayso.reading.encoder import Encoder
from sayso.reading.forecasts import Conventions
from sayso.reading.odds import Yardstick
from sayso.reading.page import Page, read_pages
from sayso.reading.people import People
from sayso.reading.sections import Section, attributions_in_post, claim_in_post, probe_in_post, sections
from sayso.values import value

BATCH = 40_000
"""Characters of text that are read together: enough that decoding is shared, too little to matter for memory."""
MOST = 64
"""Threads that are read together at most, however short."""
AHEAD = 3
"""Batches for each further process that are under way at a time."""
HELD = 6
"""Batches for each process of which the results may wait for those of one before."""
LEAST = 5_000
"""Characters of the last batches that are dealt out, so few that no process is long left without when the text ends."""


@dataclass(slots=True)
class Result:
    """What came of one input: a thread with its claims and, by post id, its attributions; or the error."""

    thread: Thread | None = None
    claims: list[Claim] = field(default_factory=list)
    attributions: dict[str, list[Attribution]] = field(default_factory=dict)
    error: InputError | None = None


@value
class _Sheet:
    """One section of a post, its author's name, and what was read of it."""

    section: Section
    author: str
    page: Page
    people: People


@dataclass(slots=True)
class _Dealt:
    """A batch that was dealt out, and the results that come of it."""

    batch: list[Thread | InputError]
    coming: Future[list[Result]]


class Reader:
    """Reads threads with the shipped model, which is loaded once, at the first text.

    A reader may be used from several threads at a time. With ``jobs`` above 1 `read_threads` spreads documents over so
    many processes, this one among them, each with a model of its own. ``yardstick`` chooses what probability words are
    worth (see `sayso.reading.odds`), ``calendar`` a TOML file of events that texts name, beside those that are shipped
    (see `sayso.reading.dates`), and ``hemisphere`` where the seasons are. Raises `InputError` for a calendar that
    cannot be read.
    """

    def __init__(
        self,
        *,
        jobs: int = 1,
        yardstick: Yardstick = "survey",
        calendar: str | os.PathLike[str] | None = None,
        hemisphere: Hemisphere = "north",
    ) -> None:
        if jobs < 1:
            raise ValueError(f"jobs is {jobs}; at least one process is needed")
        self.jobs = jobs
        self._chosen = (yardstick, calendar, hemisphere)
        events = standard().extended(os.fspath(calendar)) if calendar is not None else None
        self.conventions = Conventions(yardstick, events, hemisphere)
        self._encoder = Encoder()

    def read(self, source: str | os.PathLike[str]) -> list[Claim]:
        """The claims of a text, a file or folder, or an address (http or https).

        A string is an address if it begins like one, a path if there is something at it, else the text itself. Raises
        `InputError` where it cannot be read.
        """
        claims: list[Claim] = []
        for result in self.read_threads(_threads(source)):
            if result.error:
                raise result.error
            claims += result.claims
        return claims

    def load(self) -> None:
        """Load the model now rather than at the first text."""
        self._encoder.load()

    def read_thread(self, thread: Thread) -> Result:
        """The claims of one thread."""
        return self._read_batch([thread])[0]

    def probe(self, thread: Thread) -> list[Probe]:
        """What the confidences of a thread's claims are made of (for training/calibrate.py)."""
        return [
            probe_in_post(probe, s.section)
            for _, s in self._sheets([Result(thread)])
            for probe in probes_of(s.section.part, s.page, people=s.people, author=s.author, encoder=self._encoder)
        ]

    def read_threads(self, threads: Iterable[Thread | InputError]) -> Iterator[Result]:
        """Read threads as they come, in order; what could not be taken in is passed on as a result with its error."""
        batches = _batches(threads, jobs=self.jobs)
        if self.jobs > 1:
            yield from self._read_parallel(batches)
            return
        for batch in batches:
            yield from self._read_batch(batch)

    def _read_batch(self, batch: Sequence[Thread | InputError]) -> list[Result]:
        """Read some threads together, section by section.

        1. The network reads the sections of some posts. 2. Each article's people are known to the comments under it.
        3. Each section's claims are put together. A post in a language the model does not know is left out.
        """
        results = [
            Result(error=t) if isinstance(t, InputError) else Result(t, attributions={p.id: [] for p in t.posts})
            for t in batch
        ]
        for result, s in self._sheets(results):
            assert result.thread is not None
            post = s.section.post
            result.attributions[post.id] += attributions_in_post(s.page.attributions, s.section)
            claims = claims_of(
                result.thread, s.section.part, s.page, people=s.people, author=s.author, encoder=self._encoder,
                conventions=self.conventions, opening=post.text,
            )  # fmt: skip
            result.claims += [claim_in_post(claim, s.section) for claim in claims]
        return results

    def _sheets(self, results: Sequence[Result]) -> Iterator[tuple[Result, _Sheet]]:
        """Read the sections of all posts in order, as many at a time as make a batch."""
        self._encoder.load()
        last: Result | None = None
        article: People | None = None
        before: People | None = None
        for some in _together(results):
            pages = read_pages([section.part.text for _, section, _ in some], self._encoder)
            for (result, section, unnamed), page in zip(some, pages, strict=True):
                if result is not last:
                    last, article = result, None
                known = before if section.start else article
                # What a post does not say of its author, its last lines may.
                before = People(section.part.text, page.names, author=section.post.author, context=known)
                author = before.author = before.author or unnamed
                if result.thread is not None and section.post is result.thread.article and not section.start:
                    article = before
                yield result, _Sheet(section, author, page, before)

    def _read_parallel(self, batches: Iterator[list[Thread | InputError]]) -> Iterator[Result]:
        """Read batches in this process and in others, the results in order.

        This process keeps the others busy, gives out what comes next in order, and else reads a batch itself: so it
        needs one process less, and half of what is read need not be sent. When the batches end, it takes back one that
        nobody has begun, that all are done at about the same time.
        """
        import multiprocessing

        # Spawned, not forked: the parent may hold threads (ONNX Runtime's, a progress bar's).
        others = self.jobs - 1
        pool = ProcessPoolExecutor(others, multiprocessing.get_context("spawn"), _start, self._chosen)
        waiting: deque[_Dealt] = deque()
        try:
            with _uninterrupted():
                for _ in range(others):  # all start and load their models while the first texts are taken in
                    pool.submit(_ready)
            while True:
                while waiting and waiting[0].coming.done():
                    yield from waiting.popleft().coming.result()
                # A bounded number of batches is under way, so that a corpus of any size streams.
                busy = sum(not dealt.coming.done() for dealt in waiting)
                while busy < AHEAD * others and len(waiting) < HELD * self.jobs and (batch := next(batches, None)):
                    waiting.append(_Dealt(batch, pool.submit(_read_batch, batch)))
                    busy += 1
                if len(waiting) < HELD * self.jobs and (batch := next(batches, None)):
                    waiting.append(_Dealt(batch, _done(self._read_batch(batch))))
                elif back := next((dealt for dealt in reversed(waiting) if dealt.coming.cancel()), None):
                    back.coming = _done(self._read_batch(back.batch))
                elif waiting:
                    yield from waiting.popleft().coming.result()
                else:
                    break
        finally:
            pool.shutdown(wait=not waiting, cancel_futures=True)


def _together(results: Iterable[Result]) -> Iterator[list[tuple[Result, Section, str]]]:
    """The sections of all posts that can be read, as many together as make a batch.

    Each comes with what its author is called where nobody is named.
    """
    some: list[tuple[Result, Section, str]] = []
    size = 0
    for result in results:
        thread = result.thread
        for number, post in enumerate(thread.posts if thread else ()):
            if thread is None or post.language not in (None, "en"):
                continue
            unnamed = f"commenter {number}" if post.kind == "comment" else thread.site or "the author"
            for section in sections(post):
                some.append((result, section, unnamed))
                size += len(section.part.text)
                if size >= BATCH:
                    yield some
                    some, size = [], 0
    if some:
        yield some


def _threads(source: str | os.PathLike[str]) -> Iterable[Thread | InputError]:
    from sayso.intake import read_inputs, thread_from_text

    if not isinstance(source, str):
        return read_inputs([source])
    if re.match(r"https?://\S+$", source, re.IGNORECASE):
        return read_inputs([source])
    try:
        there = len(source) < 4096 and os.path.exists(source)
    except ValueError:  # a NUL character cannot be in a path
        there = False
    if there:
        return read_inputs([source])
    if _PATH.match(source):
        # One word with an ending is no article: say that the file is missing rather than read its name.
        return [InputError(source, "there is no such file or folder", "check the path")]
    digest = hashlib.blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return [thread_from_text(source, id=f"text:{digest}")]


_PATH = re.compile(r"\S*[/\\]\S*$|\S+\.(?:txt|html?|jsonl|json|gz|md)$", re.IGNORECASE)


def _batches(threads: Iterable[Thread | InputError], *, jobs: int) -> Iterator[list[Thread | InputError]]:
    """Threads, and errors between them, in batches of some ``BATCH`` characters.

    For several processes the texts are taken in more and more ahead, to at most four batches a process, so that it is
    known when they end, and the last batches are smaller and smaller: all processes are done at about the same time.
    """
    ahead: deque[tuple[Thread | InputError, int]] = deque()
    have = 0  # characters that are taken in and not given out
    shares = 4 * jobs if jobs > 1 else 1  # of what is left when the texts have ended, a batch is one of so many
    source, more, given = iter(threads), True, 0
    while True:
        while more and have < min(shares, 1 + given) * BATCH and len(ahead) < jobs * MOST:
            if (thread := next(source, None)) is None:
                more = False
            else:
                size = sum(len(p.text) for p in thread.posts) if isinstance(thread, Thread) else 0
                ahead.append((thread, size))
                have += size
        if not ahead:
            return
        left = have - (BATCH if more or jobs == 1 else max(LEAST, have // shares))
        batch: list[Thread | InputError] = []
        while ahead and have > left and len(batch) < MOST:
            thread, size = ahead.popleft()
            batch.append(thread)
            have -= size
        yield batch
        given += 1


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes that are started in this context leave Ctrl-C to the one that started them.

    They inherit that it is ignored, and so it is ignored here as well meanwhile: to be left soon.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_worker: Reader | None = None


def _start(yardstick: Yardstick, calendar: str | os.PathLike[str] | None, hemisphere: Hemisphere) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # also if it was started later than the rest
    collect_rarely()
    _worker = Reader(yardstick=yardstick, calendar=calendar, hemisphere=hemisphere)
    _worker.load()


def _done(results: list[Result]) -> Future[list[Result]]:
    done: Future[list[Result]] = Future()
    done.set_result(results)
    return done


def _ready() -> None:
    """What the first process does first: nothing."""


def _read_batch(batch: list[Thread | InputError]) -> list[Result]:
    assert _worker is not None
    return list(_worker._read_batch(batch))
