"""The guide to the ledger does what it says: its commands, in their order, on the examples."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from sayso.cli import run
from sayso.errors import UnknownError
from sayso.ledger import Ledger

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "ledger.md").read_text("utf-8")
# What the guide's ids stand for. Another model may read a sentence a little differently, which gives it another id.
WORDS = {
    "04569f11": "first bill to arrive before Christmas",
    "93935ddc": "open the books to the committee",
    "aa07df30": "tram will never reach the fish market",
}


def _commands() -> list[str]:
    alone = GUIDE.split("## For a team")[0]
    return re.findall(r"^(sayso .*)$", "\n".join(re.findall(r"^```\n(.*?)^```", alone, re.M | re.S)), re.M)


def _as_it_is_here(command: str, ledger: Path) -> list[str]:
    words = shlex.split(command)[1:]
    for at, word in enumerate(words):
        if word in WORDS:
            with Ledger(ledger, create=False) as opened:
                try:
                    opened.claim(word)
                except UnknownError:
                    words[at] = next(opened.claims(text=f'"{WORDS[word]}"')).id
    return words


def test_the_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAYSO_LEDGER", str(tmp_path / "ledger.sqlite"))
    said = {}
    commands = _commands()
    assert len(commands) > 25
    for command in commands:
        status = run(_as_it_is_here(command, tmp_path / "ledger.sqlite"))
        printed, told = capsys.readouterr()
        assert status == 0, f"{command}: {told}"
        said[command] = printed + told
    assert "kept " in said[commands[0]]
    record = next(text for command, text in said.items() if command.startswith('sayso record "Sela Brandt"'))
    assert re.search(r"^skill .*90%", record, re.M)
    assert re.search(r"resolved .*1 void", record)
    board = next(text for command, text in said.items() if "--topic weather" in command)
    assert "Sela Brandt" in board
    assert "all is well" in said["sayso ledger check"]
    assert (tmp_path / "deadlines.ics").read_text().startswith("BEGIN:VCALENDAR")
    assert (tmp_path / "copy.sqlite").exists()
