"""What "who" and "which" go back to: the name or the noun phrase just before them, with all its words."""

from __future__ import annotations

from sayso.values import value

from .entities import Entity
from .mentions import Noun, noun_phrase
from .sweep import Sweep

_PLURAL_VERBS = frozenset("have are were do don't say think want believe see remember claim support".split())
_GOVERNING = frozenset(("of", "for", "from", "at", "in", "with"))
_HEADS = frozenset("those many some others all others several few one ones both half most percent".split())
_AFTER_THESE_A_VERB = frozenset(
    "to not n't will would can could may might shall should must i we you he she they".split()
)
_FAR = 16
"""Words back that an antecedent is looked for."""


@value
class Antecedent:
    """Whom a relative pronoun means: an entity, a ``name`` where that is fuller than the entity's, and how surely."""

    entity: Entity | None
    name: str | None
    confidence: float


def of_whom(sweep: Sweep, first: int, at: int) -> Antecedent | None:
    """Whom the words ``first`` to "whom" at word ``at`` mean: "many of whom" are many of what "whom" goes back to."""
    layout = sweep.ground.layout
    if at - first < 2 or layout.lower[at] != "whom" or layout.lower[at - 1] != "of":
        return None
    back = antecedent(sweep, first, many=True)
    name = (back.name or (back.entity.name if back.entity else None)) if back else None
    if name is None or back is None:
        return None
    part = " ".join(layout.lower[first : at - 1])
    if back.entity is not None and back.entity.kind == "group" and back.entity.members:
        return Antecedent(back.entity, None, back.confidence)
    definite = name.startswith(("the ", "these ", "those ", "his ", "her ", "their ")) or name[0].isdigit()
    return Antecedent(None, f"{part} of {name}" if definite else f"{part} {name}", back.confidence)


def antecedent(sweep: Sweep, at: int, *, many: bool = False) -> Antecedent | None:
    """What the relative pronoun at word ``at`` goes back to, several with ``many``; None where nothing fits.

    1. What stands directly before it (a parenthesis left out): a person's name, unless the verb is plural or the name
    only goes with a person before it ("a spokesman for Doe, who"); for "which" a body or a place; else a noun phrase.
    2. Else the nearest name or description before in the sentence.
    """
    layout = sweep.ground.layout
    end = at - 1
    if ")" in layout.gap(at):
        while end > 0 and "(" not in layout.gap(end):
            end -= 1
        end -= 1
    if end < 0 or layout.sentence[end] != layout.sentence[at]:
        return None
    thing = layout.lower[at] in ("which", "that")
    many = many or (not thing and at + 1 < len(layout) and layout.lower[at + 1] in _PLURAL_VERBS)
    if sweep.ground.inside[end] < 0:
        meant = sweep.meant.get(end)
        if (meant is None or not meant.entity.named) and (found := _phrase(sweep, end, thing=thing)):
            return found
    elif not thing:
        named = sweep.ground.entity(end)
        if many and (group := sweep.groups.joined(sweep.ground.inside[end])):
            return Antecedent(group[0], None, 0.8)
        if many and (example := _exemplified(sweep, end)):
            return example
        if named is not None and named.kind == "other" and layout.lower[end].endswith("s"):  # "Republicans who"
            noun = noun_phrase(layout, sweep.ground.words, end, sweep.ground.inside, "group", True)
            return _named(sweep, noun, end, end + 1)
    return _nearest(sweep, at, end, thing=thing, many=many)


def _nearest(sweep: Sweep, at: int, end: int, *, thing: bool, many: bool) -> Antecedent | None:
    ground, layout = sweep.ground, sweep.ground.layout
    passed: Entity | None = None
    for i in range(end, max(-1, at - _FAR), -1):
        if layout.sentence[i] != layout.sentence[at]:
            break
        number, e = ground.inside[i], ground.entity(i)
        if e is not None and ground.names[number].last - 1 == i:
            if e.kind not in (("organization", "place", "other") if thing else ("person",)) or many:
                continue
            if thing or not _governed(sweep, ground.title_start(number)):
                return Antecedent(e, None, 0.85)
            passed = passed or e
        elif i in sweep.meant:
            meant = sweep.meant[i]
            if thing or meant.entity.kind in ("person", "group"):
                own = sweep.wording.shown(sweep.nouns[i].first, sweep.nouns[i].last)
                fuller = not meant.entity.named and len(own) > len(meant.entity.name)
                return Antecedent(meant.entity, own if fuller else None, meant.confidence * 0.8)
    return Antecedent(passed, None, 0.5) if passed is not None else None


