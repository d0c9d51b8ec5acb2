"""Claims: searched with facets, as files and as a feed; each with a page of its own."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Form, Query, Request, Response

from sayso.errors import InputError, UnknownError
from sayso.export.segments import Paragraph
from sayso.export.views import Entry, Page, PostView
from sayso.ledger import Filter, browse, finding
from sayso.ledger.changes import Sought
from sayso.ledger.facets import Facets, facets_of
from sayso.web import actions, data
from sayso.web.data import FileForm
from sayso.web.kept import rests_on
from sayso.web.pages.articles import detail
from sayso.web.pages.search import Search, search
from sayso.web.pages.shown import Shown, shown
from sayso.web.pages.words import claim_path
from sayso.web.problems import problem_of
from sayso.web.render import page, redirect
from sayso.web.rules import Router, rule
from sayso.web.site import ledger_of, site_of
from sayso.web.watch import Basis
from sayso.web.who import Me

router = Router()
PAGE = 25
MOST_IN_FILE = 1_000_000
"""Claims in a file."""
LD = "application/ld+json"
Wanted = Annotated[Search, Depends(search)]


@router.get("/claims")
@rule("reader", public=True)
def claims(
    request: Request, me: Me, wanted: Wanted, format: str = "", at: Annotated[int, Query(ge=0, le=100_000)] = 0
) -> Response:
    """Search the claims; ``format`` gives all that is found as a file."""
    ledger = ledger_of(request)
    form: FileForm | None = "csv" if format == "csv" else "jsonl" if format == "jsonl" else None
    if form is not None and wanted.problem is None:
        return data.file(request, wanted.which, form, limit=MOST_IN_FILE)
    found: list[Shown] = []
    facets, problem, labels = Facets(), wanted.problem, {}
    if problem is None:
        try:
            with ledger.database.connect() as connection:
                which = replace(wanted.which, limit=PAGE + 1, offset=at)
                found = shown(connection, list(finding.find(connection, which)))
                facets, oldest = facets_of(connection, wanted.which, today=datetime.date.today())
                labels = _labels(connection, wanted)
            rests_on(request, _basis(wanted.which, found, oldest))
        except InputError as error:
            problem = error
    return page(
        request,
        "claims.html",
        status=problem_of(problem).status if problem else 200,
        title=_title(wanted, labels),
        search=wanted,
        found=found[:PAGE],
        facets=facets,
        labels=labels,
        problem=problem,
        at=at,
        first=wanted.address(at=max(0, at - PAGE) or None) if at else None,
        next=wanted.address(at=at + PAGE) if len(found) > PAGE else None,
        searches=actions.searches(site_of(request), me) if me.may("reader") else [],
    )


def _basis(which: Filter, found: list[Shown], oldest: str | None) -> Basis | None:
    """What a page of a search rests on: claims older than those that it shows and counts come after them."""
    if len(found) <= PAGE or any(one.said is None for one in found):
        oldest = None
    if oldest is not None:
        oldest = min(oldest, *(one.said[:10] for one in found if one.said))
    sought = Sought.of(which, oldest=oldest)
    return None if sought is None else Basis(sought=(sought,))


def _labels(connection: Any, wanted: Search) -> dict[str, str]:
    """How numbers of people and articles in a search are called."""
    from sayso.ledger import people

    made = {}
    for name in ("holder", "via"):
        if (who := wanted.query[name]).startswith("#"):
            made[name] = people.show(connection, people.find(connection, who)).name
    if wanted.query["article"]:
        made["article"] = browse.article_title(connection, int(wanted.query["article"][:15]))
    return made


def _title(wanted: Search, labels: dict[str, str]) -> str:
    if not wanted.asked:
        return "Claims"
    words = f"“{wanted.query['text']}”" if wanted.query["text"] else ""
    rest = [labels.get(name, value) for name, value in wanted.chosen]
    return "Claims: " + ", ".join(x for x in (words, *rest) if x)[:120]


@router.get("/claims.atom")
@rule("reader", public=True)
def feed(request: Request, wanted: Wanted) -> Response:
    """The same search as an Atom feed."""
    if wanted.problem is not None:
        raise wanted.problem
    return data.file(request, wanted.which, "atom")


@router.post("/searches")
@rule("reader")
def save_search(
    request: Request, me: Me, name: Annotated[str, Form()] = "", query: Annotated[str, Form(max_length=3_000)] = ""
) -> Response:
    """Save a search under a name."""
    made = actions.save_search(site_of(request), me, name, query)
    return redirect(f"/claims?{made.query}", f"Saved as “{made.name}”.")


@router.post("/searches/{number}/delete")
@rule("reader")
def forget_search(request: Request, me: Me, number: int) -> Response:
    """Delete a saved search."""
    actions.forget_search(site_of(request), me, number)
    return redirect("/claims", "The saved search is deleted.")


@dataclass(slots=True)
class Context:
    """A claim in its place: the paragraphs that hold it and the ones beside them, with the claim marked."""

    post: PostView
    entries: dict[int, Entry]
    paragraphs: list[Paragraph]
    before: bool
    after: bool


def context_of(one: Shown, *, around: int = 1) -> Context | None:
    """The place of a claim in its post; None where the text is not in the ledger."""
    claim = one.claim
    if not claim.post.text:
        return None
    view = Page().view(claim.thread, [claim])
    post = next((p for p in view.posts if p.post.id == claim.post.id), None)
    if post is None:
        return None
    entry = view.entries[0]
    entry.open, entry.link = True, f"/articles/{one.article}?claim={claim_path(one.key)[8:]}#{entry.anchor}"
    inside = [
        n for n, p in enumerate(post.paragraphs) if p.start < claim.content.end and claim.content.start < p.end
    ] or [0]
    first, last = max(0, inside[0] - around), min(len(post.paragraphs), inside[-1] + around + 1)
    return Context(post, {entry.number: entry}, post.paragraphs[first:last], first > 0, last < len(post.paragraphs))


def opened(request: Request, key: str) -> Shown:
    """The claim with this id, and what stands around it. Raises UnknownError."""
    with ledger_of(request).database.connect() as connection:
        return shown(connection, [finding.by_key(connection, key)])[0]


@router.get("/claims/{key:path}")
@rule("reader", public=True)
def claim(request: Request, me: Me, key: str) -> Response:
    """One claim: in its place, through whom it came, how it was read, how it came out.

    To who asks for JSON-LD it is a Web Annotation, and with ``profile="https://schema.org"`` a ClaimReview.
    """
    if (linked := data.negotiated(request, key)) is not None:
        return linked
    ledger = ledger_of(request)
    try:
        one = opened(request, key)
    except UnknownError:
        steps = ledger.corrections(key)
        if not steps:
            raise
        return page(request, "gone.html", status=410, title="No claim any more", key=key, steps=steps)
    # By the beginning of its id a claim is found as long as there is no other that begins so.
    rests_on(request, Basis(threads=frozenset((one.article,))) if one.key == key else None)
    history = ledger.history(f"claim:{one.key}") if one.is_forecast else []
    made = page(
        request,
        "claim.html",
        title=f"{one.claim.holder.name}: {one.claim.content.text[:90]}",
        s=one,
        detail=detail(request, one),
        context=context_of(one),
        history=history,
        review=data.claim_review(one.found, one.standing),
    )
    made.headers["vary"] = "Accept, Cookie"
    made.headers["link"] = f'<{claim_path(one.key)}>; rel="alternate"; type="{LD}"'
    return made
