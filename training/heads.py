"""Fit the judge of kinds again on labels that the network has not learned: heads.py NETWORK OUT.

What the network has learned by heart it tells apart too well, and a head fitted on that is surer than it may be. So the
encoder stays as it is, and the span head alone learns on from the rows of labels/kinds.jsonl from ``--unseen`` on, the
older labels counting less; of voices and of what can be settled it keeps its own opinion. A tenth of the unseen
labels, by document, is held out and says when to stop.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from data import load, pieces
from encoders import minilm
from network import Network
from sayso.reading.segment import windows
from sayso.reading.wordpiece import WordPiece
from tasks import LABELS, Span, contents

OLD = 0.25
"""What a label that the network has learned counts beside one that it has not."""


def gather(network: Network, data: Path, tokenizer: WordPiece, unseen: int) -> list[tuple[Tensor, int, int, bool, int]]:
    """Of every labelled content: states of its pieces and then its cue's, how many are its own, kind, unseen, fold."""
    documents = load(data / "polnear/train.jsonl")
    fresh = {(r["doc"], str(r["spans"])) for r in load(LABELS / "kinds.jsonl")[unseen:]}
    judged = contents(data, documents)
    made = []
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for number, d in enumerate(documents):
            spans = [s for s in judged.get(d["id"], ()) if s.kind >= 0]
            for w in windows(d["text"], tokenizer) if spans else ():
                lo, hi = w.starts[w.first], w.ends[-1]
                mine = [s for s in spans if lo <= s.ranges[0][0] < hi]
                if not mine:
                    continue
                states = network.states(torch.tensor([w.ids]), torch.tensor([w.types]), None)[0]
                for s in mine:
                    body, cue = _places(w, s)
                    if body:
                        new = (d["id"], str(s.ranges)) in fresh
                        made.append((states[body + cue].half(), len(body), s.kind, new, number % 10))
    return made


def _places(window, span: Span) -> tuple[list[int], list[int]]:
    body = [p for a, b in span.ranges for p in pieces(window, a, b)]
    return body, [p for a, b in span.cue or [] for p in pieces(window, a, b)]


def judge(network: Network, rows: list) -> dict[str, Tensor]:
    """What the span head says of some rows, which are laid in one row of pieces for it."""
    states = torch.cat([r[0].float() for r in rows])
    body = torch.zeros(len(rows), len(states), dtype=torch.bool)
    cue = torch.zeros_like(body)
    at = 0
    for n, (own, size, *_) in enumerate(rows):
        body[n, at : at + size] = True
        cue[n, at + size : at + len(own)] = True
        at += len(own)
    return network.spans(states, body, cue, torch.zeros(len(rows), dtype=torch.bool))


def score(network: Network, rows: list) -> tuple[float, float]:
    """Accuracy, and the mean negative log likelihood."""
    network.eval()
    with torch.no_grad():
        said = torch.cat([judge(network, rows[i : i + 64])["kind"] for i in range(0, len(rows), 64)])
    kinds = torch.tensor([r[2] for r in rows])
    return float((said.argmax(1) == kinds).float().mean()), float(F.cross_entropy(said, kinds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pretrained", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--unseen", type=int, required=True, help="the first row of kinds.jsonl that was not learned")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--lr", type=float, default=3e-4)
    o = parser.parse_args()
    torch.manual_seed(5)
    network = Network(minilm(load_file(o.pretrained)), 0.3)
    network.load_state_dict(load_file(o.network), strict=False)
    network.eval()
    rows = gather(network, o.data, WordPiece.from_json(o.tokenizer.read_text("utf-8")), o.unseen)
    held = [r for r in rows if r[3] and r[4] == 0]
    rows = [r for r in rows if r[4] != 0]
    own = copy.deepcopy(network)
    print(
        f"{len(rows)} contents, {sum(r[3] for r in rows)} of them unseen; held out {len(held)}: {score(network, held)}"
    )
    optimizer = torch.optim.AdamW(network.spans.parameters(), lr=o.lr, weight_decay=0.05)
    best, kept = score(network, held)[1], copy.deepcopy(network.spans.state_dict())
    for epoch in range(o.epochs):
        network.train()
        network.encoder.eval()
        for index in torch.randperm(len(rows)).split(48):
            some = [rows[i] for i in index.tolist()]
            said = judge(network, some)
            with torch.no_grad():
                before = judge(own, some)
            weight = torch.tensor([1.0 if r[3] else OLD for r in some])
            each = F.cross_entropy(said["kind"], torch.tensor([r[2] for r in some]), reduction="none")
            loss = (each * weight).sum() / weight.sum()
            loss = loss + F.kl_div(said["voice"].log_softmax(-1), before["voice"].softmax(-1), reduction="batchmean")
            loss = loss + F.binary_cross_entropy_with_logits(said["resolvable"], before["resolvable"].sigmoid())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        accuracy, likelihood = score(network, held)
        print(f"{epoch + 1}: {accuracy:.3f} {likelihood:.3f}", flush=True)
        if likelihood < best:
            best, kept = likelihood, copy.deepcopy(network.spans.state_dict())
    network.spans.load_state_dict(kept)
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, o.out)


if __name__ == "__main__":
    main()
