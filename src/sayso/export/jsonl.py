"""A claim as JSON and back: the one serialiser, and the shape that ``claim.schema.json`` describes.

Keys come in the order of the schema. A date is ISO 8601, a span a pair of code point offsets into the post's text,
which the object does not repeat.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

from sayso.errors import FieldError
from sayso.export.selection import Reading
from sayso.posts import (
    Attribution,
    Claim,
    Forecast,
    Holder,
    Horizon,
    Part,
    Post,
    Probability,
    Range,
    Thread,
)

JSON = dict[str, Any]

_REMEDY = "compare it with `sayso schema`"

# Line ends to some readers, though not to JSON; and half characters, which no encoding can write.
_ESCAPED = {c: f"\\u{c:04x}" for c in (0x85, 0x2028, 0x2029, *range(0xD800, 0xE000))}
_TO_ESCAPE = re.compile("[\x85\u2028\u2029\ud800-\udfff]")
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(", ", ": "))


def dumps(value: object) -> str:
    """One line of JSON, in the text's own letters; what some programs take for a line end is escaped."""
    line = _ENCODER.encode(value)
    return line if line.isascii() or not _TO_ESCAPE.search(line) else line.translate(_ESCAPED)


def _part(part: Part | None) -> JSON | None:
    return None if part is None else {"text": part.text, "spans": [list(span) for span in part.spans]}


def _horizon(horizon: Horizon | None) -> JSON | None:
    if horizon is None:
        return None
    return {
        "text": horizon.text,
        "spans": [list(span) for span in horizon.spans],
        "from": horizon.start.isoformat() if horizon.start else None,
        "to": horizon.end.isoformat() if horizon.end else None,
        "rule": horizon.rule,
        "past": horizon.past,
    }


def _probability(probability: Probability | None) -> JSON | None:
    if probability is None:
        return None
    return {
        "point": round(probability.point, 4),
        "low": round(probability.low, 4),
        "high": round(probability.high, 4),
        "rule": probability.rule,
    }


def _forecast(forecast: Forecast | None) -> JSON | None:
    if forecast is None:
        return None
    made: JSON = {"condition": _part(forecast.conditions[0]) if forecast.conditions else None}
    if len(forecast.conditions) > 1:
        made["conditions"] = [_part(condition) for condition in forecast.conditions]
    return made | {
        "horizon": _horizon(forecast.horizon),
        "certainty": _part(forecast.certainty),
        "probability": _probability(forecast.probability),
        "resolvable": forecast.resolvable,
    }


def claim_to_json(claim: Claim) -> JSON:
    """The claim as an object of ``claim.schema.json``: only dicts, lists, strings, numbers, booleans and None."""
    thread, post = claim.thread, claim.post
    return {
        "id": claim.id,
        "thread": {
            "id": thread.id,
            "url": thread.url,
            "title": thread.title,
            "site": thread.site,
            "published": thread.published,
            "language": thread.language,
        },
        "post": {
            "id": post.id,
            "parent": post.parent,
            "author": post.author,
            "posted": post.posted,
            "kind": post.kind,
        },
        "content": _part(claim.content),
        "source": _part(claim.source),
        "cue": _part(claim.cue),
        "quote": claim.quote,
        "voice": claim.voice,
        "chain": [{"name": holder.name, "mention": _part(holder.mention)} for holder in claim.chain],
        "kind": claim.kind,
        "forecast": _forecast(claim.forecast),
        "confidence": round(claim.confidence, 4),
    }


def _spans(value: Sequence[Sequence[int]]) -> tuple[Range, ...]:
    return tuple((int(start), int(end)) for start, end in value)


def _read_part(value: JSON | None) -> Part | None:
    return None if value is None else Part(value["text"], _spans(value["spans"]))


def _some_part(value: JSON) -> Part:
    return Part(value["text"], _spans(value["spans"]))


def _date(value: str | None) -> datetime.date | None:
    return None if value is None else datetime.date.fromisoformat(value)


