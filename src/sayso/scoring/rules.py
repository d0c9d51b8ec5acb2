"""Proper scores of probabilities: Brier, logarithmic, and what a Brier score is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sayso.errors import FieldError
from sayso.scoring import core
from sayso.scoring.core import Array

LOG_CLIP = 1e-3
"""The log score takes no probability below this or above one less it: a wrong "certainly" costs 6.9, not infinity."""


def checked(probability: ArrayLike, outcome: ArrayLike) -> tuple[Array, Array]:
    """Both as float arrays of one shape; FieldError names the first value outside 0..1 or a shape that does not fit."""
    p, o = np.asarray(probability, np.float64), np.asarray(outcome, np.float64)
    try:
        p, o = np.broadcast_arrays(p, o)
    except ValueError as error:
        raise FieldError("scores", f"{p.shape} probabilities do not fit {o.shape} outcomes") from error
    for name, values in (("probability", p), ("outcome", o)):
        bad = ~((values >= 0.0) & (values <= 1.0))
        if bad.any():
            at = tuple(int(i[0]) for i in np.nonzero(np.atleast_1d(bad)))
            value = np.atleast_1d(values)[at]
            raise FieldError("scores", f"{name} {value} at {list(at)} is not between 0 and 1", "give a number in 0..1")
    return p, o


def brier_score(probability: ArrayLike, outcome: ArrayLike) -> Array:
    """The Brier score of each forecast, (p - o)²: 0 is best, 1 worst, 0.25 what "fifty-fifty" always gets.

    This is the score of the one event, 0..1, not Brier's own sum over both classes, which is twice as large.
    ``probability`` is that of the event, ``outcome`` 1 where it came about, 0 where not, or a share in between; shapes
    broadcast. Brier, Monthly Weather Review 78 (1950).

    >>> brier_score([0.9, 0.5], [1, 0]).round(4).tolist()
    [0.01, 0.25]
    """
    return core.brier(*checked(probability, outcome))


def log_score(probability: ArrayLike, outcome: ArrayLike, *, clip: float = LOG_CLIP) -> Array:
    """The negative log likelihood of each forecast in nats: 0 is best, ln 2 ≈ 0.693 what "fifty-fifty" gets.

    A probability is held within [clip, 1 - clip] first. Good, Journal of the Royal Statistical Society B 14 (1952).

    >>> log_score([0.5, 0.0], [1, 1]).round(3).tolist()
    [0.693, 6.908]
    """
    if not 0.0 <= clip < 0.5:
        raise FieldError("log score", f"clip {clip} is not in 0..0.5")
    p, o = checked(probability, outcome)
    with np.errstate(divide="ignore", invalid="ignore"):
        return core.log_score(p, o, clip)


@dataclass(frozen=True, slots=True)
class Decomposition:
    """What a mean Brier score is made of: ``brier = reliability - resolution + uncertainty + within``.

    ``reliability`` (0 best) is how far the stated probabilities lie from the shares that came true, ``resolution``
    (more is better) how far those shares lie from the base rate, ``uncertainty`` the variance of the outcomes.
    ``within`` is what several probabilities in one bin add; 0 where each distinct probability has its own.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float = 0.0


def decompose(probability: ArrayLike, outcome: ArrayLike, *, bins: int | None = None) -> Decomposition:
    """Murphy's decomposition of the mean Brier score of one-dimensional ``probability`` and ``outcome``.

    Without ``bins`` forecasts are grouped by their exact probability, else into that many bins of equal width.
    Murphy, Journal of Applied Meteorology 12 (1973); the term within bins: Stephenson, Coelho and Jolliffe,
    Weather and Forecasting 23 (2008). Raises FieldError where there is no forecast.

    >>> d = decompose([0.8, 0.8, 0.2, 0.2], [1, 1, 0, 1])
    >>> round(d.reliability, 4), round(d.resolution, 4), round(d.uncertainty, 4)
    (0.065, 0.0625, 0.1875)
    """
    p, o = (np.ravel(x) for x in checked(probability, outcome))
    if p.size == 0:
        raise FieldError("decomposition", "there is no forecast to score")
    group = bin_of(p, bins) if bins is not None else p
    number = np.unique(group, return_inverse=True)[1].reshape(-1)
    return Decomposition(float(core.brier(p, o).mean()), *core.murphy(p, o, number))


def bin_of(probability: Array, bins: int) -> NDArray[np.intp]:
    """The number, from 0, of the bin of equal width that each probability lies in; 1 lies in the last."""
    if bins < 1:
        raise FieldError("bins", f"{bins} is not a number of bins", "give 1 or more")
    edges = np.linspace(0.0, 1.0, bins + 1)
    return np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, bins - 1)
