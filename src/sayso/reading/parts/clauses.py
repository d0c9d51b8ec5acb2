"""Clauses and phrases that a marker begins ("if", "unless", "until"), and where they end."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from sayso.posts import Range
from sayso.reading.alternatives import joined, number_of
from sayso.reading.segment import abbreviates, sentences
from sayso.values import value

LOOSE = " ,;:.!?…—–-\"”“’'()"
"""What does not count at the ends of a part."""

_STOP = re.compile(r"[,;:!?…—–\n()]|\.|\s-{1,2}\s|[\"”“](?=\s|[,.;:!?—–]|$)")
# A main clause that follows without a comma: "if he wins | he will", "if elected president | he could".
_MAIN = re.compile(
    r"(?<=\w) (?:then )?(?:I|you|he|she|it|we|they|there|that|this|those|who)"
    r"(?:['’](?:ll|d)\b| (?:will|would|could|can|may|might|should|must|won['’]t|wouldn['’]t|ca(?:n't|nnot))\b"
    r"|['’](?:m|re|s) going)"
)
_REASON = re.compile(r" (?:because|since|so that|and (?:then|that|if|unless)|or (?:if|unless)|but|which)\b")
# Where a phrase without a verb of its own ends: at a verb, or where another phrase begins.
_VERB = re.compile(
    r" (?:(?:will|would|could|can|may|might|should|must|is|are|was|were|has|have|had|do|does|did|to|and|but|that|who"
    r"|which|because|if|unless)\b|won['’]t|wouldn['’]t|can['’]t)"
)
_ASIDE = re.compile(r"\([^()]{1,24}\)")
_DASHED = re.compile(r"\s?(?:[—–]|-{1,2}\s)(?:(?![—–.;:!?\n]|--).){1,48}(?:[—–]|-{2})")
_NO_VERB = re.compile(r"\s*\w+(?<!ed)")
_LEADS_IN = re.compile(r"\s*(?:for|at|in|on|by|after|before|during)\s+(?:[\w’'-]+\s*){1,3}")
_COMMAS = ("comma", "second", "third", "fourth")
"""How the ends at commas are called."""
_SHORT = 3
"""A main clause does not begin within so many characters of the marker's end."""


@value
class Clause:
    """A stretch of the text that a marker begins; ``end`` says what ended it: a comma, stop, break or words.

    ``comma`` is the first comma, ``second`` the next and so on, ``break`` is where another clause begins without a
    comma, ``words`` the marker's own end; for a subject it is the verb behind.
    """

    at: Range
    marker: str
    end: str


@value
class Marker:
    """An entry of ``markers.toml``."""

    id: str
    extent: str
    after: re.Pattern[str] | None


class Markers:
    """Finds the markers of one part in a text."""

    def __init__(self, entries: list[dict[str, str]]) -> None:
        self._markers = [Marker(e["id"], e["extent"], _behind(e.get("after"))) for e in entries]
        words = joined([e["words"].replace(" ", r"\s+") for e in entries], name="m")
        self._regex = re.compile(rf"(?<![\w-])(?<!\w['’])(?:{words})(?![\w'’-])", re.IGNORECASE)

    def find(self, text: str, start: int, end: int, within: int | None) -> Iterator[tuple[Marker, int, int]]:
        """Yield the markers in ``text[start:end]`` with their places; those ``within`` so many characters, if given."""
        matches = self._regex.finditer(text, start, end) if within is None else self._near(text, start, end, within)
        for match in matches:
            marker, at = self._markers[number_of(match)], match.start()
            if marker.after is None or not marker.after.search(text, max(start, at - 16), at):
                yield marker, at, match.end()

    def _near(self, text: str, start: int, end: int, within: int) -> Iterator[re.Match[str]]:
        at = start
        while at <= start + within:
            match = self._regex.match(text, at, end)
            if match is not None:
                yield match
            at = at + 1 if match is None else match.end()


