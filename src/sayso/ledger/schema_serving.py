"""The tables of ``sayso serve``: who may use it, what it has been asked to read, what its users have saved.

They lie in the ledger's database, so that one backup holds everything and several servers may share it. Secrets are
kept as digests alone: passwords by argon2, sessions and tokens, which are random, by SHA-256.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sayso.ledger.schema import AnyText, metadata

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _key() -> sa.Column[int]:
    return sa.Column("id", _NUMBER, primary_key=True, autoincrement=False)


def _account(**options: Any) -> sa.Column[Any]:
    return sa.Column("account_id", _NUMBER, sa.ForeignKey("account.id"), **options)


account = sa.Table(
    "account",
    metadata,
    _key(),
    sa.Column("name", AnyText, nullable=False),
    sa.Column("folded", AnyText, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
)

session = sa.Table(
    "session",
    metadata,
    _key(),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    _account(nullable=False, index=True),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("seen_at", sa.Text, nullable=False),
    sa.Column("ends_at", sa.Text, nullable=False),
    sa.Column("agent", AnyText),
)

token = sa.Table(
    "token",
    metadata,
    _key(),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    _account(nullable=False, index=True),
    sa.Column("name", AnyText, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("used_at", sa.Text),
    sa.Column("ends_at", sa.Text),
)

# Failed tries to sign in, by account and by address, in a window of time that begins with the first.
sign_in = sa.Table(
    "sign_in",
    metadata,
    sa.Column("key", AnyText, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("since", sa.Text, nullable=False),
)

# What has been asked to be read. A process that reads has it until ``lease``, and longer as long as it lives.
job = sa.Table(
    "job",
    metadata,
    _key(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("name", AnyText, nullable=False),
    sa.Column("options", AnyText, nullable=False),
    sa.Column("payload", sa.LargeBinary),
    sa.Column("by", AnyText),
    _account(index=True),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("began_at", sa.Text),
    sa.Column("ended_at", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("worker", sa.Text),
    sa.Column("lease", sa.Float),
    sa.Column("progress", sa.Float, nullable=False),
    sa.Column("result", AnyText),
    sa.Column("problem", AnyText),
    sa.Index("ix_job_state_id", "state", "id"),
)

saved_search = sa.Table(
    "saved_search",
    metadata,
    _key(),
    _account(index=True),
    sa.Column("name", AnyText, nullable=False),
    sa.Column("query", AnyText, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
)

setting = sa.Table(
    "setting",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", AnyText, nullable=False),
)

# Answers to writes that named a key for themselves, so that a repeated one changes nothing.
answered = sa.Table(
    "answered",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("body", AnyText),
    sa.Column("at", sa.Text, nullable=False, index=True),
)

LASTING: tuple[sa.Table, ...] = (account, token, job, saved_search, setting)
"""What a copy of a ledger takes along; sessions, failed tries and remembered answers end with their server."""
