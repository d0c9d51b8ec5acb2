"""What speaks for a candidate: the features of a pronoun's or a description's possible referents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from .entities import Entity
from .layout import Layout
from .mentions import Mention, Noun
from .ranking import Features, Row
from .vocabulary import Vocabulary


@dataclass(slots=True)
class Candidate:
    """An entity with its latest mention before the place in question (None: it comes only later).

    ``order`` counts the candidates between; ``subject`` is the sentence distance to its latest mention as a subject,
    ``source`` to its latest as a source (99: none near); ``near`` counts its mentions in the last three sentences;
    ``inside`` is set where a quotation of the paragraph names it.
    """

    entity: Entity
    latest: Mention | None
    order: int
    subject: int = 99
    source: int = 99
    near: int = 0
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """The place that asks.

    ``opening``: it begins its sentence; ``after_quote``: a quotation ends just before. ``speaker`` holds the content
    around it. ``last_source`` is the source before it and how many paragraphs back that stands.
    """

    sentence: int
    paragraph: int
    opening: bool
    is_source: bool
    after_quote: bool
    speaker: Entity | None
    last_source: tuple[Entity, int] | None


_NEAR = {n: str(n) if n < 4 else "4" if n < 7 else "7" for n in range(20)}
_FAR = "far"
_ROLES = {"owner": "o", "subject": "s", "object": "x"}


def salience(kind: str, c: Candidate, spot: Spot, rivals: int, share: float) -> Row:
    """Features of every kind of question; ``share`` is the part of all mentions by name that is the candidate's."""
    e, m = c.entity, c.latest
    quarter = 0 if share < 0.05 else 1 if share < 0.15 else 2 if share < 0.35 else 3
    who = _who(kind, e.kind, e.named, quarter, e.heading, rivals == 1, spot.speaker is e, m is None)
    if m is None:
        return [who]
    distance, paragraphs, order = spot.sentence - m.sentence, spot.paragraph - m.paragraph, c.order
    role = "owner" if m.owner else "subject" if m.subject else "object"
    back = spot.last_source[1] if spot.last_source is not None and spot.last_source[0] is e else None
    near = _NEAR.get
    return [
        who,
        _latest(
            kind, near(distance, _FAR), paragraphs if paragraphs < 3 else 3, order if order < 4 else 4, m.form, role,
            m.quoted, m.source and distance < 3,
        ),
        _before(
            kind, near(c.subject, _FAR), near(c.source, _FAR), c.near if c.near < 4 else 4,
            None if back is None else min(back, 3), spot.is_source,
        ),
        _stands(
            kind, distance if distance < 2 else 2, role, 1 if order else 0, spot.after_quote,
            spot.opening and c.subject == 1, c.inside, spot.is_source and c.source <= 1,
        ),
    ]  # fmt: skip


# Each of these has few different answers, which come up again and again.


@cache
def _who(
    kind: str, sort: str, named: bool, share: int, heading: bool, only: bool, speaker: bool, later: bool
) -> Features:
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


@cache
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


@cache
def _before(kind: str, subject: str, source: str, near: int, last_source: int | None, is_source: bool) -> Features:
    out = [f"{kind}:subject at={subject}", f"{kind}:source at={source}", f"{kind}:near={near}"]
    if last_source is not None:
        out.append(f"{kind}:last source={last_source}{'+' if is_source else ''}")
    return tuple(out)


@cache
def _stands(
    kind: str, distance: int, role: str, order: int, after_quote: bool, opening: bool, inside: bool, again: bool
) -> Features:
    quote = "q" if after_quote else ""
    out = [f"{kind}:stands={distance}{_ROLES[role]}{order}{quote}"]
    if opening:
        out.append(f"{kind}:opening after subject")
    if inside:
        out.append(f"{kind}:inside{quote}")
    if again:
        out.append(f"{kind}:source again")
    return tuple(out)


def agreement(kind: str, wanted: str | None, e: Entity) -> Features:
    """How a candidate's sex agrees with the one asked for ("m" or "f")."""
    return () if wanted is None else _agrees(kind, e.gender == wanted)


@cache
def _agrees(kind: str, same: bool) -> Features:
    return (f"{kind}:gender={'same' if same else 'unknown'}",)


def description(
    noun: Noun, layout: Layout, words: Vocabulary, e: Entity, *, kind: str, beside: frozenset[str] = frozenset()
) -> tuple[Features, int]:
    """How a candidate fits the words of a description, its head and modifiers among the candidate's roles and name.

    Besides the features comes a level for comparing candidates: 3 for the head, 1 for each modifier that is known
    of the candidate, -1 for each that is not, -3 for a place or party that is not the candidate's. ``beside`` are
    modifiers for places beside which the text names this candidate more often than any other.
    """
    head = layout.lower[noun.last - 1]
    known = e.roles
    level = 3
    if head == e.head and head:
        met = "head same"
    elif e.head and words.same(head, e.head):
        met = "head alike"
    elif words.same_as_any(head, known):
        met = "head role"
    elif head in e.words:
        met = "head in name"
    else:
        level = 0
        # What the text calls somebody otherwise it rather means by that.
        other = any(role in words.person or role in words.person_gender for role in known)
        met = "head clash" if other or e.head else "head none"
    head_met = _met(kind, met, noun.determiner, level > 0, e.named)
    more: list[str] = []
    for m in noun.modifiers:
        if words.same_as_any(m, known) or words.same_as_any(m, e.words):
            level += 1
            continue
        level -= 1
        if m in beside:
            more.append(f"{kind}:place beside")
            level += 2
            continue
        sort = words.places if m in words.places else words.parties if m in words.parties else None
        if sort and any(role in sort for role in known):
            more.append(f"{kind}:modifier clash")
            level -= 2
    return (*head_met, *more) if more else head_met, level


@cache
def _met(kind: str, met: str, determiner: str, known: bool, named: bool) -> Features:
    return f"{kind}:{met}", f"{kind}:{determiner or 'none'}{' known' if known else ''}{'' if named else '?'}"


@cache
def fitting(kind: str, level: int, best: int) -> Features:
    """How the level of a candidate compares with the best of all candidates."""
    if best <= 0:
        return (f"{kind}:fit none",)
    return (f"{kind}:fit best={min(best, 5)}" if level == best else f"{kind}:fit less={min(best - level, 4)}",)


def itself(noun: Noun, layout: Layout, words: Vocabulary, *, kind: str, extended: bool, role_known: bool) -> Features:
    """Features of the answer that a description speaks of nobody named or described before."""
    out = [
        f"{kind}:self",
        f"{kind}:self det={noun.determiner or 'none'}",
        f"{kind}:self mods={min(len(noun.modifiers), 2)}",
        f"{kind}:self kind={noun.kind}",
    ]
    if extended:
        out.append(f"{kind}:self extended")
    if role_known:
        out.append(f"{kind}:self role known")
    if any(
        layout.words[i][0].isupper() and layout.lower[i] not in words.places for i in range(noun.first + 1, noun.last)
    ):
        out.append(f"{kind}:self capital")
    if layout.heading[noun.last - 1]:
        out.append(f"{kind}:self heading")
    return tuple(out)
