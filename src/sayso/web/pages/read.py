"""Reading: paste a text, give an address, drop files; a reading goes on without the page and is found again."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated

from fastapi import File, Form, Request, Response, UploadFile

from sayso.errors import FieldError
from sayso.ledger import browse
from sayso.web import actions, jobs
from sayso.web.jobs import Job, Options
from sayso.web.problems import Problem
from sayso.web.render import page, redirect
from sayso.web.rules import Router, rule
from sayso.web.site import ledger_of, site_of
from sayso.web.who import Me

router = Router()
STATES = {
    "waiting": "waits",
    "reading": "is being read",
    "done": "read",
    "failed": "could not be read",
    "cancelled": "given up",
}


@router.get("/read")
@rule("editor")
def form(request: Request, me: Me) -> Response:
    """What is to be read."""
    mine = None if me.may("admin") else me.account
    listed = ledger_of(request).database.read(lambda c: jobs.listing(c, by=mine, limit=6))
    return page(request, "read.html", title="Read", jobs=[job for _, job in listed], states=STATES)


Short = Annotated[str, Form(max_length=2_000)]


@router.post("/read")
@rule("editor")
async def submit(
    request: Request,
    me: Me,
    text: Annotated[str, Form()] = "",
    url: Short = "",
    upload: Annotated[list[UploadFile] | None, File()] = None,
    title: Short = "",
    author: Short = "",
    published: Short = "",
    address: Short = "",
    example: Annotated[bool, Form()] = False,
) -> Response:
    """Ask for what the form holds to be read: each of the text, the address and the files for itself."""
    from starlette.concurrency import run_in_threadpool

    site = site_of(request)
    given = [each for each in upload or () if each.filename]
    if len(given) > site.settings.max_files:
        raise Problem(413, f"{len(given)} files are given", f"give at most {site.settings.max_files} at a time")
    contents = [(each.filename or "file", await each.read(site.settings.max_upload + 1)) for each in given]

    def work() -> list[Job]:
        from sayso.web import saved

        scale = site.ledger.database.read(saved.yardstick)
        options = Options(
            title=title.strip() or None,
            author=author.strip() or None,
            published=published.strip() or None,
            url=address.strip() or None,
            yardstick=scale,
        )
        made = []
        if example:
            made.append(actions.read_text(site, me, example_text(), Options(yardstick=scale)))
        if text.strip():
            made.append(actions.read_text(site, me, text, options))
        if url.strip():
            made.append(actions.read_address(site, me, url, options))
        made += [actions.read_file(site, me, name, data, options) for name, data in contents]
        return made

    made = await run_in_threadpool(work)
    if not made:
        raise FieldError("read", "there is nothing in it", "paste a text, give an address or choose files")
    return redirect(f"/jobs/{made[0].id}" if len(made) == 1 else "/jobs")


def example_text() -> str:
    """The example article that comes with the package."""
    return (files("sayso.web") / "example.txt").read_text("utf-8")


@router.get("/jobs")
@rule("editor")
def listing(request: Request, me: Me, before: int = 0) -> Response:
    """Readings, one's own or, to an admin, everybody's."""
    mine = None if me.may("admin") else me.account
    found = ledger_of(request).database.read(lambda c: jobs.listing(c, by=mine, limit=51, before=before))
    return page(
        request,
        "jobs.html",
        title="Readings",
        jobs=[job for _, job in found[:50]],
        states=STATES,
        older=f"/jobs?before={found[49][0]}" if len(found) > 50 else None,
        working=any(job.state in ("waiting", "reading") for _, job in found[:50]),
    )


@router.get("/jobs/{key}")
@rule("editor")
def one(request: Request, me: Me, key: str) -> Response:
    """One reading: how far it is, and what came of it."""
    ledger = ledger_of(request)
    with ledger.database.connect() as connection:
        job = jobs.find(connection, key)
        titles = {number: browse.article_title(connection, number) for number in job.articles}
    working = job.state in ("waiting", "reading")
    whole = job.state == "done" and job.documents == 1 and not job.failures and len(job.articles) == 1
    return page(
        request,
        "job.html",
        title=f"{job.name[:60]} {STATES[job.state]}",
        job=job,
        titles=titles,
        working=working,
        states=STATES,
        done=f"/articles/{job.articles[0]}" if whole else "",
    )


@router.post("/jobs/{key}/cancel")
@rule("editor")
def cancel(request: Request, me: Me, key: str) -> Response:
    """Give a reading up."""
    actions.cancel_reading(site_of(request), me, key)
    return redirect(f"/jobs/{key}", "The reading was given up.")


@router.post("/jobs/{key}/again")
@rule("editor")
def again(request: Request, me: Me, key: str) -> Response:
    """Try a reading that has failed once more."""
    actions.retry_reading(site_of(request), me, key)
    return redirect(f"/jobs/{key}")
