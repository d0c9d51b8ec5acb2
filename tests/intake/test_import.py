"""What a command that reads nothing must not pay for."""

import subprocess
import sys

HEAVY = ("lxml", "trafilatura", "htmldate", "httpx", "py3langid", "charset_normalizer", "cssselect", "numpy")


def test_heavy_libraries_are_loaded_when_needed() -> None:
    code = f"import sys, sayso.intake; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
