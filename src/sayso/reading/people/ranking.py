"""Choosing among candidates: a log-linear model over a few plain features, its weights in ``weights.json``."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from importlib import resources
from math import exp

Features = tuple[str, ...]
"""Names of features that are on."""


class Ranker:
    """A conditional log-linear model: the probability of a candidate is softmax over the sums of its weights.

    ``weights`` has one number for each feature name; an unknown feature weighs 0.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.weights = weights

    def worth(self, features: Features) -> float:
        """The sum of the weights of some features."""
        return sum(self.weights.get(feature, 0.0) for feature in features)

    def choose(self, scores: Sequence[float]) -> tuple[int, float]:
        """The index of the candidate with the highest sum and its probability; raises ValueError where there is none.

        Of equals the first is chosen.
        """
        if not scores:
            raise ValueError("no candidates to choose from")
        top = max(scores)
        return scores.index(top), 1.0 / sum([exp(score - top) for score in scores])


class Told(float):
    """A sum of weights that keeps the names of the features it sums."""

    features: Features

    @classmethod
    def of(cls, worth: float, features: Features) -> Told:
        """A sum with the names of what it sums."""
        made = cls(worth)
        made.features = features
        return made

    def __add__(self, other: float) -> Told:
        assert isinstance(other, Told)
        return Told.of(float(self) + float(other), self.features + other.features)


class TellingRanker(Ranker):
    """A ranker whose sums tell what they sum, to learn weights from: slower."""

    def worth(self, features: Features) -> Told:
        """The sum of the weights of some features, with their names."""
        return Told.of(super().worth(features), features)


class Table(dict[Hashable, float]):
    """What a bundle of features weighs by the few values it depends on, which come up again and again.

    ``name`` gives the features of ``kind`` for such values; it is called once for each that come up.
    """

    def __init__(self, ranker: Ranker, kind: str, name: Callable[..., Features]) -> None:
        self._ranker, self._kind, self._name = ranker, kind, name

    def __missing__(self, values: tuple[Hashable, ...]) -> float:
        total = self[values] = self._ranker.worth(self._name(self._kind, *values))
        return total


@functools.cache
def shipped() -> Ranker:
    """The ranker with the weights of the package."""
    text = resources.files(__package__).joinpath("weights.json").read_text(encoding="utf-8")
    return Ranker(json.loads(text))
