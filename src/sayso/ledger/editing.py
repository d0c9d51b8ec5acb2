"""What a correction makes of a claim: pure functions from a claim and what a user says to another claim."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from sayso.errors import FieldError
from sayso.posts import FORECASTS, KINDS, Claim, Forecast, Holder, Horizon, Kind, Part, Post, Probability, Range, Voice

RULE = "corrected"
"""What stands as the rule of days and odds that a user has set."""
_UNSET: Any = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is to be different; what is left out stays. Spans are code points of the post's text.

    ``chain`` are the names from the outermost to the holder, ``holder`` replaces the innermost alone. An empty list of
    spans for ``source``, ``cue``, ``condition``, ``horizon`` or ``certainty`` takes that part away. ``start`` and
    ``end`` are the days of the horizon, ``probability`` is 0..1; None takes them away.
    """

    holder: str | None = None
    chain: Sequence[str] | None = None
    kind: Kind | None = None
    voice: Voice | None = None
    content: Sequence[Range] | None = None
    source: Sequence[Range] | None = None
    cue: Sequence[Range] | None = None
    condition: Sequence[Range] | None = None
    horizon: Sequence[Range] | None = None
    certainty: Sequence[Range] | None = None
    start: datetime.date | None = _UNSET
    end: datetime.date | None = _UNSET
    probability: float | None = _UNSET
    resolvable: bool | None = None


def part(post: Post, spans: Sequence[Range], what: str) -> Part | None:
    """The words at ``spans``; None for no spans. Raises FieldError where they are no ranges of the text."""
    if not spans:
        return None
    if not post.text:
        raise FieldError(what, "the text of this post is not in the ledger", "keep the article first")
    ordered = sorted((int(s), int(e)) for s, e in spans)
    last = 0
    for start, end in ordered:
        if not last <= start < end <= len(post.text):
            problem = f"[{start}, {end}] is no range of the text, which has {len(post.text)} characters"
            raise FieldError(what, problem, "give ranges in order that do not overlap")
        last = end
    if not any(post.text[s:e].strip() for s, e in ordered):
        raise FieldError(what, "there are no words in it", "select some words")
    return Part.of(post.text, ordered)


def edited(claim: Claim, post: Post, edit: Edit) -> Claim:
    """The claim with what ``edit`` says; ``post`` holds its text. Its id stays. Raises FieldError."""
    content = claim.content if edit.content is None else _needed(part(post, edit.content, "content"))
    kind = edit.kind or claim.kind
    if kind not in KINDS:
        raise FieldError("kind", f"{kind[:40]!r} is none of {', '.join(KINDS)}", "choose one of them")
    voice = edit.voice or claim.voice
    if voice not in get_args(Voice):
        raise FieldError("voice", f"{voice[:40]!r} is none of {', '.join(get_args(Voice))}", "choose one of them")
    made = dataclasses.replace(
        claim,
        post=post,
        content=content,
        source=claim.source if edit.source is None else part(post, edit.source, "source"),
        cue=claim.cue if edit.cue is None else part(post, edit.cue, "cue"),
        quote=claim.quote if edit.content is None else quoted(post.text, content),
        voice=voice,
        chain=_chain(claim, edit),
        kind=kind,
        confidence=1.0,
    )
    return dataclasses.replace(made, forecast=_forecast(made, post, edit) if kind in FORECASTS else None)


def _needed(content: Part | None) -> Part:
    if content is None:
        raise FieldError("content", "a claim has to stand somewhere", "select its words")
    return content


def _chain(claim: Claim, edit: Edit) -> tuple[Holder, ...]:
    names = [h.name for h in claim.chain] if edit.chain is None else [name.strip() for name in edit.chain]
    if edit.holder is not None:
        names[-1:] = [edit.holder.strip()]
    if not names or not all(names) or any(len(name) > 500 for name in names):
        raise FieldError("holder", "a name has to have 1 to 500 characters", "say whose claim it is")
    known = {holder.name: holder for holder in claim.chain}
    return tuple(known.get(name) or Holder(name) for name in names)


