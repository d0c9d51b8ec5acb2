"""Mentions: every place where a text speaks of somebody or something that could hold a claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .entities import Entity, Register
from .layout import Layout
from .vocabulary import Vocabulary

_OPENERS = frozenset(
    "and but that as when because while if after before although though since until where so yet or which".split()
)
_ADDRESSING = frozenset(
    "told tells tell asked asks ask urged accused called criticized attacked praised endorsed".split()
)


Form = Literal["name", "noun", "pronoun"]
Role = Literal["subject", "object", "owner"]


@dataclass(slots=True, eq=False)
class Noun:
    """A noun phrase without a name: words ``first`` to ``last`` (exclusive), its head the last.

    ``kind`` is person, organization, document or group. ``determiner`` is the lower-case word it begins with where that
    is a determiner or a possessive pronoun, "'s" for a possessive name, else empty. ``modifiers`` stand between.
    """

    first: int
    last: int
    kind: str
    plural: bool
    determiner: str
    modifiers: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Mention:
    """One mention of an entity at words ``first`` to ``last`` (exclusive); ``number`` counts the mentions before."""

    number: int
    first: int
    last: int
    form: Form
    entity: Entity
    sentence: int
    paragraph: int
    role: Role
    quoted: bool
    source: bool


def noun_phrase(layout: Layout, words: Vocabulary, head: int, inside: list[int], kind: str, plural: bool) -> Noun:
    """The phrase to the left of a head noun; ``inside[i]`` is the number of the name that word i belongs to, or -1."""
    first = head
    modifiers: list[str] = []
    determiner = ""
    lower, close, determiners = layout.lower, layout.close, words.determiners
    while first > 0 and head - first < 7 and close(first):
        before = first - 1
        word = lower[before]
        if layout.possessive[before]:
            determiner = "'s"
            # All of the possessor's name, with the determiner of a possessor without one.
            name = inside[before]
            while before > 0 and name >= 0 and inside[before - 1] == name:
                before -= 1
            if name < 0 and before > 0 and close(before) and lower[before - 1] in determiners:
                before -= 1
            first = before
            break
        if word == "that" and plural:
            break
        if word in determiners:
            determiner = determiner or word
            first = before
            if word in ("the", "a", "an", "his", "her", "their", "its", "our", "my", "these", "this", "those", "that"):
                determiner = word
                break
            continue
        if word in words.breaks or word in words.auxiliaries or (word.endswith("ly") and word != "family"):
            break
        if inside[before] < 0 and not layout.raised[before] and word.endswith(("ing", "ed")):
            ahead = before
            while ahead > max(0, before - 4) and close(ahead) and lower[ahead - 1] not in words.breaks:
                ahead -= 1
                if lower[ahead] in determiners:
                    break
            if lower[ahead] not in determiners:
                break
        modifiers.insert(0, word)
        first = before
    if not determiner:
        # Without a determiner only what plainly belongs to the noun: capitals and known nouns.
        start = head
        while start > first and (
            layout.raised[start - 1]
            or words.noun(lower[start - 1])
            or words.adjective(lower[start - 1])
            or lower[start - 1] in words.organization_words
        ):
            start -= 1
        modifiers = modifiers[len(modifiers) - (head - start) :] if head > start else []
        first = start
    partitive = plural and first > 1 and lower[first - 1] == "of" and close(first) and close(first - 1)
    if partitive and lower[first - 2] in words.quantities and inside[first - 2] < 0:
        # "dozens of women", "a number of senators"
        first, determiner = first - 2, "some"
        if close(first) and lower[first - 1] in determiners:
            first -= 1
    if "former" in modifiers:
        modifiers = [m for m in modifiers if m != "former"]
    return Noun(first, head + 1, kind, plural, determiner, tuple(modifiers))


def place(layout: Layout, words: Vocabulary, last: int, left: int, following: str) -> Role:
    """How a phrase that begins at word ``left`` stands, its possessor or name ending before word ``last``.

    ``following`` is the word right behind it in small letters, empty for none.
    """
    if layout.possessive[last - 1]:
        return "owner"
    if left <= 0 or layout.sentence[left - 1] != layout.sentence[left]:
        return "subject"
    before = layout.lower[left - 1]
    opens = before in _OPENERS
    gap = layout.gap(left)
    if not gap and ((not opens and before in words.prepositions) or before in _ADDRESSING):
        return "object"
    subject = (
        opens or gap != "" or following in words.auxiliaries or following in _VERBS
        or (following.endswith("ed") and len(following) > 3)
    )  # fmt: skip
    return "subject" if subject else "object"


_VERBS = frozenset(("has", "had", "who"))


def harvest_roles(layout: Layout, words: Vocabulary, register: Register, inside: list[int]) -> None:
    """Note with each named person and body the words of the titles and appositions around its names.

    "Texas Sen. Jane Doe"; "John Roe, a Moscow economist,"; "Mr. Roe of Iowa"; "(R-Texas)"; "is the chairman".
    """
    for number, name in enumerate(register.names):
        entity = register.of[number]
        if entity is None or entity.kind not in ("person", "organization"):
            continue
        roles: list[str] = list(name.title)
        first = name.first - len(name.title)
        # To the left: what stands directly before, "Moscow economist", "real estate tycoon".
        at, taken = first, 0
        while at > 0 and taken < 5 and layout.close(at) and not layout.possessive[at - 1]:
            word = layout.lower[at - 1]
            if word in words.breaks or word in words.prepositions or word in words.auxiliaries:
                break
            if not taken and not name.title and not (words.noun(word) or layout.raised[at - 1]):
                break
            at, taken = at - 1, taken + 1
            if word not in words.determiners:
                roles.append(word)
        if (
            entity.kind == "person"
            and first > 1
            and layout.gap(first) == ","
            and layout.sentence[first] == layout.sentence[first - 1]
        ):
            found = words.noun(layout.lower[first - 1])
            if found and found[0] == "person":  # "the mayor's manager, Jane Doe,"
                phrase = noun_phrase(layout, words, first - 1, inside, "person", False)
                roles += [*phrase.modifiers, layout.lower[first - 1]]
        roles += _after(layout, words, name.last, entity.kind)
        for word in roles:
            entity.roles[word] = entity.roles.get(word, 0) + 1
            if entity.kind == "person" and entity.gender is None:
                entity.gender = words.person_gender.get(word)


def _after(layout: Layout, words: Vocabulary, at: int, kind: str) -> list[str]:
    """Role words that follow a name which ends before word ``at``."""
    total = len(layout)
    if at >= total or layout.sentence[at] != layout.sentence[at - 1] or layout.possessive[at - 1]:
        return []
    gap, word = layout.gap(at), layout.lower[at]
    if gap.startswith("("):
        found: list[str] = []
        while at < total and len(found) < 3:
            found += [part for part in word.replace(".", ". ").replace("-", " ").split() if part]
            found.append(word)
            if "-" in word:
                found += word.split("-", 1)
            at += 1
            if at >= total or ")" in layout.gap(at):
                break
            word = layout.lower[at]
        return found
    if gap == "" and word == "of" and kind == "person" and layout.close(at + 1):
        return [layout.lower[at + 1]]
    appositive = gap in (",", "–", "—", "-", "--") and (
        word in ("a", "an", "the", "his", "her", "its", "who", "former", "then", "president", "chief", "director")
        or words.noun(word) is not None
        or (word not in words.breaks and layout.possessive[at])
        or (len(word) > 1 and "-" in word and word[0] in "rd")
        or (layout.raised[at] and word in ("republican", "democrat"))
    )
    copula = gap == "" and word in ("is", "was") and at + 1 < total and layout.lower[at + 1] in ("a", "an", "the")
    if not (appositive or copula):
        return []
    found = []
    if copula:
        at += 1
    for i in range(at, min(at + 14, total)):
        if layout.sentence[i] != layout.sentence[at]:
            break
        gap = layout.gap(i)
        if i > at and any(mark in gap for mark in ',;:–—()"“”'):
            break
        lower = layout.lower[i]
        if i > at and lower in ("who", "whose", "which", "that", "said", "says"):
            break
        found.append(lower)
        if "-" in lower:
            found += lower.split("-")
    return [w for w in found if w not in words.determiners and w not in words.breaks]
