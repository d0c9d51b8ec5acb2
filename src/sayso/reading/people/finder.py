"""Finding names by their capitals, where a tagger misses them or there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import compress
from operator import not_

from .layout import Layout
from .name import Name, trim
from .vocabulary import Vocabulary

_JOINING = frozenset(("of", "for", "the", "and", "&", "on"))
_SAYS = frozenset("said says told tells added adds wrote writes argued tweeted asked noted".split())
_DIRECTIONS = frozenset("west east north south western eastern northern southern".split())


class Capitals:
    """Which capitals of a text say nothing: those that only begin a sentence or stand in a heading.

    ``places`` are the words that begin with a capital; ``small`` are those written without, ``inside`` counts those
    with one inside sentences.
    """

    def __init__(self, layout: Layout, words: Vocabulary, known: frozenset[str] = frozenset()) -> None:
        self.layout, self.words, self.known = layout, words, known
        self.first_words = set(layout.sentence_first)
        self.places = list(compress(range(len(layout)), layout.raised))
        self.small = set(compress(layout.lower, map(not_, layout.raised)))
        self.inside = Counter(
            [layout.lower[i] for i in self.places if i not in self.first_words and not layout.heading[i]]
        )

    def plain(self, i: int) -> bool:
        """Whether the capital of word i says nothing."""
        layout, words = self.layout, self.words
        lower = layout.lower[i]
        if (
            lower in words.determiners
            or lower in words.breaks
            or lower in words.prepositions
            or lower in words.not_names
        ):
            return True
        if i in self.first_words or layout.heading[i]:
            if lower in self.inside or (lower in self.known and lower not in self.small):
                return False
            return lower in self.small or (
                lower not in words.gender
                and not (layout.words[i].isupper() and len(lower) > 1 and not layout.heading[i])
            )
        return False


def find_names(
    layout: Layout, words: Vocabulary, *, taken: Sequence[bool] | None = None, capitals: Capitals | None = None
) -> list[Name]:
    """Names by capital letters alone, outside the words that are ``taken``.

    Words of a title-case line or at the start of a sentence count only where the text has them as a name elsewhere or
    the first names know them.
    """
    total = len(layout)
    taken = taken if taken is not None else [False] * total
    capitals = capitals or Capitals(layout, words)
    capital, plain, inside = layout.raised, capitals.plain, capitals.inside

    found: list[Name] = []
    j = 0
    for i in capitals.places:
        if i < j or taken[i] or plain(i):
            continue
        j = i + 1
        while layout.close(j) and not taken[j] and not layout.possessive[j - 1]:
            lower = layout.lower[j]
            if capital[j] and not plain(j):
                j += 1
            elif (
                (lower in words.particles or (lower in _JOINING and lower not in ("and", "&")))
                and j + 1 < total
                and capital[j + 1]
                and not taken[j + 1]
                and layout.close(j + 1)
                and (lower in words.particles or layout.lower[j - 1] in words.organization_words)
            ):
                j += 2
            else:
                break
        name = _typed(layout, i, j, words, inside)
        if name is not None:
            found.append(name)
    return found


def _typed(layout: Layout, first: int, last: int, words: Vocabulary, inside: Counter[str]) -> Name | None:
    """Give a run of capitals its type, or None where it is only titles."""
    lower = layout.lower[first:last]
    start = first
    if (
        last - first == 1
        and len(lower[0]) > 2
        and layout.words[first][:-1].isupper()
        and layout.words[first][-1] == "s"
    ):
        return None  # "PACs" is a common noun
    # "Texas Sen. Jane Doe", "Democratic strategist": the name is what follows the last title.
    for k in range(len(lower) - 1, -1, -1):
        if lower[k] in words.titles and (lower[k] not in words.gender or k == 0):
            if k == len(lower) - 1:
                if k and lower[k] in words.organization_words:
                    break
                return None
            start = first + k + 1
            break
    kept = lower[start - first :]
    if start > first and not (set(kept) & words.organization_words):
        return trim(layout, start, last, "PERSON", words)
    if len(lower) > 2 and lower[-2] in words.gender and lower[-1] not in words.organization_words:
        return trim(layout, last - 2, last, "PERSON", words)  # "State Jane Doe", after "Secretary of"
    if any(w in words.organization_words for w in lower) and len(lower) > 1:
        return Name(first, last, "ORGANIZATION")
    if len(kept) == 1:
        word, raw = kept[0], layout.words[first]
        if word in words.parties or (word.endswith("s") and word[:-1] in words.parties):
            return Name(first, last, "MISC")
        if word in words.places or word.replace(".", "") in ("us", "uk", "eu"):
            return Name(first, last, "LOCATION")
        if raw.isupper() and 2 <= len(raw) <= 6 and not layout.heading[first]:
            return Name(first, last, "ORGANIZATION")
        if first > 0 and layout.lower[first - 1] == "the" and layout.close(first):
            return Name(first, last, "LOCATION" if word in _DIRECTIONS else "MISC")
        if word in _DIRECTIONS:
            return Name(first, last, "LOCATION")
        if word in words.gender or (last < len(layout) and layout.lower[last] in _SAYS) or inside[word] >= 2:
            return trim(layout, first, last, "PERSON", words)
        return Name(first, last, "MISC")
    if all(w in words.places or w in ("new", "north", "south", "west") for w in kept):
        return Name(first, last, "LOCATION")
    if kept[0] in words.gender or (len(kept[0]) == 1 and len(kept) > 1):
        return trim(layout, first, last, "PERSON", words)
    if 2 <= len(kept) <= 3 and not (set(kept) & words.places) and not layout.heading[first]:
        surname = inside[kept[-1]] > 1
        if surname or (last < len(layout) and (layout.lower[last] in _SAYS or layout.gap(last) == ",")):
            return trim(layout, first, last, "PERSON", words)
    return Name(first, last, "MISC")
