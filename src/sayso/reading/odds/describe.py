"""Words of certainty explained: what they are worth, by which rules and tables."""

from __future__ import annotations

from typing import Any

from sayso.reading.odds.read import read_odds, weigh
from sayso.reading.odds.tables import Yardstick

_NUMBERS = {
    "percent": "a percentage as written, within five points",
    "percent-range": "a range of percentages: its middle",
    "percent-over": "more than a percentage: a quarter of the way from it to 100",
    "percent-under": "less than a percentage: three quarters of it",
    "percent-about": "about a percentage: within ten points",
    "fraction": "a fraction as written, within five points",
    "out-of": "k times out of n: k / n, within five points",
    "odds": "odds of a to b, in favour: a / (a + b), within five points",
    "odds-against": "odds of a to b against: b / (a + b), within five points",
}


def describe_odds(words: str, yardstick: Yardstick = "survey") -> dict[str, Any]:
    """What ``sayso odds`` shows.

    ``{"words", "yardstick", "known", "point", "low", "high", "rule", "rules": [{"id", "says", "source", "point",
    "low", "high", "against"}, …]}``. Numbers are probabilities of the outcome that the words are about; where
    ``against`` is true, a sentence with these words asserts that it will not come about, and is worth one minus
    that. ``known`` is False where no rule knows the words; the numbers are then those of a sentence without words
    of certainty.
    Raises ``FieldError`` for a yardstick that is not known.
    """
    steps = weigh(words, sentence="", yardstick=yardstick)
    probability = read_odds(words, sentence="", yardstick=yardstick)
    rules = [
        {
            "id": step.rule,
            "says": step.phrase.says if step.phrase else _NUMBERS[step.rule],
            "source": step.outcome.source,
            "point": step.outcome.point,
            "low": step.outcome.low,
            "high": step.outcome.high,
            "against": bool(step.phrase and step.phrase.against),
        }
        for step in steps
    ]
    return {
        "words": words,
        "yardstick": yardstick,
        "known": not (steps[0].phrase is not None and steps[0].phrase.id == "none"),
        "point": probability.point,
        "low": probability.low,
        "high": probability.high,
        "rule": probability.rule,
        "rules": rules,
    }
