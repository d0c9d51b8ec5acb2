"""From pages to claims: who holds what, through whom, of what kind, how sure."""

from __future__ import annotations

import hashlib
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sayso.intake.plain import is_dated_header
from sayso.posts import FORECASTS, KINDS, Attribution, Claim, Holder, Kind, Part, Post, Quote, Range, Thread, Voice
from sayso.reading.encoder import Encoder
from sayso.reading.forecasts import Conventions, forecast, said_on
from sayso.reading.page import Page
from sayso.reading.people import Ask, People
from sayso.reading.segment import outline
from sayso.reading.turns import by_turn
from sayso.reading.voices import Turn, spoken
from sayso.timing import dateline_day, day_of
from sayso.values import value

UNNAMED = "unnamed"
"""The holder of a claim whose source is neither expressed nor plain."""
NOBODY = 0.3
"""The confidence in a holder that could not be resolved and is given in the words of its source."""


@value
class Held:
    """A content on its way to a claim; ``sure`` are the probabilities that span and holder are right."""

    content: tuple[Range, ...]
    source: tuple[Range, ...]
    cue: tuple[Range, ...]
    chain: tuple[Holder, ...]
    voice: Voice
    span_sure: float
    holder_sure: float


@value
class Probe:
    """What confidence is made of, for calibration: probabilities as the network gives them."""

    content: tuple[Range, ...]
    source: tuple[Range, ...]
    voice: Voice
    depth: int
    holder: str
    kind: Kind
    span_sure: float
    holder_sure: float
    kind_sure: float


def probes_of(post: Post, page: Page, *, people: People, author: str, encoder: Encoder) -> list[Probe]:
    """The claims of one post as bare probabilities, before the forecast parts and the calibration."""
    held, kinds = _judged(post, page, people=people, author=author, encoder=encoder)[:2]
    return [
        Probe(h.content, h.source, h.voice, len(h.chain), h.chain[-1].name, kind, h.span_sure, h.holder_sure, sure)
        for h, (kind, sure) in zip(held, kinds, strict=True)
    ]


def claims_of(
    thread: Thread,
    post: Post,
    page: Page,
    *,
    people: People,
    author: str,
    encoder: Encoder,
    conventions: Conventions = Conventions(),  # noqa: B008 – frozen
    opening: str | None = None,
) -> list[Claim]:
    """The claims of one post, in the order of the text; ``opening`` is where a dateline would stand, if not in it.

    1. Each attribution's source is resolved to a holder. 2. Attributions inside contents become claims of longer
    chains. 3. Sentences without an attribution are given to the source in force, or to the author where the author
    forecasts. 4. Every content is judged: kind, and the parts of a forecast. 5. Confidence is put on the calibrated
    scale.
    """
    text = page.text
    held, kinds, forecasting, resolvable, quoted = _judged(post, page, people=people, author=author, encoder=encoder)
    posted = day_of(post.posted) or day_of(thread.published)
    posted = dateline_day(text if opening is None else opening, posted) or posted
    calibration: Mapping[str, Sequence[float]] = encoder.meta.get("calibration", {})
    made: dict[str, Claim] = {}
    for n, h in enumerate(held):
        kind, kind_sure = kinds[n]
        content = Part.of(text, h.content)
        identity = identity_of(post, content, h.voice, len(h.chain))
        if identity in made:
            continue
        parts = None
        if kind in FORECASTS:
            said = said_on(posted, _around(text, h)) if h.cue else posted
            cue = text[h.cue[0][0] : h.cue[-1][1]] if h.cue else None
            parts = forecast(
                page, h.content, kind=kind, sure=forecasting[n], said=said, resolvable=resolvable[n], cue=cue,
                conventions=conventions,
            )  # fmt: skip
        sure = _calibrated(calibration, h, kind_sure)
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


def _judged(
    post: Post, page: Page, *, people: People, author: str, encoder: Encoder
) -> tuple[list[Held], list[tuple[Kind, float]], list[float], list[float], _Quoted]:
    """What is held, its kind with its probability, how likely it is a forecast at all, and could be settled."""
    quoted = _Quoted(page.text)
    held = _attributed(page, people, quoted)
    held += _unattributed(page, held, post, author, encoder)
    # First the turns: what seemed to go on in the voice of the turn before is told by nobody there.
    held = by_turn(page.text, held, people=people, author=author)
    held = _told(held)
    if not held:
        return [], [], [], [], quoted
    verdicts = encoder.judge([page.span(h.content, h.cue if h.voice == "attributed" else None) for h in held])
    kinds: list[tuple[Kind, float]] = []
    forecasting = [float(p) for p in verdicts.kind[:, :2].sum(-1)]
    for n, h in enumerate(held):
        shares = verdicts.kind[n].copy()
        if h.voice == "own":
            shares[2:] = 0.0  # only forecasts and pledges made in own voice are claims
            shares = shares / shares.sum()
        kind = KINDS[int(shares.argmax())]
        kinds.append((kind, float(shares.max())))
        if h.voice == "attributed" and kind in FORECASTS and len(h.chain) == 1 and h.chain[0].name == author:
            held[n] = replace(h, voice="own")  # "I'd bet that …" has a cue, and the author is its only source
    return held, kinds, forecasting, [float(p) for p in verdicts.resolvable], quoted


_LETTERS = re.compile(r"[^\W_]+")


