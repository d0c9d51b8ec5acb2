"""The quality gate: recompute the accuracy figures, and fail when one falls below its floor.

    python benchmarks/gate.py                              compare with benchmarks/floors.json
    python benchmarks/gate.py --raise                      raise the floors to what is reached now
    python benchmarks/gate.py --lower NAME --reason TEXT   lower one floor; the reason is recorded in the file
    python benchmarks/gate.py --rebase --reason TEXT       take corpora that have changed, floors as measured now

The corpora stand in a folder ``shared`` beside the checkout. What is not there is said and skipped. Exit status: 0
nothing fell, 1 something did, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from accuracy import ERRORS, MEASURES, SHARED, available, measured
from floors import Floors, digest

FLOORS = Path(__file__).with_name("floors.json")


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, as the docstring above has it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=SHARED, help="the folder of the corpora and scorers")
    parser.add_argument("--floors", type=Path, default=FLOORS, help="the file of the floors")
    parser.add_argument("--jobs", type=int, default=2, help="processes that read")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--raise", dest="up", action="store_true", help="raise the floors to what is reached now")
    change.add_argument("--lower", metavar="NAME", help="lower the floor of this figure to what it is now")
    change.add_argument("--rebase", action="store_true", help="take corpora that have changed")
    parser.add_argument("--reason", default="", help="why, with --lower and --rebase")
    options = parser.parse_args(given)
    if (options.lower or options.rebase) and not options.reason.strip():
        parser.error("--lower and --rebase need a reason: --reason TEXT")
    return options


def measure(shared: Path, jobs: int) -> tuple[dict[str, float], dict[str, str], list[str]]:
    """The figures of every corpus that is there, the hashes of its files, and the files that are not there."""
    there, missing = available(shared)
    figures: dict[str, float] = {}
    corpora: dict[str, str] = {}
    for name in there:
        print(f"reading {name} …", flush=True)
        figures |= measured(name, shared, jobs=jobs)
        corpora |= {file: digest(path) for file, path in MEASURES[name].paths(shared).items()}
    return figures, corpora, missing


def judge(
    options: argparse.Namespace, figures: Mapping[str, float], corpora: Mapping[str, str], missing: Sequence[str]
) -> int:
    """Change the floors as the options say, compare, tell what fell, and give the exit status."""
    floors = Floors.load(options.floors, errors=ERRORS)
    for path in missing:
        print(f"skipped, as it is not there: {path}")
    today = datetime.date.today()
    try:
        if options.up:
            print("raised:", ", ".join(floors.raised(figures, corpora)) or "none")
        elif options.lower:
            floors.lowered(options.lower, figures, options.reason, on=today)
        elif options.rebase:
            if missing:
                raise ValueError("all corpora must be there to take them anew")
            floors.rebased(figures, corpora, options.reason, on=today)
    except ValueError as error:
        print(f"gate.py: {error}", file=sys.stderr)
        return 2
    if options.up or options.lower or options.rebase:
        floors.save(options.floors)

    for name, value in figures.items():
        floor = floors.floors.get(name)
        print(f"  {name:32}{value:8.3f}   " + ("no floor" if floor is None else f"floor {floor:.3f}"))
    # Where a corpus is missing its figures are, too; that was said above.
    found = [f for f in floors.findings(figures, corpora) if not (missing and f.value is None and f.floor is not None)]
    for finding in found:
        shown = "" if finding.value is None else f": {finding.value:.4f}"
        shown += "" if finding.floor is None else f" (floor {finding.floor:.3f}, epsilon {floors.epsilon})"
        print(f"FAILED {finding.name} {finding.problem}{shown}")
    if found:
        print("Mend what made it worse. If it must be so: --lower NAME --reason TEXT; for a new figure: --raise.")
        return 1
    print(f"gate: {len(figures)} figures, none below its floor")
    return 0


def main(given: Sequence[str] | None = None) -> int:
    options = arguments(given)
    return judge(options, *measure(options.shared, options.jobs))


if __name__ == "__main__":
    raise SystemExit(main())
