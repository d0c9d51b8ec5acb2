"""Quotations that go on over several paragraphs: each paragraph opens with a mark, and only the last one is closed.

    "The minister came in March with a plan.

    "He came back in May. It will fail," Tomas Brandl said.

Whatever is said in one is said by one speaker, who is named before its first mark or behind its last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sayso.posts import Attribution, Range
from sayso.reading.segment import Paragraph, outline
from sayso.values import value

_CLOSING = frozenset('"”»')
SPREAD = 0.9
"""How sure it is that a paragraph of a quotation is the one's who is named beside another, beside how sure that is."""


@value
class Quotation:
    """A quotation over the paragraphs ``first`` to ``last`` of a text (numbers, both included), and where it stands."""

    first: int
    last: int
    at: Range


def quotations(paragraphs: Sequence[Paragraph], text: str) -> Iterator[Quotation]:
    """The quotations of a text that go on over more than one paragraph."""
    first: int | None = None
    start = 0
    for number, paragraph in enumerate(paragraphs):
        quotes = paragraph.quotes
        if first is not None and (not quotes or text[paragraph.start] != text[start]):
            first = None  # what was opened is never closed, or quotes with other marks inside
        if first is not None and not _left_open(quotes[0], paragraph, text):
            yield Quotation(first, number, (start, quotes[0][1]))
            first = None
        if first is None and quotes and _left_open(quotes[-1], paragraph, text):
            first, start = number, quotes[-1][0]


def _left_open(quote: Range, paragraph: Paragraph, text: str) -> bool:
    """Whether a quotation runs to the end of its paragraph and is not closed there."""
    start, end = quote
    closed = text[end - 1] in _CLOSING or (text[start] == "„" and text[end - 1] == "“")
    return end == paragraph.end and not closed


def by_one_speaker(text: str, attributions: Sequence[Attribution]) -> list[Attribution]:
    """The attributions of a text with what is said in one quotation given to one speaker, in order.

    The speaker is the one source that is named, with its cue, outside its marks, before them in its first paragraph or
    behind them in its last, and is given words of it. What the quotation itself attributes to others stays theirs.
    """
    paragraphs = outline(text)
    found = list(quotations(paragraphs, text))
    if not found:
        return list(attributions)
    spoken = [(quotation, _speaker(text, attributions, quotation, paragraphs)) for quotation in found]
    made: list[Attribution] = []
    for a in attributions:
        theirs = []
        for part in a.content:
            quotation, speaker = next((x for x in spoken if _holds(x[0].at, part)), (None, None))
            if quotation is None or speaker is None or speaker.source == a.source or _within(a.cue, quotation.at):
                theirs.append(part)
            else:
                sure = min(a.confidence, speaker.confidence) * SPREAD
                made.append(Attribution(speaker.source, speaker.cue, (part,), sure))
        if len(theirs) == len(a.content):
            made.append(a)
        elif theirs:
            made.append(replace(a, content=tuple(theirs)))
    return sorted(made, key=lambda a: a.content)


def _speaker(
    text: str, attributions: Sequence[Attribution], quotation: Quotation, paragraphs: Sequence[Paragraph]
) -> Attribution | None:
    start, end = quotation.at
    before, behind = (paragraphs[quotation.first].start, start), (end, paragraphs[quotation.last].end)
    beside = [
        a
        for a in attributions
        if a.source
        and a.cue
        and (_holds(before, a.cue[0]) or _holds(behind, a.cue[0]))
        and not _holds(quotation.at, a.source[0])
        and any(s < end and start < e for s, e in a.content)
    ]
    return beside[0] if len({text[slice(*a.source[0])] for a in beside}) == 1 else None


def _within(cue: Sequence[Range], around: Range) -> bool:
    return bool(cue) and _holds(around, cue[0])


def _holds(outer: Range, inner: Range) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
