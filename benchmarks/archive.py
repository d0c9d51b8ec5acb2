"""How fast archives are read, what that takes beside the model, in how much memory, and how well copies are found.

    python benchmarks/archive.py                                      all parts, at 1,000 records: minutes
    python benchmarks/archive.py --only near --only found             some parts: scaling, cluster, size, near, found
    python benchmarks/archive.py --only size --records 1000 10000 100000 --words 110
                                                                      short articles, for many records: an hour

Sets are made by benchmarks/warc_maker.py, a thousand records a file. Rates are words of posts that were read a second;
by CPU time they are fair on a busy machine too, by the clock only on one that has nothing else to do. With ``--write``
each part goes into benchmarks/results/ as a file of its own, sizes by the words of their articles, and all that are
there into archive.md, from which benchmarks/publish.py takes it into docs/archive.md.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import platform
import random
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

import warc_maker
from sayso.archive.engines import Engine
from sayso.archive.engines.local import Local
from sayso.archive.near import BANDS, NEAR, SHINGLE, band_keys, signature
from sayso.archive.progress import peak_memory
from sayso.archive.report import Report
from sayso.archive.run import Run, Watcher
from sayso.archive.tasks import STAGES, Options, Outcome, ShardReport, Stage

RESULTS = Path(__file__).parent / "results"
RESULT = RESULTS / "archive.md"
PARTS = ("scaling", "cluster", "size", "near", "found")
HEADS = {
    "scaling": "One worker and two", "cluster": "Processes and Ray", "size": "Small archives and large",
    "near": "Near copies", "found": "What is known of a set, and what its tables hold",
}  # fmt: skip
PER_FILE = 1_000


@dataclass(slots=True)
class Timed:
    """A run: its report, its seconds by the clock, the CPU seconds of the run's own process, and of each stage the
    workers' reports in the order in which they came."""

    report: Report
    seconds: float
    own: float
    stages: dict[Stage, list[ShardReport]]

    @property
    def words(self) -> int:
        return self.report.counts["words"]


def timed(folder: Path, out: Path, *, workers: int, engine: Engine | None = None) -> Timed:
    shutil.rmtree(out, ignore_errors=True)
    stages: dict[Stage, list[ShardReport]] = {stage: [] for stage in STAGES}

    def ended(outcome: Outcome) -> None:
        assert outcome.report is not None, outcome.reason
        stages[outcome.task.stage].append(outcome.report)

    began, cpu = time.monotonic(), time.process_time()
    report = Run(out, engine or Local(workers), watcher=Watcher(ended=ended)).read([str(folder)], Options())
    return Timed(report, time.monotonic() - began, time.process_time() - cpu, stages)


def made(work: Path, records: int, files: int, words: int = 0) -> Path:
    """A set of that size, made once."""
    folder = work / f"set-{records}-{files}-{words}"
    if not warc_maker.truth_of(folder).exists():
        shutil.rmtree(folder, ignore_errors=True)
        aside = folder.with_name("being-made")
        for _ in warc_maker.make(aside, records, files, words=words):
            pass
        aside.rename(folder)
        warc_maker.truth_of(aside).rename(warc_maker.truth_of(folder))
    return folder


def scaling(work: Path, documents: int) -> Iterator[tuple[str, str, str]]:
    """One worker against two, on the same set in eight files."""
    folder = made(work, documents, 8)
    one, two = (timed(folder, work / "out", workers=workers) for workers in (1, 2))
    gain = (two.words / two.seconds) / (one.words / one.seconds)
    cost = two.report.seconds["all"] / one.report.seconds["all"]
    yield "one worker, by the clock", f"{one.words / one.seconds:,.0f} words a second", ""
    yield "two workers against one, by the clock", f"{gain:.2f} times", "at least 1.85"
    yield "CPU time of two workers against one", f"{cost:.2f} times", ""


def cluster(work: Path, documents: int) -> Iterator[tuple[str, str, str]]:
    """Two processes against two workers of a Ray cluster on the same two cores, twice in turn; the better of each."""
    if importlib.util.find_spec("ray") is None:
        yield "Ray against processes", "Ray is not installed", "at least 0.9"
        return
    from sayso.archive.engines.cluster import connect
    from sayso.archive.engines.ray import Ray

    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 -- Ray names it so; with its own, 15, they would not be alike
    began = time.monotonic()
    connect(None, 2)
    start = time.monotonic() - began
    folder = made(work, documents, 8)
    local, ray = [], []
    for _ in range(2):
        local.append(timed(folder, work / "out", workers=2))
        ray.append(timed(folder, work / "out", workers=2, engine=Ray(2)))
    gain = min(run.seconds for run in local) / min(run.seconds for run in ray)
    cost = min(run.report.seconds["all"] for run in ray) / min(run.report.seconds["all"] for run in local)
    yield "Ray against processes, on two cores, by the clock", f"{gain:.2f} times", "at least 0.9"
    yield "CPU time of the reading under Ray against processes", f"{cost:.2f} times", ""
    yield "starting Ray on one machine", f"{start:.1f} s", ""


