"""The tables of odds, loaded once: phrases (``words.toml``), yardsticks and what labellers gave (CSV)."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from sayso.reading.alternatives import joined, number_of

Yardstick = Literal["survey", "nato", "icd203", "ipcc", "ukphia", "efsa"]
YARDSTICKS: tuple[Yardstick, ...] = get_args(Yardstick)
PLAIN = frozenset(("will", "would", "wont", "wouldnt", "none"))
"""Plain will and would: no words of certainty by themselves."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What words are worth: a probability with its interval, and where the numbers come from."""

    point: float
    low: float
    high: float
    source: str

    def against(self) -> Worth:
        """The worth of the contrary."""
        return Worth(1 - self.point, 1 - self.high, 1 - self.low, self.source)


@dataclass(frozen=True, slots=True)
class Phrase:
    """An entry of ``words.toml``; see its head for what the fields mean."""

    id: str
    says: str
    terms: tuple[str, ...]
    worth: Worth | None
    fitted: bool
    against: bool
    asserted: bool
    modal: bool
    cue: bool
    weak: bool
    contrary: bool


class Matcher:
    """Finds phrases in a lower-case text, from left to right; at each place the first in order wins."""

    def __init__(self, phrases: list[tuple[Phrase, str]]) -> None:
        self._phrases = [phrase for phrase, _ in phrases]
        # "n't" joins the word before it, so the left edge is looked for only where a word begins
        sources = joined([source for _, source in phrases], name="p")
        self._regex = re.compile(rf"(?:(?<![\w'])|(?=n't)|(?='(?:ll|d|s|re|m)\b))(?:{sources})(?!\w)")

    def find(self, text: str) -> Iterator[tuple[Phrase, int, int]]:
        """Yield the phrases of a text with their places."""
        for match in self._regex.finditer(text):
            yield self._phrases[number_of(match)], match.start(), match.end()


@dataclass(frozen=True, eq=False)
class Tables:
    """All that odds are read with."""

    phrases: list[Phrase]
    words: Matcher
    hedges: Matcher
    modals: Matcher
    cues: Matcher
    yardsticks: Mapping[tuple[str, str], Worth]

    def worth(self, phrase: Phrase, yardstick: str) -> tuple[Worth, str]:
        """What a phrase is worth by a yardstick, and the name of the table that says so."""
        if not phrase.terms:
            assert phrase.worth is not None
            return phrase.worth, "labelled" if phrase.worth.source.startswith("labelled") else "convention"
        for name in (yardstick, "survey"):
            for term in phrase.terms:
                if (found := self.yardsticks.get((name, term))) is not None:
                    return (found.against() if phrase.contrary else found), name
        raise KeyError(phrase.terms)


def _read(name: str) -> str:
    path = files(__package__).joinpath(name)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@cache
def load() -> Tables:
    """The tables that are shipped with Sayso."""
    labelled = {
        row["rule"]: Worth(
            float(row["point"]), float(row["low"]), float(row["high"]), f"labelled predictions, n = {row['labels']}"
        )
        for row in csv.DictReader(_read("labelled.csv").splitlines())
    }
    phrases: list[tuple[Phrase, str]] = []
    for entry in tomllib.loads(_read("words.toml"))["phrase"]:
        worth = None
        if "worth" in entry:
            low, point, high = entry["worth"]
            worth = Worth(point, low, high, "a convention of Sayso's")
            if entry.get("fitted"):
                worth = _widened(labelled.get(entry["id"], worth))
        flags = {
            key: bool(entry.get(key)) for key in ("fitted", "against", "asserted", "modal", "cue", "weak", "contrary")
        }
        phrase = Phrase(entry["id"], entry["says"], _terms(entry.get("term", ())), worth, **flags)
        phrases.append((phrase, entry["pattern"].replace(" ?", r"\s*").replace("[- ]", r"[-\s]").replace(" ", r"\s+")))
    yardsticks = {
        (row["yardstick"], row["term"]): Worth(
            float(row["point"]), float(row["low"]), float(row["high"]), row["source"]
        )
        for row in csv.DictReader(_read("yardsticks.csv").splitlines())
    }
    return Tables(
        [phrase for phrase, _ in phrases],
        words=Matcher([pair for pair in phrases if not pair[0].cue]),
        hedges=Matcher([pair for pair in phrases if not pair[0].cue and pair[0].id not in PLAIN]),
        modals=Matcher([pair for pair in phrases if pair[0].modal]),
        cues=Matcher([pair for pair in phrases if pair[0].cue]),
        yardsticks=yardsticks,
    )


def _terms(given: str | list[str] | tuple[()]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _widened(worth: Worth) -> Worth:
    """Labels stand in steps of 0.05: the interval reaches at least one such step to each side."""
    low, high = min(worth.low, worth.point - 0.05), max(worth.high, worth.point + 0.05)
    return Worth(worth.point, max(0.0, round(low, 4)), min(1.0, round(high, 4)), worth.source)
