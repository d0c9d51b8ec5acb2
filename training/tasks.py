"""Labels beside the attributions: kinds, forecast parts, own voice and claims inside claims, as places in windows.

They stand in training/labels/ as document ids and offsets (no news text) and in the corpus' own claims/train.jsonl:

- kinds.jsonl: contents with kind, parts (condition, horizon, certainty) and whether they could be settled;
- news.jsonl: the same for what the reader took for forecasts in unlabelled news, and whether they were any (a row
  without a cue is a sentence of the writer's own; its kind "none" is narration);
- own_voice.jsonl: sentences outside any attribution, and in whose voice they speak;
- people.jsonl: holders, and attributions inside contents; nested.jsonl: the latter of more articles;
- short_texts.jsonl: forecasts, comments and columns written for training, with their own-voice forecasts;
- voices.jsonl: articles written for training, with the holder of every sentence.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data import IGNORE, Example, _paint, examples, legal, load, pieces
from sayso.reading.segment import Window, paragraphs, sentences
from sayso.reading.wordpiece import WordPiece

KINDS = ("prediction", "pledge", "demand", "judgment", "fact", "other")
PARTS = ("condition", "horizon", "certainty")
VOICES = ("narration", "forecast", "carried")
LABELS = Path(__file__).parent / "labels"


@dataclass
class Span:
    """A content (or a sentence, if ``cue`` is None) to judge: ranges of the text; a label of IGNORE is not known."""

    ranges: list
    cue: list | None
    kind: int = IGNORE
    voice: int = IGNORE
    resolvable: int = IGNORE
    parts: dict | None = None


def _judged(row: dict, ranges: list, cue: list | None, voice: int = IGNORE) -> Span:
    kind = row.get("kind") or row.get("label")
    kind = KINDS.index(kind) if kind in KINDS else IGNORE
    forecast = kind in (0, 1)
    return Span(
        ranges,
        cue,
        kind,
        voice,
        int(bool(row.get("resolvable"))) if forecast else IGNORE,
        {p: row.get(p) for p in PARTS} if forecast else None,
    )


def contents(data: Path, documents: list[dict], *, rows_of_kinds: int | None = None) -> dict[str, list[Span]]:
    """Labelled contents by document: the corpus' own labels and the first ``rows_of_kinds`` of labels/kinds.jsonl."""
    texts = {d["id"]: d for d in documents}
    rows = []
    for row in load(data / "claims/train.jsonl"):
        if row["doc"] not in texts:
            continue
        text = texts[row["doc"]]["text"]
        for part in PARTS:
            row[part] = _find(text, row["spans"], row[part]) if row[part] else None
        rows.append(row)
    rows += [row for row in load(LABELS / "kinds.jsonl")[:rows_of_kinds] if row["doc"] in texts]
    found: dict[str, list[Span]] = defaultdict(list)
    for row in rows:
        first = {tuple(s) for s in row["spans"]}
        cue = next(
            (a["cue"] for a in texts[row["doc"]]["attributions"] if first & {tuple(s) for s in a["content"]}), []
        )
        found[row["doc"]].append(_judged(row, row["spans"], cue))
    return found


def _find(text: str, ranges: list, words: str) -> list | None:
    for s, e in ranges:
        at = text.find(words, s, e)
        if at >= 0:
            return [at, at + len(words)]
    return None


def own_voice() -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = defaultdict(list)
    for row in load(LABELS / "own_voice.jsonl"):
        voice = {"prediction": 1, "pledge": 1, "attributed": 2}.get(row["label"], 0)
        found[row["doc"]].append(_judged(row, [row["span"]], None, voice))
    return found


def inner() -> dict[str, list[dict]]:
    """Attributions inside contents, by document."""
    return {
        row["doc"]: [
            {"source": n.get("source") or [], "cue": n.get("cue") or [], "content": n["content"]} for n in row["nested"]
        ]
        for file in ("people.jsonl", "nested.jsonl")
        for row in load(LABELS / file)
    }


