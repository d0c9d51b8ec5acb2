"""The network at run time: ONNX Runtime over one window at a time, and the small heads that run in NumPy."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from sayso.errors import ModelError
from sayso.reading.attribution import Scores
from sayso.reading.crf import CRF, Floats
from sayso.reading.segment import Window

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

OUTPUTS = ["states", "tags", "names", "inner", "parts", "cue_of", "source_of"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network says of a window of n pieces.

    ``states`` (n, width); ``names`` (n, 9), ``inner`` (n, 7) and ``parts`` (n, 9) before softmax; ``scores`` as in
    `Scores`.
    """

    states: Floats
    scores: Scores
    names: Floats
    inner: Floats
    parts: Floats


@dataclass(frozen=True, slots=True)
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
    def tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        made = Tokenizer.from_str((files("sayso.model") / "tokenizer.json").read_text("utf-8"))
        made.no_truncation()
        made.no_padding()
        return made

    @cached_property
    def session(self) -> InferenceSession:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # The graph is already made of fused operators, and memory stays flat without the arena's growth.
        options.enable_cpu_mem_arena = True
        try:
            weights = (files("sayso.model") / "reader.onnx").read_bytes()
            return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has no public base class for what it raises
            raise ModelError(f"the model could not be loaded ({error}); reinstall sayso") from error

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
            _ = self.meta, self.tokenizer, self.session, self.heads, self.crf, self.inner_crf

    def read(self, window: Window) -> Reading:
        fed = {"ids": np.array([window.ids], dtype=np.int64), "types": np.array([window.types], dtype=np.int64)}
        states, tags, names, inner, parts, cue_of, source_of = self.session.run(OUTPUTS, fed)
        return Reading(states, Scores(tags, cue_of, source_of), names, inner, parts)

    def judge(self, spans: Sequence[tuple[Floats, Floats | None]]) -> Verdicts:
        """Kind, voice and resolvability of spans, each the states of its body and of its cue (None: a sentence)."""
        h = self.heads
        width = len(h["spans.weigh.weight"])
        rows = np.zeros((len(spans), 3 * width + 1), dtype=np.float32)
        for n, (body, cue) in enumerate(spans):
            logits = body @ h["spans.weigh.weight"][:, 0]
            shares = np.exp(logits - logits.max())
            rows[n, :width] = (shares / shares.sum()) @ body
            rows[n, width : 2 * width] = body.mean(0)
            if cue is None:
                rows[n, -1] = 1.0
            elif len(cue):
                rows[n, 2 * width : 3 * width] = cue.mean(0)
        x = _gelu(rows @ h["spans.hidden.weight"] + h["spans.hidden.bias"])
        kind = _softmax(x @ h["spans.kind.weight"] + h["spans.kind.bias"])
        voice = _softmax(x @ h["spans.voice.weight"] + h["spans.voice.bias"])
        resolvable = (x @ h["spans.resolvable.weight"] + h["spans.resolvable.bias"])[:, 0]
        return Verdicts(kind, voice, 1 / (1 + np.exp(-resolvable)))


def _softmax(x: Floats) -> Floats:
    e = np.exp(x - x.max(-1, keepdims=True))
    shares: Floats = e / e.sum(-1, keepdims=True)
    return shares


def _gelu(x: Floats) -> Floats:
    """x Φ(x), by the approximation of the error function in Abramowitz and Stegun 7.1.26 (error below 1.5e-7)."""
    z = np.abs(x) / np.sqrt(2.0)
    t = 1.0 / (1.0 + 0.3275911 * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1.0 - series * np.exp(-z * z))
    gelu: Floats = (0.5 * x * (1.0 + erf)).astype(np.float32)
    return gelu
