"""Between the stages: which documents are read, and which are copies of one that is.

The election looks at nothing but the indexes, so that it comes out the same whatever machine extracted which shard, in
which order, and however often the run was begun anew:

1. All documents are put in one order: by the run that first added them, by day of publication (else of capture), by
   moment of capture, by shard and place. What was added later thus never takes the place of what was read before.
2. Of the same text, the first is read, the others are exact copies of it.
3. Of those, each in turn is compared with the ones before it that share a band of their signatures. It is a near copy
   of the first of them that is itself read and overlaps with it by ``NEAR``; else it is read. So every copy is like
   the very document it is a copy of, and no chain of small changes can drift.
4. Of a copy, the paragraphs and comments that no document before it in its group has are its own, and are read.

Time and memory grow with the documents, by some 5 µs and 1.2 kB each, in the process of the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sayso.archive.near import BANDS, NEAR, VALUES, band_keys
from sayso.archive.store import Store
from sayso.archive.tables import read_table

Ints = npt.NDArray[np.int64]

PEERS = 16
"""Documents of a band, the first in order, that the others in it are compared with: a template that ten thousand pages
share would make fifty million pairs otherwise."""
_CHUNK = 200_000
_UNDATED = "9999"


@dataclass(frozen=True, slots=True)
class Copy:
    """What is read of a copy: the ``number`` of the document in its shard, the document (shard/number) and its thread
    that stand for it, whether it is "exact" or "near" and by what overlap, the numbers of the paragraphs and comments
    that are its own, and of those paragraphs of the other's that it leaves out."""

    number: int
    of: str
    kind: str
    overlap: float
    paragraphs: tuple[int, ...] = ()
    comments: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()

    def to_json(self) -> list[Any]:
        return [self.number, self.of, self.kind, self.overlap, self.paragraphs, self.comments, self.left_out]

    @classmethod
    def from_json(cls, value: Sequence[Any]) -> Copy:
        number, of, kind, overlap, *rest = value
        return cls(number, of, kind, overlap, *(tuple(each) for each in rest))


@dataclass(slots=True)
class Plan:
    """The copies of one shard by number; all its other documents are read."""

    copies: dict[int, Copy] = field(default_factory=dict)

    def to_json(self) -> list[Any]:
        return [self.copies[number].to_json() for number in sorted(self.copies)]

    @classmethod
    def from_json(cls, value: Sequence[Any]) -> Plan:
        copies = [Copy.from_json(each) for each in value]
        return cls({copy.number: copy for copy in copies})


def elect(store: Store, shards: Mapping[str, int], *, near: bool = True) -> dict[str, Plan]:
    """The plan of each shard. ``shards`` are the ids of all extracted shards, with the number of the run that added
    each. Without ``near``, only exact copies are found."""
    ids = sorted(shards)
    files = _Indexes(store, ids, shards)
    plans = {shard: Plan() for shard in ids}
    if files.count == 0:
        return plans
    first_same = _first_of_same(files.same())
    leader = first_same.copy()
    overlap = np.ones(files.count, dtype=np.float32)
    if near:
        alone = np.flatnonzero(first_same == np.arange(files.count))
        for later, earlier, share in _near(files.signatures(alone)):
            leader[alone[later]], overlap[alone[later]] = alone[earlier], share
        # What is the same text as a near copy is a copy of what that is a copy of.
        overlap = np.minimum(overlap, overlap[first_same])
        leader = leader[first_same]
    members = np.flatnonzero(leader != np.arange(files.count))
    if not len(members):
        return plans
    _share_out(files, plans, members, leader, overlap)
    return plans


