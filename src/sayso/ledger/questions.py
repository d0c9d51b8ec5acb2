"""Questions: one wording that can be settled, for many forecasts by many people."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa

from sayso.errors import FieldError, UnknownError
from sayso.ledger import finding
from sayso.ledger.database import next_id
from sayso.ledger.noted import MOVES, note
from sayso.ledger.schema import MOST_INDEXED, answer, claim, question, resolution
from sayso.ledger.words import folded

Side = Literal["asserted", "denied"]
SIDES: tuple[Side, ...] = get_args(Side)
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question: what is asked, by what criteria it is settled, until when; how many forecasts hang on it."""

    row: int
    id: str
    text: str
    criteria: str | None
    deadline: str | None
    topic: str | None
    asked_by: str | None
    asked_at: str
    forecasts: int
    value: str | None
    """The word of the resolution that stands; None while it is open."""


def slug(text: str) -> str:
    """A short id made of a question's first words."""
    return "-".join(_LETTERS.findall(folded(text[:400]))[:6])[:60] or "question"


def new(
    connection: sa.Connection,
    text: str,
    *,
    criteria: str | None = None,
    deadline: str | None = None,
    topic: str | None = None,
    key: str | None = None,
    by: str | None = None,
    now: str,
) -> str:
    """Put a question: its id, which is ``key`` or made of the words."""
    if not text.strip():
        raise FieldError("question", "it has no words", "write what is asked")
    for name, value in (("--id", key), ("--topic", topic)):
        if value is not None and not 1 <= len(value) <= MOST_INDEXED:
            raise FieldError(name, f"it has {len(value)} characters", f"write 1 to {MOST_INDEXED}")
    if deadline is not None:
        try:
            deadline = datetime.date.fromisoformat(deadline).isoformat()
        except ValueError as error:
            raise FieldError("--deadline", f"{deadline[:40]!r} is no day", "write it as 2026-05-31") from error
    base = key or slug(text)
    chosen, number = base, 1
    while connection.execute(sa.select(question.c.id).where(question.c.key == chosen)).scalar() is not None:
        if key is not None:
            raise FieldError("--id", f"there is a question {key!r} already", "choose another id")
        number += 1
        chosen = f"{base}-{number}"
    values: dict[str, Any] = {"key": chosen, "text": text, "criteria": criteria, "deadline": deadline, "topic": topic}
    values |= {"id": next_id(connection, question), "asked_by": by, "asked_at": now}
    connection.execute(sa.insert(question), values)
    return chosen


def attach(connection: sa.Connection, key: str, claim_key: str, *, side: Side = "asserted") -> tuple[str, bool]:
    """Hang a forecast on a question, on its own side: (the claim's id, whether that changed anything).

    A claim answers one question; attaching it anew moves it.
    """
    if side not in SIDES:
        raise FieldError("--side", f"{side!r} is no side", f"use one of {', '.join(SIDES)}")
    asked = find(connection, key)
    found = finding.by_key(connection, claim_key)
    if found.claim.forecast is None and found.claim.kind not in ("prediction", "pledge"):
        raise FieldError(found.claim.id, f"a {found.claim.kind} is no forecast", "attach predictions and pledges")
    old = connection.execute(sa.select(answer).where(answer.c.claim_id == found.root)).one_or_none()
    if old is not None and (old.question_id, old.side) == (asked.row, side):
        return found.claim.id, False
    if old is not None:
        connection.execute(sa.delete(answer).where(answer.c.claim_id == found.root))
    connection.execute(sa.insert(answer), {"claim_id": found.root, "question_id": asked.row, "side": side})
    note(connection, MOVES)
    return found.claim.id, True


def detach(connection: sa.Connection, key: str, claim_key: str) -> str:
    """Take a forecast off a question: the claim's id. Its own resolutions stay.

    Raises FieldError where it does not hang on it.
    """
    asked = find(connection, key)
    found = finding.by_key(connection, claim_key)
    on_it = sa.and_(answer.c.claim_id == found.root, answer.c.question_id == asked.row)
    if connection.execute(sa.delete(answer).where(on_it)).rowcount == 0:
        remedy = f"see which are: sayso question show {asked.id}"
        raise FieldError(found.claim.id, f"it is not attached to {asked.id!r}", remedy)
    note(connection, MOVES)
    return found.claim.id


def _select() -> sa.Select[Any]:
    newest = (
        sa.select(resolution.c.value)
        .where(resolution.c.question_id == question.c.id)
        .order_by(resolution.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    hanging = sa.select(sa.func.count()).where(answer.c.question_id == question.c.id).scalar_subquery()
    return sa.select(question, newest.label("value"), hanging.label("forecasts"))


def _question(row: Any) -> Question:
    return Question(
        row.id,
        row.key,
        row.text,
        row.criteria,
        row.deadline,
        row.topic,
        row.asked_by,
        row.asked_at,
        row.forecasts,
        None if row.value == "open" else row.value,
    )


def find(connection: sa.Connection, key: str) -> Question:
    """The question with this id. Raises UnknownError."""
    row = connection.execute(_select().where(question.c.key == key)).one_or_none()
    if row is None:
        raise UnknownError(key[:80], "no question in this ledger has that id", "see them all: sayso question list")
    return _question(row)


def listing(connection: sa.Connection, *, topic: str | None = None, only_open: bool = False) -> list[Question]:
    """All questions, those with the earliest deadline first."""
    query = _select().order_by(question.c.deadline.is_(None), question.c.deadline, question.c.id)
    if topic is not None:
        query = query.where(question.c.topic == topic)
    found = [_question(row) for row in connection.execute(query)]
    return [q for q in found if q.value is None] if only_open else found


def claims_on(connection: sa.Connection, key: str) -> list[tuple[str, str]]:
    """The forecasts that hang on a question: (id of the claim, side)."""
    query = (
        sa.select(claim.c.key, answer.c.side)
        .join_from(answer, claim, sa.and_(claim.c.root_id == answer.c.claim_id, claim.c.latest))
        .where(answer.c.question_id == find(connection, key).row)
        .order_by(claim.c.id)
    )
    return [(row.key, row.side) for row in connection.execute(query)]
