"""One walk through a text that says whom each description and pronoun means."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

from .entities import Entity, EntityKind
from .features import Candidate, Description, Scales, itself, salience, scales, standing
from .ground import Ground
from .groups import Groups
from .mentions import Noun, noun_phrase
from .ranking import Ranker, TellingRanker, Told
from .trail import Trail
from .vocabulary import PRONOUNS
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


class Meant(NamedTuple):
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

    ``sources`` are the heads of the sources that will be asked for. With ``trace`` its choices are kept as
    ``decisions``.
    """

    def __init__(self, ground: Ground, ranker: Ranker, sources: Collection[int] = (), *, trace: bool = False) -> None:
        self.ground, self.sources = ground, sources
        self.ranker = TellingRanker(ranker.weights) if trace else ranker
        self.trail = Trail(ground, sources)
        self.nouns: dict[int, Noun] = {}
        self.meant: dict[int, Meant] = {}
        self.pronouns: dict[int, tuple[Entity, float]] = {}
        self.wording = Wording(ground, self.pronouns)
        self.groups = Groups(ground, self.trail, self.nouns)
        self.decisions: list[Decision] | None = [] if trace else None
        self._described: dict[object, Entity] = {}

    def run(self) -> None:
        """Walk the text."""
        ground, layout, sources = self.ground, self.ground.layout, self.sources
        inside, lowers, nouns = ground.inside, layout.lower, ground.words.nouns
        # Few words are anything to the walk; which, is found out first.
        telling = {name.first for name in ground.names if inside[name.first] >= 0}
        telling.update(compress(range(len(lowers)), map(ground.words.spoken_of.__contains__, lowers)), sources)
        after = 0  # the name before
        for i in sorted(telling):
            if i < after:
                continue
            number, lower = inside[i], lowers[i]
            if number >= 0 and ground.names[number].first == i:
                self._name(number)
                after = ground.names[number].last
            elif lower in PRONOUNS:
                if not layout.quoted[i]:
                    self._pronoun(i)
            elif i in sources or ((found := nouns.get(lower)) is not None and self._is_head(i, found[0])):
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
        if layout.close(i + 1) and not layout.possessive[i]:
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
        at = noun.last - 1
        head = layout.lower[at]
        kind = "few" if noun.plural else noun.kind if noun.kind in _KINDS else "unknown"
        gender = words.person_gender.get(head)
        weigh = scales(kind, self.ranker)
        spot = trail.spot(noun.first, at)
        barred = self._barred(noun)
        met = trail.candidates(spot, _WANTED[kind], gender)
        known = {c.entity for c in met}
        near = [(order, c) for order, c in enumerate(met) if c.entity not in barred]
        pointed = dict.fromkeys(trail.pointed_to(head, _WANTED[kind], gender))
        far = [trail.candidate(e) for e in pointed if e not in known and e not in barred]
        options = [*[c for _, c in near], *far]
        only = len(options) == 1
        scores = salience(weigh, near, spot, only=only) + [standing(weigh, c, spot, only=only) for c in far]
        described = Description(weigh, noun, head, words)
        if words.places.isdisjoint(noun.modifiers):
            fits = [described.fit(c) for c in options]
        else:
            beside = self._beside(noun, options)
            fits = [described.fit(c, beside.get(id(c.entity), ())) for c in options]
        top = max([level for _, level in fits], default=0)
        scores = [score + fit + weigh.level[level, top] for score, (fit, level) in zip(scores, fits, strict=True)]
        if gender is not None:
            scores = _agreeing(weigh, scores, options, gender)
        after = layout.close(noun.last) and layout.lower[noun.last] in words.prepositions
        scores.insert(0, itself(weigh, noun, layout, words, extended=after, role_known=top >= 3))
        best, sure = self.ranker.choose(scores)
        if self.decisions is not None:
            self._log(at, kind, [None, *(c.entity for c in options)], scores, best)
        return Meant(options[best - 1].entity, sure, True) if best else Meant(self._own(noun), sure, False)

    def _beside(self, noun: Noun, candidates: list[Candidate]) -> dict[int, frozenset[str]]:
        """For the one (by id) who is named most beside a place of a description: the modifiers for that place."""
        words = self.ground.words
        out: dict[int, frozenset[str]] = {}
        for m in noun.modifiers:
            if m not in words.places:
                continue
            company, entities = self.ground.company, [c.entity for c in candidates]
            groups = words.alike.get(m, frozenset())
            counts = sorted(
                ((sum(company[id(e)][g] for g in groups), id(e)) for e in entities if id(e) in company), reverse=True
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
        head, sentence = layout.lower[noun.last - 1], layout.sentence[noun.first]
        for m in self.trail.before(noun.first, 6):
            # Two descriptions in one sentence mean two.
            if m.sentence == sentence and m.form == "noun" and layout.lower[m.last - 1] != head:
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
        trail, weigh = self.trail, scales(kind, self.ranker)
        spot = trail.spot(i, i, speaker)
        options = trail.candidates(spot, _WANTED[kind], gender)
        only = len(options) == 1
        scores = salience(weigh, enumerate(options), spot, only=only)
        if not options and gender is not None:
            options = [trail.candidate(e) for e in trail.leading(_WANTED[kind], gender)]
            scores = [standing(weigh, c, spot, only=len(options) == 1) for c in options]
        if not options:
            return None
        if gender is not None:
            scores = _agreeing(weigh, scores, options, gender)
        best, sure = self.ranker.choose(scores)
        if self.decisions is not None:
            self._log(i, kind, [c.entity for c in options], scores, best)
        return options[best].entity, sure

    def _log(self, at: int, kind: str, options: Sequence[Entity | None], scores: list[float], best: int) -> None:
        assert self.decisions is not None
        features = [list(score.features) for score in scores if isinstance(score, Told)]
        self.decisions.append(Decision(at, kind, list(options), features, best))


def _agreeing(weigh: Scales, scores: list[float], options: list[Candidate], gender: str) -> list[float]:
    """The scores with what it weighs that a candidate's sex agrees with the one asked for."""
    same, unknown = weigh.gender[(True,)], weigh.gender[(False,)]
    return [score + (same if c.entity.gender == gender else unknown) for score, c in zip(scores, options, strict=True)]
