"""What has changed between two looks: named exactly enough, and never too little."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from sayso.ledger import Edit, Filter, Ledger
from sayso.ledger.changes import EVERYTHING, Change, Sought, mark, since

from .sample import HARBOUR, claim, harbour, thread

Changed = Callable[[], Change | None]


@pytest.fixture
def changed(ledger: Ledger) -> Changed:
    """What has changed since it was last called; None where nothing has."""
    made = harbour()
    assert made.thread is not None
    ledger.keep(made.thread, made.claims)
    last = [ledger.database.read(mark)]

    def look() -> Change | None:
        before, now = last[0], ledger.database.read(mark)
        last[0] = now
        return None if before == now else ledger.database.read(lambda c: since(c, before, now))

    return look


def sought(**which: object) -> Sought:
    made = Sought.of(Filter(**which))  # type: ignore[arg-type]
    assert made is not None
    return made


def finds(change: Change, **which: object) -> bool:
    return any(sought(**which).may_find(one) for one in change.claims)


def test_a_settled_forecast_touches_its_article_its_people_and_the_searches_that_find_it(
    ledger: Ledger, changed: Changed
) -> None:
    assert changed() is None
    found = next(one for one in ledger.find(Filter(text="tariff")))
    ledger.resolve(found.claim.id, "true")
    change = changed()
    assert change is not None
    assert not change.everything
    assert not change.listed
    assert not change.answered
    assert len(change.claims) == 1
    article = change.claims[0].thread
    assert change.threads == {article}
    assert found.person in change.people
    assert len(change.people) == 2
    through = next(iter(change.people - {found.person}))
    for which in (
        {},
        {"text": "tariff"},
        {"text": "tariff OR nothing"},
        {"text": "tari*"},
        {"text": "tariff -nothing"},
        {"kind": ("prediction",)},
        {"holder": f"#{found.person}"},
        {"via": f"#{through}"},
        {"site": "Quay and Crane"},
        {"site": "quay.example"},
        {"since": "2025-01-10", "until": "2025-01-10"},
        {"resolved": True},
        {"article": article},
    ):
        assert finds(change, **which), which
    for which in (
        {"text": "tariff dredging"},
        {"text": "accounts"},
        {"kind": ("fact", "judgment")},
        {"holder": f"#{through}"},
        {"via": f"#{found.person}"},
        {"site": "Elsewhere"},
        {"since": "2025-01-11"},
        {"until": "2025-01-09"},
        {"due_before": "2025-01-01"},
        {"article": article + 1},
    ):
        assert not finds(change, **which), which
    assert not Sought(Filter(), None, None, oldest="2025-01-11").may_find(change.claims[0])


def test_a_correction_touches_what_the_claim_was_before(ledger: Ledger, changed: Changed) -> None:
    found = next(one for one in ledger.find(Filter(text="dredging")))
    at = HARBOUR.index("she said")
    ledger.correct(found.claim.id, Edit(holder="Benno Zahl", kind="judgment", content=((at, at + 8),)))
    change = changed()
    assert change is not None
    assert not change.everything
    zahl = next(number for number, name, _ in ledger.people() if name == "Benno Zahl")
    assert {found.person, zahl} <= change.people
    assert finds(change, kind=("fact",))
    assert finds(change, kind=("judgment",))
    assert finds(change, text="dredging")
    assert finds(change, text="she said")
    assert finds(change, holder=f"#{found.person}")
    assert finds(change, holder=f"#{zahl}")


def test_an_article_that_is_kept_is_told_with_its_claims(ledger: Ledger, changed: Changed) -> None:
    of = thread("pier.txt", "The pier will close, Ada Prior said.", site="Other Post", published="2025-03-01")
    ledger.keep(of, [claim(of, "The pier will close", "Ada Prior")])
    change = changed()
    assert change is not None
    assert change.listed
    assert len(change.threads) == 1
    assert finds(change, site="Other Post")
    assert not finds(change, until="2025-02-01")
    # Kept again with another title: no row comes, but what the article's pages show is different.
    ledger.keep(dataclasses.replace(of, title="Pier closes"), [])
    assert changed() == EVERYTHING


def test_a_settled_question_touches_all_that_hang_on_it(ledger: Ledger, changed: Changed) -> None:
    found = next(one for one in ledger.find(Filter(text="tariff")))
    ledger.ask("Will it fall?", id="fall")
    assert changed() == EVERYTHING
    ledger.attach("fall", found.claim.id)
    assert changed() == EVERYTHING
    ledger.resolve("question:fall", "false")
    change = changed()
    assert change is not None
    assert change.answered
    assert len(change.claims) == 1
    assert found.person in change.people


def test_what_cannot_be_told_apart_changes_everything(ledger: Ledger, changed: Changed) -> None:
    ledger.alias("Ada Prior", "A. Prior")
    assert changed() == EVERYTHING
    made = thread("many.txt", " ".join(f"The crane number {n} will fall." for n in range(400)))
    ledger.keep(made, [claim(made, f"crane number {n} will fall", "Ada Prior") for n in range(400)])
    assert changed() == EVERYTHING


def test_searches_that_hang_on_more_than_claims_cannot_be_compared() -> None:
    assert Sought.of(Filter(holder="Ada Prior")) is None
    assert Sought.of(Filter(via="Q7747")) is None
    assert Sought.of(Filter(question="fall")) is None
