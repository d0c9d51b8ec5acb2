"""Fit the weights that choose a referent: articles whose holders are labelled -> src/sayso/reading/people/weights.json.

    training/people.py CORPUS [LABELS...] [--out weights.json] [--folds 5]

CORPUS is shared/polnear/train.jsonl (texts, attributions, silver names). LABELS (people.jsonl and holders.jsonl of
training/labels by default) have {"doc", "holders": [{"n", "holder", "type"}, …]} a line, n counting the attributions
of the corpus.

Every decision of the resolver about a source with a labelled holder is one example: the candidates whose name is the
holder's are right. Resolving anew with the fitted weights changes what came before a decision, so it goes round a few
times.
With ``--folds`` the accuracy on articles held out is printed.
"""

from __future__ import annotations

import argparse
import collections
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from sayso.reading.people import Ask, NamedMention, People
from sayso.reading.people.ranking import Ranker

Article = tuple[dict[str, Any], dict[int, dict[str, Any]]]
"""A document of the corpus with the labels of its attributions, by number."""
Example = tuple[list[list[str]], list[int]]
"""The features of the candidates of one decision, and the indices of the right ones."""
PRIOR = {
    f"{kind}:{feature}": weight
    for kind in ("person", "organization", "few", "document", "unknown")
    for feature, weight in {
        "fit best=1": 0.5, "fit best=2": 1.0, "fit best=3": 1.0, "fit best=4": 2.0, "fit best=5": 2.5,
        "fit less=1": -0.5, "fit less=2": -1.0, "fit less=3": -1.5, "fit less=4": -2.0,
        "head clash": -0.5, "modifier clash": -1.5, "place beside": 1.0,
    }.items()
}  # fmt: skip
"""Taken for true of descriptions until the examples, which are few, say otherwise: who fits the words is meant."""
ROOT = Path(__file__).resolve().parents[1]
LABELS = ROOT / "training" / "labels"
ROUNDS = 4
LIGHT = 0.05
STEADY = 3.0


