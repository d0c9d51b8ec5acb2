"""The forms of the reading room that correct what was read. Each is a step that can be undone."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response

from sayso.errors import FieldError
from sayso.ledger import browse, finding
from sayso.ledger.editing import Edit
from sayso.posts import KINDS, Claim, Kind, Part, Range
from sayso.web import actions
from sayso.web.pages.places import cut, place_of
from sayso.web.pages.words import room_path
from sayso.web.render import redirect
from sayso.web.rules import Router, rule
from sayso.web.site import ledger_of, site_of
from sayso.web.who import Me

router = Router()

Text = Annotated[str | None, Form(max_length=20_000)]
Spans = Annotated[str, Form(max_length=1_000)]
Short = Annotated[str, Form(max_length=300)]


class Parts:
    """The words and places of a claim's parts, as a form sends them: a dependency of the routes below."""

    def __init__(
        self,
        content: Text = None,
        content_spans: Spans = "",
        source: Text = None,
        source_spans: Spans = "",
        cue: Text = None,
        cue_spans: Spans = "",
        condition: Text = None,
        condition_spans: Spans = "",
        horizon: Text = None,
        horizon_spans: Spans = "",
        certainty: Text = None,
        certainty_spans: Spans = "",
    ) -> None:
        self.given = {
            "content": (content, content_spans),
            "source": (source, source_spans),
            "cue": (cue, cue_spans),
            "condition": (condition, condition_spans),
            "horizon": (horizon, horizon_spans),
            "certainty": (certainty, certainty_spans),
        }

    def found(self, text: str, claim: Claim | None) -> dict[str, Any]:
        """The places of the parts that are new or taken away. Raises FieldError."""
        there = _parts(claim) if claim else {}
        made: dict[str, list[Range]] = {}
        for name, (words, spans) in self.given.items():
            part = there.get(name)
            place = place_of(
                text, words, spans, before=part.spans if part else (), was=part.text if part else "", what=name
            )
            if place is not None:
                made[name] = place
        return made


def _parts(claim: Claim) -> dict[str, Part]:
    forecast = claim.forecast
    horizon = forecast.horizon if forecast else None
    found = {
        "content": claim.content,
        "source": claim.source,
        "cue": claim.cue,
        "condition": forecast.conditions[0] if forecast and forecast.conditions else None,
        "horizon": Part(horizon.text, horizon.spans) if horizon else None,
        "certainty": forecast.certainty if forecast else None,
    }
    return {name: part for name, part in found.items() if part is not None}


def _kind(kind: str) -> Kind:
    found = next((k for k in KINDS if k == kind), None)
    if found is None:
        raise FieldError("kind", f"{kind[:40]!r} is none of {', '.join(KINDS)}", "choose one")
    return found


def _day(text: str, name: str) -> datetime.date | None:
    if not text.strip():
        return None
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError as error:
        raise FieldError(name, f"{text[:40]!r} is no day", "write it as 2026-05-31") from error


