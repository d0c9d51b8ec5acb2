"""Which claims to keep: by confidence and by kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from sayso.errors import InputError
from sayso.posts import FORECASTS, Attribution, Claim, Thread


class Reading(Protocol):
    """What was read of one document, as a ``Reader`` gives it; ``thread`` is None where ``error`` is not."""

    @property
    def thread(self) -> Thread | None: ...
    @property
    def claims(self) -> list[Claim]: ...
    @property
    def attributions(self) -> dict[str, list[Attribution]]:
        """The attributions of each post, by the post's id."""

    @property
    def error(self) -> InputError | None: ...


@dataclass(slots=True)
class Selection:
    """A reading, or what is left of it after a selection."""

    thread: Thread | None
    claims: list[Claim] = field(default_factory=list)
    attributions: dict[str, list[Attribution]] = field(default_factory=dict)
    error: InputError | None = None


def select(
    readings: Iterable[Reading], *, min_confidence: float = 0.0, only_forecasts: bool = False
) -> Iterator[Selection]:
    """Yield each reading with the claims and attributions of at least ``min_confidence`` (0..1), or its forecasts only.

    Attributions have no kind, so that ``only_forecasts`` leaves them as they are.
    """
    for reading in readings:
        claims = [
            claim
            for claim in reading.claims
            if claim.confidence >= min_confidence and (claim.kind in FORECASTS or not only_forecasts)
        ]
        attributions = {
            post: [a for a in found if a.confidence >= min_confidence] for post, found in reading.attributions.items()
        }
        yield Selection(reading.thread, claims, attributions, reading.error)
