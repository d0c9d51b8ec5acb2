"""The tables' schemas, and writers that hold a few thousand rows at most. docs/archive.md describes every column.

``SCHEMA`` is the version of these schemas. It stands in the metadata of every part (``sayso.schema``), with the
versions of model and rules. A column that is added makes it 1.1; one that changes or goes, 2.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from sayso.archive.sift import Reason
from sayso.archive.sources import Candidate
from sayso.archive.store import Hashed
from sayso.errors import MissingExtra
from sayso.posts import Thread

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ModuleNotFoundError as error:
    raise MissingExtra("Reading an archive", "archive") from error

SCHEMA = "1.0"
GROUP = 2_000
"""Rows that are held in memory, and then written as a row group."""
UNKNOWN = "unknown"
"""The month of what has no day."""

_TEXT = pa.string()
_SPANS = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32())]))
_PART = pa.struct([("text", _TEXT), ("spans", _SPANS)])
_DOCUMENT: list[tuple[str, Any]] = [
    ("document", _TEXT), ("thread_id", _TEXT), ("url", _TEXT), ("title", _TEXT), ("site", _TEXT),
    ("published", _TEXT), ("published_on", pa.date32()), ("language", _TEXT),
]  # fmt: skip
_POST: list[tuple[str, Any]] = [
    ("post_id", _TEXT), ("post_kind", _TEXT), ("parent", _TEXT), ("author", _TEXT), ("posted", _TEXT),
]  # fmt: skip

CLAIMS = pa.schema([
    ("id", _TEXT), *_DOCUMENT, *_POST,
    ("content", _TEXT), ("content_spans", _SPANS), ("source", _PART), ("cue", _PART),
    ("quote", _TEXT), ("voice", _TEXT),
    ("holder", _TEXT), ("chain", pa.list_(pa.struct([("name", _TEXT), ("mention", _PART)]))),
    ("kind", _TEXT),
    ("conditions", pa.list_(_PART)),
    ("horizon", _PART), ("horizon_from", pa.date32()), ("horizon_to", pa.date32()), ("horizon_rule", _TEXT),
    ("horizon_past", pa.bool_()),
    ("certainty", _PART),
    ("probability", pa.float64()), ("probability_low", pa.float64()), ("probability_high", pa.float64()),
    ("probability_rule", _TEXT), ("resolvable", pa.bool_()),
    ("confidence", pa.float64()),
])  # fmt: skip

POSTS = pa.schema([
    *_DOCUMENT, *_POST, ("text", _TEXT), ("quotes", _SPANS), ("words", pa.int32()), ("claims", pa.int32()),
    ("copy_of", _TEXT), ("captured", _TEXT), ("place", _TEXT),
])  # fmt: skip

ADDRESSES = pa.schema([
    ("document", _TEXT), ("read_as", _TEXT), ("copy", _TEXT), ("overlap", pa.float32()),
    ("thread_id", _TEXT), ("url", _TEXT), ("title", _TEXT), ("site", _TEXT), ("author", _TEXT),
    ("published", _TEXT), ("published_on", pa.date32()), ("captured", _TEXT), ("place", _TEXT),
    ("added", pa.list_(_TEXT)), ("left_out", pa.list_(pa.int32())), ("comments_added", pa.int32()),
])  # fmt: skip

REJECTS = pa.schema([
    ("document", _TEXT), ("reason", _TEXT), ("detail", _TEXT), ("url", _TEXT), ("site", _TEXT), ("title", _TEXT),
    ("published", _TEXT), ("captured", _TEXT), ("place", _TEXT),
])  # fmt: skip

INDEX = pa.schema([
    ("number", pa.int32()), ("offset", pa.int64()), ("length", pa.int32()), ("place", _TEXT), ("thread", _TEXT),
    ("url", _TEXT), ("published", _TEXT), ("captured", _TEXT), ("same", pa.binary(16)), ("signature", pa.binary(512)),
    ("paragraphs", pa.list_(pa.int64())), ("comments", pa.list_(pa.int64())),
])  # fmt: skip

SCHEMAS: dict[str, Any] = {"claims": CLAIMS, "posts": POSTS, "addresses": ADDRESSES, "rejects": REJECTS}


def month_of(published: str | None) -> str:
    """The month of an ISO 8601 day or moment, by which parts are laid out."""
    return published[:7] if published else UNKNOWN


def read_table(path: Path, columns: list[str]) -> Any:
    """Some columns of a Parquet file, wherever it lies."""
    if isinstance(path, Path):
        return pq.read_table(path, columns=columns)
    with path.open("rb") as file:
        return pq.read_table(file, columns=columns)


class Parts:
    """Writes rows (mappings by column; what is missing is null) to one Parquet file."""

    def __init__(self, file: Hashed, schema: Any, metadata: Mapping[str, str] | None = None) -> None:
        self._schema = schema.with_metadata({**(schema.metadata or {}), **(metadata or {})})
        self._file = file
        self._writer: Any = None
        self._rows: list[Mapping[str, Any]] = []
        self.count = 0

    def add(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        self.count += 1
        if len(self._rows) >= GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd", write_statistics=True)
        columns = [_array([row.get(field.name) for row in self._rows], field.type) for field in self._schema]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        self._rows = []

    def close(self) -> None:
        """Write the rest; a file without rows is a table all the same."""
        if self._rows or self._writer is None:
            self._flush()
        self._writer.close()


def _array(values: list[Any], kind: Any) -> Any:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # half a character, which came with the text
        return pa.array([whole(value) for value in values], kind)


def whole(value: Any) -> Any:
    """A value with a question mark for each half character (lone surrogate), which no UTF-8 can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {key: whole(each) for key, each in value.items()}
    return [whole(each) for each in value] if isinstance(value, list | tuple) else value


