"""Who holds a claim: from the words of its source to the fullest name that the document gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from sayso.posts import Range
from sayso.values import value

from .addressed import READER, WRITER, called, signer
from .antecedents import antecedent, of_whom
from .entities import Entity
from .ground import Ground
from .names import NamedMention
from .phrases import FIRST_PERSON, RELATIVE, SECOND_PERSON, Phrase, PhraseReader
from .ranking import Ranker, shipped
from .subjects import subject
from .sweep import Decision, Sweep
from .vocabulary import PRONOUNS
from .voices import Voices, length
from .wording import OWNERS

_CAPITAL = re.compile(r"\b[^\W\d_a-z]\w+")
HolderKind = Literal["person", "organization", "group", "document", "unnamed"]
_SINGULAR = frozenset(("i", "me", "my", "mine", "myself"))
_OPENING = frozenset("\"“'‘")
_TURN = 6
"""Paragraphs that a turn in a transcript may last."""


@value
class Ask:
    """An attribution whose holder is asked for; ranges in code points, ``source`` and ``cue`` empty if not expressed.

    ``quoted``: the content stands in quotation marks. ``within`` is the offset where the content around begins, of an
    attribution inside another, else None.
    """

    source: tuple[Range, ...]
    content: tuple[Range, ...]
    cue: tuple[Range, ...] = ()
    quoted: bool = False
    within: int | None = None


@value
class Resolved:
    """A holder: the fullest name the document gives, or its description; ``confidence`` in 0..1.

    ``pronoun`` is set where the source was a pronoun or an epithet, so that the name comes from elsewhere in the text.
    """

    name: str
    kind: HolderKind
    pronoun: bool
    confidence: float


class _Holder(NamedTuple):
    """An answer with the entity behind it; None where there is none (several joined, an author)."""

    entity: Entity | None
    resolved: Resolved


class People:
    """The people, bodies, groups and documents of one text, and who is meant by which words.

    ``names`` are what a tagger found, in any order; more are found by their capitals. ``author`` is who says "I"
    outside quotations; without it, who signs the text at its end. ``title`` is a headline that is not part of the text.
    ``context`` is the People of the article that the text comments on, whose names the text may use. ``trace`` keeps
    the decisions for training.

    Time and memory grow linearly with the text.
    """

    def __init__(
        self,
        text: str,
        names: Sequence[NamedMention] = (),
        *,
        author: str | None = None,
        title: str | None = None,
        context: People | None = None,
        ranker: Ranker | None = None,
        trace: bool = False,
    ) -> None:
        self._ranker = ranker or shipped()
        known = list(context.entities()) if context else []
        if title and title not in text:
            hints = frozenset(w.lower() for w in _CAPITAL.findall(text))
            known += Ground.read(title, (), known, hints=hints).register.entities()
        # Copies: what this text says of them is nothing to the other.
        known = [replace(e, roles=dict(e.roles), count=0, heading=False) for e in known if e.named]
        self.ground = Ground.read(text, names, known)
        self.author = author
        if author is None and (signed := signer(self.ground)):
            self.author = signed.name
        self._reader = PhraseReader(self.ground)
        self._trace = trace
        self._sweep: Sweep | None = None
        self._voices: Voices[_Holder] = Voices(self.ground.layout)

    def entities(self) -> list[Entity]:
        """Everybody and everything the text names, in the order of the first mention."""
        return self.ground.register.entities()

    @property
    def decisions(self) -> list[Decision]:
        """The choices that the last ``resolve_all`` made, with ``trace``."""
        return (self._sweep.decisions if self._sweep else None) or []

    def resolve_all(self, asks: Sequence[Ask]) -> list[Resolved | None]:
        """The holder of each attribution, in their order; None where nobody is named and none is plain.

        All attributions of a text belong into one call: who spoke before helps to tell who "he" is. Sources that name
        somebody are answered first, then those that need to know who speaks around them ("I"), the widest first.
        """
        phrases = [self.phrase(ask.source) for ask in asks]
        heads = {part.at for phrase in phrases for part in phrase.parts or (phrase,) if part.at >= 0}
        self._run(heads)
        self._voices = Voices(self.ground.layout)
        later = {n for n, phrase in enumerate(phrases) if self._needs_speaker(phrase)}
        order = [n for n in range(len(asks)) if n not in later]
        order += sorted(later, key=lambda n: -length(asks[n].content))
        answers: list[Resolved | None] = [None] * len(asks)
        for n in order:
            answers[n] = self._hold(asks[n], phrases[n])
        return answers

    def resolve(
        self,
        source_spans: Sequence[Range],
        *,
        content_span: Sequence[Range],
        cue: Sequence[Range] = (),
        quoted: bool = False,
    ) -> Resolved | None:
        """The holder of one attribution more, after ``resolve_all`` or on its own; None as there."""
        ask = Ask(tuple(source_spans), tuple(content_span), tuple(cue), quoted)
        phrase = self.phrase(ask.source)
        sweep = self._sweep or self._run(set())
        for part in phrase.parts or (phrase,):
            if part.kind == "noun" and part.at not in sweep.meant:
                sweep.noun(part.at, mention=False)
        return self._hold(ask, phrase)

    def speaker_of(self, position: int) -> Resolved | None:
        """The holder of the innermost content resolved so far that covers an offset; None outside all."""
        voice = self._voices.at(position)
        return voice.holder.resolved if voice else None

    def phrase(self, source: Sequence[Range]) -> Phrase:
        """How the ranges of a source read; words far from the first range are left out."""
        layout = self.ground.layout
        inside = range(0)
        for start, end in sorted(source):
            more = layout.within(start, end)
            if not len(inside):
                inside = more
            elif len(more) and more.start - inside.stop < 3:
                inside = range(inside.start, more.stop)
        return self._reader.read(inside.start, inside.stop)

    def _run(self, heads: set[int]) -> Sweep:
        self._sweep = Sweep(self.ground, self._ranker, heads, trace=self._trace)
        self._sweep.run()
        return self._sweep

    def _hold(self, ask: Ask, phrase: Phrase) -> Resolved | None:
        if phrase.kind == "empty" and (found := self._subject(ask)) is not None:
            phrase = found
        holder = self._answer(phrase, ask.cue or ask.content)
        if holder is None:
            return None
        self._voices.add(ask.content, holder)
        return holder.resolved

    def _subject(self, ask: Ask) -> Phrase | None:
        """The subject of the cue of an attribution without a source; None with a participle ("…, adding that")."""
        layout = self.ground.layout
        cue = layout.within(ask.cue[0][0], ask.cue[0][1]) if ask.cue else range(0)
        if not len(cue) or self._sweep is None:
            return None
        if ask.within is None and layout.lower[cue.start] in self.ground.words.participles:
            return None
        return subject(self._sweep, cue.start, cue.stop, layout.at(ask.within) if ask.within is not None else 0)

    def _needs_speaker(self, phrase: Phrase) -> bool:
        layout = self.ground.layout
        return phrase.kind == "empty" or any(
            p.kind in ("pronoun", "possessor")
            and p.entity is None
            and (layout.lower[p.at] not in PRONOUNS or layout.quoted[p.at])
            for p in phrase.parts or (phrase,)
        )

    def _answer(self, phrase: Phrase, place: Sequence[Range]) -> _Holder | None:
        if phrase.kind == "empty":
            return self._unexpressed(place)
        if phrase.kind == "joined":
            return self._joined(phrase, place)
        if phrase.entity is not None:
            return _made(phrase.entity, 0.97 if phrase.kind == "name" else 0.9, False)
        if phrase.kind in ("pronoun", "possessor"):
            return self._from_pronoun(phrase.at)
        return self._from_noun(phrase)

    def _joined(self, phrase: Phrase, place: Sequence[Range]) -> _Holder | None:
        """ "Doe and Roe", "Doe and her aides": each by name, what belongs to one of them as it is put."""
        assert self._sweep is not None
        parts: list[Resolved] = []
        for p in phrase.parts:
            if p.kind == "noun" and self.ground.layout.lower[p.first] in OWNERS:
                name = self._sweep.wording.shown(p.first, p.last, expand=False)
                parts.append(Resolved(name, "unnamed", False, 0.8))
            elif (found := self._answer(p, place)) is not None:
                parts.append(found.resolved)
        if not parts:
            return None
        names = " and ".join(dict.fromkeys(r.name for r in parts))
        kind: HolderKind = "person" if all(r.kind == "person" for r in parts) else "group"
        sure = min(r.confidence for r in parts)
        return _Holder(None, Resolved(names, kind, any(r.pronoun for r in parts), sure))

    def _from_noun(self, phrase: Phrase) -> _Holder:
        assert self._sweep is not None
        many = of_whom(self._sweep, phrase.first, phrase.last - 1)
        if many is not None:
            if many.entity is not None:
                return _made(many.entity, many.confidence, True)
            return _Holder(None, Resolved(many.name or "many", "group", True, many.confidence))
        wording = self._sweep.wording
        own = wording.of_whom(phrase.first, phrase.last)
        meant = self._sweep.meant.get(phrase.at)
        if meant is None:
            return _Holder(None, Resolved(own, "unnamed", False, 0.6))
        entity, sure = meant.entity, meant.confidence
        if meant.indirect or entity.named:
            fuller = not entity.named and len(own.split()) > len(entity.name.split())
            return _made(entity, sure, False, own) if fuller else _made(entity, sure, meant.indirect)
        noun = self._sweep.nouns[phrase.at]
        bare = not noun.modifiers and noun.determiner == "the" and phrase.last == phrase.at + 1
        if bare and len(entity.name) > len(own):
            own = entity.name
        elif len(entity.name.split()) < len(own.split()) < 10:
            entity.name = own  # "the report" further on is this one
        return _made(entity, sure, False, own)

    def _from_pronoun(self, at: int) -> _Holder:
        assert self._sweep is not None
        lower = self.ground.layout.lower[at]
        offset = self.ground.layout.starts[at]
        if lower in FIRST_PERSON:
            return self._first_person(at)
        if lower in SECOND_PERSON:
            return self._second_person(at)
        if lower in RELATIVE:
            back = antecedent(self._sweep, at)
            if back is None:
                return _Holder(None, Resolved(lower, "unnamed", True, 0.1))
            if back.entity is None:
                return _Holder(None, Resolved(back.name or lower, "group", True, back.confidence))
            return _made(back.entity, back.confidence, True, back.name)
        found = self._sweep.pronouns.get(at)
        if found is None:
            voice = self._voices.at(offset)
            found = self._sweep.third(at, voice.holder.entity if voice else None)
        if found is None:
            return _Holder(None, Resolved(lower, "unnamed", True, 0.1))
        return _made(found[0], found[1], True)

    def _first_person(self, at: int) -> _Holder:
        """Who says "I" or "we": whose content it stands in, whose turn it is in a transcript, else the author."""
        layout = self.ground.layout
        offset = layout.starts[at]
        voice = self._voices.at(offset) or (self._voices.nearest(offset) if layout.quoted[at] else None)
        if voice is not None:
            r = voice.holder.resolved
            return _Holder(voice.holder.entity, Resolved(r.name, r.kind, True, r.confidence * 0.9))
        labelled = self._turn(at)
        if labelled is not None:
            return _made(labelled, 0.9, True)
        author = self.author or WRITER
        if layout.lower[at] in _SINGULAR:
            return _Holder(None, Resolved(author, "person", True, 0.8 if self.author else 0.4))
        return _Holder(None, Resolved(f"{author} and readers", "group", True, 0.4))

    def _second_person(self, at: int) -> _Holder:
        """Who is spoken to: by the writer the reader, in a quotation whoever is called by name there."""
        if not self.ground.layout.quoted[at]:
            return _Holder(None, Resolved(READER, "unnamed", True, 0.4))
        found = called(self.ground, at)
        return _made(found, 0.6, True) if found else _Holder(None, Resolved("you", "unnamed", True, 0.3))

    def _turn(self, at: int) -> Entity | None:
        """Whose turn it is in a transcript: the name and colon ("DOE: …") that begin its paragraph or one before."""
        ground, layout = self.ground, self.ground.layout
        paragraph = layout.paragraph[at]
        for number in range(paragraph, max(-1, paragraph - _TURN), -1):
            i = layout.at(layout.paragraph_starts[number])
            while i < at and layout.lower[i] in ground.words.titles and ground.inside[i] < 0:
                i += 1
            entity = ground.entity(i) if i < len(layout) else None
            if entity is not None and entity.kind == "person":
                last = ground.names[ground.inside[i]].last
                if last < len(layout) and layout.gap(last) == ":":
                    return entity
        return None

    def _unexpressed(self, place: Sequence[Range]) -> _Holder | None:
        """Who holds what has no source: with a participle ("…, adding that") the last subject of its sentence.

        A quotation without any cue goes on in the voice of the last source, if that stands in its paragraph or the one
        before. Anything else, such as "was told", names nobody.
        """
        ground, layout = self.ground, self.ground.layout
        if not place or not len(layout):
            return None
        assert self._sweep is not None
        trail = self._sweep.trail
        at = min(layout.at(place[0][0]), len(layout) - 1)
        if layout.lower[at] in ground.words.participles:
            near = [m for m in trail.before(at, 12) if m.sentence == layout.sentence[at]]
            near = [m for m in near if m.entity.kind in ("person", "organization")]
            best = [m for m in near if m.source] or [m for m in near if m.role == "subject"]
            return _made(best[-1].entity, 0.5, True) if best else None
        found = (
            trail.last_source(at)
            if layout.quoted[at] and layout.text[place[0][0] : place[0][0] + 1] in _OPENING
            else None
        )
        return _made(found[0], 0.5, True) if found and found[1] < 2 else None


def _made(entity: Entity, sure: float, indirect: bool, name: str | None = None) -> _Holder:
    kind: HolderKind = "unnamed"
    if entity.kind == "group":
        kind = "person" if entity.members and all(m.kind == "person" for m in entity.members) else "group"
    elif entity.kind in ("organization", "place"):
        kind = "organization"
    elif entity.kind == "document":
        kind = "document"
    elif entity.kind == "person" and entity.named:
        kind = "person"
    return _Holder(entity, Resolved(name or entity.name, kind, indirect, round(sure, 4)))
