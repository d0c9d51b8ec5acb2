"""Headers that every answer bears, and bounds on what is sent to us."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""No inline script or style, nothing from elsewhere, in no frame. Data for machines (JSON-LD) is no script to it."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


_ALWAYS = [(n.encode(), v.encode()) for n, v in (HEADERS | {"cache-control": "private, no-cache"}).items()]
_ON_TLS = (b"strict-transport-security", b"max-age=31536000")


class Headers:
    """ASGI middleware that puts ``HEADERS`` on every answer; pages are kept by nobody but the browser itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                there = {name.lower() for name, _ in given}
                given += [each for each in _ALWAYS if each[0] not in there]
                if scope.get("scheme") == "https" and _ON_TLS[0] not in there:
                    given.append(_ON_TLS)
                message = {**message, "headers": given}
            await send(message)

        await self.app(scope, receive, sending)
