"""The HTTP API: JSON under /api/v1 for everything that the pages do, described at /api."""

from __future__ import annotations

import importlib

from sayso.web.rules import Router

MODULES = ("claims", "settle", "people", "reading", "manage", "describe")


def routers() -> list[Router]:
    """The routers of the API."""
    return [importlib.import_module(f"sayso.web.api.{name}").router for name in MODULES]
