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
from sayso.reading.attribution import Scores, softmax
from sayso.reading.crf import CRF, Floats
from sayso.reading.segment import Window
from sayso.reading.wordpiece import WordPiece

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

OUTPUTS = ["states", "tags", "names", "inner", "parts", "cue_of", "source_of"]


@dataclass(frozen=True, slots=True)
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

    def judge(self, spans: Sequence[tuple[Floats, Floats | None]]) -> Verdicts:
        """Kind, voice and resolvability of spans, each the states of its body and of its cue (None: a sentence)."""
        weigh = self.heads["weigh"]
        width = len(weigh)
        rows = np.zeros((len(spans), 3 * width + 1), dtype=np.float32)
        for n, (body, cue) in enumerate(spans):
            shares = softmax((body * weigh).sum(-1))
            rows[n, :width] = (body * shares[:, None]).sum(0)
            rows[n, width : 2 * width] = body.mean(0)
            if cue is None:
                rows[n, -1] = 1.0
            elif len(cue):
                rows[n, 2 * width : 3 * width] = cue.mean(0)
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
