"""How likely each candidate is a part of the forecast, and which to take."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sayso.posts import Range
from sayso.reading.dates import Interval
from sayso.reading.parts.candidates import ADJOINS, Candidate, Place, candidates

SIGHT = 0.05
"""A part is looked for where the network gives at least one piece of a content this probability of being in it."""
SEVERAL = 0.5
"""How likely a second part of a sort must be (conditions may be several) where one is more likely still."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A phrase taken for a part, how likely it is one, and for a horizon what the grammar of dates makes of it."""

    at: Range
    sure: float
    rule: str
    read: Interval | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """The weight of each feature, and the probability from which a candidate is taken."""

    weights: Mapping[str, float]
    least: float


@cache
def scales() -> Mapping[str, Scale]:
    """What training/parts.py fitted, by part."""
    loaded = json.loads(files(__package__).joinpath("weights.json").read_text(encoding="utf-8"))
    return {part: Scale(entry["weights"], entry["least"]) for part, entry in loaded.items()}


def probability(features: Mapping[str, float], weight: Mapping[str, float]) -> float:
    """Logistic regression over named features; one without a weight counts for nothing."""
    total = 0.0
    for name, value in features.items():
        total += value * weight.get(name, 0.0)
    return 1.0 / (1.0 + math.exp(-total))


def choose(place: Place, part: str, *, several: bool = False) -> list[Chosen]:
    """The likeliest candidate for a part of a content, if it is likely enough; with ``several`` the others that are
    more likely than not, or adjoin it, and stand apart from it as well, in the order of the text."""
    if place.sight(part) < SIGHT:
        return []
    scale = scales()[part]
    scored = sorted(
        ((probability(c.features, scale.weights), c) for c in candidates(place, part)), key=lambda x: (-x[0], x[1].at)
    )
    taken: list[tuple[float, Candidate]] = []
    for sure, one in scored:
        if sure < scale.least or (taken and not several):
            break
        if taken and sure < SEVERAL and not any(_adjoin(place, one, other) for _, other in taken):
            continue
        if all(one.at[1] <= other.at[0] or other.at[1] <= one.at[0] for _, other in taken):
            taken.append((sure, one))
    return _in_order([Chosen(one.at, sure, one.rule, one.read) for sure, one in taken])


def _adjoin(place: Place, one: Candidate, other: Candidate) -> bool:
    first, second = sorted((one.at, other.at))
    return first[1] <= second[0] and ADJOINS.fullmatch(place.page.text, first[1], second[0]) is not None


def _in_order(chosen: Sequence[Chosen]) -> list[Chosen]:
    return sorted(chosen, key=lambda c: c.at)
