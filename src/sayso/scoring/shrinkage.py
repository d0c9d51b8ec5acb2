"""What a few observations say of their source, once it is known how sources differ: shrinkage toward the crowd.

Two ways, for two questions. ``NormalPrior`` describes how much true means differ between people, which gives an
interval for each (what ``skill`` needs). ``predictive_strength`` asks only how much weight the crowd should have for
the *next* observation to be foretold best, which is more robust where people change and their days differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sayso.scoring.core import Array

Index = NDArray[np.intp]

_NODES = 16
CROWD_SPREAD = 0.1
"""How far, as a standard deviation, the mean of a crowd may lie from 0 before anything is known of it."""
POOL = 30.0
"""How many observations the pooled variance counts for beside a person's own."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Observations summed by group: how many, their mean, and the sum of squares about it (arrays, one a group)."""

    count: Array
    mean: Array
    squares: Array

    @classmethod
    def of(cls, value: Array, group: Index, size: int) -> Groups:
        """``value`` summed by ``group``, numbers from 0 below ``size``; a group without any has count and mean 0."""
        count = np.bincount(group, minlength=size).astype(np.float64)
        mean = np.bincount(group, value, minlength=size) / np.maximum(count, 1.0)
        squares = np.bincount(group, np.square(value - mean[group]), minlength=size).astype(np.float64)
        return cls(count, mean, squares)


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """True means of groups are normal about ``mean`` with variance ``between``; ``within`` is that of one observation.

    ``mean_variance`` and ``between_variance`` say how well the two are known from ``groups`` groups.
    """

    mean: float
    between: float
    within: float
    mean_variance: float
    between_variance: float
    groups: int

    @classmethod
    def fit(cls, groups: Groups) -> NormalPrior:
        """Empirical Bayes after Morris, Journal of the American Statistical Association 78 (1983)."""
        some = groups.count > 0
        count, mean = groups.count[some], groups.mean[some]
        freedom = float(np.maximum(count - 1.0, 0.0).sum())
        if count.size == 0:
            return cls(0.0, 0.0, 0.25, 0.0, 0.0, 0)
        # A variance needs some freedom; one observation from each of a few says nothing of it, so that the crowd's
        # own spread, which is larger, stands in.
        within = float(groups.squares.sum()) / freedom if freedom >= 1.0 else float(np.var(mean)) or 0.25
        within = max(within, 1e-12)
        error = _variance(groups, within)[some] / count
        between, weight = _between(mean, error, within / count)
        centre = float(np.dot(weight, mean) / weight.sum())
        spread = max(between, 0.0) + error
        # What two or three people have said is not taken for the crowd: their mean is held toward 0, no gain at all.
        loose = float(np.dot(np.square(weight), spread) / weight.sum() ** 2)
        held = CROWD_SPREAD**2 / (CROWD_SPREAD**2 + loose)
        return cls(
            mean=held * centre,
            between=between,
            within=within,
            mean_variance=held * loose,
            between_variance=float(2.0 * np.dot(weight**4, np.square(spread)) / np.square(weight).sum() ** 2),
            groups=int(count.size),
        )

    def posterior(self, groups: Groups) -> tuple[Array, Array, Array]:
        """Mean, variance and degrees of freedom of each group's true mean.

        Averaged over what ``between`` may be, a normal distribution cut off at 0, since an interval that took its
        estimate for the truth would be too short, and none at all where the estimate is 0.
        """
        error = _variance(groups, self.within) / np.maximum(groups.count, 1e-9)
        away = groups.mean - self.mean
        first, second = np.zeros_like(error), np.zeros_like(error)
        for between in self._betweens():
            shrink = error / (error + between)
            inside = (1.0 - shrink) * away
            first += inside
            second += np.square(inside) + error * (1.0 - shrink) + np.square(shrink) * self.mean_variance
        first, second = first / _NODES, second / _NODES
        return self.mean + first, second - np.square(first), POOL + np.maximum(groups.count - 1.0, 0.0)

    def _betweens(self) -> list[float]:
        """Values that ``between`` may have, each as likely as the next: quantiles of the cut-off normal."""
        spread = math.sqrt(self.between_variance)
        if spread == 0.0:
            return [max(self.between, 0.0)] * _NODES
        normal = NormalDist(self.between, spread)
        below = normal.cdf(0.0)
        if below > 1.0 - 1e-9:
            return [0.0] * _NODES
        return [normal.inv_cdf(below + (1.0 - below) * (k + 0.5) / _NODES) for k in range(_NODES)]


