"""Which shards a folder knows, and which run added each: the runs' own record, of which nothing is ever changed.

Each run that adds, changes or replaces shards writes one numbered file, whole or not at all. So a run that is ended
before that has added nothing, and one that is ended later has added everything, under the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sayso.archive.shards import shards_of
from sayso.archive.store import Store, read_json, write_json
from sayso.archive.tasks import Options, Shard
from sayso.errors import ArchiveError


class Catalogue:
    """``shards`` by id, in order; ``added`` says by the number of the run when each came."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.shards: dict[str, Shard] = {}
        self.added: dict[str, int] = {}
        self._known: set[str] = set()
        self._last = 0
        for path in sorted(store.runs.glob("[0-9]*.json")):
            self._last = int(path.stem)
            run = read_json(path)
            if not isinstance(run, dict):
                raise ArchiveError(str(path), "is damaged", "restore it from a backup, or read into a new folder")
            self._take(run)

    def _take(self, run: dict[str, Any]) -> None:
        for id in run["retired"]:
            self._known.add(id)
            self.shards.pop(id, None)
            self.added.pop(id, None)
        for value in run["shards"]:
            options = value["options"] | {"sites": tuple(value["options"]["sites"])}
            shard = Shard(value["id"], tuple(value["inputs"]), value["fingerprint"], Options(**options))
            self.shards[shard.id] = shard
            self.added.setdefault(shard.id, self._last)
        self.shards = dict(sorted(self.shards.items()))

    def add(self, inputs: Sequence[str], options: Options) -> None:
        """Take in what the inputs stand for now. Files that lie in another shard than before take their old one along.

        Raises InputError where an input is not there, and OutputError.
        """
        if inputs:
            self._add(inputs, options)
        for id in self._known - set(self.shards):
            self.store.retire(id)

    def _add(self, inputs: Sequence[str], options: Options) -> None:
        named = shards_of(inputs, options)
        new = [shard for shard in named if self.shards.get(shard.id) != shard]
        home = {file: shard.id for shard in named for file in shard.inputs}
        retired = sorted(
            id for id, shard in self.shards.items() if any(home.get(file, id) != id for file in shard.inputs)
        )
        if not new and not retired:
            return
        self._last += 1
        run = {"shards": [asdict(shard) for shard in new], "retired": retired}
        write_json(self.store.runs / f"{self._last:06}.json", run)
        self._take(run)
