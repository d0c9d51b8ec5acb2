"""Coming due, being resolved, and questions that settle many forecasts at once."""

from __future__ import annotations

import datetime

import pytest

from sayso.errors import AmbiguousError, FieldError, UnknownError
from sayso.ledger import Ledger

from .sample import Reading, claim, harbour, thread

DAY = datetime.date(2025, 7, 1)


@pytest.fixture
def reading(ledger: Ledger) -> Reading:
    made = harbour()
    assert made.thread is not None
    ledger.keep(made.thread, made.claims)
    return made


def _due(ledger: Ledger, day: datetime.date = DAY, soon: int = 0) -> list[str]:
    return [found.claim.content.text[:12] for found in ledger.due(on=day, soon=soon)]


def test_due_is_what_has_ended_the_oldest_first(ledger: Ledger, reading: Reading) -> None:
    assert _due(ledger) == ["publish the ", "the northern"]
    # The last day of a horizon is part of it.
    assert _due(ledger, datetime.date(2025, 6, 30)) == ["publish the "]
    assert _due(ledger, datetime.date(2025, 3, 31)) == []
    assert _due(ledger, datetime.date(2025, 6, 1), soon=30) == ["the northern"]
    assert _due(ledger, datetime.date(2025, 6, 1), soon=28) == []
    assert len(ledger.due(on=DAY, limit=1)) == 1
    assert [f.due_on for f in ledger.due(on=DAY, limit=1, offset=1)] == ["2025-06-30"]


@pytest.mark.parametrize("value", ["true", "void", "unresolvable", "0.25"])
def test_what_is_resolved_is_no_longer_due(ledger: Ledger, reading: Reading, value: str) -> None:
    ledger.resolve(reading.claims[0].id, value, evidence=["https://news.example/1"])
    assert _due(ledger) == ["publish the "]
    assert len(list(ledger.claims(open=True))) == 3


def test_resolutions_are_added_and_the_latest_stands(ledger: Ledger, reading: Reading) -> None:
    key = reading.claims[0].id
    ledger.resolve(
        key, "true", evidence=["https://a.example", "https://b.example"], note="opened", on="2025-06-12", by="Kai"
    )
    ledger.resolve(key[:10], "FALSE", note="only half of it")
    first, second = ledger.history(key)
    assert (first.value, first.outcome, first.on, first.by) == ("true", 1.0, "2025-06-12", "Kai")
    assert first.evidence == ("https://a.example", "https://b.example")
    assert (first.stands, second.stands, second.value) == (False, True, "false")
    assert ledger.record("Ada Prior").brier == pytest.approx(0.64)


@pytest.mark.parametrize(
    ("claim_number", "value", "said"),
    [
        (0, "kept", "a prediction is not kept"),
        (3, "true", "a pledge is not true"),
        (1, "true", "a fact is no forecast"),
        (0, "perhaps", "is no resolution"),
        (0, "1.5", "is no resolution"),
        (0, "nan", "is no resolution"),
    ],
)
def test_what_a_forecast_cannot_be_is_refused(
    ledger: Ledger, reading: Reading, claim_number: int, value: str, said: str
) -> None:
    with pytest.raises(FieldError, match=said):
        ledger.resolve(reading.claims[claim_number].id, value)
    assert ledger.history(reading.claims[claim_number].id) == []


def test_days_that_cannot_be_are_refused(ledger: Ledger, reading: Reading) -> None:
    for day, said in (("2025-02-30", "no day"), ("2999-01-01", "future")):
        with pytest.raises(FieldError, match=said):
            ledger.resolve(reading.claims[0].id, "true", on=day)
    with pytest.raises(UnknownError, match="neither a claim nor a question"):
        ledger.resolve("nothing", "true")


