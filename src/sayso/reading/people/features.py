"""What speaks for a candidate: the features of a pronoun's or a description's possible referents, and their weights."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from .entities import Entity, EntityKind
from .layout import Layout
from .mentions import Mention, Noun
from .ranking import Features, Ranker, Table
from .vocabulary import Vocabulary


@dataclass(slots=True, eq=False)
class Candidate:
    """An entity with what its mentions so far come to.

    ``nature`` are its kind, whether it has a name, its part of all mentions by name (in steps, 0 to 3) and whether a
    heading names it. Of its ``mentions`` are kept apart the latest as a subject, as a source, and by name inside a
    quotation.
    """

    entity: Entity
    nature: tuple[EntityKind, bool, int, bool]
    mentions: list[Mention] = field(default_factory=list)
    subject: Mention | None = None
    source: Mention | None = None
    cited: Mention | None = None
    _role_groups: frozenset[int] | None = None
    _called: bool | None = None

    def meet(self, m: Mention) -> None:
        """Note a mention, which comes after those before."""
        self.mentions.append(m)
        if m.role == "subject":
            self.subject = m
        if m.source:
            self.source = m
        if m.quoted and m.form == "name":
            self.cited = m

    def role_groups(self, words: Vocabulary) -> frozenset[int]:
        """The groups of words for places and roles to which its roles belong."""
        if self._role_groups is None:
            self._role_groups = words.groups(self.entity.roles)
        return self._role_groups

    def called(self, words: Vocabulary) -> bool:
        """Whether the text calls it something that a person may be called."""
        if self._called is None:
            roles = self.entity.roles
            person = not (words.person.isdisjoint(roles) and words.person_gender.keys().isdisjoint(roles))
            self._called = bool(self.entity.head) or person
        return self._called


@dataclass(slots=True)
class Spot:
    """The place that asks, which sees the mentions ``lowest`` to ``end`` (exclusive).

    ``opening``: it begins its sentence; ``after_quote``: a quotation ends just before. ``speaker`` holds the content
    around it. ``last_source`` is the source before it and how many paragraphs back that stands.
    """

    lowest: int
    end: int
    sentence: int
    paragraph: int
    quoted: bool
    opening: bool
    is_source: bool
    after_quote: bool
    speaker: Entity | None
    last_source: tuple[Entity, int] | None


class Scales:
    """What features of one kind of question weigh, by the values they depend on."""

    def __init__(self, kind: str, ranker: Ranker) -> None:
        self.who = Table(ranker, kind, _who)
        self.latest = Table(ranker, kind, _latest)
        self.before = Table(ranker, kind, _before)
        self.stands = Table(ranker, kind, _stands)
        self.gender = Table(ranker, kind, _gender)
        self.fit = Table(ranker, kind, _fit)
        self.level = Table(ranker, kind, _level)
        self.itself = Table(ranker, kind, _itself)


@lru_cache(maxsize=32)
def scales(kind: str, ranker: Ranker) -> Scales:
    """The scales for one kind of question, kept for the texts to come."""
    return Scales(kind, ranker)


_NEAR = {n: str(n) if n < 4 else "4" if n < 7 else "7" for n in range(20)}
_FAR = "far"
_CLOSEST = 4
"""More mentions nearby than this say no more."""
_UNSEEN = 99
"""Sentences back to what is not in sight."""
_ROLES = {"owner": "o", "subject": "s", "object": "x"}


def salience(weigh: Scales, met: Iterable[tuple[int, Candidate]], spot: Spot, *, only: bool) -> list[float]:
    """What speaks for each of those whom mentions in sight name: how near that is, and how they stand there.

    With each comes how many candidates are mentioned later; ``only`` is set where there is no other.
    """
    sentence, paragraph, lowest, is_source = spot.sentence, spot.paragraph, spot.lowest, spot.is_source
    speaker, after_quote, opening = spot.speaker, spot.after_quote, spot.opening
    spoke, since = spot.last_source or (None, 0)
    near = _NEAR.get
    out: list[float] = []
    for order, c in met:
        m = c.mentions[-1]
        distance, paragraphs = sentence - m.sentence, paragraph - m.paragraph
        subject = source = _UNSEEN
        if (seen := c.subject) is not None and seen.number >= lowest:
            subject = sentence - seen.sentence
        if (seen := c.source) is not None and seen.number >= lowest:
            source = sentence - seen.sentence
        inside = (seen := c.cited) is not None and seen.number >= lowest and seen.paragraph == paragraph
        close = 0
        if distance < 3:
            for one in reversed(c.mentions):
                if close == _CLOSEST or one.number < lowest or sentence - one.sentence > 2:
                    break
                close += 1
        back = None if spoke is not c.entity else since if since < 3 else 3
        role = m.role
        out.append(
            weigh.who[c.nature, only, speaker is c.entity, False]
            + weigh.latest[
                near(distance, _FAR), paragraphs if paragraphs < 3 else 3, order if order < 4 else 4, m.form, role,
                m.quoted, m.source and distance < 3,
            ]
            + weigh.before[near(subject, _FAR), near(source, _FAR), close, back, is_source]
            + weigh.stands[
                distance if distance < 2 else 2, role, order > 0, after_quote, opening and subject == 1, inside,
                is_source and source <= 1,
            ]
        )  # fmt: skip
    return out


def standing(weigh: Scales, c: Candidate, spot: Spot, *, only: bool) -> float:
    """What speaks for one whom no mention in sight names."""
    return weigh.who[c.nature, only, spot.speaker is c.entity, True]


def _who(kind: str, nature: tuple[EntityKind, bool, int, bool], only: bool, speaker: bool, later: bool) -> Features:
    sort, named, share, heading = nature
    out = [f"{kind}:kind={sort}{'' if named else '?'}", f"{kind}:share={share}"]
    if heading:
        out.append(f"{kind}:heading")
    if only:
        out.append(f"{kind}:only")
    if speaker:
        out.append(f"{kind}:speaker")
    if later:
        out.append(f"{kind}:later")
    return tuple(out)


def _latest(
    kind: str, distance: str, paragraphs: int, order: int, form: str, role: str, quoted: bool, source: bool
) -> Features:
    out = [
        f"{kind}:sentence={distance}",
        f"{kind}:paragraph={paragraphs}",
        f"{kind}:order={order}",
        f"{kind}:form={form}",
        f"{kind}:{role}",
    ]
    if distance == "0":
        out.append(f"{kind}:same={'s' if role == 'subject' else 'o'}{'p' if form == 'pronoun' else ''}")
    if quoted:
        out.append(f"{kind}:quoted")
    if source:
        out.append(f"{kind}:latest source")
    return tuple(out)


def _before(kind: str, subject: str, source: str, near: int, last_source: int | None, is_source: bool) -> Features:
    out = [f"{kind}:subject at={subject}", f"{kind}:source at={source}", f"{kind}:near={near}"]
    if last_source is not None:
        out.append(f"{kind}:last source={last_source}{'+' if is_source else ''}")
    return tuple(out)


def _stands(
    kind: str, distance: int, role: str, others: bool, after_quote: bool, opening: bool, inside: bool, again: bool
) -> Features:
    quote = "q" if after_quote else ""
    out = [f"{kind}:stands={distance}{_ROLES[role]}{int(others)}{quote}"]
    if opening:
        out.append(f"{kind}:opening after subject")
    if inside:
        out.append(f"{kind}:inside{quote}")
    if again:
        out.append(f"{kind}:source again")
    return tuple(out)


def _gender(kind: str, same: bool) -> Features:
    return (f"{kind}:gender={'same' if same else 'unknown'}",)


class Description:
    """The words of a description, to be compared with what candidates are called."""

    def __init__(self, weigh: Scales, noun: Noun, head: str, words: Vocabulary) -> None:
        self.head, self.words = head, words
        self._weigh, self._determiner = weigh, noun.determiner
        self._groups = words.alike.get(head)
        self._modifiers = [(m, words.alike.get(m), words.clashing(m)) for m in noun.modifiers]

    def fit(self, c: Candidate, beside: Collection[str] = ()) -> tuple[float, int]:
        """How a candidate fits, with its head and modifiers among his roles and the words of his name.

        Besides the weight comes a level for comparing candidates: 3 for the head, 1 for each modifier that is known
        of the candidate, -1 for each that is not, -3 for a place or party that is not the candidate's. ``beside`` are
        modifiers for places beside which the text names this candidate more often than any other.
        """
        e, head, groups, words = c.entity, self.head, self._groups, self.words
        known, level = e.roles, 3
        if head == e.head and head:
            met = "head same"
        elif e.head and groups is not None and words.same(head, e.head):
            met = "head alike"
        elif head in known or (groups is not None and not groups.isdisjoint(c.role_groups(words))):
            met = "head role"
        elif head in e.words:
            met = "head in name"
        else:
            level = 0
            # What the text calls somebody otherwise it rather means by that.
            met = "head clash" if c.called(words) else "head none"
        head_met = level > 0
        more: Features = ()
        for m, groups, sort in self._modifiers:
            same = m in known or m in e.words
            if not same and groups is not None:
                same = not groups.isdisjoint(c.role_groups(words)) or words.same_as_any(m, e.words)
            if same:
                level += 1
            elif m in beside:
                more += ("place beside",)
                level += 1
            elif sort and not sort.isdisjoint(known):
                more += ("modifier clash",)
                level -= 3
            else:
                level -= 1
        return self._weigh.fit[met, self._determiner, head_met, e.named, more], level


def _fit(kind: str, met: str, determiner: str, known: bool, named: bool, more: Features) -> Features:
    possessor = f"{kind}:{determiner or 'none'}{' known' if known else ''}{'' if named else '?'}"
    return f"{kind}:{met}", possessor, *(f"{kind}:{one}" for one in more)


def _level(kind: str, level: int, best: int) -> Features:
    """How the level of a candidate compares with the best of all candidates."""
    if best <= 0:
        return (f"{kind}:fit none",)
    return (f"{kind}:fit best={min(best, 5)}" if level == best else f"{kind}:fit less={min(best - level, 4)}",)


def itself(weigh: Scales, noun: Noun, layout: Layout, words: Vocabulary, *, extended: bool, role_known: bool) -> float:
    """What speaks for it that a description means nobody named or described before."""
    second, last = noun.first + 1, noun.last
    capital = True in layout.raised[second:last] and any(
        layout.raised[i] and layout.lower[i] not in words.places for i in range(second, last)
    )
    modifiers = min(len(noun.modifiers), 2)
    heading = layout.heading[last - 1]
    return weigh.itself[noun.determiner, modifiers, noun.kind, extended, role_known, capital, heading]


def _itself(
    kind: str,
    determiner: str,
    modifiers: int,
    sort: str,
    extended: bool,
    role_known: bool,
    capital: bool,
    heading: bool,
) -> Features:
    out = [
        f"{kind}:self",
        f"{kind}:self det={determiner or 'none'}",
        f"{kind}:self mods={modifiers}",
        f"{kind}:self kind={sort}",
    ]
    if extended:
        out.append(f"{kind}:self extended")
    if role_known:
        out.append(f"{kind}:self role known")
    if capital:
        out.append(f"{kind}:self capital")
    if heading:
        out.append(f"{kind}:self heading")
    return tuple(out)
