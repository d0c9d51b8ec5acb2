"""From the network's scores to attributions: who (source), by which words (cue), what (content).

1. The CRF gives each piece of each window a tag.
2. Where a content points at a piece outside every cue, a cue is made likelier to begin there, a source likewise where
   a cue points, a content where a cue that has a source has nothing to point at it, and the window is decoded once
   more.
3. Each content votes for its cue, each cue for its source; the windows' own pieces, tags and votes are joined to one
   row over the whole text.
4. Contents that share a cue make one attribution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field

import numpy as np

from sayso.posts import Attribution, Range
from sayso.reading.crf import Floats, Ints
from sayso.reading.segment import Window
from sayso.values import value

SOURCE, CUE, CONTENT = 1, 3, 5
"""The tag that begins a span of the role; the tag that goes on with it is one higher."""

BONUS = 4.0
"""How much likelier (log) a cue is made to begin where a content points, and a source where a cue does."""
_SIGNED = re.compile(r"[\"”’]?[ \t\xa0]*(?:\n\s*(-{1,2})|\n?\s*([―—–]))[ \xa0]?(?=[^\W\d_])")
"""Between a quotation and the name that is set below or behind it: a dash, which is the cue."""
_CLOSING = ('"', "”", "’")
SLACK = 0.5
"""How much likelier (log) nothing may be than a content, in a content that is raised for a cue."""
LEAST_SAID = 3
"""A content that is raised for a cue alone has at least so many pieces."""
FAINT = 0.02
"""Votes below this share are not counted."""


@value
class Scores:
    """What the network says of a window of n pieces, before softmax: ``tags`` (n, 7), two links (n, n)."""

    tags: Floats
    cue_of: Floats
    source_of: Floats
    _pointed: dict[tuple[int, int, int], Floats] = field(default_factory=dict, repr=False, compare=False)

    def pointed(self, begin: int, spans: Sequence[tuple[int, int]]) -> list[Floats]:
        """For each span the shares, of shape (n,), by which its pieces point: a content at its cue, a cue at a source.

        They are asked for before and after the window is decoded once more, and worked out once; those of all spans
        together, laid end to end, since each call costs more than the arithmetic.
        """
        known = self._pointed
        new = [span for span in spans if (begin, *span) not in known]
        if new:
            link = self.cue_of if begin == CONTENT else self.source_of
            rows = joined([link[a:b] for a, b in new])
            shares = np.exp(rows - np.maximum.reduce(rows, axis=-1, keepdims=True))
            weights = 1 / np.add.reduce(shares, axis=-1)  # the mean of softmax over the rows, as one product a span
            end = 0
            for a, b in new:
                first, end = end, end + b - a
                known[begin, a, b] = weights[first:end] @ shares[first:end] / (b - a)
        return [known[begin, a, b] for a, b in spans]


def softmax(x: Floats, *, axis: int = -1) -> Floats:
    """Shares along an axis; by the ufuncs' own reduce, since on small arrays the methods' wrappers cost most."""
    shares: Floats = x - np.maximum.reduce(x, axis=axis, keepdims=True)
    np.exp(shares, out=shares)
    shares /= np.add.reduce(shares, axis=axis, keepdims=True)
    return shares


def joined(parts: Sequence[Floats]) -> Floats:
    """Arrays laid end to end along their first axis; one alone is not copied. Raises ValueError where there is none."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def mean(rows: Floats) -> Floats:
    """The mean of rows."""
    total: Floats = np.add.reduce(rows, axis=0)
    total /= len(rows)
    return total


