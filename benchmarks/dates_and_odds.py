"""How right and how quick dates and odds are, against the data in ``shared/`` beside the checkout.

    python benchmarks/dates_and_odds.py [--json]

Dates: on the public forecasts of ``shared/horizons/dev.jsonl``, whose authors set a deadline, the share of texts whose
bounding phrase ends within 3 days of it, or within 5% of the time to it (as ``shared/score/horizon_score.py`` counts).
Odds: on the labelled predictions of ``shared/claims/dev.jsonl``, the mean absolute distance to the probability that an
ordinary reader gave, with the labelled certainty words. Times are CPU microseconds, the best of five rounds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sayso.reading.dates import binding_horizon, read_horizon
from sayso.reading.odds import read_odds

SHARED = Path(__file__).resolve().parents[2] / "shared"


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    if not path.exists():
        sys.exit(f"{path}: not there; put the project's shared data beside the checkout")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def per_item(work: Callable[[], object], items: int) -> float:
    """CPU microseconds for one item: the best of five rounds."""
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best / items * 1e6


def dates() -> dict[str, float]:
    """Accuracy and speed of horizon words on the public forecasts."""
    gold = lines(SHARED / "horizons" / "dev.jsonl")
    texts = [(d["text"], date.fromisoformat(d["said_on"]), date.fromisoformat(d["closes_on"])) for d in gold]
    found = [binding_horizon(text, said=said) for text, said, _ in texts]
    ends = [(f[2].end, said, closes) for f, (_, said, closes) in zip(found, texts) if f and f[2].end]
    right = sum(abs((end - closes).days) <= max(3, 0.05 * (closes - said).days) for end, said, closes in ends)
    phrases = [(text[f[0] : f[1]], said) for f, (text, said, _) in zip(found, texts) if f]
    labelled = [d["horizon"] for d in lines(SHARED / "claims" / "train.jsonl") if d["horizon"]]
    day = date(2016, 5, 5)
    return {
        "dates: right, of all texts": right / len(texts),
        "dates: dated": len(ends) / len(texts),
        "dates: right, of those dated": right / len(ends),
        "dates: labelled phrases read": sum(read_horizon(p, said=day) is not None for p in labelled) / len(labelled),
        "dates: µs a phrase found": per_item(lambda: [read_horizon(p, said=s) for p, s in phrases], len(phrases)),
        "dates: µs a labelled phrase": per_item(lambda: [read_horizon(p, said=day) for p in labelled], len(labelled)),
        "dates: µs a sentence": per_item(lambda: [binding_horizon(t, said=s) for t, s, _ in texts], len(texts)),
    }


def odds() -> dict[str, float]:
    """Accuracy and speed of certainty words on the labelled predictions."""
    figures = {}
    for name in ("train", "dev"):
        gold = [d for d in lines(SHARED / "claims" / f"{name}.jsonl") if d["kind"] == "prediction"]
        read = [read_odds(d["certainty"], sentence=d["content"]) for d in gold]
        wrong = [abs(r.point - d["probability"]) for r, d in zip(read, gold)]
        figures[f"odds: mean absolute error, {name}"] = sum(wrong) / len(wrong)
        inside = sum(r.low <= d["probability"] <= r.high for r, d in zip(read, gold))
        figures[f"odds: label inside the interval, {name}"] = inside / len(gold)
    figures["odds: µs a phrase"] = per_item(
        lambda: [read_odds(d["certainty"], sentence=d["content"]) for d in gold], len(gold)
    )
    return figures


def main() -> None:
    """Print the figures, as lines or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    figures = {**dates(), **odds()}
    if options.json:
        print(json.dumps(figures, indent=1, ensure_ascii=False))
        return
    for name, value in figures.items():
        print(f"{name:42}{value:8.3f}" if "µs" not in name else f"{name:42}{value:8.1f}")


if __name__ == "__main__":
    main()
