"""Resolved forecasts as columns, and what each would have scored by saying what the others said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sayso.errors import FieldError
from sayso.scoring import core
from sayso.scoring.core import Array
from sayso.scoring.rules import checked
from sayso.scoring.shrinkage import Index


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Resolved predictions, one row each; all arrays have one length.

    ``holder`` numbers the holders from 0 below ``holders``, ``question`` the questions from 0 (a forecast that no other
    shares has a number of its own), ``like`` the classes of questions that share a base rate. ``probability`` is that
    the question's answer is yes, ``low`` and ``high`` the ends of what its words may mean, ``outcome`` 1 for yes, 0 for
    no or a share in between, ``day`` the ordinal of the day on which the forecast was made.
    """

    holder: Index
    question: Index
    probability: Array
    low: Array
    high: Array
    outcome: Array
    day: NDArray[np.int64]
    like: Index
    holders: int

    @classmethod
    def of(
        cls,
        holder: Sequence[object],
        probability: ArrayLike,
        outcome: ArrayLike,
        *,
        question: Sequence[object] | None = None,
        day: ArrayLike | None = None,
        low: ArrayLike | None = None,
        high: ArrayLike | None = None,
        like: Sequence[object] | None = None,
    ) -> tuple[Forecasts, list[object]]:
        """The columns, and the holders in the order of their numbers, which is that in which they first come.

        Names of holders, questions and classes may be anything that can be a key; None for a question is one that
        nobody else answered. Raises FieldError where a number is no probability or a column has another length.
        """
        p, o = (np.ravel(x) for x in checked(probability, outcome))
        numbers: dict[object, int] = {}
        who = np.fromiter((numbers.setdefault(name, len(numbers)) for name in holder), np.intp)
        questions: dict[object, int] = {}
        asked: list[object] = list(question) if question is not None else [None] * p.size
        which = np.fromiter(
            (questions.setdefault((at,) if name is None else name, len(questions)) for at, name in enumerate(asked)),
            np.intp,
        )
        likes: dict[object, int] = {}
        kinds: list[object] = list(like) if like is not None else [None] * p.size
        alike = np.fromiter((likes.setdefault(name, len(likes)) for name in kinds), np.intp)
        made = cls(
            holder=who,
            question=which,
            probability=p,
            low=p if low is None else np.ravel(checked(low, o)[0]),
            high=p if high is None else np.ravel(checked(high, o)[0]),
            outcome=o,
            day=np.zeros(p.size, np.int64) if day is None else np.ravel(np.asarray(day, np.int64)),
            like=alike,
            holders=len(numbers),
        )
        if any(column.shape != p.shape for column in (who, which, alike, made.day, made.low, made.high)):
            raise FieldError("forecasts", "the columns have different lengths", "give one value a forecast in each")
        return made, list(numbers)

    @property
    def size(self) -> int:
        return int(self.probability.size)


@dataclass(frozen=True, slots=True)
class BaseRates:
    """How often questions of each class were answered yes: ``(yes + 1) / (number + 2)``, by ``Forecasts.like``."""

    rates: Array
    overall: float = 0.5

    @classmethod
    def fit(cls, forecasts: Forecasts) -> BaseRates:
        """Each question counts once, however many forecast it."""
        if not forecasts.size:
            return cls(np.zeros(0))
        _, first = np.unique(forecasts.question, return_index=True)
        yes, like = forecasts.outcome[first], forecasts.like[first]
        number = np.bincount(like, minlength=int(forecasts.like.max()) + 1)
        overall = float((yes.sum() + 1.0) / (yes.size + 2.0))
        return cls((np.bincount(like, yes, minlength=number.size) + 1.0) / (number + 2.0), overall)

    def of(self, like: Index) -> Array:
        """The rate of each class; the overall rate of a class that was not seen."""
        known = np.append(self.rates, self.overall)
        return known[np.where(like < self.rates.size, like, self.rates.size)]


@dataclass(frozen=True, slots=True)
class Answers:
    """What each holder said on each question, several forecasts of one holder on one question taken together.

    ``baseline`` is what the others said on it in the mean, else the base rate of its like; ``difference`` is the Brier
    score of that baseline less the holder's own: above 0 the holder did better. ``crowd`` counts the others.
    """

    holder: Index
    question: Index
    baseline: Array
    difference: Array
    crowd: Index = field(repr=False)


def answers(forecasts: Forecasts, rates: BaseRates) -> Answers:
    """The answers of ``forecasts``; hard questions are hard for the baseline as well."""
    if not forecasts.size:
        none = np.zeros(0, np.intp)
        return Answers(none, none, np.zeros(0), np.zeros(0), none)
    span = int(forecasts.holder.max()) + 1
    key, first, unit = np.unique(
        forecasts.question.astype(np.int64) * span + forecasts.holder, return_index=True, return_inverse=True
    )
    unit = unit.reshape(-1)
    number = np.bincount(unit).astype(np.float64)
    question, holder = (key // span).astype(np.intp), (key % span).astype(np.intp)
    outcome = forecasts.outcome[first]
    said = np.bincount(unit, forecasts.probability) / number
    own = np.bincount(unit, core.brier(forecasts.probability, forecasts.outcome)) / number
    total, people = np.bincount(question, said), np.bincount(question)
    others = people[question] - 1
    baseline = np.where(others > 0, (total[question] - said) / np.maximum(others, 1), rates.of(forecasts.like[first]))
    # A sum less one of its terms may leave 0..1 by a rounding error.
    baseline = np.clip(baseline, 0.0, 1.0)
    return Answers(holder, question, baseline, core.brier(baseline, outcome) - own, others.astype(np.intp))
