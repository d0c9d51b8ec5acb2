"""What was read is kept, searched, comes due, is resolved with evidence, and gives every holder a record.

``Ledger(url)`` is the whole of it. SQLite without any set-up; PostgreSQL by its URL.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sayso.ledger.corrections import Correction
    from sayso.ledger.editing import Edit
    from sayso.ledger.finding import Filter, Found
    from sayso.ledger.keeping import Kept
    from sayso.ledger.people import Event, Person
    from sayso.ledger.questions import Question
    from sayso.ledger.records import Record
    from sayso.ledger.resolutions import Resolution
    from sayso.ledger.store import Ledger

__all__ = [
    "Correction",
    "Edit",
    "Event",
    "Filter",
    "Found",
    "Kept",
    "Ledger",
    "Person",
    "Question",
    "Record",
    "Resolution",
]

_PLACES = {
    "Correction": "corrections",
    "Edit": "editing",
    "Event": "people",
    "Filter": "finding",
    "Found": "finding",
    "Kept": "keeping",
    "Ledger": "store",
    "Person": "people",
    "Question": "questions",
    "Record": "records",
    "Resolution": "resolutions",
}


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the command line lists its commands without waiting for the database library.
    if name in _PLACES:
        return getattr(importlib.import_module(f"sayso.ledger.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'sayso.ledger' has no attribute {name!r}")
