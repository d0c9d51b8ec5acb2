"""Readings that were asked for: stored, queued, done by processes of their own, found again after a restart.

A job is waiting, reading, done, failed or cancelled. A process that reads takes the oldest that waits and holds it by a
lease that it renews while it lives; a job whose lease has run out waits again, and after ``MOST_ATTEMPTS`` has failed.
What was read is kept in the ledger in the transaction that marks the job as done: it is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import sqlalchemy as sa

from sayso.errors import InputError, UnknownError
from sayso.ledger import keeping, schema
from sayso.ledger.database import Database, next_id
from sayso.ledger.schema_serving import job
from sayso.posts import Claim, Thread
from sayso.web.accounts import moment
from sayso.web.problems import Problem

State = Literal["waiting", "reading", "done", "failed", "cancelled"]
Form = Literal["text", "address", "file"]
LEASE = 10.0
"""Seconds for which a process that reads holds a job without saying that it is still there."""
MOST_ATTEMPTS = 2
"""Times that a job is begun; a process that ends without a word the second time has ended because of it."""
MOST_ARTICLES = 20
"""Articles that a job's result names."""
_COLUMNS = [c for c in job.c if c.name != "payload"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is said of an input besides its text; all may be left out. ``yardstick`` as in ``sayso.reading.odds``."""

    title: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None
    yardstick: str = "survey"
    min_confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """A reading: ``name`` is what was given (an address, a file's name, the beginning of a text).

    ``progress`` is 0..1 as far as it is known. Of one that is done ``articles`` are the first threads, by their rows,
    and ``claims``, ``documents`` are how many; ``failures`` names the documents that could not be read. ``problem``
    says why it failed. ``before`` is how many wait before it.
    """

    id: str
    state: State
    form: Form
    name: str
    options: Options
    by: str | None
    account: int | None
    made_at: str
    began_at: str | None
    ended_at: str | None
    attempts: int
    progress: float
    problem: str | None
    articles: tuple[int, ...] = ()
    documents: int = 0
    claims: int = 0
    known: int = 0
    failures: tuple[str, ...] = ()
    before: int = 0

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    def to_json(self) -> dict[str, Any]:
        """The job as an object of JSON; ``account`` is the server's own affair."""
        made = asdict(self)
        del made["account"]
        return made


@dataclass(slots=True)
class Reading:
    """What a process has read for a job: documents, and what could not be read of it."""

    documents: list[tuple[Thread, Sequence[Claim]]] = field(default_factory=list)
    failures: list[InputError] = field(default_factory=list)


# Asking


def submit(
    connection: sa.Connection,
    form: Form,
    name: str,
    payload: bytes,
    options: Options,
    *,
    by: str | None,
    account: int | None,
    most_waiting: int,
    key: str | None = None,
) -> str:
    """Put a reading into the queue: its id. A second call with one ``key`` does nothing. Raises Problem (503)."""
    chosen = key or uuid.uuid4().hex
    if connection.execute(sa.select(job.c.id).where(job.c.key == chosen)).first():
        return chosen
    waiting = sa.select(sa.func.count()).select_from(job).where(job.c.state == "waiting")
    if connection.execute(waiting).scalar_one() >= most_waiting:
        raise Problem(503, f"{most_waiting} readings wait already", "try again later", headers={"Retry-After": "60"})
    values: dict[str, Any] = {"id": next_id(connection, job), "key": chosen, "state": "waiting", "form": form}
    values |= {"name": name[:500], "options": json.dumps(asdict(options)), "payload": payload, "by": by}
    values |= {"account_id": account, "made_at": moment(), "attempts": 0, "progress": 0.0}
    connection.execute(sa.insert(job), values)
    return chosen


def find(connection: sa.Connection, key: str) -> Job:
    """The job with this id. Raises UnknownError."""
    row = connection.execute(sa.select(*_COLUMNS).where(job.c.key == key)).one_or_none()
    if row is None:
        raise UnknownError(key[:80], "there is no such reading", "see the list of readings")
    before = 0
    if row.state == "waiting":
        earlier = sa.select(sa.func.count()).select_from(job).where(job.c.state == "waiting", job.c.id < row.id)
        before = connection.execute(earlier).scalar_one()
    return _job(row, before)


def listing(
    connection: sa.Connection, *, by: int | None = None, state: State | None = None, limit: int = 50, before: int = 0
) -> list[tuple[int, Job]]:
    """Jobs with their numbers, the newest first; of one account where ``by`` is given, numbered below ``before``."""
    query = sa.select(*_COLUMNS).order_by(job.c.id.desc()).limit(limit)
    if by is not None:
        query = query.where(job.c.account_id == by)
    if state is not None:
        query = query.where(job.c.state == state)
    if before:
        query = query.where(job.c.id < before)
    return [(row.id, _job(row)) for row in connection.execute(query)]


def _job(row: Any, before: int = 0) -> Job:
    result = json.loads(row.result) if row.result else {}
    return Job(
        row.key,
        row.state,
        row.form,
        row.name,
        Options(**json.loads(row.options)),
        row.by,
        row.account_id,
        row.made_at,
        row.began_at,
        row.ended_at,
        row.attempts,
        row.progress,
        row.problem,
        tuple(result.get("articles", ())),
        result.get("documents", 0),
        result.get("claims", 0),
        result.get("known", 0),
        tuple(result.get("failures", ())),
        before,
    )


def cancel(connection: sa.Connection, key: str) -> Job:
    """Give a reading up; one that is under way is not kept. One that has ended stays as it is."""
    find(connection, key)
    still = sa.and_(job.c.key == key, job.c.state.in_(("waiting", "reading")))
    connection.execute(
        sa.update(job).where(still).values(state="cancelled", ended_at=moment(), payload=None, worker=None, lease=None)
    )
    return find(connection, key)


def again(connection: sa.Connection, key: str) -> Job:
    """Let a reading that has failed be tried once more, where its input is still there. Raises Problem (409)."""
    row = connection.execute(sa.select(job.c.state, job.c.payload.is_not(None)).where(job.c.key == key)).one_or_none()
    if row is None:
        raise UnknownError(key[:80], "there is no such reading", "see the list of readings")
    if row[0] != "failed" or not row[1]:
        raise Problem(409, f"this reading is {row[0]}", "ask for it anew")
    values = {"state": "waiting", "attempts": 0, "progress": 0.0, "problem": None, "ended_at": None}
    connection.execute(sa.update(job).where(job.c.key == key).values(values))
    return find(connection, key)


# Doing: called by the processes that read


@dataclass(frozen=True, slots=True)
class Work:
    """A job as the process that has taken it needs it."""

    row: int
    key: str
    form: Form
    name: str
    options: Options
    payload: bytes

    @property
    def digest(self) -> str:
        """What tells this input from another of the same name: the same input read again is the same document."""
        return hashlib.blake2b(self.payload, digest_size=8).hexdigest()


def overdue(connection: sa.Connection) -> int:
    """How many jobs are held by processes that have gone."""
    query = sa.select(sa.func.count()).select_from(job).where(job.c.state == "reading", job.c.lease < time.time())
    return int(connection.execute(query).scalar_one())


def recover(connection: sa.Connection) -> int:
    """Let jobs wait again whose process has gone; fail those that were begun too often. Gives how many there were."""
    gone = connection.execute(
        sa.select(job.c.id, job.c.attempts).where(job.c.state == "reading", job.c.lease < time.time())
    ).all()
    for row in gone:
        abandon(connection, row.id, row.attempts, "the process that read it ended, more than once")
    return len(gone)


def abandon(connection: sa.Connection, number: int, attempts: int, why: str, *, blameless: bool = False) -> None:
    """The process of a job has ended without a word: the job waits again, or has failed.

    ``blameless`` says that the process was told to end, so that the attempt does not count.
    """
    values: dict[str, Any] = {"worker": None, "lease": None, "progress": 0.0}
    if blameless:
        values |= {"state": "waiting", "attempts": attempts - 1}
    elif attempts >= MOST_ATTEMPTS:
        values |= {"state": "failed", "problem": why, "ended_at": moment()}
    else:
        values["state"] = "waiting"
    connection.execute(sa.update(job).where(job.c.id == number, job.c.state == "reading").values(values))


def held_by(connection: sa.Connection, worker: str) -> tuple[int, int] | None:
    """The job that a process holds, and how often it was begun."""
    query = sa.select(job.c.id, job.c.attempts).where(job.c.worker == worker, job.c.state == "reading")
    row = connection.execute(query).first()
    return None if row is None else (row.id, row.attempts)


def waiting(connection: sa.Connection) -> bool:
    """Whether there is something to do; asked often, and without waiting for writers."""
    return connection.execute(sa.select(job.c.id).where(job.c.state == "waiting").limit(1)).first() is not None


def take(connection: sa.Connection, worker: str) -> Work | None:
    """The oldest job that waits, from now on held by ``worker``; None where none waits."""
    row = connection.execute(sa.select(job).where(job.c.state == "waiting").order_by(job.c.id).limit(1)).one_or_none()
    if row is None:
        return None
    values = {"state": "reading", "worker": worker, "lease": time.time() + LEASE, "began_at": moment()}
    connection.execute(sa.update(job).where(job.c.id == row.id).values(**values, attempts=row.attempts + 1))
    return Work(row.id, row.key, row.form, row.name, Options(**json.loads(row.options)), row.payload or b"")


def renew(connection: sa.Connection, work: Work, worker: str, progress: float) -> bool:
    """Hold a job for longer, and say how far it is; False where it is no longer this process's to do."""
    mine = sa.and_(job.c.id == work.row, job.c.worker == worker, job.c.state == "reading")
    values = {"lease": time.time() + LEASE, "progress": round(min(max(progress, 0.0), 1.0), 3)}
    return bool(connection.execute(sa.update(job).where(mine).values(**values)).rowcount)


def finish(database: Database, work: Work, worker: str, reading: Reading) -> bool:
    """Keep what was read and mark the job as done, both or neither; False where it was not this process's to do."""

    def write(connection: sa.Connection) -> bool:
        if not renew(connection, work, worker, 1.0):
            return False
        kept = keeping.keep(connection, reading.documents, moment())
        keys = [schema.mark(of.id) for of, _ in reading.documents[:MOST_ARTICLES]]
        rows = connection.execute(
            sa.select(schema.thread.c.mark, schema.thread.c.id).where(schema.thread.c.mark.in_(keys))
        ).all()
        numbers = {row.mark: row.id for row in rows}
        result = {
            "articles": list(dict.fromkeys(numbers[key] for key in keys)),
            "documents": len(reading.documents),
            "claims": kept.claims,
            "known": kept.known,
            "failures": [str(error)[:500] for error in reading.failures[:MOST_ARTICLES]],
        }
        values: dict[str, Any] = {"state": "done", "result": json.dumps(result), "ended_at": moment(), "payload": None}
        connection.execute(sa.update(job).where(job.c.id == work.row).values(values | {"worker": None, "lease": None}))
        return True

    return database.write(write)


def fail(connection: sa.Connection, work: Work, worker: str, why: str) -> None:
    """Mark a job as failed; its input stays, so that it can be tried again."""
    mine = sa.and_(job.c.id == work.row, job.c.worker == worker, job.c.state == "reading")
    values = {"state": "failed", "problem": why[:1_000], "ended_at": moment(), "worker": None, "lease": None}
    connection.execute(sa.update(job).where(mine).values(values))