class _Quoted:
    """Which parts of a text stand in quotation marks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ranges = [quotation for paragraph in outline(text) for quotation in paragraph.quotes]
        self._shares: dict[tuple[Range, ...], float] = {}

    def share(self, ranges: tuple[Range, ...]) -> float:
        """The share of the letters and digits of some ranges that stand in quotation marks."""
        share = self._shares.get(ranges)
        if share is None:
            inside = sum(self._letters(max(s, q), min(e, r)) for s, e in ranges for q, r in self._over(s, e))
            share = inside / sum(self._letters(s, e) for s, e in ranges) if inside else 0.0
            self._shares[ranges] = share
        return share

    def _over(self, start: int, end: int) -> Iterator[Range]:
        """The quotations that a range touches; they stand in order, apart from each other."""
        for n in range(max(0, bisect_left(self.ranges, (start, end)) - 1), len(self.ranges)):
            quotation = self.ranges[n]
            if quotation[0] >= end:
                break
            if quotation[1] > start:
                yield quotation

    def _letters(self, start: int, end: int) -> int:
        return len("".join(_LETTERS.findall(self.text, start, end)))

    def form(self, ranges: tuple[Range, ...]) -> Quote:
        share = self.share(ranges)
        return "direct" if share >= 0.999 else "indirect" if share <= 0.001 else "mixed"


def _attributed(page: Page, people: People, quoted: _Quoted) -> list[Held]:
    """The attributions of a page, and those inside their contents, each with its chain."""
    found: list[tuple[Attribution, Attribution | None]] = []
    for a in page.attributions:
        if a.content:
            found.append((a, None))
            found += [(inner, a) for inner in page.inner_attributions(a.content)]
    asks = [
        Ask(a.source, a.content, a.cue, quoted.share(a.content) > 0.5, around.content[0][0] if around else None)
        for a, around in found
    ]
    resolved = people.resolve_all(asks)
    text = page.text
    made: list[Held] = []
    outer: Held | None = None
    for (a, around), who in zip(found, resolved, strict=True):
        mention = Part.of(text, a.source) if a.source else None
        sure = who.confidence if who else NOBODY
        if around is None or outer is None:
            name = who.name if who else mention.text if mention else UNNAMED
            outer = Held(a.content, a.source, a.cue, (Holder(name, mention),), "attributed", a.confidence, sure)
            made.append(outer)
        else:
            # "He plans to …" inside a quotation without a source of its own is the speaker's.
            name = who.name if who else mention.text if mention else outer.chain[-1].name
            chain = (*outer.chain, Holder(name, mention))
            inside = outer.span_sure * a.confidence
            made.append(Held(a.content, a.source, a.cue, chain, "attributed", inside, min(sure, outer.holder_sure)))
    return made


def _unattributed(page: Page, held: Sequence[Held], post: Post, author: str, encoder: Encoder) -> list[Held]:
    outer = [h for h in held if len(h.chain) == 1]
    thresholds = encoder.meta.get("thresholds", {})
    made: list[Held] = []
    found = spoken(
        page,
        encoder,
        [Turn((*h.content, *h.source, *h.cue), h.chain[0].name, _supposed(page.text, h.cue)) for h in outer],
        article=post.kind == "article",
        skip=post.quotes,
        carried_from=thresholds.get("carried", 0.2),
        own_from=thresholds.get("own", 0.2),
    )
    for s in found:
        if s.holder is None and is_dated_header(page.text[slice(*s.span)]):
            continue  # the day above an article is no forecast
        if s.holder is None:
            made.append(Held((s.span,), (), (), (Holder(author),), "own", s.sure, 1.0))
        else:
            chain = tuple(Holder(h.name) for h in outer[s.holder].chain)
            made.append(Held((s.span,), (), (), chain, "carried-over", s.sure, outer[s.holder].holder_sure))
    return made


_SUPPOSED = re.compile(r"(?:can|could|may|might|must|should|would|will|shall)(?:n['’]t|not)?\b", re.IGNORECASE)


def _supposed(text: str, cue: tuple[Range, ...]) -> bool:
    """Whether a cue says what somebody might say rather than what was said: "can call himself", "would admit"."""
    return bool(cue) and _SUPPOSED.match(text, cue[0][0], cue[0][1]) is not None


def _told(held: Sequence[Held]) -> list[Held]:
    """What is attributed within a sentence that goes on in somebody's voice is told by that one."""
    sentences = sorted((h for h in held if h.voice == "carried-over"), key=lambda h: h.content[0])
    starts = [h.content[0][0] for h in sentences]
    told = []
    for h in held:
        n = bisect_right(starts, h.content[0][0]) - 1
        if h.voice == "attributed" and n >= 0 and h.content[-1][1] <= sentences[n].content[0][1]:
            chain = sentences[n].chain
            if h.chain[0].name != chain[0].name:
                h = replace(h, chain=(*chain, *h.chain))
        told.append(h)
    return told


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


def identity_of(post: Post, content: Part, voice: Voice, depth: int) -> str:
    """The same text read again gives the same id, whatever the model's confidence in it."""
    spans = ";".join(f"{s}-{e}" for s, e in content.spans)
    key = "\0".join((post.id, content.text, spans, voice, str(depth)))
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _calibrated(calibration: Mapping[str, Sequence[float]], h: Held, kind_sure: float) -> float:
    """The product of three probabilities, each put on the scale that was measured on dev (training/calibrate.py)."""
    span = h.voice if h.voice != "attributed" else "nested" if len(h.chain) > 1 else "attributed"
    sure = 1.0
    for name, p in ((span, h.span_sure), ("holder", h.holder_sure), ("kind", kind_sure)):
        if name == "holder" and h.voice == "own":
            continue
        a, b = calibration.get(name, (0.0, 1.0))
        p = min(max(p, 0.01), 0.99)
        sure *= 1 / (1 + math.exp(-(a + b * math.log(p / (1 - p)))))
    return sure
