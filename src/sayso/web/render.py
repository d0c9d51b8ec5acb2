"""From a template to a page: ``page(request, "claims.html", title="Claims", found=found)``."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, unquote

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from sayso import __version__
from sayso.export.html import GLOBALS
from sayso.web import csrf
from sayso.web.kept import MARK
from sayso.web.pages.words import FOR_TEMPLATES
from sayso.web.site import site_of
from sayso.web.who import NOBODY

STATIC = ("sayso.web", "sayso.export")
"""The packages whose folder static/ is served."""
_SAID = "sayso_said"
_LONGEST_SAID = 300
_TOKEN = MARK.decode()


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """The templates of pages/ and of the API's page; everything is escaped, and a missing name is an error."""
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("sayso.web"),
                jinja2.PackageLoader("sayso.web.api"),
                jinja2.PrefixLoader({"export": jinja2.PackageLoader("sayso.export")}),
            ]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["ld"] = ld
    made.filters["safe_url"] = safe_url
    made.globals.update(GLOBALS, static=static, version=__version__)
    made.globals.update(FOR_TEMPLATES)
    return made


def page(
    request: Request, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """The page that a template makes. It always has: ``request``, ``who``, ``settings``, ``path``, ``said`` (what was
    just done, after ``redirect``), ``csrf()`` (the hidden field of a form) and ``csrf_token()``.
    """
    site = site_of(request)
    said = request.cookies.get(_SAID)
    body = environment().get_template(template).render(
        {
            "request": request,
            "who": getattr(request.state, "who", NOBODY),
            "settings": site.settings,
            "path": request.url.path,
            "said": unquote(said)[:_LONGEST_SAID] if said else None,
            "csrf": lambda: Markup('<input type="hidden" name="csrf" value="{}">').format(_TOKEN),
            "csrf_token": lambda: _TOKEN,
            **context,
        }
    )  # fmt: skip
    request.state.page = body
    made = finished(request, body, status, headers)
    if said:
        made.delete_cookie(_SAID, path="/")
    return made


def finished(request: Request, body: str, status: int = 200, headers: dict[str, str] | None = None) -> HTMLResponse:
    """A page as this browser gets it: with what its own forms carry."""
    if _TOKEN in body:
        body = body.replace(_TOKEN, csrf.token(request))
    made = HTMLResponse(body, status, {"vary": "Accept, Cookie", **(headers or {})})
    csrf.remember(request, made)
    return made


def redirect(to: str, said: str | None = None) -> RedirectResponse:
    """Where a browser goes after a form was taken; ``said`` is shown on that page, once."""
    made = RedirectResponse(to, 303)
    if said:
        made.set_cookie(_SAID, quote(said[:_LONGEST_SAID]), max_age=60, path="/", httponly=True, samesite="lax")
    return made


@lru_cache(maxsize=200)
def static(name: str) -> str:
    """The address of a file in static/, which changes with what is in it."""
    found = next(f for package in STATIC if (f := files(package) / "static" / name).is_file())
    digest = hashlib.sha256(found.read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def ld(value: object) -> Markup:
    """A value as JSON that can stand in ``<script type="application/ld+json">``, whatever its texts hold."""
    text = json.dumps(value, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def safe_url(address: str | None) -> str | None:
    """An address that a link may lead to: http(s) alone; None else. ``{% if url|safe_url %}``."""
    if address and address.strip().lower().startswith(("http://", "https://")):
        return address.strip()
    return None