def place(text: str, start: int, end: int) -> Range:
    """The range without the white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def spans_in(tags: bytes, begin: int, first: int, last: int) -> list[tuple[int, int]]:
    """`spans_of` of the pieces ``first`` to ``last`` (not included) of tags that are kept as one byte each."""
    return [match.span() for match in _SPANS[begin].finditer(tags, first, last)]


def spans_of(tags: Ints, begin: int) -> list[tuple[int, int]]:
    """Piece ranges (end not included) of the spans whose tags are ``begin`` and ``begin + 1``."""
    return [match.span() for match in _SPANS[begin].finditer(tags.astype(np.uint8).tobytes())]


# One byte a tag: a span is its first piece, however tagged, and what goes on with it.
_SPANS = {begin: re.compile(b"[%c%c]%c*" % (begin, begin + 1, begin + 1)) for begin in (SOURCE, CUE, CONTENT)}


@value
class Vote:
    """Where the pieces a..b of one span point, by share.

    Pieces are those of the whole text, None is nothing.
    """

    a: int
    b: int
    shares: dict[int | None, float]


def raised(window: Window, scores: Scores, tags: Ints) -> Floats | None:
    """The tags' scores with cues and sources made likelier where links point outside every one; None if nowhere.

    A content that points at a piece outside every cue raises a cue there; a cue, tagged or raised so, that points at
    a piece outside every source raises a source. A cue with a source to which no content points raises a content at
    the first of the pieces beside it that sound like one and point at it: nobody says nothing.
    """
    made: Floats | None = None
    last = len(window.ids) - 1
    contents, tagged = spans_of(tags, CONTENT), spans_of(tags, CUE)
    cues = [*tagged]
    for pointing, begin, spans in ((CONTENT, CUE, contents), (CUE, SOURCE, cues)):
        own = [span for span in spans if span[1] > window.first]
        for shares in scores.pointed(pointing, own):
            target = int(shares.argmax())
            if 0 < target < last and tags[target] not in (begin, begin + 1):
                if made is None:
                    made = scores.tags.copy()
                made[target, begin] += BONUS
                if begin == CUE:
                    cues.append((target, target + 1))
    for start in _unsaid(window, scores, tags, contents, tagged):
        made = scores.tags.copy() if made is None else made
        made[start, CONTENT] += BONUS
    return made


def _unsaid(
    window: Window, scores: Scores, tags: Ints, contents: Sequence[tuple[int, int]], cues: Sequence[tuple[int, int]]
) -> Iterator[int]:
    """Where contents would begin for the cues that have a source but nothing said."""
    last = len(window.ids) - 1
    targets = {int(shares.argmax()) for shares in scores.pointed(CONTENT, contents)}
    cues = [(a, b) for a, b in cues if b > window.first and not any(a <= t < b for t in targets)]
    aims: Ints | None = None
    for (a, b), shares in zip(cues, scores.pointed(CUE, cues)):
        source = int(shares.argmax())
        if tags[source] not in (SOURCE, SOURCE + 1):
            continue
        if aims is None:  # of the few pieces that could be a content
            free = (tags == 0) & (scores.tags[:, CONTENT + 1] > scores.tags[:, 0] - SLACK)
            free[0] = free[last] = False
            pieces = free.nonzero()[0]
            aims = scores.cue_of[pieces].argmax(-1)
        sounds = np.zeros(last + 1, dtype=np.uint8)
        sounds[pieces[(aims >= a) & (aims < b)]] = 1
        runs = [m.span() for m in re.finditer(b"\x01+", sounds.tobytes())]
        begin, end = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
        glued = tags[begin - 1] != 0 and window.ends[begin - 1] == window.starts[begin]  # "recommend" + "ing"
        if end - begin >= LEAST_SAID and not glued:
            yield begin


def votes(window: Window, scores: Scores, tags: Ints, *, base: int) -> list[Vote]:
    """The votes of a window's own contents (for their cues) and cues (for their sources), in order.

    The window's first own piece is number ``base`` of its text.
    """
    first, last = window.first, len(window.ids) - 1
    by = base - first
    made = []
    own = tags[first:last]
    for begin in (CONTENT, CUE):
        spans = spans_of(own, begin)
        for (a, b), total in zip(spans, scores.pointed(begin, [(first + a, first + b) for a, b in spans])):
            shares: dict[int | None, float] = {}
            pointed = (total > FAINT).nonzero()[0]
            for k, share in zip(pointed.tolist(), total[pointed].tolist()):
                # [CLS] stands for nothing, and the closing [SEP] is no piece of the text.
                piece = None if k in (0, last) else k + by
                shares[piece] = shares.get(piece, 0.0) + share
            made.append(Vote(a + base, b + base, shares))
    return made


@value
class Row:
    """All n pieces of a text in one row: places, tags and the tags' probabilities, and votes by where they begin."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    tags: Ints
    sure: Floats
    votes: dict[int, Vote]

    def attributions(self) -> list[Attribution]:
        """The attributions of the text, in order of their first content."""
        sources, cues, contents = (spans_of(self.tags, begin) for begin in (SOURCE, CUE, CONTENT))
        cue_owner, source_owner = self._owners(cues), self._owners(sources)
        by_cue: dict[int, list[tuple[Range, float]]] = {}
        made: list[Attribution] = []
        for span in contents:
            cue, share = self._linked(span, cue_owner)
            sure = float(mean(self.sure[span[0] : span[1]])) * share
            if cue >= 0:
                by_cue.setdefault(cue, []).append((self._where(span), sure))
            else:
                made.append(Attribution((), (), (self._where(span),), sure))
        for cue, parts in by_cue.items():
            source, share = self._linked(cues[cue], source_owner)
            sure = min(s for _, s in parts) * share
            who = (self._where(sources[source]),) if source >= 0 else ()
            made.append(Attribution(who, (self._where(cues[cue]),), tuple(sorted(at for at, _ in parts)), sure))
        return sorted(made, key=lambda x: x.content)

    def _where(self, span: tuple[int, int]) -> Range:
        return place(self.text, self.starts[span[0]], self.ends[span[1] - 1])

    def _owners(self, spans: list[tuple[int, int]]) -> list[int]:
        owner = [-1] * len(self.tags)
        for i, (a, b) in enumerate(spans):
            owner[a:b] = [i] * (b - a)
        return owner

    def _linked(self, span: tuple[int, int], owner: Sequence[int]) -> tuple[int, float]:
        """The span (by ``owner``) that the pieces of a span point at and the share of votes it has; -1 is none."""
        a, b = span
        shares: dict[int, float] = {}
        nowhere = 0.0
        at = a
        while at < b and (vote := self.votes.get(at)):  # a span over the border of two windows has two votes
            weight = (vote.b - vote.a) / (b - a)
            for piece, share in vote.shares.items():
                if piece is None:
                    nowhere += share * weight
                elif owner[piece] >= 0:
                    shares[owner[piece]] = shares.get(owner[piece], 0.0) + share * weight
            at = vote.b
        best = max(shares, key=lambda k: shares[k], default=-1)
        if best < 0 or shares[best] < 0.5 * nowhere:
            return -1, nowhere
        return best, shares[best]


def signed(text: str, attributions: Sequence[Attribution], names: Sequence[Range]) -> list[Attribution]:
    """The attributions with quotations that are signed ("…" — Jane Doe) given to who signs them, in order.

    ``names`` are the ranges of names of persons and bodies in the text.
    """
    by_start = dict(names)
    made = []
    for a in attributions:
        end = a.content[-1][1]
        quoted = text[end - 1] in _CLOSING or text[end : end + 1] in _CLOSING
        found = _SIGNED.match(text, end) if quoted else None
        last = by_start.get(found.end()) if found else None
        if found is not None and last is not None:
            own = a.source and a.source[0][0] == found.end()
            cue = found.span(found.lastindex or 0)
            a = a if own else Attribution(((found.end(), last),), (cue,), a.content, a.confidence)
        made.append(a)
    return made
