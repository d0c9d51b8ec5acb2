"""Linear-chain CRF in NumPy: the best tag sequence and the probability of each tag, for many windows at once."""

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
        if not scores:
            return []
        batch, lengths = _padded(scores)
        size, longest, tags = batch.shape
        back = np.zeros((size, longest, tags), dtype=np.int8)
        best = batch[:, 0] + self.start
        # A padded piece keeps the score and points at itself, so that every sequence can be read from the end.
        stay = np.arange(tags, dtype=np.int8)
        for t in range(1, longest):
            moved = best[:, :, None] + self.transitions
            where = moved.argmax(1)
            value = np.take_along_axis(moved, where[:, None, :], 1)[:, 0] + batch[:, t]
            alive = (t < lengths)[:, None]
            best = np.where(alive, value, best)
            back[:, t] = np.where(alive, where, stay)
        tag = best.argmax(1)
        found = np.zeros((size, longest), dtype=np.int64)
        rows = np.arange(size)
        for t in range(longest - 1, -1, -1):
            found[:, t] = tag
            tag = back[rows, t, tag]
        return [found[i, :n] for i, n in enumerate(lengths)]

    def marginals(self, scores: Sequence[Floats]) -> list[Floats]:
        """The probability of each tag at each piece (forward–backward), shaped like the scores."""
        if not scores:
            return []
        batch, lengths = _padded(scores)
        size, longest, tags = batch.shape
        step = np.exp(np.maximum(self.transitions, -80.0))
        # Scaled probabilities instead of logarithms: one matrix product a piece.
        emitted = np.exp(batch - batch.max(-1, keepdims=True))
        alive = np.arange(longest)[None, :] < lengths[:, None]
        forward = np.zeros_like(batch)
        row = emitted[:, 0] * np.exp(np.maximum(self.start, -80.0))
        forward[:, 0] = row / row.sum(-1, keepdims=True)
        for t in range(1, longest):
            row = (forward[:, t - 1] @ step) * emitted[:, t]
            row = row / np.maximum(row.sum(-1, keepdims=True), 1e-30)
            forward[:, t] = np.where(alive[:, t, None], row, forward[:, t - 1])
        backward = np.ones_like(batch)
        for t in range(longest - 2, -1, -1):
            row = (backward[:, t + 1] * emitted[:, t + 1]) @ step.T
            row = row / np.maximum(row.sum(-1, keepdims=True), 1e-30)
            backward[:, t] = np.where(alive[:, t + 1, None], row, 1.0)
        both = forward * backward
        both /= np.maximum(both.sum(-1, keepdims=True), 1e-30)
        return [both[i, :n] for i, n in enumerate(lengths)]


def _padded(scores: Sequence[Floats]) -> tuple[Floats, Ints]:
    lengths = np.array([len(s) for s in scores], dtype=np.int64)
    batch = np.zeros((len(scores), int(lengths.max()), scores[0].shape[1]), dtype=np.float32)
    for i, s in enumerate(scores):
        batch[i, : len(s)] = s
    return batch, lengths
