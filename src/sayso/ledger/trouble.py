"""What databases say when something is wrong, put as Sayso's errors with what to do about it."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

from sayso.errors import (
    DamagedLedger,
    ForeignLedger,
    FullLedger,
    LedgerError,
    LockedLedger,
    ReadOnlyLedger,
    UnreachableLedger,
)

DAMAGED = "keep the file, and restore a backup: sayso ledger restore BACKUP --ledger NEWFILE"
_SERVER = "check that the server runs and that host, port, user and database of the URL are right"


def locked(ledger: str) -> LockedLedger:
    """Another process writes, and goes on writing."""
    return LockedLedger(ledger, "another process is writing to it", "try again when that one is done")


def full(ledger: str) -> FullLedger:
    """No room to write."""
    return FullLedger(
        ledger, "there is no room left to write", "free some disk space and run the command again; nothing kept is lost"
    )


def foreign(ledger: str, why: str) -> ForeignLedger:
    """Something else is there."""
    return ForeignLedger(ledger, why, "name another file or database with --ledger or SAYSO_LEDGER")


def damaged(ledger: str, why: str) -> DamagedLedger:
    """The database cannot be read, or does not agree with itself."""
    return DamagedLedger(ledger, why, DAMAGED)


def read_only(ledger: str) -> ReadOnlyLedger:
    """Reading is allowed, writing is not."""
    return ReadOnlyLedger(
        ledger, "may be read but not written to", "get leave to write to it and to its folder, or name another ledger"
    )


def _sqlite(ledger: str, error: sqlite3.Error) -> LedgerError | None:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return locked(ledger)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return read_only(ledger)
    if code == sqlite3.SQLITE_FULL:
        return full(ledger)
    if code == sqlite3.SQLITE_CORRUPT:
        return damaged(ledger, f"the file is damaged ({error})")
    if code == sqlite3.SQLITE_NOTADB:
        return foreign(ledger, "is not a SQLite file, or its beginning is damaged")
    if code == sqlite3.SQLITE_IOERR:
        # A file that has reached the size allowed to it (ulimit, quota) is told so: "disk I/O error".
        return FullLedger(
            ledger,
            f"the disk did not take or give what was asked ({error})",
            "look whether the disk is full, a quota or a limit on file size is reached, or the disk fails",
        )
    if code == sqlite3.SQLITE_CANTOPEN:
        return UnreachableLedger(
            ledger, "the file cannot be opened", "check the path, and the permissions of the file and its folder"
        )
    return None


def _postgres(ledger: str, error: BaseException) -> LedgerError | None:
    state = getattr(error, "sqlstate", None) or ""
    if state == "55P03":
        return locked(ledger)
    if state in ("25006", "42501"):
        return read_only(ledger)
    if state.startswith("53"):
        return (
            full(ledger) if state == "53100" else UnreachableLedger(ledger, f"the server is short of means ({error})")
        )
    if state.startswith("XX"):
        return damaged(ledger, f"the server says: {_line(error)}")
    if state == "3D000":
        return UnreachableLedger(ledger, "there is no such database", "make it first: createdb NAME")
    if state.startswith(("28", "08", "57P")) or not state:
        return UnreachableLedger(ledger, f"the server cannot be reached ({_line(error)})", _SERVER)
    return None


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def translated(ledger: str, error: sa.exc.SQLAlchemyError) -> LedgerError | None:
    """The error in Sayso's terms; None where it is one of the program itself."""
    if isinstance(error, sa.exc.TimeoutError):
        return locked(ledger)
    origin = getattr(error, "orig", None)
    if isinstance(origin, sqlite3.Error):
        return _sqlite(ledger, origin)
    if origin is not None and isinstance(
        error, sa.exc.OperationalError | sa.exc.InternalError | sa.exc.ProgrammingError
    ):
        return _postgres(ledger, origin)
    return None


def is_passing(error: sa.exc.SQLAlchemyError) -> bool:
    """Whether trying again may help: the server went away, or two transactions were in each other's way."""
    origin = getattr(error, "orig", None)
    if origin is None or isinstance(origin, sqlite3.Error):
        return False
    state = getattr(origin, "sqlstate", None) or ""
    return (
        bool(getattr(error, "connection_invalidated", False))
        or state.startswith(("08", "57P", "40"))
        or (not state and isinstance(error, sa.exc.OperationalError))
    )
