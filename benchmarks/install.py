"""How much space the package takes with its dependencies: installed into a fresh virtual environment and weighed.

    python benchmarks/install.py

Counts every file that the installed distributions list, byte code included, and not pip itself. A MB is 10^6 bytes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

LIMIT = 250_000_000

_WEIGH = """
import importlib.metadata, json, os
sizes = {}
for distribution in importlib.metadata.distributions():
    name = distribution.metadata["Name"]
    if name in ("pip", "setuptools"):
        continue
    files = [f.locate() for f in distribution.files or ()]
    weigh = lambda kept: sum(os.path.getsize(f) for f in files if os.path.exists(f) and kept(str(f)))
    sizes[name] = [weigh(lambda f: True), weigh(lambda f: not f.endswith(".pyc"))]
print(json.dumps(sizes))
"""


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes: ``sizes`` by distribution as (all files, without byte code)."""

    sizes: dict[str, tuple[int, int]]

    @property
    def total(self) -> int:
        return sum(size for size, _ in self.sizes.values())

    @property
    def without_bytecode(self) -> int:
        return sum(size for _, size in self.sizes.values())

    @property
    def largest(self) -> list[tuple[str, int]]:
        """The six largest distributions."""
        return sorted(((name, size) for name, (size, _) in self.sizes.items()), key=lambda row: -row[1])[:6]


def weigh(project: Path) -> Weight:
    """Install a project, from the package index, into a virtual environment that is thrown away, and weigh it."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(project)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        told = subprocess.run([python, "-c", _WEIGH], check=True, capture_output=True, text=True).stdout
    return Weight({name: (whole, bare) for name, (whole, bare) in json.loads(told).items()})


def main() -> int:
    weight = weigh(Path(__file__).resolve().parents[1])
    for name, (whole, bare) in sorted(weight.sizes.items(), key=lambda row: -row[1][0]):
        print(f"{name:28}{whole / 1e6:9.2f} MB{bare / 1e6:9.2f} without byte code")
    print(f"{'all':28}{weight.total / 1e6:9.2f} MB{weight.without_bytecode / 1e6:9.2f} without byte code")
    return 0 if weight.total <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
