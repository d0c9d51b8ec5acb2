"""Labelled windows out of the corpora: word pieces, tags and links for the heads of the reader."""

from __future__ import annotations

import json
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sayso.reading.segment import CONTEXT, WINDOW, Window, windows
from sayso.reading.wordpiece import WordPiece

TAGS = ("O", "B-source", "I-source", "B-cue", "I-cue", "B-content", "I-content")
NAMES = (
    "O",
    "B-PERSON",
    "I-PERSON",
    "B-ORGANIZATION",
    "I-ORGANIZATION",
    "B-LOCATION",
    "I-LOCATION",
    "B-MISC",
    "I-MISC",
)
IGNORE = -100


@dataclass
class Example:
    """One window with its labels; the arrays have one entry a piece.

    ``tags`` index TAGS, ``names`` index NAMES, ``cue_of`` and ``source_of`` are piece indices in the window (0, which
    is [CLS], for none). IGNORE marks what is not learnt from.
    """

    window: Window
    document: str
    tags: np.ndarray
    cue_of: np.ndarray
    source_of: np.ndarray
    names: np.ndarray
    extra: dict = field(default_factory=dict)


def load(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def mend(documents: Iterable[dict]) -> int:
    """Swap back sources and cues that annotators entered the wrong way round; return how many were swapped.

    A pair is swapped when the corpus uses its source's text mostly as a cue and its cue's text mostly as a source.
    """
    documents = list(documents)
    as_source: Counter[str] = Counter()
    as_cue: Counter[str] = Counter()

    def first(document: dict, spans: list) -> str:
        return document["text"][spans[0][0] : spans[0][1]].lower()

    for d in documents:
        for a in d["attributions"]:
            if a["source"] and a["cue"]:
                as_source[first(d, a["source"])] += 1
                as_cue[first(d, a["cue"])] += 1
    swapped = 0
    for d in documents:
        for a in d["attributions"]:
            if not (a["source"] and a["cue"]):
                continue
            source, cue = first(d, a["source"]), first(d, a["cue"])
            if as_cue[source] > 3 * as_source[source] and as_source[cue] >= as_cue[cue]:
                a["source"], a["cue"] = a["cue"], a["source"]
                swapped += 1
    return swapped


def pieces(window: Window, start: int, end: int) -> range:
    """The pieces of the window that stand inside the range of the text (empty when none does)."""
    lo = bisect_left(window.starts, start, 1)
    hi = bisect_left(window.starts, end, lo, len(window.starts) - 1)
    while lo < hi and window.starts[lo] == window.ends[lo]:  # a [SEP] that stands at the border
        lo += 1
    while hi > lo and window.starts[hi - 1] == window.ends[hi - 1]:
        hi -= 1
    return range(lo, hi)


def _paint(tags: np.ndarray, where: range, begin: int) -> None:
    if where:
        tags[where.start] = begin
        tags[where.start + 1 : where.stop] = begin + 1


def legal(tags: np.ndarray) -> np.ndarray:
    """The tags with a beginning wherever what was painted over another span cut it in two (BIO allows no other)."""
    before = np.concatenate([[0], tags[:-1]])
    torn = (tags > 0) & (tags % 2 == 0) & (before != tags) & (before != tags - 1)
    return tags - torn


def attribution_labels(window: Window, attributions: list[dict]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    size = len(window.ids)
    tags = np.zeros(size, dtype=np.int64)
    cue_of = np.full(size, IGNORE)
    source_of = np.full(size, IGNORE)
    lo, hi = window.starts[1], window.ends[-1]
    near = [a for a in attributions if any(s < hi and e > lo for r in ("content", "cue", "source") for s, e in a[r])]
    for role, begin in (("content", 5), ("cue", 3), ("source", 1)):
        for a in near:
            for s, e in a[role]:
                _paint(tags, pieces(window, s, e), begin)
    tags = legal(tags)
    for a in near:
        cue = [p for s, e in a["cue"] for p in pieces(window, s, e)]
        source = [p for s, e in a["source"] for p in pieces(window, s, e)]
        for s, e in a["content"]:
            where = pieces(window, s, e)
            target = cue[0] if cue else (0 if not a["cue"] else IGNORE)
            for p in where:
                if tags[p] in (5, 6):
                    cue_of[p] = target
        for p in cue:
            if tags[p] in (3, 4):
                source_of[p] = source[0] if source else (0 if not a["source"] else IGNORE)
    return tags, cue_of, source_of


def examples(
    documents: Iterable[dict], tokenizer: WordPiece, *, window: int = WINDOW, context: int = CONTEXT
) -> list[Example]:
    made = []
    for d in documents:
        for w in windows(d["text"], tokenizer, window=window, context=context):
            tags, cue_of, source_of = attribution_labels(w, d["attributions"])
            names = np.zeros(len(w.ids), dtype=np.int64)
            for s, e, kind in (d.get("silver") or {}).get("names", ()):
                if f"B-{kind}" in NAMES:
                    _paint(names, pieces(w, s, e), NAMES.index(f"B-{kind}"))
            cue_of[: w.first] = IGNORE
            source_of[: w.first] = IGNORE
            made.append(Example(w, d["id"], tags, cue_of, source_of, names))
    return made


def batches(items: list[Example], size: int, seed: int) -> list[list[Example]]:
    """Shuffled batches of windows of like length."""
    shuffler = random.Random(seed)
    items = sorted(items, key=lambda x: len(x.window.ids) + shuffler.random() * 24)
    made = [items[i : i + size] for i in range(0, len(items), size)]
    shuffler.shuffle(made)
    return made
