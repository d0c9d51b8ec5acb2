"""The queries and tables of docs/archive.md are true of what is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sayso.archive.sift import REASONS
from sayso.archive.tables import SCHEMA, SCHEMAS

from .sample import ROOT

duckdb = pytest.importorskip("duckdb")
PAGE = (ROOT / "docs" / "archive.md").read_text("utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("query", QUERIES, ids=[query.split("\n")[0][7:40] for query in QUERIES])
def test_a_query_runs_as_it_is_written(
    query: str, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tables").symlink_to(undisturbed)
    monkeypatch.chdir(tmp_path)
    rows = duckdb.connect().execute(query).fetchall()
    assert rows or "len(chain) > 1" in query or "certainty" in query


def test_there_are_ten() -> None:
    assert len(QUERIES) == 10


@pytest.mark.parametrize("table", SCHEMAS)
def test_every_column_is_described(table: str) -> None:
    part = PAGE.split(f"### {table}\n")[1].split("\n## ")[0].split("\n### ")[0]
    told = set(re.findall(r"`(\w+)`", part))
    if table == "posts":
        told |= set(re.findall(r"`(\w+)`", PAGE.split("### claims\n")[1].split("| `content`")[0]))
    assert {column for column in SCHEMAS[table].names if column not in told} == set()


def test_every_reason_is_described() -> None:
    part = PAGE.split("## What is not read")[1].split("\n## ")[0]
    assert set(REASONS) <= set(re.findall(r"`([a-z ]+)`", part))


def test_the_version_is_that_of_the_schema() -> None:
    assert f"Version {SCHEMA}." in PAGE
