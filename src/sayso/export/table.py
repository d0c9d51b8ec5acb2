"""Claims for reading in a terminal: by post in reading order, replies indented, wrapped to the width.

A claim is told in up to four lines: kind, chain and confidence; the content; for a forecast what it hinges on, by
when and how sure; and, dimmed, how it is attributed. Colour only where the terminal shows it and NO_COLOR is not set.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from sayso.export.selection import Reading
from sayso.export.words import CHAIN, author_names, counted, forecast_words, full_chain, plain
from sayso.posts import FORECASTS, KINDS, Claim, Kind, Post, Thread

STYLES: dict[Kind, str] = {
    "prediction": "bold blue",
    "pledge": "bold green",
    "demand": "red",
    "judgment": "magenta",
    "fact": "cyan",
    "other": "bright_black",
}
PLAIN_WIDTH = 100
"""Columns where the output is no terminal and COLUMNS is not set."""
MIN_WIDTH = 40
_INDENT = 3
_RIGHT = 18  # columns for the longest kind and the confidence
_NARROWEST = 16
_MEASURE = Console(width=80, color_system=None)  # rich wants one to wrap a text; nothing is written to it


def _counted(claims: Sequence[Claim]) -> str:
    if not claims:
        return "no claims"
    by_kind = Counter(claim.kind for claim in claims)
    parts = [counted(by_kind[kind], kind) for kind in KINDS if by_kind[kind]]
    return f"{counted(len(claims), 'claim')}: {', '.join(parts)}"


def _lines(text: Text, *, width: int, indent: int, hanging: int = 0) -> Iterator[Text]:
    """The text wrapped to ``width`` columns, indented, the lines after the first by ``hanging`` more."""
    room = max(_NARROWEST, width - indent - hanging)
    for number, line in enumerate(text.wrap(_MEASURE, room)):
        line.rstrip()
        margin = indent + (hanging if number else 0)
        yield Text(" " * margin).append_text(line)


def _head(claim: Claim, author: str | None, *, width: int, indent: int) -> Iterator[Text]:
    """The chain, the holder in bold, with kind and confidence at the right edge."""
    *outer, holder = (plain(name) for name in full_chain(claim, author))
    chain = Text("".join(name + CHAIN for name in outer)).append(holder, style="bold")
    sure = f"{claim.confidence * 100:.0f}%"
    right = Text(claim.kind, style=STYLES[claim.kind]).append(f" {sure:>4}", style="dim")
    lines = list(_lines(chain, width=width - _RIGHT, indent=indent, hanging=2))
    gap = width - lines[0].cell_len - right.cell_len
    lines[0] = lines[0].append(" " * max(2, gap)).append_text(right)
    return iter(lines)


def _how(claim: Claim) -> str:
    """How the claim is attributed: the words that do it, or that there are none."""
    if claim.voice == "own":
        return "own voice"
    if claim.voice == "carried-over":
        return "carried over: goes on in this voice without a cue"
    parts = (("cue", claim.cue), ("source", claim.source))
    return ", ".join(f"{name} “{plain(part.text)}”" for name, part in parts if part) or "no cue"


def _claim(claim: Claim, author: str | None, *, width: int, indent: int, ids: bool) -> Iterator[Text]:
    yield from _head(claim, author, width=width, indent=indent)
    yield from _lines(Text(plain(claim.content.text)), width=width, indent=indent + 2)
    if claim.kind in FORECASTS and claim.forecast and (told := forecast_words(claim.forecast)):
        yield from _lines(Text(f"▸ {told}", style=STYLES[claim.kind]), width=width, indent=indent + 2, hanging=2)
    how = f"{claim.id} · {_how(claim)}" if ids else _how(claim)
    yield from _lines(Text(how, style="dim"), width=width, indent=indent + 2)
    yield Text()


def _title(thread: Thread, claims: Sequence[Claim], *, width: int) -> Iterator[Text]:
    facts = [thread.article.author, thread.published and thread.published[:10], thread.site, thread.url]
    yield from _lines(Text(plain(thread.title or thread.id), style="bold"), width=width, indent=0)
    if known := " · ".join(plain(fact) for fact in facts if fact):
        yield from _lines(Text(known, style="dim"), width=width, indent=0)
    yield from _lines(Text(_counted(claims), style="dim"), width=width, indent=0)
    yield Text("─" * width, style="dim")


def _comment(post: Post, name: str, parent: str | None, *, width: int, indent: int) -> Iterator[Text]:
    """The line above a comment's claims: who, when, and to which other commenter it replies."""
    line = Text("↳ ").append(plain(name), style="bold")
    if parent:
        line.append(f", to {plain(parent)}")
    if post.posted:
        line.append(f" · {plain(post.posted[:16].replace('T', ' '))}", style="dim")
    yield from _lines(line, width=width, indent=indent, hanging=2)


def thread_lines(
    thread: Thread, claims: Sequence[Claim], *, width: int = PLAIN_WIDTH, ids: bool = False
) -> Iterator[Text]:
    """Yield the lines of a thread's claims, by post in reading order; posts without a claim are left out.

    With ``ids`` each claim is shown with its id.
    """
    by_post: dict[str, list[Claim]] = {}
    for claim in claims:
        by_post.setdefault(claim.post.id, []).append(claim)
    names = author_names(thread)
    yield from _title(thread, claims, width=width)
    for depth, post in thread.walk():
        if not (found := by_post.get(post.id)):
            continue
        indent = min(_INDENT * max(0, depth - 1), width // 3)
        if post.kind == "comment":
            parent = None if post.parent == thread.article.id else names.get(post.parent or "")
            yield from _comment(post, names[post.id] or "", parent, width=width, indent=indent)
            indent += 2
        for claim in sorted(found, key=lambda c: (c.content.start, -c.content.end)):
            yield from _claim(claim, names[post.id], width=width, indent=indent, ids=ids)


def console(out: TextIO, *, width: int | None = None) -> Console:
    """A console that writes to ``out``: as wide as its terminal, and in colour only there.

    ``width`` (columns, at least 40) says otherwise; where there is no terminal, COLUMNS or 100.
    """
    terminal = out.isatty()
    columns = width or shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
    if not terminal and not width and "COLUMNS" not in os.environ:
        columns = PLAIN_WIDTH
    return Console(
        file=out,
        width=max(MIN_WIDTH, columns),
        force_terminal=terminal,
        no_color=True if not terminal else None,
        color_system="auto" if terminal else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False if not terminal else None,
    )


def write_table(
    readings: Iterable[Reading], out: TextIO | None = None, *, width: int | None = None, ids: bool = False
) -> None:
    """Write each thread's claims for reading, with ``ids`` each with its id."""
    screen = console(out or sys.stdout, width=width)
    first = True
    for reading in readings:
        if reading.thread is None:
            continue
        if not first:
            screen.print()
        first = False
        for line in thread_lines(reading.thread, reading.claims, width=screen.width, ids=ids):
            screen.print(line, soft_wrap=True)
