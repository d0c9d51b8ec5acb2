"""Every route states who may use it, and holds to it, for everybody who could ask."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from starlette.routing import Mount
from starlette.testclient import TestClient

from sayso.ledger import Ledger
from sayso.web.app import routes
from sayso.web.rules import ROLES, SCOPES, Router, Rule, rule, rule_of

from .conftest import Make, add_account, add_token, browser, sign_in

# What stands open to everybody, and nothing else may.
OPEN = {("GET", "/login"), ("POST", "/login")}


def table(app: FastAPI) -> list[tuple[str, str, Rule]]:
    """(method, path, rule) of every route."""
    found = []
    for path, methods, endpoint in routes(app):
        stated = rule_of(endpoint)
        assert stated is not None, f"{path} has no rule"
        found += [(method, path, stated) for method in methods]
    return found


def address(path: str) -> str:
    """The path with something in the place of its parameters that is not there."""
    for name, value in (("form", "csv"), ("target", "claim:none"), ("name", "nobody")):
        path = path.replace("{" + name + "}", value)
    path = re.sub(r"\{number[^}]*\}|\{step[^}]*\}", "9999", path)
    return re.sub(r"\{[^}]+\}", "0" * 32, path)


def test_every_route_has_a_rule(make: Make) -> None:
    app = make()
    assert len(table(app)) > 90
    others = [route for route in app.routes if not hasattr(route, "original_router")]
    assert [route.path for route in others if isinstance(route, Mount)] == ["/static"]
    assert len(others) == 1, "a route was added beside the routers"
    assert {(m, p) for m, p, stated in table(app) if stated.role == "anyone"} == OPEN


def test_a_route_without_a_rule_cannot_be_added() -> None:
    with pytest.raises(TypeError, match="/open has no rule"):

        @Router().get("/open")
        def handler() -> None: ...


def test_only_reading_can_be_public() -> None:
    with pytest.raises(ValueError, match="public"):
        rule("editor", public=True)


def test_what_changes_something_takes_more_than_reading(make: Make) -> None:
    """A reader changes what is their own alone: sessions, tokens, searches, password."""
    own = ("/searches", "/sessions", "/tokens", "/settings", "/logout", "/login")
    weak = [(m, p) for m, p, stated in table(make()) if m != "GET" and stated.role in ("anyone", "reader")]
    assert [(m, p) for m, p in weak if not any(part in p for part in own)] == []
    assert [(m, p) for m, p, stated in table(make()) if m != "GET" and stated.public] == []


def refused(client: TestClient, method: str, path: str, **more: object) -> bool:
    answer = client.request(method, address(path), **more)  # type: ignore[arg-type]
    assert answer.status_code < 500, (method, path, answer.text)
    if answer.status_code == 303 and answer.headers["location"].startswith("/login?next="):
        return True
    if answer.status_code in (401, 403):
        # Let in by its rule and refused because no form of ours has sent it: that is another gate.
        return "form was not sent" not in answer.text
    return False


def check(app: FastAPI, client: TestClient, may: object, *, reads: bool = False, **more: object) -> None:
    for method, path, stated in table(app):
        if path in ("/login", "/logout"):
            continue
        # A token for reading changes nothing, whatever the route asks for.
        expected = may(stated) and not (reads and method != "GET")  # type: ignore[operator]
        assert refused(client, method, path, **more) != expected, (method, path, stated)


def test_strangers(make: Make, ledger: Ledger, hashed: str) -> None:
    add_account(ledger, hashed, "ada", "admin")
    app = make()
    check(app, browser(app), lambda stated: stated.role == "anyone")


def test_strangers_on_a_public_server(make: Make) -> None:
    app = make(public=True)
    check(app, browser(app), lambda stated: stated.role == "anyone" or stated.public)


@pytest.mark.parametrize("role", ["reader", "editor", "admin"])
def test_roles(make: Make, ledger: Ledger, hashed: str, role: str) -> None:
    add_account(ledger, hashed, "ada", role)  # type: ignore[arg-type]
    app = make()
    rank = ROLES.index(role)  # type: ignore[arg-type]
    check(app, sign_in(app, "ada"), lambda stated: ROLES.index(stated.role) <= rank)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("role", ["reader", "admin"])
def test_tokens(make: Make, ledger: Ledger, hashed: str, role: str, scope: str) -> None:
    number = add_account(ledger, hashed, "ada", role)  # type: ignore[arg-type]
    headers = add_token(ledger, number, scope)  # type: ignore[arg-type]
    app = make()

    def may(stated: Rule) -> bool:
        enough = stated.scope is not None and SCOPES.index(scope) >= SCOPES.index(stated.scope)  # type: ignore[arg-type]
        return enough and ROLES.index(role) >= ROLES.index(stated.role)  # type: ignore[arg-type]

    check(app, browser(app), may, headers=headers, reads=scope == "read")


def test_a_token_that_is_none(make: Make, ledger: Ledger) -> None:
    for said in ("Bearer sayso_nothing", "Bearer ", "bearer \u00e9"):
        answer = browser(make()).get("/api/v1/me", headers={"Authorization": said.encode("latin-1")})
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
