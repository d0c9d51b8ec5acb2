"""Who and what a text names: names that mean the same one brought together, with what is said of them in passing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from .layout import Layout
from .names import Name, NameType
from .vocabulary import Vocabulary

EntityKind = Literal["person", "organization", "place", "document", "group", "other"]


@dataclass(slots=True, eq=False)
class Entity:
    """One person, body, place, document or group of the text.

    ``name`` is the fullest name the text gives, or the description it begins with where ``named`` is false. ``roles``
    counts the lower-case words that titles and appositions give it ("texas", "senator"); ``words`` are those of its
    name. ``members`` are the persons of a pair ("Doe and Roe").
    """

    name: str
    kind: EntityKind
    named: bool = True
    gender: str | None = None
    plural: bool = False
    words: frozenset[str] = frozenset()
    head: str = ""
    roles: dict[str, int] = field(default_factory=dict)
    count: int = 0
    heading: bool = False
    members: tuple[Entity, ...] = ()


_ORDER: dict[NameType, int] = {"PERSON": 0, "ORGANIZATION": 1, "LOCATION": 2, "MISC": 3}
"""Which of two sorts a word is taken for that is as often taken for either: the first."""
_KINDS: dict[NameType, EntityKind] = {"PERSON": "person", "ORGANIZATION": "organization", "LOCATION": "place"}
_NAMESAKES = 30
"""How many of one surname or first word are told apart; more are not looked through, so that time stays linear."""


class Register:
    """The named entities of a text: ``of[k]`` is the entity of ``names[k]``."""

    def __init__(self, layout: Layout, names: list[Name], words: Vocabulary, *, context: Iterable[Entity] = ()) -> None:
        self.layout, self.words = layout, words
        self.names = names
        self.of: list[Entity | None] = [None] * len(names)
        self.by_surname: dict[str, list[Entity]] = {}
        self.by_first: dict[str, list[Entity]] = {}
        self.by_middle: dict[str, list[Entity]] = {}
        self.by_key: dict[str, Entity] = {}
        self.forms: dict[int, dict[str, int]] = {}
        for one in context:
            self._know(one)
        votes = Counter([(layout.lower[name.first], name.type) for name in names if name.last - name.first == 1])
        self._sorts: dict[str, NameType] = {}
        for word, type in votes:
            known = self._sorts.get(word)
            if known is None or (-votes[word, known], _ORDER[known]) > (-votes[word, type], _ORDER[type]):
                self._sorts[word] = type
        self._full_persons()
        self._bodies()
        self._rest()
        for number, name in enumerate(names):
            entity = self.of[number]
            if entity is not None:
                entity.count += 1
                entity.heading = entity.heading or layout.heading[name.first]
                for title in name.title:
                    entity.gender = entity.gender or words.titled.get(title)
        self._display()

    def entities(self) -> list[Entity]:
        """Every entity, once, in the order of its first name."""
        return list(dict.fromkeys(e for e in self.of if e is not None))

    def _know(self, entity: Entity) -> None:
        parts = entity.name.lower().split()
        if entity.kind == "person":
            if len(parts) > 1:
                self.by_first.setdefault(parts[0], []).append(entity)
            self.by_surname.setdefault(self._surname(parts), []).append(entity)
        elif entity.named:
            self.by_key.setdefault(" ".join(parts), entity)

    def _surname(self, parts: list[str]) -> str:
        return parts[-2] if len(parts) > 1 and parts[-1] in self.words.suffixes else parts[-1]

    def _note(self, number: int, entity: Entity) -> None:
        name, layout = self.names[number], self.layout
        self.of[number] = entity
        start, end = layout.starts[name.first], layout.ends[name.last - 1]
        if name.last - name.first == 1:
            shown = layout.words[name.first]
            stopped = "." in shown and layout.text[end : end + 1] == "."  # "U.S."
        else:
            shown = " ".join(layout.text[start:end].split())
            stopped = layout.lower[name.last - 1] in ("jr", "sr")  # "Doe Jr."
        if stopped:
            shown += "."
        forms = self.forms.get(id(entity))
        if forms is None:
            forms = self.forms[id(entity)] = {}
        forms[shown] = forms.get(shown, 0) + 1

    def _display(self) -> None:
        """Give each entity the fullest of its forms: most words, then not in capitals, then the most frequent."""
        for entity in self.entities():
            forms = self.forms[id(entity)]
            best = max(forms, key=partial(_fullness, forms)) if len(forms) > 1 else next(iter(forms))
            if len(best.split()) >= len(entity.name.split()) or not entity.name:
                entity.name = best
            entity.words = frozenset(" ".join((*forms, entity.name)).lower().split())

    def _full_persons(self) -> None:
        layout, words = self.layout, self.words
        known: dict[tuple[str, str], Entity] = {}
        for namesakes in self.by_surname.values():
            for one in namesakes:
                parts = one.name.lower().split()
                known[parts[0], " ".join(parts[-2:]) if parts[-1] in words.suffixes else parts[-1]] = one
        full = [k for k, n in enumerate(self.names) if n.type == "PERSON" and n.last - n.first > 1]
        tails: dict[tuple[str, ...], Entity] = {}
        for number in sorted(full, key=lambda k: self.names[k].first - self.names[k].last):
            name = self.names[number]
            parts = layout.lower[name.first : name.last]
            if parts[0] in words.particles and parts[0] not in words.gender:
                continue
            if len(parts) == 2 and parts[1] in words.suffixes:
                continue  # "Doe Jr." is no first name with a surname
            last = " ".join(parts[-2:]) if parts[-1] in words.suffixes else parts[-1]
            entity = known.get((parts[0], last)) or tails.get(tuple(parts))
            if entity is None:
                for other in self.by_surname.get(self._surname(parts), [])[:_NAMESAKES]:
                    theirs = other.name.lower().split()
                    if self._one_first_name(parts, theirs) and (parts[-1] in words.suffixes) == (
                        theirs[-1] in words.suffixes
                    ):
                        entity = other
                        break
            if entity is None:
                gender = words.gender.get(parts[0])
                if gender is None and len(parts) > 2 and len(parts[0]) == 1:
                    gender = words.gender.get(parts[1])
                entity = Entity(" ".join(layout.words[name.first : name.last]), "person", gender=gender)
                self._know(entity)
            known[parts[0], last] = entity
            for k in range(1, len(parts) - 1):
                tails.setdefault(tuple(parts[k:]), entity)  # "Kim Doe Roe" may be called "Doe Roe"
                if len(parts[k]) > 2:
                    self.by_middle.setdefault(parts[k], []).append(entity)
            self._note(number, entity)

    def _one_first_name(self, one: list[str], other: list[str]) -> bool:
        """Whether two full names with one surname can be the same person: Bill and William, H. R. and Harold."""
        a, b = one[0], other[0]
        long = self.words.nickname
        if a == b or b in long.get(a, ()) or a in long.get(b, ()):
            return True
        if (len(a) == 1 or len(b) == 1) and a[0] == b[0]:
            return True
        if len(a) > 4 and re.sub(r"(.)\1", r"\1", a) == re.sub(r"(.)\1", r"\1", b):  # a slip: Hilary, Hillary
            return True
        # "J. Randy Forbes" and "Randy Forbes".
        return (len(a) == 1 and len(one) > 2 and one[1] == b) or (len(b) == 1 and len(other) > 2 and other[1] == a)

    def _bodies(self) -> None:
        """Organisations, long names first, so that short forms and acronyms find them."""
        layout = self.layout
        bodies = [k for k, n in enumerate(self.names) if self.of[k] is None and self._sort(n) == "ORGANIZATION"]
        bodies.sort(key=lambda k: self.names[k].first - self.names[k].last)
        places = {layout.lower[n.first] for n in self.names if n.type == "LOCATION" and n.last == n.first + 1}
        self._index = index = _Bodies(self.words, places)
        for one in list(self.by_key.values()):
            index.add(one.name.split(), one)
        for number in bodies:
            name = self.names[number]
            written = layout.words[name.first : name.last]
            parts = layout.lower[name.first : name.last]
            if len(parts) == 1 and self._is_person(written[0]):
                continue
            if len(parts) == 2 and parts[0] in self.words.particles and parts[1] in self.by_surname:
                continue  # "Le Pen"
            key = " ".join(parts)
            entity = self.by_key.get(key) or index.find(written)
            if entity is None:
                entity = Entity(" ".join(written), "organization", words=frozenset(parts))
                index.add(written, entity)
                after = name.last
                if after < len(layout) and layout.gap(after) == "(" and layout.words[after].isupper():
                    index.initials.setdefault(layout.lower[after].replace(".", ""), entity)  # "National League (NL)"
            self.by_key.setdefault(key, entity)
            self._note(number, entity)

    def _is_person(self, word: str) -> bool:
        """Whether one word that was taken for a body is a person's name, or may be (capitals could be an acronym)."""
        lower, capitals = word.lower(), word.isupper()
        surname = lower in self.by_surname and (not capitals or len(lower) > 3)
        return surname or ((lower in self.by_first or lower in self.by_middle) and not capitals)

    def _sort(self, name: Name) -> NameType:
        """What a name names: for one word, what the text's mentions of it mostly are taken for."""
        return self._sorts[self.layout.lower[name.first]] if name.last - name.first == 1 else name.type

    def _rest(self) -> None:
        """Surnames and first names alone, then all other names by their words."""
        layout, words = self.layout, self.words
        recent: dict[str, Entity] = {}
        weight: Counter[int] = Counter(id(e) for e in self.of if e is not None)
        earliest: dict[int, int] = {}
        for number, known in enumerate(self.of):
            if known is not None:
                earliest.setdefault(id(known), number)
        for namesakes in self.by_surname.values():
            met = [e for e in namesakes if id(e) in earliest]
            if met:
                weight[id(min(met, key=lambda e: earliest[id(e)]))] += 1  # the one named first
        for number, name in enumerate(self.names):
            parts = layout.lower[name.first : name.last]
            entity = self.of[number]
            if entity is not None:
                if entity.kind == "person":
                    recent[self._surname(parts)] = entity
                continue
            surname = self._surname(parts)
            candidates = self.by_surname.get(surname, [])
            sort = self._sort(name)
            if (
                candidates
                and name.type != "PERSON"
                and (surname in words.places or (len(parts) > 1 and parts[0] not in words.particles))
            ):
                candidates = []
            if not candidates and len(parts) == 1 and surname not in words.places:
                candidates = self.by_first.get(surname) or self.by_middle.get(surname, [])
            if candidates:
                entity = self._choose(name, candidates, recent.get(surname), weight)
            else:
                kind = _KINDS.get(sort, "other")
                key = surname if kind == "person" else " ".join(parts)
                entity = self.by_key.get(key)
                if entity is None and len(parts) == 1 and kind in ("person", "other"):
                    entity = self._index.find(layout.words[name.first : name.last])  # "Fox", taken for a person
                if entity is None:
                    entity = Entity(" ".join(layout.words[name.first : name.last]), kind)
                    if kind == "person":
                        entity.gender = words.gender.get(parts[0])
                    self.by_key[key] = entity
            self._note(number, entity)

    def _choose(self, name: Name, candidates: list[Entity], recent: Entity | None, weight: Counter[int]) -> Entity:
        """The one of several people of a surname: by the title's gender, then by how often it is named in full."""
        if len(candidates) == 1:
            return candidates[0]
        gender = next((self.words.titled[t] for t in name.title if t in self.words.titled), None)
        candidates = candidates[:_NAMESAKES]
        junior = self.layout.lower[name.last - 1] in self.words.suffixes
        candidates = [
            e for e in candidates if (e.name.lower().rstrip(".").split()[-1] in self.words.suffixes) == junior
        ] or candidates
        fitting = [e for e in candidates if gender is None or e.gender in (None, gender)] or candidates
        if len(fitting) == 1:
            return fitting[0]
        return max(fitting, key=lambda e: weight[id(e)] + (0.5 if e is recent else 0))


