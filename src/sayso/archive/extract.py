"""The first stage of a shard: take the documents out of its input, let go what is not read, lay the rest aside.

1. Go through the records; a page that passes the cheap tests is taken apart (`sayso.intake.html`), a document taken as
   it is.
2. What passes all tests goes to the spool, and a row on it to the index: where it lies, its day, digests of its text.
3. What does not is a reject, with its reason.

The index is all that is needed to find copies over all shards; the spool spares the second stage all of this.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

from sayso.archive.near import marks, same, signature
from sayso.archive.progress import Heartbeat, peak_memory
from sayso.archive.rows import host
from sayso.archive.sift import Reason, of_head, of_page, of_thread
from sayso.archive.sources import Candidate, candidates
from sayso.archive.spool import Spooler
from sayso.archive.store import Hashed, Store, place_file, write_json, writing
from sayso.archive.tables import INDEX, Parts, Rejects
from sayso.archive.tasks import Shard, ShardReport
from sayso.errors import DecodingError, InputError
from sayso.intake.encoding import decode
from sayso.intake.html import thread_from_html
from sayso.intake.plain import thread_from_text
from sayso.posts import Thread


def extract(shard: Shard, out: str | os.PathLike[str], version: str, report: ShardReport) -> None:
    """Extract a shard into ``out/_work``. Raises InputError where an input cannot be opened, and OutputError."""
    store, cpu = Store(out), time.process_time()
    with store.workplace(f"{shard.id}.extract") as folder, Heartbeat(store, shard.id, "extract") as heart:
        spool = Hashed(folder / "spool")
        index = Hashed(folder / "index")
        refused = Hashed(folder / "rejects")
        rows = Parts(index, INDEX)
        spooler, rejects = Spooler(spool), Rejects(refused)  # type: ignore[arg-type]
        try:
            for number, (candidate, thread, reason) in enumerate(_sifted(shard, report)):
                report.count("records")
                if thread is None or reason is not None:
                    assert reason is not None
                    report.count("rejects")
                    rejects.add(number, candidate, thread, reason)
                else:
                    began = time.process_time()
                    rows.add(_row(number, candidate, thread, spooler.add(thread)))
                    report.count("documents")
                    report.count("words", len(thread.article.text.split()))
                    report.spend("spool", time.process_time() - began)
                heart.beat(report.counts["records"])
        finally:
            rows.close()
            rejects.close()
            for file in (spool, index, refused):
                file.close()
        report.spend("all", time.process_time() - cpu)
        report.peak = peak_memory()
        marker = {
            "shard": shard.digest(),
            "version": version,
            "index": [index.size, index.hexdigest()],
            "spool": [spool.size, spool.hexdigest()],
            "rejects": [refused.size, refused.hexdigest()],
            "report": report.to_json(),
        }
        with writing(store.work):
            store.extracted(shard.id).unlink(missing_ok=True)
        place_file(spool.path, store.spool(shard.id))
        place_file(index.path, store.index(shard.id))
        place_file(refused.path, store.refused(shard.id))
        write_json(store.extracted(shard.id), marker)


def _sifted(shard: Shard, report: ShardReport) -> Iterator[tuple[Candidate, Thread | None, Reason | None]]:
    """Each record with its thread, or with the reason why it is not read (and its thread, if it got that far)."""
    options = shard.options
    records = candidates(shard, lambda head: of_head(head, options))
    while True:
        began = time.process_time()
        candidate = next(records, None)
        parsed = time.process_time()
        report.spend("input", parsed - began)
        if candidate is None:
            return
        if candidate.mended:
            report.count("mended")
        if candidate.reason is not None:
            yield candidate, None, Reason(candidate.reason, candidate.detail)
            continue
        thread = candidate.thread
        reason = of_page(candidate.page) if candidate.page is not None and not candidate.is_text else None
        sifted = time.process_time()
        report.spend("sift", sifted - parsed)
        if reason is None and thread is None:
            thread, reason = _taken(candidate)
            extracted = time.process_time()
            report.spend("extract", extracted - sifted)
            sifted = extracted
        if reason is None and thread is not None:
            reason = of_thread(thread, options)
            report.spend("sift", time.process_time() - sifted)
        yield candidate, thread, reason


def _taken(candidate: Candidate) -> tuple[Thread | None, Reason | None]:
    """The thread that a page holds, or why there is none."""
    page, id = candidate.page or b"", candidate.url or candidate.place
    try:
        if candidate.is_text:
            return thread_from_text(decode(page, input=id), id=id, languages=False), None
        thread = thread_from_html(page, id=id, url=candidate.url, charset=candidate.charset, languages=False)
    except DecodingError as error:
        return None, Reason("encoding", error.problem)
    except InputError as error:
        return None, Reason("no article", error.problem)
    except RecursionError:
        return None, Reason("no article", "is nested too deeply")
    if thread.site is None and thread.url:
        thread.site = host(thread.url)
    return thread, None


def _row(number: int, candidate: Candidate, thread: Thread, place: tuple[int, int]) -> dict[str, Any]:
    text = thread.article.text
    paragraphs, comments = marks(thread)
    return {
        "number": number,
        "offset": place[0],
        "length": place[1],
        "place": candidate.place,
        "thread": thread.id,
        "url": thread.url,
        "published": thread.published,
        "captured": candidate.captured,
        "same": same(text),
        "signature": signature(text),
        "paragraphs": paragraphs,
        "comments": comments,
    }
