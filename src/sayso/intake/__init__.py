"""Where text comes from: files, folders, pages, JSON Lines and addresses become threads.

``read_inputs`` is what a command needs: it takes what a user names and yields threads, and errors in their places.
``thread_from_text``, ``thread_from_html`` and ``thread_from_document`` take what a program has in hand already.
"""

from __future__ import annotations

from sayso.intake.html import thread_from_html
from sayso.intake.inputs import open_input, read_answer, read_inputs
from sayso.intake.jsonl import thread_from_document
from sayso.intake.options import Overrides
from sayso.intake.plain import thread_from_text

__all__ = [
    "Overrides",
    "open_input",
    "read_answer",
    "read_inputs",
    "thread_from_document",
    "thread_from_html",
    "thread_from_text",
]
