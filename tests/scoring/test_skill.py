"""Skill: its intervals in simulated worlds, its baselines, and what shrinkage must do."""

from __future__ import annotations

import numpy as np
import pytest

from sayso.errors import FieldError
from sayso.scoring import Crowd, Forecasts, score, skill
from sayso.scoring.forecasts import BaseRates, answers

WORLDS = 1_000


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _plain_world(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True skills are normal, what is seen of them is normal as well; most people answer few questions."""
    people = int(rng.integers(20, 150))
    truth = rng.normal(rng.normal(0, 0.03), rng.uniform(0, 0.12), people)
    count = 1 + rng.geometric(rng.uniform(0.05, 0.4), people)
    holder = np.repeat(np.arange(people), count)
    return truth[holder] + rng.normal(0, rng.uniform(0.1, 0.3), holder.size), holder, truth


def _forecasting_world(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """People see the truth through noise of their own, bend it by a bias, and are judged against the others.

    A true skill is the mean difference over 1,000 further questions that the same people answer in the same way.
    """
    asked, further = 120, 2_000
    people, questions = int(rng.integers(20, 90)), asked + further
    z = rng.normal(0, 1.5, questions)
    outcome = (rng.random(questions) < _logistic(z)).astype(float)
    noise, bias = np.exp(rng.normal(-0.3, 0.6, people)), rng.normal(0, 0.3, people)
    boldness = np.exp(rng.normal(0, 0.3, people))
    seen = z + noise[:, None] * rng.normal(0, 1, (people, questions))
    p = _logistic(boldness[:, None] * seen + bias[:, None])
    answered = rng.random((people, questions)) < np.clip(rng.beta(1, 6, people), 0.03, 1)[:, None]
    others = answered.sum(0) - answered
    baseline = ((p * answered).sum(0) - p * answered) / np.maximum(others, 1)
    difference = (baseline - outcome) ** 2 - (p - outcome) ** 2
    there = others > 0
    truth = np.array([difference[i, asked:][there[i, asked:]].mean() for i in range(people)])
    used = answered & there
    used[:, asked:] = False
    holder, question = np.nonzero(used)
    return difference[holder, question], holder, truth


@pytest.mark.parametrize("world", [_plain_world, _forecasting_world])
def test_ninety_per_cent_intervals_hold_the_truth_as_often_as_they_say(world: object) -> None:
    inside = total = 0
    few = np.zeros(2)
    for seed in range(WORLDS):
        difference, holder, truth = world(np.random.default_rng(seed))  # type: ignore[operator]
        mean, low, high = skill(difference, holder)
        counts = np.bincount(holder, minlength=mean.size)
        some = counts > 0
        held = ((low <= truth[: mean.size]) & (truth[: mean.size] <= high))[some]
        inside, total = inside + int(held.sum()), total + held.size
        rare = counts[some] <= 3
        few += (held[rare].sum(), rare.sum())
    assert 0.87 <= inside / total <= 0.93
    # Not only on the average over people: also for those of whom next to nothing is known.
    assert 0.86 <= few[0] / few[1] <= 0.95


def test_shrinkage_foretells_better_than_plain_means() -> None:
    error = np.zeros(2)
    for seed in range(200):
        difference, holder, truth = _forecasting_world(np.random.default_rng(seed))
        mean, _, _ = skill(difference, holder)
        count = np.bincount(holder, minlength=mean.size)
        plain = np.bincount(holder, difference, minlength=mean.size) / np.maximum(count, 1)
        some = count > 0
        error += (
            np.square(mean - truth[: mean.size])[some].mean(),
            np.square(plain - truth[: mean.size])[some].mean(),
        )
    assert error[0] < 0.6 * error[1]


def test_the_baseline_is_what_the_others_said() -> None:
    forecasts, _ = Forecasts.of(
        ["Ada", "Ben", "Cem", "Ada"], [0.9, 0.5, 0.1, 0.7], [1, 1, 1, 1], question=["q", "q", "q", "q"]
    )
    made = answers(forecasts, BaseRates.fit(forecasts))
    baseline = dict(zip(made.holder.tolist(), made.baseline.tolist()))
    # Ada spoke twice on the question, which makes one answer of 0.8.
    assert baseline == pytest.approx({0: 0.3, 1: 0.45, 2: 0.65})
    ada = made.holder.tolist().index(0)
    assert made.difference[ada] == pytest.approx(0.7**2 - (0.1**2 + 0.3**2) / 2)


def test_alone_on_a_question_one_is_measured_by_the_base_rate_of_its_like() -> None:
    forecasts, _ = Forecasts.of(
        ["Ada", "Ben", "Cem", "Dov"], [0.9, 0.5, 0.1, 0.2], [1, 1, 0, 0], like=["war", "war", "war", "tax"]
    )
    made = answers(forecasts, BaseRates.fit(forecasts))
    assert made.baseline.tolist() == pytest.approx([3 / 5, 3 / 5, 3 / 5, 1 / 3])
    assert made.crowd.tolist() == [0, 0, 0, 0]


def test_hard_questions_are_not_held_against_those_who_take_them_on() -> None:
    rng = np.random.default_rng(3)
    # Two equally able groups: one answers what is nearly settled, the other coin tosses.
    holder, question, p, o = [], [], [], []
    for q in range(400):
        hard = q % 2
        truth = 0.5 if hard else 0.95
        outcome = float(rng.random() < truth)
        for who in range(10):
            holder.append((hard, who))
            question.append(q)
            p.append(float(np.clip(truth + rng.normal(0, 0.1), 0, 1)))
            o.append(outcome)
    forecasts, who_is = Forecasts.of(holder, p, o, question=question)
    made = score(forecasts, Crowd.fit(forecasts))
    hard = np.array([key[0] == 1 for key in who_is])  # type: ignore[index]
    assert made.brier[hard].mean() > made.brier[~hard].mean() + 0.15
    assert abs(made.skill[hard].mean() - made.skill[~hard].mean()) < 0.01


def test_nobody_and_a_single_forecast() -> None:
    empty, _ = Forecasts.of([], [], [])
    assert Crowd.fit(empty).forecasts == 0
    one, _ = Forecasts.of(["Ada"], [0.7], [1])
    made = score(one, Crowd.fit(one))
    assert made.brier.tolist() == pytest.approx([0.09])
    assert made.low[0] < made.skill[0] < made.high[0]
    assert np.isfinite([made.expected_brier[0], made.low[0], made.high[0]]).all()


def test_both_ends_of_what_words_may_mean_are_scored() -> None:
    forecasts, _ = Forecasts.of(["Ada"], [0.7], [1], low=[0.5], high=[0.9])
    made = score(forecasts, Crowd.fit(forecasts))
    assert (made.brier_low[0], made.brier_high[0]) == pytest.approx((0.25, 0.01))


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(FieldError, match="different lengths"):
        Forecasts.of(["Ada"], [0.7, 0.2], [1, 0])


def test_one_forecast_is_not_taken_for_the_crowd() -> None:
    """In a ledger that has just begun, a bold miss lets nobody expect that all will be missed."""
    one, _ = Forecasts.of(["Ada"], [0.85], [0])
    made = score(one, Crowd.fit(one))
    assert made.brier[0] == pytest.approx(0.7225)
    assert made.expected_brier[0] < 0.4
    assert abs(made.skill[0]) < 0.5 * 0.85**2
    assert made.low[0] < 0 < made.high[0]
