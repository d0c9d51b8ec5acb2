"""A search for claims: from the fields of an address to a filter of the ledger, and back."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query

from sayso.errors import InputError
from sayso.ledger import Filter
from sayso.ledger.resolutions import parse_day
from sayso.posts import KINDS
from sayso.web.pages.words import address

STATES = ("open", "due", "resolved")
Field = Annotated[str, Query(max_length=500)]


@dataclass(slots=True)
class Search:
    """The fields of a search as they stand in its address, and the filter that they make.

    ``problem`` says what no filter can be made of.
    """

    query: dict[str, Any]
    which: Filter
    problem: InputError | None = None

    @property
    def asked(self) -> bool:
        """Whether anything is asked for."""
        return any(self.query.values())

    def address(self, path: str = "/claims", **changes: Any) -> str:
        """The address of this search, some of its fields changed."""
        return address(path, self.query, **changes)

    def without(self, name: str, value: str) -> str:
        """The address without one value of a field."""
        there = self.query[name]
        left: Any = [each for each in there if each != value] if isinstance(there, list) else None
        return address("/claims", {**self.query, name: left})

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """(field, value) of all that is asked for but the words."""
        made = []
        for name, value in self.query.items():
            if name != "text":
                made += [(name, each) for each in (value if isinstance(value, list) else [value]) if each]
        return made


def search(
    text: Field = "",
    holder: Field = "",
    via: Field = "",
    kind: Annotated[list[str] | None, Query()] = None,
    site: Field = "",
    state: Field = "",
    since: Field = "",
    until: Field = "",
    due_before: Field = "",
    question: Field = "",
    article: Field = "",
) -> Search:
    """The search that an address asks for: a dependency of the routes that show or write it."""
    kinds = [k for k in KINDS if k in (kind or ())]
    query: dict[str, Any] = {
        "text": text.strip(), "holder": holder.strip(), "via": via.strip(), "kind": kinds, "site": site.strip(),
        "state": state if state in STATES else "", "since": since, "until": until, "due_before": due_before,
        "question": question, "article": article if article.isdecimal() else "",
    }  # fmt: skip
    today = datetime.date.today().isoformat()
    try:
        days = {name: parse_day(query[name], name) for name in ("since", "until", "due_before") if query[name]}
    except InputError as error:
        return Search(query, Filter(limit=0), error)
    due_before = days.get("due_before", "")
    if query["state"] == "due":
        due_before = min(due_before or today, today)
    which = Filter(
        text=query["text"] or None,
        holder=query["holder"] or None,
        via=query["via"] or None,
        kind=kinds,
        site=query["site"] or None,
        since=days.get("since"),
        until=days.get("until"),
        due_before=due_before or None,
        open=query["state"] in ("open", "due"),
        resolved=query["state"] == "resolved",
        question=query["question"] or None,
        article=int(query["article"][:15]) if query["article"] else None,
    )
    return Search(query, which)
