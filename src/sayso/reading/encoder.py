"""The network at run time: ONNX Runtime over one window at a time, and the small heads that run in NumPy."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from sayso.errors import ModelError
from sayso.reading.attribution import Scores, mean
from sayso.reading.crf import CRF, Floats
from sayso.reading.segment import Window
from sayso.reading.wordpiece import WordPiece
from sayso.values import value

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

POOLED = 64
"""So many spans are pooled together."""
Span = tuple[Floats, Floats, Floats | None]
"""A span's body, n pieces: their states (n, width) and how much each says (n,); its cue's states, None: a sentence."""
OUTPUTS = ["states", "tags", "names", "inner", "parts", "cue_of", "source_of"]


@value
class Reading:
    """What the network says of a window of n pieces.

    ``states`` (n, width) are what is kept of each piece for the span head; ``names`` (n, 9), ``inner`` (n, 7) and
    ``parts`` (n, 9) are before softmax, as `Scores` are.
    """

    states: Floats
    scores: Scores
    names: Floats
    inner: Floats
    parts: Floats


@value
class Verdicts:
    """Of k spans: ``kind`` (k, 6) and ``voice`` (k, 3) as probabilities, ``resolvable`` (k,) as a probability."""

    kind: Floats
    voice: Floats
    resolvable: Floats


class Encoder:
    """The shipped weights. Loading is lazy and happens once; reading is safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @cached_property
    def meta(self) -> dict[str, Any]:
        """Version, calibration and thresholds of the shipped model."""
        loaded: dict[str, Any] = json.loads((files("sayso.model") / "reader.json").read_text("utf-8"))
        return loaded

    @cached_property
    def tokenizer(self) -> WordPiece:
        return WordPiece.from_json((files("sayso.model") / "tokenizer.json").read_text("utf-8"))

    @cached_property
    def session(self) -> InferenceSession:
        """The encoder with the heads over pieces."""
        return _session("reader.onnx")

    @cached_property
    def judge_session(self) -> InferenceSession:
        """The head over spans (NumPy would give its small products to as many threads as there are cores)."""
        return _session("judge.onnx")

    @cached_property
    def heads(self) -> dict[str, Floats]:
        with (files("sayso.model") / "heads.npz").open("rb") as file:
            stored = np.load(file)
            return {name: stored[name] for name in stored.files}

    @cached_property
    def crf(self) -> CRF:
        return CRF(self.heads["crf.start"], self.heads["crf.transitions"])

    @cached_property
    def inner_crf(self) -> CRF:
        return CRF(self.heads["inner_crf.start"], self.heads["inner_crf.transitions"])

    def load(self) -> None:
        """Load everything now (once, whichever thread comes first)."""
        with self._lock:
            _ = self.meta, self.tokenizer, self.session, self.judge_session, self.heads, self.crf, self.inner_crf

    def read(self, window: Window) -> Reading:
        fed = {"ids": np.array([window.ids], dtype=np.int64), "types": np.array([window.types], dtype=np.int64)}
        states, tags, names, inner, parts, cue_of, source_of = self.session.run(OUTPUTS, fed)
        return Reading(states, Scores(tags, cue_of, source_of), names, inner, parts)

    def judge(self, spans: Iterable[Span]) -> Verdicts:
        """Kind, voice and resolvability of spans."""
        return self.verdicts(self.pooled(spans))

    def telling(self, states: Floats) -> Floats:
        """How much each piece says of a span it stands in, shape (n,), before softmax over the span."""
        told: Floats = np.einsum("ij,j->i", states, self.heads["weigh"])
        return told

    def pooled(self, spans: Iterable[Span]) -> Floats:
        """One row a span of what the head over spans reads: its body weighed, its body's mean, its cue's mean, and 1
        for a sentence. So many spans at a time are laid end to end, since each call costs more than the arithmetic."""
        spans = iter(spans)
        made = [np.zeros((0, 3 * len(self.heads["weigh"]) + 1), dtype=np.float32)]
        while some := list(islice(spans, POOLED)):
            made.append(self._pooled(some))
        return np.concatenate(made)

    def _pooled(self, spans: Sequence[Span]) -> Floats:
        width = len(self.heads["weigh"])
        rows = np.zeros((len(spans), 3 * width + 1), dtype=np.float32)
        scores = np.concatenate([telling for _, telling, _ in spans])
        sizes = np.array([len(body) for body, _, _ in spans])
        ends = np.cumsum(sizes)
        begins = ends - sizes
        shares = np.exp(scores - np.repeat(np.maximum.reduceat(scores, begins), sizes))
        shares /= np.repeat(np.add.reduceat(shares, begins), sizes)
        # One small product a span gives both sums; reduceat over rows takes four times as long.
        both = np.stack([shares, np.repeat(1 / sizes.astype(np.float32), sizes)])
        for row, begin, end, (body, _, cue) in zip(rows, begins.tolist(), ends.tolist(), spans):
            row[: 2 * width] = (both[:, begin:end] @ body).reshape(-1)
            if cue is None:
                row[-1] = 1.0
            elif len(cue):
                row[2 * width : 3 * width] = mean(cue)
        return rows

    def verdicts(self, rows: Floats) -> Verdicts:
        """What the head over spans says of pooled rows."""
        kind, voice, resolvable = self.judge_session.run(["kind", "voice", "resolvable"], {"rows": rows})
        return Verdicts(kind, voice, resolvable[:, 0])


def _session(name: str) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        weights = (files("sayso.model") / name).read_bytes()
        return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has no public base class for what it raises
        raise ModelError(f"the model's {name} could not be loaded ({error}); reinstall sayso") from error
