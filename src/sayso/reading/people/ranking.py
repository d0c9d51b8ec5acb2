"""Choosing among candidates: a log-linear model over a few plain features, its weights in ``weights.json``."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from importlib import resources

Features = tuple[str, ...]
"""Names of features that are on."""
Row = list[Features]
"""All that are on for one candidate, in bundles that come up again with others."""


class Ranker:
    """A conditional log-linear model: the probability of a candidate is softmax over the sums of its weights.

    ``weights`` has one number for each feature name; an unknown feature weighs 0.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.weights = weights
        self._weight = _Weights(weights).__getitem__

    def choose(self, candidates: Sequence[Row]) -> tuple[int, float]:
        """The index of the likeliest candidate and its probability; raises ValueError where there is none."""
        if not candidates:
            raise ValueError("no candidates to choose from")
        scores = [sum(map(self._weight, row)) for row in candidates]
        best = max(range(len(scores)), key=scores.__getitem__)
        top = scores[best]
        return best, 1.0 / sum(math.exp(s - top) for s in scores)


class _Weights(dict[Features, float]):
    """The sum of the weights of each bundle of features that was met, looked up without a call of Python's for each."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights

    def __missing__(self, features: Features) -> float:
        total = self[features] = sum(self._weights.get(feature, 0.0) for feature in features)
        return total


@functools.cache
def shipped() -> Ranker:
    """The ranker with the weights of the package."""
    text = resources.files(__package__).joinpath("weights.json").read_text(encoding="utf-8")
    return Ranker(json.loads(text))
