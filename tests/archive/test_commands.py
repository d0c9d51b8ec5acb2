"""The commands, as a user gives them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sayso.cli import run

from .sample import ANTS, BIRDS, CATS, MORE, document, jsonl, text


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "a.jsonl.gz", document("ants", text(ANTS, BIRDS)), document("cats", text(CATS, MORE)))


def test_from_files_to_the_ledger(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, ledger = str(tmp_path / "tables"), f"sqlite:///{tmp_path}/ledger.db"
    assert run(["archive", str(source), "--out", out, "--min-words", "20", "--jobs", "1"]) == 0
    said = capsys.readouterr().err
    assert "1 of 1 shards are done" in said
    assert "reading 1 shard" in said
    assert run(["archive", "status", out]) == 0
    assert "1 of 1 shards are done" in capsys.readouterr().out
    assert run(["archive", "verify", out]) == 0
    assert "as it was published" in capsys.readouterr().out
    assert run(["archive", "--out", out]) == 0
    assert "reading" not in capsys.readouterr().err
    forecasts = json.loads((tmp_path / "tables" / "report.json").read_text("utf-8"))["counts"]["forecasts"]
    assert forecasts > 0
    for new in (f"kept {forecasts} new claims", "kept 0 new claims"):
        assert run(["keep", "--from", out, "--only", "forecasts", "--ledger", ledger]) == 0
        assert new in capsys.readouterr().err
    assert run(["claims", "--ledger", ledger, "--format", "jsonl"]) == 0
    kept = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {claim["kind"] for claim in kept} <= {"prediction", "pledge"}
    assert len(kept) == forecasts


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["archive", "nowhere.warc", "--out", "tables"], "nowhere.warc: is not there; check the name"),
        (["archive", "--out", "tables"], "tables: holds no archive's tables"),
        (["archive", "status", "tables"], "tables: holds no archive's tables; name the folder given to --out"),
        (["archive", "verify", "tables"], "tables: holds no archive's tables"),
        (["keep", "--from", "tables", "--ledger", "sqlite:///ledger.db"], "tables: holds no archive's tables"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 1
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["archive", "a.warc"], "Missing option '--out'"),
        (
            ["archive", "a.warc", "--out", "t", "--since", "someday"],
            "--since: the field \"day\" is 'someday', not a date",
        ),
        (["archive", "a.warc", "--out", "t", "--address", "auto"], "give --engine ray with it"),
        (["keep"], "Give INPUTs to read, or --from"),
        (["keep", "a.txt", "--from", "t"], "Give INPUTs to read, or --from"),
    ],
)
def test_wrong_usage(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert words in capsys.readouterr().err


def test_a_folder_where_nothing_can_be_written_is_named(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["archive", str(source), "--out", "/proc/tables"]) == 1
    assert "/proc/tables: cannot be written" in capsys.readouterr().err