def news(data: Path) -> list[tuple[dict, list[Span]]]:
    """Labelled contents and sentences of articles whose attributions are not annotated, article by article."""
    found: dict[str, list[Span]] = defaultdict(list)
    for row in load(LABELS / "news.jsonl"):
        own = "cue" not in row
        found[row["doc"]].append(
            _judged(row, row["spans"], row.get("cue"), (1 if row["kind"] in KINDS[:2] else 0) if own else IGNORE)
        )
    with gzip.open(data / "news/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = [d for line in lines if (d := json.loads(line))["id"] in found]
    return [({"id": d["id"], "text": d["text"], "attributions": []}, found[d["id"]]) for d in articles]


def short_texts() -> list[tuple[dict, list[Span]]]:
    made = []
    for row in load(LABELS / "short_texts.jsonl"):
        text, spans = row["text"], []
        for begin, end in paragraphs(text):
            for s, e in sentences(text, begin, end):
                forecast = next(
                    (
                        f
                        for f in row["forecasts"]
                        if min(e, f["span"][1]) - max(s, f["span"][0]) > 0.5 * min(e - s, f["span"][1] - f["span"][0])
                    ),
                    None,
                )
                spans.append(_judged(forecast, [[s, e]], None, 1) if forecast else Span([[s, e]], None, voice=0))
        made.append(({"id": row["id"], "text": text, "attributions": []}, spans))
    voices = LABELS / "voices.jsonl"
    for row in load(voices) if voices.exists() else []:
        spans = [
            Span([s["span"]], None, voice=0 if s["holder"] is None else 2)
            for s in row["sentences"]
            if s["holder"] is None or not s["cue"]
        ]
        made.append(({"id": row["id"], "text": row["text"], "attributions": []}, spans))
    return made


def fragments(documents: list[dict], *, share: float = 0.15, longest: int = 400) -> list[dict]:
    """Some paragraphs on their own, as a comment or a pasted sentence stands: articles alone teach nothing of those."""
    chosen = random.Random(3)
    made = []
    for d in documents:
        for begin, end in paragraphs(d["text"]):
            if end - begin > longest or chosen.random() > share:
                continue
            inside = [
                {role: [[s - begin, e - begin] for s, e in a[role]] for role in ("source", "cue", "content")}
                for a in d["attributions"]
                if any(begin <= s < end for s, _ in a["content"])
            ]
            if all(s >= 0 and e <= end - begin for a in inside for spans in a.values() for s, e in spans):
                name = f"{d['id']}#{begin}"
                made.append({"id": name, "text": d["text"][begin:end], "attributions": inside})
    return made


def attach(items: list[Example], judged: dict[str, list[Span]], nested: dict[str, list[dict]]) -> None:
    """Put the labels into the windows: extra["spans"], extra["parts"] (3 rows), extra["inner"]."""
    for x in items:
        lo, hi = x.window.starts[x.window.first], x.window.ends[-1]
        spans = [s for s in judged.get(x.document, ()) if lo <= s.ranges[0][0] < hi]
        x.extra["spans"] = [place for s in spans if (place := _place(x.window, s))]
        parts = np.full((3, len(x.window.ids)), IGNORE, dtype=np.int64)
        for s in spans:
            if s.parts is None:
                continue
            for n, part in enumerate(PARTS):
                for a, b in s.ranges:
                    parts[n, list(pieces(x.window, a, b))] = 0
                if s.parts[part]:
                    _paint(parts[n], pieces(x.window, *s.parts[part]), 1)
        x.extra["parts"] = parts
        if x.document in nested:
            tags = np.zeros(len(x.window.ids), dtype=np.int64)
            for role, begin in (("content", 5), ("cue", 3), ("source", 1)):
                for a in nested[x.document]:
                    for s, e in a[role]:
                        _paint(tags, pieces(x.window, s, e), begin)
            x.extra["inner"] = legal(tags)


def _place(window: Window, s: Span) -> tuple[list[int], list[int], Span] | None:
    body = [p for a, b in s.ranges for p in pieces(window, a, b)]
    cue = [p for a, b in s.cue or [] for p in pieces(window, a, b)]
    return (body, cue, s) if body else None


def all_examples(
    data: Path, documents: list[dict], tokenizer: WordPiece, *, window: int, rows_of_kinds: int | None = None
) -> list[Example]:
    """Windows of the corpus and of the short texts with every label there is; of labels/kinds.jsonl, the first rows."""
    judged, own = contents(data, documents, rows_of_kinds=rows_of_kinds), own_voice()
    for name, spans in own.items():
        judged[name] = judged.get(name, []) + spans
    items = examples(documents, tokenizer, window=window)
    attach(items, judged, inner())
    items += examples(fragments(documents), tokenizer, window=window)
    for document, spans in (*short_texts(), *news(data)):
        more = examples([document], tokenizer, window=window)
        attach(more, {document["id"]: spans}, {})
        for x in more:  # their attributions are not annotated
            x.extra["unannotated"] = True
        items += [x for x in more if x.extra["spans"]]
    return items
