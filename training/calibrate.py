"""Put the reader's confidence on a measured scale, and tell how well it holds.

Three probabilities make a claim's confidence: that its span (with its source) is right, that its holder is, and that
its kind is. Each is fitted on dev as a logistic regression over the log odds that the network gives:

- attributed: polnear/dev, right when an annotated attribution has the same content and source (Jaccard >= 0.5 both);
- nested: people/dev, right when a labelled nested claim has the same content;
- carried-over, own: the texts under tests/reading/texts, right when the sentence is labelled so;
- holder: people/dev, over claims whose content was found; kind: claims/dev, likewise.

The model's reader.json gets the figures; the bands of confidence and the share that is right in each are printed,
and drawn as a reliability plot.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from reliability import plot
from sayso.posts import Post, Thread
from sayso.reading.reader import Reader

ROOT = Path(__file__).resolve().parent.parent


def rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def covered(spans) -> set[int]:
    return {i for s, e in spans for i in range(s, e)}


def jaccard(a: set[int], b: set[int]) -> float:
    return len(a & b) / len(a | b) if a | b else 1.0


def fit(points: list[tuple[float, bool]]) -> list[float]:
    """Intercept and slope of right ~ logit(p); the slope is held near 1 where there are few points."""
    x = np.array([math.log(min(max(p, 0.01), 0.99) / (1 - min(max(p, 0.01), 0.99))) for p, _ in points])
    y = np.array([float(r) for _, r in points])

    def loss(w: np.ndarray) -> float:
        z = w[0] + w[1] * x
        return float(np.sum(np.logaddexp(0, z) - y * z) + 2.0 * (w[1] - 1) ** 2 + 0.1 * w[0] ** 2)

    return [round(float(v), 4) for v in minimize(loss, [0.0, 1.0]).x]


def main() -> None:

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--meta", type=Path, default=ROOT / "src/sayso/model/reader.json")
    parser.add_argument("--out", type=Path, help="also write the bands to this Markdown file")
    parser.add_argument("--plot", type=Path, default=ROOT / "docs/reliability.svg", help="where the plot is written")
    o = parser.parse_args()
    sys.path.insert(0, str(o.data / "score"))
    same: Callable[[str, str], bool] = import_module("holders_score").same

    reader = Reader()
    points: dict[str, list[tuple[float, bool]]] = {
        n: [] for n in ("attributed", "nested", "carried-over", "own", "holder", "kind")
    }
    people = {d["id"]: d for d in rows(o.data / "people/dev.jsonl")}
    kinds: dict[str, list[dict]] = {}
    for row in rows(o.data / "claims/dev.jsonl"):
        kinds.setdefault(row["doc"], []).append(row)
    for d in rows(o.data / "polnear/dev.jsonl"):
        probes = reader.probe(Thread(d["id"], [Post(d["id"], d["text"])]))
        gold = [(covered(a["content"]), covered(a["source"])) for a in d["attributions"]]
        for probe in probes:
            body, source = covered(probe.content), covered(probe.source)
            if probe.voice == "attributed" and probe.depth == 1:
                right = {"attributed": any(jaccard(body, c) >= 0.5 and jaccard(source, s) >= 0.5 for c, s in gold)}
                points["attributed"].append((probe.span_sure, right["attributed"]))
                if d["id"] in people:
                    best = max(people[d["id"]]["attributions"], key=lambda a: jaccard(body, covered(a["spans"])))
                    if jaccard(body, covered(best["spans"])) >= 0.5 and best["holder"]:
                        right["holder"] = same(best["holder"], probe.holder)
                        points["holder"].append((probe.holder_sure, right["holder"]))
                for row in kinds.get(d["id"], ()):
                    if jaccard(body, covered(row["spans"])) >= 0.5:
                        right["kind"] = probe.kind == row["kind"]
                        points["kind"].append((probe.kind_sure, right["kind"]))
            elif probe.voice == "attributed" and d["id"] in people:
                right_ = any(jaccard(body, covered(n["spans"])) >= 0.5 for n in people[d["id"]]["nested"])
                points["nested"].append((probe.span_sure, right_))
    for file, voice in (("own_voice", "own"), ("carried_over", "carried-over")):
        for d in rows(ROOT / f"tests/reading/texts/{file}.jsonl"):
            kind = d.get("kind", "article")
            for probe in reader.probe(Thread(d["id"], [Post(d["id"], d["text"], kind=kind)])):
                if probe.voice != voice:
                    continue
                best = max(d["sentences"], key=lambda s: jaccard(covered(probe.content), covered([s["span"]])))
                if voice == "own":
                    right_ = best["label"] in ("prediction", "pledge")
                else:
                    right_ = best["holder"] is not None and same(best["holder"], probe.holder)
                points[voice].append((probe.span_sure, right_))
    calibration = {name: fit(found) for name, found in points.items() if len(found) >= 20}
    meta = json.loads(o.meta.read_text("utf-8"))
    meta["calibration"] = calibration
    o.meta.write_text(json.dumps(meta, indent=1) + "\n", "utf-8")
    for name, found in points.items():
        print(
            f"{name:14}{len(found):6} right {np.mean([r for _, r in found]) if found else 0:.3f}", calibration.get(name)
        )
    lines = table(points, calibration)
    print("\n".join(lines))
    if o.out:
        o.out.write_text("\n".join(lines) + "\n", "utf-8")
    plot({n: [(scaled(calibration[n], p), r) for p, r in points[n]] for n in calibration}, o.plot)


def scaled(weights: list[float], p: float) -> float:
    p = min(max(p, 0.01), 0.99)
    return 1 / (1 + math.exp(-(weights[0] + weights[1] * math.log(p / (1 - p)))))


BANDS = ((0.0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01))


def table(points: dict[str, list[tuple[float, bool]]], calibration: dict[str, list[float]]) -> list[str]:
    """A Markdown table: for each probability, what was given and what was right, band by band."""
    lines = [
        "Given → right (number), band by band, on the texts that the scale was fitted on:",
        "",
        "| probability of | " + " | ".join(f"{lo:.1f}–{min(hi, 1.0):.1f}" for lo, hi in BANDS) + " |",
        "|---|" + "---|" * len(BANDS),
    ]
    for name, weights in calibration.items():
        given = np.array([scaled(weights, p) for p, _ in points[name]])
        right = np.array([r for _, r in points[name]])
        cells = []
        for lo, hi in BANDS:
            inside = (given >= lo) & (given < hi)
            told = f"{given[inside].mean():.2f} → {right[inside].mean():.2f} ({inside.sum()})" if inside.any() else "–"
            cells.append(told)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


if __name__ == "__main__":
    main()
