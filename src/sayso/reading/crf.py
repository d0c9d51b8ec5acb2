"""Linear-chain CRFs in NumPy: the best tag sequence of many windows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CRF:
    """``start`` of shape (tags,), ``transitions`` of shape (tags, tags), from the row's tag to the column's."""

    start: Floats
    transitions: Floats

    def decode(self, scores: Sequence[Floats]) -> list[Ints]:
        """The best tags (Viterbi) of each sequence of scores of shape (pieces, tags)."""
        return decode([(s, self) for s in scores])


def decode(work: Sequence[tuple[Floats, CRF]]) -> list[Ints]:
    """The best tags of each sequence under its own CRF; all CRFs have the same number of tags.

    One loop over the pieces serves all sequences: its cost is that of the calls, not of the arithmetic. The sequences
    lie along the last axis, where NumPy takes many numbers at a time. Forwards only the scores are kept; backwards the
    one tag of each sequence that the path came from is found anew.
    """
    if not work:
        return []
    lengths = np.array([len(s) for s, _ in work])
    longest, size, tags = int(lengths.max()), len(work), work[0][0].shape[1]
    best = np.zeros((longest, tags, size), dtype=np.float32)
    for i, (s, _) in enumerate(work):
        best[: len(s), :, i] = s
    best[0] += np.stack([crf.start for _, crf in work], axis=-1)
    moves = np.stack([crf.transitions for _, crf in work], axis=-1)  # from, to, sequence
    moved = np.empty_like(moves)
    most = np.empty((tags, size), dtype=np.float32)
    for before, here in pairwise(best):
        np.add(moves, before[:, None, :], out=moved)
        np.maximum.reduce(moved, axis=0, out=most)
        here += most
    into = np.concatenate([crf.transitions.T for _, crf in work])  # sequence and to, from
    first = np.arange(size) * tags
    last = best[lengths - 1, :, np.arange(size)].argmax(-1)
    found = np.empty((longest, size), dtype=np.int64)
    tag = found[longest - 1] = last
    begin = lengths - 1
    shortest = int(begin.min())
    by_sequence = np.ascontiguousarray(best.transpose(0, 2, 1))
    from_each, rows = np.empty((size, tags), dtype=np.float32), np.empty(size, dtype=np.int64)
    for t in range(longest - 2, -1, -1):
        np.add(first, tag, out=rows)
        into.take(rows, axis=0, out=from_each, mode="clip")  # which checks nothing and copies nothing
        from_each += by_sequence[t]
        tag = found[t]
        from_each.argmax(-1, out=tag)
        if t >= shortest:
            np.copyto(tag, last, where=begin <= t)
    return [found[:n, i] for i, n in enumerate(lengths.tolist())]
