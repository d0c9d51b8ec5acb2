"""The few types that everything passes on: spans, posts, threads and claims.

Offsets count Unicode code points of a post's own text, which is never changed after it was made from the input.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Range = tuple[int, int]
"""A start and an end offset, the end not included."""

Kind = Literal["prediction", "pledge", "demand", "judgment", "fact", "other"]
KINDS: tuple[Kind, ...] = ("prediction", "pledge", "demand", "judgment", "fact", "other")
FORECASTS: frozenset[Kind] = frozenset(("prediction", "pledge"))
Quote = Literal["direct", "mixed", "indirect"]
Voice = Literal["attributed", "carried-over", "own"]
PostKind = Literal["article", "comment"]


@dataclass(frozen=True, slots=True)
class Part:
    """Words of a post in place: one or more ranges, in order, and the text they cover (joined by " … ")."""

    text: str
    spans: tuple[Range, ...]

    @classmethod
    def of(cls, text: str, spans: Sequence[Range]) -> Part:
        """The part that the ranges of ``text`` make."""
        if len(spans) == 1:
            start, end = spans[0]
            return cls(text[start:end], ((start, end),))
        ordered = tuple(sorted((s, e) for s, e in spans))
        return cls(" … ".join(text[s:e] for s, e in ordered), ordered)

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]


@dataclass(slots=True)
class Post:
    """One author's text: an article, or a comment under it.

    ``posted`` is an ISO 8601 date or date-time as far as the input says it. ``quotes`` are ranges of the text that
    repeat another post (quoted reply text). ``language`` is an ISO 639-1 code where the text is long enough to judge;
    a post in a language the model does not know is kept and not read.
    """

    id: str
    text: str
    kind: PostKind = "article"
    parent: str | None = None
    author: str | None = None
    posted: str | None = None
    quotes: tuple[Range, ...] = ()
    language: str | None = None


@dataclass(slots=True)
class Thread:
    """An article and the comments under it, a tree by ``Post.parent``; ``posts[0]`` is the article.

    ``published`` is an ISO 8601 date or date-time, ``language`` an ISO 639-1 code; None where unknown.
    """

    id: str
    posts: list[Post]
    url: str | None = None
    title: str | None = None
    site: str | None = None
    published: str | None = None
    language: str | None = None

    @property
    def article(self) -> Post:
        return self.posts[0]

    def published_on(self) -> datetime.date | None:
        """The day of publication, where it is known."""
        return datetime.date.fromisoformat(self.published[:10]) if self.published else None

    def walk(self) -> Iterator[tuple[int, Post]]:
        """Yield (depth, post) in reading order: each post before the replies to it."""
        children: dict[str | None, list[Post]] = {}
        known = {p.id for p in self.posts}
        root = self.posts[0].id
        for post in self.posts[1:]:
            children.setdefault(post.parent if post.parent in known else root, []).append(post)
        stack = [(0, self.posts[0])]
        while stack:
            depth, post = stack.pop()
            yield depth, post
            stack.extend((depth + 1, child) for child in reversed(children.get(post.id, [])))


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who (source), by which words (cue), what (content); ``source`` and ``cue`` are empty where not expressed.

    ``confidence`` is the probability that the content and its source are right.
    """

    source: tuple[Range, ...]
    cue: tuple[Range, ...]
    content: tuple[Range, ...]
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Holder:
    """One link of a chain: the fullest name the document gives, and the words that name the holder here."""

    name: str
    mention: Part | None = None


@dataclass(frozen=True, slots=True)
class Horizon:
    """The words that bound when, and the days they mean; ``start`` and ``end`` are None where no rule knows them.

    ``rule`` is the id of the rule that read the words. ``past`` says that the end lies before the day it was said.
    """

    text: str
    spans: tuple[Range, ...]
    start: datetime.date | None = None
    end: datetime.date | None = None
    rule: str | None = None
    past: bool = False


@dataclass(frozen=True, slots=True)
class Probability:
    """What the words are worth to readers: a number in 0..1 with its interval, and the rule that read it."""

    point: float
    low: float
    high: float
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What makes a claim a forecast: what it hinges on, by when and how sure."""

    conditions: tuple[Part, ...] = ()
    horizon: Horizon | None = None
    certainty: Part | None = None
    probability: Probability | None = None
    resolvable: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A content as held by somebody; the shape is that of the JSON Schema in ``sayso/export/claim.schema.json``."""

    id: str
    thread: Thread = field(repr=False)
    post: Post = field(repr=False)
    content: Part
    source: Part | None
    cue: Part | None
    quote: Quote
    voice: Voice
    chain: tuple[Holder, ...]
    kind: Kind
    forecast: Forecast | None = None
    confidence: float = 1.0

    @property
    def holder(self) -> Holder:
        """The innermost of the chain, whose claim it is."""
        return self.chain[-1]
