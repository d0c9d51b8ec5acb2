"""Names that a tagger gave in part made whole: by capitals and initials before them, and by initials after them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .finder import Capitals
from .layout import Layout
from .name import Name
from .vocabulary import Vocabulary

_OPENED = re.compile(r"\(")
_LONGEST = 12
"""Words that a name with its initials after it may have."""


def initialled(layout: Layout, words: Vocabulary) -> Iterator[Name]:
    """Bodies with their initials in parentheses after them: "the League to Mend Our Roads (LMOR)".

    Every capital of the initials must begin a word in capitals before them, in order; small words between are left out
    or counted, whichever fits.
    """
    for match in _OPENED.finditer(layout.text):
        at = layout.at(match.start())
        if at in (0, len(layout)):
            continue
        letters = layout.words[at].replace(".", "")
        if not (2 <= len(letters) <= 8 and letters.isupper() and letters.isalpha()) or layout.gap(at) != "(":
            continue
        first = _spelled(layout, at, letters.lower())
        if first is not None and at - first > 1:
            while layout.lower[first] in words.determiners:
                first += 1
            yield Name(first, at, "ORGANIZATION")


def _spelled(layout: Layout, at: int, letters: str) -> int | None:
    """The word before word ``at`` from which on the words' first letters make ``letters``."""
    left = len(letters)
    for i in range(at - 1, max(-1, at - 1 - _LONGEST), -1):
        if layout.sentence[i] != layout.sentence[at] or (i < at - 1 and layout.gap(i + 1) not in ("", "-", "&")):
            return None
        begins = layout.lower[i][0] == letters[left - 1]
        if begins:
            left -= 1
        elif layout.raised[i]:
            return None
        if not left:
            return i if layout.raised[i] else None
    return None


def with_initials(layout: Layout, name: Name, words: Vocabulary, taken: Sequence[bool]) -> Name:
    """A person's name with the initials before it: "J. R." before "Penhallow".

    A single letter behind another word may end what that word begins ("World War I. Kovacs said …", "vitamin D. …"), so
    that it counts only behind words that may stand before a name.
    """
    first = name.first
    while first > 0 and not taken[first - 1] and is_initial(layout, first - 1):
        first -= 1
    if first == name.first or name.title:
        return name
    if first == name.first - 1 and layout.close(first):
        before = layout.lower[first - 1]
        may_precede = (words.titles, words.prepositions, words.breaks, words.auxiliaries, _BEFORE_NAMES)
        if not before.endswith("ed") and not any(before in some for some in may_precede):
            return name
    return name._replace(first=first)


def is_initial(layout: Layout, i: int) -> bool:
    """Whether a word is one capital, and a full stop parts it from the capital of the next word."""
    if i + 1 == len(layout) or not layout.raised[i + 1]:
        return False
    letter = len(layout.words[i]) == 1 and layout.raised[i]
    return letter and layout.gap(i + 1) == "." and layout.sentence[i] == layout.sentence[i + 1]


_BEFORE_NAMES = frozenset("and or but that said says told met did does was is what when whom calls called".split())


def leftward(layout: Layout, name: Name, words: Vocabulary, taken: Sequence[bool], capitals: Capitals) -> Name:
    """A body's or a person's name with the words in capitals before it that can only belong to it.

    A body takes in adjectives and other names joined to it ("Congressional" before "Budget Office", "Citizenship and"
    before "Immigration Services"), a person what no list has as another word ("Aung" before "San Suu Kyi").
    """
    if name.title or layout.heading[name.first]:
        return name
    first = name.first
    body = name.type == "ORGANIZATION" and layout.lower[name.last - 1] in words.organization_words
    while first > 0 and layout.close(first) and name.first - first < 7:
        before = first - 1
        if body and layout.lower[before] == "and" and before > 0 and layout.close(before) and name.last - first > 1:
            before -= 1
        word, lower = layout.words[before], layout.lower[before]
        if (
            taken[before]
            or not layout.raised[before]
            or layout.possessive[before]
            or not word.replace("-", "").isalpha()
        ):
            break
        if body:
            if capitals.plain(before) and lower != "united":
                break
        elif _common(layout, before, words, capitals):
            break
        if body and (lower in words.titles or lower in words.gender or lower in words.parties):
            break
        first = before
    return name if first == name.first else Name(first, name.last, name.type)


def _common(layout: Layout, i: int, words: Vocabulary, capitals: Capitals) -> bool:
    """Whether a capital before a person's name may be the capital of another word."""
    lower = layout.lower[i]
    return (
        lower in words.titles or lower in words.determiners or lower in words.breaks or lower in words.prepositions
        or lower in words.places or lower in words.parties or lower in words.organization_words
        or lower in words.not_names or lower in words.openers or lower in capitals.small
        or words.noun(lower) is not None or words.adjective(lower) or lower.endswith(("ly", "ing", "ed"))
        or layout.words[i].isupper()
    )  # fmt: skip
