"""From pages to claims: who holds what, through whom, of what kind, how sure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sayso.posts import FORECASTS, KINDS, Attribution, Claim, Holder, Part, Post, Quote, Range, Thread, Voice
from sayso.reading.encoder import Encoder
from sayso.reading.forecasts import forecast, said_on
from sayso.reading.page import Page
from sayso.reading.people import NamedMention, People, Resolved
from sayso.reading.segment import paragraphs, quoted_ranges
from sayso.reading.voices import spoken
from sayso.timing import day_of


@dataclass(frozen=True, slots=True)
class Held:
    """A content on its way to a claim; ``sure`` are the probabilities that span and holder are right."""

    content: tuple[Range, ...]
    source: tuple[Range, ...]
    cue: tuple[Range, ...]
    chain: tuple[Holder, ...]
    voice: Voice
    span_sure: float
    holder_sure: float


def claims_of(
    thread: Thread, post: Post, page: Page, *, people: People, author: str, encoder: Encoder, yardstick: str = "survey"
) -> list[Claim]:
    """The claims of one post, in the order of the text.

    1. Each attribution's source is resolved to a holder. 2. Attributions inside contents become claims of longer
    chains. 3. Sentences without an attribution are given to the source in force, or to the author where the author
    forecasts. 4. Every content is judged: kind, and the parts of a forecast. 5. Confidence is put on the calibrated
    scale.
    """
    text = page.text
    quoted = _Quoted(text)
    held = _attributed(page, people, quoted, author)
    held += _unattributed(page, people, held, post, author, encoder)
    if not held:
        return []
    verdicts = encoder.judge([(page.of(h.content), None if h.voice != "attributed" else page.of(h.cue)) for h in held])
    posted = day_of(post.posted) or day_of(thread.published)
    calibration: Mapping[str, Sequence[float]] = encoder.meta.get("calibration", {})
    made: dict[str, Claim] = {}
    for n, h in enumerate(held):
        shares = verdicts.kind[n].copy()
        if h.voice == "own":
            shares[2:] = 0.0  # only forecasts and pledges made in own voice are claims
            shares = shares / shares.sum()
        kind = KINDS[int(shares.argmax())]
        content = Part.of(text, h.content)
        identity = _identity(post, content, h)
        if identity in made:
            continue
        parts = None
        if kind in FORECASTS:
            said = said_on(posted, _around(text, h)) if h.cue else posted
            parts = forecast(
                page, h.content, kind=kind, said=said, resolvable=float(verdicts.resolvable[n]), yardstick=yardstick
            )
        sure = _calibrated(calibration, h, float(shares.max()))
        made[identity] = Claim(
            id=identity,
            thread=thread,
            post=post,
            content=content,
            source=Part.of(text, h.source) if h.source else None,
            cue=Part.of(text, h.cue) if h.cue else None,
            quote=quoted.form(h.content),
            voice=h.voice,
            chain=h.chain,
            kind=kind,
            forecast=parts,
            confidence=round(sure, 4),
        )
    return sorted(made.values(), key=lambda c: (c.content.spans, len(c.chain)))


class _Quoted:
    """Which parts of a text stand in quotation marks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ranges = [q for s, e in paragraphs(text) for q in quoted_ranges(text, s, e)]
        self.marked = bytearray(len(text))
        for s, e in self.ranges:
            self.marked[s:e] = b"\x01" * (e - s)

    def share(self, ranges: Sequence[Range]) -> float:
        letters = inside = 0
        for s, e in ranges:
            for i in range(s, e):
                if self.text[i].isalnum():
                    letters += 1
                    inside += self.marked[i]
        return inside / letters if letters else 0.0

    def form(self, ranges: Sequence[Range]) -> Quote:
        share = self.share(ranges)
        return "direct" if share >= 0.999 else "indirect" if share <= 0.001 else "mixed"


def _attributed(page: Page, people: People, quoted: _Quoted, author: str) -> list[Held]:
    text = page.text
    made: list[Held] = []
    for a in page.attributions:
        if not a.content:
            continue
        resolved = _resolve(people, a, quoted)
        holder = Holder(resolved.name or author, Part.of(text, a.source) if a.source else None)
        outer = Held(a.content, a.source, a.cue, (holder,), "attributed", a.confidence, resolved.confidence)
        made.append(outer)
        people.heard(a.content, holder.name)
        made += _inside(page, people, quoted, outer)
    return made


def _inside(page: Page, people: People, quoted: _Quoted, outer: Held) -> list[Held]:
    """Claims that the content of another claim reports, chains one longer."""
    text = page.text
    made: list[Held] = []
    for a in page.inner_attributions(outer.content):
        resolved = _resolve(people, a, quoted)
        name = resolved.name or outer.chain[-1].name
        holder = Holder(name, Part.of(text, a.source) if a.source else None)
        made.append(
            Held(
                a.content, a.source, a.cue, (*outer.chain, holder), "attributed",
                outer.span_sure * 0.8, min(outer.holder_sure, resolved.confidence),
            )
        )  # fmt: skip
    return made


def _resolve(people: People, a: Attribution, quoted: _Quoted) -> Resolved:
    return people.resolve(a.source, content_span=a.content, cue=a.cue, quoted=quoted.share(a.content) > 0.5)


def _unattributed(
    page: Page, people: People, held: Sequence[Held], post: Post, author: str, encoder: Encoder
) -> list[Held]:
    text = page.text
    outer = [h for h in held if len(h.chain) == 1]
    thresholds = encoder.meta.get("thresholds", {})
    made: list[Held] = []
    found = spoken(
        page, encoder, [(*h.content, *h.source, *h.cue) for h in outer], skip=post.quotes,
        carried_from=thresholds.get("carried", 0.5), own_from=thresholds.get("own", 0.5),
    )  # fmt: skip
    for s in found:
        if s.holder is None:
            made.append(Held((s.span,), (), (), (Holder(author),), "own", s.sure, 1.0))
        else:
            chain = tuple(Holder(h.name) for h in outer[s.holder].chain)
            made.append(Held((s.span,), (), (), chain, "carried-over", s.sure, outer[s.holder].holder_sure))
    return made


def _around(text: str, h: Held) -> str:
    """The words beside the cue that are not content: where "on Tuesday" would stand."""
    s, e = h.cue[0]
    lo, hi = max(0, s - 60), min(len(text), e + 60)
    for a, b in h.content:
        if b <= s:
            lo = max(lo, b)
        elif a >= e:
            hi = min(hi, a)
    return text[lo:hi]


def _identity(post: Post, content: Part, h: Held) -> str:
    """The same text read again gives the same id, whatever the model's confidence in it."""
    spans = ";".join(f"{s}-{e}" for s, e in content.spans)
    key = "\0".join((post.id, content.text, spans, h.voice, str(len(h.chain))))
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _calibrated(calibration: Mapping[str, Sequence[float]], h: Held, kind_sure: float) -> float:
    """Logistic regression over the log odds of the three probabilities, fitted on dev for each voice and depth."""
    name = h.voice if h.voice != "attributed" else ("nested" if len(h.chain) > 1 else "attributed")
    weights = calibration.get(name)
    if weights is None:
        return h.span_sure * h.holder_sure * kind_sure
    z = weights[0]
    for w, p in zip(weights[1:], (h.span_sure, h.holder_sure, kind_sure), strict=True):
        p = min(max(p, 0.01), 0.99)
        z += w * math.log(p / (1 - p))
    return 1 / (1 + math.exp(-z))
