"""Probabilities written as numbers: "a 60 percent chance", "odds of two to one", "nine times out of ten"."""

from __future__ import annotations

import re

from sayso.reading.odds.tables import Worth

_WORDS = {
    "zero": 0, "one": 1, "a": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "a hundred": 100,
    "one hundred": 100, "twenty-five": 25, "seventy-five": 75, "ninety-five": 95, "ninety-nine": 99, "a thousand": 1000,
}  # fmt: skip
_N = r"(?:\d+(?:,\d{3})*(?:\.\d+)?|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")"
_FRACTIONS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
_PERCENT = re.compile(
    rf"(?P<edge>at least|more than|over|above|better than|less than|under|below|at most|no more than|up to|about|"
    rf"around|roughly|approximately|nearly|almost|some)?(?:\s+an?\s)?\s*(?<![\w.])(?P<low>{_N})"
    rf"\s*(?:%|percent|per cent|pct)?(?:\s*(?:-|–|to|or)\s*(?P<high>{_N}))?[\s-]*(?:%|percent(?:age)?|per cent|pct)"
)
_OUT_OF = re.compile(
    rf"\b(?P<k>{_N})(?:[\s-]+(?:times?|chances?))?[\s-]+(?:out[\s-]of|in(?: every)?)[\s-]+(?P<n>{_N})\b"
)
_RATIO = re.compile(rf"(?<![\w:])(?P<a>{_N})\s*(?:-?to-?|:|-|/)\s*(?P<b>{_N})(?![\w:])(?P<after>[^.;]{{0,24}})")
_FRACTION = re.compile(rf"\b(?P<k>{_N})[\s-]+(?P<unit>{'|'.join(_FRACTIONS)})s?\s+(?:chance|likelihood|probability)")
_AGAINST = re.compile(r"\b(?:against|longshot|long shot|long-shot|outsider|shot|underdog|long odds)\b")
_UNITS = re.compile(r"[\d%]|percent|per cent|to|out of|in|half|third|quarter|fifth|tenth")
_SPREAD = 0.05


def _value(words: str) -> float:
    return float(_WORDS[words]) if words in _WORDS else float(words.replace(",", ""))


def _worth(point: float, *, low: float | None = None, high: float | None = None) -> Worth:
    low = point - _SPREAD if low is None else low
    high = point + _SPREAD if high is None else high
    point, low, high = (min(1.0, max(0.0, round(v, 4))) for v in (point, low, high))
    return Worth(point, min(low, point), max(high, point), "the number as written")


def read_number(text: str) -> tuple[Worth, str] | None:
    """The probability that lower-case words of certainty give as a number, and the id of its rule; None without one.

    A bare number counts as within five points; "60 to 70 percent" as its middle; "more than 60 percent" as from 60 to
    100, a quarter of the way in. Odds of a to b speak for the outcome, a / (a + b), unless they are "against" or
    a "shot".
    """
    if _UNITS.search(text) is None:
        return None
    if (match := _PERCENT.search(text)) is not None:
        return _percent(match)
    if (match := _FRACTION.search(text)) is not None:
        return _worth(min(1.0, _value(match["k"]) * _FRACTIONS[match["unit"]])), "fraction"
    if (match := _OUT_OF.search(text)) is not None and 0 < (n := _value(match["n"])) >= _value(match["k"]):
        return _worth(_value(match["k"]) / n), "out-of"
    if (match := _RATIO.search(text)) is not None:
        a, b = _value(match["a"]), _value(match["b"])
        if a + b > 0 and (a, b) != (50, 50):
            against = _AGAINST.search(match["after"]) or _AGAINST.search(text[: match.start()])
            return _worth((b if against else a) / (a + b)), "odds-against" if against else "odds"
    return None


def _percent(match: re.Match[str]) -> tuple[Worth, str] | None:
    first = _value(match["low"]) / 100
    last = _value(match["high"]) / 100 if match["high"] else first
    if not 0 <= first <= last <= 1:
        return None
    edge = match["edge"] or ""
    if last > first:
        return _worth((first + last) / 2, low=first, high=last), "percent-range"
    if edge in ("at least", "more than", "over", "above", "better than"):
        return _worth(first + (1 - first) / 4, low=first, high=1.0), "percent-over"
    if edge in ("less than", "under", "below", "at most", "no more than", "up to"):
        return _worth(first * 3 / 4, low=0.0, high=first), "percent-under"
    if edge:
        return _worth(first, low=first - 0.1, high=first + 0.1), "percent-about"
    return _worth(first), "percent"
