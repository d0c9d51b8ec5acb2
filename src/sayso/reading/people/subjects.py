"""Who stands as the subject of a cue, for attributions whose source was not marked."""

from __future__ import annotations

from .phrases import Phrase
from .sweep import Sweep

_SUBJECTS = frozenset("i we you he she they who".split())
_PASSIVE = frozenset("was were is are been be being 's 're gets got".split())
_IMPRESSIONS = ("seem", "appear", "look", "sound")
_FAR = 25
"""Words before a cue in which its subject is looked for."""


def subject(sweep: Sweep, first: int, last: int, lowest: int) -> Phrase | None:
    """The subject of the cue of the words ``first`` to ``last`` (exclusive), as a phrase; None where none is plain.

    It is the nearest name, pronoun or description before the cue, not before word ``lowest`` and in its sentence, that
    no preposition governs. A passive ("was told"), a noun ("calls for") and an impression ("seems") have nobody for a
    subject who could hold what follows.
    """
    ground, layout, words = sweep.ground, sweep.ground.layout, sweep.ground.words
    if any(layout.lower[i].startswith(_IMPRESSIONS) for i in range(first, last)):
        return None
    if _passive(sweep, first, last) or _nominal(sweep, first, last):
        return None
    for i in range(first - 1, max(lowest, first - _FAR) - 1, -1):
        if layout.sentence[i] != layout.sentence[first]:
            break
        lower, number = layout.lower[i], ground.inside[i]
        if number >= 0:
            entity = ground.register.of[number]
            name = ground.names[number]
            if entity is None or entity.kind not in ("person", "organization") or layout.possessive[i]:
                continue
            if i == name.last - 1 and not _governed(sweep, ground.title_start(number)):
                return Phrase("name", i, name.first, name.last, entity)
        elif lower in _SUBJECTS:
            return Phrase("pronoun", i, i, i + 1)
        elif i in sweep.meant and (noun := sweep.nouns[i]).kind in ("person", "group") and not layout.possessive[i]:
            if not _governed(sweep, noun.first):
                return Phrase("noun", i, noun.first, noun.last)
        elif lower in words.auxiliaries and layout.gap(i + 1) and i < first - 1:
            break  # another clause
    return None


def _governed(sweep: Sweep, left: int) -> bool:
    layout, words = sweep.ground.layout, sweep.ground.words
    return left > 0 and layout.close(left) and layout.lower[left - 1] in words.prepositions


def _passive(sweep: Sweep, first: int, last: int) -> bool:
    layout = sweep.ground.layout
    be = [i for i in range(max(0, first - 2), last) if layout.lower[i] in _PASSIVE]
    return any(
        layout.lower[i].endswith(("ed", "told", "said", "known", "seen")) for b in be for i in range(b + 1, last)
    )


def _nominal(sweep: Sweep, first: int, last: int) -> bool:
    """Whether a cue is a noun with its preposition: "calls for", "the claim that"."""
    layout, words = sweep.ground.layout, sweep.ground.words
    determined = layout.lower[first] in words.determiners or (
        first > 0 and layout.close(first) and layout.lower[first - 1] in words.determiners
    )
    head = layout.lower[first]
    return determined or (head in words.speech and head.endswith("s") and last - first > 1)
