"""The table: chains, forecasts, nesting, the width, and nothing that steers a terminal."""

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len

from sayso.export.table import console, thread_lines, write_table
from sayso.posts import Part

from .sample import Reading, reading


def shown(made: Reading, width: int = 100) -> str:
    out = io.StringIO()
    write_table([made], out, width=width)
    return out.getvalue()


def test_says_who_says_what() -> None:
    text = shown(reading())
    assert text.startswith("Reznar Will Have His Dam, Havlik Says\n")
    assert "11 claims: 4 predictions, 1 pledge, 1 demand, 2 judgments, 2 facts, 1 other" in text
    head, content, how = text[text.index("Vera Whitlock ‹ Marta Havlik ‹ Bohdan Reznar") :].split("\n")[:3]
    assert head.endswith("judgment  88%")
    assert content == "  the reservoir his “life’s work,”"
    assert how == "  cue “considers”, source “Bohdan Reznar”"


def test_forecasts_stand_out() -> None:
    text = shown(reading(), width=120)
    assert "▸ If Velenia signs the draft, by the end of 2027 [9 Mar 2026 – 31 Dec 2027] (likely, 55–80%)" in text
    assert "▸ before 2030 [until 31 Dec 2029] (I’d bet, 60–85%)" in text
    assert "▸ (unhedged, 80–97%)" in text
    assert text.count("carried over: ") == 3
    assert text.count("own voice") == 1


def test_replies_are_indented_under_what_they_answer() -> None:
    lines = shown(reading()).split("\n")
    assert "↳ commenter 1 · 2026-03-09 18:20" in lines
    assert "   ↳ Ada, to commenter 1" in lines
    assert any(line.startswith("     Ada ‹ Ada’s cousin Dov") for line in lines)


@pytest.mark.parametrize("width", [40, 61, 80, 200])
def test_no_line_is_wider_or_ends_in_blanks(width: int) -> None:
    for line in shown(reading(), width=width).split("\n"):
        assert cell_len(line) <= width
        assert line == line.rstrip()


def test_posts_without_claims_are_left_out() -> None:
    made = reading()
    made.claims = [claim for claim in made.claims if claim.post.kind == "comment"]
    text = shown(made)
    assert "Bohdan" not in text
    assert "↳ commenter 1" in text
    made.claims = []
    assert "no claims" in shown(made)


def test_a_text_cannot_steer_the_terminal() -> None:
    made = reading()
    evil = "\x1b[2J\x1b]0;owned\x07bye\u202eeht\x9b31m\r\n[bold]x[/bold] :smile:"
    made.thread.title = evil
    made.claims = [replace(made.claims[0], content=Part(evil, ((0, 5),)))]
    text = shown(made)
    assert not {c for c in text if c < " " and c != "\n"} & set(text)
    assert not set("\x1b\x07\x9b\u202e") & set(text)
    assert "[bold]x[/bold] :smile:" in text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" not in shown(reading())
    out = Terminal()
    write_table([reading()], out, width=80)
    assert "\x1b[" in out.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    write_table([reading()], out, width=80)
    assert "\x1b[3" not in out.getvalue()


def test_width_follows_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert console(io.StringIO()).width == 100
    monkeypatch.setenv("COLUMNS", "72")
    assert console(io.StringIO()).width == 72
    monkeypatch.setenv("COLUMNS", "3")
    assert console(io.StringIO()).width == 40


def test_lines_are_those_of_the_thread() -> None:
    made = reading()
    assert len(list(thread_lines(made.thread, made.claims, width=90))) > 40
