"""Horizon words to days: "by next spring", said on a day, is an interval of days.

The rules are data, each with an id (``rules.toml``), and so are the events that phrases name (``calendar.toml``).
"""

from sayso.reading.dates.calendar import Calendar, standard
from sayso.reading.dates.describe import describe_horizon
from sayso.reading.dates.find import Found, binding_horizon, find_horizons, read_horizon
from sayso.reading.dates.leaves import Hemisphere
from sayso.reading.dates.spans import Interval

__all__ = [
    "Calendar",
    "Found",
    "Hemisphere",
    "Interval",
    "binding_horizon",
    "describe_horizon",
    "find_horizons",
    "read_horizon",
    "standard",
]
