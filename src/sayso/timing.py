"""Days out of the dates and date-times that inputs carry."""

from __future__ import annotations

import datetime


def day_of(stamp: str | None) -> datetime.date | None:
    """The day of an ISO 8601 date or date-time; None where there is none or it is no such thing."""
    if not stamp:
        return None
    try:
        return datetime.date.fromisoformat(stamp[:10])
    except ValueError:
        return None
