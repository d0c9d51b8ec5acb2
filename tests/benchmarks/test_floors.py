"""The quality gate's floors: what falls is told, and a floor moves only as it may."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from floors import Floors, digest

TODAY = datetime.date(2026, 11, 22)
CORPORA = {"dev.jsonl": "ab12"}


def floors() -> Floors:
    return Floors({"linked": 0.73, "error": 0.10}, dict(CORPORA), [], 0.004, {"error"})


def told(figures: dict[str, float], corpora: dict[str, str] | None = None) -> list[tuple[str, str]]:
    return [(f.name, f.problem) for f in floors().findings(figures, corpora or CORPORA)]


def test_what_stands_at_its_floor_or_within_epsilon_passes() -> None:
    assert told({"linked": 0.73, "error": 0.10}) == []
    assert told({"linked": 0.726, "error": 0.104}) == []
    assert told({"linked": 0.80, "error": 0.02}) == []


@pytest.mark.parametrize(
    ("figures", "name"),
    [({"linked": 0.7255, "error": 0.10}, "linked"), ({"linked": 0.73, "error": 0.1045}, "error")],
)
def test_what_falls_by_more_than_epsilon_fails(figures: dict[str, float], name: str) -> None:
    assert told(figures) == [(name, "fell below its floor")]


def test_a_figure_that_is_missing_new_or_no_number_fails() -> None:
    assert told({"linked": 0.73}) == [("error", "was not measured")]
    assert told({"linked": 0.73, "error": 0.1, "more": 0.5}) == [("more", "has no floor yet")]
    assert told({"linked": float("nan"), "error": 0.1}) == [("linked", "could not be computed")]


def test_another_corpus_fails() -> None:
    assert told({"linked": 0.9, "error": 0.0}, {"dev.jsonl": "cd34"}) == [
        ("dev.jsonl", "is not the corpus that the floors were measured on")
    ]


def test_raising_moves_up_only_and_sets_what_is_new() -> None:
    f = floors()
    names = f.raised({"linked": 0.7419, "error": 0.12, "more": 0.5, "none": float("nan")}, CORPORA)
    assert names == ["linked", "more"]
    assert f.floors == {"linked": 0.741, "error": 0.10, "more": 0.5}
    assert f.raised({"linked": 0.74, "error": 0.0911, "more": 0.5}, CORPORA) == ["error"]
    assert f.floors["error"] == 0.092
    assert f.record == []


def test_raising_refuses_another_corpus() -> None:
    f = floors()
    with pytest.raises(ValueError, match=r"dev\.jsonl changed"):
        f.raised({"linked": 0.9}, {"dev.jsonl": "cd34"})
    assert f.floors["linked"] == 0.73


def test_a_figure_that_was_raised_passes_again() -> None:
    f = floors()
    figures = {"linked": 0.76999999, "error": 0.0500001}
    f.raised(figures, CORPORA)
    assert f.findings(figures, CORPORA) == []


def test_lowering_keeps_the_reason() -> None:
    f = floors()
    f.lowered("linked", {"linked": 0.7001, "error": 0.1}, "a fairer scorer", on=TODAY)
    assert f.floors["linked"] == 0.7
    assert f.record == [{"on": "2026-11-22", "figure": "linked", "from": 0.73, "to": 0.7, "reason": "a fairer scorer"}]


@pytest.mark.parametrize(
    ("name", "value", "reason", "problem"),
    [
        ("linked", 0.7, "  ", "for a reason only"),
        ("linkde", 0.7, "because", "no figure with a floor is called 'linkde'"),
        ("linked", 0.75, "because", "not below its floor"),
        ("linked", float("nan"), "because", "no figure with a floor"),
    ],
)
def test_lowering_refuses(name: str, value: float, reason: str, problem: str) -> None:
    f = floors()
    with pytest.raises(ValueError, match=problem):
        f.lowered(name, {"linked": value}, reason, on=TODAY)
    assert f.floors["linked"] == 0.73
    assert f.record == []


def test_taking_a_changed_corpus_sets_every_floor_and_records_those_that_fell() -> None:
    f = floors()
    f.rebased({"linked": 0.71, "error": 0.05}, {"dev.jsonl": "cd34"}, "spans were mended", on=TODAY)
    assert f.floors == {"linked": 0.71, "error": 0.05}
    assert f.corpora == {"dev.jsonl": "cd34"}
    assert [(r["figure"], r["reason"]) for r in f.record] == [("linked", "spans were mended")]
    with pytest.raises(ValueError, match="for a reason only"):
        f.rebased({"linked": 0.9}, CORPORA, "", on=TODAY)


def test_the_file_gives_back_what_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    assert Floors.load(path).floors == {}
    f = floors()
    f.lowered("error", {"linked": 0.7, "error": 0.2}, "why", on=TODAY)
    f.save(path)
    assert Floors.load(path, errors={"error"}) == f
    assert list(json.loads(path.read_text("utf-8"))["floors"]) == ["error", "linked"]


def test_a_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert digest(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
