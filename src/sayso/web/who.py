"""Who is asking: a person with an account, a program with a token, the one person at this machine, or the public."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request

from sayso.web.rules import ROLES, SCOPES, Role, Rule, Scope

How = Literal["session", "token", "local", "nobody"]


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever makes a request. ``name`` is None for the one person on loopback and for strangers.

    ``session`` is the row of the session in use, ``token`` that of the token; ``scope`` is the token's.
    """

    how: How
    role: Role = "anyone"
    name: str | None = None
    account: int | None = None
    session: int | None = None
    token: int | None = None
    scope: Scope | None = None

    @property
    def signed_in(self) -> bool:
        """Whether there is a session that could be ended."""
        return self.how == "session"

    def may(self, role: Role) -> bool:
        """Whether this is at least a ``role``; templates ask it: ``{% if who.may("editor") %}``."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def meets(self, rule: Rule, *, public: bool) -> bool:
        """Whether the rule of a route lets this one through; ``public`` says that the server shows itself to all."""
        if rule.role == "anyone" or (public and rule.public):
            return True
        if self.how == "token" and (self.scope is None or rule.scope is None):
            return False
        if self.scope is not None and rule.scope is not None and SCOPES.index(self.scope) < SCOPES.index(rule.scope):
            return False
        return self.may(rule.role)


NOBODY = Who("nobody")
LOCAL = Who("local", role="admin")


async def current(request: Request) -> Who:
    """Whoever makes this request, found before its route's rule was looked at."""
    found: Who = request.state.who
    return found


Me = Annotated[Who, Depends(current)]
"""The type of a handler's parameter that is to be whoever asks: ``def handler(me: Me)``."""
