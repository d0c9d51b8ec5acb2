"""The commands, as a user types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from sayso.cli import cli, run
from sayso.ledger import Ledger

from .sample import harbour, numbered, thread

EXAMPLE = Path(__file__).parents[2] / "examples" / "dam-treaty.txt"
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command line on a ledger of its own: (status, what it printed, what it said on stderr)."""
    monkeypatch.setenv("SAYSO_LEDGER", str(tmp_path / "ledger.sqlite"))
    monkeypatch.setenv("COLUMNS", "160")

    def typed(*words: str) -> tuple[int, str, str]:
        status = run(list(words))
        return status, *capsys.readouterr()

    return typed


@pytest.fixture
def full(say: Say, tmp_path: Path) -> Say:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.keep(thread(), harbour().claims)
        reading = numbered(1)
        assert reading.thread is not None
        ledger.keep(reading.thread, reading.claims)
    return say


def _lines(printed: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in printed.splitlines()]


def test_reading_an_article_into_the_ledger(say: Say) -> None:
    status, printed, said = say("keep", str(EXAMPLE), "/none.txt")
    assert (status, printed) == (1, "")
    assert "/none.txt" in said
    assert "kept " in said
    status, printed, _ = say("claims")
    assert status == 0
    ids = {line["id"] for line in _lines(printed)}
    assert ids
    status, _, said = say("keep", str(EXAMPLE))
    assert status == 0
    assert f"kept 0 new claims ({len(ids)} known before) of 0 new documents, 0 new posts" in said
    _, printed, _ = say("read", str(EXAMPLE))
    assert {line["id"] for line in _lines(printed)} == ids


def test_a_ledger_that_is_not_there(say: Say, tmp_path: Path) -> None:
    for words in (("claims",), ("due",), ("scores",), ("record", "Ada"), ("ledger", "check"), ("ledger", "stats")):
        status, _, said = say(*words)
        assert status == 1
        assert "there is no ledger" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ((), 6),
        (("--holder", "Ada Prior", "--kind", "prediction"), 2),
        (("--via", "Ada Prior"), 2),
        (("--text", "harbour -northern"), 1),
        (("--due-before", "2025-04-01"), 1),
        (("--open", "--limit", "2"), 2),
        (("--site", "quay.example", "--since", "2025-01-10", "--until", "2025-01-10"), 6),
    ],
)
def test_searching(full: Say, words: tuple[str, ...], number: int) -> None:
    status, printed, _ = full("claims", *words)
    assert (status, len(_lines(printed))) == (0, number)


@pytest.mark.parametrize("form", ["table", "csv", "html", "attributions"])
def test_every_form_of_output(full: Say, form: str) -> None:
    status, printed, _ = full("claims", "--format", form)
    assert status == 0
    assert "northern harbour" in printed
    if form == "html":
        assert printed.count("<html") == 1


def test_wrong_usage(full: Say) -> None:
    for words, said_of in (
        (("claims", "--since", "yesterday"), "--since"),
        (("claims", "--kind", "rumour"), "rumour"),
        (("due", "--soon", "a while"), "--soon"),
        (("export", "--format", "parquet"), "--out"),
    ):
        status, _, said = full(*words)
        assert (status, said_of in said) == (2, True), said
    status, _, said = full("claims", "--holder", "Prior")
    assert status == 1
    assert "did you mean Ada Prior" in said


def test_due_resolve_history_record_scores(full: Say) -> None:
    status, printed, _ = full("due", "--on", "2025-07-01")
    due = _lines(printed)
    assert [line["due_on"] for line in due] == ["2025-03-31", "2025-06-30", "2025-06-30"]
    _, printed, _ = full("due", "--on", "2025-12-01", "--soon", "5w", "--format", "table")
    assert "the tariff will fall" in printed
    key = str(due[1]["id"])
    words = ("--evidence", "https://x.example", "--note", "seen", "--by", "Kai", "--on", "2025-06-30")
    status, _, said = full("resolve", key[:8], "true", *words)
    assert (status, f"claim:{key} is true" in said) == (0, True)
    assert full("resolve", key, "kept")[0] == 1
    _, printed, _ = full("history", key)
    (line,) = _lines(printed)
    assert (line["value"], line["by"], line["evidence"], line["stands"]) == ("true", "Kai", ["https://x.example"], True)
    _, printed, _ = full("record", "Ada Prior", "--format", "table")
    assert "Brier score" in printed
    assert "1 scored" in printed
    _, printed, _ = full("scores", "--min-resolved", "1")
    (line,) = _lines(printed)
    assert {"holder", "resolved", "brier", "expected_brier", "skill", "low", "high"} <= line.keys()
    _, printed, _ = full("scores", "--format", "table")
    assert "nobody has 3 resolved forecasts" in printed


def test_questions(full: Say) -> None:
    status, printed, _ = full("question", "new", "Does pier 1 reopen?", "--deadline", "2025-06-30", "--topic", "ports")
    assert (status, printed) == (0, "does-pier-1-reopen\n")
    (claim,) = _lines(full("claims", "--text", '"pier 1"')[1])
    assert full("question", "attach", "does-pier-1-reopen", str(claim["id"]), "--denied")[0] == 0
    (line,) = _lines(full("question", "show", "does-pier-1-reopen")[1])
    assert (line["holder"], line["side"], line["probability"]) == ("Ada Prior", "denied", 0.7)
    full("resolve", "does-pier-1-reopen", "false")
    (line,) = _lines(full("question", "list")[1])
    assert (line["value"], line["forecasts"]) == ("false", 1)
    assert full("question", "list", "--open")[1] == ""
    (line,) = _lines(full("scores", "--topic", "ports", "--min-resolved", "1")[1])
    assert line["brier"] == pytest.approx(0.09)
    assert full("question", "detach", "does-pier-1-reopen", str(claim["id"]))[0] == 0
    assert full("question", "show", "does-pier-1-reopen")[1] == ""


