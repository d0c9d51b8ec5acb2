"""Raw texts to measure speed on: news where there is some beside the checkout, else the examples over and over."""

from __future__ import annotations

import gzip
import json
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NEWS = ROOT.parent / "shared" / "news" / "articles.jsonl.gz"


def words_of(texts: list[str]) -> int:
    """Words as white space parts them."""
    return sum(len(text.split()) for text in texts)


def articles(words: int) -> tuple[list[str], str]:
    """Articles of that many words together, or a few more, and what they are."""
    if NEWS.exists():
        with gzip.open(NEWS, "rt", encoding="utf-8") as lines:
            pool = [json.loads(line)["text"] for line in islice(lines, 3000)]
        said = "political news"
    else:
        pool = [path.read_text("utf-8") for path in sorted((ROOT / "examples").glob("*.txt"))]
        said = "the example articles, repeated"
    found: list[str] = []
    have = 0
    for text in cycle(pool):
        if have >= words:
            return found, said
        found.append(text)
        have += len(text.split())
    raise FileNotFoundError(f"no texts in {ROOT / 'examples'}")


def one_paragraph(words: int) -> str:
    """A single paragraph of exactly that many words."""
    texts, _ = articles(words)
    return " ".join(" ".join(texts).split()[:words])
