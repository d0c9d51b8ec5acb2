"""A name in place, as a tagger gives it and as words of a layout."""

from __future__ import annotations

from typing import Literal, NamedTuple

from .layout import Layout
from .vocabulary import Vocabulary

NameType = Literal["PERSON", "ORGANIZATION", "LOCATION", "MISC"]


class NamedMention(NamedTuple):
    """A name in place: ``text[start:end]``, code points, and what it names."""

    start: int
    end: int
    type: NameType


class Name(NamedTuple):
    """A name as words ``first`` to ``last`` (exclusive) of the layout, titles and possessive left off.

    ``title`` are the lower-case words of titles that stood before it.
    """

    first: int
    last: int
    type: NameType
    title: tuple[str, ...] = ()


def trim(layout: Layout, first: int, last: int, type: NameType, words: Vocabulary) -> Name | None:
    """Cut titles off the front of a name, and take in the titles that stand before it."""
    title: list[str] = []
    if type == "PERSON":
        for i in range(last - 2, first - 1, -1):
            if layout.lower[i] in words.titles and layout.lower[i] not in words.gender:
                title += layout.lower[first : i + 1]
                first = i + 1
                break
        if (
            last - first == 1
            and layout.lower[first] in words.titles
            and layout.lower[first] not in words.gender
            and not title
        ):
            return None
        if last - first > 1 and layout.lower[first] in words.adjectives and layout.lower[first] not in words.gender:
            first += 1
        many = last - first == 1 and layout.lower[first].endswith("s") and first > 0 and layout.close(first)
        if many and layout.lower[first - 1] in words.determiners and layout.lower[first - 1] != "the":
            return Name(first, last, "MISC")  # "most Millennials"
        if (
            last - first == 1
            and layout.lower[first] in words.organization_words
            and layout.lower[first] not in words.gender
        ):
            return Name(first, last, "ORGANIZATION") if layout.lower[first] not in ("state", "house") else None
        if last - first > 1 and layout.lower[last - 1] in words.organization:
            type = "ORGANIZATION"
    elif type == "ORGANIZATION" and layout.words[last - 1].islower() and layout.raised[first]:
        while last - 1 > first and layout.words[last - 1].islower() and layout.lower[last - 1] in words.organization:
            last -= 1  # "the NAACP board"
    elif "the" in layout.lower[first : min(first + 2, last - 1)]:
        first = layout.lower.index("the", first) + 1
    before = first - len(title) - 1
    while (
        before >= 0
        and layout.lower[before] in words.titles
        and layout.close(before + 1)
        and not layout.possessive[before]
    ):
        title.insert(0, layout.lower[before])
        before -= 1
    return Name(first, last, type, tuple(title))
