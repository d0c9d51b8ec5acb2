"""Signing in and out, for the pages and for whoever else offers it."""

from __future__ import annotations

import sqlalchemy as sa
from fastapi import Request, Response

from sayso.web import accounts, csrf
from sayso.web.accounts import Account
from sayso.web.problems import Problem
from sayso.web.site import site_of
from sayso.web.who import Who


def sign_in(request: Request, name: str, password: str) -> tuple[Account, str]:
    """The account, and the secret that the browser's cookie is to hold; hand it to ``admit``.

    Raises a Problem: 401 where name and password do not fit, 429 after too many tries. Which of the two is wrong is
    not told, and takes as long to find out.
    """
    database = site_of(request).ledger.database
    address = request.client.host if request.client else ""

    def look(connection: sa.Connection) -> tuple[Account | None, str]:
        accounts.check_tries(connection, name, address)
        return accounts.password_of(connection, name)

    found, password_hash = database.read(look)
    if not accounts.fits(password_hash, password) or found is None:
        database.write(lambda c: accounts.note_failure(c, name, address))
        raise Problem(401, "name or password is wrong", "try again", title="That is not right")
    account = found
    days = site_of(request).settings.session_days
    agent = request.headers.get("user-agent")
    old = csrf.cookie(request, csrf.SESSION)

    def begin(connection: sa.Connection) -> str:
        accounts.forget_failures(connection, name)
        # Whatever session the browser came with ends: one that somebody else has planted would live on.
        if old and (bearer := accounts.by_session(connection, old)):
            accounts.end_session(connection, bearer.row)
        return accounts.open_session(connection, account.id, days=days, agent=agent)

    return account, database.write(begin)


def admit(request: Request, response: Response, secret: str) -> Response:
    """Give the browser the cookie of its new session."""
    csrf.set_cookie(request, response, csrf.SESSION, secret, days=site_of(request).settings.session_days)
    response.delete_cookie(csrf.cookie_name(csrf.VISIT, request), path="/")
    return response


def sign_out(request: Request, response: Response, who: Who) -> Response:
    """End the session, here and in the browser."""
    if who.session is not None:
        number = who.session
        site_of(request).ledger.database.write(lambda c: accounts.end_session(c, number))
    response.delete_cookie(csrf.cookie_name(csrf.SESSION, request), path="/")
    return response


def local_address(next: str | None) -> str:
    """Where to go after signing in: an address of our own, or the first page."""
    if next and next.startswith("/") and not next.startswith(("//", "/\\")) and next.isprintable():
        return next
    return "/"
