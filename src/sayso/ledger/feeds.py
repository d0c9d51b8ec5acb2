"""Forms that other people have fixed: W3C Web Annotations, schema.org ClaimReview, iCalendar."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from sayso.export.jsonl import dumps
from sayso.export.words import CHAIN, author_names, full_chain, plain
from sayso.ledger.finding import Filter, Found
from sayso.ledger.questions import Question
from sayso.ledger.resolutions import Resolution
from sayso.ledger.store import Ledger
from sayso.posts import Claim, Part

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_SUMMARY = 120


def urn(claim: Claim) -> str:
    """A name for a claim that is one everywhere."""
    return f"urn:sayso:claim:{claim.id}"


def _chain(claim: Claim) -> str:
    return CHAIN.join(full_chain(claim, author_names(claim.thread).get(claim.post.id)))


def _source(claim: Claim) -> str:
    """What the claim stands in: the address where it is known, else the thread's id as a name."""
    from urllib.parse import quote

    return claim.thread.url or f"urn:sayso:thread:{quote(claim.thread.id, safe='')}"


def _selectors(part: Part) -> list[dict[str, Any]]:
    """Each range by its place and by its words; code points, as the model asks for."""
    pieces = part.text.split(" … ") if len(part.spans) > 1 else [part.text]
    made: list[dict[str, Any]] = []
    for at, (start, end) in enumerate(part.spans):
        position: dict[str, Any] = {"type": "TextPositionSelector", "start": start, "end": end}
        if len(pieces) == len(part.spans):
            position["refinedBy"] = {"type": "TextQuoteSelector", "exact": pieces[at]}
        made.append(position)
    return made


def annotation(claim: Claim) -> dict[str, Any]:
    """A claim as an annotation of the W3C Web Annotation Data Model (2017): its words tagged with kind and holder."""
    bodies: list[dict[str, Any]] = [
        {"type": "TextualBody", "purpose": "classifying", "value": claim.kind},
        {"type": "TextualBody", "purpose": "identifying", "value": claim.holder.name},
        {
            "type": "TextualBody",
            "purpose": "describing",
            "format": "text/plain",
            "value": _chain(claim),
        },
    ]
    if claim.forecast is not None and claim.forecast.probability is not None:
        odds = claim.forecast.probability
        value = f"probability {odds.point:g} ({odds.low:g}–{odds.high:g})"
        bodies.append({"type": "TextualBody", "purpose": "assessing", "value": value})
    made: dict[str, Any] = {"@context": CONTEXT, "id": urn(claim), "type": "Annotation", "motivation": "identifying"}
    target = [{"source": _source(claim), "selector": selector} for selector in _selectors(claim.content)]
    for one in target:
        one["scope"] = claim.post.id if claim.post.kind == "comment" else _source(claim)
    return made | {"body": bodies, "target": target[0] if len(target) == 1 else target}


def write_webannotation(found: Iterable[Found], out: TextIO) -> None:
    """Write one AnnotationPage; it streams."""
    out.write(f'{{"@context": "{CONTEXT}", "type": "AnnotationPage", "startIndex": 0, "items": [')
    for number, one in enumerate(found):
        value = annotation(one.claim)
        del value["@context"]
        out.write((",\n" if number else "\n") + dumps(value))
    out.write("\n]}\n")


def review(claim: Claim, standing: Resolution) -> dict[str, Any]:
    """A resolved forecast as schema.org's ClaimReview: 1 is true or kept, 0 false or broken."""
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": standing.value.capitalize()}
    if standing.outcome is not None:
        rating |= {"ratingValue": standing.outcome, "bestRating": 1, "worstRating": 0}
    item: dict[str, Any] = {"@type": "Claim", "author": {"@type": "Thing", "name": claim.holder.name}}
    said = claim.post.posted or claim.thread.published
    if said:
        item["datePublished"] = said
    if claim.thread.url:
        item["appearance"] = {"@type": "CreativeWork", "url": claim.thread.url, "name": claim.thread.title or ""}
    made: dict[str, Any] = {
        "@type": "ClaimReview",
        "@id": urn(claim),
        "claimReviewed": claim.content.text,
        "datePublished": standing.on,
        "itemReviewed": item,
        "reviewRating": rating,
    }
    if standing.by:
        made["author"] = {"@type": "Person", "name": standing.by}
    addresses = [e for e in standing.evidence if e.startswith(("http://", "https://"))]
    if addresses:
        made["url"] = addresses[0]
        made["citation"] = addresses
    if standing.note:
        made["reviewBody"] = standing.note
    return made


def write_claimreview(ledger: Ledger, out: TextIO, which: Filter) -> None:
    """Write a DataFeed with a ClaimReview for every resolved forecast; it streams."""
    out.write('{"@context": "https://schema.org", "@type": "DataFeed", "dataFeedElement": [')
    for number, (one, standing) in enumerate(resolved(ledger, which)):
        item = {"@type": "DataFeedItem", "dateModified": standing.at, "item": [review(one.claim, standing)]}
        out.write((",\n" if number else "\n") + dumps(item))
    out.write("\n]}\n")


def resolved(ledger: Ledger, which: Filter) -> Iterable[tuple[Found, Resolution]]:
    """Yield the forecasts that have a resolution, with the one that stands as it is for the claim itself."""
    from sayso.ledger.resolutions import standing

    for one in ledger.find(which):
        if one.claim.forecast is None:
            continue
        found = ledger.database.read(lambda c, root=one.root, kind=one.claim.kind: standing(c, root, kind))  # type: ignore[misc]
        if found is not None:
            yield one, found


def calendar(found: Iterable[Found], questions: Sequence[Question] = ()) -> bytes:
    """The deadlines of open forecasts and questions as iCalendar (RFC 5545), a whole day each."""
    from icalendar import Calendar, Event

    made = Calendar()
    made.add("prodid", "-//Sayso//Ledger//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "Sayso: forecasts that come due")

    def add(uid: str, day: str, summary: str, description: str, url: str | None, said: str | None) -> None:
        on = datetime.date.fromisoformat(day)
        event = Event()
        event.add("uid", uid)
        # The same ledger gives the same file: the stamp is the day it was said, not the moment of writing.
        stamp = datetime.date.fromisoformat(said[:10]) if said else on
        event.add("dtstamp", datetime.datetime(stamp.year, stamp.month, stamp.day, tzinfo=datetime.UTC))
        event.add("dtstart", on)
        if on < datetime.date.max:
            event.add("dtend", on + datetime.timedelta(days=1))
        event.add("summary", summary)
        event.add("description", description)
        event.add("transp", "TRANSPARENT")
        if url:
            event.add("url", url)
        made.add_component(event)

    for one in found:
        if one.due_on is None:
            continue
        claim = one.claim
        words = plain(claim.content.text)
        short = words if len(words) <= _SUMMARY else words[: _SUMMARY - 1] + "…"
        said = claim.post.posted or claim.thread.published
        text = f"{words}\n\n{plain(_chain(claim))}" + (f", {plain(said)}" if said else "")
        text += f"\n\nsayso resolve {plain(claim.id)} …"
        add(f"{claim.id}@sayso", one.due_on, f"{plain(claim.holder.name)}: {short}", text, claim.thread.url, said)
    for question in questions:
        if question.deadline:
            text = plain(question.text) + (f"\n\n{plain(question.criteria)}" if question.criteria else "")
            text += f"\n\nsayso resolve {plain(question.id)} …"
            add(
                f"question-{question.id}@sayso",
                question.deadline,
                f"? {plain(question.text)[:_SUMMARY]}",
                text,
                None,
                question.asked_at,
            )
    return bytes(made.to_ical())
