"""Forms that only our own pages can send.

Each browser bears a cookie: that of its session, or before there is one that of the visit. A form carries the keyed
digest of that cookie, which no other site can read or guess. A request that changes something and does not come from
elsewhere by its own headers still has to carry it, as the field ``csrf`` or the header ``X-CSRF-Token``.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from fastapi import Request, Response

from sayso.web.problems import NotAllowed
from sayso.web.site import site_of

FIELD = "csrf"
HEADER = "x-csrf-token"
VISIT = "sayso_visit"
SESSION = "sayso_session"
_WHY = "this form was not sent from one of our own pages, or has grown old"


def is_secure(request: Request) -> bool:
    """Whether the browser speaks TLS with us, or the proxy before us."""
    return request.url.scheme == "https"


def cookie_name(name: str, request: Request) -> str:
    """With TLS a cookie's name binds it to this host alone."""
    return f"__Host-{name}" if is_secure(request) else name


def cookie(request: Request, name: str) -> str | None:
    """The value of one of our cookies."""
    return request.cookies.get(cookie_name(name, request))


def set_cookie(request: Request, response: Response, name: str, value: str, *, days: int | None = None) -> None:
    """Give the browser a cookie that scripts and other sites do not get; it goes over TLS where that is spoken."""
    settings = site_of(request).settings
    response.set_cookie(
        cookie_name(name, request),
        value,
        max_age=days * 86_400 if days else None,
        path="/",
        secure=is_secure(request) or not (settings.local or settings.plain_http),
        httponly=True,
        samesite="lax",
    )


def token(request: Request) -> str:
    """What forms of this browser carry. A browser that has no cookie yet gets one with the page; see ``remember``."""
    bearer = cookie(request, SESSION) or cookie(request, VISIT) or getattr(request.state, "visit", None)
    if bearer is None:
        bearer = request.state.visit = secrets.token_urlsafe(24)
    return _digest(request, bearer)


def remember(request: Request, response: Response) -> None:
    """Give the browser the cookie that the page's forms were made for."""
    visit = getattr(request.state, "visit", None)
    if visit is not None:
        set_cookie(request, response, VISIT, visit)


def _digest(request: Request, bearer: str) -> str:
    return hmac.new(site_of(request).secret, b"csrf:" + bearer.encode(), hashlib.sha256).hexdigest()


def is_form(request: Request) -> bool:
    """Whether the body is what a browser's form sends."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("application/x-www-form-urlencoded", "multipart/form-data")


def check_origin(request: Request) -> None:
    """Refuse what a browser says another site has sent."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.casefold() != request.headers.get("host", "").casefold():
        raise NotAllowed(_WHY, "go back, load the page anew and send it again")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed(_WHY, "go back, load the page anew and send it again")


async def check(request: Request) -> None:
    """Refuse a request that does not carry its browser's token."""
    check_origin(request)
    given = request.headers.get(HEADER)
    if given is None and is_form(request):
        field = (await request.form()).get(FIELD)
        given = field if isinstance(field, str) else None
    bearers = [b for b in (cookie(request, SESSION), cookie(request, VISIT)) if b]
    if given is None or not any(hmac.compare_digest(_digest(request, b), given) for b in bearers):
        raise NotAllowed(_WHY, "go back, load the page anew and send it again")
