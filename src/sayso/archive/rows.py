"""Claims, posts and addresses as rows of the tables, and back."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sayso.posts import (
    Claim,
    Forecast,
    Holder,
    Horizon,
    Part,
    Post,
    Probability,
    Range,
    Thread,
)  # fmt: skip

Row = dict[str, Any]


def day(moment: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(moment[:10]) if moment else None


def host(url: str | None) -> str | None:
    """The host of an address, without "www."; None for what is none."""
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.") or None
    except ValueError:
        return None


def _spans(spans: Sequence[Range]) -> list[Row]:
    return [{"start": start, "end": end} for start, end in spans]


def _part(part: Part | None) -> Row | None:
    return None if part is None else {"text": part.text, "spans": _spans(part.spans)}


def of_thread(thread: Thread, document: str) -> Row:
    """The columns that say which document a row belongs to."""
    return {
        "document": document,
        "thread_id": thread.id,
        "url": thread.url,
        "title": thread.title,
        "site": thread.site,
        "published": thread.published,
        "published_on": day(thread.published),
        "language": thread.language,
    }


def _of_post(post: Post) -> Row:
    return {
        "post_id": post.id,
        "post_kind": post.kind,
        "parent": post.parent,
        "author": post.author,
        "posted": post.posted,
    }


def of_post(post: Post, about: Row, claims: int, copy_of: str | None, captured: str | None, place: str) -> Row:
    more = {
        "language": post.language,
        "text": post.text,
        "quotes": _spans(post.quotes),
        "words": len(post.text.split()),
        "claims": claims,
        "copy_of": copy_of,
        "captured": captured,
        "place": place,
    }
    return about | _of_post(post) | more


def of_claim(claim: Claim, about: Row) -> Row:
    row = about | _of_post(claim.post)
    row |= {
        "id": claim.id,
        "content": claim.content.text,
        "content_spans": _spans(claim.content.spans),
        "source": _part(claim.source),
        "cue": _part(claim.cue),
        "quote": claim.quote,
        "voice": claim.voice,
        "holder": claim.holder.name,
        "chain": [{"name": holder.name, "mention": _part(holder.mention)} for holder in claim.chain],
        "kind": claim.kind,
        "confidence": round(claim.confidence, 4),
    }
    if claim.forecast is not None:
        row |= _of_forecast(claim.forecast)
    return row


def _of_forecast(forecast: Forecast) -> Row:
    row: Row = {
        "conditions": [_part(condition) for condition in forecast.conditions],
        "certainty": _part(forecast.certainty),
        "resolvable": forecast.resolvable,
    }
    if horizon := forecast.horizon:
        row |= {
            "horizon": {"text": horizon.text, "spans": _spans(horizon.spans)},
            "horizon_from": horizon.start,
            "horizon_to": horizon.end,
            "horizon_rule": horizon.rule,
            "horizon_past": horizon.past,
        }
    if odds := forecast.probability:
        row |= {
            "probability": round(odds.point, 4),
            "probability_low": round(odds.low, 4),
            "probability_high": round(odds.high, 4),
            "probability_rule": odds.rule,
        }
    return row


def _ranges(spans: Sequence[Mapping[str, int]] | None) -> tuple[Range, ...]:
    return tuple((span["start"], span["end"]) for span in spans or ())


def _read_part(value: Mapping[str, Any] | None) -> Part | None:
    return None if value is None else Part(value["text"], _ranges(value["spans"]))


def to_thread(rows: Sequence[Row]) -> Thread:
    """The thread whose posts the rows are."""
    posts = [
        Post(
            row["post_id"], row["text"], row["post_kind"], row["parent"], row["author"], row["posted"],
            _ranges(row["quotes"]), row["language"],
        )
        for row in rows
    ]  # fmt: skip
    first = rows[0]
    return Thread(
        first["thread_id"], posts, first["url"], first["title"], first["site"], first["published"], first["language"]
    )


def to_claim(row: Row, thread: Thread, post: Post) -> Claim:
    """The claim that a row holds; ``of_claim`` gives the row again."""
    forecast = None
    if row["resolvable"] is not None:
        horizon = row["horizon"] and Horizon(
            row["horizon"]["text"],
            _ranges(row["horizon"]["spans"]),
            row["horizon_from"],
            row["horizon_to"],
            row["horizon_rule"],
            bool(row["horizon_past"]),
        )
        odds = None
        if row["probability"] is not None:
            odds = Probability(
                row["probability"], row["probability_low"], row["probability_high"], row["probability_rule"]
            )
        conditions = tuple(part for each in row["conditions"] or () if (part := _read_part(each)))
        forecast = Forecast(conditions, horizon, _read_part(row["certainty"]), odds, row["resolvable"])
    return Claim(
        row["id"],
        thread,
        post,
        Part(row["content"], _ranges(row["content_spans"])),
        _read_part(row["source"]),
        _read_part(row["cue"]),
        row["quote"],
        row["voice"],
        tuple(Holder(holder["name"], _read_part(holder["mention"])) for holder in row["chain"]),
        row["kind"],
        forecast,
        row["confidence"],
    )
