"""Floors: the least that each figure may be, kept in a file with the corpora they were measured on.

The file holds ``epsilon`` (what a figure may fall short by: processors and releases of the runtime differ), ``corpora``
(file -> SHA-256), ``floors`` (figure -> least value; for an error, the most) and ``record`` (every floor that was
lowered, with the reason).
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EPSILON = 0.004
DIGITS = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a figure: ``value`` and ``floor`` as far as there are such."""

    name: str
    problem: str
    value: float | None = None
    floor: float | None = None


@dataclass(slots=True)
class Floors:
    """The floors as the file holds them. ``errors`` names the figures of which less is better."""

    floors: dict[str, float] = field(default_factory=dict)
    corpora: dict[str, str] = field(default_factory=dict)
    record: list[dict[str, Any]] = field(default_factory=list)
    epsilon: float = EPSILON
    errors: Collection[str] = ()

    @classmethod
    def load(cls, path: Path, *, errors: Collection[str] = ()) -> Floors:
        """From a file; empty floors where there is none."""
        if not path.exists():
            return cls(errors=errors)
        told = json.loads(path.read_text("utf-8"))
        return cls(told["floors"], told["corpora"], told["record"], told["epsilon"], errors)

    def save(self, path: Path) -> None:
        told = {
            "epsilon": self.epsilon,
            "corpora": dict(sorted(self.corpora.items())),
            "floors": dict(sorted(self.floors.items())),
            "record": self.record,
        }
        path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")

    def findings(self, figures: Mapping[str, float], corpora: Mapping[str, str]) -> list[Finding]:
        """What fails: a figure under its floor, without a floor or not measured, and a corpus that is another one."""
        found = [
            Finding(name, "is not the corpus that the floors were measured on")
            for name, digest in sorted(corpora.items())
            if self.corpora.get(name) not in (None, digest)
        ]
        for name, value in figures.items():
            floor = self.floors.get(name)
            if math.isnan(value):
                found.append(Finding(name, "could not be computed", value, floor))
            elif floor is None:
                found.append(Finding(name, "has no floor yet", value))
            elif self._short(name, value, floor) > self.epsilon + 1e-9:
                found.append(Finding(name, "fell below its floor", value, floor))
        missing = sorted(set(self.floors) - set(figures))
        return found + [Finding(name, "was not measured", None, self.floors[name]) for name in missing]

    def raised(self, figures: Mapping[str, float], corpora: Mapping[str, str]) -> list[str]:
        """Raise every floor that its figure stands above, and set those that were missing; return their names.

        Raises ValueError where a corpus has changed: its old floors say nothing about the new one.
        """
        changed = [name for name, digest in corpora.items() if self.corpora.get(name) not in (None, digest)]
        if changed:
            raise ValueError(f"{', '.join(sorted(changed))} changed; take the new corpora with --rebase and a reason")
        self.corpora.update(corpora)
        done = []
        for name, value in figures.items():
            if math.isnan(value):
                continue
            new, old = self._rounded(name, value), self.floors.get(name)
            if old is None or self._short(name, new, old) < 0:
                self.floors[name] = new
                done.append(name)
        return done

    def lowered(self, name: str, figures: Mapping[str, float], reason: str, *, on: datetime.date) -> None:
        """Lower the floor of one figure to what it is now, and record why.

        Raises ValueError without a reason, for a name that has no floor, and where the figure is not below its floor.
        """
        if not reason.strip():
            raise ValueError("a floor is lowered for a reason only: --reason TEXT")
        if name not in self.floors or math.isnan(figures.get(name, math.nan)):
            raise ValueError(f"no figure with a floor is called {name!r}; there are {', '.join(sorted(self.floors))}")
        old, new = self.floors[name], self._rounded(name, figures[name])
        if self._short(name, new, old) <= 0:
            raise ValueError(f"{name} is not below its floor of {old}")
        self.floors[name] = new
        self.record.append({"on": on.isoformat(), "figure": name, "from": old, "to": new, "reason": reason.strip()})

    def rebased(
        self, figures: Mapping[str, float], corpora: Mapping[str, str], reason: str, *, on: datetime.date
    ) -> None:
        """Take corpora that have changed, set every floor to what is measured on them now, and record why.

        Raises ValueError without a reason.
        """
        if not reason.strip():
            raise ValueError("corpora are taken anew for a reason only: --reason TEXT")
        figures = {name: value for name, value in figures.items() if not math.isnan(value)}
        for name, value in figures.items():
            new, old = self._rounded(name, value), self.floors.get(name)
            if old is not None and self._short(name, new, old) > 0:
                self.record.append(
                    {"on": on.isoformat(), "figure": name, "from": old, "to": new, "reason": reason.strip()}
                )
            self.floors[name] = new
        self.floors = {name: floor for name, floor in self.floors.items() if name in figures}
        self.corpora = dict(corpora)

    def _short(self, name: str, value: float, floor: float) -> float:
        """By how much a value is worse than its floor; negative where it is better."""
        return value - floor if name in self.errors else floor - value

    def _rounded(self, name: str, value: float) -> float:
        """The floor of a value: three digits, on the lenient side."""
        scale: int = 10**DIGITS
        scaled = round(value * scale, 6)
        return (math.ceil(scaled) if name in self.errors else math.floor(scaled)) / scale


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
