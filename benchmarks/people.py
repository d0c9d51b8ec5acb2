"""Accuracy and speed of naming the holders, with the attributions of the corpus given.

    benchmarks/people.py [--shared DIR] [--names tagger|capitals] [--misses N]

Reads shared/people/dev.jsonl with the sources of shared/polnear/dev.jsonl and prints what
shared/score/holders_score.py says, then the time a text takes. ``--names capitals`` withholds the names of the corpus.
"""

from __future__ import annotations

import argparse
import collections
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sayso.reading.people import Ask, NamedMention, People, Resolved

ROOT = Path(__file__).resolve().parents[1]


def load(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def names_of(document: dict[str, Any]) -> list[NamedMention]:
    """The silver names of a document of the corpus."""
    return [NamedMention(s, e, t) for s, e, t in (document["silver"] or {"names": []})["names"]]


def asks_of(document: dict[str, Any]) -> list[Ask]:
    """Its attributions as questions, those without a content left out."""
    return [
        Ask(*(tuple((s, e) for s, e in a[part]) for part in ("source", "content", "cue")))
        for a in document["attributions"]
        if a["content"]
    ]


def resolve(document: dict[str, Any], *, capitals: bool = False) -> tuple[People, list[Ask], list[Resolved | None]]:
    """Name every holder of a document of the corpus."""
    people = People(document["text"], [] if capitals else names_of(document))
    asks = asks_of(document)
    return people, asks, people.resolve_all(asks)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--names", choices=("tagger", "capitals"), default="tagger")
    parser.add_argument("--misses", type=int, default=0, help="show so many wrong answers")
    options = parser.parse_args()
    corpus = {d["id"]: d for d in load(options.shared / "polnear" / "dev.jsonl")}
    gold = load(options.shared / "people" / "dev.jsonl")
    sys.path.insert(0, str(options.shared / "score"))
    from holders_score import same

    by_kind: collections.Counter[str] = collections.Counter()
    elapsed = words = 0.0
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8", delete=False) as out:
        for article in gold:
            document = corpus[article["id"]]
            begun = time.process_time()
            _, asks, answers = resolve(document, capitals=options.names == "capitals")
            elapsed += time.process_time() - begun
            words += len(document["text"].split())
            answer_of = {a.content: (a, r) for a, r in zip(asks, answers, strict=True)}
            for ask, answer in zip(asks, answers, strict=True):
                claim = {
                    "thread": {"id": article["id"]},
                    "content": {"spans": ask.content},
                    "chain": [{"name": answer.name}] if answer else [],
                }
                out.write(json.dumps(claim) + "\n")
            for a in article["attributions"]:
                if not a["holder"]:
                    continue
                ask, answer = answer_of[tuple(map(tuple, a["spans"]))]
                right = answer is not None and same(a["holder"], answer.name)
                kind = a["type"] + (" indirect" if a["pronoun"] else "")
                by_kind[kind] += 1
                by_kind[kind + " right"] += right
                if not right and options.misses > 0:
                    options.misses -= 1
                    source = " … ".join(document["text"][s:e] for s, e in ask.source)
                    print(
                        f"{article['id'][:30]:30} {source[:60]!r} -> {answer and answer.name!r}; gold {a['holder']!r}"
                    )
    subprocess.run(
        [
            sys.executable,
            str(options.shared / "score" / "holders_score.py"),
            str(options.shared / "people" / "dev.jsonl"),
            out.name,
        ],
        check=True,
    )
    Path(out.name).unlink()
    for kind in sorted(k for k in by_kind if not k.endswith(" right")):
        print(f"{kind:24}{by_kind[kind + ' right']:5} of {by_kind[kind]}")
    print(f"{1000 * elapsed / words * 1000:.1f} ms for 1,000 words")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
