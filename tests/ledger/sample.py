"""Documents made by hand: what invented people say of an invented harbour."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from sayso.posts import Claim, Forecast, Holder, Horizon, Kind, Part, Post, Probability, Quote, Thread, Voice

HARBOUR = """Harbour will open twice, says Prior

Ada Prior expects the northern harbour to open by June 2025. "The dredging is paid for," she said.

Tomas Reke, according to Prior, believes the tariff will fall before 2026. He vowed to
publish the accounts by March 2025.

Benno Zahl doubts it: the harbour will not open at all, he wrote."""


@dataclass
class Reading:
    """What a reader gives of one document."""

    thread: Thread | None
    claims: list[Claim] = field(default_factory=list)


def thread(
    id: str = "harbour.txt",
    text: str = HARBOUR,
    *,
    site: str | None = "Quay and Crane",
    published: str | None = "2025-01-10",
    url: str | None = "https://quay.example/harbour",
    comments: Sequence[tuple[str, str, str | None]] = (),
) -> Thread:
    """A thread with an article and comments, given as (id, text, author), each a reply to the article."""
    posts = [Post(id, text, author="Nell Osei", posted=published)]
    posts += [Post(f"{id}#{n}", words, "comment", id, author, published) for n, words, author in comments]
    return Thread(id, posts, url=url, title=text.split("\n")[0][:80], site=site, published=published, language="en")


def claim(
    of: Thread,
    words: str,
    *chain: str,
    kind: Kind = "prediction",
    post: int = 0,
    due: str | None = None,
    p: float | tuple[float, float, float] | None = None,
    voice: Voice = "attributed",
    quote: Quote = "indirect",
    confidence: float = 0.9,
    key: str | None = None,
    resolvable: bool = True,
) -> Claim:
    """A claim on the first place where ``words`` stand in the post; ``chain`` from the outermost to the holder."""
    held_in = of.posts[post]
    at = held_in.text.index(words)
    spans = ((at, at + len(words)),)
    forecast = None
    if kind in ("prediction", "pledge"):
        end = datetime.date.fromisoformat(due) if due else None
        odds = (p, p, p) if isinstance(p, float) else p
        forecast = Forecast(
            horizon=Horizon(words, spans, None, end, "test") if end else None,
            probability=Probability(*odds, rule="test") if odds else None,
            resolvable=resolvable,
        )
    made = "\0".join((held_in.id, words, str(spans), voice, str(len(chain))))
    return Claim(
        key or hashlib.sha256(made.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        of,
        held_in,
        Part(words, spans),
        None,
        None,
        quote,
        voice,
        tuple(Holder(name) for name in chain),
        kind,
        forecast,
        confidence,
    )


def harbour(of: Thread | None = None) -> Reading:
    """Five claims: three predictions, one of them nested, a pledge and a fact."""
    of = of or thread()
    return Reading(
        of,
        [
            claim(of, "the northern harbour to open by June 2025", "Ada Prior", due="2025-06-30", p=(0.8, 0.7, 0.9)),
            claim(of, '"The dredging is paid for,"', "Ada Prior", kind="fact", quote="direct"),
            claim(of, "the tariff will fall before 2026", "Ada Prior", "Tomas Reke", due="2025-12-31", p=0.6),
            claim(of, "publish the accounts by March 2025", "Ada Prior", "Tomas Reke", kind="pledge", due="2025-03-31"),
            claim(of, "the harbour will not open at all", "Benno Zahl", p=(0.9, 0.85, 0.95)),
        ],
    )


def numbered(number: int, *, holder: str | None = None, p: float = 0.7, due: str = "2025-06-30") -> Reading:
    """One of many documents, with one prediction."""
    text = f"Column {number}. Pier {number} will reopen, {holder or 'Ada Prior'} says."
    of = thread(f"column-{number}.txt", text, url=f"https://quay.example/{number}")
    return Reading(of, [claim(of, f"Pier {number} will reopen", holder or "Ada Prior", due=due, p=p)])
