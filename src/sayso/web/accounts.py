"""Accounts, and the sessions and tokens that belong to them. Functions of a database; secrets are kept as digests.

Passwords are hashed with argon2id (RFC 9106's second recommendation, the library's default). Sessions and tokens are
random, so that a plain SHA-256 of them is enough and is quickly looked up.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, get_args

import sqlalchemy as sa

from sayso.errors import FieldError, UnknownError
from sayso.ledger.database import next_id
from sayso.ledger.names import fold
from sayso.ledger.schema_serving import account, job, saved_search, session, sign_in, token
from sayso.web.problems import Problem
from sayso.web.rules import Role, Scope

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 1_000
"""Characters of a password."""
TRIES, WINDOW = 8, 15 * 60
"""Failed tries to sign in to one account, or from one address, that are let pass in so many seconds."""
TRIES_FROM = 30
SEEN = 10 * 60
"""Seconds after which it is noted again that a session or token was used."""
PREFIX = "sayso_"
"""What every token begins with, so that leaked ones can be looked for."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    id: int
    name: str
    role: Role
    made_at: str


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that has signed in."""

    id: int
    account: int
    made_at: str
    seen_at: str
    ends_at: str
    agent: str | None


@dataclass(frozen=True, slots=True)
class Token:
    """What a program proves itself with; ``secret`` is told once, when it is made."""

    id: int
    account: int
    name: str
    scope: Scope
    made_at: str
    used_at: str | None
    ends_at: str | None
    secret: str | None = None


def moment(at: datetime.datetime | None = None) -> str:
    """A moment in UTC, to the second; now unless told."""
    return (at or datetime.datetime.now(datetime.UTC)).isoformat(timespec="seconds")


def _later(seconds: float) -> str:
    return moment(datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """What the password of an account that is not there is compared with, so that it takes as long."""
    return _hasher().hash(secrets.token_urlsafe(16))


# Accounts


def any_account(connection: sa.Connection) -> bool:
    """Whether there is an account at all."""
    return connection.execute(sa.select(account.c.id).limit(1)).first() is not None


def accounts(connection: sa.Connection) -> list[Account]:
    """All accounts by name."""
    return [_account(row) for row in connection.execute(sa.select(account).order_by(account.c.folded))]


def _account(row: sa.Row[tuple[object, ...]]) -> Account:
    return Account(row.id, row.name, row.role, row.made_at)


def account_named(connection: sa.Connection, name: str) -> Account:
    """The account of that name. Raises UnknownError."""
    row = connection.execute(sa.select(account).where(account.c.folded == fold(name))).one_or_none()
    if row is None:
        raise UnknownError(name[:80], "there is no account of that name", "see: sayso account list")
    return _account(row)


def hashed(password: str) -> str:
    """A password as it is kept; takes a tenth of a second. Raises FieldError for one that is too short or long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise FieldError("password", f"it has {len(password)} characters", f"choose one of {SHORTEST} to {LONGEST}")
    return _hasher().hash(password)