def _fullness(forms: Mapping[str, int], form: str) -> tuple[int, bool, int, int]:
    return len(form.split()), not (form.isupper() and len(form) > 5), len(form), forms[form]


class _Bodies:
    """Bodies by their initials and by the words they begin and end with."""

    def __init__(self, words: Vocabulary, places: set[str]) -> None:
        self.words, self.places = words, places
        self.initials: dict[str, Entity] = {}
        self._ends: dict[str, list[Entity]] = {}
        self._begins: dict[str, list[Entity]] = {}
        self._stems: dict[str, list[Entity]] = {}

    def add(self, written: list[str], entity: Entity) -> None:
        """Note a body under its words as they are written."""
        if len(written) < 2:
            return
        self.initials.setdefault("".join(w[0] for w in written if w[0].isupper()).lower(), entity)
        self.initials.setdefault("".join(w[0] for w in written if w.lower() not in ("the", "and")).lower(), entity)
        if entity.kind != "organization":
            return
        first, last = written[0].lower(), written[-1].lower()
        for table, key in ((self._ends, last), (self._begins, first), (self._stems, first[:3])):
            found = table.setdefault(key, [])
            if len(found) < _NAMESAKES:
                found.append(entity)

    def find(self, written: list[str]) -> Entity | None:
        """The body that an acronym or a short form ("the Times", "the Fed") stands for, where only one can be meant."""
        parts = [w.lower() for w in written]
        if len(parts) == 1 and written[0].replace(".", "").isupper():
            found = self.initials.get(parts[0].replace(".", ""))
            if found is not None:
                return found
        if len(parts) > 3:
            return None
        longer = [e for e in self._ends.get(parts[-1], ()) if e.words.issuperset(parts)]
        if len(longer) == 1:
            return longer[0]
        whole = parts[0] in self.places or (len(parts) > 1 and parts[-1] in self.words.organization_words)
        longer = [] if whole else [e for e in self._begins.get(parts[0], ()) if e.words.issuperset(parts)]
        if len(longer) == 1:
            return longer[0]
        if len(parts) == 1 and 3 <= len(parts[0]) <= 5 and written[0][1:].islower():
            longer = [e for e in self._stems.get(parts[0][:3], ()) if e.name.lower().startswith(parts[0])]
            if len(longer) == 1:
                return longer[0]
        return None
