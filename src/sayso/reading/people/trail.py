"""The mentions met so far, and who of them may be meant at a place: the latest few, and those the words point to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from .entities import Entity
from .features import Candidate, Spot
from .ground import Ground
from .mentions import Form, Mention, Role, place

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
        self._furthest = -1  # the furthest word at which a mention begins
        # What is known by mentions outside quotations, and names in them; those mentioned last stand last.
        self._met: dict[Entity, Candidate] = {}
        self._unmet: dict[Entity, Candidate] = {}
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

    def candidate(self, entity: Entity) -> Candidate:
        """What is known of an entity so far."""
        c = self._met.get(entity) or self._unmet.get(entity)
        if c is None:
            c = self._unmet[entity] = self._new(entity)
        return c

    def _new(self, entity: Entity) -> Candidate:
        share = entity.count / self._total
        steps = 0 if share < 0.05 else 1 if share < 0.15 else 2 if share < 0.35 else 3
        return Candidate(entity, (entity.kind, entity.named, steps, entity.heading))

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
        following = layout.lower[last] if layout.close(last) else ""
        if form == "pronoun" and (
            (lower := layout.lower[first]) in _POSSESSIVE
            or (lower == "her" and following and following not in words.breaks and following not in words.determiners)
        ):
            role: Role = "owner"
        elif form == "name" and following and self.ground.inside[last] < 0 and following in words.nouns:
            role = "owner"  # "the Doe campaign"
        else:
            role = place(layout, words, last, left, following)
        source, quoted = anchor in self.sources, layout.quoted[first]
        m = Mention(
            len(self._at), first, last, form, entity, layout.sentence[first], layout.paragraph[first], role, quoted,
            source,
        )  # fmt: skip
        self.mentions.append(m)
        self._at.append(first)
        if first > self._furthest:
            self._furthest = first
        if source:
            self._spoke.append(first)
            self._speakers.append(entity)
        if not (quoted and form == "noun"):
            met = self._met
            met[entity] = c = met.pop(entity, None) or self._unmet.pop(entity, None) or self._new(entity)
            c.meet(m)

    def before(self, at: int, most: int) -> Sequence[Mention]:
        """The last mentions that begin before word ``at``, in order."""
        end = self._count(at)
        return self.mentions[max(0, end - most) : end]

    def _count(self, at: int) -> int:
        """How many mentions there are before word ``at``."""
        return len(self._at) if at > self._furthest else bisect_left(self._at, at)

    def last_source(self, at: int) -> tuple[Entity, int] | None:
        """The last source before a word, and how many paragraphs back it stands."""
        k = len(self._spoke) if at > self._furthest else bisect_left(self._spoke, at)
        if not k:
            return None
        layout = self.ground.layout
        return self._speakers[k - 1], layout.paragraph[at] - layout.paragraph[self._spoke[k - 1]]

    def spot(self, first: int, anchor: int, speaker: Entity | None = None) -> Spot:
        """The place of a pronoun or description that begins at word ``first``."""
        layout = self.ground.layout
        sentence, quoted, end = layout.sentence[first], layout.quoted[first], self._count(first)
        return Spot(
            end - SIGHT, end, sentence, layout.paragraph[first], quoted, first - layout.sentence_first[sentence] < 2,
            anchor in self.sources, not quoted and first > 0 and layout.quoted[first - 1], speaker,
            self.last_source(first),
        )  # fmt: skip

    def candidates(self, spot: Spot, sorts: Collection[str], gender: str | None) -> list[Candidate]:
        """The entities of some sorts that mentions in sight name, the latest first, at most MOST."""
        if spot.end < len(self.mentions) or spot.quoted:
            return self._looked_back(spot, sorts, gender)
        found: list[Candidate] = []
        lowest = spot.lowest
        for c in reversed(self._met.values()):
            if c.mentions[-1].number < lowest:
                break
            if _fits(c.entity, sorts, gender):
                found.append(c)
                if len(found) == MOST:
                    break
        return found

    def _looked_back(self, spot: Spot, sorts: Collection[str], gender: str | None) -> list[Candidate]:
        """The same for a place further back, or inside a quotation, which sees descriptions in quotations too."""
        seen: dict[Entity, list[Mention]] = {}
        for m in reversed(self.mentions[max(0, spot.lowest) : spot.end]):
            e = m.entity
            if _fits(e, sorts, gender) and (spot.quoted or not m.quoted or m.form != "noun"):
                seen.setdefault(e, []).append(m)
        found = [self._new(e) for e in islice(seen, MOST)]
        for c in found:
            for m in reversed(seen[c.entity]):
                c.meet(m)
        return found

    def pointed_to(self, head: str, sorts: Collection[str], gender: str | None) -> list[Entity]:
        """Whom a description may mean wherever they are named, also later.

        Those of its role or with its head, and the most named people of the text; some may come twice.
        """
        keys = (head, *self.ground.words.alike.get(head, ()))
        found: list[Entity] = []
        for key in keys:
            found += self._by_role.get(key, ())
        if "person" in sorts:
            found += self._leading
        for key in keys:
            found += self._by_head.get(str(key), ())
        return _fitting(found, sorts, gender)

    def leading(self, sorts: Collection[str], gender: str | None) -> list[Entity]:
        """The most named people of the text."""
        return _fitting(self._leading, sorts, gender)


def _fitting(entities: Iterable[Entity], sorts: Collection[str], gender: str | None) -> list[Entity]:
    return [e for e in entities if _fits(e, sorts, gender)]


def _fits(e: Entity, sorts: Collection[str], gender: str | None) -> bool:
    """Whether an entity is of one of some sorts, and may be of a sex, if one is asked for."""
    return e.kind in sorts and (not gender or not e.gender or e.gender == gender)
