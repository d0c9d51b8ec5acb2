"""From figures and days to places between 0 and 1, with ticks at round values."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable
from dataclasses import dataclass

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high``, with its ``ticks``."""

    low: float
    high: float
    ticks: tuple[float, ...]

    @classmethod
    def around_zero(cls, values: Iterable[float], *, least: float = 0.1) -> Scale:
        """A scale that holds ``values`` and 0 and reaches at least ``least`` to both sides, with 3 to 7 round ticks.

        >>> Scale.around_zero([-0.03, 0.22]).ticks
        (-0.1, 0.0, 0.1, 0.2, 0.3)
        """
        found = [value for value in values if math.isfinite(value)]
        low, high = min([-least, *found]), max([least, *found])
        step = next(s for s in (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 10.0) if (high - low) / s <= 6.0 or s == 10.0)
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        ticks = tuple(round(k * step, 10) for k in range(first, last + 1))
        return cls(ticks[0], ticks[-1], ticks)

    def at(self, value: float) -> float:
        """The place of a value, held within 0..1."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


@dataclass(frozen=True, slots=True)
class DayScale:
    """An axis of days from ``first`` to ``last``; ``ticks`` are (day, label)."""

    first: datetime.date
    last: datetime.date
    ticks: tuple[tuple[datetime.date, str], ...]

    @classmethod
    def over(cls, days: Iterable[datetime.date]) -> DayScale | None:
        """A scale over the days, a little wider than they are, with up to 7 ticks at years, quarters or months.

        None where there is no day.
        """
        found = sorted(days)
        if not found:
            return None
        room = max(10, (found[-1] - found[0]).days // 25)
        first = datetime.date.fromordinal(max(1, found[0].toordinal() - room))
        last = datetime.date.fromordinal(min(datetime.date.max.toordinal(), found[-1].toordinal() + room))
        return cls(first, last, tuple(_ticks(first, last)))

    def at(self, day: datetime.date) -> float:
        """The place of a day, held within 0..1."""
        span = (self.last - self.first).days or 1
        return min(1.0, max(0.0, (day - self.first).days / span))


def _ticks(first: datetime.date, last: datetime.date) -> list[tuple[datetime.date, str]]:
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((s for s in (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 3000, 6000) if months / s <= 6), 12_000)
    made = []
    for k in range(first.year * 12, last.year * 12 + 12):
        year, month = divmod(k, 12)
        if k % step or not 1 <= year <= 9999:
            continue
        day = datetime.date(year, month + 1, 1)
        if first <= day <= last:
            made.append(
                (day, str(year) if step >= 12 else f"{_MONTHS[month]} {year}" if month == 0 else _MONTHS[month])
            )
    if made and step < 12 and not any(label[-1].isdigit() for _, label in made):
        made[0] = (made[0][0], f"{made[0][1]} {made[0][0].year}")
    return made
