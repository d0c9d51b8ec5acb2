"""How forecasts came out: resolutions are added, never changed; the newest stands."""

from __future__ import annotations

import datetime
import json
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sayso.errors import AmbiguousError, FieldError, UnknownError
from sayso.ledger import finding, questions
from sayso.ledger.database import next_id
from sayso.ledger.schema import answer, claim, question, resolution

OUTCOMES: dict[str, float | None] = {
    "true": 1.0,
    "false": 0.0,
    "kept": 1.0,
    "broken": 0.0,
    "void": None,
    "unresolvable": None,
    "open": None,
}
"""What each word is worth as an outcome; None is never scored. ``open`` takes back the answer that stood."""
OPEN = "open"
_OF_PLEDGES = ("kept", "broken")


@dataclass(frozen=True, slots=True)
class Resolution:
    """One answer to a claim or a question: by whom, when, on what evidence. ``on`` is the day that it was known."""

    id: int
    target: str
    value: str
    outcome: float | None
    on: str
    by: str | None
    note: str | None
    evidence: tuple[str, ...]
    at: str
    stands: bool


def parse_value(text: str) -> tuple[str, float | None]:
    """A resolution's value as it is kept, and its outcome: a word of ``OUTCOMES`` or a number in 0..1."""
    word = text.strip().casefold()
    if word in OUTCOMES:
        return word, OUTCOMES[word]
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not 0.0 <= number <= 1.0:
        raise FieldError(text[:80], "is no resolution", f"say {', '.join(OUTCOMES)} or a number in 0..1")
    return f"{number:g}", number


