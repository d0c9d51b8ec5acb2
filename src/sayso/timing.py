"""Days out of the dates and date-times that inputs carry, and of the datelines that articles begin with."""

from __future__ import annotations

import datetime
import re

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
# "Staunton, May 31 –", "KYIV, Ukraine (Reuters), 3 June —": at the start of a paragraph, a place, a day and a dash.
_DATELINE = re.compile(
    r"^[\s\u00a0]*[A-Z][\w.’' -]{1,40}(?:, [A-Z][\w.’' -]{1,30})?(?: \([^)]{1,30}\))?,\s+"
    r"(?:(?P<m1>[A-Z][a-z]{2,8})\.?\s+(?P<d1>\d{1,2})|(?P<d2>\d{1,2})\s+(?P<m2>[A-Z][a-z]{2,8})\.?)"
    r"(?:,?\s+\d{4})?\s*(?:\([^)]{1,30}\)\s*)?[–—-]",
    re.MULTILINE,
)
_FURTHEST = 60
"""A dateline lies at most so many days before publication."""


def day_of(stamp: str | None) -> datetime.date | None:
    """The day of an ISO 8601 date or date-time; None where there is none or it is no such thing."""
    if not stamp:
        return None
    try:
        return datetime.date.fromisoformat(stamp[:10])
    except ValueError:
        return None


def dateline_day(text: str, published: datetime.date | None) -> datetime.date | None:
    """The day in an article's dateline, in the year that puts it at or shortly before publication, if there is one."""
    if published is None:
        return None
    match = _DATELINE.search(text, 0, 2000)
    if match is None:
        return None
    month = (match["m1"] or match["m2"])[:3].lower()
    if month not in _MONTHS:
        return None
    for year in (published.year, published.year - 1):
        try:
            day = datetime.date(year, _MONTHS.index(month) + 1, int(match["d1"] or match["d2"]))
        except ValueError:
            continue
        if 0 <= (published - day).days <= _FURTHEST:
            return day
    return None