def _share(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text.strip().rstrip("%").replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 100.0:
        raise FieldError("probability", f"{text[:40]!r} is not between 0 and 100", "write it in per cent")
    return value / 100.0


def _chain(via: str, holder: str) -> list[str]:
    names = [" ".join(line.split()) for line in [*via.splitlines(), holder]]
    return [name for name in names if name]


def _forecast(claim: Claim | None, start: str, end: str, probability: str, resolvable: bool, edit: Edit) -> Edit:
    """The edit with what the fields of a forecast say, as far as it differs from what is there."""
    there = claim.forecast if claim else None
    horizon = there.horizon if there else None
    first, last, share = _day(start, "from"), _day(end, "to"), _share(probability)
    if (first, last) != ((horizon.start, horizon.end) if horizon else (None, None)):
        edit = replace(edit, start=first, end=last)
    odds = there.probability.point if there and there.probability else None
    if (share is None) != (odds is None) or (share is not None and odds is not None and abs(share - odds) > 5e-4):
        edit = replace(edit, probability=share)
    if resolvable != bool(there and there.resolvable):
        edit = replace(edit, resolvable=resolvable)
    return edit


def _room_of(request: Request, key: str) -> tuple[int, Claim]:
    """The article and the claim with this id."""
    with ledger_of(request).database.connect() as connection:
        found = finding.by_key(connection, key)
        return browse.article_of(connection, [found.row])[found.row], found.claim


@router.post("/claims/{key:path}/change")
@rule("editor")
def change(
    request: Request,
    me: Me,
    key: str,
    parts: Annotated[Parts, Depends()],
    holder: Short = "",
    via: Annotated[str, Form(max_length=3_000)] = "",
    kind: Short = "",
    start: Short = "",
    end: Short = "",
    probability: Short = "",
    resolvable: Annotated[bool, Form()] = False,
) -> Response:
    """Change a claim's words, people, kind or forecast."""
    article, claim = _room_of(request, key)
    edit = Edit(**parts.found(claim.post.text, claim))
    chain = _chain(via, holder)
    if chain != [each.name for each in claim.chain]:
        edit = replace(edit, chain=chain)
    chosen = _kind(kind)
    if chosen != claim.kind:
        edit = replace(edit, kind=chosen)
    if chosen in ("prediction", "pledge"):
        edit = _forecast(claim, start, end, probability, resolvable, edit)
    actions.correct_claim(site_of(request), me, claim.id, edit)
    return redirect(room_path(article, claim.id), "The correction is kept.")


@router.post("/claims/{key:path}/split")
@rule("editor")
def split(request: Request, me: Me, key: str, parts: Annotated[str, Form(max_length=20_000)] = "") -> Response:
    """Make several claims of one, cut at the empty lines."""
    article, claim = _room_of(request, key)
    pieces = [piece for piece in re.split(r"\r?\n\s*\r?\n", parts) if piece.strip()]
    if len(pieces) < 2:
        raise FieldError("parts", "there is no empty line in it", "put one where a claim ends and the next begins")
    actions.split_claim(site_of(request), me, claim.id, cut(claim.post.text, claim.content.spans, pieces))
    return redirect(room_path(article, claim.id), f"Split into {len(pieces)} claims.")


@router.post("/claims/{key:path}/join")
@rule("editor")
def join(request: Request, me: Me, key: str, other: Short = "") -> Response:
    """Make one claim of two."""
    article, claim = _room_of(request, key)
    actions.join_claims(site_of(request), me, [claim.id, other])
    return redirect(room_path(article, claim.id), "Joined.")


@router.post("/claims/{key:path}/delete")
@rule("editor")
def delete(request: Request, me: Me, key: str) -> Response:
    """Say that a claim is none."""
    article, claim = _room_of(request, key)
    step = actions.delete_claim(site_of(request), me, claim.id)
    return redirect(f"/articles/{article}?undo={step.id}", "The claim is gone from the record.")


@router.post("/articles/{number}/claims")
@rule("editor")
def add(
    request: Request,
    me: Me,
    number: int,
    parts: Annotated[Parts, Depends()],
    post: Annotated[str, Form(max_length=2_000)] = "",
    holder: Short = "",
    via: Annotated[str, Form(max_length=3_000)] = "",
    kind: Short = "",
    start: Short = "",
    end: Short = "",
    probability: Short = "",
    resolvable: Annotated[bool, Form()] = False,
) -> Response:
    """Add a claim that was missed."""
    ledger = ledger_of(request)
    thread, _ = ledger.database.read(lambda c: browse.article(c, number))
    held_in = next((p for p in thread.posts if p.id == post), thread.article)
    chosen = _kind(kind)
    edit = replace(Edit(**parts.found(held_in.text, None)), chain=_chain(via, holder))
    if chosen in ("prediction", "pledge"):
        edit = _forecast(None, start, end, probability, resolvable, edit)
    step = actions.add_claim(site_of(request), me, number, chosen, edit, post=held_in.id)
    return redirect(room_path(number, step.changes[0].claim), "Added.")


@router.post("/corrections/{number}/undo")
@rule("editor")
def undo(request: Request, me: Me, number: int) -> Response:
    """Take a correction back."""
    step = actions.undo_correction(site_of(request), me, number)
    there = next((each.after for each in step.changes if each.after is not None), None)
    said = "The correction was taken back."
    if there is None:
        return redirect("/articles", said)
    article, claim = _room_of(request, str(there["id"]))
    return redirect(room_path(article, claim.id), said)
