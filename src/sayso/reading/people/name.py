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
    lower, titles, gender = layout.lower, words.titles, words.gender
    title: list[str] = []
    if type == "PERSON":
        for i in range(last - 2, first - 1, -1):
            if lower[i] in titles and lower[i] not in gender:
                title += lower[first : i + 1]
                first = i + 1
                break
        if last - first == 1 and lower[first] in titles and lower[first] not in gender and not title:
            return None
        if last - first > 1 and lower[first] in words.adjectives and lower[first] not in gender:
            first += 1
        many = last - first == 1 and lower[first].endswith("s") and first > 0 and layout.close(first)
        if many and lower[first - 1] in words.determiners and lower[first - 1] != "the":
            return Name(first, last, "MISC")  # "most Millennials"
        if last - first == 1 and lower[first] in words.organization_words and lower[first] not in gender:
            return Name(first, last, "ORGANIZATION") if lower[first] not in ("state", "house") else None
        if last - first > 1 and lower[last - 1] in words.organization:
            type = "ORGANIZATION"
    elif type == "ORGANIZATION" and layout.words[last - 1].islower() and layout.raised[first]:
        while last - 1 > first and layout.words[last - 1].islower() and lower[last - 1] in words.organization:
            last -= 1  # "the NAACP board"
    elif "the" in lower[first : min(first + 2, last - 1)]:
        first = lower.index("the", first) + 1
    before = first - len(title) - 1
    while before >= 0 and lower[before] in titles and layout.close(before + 1) and not layout.possessive[before]:
        title.insert(0, lower[before])
        before -= 1
    return Name(first, last, type, tuple(title))
