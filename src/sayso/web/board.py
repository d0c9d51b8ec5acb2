"""What is dear to compute, remembered as long as the ledger stays as it is: the board, records, people, the first page.

Scores are computed from the resolutions and never stored. What was computed is kept in memory with the state of the
ledger that it was computed from, and computed anew when that has changed; see ``Memory.get`` for what takes long.
"""

from __future__ import annotations

import ctypes
import datetime
import logging
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sayso.ledger import Found, browse
from sayso.ledger.changes import Sought
from sayso.ledger.records import Record
from sayso.ledger.settled import Scope
from sayso.web.site import Site
from sayso.web.watch import ALL, NOTHING, Basis, Watch

T = TypeVar("T")
_Based = Basis | Callable[[T], Basis]
MOST = 256
"""Results that are remembered."""
LONG = 0.1
"""Seconds. What takes longer to compute may lag behind, for ``BEHIND`` seconds."""
VERY_LONG = 0.5
"""Seconds. What takes longer lags behind for those, too, whom it is about: for somebody with ten thousand forecasts."""
BEHIND = 60.0
FAR_BEHIND = 300.0

__all__ = ["Memory", "Result", "Scope", "count_due", "due_of", "people", "record", "reporters", "scores"]


@dataclass(slots=True)
class _Entry:
    basis: Basis
    prompt: Basis
    behind: float
    long: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    change: int = 0
    at: float = 0.0
    took: float = 0.0
    value: Any = None

    def is_right(self, watch: Watch) -> bool:
        """Whether the value may be given for the state of the ledger that was last seen."""
        if not self.at:
            return False
        noticed = watch.outlived(self.basis, self.change, watch.moment.change)
        return noticed is None or (time.monotonic() - noticed < 2 * self.behind and self.may_lag(watch))

    def is_late(self, watch: Watch) -> bool:
        """Whether it is time to compute it anew, so that nobody will have to wait for it."""
        if time.monotonic() - self.at <= self.behind:
            return False
        return watch.outlived(self.basis, self.change, watch.moment.change) is not None

    def may_lag(self, watch: Watch) -> bool:
        """Whether nobody would miss what has changed since."""
        prompt = NOTHING if self.took > VERY_LONG else self.prompt
        return self.took > self.long and watch.stands(prompt, self.change, watch.moment.change)


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """What was computed, and whether it would still be given."""

    value: T
    still: Callable[[], bool]


class Memory:
    """Results by what was asked; threads share it."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._renewing = ThreadPoolExecutor(1, "renew")

    def get(
        self,
        site: Site,
        key: Hashable,
        compute: Callable[[], T],
        *,
        basis: _Based[T] = ALL,
        prompt: Basis = NOTHING,
        behind: float = BEHIND,
        long: float | None = None,
    ) -> Result[T]:
        """What ``compute`` gives, computed once as long as what it is made of stays as it is.

        What takes longer than ``long`` seconds (``LONG``) is not computed for each answer that somebody adds: for
        ``behind`` seconds, and then until it is computed beside, what stood before is given, unless something of
        ``prompt`` has changed, which is what a reader would miss. Merging people, putting questions and the like is
        always seen at once. ``basis`` may be told by what was computed.
        """
        site.watch.look()
        with self._lock:
            entry = self._entries.setdefault(key, _Entry(ALL, prompt, behind, LONG if long is None else long))
            self._entries.move_to_end(key)
            while len(self._entries) > MOST:
                self._entries.popitem(last=False)
        if not entry.is_right(site.watch):
            # One computes. Whoever comes meanwhile waits, or takes what may lag behind.
            if not entry.lock.acquire(blocking=not entry.may_lag(site.watch)):
                return Result(entry.value, lambda: False)
            try:
                if not entry.is_right(site.watch):
                    _compute(site.watch, entry, compute, basis)
            finally:
                entry.lock.release()
        value = entry.value

        def still() -> bool:
            if not (entry.value is value and entry.is_right(site.watch)):
                return False
            if entry.is_late(site.watch) and entry.lock.acquire(blocking=False):
                self._renewing.submit(self._renew, site.watch, entry, compute, basis)
            return True

        still()
        return Result(value, still)

    def _renew(self, watch: Watch, entry: _Entry, compute: Callable[[], T], basis: _Based[T]) -> None:
        try:
            _compute(watch, entry, compute, basis)
        except Exception:  # whoever asks when it is too old will be told
            logging.getLogger("sayso.web").exception("a figure could not be computed anew")
        finally:
            entry.lock.release()


def _compute(watch: Watch, entry: _Entry, compute: Callable[[], T], basis: _Based[T]) -> None:
    change, began = watch.look().change, time.monotonic()
    value = compute()
    if entry.at and value == entry.value:
        value = entry.value  # what was made of it stands
    entry.basis = basis(value) if callable(basis) else basis
    entry.value, entry.change = value, change
    took = time.monotonic() - began
    # The first time what it is computed with is loaded, too; unless it takes very long, that tells nothing of the next.
    entry.took = took if entry.at or took > VERY_LONG else 0.0
    entry.at = time.monotonic()
    if took > LONG:
        _give_back()


def _give_back() -> None:
    """Give memory that is free back to the system: after a hundred thousand resolutions glibc would keep it."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)


