"""The first schema.

Written out, not taken from ``schema.py``: that changes, and this must go on making what it made when it was released.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "about",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_about")),
    )
    op.create_table(
        "event",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=True),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_table(
        "person",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("kept_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "question",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("criteria", TEXT, nullable=True),
        sa.Column("deadline", TEXT, nullable=True),
        sa.Column("topic", TEXT, nullable=True),
        sa.Column("asked_by", TEXT, nullable=True),
        sa.Column("asked_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("key", name=op.f("uq_question_key")),
    )
    op.create_index(op.f("ix_question_topic"), "question", ["topic"])
    op.create_table(
        "thread",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=True),
        sa.Column("title", TEXT, nullable=True),
        sa.Column("site", TEXT, nullable=True),
        sa.Column("site_folded", TEXT, nullable=True),
        sa.Column("published", TEXT, nullable=True),
        sa.Column("language", TEXT, nullable=True),
        sa.Column("kept_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("mark", name=op.f("uq_thread_mark")),
    )
    op.create_index(op.f("ix_thread_site_folded"), "thread", ["site_folded"])
    op.create_table(
        "name",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("folded", TEXT, nullable=False),
        sa.Column("last", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_name_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name")),
        sa.UniqueConstraint("folded", "scope", name=op.f("uq_name_folded_scope")),
    )
    op.create_index(op.f("ix_name_last"), "name", ["last"])
    op.create_index(op.f("ix_name_person_id"), "name", ["person_id"])
    op.create_table(
        "person_link",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("system", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_link")),
        sa.UniqueConstraint("system", "value", name=op.f("uq_person_link_system_value")),
    )
    op.create_index(op.f("ix_person_link_person_id"), "person_link", ["person_id"])
    op.create_table(
        "post",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("thread_id", NUMBER, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("parent", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=True),
        sa.Column("posted", TEXT, nullable=True),
        sa.Column("language", TEXT, nullable=True),
        sa.Column("quotes", TEXT, nullable=True),
        sa.Column("text", TEXT, nullable=True),
        sa.Column("digest", TEXT, nullable=True),
        sa.Column("kept_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_post_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("thread_id", "mark", "version", name=op.f("uq_post_thread_id_mark_version")),
    )
    op.create_table(
        "claim",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("thread_id", NUMBER, nullable=False),
        sa.Column("post_id", NUMBER, nullable=False),
        sa.Column("root_id", NUMBER, nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("name_id", NUMBER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("said_on", TEXT, nullable=True),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("forecast", sa.Boolean(), nullable=False),
        sa.Column("due_on", TEXT, nullable=True),
        sa.Column("resolvable", sa.Boolean(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("probability_low", sa.Float(), nullable=True),
        sa.Column("probability_high", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["name_id"], ["name.id"], name=op.f("fk_claim_name_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_claim_post_id")),
        sa.ForeignKeyConstraint(["root_id"], ["claim.id"], name=op.f("fk_claim_root_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_claim_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("post_id", "key", name=op.f("uq_claim_post_id_key")),
    )
    op.create_index(
        "ix_claim_record",
        "claim",
        [
            "root_id",
            "name_id",
            "kind",
            "said_on",
            "probability",
            "probability_low",
            "probability_high",
            "latest",
            "forecast",
        ],
        sqlite_where=sa.text("latest AND forecast"),
        postgresql_where=sa.text("latest AND forecast"),
    )
    op.create_index(
        "ix_claim_due",
        "claim",
        ["due_on", "id"],
        unique=False,
        sqlite_where=sa.text("latest AND forecast AND due_on IS NOT NULL"),
        postgresql_where=sa.text("latest AND forecast AND due_on IS NOT NULL"),
    )
    op.create_index(op.f("ix_claim_key"), "claim", ["key"])
    op.create_index("ix_claim_kind_said_on", "claim", ["kind", "said_on"])
    op.create_index("ix_claim_name_id_said_on", "claim", ["name_id", "said_on"])
    op.create_index(op.f("ix_claim_post_id"), "claim", ["post_id"])
    op.create_index(op.f("ix_claim_root_id"), "claim", ["root_id"])
    op.create_index("ix_claim_said_on", "claim", ["said_on"])
    op.create_index("ix_claim_thread_id_kind", "claim", ["thread_id", "kind"])
    op.create_table(
        "answer",
        sa.Column("claim_id", NUMBER, nullable=False),
        sa.Column("question_id", NUMBER, nullable=False),
        sa.Column("side", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_answer_claim_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_answer_question_id")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_question_id"), "answer", ["question_id"])
    op.create_table(
        "resolution",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("token", TEXT, nullable=False),
        sa.Column("claim_id", NUMBER, nullable=True),
        sa.Column("question_id", NUMBER, nullable=True),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("outcome", sa.Float(), nullable=True),
        sa.Column("on_day", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=True),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("evidence", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.CheckConstraint("(claim_id IS NULL) <> (question_id IS NULL)", name="ck_resolution_of_one"),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_resolution_claim_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_resolution_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolution")),
        sa.UniqueConstraint("token", name=op.f("uq_resolution_token")),
    )
    op.create_index(op.f("ix_resolution_claim_id"), "resolution", ["claim_id"])
    op.create_index(op.f("ix_resolution_question_id"), "resolution", ["question_id"])
    op.create_table(
        "via",
        sa.Column("claim_id", NUMBER, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_via_claim_id")),
        sa.ForeignKeyConstraint(["name_id"], ["name.id"], name=op.f("fk_via_name_id")),
        sa.PrimaryKeyConstraint("claim_id", "place", name=op.f("pk_via")),
    )
    op.create_index(op.f("ix_via_name_id"), "via", ["name_id"])

    # Rows of the index are made by ``sayso.ledger.words``, which also makes the queries.
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE claim_words USING fts5(words, content='', tokenize='unicode61 remove_diacritics 0')"
        )
    else:
        op.execute(
            "CREATE TABLE claim_words (claim_id BIGINT PRIMARY KEY REFERENCES claim (id), words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_claim_words_words ON claim_words USING gin (words)")
    op.execute("INSERT INTO about (key, value) VALUES ('format', 'sayso ledger')")
