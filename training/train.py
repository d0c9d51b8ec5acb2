"""Fine-tune an encoder on the attributions of PolNeAR, on as many single-thread processes as there are cores."""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from data import Example, batches, load, mend
from encoders import minilm, mpnet, to_mpnet
from network import Network, cross_entropy
from sayso.reading.wordpiece import WordPiece
from tasks import all_examples, short_texts
from teacher import LINKS, Soft, masks

# What the distance from the teacher counts, by head.
WEIGHTS = {
    "tags": 2.0,
    "cue_of": 0.3,
    "source_of": 0.3,
    "inner": 1.0,
    "parts": 0.5,
    "kind": 0.4,
    "voice": 0.2,
    "resolvable": 0.1,
}


def collate(items: list[Example], shift: bool) -> dict[str, Tensor]:
    """Arrays of a batch, padded; ``shift`` maps BERT's word piece ids to MPNet's."""
    length = max(len(x.window.ids) for x in items)

    def padded(rows: list, fill: int) -> Tensor:
        out = np.full((len(rows), length), fill, dtype=np.int64)
        for i, row in enumerate(rows):
            out[i, : len(row)] = row
        return torch.from_numpy(out)

    ids = padded([x.window.ids for x in items], 0)
    made = {
        "ids": to_mpnet(ids) if shift else ids,
        "types": padded([x.window.types for x in items], 0),
        "mask": padded([[1] * len(x.window.ids) for x in items], 0).bool(),
        "fresh": padded([[0] * x.window.first + [1] * (len(x.window.ids) - x.window.first) for x in items], 0).bool(),
    }
    for name in ("tags", "cue_of", "source_of", "names"):
        made[name] = padded([getattr(x, name) for x in items], 0 if name == "tags" else -100)
    made["inner"] = padded([x.extra.get("inner", []) for x in items], 0)
    nothing = np.full((3, 1), -100)
    made["parts"] = torch.stack([padded([x.extra.get("parts", nothing)[n] for x in items], -100) for n in range(3)], 1)
    return made


def losses(network: Network, batch: dict[str, Tensor], items: list[Example]) -> dict[str, Tensor]:
    out = network(batch["ids"], batch["types"], batch["mask"])
    mask = batch["mask"]
    made = {}
    gold = torch.tensor([not x.extra.get("unannotated") for x in items])
    if gold.any():
        crf = network.crf.loss(out["tags"].float()[gold], batch["tags"][gold], mask[gold])
        made["tags"] = crf.sum() / mask[gold].sum()
        made["cue_of"] = 0.3 * cross_entropy(out["cue_of"], batch["cue_of"])
        made["source_of"] = 0.3 * cross_entropy(out["source_of"], batch["source_of"])
        made["names"] = 0.1 * cross_entropy(out["names"][gold], batch["names"][gold])
    if any("soft" in x.extra for x in items):
        made |= distilled(network, out, items)
    inner = torch.tensor(["inner" in x.extra for x in items])
    if inner.any():
        crf = network.inner_crf.loss(out["inner"].float()[inner], batch["inner"][inner], mask[inner])
        made["inner"] = 0.5 * crf.sum() / mask[inner].sum()
    if (batch["parts"] >= 0).any():
        scores = out["parts"].view(*out["parts"].shape[:2], 3, 3)
        made["parts"] = 0.3 * cross_entropy(scores.permute(0, 2, 1, 3), batch["parts"])
    made |= judged(network, out["states"], items)
    return {k: v for k, v in made.items() if not v.isnan()}


def judged(network: Network, states: Tensor, items: list[Example]) -> dict[str, Tensor]:
    """The losses of the span head over the spans of the batch."""
    length = states.shape[1]
    spans = [(n, *s) for n, x in enumerate(items) for s in x.extra.get("spans", ())]
    if not spans:
        return {}
    body = torch.zeros(len(spans), len(items) * length, dtype=torch.bool)
    cue = torch.zeros_like(body)
    for row, (n, inside, cues, _) in enumerate(spans):
        body[row, [n * length + p for p in inside]] = True
        cue[row, [n * length + p for p in cues]] = True
    sentence = torch.tensor([s.cue is None for *_, s in spans])
    with torch.autocast("cpu", enabled=False):
        out = network.spans(states.float().flatten(0, 1), body, cue, sentence)
    made = {}
    for name in ("kind", "voice"):
        labels = torch.tensor([getattr(s, name) for *_, s in spans])
        if (labels >= 0).any():
            made[name] = 0.25 * F.cross_entropy(out[name], labels, ignore_index=-100, label_smoothing=0.05)
    labels = torch.tensor([s.resolvable for *_, s in spans])
    if (labels >= 0).any():
        known = labels >= 0
        made["resolvable"] = 0.1 * F.binary_cross_entropy_with_logits(out["resolvable"][known], labels[known].float())
    return made


