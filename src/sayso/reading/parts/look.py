"""What the network, the sentence and the words around it say of a phrase that could be a part of a forecast."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from sayso.posts import Range
from sayso.reading.parts.clauses import LOOSE
from sayso.reading.segment import sentences

if TYPE_CHECKING:
    from sayso.reading.parts.candidates import Candidate, Place

_FUTURE = re.compile(
    r"\b(?:will|won['’]t|would|wouldn['’]t|shall|could|may|might|can|going to|about to|to be|plans?|intends?|expects?|"
    r"expected|likely|unlikely|should)\b|['’]ll\b|^to\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:was|were|had|did|has|have|been|\w{3,}ed)\b")
_NEIGHBOURS = frozenset(
    "that which who what whom whose where why how because as than if when while until before after to the a an this "
    "these those his her their its our my your of in on at for by from with about and or but not no n't so more most "
    "is are was were be been being has have had do does did will would could can may might should must going "
    "i you he she it we they there also still only even just very too up out race back again".split()
)
"""The words beside a phrase that say something of its part in the sentence; of others only the sort of their ending."""


class Look:
    """What the network, the sentence and the content say of any phrase of a content."""

    def __init__(self, place: Place, part: str, tagged: Sequence[tuple[Range, float]]) -> None:
        self._place, self._part = place, part
        inside = place.page.tagged(part).inside
        self._shares = [inside[i] for i in place.pieces]
        self._tagged = tagged
        self._ifs = [clause.at for clause in place.ifs] if part != "condition" else []
        self._size = sum(e - s for s, e in place.content)

    def at(self, candidate: Candidate) -> dict[str, float]:
        start, end = candidate.at
        first, last = bisect_left(self._place.starts, start), bisect_left(self._place.starts, end)
        shares = self._shares[first:last]
        made = {"bias": 1.0, "k:sure": _logit(self._place.sure)}
        if shares:
            around = [*self._shares[max(0, first - 1) : first], *self._shares[last : last + 1]]
            made |= {
                "t:mean": _logit(sum(shares) / len(shares)),
                "t:most": _logit(max(shares)),
                "t:out": max(around, default=0.0),
                "t:alike": max((_alike(candidate.at, at) for at, _ in self._tagged), default=0.0),
            }
        if not self._place.cued:
            made["k:uncued"] = 1.0
        if self._place.kind == "pledge":
            made["pledge"] = 1.0
        if any(s <= start and end <= e for s, e in self._ifs):
            made["in-condition"] = 1.0
        text = self._place.page.text
        sentence = _sentence(text, self._place.content, start)
        rest = text[sentence[0] : start] + text[end : sentence[1]]
        if not rest.strip(LOOSE):  # "If they refuse? Then we would …": what follows is foretold
            beyond = next((e for s, e in self._place.content if s <= start < e), end)
            follows = _sentence(text, self._place.content, min(sentence[1] + 1, beyond - 1))
            rest = text[follows[0] : follows[1]] if follows[0] > start else ""
        if _FUTURE.search(rest):
            made["future"] = 1.0
        elif _PAST.search(rest):
            made["past-tense"] = 1.0
        if start <= sentence[0] + 2:
            made["first-in-sentence"] = made[f"{candidate.rule}-first"] = 1.0
        if end >= sentence[1] - 2:
            made["last-in-sentence"] = 1.0
        if text[end : end + 2] in ("'s", "’s"):
            made["possessive"] = 1.0
        made |= _beside(text, sentence, candidate.at) | _clause_around(text, sentence, candidate.at)
        if self._part == "horizon":
            made |= _governed(text, sentence, candidate.at)
        if self._part == "condition":
            made |= _outcome(text, sentence, candidate.at)
        if self._size < 160:
            made["short"] = 1.0
        return made


def _beside(text: str, sentence: Range, at: Range) -> dict[str, float]:
    """The words right before and right behind a phrase, as far as their sentence goes."""
    before = _LAST_WORD.search(text, max(sentence[0], at[0] - 24), at[0])
    behind = _FIRST_WORD.match(text, at[1], min(sentence[1], at[1] + 24))
    return {f"before:{sort_of(before)}": 1.0, f"behind:{sort_of(behind)}": 1.0}


def _clause_around(text: str, sentence: Range, at: Range) -> dict[str, float]:
    """What opens the clause that a phrase stands in ("a law that could …"), and where the sentence has plain will."""
    made = {}
    opener = _opener(text, max(sentence[0], at[0] - 90), at[0])
    if opener is not None:
        first = "-first" if opener.start() <= sentence[0] + 2 else ""
        made[f"opener:{opener[0].lower()}{first}"] = 1.0
    if _PLAIN.search(text, sentence[0], at[0]):
        made["will-before"] = 1.0
    if _PLAIN.search(text, at[1], sentence[1]):
        made["will-behind"] = 1.0
    return made


def _opener(text: str, start: int, end: int) -> re.Match[str] | None:
    """The last word of a stretch that opens a clause, if no stop stands behind it."""
    openers = [*_OPENER.finditer(text, start, end)]
    return openers[-1] if openers and _STOP.search(text, openers[-1].end(), end) is None else None


def _governed(text: str, sentence: Range, at: Range) -> dict[str, float]:
    """The verb that stands nearest before a phrase of time: what happens then, has happened or is foretold."""
    before = list(_VERBS.finditer(text, max(sentence[0], at[0] - _SIGHT), at[0]))
    if not before:
        return {"verb:none": 1.0}
    last = before[-1]
    far = "-far" if text.count(" ", last.end(), at[0]) > _FAR else ""
    return {f"verb:{last.lastgroup}{far}": 1.0}


_SIGHT = 120
"""In so many characters before a phrase its verb is looked for."""
_FAR = 6
"""A verb with more words between does not stand near."""
_VERBS = re.compile(
    r"\b(?:(?P<will>will|won['’]t|shall|going to|about to)|(?P<modal>would|could|may|might|can|should|must)"
    r"|(?P<set>(?:planned|scheduled|expected|set|due|slated|poised|likely)(?: (?:to|for|on))?|plans? to|hopes? to"
    r"|expects? to|intends? to|vows? to)|(?P<perfect>ha(?:s|ve|d)|having)"
    r"|(?P<past>was|were|did|[a-z]{2,}ed|came|went|won|lost|began|took|got|made|said|ran|held)"
    r"|(?P<now>is|are|am|do|does)|(?P<to>to(?= [a-z]))|(?P<doing>[a-z]{3,}ing)"
    r"|(?P<who>who|which|that|whose|where))\b|['’](?P<short>ll|d|s|re|m|ve)\b"
)


_OPENER = re.compile(
    r"\b(?:that|which|who|whom|what|whatever|whether|if|when|where|wherever|while|because|until|unless|since|how|as|than"
    r"|so|to)\b",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.,;:?!—–\n]")
_PLAIN = re.compile(r"\b(?:will|won['’]t|would|going to|shall)\b|['’]ll\b|^to\b", re.IGNORECASE)


def _outcome(text: str, sentence: Range, at: Range) -> dict[str, float]:
    """Whether the outcome that a condition needs stands right behind it or before it, and whether it has a verb."""
    made = {}
    if _MAIN_BEHIND.match(text, at[1], sentence[1]):
        made["outcome-behind"] = 1.0
    elif _FUTURE.search(text, at[1], sentence[1]):
        made["outcome-later"] = 1.0
    if _FUTURE.search(text, sentence[0], at[0]):
        made["outcome-before"] = 1.0
    if _FUTURE.search(text, at[0], at[1]):
        made["future-inside"] = 1.0
    if _UNREAL.search(text, at[0], at[1]):
        made["unreal"] = 1.0
    made["length"] = min(len(text[at[0] : at[1]].split()), 24) / 8
    return made


# The subject of the outcome and its verb: "if they pay, | the port will open".
_MAIN_BEHIND = re.compile(rf"[\s,\"”“’'—–-]*(?:then\s+)?(?:[\w’'.-]+\s+){{0,7}}?(?:{_FUTURE.pattern})", re.IGNORECASE)
_UNREAL = re.compile(r"\b(?:had (?:not )?(?:been|\w+ed)|were|was|did)\b")
_LAST_WORD = re.compile(r"([\w’'-]+|[,;:()\"“”—–])[\s\"“”]*\Z")
_FIRST_WORD = re.compile(r"[\s\"“”]*([\w’'-]+|[,;:()—–.?!])")


def sort_of(match: re.Match[str] | None) -> str:
    """A word that tells by itself, or the sort of another: capital, figure, the ending, else "word"."""
    if match is None:
        return "none"
    word = match[1].replace("’", "'")
    low = word.lower()
    if low in _NEIGHBOURS or not word[0].isalnum():
        return low
    if word[0].isdigit():
        return "figure"
    if word[0].isupper():
        return "capital"
    return next((f"-{ending}" for ending in ("ing", "ed", "ly", "s") if low.endswith(ending)), "word")


def _logit(p: float) -> float:
    p = min(max(p, 0.005), 0.995)
    return math.log(p / (1 - p))


def _alike(a: Range, b: Range) -> float:
    both = min(a[1], b[1]) - max(a[0], b[0])
    return max(0.0, both / (max(a[1], b[1]) - min(a[0], b[0])))


def _sentence(text: str, content: Sequence[Range], at: int) -> Range:
    for start, end in content:
        if start <= at < end:
            for s, e in _sentences(text[start:end]):
                if start + s <= at < start + e:
                    return start + s, start + e
            return start, end
    return at, at


@lru_cache(maxsize=64)
def _sentences(text: str) -> tuple[Range, ...]:
    return tuple(sentences(text))
