"""The gate before every handler: who is it, does the route's rule let them through, did our own page send it?"""

from __future__ import annotations

import sqlalchemy as sa
from anyio import to_thread
from fastapi import Request

from sayso.web import accounts, csrf
from sayso.web.kept import caller_of
from sayso.web.problems import API, NotAllowed, NotSignedIn, Problem
from sayso.web.rules import Rule
from sayso.web.settings import is_loopback
from sayso.web.site import Site, site_of
from sayso.web.who import LOCAL, NOBODY, Who

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


async def let_in(request: Request, rule: Rule) -> None:
    """Find out who asks and leave it in ``request.state.who``; raise a Problem where they may not."""
    who: Who | None = getattr(request.state, "known", None)
    if who is None:
        who = await to_thread.run_sync(_who, request, limiter=site_of(request).gate)
        if (now := getattr(request.state, "moment", None)) is not None:
            site_of(request).shelf.know(caller_of(request.scope), now, who)
    request.state.who = who
    settings = site_of(request).settings
    if who.scope == "read" and request.method not in SAFE:
        raise NotAllowed("a token of the scope read changes nothing", "make one of the scope write")
    if not who.meets(rule, public=settings.public):
        if who.how == "nobody":
            raise NotSignedIn()
        if who.how == "token":
            raise NotAllowed(f"this takes a token of the scope {rule.scope} and the role {rule.role}")
        raise NotAllowed(f"this takes the role {rule.role}, and yours is {who.role}", "ask an admin")


async def take_in(request: Request) -> None:
    """Read the body's form within our bounds, and refuse what changes something and was not sent by our own pages."""
    who, settings = request.state.who, site_of(request).settings
    if request.method in SAFE:
        return
    if csrf.is_form(request):
        # Read once, within our bounds, by whoever comes first.
        most = 3 * settings.max_text
        await request.form(max_files=settings.max_files, max_fields=1_000, max_part_size=most)
    if who.how == "token":
        return
    if who.how == "local" and _is_program(request):
        csrf.check_origin(request)
    else:
        await csrf.check(request)


def _who(request: Request) -> Who:
    """Whoever asks: by token, by session, or by being at this machine while there are no accounts."""
    site = site_of(request)
    if site.settings.hosts and host_of(request) not in site.settings.hosts:
        raise Problem(400, f"this server does not go by the name {host_of(request)[:80]!r}", "use one of its names")
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.casefold() == "bearer":
        return _found(site, secret.strip(), token=True)
    cookie = csrf.cookie(request, csrf.SESSION)
    if cookie:
        found = _found(site, cookie, token=False)
        if found is not NOBODY:
            return found
    if site.settings.local and not site.settings.public and not site.ledger.database.read(accounts.any_account):
        if any(name in request.headers for name in FORWARDED):
            raise NotAllowed("this server has no accounts, and a proxy hands it to others", "run: sayso account add")
        # A page elsewhere may reach us under a name of its own that leads here (DNS rebinding).
        if not is_loopback(host_of(request)):
            raise NotAllowed("without accounts this server answers to names of this machine alone", "use 127.0.0.1")
        return LOCAL
    return NOBODY


def _found(site: Site, secret: str, *, token: bool) -> Who:
    database = site.ledger.database

    def look(connection: sa.Connection) -> accounts.Bearer | None:
        return accounts.by_token(connection, secret) if token else accounts.by_session(connection, secret)

    bearer = database.read(look)
    if bearer is None:
        if token:
            raise NotSignedIn("this token is not known, or has ended")
        return NOBODY
    if bearer.stale:
        database.write(lambda connection: accounts.note_use(connection, bearer))
    owner = bearer.account
    if token:
        return Who("token", owner.role, owner.name, owner.id, token=bearer.row, scope=bearer.scope)
    return Who("session", owner.role, owner.name, owner.id, session=bearer.row)


def _is_program(request: Request) -> bool:
    """Whether no page can have sent this: every browser says of what it posts from where it comes."""
    from_page = "sec-fetch-site" in request.headers or "origin" in request.headers
    return not from_page and request.url.path.startswith(API)


def host_of(request: Request) -> str:
    """The name that a request was sent to, without its port."""
    host = request.headers.get("host", "")
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.casefold()