def _variance(groups: Groups, pooled: float) -> Array:
    """The variance of one observation in each group: its own, shrunk toward the pooled one."""
    own = np.maximum(groups.count - 1.0, 0.0)
    return (POOL * pooled + groups.squares) / (POOL + own)


def _between(mean: Array, error: Array, pooled: Array) -> tuple[float, Array]:
    """The variance of the true means, and the weight of each group in whatever is estimated of them all.

    The restricted likelihood's estimating equation, except that weights come from the ``pooled`` errors: bold
    forecasters have both larger errors and other means than cautious ones, and weights by their own errors would
    take the cautious for the crowd.
    """
    if mean.size < 2:
        return 0.0, np.ones_like(mean)
    between, raw = max(float(np.var(mean, ddof=1) - error.mean()), 0.0), 0.0
    weight = 1.0 / (between + pooled)
    for _ in range(200):
        total = weight.sum()
        centre = np.dot(weight, mean) / total
        squared = np.square(weight)
        # The last term gives back what the centre, estimated from the same means, has taken.
        taken = np.dot(squared, between + error) / total**2
        raw = float(np.dot(squared, np.square(mean - centre) - error) / squared.sum() + taken)
        near = max(raw, 0.0)
        done = abs(near - between) <= 1e-10 + 1e-7 * between
        between = near
        weight = 1.0 / (between + pooled)
        if done:
            break
    return raw, weight


def predictive_strength(value: Array, holder: Index, day: NDArray[np.int64], *, usual: float) -> float:
    """How many observations the crowd's mean should count for, so that each holder's next one is foretold best.

    Every observation is foretold from the same holder's of *earlier days* (those of one day share their luck) as
    (k·crowd + their sum) / (k + their number); k is the one with the least squared error. ``usual`` is k where there
    is next to nothing to learn it from. Dawid's prequential principle, JRSS A 147 (1984).
    """
    if value.size == 0:
        return usual
    order = np.lexsort((day, holder))
    value, holder, day = value[order], holder[order], day[order]
    before = np.concatenate(([0.0], np.cumsum(value)))
    new_holder = np.concatenate(([True], holder[1:] != holder[:-1]))
    new_day = new_holder | np.concatenate(([True], day[1:] != day[:-1]))
    at = np.arange(value.size)
    first = np.maximum.accumulate(np.where(new_holder, at, 0))
    today = np.maximum.accumulate(np.where(new_day, at, 0))
    known = today - first
    asked = known > 0
    if not asked.any():
        return usual
    total, number, target = (before[today] - before[first])[asked], known[asked].astype(np.float64), value[asked]
    crowd, noise = float(value.mean()), float(np.var(value))

    def loss(log_k: float) -> float:
        k = math.exp(log_k)
        error = float(np.square((k * crowd + total) / (k + number) - target).sum())
        return error + noise * (log_k - math.log(usual)) ** 2

    return math.exp(_least(loss, math.log(0.5), math.log(5_000.0)))


def _least(loss: Callable[[float], float], low: float, high: float) -> float:
    """Where ``loss`` is least: the best of a coarse grid, then golden section about it."""
    grid = np.linspace(low, high, 24)
    best = int(np.argmin([loss(float(x)) for x in grid]))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, grid.size - 1)])
    ratio = (math.sqrt(5.0) - 1.0) / 2.0
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = loss(left), loss(right)
    for _ in range(24):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = loss(right)
    return (low + high) / 2.0
