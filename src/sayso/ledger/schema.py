"""The tables, the same on SQLite and PostgreSQL.

Days are ISO 8601 text, moments ISO 8601 text in UTC. Texts pass through ``AnyText``, so that whatever a stranger's
page held comes back as it was. Nothing that can be computed is stored: no score, no state of a forecast.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""The migrations, the first first; the last is what this Sayso reads and writes."""

APPLICATION_ID = 0x53617973
"""What stands in the header of a ledger's SQLite file: "Says"."""

FORMAT = "sayso ledger"

_ESCAPE = "\uf8ff"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff\uf8ff]")
_ESCAPED = re.compile("\uf8ff([0-9a-f]{4})")


def storable(text: str) -> str:
    """The text without what a database cannot hold (NUL, half characters), written as U+F8FF and four digits."""
    if not _UNSTORABLE.search(text):
        return text
    return _UNSTORABLE.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", text)


def stored(text: str) -> str:
    """What ``storable`` was given."""
    if _ESCAPE not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


MOST_INDEXED = 200


def mark(text: str) -> str:
    """What stands for a text in an index, which takes no long ones: the text, or its beginning and its digest."""
    if len(text) <= MOST_INDEXED:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[: MOST_INDEXED - 72]}…{digest}"


class AnyText(TypeDecorator[str]):
    """Text of any characters and length."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else storable(value)

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else stored(value)


def _key() -> sa.Column[int]:
    # The application numbers the rows, under the one lock that all writers take: see ``engine.Engine.write``.
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False)


def _to(table: str, name: str | None = None, **options: Any) -> sa.Column[Any]:
    kind = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column(name or f"{table}_id", kind, sa.ForeignKey(f"{table}.id"), **options)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

about = sa.Table(
    "about",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

thread = sa.Table(
    "thread",
    metadata,
    _key(),
    sa.Column("key", AnyText, nullable=False),
    sa.Column("mark", AnyText, nullable=False, unique=True),
    sa.Column("url", AnyText),
    sa.Column("title", AnyText),
    sa.Column("site", AnyText),
    sa.Column("site_folded", AnyText, index=True),
    sa.Column("published", AnyText),
    sa.Column("language", AnyText),
    sa.Column("kept_at", sa.Text, nullable=False),
)

# A post whose text has changed is a new row with the next version; ``current`` marks the newest.
post = sa.Table(
    "post",
    metadata,
    _key(),
    _to("thread", nullable=False),
    sa.Column("key", AnyText, nullable=False),
    sa.Column("mark", AnyText, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("parent", AnyText),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("author", AnyText),
    sa.Column("posted", AnyText),
    sa.Column("language", AnyText),
    sa.Column("quotes", sa.Text),
    # Null where only claims of the post are known, as after an import.
    sa.Column("text", AnyText),
    sa.Column("digest", sa.Text),
    sa.Column("kept_at", sa.Text, nullable=False),
    sa.UniqueConstraint("thread_id", "mark", "version"),
)

person = sa.Table(
    "person",
    metadata,
    _key(),
    sa.Column("name", AnyText, nullable=False),
    sa.Column("kept_at", sa.Text, nullable=False),
)

# A name as documents give it, folded, within its scope: everywhere (""), on one site, or in one thread.
name = sa.Table(
    "name",
    metadata,
    _key(),
    sa.Column("name", AnyText, nullable=False),
    sa.Column("folded", AnyText, nullable=False),
    sa.Column("last", AnyText, nullable=False, index=True),
    sa.Column("scope", AnyText, nullable=False),
    _to("person", nullable=False, index=True),
    sa.UniqueConstraint("folded", "scope"),
)

person_link = sa.Table(
    "person_link",
    metadata,
    _key(),
    _to("person", nullable=False, index=True),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("value", AnyText, nullable=False),
    sa.UniqueConstraint("system", "value"),
)

# The same claim in another version of its post is another row with the same root, its first row; ``latest`` marks the
# newest of a root. ``body`` is what the columns do not hold, as JSON.
claim = sa.Table(
    "claim",
    metadata,
    _key(),
    sa.Column("key", AnyText, nullable=False, index=True),
    _to("thread", nullable=False),
    _to("post", nullable=False, index=True),
    _to("claim", "root_id", nullable=False, index=True),
    sa.Column("latest", sa.Boolean, nullable=False),
    _to("name", nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("said_on", sa.Text),
    sa.Column("content", AnyText, nullable=False),
    sa.Column("body", AnyText, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("forecast", sa.Boolean, nullable=False),
    sa.Column("due_on", sa.Text),
    sa.Column("resolvable", sa.Boolean, nullable=False),
    sa.Column("probability", sa.Float),
    sa.Column("probability_low", sa.Float),
    sa.Column("probability_high", sa.Float),
    sa.UniqueConstraint("post_id", "key"),
    # What a holder has said, newest first, and all that is counted of it without a look at the rows.
    sa.Index("ix_claim_holder", "name_id", "said_on", "latest", "forecast", "resolvable"),
    sa.Index("ix_claim_thread_id_kind", "thread_id", "kind"),
    sa.Index("ix_claim_kind_said_on", "kind", "said_on"),
)
# Those over part of the table, or of one engine alone, are in ``schema_indexes``.

# The holders through whom a claim came, the outermost at place 0; the innermost is the claim's own.
via = sa.Table(
    "via",
    metadata,
    _to("claim", primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    _to("name", nullable=False, index=True),
)

question = sa.Table(
    "question",
    metadata,
    _key(),
    sa.Column("key", AnyText, nullable=False, unique=True),
    sa.Column("text", AnyText, nullable=False),
    sa.Column("criteria", AnyText),
    sa.Column("deadline", sa.Text),
    sa.Column("topic", AnyText, index=True),
    sa.Column("asked_by", AnyText),
    sa.Column("asked_at", sa.Text, nullable=False),
)

# Which question a claim (its root) answers, and whether it says yes ("asserted") or no ("denied").
answer = sa.Table(
    "answer",
    metadata,
    _to("claim", primary_key=True),
    _to("question", nullable=False, index=True),
    sa.Column("side", sa.Text, nullable=False),
)

# Added, never changed: the newest of a claim or of a question stands. ``token`` makes a repeated attempt harmless.
resolution = sa.Table(
    "resolution",
    metadata,
    _key(),
    sa.Column("token", sa.Text, nullable=False, unique=True),
    _to("claim", index=True),
    _to("question", index=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("outcome", sa.Float),
    sa.Column("on_day", sa.Text, nullable=False),
    sa.Column("by", AnyText),
    sa.Column("note", AnyText),
    sa.Column("evidence", AnyText, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.CheckConstraint("(claim_id IS NULL) <> (question_id IS NULL)", name="ck_resolution_of_one"),
)

# What was done to people and questions, with what it takes to undo it.
event = sa.Table(
    "event",
    metadata,
    _key(),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("by", AnyText),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("detail", AnyText, nullable=False),
    sa.Column("undone", sa.Boolean, nullable=False),
)

# What people changed of what was read: each a step with the claims before and after it (``detail``). Added, never
# changed; ``undone`` marks a step that was taken back. ``token`` makes a repeated attempt harmless.
correction = sa.Table(
    "correction",
    metadata,
    _key(),
    sa.Column("token", sa.Text, nullable=False, unique=True),
    _to("thread", nullable=False, index=True),
    _to("post", nullable=False, index=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("by", AnyText),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("detail", AnyText, nullable=False),
    sa.Column("undone", sa.Boolean, nullable=False),
)

# Which claims (their roots) a correction touched; ``gone`` says that it took the claim away.
corrected = sa.Table(
    "corrected",
    metadata,
    _to("correction", primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    _to("claim", nullable=False, index=True),
    sa.Column("gone", sa.Boolean, nullable=False),
)

TABLES: tuple[sa.Table, ...] = (
    about,
    thread,
    post,
    person,
    name,
    person_link,
    claim,
    via,
    question,
    answer,
    resolution,
    event,
    correction,
    corrected,
)
"""Every table but the search index and those of ``schema_serving``, parents before children."""
