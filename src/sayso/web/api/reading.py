"""Reading over HTTP: ask for a text, an address or files to be read; look at what came of it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import File, Form, Path, Query, Request, Response, UploadFile

from sayso.ledger import browse
from sayso.posts import Post
from sayso.web import actions, jobs
from sayso.web.api.claims import shown
from sayso.web.api.shapes import GivenReading, gives
from sayso.web.api.tools import Cursor, Limit, Number, answer, api_router, attempt, paged, unpack
from sayso.web.kept import rests_on
from sayso.web.problems import Problem
from sayso.web.rules import rule
from sayso.web.site import ledger_of, site_of
from sayso.web.watch import Basis
from sayso.web.who import Me

router = api_router("Reading")
Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="The id of a reading.")]
_Field = Annotated[str | None, Form(max_length=2_000)]


@router.post("/readings", status_code=202, responses=gives("The reading, which waits its turn.", ref="Reading", status=202, errors=(413,)))  # fmt: skip  # noqa: E501
@rule("editor")
def read(request: Request, me: Me, given: GivenReading) -> Response:
    """Ask for a text or the page at an address to be read. Look at it again until its state is done."""
    site = site_of(request)
    options = given.options(actions.yardstick(site))
    key = attempt(request) or None
    if (given.text is None) == (given.address is None):
        raise Problem(422, "text, address: one of them is needed", "send the one or the other")
    if given.text is not None:
        made = actions.read_text(site, me, given.text, options, key=key)
    else:
        made = actions.read_address(site, me, given.address or "", options, key=key)
    return answer(made.to_json(), 202, {"location": f"/api/v1/readings/{made.id}"})


@router.post("/readings/files", status_code=202, responses=gives("The readings, one a file.", ref="Reading", many=True, status=202, errors=(413,)))  # fmt: skip  # noqa: E501
@rule("editor")
def read_files(
    request: Request,
    me: Me,
    files: Annotated[list[UploadFile], File(description="HTML, text or JSON Lines; also as .gz.")],
    author: _Field = None,
    published: Annotated[str | None, Form(pattern=r"^\d{4}-\d\d-\d\d$")] = None,
) -> Response:
    """Ask for files to be read."""
    site = site_of(request)
    given = jobs.Options(author=author or None, published=published, yardstick=actions.yardstick(site))
    key = attempt(request)
    made = []
    for place, each in enumerate(files):
        data = each.file.read(site.settings.max_upload + 1)
        named = f"{int(key, 16) + place:032x}"[-32:] if key else None
        made.append(actions.read_file(site, me, each.filename or "", data, replace(given), key=named))
    return answer({"items": [each.to_json() for each in made], "next": None}, 202)


@router.get("/readings", responses=gives("Readings, the newest first.", ref="Reading", many=True))
@rule("editor")
def readings(
    request: Request,
    me: Me,
    mine: bool = False,
    state: Annotated[str | None, Query(pattern="^(waiting|reading|done|failed|cancelled)$")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """What was asked to be read, and how far it is."""
    place = unpack(cursor, int)
    before = place[0] if place else 0
    by = me.account if mine else None

    def look(connection: sa.Connection) -> list[tuple[int, jobs.Job]]:
        return jobs.listing(connection, by=by, state=state, limit=limit + 1, before=before)  # type: ignore[arg-type]

    found = ledger_of(request).database.read(look)
    next = [found[limit - 1][0]] if len(found) > limit else None
    return paged([each.to_json() for _, each in found[:limit]], next)


@router.get("/readings/{key}", responses=gives("The reading.", ref="Reading", errors=(404,)))
@rule("editor")
def reading(request: Request, key: Id) -> Response:
    """How far a reading is; once done, which articles came of it."""
    return answer(ledger_of(request).database.read(lambda c: jobs.find(c, key)).to_json())


@router.delete("/readings/{key}", responses=gives("The reading.", ref="Reading", errors=(404,)))
@rule("editor")
def cancel(request: Request, me: Me, key: Id) -> Response:
    """Give a reading up. What was read already stays."""
    return answer(actions.cancel_reading(site_of(request), me, key).to_json())


@router.post("/readings/{key}/retry", responses=gives("The reading.", ref="Reading", errors=(404, 409)))
@rule("editor")
def retry(request: Request, me: Me, key: Id) -> Response:
    """Let a reading that has failed be tried again."""
    return answer(actions.retry_reading(site_of(request), me, key).to_json())


@router.get("/articles", responses=gives("Articles, the last kept first.", many=True))
@rule("reader", public=True)
def articles(
    request: Request,
    q: Annotated[str | None, Query(max_length=200, description="Part of a title, an address or a site.")] = None,
    site: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Articles with the number of their claims."""
    place = unpack(cursor, int)
    start = place[0] if place else 0
    found = ledger_of(request).database.read(
        lambda c: browse.articles(c, text=q, site=site, limit=limit + 1, offset=start)
    )
    rests_on(request, Basis(threads=frozenset(each.number for each in found), lists=True))
    next = [start + limit] if len(found) > limit else None
    return paged([asdict(each) | {"claims": each.claims} for each in found[:limit]], next)


@router.get("/articles/{number}", responses=gives("The article, its thread and its claims.", errors=(404,)))
@rule("reader", public=True)
def article(request: Request, number: Number) -> Response:
    """An article with the texts of its posts and all claims in them."""

    rests_on(request, Basis(threads=frozenset((number,))))

    def look(connection: sa.Connection) -> dict[str, Any]:
        of, found = browse.article(connection, number)
        head = {key: getattr(of, key) for key in ("id", "url", "title", "site", "published", "language")}
        return head | {
            "number": number,
            "posts": [_post(each) for each in of.posts],
            "claims": shown(connection, found),
        }

    return answer(ledger_of(request).database.read(look))


def _post(of: Post) -> dict[str, Any]:
    return {key: getattr(of, key) for key in ("id", "kind", "parent", "author", "posted", "language", "text")}