def distilled(network: Network, out: dict[str, Tensor], items: list[Example]) -> dict[str, Tensor]:
    """How far every head is from the teacher's answers (see teacher.py)."""
    sums: dict[str, list[Tensor]] = {}
    counts: dict[str, float] = {}

    def add(name: str, loss: Tensor, count: float) -> None:
        sums.setdefault(name, []).append(loss)
        counts[name] = counts.get(name, 0.0) + count

    length = out["states"].shape[1]
    places = []
    for n, x in enumerate(items):
        soft = x.extra.get("soft")
        if soft is None:
            continue
        size = len(x.window.ids)
        # Where claims inside claims are labelled, the labels alone are learned: the teacher finds too few.
        for name in ("tags",) if "inner" in x.extra else ("tags", "inner"):
            want = torch.from_numpy(soft[name].astype(np.float32))
            add(name, F.kl_div(out[name][n, :size].float().log_softmax(-1), want, reduction="sum"), size)
        for name, _ in LINKS:
            rows, targets, shares = soft[name]
            if len(rows):
                have = out[name][n, torch.from_numpy(rows.astype(np.int64)), :size].float().log_softmax(-1)
                have = have.gather(1, torch.from_numpy(targets.astype(np.int64)))
                add(name, -(torch.from_numpy(shares.astype(np.float32)) * have).sum(), len(rows))
        if len(soft["places"]):
            places.append((n, soft))
            # Parts matter where a forecast may stand, and only there the teacher has learnt them.
            weight = torch.zeros(size)
            chance = soft["kind"][:, :2].astype(np.float32).sum(1)
            chance = np.where(soft["places"][:, 4] == 1, chance * soft["voice"][:, 1], chance)
            for (a, b, *_), c in zip(soft["places"].tolist(), chance.tolist()):
                weight[a:b] = weight[a:b].clamp(min=c if c > 0.1 else 0.0)
            have = out["parts"][n, :size].float().view(size, 3, 3).log_softmax(-1)
            want = torch.from_numpy(soft["parts"].astype(np.float32))
            apart = F.kl_div(have, want, reduction="none").sum((1, 2))
            add("parts", (apart * weight).sum(), float(weight.sum()))
    if places:
        rows = [masks(soft["places"].tolist(), len(items) * length, n * length) for n, soft in places]
        body, cue, sentence = (torch.cat(each) for each in zip(*rows))
        with torch.autocast("cpu", enabled=False):
            judged = network.spans(out["states"].float().flatten(0, 1), body, cue, sentence.bool())
        want = {k: torch.from_numpy(np.concatenate([s[k] for _, s in places]).astype(np.float32)) for k in judged}
        for name in ("kind", "voice"):
            add(name, F.kl_div(judged[name].log_softmax(-1), want[name], reduction="sum"), len(body))
        apart = F.binary_cross_entropy_with_logits(judged["resolvable"], want["resolvable"], reduction="none")
        chance = want["kind"][:, :2].sum(1)
        add("resolvable", (apart * chance).sum(), float(chance.sum()))
    return {f"soft_{k}": WEIGHTS[k] * sum(v) / counts[k] for k, v in sums.items() if counts[k] > 0.5}


def average_gradients(parameters: list[Tensor], world: int, half: bool) -> None:
    if world == 1:
        return
    for p in parameters:
        if p.grad is None:  # a head without a label in this process's batch may have one in another's
            p.grad = torch.zeros_like(p)
    flat = torch.cat([p.grad.flatten() for p in parameters]).to(torch.bfloat16 if half else torch.float32)
    dist.all_reduce(flat)
    flat /= world
    at = 0
    for p in parameters:
        p.grad.copy_(flat[at : at + p.numel()].view_as(p))
        at += p.numel()


