"""Recurrent events and holidays as data: ``calendar.toml``, and what a user adds in a file of the same shape."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from dateutil.easter import easter

from sayso.errors import InputError
from sayso.reading.dates.grammar import anonymous, compile_source, load
from sayso.reading.dates.spans import DAY, Period, nth_weekday

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FIELDS = {"id", "names", "on", "easter", "to", "days", "years", "dates", "every", "phase", "weeks", "settles", "says"}

_WORD = re.compile(r"[a-z]{3,}")
_COMMON = frozenset(("the", "yea", "day", "nex", "wee", "and", "for"))
_LEAD = (
    r"(?:the |a |an )?(?:(?P<year>(?:19|20)\d\d)(?:'s)? |(?P<rel>next|this(?: coming)?|upcoming|coming|last|"
    r"(?:next|this|last) year's|current|present|hypothetical|his|her|their|its|our|my|your) )?"
    r"(?:(?:new|same|january|february|march|april|may|june|july|august|september|october|november|december) )?"
)
_TAIL = (
    r"(?:(?:,? (?:of |in )?(?:the )?)(?P<year2>(?:19|20)\d\d)(?!\d|-\d)(?: season| elections?)?"
    r"|,? (?P<rel2>this|next|last) year| (?:of|in) (?P<month>{month}))?"
)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a calendar; see the head of ``calendar.toml`` for its fields."""

    id: str
    says: str
    fields: Mapping[str, Any]

    def in_year(self, year: int) -> tuple[date, date] | None:
        """First and last day of the event that begins in a year; None where there is none."""
        fields = self.fields
        if "dates" in fields:
            for text in fields["dates"]:
                first, _, last = text.partition("/")
                start = date.fromisoformat(first)
                if start.year == year:
                    return start, date.fromisoformat(last or first)
            return None
        if not 1 < year < 9990:
            return None
        every = fields.get("every", 1)
        if (year - fields.get("phase", 0)) % every:
            return None
        start = easter(year) + timedelta(days=fields["easter"]) if "easter" in fields else _day(fields["on"], year)
        if "to" in fields:
            end = _day(fields["to"], year + fields.get("years", 0))
            return start, end if end >= start else _day(fields["to"], year + 1)
        return start, start + timedelta(days=fields.get("days", 1) - 1)

    def around(self, day: date, *, begins: bool = False) -> tuple[date, date] | None:
        """The event that runs on a day or comes next after it; with ``begins`` only one that begins after it."""
        reach = max(self.fields.get("every", 1), self.fields.get("years", 0), 8 if "dates" in self.fields else 1)
        for year in range(max(1, day.year - reach), min(9998, day.year + reach) + 1):
            found = self.in_year(year)
            if found is not None and (found[0] > day if begins else found[1] >= day):
                return found
        return None


def _day(spec: Any, year: int) -> date:
    if isinstance(spec, str):
        month, number = spec.split("-")
        return date(year, int(month), int(number))
    weekday = WEEKDAYS.index(spec["weekday"])
    plus = timedelta(days=int(spec.get("plus", 0)))
    return nth_weekday(year, int(spec["month"]), weekday=weekday, nth=int(spec["nth"])) + plus


class Calendar:
    """Events by the names that texts give them.

    ``tables`` are the entries of ``[[event]]``, those named first taking precedence where names are the same.
    ``day_first`` reads 5/11 as 5 November.
    """

    def __init__(self, tables: list[Mapping[str, Any]], *, day_first: bool = False) -> None:
        self.day_first = day_first
        self._tables = list(tables)
        month = load().vocabulary["month"]
        tail = compile_source(_TAIL.replace("{month}", month), {})
        lead = compile_source(_LEAD, {})
        named = [(name, Event(t["id"], t.get("says", t["id"]), t)) for t in tables for name in t["names"]]
        named.sort(key=lambda pair: -len(anonymous(pair[0])))
        self._events = [(event, lead + compile_source(n, {}) + tail + r"(?!\w)") for n, event in named]
        self._compiled: dict[int, re.Pattern[str]] = {}  # as they are met: all of them would take a third of a second
        self._by_key: dict[str, list[int]] = {}
        for number, (name, _) in enumerate(named):
            for key in _keys(name):
                self._by_key.setdefault(key, []).append(number)
        self._hinted: tuple[str, list[int]] = ("", [])
        self.says = {event.id: event.says for event, _ in self._events}
        self._settling = [
            (re.compile(pattern), event)
            for event in {id(e.fields): e for e, _ in self._events}.values()
            for pattern in event.fields.get("settles", ())
        ]

    def extended(self, path: str | Path) -> Calendar:
        """This calendar with the events of a TOML file before its own.

        Raises ``InputError`` where the file cannot be read or an entry is not of the shape of ``calendar.toml``.
        """
        try:
            table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            problem = getattr(error, "strerror", None) or str(error)
            raise InputError(
                str(path), f"cannot be read as a calendar ({problem.lower()})", "give the name of a TOML file"
            ) from error
        entries = table.get("event", [])
        for number, entry in enumerate(entries, 1):
            check(entry, where=f"event {number}", path=str(path))
        return Calendar([*entries, *self._tables], day_first=table.get("day_first", self.day_first))

    def settling(self, sentence: str, *, year: int) -> tuple[str, date] | None:
        """The event of a year that settles what a lower-case sentence foretells, and its last day; None if none."""
        for pattern, event in self._settling:
            if pattern.search(sentence) is not None and (days := event.in_year(year)) is not None:
                return event.id, days[1]
        return None

    def match(self, text: str, at: int, *, said: date) -> Iterator[tuple[Period, int]]:
        """Yield the events that words at a place of a lower-case text name, with the place where the words end."""
        hinted = self._hinted  # one text is asked about at several places
        if hinted[0] != text:
            keys = {word[:3] for word in _WORD.findall(text)} & self._by_key.keys()
            hinted = self._hinted = text, sorted({number for key in keys for number in self._by_key[key]})
        longest = at
        for number in hinted[1]:
            event, source = self._events[number]
            if (regex := self._compiled.get(number)) is None:
                regex = self._compiled[number] = re.compile(source)
            match = regex.match(text, at)
            if match is not None and match.end() > longest and (days := _choose(event, match, said)) is not None:
                longest = match.end()
                yield Period(*days, "day" if days[0] == days[1] else "event", (event.id,)), longest