def size(work: Path, records: int, words: int) -> Iterator[tuple[str, str, str]]:
    """Rate, share and memory at one size, and how they change from its first tenth to its last."""
    folder = made(work, records, max(2, records // PER_FILE), words)
    run = timed(folder, work / "out", workers=2)
    spent, counts = run.report.seconds, run.report.counts
    name = f"{records:,} records"
    yield f"{name}: words read", f"{counts['words']:,} in {counts['read']:,} articles, {counts['claims']:,} claims", ""
    yield f"{name}: rate", f"{counts['words'] / spent['all']:,.0f} words a CPU-second", "the same at every size"
    taken, read = (_each(run.stages[stage], what) for stage, what in (("extract", "records"), ("read", "read")))
    yield f"{name}: taking in a record", _tenths(taken, "{:.2f} ms of CPU time", 1e3), "the same at every size"
    yield f"{name}: reading an article", _tenths(read, "{:.2f} ms of CPU time", 1e3), "the same at every size"
    beside = ("input", "sift", "extract", "spool", "write")
    parts = ", ".join(f"{part} {spent.get(part, 0) / spent['all']:.1%}" for part in beside)
    limit = "" if words else "at most 25%"  # it is for articles of the usual length
    yield f"{name}: outside the model", f"{run.report.outside or 0.0:.1%} ({parts})", limit
    for stage, verb in (("extract", "that takes in"), ("read", "that reads")):
        peaks = [(report.peak, 1) for report in run.stages[stage]]
        yield (
            f"{name}: memory of a worker {verb}",
            _tenths(peaks, "{:,.0f} MB", 1e-6, most=True),
            "under 1,000 MB, flat",
        )
    peak = peak_memory()
    documents = counts["documents"]
    yield (
        f"{name}: the run's own process",
        f"{run.own:.1f} s of CPU time, {run.own / (run.own + spent['all']):.1%} of all; {peak / 1e6:,.0f} MB at most, "
        f"for {documents:,} documents",
        "",
    )
    stored = sum(path.stat().st_size for path in (work / "out").glob("*/*/*.parquet"))
    packed = sum(path.stat().st_size for path in folder.glob("*.gz"))
    yield f"{name}: tables", f"{stored / 1e6:,.1f} MB, of {packed / 1e6:,.1f} MB of WARC", ""


def _each(reports: Sequence[ShardReport], count: str) -> list[tuple[float, int]]:
    """CPU seconds and how many of something, of each shard."""
    return [(report.seconds["all"], report.counts.get(count, 0)) for report in reports]


def _tenths(values: Sequence[tuple[float, int]], form: str, by: float, *, most: bool = False) -> str:
    """What the shards come to for one of what they count (or the ``most`` of them); and, where there are ten shards or
    more, what those of the first tenth and of the last do."""

    def figure(some: Sequence[tuple[float, int]]) -> str:
        return form.format(
            by * (max(v for v, _ in some) if most else sum(v for v, _ in some) / sum(n for _, n in some))
        )

    tenth = len(values) // 10
    if not tenth:
        return figure(values)
    return f"{figure(values)} ({figure(values[:tenth])} in the first tenth, {figure(values[-tenth:])} in the last)"


def near(pairs: int = 4_000) -> Iterator[tuple[str, str, str]]:
    """Pairs of stories of known overlap: how many are found, and how far the estimate is off."""
    rng = random.Random(3)
    hits: dict[float, list[bool]] = defaultdict(list)
    errors: list[float] = []
    for number in range(pairs):
        first = warc_maker.story(number, 5)
        other = warc_maker.story(number + pairs, 5)
        words = " ".join(first.paragraphs).split()
        spoilt = list(words)
        for _ in range(rng.randint(1, max(2, len(words) // 14))):
            spoilt[rng.randrange(len(words))] = rng.choice(other.paragraphs[0].split())
        true = overlap(words, spoilt)
        both = np.frombuffer(signature(" ".join(words)) + signature(" ".join(spoilt)), dtype="<u4").reshape(2, -1)
        estimate = float((both[0] == both[1]).mean())
        errors.append(estimate - true)
        banded = any(len(set(band_keys(both, band).tolist())) == 1 for band in range(BANDS))
        hits[min(0.95, int(true * 20) / 20)].append(banded and estimate >= NEAR)
    yield "overlap of near copies (Jaccard, five-word shingles)", f"at least {NEAR}", ""
    yield "estimate against true overlap, standard error", f"{np.std(errors):.3f}", ""
    for low in sorted(hits):
        if low >= 0.6 and len(hits[low]) >= 30:
            share = sum(hits[low]) / len(hits[low])
            yield f"pairs of true overlap {low:.2f}–{low + 0.05:.2f} found", f"{share:.1%} of {len(hits[low])}", ""


def overlap(one: list[str], other: list[str]) -> float:
    def shingles(words: list[str]) -> set[str]:
        low = [word.strip(".,“”").casefold() for word in words]
        return {" ".join(low[n : n + SHINGLE]) for n in range(len(low) - SHINGLE + 1)}

    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b)


def found(work: Path, documents: int) -> Iterator[tuple[str, str, str]]:
    """What is known of a set against what its tables hold."""
    folder = made(work, documents, max(2, documents // PER_FILE))
    timed(folder, work / "out", workers=2)
    truth = [json.loads(line) for line in warc_maker.truth_of(folder).open(encoding="utf-8")]
    address = {row["url"]: row for row in table(work / "out", "addresses")}
    names = {row["document"]: row["url"] for row in address.values()}
    for kind in ("exact", "near"):
        copies = [one for one in truth if one["kind"] == kind]
        right = 0
        for one in copies:
            row = address.get(one["url"])
            right += bool(row and row["copy"] and names[row["read_as"]] == truth[one["of"]]["url"])
        yield f"{kind} copies given to their article", f"{right} of {len(copies)}", ""
    articles = [one for one in truth if one["kind"] == "article"]
    wrong = sum(bool(address[one["url"]]["copy"]) for one in articles if one["url"] in address)
    yield "articles read", f"{sum(one['url'] in address for one in articles)} of {len(articles)}", ""
    yield "articles taken for a copy of another", f"{wrong}", ""
    others = [one for one in truth if one["kind"] in ("language", "listing", "status", "type", "stub")]
    yield "other records let go", f"{sum(one['url'] not in address for one in others)} of {len(others)}", ""
    claims: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in table(work / "out", "claims"):
        claims[row["url"]].append((row["content"].casefold(), row["holder"]))
    wanted = [(one["url"], *claim) for one in articles for claim in one["claims"]]
    hits = [[who for text, who in claims[url] if content.casefold()[4:40] in text] for url, _, content in wanted]
    held = sum(holder in who for (_, holder, _), who in zip(wanted, hits, strict=True))
    yield "claims written into the articles that were found", f"{sum(map(bool, hits)) / len(wanted):.1%}", ""
    yield "… and given to the right holder", f"{held / len(wanted):.1%}", ""


def table(out: Path, name: str) -> list[dict[str, Any]]:
    return [row for path in sorted((out / name).glob("*/*.parquet")) for row in pq.read_table(path).to_pylist()]


def head(part: str, words: int) -> str:
    """The line over a part's table: when and where it was measured, and what on."""
    about = "articles of the usual length, some 900 words"
    if words:
        about = f"short articles (made with --words {words}), so that a large set is read in little time"
    load = os.getloadavg()[0]
    return (
        f"{HEADS[part]}: {about}. Measured {datetime.date.today()} on {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, with a load of {load:.1f} when it began."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--records", type=int, nargs="+", default=[1_000], help="of the sets; all but size take the first"
    )
    parser.add_argument(
        "--words", type=int, default=0, help="of an article, for size: a little more than this; 0: some 900"
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="measure that part alone")
    parser.add_argument("--work", type=Path, help="a folder for the sets and tables, to keep them")
    parser.add_argument("--write", action="store_true", help="write into benchmarks/results/")
    parser.add_argument("--gather", action="store_true", help="measure nothing; put together what is in results/")
    given = parser.parse_args()
    work = given.work or Path(tempfile.mkdtemp(prefix="sayso-archive-"))
    work.mkdir(parents=True, exist_ok=True)
    first = given.records[0]
    try:
        for part in [] if given.gather else given.only or PARTS:
            words = given.words if part == "size" else 0
            lines = [head(part, words), "", "| what | figure | limit |", "|---|---|---|"]
            rows: list[Iterator[tuple[str, str, str]]] = {
                "scaling": lambda: [scaling(work, first)],
                "cluster": lambda: [cluster(work, first)],
                "size": lambda: [size(work, records, given.words) for records in given.records],
                "near": lambda: [near()],
                "found": lambda: [found(work, first)],
            }[part]()
            name = RESULTS / (f"archive-{part}" + (f"-{words}" if words else "") + ".md")
            for some in rows:  # written as they come: the large ones take long
                for row in some:
                    lines.append(f"| {' | '.join(row)} |")
                    print(lines[-1], file=sys.stderr, flush=True)
                if given.write:
                    name.write_text("\n".join(lines) + "\n", "utf-8")
            print("\n".join(lines), end="\n\n")
    finally:
        if given.work is None:
            shutil.rmtree(work, ignore_errors=True)
    if given.write or given.gather:
        parts = [path for part in PARTS for path in sorted(RESULTS.glob(f"archive-{part}*.md"))]
        RESULT.write_text("\n".join(path.read_text("utf-8") for path in parts), "utf-8")


if __name__ == "__main__":
    main()
