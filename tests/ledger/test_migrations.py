"""Every schema that was released comes up to date with all that is in it.

``released/NNNN.sqlite.gz`` is a ledger as the Sayso with that schema wrote it; it is never written anew.
"""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import sayso.ledger.migrations
from sayso.ledger import (
    Ledger,
    schema_indexes,  # noqa: F401  its indexes belong to the metadata
    schema_serving,  # noqa: F401  its tables belong to the metadata
)
from sayso.ledger.database import Database
from sayso.ledger.location import ledger_url
from sayso.ledger.schema import REVISIONS, metadata

from .sample import harbour, numbered, thread

RELEASED = Path(__file__).with_name("released")


def test_the_revisions_known_are_those_there_are() -> None:
    scripts = ScriptDirectory(str(Path(sayso.ledger.migrations.__file__).parent))
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS
    assert {path.name.split(".")[0] for path in RELEASED.iterdir()} == set(REVISIONS)


def test_migrations_end_at_the_schema_that_is_used(ledger: Ledger) -> None:
    def work(connection: sa.Connection) -> list[object]:
        def ours(name: str | None, kind: str, parents: object) -> bool:
            return kind != "table" or not str(name).startswith(("claim_words", "alembic"))

        # Which index serves the same end on the other engine.
        other = "ix_claim_newest" if connection.dialect.name == "sqlite" else "ix_claim_said_on"

        def here(_: object, name: str | None, *__: object) -> bool:
            return name != other

        context = MigrationContext.configure(connection, opts={"include_name": ours, "include_object": here})
        return list(compare_metadata(context, metadata))

    assert ledger.database.read(work) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_up_from_every_release(revision: str, tmp_path: Path, second: Ledger) -> None:
    path = tmp_path / "old.sqlite"
    with gzip.open(RELEASED / f"{revision}.sqlite.gz") as packed, path.open("wb") as out:
        shutil.copyfileobj(packed, out)
    database = Database(ledger_url(path), checked=False)
    assert database.migrate() == (revision, REVISIONS[-1])
    database.close()
    with Ledger(path, create=False) as ledger:
        _as_it_was(ledger)
        second.restore(path)
        _as_it_was(second)


def _as_it_was(ledger: Ledger) -> None:
    assert ledger.check() == []
    stats = ledger.stats()
    assert (stats["claims"], stats["posts"], stats["older_versions"], stats["nested_claims"]) == (7, 4, 1, 4)
    assert [c.content.text for c in ledger.claims(text='"northern harbour"')] == [
        "the northern harbour to open by June 2025"
    ]
    assert ledger.record("Ada Prior").tally.scored == 2
    assert ledger.record("T. Reke").tally.kept == 1.0
    assert [e.action for e in ledger.people_history()] == ["alias", "link", "merge"]
    assert ledger.question("pier-1").value == "true"
    assert [r.value for r in ledger.history("pier-1")] == ["false", "true"]


def test_up_on_postgres_words_know_kinds_and_sites(ledger: Ledger) -> None:
    if ledger.database.is_sqlite:
        pytest.skip("SQLite's index of words knows words alone")
    of = thread()
    ledger.keep(of, harbour(of).claims)

    def back(connection: sa.Connection) -> None:
        for sql in (
            "DROP INDEX ix_claim_words_words",
            "ALTER TABLE claim_words DROP COLUMN marks",
            "CREATE INDEX ix_claim_words_words ON claim_words USING gin (words)",
            "DROP INDEX ix_claim_newest",
            "CREATE INDEX ix_claim_said_on ON claim (said_on)",
            "UPDATE alembic_version SET version_num = '0003'",
        ):
            connection.exec_driver_sql(sql)

    ledger.database.write(back)
    assert ledger.database.migrate() == ("0003", REVISIONS[-1])
    assert ledger.check() == []
    for site in ("Quay and Crane", "quay.example"):
        assert len(list(ledger.claims(text="harbour", site=site, kind=("prediction",)))) == 2
    one = numbered(1)
    assert one.thread is not None
    ledger.keep(one.thread, one.claims)
    assert len(list(ledger.claims(text="pier", site="quay.example"))) == 1
