"""Linear-chain CRFs in NumPy: the best tag sequence of many windows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

    One loop over the pieces serves all sequences: its cost is that of the calls, not of the arithmetic.
    """
    if not work:
        return []
    lengths = np.array([len(s) for s, _ in work])
    longest, size, tags = int(lengths.max()), len(work), work[0][0].shape[1]
    emitted = np.zeros((longest, size, tags), dtype=np.float32)
    for i, (s, _) in enumerate(work):
        emitted[: len(s), i] = s
    # (sequence, to, from): the maximum is taken over the last axis, which is contiguous.
    moves = np.ascontiguousarray(np.stack([crf.transitions.T for _, crf in work]))
    best = np.empty((longest, size, tags), dtype=np.float32)
    back = np.empty((longest, size, tags), dtype=np.int64)
    best[0] = emitted[0] + np.stack([crf.start for _, crf in work])
    moved = np.empty_like(moves)
    for t in range(1, longest):
        np.add(moves, best[t - 1][:, None, :], out=moved)
        moved.argmax(-1, out=back[t])
        moved.max(-1, out=best[t])
        best[t] += emitted[t]
    rows = np.arange(size)
    last = best[lengths - 1, rows].argmax(-1)
    found = np.zeros((longest, size), dtype=np.int64)
    tag = last
    for t in range(longest - 1, -1, -1):
        if t + 1 < longest:
            tag = back[t + 1, rows, tag]
        tag = np.where(lengths - 1 <= t, last, tag)
        found[t] = tag
    return [found[:n, i] for i, n in enumerate(lengths.tolist())]
