"""Who holds a claim: names brought together, pronouns, epithets and short forms taken to the fullest name given."""

from .names import NamedMention
from .resolver import Ask, People, Resolved

__all__ = ["Ask", "NamedMention", "People", "Resolved"]
