"""The second stage of a shard: read its share, and publish its tables.

1. Documents are read by month of publication, so that one part of each table is open at a time.
2. What is no copy is read whole. Of a copy, only what is its own is read: paragraphs that the document it is a copy of
   does not have, and new comments, as a thread of their own.
3. Every document has a row in ``addresses``, which says under which document it was read.
4. When all is written and synced, it is published: parts, then the marker.
"""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sayso.archive import rows
from sayso.archive.elect import Copy, Plan
from sayso.archive.near import paragraphs
from sayso.archive.progress import Heartbeat, peak_memory
from sayso.archive.spool import Spooled
from sayso.archive.store import Store, read_json, writing
from sayso.archive.tables import SCHEMA, Tables, month_of, read_table
from sayso.archive.tasks import Shard, ShardReport, digest_of
from sayso.archive.versions import version_here
from sayso.errors import ArchiveError
from sayso.posts import FORECASTS, Post, Thread
from sayso.reading.reader import BATCH, Reader, Result

_readers: dict[str, Reader] = {}


@dataclass(slots=True)
class _Document:
    """A document of the shard: its row in the index, its thread as it was, what is read of it, what it is a copy of."""

    row: dict[str, Any]
    name: str
    whole: Thread
    thread: Thread | None
    copy: Copy | None

    @property
    def month(self) -> str:
        return month_of(self.row["published"])


def read(shard: Shard, out: str | os.PathLike[str], version: str, report: ShardReport) -> None:
    """Read a shard that was extracted and planned, into ``out``. Raises ArchiveError where it was not.

    Where the shard is read and its spool gone, as when another worker was only taken for dead, nothing is left to do.
    """
    store, cpu = Store(out), time.process_time()
    extracted, planned = read_json(store.extracted(shard.id)), read_json(store.plan(shard.id))
    spooled = store.size(store.spool(shard.id)) is not None
    if planned is not None and not spooled:
        done = read_json(store.marker(shard.id)) or {}
        if (done.get("shard"), done.get("version"), done.get("plan")) == (shard.digest(), version, digest_of(planned)):
            report.counts, report.tallies = done["report"]["counts"], done["report"]["tallies"]
            return
    if extracted is None or planned is None or not spooled:
        raise ArchiveError(str(out), f"shard {shard.id} has not been extracted", "run `sayso archive` again")
    plan = Plan.from_json(planned["copies"])
    metadata = {"schema": SCHEMA, "model": version_here().model, "rules": version_here().rules}
    with store.workplace(f"{shard.id}.read") as folder, Heartbeat(store, shard.id, "read") as heart:
        tables = Tables(folder, f"{shard.id}-{version}", metadata)
        failed = _read_documents(shard, store, folder, plan, tables, report, heart)
        began = time.process_time()
        _write_rejects(shard, store, tables, failed, report)
        tables.close()
        marker = {
            "schema": SCHEMA,
            "shard": shard.digest(),
            "inputs": list(shard.inputs),
            "version": version,
            "plan": digest_of(planned),
            "parts": tables.parts,
            "extracted": extracted["report"],
        }
        report.spend("write", time.process_time() - began)
        report.spend("all", time.process_time() - cpu)
        report.peak = peak_memory()
        store.publish(shard.id, folder, marker | {"report": report.to_json()})
        with writing(store.work):
            store.spool(shard.id).unlink(missing_ok=True)


def _read_documents(
    shard: Shard, store: Store, folder: Path, plan: Plan, tables: Tables, report: ShardReport, heart: Heartbeat
) -> list[dict[str, Any]]:
    """Write the rows of all documents but the rejects; return rows of those that the reader failed on."""
    failed: list[dict[str, Any]] = []
    reader = _readers.setdefault(shard.options.yardstick, Reader(yardstick=shard.options.yardstick))  # type: ignore[arg-type]
    index = read_table(store.index(shard.id), [
        "number", "offset", "length", "place", "published", "captured",
    ]).to_pylist()  # fmt: skip
    index.sort(key=lambda row: (month_of(row["published"]), row["number"]))
    done = 0
    with store.opened(store.spool(shard.id), folder) as file:
        for batch in _batches(_documents(shard, index, plan, Spooled(file), report)):
            began = time.process_time()
            results = _results(reader, batch)
            report.spend("model", time.process_time() - began)
            began = time.process_time()
            for document, result in zip(batch, results, strict=True):
                if isinstance(result, str):
                    failed.append(document.row | {"reason": "failed", "detail": result, "title": document.whole.title,
                                                  "url": document.whole.url})  # fmt: skip
                    continue
                tables.add("addresses", document.month, [_address(document)])
                if result is not None:
                    _write(tables, document, result, report)
                _count(report, document)
            report.spend("write", time.process_time() - began)
            done += len(batch)
            heart.beat(done, len(index))
    return failed


def _documents(
    shard: Shard, index: list[dict[str, Any]], plan: Plan, spooled: Spooled, report: ShardReport
) -> Iterator[_Document]:
    for row in index:
        began = time.process_time()
        thread = spooled.get(row["offset"], row["length"])
        copy = plan.copies.get(row["number"])
        name = f"{shard.id}/{row['number']}"
        document = _Document(row, name, thread, thread if copy is None else own_part(thread, copy, name), copy)
        report.spend("spool", time.process_time() - began)
        yield document


