"""Who may be one person: pairs of people with the reasons for it and against. None is joined without a yes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from sayso.ledger import names
from sayso.ledger.schema import claim, event, name, person, person_link, via
from sayso.ledger.words import folded

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two people, by number and name, who may be one; what speaks for it and what against it."""

    one: int
    one_name: str
    other: int
    other_name: str
    reasons: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    person: int
    name: str
    scope: str
    plain: str
    last: str


def suggest(connection: sa.Connection, *, limit: int = 100) -> list[Suggestion]:
    """Pairs for a user to decide on: those with nothing against them first."""
    borne = [
        _Name(row.person_id, row.name, row.scope, " ".join(folded(row.name).replace(".", " ").split()), row.last)
        for row in connection.execute(sa.select(name).order_by(name.c.id))
        if not names.is_description(row.name)
    ]
    reasons: dict[tuple[int, int], list[str]] = defaultdict(list)
    for one, other, reason in (*_same_words(borne), *_surnames(borne), *_initials(borne)):
        pair = (min(one.person, other.person), max(one.person, other.person))
        if pair[0] != pair[1] and reason not in reasons[pair] and len(reasons) <= MOST:
            reasons[pair].append(reason)
    for pair in _told_apart(connection):
        reasons.pop(pair, None)
    shown = dict(connection.execute(sa.select(person.c.id, person.c.name)).all()) if reasons else {}
    against = _against(connection, list(reasons))
    found = [
        Suggestion(one, shown[one], other, shown[other], tuple(why), tuple(against[one, other]))
        for (one, other), why in reasons.items()
        if why
    ]
    return sorted(found, key=lambda s: (len(s.against), -len(s.reasons), s.one, s.other))[:limit]


def _pairs(group: list[_Name]) -> Iterator[tuple[_Name, _Name]]:
    """Each with the first of its group, which is enough: joined ones meet there."""
    return ((group[0], other) for other in group[1:])


def _same_words(borne: list[_Name]) -> Iterator[tuple[_Name, _Name, str]]:
    groups: dict[str, list[_Name]] = defaultdict(list)
    for each in borne:
        groups[each.plain].append(each)
    for group in groups.values():
        for one, other in _pairs(group):
            where = " and ".join(x.scope or "everywhere" for x in (one, other))
            what = (
                "the same name"
                if one.name == other.name
                else f"{one.name!r} and {other.name!r} differ in accents or case"
            )
            yield one, other, f"{what} ({where})"


def _surnames(borne: list[_Name]) -> Iterator[tuple[_Name, _Name, str]]:
    full: dict[str, dict[int, _Name]] = defaultdict(dict)
    for each in borne:
        if each.last:
            full[each.last].setdefault(each.person, each)
    for each in borne:
        bearers = full.get(each.plain, {}) if not each.last else {}
        for bearer in list(bearers.values())[:5]:
            only = "the only one" if len(bearers) == 1 else f"one of {len(bearers)}"
            yield bearer, each, f"{each.name!r} is the last name of {bearer.name!r}, {only} here who bears it"


def _initials(borne: list[_Name]) -> Iterator[tuple[_Name, _Name, str]]:
    groups: dict[tuple[str, str], list[_Name]] = defaultdict(list)
    for each in borne:
        if each.last and each.scope == names.EVERYWHERE:
            groups[each.last, each.plain[:1]].append(each)
    for group in groups.values():
        short = [each for each in group if len(each.plain.split()[0]) == 1]
        long = [each for each in group if len(each.plain.split()[0]) > 1]
        if len({each.person for each in long}) == 1:
            for each in short:
                yield long[0], each, f"{each.name!r} may be short for {long[0].name!r}"


def _told_apart(connection: sa.Connection) -> Iterator[tuple[int, int]]:
    """Pairs of which a user has said that they are not one, or whom a split made two."""
    query = sa.select(event.c.detail).where(event.c.action.in_(("different", "split")), ~event.c.undone)
    for detail in connection.execute(query).scalars():
        value = json.loads(detail)
        yield min(value["person"], value["other"]), max(value["person"], value["other"])


def _against(connection: sa.Connection, pairs: list[tuple[int, int]]) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = {pair: [] for pair in pairs}
    if not pairs:
        return found
    involved = sorted({number for pair in pairs for number in pair})
    links: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in connection.execute(sa.select(person_link)):
        links[row.person_id, row.system].add(row.value)
    inner, outer = name.alias("inner_name"), name.alias("outer_name")
    query = (
        sa.select(inner.c.person_id, outer.c.person_id)
        .join_from(via, claim, claim.c.id == via.c.claim_id)
        .join(inner, inner.c.id == claim.c.name_id)
        .join(outer, outer.c.id == via.c.name_id)
        .where(inner.c.person_id.in_(involved[:500]), outer.c.person_id.in_(involved[:500]))
        .distinct()
    )
    told = {(min(a, b), max(a, b)) for a, b in connection.execute(query)}
    for pair in pairs:
        mine, theirs = links[pair[0], "wikidata"], links[pair[1], "wikidata"]
        if mine and theirs and not mine & theirs:
            found[pair].append(f"Wikidata has them as {', '.join(sorted(mine))} and {', '.join(sorted(theirs))}")
        if pair in told:
            found[pair].append("one of them reports what the other says")
    return found
