"""How often what was called likely came true: calibration bins, and shares with their intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sayso.errors import FieldError
from sayso.scoring import core
from sayso.scoring.rules import bin_of, checked

LEVEL = 0.9
"""The level of every interval unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of ``of`` came true: the share, and its interval."""

    count: float
    of: float
    share: float
    low: float
    high: float


def share(count: float, of: float, *, level: float = LEVEL) -> Share:
    """A share with its Jeffreys interval: quantiles of Beta(k + ½, n - k + ½), its ends 0 at k = 0 and 1 at k = n.

    ``share`` itself is the mean of that beta distribution, so that "1 of 1" is not told as certainty; 0.5 of nothing.
    Brown, Cai and DasGupta, Statistical Science 16 (2001).

    >>> s = share(8, 10)
    >>> round(s.share, 3), round(s.low, 3), round(s.high, 3)
    (0.773, 0.548, 0.94)
    """
    if not 0.0 <= count <= of or not 0.0 < level < 1.0:
        raise FieldError("share", f"{count} of {of} at level {level} is no share")
    a, b, tail = count + 0.5, of - count + 0.5, (1.0 - level) / 2.0
    low = 0.0 if count == 0 else core.beta_quantile(tail, a, b)
    high = 1.0 if count == of else core.beta_quantile(1.0 - tail, a, b)
    return Share(count, of, a / (a + b), low, high)


@dataclass(frozen=True, slots=True)
class Bin:
    """The forecasts with a probability in [``low``, ``high``): how many, their mean, and the share that came true.

    ``frequency`` is the plain share, ``frequency_low`` and ``frequency_high`` its Jeffreys interval.
    """

    low: float
    high: float
    count: int
    probability: float
    frequency: float
    frequency_low: float
    frequency_high: float


def calibration(probability: ArrayLike, outcome: ArrayLike, *, bins: int = 10, level: float = LEVEL) -> list[Bin]:
    """The calibration of one-dimensional forecasts in bins of equal width; empty bins are left out, 1 is in the last.

    >>> [(b.count, b.probability, b.frequency) for b in calibration([0.8, 0.8, 0.25], [1, 0, 0], bins=2)]
    [(1, 0.25, 0.0), (2, 0.8, 0.5)]
    """
    p, o = (np.ravel(x) for x in checked(probability, outcome))
    number = bin_of(p, bins)
    made = []
    for k in range(bins):
        inside = number == k
        count = int(inside.sum())
        if not count:
            continue
        hits = float(o[inside].sum())
        interval = share(min(hits, count), count, level=level)
        made.append(
            Bin(k / bins, (k + 1) / bins, count, float(p[inside].mean()), hits / count, interval.low, interval.high)
        )
    return made
