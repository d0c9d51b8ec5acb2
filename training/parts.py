"""Fit how likely a phrase is a part of a forecast (src/sayso/reading/parts), and write weights.json.

Two steps, since the network has learned most of the labels by heart and would be trusted too much if it were judged
on them: 1. What speaks for a phrase by its rule and its place is fitted on all labelled forecasts, with the network
left out. 2. How far the network is to be believed beside that is fitted on labels it has not seen. When a network is
trained anew, on those labels too, the second step is kept as it was (``--keep-network``) until there are new ones. To
fit it again, put the network of before they were learned into src/sayso/model (git has it) for as long as this runs.
What several networks say of labels that each had not learned goes together by ``--save`` and ``--saved``: one is surer
than another, so that each is believed in its own measure, and the last one's is written.

    python training/parts.py --data ../shared --unseen news.jsonl:284 --unseen kinds.jsonl:5800 [--save FILE]
    python training/parts.py --data ../shared --saved FILE --saved FILE
    python training/parts.py --data ../shared --keep-network
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import pickle
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from sayso.posts import KINDS
from sayso.reading.encoder import Encoder
from sayso.reading.page import PARTS, Page, States, blank, read_pages
from sayso.reading.parts import Place, candidates

ROOT = Path(__file__).resolve().parent.parent
LABELS = Path(__file__).parent / "labels"
WEIGHTS = ROOT / "src/sayso/reading/parts/weights.json"
NETWORK = ("t:mean", "t:most", "t:out", "t:alike", "k:sure", "k:uncued", "rule:tagged", "bias")
RARE = 4
"""A feature seen in fewer candidates gets no weight."""
NEARLY = 0.005
"""No smaller difference in F1 is one."""
WORD = re.compile(r"\w+(?:[’'\-]\w+)*")


@dataclass
class Row:
    """A labelled content: its text and ranges, kind, parts as words, and whether the network has not seen it."""

    text: str
    ranges: list
    cue: list | None
    kind: str
    day: datetime.date
    parts: dict
    unseen: bool = False
    sure: float = 0.9
    network: int = 0
    page: Page | None = field(default=None, repr=False)


def load(path: Path) -> list[dict]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def rows(data: Path, unseen: dict[str, int]) -> list[Row]:
    """All labelled contents; those of a file in ``unseen``, from that row on, the network has not learned."""
    never = 10**9
    texts = {d["id"]: d for d in load(data / "polnear/train.jsonl")}
    labelled = [(r, False) for r in load(data / "claims/train.jsonl")]
    labelled += [(r, n >= unseen.get("kinds.jsonl", never)) for n, r in enumerate(load(LABELS / "kinds.jsonl"))]
    found = []
    for row, new in labelled:
        document = texts[row["doc"]]
        first = {tuple(s) for s in row["spans"]}
        attributions = document["attributions"]
        cue = next((a["cue"] for a in attributions if first & {tuple(s) for s in a["content"]}), [])
        found.append(_row(row, document["text"], cue, row["doc"].split("_")[1], new))
    articles = {d["id"]: d for d in load(data / "news/articles.jsonl.gz")}
    for n, row in enumerate(load(LABELS / "news.jsonl")):
        article = articles[row["doc"]]
        new = n >= unseen.get("news.jsonl", never)
        found.append(_row(row, article["text"], row.get("cue"), article["published"], new))
    return found


def _row(row: dict, text: str, cue: list | None, day: str, unseen: bool) -> Row:
    parts = {}
    for part in PARTS:
        label = row.get(part)
        parts[part] = text[label[0] : label[1]] if isinstance(label, list) else label
    return Row(
        text, row["spans"], cue, row["kind"], datetime.date.fromisoformat(day[:10] or "2016-07-01"), parts, unseen
    )


def words(text: str | None) -> Counter:
    return Counter(w.lower() for w in WORD.findall(text or ""))


def alike(a: str | None, b: str) -> bool:
    """The rule of the scorer: half of the words in common."""
    x, y = words(a), words(b)
    union = sum((x | y).values())
    return bool(union) and sum((x & y).values()) / union >= 0.5


def fit(examples: list[tuple[dict[str, float], bool]], *, offset: list[float], names: list[str], ridge: float) -> dict:
    """Logistic regression by features, with a known log odds to start from."""
    index = {name: n for n, name in enumerate(names)}
    x = np.zeros((len(examples), len(names)))
    for n, (features, _) in enumerate(examples):
        for name, value in features.items():
            if name in index:
                x[n, index[name]] = value
    y = np.array([float(right) for _, right in examples])
    start = np.array(offset)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = start + x @ w
        p = 1 / (1 + np.exp(-z))
        value = float(np.sum(np.logaddexp(0, z) - y * z) + 0.5 * ridge * w @ w)
        return value, x.T @ (p - y) + ridge * w

    best = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B")
    return {name: round(float(w), 3) for name, w in zip(names, best.x, strict=True) if abs(w) >= 0.005}


def odds(features: dict[str, float], weights: dict[str, float]) -> float:
    return sum(v * weights.get(k, 0.0) for k, v in features.items())


def by_rule(labelled: list[Row], part: str) -> dict[str, float]:
    """Step 1: weights of rule and place, on forecasts alone."""
    examples = []
    for row in labelled:
        if row.kind in KINDS[:2]:
            place = Place(blank(row.text), [tuple(s) for s in row.ranges], row.kind, said=row.day)
            found = candidates(place, part)
            examples += [(c.features, alike(row.parts[part], row.text[c.at[0] : c.at[1]])) for c in found]
    seen = Counter(name for features, _ in examples for name in features)
    names = [n for n, times in seen.items() if times >= RARE and not n.startswith(("t:", "k:"))]
    return fit(examples, offset=[0.0] * len(examples), names=names, ridge=2.0)


def with_network(unseen: list[Row], part: str, rule: dict[str, float]) -> dict:
    """Step 2: weights of what the network says, and the least probability, on labels that it has not seen.

    How much more or less the rules count beside the network ("r") is fitted on what all networks said, the rest on
    what each said; the last one's weights are given, and the least probability is for it.
    """
    contents = []
    count = 1 + max((row.network for row in unseen), default=0)
    for row in unseen:
        place = Place(row.page, [tuple(s) for s in row.ranges], row.kind, row.sure, row.day, cued=bool(row.cue))
        found = candidates(place, part)
        right = [alike(row.parts[part], row.text[c.at[0] : c.at[1]]) for c in found]
        contents.append((row, list(zip([c.features for c in found], right, strict=True))))
    examples = [(f, odds(f, rule), right, row.network) for row, found in contents for f, right in found]
    told = [({**{f"{n}@{k}": f.get(n, 0.0) for n in NETWORK}, "r": r}, right) for f, r, right, k in examples]
    names = [f"{n}@{k}" for n in NETWORK for k in range(count)]
    fitted = fit(told, offset=[r for _, r, _, _ in examples], names=[*names, "r"], ridge=1.0)
    last = f"@{count - 1}"
    network = {n.removesuffix(last): w for n, w in fitted.items() if n == "r" or n.endswith(last)}
    total = joined(rule, network)
    contents = [one for one in contents if one[0].network == count - 1]
    best = least_probability(contents, part, total)
    report(contents, part, total, best)
    return {"least": best, "weights": total, "network": network}


def joined(rule: dict[str, float], network: dict[str, float]) -> dict[str, float]:
    """One weight a feature, out of both steps ("r" is how much more the rules count beside the network)."""
    total = {name: round(w * (1 + network.get("r", 0.0)), 3) for name, w in rule.items()}
    for name in NETWORK:
        total[name] = round(total.get(name, 0.0) + network.get(name, 0.0), 3)
    return {name: w for name, w in total.items() if w}


def least_probability(contents: list, part: str, weights: dict) -> float:
    """From which probability on a candidate is taken: the lowest whose F1 is (nearly) the best.

    F1 is flat over a wide stretch around half of its best (Lipton, Elkan, Naryanaswamy: Optimal thresholding of
    classifiers to maximize F1 measure, 2014). A part that is left out is lost, while a wrong one can be seen.
    """
    steps = np.arange(0.2, 0.5, 0.02)
    reached = [f1(contents, part, weights, step) for step in steps]
    return next(round(float(s), 2) for s, value in zip(steps, reached, strict=True) if value >= max(reached) - NEARLY)


def f1(contents: list, part: str, weights: dict, least: float) -> float:
    tp = predicted = gold = 0
    for row, found in contents:
        best = max(((odds(f, weights), right) for f, right in found), default=None, key=lambda e: e[0])
        taken = best is not None and 1 / (1 + np.exp(-best[0])) >= least
        gold += bool(row.parts[part])
        predicted += taken
        tp += bool(taken and best[1])
    return 2 * tp / (predicted + gold) if predicted + gold else 0.0


def report(contents: list, part: str, weights: dict, least: float) -> None:
    gold = sum(bool(row.parts[part]) for row, _ in contents)
    reach = sum(any(right for _, right in found) for _, found in contents)
    print(f"{part:10} unseen {len(contents)} gold {gold} among the candidates {reach} least {least:.2f} "
          f"F1 {f1(contents, part, weights, least):.3f}")  # fmt: skip


def read(unseen: list[Row]) -> list[Row]:
    """The unseen rows that the network takes for forecasts, each with its page and how sure that is."""
    encoder = Encoder()
    encoder.load()
    by_text: dict[str, list[Row]] = {}
    for row in unseen:
        by_text.setdefault(row.text, []).append(row)
    taken = []
    for text, here in by_text.items():
        page = read_pages([text], encoder)[0]
        small = replace(page, states=States([]), names=[], attributions=[])  # all that candidates look at
        for row in here:
            cue = [tuple(s) for s in row.cue] if row.cue is not None else None
            span = page.span([tuple(s) for s in row.ranges], cue)
            if not len(span[0]):  # a content without a word
                continue
            kind = encoder.judge([span]).kind[0]
            if kind[:2].max() >= kind.max():
                row.page, row.sure = small, float(kind[0] + kind[1])
                row.kind = KINDS[int(kind[:2].argmax())]
                taken.append(row)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared")
    parser.add_argument(
        "--unseen", action="append", default=[], metavar="FILE:ROW",
        help="labels that the network was not trained on: news.jsonl or kinds.jsonl, from this row (from 0) on",
    )  # fmt: skip
    parser.add_argument("--save", type=Path, help="keep what the network says of the unseen labels here, and stop")
    parser.add_argument("--saved", type=Path, action="append", default=[], help="take that in place of the network")
    parser.add_argument("--keep-network", action="store_true", help="take the second step's weights as they are")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    o = parser.parse_args()
    unseen_from = {name: int(row or 0) for name, _, row in (u.partition(":") for u in o.unseen)}
    labelled = rows(o.data, unseen_from)
    if o.save:
        o.save.write_bytes(pickle.dumps(read([r for r in labelled if r.unseen])))
        return
    kept = json.loads(o.out.read_text("utf-8")) if o.keep_network else {}
    rules = {part: by_rule(labelled, part) for part in PARTS}
    if o.keep_network:
        made = {part: kept[part] | {"weights": joined(rules[part], kept[part]["network"])} for part in PARTS}
    else:
        saved = []
        for network, path in enumerate(o.saved):
            said = pickle.loads(path.read_bytes())
            for row in said:
                row.network = network
            saved += said
        unseen = saved if o.saved else read([r for r in labelled if r.unseen])
        made = {part: with_network(unseen, part, rules[part]) for part in PARTS}
    o.out.write_text(json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
