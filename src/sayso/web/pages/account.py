"""Signing in and out; accounts, sessions, tokens, and the yardstick."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response

from sayso.errors import FieldError
from sayso.reading.odds import YARDSTICKS
from sayso.web import actions, signin
from sayso.web.problems import Problem
from sayso.web.render import page, redirect
from sayso.web.rules import ROLES, SCOPE_OF, SCOPES, Role, Router, Scope, rule
from sayso.web.site import site_of
from sayso.web.who import Me

router = Router()

YARDSTICK_SAYS = {
    "survey": "what 5,174 people took the words to mean (CAPphrase)",
    "icd203": "Intelligence Community Directive 203 (United States)",
    "nato": "NATO’s doctrine for intelligence reports, AJP-2.1",
    "ipcc": "the Intergovernmental Panel on Climate Change",
    "ukphia": "the yardstick of UK intelligence assessments",
    "efsa": "the European Food Safety Authority",
}
Short = Annotated[str, Form(max_length=300)]
Secret = Annotated[str, Form(max_length=2_000)]


@router.get("/login")
@rule("anyone")
def login(request: Request, me: Me, next: str = "") -> Response:
    """Name and password."""
    to = signin.local_address(next)
    if me.signed_in or me.how == "local":
        return redirect(to)
    return page(request, "login.html", title="Sign in", next=to, name="", problem=None)


@router.post("/login")
@rule("anyone")
def sign_in(request: Request, name: Short = "", password: Secret = "", next: Annotated[str, Form()] = "") -> Response:
    """Sign in, and go where one wanted to."""
    to = signin.local_address(next)
    try:
        _, secret = signin.sign_in(request, name, password)
    except Problem as problem:
        shown = page(request, "login.html", status=problem.status, title="Sign in", next=to, name=name, problem=problem)
        shown.headers.update({k: v for k, v in problem.headers.items() if k.lower() != "www-authenticate"})
        return shown
    return signin.admit(request, redirect(to), secret)


@router.post("/logout")
@rule("reader")
def sign_out(request: Request, me: Me) -> Response:
    """End this session."""
    return signin.sign_out(request, redirect("/login", "Signed out."), me)


@router.get("/settings")
@rule("reader")
def settings(request: Request, me: Me) -> Response:
    """One's own account; to an admin also the others'."""
    return _settings(request, me)


def _settings(request: Request, me: Me, *, secret: str = "", called: str = "") -> Response:
    site = site_of(request)
    may = SCOPE_OF[me.role]
    return page(
        request,
        "settings.html",
        title="Settings",
        yardstick=actions.yardstick(site),
        yardsticks=[(name, YARDSTICK_SAYS.get(name, name)) for name in YARDSTICKS],
        accounts=actions.all_accounts(site) if me.may("admin") else [],
        sessions=actions.sessions(site, me),
        tokens=actions.tokens(site, me),
        roles=[role for role in ROLES if role != "anyone"],
        scopes=SCOPES[: SCOPES.index(may) + 1] if may else (),
        secret=secret,
        called=called,
    )


@router.post("/settings/yardstick")
@rule("admin")
def yardstick(request: Request, me: Me, name: Short = "") -> Response:
    """Whose scale turns words into probabilities from now on."""
    actions.set_yardstick(site_of(request), me, name)
    return redirect("/settings", "From now on words are read by this yardstick; what was read stays as it is.")


@router.post("/settings/password")
@rule("reader")
def password(request: Request, me: Me, old: Secret = "", new: Secret = "", again: Secret = "") -> Response:
    """Change one's own password."""
    if new != again:
        raise FieldError("password", "the two are not the same", "write it twice alike")
    actions.change_password(site_of(request), me, old, new)
    return redirect("/settings", "The password is changed; other sessions have ended.")


@router.post("/settings/sessions/{number}/end")
@rule("reader")
def end_session(request: Request, me: Me, number: int) -> Response:
    """End a session."""
    actions.end_session(site_of(request), me, number)
    return redirect("/settings", "The session has ended.")


@router.post("/settings/tokens")
@rule("reader")
def add_token(request: Request, me: Me, name: Short = "", scope: Short = "read", days: Short = "") -> Response:
    """Make a token; its secret is shown this once."""
    chosen: Scope | None = next((each for each in SCOPES if each == scope), None)
    if chosen is None:
        raise FieldError("scope", f"{scope[:40]!r} is none of {', '.join(SCOPES)}", "choose one")
    if days and not days.isdecimal():
        raise FieldError("days", f"{days[:20]!r} is no number of days", "write a number, or nothing")
    made = actions.add_token(site_of(request), me, name, chosen, days=int(days[:6]) if days else None)
    return _settings(request, me, secret=made.secret or "", called=made.name)


@router.post("/settings/tokens/{number}/end")
@rule("reader")
def end_token(request: Request, me: Me, number: int) -> Response:
    """Revoke a token."""
    actions.end_token(site_of(request), me, number)
    return redirect("/settings", "The token is revoked.")


def _role(role: str) -> Role:
    chosen: Role | None = next((each for each in ROLES if each == role and each != "anyone"), None)
    if chosen is None:
        raise FieldError("role", f"{role[:40]!r} is no role", "choose reader, editor or admin")
    return chosen


@router.post("/settings/accounts")
@rule("admin")
def add_account(request: Request, me: Me, name: Short = "", role: Short = "reader", password: Secret = "") -> Response:
    """Make an account."""
    made = actions.add_account(site_of(request), me, name, _role(role), password)
    return redirect("/settings", f"{made.name} may sign in.")


@router.post("/settings/accounts/role")
@rule("admin")
def set_role(request: Request, me: Me, name: Short = "", role: Short = "") -> Response:
    """Give an account another role."""
    actions.set_role(site_of(request), me, name, _role(role))
    return redirect("/settings", f"{name} is {role} now.")


@router.post("/settings/accounts/password")
@rule("admin")
def set_password(request: Request, me: Me, name: Short = "", password: Secret = "") -> Response:
    """Give somebody another password."""
    actions.set_password(site_of(request), me, name, password)
    return redirect("/settings", f"{name} has a new password; their sessions have ended.")


@router.post("/settings/accounts/remove")
@rule("admin")
def remove_account(request: Request, me: Me, name: Short = "") -> Response:
    """Take an account away."""
    actions.remove_account(site_of(request), me, name)
    return redirect("/settings", f"{name} may no longer sign in.")
