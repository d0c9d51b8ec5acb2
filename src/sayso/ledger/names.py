"""Names: when the same name in two documents is one person.

Only when nothing speaks against it. What speaks against it:

- It is no name but a description ("a senior official", "the report", "commenter 2") or a pronoun ("nobody"): it stands
  for somebody else in each thread, and holds within its **thread**.
- It is how somebody signs comments: "Ada" on one site is not "Ada" on another, and it holds within its **site**.
- It is a surname alone that two known people bear: it holds within its thread.

Everything else holds everywhere, until a user splits it.
"""

from __future__ import annotations

import re
import unicodedata

from sayso.ledger.schema import mark
from sayso.ledger.words import folded as without_accents

EVERYWHERE = ""
_NUMBERED = re.compile(r"(?i)commenter(?: \d+)?")
_ARTICLES = frozenset(("a", "an", "the", "some", "many", "several", "both", "one", "two", "three", "unnamed", "other"))
_PRONOUNS = frozenset(
    """i you he she it we they me him her us them his who whom which that this these those one people nobody everybody
    everyone somebody someone anybody anyone others all most neither either none""".split()
)
_BODIES = frozenset(("US", "WHO", "IT"))
"""What is no pronoun in capitals."""
_SPACE = re.compile(r"\s+")


def fold(name: str) -> str:
    """The name as it is compared: without case, stray spaces and compatibility forms; accents count."""
    return mark(_folded(name))


def _folded(name: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip()


def last_word(name: str) -> str:
    """The last word of a name, folded, without accents: mostly the surname; empty for a name of one word."""
    parts = without_accents(_folded(name[-500:])).replace(".", " ").split()
    return mark(parts[-1]) if len(parts) > 1 else ""


def is_description(name: str) -> bool:
    """Whether these are words for somebody rather than a name: no capital beyond the first word's, or numbered."""
    parts = name.split()
    if not parts or _NUMBERED.fullmatch(name.strip()):
        return True
    if len(parts) == 1 and parts[0].casefold() in _PRONOUNS and parts[0] not in _BODIES:
        return True  # "Nobody", "She": with the capital of a sentence's first word
    if parts[0].casefold() in _ARTICLES and not any(_is_capital(part) for part in parts[1:]):
        return True
    cased = [part for part in parts if part.upper() != part.lower()]
    return bool(cased) and not any(_is_capital(part) for part in cased)


def _is_capital(word: str) -> bool:
    letters = [c for c in word if c.isalpha()]
    return bool(letters) and any(c.isupper() for c in letters)


def is_surname_alone(name: str) -> bool:
    """Whether a name is one word that is no abbreviation: NATO is one body, Smith may be many people."""
    parts = name.split()
    return len(parts) == 1 and not parts[0].isupper() and parts[0][:1].isupper()


def thread_scope(key: str) -> str:
    """The scope of a name that holds in one thread."""
    return f"thread:{mark(key)}"


def site_scope(site: str) -> str:
    """The scope of a name that holds on one site."""
    return f"site:{fold(site)}"
