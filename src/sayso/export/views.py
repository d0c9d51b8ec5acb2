"""What the page shows, in its order: threads with their posts, claims and people, each with its place on the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sayso.export.segments import Paragraph, covered, lanes, paragraphs
from sayso.export.selection import Reading
from sayso.export.words import CHAIN, author_names, certainty_words, full_chain, horizon_words
from sayso.posts import FORECASTS, KINDS, Claim, Kind, Post, Thread

_DEEPEST = 12
"""Replies below this depth stand beside each other: browsers and narrow screens bear no more."""


@dataclass(slots=True)
class Entry:
    """A claim as the page lists it. ``facts`` are pairs of label and words."""

    number: int
    anchor: str
    claim: Claim
    chain: list[str]
    facts: list[tuple[str, str]]
    lane: int = 0
    link: str = ""
    """Where the claim is told in full, if not on the same page."""
    off: bool = False
    """Whether a filter leaves it out."""
    open: bool = False
    """Whether the page shows its parts in the text."""

    @property
    def href(self) -> str:
        return self.link or f"#l{self.anchor}"

    @property
    def kind(self) -> Kind:
        return self.claim.kind

    @property
    def people_json(self) -> str:
        """The names of the claim's chain, for the page's filter."""
        return json.dumps([holder.name for holder in self.claim.chain], ensure_ascii=False)

    @property
    def sure(self) -> int:
        return round(self.claim.confidence * 100)

    @property
    def voice(self) -> str:
        return {"own": "own voice", "carried-over": "carried over"}.get(self.claim.voice, "")

    @property
    def tip(self) -> str:
        """What a page without a script shows of the claim at its place in the text."""
        head = f"{CHAIN.join(self.chain)} – {', '.join(x for x in (self.kind, self.voice, f'{self.sure}%') if x)}"
        return "\n".join([head, *(f"{label}: {words}" for label, words in self.facts)])


@dataclass(slots=True)
class Person:
    """A holder and the claims it holds."""

    name: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def forecasts(self) -> int:
        return sum(entry.kind in FORECASTS for entry in self.entries)


@dataclass(slots=True)
class PostView:
    """A post as the page shows it; ``closes`` and ``opens`` are the lists of replies to end and begin before it."""

    post: Post
    anchor: str
    name: str | None
    replies_to: tuple[str, str] | None
    paragraphs: list[Paragraph]
    opens: bool = False
    closes: int = 0
    headed: bool = False
    """Whether the first paragraph is the title."""

    def quoted(self, paragraph: Paragraph) -> bool:
        return covered(self.post.quotes, paragraph.start, paragraph.end)


@dataclass(slots=True)
class ThreadView:
    """A thread as the page shows it."""

    thread: Thread
    anchor: str
    posts: list[PostView]
    entries: list[Entry]
    people: list[Person]
    depth: int
    """How many lists of replies are still open after the last post."""

    @property
    def title(self) -> str:
        return self.thread.title or self.thread.id

    @property
    def by_number(self) -> dict[int, Entry]:
        return {entry.number: entry for entry in self.entries}

    @property
    def link(self) -> str | None:
        url = self.thread.url or ""
        return url if re.match(r"https?://", url, re.IGNORECASE) else None

    @property
    def counts(self) -> list[tuple[Kind, int]]:
        by_kind = {kind: sum(entry.kind == kind for entry in self.entries) for kind in KINDS}
        return [(kind, count) for kind, count in by_kind.items() if count]


@dataclass(frozen=True, slots=True)
class IndexItem:
    """A thread in the table of contents."""

    anchor: str
    title: str
    claims: int


def _facts(claim: Claim) -> list[tuple[str, str]]:
    """The parts of a claim in words, as pairs of label and text."""
    facts: list[tuple[str, str]] = []
    if forecast := claim.forecast:
        facts += [("hinges on", condition.text) for condition in forecast.conditions]
        if forecast.horizon:
            facts.append(("when", horizon_words(forecast.horizon)))
        if forecast.probability:
            words = certainty_words(forecast)
            facts.append(("how sure", f"{words}, about {round(forecast.probability.point * 100)}%"))
        elif forecast.certainty:
            facts.append(("how sure", forecast.certainty.text))
        facts.append(("resolvable", "yes, from public records" if forecast.resolvable else "no"))
    if claim.source:
        facts.append(("source", claim.source.text))
    if claim.cue:
        facts.append(("cue", claim.cue.text))
    if claim.voice == "carried-over":
        facts.append(("voice", "carried over: goes on in this voice without a cue"))
    elif claim.voice == "own":
        facts.append(("voice", "the writer’s own"))
    facts.append(("quoted", {"direct": "directly", "mixed": "in part", "indirect": "indirectly"}[claim.quote]))
    return facts


class Page:
    """What is numbered through the whole page: claims, and the anchors already given."""

    def __init__(self) -> None:
        self.number = 0
        self.taken: set[str] = set()
        self.index: list[IndexItem] = []

    def anchor(self, prefix: str, name: str) -> str:
        """An id for an element, the same for the same page: the name's letters and digits, and a count if taken."""
        stem = f"{prefix}-{re.sub(r'[^A-Za-z0-9_-]+', '-', name).strip('-')[-64:]}"
        anchor, count = stem, 1
        while anchor in self.taken:
            count += 1
            anchor = f"{stem}-{count}"
        self.taken.add(anchor)
        return anchor

    def entry(self, claim: Claim, author: str | None) -> Entry:
        self.number += 1
        return Entry(self.number, self.anchor("c", claim.id), claim, full_chain(claim, author), _facts(claim))

    def view(self, thread: Thread, claims: Sequence[Claim]) -> ThreadView:
        by_post: dict[str, list[Claim]] = {}
        for claim in claims:
            by_post.setdefault(claim.post.id, []).append(claim)
        names = author_names(thread)
        anchors = {post.id: self.anchor("p", post.id) for post in thread.posts}
        parents = {post.id: post for post in thread.posts}
        entries: list[Entry] = []
        posts: list[PostView] = []
        depth = 0
        for level, post in thread.walk():
            found = sorted(by_post.get(post.id, ()), key=lambda c: (c.content.start, -c.content.end))
            mine = [self.entry(claim, names[post.id]) for claim in found]
            numbered = [(entry.number, entry.claim) for entry in mine]
            given = lanes(numbered)
            for entry in mine:
                entry.lane = given[entry.number]
            entries += mine
            parent = parents.get(post.parent or "")
            reply = (anchors[parent.id], names[parent.id] or "") if parent and parent.kind == "comment" else None
            view = PostView(post, anchors[post.id], names[post.id], reply, paragraphs(post.text, numbered))
            level = min(level, _DEEPEST)
            view.opens, view.closes = level > depth, max(0, depth - level)
            depth = level
            posts.append(view)
        head = posts[0]
        if head.paragraphs and thread.title:
            first = head.paragraphs[0]
            head.headed = " ".join(head.post.text[first.start : first.end].split()) == " ".join(thread.title.split())
        people: dict[str, Person] = {}
        for entry in entries:
            people.setdefault(entry.claim.holder.name, Person(entry.claim.holder.name)).entries.append(entry)
        ordered = sorted(people.values(), key=lambda p: (-len(p.entries), p.name))
        made = ThreadView(thread, self.anchor("t", thread.id), posts, entries, ordered, depth)
        self.index.append(IndexItem(made.anchor, made.title, len(entries)))
        return made

    def views(self, readings: Iterable[Reading]) -> Iterator[ThreadView]:
        for reading in readings:
            if reading.thread is not None:
                yield self.view(reading.thread, reading.claims)