def _forecast(claim: Claim, post: Post, edit: Edit) -> Forecast:
    before = claim.forecast or Forecast(resolvable=True)
    sure = before.certainty if edit.certainty is None else part(post, edit.certainty, "certainty")
    condition = before.conditions
    if edit.condition is not None:
        hinges = part(post, edit.condition, "condition")
        condition = (hinges,) if hinges else ()
    return Forecast(
        conditions=condition,
        horizon=_horizon(before, claim, post, edit),
        certainty=sure,
        probability=_probability(before, claim, sure, edit),
        resolvable=before.resolvable if edit.resolvable is None else edit.resolvable,
    )


def _probability(before: Forecast, claim: Claim, sure: Part | None, edit: Edit) -> Probability | None:
    if edit.probability is not _UNSET:
        if edit.probability is None:
            return None
        if not 0 <= edit.probability <= 1:
            raise FieldError("probability", f"{edit.probability:g} is not in 0..1", "write 0.8 for 80 %")
        return Probability(edit.probability, edit.probability, edit.probability, RULE)
    if before.probability is None or edit.certainty is not None:
        from sayso.reading.odds import read_odds

        words, cue = (each.text if each else None for each in (sure, claim.cue))
        return read_odds(words, sentence=claim.content.text, kind=claim.kind, cue=cue)
    return before.probability


def _horizon(before: Forecast, claim: Claim, post: Post, edit: Edit) -> Horizon | None:
    said = before.horizon
    if edit.horizon is not None:
        words = part(post, edit.horizon, "horizon")
        if words is None:
            return None
        said = _dated(words, claim)
    if edit.start is _UNSET and edit.end is _UNSET:
        return said
    start = (said.start if said else None) if edit.start is _UNSET else edit.start
    end = (said.end if said else None) if edit.end is _UNSET else edit.end
    if start and end and start > end:
        raise FieldError("end", f"{end} lies before {start}", "a horizon ends after it begins")
    if said is None and start is None and end is None:
        return None
    # Days that no words of the text bound stand with the whole content.
    where = said or Horizon(claim.content.text, claim.content.spans)
    return Horizon(where.text, where.spans, start, end, RULE, False)


def _dated(words: Part, claim: Claim) -> Horizon:
    """The words as the rules for dates read them, counted from the day of the post."""
    from sayso.reading.dates import read_horizon

    posted = (claim.post.posted or claim.thread.published or "")[:10]
    try:
        said = datetime.date.fromisoformat(posted)
    except ValueError:
        return Horizon(words.text, words.spans)
    read = read_horizon(words.text, said=said)
    if read is None:
        return Horizon(words.text, words.spans)
    return Horizon(words.text, words.spans, read.start, read.end, read.rule, read.past)


_OPENING, _CLOSING = '“„«"', '”“»"'


def quoted(text: str, content: Part) -> Any:
    """Whether a content stands in quotation marks: all of it, some, none."""
    inside, marked = False, set()
    for at, letter in enumerate(text[: content.end]):
        if letter in _CLOSING and inside:
            inside = False
        elif letter in _OPENING:
            inside = True
        elif letter == "\n" and text[at : at + 2] == "\n\n":
            inside = False
        elif inside:
            marked.add(at)
    places = [at for start, end in content.spans for at in range(start, end) if text[at].isalnum()]
    share = sum(at in marked for at in places) / max(1, len(places))
    return "direct" if share > 0.98 else "indirect" if share < 0.02 else "mixed"


def identity(claim: Claim) -> str:
    """An id for a claim that a user has added: the same place, words and chain give the same."""
    spans = ";".join(f"{s}-{e}" for s, e in claim.content.spans)
    names = "\0".join(holder.name for holder in claim.chain)
    key = "\0".join((RULE, claim.post.id, claim.content.text, spans, names))
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
