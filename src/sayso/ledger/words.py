"""What is searched for: the same words on both engines, made here and not by the database.

Letters are folded (case, accents, compatibility forms) and English endings taken off, so that *concession* finds
*Concessions*; for other languages the rule is the same for text and query and so does no harm. Operators in a query
are ours alone: ``word word`` all of them, ``"a phrase"``, ``-without``, ``begin*``, ``this OR that``. Whatever else a
query holds is text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MOST_WORDS = 10_000
"""Words of one text that are searched; a text of ten megabytes is stored whole and found by its beginning."""
LONGEST = 60

_TOKEN = re.compile(r"[^\W_]+")
_TERM = re.compile(r'(-?)"([^"]*)"?|(\S+)')


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word[:LONGEST]))


def folded(text: str) -> str:
    """The text without case, accents and compatibility forms."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    """The words of a text as they are searched, in order."""
    return [_stem(word) for word in _TOKEN.findall(folded(text[: MOST_WORDS * 40]))[:MOST_WORDS]]


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand together; ``start`` means that the last may go on, ``without`` that none may be there."""

    words: tuple[str, ...]
    start: bool = False
    without: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Terms of which all must be met; each is a list of which one is enough."""

    clauses: tuple[tuple[Term, ...], ...]

    @property
    def wanted(self) -> list[tuple[Term, ...]]:
        return [clause for clause in self.clauses if not clause[0].without]

    @property
    def unwanted(self) -> list[Term]:
        return [term for clause in self.clauses for term in clause if term.without]

    def for_sqlite(self) -> str | None:
        """The query in FTS5's language; None where nothing is asked for. Words are letters and digits alone."""
        if not self.wanted:
            return None
        wanted = " AND ".join(f"({' OR '.join(map(_fts, clause))})" for clause in self.wanted)
        return f"({wanted})" + "".join(f" NOT {_fts(term)}" for term in self.unwanted)

    def for_postgres(self) -> str | None:
        """The query as a tsquery; None where nothing is asked for."""
        if not self.wanted:
            return None
        wanted = " & ".join(f"({' | '.join(map(_tsquery, clause))})" for clause in self.wanted)
        return wanted + "".join(f" & !({_tsquery(term)})" for term in self.unwanted)


def _fts(term: Term) -> str:
    return '"' + " ".join(term.words) + '"' + (" *" if term.start else "")


def _tsquery(term: Term) -> str:
    quoted = [f"'{word}'" for word in term.words]
    return "(" + " <-> ".join(quoted) + (":*" if term.start else "") + ")"


def parse(text: str) -> Query:
    """The query that a user typed; never an error, whatever the text."""
    clauses: list[tuple[Term, ...]] = []
    alternative = False
    for minus, phrase, word in _TERM.findall(text[:2_000]):
        if word == "OR" and clauses:
            alternative = True
            continue
        without = bool(minus) or (word.startswith("-") and len(word) > 1)
        start = word.endswith("*")
        plain = folded(phrase or word)
        found = _TOKEN.findall(plain)
        if not found:
            continue
        # What only begins a word must not lose an ending: "nation*" is no "nat".
        stems = [_stem(token) for token in found]
        if start:
            stems[-1] = found[-1][:LONGEST]
        term = Term(tuple(stems), start, without)
        if alternative and not without and clauses and not clauses[-1][0].without:
            clauses[-1] = (*clauses[-1], term)
        else:
            clauses.append((term,))
        alternative = False
    return Query(tuple(clauses))


def tsvector(words: Iterable[str]) -> str:
    """The words as a literal of PostgreSQL's tsvector, with their places."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words, 1):
        at = places.setdefault(word, [])
        if len(at) < 255:  # as many as the type holds
            at.append(place)
    return " ".join(f"'{word}':{','.join(map(str, at))}" for word, at in places.items())
