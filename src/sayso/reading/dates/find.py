"""Horizon words in whole phrases and in sentences."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

from sayso.errors import FieldError
from sayso.reading.dates.calendar import Calendar, standard
from sayso.reading.dates.grammar import load
from sayso.reading.dates.leaves import Context, Hemisphere
from sayso.reading.dates.parse import Phrase, read_phrase, skip_tail
from sayso.reading.dates.spans import Interval

Found = tuple[int, int, Interval]
"""Where horizon words stand in a text, [start, end), and what they mean."""

_SAME = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "\u00a0": " ", "“": '"', "”": '"'})
_FILLER = re.compile(
    r"[\s\"'(,]*(?:(?:and|or|but|then|probably|likely|perhaps|maybe|hopefully|certainly|definitely|still|even|only|"
    r"not|at least|that|again)\s+)*"
)
_COMPARED = re.compile(r"\b(?:than|since|last)\s+$")
_URL = re.compile(r"(?:https?://|www\.)\S+")


def lowered(text: str) -> str:
    """The text in lower case with plain quotes and dashes, each character in its place."""
    low = text.lower()
    if len(low) != len(text):  # a few capitals become two characters
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return low.translate(_SAME)


@lru_cache(maxsize=64)
def _context(said: date, hemisphere: Hemisphere, calendar: Calendar | None) -> Context:
    if hemisphere not in ("north", "south"):
        raise FieldError("hemisphere", f"{hemisphere!r} is not known", "give north or south")
    day = said.date() if isinstance(said, datetime) else said
    return Context(load(), day, hemisphere, calendar or standard())


def read_horizon(
    words: str, *, said: date, hemisphere: Hemisphere = "north", calendar: Calendar | None = None
) -> Interval | None:
    """The days that horizon words mean, counted from the day they were said; None where no rule knows them.

    ``words`` is the phrase alone ("by next spring"), and may hold several or stand among other words: then the one
    that bounds the outcome counts, as in :func:`binding_horizon`. ``hemisphere`` decides the seasons. ``calendar``
    holds the events that are named ("by the midterms"), by default those that are shipped.

    The words alone decide, so the same words on the same day always give the same interval; start ≤ end always.
    An end before ``said`` is kept and flagged ``past``.
    """
    ctx = _context(said, hemisphere, calendar)
    text = lowered(words).rstrip(" .,;:!?\"')")
    opening = _FILLER.match(text)
    phrase = None
    for at in dict.fromkeys((len(text) - len(text.lstrip(" \"'(,")), opening.end() if opening else 0)):
        phrase = read_phrase(text, at, ctx)
        if phrase is not None:
            end, beyond = skip_tail(text, phrase.end)
            if end >= len(text):
                return replace(phrase.interval, end=None, past=False) if beyond else phrase.interval
    found = binding_horizon(words, said=said, hemisphere=hemisphere, calendar=calendar)
    return found[2] if found else None


def find_horizons(
    text: str, *, said: date, hemisphere: Hemisphere = "north", calendar: Calendar | None = None
) -> list[Found]:
    """The horizon phrases of a sentence, in its order, each with its place and the days it means.

    Made for where no tagger has marked them. Words that name a period without bounding anything ("than in 2012",
    "since May") are left out where their neighbours show it.
    """
    return [found[:3] for found in _candidates(text, _context(said, hemisphere, calendar))]


def binding_horizon(
    text: str, *, said: date, hemisphere: Hemisphere = "north", calendar: Calendar | None = None
) -> Found | None:
    """The phrase of a sentence that bounds its outcome; None where there is none.

    The rule: a phrase that is over before the day it was said gives way to one that is not; a deadline ("by",
    "before", "within", "in the next") goes before a span ("in 2012", "this week"), a span before a bare mention, a
    mention before words with an open end; among equals the last in the sentence.
    """
    best: tuple[tuple[bool, int, int], Found] | None = None
    for start, end, interval, binds in _candidates(text, _context(said, hemisphere, calendar)):
        key = (not interval.past, binds, start)
        if best is None or key > best[0]:
            best = key, (start, end, interval)
    return _settled(best[1], text, calendar or standard()) if best else None


def _settled(found: Found, text: str, calendar: Calendar) -> Found:
    """A phrase that bounds by a whole year alone, cut at the event of that year that its sentence is about."""
    start, end, interval = found
    if interval.rule in ("in > year", "in > running-unit", "running-unit", "year") and interval.end and interval.start:
        whole = (interval.end - interval.start).days > 360
        event = calendar.settling(lowered(text), year=interval.end.year) if whole else None
        if event is not None:
            ended = replace(interval, end=event[1], rule=f"{interval.rule} > {event[0]}")
            if not interval.past and ended.end >= interval.start:  # type: ignore[operator]
                return start, end, ended
    return found


@lru_cache(maxsize=64)
def _candidates(text: str, ctx: Context) -> tuple[tuple[int, int, Interval, int], ...]:
    """The phrases of a text, kept for a while: what bounds a text is asked after what is in it."""
    low = lowered(text)
    if "://" in low or "www." in low:
        low = _URL.sub(lambda m: "_" * len(m[0]), low)
    found: list[tuple[int, int, Interval, int]] = []
    at = 0
    trigger = ctx.grammar.trigger
    while (opening := trigger.search(low, at)) is not None:
        at = opening.start()
        phrase = read_phrase(low, at, ctx)
        if phrase is None or (phrase.alone and not _stands_alone(low, at, phrase)):
            at += 1
            while at < len(low) and low[at].isalnum():
                at += 1
            continue
        found.append((at, phrase.end, phrase.interval, _strength(phrase)))
        at = phrase.end
    return tuple(found)


def _strength(phrase: Phrase) -> int:
    interval = phrase.interval
    if interval.end is None:
        return 0
    if interval.rule.endswith(("ago", "past-stretch")):
        return -1
    if phrase.alone and _SPAN.match(interval.rule):
        return 2
    return 3 if "coming-stretch" in interval.rule else phrase.binds


_SPAN = re.compile(r"running-unit|today|tomorrow|end-of|days-end|coming-stretch|from-now|weekday|rest-of|later")
_SHORT = frozenset(("second", "some", "later", "in time", "now"))
_NAMED = re.compile(r"(?:next|this|coming|the coming|the following|last|(?:early|late|mid)[ -])")


def _stands_alone(low: str, at: int, phrase: Phrase) -> bool:
    """Whether words without a bound name a time here, and not a thing or a number."""
    words, rule = low[at : phrase.end], phrase.interval.rule
    if words in _SHORT:
        return False
    if rule in ("season", "named-month", "weekday") and not _NAMED.match(words):
        if rule == "season" or (rule == "weekday" and "day" not in words):
            return False
        if rule == "named-month" and not words[-1].isdigit():
            return False
    if rule == "running-unit" and words.startswith(("the ", "a ")):
        return False
    if rule == "year":
        return False  # "Valencia 2009", "the 2013 decks": in sentences a bare year mostly belongs to a name
    return _COMPARED.search(low, max(0, at - 8), at) is None