def test_a_question_settles_each_forecast_by_its_own_side(ledger: Ledger, reading: Reading) -> None:
    text = "Will the northern harbour open by 30 June 2025?"
    asked = ledger.ask(text, criteria="A ship moors.", deadline="2025-06-30", topic="ports")
    assert asked.id == "will-the-northern-harbour-open-by"
    yes, no = reading.claims[0].id, reading.claims[4].id
    ledger.attach(asked.id, yes)
    ledger.attach(asked.id, no, side="denied")
    assert ledger.claims_on(asked.id) == [(yes, "asserted"), (no, "denied")]
    ledger.resolve(asked.id, "false", by="Kai")
    assert ledger.question(asked.id).value == "false"
    assert _due(ledger) == ["publish the "]
    assert ledger.record("Ada Prior").brier == pytest.approx(0.64)
    # He said that it would not, with 0.9, and it did not.
    assert ledger.record("Benno Zahl").brier == pytest.approx(0.01)
    assert ledger.history(no)[0].target == f"question:{asked.id}"


def test_a_pledge_on_a_question_is_kept_by_it(ledger: Ledger, reading: Reading) -> None:
    asked = ledger.ask("Are the accounts out?", id="accounts")
    ledger.attach("accounts", reading.claims[3].id)
    ledger.resolve("accounts", "true")
    pledges = ledger.record("Tomas Reke").pledges
    assert pledges is not None
    assert (pledges.count, pledges.of) == (1.0, 1.0)
    with pytest.raises(FieldError, match="a question is not kept"):
        ledger.resolve(asked.id, "kept")


def test_a_claim_of_its_own_later_resolution_goes_its_own_way(ledger: Ledger, reading: Reading) -> None:
    ledger.ask("Open?", id="open")
    ledger.attach("open", reading.claims[0].id)
    ledger.resolve("open", "true")
    ledger.resolve(reading.claims[0].id, "void", note="another harbour was meant")
    assert ledger.record("Ada Prior").tally.scored == 0
    ledger.resolve("open", "false")
    assert ledger.record("Ada Prior").brier == pytest.approx(0.64)


def test_attaching_moves_and_is_checked(ledger: Ledger, reading: Reading) -> None:
    ledger.ask("One?", id="one")
    ledger.ask("Two?", id="two")
    ledger.attach("one", reading.claims[0].id)
    ledger.attach("two", reading.claims[0].id)
    ledger.attach("two", reading.claims[0].id)
    assert (ledger.claims_on("one"), len(ledger.claims_on("two"))) == ([], 1)
    with pytest.raises(FieldError, match="no forecast"):
        ledger.attach("one", reading.claims[1].id)
    with pytest.raises(FieldError, match="no side"):
        ledger.attach("one", reading.claims[0].id, side="maybe")  # type: ignore[arg-type]
    with pytest.raises(UnknownError):
        ledger.attach("three", reading.claims[0].id)


def test_what_was_attached_wrongly_is_taken_off(ledger: Ledger, reading: Reading) -> None:
    ledger.ask("One?", id="one")
    ledger.ask("Two?", id="two")
    key = ledger.attach("one", reading.claims[0].id)
    ledger.resolve("one", "true")
    assert ledger.record("Ada Prior").tally.resolved == 1
    with pytest.raises(FieldError, match="not attached to 'two'"):
        ledger.detach("two", key)
    assert ledger.detach("one", key[:6]) == key
    assert ledger.claims_on("one") == []
    assert ledger.record("Ada Prior").tally.resolved == 0
    with pytest.raises(FieldError, match="sayso question show one"):
        ledger.detach("one", key)


def test_ids_of_questions(ledger: Ledger) -> None:
    assert ledger.ask("Who?").id == "who"
    assert ledger.ask("Who!").id == "who-2"
    assert ledger.ask("???").id == "question"
    with pytest.raises(FieldError, match="already"):
        ledger.ask("Again?", id="who")
    with pytest.raises(FieldError, match="no words"):
        ledger.ask("  ")
    with pytest.raises(FieldError, match="no day"):
        ledger.ask("When?", deadline="soon")
    assert [q.id for q in ledger.questions()] == ["who", "who-2", "question"]


def test_an_id_that_is_both_must_be_said_which(ledger: Ledger) -> None:
    of = thread()
    ledger.keep(of, [claim(of, "the tariff will fall before 2026", "Ada Prior", key="both", p=0.5)])
    ledger.ask("Both?", id="both")
    with pytest.raises(AmbiguousError, match="claim:both or question:both"):
        ledger.resolve("both", "true")
    ledger.resolve("question:both", "false")
    ledger.resolve("claim:both", "true")
    assert [r.value for r in ledger.history("claim:both")] == ["true"]
