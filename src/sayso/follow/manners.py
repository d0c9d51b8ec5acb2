"""How a visitor behaves: one request at a time to a server, with pauses, as robots.txt and Retry-After ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sayso.errors import FetchError
from sayso.intake.url import Fetched, Want

if TYPE_CHECKING:
    from sayso.intake.guard import Network

AGENT = "Sayso"
"""The name to which a robots.txt may speak."""
DELAY = 2.0
"""Seconds between two requests to one server, unless its robots.txt asks for more (Crawl-delay)."""
PATIENCE = 60.0
"""Seconds that are waited at most, for a Crawl-delay or a Retry-After; beyond that it is left for another round."""
ATTEMPTS = 3
"""Requests for one address in a round, where an answer may be another the next time."""
_ROBOTS_FOR = 86_400.0  # RFC 9309, section 2.4: a robots.txt should not be used for longer than a day
_CLOSED_FOR = 600.0
"""Seconds for which a site is left alone whose robots.txt cannot be had."""
_ALLOW = "if that is a network of yours, allow it with --fetch-from {address}"
_ROBOTS_SIZE = 512_000  # section 2.5: at least 500 KiB are to be read


class Stopped(Exception):
    """It was asked to stop, in the middle of a wait."""


@dataclass(slots=True)
class _Rules:
    """A robots.txt: what it allows (None: everything), until when that holds, and why it could not be had."""

    robots: Any | None
    until: float
    problem: str | None = None


class Manners:
    """Asks servers as they want to be asked; one thread at a time for each server.

    ``delay`` is in seconds, ``contact`` is put into the User-Agent. ``free_at`` says until when (Unix time) servers
    asked to be left alone. ``allowed`` are networks that are asked although they are not public. ``stop`` ends every
    wait. ``clock`` and ``pause`` are for tests.
    """

    def __init__(
        self,
        *,
        delay: float = DELAY,
        contact: str | None = None,
        free_at: dict[str, float] | None = None,
        allowed: Sequence[Network] = (),
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self.delay, self.contact, self.allowed = delay, contact, allowed
        self.free_at = dict(free_at or {})
        self.stop = stop or threading.Event()
        self._clock, self._sleep = clock, pause or self.stop.wait
        self._rules: dict[str, _Rules] = {}

    def get(self, url: str, *, want: Want = "page", etag: str | None = None, modified: str | None = None) -> Fetched:
        """What is at ``url``: a page only where robots.txt allows it; a feed, which somebody named, in any case.

        An answer that may be another the next time is asked for up to three times, at the times that the server says
        or with growing pauses. Raises FetchError, and Stopped.
        """
        if want == "page" and not self.allows(url):
            problem = "is closed to robots by its site (robots.txt)"
            raise FetchError(url, problem, "ask the site, or save it in a browser and use `sayso keep`")
        return self._several_times(url, want, etag, modified)

    def allows(self, url: str) -> bool:
        """Whether the site's robots.txt lets Sayso read it (RFC 9309). Raises FetchError where none can be had."""
        rules = self._robots(url)
        if rules.problem:
            problem = f"is on a site whose robots.txt cannot be had now (it {rules.problem})"
            raise FetchError(url, problem, "it is tried again", again=True, pause=rules.until - self._clock())
        return rules.robots is None or bool(rules.robots.can_fetch(url, AGENT))

    def _several_times(self, url: str, want: Want, etag: str | None, modified: str | None) -> Fetched:
        import tenacity

        growing = tenacity.wait_exponential(max(self.delay, 0.1), max=PATIENCE / 2) + tenacity.wait_random(0, 1)

        def between(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            # Where the server says when, the wait is that before its turn.
            return 0.0 if isinstance(error, FetchError) and error.pause is not None else growing(state)

        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_worth_another_try),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=between,
            sleep=self._wait,
            reraise=True,
        )
        return attempts(self._once, url, want, etag, modified)

    def _once(self, url: str, want: Want, etag: str | None, modified: str | None) -> Fetched:
        from sayso.intake.guard import guarded_fetch

        host = urlsplit(url).netloc.lower()
        left = self.free_at.get(host, 0.0) - self._clock()
        if left > PATIENCE:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.free_at[host]))
            problem = f"is on a server that asks to be left alone until {when}"
            raise FetchError(url, problem, "it is tried again after that", again=True, pause=left)
        if left > 0:
            self._wait(left)
        if self.stop.is_set():
            raise Stopped
        try:
            return guarded_fetch(
                url, allowed=self.allowed, proxied=True, remedy=_ALLOW,
                want=want, etag=etag, modified=modified, contact=self.contact,
            )  # fmt: skip
        except FetchError as error:
            if error.pause is not None and error.again:
                self.free_at[host] = self._clock() + error.pause
            raise
        finally:
            self.free_at[host] = max(self.free_at.get(host, 0.0), self._clock() + self._delay(url))

    def _delay(self, url: str) -> float:
        known = self._rules.get(_origin(url))
        asked = known.robots.crawl_delay(AGENT) if known is not None and known.robots is not None else None
        return max(self.delay, min(float(asked or 0.0), PATIENCE))

    def _robots(self, url: str) -> _Rules:
        origin = _origin(url)
        known = self._rules.get(origin)
        if known is not None and known.until > self._clock():
            return known
        from protego import Protego

        rules = _Rules(None, _ROBOTS_FOR)
        try:
            answer = self._several_times(f"{origin}/robots.txt", "robots", None, None)
            rules.robots = Protego.parse(answer.data[:_ROBOTS_SIZE].decode("utf-8", "replace"))
        except FetchError as error:
            if error.again:  # a site whose rules cannot be had is closed for now (section 2.3.1.4)
                rules = _Rules(None, error.pause or _CLOSED_FOR, error.problem)
        rules.until += self._clock()
        self._rules[origin] = rules
        host = urlsplit(url).netloc.lower()
        self.free_at[host] = max(self.free_at.get(host, 0.0), self._clock() + self._delay(url))
        return rules

    def _wait(self, seconds: float) -> None:
        self._sleep(seconds)
        if self.stop.is_set():
            raise Stopped


def _worth_another_try(error: BaseException) -> bool:
    return isinstance(error, FetchError) and error.again and (error.pause or 0.0) <= PATIENCE


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}"
