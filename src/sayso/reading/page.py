"""One post as the network has read it: its pieces in one row, and what the heads say of any range of the text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, islice

import numpy as np

from sayso.posts import Attribution, Range
from sayso.reading.attribution import (
    CONTENT,
    CUE,
    SOURCE,
    Row,
    Vote,
    joined,
    place,
    raised,
    signed,
    softmax,
    spans_in,
    spans_of,
    votes,
)
from sayso.reading.crf import Floats, Ints, decode
from sayso.reading.encoder import Encoder, Reading, Span
from sayso.reading.people.names import NamedMention, NameType
from sayso.reading.quotations import by_one_speaker
from sayso.reading.segment import Window, sentences, windows
from sayso.values import value

NAME_TYPES: tuple[NameType, ...] = ("PERSON", "ORGANIZATION", "LOCATION", "MISC")
GROUP = 64
"""Windows decoded together at most: as many as a batch of texts has, since that costs little more than one."""
_OPENING = frozenset("\"“'‘")
PARTS = ("condition", "horizon", "certainty")


@value
class Tagged:
    """What the network says of one part of forecasts, for the n pieces of a text.

    ``inside`` are the probabilities that a piece belongs to such a part, ``tags`` the likeliest tags (O, B, I), a byte
    each.
    """

    inside: list[float]
    tags: bytes


class States:
    """The states (n, width) of the n pieces of a text, each window's own as the network gave them.

    They are most of what is held of a text, and are not copied into one array.
    """

    def __init__(self, windows: Sequence[Floats]) -> None:
        self._windows = windows
        self._begins = [0, *accumulate(map(len, windows))]

    def of(self, pieces: Iterable[range]) -> Floats:
        """The states of some pieces, those of each range in the order of the text."""
        found: list[Floats] = []
        for inside in pieces:
            at, number = inside.start, bisect_right(self._begins, inside.start) - 1
            while at < inside.stop:
                begin = self._begins[number]
                found.append(self._windows[number][at - begin : inside.stop - begin])
                number += 1
                at = self._begins[number]
        return joined(found) if found else np.zeros((0, 1), np.float32)


@dataclass(slots=True)
class Page:
    """Arrays over the n pieces of a text, and their places.

    ``parts`` (n, 9) are before softmax, O, B, I of each; ``telling`` (n,) is how much each piece says of its span.
    """

    text: str
    starts: list[int]
    ends: list[int]
    states: States
    telling: Floats
    parts: Floats
    inner: Ints
    names: list[NamedMention]
    attributions: list[Attribution]
    _tagged: dict[str, Tagged] = field(default_factory=dict, repr=False)

    def tagged(self, part: str) -> Tagged:
        """What the network says of a part, worked out for the whole text at the first forecast."""
        if not self._tagged:
            # The pieces lie along the last axis, where NumPy takes many at a time.
            shares = softmax(np.ascontiguousarray(self.parts.T).reshape(len(PARTS), 3, -1), axis=1)
            tags = shares.argmax(1).astype(np.uint8)
            for n, name in enumerate(PARTS):
                self._tagged[name] = Tagged((1.0 - shares[n, 0].astype(np.float64)).tolist(), tags[n].tobytes())
        return self._tagged[part]

    def pieces(self, at: Range) -> range:
        """The indices of the pieces that begin inside a range."""
        first = bisect_left(self.starts, at[0])
        return range(first, bisect_left(self.starts, at[1], first))

    def span(self, body: Sequence[Range], cue: Sequence[Range] | None = None) -> Span:
        """What the head over spans reads of some ranges, with their cue or (None) as a sentence."""
        inside = [*map(self.pieces, body)]
        return (
            self.states.of(inside),
            joined([self.telling[pieces.start : pieces.stop] for pieces in inside]),
            None if cue is None else self.states.of(map(self.pieces, cue)),
        )

    def part_spans(self, ranges: Sequence[Range], part: str) -> list[tuple[Range, float]]:
        """Where the words of a forecast part stand inside the ranges, and how sure that is, the surest first."""
        tagged = self.tagged(part)
        found: list[tuple[Range, float]] = []
        for within in ranges:
            pieces = self.pieces(within)
            for a, b in spans_in(tagged.tags, 1, pieces.start, pieces.stop):
                sure = sum(tagged.inside[a:b]) / (b - a)
                found.append((place(self.text, self.starts[a], self.ends[b - 1]), sure))
        return sorted(found, key=lambda x: -x[1])

    def inner_attributions(self, content: Sequence[Range]) -> list[Attribution]:
        """Attributions inside a content: each inner content with the cue and the source nearest to it."""
        made: list[Attribution] = []
        for within in content:
            inside = self.pieces(within)
            tags = self.inner[inside.start : inside.stop]
            bodies = spans_of(tags, CONTENT)
            if not bodies:
                continue
            cues, sources = spans_of(tags, CUE), spans_of(tags, SOURCE)
            for body in bodies:
                cue = _nearest(body, cues)
                source = _nearest(cue, sources) if cue else None
                if cue is None or body[1] - body[0] < 3:
                    continue
                who = (self._where(source, inside),) if source else ()
                at = self._one_sentence(*self._where(body, inside))
                made.append(Attribution(who, (self._where(cue, inside),), (at,)))
        return made

    def _one_sentence(self, start: int, end: int) -> Range:
        """The range to the end of its first sentence ("Doe thinks it will. We shall see"), unless it is a quotation."""
        if self.text[start] in _OPENING:
            return start, end
        return next(iter(sentences(self.text, start, end)), (start, end))

    def _where(self, span: tuple[int, int], inside: range) -> Range:
        """The place of a span that counts from the first of some pieces."""
        return place(self.text, self.starts[inside.start + span[0]], self.ends[inside.start + span[1] - 1])


def _nearest(span: tuple[int, int], others: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The nearest of the other spans; one that stands before counts as nearer than one behind."""

    def gap(other: tuple[int, int]) -> float:
        return span[0] - other[1] if other[1] <= span[0] else 2.0 * (other[0] - span[1]) + 1

    return min(others, key=gap, default=None)