def _exemplified(sweep: Sweep, end: int) -> Antecedent | None:
    """The people of whom a name is an example: "lawmakers such as Doe, who have"."""
    ground, layout = sweep.ground, sweep.ground.layout
    at = ground.title_start(ground.inside[end])
    if at < 3 or layout.sentence[at - 3] != layout.sentence[end]:
        return None
    if layout.lower[at - 1] in ("like", "including"):
        return _phrase(sweep, at - 2, thing=False)
    return _phrase(sweep, at - 3, thing=False) if layout.lower[at - 2 : at] == ["such", "as"] else None


def _governed(sweep: Sweep, left: int) -> bool:
    """Whether a name that begins at word ``left`` only goes with a person before it: "a spokesman for Doe, who"."""
    layout, words = sweep.ground.layout, sweep.ground.words
    if left < 2 or not layout.close(left) or layout.lower[left - 1] not in _GOVERNING:
        return False
    before = words.noun(layout.lower[left - 2])
    return before is not None and before[0] in ("person", "group")


def _phrase(sweep: Sweep, head: int, *, thing: bool) -> Antecedent | None:
    """The noun phrase that ends with a word, which must read as a noun; its entity where the sweep has one."""
    words = sweep.ground.words
    lower = sweep.ground.layout.lower[head]
    known = words.noun(lower)
    if known is None and lower not in _HEADS:
        function = lower in words.breaks or lower in words.auxiliaries or lower in words.prepositions
        if function or lower in words.determiners or lower.endswith(("ly", "ing", "ed")):
            return None
    persons = known is not None and known[0] in ("person", "group")
    if not thing and not persons and lower not in _HEADS and not (lower.endswith("s") and known is None):
        # "candidates in close races, who": people before a preposition, not the things after it.
        wider = _with_complement(sweep, head)
        return wider if wider or not lower.endswith("s") else _named(sweep, _read(sweep, head), head, head + 1)
    if known is None and not thing and (wider := _with_complement(sweep, head)) is not None:
        return wider
    return _named(sweep, _read(sweep, head), head, head + 1)


def _read(sweep: Sweep, head: int) -> Noun:
    ground, lower = sweep.ground, sweep.ground.layout.lower[head]
    kind, plural = ground.words.noun(lower) or ("unknown", lower.endswith("s"))
    return noun_phrase(ground.layout, ground.words, head, ground.inside, kind, plural)


def _with_complement(sweep: Sweep, end: int) -> Antecedent | None:
    """The people whose complement ends with a word: "candidates in close races"."""
    ground, layout, words = sweep.ground, sweep.ground.layout, sweep.ground.words
    for i in range(end - 1, max(0, end - 6), -1):
        if not layout.close(i + 1) or layout.lower[i] in words.auxiliaries:
            return None
        if layout.lower[i] in _GOVERNING:
            found = words.noun(layout.lower[i - 1])
            if found is None or found[0] not in ("person", "group") or ground.inside[i - 1] >= 0:
                return None
            return _named(sweep, noun_phrase(layout, words, i - 1, ground.inside, *found), i - 1, end + 1)
    return None


def _named(sweep: Sweep, noun: Noun, head: int, last: int) -> Antecedent:
    meant = sweep.meant.get(head)
    first = _widened(sweep, noun)
    own = sweep.wording.of_whom(first, last)
    if meant is None:
        return Antecedent(None, own, 0.6)
    if meant.entity.named or len(meant.entity.name.split()) >= len(own.split()):
        return Antecedent(meant.entity, None, meant.confidence * 0.9)
    return Antecedent(meant.entity, own, meant.confidence * 0.9)


def _widened(sweep: Sweep, noun: Noun) -> int:
    """Where a noun phrase begins with adjectives that no list has: "wealthy Chinese citizens"."""
    layout, words = sweep.ground.layout, sweep.ground.words
    first = noun.first
    if noun.determiner:
        return first
    while first > 1 and noun.last - first < 4 and layout.close(first):
        word = layout.lower[first - 1]
        if word in words.determiners or word[0].isdigit():
            return first - 1
        plain = word.endswith("y") or words.adjective(word)
        verb = word.endswith(("ed", "ing", "s", "ly"))
        verb = verb or (layout.lower[first - 2] in _AFTER_THESE_A_VERB and not plain)
        function = word in words.breaks or word in words.auxiliaries or word in words.prepositions
        if verb or function or not word.isalpha() or sweep.ground.inside[first - 1] >= 0 or not layout.close(first - 1):
            break
        first -= 1
    return first
