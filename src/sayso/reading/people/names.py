"""Names in a text: reading the ones a tagger gives, and finding by their capitals the ones it misses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .layout import Layout
from .vocabulary import Vocabulary

NameType = Literal["PERSON", "ORGANIZATION", "LOCATION", "MISC"]


@dataclass(frozen=True, slots=True)
class NamedMention:
    """A name in place: ``text[start:end]``, code points, and what it names."""

    start: int
    end: int
    type: NameType


@dataclass(frozen=True, slots=True)
class Name:
    """A name as words ``first`` to ``last`` (exclusive) of the layout, titles and possessive left off.

    ``title`` are the lower-case words of titles that stood before it.
    """

    first: int
    last: int
    type: NameType
    title: tuple[str, ...] = ()


_JOINING = frozenset(("of", "for", "the", "and", "&", "on"))
_COMPLETED = frozenset(
    """committee department act office council subcommittee ministry bureau commission board conference union institute
    society association league chamber federation coalition center academy bank""".split()
)
_DIRECTIONS = frozenset("west east north south western eastern northern southern".split())
_OPEN = frozenset(('"', "“", "'", "‘", "''", "("))
_CLOSED = frozenset(('"', "”", "'", "’", "''", ")"))
_SAYS = frozenset("said says told tells added adds wrote writes argued tweeted asked noted".split())


def read_names(
    layout: Layout, given: Sequence[NamedMention], words: Vocabulary, *, known: frozenset[str] = frozenset()
) -> list[Name]:
    """The names of a text in order: those given, trimmed, and those that capitals show beside them.

    A given name wins over a found one that it touches. ``known`` are lower-case words of names from elsewhere.
    """
    taken = [False] * len(layout)
    capitals = _Capitals(layout, words, known)
    names: list[Name] = []
    for mention in given:
        inside = layout.within(mention.start, mention.end)
        if not len(inside) or taken[inside[0]] or taken[inside[-1]]:
            continue
        if len(inside) == 1 and layout.lower[inside[0]] in words.suffixes:
            continue
        for first, last, type in _parts(layout, inside.start, inside.stop, mention.type, words, capitals):
            name = _trim(layout, first, last, type, words)
            if name is None:
                continue
            before = name.first - 1
            if (
                name.type != "PERSON" and name.last - name.first == 1 and before >= 0 and layout.close(name.first)
                and layout.lower[before] in words.gender and layout.words[before][0].isupper() and not taken[before]
                and not layout.possessive[before] and layout.lower[name.first] not in words.organization_words
                and not layout.heading[before]
            ):  # fmt: skip
                name = Name(before, name.last, "PERSON", name.title)  # "Jane" left out, "DOE" taken for a body
            if name.type == "PERSON" and (name.last - name.first == 1 or len(layout.words[name.first]) == 1):
                name = _with_first_name(layout, name, words, taken, capitals)
            if name.type == "PERSON":
                name = _with_suffix(layout, name, words)
            if name.type == "ORGANIZATION":
                name = _with_complement(layout, name, words)
            for i in range(name.first, name.last):
                taken[i] = True
            names.append(name)
    names += find_names(layout, words, taken=taken, capitals=capitals)
    names.sort(key=lambda n: n.first)
    names = _merged(layout, names, words)
    return _with_nicknames(
        layout, [n for n in names if layout.lower[n.first] not in words.not_names or n.last - n.first > 1]
    )


def _merged(layout: Layout, names: list[Name], words: Vocabulary) -> list[Name]:
    """Join a place or an adjective with the body it begins: "Islamic" and "State"."""
    out: list[Name] = []
    for name in names:
        before = out[-1] if out else None
        if (
            before is not None
            and before.type in ("LOCATION", "MISC", "ORGANIZATION")
            and before.last == name.first
            and name.type in ("ORGANIZATION", "MISC")
            and not name.title
            and layout.close(name.first)
            and not layout.possessive[name.first - 1]
            and not layout.heading[name.first]
            and (layout.lower[name.last - 1] in words.organization_words or layout.words[name.first].isupper())
        ):
            out[-1] = Name(before.first, name.last, "ORGANIZATION", before.title)
        elif (
            before is not None
            and before.type == "PERSON"
            and before.last == name.first == name.last - 1
            and layout.close(name.first)
            and not layout.possessive[name.first - 1]
            and layout.lower[name.first] in words.organization
            and layout.words[name.first].istitle()
        ):
            out[-1] = Name(before.first, name.last, "ORGANIZATION", before.title)  # "Jane Doe" and "Foundation"
        else:
            out.append(name)
    return out


def _parts(
    layout: Layout, first: int, last: int, type: NameType, words: Vocabulary, capitals: _Capitals
) -> Iterator[tuple[int, int, NameType]]:
    """A given name as the names it really holds.

    A tagger runs on over a headline in title case ("Doe Says Taxes"), over "and", and joins a body with a person.
    """
    if layout.heading[first]:
        kept = [i for i in range(first, last) if not capitals.plain(i)]
        if kept and (kept[0] > first or kept[-1] < last - 1 or len(kept) < last - first):
            first = kept[0]
            last = next((i for i in range(first, last) if capitals.plain(i)), last)
    elif last - first > 3:
        for i in range(first + 1, last):
            verb = layout.lower[i] in words.auxiliaries or layout.lower[i] in (
                "her",
                "his",
                "their",
                "being",
                "against",
                "about",
                "from",
                "to",
            )
            if verb or (layout.lower[i].endswith("ed") and layout.lower[i] not in ("united",)):
                last = i
                break
    start = first
    for i in range(first, last):
        if layout.lower[i] == "and" and (type == "PERSON" or i == last - 1):
            if i > start:
                yield start, i, type
            start = i + 1
    if start >= last:
        return
    if type != "PERSON" and last - start > 1:
        # "National Chairman Jane Doe" and "Fox News Jane Doe" hold a person.
        all_lower = layout.lower
        for i in range(last - 2, start - 1, -1):
            titled = all_lower[i] in words.titles and all_lower[i] not in words.gender and type != "LOCATION"
            if titled and all(w not in words.organization_words for w in all_lower[i + 1 : last]):
                type = "PERSON"
                break
        else:
            if last - start == 3 and all_lower[start] in words.gender and all_lower[start + 1] in words.particles:
                type = "PERSON"
            known = all_lower[last - 2] in words.gender and layout.words[last - 1][0].isupper()
            if known and all_lower[last - 1] not in words.organization_words and not layout.words[last - 1].isupper():
                if last - start > 2:
                    yield start, last - 2, type
                start, type = last - 2, "PERSON"
    while start < last - 1 and start in capitals.first_words:
        # "As Reuters", "Maybe Doe": a capital that only begins the sentence.
        lower = layout.lower[start]
        opens = (
            lower not in capitals.inside and lower not in words.gender and capitals.inside[layout.lower[start + 1]] > 1
        )
        if not (lower in words.prepositions or lower in words.breaks or (opens and lower in capitals.small)):
            break
        start += 1
    yield start, last, type


def _trim(layout: Layout, first: int, last: int, type: NameType, words: Vocabulary) -> Name | None:
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


def _with_first_name(layout: Layout, name: Name, words: Vocabulary, taken: Sequence[bool], capitals: _Capitals) -> Name:
    """Take in the first names that stand before a surname and that the tagger left out."""
    if name.title or layout.heading[name.first]:
        return name
    first, known = name.first, False
    for before in range(name.first - 1, max(-1, name.first - 4), -1):
        word, lower = layout.words[before], layout.lower[before]
        if taken[before] or not word[0].isupper() or not layout.close(before + 1) or layout.possessive[before]:
            break
        if lower in words.gender:
            first, known = before, True
            continue
        common = (
            lower in words.titles or lower in words.determiners or lower in words.breaks or lower in words.prepositions
            or lower in words.places or lower in words.parties or lower in capitals.small or words.noun(lower)
            or words.adjective(lower) or lower in words.organization_words or lower in words.not_names
            or not word.isalpha()
        )  # fmt: skip
        if common:
            break
        # A word nobody knows as a first name: only inside a sentence, or where the name is set off by a comma.
        opens = before in capitals.first_words
        if known or not opens or layout.gap(name.last) == ",":
            first = before
        if (
            not opens
            and not known
            and before > 0
            and layout.words[before - 1][0].isupper()
            and layout.lower[before - 1] in words.gender
        ):
            continue
        break
    return _trim(layout, first, name.last, "PERSON", words) or name if first < name.first else name


def _with_suffix(layout: Layout, name: Name, words: Vocabulary) -> Name:
    """Take in the "Jr." after a name."""
    at = name.last
    junior = at < len(layout) and layout.lower[at] in words.suffixes and layout.words[at][0].isupper()
    return Name(name.first, at + 1, "PERSON", name.title) if junior and layout.gap(at) in ("", ",") else name


def _with_complement(layout: Layout, name: Name, words: Vocabulary) -> Name:
    """Take in "on Ways and Means", "of 2009" after a body's name."""
    at = name.last
    if (
        at + 1 < len(layout)
        and layout.lower[at] in ("on", "of", "for")
        and layout.close(at)
        and layout.close(at + 1)
        and not layout.possessive[at - 1]
        and layout.lower[at - 1] in _COMPLETED
        and (layout.words[at + 1][0].isupper() or layout.words[at + 1].isdigit())
        and layout.lower[at + 1] not in words.not_names
    ):
        last = at + 2
        while (
            last < len(layout)
            and layout.close(last)
            and layout.words[last][0].isupper()
            and not layout.possessive[last - 1]
        ):
            last += 1
        return Name(name.first, last, name.type, name.title)
    return name


