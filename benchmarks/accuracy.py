"""How well the reader reads, on texts that people have labelled.

    python benchmarks/accuracy.py [--shared DIR] [--jobs N] [--only NAME] [--json] [--out FILE]

Prints a Markdown table, which publish.py puts into README.md and the model card. The corpora and scorers stand in a
folder ``shared`` beside the checkout and are no part of it; without them only tests/reading/texts are read. Each corpus
is read once, from raw text, in the way that `sayso read` does it: what was not found counts as missed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sayso.errors import InputError
from sayso.export import write
from sayso.intake import thread_from_document
from sayso.posts import Thread
from sayso.reading.reader import Reader, Result

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
TEXTS = ROOT / "tests" / "reading" / "texts"
ERRORS = frozenset({"claims/probability error"})
"""Figures of which less is better."""

SAYS = {
    "attributions/exact/source": "who: sources right to the character, F1",
    "attributions/exact/cue": "cues right to the character, F1",
    "attributions/exact/content": "what: contents right to the character, F1",
    "attributions/attribution": "contents found (half of the words), F1",
    "attributions/linked": "contents found with the right source, F1",
    "people/holder": "attributions whose holder is named right, of all",
    "people/holder/found": "… of those that were found",
    "people/holder/indirect": "… of those whose source is a pronoun or an epithet",
    "people/nested/f1": "claims inside claims, F1",
    "carried over/f1": "sentences that go on in somebody's voice, F1",
    "own voice/f1": "forecasts in the writer's own voice, F1",
    "claims/kind/prediction": "predictions, F1",
    "claims/kind/pledge": "pledges, F1",
    "claims/kind/mean": "the six kinds, mean F1",
    "claims/part/condition": "conditions, F1",
    "claims/part/horizon": "horizons, F1",
    "claims/part/certainty": "words of certainty, F1",
    "claims/probability error": "probability, mean absolute error",
    "claims/resolvable": "resolvable or not, agreement",
    "horizons/right": "deadlines dated right, of all short forecasts",
    "horizons/right/dated": "… of those that were dated",
}
"""What the figures that are published mean, in words."""

JSON = dict[str, Any]


def load(path: Path) -> list[JSON]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


@dataclass(slots=True)
class Readings:
    """What the reader made of documents: as results, and as the files that the scorers read."""

    results: list[Result]
    claims: Path
    attributions: Path


def read(documents: Iterable[JSON], folder: Path, *, jobs: int = 1) -> Readings:
    """Read documents of the shape that `sayso read` takes as JSON Lines. What cannot be read is told and left out."""
    results = list(Reader(jobs=jobs).read_threads(_taken_in(documents)))
    for result in results:
        if result.error:
            print(f"not read: {result.error}", file=sys.stderr)
    readings = Readings(results, folder / "claims.jsonl", folder / "attributions.jsonl")
    for path, form in ((readings.claims, "jsonl"), (readings.attributions, "attributions")):
        with path.open("w", encoding="utf-8", newline="") as out:
            write((r for r in results if r.thread), out, format=form)  # type: ignore[arg-type]
    return readings


def _taken_in(documents: Iterable[JSON]) -> Iterable[Thread | InputError]:
    for document in documents:
        try:
            yield thread_from_document(document)
        except InputError as error:
            yield error


def scored(scorer: str, gold: Path, predicted: Path, shared: Path) -> JSON:
    """The figures that one of the scorers in shared/score gives."""
    command = [sys.executable, str(shared / "score" / scorer), str(gold), str(predicted), "--json"]
    told: JSON = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told


def news(shared: Path, folder: Path, jobs: int) -> dict[str, float]:
    """The dev articles of PolNeAR: attributions, the holders of 20 of them, the kinds of 300 contents."""
    documents = load(shared / "polnear" / "dev.jsonl")
    # The day of publication is in the names of the articles: publisher_day_title.
    asked = [{"id": d["id"], "text": d["text"], "published": d["id"].split("_")[1]} for d in documents]
    readings = read(asked, folder, jobs=jobs)
    told = scored("attribution_score.py", shared / "polnear" / "dev.jsonl", readings.attributions, shared)
    wanted = ("exact/source", "exact/cue", "exact/content", "attribution", "linked", "cited")
    figures = {f"attributions/{name}": told[name]["f1"] for name in wanted}
    told = scored("holders_score.py", shared / "people" / "dev.jsonl", readings.claims, shared)
    figures |= {f"people/{name}": told[name] for name in ("holder", "holder/found", "holder/indirect", "nested/f1")}
    told = scored("claims_score.py", shared / "claims" / "dev.jsonl", readings.claims, shared)
    figures |= {f"claims/{name}": told[name] for name in told if name.startswith(("found", "kind", "part"))}
    figures["claims/probability error"] = _number(told["probability/error"])
    figures["claims/resolvable"] = _number(told["resolvable/agreement"])
    return figures


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def horizons(shared: Path, folder: Path, jobs: int) -> dict[str, float]:
    """1,500 forecasts by the public, with the deadlines their authors set."""
    gold = shared / "horizons" / "dev.jsonl"
    asked = ({"id": d["id"], "text": d["text"], "published": d["said_on"]} for d in load(gold))
    readings = read(asked, folder, jobs=jobs)
    return {f"horizons/{k}": v for k, v in scored("horizon_score.py", gold, readings.claims, shared).items()}


def own_voice(shared: Path, folder: Path, jobs: int) -> dict[str, float]:
    """Columns and comments written for this project: which sentences are forecasts in the writer's own voice."""
    documents = load(TEXTS / "own_voice.jsonl")
    readings = read(({"id": d["id"], "text": d["text"]} for d in documents), folder, jobs=jobs)
    return own_voice_figures(documents, readings.results)