def blank(text: str) -> Page:
    """A page of which the network has said nothing."""
    none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    return Page(text, [], [], States([]), nothing, nothing.reshape(0, 9), none, [], [])


def read_page(text: str, encoder: Encoder) -> Page:
    """`read_pages` of one text."""
    return read_pages([text], encoder)[0]


def read_pages(texts: Sequence[str], encoder: Encoder) -> list[Page]:
    """Run the network over texts, window by window.

    1. The texts are cut into windows. 2. The encoder reads each. 3. Groups of windows, of whichever texts, are decoded
    together, since that costs the same as one. 4. What each window says of its own pieces (not of the left context) is
    kept, the rest forgotten, so that memory does not grow with all that the heads say. 5. The windows of each text are
    joined: tags and votes become attributions, name tags become names.
    """
    kept: list[list[_Kept]] = [[] for _ in texts]
    count = [0 for _ in texts]  # of the pieces that are kept
    queue = ((n, w) for n, text in enumerate(texts) for w in windows(text, encoder.tokenizer))
    while group := list(islice(queue, GROUP)):
        readings: list[Reading] = []
        telling: list[Floats] = []
        for _, w in group:
            readings.append(r := encoder.read(w))
            telling.append(encoder.telling(r.states))  # at once, while the processor has them at hand
        work = [(r.scores.tags, encoder.crf) for r in readings] + [(r.inner, encoder.inner_crf) for r in readings]
        tags = decode(work)
        again = {i: s for i, (_, w) in enumerate(group) if (s := raised(w, readings[i].scores, tags[i])) is not None}
        for i, better in zip(again, decode([(s, encoder.crf) for s in again.values()]), strict=True):
            tags[i] = better
        for i, (n, w) in enumerate(group):
            kept[n].append(_keep(w, readings[i], telling[i], tags[i], tags[len(group) + i], base=count[n]))
            count[n] += len(w.ids) - 1 - w.first
    return [_page(text, parts) for text, parts in zip(texts, kept, strict=True)]


@value
class _Kept:
    """What is kept of a window, for its own pieces; ``scores`` (pieces, 7) and ``parts`` (pieces, 9) before softmax."""

    starts: list[int]
    ends: list[int]
    tags: Ints
    inner: Ints
    scores: Floats
    names: Ints
    parts: Floats
    states: Floats
    telling: Floats
    votes: list[Vote]


def _keep(w: Window, r: Reading, telling: Floats, tags: Ints, inner: Ints, *, base: int) -> _Kept:
    own = slice(w.first, len(w.ids) - 1)
    return _Kept(
        w.starts[own], w.ends[own], tags[own], inner[own], r.scores.tags[own], r.names[own].argmax(-1), r.parts[own],
        r.states[own], telling[own], votes(w, r.scores, tags, base=base),
    )  # fmt: skip


def _page(text: str, kept: Sequence[_Kept]) -> Page:
    if not kept:
        return blank(text)
    tags, inner, names = (np.concatenate([getattr(k, name) for k in kept]) for name in ("tags", "inner", "names"))
    scores, parts, told = (np.concatenate([getattr(k, name) for k in kept]) for name in ("scores", "parts", "telling"))
    starts = list(chain.from_iterable(k.starts for k in kept))
    ends = list(chain.from_iterable(k.ends for k in kept))
    all_votes = {vote.a: vote for k in kept for vote in k.votes}
    sure = softmax(scores)[np.arange(len(tags)), tags]
    found = Row(text, starts, ends, tags, sure, all_votes).attributions()
    named = _names(text, starts, ends, names)
    signers = [(n.start, n.end) for n in named if n.type in ("PERSON", "ORGANIZATION")]
    said = by_one_speaker(text, signed(text, found, signers))
    return Page(text, starts, ends, States([k.states for k in kept]), told, parts, inner, named, said)


def _names(text: str, starts: Sequence[int], ends: Sequence[int], tags: Ints) -> list[NamedMention]:
    row = tags.astype(np.uint8).tobytes()
    found: list[NamedMention] = []
    for match in _NAMES.finditer(row):
        first, last = match.span()
        start, end = _whole_words(text, starts[first], ends[last - 1])
        found.append(NamedMention(start, end, NAME_TYPES[(row[first] - 1) // 2]))
    return found


# One byte a tag, as in attribution.spans_of; each alternative begins with its own byte, by which names are skipped to.
_NAMES = re.compile(b"|".join(b"%c%c*" % (first, first + first % 2) for first in range(1, 9)))


def _whole_words(text: str, start: int, end: int) -> Range:
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end
