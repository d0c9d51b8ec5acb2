"""What users keep for themselves, and what admins look after."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Path, Request, Response

from sayso.reading.odds import YARDSTICKS
from sayso.web import actions
from sayso.web.api.shapes import (
    GivenAccount,
    GivenAccountChange,
    GivenSearch,
    GivenSettings,
    GivenToken,
    gives,
)
from sayso.web.api.tools import Number, answer, api_router, paged
from sayso.web.rules import rule
from sayso.web.site import ledger_of, site_of
from sayso.web.who import Me

router = api_router("Account and server")
Name = Annotated[str, Path(min_length=1, max_length=100)]


@router.get("/searches", responses=gives("Saved searches by name.", many=True))
@rule("reader")
def searches(request: Request, me: Me) -> Response:
    """One's own saved searches."""
    return paged([asdict(each) for each in actions.searches(site_of(request), me)], None)


@router.post("/searches", status_code=201, responses=gives("The search.", status=201))
@rule("reader", scope="write")
def save_search(request: Request, me: Me, given: GivenSearch) -> Response:
    """Save a search; one of the same name is replaced."""
    return answer(asdict(actions.save_search(site_of(request), me, given.name, given.query)), 201)


@router.delete("/searches/{number}", status_code=204, responses=gives("It is gone.", status=204, errors=(404,)))
@rule("reader", scope="write")
def forget_search(request: Request, me: Me, number: Number) -> Response:
    """Delete one's own saved search."""
    actions.forget_search(site_of(request), me, number)
    return Response(status_code=204)


@router.get("/me", responses=gives("Name, role, and by what.", errors=()))
@rule("reader", public=True)
def me_(request: Request, me: Me) -> Response:
    """Who is asking, as the server sees it."""
    return answer({"name": me.name, "role": me.role, "by": me.how, "scope": me.scope})


@router.get("/stats", responses=gives("How much there is of everything."))
@rule("reader")
def stats(request: Request) -> Response:
    """How much the ledger holds."""
    site = site_of(request)
    return answer(site.memory.get(site, "stats", ledger_of(request).stats).value)


@router.get("/settings", responses=gives("The settings."))
@rule("reader")
def settings(request: Request) -> Response:
    """The settings that users can change."""
    return answer({"yardstick": actions.yardstick(site_of(request)), "yardsticks": list(YARDSTICKS)})


@router.patch("/settings", responses=gives("The settings."))
@rule("admin")
def change_settings(request: Request, me: Me, given: GivenSettings) -> Response:
    """Change them; what was read before stays as it is."""
    actions.set_yardstick(site_of(request), me, given.yardstick)
    return settings(request)


@router.get("/accounts", responses=gives("Accounts by name.", many=True))
@rule("admin")
def accounts(request: Request) -> Response:
    """All accounts."""
    return paged([asdict(each) for each in actions.all_accounts(site_of(request))], None)


@router.post("/accounts", status_code=201, responses=gives("The account.", status=201))
@rule("admin")
def add_account(request: Request, me: Me, given: GivenAccount) -> Response:
    """Make an account."""
    return answer(asdict(actions.add_account(site_of(request), me, given.name, given.role, given.password)), 201)


@router.patch("/accounts/{name}", status_code=204, responses=gives("It is so.", status=204, errors=(404,)))
@rule("admin")
def change_account(request: Request, me: Me, name: Name, given: GivenAccountChange) -> Response:
    """Give an account another role or password; with a password its sessions end."""
    site = site_of(request)
    if given.role is not None:
        actions.set_role(site, me, name, given.role)
    if given.password is not None:
        actions.set_password(site, me, name, given.password)
    return Response(status_code=204)


@router.delete("/accounts/{name}", status_code=204, responses=gives("It is gone.", status=204, errors=(404,)))
@rule("admin")
def remove_account(request: Request, me: Me, name: Name) -> Response:
    """Take an account away with its sessions, tokens and searches."""
    actions.remove_account(site_of(request), me, name)
    return Response(status_code=204)


@router.get("/sessions", responses=gives("Sessions, the last used first.", many=True))
@rule("reader")
def sessions(request: Request, me: Me) -> Response:
    """One's own sessions; all of them to an admin."""
    return paged([asdict(each) for each in actions.sessions(site_of(request), me)], None)


@router.delete("/sessions/{number}", status_code=204, responses=gives("It has ended.", status=204, errors=(404,)))
@rule("reader", scope="write")
def end_session(request: Request, me: Me, number: Number) -> Response:
    """End a session."""
    actions.end_session(site_of(request), me, number)
    return Response(status_code=204)


@router.get("/tokens", responses=gives("Tokens, without their secrets.", many=True))
@rule("reader")
def tokens(request: Request, me: Me) -> Response:
    """One's own tokens; all of them to an admin."""
    found = [asdict(each) for each in actions.tokens(site_of(request), me)]
    for each in found:
        del each["secret"]
    return paged(found, None)


@router.post("/tokens", status_code=201, responses=gives("The token with its secret, told this once.", status=201, errors=(409,)))  # fmt: skip  # noqa: E501
@rule("reader", scope="write")
def add_token(request: Request, me: Me, given: GivenToken) -> Response:
    """Make a token. It may do what its scope says and its owner may, whichever is less."""
    made = actions.add_token(site_of(request), me, given.name, given.scope, days=given.days)
    return answer(asdict(made), 201, {"cache-control": "no-store"})


@router.delete("/tokens/{number}", status_code=204, responses=gives("It is revoked.", status=204, errors=(404,)))
@rule("reader", scope="write")
def end_token(request: Request, me: Me, number: Number) -> Response:
    """Revoke a token."""
    actions.end_token(site_of(request), me, number)
    return Response(status_code=204)
