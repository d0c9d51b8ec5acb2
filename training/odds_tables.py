"""Recompute the tables of ``sayso/reading/odds`` from the data beside the checkout.

    python training/odds_tables.py            # writes yardsticks.csv and labelled.csv into the package
    python training/odds_tables.py --check    # only says whether they are what the data give

``yardsticks.csv``: the medians and quartiles of 5,174 people's answers for 19 phrases (CAPphrase, CC BY 4.0), and the
ranges of published yardsticks, with their middle as the point. ``labelled.csv``: medians and quartiles of the
probabilities that labellers gave the training predictions, for the rules of ``words.toml`` that are ``fitted``.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
PACKAGE = ROOT / "src" / "sayso" / "reading" / "odds"

TERMS = {
    "will happen": "will", "almost certain": "almost_certain", "virtually certain": "almost_certain",
    "highly likely": "highly_likely", "very likely": "highly_likely", "very good chance": "very_good_chance",
    "likely": "likely", "probable": "probable", "better than even": "better_than_even", "about even": "even",
    "even chance": "even", "roughly even chance": "even", "about as likely as not": "even",
    "realistic possibility": "realistic_possibility", "unlikely": "unlikely", "improbable": "improbable",
    "chances are slight": "slight", "little chance": "little_chance", "highly unlikely": "highly_unlikely",
    "very unlikely": "highly_unlikely", "extremely likely": "extremely_likely",
    "extremely unlikely": "extremely_unlikely", "almost no chance": "almost_none",
    "exceptionally unlikely": "almost_none", "almost impossible": "almost_none",
    "remote chance": "remote", "may happen": "may", "might happen": "might", "could happen": "could",
}  # fmt: skip
"""The phrases of the sources, in lower case, and the terms of ``words.toml`` that they stand for."""

FILES = {"nato": "nato", "icd203": "us_nic", "ukphia": "uk", "ipcc": "ipcc", "efsa": "efsa"}
SOURCES = {
    "survey": "CAPphrase data set, CC BY 4.0: median and middle half of the answers of 5,174 people",
    "nato": "NATO AJP-2.1, intelligence doctrine",
    "icd203": "US Intelligence Community Directive 203",
    "ukphia": "UK Professional Head of Intelligence Assessment, probability yardstick",
    "ipcc": "IPCC guidance note on uncertainties (2010)",
    "ipcc/extremely_likely": "IPCC AR5 WGI, Summary for Policymakers (2013), note 2: an additional term",
    "ipcc/extremely_unlikely": "IPCC AR5 WGI, Summary for Policymakers (2013), note 2: an additional term",
    "efsa": "EFSA guidance on uncertainty analysis (2018)",
}


def yardsticks() -> str:
    """The table of the survey and the published yardsticks, as CSV."""
    answers: dict[str, list[float]] = defaultdict(list)
    with (SHARED / "wep" / "absolute_judgements.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            answers[row["term"].lower()].append(float(row["probability"]) / 100)
    rows = []
    for phrase, values in sorted(answers.items(), key=lambda pair: (-statistics.median(pair[1]), pair[0])):
        low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
        rows.append(("survey", TERMS[phrase], phrase, middle, low, high, len(values)))
    for name, file_name in FILES.items():
        with (SHARED / "wep" / f"yardstick_{file_name}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                term = TERMS.get(row["term"].lower())
                if term:
                    low, high = float(row["low"]) / 100, float(row["high"]) / 100
                    rows.append((name, term, row["term"].lower(), (low + high) / 2, low, high, ""))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["yardstick", "term", "phrase", "point", "low", "high", "people", "source"])
    for name, term, phrase, point, low, high, people in rows:
        source = SOURCES.get(f"{name}/{term}", SOURCES[name])
        writer.writerow([name, term, phrase, *(f"{v:.4g}" for v in (point, low, high)), people, source])
    return out.getvalue()


def lines(folder: str) -> Iterator[dict[str, Any]]:
    """The objects of the training file of a folder of the data."""
    with (SHARED / folder / "train.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def cues() -> dict[str, str]:
    """The words of attribution of each labelled content, from the annotated articles it was taken from."""
    places = {}
    for article in lines("polnear"):
        for attribution in article["attributions"]:
            words = " ".join(article["text"][s:e] for s, e in attribution["cue"])
            places[article["id"], tuple(map(tuple, sorted(attribution["content"])))] = words
    found = {}
    for claim in lines("claims"):
        found[claim["id"]] = places.get((claim["doc"], tuple(map(tuple, sorted(claim["spans"])))), "")
    return found


def labelled() -> str:
    """The table of what labellers gave the training predictions, as CSV."""
    from sayso.reading.odds.read import weigh
    from sayso.reading.odds.tables import load

    given: dict[str, list[float]] = defaultdict(list)
    cue = cues()
    for claim in lines("claims"):
        if claim["kind"] == "prediction":
            steps = weigh(claim["certainty"], sentence=claim["content"], cue=cue[claim["id"]])
            if len(steps) == 1 and steps[0].phrase is not None:
                given[steps[0].phrase.id].append(claim["probability"])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["rule", "point", "low", "high", "labels"])
    for phrase in load().phrases:
        values = given.get(phrase.id, [])
        if phrase.fitted and len(values) >= 5:
            low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
            writer.writerow([phrase.id, *(f"{v:.4g}" for v in (middle, low, high)), len(values)])
    return out.getvalue()


def main() -> None:
    """Write or check the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with status 1 where a table differs")
    options = parser.parse_args()
    stale = []
    for name, table in (("yardsticks.csv", yardsticks), ("labelled.csv", labelled)):
        text, path = table(), PACKAGE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not options.check:
                path.write_text(text, encoding="utf-8")
    print("changed: " + ", ".join(stale) if stale else "the tables are what the data give")
    if stale and options.check:
        sys.exit(1)


if __name__ == "__main__":
    main()
