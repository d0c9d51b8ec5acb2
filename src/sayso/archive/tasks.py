"""What is handed from the run to its workers and back: shards, tasks, reports, outcomes. All of it can be pickled.

A **shard** is what one worker reads in one go: one WARC or JSON Lines file, or some pages of a folder. A **task** is
one stage of one shard. Stages: ``extract`` takes the documents out of the input, sifts them and lays them in a spool;
then the run elects, over all shards, which documents are read and which are copies; ``read`` reads the shard's share
from the spool and publishes its tables. Both can be repeated at any time and leave the same files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Stage = Literal["extract", "read"]
STAGES: tuple[Stage, ...] = ("extract", "read")


@dataclass(frozen=True, slots=True)
class Options:
    """What is taken of an input, and how it is read.

    ``since`` and ``until`` are days (ISO 8601, both included); ``sites`` are hosts, their subdomains included; empty:
    all. ``min_words`` is the least an article has. ``near`` says whether near copies are looked for beside exact ones.
    """

    since: str | None = None
    until: str | None = None
    sites: tuple[str, ...] = ()
    min_words: int = 60
    near: bool = True
    yardstick: str = "survey"


@dataclass(frozen=True, slots=True)
class Shard:
    """Inputs that are read in one go. ``id`` is the beginning of its files' names; ``fingerprint`` changes with the
    inputs' contents (sizes and times of change, or what a store says of them)."""

    id: str
    inputs: tuple[str, ...]
    fingerprint: str
    options: Options = Options()

    def digest(self) -> str:
        """Changes where the inputs, their contents or the options do."""
        return digest_of(asdict(self))


@dataclass(frozen=True, slots=True)
class Task:
    """One stage of one shard. ``version`` is the run's of model and rules: a worker that has another refuses."""

    stage: Stage
    shard: Shard
    version: str

    @property
    def name(self) -> str:
        return f"{self.stage} {self.shard.id}"


@dataclass(slots=True)
class ShardReport:
    """What one stage of one shard came to.

    ``counts`` are documents, words, claims and so on by name; ``tallies`` are counts by name and value (reasons of
    rejects, languages, sites, kinds). ``seconds`` are CPU seconds by what they went into ("model" is the reading
    itself), ``wall`` seconds by the clock, ``peak`` the worker's peak memory in bytes.
    """

    shard: str
    stage: Stage
    counts: dict[str, int] = field(default_factory=dict)
    tallies: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    wall: float = 0.0
    peak: int = 0
    worker: str = ""

    def count(self, name: str, by: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

    def tally(self, name: str, value: str, by: int = 1) -> None:
        values = self.tallies.setdefault(name, {})
        values[value] = values.get(value, 0) + by

    def spend(self, name: str, seconds: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ShardReport:
        return cls(**value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task: a report, or the reason why there is none.

    ``fatal`` says that every other task would meet the same (a full disk, a missing model): the run ends with the
    reason, and can be resumed when it is mended.
    """

    task: Task
    report: ShardReport | None = None
    reason: str | None = None
    fatal: bool = False


def digest_of(value: Any, *, size: int = 8) -> str:
    """A digest of ``2 * size`` hexadecimal digits of anything that JSON can hold."""
    data = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
    return hashlib.blake2b(data, digest_size=size).hexdigest()