def _keys(name: str) -> set[str]:
    """The first letters of the words of a name, of which a text holds some if it holds the name."""
    keys = {word[:3] for word in _WORD.findall(re.sub(r"\\.", "", name))}
    return (keys - _COMMON) or keys


def _choose(event: Event, match: re.Match[str], said: date) -> tuple[date, date] | None:
    """The occurrence of an event that the words mean: of the year they name, else the present or next."""
    year = match["year"] or match["year2"] or match.groupdict().get("y")
    rel = match["rel"] or match["rel2"] or ""
    if year:
        days = event.in_year(int(year))
    elif "year" in rel or match["rel2"]:
        days = event.in_year(said.year + {"next": 1, "last": -1}.get(rel.split()[0], 0))
    elif rel == "last":
        before = [event.in_year(y) for y in range(said.year, max(1, said.year - 8), -1)]
        days = next((d for d in before if d is not None and d[1] < said), None)
    else:
        days = event.around(said, begins=rel == "next")
        if event.fields.get("weeks") and (recent := event.in_year(said.year - 1 if said.month < 7 else said.year)):
            days = recent
    if days is not None and event.fields.get("weeks"):
        shift = timedelta(days=7 * (int(match["n"]) - 1))
        days = days[0] + shift, days[1] + shift
    return days


def check(entry: Mapping[str, Any], *, where: str, path: str) -> None:
    """Raise ``InputError`` where an entry of a calendar file cannot be read."""

    def wrong(problem: str, remedy: str) -> InputError:
        return InputError(path, f"{where}: {problem}", remedy)

    missing = {"id", "names"} - set(entry)
    if missing:
        raise wrong(
            f"has no {' and no '.join(sorted(missing))}", "an event needs id, names, and one of on, easter, dates"
        )
    if unknown := set(entry) - FIELDS:
        raise wrong(f"has an unknown field {sorted(unknown)[0]!r}", f"known are {', '.join(sorted(FIELDS))}")
    if sum(key in entry for key in ("on", "easter", "dates")) != 1:
        raise wrong("needs exactly one of on, easter, dates", "see calendar.toml in the package for examples")
    if not isinstance(entry["names"], list) or not all(isinstance(n, str) for n in entry["names"]):
        raise wrong("names is not a list of texts", 'write names = ["…"]')
    entry = {"says": entry["id"], **entry}
    try:
        for name in entry["names"]:
            re.compile(compile_source(name, {}))
        for pattern in entry.get("settles", []):
            re.compile(pattern)
        event = Event(entry["id"], entry["says"], entry)
        for text in entry.get("dates", []):
            first, _, last = text.partition("/")
            if date.fromisoformat(last or first) < date.fromisoformat(first):
                raise ValueError(f"{text} ends before it begins")
        event.around(datetime.date(2024, 1, 1) - DAY)
    except (ValueError, KeyError, TypeError, AttributeError, re.error) as error:
        raise wrong(f"cannot be read: {error}", 'days are "MM-DD" or "YYYY-MM-DD"') from error


@cache
def standard() -> Calendar:
    """The calendar that is shipped with Sayso."""
    text = files(__package__).joinpath("calendar.toml").read_text(encoding="utf-8")
    return Calendar(tomllib.loads(text)["event"])
