"""One walk through a text that says whom each description and pronoun means."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .entities import Entity, EntityKind
from .features import agreement, description, fitting, itself, salience
from .ground import Ground
from .groups import Groups
from .mentions import PRONOUNS, Noun, noun_phrase
from .ranking import Ranker, Row
from .trail import Trail
from .wording import Described, Wording

_KINDS: dict[str, EntityKind] = {"person": "person", "organization": "organization", "document": "document"}
_WANTED = {
    "person": ("person",),
    "organization": ("organization", "place"),
    "document": ("document",),
    "few": ("group",),
    "unknown": ("person", "organization", "document"),
    "he": ("person",),
    "they": ("group", "organization", "person"),
    "it": ("organization", "place", "document"),
}
_PREDICATES = frozenset("is was as been be a an".split())


@dataclass(slots=True)
class Decision:
    """One choice made, kept for training: the word asked about and the features of each candidate.

    The candidate None stands for the description itself: nobody named or described before.
    """

    at: int
    kind: str
    candidates: list[Entity | None]
    features: list[list[str]]
    chosen: int


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a description means, how surely, and whether he was met before under other words (``indirect``)."""

    entity: Entity
    confidence: float
    indirect: bool


class Sweep:
    """Walks a text once, in order, and keeps whom its descriptions (by head) and pronouns mean.

    1. A name is a mention of its entity; names joined by "and" are also one of the group.
    2. A description that opens with "a" or stands in the plural makes an entity of its own (the same words again mean
       it again); a definite one is weighed against what came before.
    3. A pronoun outside quotations is weighed likewise; inside them only where it is asked for, with ``third``.

    ``sources`` are the heads of the sources that will be asked for.
    """

    def __init__(self, ground: Ground, ranker: Ranker, sources: Collection[int] = ()) -> None:
        self.ground, self.ranker, self.sources = ground, ranker, sources
        self.trail = Trail(ground, sources)
        self.nouns: dict[int, Noun] = {}
        self.meant: dict[int, Meant] = {}
        self.pronouns: dict[int, tuple[Entity, float]] = {}
        self.wording = Wording(ground, self.pronouns)
        self.groups = Groups(ground, self.trail, self.nouns)
        self.decisions: list[Decision] | None = None
        self._described: dict[object, Entity] = {}

    def run(self) -> None:
        """Walk the text."""
        ground, layout, sources = self.ground, self.ground.layout, self.sources
        inside, lowers, nouns = ground.inside, layout.lower, ground.words.nouns
        # Few words are anything to the walk; which, is found out first.
        telling = [
            i for i, lower in enumerate(lowers) if inside[i] >= 0 or lower in PRONOUNS or nouns[lower] or i in sources
        ]
        after = 0  # the name before
        for i in telling:
            if i < after:
                continue
            number, lower = inside[i], lowers[i]
            if number >= 0 and ground.names[number].first == i:
                self._name(number)
                after = ground.names[number].last
            elif lower in PRONOUNS:
                if not layout.quoted[i]:
                    self._pronoun(i)
            elif i in sources or ((found := nouns[lower]) is not None and self._is_head(i, found[0])):
                self.noun(i)

    def _name(self, number: int) -> None:
        ground, layout = self.ground, self.ground.layout
        name, entity = ground.names[number], ground.register.of[number]
        last = name.last - 1
        if entity is not None and entity.kind != "other":
            self.trail.add(name.first, name.last, ground.title_start(number), "name", entity, last)
            group = self.groups.joined(number)
            if group is not None:
                self.trail.add(group[1], group[2], group[1], "name", group[0], -1)
        # "the Texan", "Republicans": a name by its capital, a description by its use.
        by_place = entity is not None and entity.kind == "place" and last > 0 and layout.lower[last - 1] == "the"
        if last in self.sources and entity is not None and (entity.kind == "other" or by_place):
            self.noun(last)

    def _is_head(self, i: int, kind: str) -> bool:
        """Whether a noun heads a phrase: what follows is no noun that it only goes with."""
        layout, words, inside = self.ground.layout, self.ground.words, self.ground.inside
        if i + 1 < len(layout) and layout.close(i + 1) and not layout.possessive[i]:
            after = layout.lower[i + 1]
            if inside[i + 1] >= 0 or words.noun(after) is not None:
                return False
            function = after in words.breaks or after in words.auxiliaries or after in words.prepositions
            plain = function or after in words.determiners or after.endswith(("ed", "s", "ing", "ly"))
            if kind != "group" and not plain:
                return False
        if kind == "document":
            before = layout.lower[i - 1] if layout.close(i) else ""
            return bool(before) and (before in words.determiners or inside[i - 1] >= 0 or before not in words.breaks)
        return True

    def noun(self, head: int, *, mention: bool = True) -> None:
        """Read the description with its head at a word; ``mention`` adds it to the trail, which must be in order."""
        ground, layout = self.ground, self.ground.layout
        noun = noun_phrase(layout, ground.words, head, ground.inside, *self._sort(head))
        self.nouns[head] = noun
        asked = head in self.sources or not mention
        if not asked:
            # An apposition or a predicate tells a role, not another person.
            before = noun.first - 1
            owner = ground.entity(before) if before >= 0 else None
            apposed = owner is not None and owner.kind == "person" and layout.gap(noun.first) == ","
            if apposed and noun.kind != "group" and layout.sentence[before] == layout.sentence[noun.first]:
                return
            if before >= 0 and layout.close(noun.first) and layout.lower[before] in _PREDICATES:
                return
        meant = self._referent(noun, asked)
        self.meant[head] = meant
        if mention:
            self.trail.add(noun.first, noun.last, noun.first, "noun", meant.entity, head)

    def _sort(self, head: int) -> tuple[str, bool]:
        words, lower = self.ground.words, self.ground.layout.lower[head]
        found = words.noun(lower)
        if found is not None:
            return found
        many = lower.endswith("s") and not lower.endswith("ss")
        if self.ground.inside[head] >= 0:
            return ("group", True) if many else ("person" if lower in words.places else "unknown", False)
        return "unknown", many

    def _referent(self, noun: Noun, asked: bool) -> Meant:
        layout, words = self.ground.layout, self.ground.words
        head = layout.lower[noun.last - 1]
        owned = self.groups.owned(noun, self.pronouns)
        if owned is not None:
            return Meant(owned, 0.8, noun.determiner in ("his", "her"))
        if asked and noun.plural and (alone := self.groups.alone(noun)) is not None:
            return Meant(alone, 0.6, True)
        if noun.determiner in words.indefinite and noun.determiner not in ("both", "two") and not noun.plural:
            return Meant(self._own(noun), 0.85, False)
        counted = noun.determiner in ("both", "two") or head in ("two", "both", "pair", "duo")
        if counted or (noun.determiner in ("the", "these") and "two" in noun.modifiers):
            pair = self.groups.two(noun)
            if pair is not None:
                return Meant(pair, 0.6, True)
        if noun.plural and noun.determiner not in ("the", "these", "those", "their", "both"):
            return Meant(self._own(noun), 0.85, False)
        if layout.quoted[noun.last - 1] and not asked:
            return Meant(self._own(noun), 0.5, False)
        return self._weigh(noun)

    def _weigh(self, noun: Noun) -> Meant:
        """Weigh a definite description against the candidates, and against speaking of itself."""
        layout, words, trail = self.ground.layout, self.ground.words, self.trail
        head = noun.last - 1
        kind = "few" if noun.plural else noun.kind if noun.kind in _KINDS else "unknown"
        gender = words.person_gender.get(layout.lower[head])
        spot = trail.spot(noun.first, head)
        barred = self._barred(noun)
        candidates = [
            c for c in trail.candidates(noun.first, _WANTED[kind], gender, noun=noun) if c.entity not in barred
        ]
        beside = self._beside(noun, [c.entity for c in candidates])
        fits = [
            description(noun, layout, words, c.entity, kind=kind, beside=beside.get(id(c.entity), frozenset()))
            for c in candidates
        ]
        top = max((level for _, level in fits), default=0)
        rows = [
            [
                *salience(kind, c, spot, len(candidates), trail.share(c.entity)),
                fit,
                fitting(kind, level, top),
                agreement(kind, gender, c.entity),
            ]
            for c, (fit, level) in zip(candidates, fits, strict=True)
        ]
        after = noun.last < len(layout) and layout.close(noun.last) and layout.lower[noun.last] in words.prepositions
        rows.insert(0, [itself(noun, layout, words, kind=kind, extended=after, role_known=top >= 3)])
        options: list[Entity | None] = [None, *(c.entity for c in candidates)]
        best, sure = self.ranker.choose(rows)
        self._log(head, kind, options, rows, best)
        chosen = options[best]
        return Meant(self._own(noun), sure, False) if chosen is None else Meant(chosen, sure, True)

    def _beside(self, noun: Noun, candidates: list[Entity]) -> dict[int, frozenset[str]]:
        """For the one (by id) who is named most beside a place of a description: the modifiers for that place."""
        words = self.ground.words
        out: dict[int, frozenset[str]] = {}
        for m in noun.modifiers:
            if m not in words.places:
                continue
            company = self.ground.company
            groups = words.alike.get(m, frozenset())
            counts = sorted(
                ((sum(company[id(e)][g] for g in groups), id(e)) for e in candidates if id(e) in company), reverse=True
            )
            if counts and counts[0][0] > (counts[1][0] if len(counts) > 1 else 0):
                out[counts[0][1]] = out.get(counts[0][1], frozenset()) | {m}
        return out

    def _barred(self, noun: Noun) -> list[Entity]:
        """Whom a description cannot mean: its possessor, who it is joined to ("Doe and the senator"), who is described
        otherwise in its sentence."""
        ground, layout = self.ground, self.ground.layout
        barred: list[Entity | None] = []
        if noun.determiner == "'s":
            barred += [ground.entity(i) for i in range(noun.first, noun.last - 1)]
        elif noun.determiner in ("his", "her") and (found := self.pronouns.get(noun.first)):
            barred.append(found[0])
        if noun.first > 1 and layout.lower[noun.first - 1] in ("and", "or"):
            barred.append(ground.entity(noun.first - 2))
        head = layout.lower[noun.last - 1]
        for m in self.trail.before(noun.first, 6):
            # Two descriptions in one sentence mean two.
            if m.form == "noun" and m.sentence == layout.sentence[noun.first] and layout.lower[m.last - 1] != head:
                barred.append(m.entity)
        return [e for e in barred if e is not None]

    def _own(self, noun: Noun) -> Entity:
        """The entity of a description, made at its first use."""
        head = self.ground.layout.lower[noun.last - 1]
        key = (*noun.modifiers[-2:], head)
        entity = self._described.get(key)
        if entity is None:
            kind: EntityKind = _KINDS.get(noun.kind, "other")
            if noun.plural and noun.kind != "document":
                kind = "group"
            gender = self.ground.words.person_gender.get(head)
            entity = self._described[key] = Described(self.wording, noun, kind, head=head, gender=gender)
            self.trail.describe(entity)
        return entity

    def _pronoun(self, i: int) -> None:
        found = self.third(i)
        if found is None:
            return
        self.pronouns[i] = found
        entity, sure = found
        wanted = PRONOUNS[self.ground.layout.lower[i]]
        if entity.gender is None and entity.kind == "person" and wanted in "mf" and sure > 0.6:
            entity.gender = wanted
        self.trail.add(i, i + 1, i, "pronoun", entity, i)

    def third(self, i: int, speaker: Entity | None = None) -> tuple[Entity, float] | None:
        """Whom a third-person pronoun means, with the probability; None where nobody before fits.

        ``speaker`` holds the content in which the pronoun stands.
        """
        wanted = PRONOUNS[self.ground.layout.lower[i]]
        kind = {"m": "he", "f": "he", "p": "they", "n": "it"}[wanted]
        gender = wanted if kind == "he" else None
        trail = self.trail
        candidates = trail.candidates(i, _WANTED[kind], gender)
        if not candidates:
            return None
        spot = trail.spot(i, i, speaker)
        rows = [
            [*salience(kind, c, spot, len(candidates), trail.share(c.entity)), agreement(kind, gender, c.entity)]
            for c in candidates
        ]
        best, sure = self.ranker.choose(rows)
        self._log(i, kind, [c.entity for c in candidates], rows, best)
        return candidates[best].entity, sure

    def _log(self, at: int, kind: str, options: list[Entity | None], rows: list[Row], best: int) -> None:
        if self.decisions is not None:
            features = [[feature for bundle in row for feature in bundle] for row in rows]
            self.decisions.append(Decision(at, kind, options, features, best))
