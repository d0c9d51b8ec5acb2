"""What people have corrected wins over reading the same article again, also a changed one, or with a better model.

Of each post that was corrected, the net effect on each claim is known: what it was when it was read (nothing, where
it was added by hand), and what it is to be (nothing, where it was taken away). When the post is read again:

1. In the text that was corrected, the corrected claims stand as they are. What comes in for the same words at the
   same depth of the chain is left out, whatever its id.
2. In another version of the text, what comes in for a corrected claim (its id, its old words of the same holder, or
   the words it is to have) gives way to the corrected claim, put where its words now stand. Where they are gone, so is
   the correction, and what was read stands.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sayso.ledger.holders import chunks
from sayso.ledger.schema import corrected, correction, mark, post, thread
from sayso.posts import Claim, Part, Post, Range, Thread

JSON = dict[str, Any]
SAME = 0.5
"""Two places are one where they share more than this part of the words that either covers."""


@dataclass(slots=True)
class Net:
    """What all corrections of a claim come to."""

    before: JSON | None
    after: JSON | None


@dataclass(slots=True)
class _Corrected:
    """The corrections of one post: the digest of the text they were made in, and their effects by claim."""

    digests: set[str | None]
    effects: dict[int, Net]


def stand(
    connection: sa.Connection, documents: Sequence[tuple[Thread, Sequence[Claim]]]
) -> list[tuple[Thread, Sequence[Claim]]]:
    """The documents with the claims that are to be kept of them, after what was corrected."""
    known = _load(connection, [of.id for of, _ in documents])
    if not known:
        return list(documents)
    made: list[tuple[Thread, Sequence[Claim]]] = []
    for of, claims in documents:
        kept: list[Claim] = []
        for held_in in of.posts:
            theirs = [one for one in claims if one.post.id == held_in.id]
            found = known.get((mark(of.id), mark(held_in.id)))
            kept += theirs if found is None else _post(of, held_in, theirs, found)
        made.append((of, kept))
    return made


def _load(connection: sa.Connection, keys: Sequence[str]) -> dict[tuple[str, str], _Corrected]:
    if connection.execute(sa.select(correction.c.id).limit(1)).first() is None:
        return {}
    found: dict[tuple[str, str], _Corrected] = {}
    query = (
        sa.select(correction.c.detail, correction.c.id, thread.c.mark.label("of"), post.c.mark, post.c.digest)
        .join(thread, thread.c.id == correction.c.thread_id)
        .join(post, post.c.id == correction.c.post_id)
        .where(~correction.c.undone, correction.c.action != "undo")
        .order_by(correction.c.id)
    )
    for some in chunks(mark(key) for key in keys):
        rows = connection.execute(query.where(thread.c.mark.in_(some))).all()
        roots = _roots(connection, [row.id for row in rows])
        for row in rows:
            of = found.setdefault((row.of, row.mark), _Corrected(set(), {}))
            of.digests.add(row.digest)
            for change, root in zip(json.loads(row.detail)["changes"], roots[row.id], strict=True):
                net = of.effects.setdefault(root, Net(change["before"], None))
                net.after = change["after"]
    return found


def _roots(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {number: [] for number in numbers}
    for some in chunks(numbers):
        query = sa.select(corrected).where(corrected.c.correction_id.in_(some)).order_by(corrected.c.place)
        for row in connection.execute(query):
            found[row.correction_id].append(row.claim_id)
    return found


def _post(of: Thread, held_in: Post, claims: list[Claim], known: _Corrected) -> list[Claim]:
    digest = hashlib.sha256(held_in.text.encode("utf-8", "surrogatepass")).hexdigest() if held_in.text else None
    if digest is None or digest in known.digests:
        return [one for one in claims if not any(_meets(one, net) for net in known.effects.values())]
    kept, added = list(claims), []
    for net in known.effects.values():
        there = _moved(net.after, of, held_in)
        if net.after is not None and there is None:
            continue  # its words are gone
        met = [one for one in kept if _is(one, net.before) or (there is not None and _covers(one, there))]
        if net.before is not None and not met and there is None:
            continue
        kept = [one for one in kept if one not in met]
        if there is not None:
            added.append(there)
    # Claims are kept once by their id; a corrected one goes before what happens to have its id.
    ids = {one.id for one in added}
    return [one for one in kept if one.id not in ids] + added


def _meets(one: Claim, net: Net) -> bool:
    """In the same text: whether a claim read again is in the place of one that was corrected."""
    for value in (net.before, net.after):
        if value is None:
            continue
        if one.id == value["id"]:
            return True
        if len(one.chain) == len(value["chain"]) and _overlap(one.content.spans, value["content"]["spans"]) > SAME:
            return True
    return False


def _is(one: Claim, before: JSON | None) -> bool:
    """In another text: whether this is the claim as it was before it was corrected."""
    if before is None:
        return False
    if one.id == before["id"]:
        return True
    return (one.content.text, one.holder.name) == (before["content"]["text"], before["chain"][-1]["name"])


def _covers(one: Claim, there: Claim) -> bool:
    return len(one.chain) == len(there.chain) and _overlap(one.content.spans, there.content.spans) > SAME


def _overlap(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]]) -> float:
    mine = {at for start, end in one for at in range(start, end)}
    theirs = {at for start, end in other for at in range(start, end)}
    return len(mine & theirs) / max(1, len(mine | theirs))


def _moved(after: JSON | None, of: Thread, held_in: Post) -> Claim | None:
    """A corrected claim where its words stand in a changed text; None where they do not."""
    if after is None:
        return None
    from sayso.export.jsonl import claim_from_json

    made = claim_from_json(after, threads={})
    content = _found(made.content, held_in.text, made.content.start)
    if content is None:
        return None
    near = content.start

    def at(part: Part | None) -> Part | None:
        return None if part is None else _found(part, held_in.text, near)

    forecast = made.forecast
    if forecast is not None:
        horizon = forecast.horizon
        if horizon is not None:
            words = _found(Part(horizon.text, horizon.spans), held_in.text, near) or content
            horizon = dataclasses.replace(horizon, text=words.text, spans=words.spans)
        conditions = tuple(c for c in map(at, forecast.conditions) if c is not None)
        forecast = dataclasses.replace(
            forecast, conditions=conditions, horizon=horizon, certainty=at(forecast.certainty)
        )
    chain = tuple(dataclasses.replace(holder, mention=at(holder.mention)) for holder in made.chain)
    return dataclasses.replace(
        made,
        thread=of,
        post=held_in,
        content=content,
        source=at(made.source),
        cue=at(made.cue),
        chain=chain,
        forecast=forecast,
    )


def _found(part: Part, text: str, near: int) -> Part | None:
    """The same words in another text, each range at the place nearest to where it is expected."""
    if len(part.spans) > 1:
        pieces = part.text.split(" … ")
        if len(pieces) != len(part.spans):
            return None
    else:
        pieces = [part.text]
    spans: list[Range] = []
    shift = near - part.start
    for (start, _), words in zip(part.spans, pieces, strict=True):
        place = _nearest(text, words, start + shift)
        if place is None:
            return None
        spans.append((place, place + len(words)))
        shift = place - start
    if any(a[1] > b[0] for a, b in itertools.pairwise(spans)):
        return None
    return Part.of(text, spans)


def _nearest(text: str, words: str, near: int) -> int | None:
    before = text.rfind(words, 0, max(0, near) + len(words))
    after = text.find(words, max(0, near))
    places = [place for place in (before, after) if place >= 0]
    return min(places, key=lambda place: abs(place - near)) if places and words else None
