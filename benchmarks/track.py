"""Does ``expected_brier`` foretell how well real people will do?

    python benchmarks/track.py predictionbook.csv

The file has the columns person, question, made_on, probability and outcome. It is split at its median date; for people
with at least three early and ten late forecasts, the mean Brier score of the late ones is foretold from the early ones,
and the squared errors are averaged. Nothing is tuned on the late half: what ``sayso.scoring`` learns (how probabilities
turn out, how strongly the crowd counts for style and for luck) it learns from the early half alone, and which way of
shrinking it uses was chosen by splitting the early half again, at many dates.
"""

from __future__ import annotations

import argparse
import csv
import datetime
from collections import defaultdict
from pathlib import Path

import numpy as np

from sayso.scoring import Crowd, Forecasts, score

MUST, AIM = 0.0039, 0.0034
Row = dict[str, str]


def brier(row: Row) -> float:
    """The Brier score of one row."""
    return (float(row["probability"]) - float(row["outcome"])) ** 2


def expected(early: list[Row]) -> dict[str, float]:
    """What Sayso expects of everybody's next forecast."""
    forecasts, who = Forecasts.of(
        [row["person"] for row in early],
        [float(row["probability"]) for row in early],
        [float(row["outcome"]) for row in early],
        question=[row["question"] for row in early],
        day=[datetime.date.fromisoformat(row["made_on"]).toordinal() for row in early],
    )
    crowd = Crowd.fit(forecasts)
    print(
        f"learnt: the crowd counts for {crowd.style_strength:.1f} forecasts in style, {crowd.luck_strength:.1f} in luck"
    )
    return {str(name): value for name, value in zip(who, score(forecasts, crowd).expected_brier.tolist())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--early", type=int, default=3, help="early forecasts that a person must have")
    parser.add_argument("--late", type=int, default=10, help="late ones")
    options = parser.parse_args()
    with options.file.open(newline="") as file:
        rows = list(csv.DictReader(file))
    middle = sorted(row["made_on"] for row in rows)[len(rows) // 2]
    early = [row for row in rows if row["made_on"] < middle]
    past: dict[str, list[float]] = defaultdict(list)
    later: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        (past if row["made_on"] < middle else later)[row["person"]].append(brier(row))
    people = [who for who in later if len(later[who]) >= options.late and len(past[who]) >= options.early]
    truth = np.array([np.mean(later[who]) for who in people])
    everyone = float(np.mean([brier(row) for row in early]))
    told = expected(early)
    print(f"{len(rows)} forecasts split at {middle}; {len(people)} people")
    for name, foretold in (
        ("plain mean", [float(np.mean(past[who])) for who in people]),
        ("everyone alike", [everyone] * len(people)),
        ("sayso", [told[who] for who in people]),
    ):
        print(f"{name:<16}{np.square(np.array(foretold) - truth).mean():.5f}")
    print(f"must {MUST}, aim {AIM}")


if __name__ == "__main__":
    main()