class _Indexes:
    """The indexes of all shards as one list of documents, in the order of the election."""

    def __init__(self, store: Store, ids: Sequence[str], runs: Mapping[str, int]) -> None:
        self._paths = [store.index(shard) for shard in ids]
        self.ids = ids
        days, captured, shard, number, run = [], [], [], [], []
        for at, path in enumerate(self._paths):
            table = read_table(path, ["number", "published", "captured"])
            seen = table["captured"].to_pylist()
            days += [(p or c or _UNDATED)[:10] for p, c in zip(table["published"].to_pylist(), seen, strict=True)]
            captured += [moment or _UNDATED for moment in seen]
            number.append(table["number"].to_numpy())
            shard.append(np.full(len(table), at, dtype=np.int32))
            run.append(np.full(len(table), runs[ids[at]], dtype=np.int32))
        self.count = len(days)
        if not self.count:
            return
        self.shard, self.number = np.concatenate(shard), np.concatenate(number)
        keys = (self.number, self.shard, np.array(captured), np.array(days), np.concatenate(run))
        self.order: Ints = np.lexsort(keys)
        self.shard, self.number = self.shard[self.order], self.number[self.order]
        self.rank = np.empty_like(self.order)
        self.rank[self.order] = np.arange(self.count)

    def _column(self, name: str, width: int) -> npt.NDArray[np.uint8]:
        """A column of fixed width as bytes (n, width), in order."""
        made = np.empty((self.count, width), dtype=np.uint8)
        at = 0
        for path in self._paths:
            for chunk in read_table(path, [name])[name].chunks:
                data = np.frombuffer(chunk.buffers()[1], dtype=np.uint8)
                begin = chunk.offset * width
                rows = data[begin : begin + len(chunk) * width].reshape(-1, width)
                made[self.rank[at : at + len(chunk)]] = rows
                at += len(chunk)
        return made

    def same(self) -> npt.NDArray[np.void]:
        made: npt.NDArray[np.void] = self._column("same", 16).view("V16").reshape(-1)
        return made

    def signatures(self, which: Ints) -> npt.NDArray[np.uint32]:
        made: npt.NDArray[np.uint32] = self._column("signature", 4 * VALUES)[which].view("<u4")
        return made

    def name(self, at: int) -> str:
        return f"{self.ids[self.shard[at]]}/{self.number[at]}"

    def marks(self, which: Ints) -> dict[int, tuple[list[int], list[int]]]:
        """The digests of paragraphs and comments of some documents."""
        made: dict[int, tuple[list[int], list[int]]] = {}
        for at in np.unique(self.shard[which]):
            mine = which[self.shard[which] == at]
            table = read_table(self._paths[at], ["number", "paragraphs", "comments"])
            rows = np.searchsorted(table["number"].to_numpy(), self.number[mine])
            part = table.take(pa.array(rows))
            both = zip(part["paragraphs"].to_pylist(), part["comments"].to_pylist(), strict=True)
            made.update(zip((int(m) for m in mine), both, strict=True))
        return made


def _first_of_same(same: npt.NDArray[np.void]) -> Ints:
    """For each document the first that has the same text."""
    _, first, inverse = np.unique(same, return_index=True, return_inverse=True)
    made: Ints = first[inverse.reshape(-1)]
    return made


def _near(signatures: npt.NDArray[np.uint32]) -> Iterator[tuple[int, int, float]]:
    """Yield (copy, what it is a copy of, overlap), by place among the signatures, which are in order."""
    pairs = [_alike(signatures, band) for band in range(BANDS)]
    edges = np.unique(np.concatenate(pairs), axis=0) if pairs else np.empty((0, 2), dtype=np.int64)
    taken = np.zeros(len(signatures), dtype=bool)
    done = -1
    for later, earlier in edges:  # in order of the later, and for each of the earlier
        if later != done and not taken[earlier]:
            taken[later], done = True, later
            yield int(later), int(earlier), float((signatures[later] == signatures[earlier]).mean())


def _alike(signatures: npt.NDArray[np.uint32], band: int) -> Ints:
    """The pairs (later, earlier) that agree in a band and overlap by ``NEAR``."""
    keys = band_keys(signatures, band)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    begins = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    sizes = np.diff(np.append(begins, len(ordered)))
    begin = np.repeat(begins, sizes)
    place = np.arange(len(ordered))
    found = [np.empty((0, 2), dtype=np.int64)]
    for peer in range(PEERS):
        at = np.flatnonzero(begin + peer < place)
        if not len(at):
            break
        for some in np.array_split(at, len(at) // _CHUNK + 1):
            later, earlier = order[some], order[begin[some] + peer]
            share = (signatures[later] == signatures[earlier]).mean(axis=1)
            close = share >= NEAR
            found.append(np.column_stack((later[close], earlier[close])))
    return np.concatenate(found)


def _share_out(
    files: _Indexes,
    plans: dict[str, Plan],
    members: Ints,
    leader: Ints,
    overlap: npt.NDArray[np.float32],
) -> None:
    """Say of each copy what is its own, group by group."""
    marks = files.marks(np.unique(np.concatenate((members, leader[members]))))
    groups: dict[int, list[int]] = {}
    for member in members:
        groups.setdefault(int(leader[member]), []).append(int(member))
    for first in sorted(groups):
        told, answered = set(marks[first][0]), set(marks[first][1])
        for member in groups[first]:
            paragraphs, comments = marks[member]
            own = tuple(n for n, mark in enumerate(paragraphs) if mark not in told)
            answers = tuple(n for n, mark in enumerate(comments) if mark not in answered)
            here = set(paragraphs)
            left_out = tuple(n for n, mark in enumerate(marks[first][0]) if mark not in here)
            exact = not own and not left_out
            plans[files.ids[files.shard[member]]].copies[int(files.number[member])] = Copy(
                int(files.number[member]), files.name(first), "exact" if exact else "near",
                1.0 if exact else round(float(overlap[member]), 3), own, answers, left_out,
            )  # fmt: skip
            told.update(paragraphs)
            answered.update(comments)
