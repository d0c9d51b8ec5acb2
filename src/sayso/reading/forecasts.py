"""Take a forecast apart: what it hinges on, by when in dates, how sure in words and as a number."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from sayso.posts import Forecast, Horizon, Kind, Part, Range
from sayso.reading.dates import Interval, binding_horizon, read_horizon
from sayso.reading.odds import Yardstick, read_odds
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
    cue: str | None = None,
    yardstick: Yardstick = "survey",
) -> Forecast:
    """The parts of a content that is a prediction or a pledge."""
    text = page.text
    whole = " ".join(text[s:e] for s, e in content)
    conditions = sorted(at for at, sure in page.part_spans(content, "condition") if sure >= MIN_PART)
    certainty = _best(page, content, "certainty")
    words = text[certainty[0] : certainty[1]] if certainty else None
    odds = read_odds(words, sentence=whole, kind=kind, yardstick=yardstick, cue=cue)
    return Forecast(
        conditions=tuple(Part.of(text, [at]) for at in conditions),
        horizon=_horizon(page, content, said),
        certainty=Part.of(text, [certainty]) if certainty else None,
        probability=odds,
        resolvable=resolvable >= 0.5,
    )


def _best(page: Page, content: Sequence[Range], part: str) -> Range | None:
    found = page.part_spans(content, part)
    return found[0][0] if found and found[0][1] >= MIN_PART else None


def _horizon(page: Page, content: Sequence[Range], said: datetime.date | None) -> Horizon | None:
    """The words the network tagged, as the rules read them; where it tagged none, what the rules find."""
    text = page.text
    day = said or datetime.date(2000, 1, 1)  # with no date known only the words are kept
    tagged = _best(page, content, "horizon")
    for start, end in content:
        if tagged and not start <= tagged[0] < end:
            continue
        bound = binding_horizon(text[start:end], said=day)
        at = (start + bound[0], start + bound[1]) if bound else None
        if tagged:
            # The rules see the words in their sentence where they find them there, else on their own.
            near = at is not None and at[0] < tagged[1] and tagged[0] < at[1]
            read = bound[2] if bound and near else read_horizon(text[tagged[0] : tagged[1]], said=day)
            return _dated(text, tagged, read, said)
        if bound and at and not bound[2].past:
            return _dated(text, at, bound[2], said)
    return None


def _dated(text: str, at: Range, read: Interval | None, said: datetime.date | None) -> Horizon:
    words = text[at[0] : at[1]]
    if read is None:
        return Horizon(words, (at,))
    if said is None:
        return Horizon(words, (at,), rule=read.rule)
    return Horizon(words, (at,), read.start, read.end, read.rule, read.past)
