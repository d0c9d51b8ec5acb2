"""The mentions met so far, and who of them may be meant at a place: the latest few, and those the words point to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence

from .entities import Entity
from .features import Candidate, Spot
from .ground import Ground
from .mentions import Form, Mention, Noun, place

SIGHT = 40
"""How many mentions back a referent is looked for."""
MOST = 8
"""How many candidates are taken from them."""
_POSSESSIVE = frozenset(("his", "their", "its"))


class Trail:
    """The mentions of a text in order, with the entities that descriptions made.

    ``sources`` are the words (heads) that sources of attributions hang on. Looking back is bounded, so that the whole
    stays linear in the length of the text.
    """

    def __init__(self, ground: Ground, sources: Collection[int] = ()) -> None:
        self.ground = ground
        self.sources = sources
        self.mentions: list[Mention] = []
        self._at: list[int] = []
        self._spoke: list[int] = []
        self._speakers: list[Entity] = []
        self._by_head: dict[str, list[Entity]] = {}
        named = [e for e in ground.register.entities() if e.kind in ("person", "organization")]
        self._total = max(1, sum(e.count for e in named))
        self._leading = sorted((e for e in named if e.kind == "person"), key=lambda e: -e.count)[:3]
        self._by_role: dict[str | int, list[Entity]] = {}
        for entity in (*named, *ground.known):
            for role in entity.roles:
                for key in (role, *ground.words.alike.get(role, ())):
                    people = self._by_role.setdefault(key, [])
                    if len(people) < 6 and entity not in people:
                        people.append(entity)

    def share(self, entity: Entity) -> float:
        """The part of all mentions by name that is the entity's."""
        return entity.count / self._total

    def describe(self, entity: Entity) -> None:
        """Note an entity that a description made, to be found again by its head."""
        for key in (entity.head, *self.ground.words.alike.get(entity.head, ())):
            found = self._by_head.setdefault(str(key), [])
            found.append(entity)
            if len(found) > 6:
                found.pop(0)

    def add(self, first: int, last: int, left: int, form: Form, entity: Entity, anchor: int) -> None:
        """Add the mention at words ``first`` to ``last``; its phrase begins at ``left`` and hangs on ``anchor``."""
        layout, words = self.ground.layout, self.ground.words
        following = layout.lower[last] if last < len(layout.lower) and layout.close(last) else ""
        subject, governed, owner = place(layout, words, first, last, left, following)
        if form == "pronoun":
            lower = layout.lower[first]
            if lower in _POSSESSIVE or (
                lower == "her" and following and following not in words.breaks and following not in words.determiners
            ):
                subject, governed, owner = False, False, True
        elif form == "name" and following and self.ground.inside[last] < 0 and words.nouns[following]:
            subject, governed, owner = False, False, True  # "the Doe campaign"
        source = anchor in self.sources
        self.mentions.append(
            Mention(
                first, last, form, entity, layout.sentence[first], layout.paragraph[first], subject, governed, owner,
                layout.quoted[first], source,
            )
        )  # fmt: skip
        self._at.append(first)
        if source:
            self._spoke.append(first)
            self._speakers.append(entity)

    def before(self, at: int, most: int) -> Sequence[Mention]:
        """The last mentions that begin before word ``at``, in order."""
        end = bisect_left(self._at, at)
        return self.mentions[max(0, end - most) : end]

    def last_source(self, at: int) -> tuple[Entity, int] | None:
        """The last source before a word, and how many paragraphs back it stands."""
        k = bisect_left(self._spoke, at)
        if not k:
            return None
        layout = self.ground.layout
        return self._speakers[k - 1], layout.paragraph[at] - layout.paragraph[self._spoke[k - 1]]

    def spot(self, first: int, anchor: int, speaker: Entity | None = None) -> Spot:
        """The place of a pronoun or description that begins at word ``first``."""
        layout = self.ground.layout
        sentence = layout.sentence[first]
        return Spot(
            sentence=sentence,
            paragraph=layout.paragraph[first],
            opening=first - layout.sentence_first[sentence] < 2,
            is_source=anchor in self.sources,
            after_quote=first > 0 and layout.quoted[first - 1] and not layout.quoted[first],
            speaker=speaker,
            last_source=self.last_source(first),
        )

    def candidates(
        self, at: int, sorts: Collection[str], gender: str | None, *, noun: Noun | None = None
    ) -> list[Candidate]:
        """The entities of some sorts mentioned before word ``at``, the latest first, at most MOST.

        For a description come those of its role or with its head, and the most named people of the text, also where
        they are named only later; for a pronoun without any candidate the latter.
        """
        layout = self.ground.layout
        found: dict[int, Candidate] = {}
        sentence, paragraph, quoted = layout.sentence[at], layout.paragraph[at], layout.quoted[at]
        for m in reversed(self.before(at, SIGHT)):
            e = m.entity
            if e.kind not in sorts or (gender and e.gender and e.gender != gender):
                continue
            if m.quoted and not quoted and m.form == "noun":
                continue
            c = found.get(id(e))
            if c is None:
                if len(found) >= MOST:
                    continue
                c = found[id(e)] = Candidate(e, m, len(found))
            apart = sentence - m.sentence
            if apart < 3:
                c.near += 1
            if m.subject and c.subject == 99:
                c.subject = apart
            if m.source and c.source == 99:
                c.source = apart
            if m.quoted and m.paragraph == paragraph and m.form == "name":
                c.inside = True
        more: list[Entity] = []
        if noun is not None:
            head = layout.lower[noun.last - 1]
            keys = (head, *self.ground.words.alike.get(head, ()))
            for key in keys:
                more += self._by_role.get(key, ())
            if "person" in sorts:
                more += self._leading
            for key in keys:
                more += self._by_head.get(str(key), ())
        elif gender and not found:
            more = self._leading
        for e in more:
            if id(e) not in found and e.kind in sorts and (not gender or e.gender in (None, gender)):
                found[id(e)] = Candidate(e, None, len(found))
        return list(found.values())