class Tables:
    """Writes the tables of one shard under a folder, one month at a time: rows must come with months in order."""

    def __init__(self, folder: Path, name: str, metadata: Mapping[str, str]) -> None:
        self._folder, self._name = folder, name
        self._metadata = {f"sayso.{key}": value for key, value in metadata.items()}
        self._open: dict[str, tuple[str, Parts, Hashed]] = {}
        self.parts: dict[str, dict[str, Any]] = {}

    def add(self, table: str, month: str, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            if table not in self._open or self._open[table][0] != month:
                self._close(table)
                place = self._folder / table / f"month={month}"
                place.mkdir(parents=True, exist_ok=True)
                file = Hashed(place / f"{self._name}.parquet")
                self._open[table] = (month, Parts(file, SCHEMAS[table], self._metadata), file)
            self._open[table][1].add(row)

    def _close(self, table: str) -> None:
        if opened := self._open.pop(table, None):
            month, parts, file = opened
            parts.close()
            file.close()
            name = f"{table}/month={month}/{self._name}.parquet"
            self.parts[name] = {"rows": parts.count, "bytes": file.size, "hash": file.hexdigest()}

    def close(self) -> None:
        for table in list(self._open):
            self._close(table)


class Rejects:
    """Lays rejects aside as packed JSON Lines, and gives them back."""

    def __init__(self, file: BinaryIO) -> None:
        import zstandard

        self._out: Any = zstandard.ZstdCompressor(level=3).stream_writer(file, closefd=False)

    def add(self, number: int, candidate: Candidate, thread: Thread | None, reason: Reason) -> None:
        row = {
            "number": number,
            "reason": reason.word,
            "detail": reason.detail,
            "url": candidate.url or (thread.url if thread else None),
            "title": thread.title if thread else None,
            "published": thread.published if thread else None,
            "captured": candidate.captured,
            "place": candidate.place,
        }
        self._out.write(json.dumps(row).encode("ascii") + b"\n")

    def close(self) -> None:
        self._out.close()