def _read_forecast(value: JSON | None) -> Forecast | None:
    if value is None:
        return None
    conditions = value.get("conditions") or ([value["condition"]] if value["condition"] else [])
    horizon, probability = value["horizon"], value["probability"]
    return Forecast(
        conditions=tuple(_some_part(condition) for condition in conditions),
        horizon=horizon
        and Horizon(
            horizon["text"],
            _spans(horizon["spans"]),
            _date(horizon["from"]),
            _date(horizon["to"]),
            horizon.get("rule"),
            horizon.get("past", False),
        ),
        certainty=_read_part(value["certainty"]),
        probability=probability
        and Probability(probability["point"], probability["low"], probability["high"], probability.get("rule")),
        resolvable=value["resolvable"],
    )


def claim_from_json(value: Mapping[str, Any], *, threads: dict[str, Thread] | None = None) -> Claim:
    """The claim that an object of ``claim.schema.json`` says, with all that the object holds.

    The texts of its thread and post are not in the object: the thread has the posts that its claims name, each with
    an empty text. Claims read with one ``threads`` (by thread id, filled as they come) share their threads and posts.
    Raises FieldError where a field is missing or has a value that cannot be.
    """
    threads = {} if threads is None else threads
    try:
        said, post_said = value["thread"], value["post"]
        thread = threads.get(said["id"])
        if thread is None:
            root = post_said["id"] if post_said["kind"] == "article" else said["id"]
            thread = Thread(
                said["id"], [Post(root, "")], *(said[k] for k in ("url", "title", "site", "published", "language"))
            )
            threads[thread.id] = thread
        post = next((p for p in thread.posts if p.id == post_said["id"]), None)
        if post is None:
            post = Post(post_said["id"], "")
            thread.posts.append(post)
        post.kind, post.parent = post_said["kind"], post_said["parent"]
        post.author, post.posted = post_said["author"], post_said["posted"]
        return Claim(
            id=value["id"],
            thread=thread,
            post=post,
            content=_some_part(value["content"]),
            source=_read_part(value["source"]),
            cue=_read_part(value["cue"]),
            quote=value["quote"],
            voice=value["voice"],
            chain=tuple(Holder(holder["name"], _read_part(holder["mention"])) for holder in value["chain"]),
            kind=value["kind"],
            forecast=_read_forecast(value["forecast"]),
            confidence=value["confidence"],
        )
    except KeyError as error:
        raise FieldError(_name(value), f"the claim has no field {error}", "compare it with `sayso schema`") from error
    except (TypeError, ValueError, IndexError) as error:
        raise FieldError(
            _name(value), f"a field of the claim cannot be read ({error})", "compare it with `sayso schema`"
        ) from error


def _name(value: object) -> str:
    return f"claim {value['id']}" if isinstance(value, Mapping) and "id" in value else "claim"


def claims_from_jsonl(lines: Iterable[str], *, name: str = "claims") -> Iterator[Claim]:
    """Yield the claims of lines of JSON as ``write_jsonl`` makes them; empty lines are passed over.

    ``name`` says in an error where the lines come from. Raises FieldError with the number of the line.
    """
    threads: dict[str, Thread] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise FieldError(f"{name}, line {number}", f"no JSON ({error})", "give one object a line") from error
        yield claim_from_json(value, threads=threads)


def attributions_to_json(post: Post, attributions: Sequence[Attribution]) -> JSON:
    """A post with its attributions, in the form that scorers of attribution read; a role not expressed is empty."""
    return {
        "id": post.id,
        "parent": post.parent,
        "author": post.author,
        "posted": post.posted,
        "text": post.text,
        "attributions": [
            {
                "source": [list(span) for span in a.source],
                "cue": [list(span) for span in a.cue],
                "content": [list(span) for span in a.content],
            }
            for a in attributions
        ],
    }


def write_jsonl(readings: Iterable[Reading], out: TextIO) -> None:
    """Write one object a claim, one a line."""
    for reading in readings:
        for claim in reading.claims:
            out.write(dumps(claim_to_json(claim)) + "\n")


def write_attributions(readings: Iterable[Reading], out: TextIO) -> None:
    """Write one object a post, one a line: its text and where its sources, cues and contents stand in it."""
    for reading in readings:
        for post in reading.thread.posts if reading.thread else ():
            out.write(dumps(attributions_to_json(post, reading.attributions.get(post.id, ()))) + "\n")
