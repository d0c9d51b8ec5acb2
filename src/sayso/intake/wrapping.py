"""Lines that were broken to a width, as in mail and old text files, joined to the paragraphs that they were."""

from __future__ import annotations

import itertools
import re

_MIN_BREAKS = 3
_WIDEST = 120
_NARROWEST = 40
_SHARE = 0.75
"""The share of line breaks that a width explains, from which a text counts as hard-wrapped."""
_ROOM = 0.85
"""A line to which the next word would have fitted within this share of the width ends on purpose."""
_OWN_LINE = re.compile(r"^\s*(?:[>•◦▪‣*·●○■–—-]\s|\d{1,3}[.)]\s)|^\s*>")


def unwrap(text: str) -> str:
    """``text`` with its hard-wrapped lines joined by a space; unchanged where it is not hard-wrapped.

    A text is hard-wrapped where for most line breaks the next word would not have fitted into the longest line.
    Line breaks before an indented line, a list's item or a quoted line, and after a short line, are kept.
    """
    lines = text.split("\n")
    width = max((len(line.rstrip()) for line in lines), default=0)
    if not _NARROWEST <= width <= _WIDEST or not _is_wrapped(lines, width):
        return text
    out = [lines[0]]
    for above, line in itertools.pairwise(lines):
        if not _continues(above, line, width):
            out.append("\n" + line)
        elif re.search(r"[^\W\d_]-$", above.rstrip()):
            out[-1] = out[-1].rstrip()
            out.append(line.strip())
        else:
            out[-1] = out[-1].rstrip()
            out.append(" " + line.strip())
    return "".join(out)


def _is_wrapped(lines: list[str], width: int) -> bool:
    breaks = full = 0
    for above, line in itertools.pairwise(lines):
        if above.strip() and line.strip() and not _OWN_LINE.match(line) and _indent(line) <= _indent(above):
            breaks += 1
            full += not _fits(above, line, width)
    return breaks >= _MIN_BREAKS and full >= _SHARE * breaks


def _continues(above: str, line: str, width: int) -> bool:
    if not above.strip() or not line.strip() or _OWN_LINE.match(line):
        return False
    return _indent(line) <= _indent(above) and not _fits(above, line, width)


def _fits(above: str, line: str, width: int) -> bool:
    """Whether the first word of ``line`` would have had room at the end of ``above``."""
    return len(above.rstrip()) + 1 + len(line.split(maxsplit=1)[0]) <= _ROOM * width


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
