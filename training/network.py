"""The reader's network: one encoder, and heads that tag pieces and link them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from encoders import Dropout


class CRF(nn.Module):
    """A linear chain over tags; scores of shape (batch, pieces, tags). Tag sequences that BIO forbids are ruled out."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.zeros(tags))
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        forbidden = torch.zeros(tags, tags)
        for inside in range(2, tags, 2):
            for before in range(tags):
                if before not in (inside, inside - 1):
                    forbidden[before, inside] = -1e4
        self.register_buffer("forbidden", forbidden)
        start = torch.zeros(tags)
        start[2::2] = -1e4
        self.register_buffer("no_start", start)

    def log_partition(self, scores: Tensor, mask: Tensor) -> Tensor:
        pairs = self.transitions + self.forbidden
        a = scores[:, 0] + self.start + self.no_start
        for t in range(1, scores.shape[1]):
            moved = torch.logsumexp(a[:, :, None] + pairs, 1) + scores[:, t]
            a = torch.where(mask[:, t, None], moved, a)
        return torch.logsumexp(a, 1)

    def path(self, scores: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        pairs = self.transitions + self.forbidden
        emitted = scores.gather(2, tags[..., None])[..., 0] * mask
        moved = pairs[tags[:, :-1], tags[:, 1:]] * mask[:, 1:]
        return emitted.sum(1) + moved.sum(1) + (self.start + self.no_start)[tags[:, 0]]

    def loss(self, scores: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Negative log likelihood of a sequence, shape (batch,)."""
        return self.log_partition(scores, mask) - self.path(scores, tags, mask)


class Link(nn.Module):
    """Scores of shape (batch, pieces, pieces): how well piece j is what piece i points at (j = 0: nothing)."""

    def __init__(self, width: int, size: int = 128) -> None:
        super().__init__()
        self.query = nn.Linear(width, size)
        self.key = nn.Linear(width, size)
        self.bias = nn.Linear(width, 1)
        self.distance = nn.Embedding(32, 1)
        nn.init.zeros_(self.distance.weight)

    def forward(self, x: Tensor) -> Tensor:
        scores = self.query(x) @ self.key(x).transpose(1, 2) / self.query.out_features**0.5
        at = torch.arange(x.shape[1], device=x.device)
        apart = at[None, :] - at[:, None]
        # 32 buckets: which side, and log2 of the distance.
        bucket = (torch.log2(apart.abs().clamp(min=1).float()).long() + 1).clamp(max=15) * (apart != 0)
        bucket = bucket + 16 * (apart > 0)
        return scores + self.bias(x).transpose(1, 2) + self.distance(bucket)[..., 0]


class SpanHead(nn.Module):
    """Judges a content with its cue, or a sentence: its kind, whose voice it is, whether it could be settled.

    ``states`` of shape (pieces, width), and two boolean masks of shape (spans, pieces): body and cue. What is kept of a
    piece is its projection, so that a long text does not keep the encoder's whole width of every piece.
    """

    def __init__(self, width: int, kept: int = 128, inner: int = 192, dropout: float = 0.2) -> None:
        super().__init__()
        self.project = nn.Linear(width, kept)
        self.weigh = nn.Linear(kept, 1)
        self.hidden = nn.Linear(3 * kept + 1, inner)
        self.dropout = Dropout(dropout)
        self.kind = nn.Linear(inner, 6)
        self.voice = nn.Linear(inner, 3)
        self.resolvable = nn.Linear(inner, 1)

    def forward(self, states: Tensor, body: Tensor, cue: Tensor, sentence: Tensor) -> dict[str, Tensor]:
        states = F.gelu(self.project(states))
        weights = torch.where(body, self.weigh(states)[:, 0], torch.tensor(-1e4)).softmax(-1)
        weighed = weights @ states
        mean = (body / body.sum(1, keepdim=True).clamp(min=1)) @ states
        cues = (cue / cue.sum(1, keepdim=True).clamp(min=1)) @ states
        x = torch.cat([weighed, mean, cues, sentence[:, None].float()], 1)
        x = self.dropout(F.gelu(self.hidden(x)))
        return {"kind": self.kind(x), "voice": self.voice(x), "resolvable": self.resolvable(x)[:, 0]}


class Network(nn.Module):
    def __init__(self, encoder: nn.Module, dropout: float = 0.1) -> None:
        super().__init__()
        width = encoder.width
        self.encoder = encoder
        self.dropout = Dropout(dropout)
        self.tags = nn.Linear(width, 7)
        self.crf = CRF(7)
        self.cue_of = Link(width)
        self.source_of = Link(width)
        self.names = nn.Linear(width, 9)
        self.inner = nn.Linear(width, 7)
        self.inner_crf = CRF(7)
        self.parts = nn.Linear(width, 9)
        self.spans = SpanHead(width)

    def states(self, ids: Tensor, types: Tensor, mask: Tensor | None) -> Tensor:
        return self.encoder(ids, types, mask).float()

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        x = self.dropout(self.states(ids, types, mask))
        return {"states": x, **self.heads(x, mask)}

    def heads(self, x: Tensor, mask: Tensor | None) -> dict[str, Tensor]:
        outside = 0.0 if mask is None else (~mask)[:, None, :].float() * -1e4
        return {
            "tags": self.tags(x),
            "cue_of": self.cue_of(x) + outside,
            "source_of": self.source_of(x) + outside,
            "names": self.names(x),
            "inner": self.inner(x),
            "parts": self.parts(x),
        }


def cross_entropy(scores: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(scores.flatten(0, -2), labels.flatten(), ignore_index=-100)
