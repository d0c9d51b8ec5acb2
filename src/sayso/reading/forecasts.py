"""Take a forecast apart: what it hinges on, by when in dates, how sure in words and as a number."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sayso.posts import Forecast, Horizon, Kind, Part, Range
from sayso.reading.dates import Calendar, Hemisphere, Interval, read_horizon
from sayso.reading.odds import Yardstick, read_odds
from sayso.reading.page import Page
from sayso.reading.parts import Place, choose, conditions_outside

# An article says on which day its source spoke: "said on Tuesday", "told reporters Friday".
_SPOKEN_ON = re.compile(r"\b(?:on\s+)?(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
_DAYS = {"Mon": 0, "Tues": 1, "Wednes": 2, "Thurs": 3, "Fri": 4, "Satur": 5, "Sun": 6}


@dataclass(frozen=True, slots=True)
class Conventions:
    """What a reader may choose: the table of words of certainty, the calendar of events, where the seasons are."""

    yardstick: Yardstick = "survey"
    calendar: Calendar | None = None
    hemisphere: Hemisphere = "north"


def said_on(posted: datetime.date | None, around_cue: str) -> datetime.date | None:
    """The day the words were said: the post's own, moved back to the weekday that stands beside the cue."""
    if posted is None:
        return None
    match = _SPOKEN_ON.search(around_cue)
    if match is None:
        return posted
    return posted - datetime.timedelta((posted.weekday() - _DAYS[match.group(1)]) % 7)


def forecast(
    page: Page,
    content: Sequence[Range],
    *,
    kind: Kind,
    said: datetime.date | None,
    resolvable: float,
    sure: float = 0.9,
    cue: str | None = None,
    conventions: Conventions = Conventions(),
) -> Forecast:
    """The parts of a content that is a prediction or a pledge, which it is with the probability ``sure``."""
    text = page.text
    whole = " ".join(text[s:e] for s, e in content)
    place = Place(
        page, content, kind, sure, said or datetime.date(2000, 1, 1), conventions.calendar, conventions.hemisphere,
        cued=cue is not None,
    )  # fmt: skip
    certainty = next((c.at for c in choose(place, "certainty")), None)
    words = text[certainty[0] : certainty[1]] if certainty else None
    odds = read_odds(words, sentence=whole, kind=kind, yardstick=conventions.yardstick, cue=cue)
    conditions = [c.at for c in choose(place, "condition", several=True)] + conditions_outside(page, content)
    return Forecast(
        conditions=tuple(Part.of(text, [at]) for at in conditions),
        horizon=_horizon(place, said),
        certainty=Part.of(text, [certainty]) if certainty else None,
        probability=odds,
        resolvable=resolvable >= 0.5,
    )


def _horizon(place: Place, said: datetime.date | None) -> Horizon | None:
    """The likeliest phrase of time with the days it means; words that no rule knows are kept without days."""
    text = place.page.text
    found = next(iter(choose(place, "horizon")), None)
    if found is None:
        return None
    words = text[found.at[0] : found.at[1]]
    read = found.read or read_horizon(words, said=place.said, hemisphere=place.hemisphere, calendar=place.calendar)
    if read is not None and _looks_back(read):
        return None
    return _dated(text, found.at, read, said)


def _looks_back(read: Interval) -> bool:
    """ "For the last thirty years", "ten years ago": no time that a forecast could come true in."""
    return (read.rule or "").startswith("past-")


def _dated(text: str, at: Range, read: Interval | None, said: datetime.date | None) -> Horizon:
    words = text[at[0] : at[1]]
    if read is None:
        return Horizon(words, (at,))
    if said is None:
        return Horizon(words, (at,), rule=read.rule)
    return Horizon(words, (at,), read.start, read.end, read.rule, read.past)
