"""Let a trained network read the corpus and unlabelled news, and keep its answers for a smaller one to learn from.

An answer is, for each window, the probability of each tag at each piece (softmax of the scores before the CRF, whose
transitions the smaller network takes over) and the four likeliest targets of each piece of a content or a cue.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from data import IGNORE, Example, load
from encoders import minilm, mpnet
from sayso.reading.segment import windows
from sayso.reading.wordpiece import WordPiece

TOP = 4
HEADS = ("tags", "cue_of", "source_of")


@dataclass
class Soft:
    """Answers by document, a list of windows each; ``crf`` is the teacher's."""

    crf: dict
    answers: dict[str, list[dict]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    tokenizer: str = ""

    @classmethod
    def load(cls, path: Path) -> Soft:
        """All the parts that ``path`` (a prefix) stands for."""
        parts = [torch.load(p, weights_only=False) for p in sorted(path.parent.glob(f"{path.name}.*.pt"))]
        soft = cls(parts[0]["crf"], tokenizer=parts[0]["tokenizer"])
        for part in parts:
            soft.answers |= part["answers"]
            soft.texts |= part["texts"]
        return soft

    def attach(self, items: list[Example]) -> None:
        seen: dict[str, int] = {}
        for x in items:
            n = seen.get(x.document, 0)
            seen[x.document] = n + 1
            known = self.answers.get(x.document)
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


def answer(heads: dict[str, torch.Tensor]) -> dict:
    tags = heads["tags"][0].float().softmax(-1)
    best = tags.argmax(-1)
    made = {"tags": tags.numpy().astype(np.float16)}
    for name, begin in (("cue_of", 5), ("source_of", 3)):
        rows = ((best == begin) | (best == begin + 1)).nonzero()[:, 0]
        shares = heads[name][0, rows].float().softmax(-1)
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


def main() -> None:
    from safetensors.torch import load_file

    from network import Network
    from train import to_mpnet

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pretrained", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--encoder", choices=("minilm", "mpnet"), default="mpnet")
    parser.add_argument("--network", type=Path, required=True)
    parser.add_argument("--second", type=Path, help="a small network whose answers are averaged with the first's")
    parser.add_argument("--second-pretrained", type=Path)
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
    networks = [(network, big)]
    if o.second:
        second = Network(minilm(load_file(o.second_pretrained)))
        second.load_state_dict(load_file(o.second), strict=False)
        second.eval()
        networks.append((second, False))
    crf = {k: sum(n.crf.state_dict()[k] for n, _ in networks) / len(networks) for k in network.crf.state_dict()}
    tokenizer = WordPiece.from_json(o.tokenizer.read_text("utf-8"))
    corpus = [(d["id"], d["text"]) for d in load(o.data / "polnear/train.jsonl")]
    with gzip.open(o.data / "news/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        news = [json.loads(line) for line in lines]
    random.Random(4).shuffle(news)
    fresh = [(f"news:{n}", d["text"]) for n, d in enumerate(news[: o.news])]
    # Mixed, so that reading may stop anywhere.
    documents = corpus[o.part :: o.parts] + fresh[o.part :: o.parts]
    random.Random(o.part).shuffle(documents)
    answers: dict[str, list[dict]] = {}
    texts: dict[str, str] = {}

    def save() -> None:
        torch.save(
            {"crf": crf, "answers": answers, "texts": texts, "tokenizer": str(o.tokenizer)},
            f"{o.out}.{o.part}.pt",
        )

    began = time.time()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for n, (name, text) in enumerate(documents):
            if time.time() - began > o.seconds:
                break
            made = []
            for w in windows(text, tokenizer):
                ids, types = torch.tensor([w.ids]), torch.tensor([w.types])
                each = [net(to_mpnet(ids) if moved else ids, types) for net, moved in networks]
                # The mean of the logarithms: what both find likely.
                mean = {k: sum(h[k].float().log_softmax(-1) for h in each) / len(each) for k in HEADS}
                made.append(answer(mean))
            answers[name] = made
            if name.startswith("news:"):
                texts[name] = text
            if n % 100 == 99:
                print(f"{n + 1}/{len(documents)} {time.time() - began:.0f}s", flush=True)
                save()
    save()


if __name__ == "__main__":
    main()
