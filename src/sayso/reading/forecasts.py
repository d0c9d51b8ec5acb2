"""Take a forecast apart: what it hinges on, by when in dates, how sure in words and as a number."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from sayso.posts import Forecast, Horizon, Kind, Part, Range
from sayso.reading.dates import Interval, binding_horizon, find_horizons, read_horizon
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
    conditions = _conditions(page, content)
    certainty = _certainty(page, content)
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


def _conditions(page: Page, content: Sequence[Range]) -> list[Range]:
    """Whole clauses that begin with a conditional word, and what else the network tagged (inversions, noun phrases)."""
    text = page.text
    clauses = [
        (match.start(), match.start() + len(match.group().rstrip(_LOOSE)))
        for start, end in content
        for match in _IF.finditer(text, start, end)
        if not _NO_IF.search(text, max(start, match.start() - 12), match.start())
    ]
    tagged: list[Range] = []
    for at, _ in sorted(found for found in page.part_spans(content, "condition") if found[1] >= MIN_PART):
        if tagged and at[0] - tagged[-1][1] <= GAP:  # a phrase in which the network lost the thread for a word
            tagged[-1] = (tagged[-1][0], at[1])
        else:
            tagged.append(at)
    for at in tagged:
        apart = all(at[1] <= s or e <= at[0] for s, e in clauses)
        if apart and text[at[0] : at[1]].count(" ") >= 1:
            clauses.append(at)
    return sorted(clauses)


_LOOSE = " ,;:.!?…—–-\"”“’'"
# A conditional word and what follows it up to the end of the clause.
_IF = re.compile(
    r"\b(?:(?:even|only|but|except|and|especially) )?"
    r"(?:(?:if|unless|provided|assuming|supposing)(?! (?:any|anything|ever|not|so|necessary|possible)\b)"
    r"|as long as|so long as|on condition|in case|in the event)\b[^,;:.!?…—–\n]*"
    # "Should the court order a halt, …": an inversion at the head of a sentence.
    r"|(?<![^\s“\"‘(])(?-i:Should|Were) (?:the|an?|he|she|it|they|we|you|this|that|any|[A-Z]\w+)\b"
    r"[^,;:.!?…—–\n]*(?=,)",
    re.IGNORECASE,
)
# "as if", "ask if" and "what if" make no condition.
_NO_IF = re.compile(r"\b(?:as|what|ask(?:ed|s|ing)?|know|knows|see|wonder(?:ed|s)?|or)\s+$", re.IGNORECASE)
GAP = 12
"""Tagged words of a condition that are at most so many characters apart are one phrase."""
# Words that no certainty phrase consists of alone.
_NO_CERTAINTY = frozenset("it that this he she they we i you is be to will would the a an of in and".split())


def _certainty(page: Page, content: Sequence[Range]) -> Range | None:
    for at, sure in page.part_spans(content, "certainty"):
        words = page.text[at[0] : at[1]].lower().split()
        if sure >= MIN_PART and not _NO_CERTAINTY.issuperset(words):
            return at
    return None


def _horizon(page: Page, content: Sequence[Range], said: datetime.date | None) -> Horizon | None:
    """The tagged words as the rules read them; words the network left untagged only where they set a term.

    1. Of the phrases that the rules find in the content, the one that meets the tagged words. 2. Else the tagged words,
    read alone; where no rule knows them they are kept without days, if there are two or more. 3. Nothing tagged: the
    phrase that binds the content, if it is a term ("by", "before", "until", "in the next …") that is not over.
    """
    text = page.text
    day = said or datetime.date(2000, 1, 1)  # with no date known only the words are kept
    bounds = [binding_horizon(text[start:end], said=day) for start, end in content]
    tagged = _best(page, content, "horizon")
    if tagged:
        for (start, end), bound in zip(content, bounds, strict=True):
            for a, b, read in find_horizons(text[start:end], said=day):
                if start + a < tagged[1] and tagged[0] < start + b and not _looks_back(read):
                    at = (min(start + a, tagged[0]), max(start + b, tagged[1]))
                    return _dated(text, at, bound[2] if bound and bound[:2] == (a, b) else read, said)
        words = text[tagged[0] : tagged[1]]
        alone = read_horizon(words, said=day)
        if not (alone and _looks_back(alone)) and (alone or len(words.split()) > 1):
            return _dated(text, tagged, alone, said)
    short = sum(e - s for s, e in content) <= SHORT
    for (start, _), bound in zip(content, bounds, strict=True):
        if bound and not bound[2].past and not _looks_back(bound[2]) and (short or _TERM.match(text, start + bound[0])):
            return _dated(text, (start + bound[0], start + bound[1]), bound[2], said)
    return None


def _looks_back(read: Interval) -> bool:
    """ "For the last thirty years", "ten years ago": no time that a forecast could come true in."""
    return (read.rule or "").startswith("past-")


SHORT = 160
"""A forecast of so few characters has one time in it, which bounds it."""
_TERM = re.compile(
    r"(?:by|before|within|until|till|no later than|in the next|over the next|in the coming)\b", re.IGNORECASE
)


def _dated(text: str, at: Range, read: Interval | None, said: datetime.date | None) -> Horizon:
    words = text[at[0] : at[1]]
    if read is None:
        return Horizon(words, (at,))
    if said is None:
        return Horizon(words, (at,), rule=read.rule)
    return Horizon(words, (at,), read.start, read.end, read.rule, read.past)
