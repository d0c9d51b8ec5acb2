"""From words that somebody wrote into a form to the places where they stand in a post."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sayso.errors import FieldError
from sayso.posts import Range

_GAP = re.compile(r"\s+…\s+")
_SPANS = re.compile(r"\d{1,9}-\d{1,9}(,\d{1,9}-\d{1,9}){0,49}")


def spans_of(field: str) -> list[Range]:
    """The spans that a page's script has written: ``12-40,52-60``; none for an empty field."""
    if not field:
        return []
    if not _SPANS.fullmatch(field):
        raise FieldError("spans", f"{field[:40]!r} are no places", "select the words anew")
    return [(int(start), int(end)) for start, _, end in (each.partition("-") for each in field.split(","))]


def find_words(text: str, words: str, *, near: int = 0, after: int = 0, what: str = "words") -> list[Range]:
    """Where ``words`` stand in ``text`` from ``after`` on: the place nearest to ``near``; one range for each of words
    with gaps (" … ").

    White space may differ, and straight quotation marks stand for curly ones. Raises FieldError where they do not
    stand there.
    """
    made: list[Range] = []
    at: int | None = None
    for piece in _GAP.split(words.strip()):
        found = [(m.start(), m.end()) for m in re.finditer(_pattern(piece), text)] if piece.strip() else []
        found = [place for place in found if place[0] >= (after if at is None else at)]
        if not found:
            raise FieldError(
                what, f"“{piece[:80]}” does not stand in this text", "copy the words as they are, or select them"
            )
        place = min(found, key=lambda p: abs(p[0] - near)) if at is None else found[0]
        made.append(place)
        at = place[1]
    return made


_SAME = {"'": "['‘’ʼ]", "’": "['‘’ʼ]", '"': '["“”„«»]', "-": "[-‐‑–—]"}


def _pattern(piece: str) -> str:
    return r"\s+".join("".join(_SAME.get(c, re.escape(c)) for c in word) for word in piece.split())


def place_of(
    text: str, words: str | None, spans: str, *, before: Sequence[Range] = (), was: str = "", what: str
) -> list[Range] | None:
    """What a form says of one part of a claim: None where it says nothing new, no spans where it takes it away.

    ``spans`` are those that the script has found, ``words`` what stands in the field; ``was`` and ``before`` are the
    words and the spans of the part as it is.
    """
    if words is None:
        return None
    plain = " ".join(words.split())
    if not plain:
        return [] if before else None
    given = spans_of(spans)
    if given and given != list(before):
        return given
    if plain == " ".join(was.split()):
        return None
    return find_words(text, words, near=before[0][0] if before else 0, what=what)


def cut(text: str, spans: Sequence[Range], pieces: Sequence[str]) -> list[list[Range]]:
    """The places of each piece of a claim's words, one after the other within ``spans``. Raises FieldError."""
    made = []
    at = spans[0][0]
    for piece in pieces:
        found = find_words(text[: spans[-1][1]], piece, near=at, after=at, what="parts")
        made.append(found)
        at = found[-1][1]
    return made
