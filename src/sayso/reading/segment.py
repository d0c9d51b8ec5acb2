"""Cut a post's text into paragraphs, sentences and the windows of word pieces that the encoder reads.

A window is ``[CLS] left-context new-pieces [SEP]`` with ``[SEP]`` between paragraphs. It holds whole paragraphs
where they fit; a longer paragraph is cut after a sentence, and only a longer sentence inside itself. The left
context repeats the last pieces of the window before, so that a pronoun or a quotation that goes on is read with
what it goes on from; its own tags are taken from the window in which the pieces are new.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from sayso.reading.wordpiece import WordPiece
from sayso.values import value

WINDOW = 256
"""Word pieces in a window, special pieces and context included."""
CONTEXT = 32
"""Word pieces of left context."""

CLS, SEP = 101, 102

_PARAGRAPH = re.compile(r"[^\n\r\u2028\u2029\x0b\x0c]+")
_QUOTES = re.compile('["“”„«»]')
# What may follow a full stop without ending a sentence.
_ABBREVIATIONS = frozenset(
    """mr mrs ms dr sen sens rep reps gov govs gen lt col sgt capt maj adm cmdr prof rev hon pres sec st jr sr vs etc
    inc corp co ltd no nos vol fig jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun dept
    univ ave blvd mt ft ariz ark calif colo conn del fla ga ill ind kan ky la mass md mich minn miss mo mont neb nev
    okla ore pa tenn tex va vt wash wis wyo u.s u.k u.n e.g i.e a.m p.m d.c n.y ph.d""".split()
)
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)")
_WORD_BEFORE = re.compile(r"([\w.]+)$")


@value
class Window:
    """One run of the encoder: word pieces and where they stand in the text.

    ``ids`` and ``types`` have one entry a piece; ``starts`` and ``ends`` are its code point offsets in the text
    (a special piece has the place it stands at, with an empty range). Pieces before ``first`` are ``[CLS]`` and
    left context.
    """

    ids: list[int]
    types: list[int]
    starts: list[int]
    ends: list[int]
    first: int


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the lines of text that hold more than white space, without the white space around."""
    for match in _PARAGRAPH.finditer(text):
        inside = match.group()
        start = match.start() + len(inside) - len(inside.lstrip())
        end = match.start() + len(inside.rstrip())
        if start < end:
            yield start, end


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the sentences of ``text[start:end]``, which is one paragraph."""
    end = len(text) if end is None else end
    at = start
    for match in _SENTENCE_END.finditer(text, start, end):
        stop = match.end()
        if stop >= end:
            break
        following = stop
        while following < end and (text[following].isspace() or text[following] in "\"'“‘«(["):
            following += 1
        if following < end and text[following].islower():
            continue
        if match.group()[0] == "." and match.end() - match.start() == 1 and abbreviates(text, match.start(), start):
            continue
        yield at, stop
        at = stop
        while at < end and text[at].isspace():
            at += 1
    if at < end:
        yield at, end


def abbreviates(text: str, at: int, start: int = 0) -> bool:
    """Whether the full stop at ``at`` belongs to an abbreviation or an initial that begins at ``start`` or later."""
    word = _WORD_BEFORE.search(text, max(start, at - 12), at)
    return word is not None and (
        word.group(1).lower() in _ABBREVIATIONS or (len(word.group(1)) == 1 and word.group(1).isupper())
    )


def quoted_ranges(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Ranges inside quotation marks, marks included; a quotation left open runs to the end of the paragraph."""
    ranges: list[tuple[int, int]] = []
    opened: int | None = None
    for match in _QUOTES.finditer(text, start, end):
        mark, at = match.group(), match.start()
        if opened is None:
            if mark in '“„«"':
                opened = at
            elif mark == "”" and not ranges:  # closes a quotation that was opened in a paragraph before
                ranges.append((start, at + 1))
        elif mark in '”»"' or (mark == "“" and text[opened] == "„"):
            ranges.append((opened, at + 1))
            opened = None
    if opened is not None:
        ranges.append((opened, end))
    return ranges


@value
class Paragraph:
    """A paragraph of a text, with the ranges of its sentences and of its quotations, in order."""

    start: int
    end: int
    sentences: tuple[tuple[int, int], ...]
    quotes: tuple[tuple[int, int], ...]


@lru_cache(maxsize=64)
def outline(text: str) -> tuple[Paragraph, ...]:
    """The paragraphs of a text with what is in them; kept for the several that ask for it while a batch is read."""
    return tuple(
        Paragraph(start, end, tuple(sentences(text, start, end)), tuple(quoted_ranges(text, start, end)))
        for start, end in paragraphs(text)
    )


def _cut(text: str, start: int, end: int, starts: list[int], limit: int) -> list[int]:
    """Piece indices at which a paragraph of too many pieces is cut, each part at most ``limit`` pieces."""
    ends = sorted({bisect_left(starts, stop) for _, stop in sentences(text, start, end)})
    cuts, at, total = [], 0, len(starts)
    while total - at > limit:
        fitting = bisect_left(ends, at + limit + 1) - 1
        cut = ends[fitting] if fitting >= 0 and ends[fitting] > at else at + limit
        cuts.append(cut)
        at = cut
    return [0, *cuts, total]


def windows(text: str, tokenizer: WordPiece, *, window: int = WINDOW, context: int = CONTEXT) -> Iterator[Window]:
    """Yield the windows of a text, in order; together their new pieces are all the pieces of the text, once each."""
    room = window - 2 - context
    ids: list[int] = []
    types: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    left: tuple[list[int], list[int], list[int], list[int]] = ([], [], [], [])

    def close() -> Window:
        nonlocal ids, types, starts, ends, left
        first = 1 + len(left[0])
        begin = left[2][0] if left[2] else starts[0]
        made = Window(
            [CLS, *left[0], *ids, SEP],
            [0, *left[1], *types, 0],
            [begin, *left[2], *starts, ends[-1]],
            [begin, *left[3], *ends, ends[-1]],
            first,
        )
        if context:
            left = (ids[-context:], types[-context:], starts[-context:], ends[-context:])
        ids, types, starts, ends = [], [], [], []
        return made

    for paragraph in outline(text):
        # A paragraph of a whole book is tokenized in bounded stretches.
        for lo, hi in _stretches(text, paragraph.start, paragraph.end):
            cut = tokenizer.cut(text, lo, hi)
            pieces, p_starts, p_ends = cut.ids, cut.starts, cut.ends
            if not pieces:
                continue
            p_types = cut.cases
            whole = (lo, hi) == (paragraph.start, paragraph.end)
            for a, b in paragraph.quotes if whole else quoted_ranges(text, lo, hi):
                for i in range(bisect_left(p_starts, a), bisect_left(p_starts, b)):
                    p_types[i] += 4
            bounds = _cut(text, lo, hi, p_starts, room) if len(pieces) > room else [0, len(pieces)]
            for a, b in pairwise(bounds):
                separator = 1 if ids else 0
                if ids and len(ids) + separator + b - a > room:
                    yield close()
                    separator = 0
                if separator:
                    ids.append(SEP)
                    types.append(0)
                    starts.append(ends[-1])
                    ends.append(ends[-1])
                ids += pieces[a:b]
                types += p_types[a:b]
                starts += p_starts[a:b]
                ends += p_ends[a:b]
    if ids:
        yield close()


def _stretches(text: str, start: int, end: int, limit: int = 20_000) -> Iterator[tuple[int, int]]:
    while end - start > limit:
        cut = text.rfind(" ", start + limit // 2, start + limit) + 1 or start + limit
        yield start, cut
        start = cut
    if start < end:
        yield start, end
