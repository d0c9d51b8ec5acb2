"""People: who bears which names; joined, split, linked, each step with its way back.

Claims point at names and names at people, so that joining two people moves a few names and no claim.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sayso.errors import AmbiguousError, FieldError, UnknownError
from sayso.ledger import names
from sayso.ledger.database import next_id
from sayso.ledger.schema import claim, event, mark, name, person, person_link, thread, via


@dataclass(frozen=True, slots=True)
class Person:
    """A person or body: the number, the name shown, all names with their scopes, ids elsewhere, number of claims."""

    id: int
    name: str
    names: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    claims: int


@dataclass(frozen=True, slots=True)
class Event:
    """What was done to people, when and by whom; ``detail`` holds what it takes to undo it."""

    id: int
    at: str
    by: str | None
    action: str
    detail: dict[str, Any]
    undone: bool


def find(connection: sa.Connection, who: str) -> int:
    """The number of a person, by a name, by ``#number``, or by an external id (``Q7747``, an address).

    A name that holds everywhere goes before the same name in one thread or site. Raises UnknownError, AmbiguousError.
    """
    text = who.strip()
    if text.startswith("#") and text[1:].isdecimal():
        found = connection.execute(sa.select(person.c.id).where(person.c.id == int(text[1:][:18]))).scalar()
        if found is None:
            raise UnknownError(who, "no person has that number", "see them all: sayso people list")
        return int(found)
    rows = connection.execute(
        sa.select(name.c.person_id, name.c.scope).where(name.c.folded == names.fold(text)).distinct()
    ).all()
    everywhere = [row for row in rows if row.scope == names.EVERYWHERE]
    bearers = sorted({row.person_id for row in everywhere or rows})
    if not bearers:
        query = sa.select(person_link.c.person_id).where(person_link.c.value.in_((text, text.upper())))
        bearers = sorted(set(connection.execute(query).scalars()))
    if not bearers:
        near = _near(connection, text)
        hint = f"did you mean {near}?" if near else "see them all: sayso people list"
        raise UnknownError(who[:80], "nobody in this ledger has that name", hint)
    if len(bearers) > 1:
        which = ", ".join(f"#{number}" for number in bearers[:8]) + (", …" if len(bearers) > 8 else "")
        raise AmbiguousError(who[:80], f"{len(bearers)} people go by that name: {which}", "use the number with its #")
    return int(bearers[0])


def _near(connection: sa.Connection, text: str) -> str | None:
    """Names like one that nobody has: with its surname, with it in them, or with the surname nearest to its in spelling
    of those with the same first two letters."""
    folded = names.fold(text)
    last = names.last_word(text) or folded
    some = sa.select(name.c.name).order_by(name.c.id)
    found = connection.execute(some.where(sa.or_(name.c.last == last, name.c.folded == last)).limit(3)).scalars().all()
    if not found and len(folded) > 2:
        found = connection.execute(some.where(name.c.folded.contains(folded, autoescape=True)).limit(3)).scalars().all()
    if not found and len(last) > 3:
        surnames = sa.select(name.c.last).where(name.c.last.startswith(last[:2], autoescape=True)).distinct()
        alike = difflib.get_close_matches(last, connection.execute(surnames).scalars(), n=1)
        found = connection.execute(some.where(name.c.last.in_(alike)).limit(3)).scalars().all()
    return " or ".join(dict.fromkeys(found)) or None


def names_of(connection: sa.Connection, number: int) -> list[int]:
    """The rows of the names that a person bears."""
    return list(connection.execute(sa.select(name.c.id).where(name.c.person_id == number)).scalars())


def show(connection: sa.Connection, number: int) -> Person:
    """All that is known of a person."""
    row = connection.execute(sa.select(person).where(person.c.id == number)).one()
    borne = connection.execute(
        sa.select(name.c.name, name.c.scope).where(name.c.person_id == number).order_by(name.c.id)
    )
    links = connection.execute(
        sa.select(person_link.c.system, person_link.c.value)
        .where(person_link.c.person_id == number)
        .order_by(person_link.c.id)
    )
    count = connection.execute(
        sa.select(sa.func.count())
        .select_from(claim)
        .where(claim.c.name_id.in_(names_of(connection, number)), claim.c.latest)
    ).scalar_one()
    return Person(
        number, row.name, tuple((n.name, n.scope) for n in borne), tuple((r.system, r.value) for r in links), count
    )


def listing(
    connection: sa.Connection, *, text: str | None = None, limit: int | None = None
) -> list[tuple[int, str, int]]:
    """People as (number, name, claims), those with most claims first; ``text`` is part of a name."""
    theirs: list[sa.ColumnElement[bool]] = []
    if text:
        bearers = sa.select(name.c.person_id).where(name.c.folded.contains(names.fold(text), autoescape=True))
        theirs = [name.c.person_id.in_(bearers)]
    counted = counts({"claims": sa.func.count()}, theirs, few=bool(text))
    claims = counted.selected_columns.claims
    most = counted.order_by(claims.desc(), name.c.person_id).limit(limit).subquery()
    query = (
        sa.select(person.c.id, person.c.name, most.c.claims)
        .join_from(person, most, most.c.person_id == person.c.id)
        .order_by(most.c.claims.desc(), person.c.id)
    )
    return [(row[0], row[1], int(row[2])) for row in connection.execute(query)]


def counts(
    what: Mapping[str, sa.ColumnElement[int]], theirs: Sequence[sa.ColumnElement[bool]], *, few: bool
) -> sa.Select[Any]:
    """Counts of the claims of people, with their numbers (``person_id``); ``theirs`` are conditions on names.

    They are made by name first, out of an index alone: to join a million claims with their people takes five times as
    long. Where they are not of a ``few`` people, it is sooner done for everybody.
    """
    by_name = sa.select(claim.c.name_id, *(each.label(label) for label, each in what.items())).where(claim.c.latest)
    if few:
        by_name = by_name.where(claim.c.name_id.in_(sa.select(name.c.id).where(*theirs)))
    counted = by_name.group_by(claim.c.name_id).subquery()
    sums = (sa.func.coalesce(sa.func.sum(counted.c[label]), 0).label(label) for label in what)
    every = sa.select(name.c.person_id, *sums).join_from(name, counted, counted.c.name_id == name.c.id, isouter=True)
    return every.where(*theirs).group_by(name.c.person_id)


# Changes: each writes an event that says how to take it back


def _record(connection: sa.Connection, now: str, by: str | None, action: str, detail: dict[str, Any]) -> int:
    number = next_id(connection, event)
    values = {"id": number, "at": now, "by": by, "action": action, "detail": json.dumps(detail), "undone": False}
    connection.execute(sa.insert(event), values)
    return number


def _move(connection: sa.Connection, rows: Sequence[int], to: int) -> None:
    connection.execute(sa.update(name).where(name.c.id.in_(list(rows))).values(person_id=to))


def alias(connection: sa.Connection, number: int, other: str, *, now: str, by: str | None = None) -> int:
    """Give a person another name that holds everywhere: the event's number."""
    folded = names.fold(other)
    if not folded:
        raise FieldError("--as", "the name is empty")
    bearer = connection.execute(
        sa.select(name.c.person_id).where(name.c.folded == folded, name.c.scope == names.EVERYWHERE)
    ).scalar()
    if bearer == number:
        raise FieldError(other[:80], f"#{number} goes by that name already")
    if bearer is not None:
        raise FieldError(
            other[:80], f"is the name of #{bearer}", f"if they are one: sayso people merge '#{number}' '#{bearer}'"
        )
    row = next_id(connection, name)
    values = {"id": row, "name": other, "folded": folded, "last": names.last_word(other), "scope": names.EVERYWHERE}
    connection.execute(sa.insert(name), values | {"person_id": number})
    return _record(connection, now, by, "alias", {"person": number, "name": row, "text": other})


