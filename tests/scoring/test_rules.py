"""The proper scores against two other implementations, and what must hold of them."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

import sayso.scoring.records
import sayso.scoring.rules
import sayso.scoring.shares
from sayso.errors import FieldError
from sayso.scoring import brier_score, decompose, log_score

EXACT = 1e-12
probabilities = st.floats(0, 1, allow_nan=False)
pairs = st.lists(st.tuples(probabilities, st.sampled_from([0.0, 1.0])), min_size=1, max_size=60)


def _random(seed: int, size: int = 2_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = rng.beta(0.6, 0.8, size)
    return p, (rng.random(size) < p**1.3).astype(float)


@pytest.mark.parametrize("seed", range(5))
def test_brier_equals_scoringrules_and_scikit_learn(seed: int) -> None:
    p, o = _random(seed)
    np.testing.assert_allclose(brier_score(p, o), scoringrules.brier_score(o, p), rtol=0, atol=EXACT)
    assert brier_score(p, o).mean() == pytest.approx(brier_score_loss(o, p), abs=EXACT)


@pytest.mark.parametrize("seed", range(5))
def test_log_score_equals_scoringrules_and_scikit_learn(seed: int) -> None:
    p, o = _random(seed)
    p = np.clip(p, 0.01, 0.99)
    np.testing.assert_allclose(log_score(p, o), scoringrules.log_score(o, p), rtol=0, atol=EXACT)
    assert log_score(p, o).mean() == pytest.approx(log_loss(o, p), abs=EXACT)


def test_log_score_is_bounded_by_its_clip() -> None:
    assert log_score(0.0, 1.0) == pytest.approx(-math.log(1e-3))
    assert log_score(1.0, 0.0, clip=0.02) == pytest.approx(-math.log(0.02))
    assert log_score(1.0, 0.0, clip=0.0) == math.inf


@given(pairs)
def test_the_parts_of_a_brier_score_add_up_to_it(forecasts: list[tuple[float, float]]) -> None:
    p, o = np.array(forecasts).T
    for bins in (None, 1, 7):
        d = decompose(p, o, bins=bins)
        assert d.brier == pytest.approx(brier_score(p, o).mean(), abs=1e-12)
        assert d.reliability - d.resolution + d.uncertainty + d.within == pytest.approx(d.brier, abs=1e-12)
        assert min(d.reliability, d.resolution, d.uncertainty) >= 0
        if bins is None:
            assert abs(d.within) < 1e-15


def test_decomposition_of_shares_in_between() -> None:
    d = decompose([0.5, 0.5, 1.0], [0.25, 0.5, 1.0])
    assert d.brier == pytest.approx((0.0625 + 0 + 0) / 3)
    assert d.reliability - d.resolution + d.uncertainty == pytest.approx(d.brier)


def test_telling_the_truth_scores_best() -> None:
    truth = 0.3
    for told in (0.0, 0.1, 0.29, 0.31, 0.9):
        for rule in (brier_score, log_score):
            expected = truth * rule(told, 1) + (1 - truth) * rule(told, 0)
            assert expected > truth * rule(truth, 1) + (1 - truth) * rule(truth, 0)


@pytest.mark.parametrize(
    ("p", "o", "said"),
    [
        ([0.2, 1.4], [0, 1], r"probability 1\.4 at \[1\]"),
        ([0.2], [math.nan], r"outcome nan at \[0\]"),
        ([0.2, 0.3], [0, 1, 1], "do not fit"),
    ],
)
def test_what_is_no_probability_is_refused(p: list[float], o: list[float], said: str) -> None:
    with pytest.raises(FieldError, match=said):
        brier_score(p, o)


def test_nothing_cannot_be_decomposed() -> None:
    with pytest.raises(FieldError, match="no forecast"):
        decompose([], [])


@pytest.mark.parametrize("module", [sayso.scoring.rules, sayso.scoring.shares, sayso.scoring.records])
def test_examples_in_the_docstrings(module: object) -> None:
    result = doctest.testmod(module, extraglobs={"np": np})  # type: ignore[arg-type]
    assert result.attempted
    assert not result.failed