def scores(site: Site, scope: Scope, *, fewest: int = 3) -> Result[list[Record]]:
    """The board; see ``sayso.ledger.records.scores``."""
    from sayso.ledger import records

    def compute() -> list[Record]:
        return site.ledger.database.read(lambda c: records.scores(c, scope=scope, fewest=fewest))

    return site.memory.get(site, ("scores", scope, fewest), compute)


def record(site: Site, person: int, scope: Scope) -> Result[Record]:
    """One person's record; see ``sayso.ledger.records.record``."""
    from sayso.ledger import records

    def compute() -> Record:
        return site.ledger.database.read(lambda c: records.record(c, f"#{person}", scope=scope))

    # Of others' answers only those with whom the person is compared have changed, and they hardly.
    mine = Basis(people=frozenset((person,)))
    return site.memory.get(site, ("record", person, scope), compute, prompt=mine, behind=FAR_BEHIND, long=LONG / 5)


def reporters(site: Site, person: int) -> Result[list[tuple[int | None, str, int]]]:
    """Through whom a person's claims came; see ``sayso.ledger.browse.reporters``."""
    return site.memory.get(
        site,
        ("reporters", person),
        lambda: site.ledger.database.read(lambda c: browse.reporters(c, person)),
        basis=Basis(people=frozenset((person,))),
    )


def people(site: Site, *, text: str | None = None, limit: int = 100) -> Result[list[tuple[int, str, int]]]:
    """People as (number, name, claims), those with most claims first."""
    return site.memory.get(site, ("people", text, limit), lambda: site.ledger.people(text=text, limit=limit))


def count_due(site: Site, day: datetime.date) -> Result[int]:
    """How many open forecasts have come due by a day, up to a thousand."""
    basis = Basis(sought=(Sought.forecasts(last=day.isoformat()),))
    return site.memory.get(
        site, ("due", day), lambda: site.ledger.database.read(lambda c: browse.count_due(c, on=day)), basis=basis
    )


def due_of(found: Sequence[Found], day: datetime.date, *, soon: int = 0, whole: bool) -> Basis:
    """What a list of forecasts that have come due by a day, the last first, rests on; ``soon`` gives those to come in
    so many days, the first first. ``whole`` says that there are no more than those.
    """
    shown = [one.due_on for one in found if one.due_on]
    first, last = (
        (day.isoformat(), (day + datetime.timedelta(days=soon)).isoformat()) if soon else ("", day.isoformat())
    )
    if shown and not whole:
        first, last = (first, shown[-1]) if soon else (shown[-1], last)
    return Basis(asks=True, sought=(Sought.forecasts(first, last),))
