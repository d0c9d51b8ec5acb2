"""Score a network (a PyTorch checkpoint) on the dev articles with the project's scorer."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from data import load
from encoders import minilm, mpnet, to_mpnet
from network import Network
from sayso.reading.attribution import Row, Scores, raised, softmax, votes
from sayso.reading.crf import CRF
from sayso.reading.segment import windows
from sayso.reading.wordpiece import WordPiece


def crf_of(network: Network) -> CRF:
    c = network.crf
    return CRF((c.start + c.no_start).detach().numpy(), (c.transitions + c.forbidden).detach().numpy())


def attributions(text: str, cut: list, scores: list[Scores], crf: CRF) -> list:
    """As sayso.reading.page.read_pages, from scores that PyTorch has made."""
    tags = crf.decode([s.tags for s in scores])
    better = {i: r for i, (w, s) in enumerate(zip(cut, scores)) if (r := raised(w, s, tags[i])) is not None}
    for i, t in zip(better, crf.decode(list(better.values()))):
        tags[i] = t
    own = [slice(w.first, len(w.ids) - 1) for w in cut]
    starts, ends = (np.concatenate([getattr(w, n)[o] for w, o in zip(cut, own)]) for n in ("starts", "ends"))
    joined = np.concatenate([t[o] for t, o in zip(tags, own)])
    sure = np.take_along_axis(np.concatenate([softmax(s.tags[o]) for s, o in zip(scores, own)]), joined[:, None], 1)[
        :, 0
    ]
    every, base = {}, 0
    for w, s, t, o in zip(cut, scores, tags, own):
        every |= {vote.a: vote for vote in votes(w, s, t, base=base)}
        base += o.stop - o.start
    return Row(text, starts.tolist(), ends.tolist(), joined, sure, every).attributions()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pretrained", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--encoder", choices=("minilm", "mpnet"), default="minilm")
    parser.add_argument("--network", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("dev.predicted.jsonl"))
    parser.add_argument("--window", type=int, default=256)
    parser.add_argument("--context", type=int, default=32)
    parser.add_argument("--save", type=Path, help="keep the scores of all windows here, to study decoding")
    o = parser.parse_args()
    torch.set_num_threads(1)
    big = o.encoder == "mpnet"
    network = Network((mpnet if big else minilm)(load_file(o.pretrained)))
    network.load_state_dict(load_file(o.network), strict=False)
    network.eval()
    tokenizer = WordPiece.from_json(o.tokenizer.read_text("utf-8"))
    crf = crf_of(network)
    kept = []
    with o.out.open("w", encoding="utf-8") as out, torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for d in load(o.data / "polnear/dev.jsonl"):
            cut = list(windows(d["text"], tokenizer, window=o.window, context=o.context))
            scores = []
            for w in cut:
                ids = torch.tensor([w.ids])
                heads = network(to_mpnet(ids) if big else ids, torch.tensor([w.types]))
                scores.append(Scores(*(heads[k][0].float().numpy() for k in ("tags", "cue_of", "source_of"))))
            kept.append((d["id"], d["text"], cut, scores))
            found = attributions(d["text"], cut, scores, crf)
            out.write(
                json.dumps(
                    {
                        "id": d["id"],
                        "attributions": [{"source": a.source, "cue": a.cue, "content": a.content} for a in found],
                    }
                )
                + "\n"
            )
    if o.save:
        torch.save((kept, crf), o.save)
    subprocess.run(
        [sys.executable, str(o.data / "score/attribution_score.py"), str(o.data / "polnear/dev.jsonl"), str(o.out)],
        check=True,
    )


if __name__ == "__main__":
    main()
