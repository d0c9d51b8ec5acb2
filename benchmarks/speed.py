"""How fast the reader is, and how much memory and space it takes.

    python benchmarks/speed.py [--words N] [--only NAME ...] [--install] [--out FILE]

Prints a Markdown table with the day and the machine. Speed is in words (as white space parts them) for a second of CPU
time on one core, from raw text to claims; the bare encoder is timed on the same windows in between, so that their ratio
comes from one run. Some articles are read at a time, by the one and the other in turn, several times over, and the best
time of each counts: what else the machine does only ever adds. Each measurement runs in a process of its own.
``--install`` also installs the package into a fresh virtual environment, from the package index, and weighs it.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from texts import ROOT, articles, one_paragraph, words_of

Rows = list[tuple[str, str]]
TURN = 16
"""Articles that are read before the bare encoder has its turn."""
TIMES = 8
"""How often each of the two reads them."""
SAYSO = "from sayso.cli import main; main()"


# Measurements that run in a process of their own: ``speed.py --child NAME ARGUMENT`` prints what they return as JSON.


def child_speed(words: int) -> dict[str, float]:
    """Raw text to lines of JSON on one core, and the bare encoder on the same windows, some articles at a time."""
    from sayso.export.jsonl import claim_to_json, dumps
    from sayso.garbage import collect_rarely
    from sayso.intake import thread_from_text
    from sayso.reading.encoder import Encoder
    from sayso.reading.reader import Reader
    from sayso.reading.segment import windows

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})
    collect_rarely()  # as the program does
    reader, encoder = Reader(), Encoder()
    encoder.load()
    texts, _ = articles(words)
    # What happens once (patterns compiled, the model of languages unpacked) is start-up, and over after some articles.
    list(reader.read_threads(thread_from_text(text, id=str(n)) for n, text in enumerate(texts[:TURN])))
    whole = bare = 0.0
    claims = 0
    for start in range(0, len(texts), TURN):
        some = texts[start : start + TURN]
        cut = [window for text in some for window in windows(text, encoder.tokenizer)]
        wholes, bares = [], []
        for _ in range(TIMES):
            found = 0
            began = time.process_time()
            for result in reader.read_threads(thread_from_text(text, id=str(n)) for n, text in enumerate(some, start)):
                for claim in result.claims:
                    dumps(claim_to_json(claim))
                found += len(result.claims)
            wholes.append(time.process_time() - began)
            began = time.process_time()
            for window in cut:
                encoder.read(window)
            bares.append(time.process_time() - began)
        whole, bare, claims = whole + min(wholes), bare + min(bares), claims + found
    return {"words": words_of(texts), "whole": whole, "bare": bare, "claims": claims}


def child_long(words: int) -> dict[str, float]:
    """One paragraph of so many words: CPU time, and the memory at its peak."""
    from sayso.intake import thread_from_text
    from sayso.reading.reader import Reader

    reader = Reader()
    text = one_paragraph(words)
    reader.read_thread(thread_from_text(one_paragraph(2_000), id="first"))
    began = time.process_time()
    claims = reader.read_thread(thread_from_text(text, id="long")).claims
    return {"seconds": time.process_time() - began, "claims": len(claims), "peak": _peak(resource.RUSAGE_SELF)}


def child_load(_: int) -> dict[str, float]:
    """Loading the model, after the imports."""
    from sayso.reading.encoder import Encoder

    began = time.perf_counter()
    Encoder().load()
    return {"seconds": time.perf_counter() - began}


def child_import(_: int) -> dict[str, float]:
    began = time.perf_counter()
    import sayso  # noqa: F401  the import is what is measured

    return {"seconds": time.perf_counter() - began}


CHILDREN: dict[str, Callable[[int], dict[str, float]]] = {
    "speed": child_speed,
    "long": child_long,
    "load": child_load,
    "import": child_import,
}


def child(name: str, argument: int = 0) -> dict[str, float]:
    """What one of CHILDREN measures, in a fresh process."""
    command = [sys.executable, __file__, "--child", name, str(argument)]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told


def _peak(who: int) -> float:
    """The most memory a process, or its children, had in use, in MB (10^6 bytes)."""
    used = resource.getrusage(who).ru_maxrss
    return used / 1e6 if sys.platform == "darwin" else used * 1024 / 1e6


def sayso(*arguments: str) -> tuple[float, float]:
    """Run the program; return the seconds it took by the clock and its peak memory in MB."""
    began = time.perf_counter()
    program = [sys.executable, "-c", SAYSO, *arguments]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    told = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode != 0:
        raise SystemExit(f"sayso {' '.join(arguments)} gave {process.returncode}: {told}")
    peak = used.ru_maxrss / 1e6 if sys.platform == "darwin" else used.ru_maxrss * 1024 / 1e6
    return time.perf_counter() - began, peak


# The rows of the table.


def start_rows(words: int) -> Iterator[tuple[str, str]]:
    """Start-up: the best of several, as everything else only adds to it."""
    yield "`import sayso`", f"{1000 * min(child('import')['seconds'] for _ in range(5)):.0f} ms"
    yield "`sayso --help`", f"{min(sayso('--help')[0] for _ in range(5)):.2f} s"
    yield "loading the model", f"{min(child('load')['seconds'] for _ in range(3)):.2f} s"


def speed_rows(words: int) -> Iterator[tuple[str, str]]:
    told = child("speed", words)
    _, said = articles(1)
    yield "raw text to claims, one core", f"{told['words'] / told['whole']:,.0f} words per CPU-second"
    yield "the bare encoder on the same windows", f"{told['words'] / told['bare']:,.0f} words per CPU-second"
    yield "ratio", f"{told['bare'] / told['whole']:.1%}"
    yield "measured on", f"{told['words']:,} words of {said}, {told['claims']:,} claims"


def jobs_rows(words: int) -> Iterator[tuple[str, str]]:
    """A JSON Lines corpus by the program, start-up included, in one process and in two, taking turns.

    Twice the words: starting takes each process half a second, of which a corpus worth two processes sees little.
    """
    words *= 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.jsonl"
        _write_lines(path, words)
        ones, twos = [], []
        for _ in range(3):
            ones.append(sayso("read", str(path), "--format", "jsonl", "--jobs", "1")[0])
            twos.append(sayso("read", str(path), "--format", "jsonl", "--jobs", "2")[0])
    yield "two processes against one, by the clock", f"{min(ones) / min(twos):.2f} times ({words:,} words)"


def memory_rows(words: int) -> Iterator[tuple[str, str]]:
    """Peak memory of one process, for a small and a large input of each kind: it must level off.

    The one step on the way, of some 70 MB, is the identifier of languages, loaded at the first text that may not be
    English.
    """
    for size in (words // 5, words, 3 * words):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            texts, _ = articles(size)
            for number, text in enumerate(texts):
                (folder / f"{number}.txt").write_text(text, "utf-8")
            peak = sayso("read", name, "--format", "jsonl")[1]
        yield f"peak memory, a folder of {len(texts):,} articles ({size:,} words)", f"{peak:.0f} MB"
    for size in (words // 5, words):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "corpus.jsonl"
            count = _write_lines(path, size)
            peak = sayso("read", str(path), "--format", "jsonl")[1]
        yield f"peak memory, JSON Lines of {count:,} articles ({size:,} words)", f"{peak:.0f} MB"


def growth_rows(words: int) -> Iterator[tuple[str, str]]:
    """Documents that are one paragraph: the time must grow as the length does."""
    for size in (2_000, 20_000, 200_000):
        told = child("long", size)
        rate = f"{size / told['seconds']:,.0f} words per CPU-second"
        yield f"one paragraph of {size:,} words", f"{rate}, peak {told['peak']:.0f} MB, {told['claims']:,} claims"


def _write_lines(path: Path, words: int) -> int:
    texts, _ = articles(words)
    with path.open("w", encoding="utf-8") as out:
        for number, text in enumerate(texts):
            out.write(json.dumps({"id": str(number), "text": text}) + "\n")
    return len(texts)


def install_rows(words: int) -> Iterator[tuple[str, str]]:
    from install import weigh

    weight = weigh(ROOT)
    yield "installed, with all dependencies", f"{weight.total / 1e6:.0f} MB"
    yield "… without the byte code that pip adds", f"{weight.without_bytecode / 1e6:.0f} MB"
    yield "… the largest", ", ".join(f"{name} {size / 1e6:.0f}" for name, size in weight.largest)


MEASURES: dict[str, Callable[[int], Iterator[tuple[str, str]]]] = {
    "start": start_rows,
    "speed": speed_rows,
    "jobs": jobs_rows,
    "memory": memory_rows,
    "growth": growth_rows,
    "install": install_rows,
}


def machine() -> str:
    """The processor with what matters to int8 arithmetic, the cores, and the versions in use."""
    from importlib.metadata import version

    name, flags = platform.processor() or platform.machine(), ""
    if Path("/proc/cpuinfo").exists():
        told = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
        told = {key.strip(): value.strip() for key, value in told.items()}
        has = told.get("flags", "").split()
        name = told.get("model name", name)
        flags = ", ".join(f for f in ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8") if f in has)
    return (
        f"{name} ({flags or 'no vector flags known'}), {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, ONNX Runtime {version('onnxruntime')}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=200_000, help="how much text to measure with")
    parser.add_argument("--only", choices=tuple(MEASURES), action="append", help="measure only this; may be repeated")
    parser.add_argument("--install", action="store_true", help="also install and weigh the package")
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        told: dict[str, Any] = CHILDREN[options.child[0]](int(options.child[1]))
        print(json.dumps(told))
        return 0
    chosen = options.only or [name for name in MEASURES if name != "install" or options.install]
    lines = [f"Measured {datetime.date.today()} on {machine()}.", "", "| what | figure |", "|---|---|"]
    print("\n".join(lines), flush=True)
    for name in chosen:
        for what, figure in MEASURES[name](options.words):
            lines.append(f"| {what} | {figure} |")
            print(lines[-1], flush=True)
    if options.out:
        options.out.write_text("\n".join(lines) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