def own_voice_figures(documents: Iterable[JSON], results: Iterable[Result]) -> dict[str, float]:
    """P, R, F1 of sentences: labelled prediction or pledge, against half covered by a claim in own voice."""
    counts: Counter[str] = Counter()
    for document, result in zip(documents, results, strict=True):
        spans = [c.content.spans for c in result.claims if c.voice == "own"]
        for sentence in document["sentences"]:
            gold = sentence["label"] in ("prediction", "pledge")
            found = any(_covers(s, sentence["span"]) for s in spans)
            counts.update(gold=gold, found=found, right=gold and found)
    return _prf("own voice", counts)


def carried_over(shared: Path, folder: Path, jobs: int) -> dict[str, float]:
    """Articles written for this project: whose are the sentences without a cue of their own."""
    documents = load(TEXTS / "carried_over.jsonl")
    readings = read(({"id": d["id"], "text": d["text"]} for d in documents), folder, jobs=jobs)
    return carried_over_figures(documents, readings.results)


def carried_over_figures(documents: Iterable[JSON], results: Iterable[Result]) -> dict[str, float]:
    """P, R, F1 of sentences without a cue: labelled with a holder, against half covered by a claim of that holder.

    A sentence that the reader ties to a cue of the sentence before counts as found; own voice is no holder.
    """
    counts: Counter[str] = Counter()
    for document, result in zip(documents, results, strict=True):
        claims = [c for c in result.claims if c.voice != "own"]
        for sentence in document["sentences"]:
            if sentence["cue"]:
                continue
            holders = {c.chain[0].name.casefold() for c in claims if _covers(c.content.spans, sentence["span"])}
            gold = sentence["holder"]
            right = gold is not None and gold.casefold() in holders
            counts.update(gold=gold is not None, found=bool(holders), right=right)
    return _prf("carried over", counts)


def _covers(spans: Iterable[tuple[int, int]], sentence: tuple[int, int]) -> bool:
    start, end = sentence
    return 2 * sum(max(0, min(e, end) - max(s, start)) for s, e in spans) >= end - start


def _prf(name: str, counts: Mapping[str, int]) -> dict[str, float]:
    right, found, gold = counts["right"], counts["found"], counts["gold"]
    return {
        f"{name}/precision": right / found if found else 0.0,
        f"{name}/recall": right / gold if gold else 0.0,
        f"{name}/f1": 2 * right / (found + gold) if found + gold else 0.0,
    }


@dataclass(frozen=True, slots=True)
class Measure:
    """One corpus: how it is read and scored, and the files it takes, from the folder ``shared`` unless ``own``."""

    run: Callable[[Path, Path, int], dict[str, float]]
    files: tuple[str, ...]
    own: bool = False

    def paths(self, shared: Path) -> dict[str, Path]:
        """The files by the names that floors.json gives them."""
        return {name: (TEXTS if self.own else shared) / name for name in self.files}


MEASURES: dict[str, Measure] = {
    "news": Measure(
        news,
        ("polnear/dev.jsonl", "people/dev.jsonl", "claims/dev.jsonl", "score/attribution_score.py",
         "score/holders_score.py", "score/claims_score.py"),
    ),
    "horizons": Measure(horizons, ("horizons/dev.jsonl", "score/horizon_score.py")),
    "own voice": Measure(own_voice, ("own_voice.jsonl",), own=True),
    "carried over": Measure(carried_over, ("carried_over.jsonl",), own=True),
}  # fmt: skip


def measured(name: str, shared: Path, *, jobs: int = 1) -> dict[str, float]:
    """The figures of one of MEASURES."""
    with tempfile.TemporaryDirectory() as folder:
        return MEASURES[name].run(shared, Path(folder), jobs)


def available(shared: Path) -> tuple[list[str], list[str]]:
    """The names of the measures whose files are there, and the files that are not."""
    missing = {name: [p for p in m.paths(shared).values() if not p.exists()] for name, m in MEASURES.items()}
    return [n for n, paths in missing.items() if not paths], [str(p) for paths in missing.values() for p in paths]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=SHARED, help="the folder of the corpora and scorers")
    parser.add_argument("--jobs", type=int, default=2, help="processes that read")
    parser.add_argument("--only", choices=tuple(MEASURES), action="append", help="measure only this; may be repeated")
    parser.add_argument("--json", action="store_true", help="all figures, as JSON")
    parser.add_argument("--out", type=Path, help="also write it to this file")
    options = parser.parse_args()
    there, missing = available(options.shared)
    for path in missing:
        print(f"not there, so not measured: {path}", file=sys.stderr)
    figures: dict[str, float] = {}
    for name in there:
        if not options.only or name in options.only:
            figures |= measured(name, options.shared, jobs=options.jobs)
    shown = json.dumps(figures, indent=1) if options.json else table(figures)
    print(shown)
    if options.out:
        options.out.write_text(shown + "\n", "utf-8")
    return 0


def table(figures: Mapping[str, float]) -> str:
    """A Markdown table of the figures that SAYS describes, in its order."""
    lines = [f"Measured {datetime.date.today()}, on dev texts that were not trained on.", "", "| what | |", "|---|---|"]
    lines += [f"| {said} | {figures[name]:.3f} |" for name, said in SAYS.items() if name in figures]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
