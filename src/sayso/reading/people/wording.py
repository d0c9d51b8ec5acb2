"""How a holder without a name is put: the text's own words, with the names in them spelt out and titles left off."""

from __future__ import annotations

import re

from .entities import Entity, EntityKind
from .ground import Ground
from .mentions import Noun

OWNERS = frozenset(("his", "her", "their", "its"))
_COMPLEMENTS = frozenset(("of", "for", "from", "at", "with", "in", "by"))
_FINDING = frozenset(
    "found finds shows showed suggests suggested indicates indicated reveals revealed concluded concludes reads".split()
)
_PARTY = re.compile(r" \([A-Z](?:-[\w.]+)?\)")
_FRACTION = re.compile(r"\b(?:one|two|three|four) in \w+$", re.IGNORECASE)
_SHARE = re.compile(
    r"(?:percent|%|\b(?:one|two|three|four) in \w+) of ((?:[^\W_]|[ ’'\-]){1,80}?)"
    r"(?= (?:said|say|says|have|had|are|were|would|will|who|view|think|favor|support|oppose|back|believe|approve)\b"
    r"|[,.;:—)])"
)
_LONGEST = 14
"""Words that the complement of a document may have."""


class Wording:
    """Puts descriptions in words; ``owners`` takes the index of a pronoun to whom it means."""

    def __init__(self, ground: Ground, owners: dict[int, tuple[Entity, float]]) -> None:
        self.ground, self.owners = ground, owners

    def shown(self, first: int, last: int, *, expand: bool = True) -> str:
        """Words ``first`` to ``last`` (exclusive) on one line, a determiner in lower case.

        With ``expand``, surnames and acronyms are spelt out as the text does elsewhere, and "his" becomes the name.
        """
        layout = self.ground.layout
        start, stop = layout.starts[first], layout.ends[last - 1]
        text = layout.text[start:stop]
        if text.count("(") > text.count(")"):
            stop = layout.text.find(")", stop, stop + 3) + 1 or stop
        elif layout.text[stop : stop + 1] == "%":
            stop += 1
        text = self._expanded(first, last, stop) if expand else layout.text[start:stop]
        text = _PARTY.sub("", " ".join(text.split()))
        word = layout.lower[first]
        if word in self.ground.words.determiners or word in self.ground.words.prepositions:
            text = text[0].lower() + text[1:]
        if expand and word in OWNERS and (found := self.owners.get(first)):
            text = found[0].name + "'s" + text[len(word) :]
        return text

    def _expanded(self, first: int, last: int, stop: int) -> str:
        ground, layout = self.ground, self.ground.layout
        out: list[str] = []
        at = layout.starts[first]
        document = False
        for i in range(first, last):
            document = document or (ground.words.noun(layout.lower[i]) or ("",))[0] == "document"
            number, entity = ground.inside[i], ground.entity(i)
            if i > first and layout.lower[i] in ("his", "her") and (owner := self.owners.get(i)) and document:
                # "documents from his tax return": by which they are told from others.
                out += [layout.text[at : layout.starts[i]], owner[0].name, "'s"]
                at = layout.ends[i]
                continue
            if entity is None or ground.names[number].first != i or ground.names[number].last > last:
                continue
            name = ground.names[number]
            alone = name.last - name.first == 1 and " " in entity.name
            if entity.kind == "person" and (alone or name.title):
                start = max(first, ground.title_start(number))
            elif entity.kind == "organization" and alone and layout.words[i].isupper():
                start = i
            else:
                continue
            out += [layout.text[at : layout.starts[start]], entity.name]
            at = layout.ends[name.last - 1]
            if layout.text[at : at + 1] == ".":
                at += 1
        return "".join((*out, layout.text[at:stop]))

    def owned(self, noun: Noun) -> bool:
        """Whether a pronoun for an owner stands in a description or where its complement may."""
        return not OWNERS.isdisjoint(self.ground.layout.lower[noun.first : noun.last + _LONGEST])

    def described(self, noun: Noun) -> str:
        """A description with its complement: "a spokesman for the governor", "a poll released by the institute"."""
        layout = self.ground.layout
        last, at = noun.last, noun.last
        if not layout.close(at):
            return self.shown(noun.first, last)
        if noun.kind == "document":
            last = self._document_end(at)
        elif layout.lower[at] in _COMPLEMENTS:
            last = self._name_end(at)
        return self.shown(noun.first, last)

    def _document_end(self, at: int) -> int:
        """Where the complement of a document that begins at word ``at`` ends: at a verb or a comma."""
        layout, words = self.ground.layout, self.ground.words
        begin = at
        if layout.lower[at] not in _COMPLEMENTS and not layout.lower[at].endswith("ed"):
            return begin
        while layout.close(at) and at - begin < _LONGEST:
            lower = layout.lower[at]
            ends = lower in words.breaks and lower not in words.prepositions
            if ends or lower in words.auxiliaries or lower in _FINDING:
                break
            at += 1
        dangling = layout.lower[at - 1] in words.prepositions or layout.lower[at - 1] in words.determiners
        return begin if at - begin >= _LONGEST or dangling else at

    def _name_end(self, at: int) -> int:
        """Where "for the Doe Institute" at word ``at`` ends; ``at`` itself where no name follows."""
        ground, layout, words = self.ground, self.ground.layout, self.ground.words
        begin = at
        at += 1
        while layout.close(at) and at - begin < 8:
            lower = layout.lower[at]
            if ground.inside[at] < 0 and lower not in words.determiners and not words.adjective(lower):
                break
            name = ground.inside[at]
            at += 1
            if name >= 0 and (at >= len(layout) or ground.inside[at] != name):
                return at
        return begin

    def of_whom(self, first: int, last: int) -> str:
        """The same as ``shown``, a bare share ("53%", "one in three") with those that it is a share of."""
        layout = self.ground.layout
        own = self.shown(first, last)
        bare = own.endswith("%") or layout.lower[last - 1] == "percent" or _FRACTION.search(own)
        if not bare or " of " in own:
            return own
        start = layout.starts[first]
        found = _SHARE.findall(layout.text[max(0, start - 700) : start])
        return f"{own} of {' '.join(found[-1].split())}" if found else own


class Described(Entity):
    """An entity that a description made.

    Its name is put in words when it is first asked for, which of most it never is. What it belongs to may be called
    otherwise later on, so that with an owner in it the name is given at once.
    """

    __slots__ = ("_name", "_noun", "_wording")

    def __init__(self, wording: Wording, noun: Noun, kind: EntityKind, *, head: str, gender: str | None) -> None:
        # What puts it in words later needs no owners, who may refer back here: what is in a circle is not freed soon.
        self._wording, self._noun = Wording(wording.ground, {}), noun
        super().__init__(
            "",
            kind,
            named=False,
            plural=noun.plural,
            head=head,
            gender=gender,
            words=frozenset((*noun.modifiers, head)),
        )
        self._name: str | None = wording.described(noun) if wording.owned(noun) else None

    @property
    def name(self) -> str:
        if self._name is None:
            self._name = self._wording.described(self._noun)
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name