def parse_day(text: str, name: str, *, latest: datetime.date | None = None) -> str:
    """A day in ISO 8601; FieldError where it is none, or lies after ``latest``."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise FieldError(name, f"{text[:40]!r} is no day", "write it as 2026-05-31") from error
    if latest is not None and day > latest:
        raise FieldError(name, f"{text} lies in the future", "give the day on which the answer was known")
    return day.isoformat()


def resolve(
    connection: sa.Connection,
    target: str,
    value: str,
    *,
    evidence: Sequence[str] = (),
    note: str | None = None,
    on: str | None = None,
    by: str | None = None,
    token: str | None = None,
    now: datetime.datetime,
) -> Resolution:
    """Add a resolution of a claim or a question, named by its id (``claim:…`` or ``question:…`` where both have it).

    A second call with one ``token`` does nothing but give back what the first did.
    """
    word, outcome = parse_value(value)
    day = parse_day(on, "--on", latest=now.date() + datetime.timedelta(days=1)) if on else now.date().isoformat()
    kind, number, shown = locate(connection, target)
    if kind == "claim":
        _check_fits(connection, number, shown, word, outcome)
    elif word in _OF_PLEDGES:
        raise FieldError(shown, f"a question is not {word}", "say true or false: its pledges are kept or broken by it")
    key = token or uuid.uuid4().hex
    row = connection.execute(sa.select(resolution.c.id).where(resolution.c.token == key)).scalar()
    if row is None:
        row = next_id(connection, resolution)
        connection.execute(
            sa.insert(resolution),
            {
                "id": row,
                "token": key,
                "claim_id": number if kind == "claim" else None,
                "question_id": number if kind == "question" else None,
                "value": word,
                "outcome": outcome,
                "on_day": day,
                "by": by,
                "note": note,
                "evidence": json.dumps(list(evidence)),
                "at": now.isoformat(timespec="seconds"),
            },
        )
    return next(r for r in history(connection, target) if r.id == row)


def _check_fits(connection: sa.Connection, root: int, shown: str, word: str, outcome: float | None) -> None:
    kind = connection.execute(sa.select(claim.c.kind).where(claim.c.root_id == root, claim.c.latest)).scalar_one()
    if kind == "pledge":
        if word in ("true", "false"):
            raise FieldError(shown, f"a pledge is not {word}", "say kept, broken, void or unresolvable")
    elif kind == "prediction":
        if word in _OF_PLEDGES:
            raise FieldError(shown, f"a prediction is not {word}", "say true, false, void, unresolvable or 0..1")
    else:
        raise FieldError(shown, f"a {kind} is no forecast", "only predictions and pledges come true or not")


def locate(connection: sa.Connection, target: str) -> tuple[str, int, str]:
    """What an id names: ("claim", its root, the whole id) or ("question", its row, the id)."""
    prefix, _, rest = target.partition(":")
    if prefix == "claim" and rest:
        found = finding.by_key(connection, rest)
        return "claim", found.root, found.claim.id
    if prefix == "question" and rest:
        return "question", questions.find(connection, rest).row, rest
    asked = connection.execute(sa.select(question.c.id).where(question.c.key == target)).scalar()
    try:
        found = finding.by_key(connection, target)
    except UnknownError as error:
        if asked is None:
            raise UnknownError(
                target[:80],
                "neither a claim nor a question has that id",
                "look it up: sayso claims, sayso question list",
            ) from error
        return "question", int(asked), target
    except AmbiguousError:
        if asked is None:
            raise
        return "question", int(asked), target
    if asked is not None:
        if found.claim.id != target:
            return "question", int(asked), target
        raise AmbiguousError(
            target, "a claim and a question have that id", f"write claim:{target} or question:{target}"
        )
    return "claim", found.root, found.claim.id


def history(connection: sa.Connection, target: str) -> list[Resolution]:
    """All resolutions of a claim or question, the oldest first; of a claim also those of its question."""
    kind, number, shown = locate(connection, target)
    r = resolution.c
    if kind == "question":
        condition: sa.ColumnElement[bool] = r.question_id == number
    else:
        condition = _of_claim(number)
    query = (
        sa.select(resolution, question.c.key.label("asked"))
        .outerjoin(question, question.c.id == r.question_id)
        .where(condition)
        .order_by(r.id)
    )
    rows = connection.execute(query).all()
    return [
        Resolution(
            row.id,
            f"question:{row.asked}" if row.asked is not None else f"claim:{shown}",
            row.value,
            row.outcome,
            row.on_day,
            row.by,
            row.note,
            tuple(json.loads(row.evidence)),
            row.at,
            at == len(rows) - 1,
        )
        for at, row in enumerate(rows)
    ]


def to_json(made: Resolution) -> dict[str, Any]:
    """A resolution as an object of JSON."""
    return {
        "target": made.target,
        "value": made.value,
        "outcome": made.outcome,
        "on": made.on,
        "by": made.by,
        "note": made.note,
        "evidence": list(made.evidence),
        "at": made.at,
        "stands": made.stands,
    }


def _of_claim(root: int) -> sa.ColumnElement[bool]:
    """Whether a resolution is of a claim, by its root, or of its question. Asked apart: for either at once PostgreSQL
    goes through all resolutions.
    """
    r = resolution.c
    own = sa.select(r.id).where(r.claim_id == root)
    shared = sa.select(r.id).join(answer, answer.c.question_id == r.question_id).where(answer.c.claim_id == root)
    return r.id.in_(sa.union_all(own, shared))


def standing(connection: sa.Connection, root: int, kind: str) -> Resolution | None:
    """The resolution of a claim, by its root, that stands, as it is for the claim: a question's by the claim's side."""
    r = resolution.c
    query = (
        sa.select(resolution, answer.c.side, question.c.key.label("asked"))
        .select_from(resolution)
        .outerjoin(answer, sa.and_(answer.c.claim_id == root, answer.c.question_id == r.question_id))
        .outerjoin(question, question.c.id == r.question_id)
        .where(_of_claim(root))
        .order_by(r.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None or row.value == OPEN:
        return None
    value, outcome = row.value, row.outcome
    if row.question_id is not None:
        value, outcome = by_side(value, outcome, denied=row.side == "denied", kind=kind)
    evidence = tuple(json.loads(row.evidence))
    target = f"question:{row.asked}" if row.asked is not None else "claim"
    return Resolution(row.id, target, value, outcome, row.on_day, row.by, row.note, evidence, row.at, True)


def by_side(value: str, outcome: float | None, *, denied: bool, kind: str) -> tuple[str, float | None]:
    """What a question's answer means for a claim that asserted or denied it."""
    if denied and outcome is not None:
        outcome = 1.0 - outcome
        value = {"true": "false", "false": "true"}.get(value, f"{outcome:g}")
    if kind == "pledge":
        value = {"true": "kept", "false": "broken"}.get(value, value)
    return value, outcome