def add(connection: sa.Connection, name: str, role: Role, password_hash: str) -> Account:
    """Make an account. Raises FieldError."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise FieldError("name", "it has to have 1 to 100 characters that can be seen", "choose another")
    _check_role(role)
    if connection.execute(sa.select(account.c.id).where(account.c.folded == fold(name))).first():
        raise FieldError(name, "there is an account of that name already", "choose another name")
    values = {"id": next_id(connection, account), "name": name, "folded": fold(name), "role": role}
    connection.execute(sa.insert(account), values | {"password": password_hash, "made_at": moment()})
    return account_named(connection, name)


def _check_role(role: Role) -> None:
    if role not in get_args(Role)[1:]:
        raise FieldError("role", f"{str(role)[:40]!r} is none", f"use one of {', '.join(get_args(Role)[1:])}")


def remove(connection: sa.Connection, name: str) -> None:
    """Take an account away with its sessions, tokens and saved searches; what it has done keeps its name."""
    found = account_named(connection, name)
    _leave_an_admin(connection, found)
    for table in (session, token, saved_search):
        connection.execute(sa.delete(table).where(table.c.account_id == found.id))
    connection.execute(sa.update(job).where(job.c.account_id == found.id).values(account_id=None))
    connection.execute(sa.delete(account).where(account.c.id == found.id))


def set_role(connection: sa.Connection, name: str, role: Role) -> None:
    """Give an account another role; it holds from the next request on."""
    _check_role(role)
    found = account_named(connection, name)
    if role != "admin":
        _leave_an_admin(connection, found)
    connection.execute(sa.update(account).where(account.c.id == found.id).values(role=role))


def _leave_an_admin(connection: sa.Connection, found: Account) -> None:
    others = sa.select(account.c.id).where(account.c.id != found.id)
    if found.role != "admin" or connection.execute(others.where(account.c.role == "admin").limit(1)).first():
        return
    if connection.execute(others.limit(1)).first():
        raise FieldError(found.name, "is the only admin", "make somebody else admin first")


def set_password(connection: sa.Connection, name: str, password_hash: str, *, keep: int | None = None) -> None:
    """Give an account another password; its sessions end, but for the one with the row ``keep``."""
    found = account_named(connection, name)
    connection.execute(sa.update(account).where(account.c.id == found.id).values(password=password_hash))
    ending = sa.delete(session).where(session.c.account_id == found.id)
    connection.execute(ending if keep is None else ending.where(session.c.id != keep))


# Signing in


def _keys(name: str, address: str) -> tuple[tuple[str, int], ...]:
    # Kept as digests: what is typed into a field for names may be a password.
    return ((_digest(f"name {fold(name)}"), TRIES), (_digest(f"from {address}"), TRIES_FROM))


def check_tries(connection: sa.Connection, name: str, address: str) -> None:
    """Raise a Problem (429) where there were too many failed tries for this account or from this address."""
    for key, most in _keys(name, address):
        row = connection.execute(sa.select(sign_in).where(sign_in.c.key == key)).one_or_none()
        if row is not None and row.failures >= most and row.since > _later(-WINDOW):
            raise Problem(
                429, "too many tries to sign in failed", "wait a quarter of an hour", headers={"Retry-After": "900"}
            )


def note_failure(connection: sa.Connection, name: str, address: str) -> None:
    """Count a failed try."""
    connection.execute(sa.delete(sign_in).where(sign_in.c.since <= _later(-WINDOW)))
    for key, _ in _keys(name, address):
        row = connection.execute(sa.select(sign_in).where(sign_in.c.key == key)).one_or_none()
        if row is None:
            connection.execute(sa.insert(sign_in), {"key": key, "failures": 1, "since": moment()})
        else:
            connection.execute(sa.update(sign_in).where(sign_in.c.key == key).values(failures=row.failures + 1))


def forget_failures(connection: sa.Connection, name: str) -> None:
    """After a success: the account's tries are forgotten, those of the address are not."""
    (key, _), _ = _keys(name, "")
    connection.execute(sa.delete(sign_in).where(sign_in.c.key == key))


def password_of(connection: sa.Connection, name: str) -> tuple[Account | None, str]:
    """The account of that name and the hash that a password is to fit; of nobody's where there is none."""
    row = connection.execute(sa.select(account).where(account.c.folded == fold(name))).one_or_none()
    return (None, _nobodys_hash()) if row is None else (_account(row), row.password)


def fits(password_hash: str, password: str) -> bool:
    """Whether the password is the one that was hashed."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(password_hash, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False


def open_session(connection: sa.Connection, account_id: int, *, days: int, agent: str | None) -> str:
    """Begin a session: what its cookie is to hold."""
    secret = secrets.token_urlsafe(32)
    connection.execute(sa.delete(session).where(session.c.ends_at < moment()))
    values = {"id": next_id(connection, session), "digest": _digest(secret), "account_id": account_id}
    values |= {"made_at": moment(), "seen_at": moment(), "ends_at": _later(days * 86_400), "agent": (agent or "")[:200]}
    connection.execute(sa.insert(session), values)
    return secret


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a session's cookie or a token belongs to; ``stale`` says that its use is to be noted again."""

    account: Account
    row: int
    scope: Scope | None
    stale: bool


