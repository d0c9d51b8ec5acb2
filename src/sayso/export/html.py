"""Readings as one page of HTML that needs nothing else: the texts as published with every claim marked in place.

The page asks for nothing from anywhere (its Content-Security-Policy forbids it), works without its script, and is
written thread by thread. Everything that comes from a text is escaped by Jinja2; an address becomes a link only
if it is http or https.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TextIO

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from sayso.export.segments import ROLES, Segment
from sayso.export.selection import Reading
from sayso.export.views import Entry, Page, ThreadView
from sayso.export.words import CHAIN, counted, day
from sayso.posts import FORECASTS, KINDS


@dataclass(slots=True)
class Mark:
    """How a segment is marked: its classes and the claims it belongs to, by role, as the page's script reads them.

    ``entry`` is the claim that it leads to, None where it leads to none.
    """

    classes: str
    data: list[tuple[str, str]]
    entry: Entry | None


def mark(segment: Segment, entries: dict[int, Entry]) -> Mark:
    """The mark of a segment, from the innermost claim over it and the lanes of all claims over it."""
    data: list[tuple[str, str]] = [
        (role, " ".join(map(str, segment.roles[role]))) for role in ROLES if role in segment.roles
    ]
    over = [entries[number] for number in segment.roles.get("content", ())]
    apart = [entries[number] for number in segment.apart]
    classes: list[str] = [role for role in ROLES[1:] if role in segment.roles]
    for role in ROLES:
        if any(entries[number].open for number in segment.roles.get(role, ())):
            classes.append("on" if role == "content" else f"is-{role}")
    if not over and not apart:
        return Mark(" ".join(["p", *classes]), data, None)
    if apart:
        # A part that stands beside its claim looks like those inside one, without the line under a claim's own words.
        data.append(("apart", " ".join(map(str, segment.apart))))
        classes += ["apart", *dict.fromkeys(f"of-{entry.kind}" for entry in apart if not entry.off)]
    leading = [*over, *apart]
    inner = next((entry for entry in leading if not entry.off), leading[0])
    # Where two claims share the last lane, the inner one is drawn.
    drawn = {entry.lane: entry for entry in reversed(over) if not entry.off}
    classes += [f"l{lane}-{entry.kind}" for lane, entry in sorted(drawn.items())]
    classes += [inner.kind, "forecast" if inner.kind in FORECASTS else "", inner.claim.voice]
    classes.append("off" if inner.off else "")
    return Mark(" ".join(["m", *filter(None, classes)]), data, inner)


def long_date(moment: str) -> str:
    """An ISO 8601 date or date-time as people write it: ``9 Mar 2026, 18:20``."""
    try:
        date = day(datetime.date.fromisoformat(moment[:10]))
    except ValueError:
        return moment
    return f"{date}, {moment[11:16]}" if re.match(r"\d\d:\d\d", moment[11:16]) else date


GLOBALS = {"kinds": KINDS, "chain_mark": CHAIN.strip(), "mark": mark, "long_date": long_date, "counted": counted}
"""What the macros take for given."""


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sayso.export"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= GLOBALS
    return environment.get_template("page.html")


def _inline(*names: str) -> tuple[Markup, str]:
    """Files of this package, to be put into the page as they are, and their hash for the page's security policy."""
    text = "\n".join(files("sayso.export").joinpath(name).read_text("utf-8").strip() for name in names)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"'sha256-{digest}'"


def html_pieces(readings: Iterable[Reading]) -> Iterator[str]:
    """Yield the page, in pieces as its threads are read."""
    page = Page()
    style, style_hash = _inline("static/marks.css", "templates/page.css")
    script, script_hash = _inline("templates/page.js")
    views = page.views(readings)
    first = next(views, None)
    second = next(views, None) if first else None

    def all_views() -> Iterator[ThreadView]:
        yield from (view for view in (first, second) if view)
        yield from views

    pieces = _template().generate(
        threads=all_views(),
        index=page.index,
        title=first.title if first and not second else "Who says what",
        language=(first.thread.language if first else None) or "en",
        many=second is not None,
        style=style,
        script=script,
        policy="; ".join(
            (
                "default-src 'none'",
                f"style-src {style_hash}",
                f"script-src {script_hash}",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
    )
    for piece in pieces:
        yield str(piece)  # of a macro Jinja2 makes Markup, which would escape what it is added to


def write_html(readings: Iterable[Reading], out: TextIO) -> None:
    """Write readings as one page."""
    for piece in html_pieces(readings):
        out.write(piece)
