"""Whose turn it is in an interview, a transcript or a parliament's record: lines that begin with a name and a colon.

What is said in a turn is its speaker's, not the writer's: forecasts without a source become the speaker's, and what
the speaker reports of others comes through the speaker. A text is a record of turns where most of its paragraphs begin
with such a label, and somebody speaks again. A posting that a text shows, with its author's handle on the line below
("— Jane Doe (@jdoe)"), is a turn as well.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sayso.posts import Holder, Part, Range
from sayso.reading.people import People
from sayso.reading.people.phrases import FIRST_PERSON
from sayso.values import value

if TYPE_CHECKING:
    from sayso.reading.claims import Held

_LABEL = re.compile(
    r"^[ \t\u00a0]*(?:[Qq]?\d{1,3}\.[ \u00a0]*)?(?:\[\d+\][ \u00a0]*)?"
    r"(?P<label>[^\W\d_][^\n:;!?\"“”«»]{0,79}?)(?P<colon>[ \u00a0]?:)(?=[ \t\u00a0]+\S)",
    re.MULTILINE,
)
_SIGNED = re.compile(
    r"^(?P<said>[^\n]++)\n++(?P<dash>[—–]|--?)[ \u00a0]?(?P<label>[^\n()@]{2,60}?)[ \u00a0]\(@\w{1,30}\)[^\n]*$",
    re.MULTILINE,
)
_SHORT = re.compile(r"(?:[Qq](?:uestion)?|[Aa](?:nswer)?)\.?")
_ASKS = re.compile(r"Q|Question|Interviewer", re.IGNORECASE)
_ANSWERS = re.compile(r"A|Answer", re.IGNORECASE)
_SMALL = frozenset("of the for and de del della der den di da dos du la le van von ter ten al el bin ibn ben y".split())
_MIN_TURNS, _MIN_SHARE, _MIN_LENGTH = 4, 0.4, 4
"""Turns, the share of the paragraphs that begin one, and the words of a turn, from which a text is such a record."""
_MAX_WORDS = 10
"""Words that a label has at most."""
_SURE = 0.9
"""How sure the speaker of a turn is."""


@value
class Turn:
    """What one speaker says: ``label`` and ``colon`` (a dash, below a posting) stand beside ``said``."""

    label: Range
    colon: Range
    said: Range
    role: str | None = None
    """"asks" and "answers" for labels that name no one: "Q:", "A:"."""

    @property
    def start(self) -> int:
        return min(self.label[0], self.said[0])


class Turns:
    """The turns of a text, in its order; none where it is no record of turns."""

    def __init__(self, text: str) -> None:
        self._turns = sorted(_read(text) + _signed(text), key=lambda turn: turn.start)
        self._starts = [turn.start for turn in self._turns]

    def __iter__(self) -> Iterator[Turn]:
        return iter(self._turns)

    def __len__(self) -> int:
        return len(self._turns)

    def at(self, offset: int) -> Turn | None:
        """The turn that an offset stands in."""
        n = bisect_right(self._starts, offset) - 1
        return self._turns[n] if n >= 0 and offset < self._turns[n].said[1] else None


def _signed(text: str) -> list[Turn]:
    return [Turn(m.span("label"), m.span("dash"), m.span("said")) for m in _SIGNED.finditer(text)]


def _read(text: str) -> list[Turn]:
    found = [m for m in _LABEL.finditer(text) if _may_speak(m["label"])]
    if len(found) < _MIN_TURNS:
        return []
    ends = [m.start() for m in found[1:]] + [len(text)]
    words = sum(len(text[m.end() : end].split()) for m, end in zip(found, ends, strict=True))
    said = Counter(_key(m["label"]) for m in found)
    paragraphs = sum(1 for line in text.split("\n") if line.strip())
    if len(said) < 2 or max(said.values()) < 2 or words < _MIN_LENGTH * len(found):
        return []
    if len(found) < _MIN_SHARE * paragraphs:
        return []
    return [
        Turn(m.span("label"), (m.end("colon") - 1, m.end("colon")), (m.end(), end), _role(m["label"]))
        for m, end in zip(found, ends, strict=True)
    ]


def _may_speak(label: str) -> bool:
    """Whether words before a colon may name a speaker: every word has a capital, but for particles and brackets."""
    if _SHORT.fullmatch(label):
        return True
    bare = _bare(label)
    if not bare or len(label.split()) > _MAX_WORDS:
        return False
    reporter = bare[-1].casefold() in ("reporter", "speaker", "caller", "interviewer", "member", "members")
    return reporter or all(w[:1].isupper() or w[:1].isdigit() or w.casefold() in _SMALL for w in bare)


def _bare(label: str) -> list[str]:
    """The words of a label that are the name: none in brackets, none behind a comma."""
    return re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", label).split(",")[0].split()


def _key(label: str) -> str:
    """What two labels of one speaker have in common: the last word of the name."""
    bare = _bare(label)
    return bare[-1].casefold() if bare else label.casefold()


def _role(label: str) -> str | None:
    if _ANSWERS.fullmatch(label.rstrip(".")):
        return "answers"
    return "asks" if _ASKS.fullmatch(label.rstrip(".")) else None


def by_turn(text: str, held: Sequence[Held], *, people: People, author: str) -> list[Held]:
    """What is held in a text, with the speakers of its turns as those who hold it; as it was where there are none.

    In a turn 1. what the label introduces is its speaker's; 2. a forecast in the writer's voice, and what was carried
    over from a turn before, is the speaker's as well, but for questions; 3. "I" and "we" are the speaker; 4. what the
    speaker tells of others comes through the speaker, who is left out only as the writer of the text.
    """
    turns = Turns(text)
    if not len(turns):
        return list(held)
    speakers = _speakers(text, turns, people, author)
    made = []
    for h in held:
        turn = turns.at(h.content[0][0])
        if turn is None:
            made.append(h)
        elif (told := _told(text, h, turn, speakers[turn], author)) is not None:
            made.append(told)
    return made


def _told(text: str, h: Held, turn: Turn, speaker: str, author: str) -> Held | None:
    mention = Part.of(text, (turn.label,))
    first = h.chain[0]
    content = tuple((max(s, turn.said[0]), min(e, turn.said[1])) for s, e in h.content)
    content = tuple(_trimmed(text, span) for span in content if span[0] < span[1])
    if not content:
        return None
    if first.mention is not None and _within(first.mention.spans, turn.label):
        return replace(h, content=content, chain=(Holder(speaker, first.mention), *h.chain[1:]))
    if h.voice in ("own", "carried-over"):
        if text[content[0][0] : content[-1][1]].endswith("?"):
            return None
        if speaker == author:
            return replace(h, content=content, voice="own", chain=(Holder(author),))
        chain = (Holder(speaker, mention),)
        return replace(
            h, content=content, source=(turn.label,), cue=(turn.colon,), chain=chain, voice="attributed",
            holder_sure=_SURE,
        )  # fmt: skip
    if first.mention is None or first.mention.text.casefold() in FIRST_PERSON or first.name == speaker:
        return replace(h, content=content, chain=(Holder(speaker, first.mention), *h.chain[1:]))
    if speaker == author:
        return replace(h, content=content)
    return replace(h, content=content, chain=(Holder(speaker, mention), *h.chain))


def _speakers(text: str, turns: Turns, people: People, author: str) -> dict[Turn, str]:
    """The speaker of each turn by the fullest name; who asks is the writer, who answers the first person named."""
    asked = (e.name for e in people.entities() if e.kind == "person" and " " in e.name and e.name != author)
    names = {"asks": author, "answers": next(asked, "the interviewee")}
    speakers = {}
    for turn in turns:
        label = text[slice(*turn.label)]
        name = names.get(turn.role or label)
        if name is None:
            who = people.resolve([turn.label], content_span=[turn.said], cue=[turn.colon])
            name = names[label] = who.name if who else label
        speakers[turn] = name
    return speakers


def _within(spans: Sequence[Range], label: Range) -> bool:
    return all(label[0] <= start and end <= label[1] for start, end in spans)


def _trimmed(text: str, span: Range) -> Range:
    """A range without the white space around it."""
    start, end = span
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
