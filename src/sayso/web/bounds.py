"""Bounds on what is sent to us: so many bytes, in so much time."""

from __future__ import annotations

import asyncio
import json
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sayso.web.settings import MB, Settings

SECONDS = 60.0
"""For all of a body."""


class TooMuch(Exception):
    """A body is too large (413) or comes too slowly (408)."""

    def __init__(self, status: int, detail: str) -> None:
        self.status, self.detail = status, detail
        super().__init__(detail)


def limit_for(content_type: str, settings: Settings) -> int:
    """The bytes that a body of this type may have: files go as multipart, texts may be escaped."""
    if content_type.startswith("multipart/form-data"):
        return 4 * settings.max_upload
    return 3 * settings.max_text + MB


class Bounds:
    """ASGI middleware that cuts off bodies over the bounds, whatever their headers promise."""

    def __init__(self, app: ASGIApp, settings: Settings, *, seconds: float = SECONDS) -> None:
        self.app, self._settings, self._seconds = app, settings, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        most = limit_for(headers.get(b"content-type", b"").decode("latin-1").lower(), self._settings)
        until = time.monotonic() + self._seconds
        read, begun, ended = 0, False, False
        stopped: TooMuch | None = None

        async def receiving() -> Message:
            nonlocal read, ended, stopped
            if ended:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, until - time.monotonic()))
            except TimeoutError:
                stopped = TooMuch(408, "the request was sent too slowly")
                raise stopped from None
            read += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if read > most:
                stopped = TooMuch(413, f"a request of this type has at most {most // MB} MB")
                raise stopped
            return message

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            if stopped is None or message["type"] != "http.response.start":
                await send(message)
                return
            raise stopped  # an answer made of the error, in whatever way it was taken

        declared = headers.get(b"content-length", b"")
        try:
            if declared.isdigit() and int(declared) > most:
                raise TooMuch(413, f"a request of this type has at most {most // MB} MB")
            await self.app(scope, receiving, sending)
        except TooMuch as error:
            if not begun or stopped is not None:
                await _refuse(send, error)


async def _refuse(send: Send, error: TooMuch) -> None:
    body = {"type": "about:blank", "title": "That is too much", "status": error.status, "detail": error.detail}
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
