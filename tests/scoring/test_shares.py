"""Calibration bins against scikit-learn, intervals against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.calibration import calibration_curve

from sayso.errors import FieldError
from sayso.scoring import calibration, core, share


@pytest.mark.parametrize("bins", [1, 5, 10])
def test_bins_equal_those_of_scikit_learn(bins: int) -> None:
    rng = np.random.default_rng(bins)
    p = rng.random(3_000)  # none lies on an edge, where the two put it into different bins
    o = (rng.random(3_000) < p).astype(float)
    frequency, probability = calibration_curve(o, p, n_bins=bins)
    made = calibration(p, o, bins=bins)
    np.testing.assert_allclose([b.frequency for b in made], frequency, rtol=0, atol=1e-12)
    np.testing.assert_allclose([b.probability for b in made], probability, rtol=0, atol=1e-12)
    assert sum(b.count for b in made) == 3_000


def test_edges_belong_to_the_bin_above_and_one_to_the_last() -> None:
    assert [(b.low, b.count) for b in calibration([0.0, 0.1, 0.5, 1.0], [0, 0, 1, 1])] == [
        (0.0, 1),
        (0.1, 1),
        (0.5, 1),
        (0.9, 1),
    ]


@pytest.mark.parametrize(("count", "of"), [(1, 2), (3, 10), (9, 10), (50, 100), (2, 400), (333, 1_000)])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_intervals_are_quantiles_of_the_beta_distribution(count: int, of: int, level: float) -> None:
    made = share(count, of, level=level)
    beta = stats.beta(count + 0.5, of - count + 0.5)
    assert made.low == pytest.approx(beta.ppf((1 - level) / 2), abs=1e-12)
    assert made.high == pytest.approx(beta.ppf((1 + level) / 2), abs=1e-12)
    assert made.share == pytest.approx(beta.mean(), abs=1e-12)


def test_intervals_reach_the_ends_where_all_or_none_came_true() -> None:
    assert (share(0, 7).low, share(7, 7).high) == (0.0, 1.0)
    assert share(0, 0) == share(0, 0)
    nothing = share(0, 0)
    assert (nothing.low, nothing.share, nothing.high) == (0.0, 0.5, 1.0)


def test_jeffreys_intervals_hold_the_true_share_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(4_000):
        truth, of = rng.uniform(0.05, 0.95), int(rng.integers(5, 60))
        made = share(int(rng.binomial(of, truth)), of)
        held.append(made.low <= truth <= made.high)
    assert 0.88 < np.mean(held) < 0.92


@pytest.mark.parametrize(("count", "of", "level"), [(3, 2, 0.9), (-1, 2, 0.9), (1, 2, 1.0)])
def test_what_is_no_share_is_refused(count: int, of: int, level: float) -> None:
    with pytest.raises(FieldError, match="no share"):
        share(count, of, level=level)


@pytest.mark.parametrize("freedom", [1.0, 4.0, 5.0, 7.5, 30.0, 400.0, 2_500.0, 4_999.0])
def test_students_t(freedom: float) -> None:
    assert core.t_quantile(0.9, freedom) == pytest.approx(stats.t(freedom).ppf(0.95), rel=1e-10)


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (0.5, 30.5), (12.0, 3.0), (700.5, 300.5)])
def test_beta_distribution(a: float, b: float) -> None:
    for x in np.linspace(0, 1, 23):
        assert core.beta_cdf(float(x), a, b) == pytest.approx(stats.beta(a, b).cdf(x), abs=1e-12)


@pytest.mark.parametrize(("a", "b"), [(3_000.5, 0.5), (0.5, 4_000.5), (2_500.0, 2_600.0), (20_000.5, 3.5)])
def test_quantiles_of_who_has_forecast_thousands_of_times(a: float, b: float) -> None:
    for q in (0.05, 0.5, 0.95):
        assert core.beta_quantile(q, a, b) == pytest.approx(stats.beta(a, b).ppf(q), rel=1e-9)
