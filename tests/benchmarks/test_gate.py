"""The gate and the figures it compares."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import gate
from accuracy import ERRORS, SAYS, available, carried_over_figures, own_voice_figures, table
from floors import Floors
from sayso.posts import Claim, Holder, Part, Post, Thread, Voice
from sayso.reading.reader import Result

TEXT = "He will win. She may lose. It rains."
SENTENCES = [(0, 12), (13, 26), (27, 36)]


def result(*claims: tuple[int, Voice, str]) -> Result:
    post = Post("t", TEXT)
    thread = Thread("t", [post])
    made = [
        Claim(
            str(n), thread, post, Part.of(TEXT, [SENTENCES[n]]), None, None, "indirect", voice, (Holder(name),), "fact"
        )
        for n, voice, name in claims
    ]
    return Result(thread, claims=made)


def test_own_voice_counts_sentences() -> None:
    labels = ("prediction", "pledge", "none")
    document = {"sentences": [{"span": s, "label": x} for s, x in zip(SENTENCES, labels, strict=True)]}
    figures = own_voice_figures([document], [result((0, "own", "I"), (1, "attributed", "she"), (2, "own", "I"))])
    assert figures == {"own voice/precision": 0.5, "own voice/recall": 0.5, "own voice/f1": 0.5}


def test_carried_over_asks_for_the_holder() -> None:
    document = {
        "sentences": [
            {"span": SENTENCES[0], "holder": "Ana Roth", "cue": False},
            {"span": SENTENCES[1], "holder": "Ana Roth", "cue": False},
            {"span": SENTENCES[2], "holder": "Ana Roth", "cue": True},
        ]
    }
    right = (0, "carried-over", "ana roth")
    wrong = (1, "attributed", "Bo Lind")
    assert carried_over_figures([document], [result(right, wrong)])["carried over/f1"] == 0.5
    assert carried_over_figures([document], [result()])["carried over/f1"] == 0.0
    assert carried_over_figures([document], [result((0, "own", "Ana Roth"))])["carried over/recall"] == 0.0


def run(tmp_path: Path, figures: dict[str, float], *options: str, missing: tuple[str, ...] = ()) -> int:
    given = gate.arguments(["--floors", str(tmp_path / "floors.json"), *options])
    return gate.judge(given, figures, {"dev.jsonl": "ab"}, missing)


def test_the_gate_goes_through_its_life(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, {"linked": 0.75}) == 1
    assert "FAILED linked has no floor yet" in capsys.readouterr().out
    assert run(tmp_path, {"linked": 0.75}, "--raise") == 0
    assert run(tmp_path, {"linked": 0.7}) == 1
    assert "FAILED linked fell below its floor: 0.7000 (floor 0.750" in capsys.readouterr().out
    assert run(tmp_path, {"linked": 0.7}, "--raise") == 1
    assert run(tmp_path, {"linked": 0.7}, "--lower", "linked", "--reason", "half the size") == 0
    assert run(tmp_path, {"linked": 0.7}) == 0
    assert json.loads((tmp_path / "floors.json").read_text("utf-8"))["record"][0]["reason"] == "half the size"


def test_a_corpus_that_is_not_there_is_said_and_fails_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, {"linked": 0.75, "own": 0.5}, "--raise") == 0
    assert run(tmp_path, {"own": 0.5}, missing=("dev.jsonl",)) == 0
    assert "skipped, as it is not there: dev.jsonl" in capsys.readouterr().out
    assert run(tmp_path, {"own": 0.5}) == 1
    assert run(tmp_path, {"own": 0.4}, missing=("dev.jsonl",)) == 1
    assert run(tmp_path, {"own": 0.4}, "--rebase", "--reason", "x", missing=("dev.jsonl",)) == 2


@pytest.mark.parametrize("option", [["--lower", "linked"], ["--rebase"], ["--raise", "--rebase"]])
def test_a_change_without_a_reason_is_wrong_usage(option: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        gate.arguments(option)
    assert stopped.value.code == 2


def test_without_the_corpora_the_texts_of_the_tests_are_measured(tmp_path: Path) -> None:
    there, missing = available(tmp_path)
    assert there == ["own voice", "carried over"]
    assert str(tmp_path / "polnear" / "dev.jsonl") in missing
    figures, corpora, _ = gate.measure(tmp_path, 1)
    assert set(corpora) == {"own_voice.jsonl", "carried_over.jsonl"}
    assert all(0 <= value <= 1 for value in figures.values())
    floors = Floors.load(gate.FLOORS, errors=ERRORS)
    assert set(figures) <= set(floors.floors)


def test_the_table_says_in_words_what_is_measured() -> None:
    shown = table({"attributions/linked": 0.7314, "unknown": 1.0})
    assert shown.endswith("| contents found with the right source, F1 | 0.731 |")
    floors = Floors.load(gate.FLOORS, errors=ERRORS)
    assert set(SAYS) <= set(floors.floors)
