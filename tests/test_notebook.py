"""The notebook in examples/ was run as it stands, from its beginning to its end, without an error."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).resolve().parents[1] / "examples" / "archive.ipynb"


@pytest.fixture(scope="module")
def cells() -> list[dict[str, Any]]:
    return [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def test_it_was_run_in_order_and_without_errors(cells: list[dict[str, Any]]) -> None:
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    kinds = {output["output_type"] for cell in cells for output in cell["outputs"]}
    assert "error" not in kinds
    assert sum("image/png" in output.get("data", {}) for cell in cells for output in cell["outputs"]) == 3


def test_its_code_is_python(cells: list[dict[str, Any]]) -> None:
    for cell in cells:
        ast.parse("".join(cell["source"]))


def test_it_asks_for_columns_that_the_tables_have(cells: list[dict[str, Any]]) -> None:
    tables = pytest.importorskip("sayso.archive.tables")
    known = set(tables.CLAIMS.names) | set(tables.ADDRESSES.names)
    words = {"kind", "confidence", "holder", "voice", "chain", "author", "probability", "horizon_to", "content", "copy"}
    words |= {"horizon", "resolvable", "site", "overlap", "id"}
    assert words <= known
    source = "".join("".join(cell["source"]) for cell in cells)
    assert {word for word in words if not re.search(rf"\b{word}\b", source)} == set()


def test_it_is_small_and_names_no_place_of_the_machine_that_ran_it() -> None:
    text = NOTEBOOK.read_text("utf-8")
    assert len(text) < 200_000
    assert not re.search(r"/(?:tmp|home|work|root|Users)/", text)
