"""Reading the names a tagger gives: cut to what they name, with those that capitals show beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .completion import initialled, is_initial, leftward, with_initials
from .finder import Capitals, find_names
from .layout import Layout
from .name import Name, NamedMention, NameType, trim
from .vocabulary import Vocabulary

__all__ = ["Name", "NameType", "NamedMention", "read_names"]

_COMPLETED = frozenset(
    """committee department act office council subcommittee ministry bureau commission board conference union institute
    society association league chamber federation coalition center academy bank""".split()
)
_OPEN = frozenset(('"', "“", "'", "‘", "''", "("))
_CLOSED = frozenset(('"', "”", "'", "’", "''", ")"))


def read_names(
    layout: Layout, given: Sequence[NamedMention], words: Vocabulary, *, known: frozenset[str] = frozenset()
) -> list[Name]:
    """The names of a text in order: those given, trimmed, and those that capitals show beside them.

    A given name wins over a found one that it touches. ``known`` are lower-case words of names from elsewhere.
    """
    taken = [False] * len(layout)
    capitals = Capitals(layout, words, known)
    names = list(initialled(layout, words))
    for whole in names:
        taken[whole.first : whole.last] = [True] * (whole.last - whole.first)
    for mention in _whole(layout, given, words):
        inside = layout.within(mention.start, mention.end)
        if not len(inside) or taken[inside[0]] or taken[inside[-1]]:
            continue
        if len(inside) == 1 and layout.lower[inside[0]] in words.suffixes:
            continue
        if len(inside) == 1 and mention.type == "PERSON" and is_initial(layout, inside[0]):
            continue  # the name behind it takes it in
        for first, last, type in _parts(layout, inside.start, inside.stop, mention.type, words, capitals):
            name = trim(layout, first, last, type, words)
            if name is None:
                continue
            before = name.first - 1
            if (
                name.type != "PERSON" and name.last - name.first == 1 and before >= 0 and layout.close(name.first)
                and layout.lower[before] in words.gender and layout.raised[before] and not taken[before]
                and not layout.possessive[before] and layout.lower[name.first] not in words.organization_words
                and not layout.heading[before]
            ):  # fmt: skip
                name = Name(before, name.last, "PERSON", name.title)  # "Jane" left out, "DOE" taken for a body
            if name.type == "PERSON" and (name.last - name.first == 1 or len(layout.words[name.first]) == 1):
                name = _with_first_name(layout, name, words, taken, capitals)
            if name.type == "PERSON":
                name = with_initials(layout, _with_suffix(layout, name, words), words, taken)
            if name.type == "ORGANIZATION":
                name = _with_complement(layout, name, words)
            name = leftward(layout, name, words, taken, capitals)
            for i in range(name.first, name.last):
                taken[i] = True
            names.append(name)
    found = find_names(layout, words, taken=taken, capitals=capitals)
    names += [with_initials(layout, n, words, taken) if n.type == "PERSON" else n for n in found]
    names.sort(key=lambda n: n.first)
    names = _merged(layout, names, words)
    return _with_nicknames(
        layout, [n for n in names if layout.lower[n.first] not in words.not_names or n.last - n.first > 1]
    )


def _whole(layout: Layout, given: Sequence[NamedMention], words: Vocabulary) -> Iterator[NamedMention]:
    """The given names, one that was given in parts ("Jane" and "Doe", "New" and "Town") in one."""
    last: NamedMention | None = None
    for mention in sorted(given, key=lambda m: m.start):
        if last is not None and layout.text[last.end : mention.start].isspace():
            before = layout.text[last.start : last.end]
            between = layout.text[last.end : mention.start]
            one = before.isalpha() and "\n" not in between and not layout.heading[layout.at(last.start)]
            first = last.type == "PERSON" or before.lower() in words.gender
            persons = first and mention.type == "PERSON" and mention.end - mention.start > 1
            if one and (persons or before in ("New", "United")):
                last = NamedMention(last.start, mention.end, mention.type)
                continue
        if last is not None:
            yield last
        last = mention
    if last is not None:
        yield last


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
    layout: Layout, first: int, last: int, type: NameType, words: Vocabulary, capitals: Capitals
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
            known = all_lower[last - 2] in words.gender and layout.raised[last - 1]
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


def _with_first_name(layout: Layout, name: Name, words: Vocabulary, taken: Sequence[bool], capitals: Capitals) -> Name:
    """Take in the first names that stand before a surname and that the tagger left out."""
    if name.title or layout.heading[name.first]:
        return name
    first, known = name.first, False
    for before in range(name.first - 1, max(-1, name.first - 4), -1):
        word, lower = layout.words[before], layout.lower[before]
        if taken[before] or not layout.raised[before] or not layout.close(before + 1) or layout.possessive[before]:
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
            and layout.raised[before - 1]
            and layout.lower[before - 1] in words.gender
        ):
            continue
        break
    return trim(layout, first, name.last, "PERSON", words) or name if first < name.first else name


def _with_suffix(layout: Layout, name: Name, words: Vocabulary) -> Name:
    """Take in the "Jr." after a name."""
    at = name.last
    junior = at < len(layout) and layout.lower[at] in words.suffixes and layout.raised[at]
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
        and (layout.raised[at + 1] or layout.words[at + 1].isdigit() or _article(layout, at + 1))
        and layout.lower[at + 1] not in words.not_names
    ):
        last = at + 2
        while layout.close(last) and layout.raised[last] and not layout.possessive[last - 1]:
            last += 1
        return Name(name.first, last, name.type, name.title)
    return name


def _article(layout: Layout, at: int) -> bool:
    """Whether an article stands at a word, with a capital after it: "Committee for a Better Road"."""
    after = layout.close(at + 1) and layout.raised[at + 1]
    return after and layout.lower[at] in ("a", "an", "the")


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
            if layout.gap(middle) in _OPEN and layout.gap(name.first) in _CLOSED and layout.raised[middle]:
                out[-1] = Name(out[-1].first, name.last, "PERSON", out[-1].title)
                continue
        out.append(name)
    return out
