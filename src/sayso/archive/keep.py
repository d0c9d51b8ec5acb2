"""From the tables back to readings, as a ledger takes them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sayso.archive.rows import Row, to_claim, to_thread
from sayso.archive.store import Store
from sayso.export.selection import Selection

_BATCH = 1_000


def readings(out: str | Path) -> Iterator[Selection]:
    """Yield what was read of each document, in the order of the parts; a few documents are held at a time.

    Raises ArchiveError where the folder holds no archive.
    """
    store = Store(out)
    store.check_there()
    for posts in sorted((store.root / "posts").glob("*/*.parquet")):
        claims = store.root / "claims" / posts.relative_to(store.root / "posts")
        waiting = _documents(claims) if claims.exists() else iter(())
        ahead = next(waiting, None)
        for document, rows in _documents(posts):
            thread = to_thread(rows)
            found: list[Row] = []
            if ahead is not None and ahead[0] == document:
                found, ahead = ahead[1], next(waiting, None)
            by_id = {post.id: post for post in thread.posts}
            yield Selection(thread, [to_claim(row, thread, by_id[row["post_id"]]) for row in found])


def _documents(path: Path) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each document; those of one stand together."""
    for document, rows in groupby(_rows(path), key=lambda row: str(row["document"])):
        yield document, list(rows)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as opened, pq.ParquetFile(opened) as file:
        for batch in file.iter_batches(_BATCH):
            yield from batch.to_pylist()
