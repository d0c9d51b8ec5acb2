"""Who holds a claim: from the words of its source to the fullest name that the document gives."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sayso.posts import Range

from .entities import Entity, Register
from .features import Candidate, Spot, agreement, description, itself, salience
from .layout import Layout
from .mentions import PRONOUNS, Mention, Noun, harvest_roles, noun_phrase, place
from .names import NamedMention, read_names
from .phrases import FIRST_PERSON, RELATIVE, SECOND_PERSON, Phrase, PhraseReader
from .ranking import Features, Ranker, shipped
from .vocabulary import vocabulary

HolderKind = Literal["person", "organization", "group", "document", "unnamed"]
_SIGHT = 40
"""How many mentions back a referent is looked for."""
_QUANTIFIERS = frozenset(("many", "some", "most", "several", "few", "both"))
_OWNERS = frozenset(("his", "her", "their", "its"))
_MOST = 8
"""How many candidates are weighed."""


@dataclass(frozen=True, slots=True)
class Ask:
    """An attribution whose holder is asked for; ranges in code points, ``source`` and ``cue`` empty where not expressed.

    ``quoted``: the content stands in quotation marks.
    """

    source: tuple[Range, ...]
    content: tuple[Range, ...]
    cue: tuple[Range, ...] = ()
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """A holder: the fullest name the document gives, or its description; ``confidence`` in 0..1.

    ``pronoun`` is set where the source was a pronoun or an epithet, so that the name comes from elsewhere in the text.
    """

    name: str
    kind: HolderKind
    pronoun: bool
    confidence: float


@dataclass(slots=True)
class Decision:
    """One choice made, kept for training: the place asked about and the features of each candidate."""

    at: int
    kind: str
    candidates: list[Entity | None]
    features: list[Features]
    chosen: int


@dataclass(slots=True)
class _Voice:
    """A stretch of content with whose it is."""

    spans: tuple[Range, ...]
    entity: Entity | None
    resolved: Resolved | None


class People:
    """The people, bodies, groups and documents of one text, and who is meant by which words.

    ``names`` are what a tagger found, in any order; more are found by their capitals. ``author`` is who says "I" outside
    quotations. ``title`` is a headline that is not part of the text. ``context`` is the People of the article that the
    text comments on, whose names the text may use.

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
    ) -> None:
        self.words = vocabulary()
        self.ranker = ranker or shipped()
        self.author = author
        self.layout = Layout(text)
        known: list[Entity] = list(context.register.entities()) if context else []
        if title and title not in text:
            known += People(title, author=author, context=context, ranker=self.ranker).register.entities()
        self.names = read_names(self.layout, names, self.words)
        self.inside = [-1] * len(self.layout)
        for number, name in enumerate(self.names):
            for i in range(name.first, name.last):
                self.inside[i] = number
        self.register = Register(self.layout, self.names, self.words, context=known)
        harvest_roles(self.layout, self.words, self.register, self.inside)
        self.reader = PhraseReader(self.layout, self.words, self.register, self.inside)
        self.decisions: list[Decision] | None = None
        self._background = known
        self._voices: list[_Voice] = []
        self._swept = False
        self._sources: dict[int, Ask] = {}
        self._reset()

    # What the sweep fills -----------------------------------------------------------------------------------------

    def _reset(self) -> None:
        self.history: list[Mention] = []
        self._at: list[int] = []
        self._nouns: dict[int, Noun] = {}
        self._noun_entity: dict[int, tuple[Entity, float, bool]] = {}
        self._pronoun_entity: dict[int, tuple[Entity, float]] = {}
        self._described: dict[object, Entity] = {}
        self._spoke: list[tuple[int, Entity]] = []
        named = [e for e in self.register.entities() if e.kind in ("person", "organization")]
        self._total = max(1, sum(e.count for e in named))
        self._leading = sorted((e for e in named if e.kind == "person"), key=lambda e: -e.count)[:3]
        self._by_role: dict[str, list[Entity]] = {}
        for entity in named + self._background:
            for role in entity.roles:
                for key in (role, *self.words.alike.get(role, ())):
                    people = self._by_role.setdefault(str(key), [])
                    if len(people) < 6 and entity not in people:
                        people.append(entity)

    def _sweep(self) -> None:
        """Walk the text once, in order: names, descriptions and pronouns become mentions of entities.

        1. A name is a mention of its entity; two names joined by "and" also of the pair.
        2. A description that opens with "a" or stands in the plural makes an entity of its own (the same words again
           mean it again); a definite one is weighed against what came before.
        3. A pronoun outside quotations is weighed likewise; inside, only where it is asked for.
        """
        layout, words = self.layout, self.words
        self._reset()
        self._swept = True
        i, total = 0, len(layout)
        forced = {a for a in self._sources}
        while i < total:
            number = self.inside[i]
            if number >= 0 and self.names[number].first == i:
                self._name(number)
                i = self.names[number].last
                last = i - 1
                if last in forced and (entity := self.register.of[number]) is not None and (
                    entity.kind == "other" or (entity.kind == "place" and layout.lower[last - 1] == "the")
                ):  # fmt: skip
                    many = layout.lower[last].endswith("s")
                    guess = ("group", True) if many else ("person", False) if layout.lower[last] in words.places else ("unknown", False)
                    self._noun(last, *(words.noun(layout.lower[last]) or guess))
                continue
            lower = layout.lower[i]
            if lower in PRONOUNS:
                if not layout.quoted[i]:
                    self._pronoun(i, i in forced)
            elif i in forced or layout.words[i].islower() or layout.heading[i] or layout.words[i].istitle():
                found = words.noun(lower)
                if i in forced and found is None:
                    found = ("unknown", lower.endswith("s") and not lower.endswith("ss"))
                if found is not None and (i in forced or self._is_head(i, found[0])):
                    self._noun(i, *found)
            i += 1

    def _is_head(self, i: int, kind: str) -> bool:
        layout, words = self.layout, self.words
        if i + 1 < len(layout) and layout.close(i + 1) and not layout.possessive[i]:
            if self.inside[i + 1] >= 0 or words.noun(layout.lower[i + 1]) is not None:
                return False
            after = layout.lower[i + 1]
            if kind != "group" and not (
                after in words.breaks or after in words.auxiliaries or after in words.prepositions or after in words.determiners
                or after.endswith(("ed", "s", "ing", "ly"))
            ):  # fmt: skip
                return False
        if kind == "document":
            before = layout.lower[i - 1] if layout.close(i) else ""
            return bool(before) and (before in words.determiners or self.inside[i - 1] >= 0 or layout.lower[i - 1] not in words.breaks)
        return True

    def _add(self, first: int, last: int, left: int, form: Literal["name", "noun", "pronoun"], entity: Entity, anchor: int) -> None:
        layout = self.layout
        subject, governed, owner = place(layout, self.words, first, last, left)
        if form == "pronoun" and layout.lower[first] in ("his", "their", "its") or (
            layout.lower[first] == "her" and last < len(layout) and layout.close(last) and layout.lower[last] not in self.words.breaks
            and layout.lower[last] not in self.words.determiners
        ):
            subject, governed, owner = False, False, True
        if form == "name" and not owner and last < len(layout) and layout.close(last) and self.inside[last] < 0 and self.words.noun(layout.lower[last]):
            subject, governed, owner = False, False, True
        self.history.append(
            Mention(first, last, form, entity, layout.sentence[first], layout.paragraph[first], subject, governed, owner,
                    layout.quoted[first], anchor in self._sources)
        )  # fmt: skip
        self._at.append(first)
        if anchor in self._sources:
            self._spoke.append((first, entity))

    def _name(self, number: int) -> None:
        name, entity = self.names[number], self.register.of[number]
        if entity is None or entity.kind == "other":
            return
        self._add(name.first, name.last, name.first - len(name.title), "name", entity, name.last - 1)
        self._pair(number)

    def _pair(self, number: int) -> None:
        """Persons joined by "and" up to this name make a pair."""
        layout = self.layout
        members: list[Entity] = []
        k = number
        while k >= 0 and len(members) < 5:
            entity, name = self.register.of[k], self.names[k]
            if entity is None or entity.kind != "person" or layout.possessive[name.last - 1]:
                break
            members.insert(0, entity)
            left = name.first - len(name.title)
            if left == 0 or k == 0 or layout.sentence[left] != layout.sentence[left - 1]:
                break
            before = self.names[k - 1].last
            joined = layout.lower[before:left]
            if joined == ["and"] and k == number or (not joined and layout.gap(left) == "," and k < number):
                k -= 1
                continue
            break
        if len(members) > 1 and len(set(map(id, members))) == len(members):
            self._group(members, self.names[k if k >= 0 else 0].first, self.names[number].last)

    def _group(self, members: list[Entity], first: int, last: int) -> Entity:
        key = tuple(id(m) for m in members)
        entity = self._described.get(key)
        if entity is None:
            entity = Entity(" and ".join(m.name for m in members), "group", plural=True, members=tuple(members))
            self._described[key] = entity
        self._add(first, last, first, "name", entity, -1)
        return entity

    # Descriptions -------------------------------------------------------------------------------------------------

    def _noun(self, head: int, kind: str, plural: bool) -> None:
        layout, words = self.layout, self.words
        noun = noun_phrase(layout, words, head, self.inside, kind, plural)
        self._nouns[head] = noun
        asked = head in self._sources
        if not asked:
            # An apposition or a title tells a role, not another person.
            before = noun.first - 1
            if before >= 0 and self.inside[before] >= 0 and layout.sentence[before] == layout.sentence[noun.first]:
                owner = self.register.of[self.inside[before]]
                if layout.gap(noun.first) == "," and owner is not None and owner.kind == "person" and kind != "group":
                    return
            if before >= 0 and layout.close(noun.first) and layout.lower[before] in ("is", "was", "as", "been", "be", "a", "an"):
                return
        entity, sure, indirect = self._referent(noun, asked)
        self._noun_entity[head] = (entity, sure, indirect)
        self._add(noun.first, noun.last, noun.first, "noun", entity, head)

    def _referent(self, noun: Noun, asked: bool) -> tuple[Entity, float, bool]:
        """Whom a description means: (entity, probability, whether it was met before under other words)."""
        layout = self.layout
        head = noun.last - 1
        head_word = layout.lower[head]
        owned = self._owned(noun)
        if owned is not None:
            return owned, 0.8, noun.determiner in ("his", "her", "their", "its")
        if asked and noun.plural and (alone := self._alone(noun)) is not None:
            return alone, 0.6, True
        key = self._key(noun)
        if noun.determiner in self.words.indefinite - {"both"} and not noun.plural:
            return self._described_as(noun, key), 0.85, False
        if noun.determiner in ("both", "two") or head_word in ("two", "both", "pair", "duo") or (noun.determiner in ("the", "these") and "two" in noun.modifiers):
            pair = self._two(noun)
            if pair is not None:
                return pair, 0.6, True
        if noun.plural and noun.determiner not in ("the", "these", "those", "their", "both"):
            return self._described_as(noun, key), 0.85, False
        if layout.quoted[head] and not asked:
            return self._described_as(noun, key), 0.5, False
        return self._weigh(noun, key)

    def _alone(self, noun: Noun) -> Entity | None:
        """A bare "many" or "advisers": many of the group spoken of before, advisers of the person."""
        layout = self.layout
        word = layout.lower[noun.last - 1]
        following = layout.lower[noun.last] if noun.last < len(layout) and layout.close(noun.last) else ""
        if noun.last - noun.first > 1 or following in ("of", "in", "to", "for") or layout.heading[noun.first]:
            return None
        for m in reversed(self.history[-12:]):
            if m.paragraph != layout.paragraph[noun.first]:
                break
            e = m.entity
            if word in _QUANTIFIERS and e.kind == "group" and not e.named and e.head not in _QUANTIFIERS and m.form == "noun":
                known = self._nouns[m.last - 1]
                plain = " ".join(layout.text[layout.starts[m.last - 1 - len(known.modifiers)] : layout.ends[m.last - 1]].split())
                return Entity(f"{word} {plain}", "group", named=False, plural=True, head=word)
            if word in self.words.relational and e.kind == "person" and e.named and not m.owner:
                return Entity(f"{e.name}'s {word}", "group", named=True, plural=True, head=word)
        return None

    def _weigh(self, noun: Noun, key: object) -> tuple[Entity, float, bool]:
        layout, words = self.layout, self.words
        head = noun.last - 1
        kind = "few" if noun.plural else noun.kind if noun.kind in ("person", "organization", "document") else "unknown"
        spot = self._spot(noun.first, head)
        gender = words.person_gender.get(layout.lower[head])
        wanted = {
            "person": ("person",), "organization": ("organization", "place"), "document": ("document",), "few": ("group",),
            "unknown": ("person", "organization", "document"),
        }[kind]  # fmt: skip
        barred = self._barred(noun)
        candidates = [c for c in self._candidates(noun.first, wanted, gender, noun=noun) if c.entity not in barred]
        options: list[Entity | None] = [None]
        known = False
        rows: list[Features] = []
        for c in candidates:
            fit = description(noun, layout, words, c.entity, kind=kind)
            known = known or f"{kind}:head role" in fit or f"{kind}:head same" in fit
            options.append(c.entity)
            rows.append(salience(kind, c, spot, len(candidates), c.entity.count / self._total) + fit + agreement(kind, gender, c.entity))
        extended = noun.last < len(layout) and layout.close(noun.last) and layout.lower[noun.last] in words.prepositions
        rows.insert(0, itself(noun, layout, words, kind=kind, extended=extended, role_known=known))
        best, sure = self.ranker.choose(rows)
        self._log(head, kind, options, rows, best)
        chosen = options[best]
        if chosen is None:
            return self._described_as(noun, key), sure, False
        return chosen, sure, True

    def _barred(self, noun: Noun) -> list[Entity]:
        """Whom a description cannot mean: its possessor, and who it is joined to ("Doe and the senator")."""
        layout = self.layout
        barred: list[Entity | None] = []
        if noun.determiner == "'s":
            barred += [self.register.of[self.inside[i]] for i in range(noun.first, noun.last - 1) if self.inside[i] >= 0]
        elif noun.determiner in ("his", "her") and (found := self._pronoun_entity.get(noun.first)):
            barred.append(found[0])
        if noun.first > 1 and layout.lower[noun.first - 1] in ("and", "or") and self.inside[noun.first - 2] >= 0:
            barred.append(self.register.of[self.inside[noun.first - 2]])
        return [e for e in barred if e is not None]

    def _key(self, noun: Noun) -> object:
        return (*noun.modifiers[-2:], self.layout.lower[noun.last - 1])

    def _described_as(self, noun: Noun, key: object) -> Entity:
        """The entity of a description, made at its first use; a later, longer description of it becomes its name."""
        layout = self.layout
        entity = self._described.get(key)
        if entity is None:
            head = layout.lower[noun.last - 1]
            kind = {"person": "person", "organization": "organization", "document": "document"}.get(noun.kind, "other")
            if noun.plural and noun.kind != "document":
                kind = "group"
            entity = Entity(
                self._description(noun), kind, named=False, plural=noun.plural, head=head,  # type: ignore[arg-type]
                gender=self.words.person_gender.get(head), words=frozenset((*noun.modifiers, head)),
            )  # fmt: skip
            self._described[key] = entity
        return entity

    def _description(self, noun: Noun) -> str:
        """The words of a description with what follows "of", "for", "from", "at" or "with", its article in lower case."""
        layout = self.layout
        last = at = noun.last
        words, total = self.words, len(layout)
        if noun.kind == "document" and at + 1 < total and layout.close(at) and layout.lower[at].endswith("ed") and layout.close(at + 1):
            at += 2 if layout.lower[at + 1] in ("out", "up") else 1  # "a poll conducted by", "an email sent out by"
        if at < total and layout.close(at) and layout.lower[at] in ("of", "for", "from", "at", "with", "in", "by"):
            at += 1
            while at < total and layout.close(at) and at - last < 8 and (
                self.inside[at] >= 0 or layout.lower[at] in words.determiners or words.adjective(layout.lower[at])
            ):  # fmt: skip
                at += 1
                name = self.inside[at - 1]
                if name >= 0 and (at >= total or self.inside[at] != name):
                    last = at
                    break
        return self._shown(noun.first, last)

    def _shown(self, first: int, last: int, *, expand: bool = True) -> str:
        layout = self.layout
        start, stop = layout.starts[first], layout.ends[last - 1]
        text = layout.text[start:stop]
        if text.count("(") > text.count(")"):
            stop = layout.text.find(")", stop, stop + 3) + 1 or stop
        elif layout.text[stop : stop + 1] == "%":
            stop += 1
        if expand:
            text = self._expanded(first, last, stop)
        else:
            text = layout.text[start:stop]
        text = " ".join(text.split())
        word = layout.lower[first]
        if word in self.words.determiners or word in self.words.prepositions:
            text = text[0].lower() + text[1:]
        if expand and word in _OWNERS and (found := self._pronoun_entity.get(first)):
            name = found[0].name
            text = name + "'s" + text[len(word) :]
        return text

    def _expanded(self, first: int, last: int, stop: int) -> str:
        """The words of a description with surnames and acronyms in it spelt out as the text does elsewhere."""
        layout = self.layout
        out: list[str] = []
        at = layout.starts[first]
        for i in range(first, last):
            number = self.inside[i]
            if number < 0 or self.names[number].last - self.names[number].first > 1:
                continue
            entity = self.register.of[number]
            if entity is None or not (entity.kind == "person" or (entity.kind == "organization" and layout.words[i].isupper())):
                continue
            if " " in entity.name and entity.name != layout.words[i]:
                out += [layout.text[at : layout.starts[i]], entity.name]
                at = layout.ends[i]
        return "".join((*out, layout.text[at:stop]))

    def _owned(self, noun: Noun) -> Entity | None:
        """The campaign, team or staff of a person: one entity under "Doe's campaign", "her campaign", "the Doe camp"."""
        layout = self.layout
        head = layout.lower[noun.last - 1]
        if head not in ("campaign", "camp", "team", "administration", "organization", "campaigns"):
            return None
        owner: Entity | None = None
        if noun.determiner in ("his", "her"):
            found = self._pronoun_entity.get(noun.first)
            owner = found[0] if found else None
        else:
            for i in range(noun.last - 2, noun.first - 1, -1):
                if self.inside[i] >= 0 and (e := self.register.of[self.inside[i]]) is not None and e.kind == "person":
                    owner = e
                    break
        if owner is None:
            return None
        head = "campaign" if head == "campaigns" else head
        key = ("owned", id(owner), head)
        entity = self._described.get(key)
        if entity is None:
            text = f"the {owner.name} {head}"
            entity = Entity(text, "organization", head=head, words=frozenset(text.lower().split()), members=(owner,))
            self._described[key] = entity
        return entity

    def _two(self, noun: Noun) -> Entity | None:
        """"Both campaigns", "the two senators": the last two of that sort."""
        layout, words = self.layout, self.words
        head = layout.lower[noun.last - 1]
        if any(at < len(layout) and layout.lower[at] == "of" for at in (noun.first + 1, noun.last)):
            return None
        found: list[Entity] = []
        for k in range(len(self.history) - 1, max(-1, len(self.history) - 1 - _SIGHT), -1):
            e = self.history[k].entity
            if e in found:
                continue
            if head == "campaigns":
                fits = e.kind == "organization" and e.head in ("campaign", "camp", "team")
            elif head in ("women", "men"):
                fits = e.kind == "person" and e.named and e.gender == ("f" if head == "women" else "m")
            else:
                fits = e.kind == "person" and e.named and any(words.same(head.rstrip("s"), role) for role in e.roles)
            if fits:
                found.append(e)
        if len(found) < 2 and head in ("candidates", "contenders", "rivals", "two", "both", "pair", "duo", "leaders", "sides", "politicians"):
            near: dict[int, tuple[int, Entity]] = {}
            for m in self.history[-_SIGHT:]:
                if m.entity.kind == "person" and m.entity.named:
                    near[id(m.entity)] = near.get(id(m.entity), (0, m.entity))[0] + 1, m.entity
            found = [e for _, e in sorted(near.values(), key=lambda n: -n[0])[:2]]
        if len(found) < 2:
            return None
        one, other = sorted(found, key=lambda e: -e.count)[:2]
        if head == "campaigns":
            owners = [e.members[0].name.split()[-1] for e in (one, other) if e.members]
            if len(owners) == 2:
                return Entity(f"the {owners[0]} and {owners[1]} campaigns", "group", plural=True, head=head)
            return None
        return Entity(f"{one.name} and {other.name}", "group", plural=True, members=(one, other))

    # Pronouns -----------------------------------------------------------------------------------------------------

    def _pronoun(self, i: int, asked: bool) -> None:
        found = self._third(i, asked, None)
        if found is None:
            return
        self._pronoun_entity[i] = found
        entity = found[0]
        wanted = PRONOUNS[self.layout.lower[i]]
        if entity.gender is None and entity.kind == "person" and wanted in "mf" and found[1] > 0.6:
            entity.gender = wanted
        self._add(i, i + 1, i, "pronoun", entity, i)

    def _third(self, i: int, asked: bool, speaker: Entity | None) -> tuple[Entity, float] | None:
        """Whom a third-person pronoun means, with the probability; None where nothing before (or close after) fits."""
        wanted = PRONOUNS[self.layout.lower[i]]
        kind = {"m": "he", "f": "he", "p": "they", "n": "it"}[wanted]
        sorts = {"he": ("person",), "they": ("group", "organization", "person"), "it": ("organization", "place", "document")}[kind]
        gender = wanted if kind == "he" else None
        spot = self._spot(i, i, speaker)
        candidates = self._candidates(i, sorts, gender)
        if not candidates:
            return None
        rows = [
            salience(kind, c, spot, len(candidates), c.entity.count / self._total) + agreement(kind, gender, c.entity) for c in candidates
        ]
        best, sure = self.ranker.choose(rows)
        self._log(i, kind, [c.entity for c in candidates], rows, best)
        return candidates[best].entity, sure

    def _spot(self, first: int, anchor: int, speaker: Entity | None = None) -> Spot:
        layout = self.layout
        sentence = layout.sentence[first]
        opening = first - layout.sentence_first[sentence] < 2
        return Spot(first, sentence, layout.paragraph[first], opening, False, anchor in self._sources, layout.quoted[first], first > 0 and layout.quoted[first - 1] and not layout.quoted[first], speaker, self._last_source(first))

    def _last_source(self, at: int) -> tuple[Entity, int] | None:
        """The last source before a word, and how many paragraphs back it stands."""
        k = bisect_left(self._spoke, at, key=lambda s: s[0])
        if not k:
            return None
        where, entity = self._spoke[k - 1]
        return entity, self.layout.paragraph[at] - self.layout.paragraph[where]

    def _candidates(self, at: int, sorts: Sequence[str], gender: str | None, *, noun: Noun | None = None) -> list[Candidate]:
        """The entities of some sorts mentioned before word ``at``, the latest first, at most ``_MOST``."""
        layout = self.layout
        found: dict[int, Candidate] = {}
        end = bisect_left(self._at, at)
        sentence = layout.sentence[at]
        for k in range(end - 1, max(-1, end - 1 - _SIGHT), -1):
            m = self.history[k]
            e = m.entity
            if e.kind not in sorts or (gender and e.gender not in (None, gender)):
                continue
            if noun is not None and m.first == noun.first:
                continue
            if m.quoted and m.form == "noun" and not layout.quoted[at]:
                continue
            c = found.get(id(e))
            if c is None:
                if len(found) >= _MOST:
                    continue
                c = found[id(e)] = Candidate(e, m, len(found))
            apart = sentence - m.sentence
            if m.subject and c.subject == 99:
                c.subject = apart
            if m.source and c.source == 99:
                c.source = apart
            if apart < 3:
                c.near += 1
        more: list[Entity] = []
        if noun is not None:
            head = layout.lower[noun.last - 1]
            for key in (head, *self.words.alike.get(head, ())):
                more += self._by_role.get(str(key), ())
            if "person" in sorts:
                more += self._leading
            for e in self._described.values():
                if len(more) > 12:
                    break
                if e.head == head or (e.head and self.words.same(e.head, head)):
                    more.append(e)
        elif gender and not found:
            more = self._leading
        for e in more:
            if id(e) not in found and e.kind in sorts and (not gender or e.gender in (None, gender)):
                found[id(e)] = Candidate(e, None, len(found))
        return list(found.values())

    def _log(self, at: int, kind: str, options: list[Entity | None], rows: list[Features], best: int) -> None:
        if self.decisions is not None:
            self.decisions.append(Decision(at, kind, options, rows, best))

    # Answers ------------------------------------------------------------------------------------------------------

    def resolve_all(self, asks: Sequence[Ask]) -> list[Resolved | None]:
        """The holder of each attribution, in their order; None where nobody is named and none is plain.

        All attributions of a text belong into one call: who spoke before helps to tell who "he" is.
        """
        phrases = [self._phrase(a.source) for a in asks]
        self._sources = {}
        for ask, phrase in zip(asks, phrases, strict=True):
            for part in phrase.parts or (phrase,):
                if part.at >= 0:
                    self._sources.setdefault(part.at, ask)
        self._sweep()
        self._voices = []
        answers: list[Resolved | None] = [None] * len(asks)
        later: list[int] = []
        for number, (ask, phrase) in enumerate(zip(asks, phrases, strict=True)):
            if self._needs_speaker(phrase):
                later.append(number)
                continue
            entity, answers[number] = self._answer(phrase)
            if answers[number] is not None:
                self._voices.append(_Voice(ask.content, entity, answers[number]))
        for number in sorted(later, key=lambda n: -_length(asks[n].content)):
            entity, answers[number] = self._answer(phrases[number], position=asks[number].cue or asks[number].content)
            if answers[number] is not None:
                self._voices.append(_Voice(asks[number].content, entity, answers[number]))
        return answers

    def resolve(
        self, source_spans: Sequence[Range], *, content_span: Sequence[Range], cue: Sequence[Range] = (), quoted: bool = False
    ) -> Resolved | None:
        """The holder of one attribution, after ``resolve_all`` or on its own; None where nobody is named and none is plain."""
        ask = Ask(tuple(source_spans), tuple(content_span), tuple(cue), quoted)
        phrase = self._phrase(ask.source)
        missing = [p.at for p in phrase.parts or (phrase,) if p.kind == "noun" and p.at not in self._noun_entity]
        if not self._swept or missing:
            for at in missing:
                self._sources.setdefault(at, ask)
            self._sweep()
        entity, answer = self._answer(phrase, position=ask.cue or ask.content)
        if answer is not None:
            self._voices.append(_Voice(ask.content, entity, answer))
        return answer

    def speaker_of(self, position: int) -> Resolved | None:
        """The holder of the innermost content resolved so far that covers an offset; None outside all."""
        voice = self._voice(position)
        return voice.resolved if voice else None

    def _voice(self, position: int, besides: tuple[Range, ...] | None = None) -> _Voice | None:
        best: _Voice | None = None
        for voice in self._voices:
            if voice.spans != besides and any(s <= position < e for s, e in voice.spans):
                if best is None or _length(voice.spans) < _length(best.spans):
                    best = voice
        return best

    def _phrase(self, source: Sequence[Range]) -> Phrase:
        if not source:
            return Phrase("empty")
        spans = sorted(source)
        inside = self.layout.within(spans[0][0], spans[0][1])
        for start, end in spans[1:]:
            more = self.layout.within(start, end)
            if len(more) and len(inside) and more.start - inside.stop < 3:
                inside = range(inside.start, more.stop)
            elif not len(inside):
                inside = more
        return self.reader.read(inside.start, inside.stop)

    def _needs_speaker(self, phrase: Phrase) -> bool:
        if phrase.kind == "empty":
            return True
        parts = phrase.parts or (phrase,)
        return any(
            p.kind in ("pronoun", "possessor") and p.entity is None
            and (self.layout.lower[p.at] not in PRONOUNS or self.layout.quoted[p.at])
            for p in parts
        )  # fmt: skip

    def _answer(self, phrase: Phrase, position: Sequence[Range] = ()) -> tuple[Entity | None, Resolved | None]:
        layout = self.layout
        if phrase.kind == "empty":
            return self._unexpressed(position)
        if phrase.kind == "joined":
            answers = [
                (None, Resolved(self._shown(p.first, p.last, expand=False), "unnamed", False, 0.8))
                if p.kind == "noun" and layout.lower[p.first] in _OWNERS else self._answer(p, position)
                for p in phrase.parts
            ]  # fmt: skip
            names = list(dict.fromkeys(r.name for _, r in answers if r))
            if not names:
                return None, None
            people = all(r and r.kind == "person" for _, r in answers)
            sure = min(r.confidence for _, r in answers if r)
            indirect = any(r.pronoun for _, r in answers if r)
            return None, Resolved(" and ".join(names), "person" if people else "group", indirect, sure)
        if phrase.kind == "name" and phrase.entity is not None:
            return phrase.entity, self._made(phrase.entity, 0.97, False)
        if phrase.kind == "possessor" and phrase.entity is not None:
            return phrase.entity, self._made(phrase.entity, 0.9, False)
        if phrase.kind in ("pronoun", "possessor"):
            return self._from_pronoun(phrase.at)
        found = self._noun_entity.get(phrase.at)
        if found is not None:
            entity, sure, indirect = found
            if indirect or entity.named:
                own = self._trimmed(phrase)
                if not entity.named and len(own.split()) > len(entity.name.split()):
                    return entity, self._made(entity, sure, False, own)
                return entity, self._made(entity, sure, indirect)
            own = self._trimmed(phrase)
            noun = self._nouns[phrase.at]
            if not noun.modifiers and noun.determiner == "the" and phrase.last == phrase.at + 1 and len(entity.name) > len(own):
                own = entity.name
            elif len(entity.name.split()) < len(own.split()) < 10:
                entity.name = own
            return entity, self._made(entity, sure, False, own)
        return None, Resolved(self._trimmed(phrase), "unnamed", False, 0.6)

    def _trimmed(self, phrase: Phrase) -> str:
        return self._shown(phrase.first, phrase.last)

    def _from_pronoun(self, at: int) -> tuple[Entity | None, Resolved | None]:
        layout = self.layout
        lower = layout.lower[at]
        offset = layout.starts[at]
        if lower in FIRST_PERSON:
            voice = self._voice(offset) or (self._nearest_voice(at) if layout.quoted[at] else None)
            if voice is not None and voice.resolved is not None:
                r = voice.resolved
                return voice.entity, Resolved(r.name, r.kind, True, r.confidence * 0.9)
            labelled = self._labelled(at)
            if labelled is not None:
                return labelled, self._made(labelled, 0.9, True)
            if self.author:
                return None, Resolved(self.author, "person", True, 0.8)
            return None, Resolved("the author" if lower in ("i", "me", "my", "mine", "myself") else "we", "unnamed", True, 0.4)
        if lower in SECOND_PERSON:
            return None, Resolved(lower, "unnamed", True, 0.3)
        if lower in RELATIVE:
            return self._antecedent(at)
        found = self._pronoun_entity.get(at)
        if found is None:
            voice = self._voice(offset)
            found = self._third(at, True, voice.entity if voice else None)
        if found is None:
            return None, Resolved(lower, "unnamed", True, 0.1)
        return found[0], self._made(found[0], found[1], True)

    def _labelled(self, at: int) -> Entity | None:
        """Whose turn it is in a transcript: the name and colon ("DOE: …") that the paragraph, or one before, begins with."""
        layout = self.layout
        paragraph = layout.paragraph[at]
        for number in range(paragraph, max(-1, paragraph - 6), -1):
            i = layout.at(layout.paragraph_starts[number])
            while i < at and layout.lower[i] in self.words.titles and self.inside[i] < 0:
                i += 1
            name = self.inside[i] if i < len(layout) else -1
            if name >= 0:
                entity, last = self.register.of[name], self.names[name].last
                if entity is not None and entity.kind == "person" and last < len(layout) and layout.gap(last) == ":":
                    return entity
        return None

    def _nearest_voice(self, at: int) -> _Voice | None:
        """The holder of the nearest content in the same paragraph: whose the quotation around a word must be."""
        paragraph = self.layout.paragraph[at]
        best: tuple[int, _Voice] | None = None
        for voice in self._voices:
            start = voice.spans[0][0]
            if self.layout.paragraph_at(start) == paragraph:
                apart = abs(start - self.layout.starts[at])
                if best is None or apart < best[0]:
                    best = (apart, voice)
        return best[1] if best else None

    def _antecedent(self, at: int) -> tuple[Entity | None, Resolved | None]:
        """What "who" or "which" goes back to: a name just before, or the head of the phrase just before."""
        layout = self.layout
        sentence = layout.sentence[at]
        thing = layout.lower[at] in ("which", "that")
        after = layout.lower[at + 1] if at + 1 < len(layout) else ""
        many = after in ("have", "are", "were", "do", "don't", "say", "think", "want", "believe", "see", "remember", "claim", "support")
        passed: tuple[Entity, float] | None = None
        for i in range(at - 1, max(-1, at - 16), -1):
            if layout.sentence[i] != sentence:
                break
            number = self.inside[i]
            if number >= 0 and self.names[number].last - 1 == i:
                e = self.register.of[number]
                left = self.names[number].first - len(self.names[number].title)
                if e is not None and e.kind in (("organization", "place", "other") if thing else ("person",)):
                    # "a spokesman for Doe, who"
                    governed = (
                        left > 1 and layout.close(left) and layout.lower[left - 1] in ("of", "for", "from", "at", "in", "with")
                        and (self.words.noun(layout.lower[left - 2]) or ("", False))[0] in ("person", "group")
                    )  # fmt: skip
                    if many and not thing:
                        continue
                    if not governed or thing:
                        return e, self._made(e, 0.85, True)
                    passed = passed or (e, 0.5)
            elif i in self._noun_entity:
                e, sure, _ = self._noun_entity[i]
                if thing or e.kind in ("person", "group"):
                    noun = self._nouns[i]
                    own = self._shown(noun.first, noun.last)
                    return e, self._made(e, sure * 0.8, True, own if not e.named and len(own) > len(e.name) else None)
        if passed is not None:
            return passed[0], self._made(passed[0], passed[1], True)
        return None, Resolved(layout.lower[at], "unnamed", True, 0.1)

    def _unexpressed(self, position: Sequence[Range]) -> tuple[Entity | None, Resolved | None]:
        """A source that is not expressed: with a participle for a cue ("…, adding that") the last subject of its sentence."""
        if not position or not len(self.layout):
            return None, None
        layout = self.layout
        at = min(layout.at(position[0][0]), len(layout) - 1)
        if layout.lower[at] not in self.words.participles:
            return None, None
        k = bisect_left(self._at, at)
        before = [m for m in self.history[max(0, k - 12) : k] if m.sentence == layout.sentence[at] and m.entity.kind in ("person", "organization")]
        for fits in (lambda m: m.source, lambda m: m.subject):
            for m in reversed(before):
                if fits(m):
                    return m.entity, self._made(m.entity, 0.5, True)
        return None, None

    def _made(self, entity: Entity, sure: float, indirect: bool, name: str | None = None) -> Resolved:
        kind: HolderKind
        if entity.members and entity.kind == "group":
            kind = "person" if all(m.kind == "person" for m in entity.members) else "group"
        elif entity.kind == "person":
            kind = "person" if entity.named else "unnamed"
        elif entity.kind in ("organization", "place"):
            kind = "organization"
        elif entity.kind in ("document", "group"):
            kind = "document" if entity.kind == "document" else "group"
        else:
            kind = "unnamed"
        return Resolved(name or entity.name, kind, indirect, round(sure, 4))


def _length(spans: Iterable[Range]) -> int:
    return sum(end - start for start, end in spans)
