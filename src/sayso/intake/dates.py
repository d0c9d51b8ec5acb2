"""Dates as inputs write them: read without guessing, and refused where they cannot be.

Only dates that can be read in one way are read: ISO 8601, and dates with a written English month ("June 2, 2021",
"2 June 2021 at 5:12 pm"). "3 hours ago" and "02/03/2021" give None, since they say no certain day.
"""

from __future__ import annotations

import datetime
import re

from sayso.errors import FieldError

EARLIEST_YEAR = 1800
"""A text said to be older than this is taken for a mistake."""

MONTHS = (
    """january february march april may june july august september october november december""".split()
)  # fmt: skip
_MONTH = {name[:3]: number for number, name in enumerate(MONTHS, 1)}
_NAME = r"(?P<month>" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + r"|sept)\b\.?"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>1[89]\d\d|20\d\d)"
_CLOCK = (
    r"(?:[\s,·|–—-]+(?:at\s+)?(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?)?"
)
WRITTEN_DATE = re.compile(rf"\b{_NAME}\s+{_DAY}\s*[.,]?\s+{_YEAR}\b{_CLOCK}", re.IGNORECASE)
"""A written date, month first; the groups are year, month, day, hour, minute, second and half."""
WRITTEN_DATE_DAY_FIRST = re.compile(rf"\b{_DAY}\.?\s+(?:of\s+)?{_NAME}\s*,?\s+{_YEAR}\b{_CLOCK}", re.IGNORECASE)
ISO_DATE = re.compile(
    r"(?<![\d-])(?P<iso>(?:1[89]|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:[.,]\d{1,6})?)?(?:\s?Z|\s?[+-][0-2]\d:?[0-5]\d)?)?)(?![\d-])"
)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")


def find_date(text: str) -> tuple[str, tuple[int, int]] | None:
    """The first date written in ``text`` as ISO 8601, and its range; None where there is none that is certain."""
    found: list[tuple[int, int, str]] = []
    if match := ISO_DATE.search(text):
        value = parse_iso(match.group("iso"))
        if value:
            found.append((match.start(), match.end(), value))
    for pattern in (WRITTEN_DATE, WRITTEN_DATE_DAY_FIRST):
        if match := pattern.search(text):
            value = _written(match)
            if value:
                found.append((match.start(), match.end(), value))
    if not found:
        return None
    start, end, value = min(found, key=lambda f: (f[0], -f[1]))
    return value, (start, end)


def parse_iso(text: str) -> str | None:
    """``text`` as an ISO 8601 date, or date-time to the second, if it is one from end to end."""
    text = re.sub(r"\s(?=Z$|[+-]\d\d:?\d\d$)", "", text.strip())
    try:
        if len(text) <= 10:
            return datetime.date.fromisoformat(text).isoformat()
        stamp = datetime.datetime.fromisoformat(text).replace(microsecond=0)
    except ValueError:
        return None
    return stamp.isoformat().replace("+00:00", "Z")


def parse_date(text: str) -> str | None:
    """``text`` as ISO 8601 if it says a day for certain, else None; a Unix time in (milli)seconds is one too."""
    text = text.strip()
    if len(text) > 200:
        return None
    if exact := parse_iso(text):
        return exact
    if _EPOCH.fullmatch(text):
        seconds = int(text[:10])
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat().replace("+00:00", "Z")
    found = find_date(text)
    return found[0] if found else None


def valid_date(value: object, *, field: str, input: str, today: datetime.date | None = None) -> str | None:
    """``value`` as ISO 8601; None for None or an empty string.

    Raises FieldError, naming ``input`` and ``field``, where it is no date, before 1800 or in the future. A day of
    grace is given for the time zones in which it is already tomorrow.
    """
    if value is None or value == "":
        return None
    remedy = 'write it as in "2021-06-02" or "2021-06-02T04:10:00Z"'
    if not isinstance(value, str):
        raise FieldError(input, f'the field "{field}" is {value!r:.60}, not a date', remedy)
    date = parse_date(value)
    if date is None:
        raise FieldError(input, f'the field "{field}" is {value!r:.60}, not a date', remedy)
    day = datetime.date.fromisoformat(date[:10])
    if day.year < EARLIEST_YEAR:
        raise FieldError(input, f'the field "{field}" says {day}, before {EARLIEST_YEAR}', "check the year")
    if day > (today or datetime.date.today()) + datetime.timedelta(days=1):
        raise FieldError(input, f'the field "{field}" says {day}, which is in the future', "check the date")
    return date


def plausible(date: str | None) -> str | None:
    """``date`` (ISO 8601) unless it is before 1800 or in the future: what a page says of itself may be wrong."""
    try:
        return valid_date(date, field="date", input="")
    except FieldError:
        return None


def _written(match: re.Match[str]) -> str | None:
    """The ISO form of a written date, with its time of day where it has one."""
    month = _MONTH[match["month"][:3].lower()]
    try:
        day = datetime.date(int(match["year"]), month, int(match["day"]))
    except ValueError:
        return None
    if match["hour"] is None:
        return day.isoformat()
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            return day.isoformat()
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    return f"{day.isoformat()}T{hour:02}:{match['minute']}:{match['second'] or '00'}"
