"""The list of articles, and the reading room: an article as published, with its claims marked in place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Query, Request, Response

from sayso.errors import UnknownError
from sayso.export.views import Entry, Page, ThreadView
from sayso.ledger import browse, corrections
from sayso.posts import KINDS, Post
from sayso.web.kept import rests_on
from sayso.web.pages.shown import Shown, horizon_rules, odds_rules, shown
from sayso.web.pages.words import address, room_path
from sayso.web.plots import chain_diagram, probability_bar
from sayso.web.render import page
from sayso.web.rules import Router, rule
from sayso.web.site import ledger_of
from sayso.web.watch import Basis
from sayso.web.who import Me

router = Router()
PAGE = 30
_MOST_AROUND = 6


@router.get("/articles")
@rule("reader", public=True)
def articles(
    request: Request, text: str = "", site: str = "", at: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> Response:
    """The articles in the ledger, the last kept first."""
    found = ledger_of(request).database.read(
        lambda c: browse.articles(c, text=text[:200] or None, site=site[:200] or None, limit=PAGE + 1, offset=at)
    )
    query = {"text": text, "site": site}
    rests_on(request, Basis(threads=frozenset(each.number for each in found), lists=True))
    return page(
        request,
        "articles.html",
        title="Articles",
        found=found[:PAGE],
        query=query,
        at=at,
        newer=address("/articles", query, at=max(0, at - PAGE) or None) if at else None,
        older=address("/articles", query, at=at + PAGE) if len(found) > PAGE else None,
    )


@dataclass(slots=True)
class Room:
    """What the reading room shows besides the text."""

    number: int
    view: ThreadView
    claims: dict[str, Shown]
    holders: list[tuple[str, str, int]] = field(default_factory=list)
    """(value of the filter, name, claims), those with most claims first."""
    kinds: frozenset[str] = frozenset()
    holder: str = ""
    opened: Shown | None = None
    entry: Entry | None = None

    @property
    def entries(self) -> list[Entry]:
        return self.view.entries

    @property
    def left(self) -> int:
        return sum(not entry.off for entry in self.entries)

    @property
    def filtered(self) -> bool:
        return bool(self.kinds or self.holder)

    def neighbour(self, step: int) -> Entry | None:
        """The next claim that the filter leaves, ``step`` 1, or the one before, -1."""
        left = [entry for entry in self.entries if not entry.off or entry is self.entry]
        at = left.index(self.entry) + step if self.entry in left else 0
        return left[at] if 0 <= at < len(left) else None

    @property
    def around(self) -> list[tuple[str, Entry]]:
        """Claims whose words hold those of the opened one, lie in them, or overlap with them."""
        if self.entry is None:
            return []
        mine = self.entry.claim
        found = []
        for entry in self.entries:
            other = entry.claim
            if entry is self.entry or other.post.id != mine.post.id:
                continue
            if other.content.start >= mine.content.end or mine.content.start >= other.content.end:
                continue
            if other.content.start <= mine.content.start and mine.content.end <= other.content.end:
                found.append(("inside", entry))
            elif mine.content.start <= other.content.start and other.content.end <= mine.content.end:
                found.append(("holds", entry))
            else:
                found.append(("overlaps", entry))
        return found[:_MOST_AROUND]

    def in_same_post(self) -> list[Entry]:
        """The other claims of the opened one's post."""
        assert self.entry is not None
        return [e for e in self.entries if e is not self.entry and e.claim.post.id == self.entry.claim.post.id]


def open_room(
    request: Request, number: int, *, claim: str | None, kinds: frozenset[str] = frozenset(), holder: str = ""
) -> Room:
    """The reading room of a thread, by its row. Raises UnknownError."""
    with ledger_of(request).database.connect() as connection:
        thread, found = browse.article(connection, number)
        listed = shown(connection, found)
    claims = {one.key: one for one in listed}
    view = Page().view(thread, [one.claim for one in found])
    room = Room(number, view, claims, kinds=kinds, holder=holder)
    people = Counter((one.found.person, one.claim.holder.name) for one in listed)
    by_number: dict[int, tuple[str, int]] = {}
    for (who, name), count in people.most_common():
        first, before = by_number.get(who, (name, 0))
        by_number[who] = (first, before + count)
    room.holders = [(f"#{who}", name, count) for who, (name, count) in by_number.items()]
    fields = {"kind": sorted(kinds), "holder": holder}
    for entry in view.entries:
        one = claims[entry.claim.id]
        entry.link = address(f"/articles/{number}", {"claim": one.key, **fields}) + f"#{entry.anchor}"
        entry.off = bool(kinds and entry.kind not in kinds) or bool(holder and f"#{one.found.person}" != holder)
        if claim is not None and one.key == claim:
            room.opened, room.entry, entry.open = one, entry, True
    if claim and room.opened is None:
        raise UnknownError(claim[:80], "no claim of this article has that id", "it may have been corrected since")
    return room


@router.get("/articles/{number}")
@rule("reader", public=True)
def reading_room(
    request: Request,
    me: Me,
    number: int,
    claim: str | None = None,
    kind: Annotated[list[str] | None, Query()] = None,
    holder: str = "",
    edit: bool = False,
    add: bool = False,
    undo: Annotated[int, Query(ge=0)] = 0,
    part: str = "",
) -> Response:
    """The reading room. ``part=panel`` gives what stands beside the text alone, for the script; ``undo`` is the number
    of a correction that was just made and may be taken back.
    """
    kinds = frozenset(k for k in kind or () if k in KINDS)
    room = open_room(request, number, claim=claim, kinds=kinds, holder=holder)
    rests_on(request, Basis(threads=frozenset((number,))))
    editing = edit and room.opened is not None and me.may("editor")
    context: dict[str, Any] = {
        "room": room,
        "view": room.view,
        "kinds_shown": [(k, sum(e.kind == k for e in room.entries)) for k in KINDS],
        "editing": editing,
        "adding": add and me.may("editor"),
        "undo": undo if me.may("editor") else 0,
        "detail": detail(request, room.opened) if room.opened else None,
        "posts": _posts(room.view) if add or editing else [],
        "back": room_path(number),
    }
    title = room.view.title
    if room.opened is not None:
        title = f"{room.opened.claim.holder.name}: {room.opened.claim.content.text[:80]} · {title}"
    return page(request, "panel.html" if part == "panel" else "room.html", title=title[:160], **context)


def _posts(view: ThreadView) -> list[tuple[Post, str]]:
    """The posts with their writers, for the form that adds a claim."""
    return [(each.post, each.name or "the article") for each in view.posts]


@dataclass(slots=True)
class Detail:
    """A claim opened: its diagram, what was read by which rule, and what people have changed."""

    chain: str
    odds: str
    horizon_rules: list[str]
    odds_rules: list[str]
    corrections: list[corrections.Correction]


def detail(request: Request, one: Shown) -> Detail:
    """What a claim shows when it is opened."""
    claim = one.claim
    odds = claim.forecast.probability if claim.forecast else None
    return Detail(
        chain_diagram(one.links),
        probability_bar(odds.point, odds.low, odds.high) if odds else "",
        horizon_rules(claim),
        odds_rules(claim),
        ledger_of(request).database.read(lambda c: corrections.history(c, one.key)),
    )