def load(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def articles(corpus: Path, labels: list[Path]) -> list[Article]:
    """Documents of the corpus with the labels of their attributions, by number."""
    documents = {d["id"]: d for d in load(corpus)}
    out = []
    for path in labels:
        for label in load(path):
            if label["doc"] in documents and label["holders"]:
                out.append((documents[label["doc"]], {h["n"]: h for h in label["holders"]}))
    return out


def run(
    document: dict[str, Any], ranker: Ranker, *, capitals: bool = False
) -> tuple[People, list[int], list[Ask], list[Any]]:
    silver = [] if capitals or not document["silver"] else document["silver"]["names"]
    people = People(document["text"], [NamedMention(*n) for n in silver], ranker=ranker, trace=True)
    numbers = [n for n, a in enumerate(document["attributions"]) if a["content"]]
    asks = []
    for n in numbers:
        a = document["attributions"][n]
        asks.append(Ask(*(tuple(map(tuple, a[part])) for part in ("source", "content", "cue"))))
    return people, numbers, asks, people.resolve_all(asks)


def examples(data: list[Article], ranker: Ranker, same: Any) -> tuple[list[Example], collections.Counter[str]]:
    """Every labelled decision as (features of the candidates, indices of the right ones), and what was right."""
    out = []
    count: collections.Counter[str] = collections.Counter()
    for document, labels in data:
        people, numbers, asks, answers = run(document, ranker)
        at = {}
        for n, ask, answer in zip(numbers, asks, answers, strict=True):
            label = labels.get(n)
            if not label or not label["holder"]:
                continue
            right = answer is not None and same(label["holder"], answer.name)
            kind = "indirect" if answer and answer.pronoun else "direct"
            count[kind] += 1
            count[kind + " right"] += right
            at[people.phrase(ask.source).at] = (label, " ".join(document["text"][s:e] for s, e in ask.source))
        for d in people.decisions:
            found = at.get(d.at)
            if found is None or len(d.candidates) < 2:
                continue
            label, own = found
            right = [k for k, c in enumerate(d.candidates) if c is not None and same(label["holder"], c.name)]
            if d.candidates[0] is None and same(label["holder"], own):
                right.append(0)
            if not right and d.candidates[0] is None and label["type"] in ("unnamed", "group", "document"):
                # The label puts the description otherwise: it is itself, or one met before with the same head.
                ground = people.ground
                alike = [
                    c is not None and c.head and ground.words.same(c.head, ground.layout.lower[d.at])
                    for c in d.candidates
                ]
                right = [0, *(k for k, fits in enumerate(alike) if fits)]
            if right:
                out.append((d.features, right))
                count[d.kind] += 1
                count[d.kind + " right"] += d.chosen in right
    return out, count


def silver_examples(documents: list[dict[str, Any]], ranker: Ranker) -> list[Example]:
    """Decisions about "he" and "she" with the corpus' automatic coreference for an answer.

    A candidate is right when one of its names ends where a mention of the pronoun's cluster does.
    """
    out = []
    for document in documents:
        people, *_ = run(document, ranker)
        layout, clusters = people.ground.layout, document["silver"]["coreference"]
        cluster = {end: k for k, spans in enumerate(clusters) for _, end in spans}
        of: dict[int, set[int]] = collections.defaultdict(set)
        for number, name in enumerate(people.ground.names):
            end = layout.ends[name.last - 1]
            for at in (end, end + 2 * layout.possessive[name.last - 1]):
                if at in cluster:
                    of[id(people.ground.register.of[number])].add(cluster[at])
        for d in people.decisions:
            k = cluster.get(layout.ends[d.at])
            if d.kind == "he" and k is not None and len(d.candidates) > 1 and not layout.quoted[d.at]:
                right = [j for j, c in enumerate(d.candidates) if k in of[id(c)]]
                if right:
                    out.append((d.features, right))
    return out


def fit(rows: list[Example], silver: list[Example], *, l2: float) -> dict[str, float]:
    """The weights that make the right candidates likeliest, less ``l2`` times their squared distance to PRIOR.

    A ``silver`` example counts LIGHT, and what PRIOR says weighs STEADY times as much as the zero of other features.
    """
    worth = np.array([1.0] * len(rows) + [LIGHT] * len(silver))
    rows = rows + silver
    index: dict[str, int] = {}
    for candidates, _ in rows:
        for features in candidates:
            for f in features:
                index.setdefault(f, len(index))
    flat, cols, owner, good = [], [], [], []
    number = 0
    for k, (candidates, right) in enumerate(rows):
        for j, features in enumerate(candidates):
            cols += [index[f] for f in features]
            flat += [number] * len(features)
            owner.append(k)
            good.append(j in right)
            number += 1
    from scipy.sparse import csr_matrix

    prior = np.array([PRIOR.get(f, 0.0) for f in index])
    pull = l2 * np.array([STEADY if f in PRIOR else 1.0 for f in index])
    x = csr_matrix((np.ones(len(cols)), (flat, cols)), shape=(number, len(index)))
    group = np.array(owner)
    ok = np.array(good)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        s = x @ w
        s -= np.maximum.reduceat(s, np.searchsorted(group, np.arange(len(rows))))[group]
        e = np.exp(s)
        total = np.bincount(group, e, len(rows))
        hit = np.bincount(group, e * ok, len(rows)) + 1e-12
        slope = (e / total[group] - e * ok / hit[group]) * worth[group]
        off = w - prior
        return float(worth @ (np.log(total) - np.log(hit)) + pull @ off**2), x.T @ slope + 2 * pull * off

    best = minimize(loss, prior, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return {f: round(float(best[i]), 3) for f, i in sorted(index.items()) if abs(best[i]) > 0.01}


def train(data: list[Article], silver: list[Example], same: Any, *, l2: float) -> dict[str, float]:
    """Resolve and fit in turn, from PRIOR on."""
    weights = dict(PRIOR)
    for _ in range(ROUNDS):
        weights = fit(examples(data, Ranker(weights), same)[0], silver, l2=l2)
    return weights


def show(count: collections.Counter[str]) -> str:
    return ", ".join(
        f"{k} {count[k + ' right']}/{count[k]} {count[k + ' right'] / count[k]:.3f}"
        for k in sorted(count)
        if not k.endswith(" right")
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("labels", type=Path, nargs="*", default=[LABELS / "people.jsonl", LABELS / "holders.jsonl"])
    parser.add_argument("--score", type=Path, default=ROOT.parent / "shared" / "score")
    parser.add_argument("--out", type=Path, default=ROOT / "src/sayso/reading/people/weights.json")
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--silver", type=int, default=500, help="how many other articles to learn pronouns from")
    parser.add_argument("--l2", type=float, default=1.0)
    options = parser.parse_args()
    sys.path.insert(0, str(options.score))
    from holders_score import same

    data = articles(options.corpus, options.labels)
    start = json.loads(options.out.read_text(encoding="utf-8"))
    print(len(data), "articles; before:", show(examples(data, Ranker(start), same)[1]))
    labelled = {d["id"] for d, _ in data}
    others = [d for d in load(options.corpus) if d["silver"] and d["id"] not in labelled]
    silver = silver_examples(others[: options.silver], Ranker(start))
    if options.folds:
        total: collections.Counter[str] = collections.Counter()
        for k in range(options.folds):
            held = data[k :: options.folds]
            rest = [d for i, d in enumerate(data) if i % options.folds != k]
            total += examples(held, Ranker(train(rest, silver, same, l2=options.l2)), same)[1]
        print("held out:", show(total))
        return 0
    weights = train(data, silver, same, l2=options.l2)
    print("after:", show(examples(data, Ranker(weights), same)[1]))
    options.out.write_text(json.dumps(weights, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
