"""A run: from what a user names to tables, by whatever engine. What it does can be ended at any moment and begun again.

1. Register: the shards that the inputs stand for are added to those that the folder knows, in one step.
2. Extract the shards that have not been, or whose input, options or version have changed.
3. Elect: find copies over all shards, and write each shard's plan where it is new.
4. Read the shards whose tables are not there, or were read by another plan or version.
5. Report.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sayso.archive.catalogue import Catalogue
from sayso.archive.engines import Engine
from sayso.archive.report import Report, write_report
from sayso.archive.store import Store, read_json, write_json, writing
from sayso.archive.tasks import Options, Outcome, Shard, Stage, Task, digest_of
from sayso.archive.versions import version_here
from sayso.errors import ArchiveError


@dataclass(slots=True)
class Watcher:
    """Is told what a run does; the command line shows it. Every method may be left as it is."""

    said: Callable[[str], None] = lambda line: None
    began: Callable[[Stage, int, int], None] = lambda stage, shards, skipped: None
    ended: Callable[[Outcome], None] = lambda outcome: None


@dataclass(slots=True)
class Run:
    """Reads inputs into the folder ``out`` with an engine.

    ``resume``: shards that are done are left (else all are read again). ``retry``: shards that were set aside are
    tried again.
    """

    out: str | os.PathLike[str]
    engine: Engine
    resume: bool = True
    retry: bool = False
    watcher: Watcher = field(default_factory=Watcher)

    def read(self, inputs: Sequence[str], options: Options | None = None) -> Report:
        """Read ``inputs`` (none: what the folder knows) and return the report, which is also written.

        Raises InputError where an input is not there, OutputError, ModelError and ArchiveError where the run has to
        stop; it can then be run again.
        """
        store = Store(self.out)
        if not inputs:
            store.check_there()
        with store.locked() as still_locked:
            began = time.time()
            catalogue = Catalogue(store)
            catalogue.add(inputs, options or Options())
            if not self.resume:
                for shard in catalogue.shards.values():
                    store.marker(shard.id).unlink(missing_ok=True)
                    store.extracted(shard.id).unlink(missing_ok=True)
            if self.retry or not self.resume:
                for shard in catalogue.shards.values():
                    store.failure(shard.id).unlink(missing_ok=True)
            version = str(version_here())
            state = _State(store, catalogue, version, still_locked)
            self._do("extract", state, state.to_extract())
            plans = _planned(state)
            # A spool that went when its shard was read is made again where the plan has changed since.
            self._do("extract", state, [shard for shard in state.to_read(plans) if not state.is_spooled(shard)])
            self._do("read", state, [shard for shard in state.to_read(plans) if state.is_spooled(shard)])
            return write_report(store, catalogue.shards, began=began, engine=self.engine)

    def _do(self, stage: Stage, state: _State, shards: Sequence[Shard]) -> None:
        tasks = [Task(stage, shard, state.version) for shard in shards]
        if not tasks:
            return
        self.watcher.began(stage, len(tasks), len(state.catalogue.shards) - len(tasks))
        outcomes = self.engine.run(tasks, str(state.store.root))
        try:
            for outcome in outcomes:
                self.watcher.ended(outcome)
                state.still_locked()
                if outcome.fatal:
                    remedy = "run the same command again when that is mended: what is done is kept"
                    raise ArchiveError(str(state.store.root), f"the run had to stop: {outcome.reason}", remedy)
                if outcome.report is None:
                    state.set_aside(outcome)
        finally:
            if isinstance(outcomes, Generator):
                outcomes.close()  # its workers end now, and not when the memory is cleared up


class _State:
    """What of the shards is done."""

    def __init__(self, store: Store, catalogue: Catalogue, version: str, still_locked: Callable[[], None]) -> None:
        self.store, self.catalogue, self.version, self.still_locked = store, catalogue, version, still_locked

    def live(self) -> list[Shard]:
        """The shards that were not set aside."""
        self.store.look()
        return [shard for shard in self.catalogue.shards.values() if not self._is_aside(shard)]

    def _is_aside(self, shard: Shard) -> bool:
        if self.store.size(self.store.failure(shard.id)) is None:
            return False
        failure = read_json(self.store.failure(shard.id)) or {}
        if failure.get("shard") == shard.digest() and failure.get("version") == self.version:
            return True
        with writing(self.store.failed):
            self.store.failure(shard.id).unlink(missing_ok=True)  # it has changed: that is worth a try
        return False

    def to_extract(self) -> list[Shard]:
        return [shard for shard in self.live() if not self.is_extracted(shard)]

    def is_extracted(self, shard: Shard) -> bool:
        """Whether the index is that of this input, these options and this version, and is there."""
        marker = read_json(self.store.extracted(shard.id))
        if not isinstance(marker, dict) or not self._is_of(marker, shard):
            return False
        store = self.store
        if store.size(store.index(shard.id)) != marker["index"][0]:
            return False
        if store.size(store.refused(shard.id)) != marker["rejects"][0]:
            return False
        spooled = store.size(store.spool(shard.id))
        if spooled is not None:
            return bool(spooled == marker["spool"][0])
        return is_done(self.store, shard, self.version)

    def is_spooled(self, shard: Shard) -> bool:
        """Whether its documents lie between the stages."""
        return self.store.size(self.store.spool(shard.id)) is not None

    def _is_of(self, marker: Mapping[str, Any], shard: Shard) -> bool:
        return marker.get("shard") == shard.digest() and marker.get("version") == self.version

    def to_read(self, plans: Mapping[str, str]) -> list[Shard]:
        return [
            shard
            for shard in self.live()
            if shard.id in plans and not is_done(self.store, shard, self.version, plans[shard.id])
        ]

    def set_aside(self, outcome: Outcome) -> None:
        shard = outcome.task.shard
        failure = {
            "shard": shard.digest(),
            "version": self.version,
            "stage": outcome.task.stage,
            "inputs": list(shard.inputs),
            "reason": outcome.reason,
        }
        write_json(self.store.failure(shard.id), failure)


def is_done(store: Store, shard: Shard, version: str, plan: str | None = None) -> bool:
    """Whether a shard's marker is of this input, version and plan, and its parts are there in full size."""
    marker = None if store.size(store.marker(shard.id)) is None else read_json(store.marker(shard.id))
    if not isinstance(marker, dict) or marker.get("shard") != shard.digest() or marker.get("version") != version:
        return False
    if plan is not None and marker.get("plan") != plan:
        return False
    try:
        return all(store.size(store.root / name) == part["bytes"] for name, part in marker["parts"].items())
    except (OSError, KeyError, TypeError):
        return False


def _planned(state: _State) -> dict[str, str]:
    """Elect, write the plans that are new, and give the digest of each."""
    from sayso.archive.elect import elect

    store = state.store
    shards = {shard.id: state.catalogue.added[shard.id] for shard in state.live() if state.is_extracted(shard)}
    near = all(shard.options.near for shard in state.catalogue.shards.values())
    digests: dict[str, str] = {}
    for id, plan in elect(store, shards, near=near).items():
        value = {"shard": id, "copies": plan.to_json()}
        digests[id] = digest_of(value)
        known = read_json(store.plan(id))
        if known is None or digest_of(known) != digests[id]:
            write_json(store.plan(id), value)
    return digests
