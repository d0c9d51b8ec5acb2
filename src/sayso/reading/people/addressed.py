"""Who speaks and who is spoken to: the writer by the signature, "we" and "you" in the writer's mouth and in others'."""

from __future__ import annotations

from .entities import Entity
from .ground import Ground

WRITER = "the author"
READER = "the reader"
_SIGNING = frozenset(
    "is was are writes teaches taught serves served covers hosts heads directs represents blogs".split()
)
_LAST = 3
"""Paragraphs from the end in which an article may be signed."""
_FAR = 60
"""Words back that a speaker may have called somebody by name."""


def signer(ground: Ground) -> Entity | None:
    """Who signs a text below it: "Jane Doe, a professor of law, is the author of …", named in full and nowhere else."""
    layout = ground.layout
    for number in range(len(layout.paragraph_starts) - 1, max(0, len(layout.paragraph_starts) - 1 - _LAST), -1):
        at = first = layout.at(layout.paragraph_starts[number])
        while at < len(layout) and ground.inside[at] < 0 and layout.lower[at] in ground.words.titles:
            at += 1
        entity = ground.entity(at) if at < len(layout) else None
        if entity is None or entity.kind != "person" or entity.count > 1 or " " not in entity.name:
            continue
        last = ground.names[ground.inside[at]].last
        if layout.quoted[first] or layout.possessive[last - 1]:
            continue
        if layout.gap(last) == ",":  # an apposition up to the next comma
            last = next((i for i in range(last + 1, min(last + 30, len(layout))) if layout.gap(i) == ","), last)
        if last + 1 < len(layout) and layout.sentence[last + 1] == layout.sentence[at] and _presents(ground, last):
            return entity
    return None


def _presents(ground: Ground, verb: int) -> bool:
    """Whether a verb with what follows says who somebody is: "is a", "is editor", "teaches"."""
    lower, following = ground.layout.lower[verb], ground.layout.lower[verb + 1]
    if lower not in ("is", "was", "are"):
        return lower in _SIGNING
    found = ground.words.noun(following)
    return following in ("a", "an", "the", "senior") or (found is not None and found[0] == "person")


def called(ground: Ground, at: int) -> Entity | None:
    """Whom the speaker of word ``at`` calls by name shortly before: "Mr. Doe, do you think …"; None where nobody."""
    layout = ground.layout
    for i in range(at - 1, max(-1, at - _FAR), -1):
        if not layout.quoted[i] or layout.paragraph[i] != layout.paragraph[at]:
            break
        entity, number = ground.entity(i), ground.inside[i]
        if entity is None or entity.kind != "person" or ground.names[number].last - 1 != i:
            continue
        first = ground.title_start(number)
        opens = first == 0 or not layout.quoted[first - 1] or layout.sentence[first - 1] != layout.sentence[first]
        if opens and layout.gap(i + 1) == "," and not layout.possessive[i]:
            return entity
    return None