def _with_nicknames(layout: Layout, names: list[Name]) -> list[Name]:
    """Join 'John “Jack” Doe' into one name."""
    out: list[Name] = []
    for name in names:
        if len(out) > 1 and name.type != "LOCATION" and name.last - name.first == 1:
            given, nick = out[-2], out[-1]
            if (
                given.type == "PERSON"
                and nick.first == given.last
                and nick.last == nick.first + 1 == name.first
                and layout.gap(nick.first) in _OPEN
                and layout.gap(name.first) in _CLOSED
            ):
                out[-2:] = [Name(given.first, name.last, "PERSON", given.title)]
                continue
        if out and name.last - name.first == 1 and out[-1].type == "PERSON" and name.first == out[-1].last + 1:
            middle = out[-1].last
            if layout.gap(middle) in _OPEN and layout.gap(name.first) in _CLOSED and layout.words[middle][0].isupper():
                out[-1] = Name(out[-1].first, name.last, "PERSON", out[-1].title)
                continue
        out.append(name)
    return out


class _Capitals:
    """Which capitals of a text say nothing: those that only begin a sentence or stand in a heading."""

    def __init__(self, layout: Layout, words: Vocabulary, known: frozenset[str] = frozenset()) -> None:
        self.layout, self.words, self.known = layout, words, known
        self.first_words = set(layout.sentence_first)
        self.inside: Counter[str] = Counter()
        self.small: set[str] = set()
        for i, word in enumerate(layout.words):
            if not word[0].isupper():
                self.small.add(layout.lower[i])
            elif i not in self.first_words and not layout.heading[i]:
                self.inside[layout.lower[i]] += 1

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
    layout: Layout, words: Vocabulary, *, taken: Sequence[bool] | None = None, capitals: _Capitals | None = None
) -> list[Name]:
    """Names by capital letters alone, outside the words that are ``taken``.

    Words of a title-case line or at the start of a sentence count only where the text has them as a name elsewhere or
    the first names know them.
    """
    total = len(layout)
    taken = taken if taken is not None else [False] * total
    capitals = capitals or _Capitals(layout, words)
    capital = [w[0].isupper() for w in layout.words]
    plain, inside = capitals.plain, capitals.inside

    found: list[Name] = []
    i = 0
    while i < total:
        if not capital[i] or taken[i] or plain(i):
            i += 1
            continue
        j = i + 1
        while j < total and not taken[j] and layout.close(j) and not layout.possessive[j - 1]:
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
        i = j
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
        return _trim(layout, start, last, "PERSON", words)
    if len(lower) > 2 and lower[-2] in words.gender and lower[-1] not in words.organization_words:
        return _trim(layout, last - 2, last, "PERSON", words)  # "State Jane Doe", after "Secretary of"
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
            return _trim(layout, first, last, "PERSON", words)
        return Name(first, last, "MISC")
    if all(w in words.places or w in ("new", "north", "south", "west") for w in kept):
        return Name(first, last, "LOCATION")
    if kept[0] in words.gender or (len(kept[0]) == 1 and len(kept) > 1):
        return _trim(layout, first, last, "PERSON", words)
    if 2 <= len(kept) <= 3 and not (set(kept) & words.places) and not layout.heading[first]:
        surname = inside[kept[-1]] > 1
        if surname or (last < len(layout) and (layout.lower[last] in _SAYS or layout.gap(last) == ",")):
            return _trim(layout, first, last, "PERSON", words)
    return Name(first, last, "MISC")
