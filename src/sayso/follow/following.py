"""One round: ask the feeds, read what is new in them, keep it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sayso.errors import FetchError, InputError
from sayso.follow.asking import ask_all
from sayso.follow.manners import Manners
from sayso.follow.memory import Article, FeedState, Memory
from sayso.intake.feed import Subscription, complete, read_feed, thread_from_entry
from sayso.intake.inputs import read_answer
from sayso.intake.url import Fetched
from sayso.posts import Claim, Thread

if TYPE_CHECKING:
    from sayso.ledger import Ledger

_LONGEST = 86_400.0
"""Seconds after which a feed is asked again at the latest, however often it failed."""
_FIRST = 900.0
"""Seconds for which a feed is left alone whose server failed; doubled with each round that it fails again."""
_LATE = frozenset((404,))
"""Statuses with which a page answers that its feed has named too early."""

Outcome = Literal["news", "unchanged", "later", "failed"]


@dataclass(slots=True)
class Report:
    """How it went with one feed in one round.

    ``outcome``: "news" (the feed was sent), "unchanged" (it said that it has not changed), "later" (it was left alone,
    as its server asks), "failed". ``new`` and ``changed`` count entries, ``kept`` articles and ``claims`` new claims in
    the ledger, ``failed`` articles that could not be read; ``problem`` is what is wrong with the feed itself.
    """

    url: str
    title: str | None = None
    outcome: Outcome = "unchanged"
    entries: int = 0
    new: int = 0
    changed: int = 0
    kept: int = 0
    claims: int = 0
    failed: int = 0
    problem: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Its fields, for a table or a line of JSON."""
        return dataclasses.asdict(self)


class Reading(Protocol):
    """What a reader gives of a thread."""

    @property
    def thread(self) -> Thread | None: ...
    @property
    def claims(self) -> list[Claim]: ...


Read = Callable[[Iterable[Thread]], Iterable[Reading]]


