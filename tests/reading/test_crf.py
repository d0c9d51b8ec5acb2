"""Viterbi against all tag sequences there are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sayso.reading.crf import CRF, decode


def best_by_trying(scores: np.ndarray, crf: CRF) -> tuple[int, ...]:
    def value(path: tuple[int, ...]) -> float:
        total = crf.start[path[0]] + scores[0, path[0]]
        for t in range(1, len(path)):
            total += crf.transitions[path[t - 1], path[t]] + scores[t, path[t]]
        return float(total)

    return max(itertools.product(range(scores.shape[1]), repeat=len(scores)), key=value)


@pytest.mark.parametrize("seed", range(8))
def test_the_best_sequence_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    crfs = [CRF(rng.normal(size=3).astype(np.float32), rng.normal(size=(3, 3)).astype(np.float32)) for _ in range(2)]
    work = [(rng.normal(size=(n, 3)).astype(np.float32), crfs[n % 2]) for n in (1, 4, 6, 2)]
    found = decode(work)
    assert [tuple(f.tolist()) for f in found] == [best_by_trying(s, crf) for s, crf in work]


def test_nothing_gives_nothing() -> None:
    assert decode([]) == []
