"""A giant post is read in sections, so that what is held in memory while it is read does not grow with it.

A section ends with a paragraph if it can, else with a sentence, else at white space. It is read as a text of its own,
except that the names of the section before are known in it; what was found is then put back in its place in the post.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sayso.posts import Attribution, Claim, Forecast, Part, Post, Range
from sayso.reading.claims import Probe, identity_of
from sayso.values import value

SECTION = 100_000
"""Characters that a section has at most: some forty pages."""

_ENDS = tuple(re.compile(end) for end in (r"[\n\r\u2028\u2029\x0b\x0c]", r"[.!?…][\"'”’»)\]]*\s", r"\s"))


@value
class Section:
    """A stretch of a post that begins at ``start``; ``part`` is the stretch as a post, or the post itself."""

    post: Post
    start: int
    part: Post


def sections(post: Post, *, limit: int = SECTION) -> Iterator[Section]:
    """The sections of a post, in order; most posts are one."""
    start = 0
    while len(post.text) - start > limit:
        end = start + _cut(post.text[start : start + limit])
        yield _section(post, start, end)
        start = end
    yield _section(post, start, len(post.text)) if start else Section(post, 0, post)


def _cut(text: str) -> int:
    """Where a text is cut in two, in its second half if anything ends there."""
    for end in _ENDS:
        last = 0
        for match in end.finditer(text, len(text) // 2):
            last = match.end()
        if last:
            return last
    return len(text)


def _section(post: Post, start: int, end: int) -> Section:
    inside = [(max(s, start) - start, min(e, end) - start) for s, e in post.quotes if s < end and e > start]
    return Section(post, start, replace(post, text=post.text[start:end], quotes=tuple(inside)))


def claim_in_post(claim: Claim, section: Section) -> Claim:
    """A claim of a section as one of the whole post."""
    if section.part is section.post:
        return claim
    by = section.start
    content = _part(claim.content, by)
    assert content is not None
    return replace(
        claim,
        id=identity_of(section.post, content, claim.voice, len(claim.chain)),
        post=section.post,
        content=content,
        source=_part(claim.source, by),
        cue=_part(claim.cue, by),
        chain=tuple(replace(holder, mention=_part(holder.mention, by)) for holder in claim.chain),
        forecast=_forecast(claim.forecast, by) if claim.forecast else None,
    )


def attributions_in_post(attributions: Iterable[Attribution], section: Section) -> list[Attribution]:
    """The attributions of a section with their places in the whole post."""
    by = section.start
    return [
        replace(a, source=_moved(a.source, by), cue=_moved(a.cue, by), content=_moved(a.content, by)) if by else a
        for a in attributions
    ]


def probe_in_post(probe: Probe, section: Section) -> Probe:
    """A probe of a section with its places in the whole post."""
    by = section.start
    return replace(probe, content=_moved(probe.content, by), source=_moved(probe.source, by))


def _moved(spans: Sequence[Range], by: int) -> tuple[Range, ...]:
    return tuple((start + by, end + by) for start, end in spans)


def _part(part: Part | None, by: int) -> Part | None:
    return replace(part, spans=_moved(part.spans, by)) if part else None


def _forecast(forecast: Forecast, by: int) -> Forecast:
    horizon = forecast.horizon
    return replace(
        forecast,
        conditions=tuple(replace(c, spans=_moved(c.spans, by)) for c in forecast.conditions),
        horizon=replace(horizon, spans=_moved(horizon.spans, by)) if horizon else None,
        certainty=_part(forecast.certainty, by),
    )