def merge(connection: sa.Connection, keep: int, other: int, *, now: str, by: str | None = None) -> int:
    """Make two people one, under the name of the first: the event's number."""
    if keep == other:
        raise FieldError(f"#{keep}", "is one person already")
    moved = names_of(connection, other)
    links = list(connection.execute(sa.select(person_link.c.id).where(person_link.c.person_id == other)).scalars())
    _move(connection, moved, keep)
    connection.execute(sa.update(person_link).where(person_link.c.person_id == other).values(person_id=keep))
    detail = {"person": keep, "other": other, "names": moved, "links": links}
    return _record(connection, now, by, "merge", detail)


def split(
    connection: sa.Connection,
    number: int,
    *,
    name_text: str | None = None,
    thread_key: str | None = None,
    now: str,
    by: str | None = None,
) -> tuple[int, int]:
    """Make one person two: (the new person's number, the event's number).

    Either a name goes (``name_text``), or all that the person says in one thread (``thread_key``), in which the
    person's names then mean somebody else.
    """
    if (name_text is None) == (thread_key is None):
        raise FieldError("split", "it takes a name or a thread", "say --name NAME or --thread ID")
    shown = connection.execute(sa.select(person.c.name).where(person.c.id == number)).scalar_one()
    borne = connection.execute(sa.select(name).where(name.c.person_id == number).order_by(name.c.id)).all()
    new = next_id(connection, person)
    if name_text is not None:
        going = [row for row in borne if row.folded == names.fold(name_text)]
        if not going:
            raise UnknownError(name_text[:80], f"#{number} has no such name", f"see: sayso people show '#{number}'")
        if len(going) == len(borne):
            raise FieldError(name_text[:80], f"is the only name of #{number}", "split by --thread instead")
        connection.execute(sa.insert(person), {"id": new, "name": going[0].name, "kept_at": now})
        _move(connection, [row.id for row in going], new)
        detail: dict[str, Any] = {"person": number, "other": new, "names": [row.id for row in going]}
    else:
        assert thread_key is not None
        of = connection.execute(sa.select(thread.c.id).where(thread.c.mark == mark(thread_key))).scalar()
        if of is None:
            raise UnknownError(thread_key[:80], "no thread in this ledger has that id")
        connection.execute(sa.insert(person), {"id": new, "name": shown, "kept_at": now})
        moved = [_scoped(connection, row, of, names.thread_scope(thread_key), new) for row in borne]
        moved = [m for m in moved if m["claims"] or m["vias"] or m["was"] is not None]
        if not moved:
            raise FieldError(thread_key[:80], f"#{number} says nothing in that thread")
        detail = {"person": number, "other": new, "scoped": moved}
    return new, _record(connection, now, by, "split", detail)


