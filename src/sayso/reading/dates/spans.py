"""Periods and intervals of days, and the arithmetic of calendars that they need."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Interval:
    """What horizon words mean: the days ``start``..``end``, both included; None where that side is open.

    ``rule`` is the path of the ids of the rules that read the words, outermost first ("by > end-of > year"). ``past``
    says that the end lies before the day it was said; the interval is kept as it is.
    """

    start: date | None
    end: date | None
    rule: str
    past: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days that words name, before a preposition bounds it; ``end`` None is open.

    ``grain`` is its size as the words give it ("month"). ``due`` is the day that "by" means where the words fix it.
    ``edge`` marks words that are themselves about the end ("the end of May"), which "before" does not step back from.
    ``rules`` are the ids of the rules that made it, outermost first.
    """

    start: date
    end: date | None
    grain: str
    rules: tuple[str, ...]
    due: date | None = None
    edge: bool = False

    def under(self, rule: str) -> Period:
        """The same period with ``rule`` before its rules."""
        return replace(self, rules=(rule, *self.rules))


def last_of_month(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def add_months(day: date, months: int) -> date:
    """The day so many months on; the last of the month where the month is too short (31 January + 1: 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add(day: date, *, days: float = 0.0, months: float = 0.0) -> date | None:
    """The day so far on, rounded to whole days; None beyond the last day that ``datetime`` knows (year 9999)."""
    whole = int(months)
    try:
        moved = add_months(day, whole) if whole else day
        return moved + timedelta(days=round(days + (months - whole) * 30.44))
    except (ValueError, OverflowError):
        return None


def month_of(year: int, month: int) -> tuple[date, date]:
    """First and last day of a month."""
    return date(year, month, 1), last_of_month(year, month)


def months_from(start: date, months: int) -> tuple[date, date]:
    """First and last day of so many months from the first of a month."""
    return start, add_months(start, months) - DAY


def year_of(year: int) -> tuple[date, date]:
    """First and last day of a year."""
    return date(year, 1, 1), date(year, 12, 31)


def nth_weekday(year: int, month: int, *, weekday: int, nth: int) -> date:
    """The nth such weekday of a month (Monday 0); nth -1 is the last."""
    if nth < 0:
        last = last_of_month(year, month)
        return last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-nth - 1))
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def unit_around(unit: str, day: date) -> tuple[date, date]:
    """The calendar's unit that holds a day: weeks begin on Monday, decades with the year that ends in 0."""
    if unit == "day":
        return day, day
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if unit == "weekend":  # Saturday and Sunday, the coming ones from Monday on
        saturday = day - timedelta(days=day.weekday()) + timedelta(days=5)
        return saturday, saturday + DAY
    if unit == "month":
        return month_of(day.year, day.month)
    if unit == "quarter":
        return months_from(date(day.year, 3 * ((day.month - 1) // 3) + 1, 1), 3)
    if unit == "half":
        return months_from(date(day.year, 6 * ((day.month - 1) // 6) + 1, 1), 6)
    if unit == "year":
        return year_of(day.year)
    decade = unit == "decade"
    first = day.year - (day.year % 10 if decade else (day.year - 1) % 100)
    return date(first, 1, 1), date(first + (9 if decade else 99), 12, 31)


STEP: dict[str, Callable[[date], datetime.date]] = {
    "day": lambda d: d + DAY,
    "week": lambda d: d + timedelta(days=7),
    "weekend": lambda d: d + timedelta(days=7),
    "month": lambda d: add_months(d.replace(day=1), 1),
    "quarter": lambda d: add_months(d.replace(day=1), 3),
    "half": lambda d: add_months(d.replace(day=1), 6),
    "year": lambda d: date(d.year + 1, 1, 1),
    "decade": lambda d: date(d.year + 10, 1, 1),
    "century": lambda d: date(d.year + 100, 1, 1),
}
"""A day in the next unit of each kind."""

BACK: dict[str, Callable[[date], datetime.date]] = {
    "day": lambda d: d - DAY,
    "week": lambda d: d - timedelta(days=7),
    "weekend": lambda d: d - timedelta(days=7),
    "month": lambda d: d.replace(day=1) - DAY,
    "quarter": lambda d: add_months(d.replace(day=1), -3),
    "half": lambda d: add_months(d.replace(day=1), -6),
    "year": lambda d: date(d.year - 1, 1, 1),
    "decade": lambda d: date(d.year - 10, 1, 1),
    "century": lambda d: date(d.year - 100, 1, 1),
}
"""A day in the unit before of each kind."""
