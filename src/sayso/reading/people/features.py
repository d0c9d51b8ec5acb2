"""What speaks for a candidate: the features of a pronoun's or a description's possible referents."""

from __future__ import annotations

from dataclasses import dataclass

from .entities import Entity
from .layout import Layout
from .mentions import Mention, Noun
from .ranking import Features
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


def _near(n: int) -> str:
    return str(n) if n < 4 else "4" if n < 7 else "7" if n < 20 else "far"


def salience(kind: str, c: Candidate, spot: Spot, rivals: int, share: float) -> Features:
    """Features of every kind of question; ``share`` is the part of all mentions by name that is the candidate's."""
    e, m = c.entity, c.latest
    out = [
        f"{kind}:kind={e.kind}{'' if e.named else '?'}",
        f"{kind}:share={'0' if share < 0.05 else '1' if share < 0.15 else '2' if share < 0.35 else '3'}",
    ]
    if e.heading:
        out.append(f"{kind}:heading")
    if rivals == 1:
        out.append(f"{kind}:only")
    if spot.speaker is e:
        out.append(f"{kind}:speaker")
    if m is None:
        out.append(f"{kind}:later")
        return out
    distance = spot.sentence - m.sentence
    out.append(f"{kind}:sentence={_near(distance)}")
    out.append(f"{kind}:paragraph={min(spot.paragraph - m.paragraph, 3)}")
    out.append(f"{kind}:order={min(c.order, 4)}")
    out.append(f"{kind}:form={m.form}")
    if m.owner:
        out.append(f"{kind}:owner")
    elif m.subject:
        out.append(f"{kind}:subject")
    else:
        out.append(f"{kind}:object")
    if distance == 0:
        out.append(f"{kind}:same={'s' if m.subject else 'o'}{'p' if m.form == 'pronoun' else ''}")
    if m.quoted:
        out.append(f"{kind}:quoted")
    if m.source and distance < 3:
        out.append(f"{kind}:latest source")
    out.append(f"{kind}:subject at={_near(c.subject)}")
    out.append(f"{kind}:source at={_near(c.source)}")
    out.append(f"{kind}:near={min(c.near, 4)}")
    if spot.last_source is not None and spot.last_source[0] is e:
        out.append(f"{kind}:last source={min(spot.last_source[1], 3)}{'+' if spot.is_source else ''}")
    role = "o" if m.owner else "s" if m.subject else "x"
    out.append(f"{kind}:stands={min(distance, 2)}{role}{min(c.order, 1)}{'q' if spot.after_quote else ''}")
    if spot.opening and c.subject == 1:
        out.append(f"{kind}:opening after subject")
    if c.inside:
        out.append(f"{kind}:inside{'q' if spot.after_quote else ''}")
    if spot.is_source and c.source <= 1:
        out.append(f"{kind}:source again")
    return out


def agreement(kind: str, wanted: str | None, e: Entity) -> Features:
    """How a candidate's sex agrees with the one asked for ("m" or "f")."""
    if wanted is None:
        return []
    return [f"{kind}:gender={'same' if e.gender == wanted else 'unknown'}"]


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
    elif any(words.same(head, role) for role in known):
        met = "head role"
    elif head in e.words:
        met = "head in name"
    else:
        level = 0
        # What the text calls somebody otherwise it rather means by that.
        other = any(role in words.person or role in words.person_gender for role in known)
        met = "head clash" if other or e.head else "head none"
    out = [f"{kind}:{met}", f"{kind}:{noun.determiner or 'none'}{' known' if level else ''}{'' if e.named else '?'}"]
    for m in noun.modifiers:
        if m in known or m in e.words or any(words.same(m, w) for w in (*known, *e.words)):
            level += 1
            continue
        level -= 1
        if m in beside:
            out.append(f"{kind}:place beside")
            level += 2
            continue
        sort = words.places if m in words.places else words.parties if m in words.parties else None
        if sort and any(role in sort for role in known):
            out.append(f"{kind}:modifier clash")
            level -= 2
    return out, level


def fitting(kind: str, level: int, best: int) -> Features:
    """How the level of a candidate compares with the best of all candidates."""
    if best <= 0:
        return [f"{kind}:fit none"]
    return [f"{kind}:fit best={min(best, 5)}" if level == best else f"{kind}:fit less={min(best - level, 4)}"]


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
    return out