def by_session(connection: sa.Connection, secret: str) -> Bearer | None:
    """Whose session a cookie is of; None where it has ended or never was."""
    query = (
        sa.select(account, session.c.id.label("row"), session.c.seen_at)
        .join(session, session.c.account_id == account.c.id)
        .where(session.c.digest == _digest(secret), session.c.ends_at > moment())
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Bearer(_account(row), row.row, None, row.seen_at < _later(-SEEN))


def by_token(connection: sa.Connection, secret: str) -> Bearer | None:
    """Whose a token is; None where it has ended, was revoked or never was."""
    query = (
        sa.select(account, token.c.id.label("row"), token.c.scope, token.c.used_at)
        .join(token, token.c.account_id == account.c.id)
        .where(token.c.digest == _digest(secret), sa.or_(token.c.ends_at.is_(None), token.c.ends_at > moment()))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Bearer(_account(row), row.row, row.scope, (row.used_at or "") < _later(-SEEN))


def note_use(connection: sa.Connection, bearer: Bearer) -> None:
    """Note that a session or token was used just now."""
    if bearer.scope is None:
        connection.execute(sa.update(session).where(session.c.id == bearer.row).values(seen_at=moment()))
    else:
        connection.execute(sa.update(token).where(token.c.id == bearer.row).values(used_at=moment()))


def sessions(connection: sa.Connection, account_id: int | None = None) -> list[Session]:
    """The sessions that have not ended, the last used first; of one account where it is given."""
    query = sa.select(session).where(session.c.ends_at > moment()).order_by(session.c.seen_at.desc(), session.c.id)
    if account_id is not None:
        query = query.where(session.c.account_id == account_id)
    rows = connection.execute(query)
    return [Session(r.id, r.account_id, r.made_at, r.seen_at, r.ends_at, r.agent or None) for r in rows]


def end_session(connection: sa.Connection, number: int, account_id: int | None = None) -> None:
    """End a session; only one of the account's where that is given. Raises UnknownError."""
    _end(connection, session, number, account_id, "session")


# Tokens


def add_token(connection: sa.Connection, account_id: int, name: str, scope: Scope, *, days: int | None = None) -> Token:
    """Make a token; only what this returns holds its secret."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 100:
        raise FieldError("name", "it has to have 1 to 100 characters", "say what the token is for")
    if scope not in get_args(Scope):
        raise FieldError("scope", f"{str(scope)[:40]!r} is none", f"use one of {', '.join(get_args(Scope))}")
    if days is not None and not 1 <= days <= 3_650:
        raise FieldError("days", f"{days} is not in 1..3650", "leave it out for a token without an end")
    secret = PREFIX + secrets.token_urlsafe(32)
    number = next_id(connection, token)
    values = {"id": number, "digest": _digest(secret), "account_id": account_id, "name": name, "scope": scope}
    values |= {"made_at": moment(), "ends_at": _later(days * 86_400) if days else None}
    connection.execute(sa.insert(token), values)
    return Token(number, account_id, name, scope, str(values["made_at"]), None, values["ends_at"], secret)  # type: ignore[arg-type]


def tokens(connection: sa.Connection, account_id: int | None = None) -> list[Token]:
    """The tokens, without their secrets; of one account where it is given."""
    query = sa.select(token).order_by(token.c.id)
    if account_id is not None:
        query = query.where(token.c.account_id == account_id)
    rows = connection.execute(query)
    return [Token(r.id, r.account_id, r.name, r.scope, r.made_at, r.used_at, r.ends_at) for r in rows]


def end_token(connection: sa.Connection, number: int, account_id: int | None = None) -> None:
    """Revoke a token; only one of the account's where that is given. Raises UnknownError."""
    _end(connection, token, number, account_id, "token")


def _end(connection: sa.Connection, table: sa.Table, number: int, account_id: int | None, what: str) -> None:
    ending = sa.delete(table).where(table.c.id == number)
    if account_id is not None:
        ending = ending.where(table.c.account_id == account_id)
    if not connection.execute(ending).rowcount:
        raise UnknownError(str(number), f"there is no such {what}", f"see the list of {what}s")
