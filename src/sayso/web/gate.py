"""The gate before every handler: who is it, does the route's rule let them through, did our own page send it?"""

from __future__ import annotations

from fastapi import Request

from sayso.web import csrf
from sayso.web.problems import NotAllowed, NotSignedIn
from sayso.web.rules import Rule
from sayso.web.site import site_of
from sayso.web.who import LOCAL

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


async def let_in(request: Request, rule: Rule) -> None:
    """Find out who asks and leave it in ``request.state.who``; raise a Problem where they may not."""
    who = request.state.who = LOCAL
    if not who.meets(rule, public=site_of(request).settings.public):
        raise NotSignedIn() if who.how == "nobody" else NotAllowed(f"this takes the role {rule.role}")
    if request.method not in SAFE and who.how != "token":
        await csrf.check(request)
