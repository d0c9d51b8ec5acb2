"""Take a forecast apart: what it hinges on, by when in dates, how sure in words and as a number."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from sayso.posts import Forecast, Horizon, Kind, Part, Probability, Range
from sayso.reading.dates import find_horizons, read_horizon
from sayso.reading.odds import read_odds
from sayso.reading.page import Page

MIN_PART = 0.4
"""The least mean probability at which tagged words are taken for a forecast part."""

# An article says on which day its source spoke: "said on Tuesday", "told reporters Friday".
_SPOKEN_ON = re.compile(r"\b(?:on\s+)?(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
_DAYS = {"Mon": 0, "Tues": 1, "Wednes": 2, "Thurs": 3, "Fri": 4, "Satur": 5, "Sun": 6}


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
    yardstick: str = "survey",
) -> Forecast:
    """The parts of a content that is a prediction or a pledge."""
    text = page.text
    whole = " ".join(text[s:e] for s, e in content)
    conditions = sorted(at for at, sure in page.part_spans(content, "condition") if sure >= MIN_PART)
    certainty = _best(page, content, "certainty")
    words = text[certainty[0] : certainty[1]] if certainty else None
    odds = read_odds(words, sentence=whole, kind=kind, yardstick=yardstick)
    return Forecast(
        conditions=tuple(Part.of(text, [at]) for at in conditions),
        horizon=_horizon(page, content, said),
        certainty=Part.of(text, [certainty]) if certainty else None,
        probability=Probability(odds.point, odds.low, odds.high, odds.rule),
        resolvable=resolvable >= 0.5,
    )


def _best(page: Page, content: Sequence[Range], part: str) -> Range | None:
    found = page.part_spans(content, part)
    return found[0][0] if found and found[0][1] >= MIN_PART else None


def _horizon(page: Page, content: Sequence[Range], said: datetime.date | None) -> Horizon | None:
    """The tagged words, read by the rules; where these know nothing of them, what the rules find in the content."""
    text = page.text
    tagged = _best(page, content, "horizon")
    day = said or datetime.date(2000, 1, 1)  # with no date known only the words are kept
    if tagged:
        words = text[tagged[0] : tagged[1]]
        read = read_horizon(words, said=day)
        if read is None:
            inside = find_horizons(words, said=day)
            read = inside[-1][2] if inside else None
        if said is None or read is None:
            return Horizon(words, (tagged,), rule=read.rule if read else None)
        return Horizon(words, (tagged,), read.start, read.end, read.rule, read.past)
    for start, end in content:
        found = find_horizons(text[start:end], said=day)
        if found:
            a, b, read = found[-1]
            at = (start + a, start + b)
            if said is None:
                return Horizon(text[at[0] : at[1]], (at,), rule=read.rule)
            return Horizon(text[at[0] : at[1]], (at,), read.start, read.end, read.rule, read.past)
    return None
