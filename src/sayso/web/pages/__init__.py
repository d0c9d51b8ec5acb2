"""The pages, one module each; how to add one stands in ``sayso.web.app``.

home       /                                  the first page; an empty ledger is offered the example article
read       /read, /jobs, /jobs/{id}           paste, address, files; what is being read
articles   /articles, /articles/{number}      the list; the reading room
correct    /claims/{id}/change, split, …      the forms that correct what was read
due        /due, /claims/{id}/resolve,        what has come due; settling it; one wording for several forecasts
           /questions, /questions/{id}
claims     /claims, /claims/{id}, /searches   search with facets; one claim; saved searches
people     /people, /people/{number},         records; who may be one person
           /people/suggestions
board      /board                             skill with intervals, pledges
about      /about                             how claims are found and scored
account    /settings, /login, /logout         accounts, tokens, sessions, yardstick

Beside them: ``shown`` (claims with what stands around them), ``search`` (an address as a filter), ``places`` (words in
a form as places in a text), ``words`` (what templates call).
"""

from __future__ import annotations

import importlib

from sayso.web.rules import Router

PAGES: tuple[str, ...] = ("home", "read", "articles", "correct", "due", "claims", "people", "board", "about", "account")
"""The modules, in the order in which their routes are tried."""


def routers() -> list[Router]:
    """The routers of all pages."""
    return [importlib.import_module(f"sayso.web.pages.{name}").router for name in PAGES]
