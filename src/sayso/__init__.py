"""Sayso reads political commentary and keeps the record: who said what, on whose word, and were they right?

>>> import sayso
>>> for claim in sayso.read("The bridge will open by June, the minister said."):
...     print(claim.holder.name, "|", claim.content.text)
the minister | The bridge will open by June
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Claim", "Ledger", "Post", "Reader", "Thread", "errors", "read"]

if TYPE_CHECKING:
    import os

    from sayso import errors
    from sayso.ledger import Ledger
    from sayso.posts import Claim, Post, Thread
    from sayso.reading.reader import Reader

_PLACES = {
    "Claim": "sayso.posts",
    "Ledger": "sayso.ledger",
    "Post": "sayso.posts",
    "Reader": "sayso.reading.reader",
    "Thread": "sayso.posts",
}
_reader: Any = None


def read(source: str | os.PathLike[str]) -> list[Claim]:
    """The claims of a text, a file or an address, read with a reader that is kept for the next call.

    ``source`` is an address (http or https), a path to a file or folder, or the text itself. Raises
    `sayso.errors.InputError` where it cannot be read.
    """
    global _reader
    if _reader is None:
        from sayso.reading.reader import Reader

        _reader = Reader()
    claims: list[Claim] = _reader.read(source)
    return claims


def __getattr__(name: str) -> Any:
    # Loaded when asked for, so that `import sayso` stays cheap.
    import importlib

    if name == "errors":
        return importlib.import_module("sayso.errors")
    if name in _PLACES:
        return getattr(importlib.import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'sayso' has no attribute {name!r}")
