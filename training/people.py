"""Fit the weights that choose a referent: articles whose holders are labelled -> src/sayso/reading/people/weights.json.

    training/people.py CORPUS.jsonl ITEMS.jsonl... [--out weights.json] [--folds 5]

CORPUS is shared/polnear/train.jsonl (texts, attributions, silver names). Each ITEMS file holds articles by id, and beside it
lies ``….labels.jsonl`` with {"id", "holders": [{"n", "holder", "type"}, …]}, n counting the attributions of the corpus.

Every decision of the resolver about a source with a labelled holder is one example: the candidates whose name is the
holder's are right. Resolving anew with the fitted weights changes what came before a decision, so it goes round a few times.
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

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3


def load(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def articles(corpus: Path, items: list[Path]) -> list[tuple[dict[str, Any], dict[int, dict[str, Any]]]]:
    """Documents of the corpus with the labels of their attributions, by number."""
    documents = {d["id"]: d for d in load(corpus)}
    out = []
    for path in items:
        for label in load(path.with_suffix("").with_suffix(".labels.jsonl")):
            if label["id"] in documents:
                out.append((documents[label["id"]], {h["n"]: h for h in label["holders"]}))
    return out


def run(document: dict[str, Any], ranker: Ranker, *, capitals: bool = False) -> tuple[People, list[int], list[Ask], list[Any]]:
    silver = [] if capitals or not document["silver"] else document["silver"]["names"]
    people = People(document["text"], [NamedMention(*n) for n in silver], ranker=ranker)
    people.decisions = []
    numbers = [n for n, a in enumerate(document["attributions"]) if a["content"]]
    asks = []
    for n in numbers:
        a = document["attributions"][n]
        asks.append(Ask(*(tuple(map(tuple, a[part])) for part in ("source", "content", "cue"))))
    return people, numbers, asks, people.resolve_all(asks)


def examples(data: list[Any], ranker: Ranker, same: Any) -> tuple[list[tuple[list[list[str]], list[int]]], collections.Counter[str]]:
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
            phrase = people._phrase(ask.source)
            at[phrase.at] = (label, people._shown(phrase.first, phrase.last) if phrase.first >= 0 else "")
        for d in people.decisions or []:
            found = at.get(d.at)
            if found is None or len(d.candidates) < 2:
                continue
            label, own = found
            right = [k for k, c in enumerate(d.candidates) if c is not None and same(label["holder"], c.name)]
            if d.candidates[0] is None and same(label["holder"], own):
                right.append(0)
            if not right and d.candidates[0] is None and label["type"] in ("unnamed", "group", "document"):
                # The label puts the description otherwise: it is itself, or one met before with the same head.
                head = people.layout.lower[d.at]
                right = [k for k, c in enumerate(d.candidates) if c is not None and c.head and people.words.same(c.head, head)]
                if not right or people._nouns[d.at].modifiers:
                    right.append(0)
            if right:
                out.append((d.features, right))
                count[d.kind] += 1
                count[d.kind + " right"] += d.chosen in right
    return out, count


def silver_examples(documents: list[dict[str, Any]], ranker: Ranker) -> list[tuple[list[list[str]], list[int]]]:
    """Decisions about pronouns and definite descriptions with the corpus' automatic coreference for an answer.

    A candidate is right when one of its mentions ends where a mention of the same cluster does; a description that no
    cluster holds, or whose cluster no candidate is in, speaks of itself. Pronouns outside every cluster are left out.
    """
    out = []
    for document in documents:
        people, *_ = run(document, ranker)
        cluster = {e: k for k, spans in enumerate(document["silver"]["coreference"]) for _, e in spans}
        whole = {(s, e): k for k, spans in enumerate(document["silver"]["coreference"]) for s, e in spans}
        layout = people.layout
        of: dict[int, set[int]] = collections.defaultdict(set)
        for m in people.history:
            end = layout.ends[m.last - 1]
            for at in (end, end + 2 * layout.possessive[m.last - 1]):
                if at in cluster and m.form != "pronoun":
                    of[id(m.entity)].add(cluster[at])
        for d in people.decisions or []:
            if d.kind != "he" or len(d.candidates) < 2 or layout.quoted[d.at]:
                continue
            start, end = layout.starts[d.at], layout.ends[d.at]
            k = whole.get((start, end)) if d.candidates[0] is not None else cluster.get(end)
            right = [] if k is None else [j for j, c in enumerate(d.candidates) if c is not None and k in of[id(c)]]
            if len(right) > 1:
                named = [j for j in right if d.candidates[j].named]
                right = named or right
            if not right and d.candidates[0] is None and k is None:
                right = [0]
            if right:
                out.append((d.features, right))
    return out


def fit(rows: list[tuple[list[list[str]], list[int]]], *, l2: float, heavy: int | None = None, light: float = 1.0) -> dict[str, float]:
    """The weights that make the right candidates likeliest, with a penalty of ``l2`` times the sum of squares.

    The rows after the first ``heavy`` count ``light`` each.
    """
    worth = np.ones(len(rows))
    if heavy is not None:
        worth[heavy:] = light
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
        return float(np.sum(worth * (np.log(total) - np.log(hit))) + l2 * w @ w), x.T @ slope + 2 * l2 * w

    best = minimize(loss, np.zeros(len(index)), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return {f: round(float(best[i]), 3) for f, i in sorted(index.items()) if abs(best[i]) > 0.01}


def train(
    data: list[Any], start: dict[str, float], same: Any, *, l2: float, extra: list[Any] | None = None, light: float = 0.1
) -> dict[str, float]:
    """Resolve and fit in turn; ``extra`` are examples of the automatic coreference, which count ``light`` each."""
    weights = start
    for _ in range(ROUNDS):
        rows, _ = examples(data, Ranker(weights), same)
        weights = fit(rows + (extra or []), l2=l2, heavy=len(rows), light=light)
    return weights


def show(count: collections.Counter[str]) -> str:
    return ", ".join(f"{k} {count[k + ' right']}/{count[k]} {count[k + ' right'] / count[k]:.3f}" for k in sorted(count) if not k.endswith(" right"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("items", type=Path, nargs="+")
    parser.add_argument("--score", type=Path, default=ROOT.parent / "shared" / "score")
    parser.add_argument("--out", type=Path, default=ROOT / "src/sayso/reading/people/weights.json")
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--silver", type=int, default=0, help="other articles of the corpus to learn its coreference from")
    parser.add_argument("--light", type=float, default=0.1, help="what one of those examples counts")
    parser.add_argument("--l2", type=float, default=0.5)
    options = parser.parse_args()
    sys.path.insert(0, str(options.score))
    from holders_score import same

    data = articles(options.corpus, options.items)
    labelled = {d["id"] for d, _ in data}
    start = json.loads(options.out.read_text(encoding="utf-8"))
    print(len(data), "articles; before:", show(examples(data, Ranker(start), same)[1]))
    others = [d for d in load(options.corpus) if d["silver"] and d["id"] not in labelled][: options.silver]
    extra = silver_examples(others, Ranker(start))
    print(len(extra), "examples of automatic coreference")
    if options.folds:
        total: collections.Counter[str] = collections.Counter()
        for k in range(options.folds):
            held = data[k :: options.folds]
            rest = [d for i, d in enumerate(data) if i % options.folds != k]
            total += examples(held, Ranker(train(rest, start, same, l2=options.l2, extra=extra, light=options.light)), same)[1]
        print("held out:", show(total))
        return 0
    weights = train(data, start, same, l2=options.l2, extra=extra, light=options.light)
    print("after:", show(examples(data, Ranker(weights), same)[1]))
    options.out.write_text(json.dumps(weights, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
