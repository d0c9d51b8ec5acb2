"""Sentences that no attribution covers: whose voice they speak in.

A sentence is *carried over* when the source in force goes on without a cue, the author's *own voice* when the author
makes a forecast in it, and plain narration otherwise. The rule, in order:

1. A source comes into force with its attribution, and stays so through the paragraph and the next one, as long as each
   holds an attribution or a carried-over sentence of its own; a new source takes its place, unless it is named in
   passing ("if the West gives in to his demand for recognition, …") or only supposed to speak ("he can call himself
   what he likes"). A sentence that has no other attributions than such ones may be carried over as a whole, and what
   they say is then said by the source in force, where the text keeps to that source (two attributions or more) and its
   author does not say "I". In a comment no source is in force: commenters quote in passing and then speak for
   themselves.
2. A sentence that stands (nearly) all in quotation marks, without a cue, is the source's in force; so is one that
   begins in the middle of a quotation ("“It was worse in 1998. It only must act” so that …").
3. Else the network says how likely the sentence is narration, the author's forecast, or reported speech. Reported
   speech is believed in full where the text keeps to its source (two attributions or more), and less where the source
   is cited once, or where the author says "I": what is then not believed goes to the author's forecasts, by the
   probability that the sentence is a forecast at all, and for the rest to narration. Where the same source speaks
   again next, within two paragraphs, half of what sounds like the author's forecast counts as reported.
4. Reported speech that is still likely enough is carried over; an author's forecast that is, is own voice. What is
   likely enough depends on the verb: a sentence that says "will" needs less, one without any modal verb more.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from sayso.posts import Range
from sayso.reading.encoder import Encoder
from sayso.reading.page import Page
from sayso.reading.segment import outline
from sayso.values import value

MIN_OWN = 3
"""A forecast in own voice has at least so many words: less is a byline or an exclamation."""
MIN_WORDS = 4
"""A carried-over sentence has at least so many words."""
KEPT, CITED, PERSONAL = 1.0, 0.3, 0.4
"""How far reported speech is believed: of a source the text keeps to, of one cited once, where the author says "I"."""
TOLD = 0.1
"""How far a forecast that sounds like narration counts as the author's own."""
PLAIN, NEITHER = 0.6, 1.5
"""How much of the least probability a forecast in own voice needs that says "will", and one without any such verb.

The first is the least that any needs: a sentence that has not even that is not searched for its verbs.
"""
_WILL = re.compile(r"\b(?:will|won['’]?t|shall|shan['’]t|gonna|going to)\b|['’]ll\b", re.IGNORECASE)
_MODAL = re.compile(
    r"\b(?:would|could|may|might|should|can|cannot|expects?|bets?|predicts?|likely|unlikely|probably|perhaps|maybe|"
    r"tomorrow|tonight|next|soon|never|due|plans?|doubt|'d)\b",
    re.IGNORECASE,
)
_SELF = re.compile(r"\b(?:I|my|me|I['’](?:m|ve|d|ll))\b")
PASSING = 0.5
"""A source that is named in passing has less than this share of its sentence, with its cue and its content."""
GOES_ON = 0.6
"""How sure it is that a sentence that begins inside a quotation is the source's in force."""
BETWEEN = 0.5
"""How much of what sounds like the author's forecast is reported, between two attributions to one source."""
COVERED = 0.25
"""A sentence of whose characters more than this share is attributed already is left alone, unless it is in passing."""


@value
class Turn:
    """An attribution: the ranges of its content, source and cue, its holder, and whether it is only supposed."""

    spans: Sequence[Range]
    holder: str
    supposed: bool = False


@value
class Spoken:
    """A claim holding by its place: ``holder`` is an index into the attributions given (None: the post's author)."""

    span: Range
    voice: Literal["carried-over", "own"]
    holder: int | None
    sure: float


@value
class _Sentence:
    span: Range
    paragraph: int
    quoted: float
    covered: float
    goes_on: bool
    """Whether it begins inside a quotation that began before it."""


