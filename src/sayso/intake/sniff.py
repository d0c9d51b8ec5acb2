"""What an input of no telling name is, by its first bytes."""

from __future__ import annotations

import json
import re
from typing import Literal

Form = Literal["text", "html", "jsonl", "gzip", "binary"]

HEAD = 65_536
"""Bytes that are looked at."""

SUFFIXES: dict[str, Form] = {
    ".txt": "text", ".text": "text", ".md": "text",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".shtml": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonlines": "jsonl",
    ".gz": "gzip",
}  # fmt: skip

PASSED_OVER = frozenset(
    """.css .js .mjs .map .png .jpg .jpeg .gif .svg .webp .avif .ico .bmp .tif .tiff .woff .woff2 .ttf .otf .eot
    .mp3 .mp4 .webm .ogg .wav .mov .pdf .json .xml .rss .atom .csv .tsv .py .db .sqlite .zip .tar .parquet
    .onnx""".split()
)
"""What is passed over in a folder, since it stands beside texts: the files of a saved page, data, programs."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "an office document, a book or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "a rich-text document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"From: <Saved by", "a web archive (MHTML)"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
)
_NO_TEXT: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (
        re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->|<[!?][^>]*>)\s*+)*+<(?:rss|feed|rdf:RDF)\b", re.I | re.S),
        "a feed, not an article",
        "give an article's page; sayso follow ADDRESS reads what a feed lists",
    ),
    (re.compile(rb"\s*<\?xml\b", re.I), "XML, not a text", "save its text as .txt, or the page as .html"),
    (re.compile(rb"\s*\[\s*[{\[]"), "a JSON array, not a text", 'write JSON Lines: one {"id": …, "text": …} a line'),
    (
        re.compile(
            rb"(?:[A-Za-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?(?:Received|Return-Path|MIME-Version|Delivered-To):", re.I
        ),
        "a mail as it was sent, not a text",
        "open it and save its text as .txt, or as .html",
    ),
)
"""How formats begin that are written in letters but are no text to read, what they are, and what to do."""
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body|meta|title|script|article|section|main|"
    rb"div|h1|p|link|table|span)\b",
    re.IGNORECASE | re.DOTALL,
)
_CONTROL = bytes(sorted(set(range(32)) - {9, 10, 12, 13, 27}))
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def form_of(head: bytes) -> Form:
    """What an input is whose first bytes are ``head``; "text" where nothing says otherwise."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if what_binary(head):
        return "binary"
    if _is_jsonl(head.removeprefix(_MARKS[0])):
        return "jsonl"
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return "html" if _HTML.match(head.replace(b"\x00", b"")) else "text"


def what_binary(head: bytes) -> str | None:
    """What a file that holds no text is, in words; None for text. A few stray control characters are no sign of it."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if not head or head.startswith(_MARKS):
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if len(head) >= 4 and max(even, odd) > 0.35 * len(head) and min(even, odd) < 0.05 * len(head):
        return None  # UTF-16 without a mark
    controls = len(head) - len(head.translate(None, _CONTROL))
    return "a binary file" if controls > 0.02 * len(head) + 2 else None


def what_written(head: bytes) -> tuple[str, str] | None:
    """What a file is that is written in letters but is no text to read, and what to do; None for any other."""
    for mark in _MARKS:
        head = head.removeprefix(mark)
    head = head.replace(b"\x00", b"").replace(b"\r\n", b"\n")
    if _HTML.match(head):
        return None
    return next(((what, remedy) for pattern, what, remedy in _NO_TEXT if pattern.match(head)), None)


def _is_jsonl(head: bytes) -> bool:
    """Whether the first line is a JSON object, or as much of one as is there."""
    head = head.lstrip()
    if not head.startswith(b"{"):
        return False
    line, end, _ = head.partition(b"\n")
    if not end:
        return re.match(rb'\{\s*"(?:[^"\\]|\\.)*"\s*:', line) is not None
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return re.match(rb'\{\s*"(?:id|text|url|title|author|published|site|comments)"\s*:', line) is not None
