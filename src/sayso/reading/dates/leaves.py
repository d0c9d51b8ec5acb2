"""The functions that build the periods which the leaf rules of ``rules.toml`` name in their field ``make``.

Each takes the rule, its match and the context, and returns the period, or None where the words name no such day
(30 February): the next rule is then tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from sayso.reading.dates.calendar import Calendar
from sayso.reading.dates.grammar import Grammar, Rule
from sayso.reading.dates.spans import (
    BACK,
    STEP,
    Period,
    add,
    add_months,
    last_of_month,
    month_of,
    months_from,
    unit_around,
    year_of,
)

Hemisphere = Literal["north", "south"]


@dataclass(frozen=True, slots=True)
class Context:
    """What words of time are read against."""

    grammar: Grammar
    said: date
    hemisphere: Hemisphere
    calendar: Calendar


Maker = Callable[[Rule, "re.Match[str]", Context], Period | None]
_PART = re.compile(r"\d+(?:,\d\d\d)*(?:\.\d+)?|[a-z]+(?:-[a-z]+)?")


def _period(rule: Rule, days: tuple[date, date | None], *, due: date | None = None) -> Period:
    grain = rule.fields["grain"]
    return Period(days[0], days[1], grain, (rule.id,), due, bool(rule.fields.get("edge")))


def _day(rule: Rule, day: date | None) -> Period | None:
    return None if day is None else _period(rule, (day, day))


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(words: str, ctx: Context) -> int:
    return int(ctx.grammar.conventions["months"][words.rstrip(".")])


def _year(match: re.Match[str], ctx: Context) -> int | None:
    """The year that the groups ``year`` or ``rel`` give; None where there is none."""
    groups = match.groupdict()
    if words := groups.get("year"):
        return int(words) if words[0] != "'" and len(words) == 4 else 2000 + int(words.lstrip("'"))
    if rel := groups.get("rel"):
        return ctx.said.year + {"next": 1, "last": -1}.get(rel, 0)
    return None


def _next_day(month: int, day: int, said: date) -> date | None:
    """The first day of that month and number that is not before ``said`` (29 February may be years off)."""
    for year in range(said.year, min(said.year + 9, 10000)):
        found = _valid(year, month, day)
        if found is not None and found >= said:
            return found
    return None


def make_date(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    words = match["month"]
    month = int(words) if words[0].isdigit() else _month(words, ctx)
    year = _year(match, ctx)
    day = 1 if match["day"] == "first" else int(match["day"])
    return _day(rule, _next_day(month, day, ctx.said) if year is None else _valid(year, month, day))


def make_slash_date(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    first, second = int(match["first"]), int(match["second"])
    dotted = match.groupdict().get("sep") == "."
    day_first = first > 12 or ((dotted or ctx.calendar.day_first) and second <= 12)
    day, month = (first, second) if day_first else (second, first)
    if not 1 <= month <= 12:
        return None
    year = _year(match, ctx)
    if "sep" in match.groupdict() and year is None:
        return None
    return _day(rule, _next_day(month, day, ctx.said) if year is None else _valid(year, month, day))


def make_days(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    month, year = _month(match["month"], ctx), _year(match, ctx)
    end = _next_day(month, int(match["last"]), ctx.said) if year is None else _valid(year, month, int(match["last"]))
    start = _valid(end.year, month, int(match["day"])) if end else None
    return _period(rule, (start, end)) if start and end and start <= end else None


def make_day_of_month(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    number, last = int(match["day"]), match.groupdict().get("last")
    month = ctx.said.replace(day=1)
    for _ in range(3):
        day = _valid(month.year, month.month, number)
        if day is not None:
            end = _valid(month.year, month.month, int(last)) if last else day
            if end is not None and ctx.said <= end and day <= end:
                return _period(rule, (day, end))
        month = add_months(month, 1)
    return None


def make_month(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    if match[0][-3] == "-" and int(match["month"]) == int(match["year"]) % 100 + 1:
        return None  # "2009-10" is the year from 2009 to 2010
    return _period(rule, month_of(int(match["year"]), int(match["month"])))


def make_named_month(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    month, year, said = _month(match["month"], ctx), _year(match, ctx), ctx.said
    if year is None:
        year = said.year
        if match["last"]:
            year -= month >= said.month
        else:
            year += month < said.month or (bool(match["next"]) and month == said.month)
    return _period(rule, month_of(year, month))


def make_weekday(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    words = match["weekday"].rstrip(".")
    table = ctx.grammar.conventions["weekdays"]
    weekday, said = table[words] if words in table else table[words.rstrip("s")], ctx.said
    if match["last"]:
        return _day(rule, said - timedelta(days=(said.weekday() - weekday - 1) % 7 + 1))
    ahead = (weekday - said.weekday()) % 7
    if match["next"]:
        # "next Friday" on a Tuesday is not the Friday of this week; "next Sunday" on one is the next to come.
        same_week = weekday > said.weekday() and weekday < 5
        ahead = (ahead or 7) + (7 if same_week else 0)
    if match["week"]:
        ahead = (weekday - said.weekday()) + 7
    return _day(rule, said + timedelta(days=ahead))


@lru_cache(maxsize=4096)
def _count(words: str, grammar: Grammar, most: bool) -> float | None:
    counts = grammar.conventions["count"]
    if words in counts:
        return float(counts[words][most])
    try:
        return float(words.replace(",", ""))
    except ValueError:
        return None


def measure(words: str, grammar: Grammar) -> tuple[float, float] | None:
    """The length of "18 to 24 months", "a year and a half", "a week or two": (days, months), by the largest figure."""
    units = grammar.conventions["unit"]
    days = months = 0.0
    pending: list[float] = []
    at = 0
    last: tuple[float, float] = (0.0, 0.0)
    words = words.replace("centuries", "century")
    for key in ("business day", "working day"):
        words = words.replace(key, "weekday")
    counts = grammar.conventions["count"]
    tokens = words.replace("-", " - ").replace("–", " - ").split() if words[0].isdigit() else words.split()
    while at < len(tokens):
        for size in (3, 2, 1):
            phrase = " ".join(tokens[at : at + size]).strip(",")
            if phrase in counts or (size == 1 and phrase[:1].isdigit()):
                value = _count(phrase, grammar, True)
                if value is not None:
                    pending.append(value)
                at += size
                break
            name = phrase if phrase in units else phrase[:-1]
            if size == 1 and name in units:
                unit = units[name]
                size_days, size_months = unit.get("days", 0.0), unit.get("months", 0.0)
                factor = max(pending) if pending else 1.0
                days, months = days + factor * size_days, months + factor * size_months
                last, pending = (size_days, size_months), []
                at += 1
                break
        else:
            at += 1
    if words.endswith("or two"):
        days, months = 2 * last[0], 2 * last[1]
    elif pending:  # "and a half", after the unit
        days, months = days + pending[-1] * last[0], months + pending[-1] * last[1]
    return (days, months) if days or months else None


def after(words: str, since: date, grammar: Grammar) -> date | None:
    """The day that lies the length of a stretch of time after another; None where there is no such day."""
    length = _measured(words, grammar)
    return None if length is None else add(since, days=length[0], months=length[1])


_measured = lru_cache(maxsize=4096)(measure)


def make_from_now(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    return _day(rule, after(match["duration"], ctx.said, ctx.grammar))


def make_this_time(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    what = match["what"]
    if match[0].startswith("a year"):
        days = {"tomorrow": 1, "next week": 7, "next month": 30}.get(what, 0)
        return _day(rule, add(ctx.said + timedelta(days=days), months=12))
    if what == "tomorrow":
        return _day(rule, add(ctx.said, days=1))
    if what.startswith("next"):
        months = {"month": 1, "year": 12}.get(what.split()[1], 0)
        return _day(rule, add(ctx.said, days=0 if months else 7, months=months))
    weekday = ctx.grammar.conventions["weekdays"][what.rstrip("s.")]
    return _day(rule, ctx.said + timedelta(days=(weekday - ctx.said.weekday() - 1) % 7 + 1))


def make_stretch(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    groups = match.groupdict()
    words = groups.get("duration")
    if groups.get("plural"):
        unit = match["plural"].replace("centuries", "centurys")[:-1]
        words = f"{ctx.grammar.conventions['plural'][unit]} {unit}"
    elif single := groups.get("unit") or groups.get("unit2"):
        words = f"one {single}" + (" or two" if match[0].endswith("or two") else "")
    return _period(rule, (ctx.said, after(words or "", ctx.said, ctx.grammar)))


def make_past_stretch(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    words = match["duration"]
    if match.groupdict().get("unit"):
        words = f"one {match['unit']}"
    elif words is None:
        unit = match["plural"].replace("centuries", "centurys")[:-1]
        words = f"{ctx.grammar.conventions['plural'][unit]} {unit}"
    length = measure(words, ctx.grammar)
    start = add(ctx.said, days=-length[0], months=-length[1]) if length else None
    if start is None:
        return None
    return _day(rule, start) if rule.fields["grain"] == "day" else _period(rule, (start, ctx.said))


def make_stretch_or_open(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    if match[0].endswith("to come"):
        return _period(rule, (ctx.said, None))
    return make_stretch(rule, match, ctx)


def _running(first_month: int, size: int, ctx: Context, *, begins: bool = False) -> tuple[date, date]:
    """The stretch of months that runs on the day or begins next; with ``begins`` only one that begins after it."""
    for year in (ctx.said.year - 1, ctx.said.year, ctx.said.year + 1):
        days = months_from(date(year, first_month, 1), size)
        if days[0] > ctx.said if begins else days[1] >= ctx.said:
            return days
    return days


def make_quarter(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    words = match["n"] or match["n2"] or match["n3"]
    names = {"first": 1, "second": 2, "third": 3, "fourth": 4, "final": 4, "last": 4}
    number = names[words] if words in names else int(words[0])
    year = _year(match, ctx)
    month = 3 * number - 2
    return _period(rule, _running(month, 3, ctx) if year is None else months_from(date(year, month, 1), 3))


def make_half(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    month = 6 * int(match["n"] or match["n2"]) - 5
    year = _year(match, ctx)
    return _period(rule, _running(month, 6, ctx) if year is None else months_from(date(year, month, 1), 6))


def make_season(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    groups = match.groupdict()
    month = int(ctx.grammar.conventions["seasons"][groups.get("season") or "winter"])
    south = "south" in match[0] or (ctx.hemisphere == "south" and "north" not in match[0])
    month = (month + 5) % 12 + 1 if south else month
    year = _year(match, ctx)
    if year is not None:
        if month == 12 and ctx.said <= last_of_month(year, 2) and rule.id != "season-years":
            year -= ctx.said.year == year  # "winter 2012", said in January 2012: the one that still runs
        return _period(rule, months_from(date(year, month, 1), 3))
    if match["last"]:
        days = _running(month, 3, ctx)
        return _period(rule, months_from(date(days[0].year - 1, month, 1), 3))
    return _period(rule, _running(month, 3, ctx, begins=bool(match["next"])))


def make_fiscal(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    month = ctx.grammar.conventions["fiscal"]["month"]
    year = _year(match, ctx)
    if year is None:
        if match[0].endswith(("fiscal", "fy")):
            return None
        year = ctx.said.year + (ctx.said.month >= month) + (match["this"] == "next")
    return _period(rule, months_from(date(year - 1, month, 1), 12))


def make_years(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    first, words = int(match["year"]), match["year2"]
    last = int(words) if len(words) == 4 else first - first % 100 + int(words)
    if last == first + 1:
        return _period(rule, months_from(date(first, 7, 1), 12))
    return _period(rule, (date(first, 1, 1), date(last, 12, 31))) if last > first else None


def make_decade(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    return _period(rule, unit_around("decade", date(int(match["decade"]), 1, 1)))


def make_century(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    words = {"twentieth": 20, "twenty-first": 21, "twenty-second": 22}
    number = words[match["word"]] if match["word"] else int(match["n"])
    return _period(rule, unit_around("century", date(100 * number - 50, 1, 1))) if number else None


def make_turn(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    return _day(rule, unit_around(match["unit"], ctx.said)[1])


def make_units_end(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    unit = match["unit"] or {"d": "day", "w": "week", "m": "month", "y": "year"}.get(match["letter"] or "y", "year")
    return _day(rule, unit_around(unit, ctx.said)[1])


def make_offset(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    return _day(rule, add(ctx.said, days=rule.fields["days"]))


def make_running(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    unit, day = match["unit"], ctx.said
    if unit == "week" and day.weekday() == 6 and not match["next"] and not match["last"]:
        day += timedelta(days=1)  # on a Sunday, "this week" is the one ahead
    ahead = match["next"] or (match["this"] or "") in ("this coming", "the coming", "coming")
    if unit == "weekend" and not match["last"]:
        ahead = match["next"]  # "the coming weekend" is this week's
    if ahead:
        day = STEP[unit](day)
    elif match["last"]:
        day = BACK[unit](day)
    days = unit_around(unit, day)
    grain = "day" if unit == "day" else unit
    return Period(*days, grain, (rule.id,))


def make_year(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    return _period(rule, year_of(int(match["year"])))


MAKERS: dict[str, Maker] = {name[5:]: maker for name, maker in globals().items() if name.startswith("make_")}
"""The makers by the names that rules give them."""
