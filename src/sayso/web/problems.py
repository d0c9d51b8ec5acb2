"""What went wrong, told once at the edge: RFC 9457 problem details to programs, a page to people."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from sayso import errors

API = "/api/"

_STATUS: tuple[tuple[type[errors.SaysoError], int, str], ...] = (
    (errors.UnknownError, 404, "There is no such thing"),
    (errors.AmbiguousError, 409, "Several go by that name"),
    (errors.InputError, 422, "That cannot be"),
    (errors.LockedLedger, 503, "The ledger is busy"),
    (errors.ReadOnlyLedger, 503, "The ledger may not be written to"),
    (errors.FullLedger, 507, "The disk is full"),
    (errors.LedgerError, 503, "The ledger cannot be used"),
    (errors.SaysoError, 500, "Something went wrong"),
)
_TITLES = {
    400: "That cannot be understood",
    401: "You have to sign in",
    403: "You may not do that",
    404: "There is nothing here",
    405: "That cannot be done here",
    409: "That does not go with what is there",
    413: "That is too large",
    415: "That form is not taken",
    422: "That cannot be",
    429: "Too many tries",
    500: "Something went wrong",
    503: "Not now",
}


class Problem(Exception):
    """An answer that is an error: its HTTP ``status``, what is wrong, what to do, and headers it needs."""

    def __init__(
        self, status: int, detail: str, remedy: str = "", *, title: str = "", headers: dict[str, str] | None = None
    ) -> None:
        self.status, self.detail, self.remedy = status, detail, remedy
        self.title = title or _TITLES.get(status, "Something went wrong")
        self.headers = headers or {}
        super().__init__(f"{detail}; {remedy}" if remedy else detail)


class NotSignedIn(Problem):
    """Nobody is signed in, and somebody has to be."""

    def __init__(self, detail: str = "this takes an account or a token") -> None:
        super().__init__(401, detail, "sign in, or send a token", headers={"WWW-Authenticate": "Bearer"})


class NotAllowed(Problem):
    """Somebody is there who may not do this."""

    def __init__(self, detail: str, remedy: str = "") -> None:
        super().__init__(403, detail, remedy)


def problem_of(error: errors.SaysoError) -> Problem:
    """The domain's error as an answer."""
    status, title = next((s, t) for kind, s, t in _STATUS if isinstance(error, kind))
    said = getattr(error, "problem", None)
    named = getattr(error, "input", None)
    detail = str(error) if said is None else f"{named}: {said}" if named else said
    headers = {"Retry-After": "5"} if isinstance(error, errors.LockedLedger) else {}
    return Problem(status, detail, getattr(error, "remedy", ""), title=title, headers=headers)


def answer(request: Request, problem: Problem, **more: Any) -> Response:
    """The problem as the one who asked can read it."""
    if request.url.path.startswith(API):
        body = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail}
        if problem.remedy:
            body["remedy"] = problem.remedy
        return JSONResponse(body | more, problem.status, problem.headers, "application/problem+json")
    if isinstance(problem, NotSignedIn) and request.method in ("GET", "HEAD"):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(asked, safe='')}", 303)
    from sayso.web.render import page

    shown = page(request, "error.html", status=problem.status, title=problem.title, problem=problem)
    shown.headers.update(problem.headers)
    return shown


def register(app: FastAPI) -> None:
    """Answer every kind of error that can leave a handler."""

    @app.exception_handler(Problem)
    def _problem(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(errors.SaysoError)
    def _sayso(request: Request, error: errors.SaysoError) -> Response:
        return answer(request, problem_of(error))

    @app.exception_handler(OverflowError)
    @app.exception_handler(sa.exc.DataError)
    def _beyond(request: Request, error: Exception) -> Response:
        # A number or a text that no database column holds cannot be of anything that is there.
        return answer(request, Problem(404, "there is nothing with such a number or name"))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        said = str(error.detail) if error.status_code not in (404, 405) else ""
        default = {404: f"{request.url.path} is no address here", 405: f"{request.method} is not taken here"}
        return answer(request, Problem(error.status_code, said or default[error.status_code], headers=headers))

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        found = [{"at": ".".join(map(str, e["loc"])), "problem": e["msg"]} for e in error.errors()]
        detail = "; ".join(f"{e['at']}: {e['problem']}" for e in found[:5])
        return answer(request, Problem(422, detail, "compare it with /api"), errors=found)
