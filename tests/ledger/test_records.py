"""Records: what the ledger hands to the scores, and what a record rests on."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path

import numpy as np
import pytest

from sayso.ledger import Ledger
from sayso.ledger.importing import import_forecasts
from sayso.scoring import Crowd, Forecasts, score

from .sample import claim, harbour, numbered, thread


def _csv(rows: list[tuple[object, ...]]) -> io.StringIO:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("person", "question", "made_on", "probability", "outcome", "closed_on"), *rows])
    out.seek(0)
    return out


def _site(number: int = 400) -> list[tuple[object, ...]]:
    """Forecasts of twelve people, some well informed, on questions that several answer."""
    rng = np.random.default_rng(5)
    rows: list[tuple[object, ...]] = []
    for n in range(number):
        q = n // 4
        truth = np.random.default_rng(q).random()
        outcome = int(np.random.default_rng(q + 10_000).random() < truth)
        who = int(rng.integers(12))
        p = float(np.clip(truth + rng.normal(0, 0.05 + 0.03 * who), 0.01, 0.99))
        day = datetime.date(2024, 1, 1) + datetime.timedelta(days=n // 3)
        rows.append((f"Forecaster {who}", f"Question {q}?", day, round(p, 3), outcome, day))
    return rows


def test_a_record_says_what_it_rests_on(ledger: Ledger) -> None:
    reading = harbour()
    ledger.keep(thread(), reading.claims)
    of = thread("more", "One. Two. Three. Four.")
    more = [claim(of, words, "Ada Prior", p=(0.7, 0.5, 0.9)) for words in ("One", "Two", "Three")]
    ledger.keep(of, [*more, claim(of, "Four", "Ada Prior", p=0.5, resolvable=False)])
    for one, value in zip([reading.claims[0], *more], ("true", "void", "unresolvable", "0.5")):
        ledger.resolve(one.id, value)
    record = ledger.record("ada prior")
    tally = record.tally
    assert (tally.claims, tally.forecasts, tally.resolvable) == (6, 5, 4)
    assert (tally.resolved, tally.scored, tally.void, tally.unresolvable) == (4, 2, 1, 1)
    assert record.brier == pytest.approx((0.2**2 + 0.2**2) / 2)
    # The same words read at their low and their high end.
    assert record.brier_low == pytest.approx((0.3**2 + 0.0**2) / 2)
    assert record.brier_high == pytest.approx((0.1**2 + 0.4**2) / 2)
    assert record.parts is not None
    assert sum(each.count for each in record.calibration) == 2
    assert record.skill is not None
    assert record.low < record.skill < record.high  # type: ignore[operator]
    made = record.to_json()
    assert (made["holder"], made["scored"], made["void"]) == ("Ada Prior", 2, 1)


def test_a_record_of_nothing_resolved_has_no_figures(ledger: Ledger) -> None:
    ledger.keep(thread(), harbour().claims)
    record = ledger.record("Benno Zahl")
    assert (record.brier, record.expected_brier, record.skill, record.pledges) == (None, None, None, None)
    assert record.tally.forecasts == 1
    assert ledger.scores(fewest=1) == []


def test_pledges_have_a_record_of_their_own(ledger: Ledger) -> None:
    of = thread("p", "One. Two. Three. Four.")
    said = [claim(of, words, "Bo Lund", kind="pledge") for words in ("One", "Two", "Three", "Four")]
    ledger.keep(of, said)
    for one, value in zip(said, ("kept", "broken", "kept", "void")):
        ledger.resolve(one.id, value)
    record = ledger.record("Bo Lund")
    assert record.brier is None
    assert record.pledges is not None
    assert (record.pledges.count, record.pledges.of) == (2.0, 3.0)
    assert 0.2 < record.pledges.low < 0.7 < record.pledges.high < 1.0
    (board,) = ledger.scores()
    assert (board.holder, board.tally.kept, board.tally.broken) == ("Bo Lund", 2.0, 1.0)
    assert ledger.scores(kind="prediction") == []
    assert len(ledger.scores(kind="pledge")) == 1


def test_the_board_is_what_the_scores_are_of_the_same_forecasts(ledger: Ledger) -> None:
    rows = _site()
    made = import_forecasts(ledger, _csv(rows))
    assert (made.rows, made.rejected, made.questions, made.resolutions) == (400, [], 100, 100)
    forecasts, who = Forecasts.of(
        [row[0] for row in rows],
        [row[3] for row in rows],  # type: ignore[arg-type,misc]
        [row[4] for row in rows],  # type: ignore[arg-type,misc]
        question=[row[1] for row in rows],
        day=[row[2].toordinal() for row in rows],  # type: ignore[attr-defined]
    )
    figures = score(forecasts, Crowd.fit(forecasts))
    board = ledger.scores(fewest=1)
    assert len(board) == 12
    for one in board:
        at = who.index(one.holder)
        for mine, theirs in (
            (one.brier, figures.brier),
            (one.expected_brier, figures.expected_brier),
            (one.log_score, figures.log),
            (one.skill, figures.skill),
            (one.low, figures.low),
            (one.high, figures.high),
        ):
            assert mine == pytest.approx(theirs[at], abs=1e-12)
    assert [one.low for one in board] == sorted((one.low for one in board), reverse=True)  # type: ignore[type-var]
    # One record is the same as its line on the board.
    for one in board[:3]:
        alone = ledger.record(one.holder)
        assert (alone.brier, alone.skill, alone.low) == pytest.approx((one.brier, one.skill, one.low), abs=1e-12)
        assert alone.tally == one.tally


def test_the_board_can_be_narrowed(ledger: Ledger) -> None:
    import_forecasts(ledger, _csv(_site()))
    everyone = {one.holder: one.tally.scored for one in ledger.scores(fewest=1)}
    late = {one.holder: one.tally.scored for one in ledger.scores(fewest=1, since="2024-03-01")}
    early = {one.holder: one.tally.scored for one in ledger.scores(fewest=1, until="2024-02-29")}
    assert {who: late.get(who, 0) + early.get(who, 0) for who in everyone} == everyone
    assert ledger.scores(topic="ports") == []
    few = [one.tally.resolved for one in ledger.scores(fewest=35)]
    assert few
    assert min(few) >= 35


def test_a_resolution_anew_changes_the_record_at_once(ledger: Ledger) -> None:
    reading = numbered(1, p=0.9)
    assert reading.thread is not None
    ledger.keep(reading.thread, reading.claims)
    for value, brier in (("true", 0.01), ("false", 0.81), ("void", None), ("true", 0.01)):
        ledger.resolve(reading.claims[0].id, value)
        record = ledger.record("Ada Prior")
        assert record.brier == (None if brier is None else pytest.approx(brier))
        assert record.tally.resolved == 1


TRACK = Path(__file__).parents[3] / "shared" / "track" / "predictionbook.csv"


@pytest.mark.skipif(not TRACK.exists(), reason=f"{TRACK} is not there")
def test_a_real_site_comes_in_whole_and_goes_through_the_ledger(tmp_path: Path) -> None:
    with TRACK.open(newline="") as file:
        lines = file.readlines()[:3_001]
    with Ledger(tmp_path / "l.sqlite") as ledger:
        made = import_forecasts(ledger, lines)
        assert (made.rows, made.rejected, made.kept.claims) == (3_000, [], 3_000)
        again = import_forecasts(ledger, lines)
        assert (again.kept.claims, again.questions, again.resolutions) == (0, 0, 0)
        people = {line.split(",")[0] for line in lines[1:]}
        assert {one.holder for one in ledger.scores(fewest=1)} == people


def test_each_is_measured_by_the_base_rate_of_the_own_topic(ledger: Ledger) -> None:
    """Wars come about here and taxes do not; who gives both an even chance is worse than the rate of either."""
    asked = []
    for n in range(12):
        reading = numbered(n, holder="Ada Prior" if n in (0, 11) else f"Holder {n}", p=0.5 if n in (0, 11) else 0.9)
        assert reading.thread is not None
        ledger.keep(reading.thread, reading.claims)
        question = ledger.ask(f"Question {n}?", topic="war" if n < 6 else "tax")
        ledger.attach(question.id, reading.claims[0].id)
        asked.append(question)
    # What was said first is settled last, so that topics come up in another order.
    for question in reversed(asked):
        ledger.resolve(question.id, "true" if question.topic == "war" else "false")
    (board,) = [one for one in ledger.scores(fewest=2) if one.holder == "Ada Prior"]
    record = ledger.record("Ada Prior")
    for one in (board, record):
        assert one.skill is not None
        assert one.skill < 0
    assert record.skill == pytest.approx(board.skill)
    assert (record.low, record.high) == pytest.approx((board.low, board.high))
