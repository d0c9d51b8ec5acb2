"""Records: what a holder's resolved forecasts add up to, and what they let one expect.

A crowd is fitted first (``Crowd.fit``), from all resolved forecasts or a large sample of them; then ``score`` tells
every holder's figures. Nothing here is stored anywhere: figures follow from the resolutions each time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sayso.scoring import core
from sayso.scoring.core import Array
from sayso.scoring.forecasts import Answers, BaseRates, Forecasts, answers
from sayso.scoring.rules import LOG_CLIP
from sayso.scoring.shares import LEVEL
from sayso.scoring.shrinkage import Groups, NormalPrior, predictive_strength

USUAL_STYLE = 10.0
USUAL_LUCK = 20.0
"""How many forecasts the crowd counts for where a ledger is too young to teach it; see ``predictive_strength``."""


@dataclass(frozen=True, slots=True)
class Recalibration:
    """How often what the crowd gives a probability comes true: logit q = ``shift`` + ``slope`` logit p."""

    shift: float = 0.0
    slope: float = 1.0

    @classmethod
    def fit(cls, probability: Array, outcome: Array) -> Recalibration:
        """Logistic regression, with the weight of ten forecasts on the words meaning what they say."""
        x = _logit(probability)
        matrix = np.stack((np.ones_like(x), x), axis=1)
        said = np.array([0.0, 1.0])
        weight = 2.5 * np.eye(2)  # ten forecasts with the information p(1-p) = 0.25 of an even one
        at = said.copy()
        for _ in range(50):
            q = 1.0 / (1.0 + np.exp(-(matrix @ at)))
            slope = matrix.T @ (outcome - q) - weight @ (at - said)
            curve = (matrix * (q * (1.0 - q))[:, None]).T @ matrix + weight
            step = np.linalg.solve(curve, slope)
            at = at + np.clip(step, -2.0, 2.0)
            if np.abs(step).max() < 1e-10:
                break
        return cls(float(at[0]), float(at[1]))

    def expected_brier(self, probability: Array) -> Array:
        """The Brier score that each stated probability meets in the crowd, whatever came of it this time."""
        q = 1.0 / (1.0 + np.exp(-(self.shift + self.slope * _logit(probability))))
        return q * np.square(1.0 - probability) + (1.0 - q) * np.square(probability)


def _logit(probability: Array) -> Array:
    p = np.clip(probability, 0.005, 0.995)
    return np.log(p / (1.0 - p))


@dataclass(frozen=True, slots=True)
class Crowd:
    """What the forecasters of a ledger have in common, against which each is judged.

    A Brier score is taken apart into *style*, the score that such a probability meets in this crowd (bold forecasters
    meet other scores than cautious ones, and few forecasts show which one is), and *luck*, the rest, which holds skill
    as well and shows only over many. Each is shrunk toward the crowd by a strength of its own.
    """

    recalibration: Recalibration
    style: float
    style_strength: float
    luck: float
    luck_strength: float
    rates: BaseRates
    prior: NormalPrior
    forecasts: int

    @classmethod
    def fit(cls, forecasts: Forecasts) -> Crowd:
        """The crowd of these forecasts; of none, one of which nothing is known."""
        recalibration = Recalibration.fit(forecasts.probability, forecasts.outcome)
        style = recalibration.expected_brier(forecasts.probability)
        luck = core.brier(forecasts.probability, forecasts.outcome) - style
        rates = BaseRates.fit(forecasts)
        made = answers(forecasts, rates)
        return cls(
            recalibration=recalibration,
            style=float(style.mean()) if style.size else 0.25,
            style_strength=predictive_strength(style, forecasts.holder, forecasts.day, usual=USUAL_STYLE),
            # Until much is known, the words of a crowd mean what they say.
            luck=float(luck.sum()) / (luck.size + USUAL_LUCK),
            luck_strength=predictive_strength(luck, forecasts.holder, forecasts.day, usual=USUAL_LUCK),
            rates=rates,
            prior=NormalPrior.fit(Groups.of(made.difference, made.holder, forecasts.holders)),
            forecasts=forecasts.size,
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """Figures of every holder, arrays by the holder's number; nan where a holder has no scored forecast.

    ``brier`` is the mean at the point that the words are worth, ``brier_low`` and ``brier_high`` at the low and the
    high end of what they may mean. ``expected_brier`` is what to expect of the next forecast. ``skill`` is the mean
    gain in Brier over the baseline, shrunk toward the crowd, with its interval ``low`` to ``high``.
    """

    count: Array
    brier: Array
    brier_low: Array
    brier_high: Array
    log: Array
    expected_brier: Array
    answers: Array
    skill: Array
    low: Array
    high: Array


def score(forecasts: Forecasts, crowd: Crowd, *, level: float = LEVEL) -> Scores:
    """The figures of every holder of ``forecasts``, which hold all that was said on the questions they touch."""
    size, holder = forecasts.holders, forecasts.holder
    count = np.bincount(holder, minlength=size).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):

        def mean(value: Array) -> Array:
            return np.bincount(holder, value, minlength=size) / count

        brier = core.brier(forecasts.probability, forecasts.outcome)
        style = crowd.recalibration.expected_brier(forecasts.probability)
        expected = _shrunk(mean(style), count, crowd.style, crowd.style_strength)
        expected += _shrunk(mean(brier - style), count, crowd.luck, crowd.luck_strength)
        made = answers(forecasts, crowd.rates)
        groups, skill, low, high = _skill(made, crowd.prior, size, level)
        return Scores(
            count=count,
            brier=mean(brier),
            brier_low=mean(core.brier(forecasts.low, forecasts.outcome)),
            brier_high=mean(core.brier(forecasts.high, forecasts.outcome)),
            log=mean(core.log_score(forecasts.probability, forecasts.outcome, LOG_CLIP)),
            expected_brier=np.where(count > 0, np.clip(expected, 0.0, 1.0), np.nan),
            answers=groups.count,
            skill=skill,
            low=low,
            high=high,
        )


def _shrunk(mean: Array, count: Array, crowd: float, strength: float) -> Array:
    return (strength * crowd + count * np.nan_to_num(mean)) / (strength + count)


def _skill(made: Answers, prior: NormalPrior, size: int, level: float) -> tuple[Groups, Array, Array, Array]:
    groups = Groups.of(made.difference, made.holder, size)
    mean, variance, freedom = prior.posterior(groups)
    quantile = {f: core.t_quantile(level, f) for f in np.unique(freedom).tolist()}
    half = np.sqrt(variance) * np.array([quantile[f] for f in freedom.tolist()])
    none = groups.count == 0
    return groups, *(np.where(none, np.nan, x) for x in (mean, mean - half, mean + half))  # type: ignore[return-value]


def skill(difference: Array, holder: Array, *, level: float = LEVEL) -> tuple[Array, Array, Array]:
    """Skill with its interval from bare differences, one a question answered: (mean, low, high) by holder.

    ``difference`` is the baseline's Brier score less the holder's, ``holder`` the numbers of the holders from 0.

    >>> mean, low, high = skill(np.array([0.1, 0.2, 0.15, -0.1, -0.05, 0.0]), np.array([0, 0, 0, 1, 1, 1]))
    >>> bool(low[0] < mean[0] < high[0]), bool(mean[0] < 0.15)
    (True, True)
    """
    number = np.asarray(holder, np.intp)
    size = int(number.max()) + 1 if number.size else 0
    value = np.asarray(difference, np.float64)
    prior = NormalPrior.fit(Groups.of(value, number, size))
    nobody = np.zeros(number.size, np.intp)
    made = Answers(number, nobody, np.zeros(number.size), value, nobody)
    _, mean, low, high = _skill(made, prior, size, level)
    return mean, low, high
