"""What kind of phrase a source is: a pronoun, a name, several joined, or a description, and which word is its head."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from .entities import Entity
from .ground import Ground
from .vocabulary import PRONOUNS

FIRST_PERSON = frozenset("i me my mine myself we us our ours ourselves".split())
SECOND_PERSON = frozenset("you your yours yourself".split())
RELATIVE = frozenset("who whom whose which that".split())
_CLAUSE = frozenset("who whom whose which that when where while because if".split())
_YEAR = re.compile(r"[12]\d{3}")
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday today yesterday".split())
_TIMES = _DAYS | frozenset(
    """january february march april may june july august september october november december
    jan feb aug sept oct nov dec week month year morning night evening afternoon""".split()
)
_OF_TIMES = frozenset("in on last this late early mid earlier since".split())
_SAYING = frozenset("said says told saying tells added writes wrote".split())


class Phrase(NamedTuple):
    """One source read: ``kind``, the word it hangs on, and for a name the entity.

    ``pronoun``: ``at`` is the pronoun. ``name``: ``entity`` is named at word ``at``. ``possessor``: what somebody says
    or thinks, held by the name or pronoun at ``at``. ``noun``: ``at`` is the head of a description of the words
    ``first`` to ``last`` (exclusive). ``joined``: ``parts``.
    """

    kind: Literal["empty", "pronoun", "name", "possessor", "noun", "joined"]
    at: int = -1
    first: int = -1
    last: int = -1
    entity: Entity | None = None
    parts: tuple[Phrase, ...] = ()


class PhraseReader:
    """Reads sources against the names of a text."""

    def __init__(self, ground: Ground) -> None:
        self.layout, self.words, self.register, self.inside = (
            ground.layout,
            ground.words,
            ground.register,
            ground.inside,
        )

    def read(self, first: int, last: int) -> Phrase:
        """The phrase that the words ``first`` to ``last`` (exclusive) make."""
        layout = self.layout
        if last <= first:
            return Phrase("empty")
        if last - first == 1:
            return self._simple(first, last)
        last = self._timeless(first, last)
        if layout.lower[last - 1] in ("himself", "herself", "themselves", "itself") and last - first > 1:
            last -= 1
        chunks = self._chunks(first, last)
        if self._series(chunks):
            return Phrase("noun", self._simple(*chunks[0][:2]).at, first, last)
        parts: list[Phrase] = []
        for number, (a, b, joint) in enumerate(chunks):
            part = self._simple(a, b)
            if not number:
                parts.append(part)
                continue
            before = parts[-1]
            named = part.kind == "name" and part.entity is not None and part.entity.kind in ("person", "organization")
            if joint == "and":
                bare = (
                    before.kind == "noun" and number == 1 and layout.lower[before.first] not in self.words.determiners
                )
                if bare and named and self.words.noun(layout.lower[before.at]) == ("person", False):
                    parts[-1] = part  # "Former prosecutor and mayor Jane Doe"
                    continue
                if before.kind == "noun" and part.kind != "noun":
                    # "an aide to Doe and Roe": one description, unless it began with a name.
                    return (
                        Phrase("noun", parts[0].at, first, last)
                        if parts[0].kind == "noun"
                        else self._joined(parts, first, last)
                    )
                parts.append(part)
            elif joint == ", and" and part.kind in ("name", "pronoun"):
                parts.append(part)
            elif joint == ",":
                if layout.lower[a : a + 2] in (["along", "with"], ["together", "with"]):
                    also = self._simple(a + 2, b) if b > a + 2 else part
                    if also.kind != "noun" and before.kind == "name":
                        parts.append(also)
                    break
                if named and (self._bare(a, part) or (before.kind == "noun" and self._lone(a, b, part))):
                    if before.kind == "noun" and len(parts) == 1 and part.entity is not None:
                        parts[-1] = part  # "the group's director, Jane Doe"
                    elif before.kind == "noun":
                        parts[-1] = part
                    elif (
                        before.kind == "name"
                        and number + 1 < len(chunks)
                        and before.entity
                        and before.entity.kind == "person"
                    ):
                        parts.append(part)
                    else:
                        break
                elif not (before.kind == "name" and self._goes_on(chunks[number + 1 :])):
                    break
            else:
                break
        return self._joined(parts, first, last)

    def _timeless(self, first: int, last: int) -> int:
        """Where a source ends without the words for a time after it ("in April"), which tell when somebody spoke.

        A document is told from others by its time, and keeps it; so does who is told from others by what he did then.
        """
        layout, at = self.layout, last
        while at - 1 > first and (layout.lower[at - 1] in _TIMES or _YEAR.fullmatch(layout.words[at - 1])):
            at -= 1
        while at < last and at - 1 > first and layout.lower[at - 1] in _OF_TIMES:
            at -= 1
        if at == last or not layout.close(at) or self.inside[at] >= 0:
            return last
        if layout.lower[at] not in _OF_TIMES and layout.lower[at] not in _DAYS:
            return last
        for i in range(first, at):
            lower = layout.lower[i]
            found = self.words.noun(lower)
            if (found and found[0] == "document") or (lower.endswith(("ed", "ing")) and layout.words[i].islower()):
                return last
        return at

    def _series(self, chunks: list[tuple[int, int, str]]) -> bool:
        """Whether chunks are a list of descriptions or places that is best left whole: "gays, lesbians and others"."""
        layout = self.layout
        if len(chunks) > 1 and chunks[1][2] == "," and layout.lower[chunks[1][0]] in ("including", "like", "such"):
            return self._simple(*chunks[0][:2]).kind == "noun"
        if len(chunks) < 3 or "and" not in chunks[-1][2] or any(c[2] != "," for c in chunks[1:-1]):
            return False
        heads = [self._simple(a, b) for a, b, _ in chunks]
        plain = all(layout.lower[a] not in ("a", "an", "the", "who", "which", "whose") for a, _, _ in chunks[1:-1])
        return plain and all(
            h.kind == "noun" or (h.entity is not None and h.entity.kind in ("place", "other")) for h in heads
        )

    def _joined(self, parts: list[Phrase], first: int, last: int) -> Phrase:
        if len(parts) == 1:
            return parts[0]
        held = self.layout.lower[parts[0].first] == "the" and self.layout.lower[parts[-1].first] in ("his", "her")
        if all(p.kind == "noun" for p in parts) and not held:
            return Phrase("noun", parts[-1].at, first, parts[-1].last)
        return Phrase("joined", parts[0].at, first, last, parts=tuple(parts))

    def _pronoun(self, i: int) -> bool:
        lower = self.layout.lower[i]
        return self.inside[i] < 0 and (
            lower in PRONOUNS or lower in FIRST_PERSON or lower in SECOND_PERSON or lower in RELATIVE
        )

    def _goes_on(self, chunks: list[tuple[int, int, str]]) -> bool:
        """Whether another person follows an apposition: "…, a Democrat, and Jane Doe"."""
        if not chunks or chunks[0][2] != ", and":
            return False
        part = self._simple(*chunks[0][:2])
        return part.entity is not None and part.entity.kind == "person" and self._bare(chunks[0][0], part)

    def _bare(self, first: int, part: Phrase) -> bool:
        """Whether a part begins with its name but for titles."""
        layout, words = self.layout, self.words
        return all(
            layout.lower[i] in words.titles or self.inside[i] >= 0 or layout.raised[i] for i in range(first, part.at)
        )

    def _lone(self, first: int, last: int, part: Phrase) -> bool:
        """Whether a part is a person's name after mere descriptions: "syndicated radio host Jane Doe"."""
        person = part.entity is not None and part.entity.kind == "person"
        return (
            person and self.layout.lower[first] not in ("a", "an", "the", "who", "whose", "which") and part.last <= last
        )

    def _chunks(self, first: int, last: int) -> list[tuple[int, int, str]]:
        """Cut at commas and at "and": (first word, last word exclusive, what joins it to the one before)."""
        layout = self.layout
        chunks: list[tuple[int, int, str]] = []
        start, joint, depth = first, "", 0
        i = first
        while i < last:
            gap = layout.gap(i) if i > first else ""
            if "(" in gap:
                depth += 1
            if ")" in gap and depth:
                depth -= 1
            one_name = i > first and self.inside[i] >= 0 and self.inside[i] == self.inside[i - 1]
            if i > first and not depth and not one_name:
                comma = gap != "" and (any(mark in gap for mark in ",;–—:") or gap in ("-", "--"))
                conjunction = layout.lower[i] in ("and", "or", "&") and self.inside[i] < 0
                if conjunction and i + 1 < last:
                    chunks.append((start, i, joint))
                    start, joint = i + 1, ", and" if comma else "and"
                    i += 1
                    continue
                if comma:
                    chunks.append((start, i, joint))
                    start, joint = i, ","
            i += 1
        chunks.append((start, last, joint))
        return [c for c in chunks if c[1] > c[0]] or [(first, last, "")]

    def _simple(self, first: int, last: int) -> Phrase:
        """A phrase without commas or conjunctions."""
        layout, words, inside = self.layout, self.words, self.inside
        if last - first == 1 and self._pronoun(first):
            return Phrase("pronoun", first, first, last)
        stop = last
        for i in range(first + 1, last):
            gap = layout.gap(i)
            if inside[i] >= 0 and inside[i] == inside[i - 1]:
                continue
            lower = layout.lower[i]
            if (
                "(" in gap
                or (inside[i] < 0 and (lower in words.prepositions or lower in _CLAUSE))
                or lower in _SAYING
                or (
                    lower.endswith("ing")
                    and lower == layout.words[i]
                    and inside[i] < 0
                    and i + 1 < last
                    and (words.noun(layout.lower[i - 1]) or inside[i - 1] >= 0)
                    and (inside[i + 1] >= 0 or not words.noun(layout.lower[i + 1]))
                )
                or (
                    lower.endswith("ed")
                    and len(lower) > 4
                    and inside[i] < 0
                    and words.noun(layout.lower[i - 1])
                    and i + 1 < last
                )
            ):
                stop = i
                break
        head = stop - 1
        number = inside[head]
        entity = self.register.of[number] if number >= 0 else None
        end = inside[last - 1]
        if (
            stop < last
            and end >= 0
            and not (entity is not None and entity.kind == "person")
            and not words.noun(layout.lower[head])
        ):
            # "Fight for Fair Pay director Jane Doe"
            person = self.register.of[end]
            left = self.register.names[end].first
            if (
                person is not None
                and person.kind == "person"
                and left > stop
                and words.noun(layout.lower[left - 1]) == ("person", False)
            ):
                return Phrase("name", last - 1, first, last, person)
        if entity is not None and entity.kind != "person" and layout.lower[first] in words.indefinite:
            # "a 2014 University of California paper": what the last word says it is.
            return Phrase("noun", last - 1, first, last)
        texan = layout.lower[head] in words.places and layout.lower[head].endswith(("an", "ish", "ese"))
        if (
            texan
            and entity is not None
            and entity.kind != "person"
            and head > first
            and layout.lower[head - 1] == "the"
        ):
            return Phrase("noun", head, first, last)  # "the Texan"
        if entity is not None:
            if entity.kind == "person" or (entity.kind in ("organization", "place") and not layout.possessive[head]):
                return Phrase("name", head, first, stop, entity)
            if layout.possessive[head] and entity.kind != "other":
                return Phrase("name", head, first, stop, entity)
            return Phrase("noun", head, first, last)
        if layout.lower[head] in words.speech and layout.lower[head] not in words.document:
            for i in range(head - 1, first - 1, -1):
                owner = self.register.of[inside[i]] if inside[i] >= 0 else None
                if owner is not None and owner.kind in ("person", "organization") and layout.possessive[i]:
                    return Phrase("possessor", i, first, last, owner)
                if layout.lower[i] in ("his", "her", "their", "its", "my", "our"):
                    return Phrase("possessor", i, first, last)
        return Phrase("noun", head, first, last)
