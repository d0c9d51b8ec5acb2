"""Put what was measured into README.md and the model card, so that no figure in them is typed in.

    python benchmarks/publish.py [--check] [--example]

A block ``<!-- NAME -->`` … ``<!-- /NAME -->`` takes what benchmarks/results/NAME.md holds. With ``--check`` nothing is
written; status 1 says that a block is not what was measured. ``--example`` first reads the example article anew: what
`sayso read` prints of it, down to its fifth claim.
"""

from __future__ import annotations

import argparse
import io
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
EXAMPLE = ROOT / "examples" / "dam-treaty.txt"
PAGES = (ROOT / "README.md", ROOT / "src" / "sayso" / "model" / "CARD.md", ROOT / "docs" / "archive.md")

_BLOCK = re.compile(r"<!-- (?P<name>[\w-]+) -->\n.*?<!-- /(?P=name) -->", re.DOTALL)


def filled(page: str, results: Path) -> str:
    """The page with every block whose result is there as that says; other blocks stay as they are."""

    def block(match: re.Match[str]) -> str:
        name = match["name"]
        path = results / f"{name}.md"
        return f"<!-- {name} -->\n{path.read_text('utf-8').strip()}\n<!-- /{name} -->" if path.exists() else match[0]

    return _BLOCK.sub(block, page)


def example(claims: int = 5, width: int = 96) -> str:
    """What `sayso read examples/dam-treaty.txt` prints on a terminal, cut after so many claims."""
    from sayso.export import write
    from sayso.intake import read_inputs
    from sayso.reading.reader import Reader

    out = io.StringIO()
    write(Reader().read_threads(read_inputs([str(EXAMPLE)])), out, format="table", width=width)
    head, *blocks = out.getvalue().rstrip().split("\n\n")
    shown = "\n\n".join([head, *blocks[: claims - 1], "…"])
    return f"```\n$ sayso read {EXAMPLE.relative_to(ROOT)}\n{shown}\n```"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only look whether the pages are up to date")
    parser.add_argument("--example", action="store_true", help="read the example article anew")
    options = parser.parse_args()
    if options.example:
        (RESULTS / "example.md").write_text(example() + "\n", "utf-8")
    stale = 0
    for path in PAGES:
        page = path.read_text("utf-8")
        made = filled(page, RESULTS)
        if made != page:
            stale += 1
            print(f"{path.relative_to(ROOT)}: " + ("not what was measured" if options.check else "brought up to date"))
            if not options.check:
                path.write_text(made, "utf-8")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
