"""What is known of a text before its pronouns and descriptions are read: words, names, and whom the names mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from .entities import Entity, Register
from .layout import Layout
from .mentions import harvest_roles
from .names import Name, NamedMention, read_names
from .vocabulary import Vocabulary, vocabulary


@dataclass(frozen=True)
class Ground:
    """A text with its names read; ``inside[i]`` is the number of the name that word i belongs to, or -1.

    ``known`` are entities from elsewhere: the article under which a comment stands.
    """

    layout: Layout
    words: Vocabulary
    names: list[Name]
    inside: list[int]
    register: Register
    known: tuple[Entity, ...]

    @classmethod
    def read(
        cls,
        text: str,
        names: Sequence[NamedMention],
        known: Sequence[Entity],
        *,
        hints: frozenset[str] = frozenset(),
    ) -> Ground:
        """Read a text with the names that a tagger found in it; ``hints`` are lower-case words that may be names."""
        words = vocabulary()
        layout = Layout(text)
        found = read_names(layout, names, words, known=hints.union(*(e.name.lower().split() for e in known)))
        inside = [-1] * len(layout)
        for number, name in enumerate(found):
            inside[name.first : name.last] = [number] * (name.last - name.first)
        register = Register(layout, found, words, context=known)
        harvest_roles(layout, words, register, inside)
        return cls(layout, words, found, inside, register, tuple(known))

    @cached_property
    def company(self) -> dict[int, Counter[int]]:
        """For a person (by id) how many sentences name him beside a word for a place (by the number of its group)."""
        return _company(self.layout, self.words, self.names, self.register)

    def entity(self, i: int) -> Entity | None:
        """The entity of the name that word i belongs to."""
        number = self.inside[i]
        return self.register.of[number] if number >= 0 else None

    def title_start(self, number: int) -> int:
        """The first word of a name or of the titles before it."""
        name = self.names[number]
        return name.first - len(name.title)


def _company(layout: Layout, words: Vocabulary, names: Sequence[Name], register: Register) -> dict[int, Counter[int]]:
    places: dict[int, set[int]] = {}
    for i, lower in enumerate(layout.lower):
        if lower in words.places:
            places.setdefault(layout.sentence[i], set()).update(words.alike.get(lower, ()))
    company: dict[int, Counter[int]] = {}
    met: set[tuple[int, int]] = set()
    for number, name in enumerate(names):
        entity, sentence = register.of[number], layout.sentence[name.first]
        if entity is None or entity.kind != "person" or (id(entity), sentence) in met:
            continue
        met.add((id(entity), sentence))
        company.setdefault(id(entity), Counter()).update(places.get(sentence, ()))
    return company
