"""BERT- and MPNet-shaped encoders in plain PyTorch, with the pre-trained weights of sentence-transformers models."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Dropout(nn.Module):
    """Dropout with masks cut from a bank of random numbers, which is drawn anew now and then.

    Drawing each mask on its own takes a tenth of a training step on a CPU.
    """

    SIZE = 1 << 23

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.uses = 0
        self.bank: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.p:
            return x
        if self.bank is None or self.uses % 500 == 0:
            self.bank = (torch.rand(self.SIZE) >= self.p).to(x.dtype) / (1 - self.p)
        self.uses += 1
        at = int(torch.randint(self.SIZE - x.numel(), ()))
        return x * self.bank[at : at + x.numel()].view_as(x).to(x.dtype)


class Layer(nn.Module):
    def __init__(self, width: int, heads: int, inner: int, dropout: float, eps: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=eps)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=eps)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        # Attention dropout is left out and the plain product used: twice as fast as the fused kernel in bfloat16.
        scores = q @ k.transpose(-1, -2) / math.sqrt(width // self.heads) + bias
        with torch.autocast("cpu", enabled=False):  # autocast would take this to float32 and back
            shares = scores.softmax(-1)
        mixed = (shares @ v).transpose(1, 2).reshape(batch, length, width)
        x = self.norm1(x + self.dropout(self.out(mixed)))
        return self.norm2(x + self.dropout(self.down(F.gelu(self.up(x)))))


class Encoder(nn.Module):
    """ids, types, mask of shape (batch, pieces) -> states of shape (batch, pieces, width)."""

    def __init__(
        self,
        *,
        vocabulary: int,
        width: int,
        layers: int,
        heads: int,
        inner: int,
        positions: int,
        first_position: int = 0,
        relative: bool = False,
        eps: float = 1e-12,
        dropout: float = 0.1,
        types: int = 8,
    ) -> None:
        super().__init__()
        self.width, self.first_position = width, first_position
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(positions, width)
        self.types = nn.Embedding(types, width)
        self.norm = nn.LayerNorm(width, eps=eps)
        self.dropout = Dropout(dropout)
        self.layers = nn.ModuleList(Layer(width, heads, inner, dropout, eps) for _ in range(layers))
        self.relative = nn.Embedding(32, heads) if relative else None

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor | None = None) -> Tensor:
        at = torch.arange(ids.shape[1], device=ids.device)
        x = self.words(ids) + self.positions(at + self.first_position) + self.types(types)
        x = self.dropout(self.norm(x))
        bias = torch.zeros(1, 1, 1, 1, device=ids.device) if mask is None else (~mask)[:, None, None, :].float() * -1e4
        if self.relative is not None:
            bias = bias + self.relative(_bucket(at[None, :] - at[:, None])).permute(2, 0, 1)[None]
        if torch.is_autocast_enabled("cpu"):
            bias = bias.to(torch.bfloat16)
        for layer in self.layers:
            x = layer(x, bias)
        return x


def _bucket(distance: Tensor, buckets: int = 32, furthest: int = 128) -> Tensor:
    """The relative position buckets of T5 and MPNet (Raffel et al. 2020, section 2.1)."""
    n = -distance
    half = buckets // 2
    found = (n < 0).long() * half
    n = n.abs()
    exact = half // 2
    far = exact + (torch.log(n.float().clamp(min=1) / exact) / math.log(furthest / exact) * (half - exact)).long()
    return found + torch.where(n < exact, n, far.clamp(max=half - 1))


def minilm(weights: dict[str, Tensor], dropout: float = 0.1, layers: int = 6) -> Encoder:
    encoder = Encoder(vocabulary=30522, width=384, layers=layers, heads=12, inner=1536, positions=512, dropout=dropout)
    w = {k.removeprefix("bert."): v.float() for k, v in weights.items()}
    state = {
        "words.weight": w["embeddings.word_embeddings.weight"],
        "positions.weight": w["embeddings.position_embeddings.weight"],
        "types.weight": w["embeddings.token_type_embeddings.weight"][:1].repeat(8, 1),
        "norm.weight": w["embeddings.LayerNorm.weight"],
        "norm.bias": w["embeddings.LayerNorm.bias"],
    }
    for n in range(layers):
        old = f"encoder.layer.{n}."
        parts = {
            "qkv": None,
            "out": "attention.output.dense",
            "norm1": "attention.output.LayerNorm",
            "up": "intermediate.dense",
            "down": "output.dense",
            "norm2": "output.LayerNorm",
        }
        for new, name in parts.items():
            for p in ("weight", "bias"):
                state[f"layers.{n}.{new}.{p}"] = (
                    torch.cat([w[f"{old}attention.self.{x}.{p}"] for x in ("query", "key", "value")])
                    if name is None
                    else w[f"{old}{name}.{p}"]
                )
    encoder.load_state_dict(state)
    return encoder


def mpnet(weights: dict[str, Tensor], dropout: float = 0.1) -> Encoder:
    encoder = Encoder(
        vocabulary=30527,
        width=768,
        layers=12,
        heads=12,
        inner=3072,
        positions=514,
        first_position=2,
        relative=True,
        eps=1e-5,
        dropout=dropout,
    )
    w = {k.removeprefix("mpnet."): v.float() for k, v in weights.items()}
    state = {
        "words.weight": w["embeddings.word_embeddings.weight"],
        "positions.weight": w["embeddings.position_embeddings.weight"],
        "types.weight": torch.zeros(8, 768),
        "norm.weight": w["embeddings.LayerNorm.weight"],
        "norm.bias": w["embeddings.LayerNorm.bias"],
        "relative.weight": w["encoder.relative_attention_bias.weight"],
    }
    for n in range(12):
        old = f"encoder.layer.{n}."
        parts = {
            "out": "attention.attn.o",
            "norm1": "attention.LayerNorm",
            "up": "intermediate.dense",
            "down": "output.dense",
            "norm2": "output.LayerNorm",
        }
        for p in ("weight", "bias"):
            state[f"layers.{n}.qkv.{p}"] = torch.cat([w[f"{old}attention.attn.{x}.{p}"] for x in "qkv"])
            for new, name in parts.items():
                state[f"layers.{n}.{new}.{p}"] = w[f"{old}{name}.{p}"]
    encoder.load_state_dict(state)
    return encoder


def to_mpnet(ids: Tensor) -> Tensor:
    """MPNet's vocabulary is BERT's moved up by four, with its own special pieces in front."""
    moved = ids + 4
    for old, new in ((0, 1), (100, 3), (101, 0), (102, 2)):
        moved = torch.where(ids == old, torch.tensor(new), moved)
    return moved
