"""The formulas, bare: arrays in, arrays out, no checks. ``rules`` and ``shares`` are their documented face."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def brier(probability: Array, outcome: Array) -> Array:
    """(p - o)²."""
    return np.square(probability - outcome)


def log_score(probability: Array, outcome: Array, clip: float) -> Array:
    """-[o ln p + (1 - o) ln(1 - p)], p held within [clip, 1 - clip]."""
    p = np.clip(probability, clip, 1.0 - clip)
    return -(outcome * np.log(p) + (1.0 - outcome) * np.log1p(-p))


def murphy(probability: Array, outcome: Array, group: NDArray[np.intp]) -> tuple[float, float, float, float]:
    """Reliability, resolution, uncertainty and what varies inside the groups; ``group`` numbers them from 0.

    Brier = reliability - resolution + uncertainty + within holds exactly; within is 0 where each group has one p.
    """
    count = np.bincount(group).astype(np.float64)
    total = float(outcome.size)
    mean_p = np.bincount(group, probability) / count
    mean_o = np.bincount(group, outcome) / count
    base = float(outcome.mean())
    reliability = float(np.dot(count, np.square(mean_p - mean_o))) / total
    resolution = float(np.dot(count, np.square(mean_o - base))) / total
    uncertainty = float(np.square(outcome - base).mean())
    spread_p, spread_o = probability - mean_p[group], outcome - mean_o[group]
    within = float((np.square(spread_p) - 2.0 * spread_p * spread_o).mean())
    return reliability, resolution, uncertainty, within


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function by Lentz's method (DLMF 8.17.22)."""
    tiny = 1e-300
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 10_000):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 + step * d
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = 1.0 + step / c
            c = c if abs(c) > tiny else tiny
            value *= c * d
        if abs(c * d - 1.0) < 1e-16:
            break
    return value


def _log_beta_density(x: float, a: float, b: float) -> float:
    """ln of x^a (1-x)^b / B(a, b)."""
    return math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    front = math.exp(_log_beta_density(x, a, b))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _beta_fraction(a, b, x) / a
    return 1.0 - front * _beta_fraction(b, a, 1.0 - x) / b


@lru_cache(maxsize=65_536)
def beta_quantile(q: float, a: float, b: float) -> float:
    """The x with I_x(a, b) = q: Newton's method kept inside a bracket that bisection narrows."""
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(200):
        error = beta_cdf(x, a, b) - q
        if error > 0.0:
            high = x
        else:
            low = x
        near = -math.inf  # where the density is next to nothing, only halving the bracket helps
        if 0.0 < x < 1.0 and (density := _log_beta_density(x, a, b)) > -600.0:
            near = x - error * math.exp(-density) * x * (1.0 - x)
        if not low < near < high:
            near = 0.5 * (low + high)
        if abs(near - x) <= 1e-15 * x or high - low <= 1e-16:
            return near
        x = near
    return x


def normal_quantile(level: float) -> float:
    """How many standard deviations either side hold ``level`` of a normal distribution."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(0.5 + level / 2.0)


@lru_cache(maxsize=4_096)
def t_quantile(level: float, freedom: float) -> float:
    """The same for Student's t, by the beta distribution of ν / (ν + t²)."""
    if freedom > 5_000:
        return normal_quantile(level)
    x = beta_quantile(1.0 - level, freedom / 2.0, 0.5)
    return math.sqrt(freedom * (1.0 - x) / x)