@lru_cache(maxsize=2)
def _small(text: str) -> str:
    """The text in small letters, each in its place; kept for the contents of a text that come one after the other."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _behind(words: str | None) -> re.Pattern[str] | None:
    return re.compile(rf"\b(?:{words})[\"”’]*\s+$", re.IGNORECASE) if words else None


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("markers.toml").read_text(encoding="utf-8"))


@cache
def markers() -> dict[str, Markers]:
    """The markers by part: ``condition``, ``circumstance`` and ``time``."""
    return {part: Markers(entries) for part, entries in _tables().items() if isinstance(entries, list)}


@cache
def _occasion() -> re.Pattern[str]:
    table = _tables()["event"]
    before = joined([table["before"].replace(" ", r"\s+")], name="b")
    source = (
        rf"(?<![\w-])(?:{before})\s(?:(?!(?:{table['between']})\b)[\w’'.-]+\s){{0,5}}?(?:{table['nouns']})(?![\w’'-])"
    )
    return re.compile(source)


def occasions(text: str, start: int, end: int) -> Iterator[Range]:
    """Phrases that name an occasion, from their preposition on: "in next Tuesday's primaries"."""
    at, text = start, _small(text)
    while (match := _occasion().search(text, at, end)) is not None:
        yield match.span()
        at = match.start() + 1  # a shorter one may begin inside: "to vote | in the primary"


@cache
def _subject() -> re.Pattern[str]:
    table = _tables()["subject"]
    word = rf"(?!{_FINITE})[\w’'&.$-]+"
    thing = rf"(?P<thing>(?:{table['any']})(?: {word}){{1,9}}?)"
    event = rf"(?P<event>(?-i:{table['definite']})(?:{word} ){{1,7}}?(?:{table['events']}))"
    doing = rf"(?P<doing>(?:not )?(?!(?:{table['never_doing']})\b)\w+ing\b(?:,? {word}){{1,16}}?)"
    before = r"(?:\A|(?<!\w)(?:that|and|but|because|think|so) |[,;:—–] |[\"“‘])"
    return re.compile(rf"{before}[\"“‘']*(?:{event}|{thing}|{doing})(?: {_OPEN_VERB}|[’']ll\b)", re.IGNORECASE)


# A verb that has a subject of its own, and one behind which an outcome is open.
_FINITE = r"(?:is|are|was|were|will|would|could|can|may|might|should|must|has|have|had|does|do|did|that|who|which)\b"
_OPEN_VERB = r"(?P<verb>would|could|will|might|may|can|should)\b"


def subjects(text: str, start: int, end: int) -> Iterator[Clause]:
    """What stands as a subject right before "would" and its like, and may be what the outcome hinges on.

    The marker is the sort of subject and the verb: "a defeat | would …" is ``thing-would``.
    """
    for first, last in sentences(text, start, end):
        for found in _subject().finditer(text[first:last]):
            which = next(name for name in ("event", "thing", "doing") if found[name])
            yield Clause(
                (first + found.start(which), first + found.end(which)), which, (found["verb"] or "will").lower()
            )


def clauses(text: str, start: int, end: int, *, part: str, within: int | None = None) -> Iterator[Clause]:
    """The clauses in ``text[start:end]`` that a marker of ``condition``, ``circumstance`` or ``time`` begins.

    With ``within`` only those that begin at most so many characters from the start. Where a clause ends cannot be told
    from its words alone, so that a marker may give several: to each of the first commas, and beyond to the end of the
    sentence.
    """
    for marker, at, after in markers()[part].find(text, start, end, within):
        if marker.extent == "words":
            yield Clause((at, after), marker.id, "words")
            continue
        for stop, how in dict.fromkeys(_ends(text, after, end, phrase=marker.extent == "phrase")):
            stop = _trimmed(text, after, stop)
            if stop > after:
                yield Clause((at, stop), marker.id, how)


def _trimmed(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in LOOSE:
        end -= 1
    return end


def _ends(text: str, start: int, end: int, *, phrase: bool) -> list[tuple[int, str]]:
    """Where a clause whose marker ends at ``start`` may end, the nearest place first, and what ends it there."""
    commas: list[int] = []
    far = end, "stop"
    closed = start
    for match in _STOP.finditer(text, start, end):
        mark, at = match.group(), match.start()
        if at < closed:
            continue
        if mark == ",":
            if at - start > 1 and not text[at + 1 : at + 2].isdigit():
                commas.append(at)
        elif mark == "(" and (aside := _ASIDE.match(text, at, end)) is not None:
            closed = aside.end()
        elif mark in "—–" or mark.strip() == "--":
            if (aside := _DASHED.match(text, at, end)) is None:
                far = at, "stop"
                break
            closed = aside.end()
        elif mark == "." and (text[at + 1 : at + 2].isalnum() or abbreviates(text, at, start)):
            continue
        elif mark in '"”“' and '"' in text[start:at]:
            continue  # closes what was opened inside the clause
        elif mark == "“" and text[at + 1 : at + 2] not in ("", "\n"):
            continue
        else:
            far = at, "stop"
            break
    if commas and not phrase and _NO_VERB.fullmatch(text, start, commas[0]):
        commas.pop(0)  # "unless Rubio, Cruz and Kasich step up"
    ends = [*zip(commas, _COMMAS, strict=False)]
    cut = _cut(text, start, far[0], phrase=phrase)
    if cut is None:
        return [*ends, far]
    return [at for at in ends if at[0] < cut] + [(cut, "break")]


def _cut(text: str, start: int, end: int, *, phrase: bool) -> int | None:
    """Where a main clause, a reason or (after a phrase) a verb follows without a comma."""
    found = [
        m.start()
        for m in _MAIN.finditer(text, start, end)
        if " " in text[start + 1 : m.start()].strip() and not _LEADS_IN.fullmatch(text, start, m.start())
    ][:1]
    if (reason := _REASON.search(text, start, end)) is not None:
        found.append(reason.start())
    if phrase and (verb := _VERB.search(text, start, end)) is not None:
        found.append(verb.start())
    return min((at for at in found if at - start > _SHORT), default=None)