def _scoped(connection: sa.Connection, row: Any, thread_id: int, scope: str, new: int) -> dict[str, Any]:
    """Let a name mean person ``new`` in one thread, with the claims it has there."""
    if row.scope == scope:
        _move(connection, [row.id], new)
        return {"from": row.id, "to": row.id, "was": row.person_id, "claims": [], "vias": []}
    here = sa.select(claim.c.id).where(claim.c.thread_id == thread_id)
    claims = list(connection.execute(here.where(claim.c.name_id == row.id)).scalars())
    outer = connection.execute(
        sa.select(via.c.claim_id, via.c.place).where(via.c.name_id == row.id, via.c.claim_id.in_(here))
    ).all()
    target = row.id
    if claims or outer:
        target = next_id(connection, name)
        values = {"id": target, "name": row.name, "folded": row.folded, "last": row.last, "scope": scope}
        connection.execute(sa.insert(name), values | {"person_id": new})
        connection.execute(
            sa.update(claim).where(claim.c.thread_id == thread_id, claim.c.name_id == row.id).values(name_id=target)
        )
        connection.execute(
            sa.update(via).where(via.c.name_id == row.id, via.c.claim_id.in_(here)).values(name_id=target)
        )
    return {"from": row.id, "to": target, "was": None, "claims": claims, "vias": [list(pair) for pair in outer]}


