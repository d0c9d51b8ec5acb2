"""On real forecasters: does ``expected_brier`` of the early half foretell the late one?"""

from __future__ import annotations

import csv
import datetime
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from sayso.scoring import Crowd, Forecasts, score

TRACK = Path(__file__).parents[3] / "shared" / "track" / "predictionbook.csv"
MOST = 0.0039


@pytest.mark.skipif(not TRACK.exists(), reason=f"{TRACK} is not there")
def test_expected_brier_foretells_the_late_half_of_a_real_site() -> None:
    with TRACK.open(newline="") as file:
        rows = list(csv.DictReader(file))
    middle = sorted(row["made_on"] for row in rows)[len(rows) // 2]
    early = [row for row in rows if row["made_on"] < middle]
    forecasts, who = Forecasts.of(
        [row["person"] for row in early],
        [float(row["probability"]) for row in early],
        [float(row["outcome"]) for row in early],
        question=[row["question"] for row in early],
        day=[datetime.date.fromisoformat(row["made_on"]).toordinal() for row in early],
    )
    made = score(forecasts, Crowd.fit(forecasts))
    expected = dict(zip(who, made.expected_brier.tolist()))
    known = dict(zip(who, made.count.tolist()))
    late = defaultdict(list)
    for row in rows:
        if row["made_on"] >= middle:
            late[row["person"]].append((float(row["probability"]) - float(row["outcome"])) ** 2)
    errors = [
        (expected[person] - np.mean(scores)) ** 2
        for person, scores in late.items()
        if len(scores) >= 10 and known.get(person, 0) >= 3
    ]
    assert len(errors) == 42
    assert np.mean(errors) <= MOST
