"""A block of labelled lines at the top of a text: a mail's header, the front matter of a Markdown page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sayso.intake.dates import parse_date, plausible

_LINE = re.compile(r"^(?P<label>[A-Za-z][A-Za-z-]{1,19})[ \t]*:[ \t]*(?P<value>.*)$")
_FENCE = re.compile(r"^---[ \t]*$")
_TITLE = ("title", "subject", "headline")
_AUTHOR = ("author", "from", "byline", "authors")
_DATE = ("date", "published", "sent", "pubdate", "posted")
_KNOWN = frozenset((*_TITLE, *_AUTHOR, *_DATE, "to", "cc", "bcc", "reply-to", "message-id", "tags", "category", "url"))
_MOST = 60
"""Lines that a block has at most."""
_AGAIN = re.compile(r"^(?:(?:re|fwd?|aw|wg)(?:\[\d+\])?:[ \t]*)+", re.IGNORECASE)
_ADDRESS = re.compile(r"[ \t]*[<(\[]?[\w.+-]+@[\w.-]+[>)\]]?")


@dataclass(frozen=True, slots=True)
class Header:
    """What the lines above a text say of it; ``published`` is ISO 8601."""

    title: str | None = None
    author: str | None = None
    published: str | None = None


def labelled_block(text: str) -> tuple[Header, str]:
    """What a block of labelled lines at the top of ``text`` says, and the text without it.

    A block stands between lines of three hyphens ("title: …", as pages in Markdown have it), or is two or more lines
    with labels that mails and articles have ("From: …", "Date: …") and an empty line after them.
    """
    lines = text.lstrip("\n").split("\n", _MOST)
    fenced = bool(_FENCE.match(lines[0]))
    values: dict[str, str] = {}
    end = None
    for number, line in enumerate(lines[1:] if fenced else lines, 1 if fenced else 0):
        match = _LINE.match(line)
        if fenced and _FENCE.match(line):
            end = number + 1
            break
        if not fenced and not line.strip():
            end = number
            break
        if match:
            values.setdefault(match["label"].casefold(), match["value"].strip().strip("\"'"))
        elif not fenced and not line[:1].isspace():
            return Header(), text
    known = [label for label in values if label in _KNOWN]
    if end is None or len(known) < (1 if fenced else 2) or (not fenced and len(known) < len(values) - 2):
        return Header(), text
    title = _AGAIN.sub("", _first(values, _TITLE)) or None
    author = _ADDRESS.sub("", _first(values, _AUTHOR)).strip(" \t\"'[]") or None
    header = Header(title, author, plausible(parse_date(_first(values, _DATE))))
    rest = "\n".join(lines[end:])
    return (header, rest) if rest.strip() else (Header(), text)


def _first(values: dict[str, str], labels: tuple[str, ...]) -> str:
    return next((values[label] for label in labels if values.get(label)), "")