def link(connection: sa.Connection, number: int, value: str, *, now: str, by: str | None = None) -> int:
    """Say who a person is elsewhere: a Wikidata QID or an http(s) address."""
    text = value.strip()
    if text[:1] in "Qq" and text[1:].isdecimal():
        system, text = "wikidata", text.upper()
    elif text.startswith(("http://", "https://")) and len(text) <= 1_000:
        system = "url"
    else:
        raise FieldError(value[:80], "is neither a Wikidata id nor an address", "write Q7747 or https://…")
    bearer = connection.execute(
        sa.select(person_link.c.person_id).where(person_link.c.system == system, person_link.c.value == text)
    ).scalar()
    if bearer is not None:
        remedy = "" if bearer == number else f"if they are one: sayso people merge '#{number}' '#{bearer}'"
        raise FieldError(text[:80], f"is linked with #{bearer} already", remedy)
    row = next_id(connection, person_link)
    connection.execute(sa.insert(person_link), {"id": row, "person_id": number, "system": system, "value": text})
    return _record(connection, now, by, "link", {"person": number, "link": row, "value": text})


def different(connection: sa.Connection, one: int, other: int, *, now: str, by: str | None = None) -> int:
    """Say that two people are not one, so that it is not suggested again."""
    if one == other:
        raise FieldError(f"#{one}", "cannot differ from itself")
    return _record(connection, now, by, "different", {"person": min(one, other), "other": max(one, other)})


def history(connection: sa.Connection, number: int | None = None) -> list[Event]:
    """What was done to people, the oldest first; of one person where a number is given."""
    rows = connection.execute(sa.select(event).order_by(event.c.id))
    found = [Event(r.id, r.at, r.by, r.action, json.loads(r.detail), r.undone) for r in rows]
    return [e for e in found if number is None or number in (e.detail.get("person"), e.detail.get("other"))]


def undo(connection: sa.Connection, event_id: int, *, now: str, by: str | None = None) -> int:
    """Take back what an event did; events that came after it and touched the same people must be undone first."""
    row = connection.execute(sa.select(event).where(event.c.id == event_id)).one_or_none()
    if row is None:
        raise UnknownError(str(event_id), "no such step", "see: sayso people history")
    if row.undone or row.action == "undo":
        raise FieldError(str(event_id), "was undone already" if row.undone else "is itself an undoing")
    detail = json.loads(row.detail)
    touched = {detail.get("person"), detail.get("other")} - {None}
    for later in history(connection):
        theirs = {later.detail.get("person"), later.detail.get("other")}
        if later.id > event_id and not later.undone and later.action not in ("undo", "different") and theirs & touched:
            raise FieldError(
                str(event_id), f"step {later.id} builds on it", f"undo that first: sayso people undo {later.id}"
            )
    _take_back(connection, row.action, detail)
    connection.execute(sa.update(event).where(event.c.id == event_id).values(undone=True))
    return _record(
        connection, now, by, "undo", {"event": event_id, **{k: detail[k] for k in ("person", "other") if k in detail}}
    )


def _take_back(connection: sa.Connection, action: str, detail: dict[str, Any]) -> None:
    if action == "alias":
        # A name that claims have come to bear since stays, as that of a person of its own.
        used = sa.select(claim.c.id).where(claim.c.name_id == detail["name"]).limit(1)
        if (
            connection.execute(used).first()
            or connection.execute(sa.select(via.c.claim_id).where(via.c.name_id == detail["name"]).limit(1)).first()
        ):
            raise FieldError(detail["text"][:80], "claims bear that name by now", "use: sayso people split --name")
        connection.execute(sa.delete(name).where(name.c.id == detail["name"]))
    elif action == "merge":
        _move(connection, detail["names"], detail["other"])
        connection.execute(
            sa.update(person_link).where(person_link.c.id.in_(detail["links"])).values(person_id=detail["other"])
        )
    elif action == "split":
        _move(connection, detail.get("names", []), detail["person"])
        for moved in detail.get("scoped", []):
            # The name keeps its scope, so that what was kept meanwhile comes back as well.
            _move(connection, [moved["to"]], detail["person"])
    elif action == "link":
        connection.execute(sa.delete(person_link).where(person_link.c.id == detail["link"]))
