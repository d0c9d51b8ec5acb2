"""What speaks for a candidate: the features of a pronoun's or a description's possible referents, and their weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from .entities import Entity, EntityKind
from .layout import Layout
from .mentions import Mention, Noun
from .ranking import Features, Ranker, Table
from .vocabulary import Vocabulary

_CLOSEST = 4
"""More mentions nearby than this say no more."""


@dataclass(slots=True, eq=False)
class Candidate:
    """An entity with what its mentions so far come to.

    ``nature`` are its kind, whether it has a name, its part of all mentions by name (in steps, 0 to 3) and whether a
    heading names it. Of its mentions are kept the ``latest``, the latest as a subject and as a source, the latest name
    inside a quotation, and the last few.
    """

    entity: Entity
    nature: tuple[EntityKind, bool, int, bool]
    latest: Mention | None = None
    subject: Mention | None = None
    source: Mention | None = None
    cited: Mention | None = None
    recent: list[Mention] = field(default_factory=list)
    _role_groups: frozenset[int] | None = None

    def meet(self, m: Mention) -> None:
        """Note a mention, which comes after those before."""
        self.latest = m
        if m.role == "subject":
            self.subject = m
        if m.source:
            self.source = m
        if m.quoted and m.form == "name":
            self.cited = m
        self.recent.append(m)
        if len(self.recent) > _CLOSEST:
            del self.recent[0]

    def role_groups(self, words: Vocabulary) -> frozenset[int]:
        """The groups of words for places and roles to which its roles belong."""
        if self._role_groups is None:
            self._role_groups = words.groups(self.entity.roles)
        return self._role_groups


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
_UNSEEN = 99
"""Sentences back to what is not in sight."""
_ROLES = {"owner": "o", "subject": "s", "object": "x"}


def salience(weigh: Scales, c: Candidate, spot: Spot, *, order: int, only: bool) -> float:
    """What speaks for one whom a mention in sight names: how near that is, and how he stands there.

    ``order`` counts the candidates between, ``only`` is set where there is no other.
    """
    m, sentence, lowest = c.latest, spot.sentence, spot.lowest
    assert m is not None
    distance, paragraphs = sentence - m.sentence, spot.paragraph - m.paragraph
    subject = source = _UNSEEN
    if (seen := c.subject) is not None and seen.number >= lowest:
        subject = sentence - seen.sentence
    if (seen := c.source) is not None and seen.number >= lowest:
        source = sentence - seen.sentence
    inside = (seen := c.cited) is not None and seen.number >= lowest and seen.paragraph == spot.paragraph
    close = 0
    for one in c.recent:
        if sentence - one.sentence < 3 and one.number >= lowest:
            close += 1
    back = spot.last_source[1] if spot.last_source is not None and spot.last_source[0] is c.entity else None
    near, is_source = _NEAR.get, spot.is_source
    return (
        weigh.who[c.nature, only, spot.speaker is c.entity, False]
        + weigh.latest[
            near(distance, _FAR), paragraphs if paragraphs < 3 else 3, order if order < 4 else 4, m.form, m.role,
            m.quoted, m.source and distance < 3,
        ]
        + weigh.before[
            near(subject, _FAR), near(source, _FAR), close, None if back is None else min(back, 3), is_source
        ]
        + weigh.stands[
            distance if distance < 2 else 2, m.role, order > 0, spot.after_quote, spot.opening and subject == 1, inside,
            is_source and source <= 1,
        ]
    )  # fmt: skip


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


def description(
    weigh: Scales, noun: Noun, head: str, words: Vocabulary, c: Candidate, beside: frozenset[str]
) -> tuple[float, int]:
    """How a candidate fits the words of a description, its head and modifiers among the candidate's roles and name.

    Besides the weight comes a level for comparing candidates: 3 for the head, 1 for each modifier that is known
    of the candidate, -1 for each that is not, -3 for a place or party that is not the candidate's. ``beside`` are
    modifiers for places beside which the text names this candidate more often than any other.
    """
    e = c.entity
    known = e.roles
    groups = words.alike.get(head)
    level = 3
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
        other = e.head or any(role in words.person or role in words.person_gender for role in known)
        met = "head clash" if other else "head none"
    head_met = level > 0
    more: Features = ()
    for m in noun.modifiers:
        if m in known or m in e.words:
            level += 1
            continue
        groups = words.alike.get(m)
        if groups is not None and (not groups.isdisjoint(c.role_groups(words)) or words.same_as_any(m, e.words)):
            level += 1
            continue
        level -= 1
        if m in beside:
            more += ("place beside",)
            level += 2
            continue
        sort = words.places if m in words.places else words.parties if m in words.parties else None
        if sort and any(role in sort for role in known):
            more += ("modifier clash",)
            level -= 2
    return weigh.fit[met, noun.determiner, head_met, e.named, more], level


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
    capital = any(
        layout.words[i][0].isupper() and layout.lower[i] not in words.places for i in range(noun.first + 1, noun.last)
    )
    modifiers = min(len(noun.modifiers), 2)
    heading = layout.heading[noun.last - 1]
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
