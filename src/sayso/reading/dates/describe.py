"""A horizon in words: what was read, by which rules, and how each of them reads."""

from __future__ import annotations

from datetime import date
from typing import Any

from sayso.reading.dates.calendar import Calendar, standard
from sayso.reading.dates.find import read_horizon
from sayso.reading.dates.grammar import load
from sayso.reading.dates.leaves import Hemisphere


def describe_horizon(
    words: str, said: date, *, hemisphere: Hemisphere = "north", calendar: Calendar | None = None
) -> dict[str, Any]:
    """What ``sayso dates`` shows.

    ``{"words", "said", "from", "to", "past", "rule", "rules": [{"id", "says"}, …]}``: days are ISO 8601 texts, None
    for an open side; where no rule knows the words, ``rule`` and both days are None and ``rules`` is empty.
    """
    interval = read_horizon(words, said=said, hemisphere=hemisphere, calendar=calendar)
    says = {**load().says, **(calendar or standard()).says, "stretch": "a stretch of time, by its largest figure"}
    ids = interval.rule.split(" > ") if interval else []
    return {
        "words": words,
        "said": said.isoformat(),
        "from": interval.start.isoformat() if interval and interval.start else None,
        "to": interval.end.isoformat() if interval and interval.end else None,
        "past": bool(interval and interval.past),
        "rule": interval.rule if interval else None,
        "rules": [{"id": rule, "says": says[rule]} for rule in ids],
    }