def own_part(thread: Thread, copy: Copy, name: str) -> Thread | None:
    """What a copy adds, as a thread of its own that has an id of its own; None where it adds nothing."""
    if not copy.paragraphs and not copy.comments:
        return None
    id = f"{thread.id}#{name}"
    said = paragraphs(thread.article.text)
    text = "\n\n".join(said[number] for number in copy.paragraphs)
    first = thread.article
    posts = [Post(id, text, author=first.author, posted=first.posted, language=first.language)]
    for number in copy.comments:
        posts.append(thread.posts[1 + number])
        if posts[-1].parent == thread.id:
            posts[-1].parent = id
    return Thread(id, posts, thread.url, thread.title, thread.site, thread.published, thread.language)


def _batches(documents: Iterator[_Document]) -> Iterator[list[_Document]]:
    """Documents that are read together: enough for the reader, too few to matter for memory."""
    batch: list[_Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += sum(len(post.text) for post in document.thread.posts) if document.thread else 0
        if size >= BATCH or len(batch) >= 64:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _results(reader: Reader, batch: list[_Document]) -> list[Result | str | None]:
    """What was read of each document; None where there was nothing to read, a reason where it failed.

    A document on which the reader fails must not take the shard with it: the others are then read one by one.
    """
    threads = [document.thread for document in batch if document.thread is not None]
    made: Iterator[Result | str]
    try:
        made = iter(list(reader.read_threads(threads)))
    except Exception as error:
        if isinstance(error, MemoryError | OSError):
            raise
        made = (_alone(reader, thread) for thread in threads)
    return [next(made) if document.thread is not None else None for document in batch]


def _alone(reader: Reader, thread: Thread) -> Result | str:
    try:
        return reader.read_thread(thread)
    except Exception as error:
        if isinstance(error, MemoryError | OSError):
            raise
        return f"{type(error).__name__}: {error}"[:300]


def _write(tables: Tables, document: _Document, result: Result, report: ShardReport) -> None:
    thread, copy = result.thread, document.copy
    assert thread is not None
    about = rows.of_thread(thread, document.name)
    claims: dict[str, int] = {}
    for claim in result.claims:
        claims[claim.post.id] = claims.get(claim.post.id, 0) + 1
        report.tally("kinds", claim.kind)
        report.count("forecasts", claim.kind in FORECASTS)
    captured, place = document.row["captured"], document.row["place"]
    tables.add(
        "posts",
        document.month,
        (
            rows.of_post(post, about, claims.get(post.id, 0), copy.of if copy else None, captured, place)
            for post in thread.posts
        ),
    )
    tables.add("claims", document.month, (rows.of_claim(claim, about) for claim in result.claims))
    report.count("claims", len(result.claims))
    report.count("posts", len(thread.posts))
    report.count("comments", len(thread.posts) - 1)
    report.count("words", sum(len(post.text.split()) for post in thread.posts))


def _count(report: ShardReport, document: _Document) -> None:
    report.count("documents")
    report.count("read" if document.copy is None else f"{document.copy.kind} copies")
    report.count("copies that add", document.copy is not None and document.thread is not None)
    report.tally("sites", rows.host(document.whole.url) or document.whole.site or "unknown")
    report.tally("months", document.month)


def _address(document: _Document) -> Mapping[str, Any]:
    thread, copy = document.whole, document.copy
    said = paragraphs(thread.article.text) if copy and copy.paragraphs else []
    return {
        "document": document.name,
        "read_as": copy.of if copy else document.name,
        "copy": copy.kind if copy else None,
        "overlap": copy.overlap if copy else None,
        "thread_id": thread.id,
        "url": thread.url,
        "title": thread.title,
        "site": rows.host(thread.url) or thread.site,
        "author": thread.article.author,
        "published": thread.published,
        "published_on": rows.day(thread.published),
        "captured": document.row["captured"],
        "place": document.row["place"],
        "added": [said[number] for number in copy.paragraphs] if copy else None,
        "left_out": list(copy.left_out) if copy else None,
        "comments_added": len(copy.comments) if copy else None,
    }


def _write_rejects(
    shard: Shard, store: Store, tables: Tables, failed: list[dict[str, Any]], report: ShardReport
) -> None:
    """Write the rejects of both stages. Those without a day, nearly all, are passed on as they come."""
    import zstandard

    def told() -> Iterator[dict[str, Any]]:
        with store.refused(shard.id).open("rb") as file:
            plain = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            for line in io.TextIOWrapper(plain, encoding="ascii"):
                yield json.loads(line)
        yield from failed

    dated: dict[str, list[dict[str, Any]]] = {}
    for row in told():
        report.count("rejects")
        report.tally("reasons", row["reason"])
        if row["reason"] == "language":
            report.tally("languages", row["detail"] or "unknown")
        made = {key: row[key] for key in ("reason", "detail", "url", "title", "published", "captured", "place")}
        made |= {"document": f"{shard.id}/{row['number']}", "site": rows.host(row["url"])}
        if row["published"]:
            dated.setdefault(month_of(row["published"]), []).append(made)
        else:
            tables.add("rejects", month_of(None), [made])
    for month in sorted(dated):
        tables.add("rejects", month, dated[month])
