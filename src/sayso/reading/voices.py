"""Sentences that no attribution covers: whose voice they speak in.

A sentence is *carried over* when the source in force goes on without a cue, the author's *own voice* when the author
makes a forecast in it, and plain narration otherwise. The rule, in order:

1. A source comes into force with its attribution, and stays so through the paragraph and the next ones as long as each
   holds an attribution or a carried-over sentence; a new source takes its place.
2. A sentence that stands (nearly) all in quotation marks, without a cue, is the source's in force.
3. A sentence that the network takes for reported speech is the source's in force.
4. A sentence in which the network hears the author forecast, and no source, is own voice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sayso.posts import Range
from sayso.reading.encoder import Encoder
from sayso.reading.page import Page
from sayso.reading.segment import paragraphs, quoted_ranges, sentences

MIN_WORDS = 4
"""A carried-over sentence has at least so many words."""
COVERED = 0.25
"""A sentence of whose characters more than this share is attributed already is left alone."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A claim holding by its place: ``holder`` is an index into the attributions given (None: the post's author)."""

    span: Range
    voice: Literal["carried-over", "own"]
    holder: int | None
    sure: float


@dataclass(frozen=True, slots=True)
class _Sentence:
    span: Range
    paragraph: int
    quoted: float
    covered: float


def spoken(
    page: Page,
    encoder: Encoder,
    attributed: Sequence[Sequence[Range]],
    *,
    skip: Sequence[Range] = (),
    carried_from: float = 0.5,
    own_from: float = 0.5,
) -> list[Spoken]:
    """The carried-over and own-voice sentences of a page; ``attributed`` are all ranges of each attribution.

    ``carried_from`` and ``own_from`` are the least probabilities; ``skip`` are ranges that are somebody else's text
    (quoted replies).
    """
    text = page.text
    skipped = _merged(skip)
    flat = _merged(span for spans in attributed for span in spans)
    starts = sorted((min(s for s, _ in spans), n) for n, spans in enumerate(attributed) if spans)
    rows: list[_Sentence] = []
    for number, (begin, end) in enumerate(paragraphs(text)):
        quotes = quoted_ranges(text, begin, end)
        for span in sentences(text, begin, end):
            if _overlap(span, skipped) * 2 > span[1] - span[0]:
                continue
            size = span[1] - span[0]
            rows.append(_Sentence(span, number, _overlap(span, quotes) / size, _overlap(span, flat) / size))
    free = [r for r in rows if r.covered <= COVERED and len(page.pieces([r.span]))]
    if not free:
        return []
    verdicts = encoder.judge([(page.of([r.span]), None) for r in free])
    voice = {r.span: verdicts.voice[n] for n, r in enumerate(free)}

    found: list[Spoken] = []
    at = 0
    force: int | None = None
    last = -1  # the paragraph in which the source in force last spoke
    for row in rows:
        while at < len(starts) and starts[at][0] < row.span[0]:
            force, at = starts[at][1], at + 1
            last = max(last, row.paragraph if force is not None else last)
        if row.span in voice:
            _, own, carried = (float(v) for v in voice[row.span])
            words = len(text[row.span[0] : row.span[1]].split())
            in_force = force is not None and row.paragraph - last <= 1 and words >= MIN_WORDS
            sure = max(carried, 0.8) if row.quoted >= 0.85 else carried + (0.25 if row.quoted > 0.2 else 0.0)
            if in_force and sure >= carried_from and sure > own:
                found.append(Spoken(row.span, "carried-over", force, min(sure, 0.95)))
                last = row.paragraph
            elif own >= own_from and row.quoted < 0.5:
                found.append(Spoken(row.span, "own", None, own))
        else:
            while at < len(starts) and starts[at][0] < row.span[1]:
                force, at = starts[at][1], at + 1
            last = row.paragraph
    return found


def _merged(spans: Iterable[Range]) -> list[Range]:
    made: list[Range] = []
    for s, e in sorted(spans):
        if made and s <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], e))
        else:
            made.append((s, e))
    return made


def _overlap(span: Range, merged: Sequence[Range]) -> int:
    """How many characters of the span the ranges cover; these are in order and do not touch each other."""
    n = max(0, bisect_left(merged, span) - 1)
    total = 0
    while n < len(merged) and merged[n][0] < span[1]:
        total += max(0, min(span[1], merged[n][1]) - max(span[0], merged[n][0]))
        n += 1
    return total
