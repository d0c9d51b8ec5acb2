"""What stands in an archive's folder: how far it is, and whether it is whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sayso.archive.catalogue import Catalogue
from sayso.archive.progress import under_way
from sayso.archive.report import collect, summary
from sayso.archive.run import is_done
from sayso.archive.store import TABLES, Store, hash_of, read_json, writing
from sayso.archive.versions import version_here

QUIET = 60
"""Seconds after which a worker that has not been heard of is said to be quiet."""


def status(out: str | Path) -> Iterator[str]:
    """Lines on how far the folder is. Raises ArchiveError where it holds no archive."""
    store = Store(out)
    store.check_there()
    catalogue = Catalogue(store)
    yield from summary(collect(store, catalogue.shards))
    here = str(version_here())
    stale = [id for id in catalogue.shards if (marker := read_json(store.marker(id))) and marker["version"] != here]
    if stale:
        yield f"{len(stale)} shards were read with another model or other rules; the next run reads them again"
    now = time.time()
    for said in under_way(store):
        of = f" of {said['total']:,}" if said.get("total") else ""
        quiet = now - said["at"]
        ago = f", not heard of for {quiet:,.0f} s" if quiet > QUIET else ""
        yield f"under way: {said['stage']} {said['shard']}, {said['done']:,}{of} ({said['worker']}{ago})"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file of the tables that is not as its marker says, and its shard, if that is known."""

    path: str
    problem: str
    shard: str | None = None


def verify(out: str | Path, *, mend: bool = False) -> Iterator[Trouble]:
    """Read every part, and yield what is not as it was published. Raises ArchiveError where there is no archive.

    With ``mend``, the marker of each shard concerned goes, so that the next run reads it again; parts that no shard of
    the folder has go as well.
    """
    store = Store(out)
    store.check_there()
    store.look()
    catalogue = Catalogue(store)
    vouched: set[str] = set()
    for id, shard in catalogue.shards.items():
        marker = read_json(store.marker(id))
        if marker is None:
            # Not done: the run's business.
            vouched |= {path.relative_to(store.root).as_posix() for path in store.parts(id)}
            continue
        vouched |= set(marker["parts"])
        troubles = list(_of_shard(store, id, marker["parts"]))
        if not troubles and not is_done(store, shard, marker["version"]):
            troubles = [Trouble(str(store.marker(id)), "is of another input or other options", id)]
        yield from troubles
        if troubles and mend:
            with writing(store.done):
                store.marker(id).unlink(missing_ok=True)
    for table in TABLES:
        for path in sorted((store.root / table).glob("*/*")):
            if path.relative_to(store.root).as_posix() not in vouched:
                yield Trouble(str(path), "belongs to no shard that is done")
                if mend:
                    with writing(path):
                        path.unlink(missing_ok=True)


def _of_shard(store: Store, id: str, parts: dict[str, dict[str, object]]) -> Iterator[Trouble]:
    for name, said in parts.items():
        path = store.root / name
        size = store.size(path)
        if size is None:
            yield Trouble(str(path), "is missing", id)
        elif size != said["bytes"]:
            yield Trouble(str(path), f"has {size} bytes, not {said['bytes']}", id)
        elif hash_of(path) != said["hash"]:
            yield Trouble(str(path), "has been changed, or the disk has a fault", id)