class Follower:
    """Follows feeds into a ledger.

    ``read`` turns threads into readings, in their order, as ``Reader.read_threads`` does. ``recheck`` is after how many
    seconds an article that still stands in its feed is looked at again; without it only where its feed says that it
    has changed. ``tell`` is called with every error, once when it comes up and once when an article is given up.
    """

    def __init__(
        self,
        ledger: Ledger,
        memory: Memory,
        manners: Manners,
        *,
        read: Read,
        recheck: float | None = None,
        tell: Callable[[InputError], None] = lambda error: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.ledger, self.memory, self.manners = ledger, memory, manners
        self._read, self._recheck, self._tell, self._clock = read, recheck, tell, clock

    def round(self, subscriptions: Sequence[Subscription]) -> list[Report]:
        """Ask the feeds and read what is new in them, once: a report for each feed, in order.

        1. Feeds are asked whether they have changed, many servers at a time.
        2. Their entries are noted: new ones and changed ones wait.
        3. All that waits is fetched as full pages, oldest first, read, and kept, each in a transaction of its own.
           A page that cannot be had is read from its feed, where that has the whole text.
        4. What failed and may be had another time waits for the next round, at most for five.

        When the manners' ``stop`` is set it ends early, and what was not read waits.
        """
        reports = {each.url: Report(each.url, each.title) for each in subscriptions}
        self._ask_feeds(reports)
        self._read_articles(reports)
        now = self._clock()
        self.memory.keep_hosts({host: at for host, at in self.manners.free_at.items() if at > now})
        self.memory.forget(now)
        return list(reports.values())

    # Feeds

    def _ask_feeds(self, reports: dict[str, Report]) -> None:
        wanted: list[tuple[str, FeedState]] = []
        for url, report in reports.items():
            state = self.memory.feed(url)
            report.title = report.title or state.title
            if state.not_before > self._clock():
                report.outcome, report.problem = "later", state.problem
            else:
                wanted.append((url, state))

        def ask(state: FeedState) -> Fetched:
            return self.manners.get(state.url, want="feed", etag=state.etag, modified=state.modified)

        for answer in ask_all(wanted, ask, stop=self.manners.stop):
            state, report = answer.asked, reports[answer.asked.url]
            state.asked_at = self._clock()
            try:
                if answer.fetched is None:
                    assert answer.error is not None
                    raise answer.error
                self._take(state, answer.fetched, report)
            except InputError as error:
                self._feed_failed(state, error, report)
            self.memory.keep_feed(state)

    def _take(self, state: FeedState, fetched: Fetched, report: Report) -> None:
        state.failures, state.not_before, state.problem = 0, 0.0, None
        if fetched.moved is not None:
            report.problem = state.problem = f"has moved for good to {fetched.moved}: write that into your list"
        assert state.asked_at is not None
        if fetched.unchanged:
            self.memory.note_same(state.url, state.noted_at, state.asked_at)
            state.noted_at = state.asked_at
            self._look_again(state)
            return
        feed = read_feed(fetched, name=state.url)
        report.outcome, report.entries = "news", len(feed.entries)
        report.new, report.changed = self.memory.note(state.url, feed.entries, state.asked_at)
        state.noted_at = state.asked_at
        report.title = report.title or feed.title
        # Only now: a feed that could not be read is to be sent again.
        state.title, state.etag, state.modified = feed.title, fetched.etag, fetched.modified
        if report.new or report.changed:
            state.changed_at = state.asked_at
        self._look_again(state)

    def _look_again(self, state: FeedState) -> None:
        if self._recheck is not None and state.asked_at is not None:
            self.memory.look_again(state.url, state.asked_at, since=state.asked_at - self._recheck)

    def _feed_failed(self, state: FeedState, error: InputError, report: Report) -> None:
        report.outcome, report.problem = "failed", error.problem
        state.failures, state.problem = state.failures + 1, error.problem
        if isinstance(error, FetchError) and error.again and (error.status or error.pause):
            pause = max(error.pause or 0.0, min(_FIRST * 2 ** (state.failures - 1), _LONGEST))
            state.not_before = self._clock() + pause
        self._tell(error)

    # Articles

    def _read_articles(self, reports: dict[str, Report]) -> None:
        under_way: dict[str, tuple[Article, Fetched | None]] = {}
        for reading in self._read(self._threads(reports, under_way)):
            if reading.thread is None:
                continue
            article, fetched = under_way.pop(reading.thread.id)
            report = reports[article.feed]
            kept = self.ledger.keep(reading.thread, reading.claims)
            report.kept += 1
            report.claims += kept.claims
            self._done(article, fetched)

    def _threads(
        self, reports: dict[str, Report], under_way: dict[str, tuple[Article, Fetched | None]]
    ) -> Iterator[Thread]:
        """Yield the threads of what waits, and note each under its id; tell of what cannot be had."""
        waiting = self.memory.waiting(list(reports))
        linked = [(article.entry.link, article) for article in waiting if article.entry.link]
        for article in waiting:
            if not article.entry.link and not self.manners.stop.is_set():
                error = InputError(article.entry.key, "has no address in its feed, and no text", "look at the feed")
                yield from self._from_feed(article, error, reports, under_way)

        def ask(article: Article) -> Fetched:
            assert article.entry.link is not None
            return self.manners.get(article.entry.link, etag=article.etag, modified=article.modified)

        for answer in ask_all(linked, ask, stop=self.manners.stop):
            article, fetched = answer.asked, answer.fetched
            if fetched is None:
                assert answer.error is not None
                yield from self._from_feed(article, answer.error, reports, under_way)
            elif fetched.unchanged:
                self._done(article, fetched)
            else:
                item = next(read_answer(fetched, id=article.entry.key))
                if isinstance(item, InputError):
                    yield from self._from_feed(article, item, reports, under_way)
                else:
                    thread = complete(item, article.entry)
                    under_way[thread.id] = article, fetched
                    yield thread

    def _from_feed(
        self,
        article: Article,
        error: InputError,
        reports: dict[str, Report],
        under_way: dict[str, tuple[Article, Fetched | None]],
    ) -> Iterator[Thread]:
        """The text that the feed itself has, where the page cannot be had for good; else the error is told."""
        again = isinstance(error, FetchError) and (error.again or error.status in _LATE)
        thread = None
        if not again:
            try:
                thread = thread_from_entry(article.entry)
            except InputError as refused:
                error = refused
        if thread is not None:
            under_way[thread.id] = article, None
            yield thread
            return
        reports[article.feed].failed += 1
        state = self.memory.failed(article, error.problem, again=again)
        if article.tries == 0 or state == "refused":
            self._tell(error)

    def _done(self, article: Article, fetched: Fetched | None) -> None:
        etag, modified = (fetched.etag, fetched.modified) if fetched else (None, None)
        self.memory.kept(article.entry, self._clock(), etag=etag, modified=modified)
