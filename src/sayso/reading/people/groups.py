"""Several at once, and what belongs to one: "both campaigns", "many", "advisers", "her campaign"."""

from __future__ import annotations

from collections import Counter

from .entities import Entity
from .ground import Ground
from .mentions import Noun
from .trail import SIGHT, Trail

QUANTIFIERS = frozenset(("many", "some", "most", "several", "few", "both"))
_OWNED = frozenset(("campaign", "camp", "team", "administration", "organization", "campaigns"))
_ANY_TWO = frozenset("candidates contenders rivals two both pair duo leaders sides politicians".split())


class Groups:
    """Finds or makes the entities of groups and of what people own; the same words give the same entity."""

    def __init__(self, ground: Ground, trail: Trail, nouns: dict[int, Noun]) -> None:
        self.ground, self.trail, self.nouns = ground, trail, nouns
        self._made: dict[object, Entity] = {}

    def of(self, members: list[Entity]) -> Entity:
        """The group of some people: "Jane Doe and John Roe"."""
        key = tuple(map(id, members))
        entity = self._made.get(key)
        if entity is None:
            name = " and ".join(m.name for m in members)
            entity = self._made[key] = Entity(name, "group", plural=True, members=tuple(members))
        return entity

    def joined(self, number: int) -> tuple[Entity, int, int] | None:
        """The group of persons joined by "and" that ends with a name, with its first and last (exclusive) word."""
        ground, layout = self.ground, self.ground.layout
        members: list[Entity] = []
        first = k = number
        while k >= 0 and len(members) < 5:
            entity, name = ground.register.of[k], ground.names[k]
            if entity is None or entity.kind != "person" or layout.possessive[name.last - 1] or entity in members:
                break
            members.insert(0, entity)
            first = k
            left = ground.title_start(k)
            if left <= 0 or (layout.lower[left - 1] == "and") != (k == number):
                break
            before = self._before(k, left)
            if before < 0:
                break
            k = before
        if len(members) < 2:
            return None
        return self.of(members), ground.names[first].first, ground.names[number].last

    def _before(self, number: int, left: int) -> int:
        """The name to which the name that begins at word ``left`` is joined, with an apposition between or none; -1."""
        ground, layout = self.ground, self.ground.layout
        end = left - 1 if layout.lower[left - 1] == "and" else left
        k = number - 1
        while k > 0 and number - k < 4 and (e := ground.register.of[k]) is not None and e.kind != "person":
            k -= 1  # "Jane Doe, Democrat of Iowa, and"
        last = ground.names[k].last if k >= 0 else 0
        if k < 0 or left - last > 9 or layout.sentence[last - 1] != layout.sentence[left]:
            return -1
        if last == end:
            return k if end < left or layout.gap(left) == "," else -1
        words = layout.lower[last:end]
        verb = any(w in ground.words.auxiliaries for w in words) and words[0] != "who"
        apposed = layout.gap(last)[:1] in (",", "(") and layout.gap(end)[:1] in (",", ")")
        return k if apposed and not verb and words[0] != "and" else -1

    def owned(self, noun: Noun, owners: dict[int, tuple[Entity, float]]) -> Entity | None:
        """One entity for "Doe's campaign", "her campaign" and "the Doe campaign"; None for anything else."""
        ground = self.ground
        head = ground.layout.lower[noun.last - 1]
        if head not in _OWNED:
            return None
        owner: Entity | None = None
        if noun.determiner in ("his", "her"):
            found = owners.get(noun.first)
            owner = found[0] if found else None
        else:
            for i in range(noun.last - 2, noun.first - 1, -1):
                e = ground.entity(i)
                if e is not None and e.kind == "person":
                    owner = e
                    break
        if owner is None:
            return None
        head = "campaign" if head == "campaigns" else head
        key = ("owned", id(owner), head)
        entity = self._made.get(key)
        if entity is None:
            name = f"the {owner.name} {head}"
            words = frozenset(name.lower().split())
            entity = self._made[key] = Entity(name, "organization", head=head, words=words, members=(owner,))
        return entity

    def alone(self, noun: Noun) -> Entity | None:
        """A bare "many" or "advisers": many of the group spoken of before, advisers of the person."""
        layout, words = self.ground.layout, self.ground.words
        word = layout.lower[noun.last - 1]
        following = layout.lower[noun.last] if layout.close(noun.last) else ""
        if noun.last - noun.first > 1 or following in ("of", "in", "to", "for") or layout.heading[noun.first]:
            return None
        for m in reversed(self.trail.before(noun.first, 12)):
            if m.paragraph != layout.paragraph[noun.first]:
                break
            e = m.entity
            described = e.kind == "group" and not e.named and e.head not in QUANTIFIERS
            if word in QUANTIFIERS and described and m.form == "noun" and m.last - 1 in self.nouns:
                first = m.last - 1 - len(self.nouns[m.last - 1].modifiers)
                plain = " ".join(layout.text[layout.starts[first] : layout.ends[m.last - 1]].split())
                return Entity(f"{word} {plain}", "group", named=False, plural=True, head=word)
            if word in words.relational and e.kind == "person" and e.named and m.role != "owner":
                return Entity(f"{e.name}'s {word}", "group", plural=True, head=word)
        return None

    def two(self, noun: Noun) -> Entity | None:
        """The two of "both campaigns", "the two senators": the most named of that sort shortly before."""
        layout = self.ground.layout
        head = layout.lower[noun.last - 1]
        if any(at < len(layout) and layout.lower[at] == "of" for at in (noun.first + 1, noun.last)):
            return None
        near = [m.entity for m in self.trail.before(noun.first, SIGHT)]
        found = list(dict.fromkeys(e for e in near if self._fits(head, e)))
        if len(found) < 2 and head in _ANY_TWO:
            people = Counter(e for e in near if e.kind == "person" and e.named)
            found = [e for e, _ in people.most_common(2)]
        if len(found) < 2:
            return None
        one, other = sorted(found, key=lambda e: -e.count)[:2]
        if head != "campaigns":
            return self.of([one, other])
        owners = [e.members[0].name.split()[-1] for e in (one, other) if e.members]
        if len(owners) < 2:
            return None
        return Entity(f"the {owners[0]} and {owners[1]} campaigns", "group", plural=True, head=head)

    def _fits(self, head: str, e: Entity) -> bool:
        if head == "campaigns":
            return e.kind == "organization" and e.head in ("campaign", "camp", "team")
        if e.kind != "person" or not e.named:
            return False
        if head in ("women", "men"):
            return e.gender == ("f" if head == "women" else "m")
        return self.ground.words.same_as_any(head.rstrip("s"), e.roles)
