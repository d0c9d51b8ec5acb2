"""From the network's scores to attributions: who (source), by which words (cue), what (content).

1. The CRF gives each piece of each window a tag.
2. Each content points at the first piece of its cue; where it points at a piece outside every cue, a cue is made
   likelier to begin there and the window is decoded once more.
3. The windows' own pieces are joined to one row of pieces over the whole text, and the tags to spans.
4. Each cue points at its source; contents that share a cue make one attribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sayso.posts import Attribution, Range
from sayso.reading.crf import CRF, Floats, Ints
from sayso.reading.segment import Window

SOURCE, CUE, CONTENT = 1, 3, 5
"""The tag that begins a span of the role; the tag that goes on with it is one higher."""

CUE_BONUS = 4.0
"""How much likelier (log) a cue is made to begin where a content points."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What the network says of a window of n pieces: ``tags`` (n, 7), ``cue_of`` and ``source_of`` (n, n) before softmax."""

    tags: Floats
    cue_of: Floats
    source_of: Floats


@dataclass(slots=True)
class Row:
    """The pieces of a whole text: their places, tags, and where each points, as piece indices of this row (-1: nowhere)."""

    starts: Ints
    ends: Ints
    tags: Ints
    sure: Floats
    cue_of: list[dict[int, float]]
    source_of: list[dict[int, float]]


def attributions(text: str, windows: Sequence[Window], scores: Sequence[Scores], crf: CRF) -> list[Attribution]:
    """The attributions of a text, in order of their first content."""
    if not windows:
        return []
    row = _row(windows, scores, crf)
    return _assemble(text, row)


def place(text: str, start: int, end: int) -> Range:
    """The range without the white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def spans_of(tags: Ints, begin: int) -> list[tuple[int, int]]:
    """Piece ranges (end not included) of the spans whose tags are ``begin`` and ``begin + 1``."""
    found: list[tuple[int, int]] = []
    at = None
    for i, tag in enumerate(tags.tolist()):
        if at is not None and tag != begin + 1:
            found.append((at, i))
            at = None
        if tag == begin or (tag == begin + 1 and at is None):
            at = i
    if at is not None:
        found.append((at, len(tags)))
    return found


def softmax(x: Floats) -> Floats:
    e = np.exp(x - x.max(-1, keepdims=True))
    shares: Floats = e / e.sum(-1, keepdims=True)
    return shares


def _row(windows: Sequence[Window], scores: Sequence[Scores], crf: CRF) -> Row:
    emissions = [s.tags for s in scores]
    tags = crf.decode(emissions)
    cue_shares = [softmax(s.cue_of) for s in scores]
    source_shares = [softmax(s.source_of) for s in scores]
    again: list[int] = []
    for n, (window, tag) in enumerate(zip(windows, tags, strict=True)):
        raised = emissions[n]
        for a, b in spans_of(tag, CONTENT):
            if b <= window.first:
                continue
            target = int(cue_shares[n][a:b].mean(0).argmax())
            if target and tag[target] not in (CUE, CUE + 1):
                if raised is emissions[n]:
                    raised = raised.copy()
                raised[target, CUE] += CUE_BONUS
        if raised is not emissions[n]:
            emissions[n] = raised
            again.append(n)
    for n, tag in zip(again, crf.decode([emissions[n] for n in again]), strict=True):
        tags[n] = tag
    sure = crf.marginals([s.tags for s in scores])

    starts: list[int] = []
    ends: list[int] = []
    all_tags: list[int] = []
    all_sure: list[float] = []
    cue_of: list[dict[int, float]] = []
    source_of: list[dict[int, float]] = []
    for n, window in enumerate(windows):
        base, first, last = len(starts), window.first, len(window.ids) - 1
        # Piece k of the window is piece k + shift of the row; the context before the first window is empty.
        shift = base - first
        for k in range(first, last):
            tag = int(tags[n][k])
            starts.append(window.starts[k])
            ends.append(window.ends[k])
            all_tags.append(tag)
            all_sure.append(float(sure[n][k, tag]))
            cue_of.append(_targets(cue_shares[n][k], shift) if tag >= CONTENT else {})
            source_of.append(_targets(source_shares[n][k], shift) if tag in (CUE, CUE + 1) else {})
    return Row(np.array(starts), np.array(ends), np.array(all_tags), np.array(all_sure, dtype=np.float32), cue_of, source_of)


def _targets(shares: Floats, shift: int) -> dict[int, float]:
    likely = np.flatnonzero(shares > 0.02)
    return {(int(k) + shift if k else -1): float(shares[k]) for k in likely}


def _votes(targets: Sequence[dict[int, float]]) -> dict[int, float]:
    total: dict[int, float] = {}
    for one in targets:
        for piece, share in one.items():
            total[piece] = total.get(piece, 0.0) + share
    return {piece: share / len(targets) for piece, share in total.items()}


def _linked(votes: dict[int, float], owner: Ints, starts: list[tuple[int, int]]) -> tuple[int, float]:
    """The span that the votes point at (-1: none) and the share of them that do."""
    by_span: dict[int, float] = {}
    for piece, share in votes.items():
        # A vote for the closing [SEP] of a window is a vote for no span.
        span = int(owner[piece]) if 0 <= piece < len(owner) else -1
        by_span[span] = by_span.get(span, 0.0) + share
    spans = {k: v for k, v in by_span.items() if k >= 0}
    if not spans:
        return -1, by_span.get(-1, 0.0)
    best = max(spans, key=lambda k: spans[k])
    return (best, spans[best]) if spans[best] >= 0.5 * votes.get(-1, 0.0) else (-1, votes[-1])


def _owners(size: int, spans: list[tuple[int, int]]) -> Ints:
    owner = np.full(size, -1, dtype=np.int64)
    for i, (a, b) in enumerate(spans):
        owner[a:b] = i
    return owner


def _assemble(text: str, row: Row) -> list[Attribution]:
    size = len(row.tags)
    sources, cues, contents = (spans_of(row.tags, begin) for begin in (SOURCE, CUE, CONTENT))
    cue_owner, source_owner = _owners(size, cues), _owners(size, sources)

    def where(span: tuple[int, int]) -> Range:
        return place(text, int(row.starts[span[0]]), int(row.ends[span[1] - 1]))

    by_cue: dict[int, list[tuple[Range, float]]] = {}
    lone: list[tuple[Range, float]] = []
    for a, b in contents:
        cue, share = _linked(_votes(row.cue_of[a:b]), cue_owner, cues)
        confidence = float(row.sure[a:b].mean()) * share
        if cue >= 0:
            by_cue.setdefault(cue, []).append((where((a, b)), confidence))
        else:
            lone.append((where((a, b)), confidence))
    made = [Attribution((), (), (span,), confidence) for span, confidence in lone]
    for cue, parts in by_cue.items():
        a, b = cues[cue]
        source, share = _linked(_votes(row.source_of[a:b]), source_owner, sources)
        held = tuple(sorted(span for span, _ in parts))
        confidence = min(c for _, c in parts) * share
        made.append(
            Attribution((where(sources[source]),) if source >= 0 else (), (where(cues[cue]),), held, confidence)
        )
    return sorted(made, key=lambda x: x.content)
