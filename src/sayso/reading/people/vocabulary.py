"""The words that the resolver of names goes by, read once from ``vocabulary.toml``."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from importlib import resources

PRONOUNS = {
    "he": "m", "him": "m", "his": "m", "himself": "m",
    "she": "f", "her": "f", "hers": "f", "herself": "f",
    "they": "p", "them": "p", "their": "p", "theirs": "p", "themselves": "p",
    "it": "n", "its": "n", "itself": "n",
}  # fmt: skip
"""Third-person pronouns: male, female, plural, neuter."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Sets of lower-case words; see the comments in ``vocabulary.toml``.

    ``gender`` gives "m" or "f" for a first name, ``titled`` the same for an honorific. ``person``, ``organization``
    and ``document`` are singular common nouns, ``person_gender`` those of one sex. ``alike`` takes a word for a place
    or a role to the numbers of the groups it belongs to; ``nickname`` a short first name to its long forms.
    """

    titles: frozenset[str]
    titled: dict[str, str]
    not_names: frozenset[str]
    openers: frozenset[str]
    suffixes: frozenset[str]
    particles: frozenset[str]
    organization_words: frozenset[str]
    organization: frozenset[str]
    person: frozenset[str]
    person_gender: dict[str, str]
    plural: frozenset[str]
    other: frozenset[str]
    document: frozenset[str]
    speech: frozenset[str]
    alike: dict[str, frozenset[int]]
    places: frozenset[str]
    parties: frozenset[str]
    determiners: frozenset[str]
    indefinite: frozenset[str]
    prepositions: frozenset[str]
    breaks: frozenset[str]
    adjectives: frozenset[str]
    quantities: frozenset[str]
    participles: frozenset[str]
    relational: frozenset[str]
    auxiliaries: frozenset[str]
    gender: dict[str, str]
    nickname: dict[str, frozenset[str]]
    nouns: dict[str, tuple[str, bool]] = field(init=False, repr=False, compare=False)
    """What ``noun`` says of every word of which it says something."""
    spoken_of: frozenset[str] = field(init=False, repr=False, compare=False)
    """The words that may speak of somebody: the nouns and the third-person pronouns."""

    def __post_init__(self) -> None:
        singular = self.person | self.person_gender.keys() | self.document | self.organization
        forms = {form for word in singular for form in (word, word + "s", word + "es", word[:-1] + "ies")} | self.plural
        nouns = {word: found for word in forms if (found := self._noun(word)) is not None}
        object.__setattr__(self, "nouns", nouns)
        object.__setattr__(self, "spoken_of", frozenset(PRONOUNS.keys() | nouns.keys()))

    def noun(self, word: str) -> tuple[str, bool] | None:
        """What a lower-case common noun is for, and whether it is plural; None where it is no noun for a holder.

        The kinds are "person", "organization" and "document"; a plural for people or bodies is a "group".
        """
        return self.nouns.get(word)

    def _noun(self, word: str) -> tuple[str, bool] | None:
        if word in self.plural:
            return "group", True
        if word in self.person or word in self.person_gender:
            return "person", False
        if word in self.document:
            return "document", word.endswith("s") and word[:-1] in self.document
        if word in self.organization:
            return "organization", False
        for singular in _singulars(word):
            if singular in self.person or singular in self.person_gender or singular in self.organization:
                return "group", True
            if singular in self.document:
                return "document", True
        return None

    def adjective(self, word: str) -> bool:
        """Whether a lower-case word reads as an adjective, by a short list and its ending."""
        return word in self.adjectives or "-" in word or (len(word) > 4 and word.endswith(_ADJECTIVE_ENDINGS))

    def same(self, one: str, other: str) -> bool:
        """Whether two lower-case words call the same place or role."""
        return one == other or bool(self.alike.get(one, _NONE) & self.alike.get(other, _NONE))

    def clashing(self, word: str) -> frozenset[str]:
        """The words of which one is said of somebody instead of a word for a place or a party; of other words none."""
        return self.places if word in self.places else self.parties if word in self.parties else frozenset()

    def groups(self, called: Iterable[str]) -> frozenset[int]:
        """The numbers of all groups for places and roles to which some words belong."""
        return _NONE.union(*[self.alike[word] for word in called if word in self.alike])

    def same_as_any(self, word: str, others: Collection[str]) -> bool:
        """The same of a word and some others; most words call no place and no role."""
        if word in others:
            return True
        groups = self.alike.get(word)
        return groups is not None and any(not groups.isdisjoint(self.alike.get(other, _NONE)) for other in others)


_ADJECTIVE_ENDINGS = ("al", "ic", "ive", "ous", "ful", "ary", "ican", "ian", "ean", "less", "able", "ible")
_NONE: frozenset[int] = frozenset()


def _singulars(word: str) -> list[str]:
    if not word.endswith("s") or word.endswith("ss") or len(word) < 4:
        return []
    if word.endswith("ies"):
        return [word[:-3] + "y", word[:-1]]
    if word.endswith("es"):
        return [word[:-1], word[:-2]]
    return [word[:-1]]


@functools.cache
def vocabulary() -> Vocabulary:
    """The vocabulary of the package, read at the first call."""
    table = tomllib.loads(resources.files(__package__).joinpath("vocabulary.toml").read_text(encoding="utf-8"))

    def words(section: str, key: str) -> list[str]:
        return str(table[section][key]).split()

    def lines(section: str) -> list[list[str]]:
        return [
            line.replace("-", " ").split() if section == "places" else line.split()
            for line in str(table[section]["groups"]).splitlines()
        ]

    alike: dict[str, set[int]] = {}
    places: set[str] = set()
    for number, group in enumerate(lines("places") + lines("roles")):
        for word in group:
            alike.setdefault(word, set()).add(number)
    for line in str(table["places"]["groups"]).splitlines():
        places.update(line.replace("-", " ").split())
    # Words of names of two ("new", "north") say too little alone.
    for vague in ("new", "north", "south", "west", "island"):
        alike.pop(vague, None)
        places.discard(vague)
    nickname: dict[str, set[str]] = {}
    pairs = words("nicknames", "pairs")
    for short, long in zip(pairs[::2], pairs[1::2], strict=True):
        nickname.setdefault(short, set()).add(long)
    male, female = words("persons", "male"), words("persons", "female")
    return Vocabulary(
        titles=frozenset(words("titles", "male") + words("titles", "female") + words("titles", "any")),
        titled=dict.fromkeys(words("titles", "male"), "m") | dict.fromkeys(words("titles", "female"), "f"),
        not_names=frozenset(words("titles", "not_names")),
        openers=frozenset(words("titles", "openers")),
        suffixes=frozenset(words("titles", "suffixes")),
        particles=frozenset(words("titles", "particles")),
        organization_words=frozenset(words("organizations", "words")),
        organization=frozenset(words("organizations", "nouns")),
        person=frozenset(words("persons", "any")),
        person_gender=dict.fromkeys(male, "m") | dict.fromkeys(female, "f"),
        plural=frozenset(words("persons", "plural")),
        other=frozenset(words("persons", "other_than_possessor")),
        document=frozenset(words("documents", "nouns")),
        speech=frozenset(words("speech", "nouns")),
        alike={word: frozenset(numbers) for word, numbers in alike.items()},
        places=frozenset(places),
        parties=frozenset(("republican", "democrat", "democratic", "gop", "r", "d")),
        determiners=frozenset(words("grammar", "determiners")),
        indefinite=frozenset(words("grammar", "indefinite")),
        prepositions=frozenset(words("grammar", "prepositions")),
        breaks=frozenset(words("grammar", "breaks")),
        adjectives=frozenset(words("grammar", "adjectives")),
        quantities=frozenset(words("grammar", "quantities")),
        participles=frozenset(words("grammar", "participles")),
        relational=frozenset(words("grammar", "relational")),
        auxiliaries=frozenset(words("grammar", "auxiliaries")),
        gender=dict.fromkeys(words("first_names", "male"), "m") | dict.fromkeys(words("first_names", "female"), "f"),
        nickname={short: frozenset(longer) for short, longer in nickname.items()},
    )
