"""Let a trained network read the corpus and unlabelled news, and keep its answers for a smaller one to learn from.

An answer is, for each window, the probability of each tag at each piece (softmax of the scores before the CRF, whose
transitions the smaller network takes over), the four likeliest targets of each piece of a content or a cue, the same of
the tags inside contents and of the parts of forecasts, and the judgement of every content and of every sentence that
stands outside of them: its kind, whose voice it is, whether it could be settled.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from data import IGNORE, Example, load, pieces
from encoders import minilm, mpnet, to_mpnet
from sayso.reading.crf import CRF
from sayso.reading.segment import Window, paragraphs, sentences, windows
from sayso.reading.wordpiece import WordPiece

# Body and cue as pieces (begin, stop, begin, stop), and whether it is a sentence on its own.
Place = tuple[int, int, int, int, bool]

TOP = 4
LINKS = (("cue_of", 5), ("source_of", 3))


@dataclass
class Soft:
    """Answers by document, a list of windows each; ``crf`` and ``inner_crf`` are the teacher's."""

    crf: dict
    inner_crf: dict
    answers: dict[str, list[dict]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    tokenizer: str = ""
    short: frozenset[str] = frozenset()

    @classmethod
    def load(cls, path: Path) -> Soft:
        """All the parts that ``path`` (a prefix) stands for."""
        parts = [torch.load(p, weights_only=False) for p in sorted(path.parent.glob(f"{path.name}.*.pt"))]
        soft = cls(parts[0]["crf"], parts[0]["inner_crf"], tokenizer=parts[0]["tokenizer"])
        for part in parts:
            soft.answers |= part["answers"]
            soft.texts |= part["texts"]
        return soft

    def attach(self, items: list[Example]) -> None:
        """Give the windows their answers; not those of short texts, which would teach that such hold no attribution."""
        seen: dict[str, int] = {}
        for x in items:
            n = seen.get(x.document, 0)
            seen[x.document] = n + 1
            known = self.answers.get(x.document)
            if x.extra.get("unannotated") and x.document in self.short:
                continue
            if known and n < len(known) and len(known[n]["tags"]) == len(x.window.ids):
                x.extra["soft"] = known[n]

    def unlabelled(self, epoch: int, epochs: int) -> list[Example]:
        """The windows of this epoch's share of the unlabelled articles, with the teacher's answers only."""
        tokenizer = WordPiece.from_json(Path(self.tokenizer).read_text("utf-8"))
        # Two shares of the articles an epoch: each article is read twice in all.
        order = sorted(self.texts)
        names = order[epoch % epochs :: epochs] + order[(epoch + 1) % epochs :: epochs]
        made = []
        for name in names:
            for w in windows(self.texts[name], tokenizer):
                none = np.full(len(w.ids), IGNORE)
                made.append(Example(w, name, np.zeros(len(w.ids), np.int64), none, none, none, {"unannotated": True}))
        self.attach(made)
        return [x for x in made if "soft" in x.extra]


def answer(mean: dict[str, torch.Tensor]) -> dict:
    """What is kept of a window: ``mean`` holds the logarithms of the probabilities (pieces, …) of each head."""
    tags = mean["tags"].softmax(-1)
    best = tags.argmax(-1)
    made = {"tags": tags.numpy().astype(np.float16), "inner": mean["inner"].softmax(-1).numpy().astype(np.float16)}
    made["parts"] = mean["parts"].softmax(-1).numpy().astype(np.float16)
    for name, begin in LINKS:
        rows = ((best == begin) | (best == begin + 1)).nonzero()[:, 0]
        shares = mean[name][rows].softmax(-1)
        top = shares.topk(min(TOP, shares.shape[1]), -1) if len(rows) else None
        if top is None:
            made[name] = (np.zeros(0, np.int16), np.zeros((0, TOP), np.int16), np.zeros((0, TOP), np.float16))
        else:
            share = top.values / top.values.sum(-1, keepdim=True)
            made[name] = (
                rows.numpy().astype(np.int16),
                top.indices.numpy().astype(np.int16),
                share.numpy().astype(np.float16),
            )
    return made


def to_judge(text: str, window: Window, mean: dict[str, torch.Tensor], chain: CRF) -> list[Place]:
    """The contents that the tags find in a window, with their cues, and the sentences that stand outside of them."""
    best, target = chain.decode([mean["tags"].numpy()])[0].tolist(), mean["cue_of"].argmax(-1).tolist()
    end = len(best) - 1
    places, p = [], window.first
    while p < end:
        if best[p] not in (5, 6):
            p += 1
            continue
        q = p + 1
        while q < end and best[q] == 6:
            q += 1
        cue = Counter(target[p:q]).most_common(1)[0][0]
        stop = cue
        while 0 < stop < end and best[stop] in (3, 4) and (stop == cue or best[stop] == 4):
            stop += 1
        if q - p >= 3:
            places.append((p, q, cue, stop, False))
        p = q
    lo, hi = window.starts[window.first], window.ends[end - 1]
    for begin, paragraph_end in paragraphs(text):
        if begin >= hi or paragraph_end <= lo:
            continue
        for s, e in sentences(text, begin, paragraph_end):
            where = pieces(window, s, e) if lo <= s and e <= hi else ()
            if len(where) > 3 and sum(best[p] in (5, 6) for p in where) <= 0.2 * len(where):
                places.append((where.start, where.stop, 0, 0, True))
    return places


def masks(places: list[Place], size: int, offset: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What the span head takes for some places: body and cue of shape (places, size), and which are sentences."""
    body, cue = (torch.zeros(len(places), size, dtype=torch.bool) for _ in range(2))
    for row, (a, b, c, d, _) in enumerate(places):
        body[row, offset + a : offset + b] = True
        cue[row, offset + c : offset + d] = True
    return body, cue, torch.tensor([sentence for *_, sentence in places])


def read(networks: list[tuple], text: str, window: Window, chain: CRF) -> dict:
    """The answer of several networks to a window; of each: itself, whether it takes MPNet's ids, and two weights.

    The second weighs what it says of spans, parts and claims inside claims, which it may have learnt less well.
    """
    ids, types = torch.tensor([window.ids]), torch.tensor([window.types])
    each = [(net(to_mpnet(ids) if moved else ids, types), share) for net, moved, share, _ in networks]
    # The mean of the logarithms: what all find likely.
    mean = {
        k: sum(h[k][0].float().log_softmax(-1) * share for h, share in each) for k in ("tags", "cue_of", "source_of")
    }
    mean["inner"] = sum(h["inner"][0].float().log_softmax(-1) * n[3] for n, (h, _) in zip(networks, each))
    mean["parts"] = sum(
        h["parts"][0].float().view(-1, 3, 3).log_softmax(-1) * share for (*_, share), (h, _) in zip(networks, each)
    )
    made = answer(mean)
    places = to_judge(text, window, mean, chain)
    made["places"] = np.array(places, np.int16).reshape(-1, 5)
    if places:
        body, cue, sentence = masks(places, len(window.ids))
        with torch.autocast("cpu", enabled=False):
            judged = [
                (net.spans(h["states"][0].float(), body, cue, sentence), share)
                for (net, _, _, share), (h, _) in zip(networks, each)
            ]
        for name in ("kind", "voice"):
            mean = sum(j[name].log_softmax(-1) * share for j, share in judged)
            made[name] = mean.softmax(-1).numpy().astype(np.float16)
        mean = sum(j["resolvable"] * share for j, share in judged)
        made["resolvable"] = mean.sigmoid().numpy().astype(np.float16)
    return made


def main() -> None:
    from safetensors.torch import load_file

    from network import Network
    from tasks import news as labelled_news

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pretrained", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--encoder", choices=("minilm", "mpnet"), default="mpnet")
    parser.add_argument("--network", type=Path, required=True)
    parser.add_argument("--second", type=Path, help="a small network whose answers are averaged with the first's")
    parser.add_argument("--second-pretrained", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="the second network's weight in the mean")
    parser.add_argument("--judges", type=float, default=0.5, help="the same, of kinds, voices and parts")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop reading after so long")
    parser.add_argument("--out", type=Path, required=True, help="a prefix; .PART.pt is added")
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--news", type=int, default=1200, help="how many unlabelled articles")
    o = parser.parse_args()
    torch.set_num_threads(1)
    big = o.encoder == "mpnet"
    network = Network((mpnet if big else minilm)(load_file(o.pretrained)))
    network.load_state_dict(load_file(o.network), strict=False)
    network.eval()
    networks = [(network, big, 1.0, 1.0)]
    if o.second:
        second = Network(minilm(load_file(o.second_pretrained)))
        second.load_state_dict(load_file(o.second), strict=False)
        second.eval()
        networks = [(network, big, 1 - o.share, 1 - o.judges), (second, False, o.share, o.judges)]

    def mean(name: str, weight: int) -> dict:
        states = [(getattr(n[0], name).state_dict(), n[weight]) for n in networks]
        return {k: sum(s[k] * share for s, share in states) for k in states[0][0]}

    crf, inner_crf = mean("crf", 2), mean("inner_crf", 3)
    held = network.crf
    chain = CRF(
        (crf["start"] + held.no_start).numpy(),
        (crf["transitions"] + held.forbidden).numpy(),
    )
    tokenizer = WordPiece.from_json(o.tokenizer.read_text("utf-8"))
    corpus = [(d["id"], d["text"]) for d in load(o.data / "polnear/train.jsonl")]
    corpus += [(d["id"], d["text"]) for d, _ in labelled_news(o.data)]
    with gzip.open(o.data / "news/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        news = [json.loads(line) for line in lines]
    random.Random(4).shuffle(news)
    fresh = [(f"news:{n}", d["text"]) for n, d in enumerate(news[: o.news])]
    # What has labels first: reading may stop anywhere.
    random.Random(5).shuffle(corpus)
    documents = corpus[o.part :: o.parts] + fresh[o.part :: o.parts]
    answers: dict[str, list[dict]] = {}
    texts: dict[str, str] = {}

    def save() -> None:
        torch.save(
            {
                "crf": crf,
                "inner_crf": inner_crf,
                "answers": answers,
                "texts": texts,
                "tokenizer": str(o.tokenizer),
            },
            f"{o.out}.{o.part}.pt.tmp",
        )
        os.replace(f"{o.out}.{o.part}.pt.tmp", f"{o.out}.{o.part}.pt")

    began = time.time()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for n, (name, text) in enumerate(documents):
            if time.time() - began > o.seconds:
                break
            answers[name] = [read(networks, text, w, chain) for w in windows(text, tokenizer)]
            if name.startswith("news:"):
                texts[name] = text
            if n % 100 == 99:
                print(f"{n + 1}/{len(documents)} {time.time() - began:.0f}s", flush=True)
                save()
    save()


if __name__ == "__main__":
    main()