def spoken(
    page: Page,
    encoder: Encoder,
    attributed: Sequence[Turn],
    *,
    article: bool = True,
    skip: Sequence[Range] = (),
    carried_from: float = 0.2,
    own_from: float = 0.2,
) -> list[Spoken]:
    """The carried-over and own-voice sentences of a page.

    ``article`` is False for a comment; ``skip`` are ranges that are somebody else's text (quoted replies).
    ``carried_from``, ``own_from`` are the least probabilities.
    """
    rows = _sentences(page, _merged(skip), _merged(span for turn in attributed for span in turn.spans))
    starts = sorted((min(s for s, _ in turn.spans), n) for n, turn in enumerate(attributed) if turn.spans)
    turns, passing, taken = _turns(rows, attributed, starts)
    free = [(r, page.span([r.span])) for r in rows if r.covered <= COVERED or r.span not in taken]
    free = [(r, span) for r, span in free if len(span[0])]
    if not free:
        return []
    pooled = encoder.pooled(span for _, span in free)
    voices = encoder.verdicts(pooled).voice
    # As if attributed, to hear whether it is a forecast whosever it is.
    pooled[:, -1] = 0.0
    kinds = encoder.verdicts(pooled).kind
    heard = {r.span: (voices[n], float(kinds[n, 0] + kinds[n, 1])) for n, (r, _) in enumerate(free)}

    said = Counter(turn.holder for turn in attributed)
    personal = _speaks_of_self(page.text, rows)

    def next_speaker(row: _Sentence) -> str | None:
        n = bisect_right(turns, (row.span[1],))
        return turns[n][2] if n < len(turns) and turns[n][1] - row.paragraph <= 2 else None

    found: list[Spoken] = []
    at, force, last = 0, -1, -1  # the source in force, and the paragraph in which it last spoke
    for row in rows:
        within = at
        while at < len(starts) and starts[at][0] < row.span[1]:
            if force < 0 or row.paragraph - last > 1 or starts[at][1] not in passing:
                force = starts[at][1]
            at += 1
            last = row.paragraph
        own_turn = row.covered > COVERED and any(
            attributed[n].holder == attributed[force].holder for _, n in starts[within:at]
        )
        by_the_way = row.covered > COVERED and (personal or said[attributed[force].holder] < 2)
        if row.span not in heard or own_turn or by_the_way:
            last = row.paragraph
            continue
        (narrated, own, carried), forecast = heard[row.span]
        in_force = article and force >= 0 and row.paragraph - last <= 1
        if in_force and not personal and next_speaker(row) == attributed[force].holder:
            own, carried = own * (1 - BETWEEN), carried + own * BETWEEN
        words = len(page.text[row.span[0] : row.span[1]].split())
        believed = 0.0
        if in_force and words >= MIN_WORDS:
            believed = KEPT if said[attributed[force].holder] > 1 else CITED
            believed *= PERSONAL if personal else 1.0
        sure = float(carried) * believed
        if in_force and row.quoted >= 0.85:
            sure = max(sure, 0.8)
        elif in_force and row.goes_on:
            sure = max(sure, GOES_ON)
        mine = float(own) + (float(carried) - sure + TOLD * float(narrated)) * forecast if row.quoted < 0.5 else 0.0
        mine = mine if row.covered <= COVERED else 0.0
        if sure >= carried_from and sure >= mine:
            found.append(Spoken(row.span, "carried-over", force, min(sure, 0.95)))
            last = row.paragraph
        elif words >= MIN_OWN and mine >= own_from * PLAIN and mine >= own_from * _needed(page.text, row.span):
            found.append(Spoken(row.span, "own", None, min(mine, 1.0)))
    return found


def _turns(
    rows: Sequence[_Sentence], attributed: Sequence[Turn], starts: Sequence[tuple[int, int]]
) -> tuple[list[tuple[int, int, str]], set[int], set[Range]]:
    """Where, in which paragraph, and who is given words, in the order of the text; which only name in passing or
    suppose; and the sentences that are somebody's outright."""
    turns, passing, taken = [], set(), set()
    begins, ends = [row.span[0] for row in rows], [row.span[1] for row in rows]
    for start, number in starts:
        first = max(0, bisect_right(begins, start) - 1)
        row, turn = rows[first], attributed[number]
        if turn.supposed or _in_passing(row.span, turn.spans):
            passing.add(number)
            continue
        turns.append((row.span[0], row.paragraph, turn.holder))
        for s, e in turn.spans:
            taken |= {r.span for r in rows[bisect_right(ends, s) : bisect_left(begins, e)]}
    return turns, passing, taken


def _in_passing(sentence: Range, spans: Sequence[Range]) -> bool:
    return _overlap(sentence, _merged(spans)) < PASSING * (sentence[1] - sentence[0])


def _needed(text: str, span: Range) -> float:
    if _WILL.search(text, *span):
        return PLAIN
    return 1.0 if _MODAL.search(text, *span) else NEITHER


def _sentences(page: Page, skipped: Sequence[Range], attributed: Sequence[Range]) -> list[_Sentence]:
    rows = []
    for number, paragraph in enumerate(outline(page.text)):
        for span in paragraph.sentences:
            size = span[1] - span[0]
            if _overlap(span, skipped) * 2 <= size:
                quoted = _overlap(span, paragraph.quotes) / size
                goes_on = any(s < span[0] < e for s, e in paragraph.quotes)
                rows.append(_Sentence(span, number, quoted, _overlap(span, attributed) / size, goes_on))
    return rows


def _speaks_of_self(text: str, rows: Sequence[_Sentence]) -> bool:
    """Whether the author says "I" or "my" outside quotations and attributed words."""
    return any(r.quoted == 0 and r.covered <= COVERED and _SELF.search(text, *r.span) for r in rows)


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
    if not merged:
        return 0
    n = max(0, bisect_left(merged, span) - 1)
    total = 0
    while n < len(merged) and merged[n][0] < span[1]:
        total += max(0, min(span[1], merged[n][1]) - max(span[0], merged[n][0]))
        n += 1
    return total
