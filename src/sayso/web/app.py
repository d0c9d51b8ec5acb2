"""The application, put together. Read this first.

How a page is added
-------------------
1. Write a handler in a module of ``pages/``, on that module's ``router = Router()`` (from ``sayso.web.rules``)::

       @router.get("/claims")
       @rule("reader", public=True)          # least role; public: shown to all in --public
       def claims(request: Request, me: Me, q: str = "") -> Response:
           found = ledger_of(request)...
           return page(request, "claims.html", title="Claims", found=found)

   Handlers are plain ``def``: they run in a thread, since the ledger blocks. ``me`` is whoever asks (``who.Me``):
   ``me.may("editor")``, ``me.name`` (None for the one person on loopback).
2. Name the module in ``PAGES`` in ``pages/__init__.py``.
3. The template gets ``request, who, settings, path, said, csrf(), csrf_token()`` besides what it is handed. Forms are
   ``<form method="post">{{ csrf() }}…``; scripts send ``X-CSRF-Token``. Their handlers call ``sayso.web.actions``, as
   the API does, and end with ``return redirect("/where", "what was done")``. Everything is escaped; addresses from
   texts pass ``|safe_url`` before they become links; JSON-LD is written with ``|ld``. Files in static/ are named with
   ``{{ static("sayso.css") }}``. There is no inline script or style, also no ``style=""``: the policy forbids it.
4. What is public is kept and given again until anything in the ledger has changed. A handler whose answer rests on
   less says so: ``rests_on(request, Basis(threads=…, people=…, sought=…))`` (``sayso.web.kept``, ``watch``). Too little
   would show what is outdated: tests/web/test_kept.py compares every page after every kind of write, so add yours.
5. What goes wrong is raised (``sayso.errors``, ``problems.Problem``) and answered in one place, with ``error.html``.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from sayso import __version__
from sayso.ledger import Ledger
from sayso.ledger.location import ledger_url
from sayso.web import api, pages, problems
from sayso.web.bounds import Bounds
from sayso.web.headers import Headers
from sayso.web.kept import Kept
from sayso.web.logs import Requests
from sayso.web.render import STATIC
from sayso.web.settings import Settings
from sayso.web.site import SWITCH_SECONDS, THREADS, THREADS_OF_A_SERVER, Site


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """While the server runs: few threads, since more would only wait for one another and hold memory."""
    sqlite = ledger_url(app.state.site.settings.ledger).get_backend_name() == "sqlite"
    to_thread.current_default_thread_limiter().total_tokens = THREADS if sqlite else THREADS_OF_A_SERVER
    sys.setswitchinterval(SWITCH_SECONDS)
    yield
    app.state.site.watch.close()


def create_app(settings: Settings | None = None, *, ledger: Ledger | None = None) -> FastAPI:
    """The ASGI application. ``settings`` are taken from the environment where none are given; ``ledger`` is for those
    who hold one open already.
    """
    settings = settings or Settings.from_environment()
    app = FastAPI(
        title="Sayso", version=__version__, docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan
    )
    app.state.site = Site(settings, ledger)
    # The last added comes first: what is kept, or refused for its size, is logged and has its headers, too.
    app.add_middleware(Kept, site=app.state.site)
    app.add_middleware(Bounds, settings=settings)
    app.add_middleware(Headers)
    app.add_middleware(Requests)
    problems.register(app)
    for router in (*api.routers(), *pages.routers()):
        app.include_router(router)
    app.mount("/static", StaticFiles(packages=[(package, "static") for package in STATIC]), name="static")
    return app


def routes(app: FastAPI) -> Iterator[tuple[str, tuple[str, ...], Callable[..., Any]]]:
    """Yield every route of the application that has a handler: its path, methods and handler; mounts have none."""
    pending: list[Any] = list(app.routes)
    while pending:
        route = pending.pop(0)
        inner = getattr(route, "original_router", None)
        if inner is not None:  # a router that was included keeps its routes
            pending[:0] = list(inner.routes)
        elif isinstance(route, Route):
            yield route.path, tuple(sorted((route.methods or set()) - {"HEAD"})), route.endpoint
