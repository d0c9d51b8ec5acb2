"""Who may use which route. Every route states it, and a route that does not cannot be added.

    router = Router()

    @router.get("/claims")
    @rule("reader", public=True)
    def claims(request: Request) -> Response: ...

The rule is enforced here, before the handler runs, and read by the test that walks the route table.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

Role = Literal["anyone", "reader", "editor", "admin"]
Scope = Literal["read", "write", "admin"]
ROLES: tuple[Role, ...] = ("anyone", "reader", "editor", "admin")
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
SCOPE_OF: dict[Role, Scope | None] = {"anyone": None, "reader": "read", "editor": "write", "admin": "admin"}

F = TypeVar("F", bound=Callable[..., Any])
_RULE = "__sayso_rule__"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route asks for: the least role of a person; the scope of a token; whether ``--public`` opens it to all.

    ``anyone`` is for what must work before signing in. ``browser`` says that tokens are not taken, as on pages.
    """

    role: Role
    scope: Scope | None
    public: bool = False


def rule(role: Role, *, scope: Scope | None = None, public: bool = False) -> Callable[[F], F]:
    """State who may use the route whose handler this decorates; stands below the router's decorator.

    ``scope`` is what a token needs, by default the one that belongs to the role. ``public`` is for what may be read
    by all in the public mode, and goes with reading alone.
    """
    stated = Rule(role, scope or SCOPE_OF[role], public)
    if public and role != "reader":
        raise ValueError(f"only what readers may see can be public, not what takes the role {role!r}")

    def decorate(handler: F) -> F:
        setattr(handler, _RULE, stated)
        return handler

    return decorate


def rule_of(endpoint: object) -> Rule | None:
    """The rule that a handler states."""
    return getattr(endpoint, _RULE, None)


class RuledRoute(APIRoute):
    """A route that cannot be made without a rule, and lets nobody through against it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        stated = rule_of(endpoint)
        if stated is None:
            raise TypeError(f"the route {path} has no rule; decorate its handler with @rule(role)")
        self.rule = stated
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def ruled(request: Request) -> Response:
            from sayso.web import kept
            from sayso.web.gate import let_in, take_in

            await let_in(request, self.rule)
            key, made = kept.look(request, self.rule)
            if made is not None:
                return made

            async def rest() -> Response:
                await take_in(request)
                return await handler(request)

            try:
                made = await self.around(request, rest)
                if key is not None:
                    kept.keep(request, key, self, made)
                return made
            finally:
                await request.close()  # files of a form that nobody took

        return ruled

    async def around(self, request: Request, rest: Callable[[], Coroutine[Any, Any, Response]]) -> Response:
        """What is done around the handler once the request was let in: nothing here."""
        return await rest()


class Router(APIRouter):
    """A router all of whose routes have rules. Pages stay out of the API's description."""

    def __init__(self, *, route_class: type[RuledRoute] = RuledRoute, api: bool = False, **options: Any) -> None:
        super().__init__(route_class=route_class, include_in_schema=api, **options)