def run(rank: int, world: int, o: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(o.seed)
    if world > 1:
        os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
        os.environ["MASTER_PORT"] = str(o.port)
        dist.init_process_group("gloo", rank=rank, world_size=world)
    tokenizer = WordPiece.from_json(o.tokenizer.read_text("utf-8"))
    weights = load_file(o.weights)
    big = o.encoder == "mpnet"
    encoder = mpnet(weights, o.dropout) if big else minilm(weights, o.dropout)
    network = Network(encoder, o.dropout)
    if o.start:
        network.load_state_dict(load_file(o.start), strict=False)
    encoder.words.weight.requires_grad_(False)
    for layer in encoder.layers[: o.freeze]:
        layer.requires_grad_(False)
    if o.freeze:
        for part in (encoder.positions, encoder.norm):
            part.requires_grad_(False)
    soft = Soft.load(o.soft) if o.soft else None
    if soft is not None:
        soft.short = frozenset(d["id"] for d, _ in short_texts())
        network.crf.load_state_dict(soft.crf)
        network.inner_crf.load_state_dict(soft.inner_crf)
        for chain in (network.crf, network.inner_crf):
            chain.requires_grad_(False)
    documents = load(o.data / "polnear/train.jsonl")
    swapped = mend(documents)
    if o.limit:
        documents = documents[: o.limit]
    heads = [p for n, p in network.named_parameters() if not n.startswith("encoder.") and p.requires_grad]
    groups = [
        {"params": [p for p in encoder.parameters() if p.requires_grad], "lr": o.lr, "weight_decay": 0.01},
        {"params": heads, "lr": o.head_lr, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6, fused=True)
    peak = [g["lr"] for g in groups]
    everything = [p for g in groups for p in g["params"]]
    torch.manual_seed(o.seed * 1000 + rank)
    step, began = 0, time.time()
    total = None
    for epoch in range(o.epochs):
        # Each epoch cuts the texts anew, so that windows begin elsewhere.
        if soft is None:
            window = [256, 240, 224, 208][epoch % 4]
            items = all_examples(o.data, documents, tokenizer, window=window, rows_of_kinds=o.kinds)
        else:
            # The teacher has read one way of cutting; unlabelled articles come in shares, one an epoch.
            items = all_examples(o.data, documents, tokenizer, window=256, rows_of_kinds=o.kinds)
            soft.attach(items)
            items += soft.unlabelled(epoch, o.epochs)
        order = batches(items, o.batch, o.seed * 100 + epoch)
        order = order[: len(order) // world * world]
        if total is None:
            total = int(len(order) // world * o.epochs * (1.0 if soft else 1.07))
            if rank == 0:
                print(
                    f"{swapped} swapped, {len(items)} windows, {sum(len(x.window.ids) for x in items)} pieces, "
                    f"{total} steps",
                    flush=True,
                )
        for mine in order[rank::world]:
            warm = max(1, int(0.06 * total))
            rate = min((step + 1) / warm, max(0.02, (total - step) / (total - warm)))
            for g, top in zip(groups, peak, strict=True):
                g["lr"] = top * rate
            batch = collate(mine, big)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                parts = losses(network, batch, mine)
            loss = sum(parts.values())
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            average_gradients(everything, world, big)
            torch.nn.utils.clip_grad_norm_(everything, 1.0)
            optimizer.step()
            step += 1
            if rank == 0 and step % 25 == 0:
                print(
                    f"{epoch} {step}/{total} {time.time() - began:.0f}s",
                    {k: round(v.item(), 4) for k, v in parts.items()},
                    flush=True,
                )
        if rank == 0:
            save_file({k: v.contiguous() for k, v in network.state_dict().items()}, f"{o.out}.safetensors.tmp")
            os.replace(f"{o.out}.safetensors.tmp", f"{o.out}.safetensors")
            Path(f"{o.out}.json").write_text(
                json.dumps(
                    {
                        "epoch": epoch + 1,
                        "seconds": time.time() - began,
                        "options": {k: str(v) for k, v in vars(o).items()},
                    }
                )
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds polnear/")
    parser.add_argument("--weights", type=Path, required=True, help="pre-trained weights (safetensors)")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--encoder", choices=("minilm", "mpnet"), default="minilm")
    parser.add_argument("--start", type=Path, help="a network to go on from")
    parser.add_argument("--soft", type=Path, help="a teacher's answers, from teacher.py")
    parser.add_argument("--out", required=True, help="where to write, without the ending")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch", type=int, default=8, help="windows a process and step")
    parser.add_argument("--lr", type=float, default=1.5e-4)
    parser.add_argument("--head-lr", type=float, default=1e-3)
    parser.add_argument("--dropout", type=float, default=0.12)
    parser.add_argument("--kinds", type=int, help="learn so many rows of kinds.jsonl, and leave the rest to heads.py")
    parser.add_argument("--freeze", type=int, default=0, help="leave so many of the lowest layers as they are")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--port", type=int, default=29511)
    options = parser.parse_args()
    world = options.processes
    if world == 1:
        run(0, 1, options)
    else:
        torch.multiprocessing.spawn(run, args=(world, options), nprocs=world)


if __name__ == "__main__":
    main()
