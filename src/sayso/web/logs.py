"""Logs as JSON, one object a line, on stderr. They name routes, not addresses, and hold nothing that anybody wrote.

No text, query, token, password or message of an unexpected error gets into them: of an error its kind and the places
in the code are told, which is what it takes to find it.
"""

from __future__ import annotations

import json
import logging
import logging.config
import time
import traceback
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sayso.web.accounts import moment

log = logging.getLogger("sayso.requests")
_FIELDS = ("method", "route", "status", "ms", "who", "problem", "exit", "seconds", "count", "job", "pid")


class Lines(logging.Formatter):
    """A record as one line of JSON: when, how grave, where from, what, and the fields that we give."""

    def format(self, record: logging.LogRecord) -> str:
        made: dict[str, Any] = {"at": moment(), "level": record.levelname.lower(), "from": record.name}
        # Messages of other libraries are patterns and their arguments; only our own, which have none, are told whole.
        made["what"] = record.getMessage() if not record.args or record.name.startswith("uvicorn") else record.msg
        made |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            made["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            made["places"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
        return json.dumps(made, ensure_ascii=False)


CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "sayso.web.logs.Lines"}},
    "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
    "loggers": {
        "sayso": {"handlers": ["err"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["err"], "level": "WARNING", "propagate": False},
        "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
"""For ``logging.config`` and for uvicorn, whose own lines about requests would hold addresses with what was asked."""


class Requests:
    """ASGI middleware that logs each request when it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            if log.isEnabledFor(logging.INFO):
                who = scope.get("state", {}).get("who")
                route = scope.get("route")
                log.info(
                    "request",
                    extra={
                        "method": scope["method"],
                        "route": getattr(route, "path", None),
                        "status": status,
                        "ms": round((time.perf_counter() - began) * 1000, 1),
                        "who": None if who is None else who.account or who.how,
                    },
                )
