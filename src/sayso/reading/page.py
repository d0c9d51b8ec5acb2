"""One post as the network has read it: its pieces in one row, and what the heads say of any range of the text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sayso.posts import Attribution, Range
from sayso.reading.attribution import CONTENT, CUE, SOURCE, Ints, attributions, place, softmax, spans_of
from sayso.reading.crf import Floats
from sayso.reading.encoder import Encoder
from sayso.reading.segment import windows

NAME_TYPES = ("PERSON", "ORGANIZATION", "LOCATION", "MISC")
PARTS = ("condition", "horizon", "certainty")


@dataclass(slots=True)
class Page:
    """Arrays over the n pieces of a text; ``names`` are (start, end, type); ``parts`` (n, 3, 3) probabilities O, B, I."""

    text: str
    starts: Ints
    ends: Ints
    states: Floats
    parts: Floats
    inner: Ints
    names: list[tuple[int, int, str]]
    attributions: list[Attribution]

    def pieces(self, ranges: Sequence[Range]) -> Ints:
        """The indices of the pieces that begin inside the ranges."""
        found = [np.arange(bisect_left(self.starts, s), bisect_left(self.starts, e)) for s, e in ranges]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    def of(self, ranges: Sequence[Range]) -> Floats:
        """The states of the pieces inside the ranges, shape (pieces, width)."""
        states: Floats = self.states[self.pieces(ranges)]
        return states

    def part_spans(self, ranges: Sequence[Range], part: str) -> list[tuple[Range, float]]:
        """Where the words of a forecast part stand inside the ranges, and how sure that is, the surest first."""
        n = PARTS.index(part)
        found: list[tuple[Range, float]] = []
        for start, end in ranges:
            index = self.pieces([(start, end)])
            if not len(index):
                continue
            shares = self.parts[index, n]
            tags = shares.argmax(-1)
            for a, b in spans_of(tags, 1):
                sure = float(1.0 - shares[a:b, 0].mean())
                at = place(self.text, int(self.starts[index[a]]), int(self.ends[index[b - 1]]))
                found.append((at, sure))
        return sorted(found, key=lambda x: -x[1])

    def inner_attributions(self, content: Sequence[Range]) -> list[Attribution]:
        """Attributions inside a content: each inner content with the cue and the source nearest to it."""
        made: list[Attribution] = []
        for start, end in content:
            index = self.pieces([(start, end)])
            if not len(index):
                continue
            tags = self.inner[index]
            spans = {role: spans_of(tags, role) for role in (SOURCE, CUE, CONTENT)}

            def where(span: tuple[int, int], index: Ints = index) -> Range:
                return place(self.text, int(self.starts[index[span[0]]]), int(self.ends[index[span[1] - 1]]))

            for body in spans[CONTENT]:
                cue = _nearest(body, spans[CUE])
                source = _nearest(cue, spans[SOURCE]) if cue else None
                if cue is None or body[1] - body[0] < 3:
                    continue
                made.append(Attribution((where(source),) if source else (), (where(cue),), (where(body),)))
        return made


def _nearest(span: tuple[int, int], others: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The nearest of the other spans; one that stands before counts as nearer than one behind."""

    def gap(other: tuple[int, int]) -> float:
        return span[0] - other[1] if other[1] <= span[0] else 2.0 * (other[0] - span[1]) + 1

    return min(others, key=gap, default=None)


def read_page(text: str, encoder: Encoder) -> Page:
    """Run the network over a text, window by window.

    1. The text is cut into windows. 2. The encoder reads each. 3. What each says of its own pieces (not of the left
    context) is joined. 4. Tags and links become attributions, name tags become names.
    """
    cut = list(windows(text, encoder.tokenizer))
    if not cut:
        empty = np.zeros(0, dtype=np.int64)
        return Page(text, empty, empty, np.zeros((0, 1), np.float32), np.zeros((0, 3, 3), np.float32), empty, [], [])
    readings = [encoder.read(w) for w in cut]
    found = attributions(text, cut, [r.scores for r in readings], encoder.crf)
    inner = encoder.inner_crf.decode([r.inner for r in readings])
    own = [slice(w.first, len(w.ids) - 1) for w in cut]

    def joined(arrays: Sequence[Floats]) -> Floats:
        return np.concatenate([a[s] for a, s in zip(arrays, own, strict=True)])

    starts = np.concatenate([np.array(w.starts[s]) for w, s in zip(cut, own, strict=True)])
    ends = np.concatenate([np.array(w.ends[s]) for w, s in zip(cut, own, strict=True)])
    parts = softmax(joined([r.parts for r in readings]).reshape(-1, 3, 3))
    names = joined([r.names for r in readings]).argmax(-1)
    tags = np.concatenate([t[s] for t, s in zip(inner, own, strict=True)])
    states = joined([r.states for r in readings])
    return Page(text, starts, ends, states, parts, tags, _names(text, starts, ends, names), found)


def _names(text: str, starts: Ints, ends: Ints, tags: Ints) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    at: int | None = None
    kind = 0
    for i, tag in enumerate([*tags.tolist(), 0]):
        if at is not None and (tag == 0 or tag % 2 == 1 or (tag + 1) // 2 != kind):
            start, end = _whole_words(text, int(starts[at]), int(ends[i - 1]))
            found.append((start, end, NAME_TYPES[kind - 1]))
            at = None
        if tag and at is None:
            at, kind = i, (tag + 1) // 2
    return found


def _whole_words(text: str, start: int, end: int) -> Range:
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end