def test_people(full: Say) -> None:
    listed = _lines(full("people", "list")[1])
    assert [line["name"] for line in listed] == ["Ada Prior", "Tomas Reke", "Benno Zahl"]
    full("people", "alias", "Ada Prior", "A. Prior")
    _, _, said = full("people", "merge", "A. Prior", "Benno Zahl", "--by", "Kai")
    assert "people undo 2" in said
    full("people", "link", "Ada Prior", "Q7")
    (shown,) = _lines(full("people", "show", "Q7")[1])
    assert (shown["name"], shown["claims"]) == ("Ada Prior", 4)
    assert "goes by" in full("people", "show", "Q7", "--format", "table")[1]
    assert full("people", "undo", "3")[0] == 0
    assert full("people", "undo", "2")[0] == 0
    status, printed, _ = full("people", "split", "Ada Prior", "--thread", "column-1.txt")
    assert (status, printed[0]) == (0, "#")
    assert full("people", "different", "Ada Prior", printed.strip())[0] == 0
    actions = [line["action"] for line in _lines(full("people", "history")[1])]
    assert actions == ["alias", "merge", "link", "undo", "undo", "split", "different"]
    assert full("people", "suggest")[0] == 0
    status, _, said = full("people", "merge", "Ada Prior", "Nobody")
    assert (status, "nobody in this ledger" in said) == (1, True)


def test_out_and_in_again(full: Say, tmp_path: Path) -> None:
    out = tmp_path / "claims.jsonl"
    assert full("export", "--out", str(out))[0] == 0
    status, _, said = full("import", str(out))
    assert (status, "kept 0 new claims (6 known before)" in said) == (0, True)
    out.write_text(out.read_text() + "{\n")
    status, _, said = full("import", str(out))
    assert (status, "line 7: no JSON" in said, "1 rejected" in said) == (1, True, True)
    for form in ("csv", "webannotation", "claimreview", "ics"):
        status, printed, _ = full("export", "--format", form)
        assert (status, bool(printed)) == (0, True)
    assert full("export", "--format", "parquet", "--out", str(tmp_path / "c.parquet"))[0] == 0
    assert (tmp_path / "c.parquet").stat().st_size > 1_000


def test_looking_after_the_ledger(full: Say, tmp_path: Path) -> None:
    assert full("ledger", "check")[:2] == (0, "all is well\n")
    assert full("ledger", "migrate")[:2] == (0, "the ledger is up to date\n")
    assert full("ledger", "backup", str(tmp_path / "b.sqlite"))[0] == 0
    assert full("ledger", "restore", str(tmp_path / "b.sqlite"), "--ledger", str(tmp_path / "new.sqlite"))[0] == 0
    (stats,) = _lines(full("ledger", "stats", "--ledger", f"sqlite:///{tmp_path / 'new.sqlite'}")[1])
    assert stats["claims"] == 6
    assert "4 prediction" in full("ledger", "stats", "--format", "table")[1]
    status, _, said = full("ledger", "restore", str(tmp_path / "b.sqlite"))
    assert (status, "is not empty" in said) == (1, True)


def test_hostile_words_cannot_steer_the_terminal(say: Say, tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        reading = numbered(1, holder="Eve \x1b[2J\x07\u202e")
        assert reading.thread is not None
        ledger.keep(reading.thread, reading.claims)
    for words in (("due",), ("people", "list"), ("claims",), ("record", "#1"), ("people", "show", "#1")):
        _, printed, _ = say(*words, "--format", "table")
        assert "Eve" in printed
        assert not {"\x1b", "\x07", "\u202e"} & set(printed)


def test_every_command_says_what_it_does() -> None:
    def walk(group: object, name: str) -> None:
        for word, command in getattr(group, "commands", {}).items():
            assert command.help, f"{name} {word}"
            for option in command.params:
                assert not isinstance(option, click.Option) or option.help, f"{name} {word} {option.name}"
            walk(command, f"{name} {word}")

    walk(cli, "sayso")


@pytest.mark.parametrize("form", ["csv", "ics", "webannotation"])
def test_what_cannot_be_imported_is_told_once(full: Say, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"out.{form}"
    assert full("export", "--format", form, "--out", str(path))[0] == 0
    status, _, said = full("import", str(path))
    assert status == 1
    assert len(said.splitlines()) == 1
    assert str(path) in said
    assert "jsonl" in said


def test_an_export_is_written_as_its_ending_says(full: Say, tmp_path: Path) -> None:
    for ending, begins in (("csv", "id,"), ("ics", "BEGIN:VCALENDAR"), ("jsonl", "{"), ("txt", "{")):
        path = tmp_path / f"out.{ending}"
        assert full("export", "--out", str(path))[0] == 0
        assert path.read_text("utf-8").startswith(begins)
    assert full("export", "--format", "jsonl", "--out", str(tmp_path / "other.csv"))[0] == 0
    assert (tmp_path / "other.csv").read_text("utf-8").startswith("{")


def test_a_search_that_finds_nothing_says_so(full: Say) -> None:
    assert full("claims", "--site", "nowhere", "--format", "table") == (0, "", "no claims match\n")
    status, _, said = full("claims", "--question", "none")
    assert status == 1
    assert "none" in said
