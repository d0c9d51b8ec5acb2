"""Claims as pages show them: with the people of the chain, where they stand, and how they came out."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from sayso.export.words import author_names
from sayso.ledger import browse
from sayso.ledger.finding import Found
from sayso.ledger.resolutions import Resolution
from sayso.posts import FORECASTS, Claim, Kind
from sayso.reading.dates.describe import describe_horizon
from sayso.web.pages.words import person_path
from sayso.web.plots import Link


@dataclass(slots=True)
class Shown:
    """A claim and what stands around it; ``people`` are the numbers of the chain's people, the holder's the last."""

    found: Found
    article: int
    people: list[int]
    writer: str | None
    standing: Resolution | None
    question: tuple[str, str, str] | None
    """The question that it answers: id, words, side."""
    today: datetime.date

    @property
    def claim(self) -> Claim:
        return self.found.claim

    @property
    def key(self) -> str:
        return self.found.claim.id

    @property
    def kind(self) -> Kind:
        return self.found.claim.kind

    @property
    def is_forecast(self) -> bool:
        return self.kind in FORECASTS

    @property
    def said(self) -> str | None:
        """The day it was said, as far as it is known."""
        return self.claim.post.posted or self.claim.thread.published

    @property
    def state(self) -> str:
        """``resolved``, ``due``, ``open``; empty for what is no forecast."""
        if not self.is_forecast:
            return ""
        if self.standing is not None:
            return "resolved"
        return "due" if self.found.due_on and self.found.due_on < self.today.isoformat() else "open"

    @property
    def through(self) -> list[tuple[str, str]]:
        """Those through whom it came, outermost first: (name, address of the record)."""
        return [(holder.name, person_path(who)) for holder, who in zip(self.claim.chain[:-1], self.people)]

    @property
    def holder(self) -> tuple[str, str]:
        """The holder's name and record."""
        return self.claim.holder.name, person_path(self.found.person)

    @property
    def shows_writer(self) -> bool:
        """Whether the writer is somebody else than the first of the chain."""
        if self.writer is None or self.claim.voice == "own":
            return False
        return self.claim.chain[0].name.casefold() != self.writer.casefold()

    @property
    def links(self) -> list[Link]:
        """The chain from the writer to the holder, for the diagram."""
        made = []
        role = "writer" if self.claim.post.kind == "article" else "in a comment"
        if self.claim.voice != "own":
            made.append(Link(self.writer or "unnamed writer", role))
        last = len(self.claim.chain) - 1
        for at, (holder, who) in enumerate(zip(self.claim.chain, self.people)):
            if at == 0 and made and holder.name.casefold() == made[0].name.casefold():
                made = []
            own = self.claim.voice == "own" and at == last
            cue = self.claim.cue.text if self.claim.cue and at == last else ""
            sure = at < last or self.claim.voice != "carried-over"
            made.append(Link(holder.name, f"{role}, own voice" if own else "", person_path(who), cue, sure))
        return made


def shown(connection: sa.Connection, found: Sequence[Found], *, today: datetime.date | None = None) -> list[Shown]:
    """What pages show of these claims, fetched together."""
    rows = [one.row for one in found]
    articles, chains = browse.article_of(connection, rows), browse.chains(connection, rows)
    forecasts = {one.root: one.claim.kind for one in found if one.claim.kind in FORECASTS}
    standings = browse.standings(connection, forecasts)
    asked = browse.asked(connection, forecasts)
    writers: dict[int, dict[str, str | None]] = {}
    made = []
    for one in found:
        of = one.claim.thread
        names = writers.get(id(of))
        if names is None:
            names = writers[id(of)] = author_names(of)
        made.append(
            Shown(
                one,
                articles[one.row],
                chains[one.row],
                names.get(one.claim.post.id),
                standings.get(one.root),
                asked.get(one.root),
                today or datetime.date.today(),
            )
        )
    return made


def horizon_rules(claim: Claim) -> list[str]:
    """What the rules that read a claim's horizon say; empty where a user has set the days or none knew the words."""
    horizon = claim.forecast.horizon if claim.forecast else None
    said = claim.post.posted or claim.thread.published
    if horizon is None or not horizon.rule or horizon.rule == "corrected" or not said:
        return ["set by hand"] if horizon is not None and horizon.rule == "corrected" else []
    try:
        described = describe_horizon(horizon.text, datetime.date.fromisoformat(said[:10]))
    except (KeyError, ValueError):
        return []
    return [str(rule["says"]) for rule in described["rules"]] if described["rule"] == horizon.rule else [horizon.rule]


_ODDS = re.compile(r"(?:(against): )?(.+?) \((\w+)\)")
_TABLES = {
    "labelled": "as labelled sentences with these words came out",
    "survey": "as a survey of 5,174 readers has it",
}


def odds_rules(claim: Claim) -> list[str]:
    """By which rules the words of certainty were read: ``“likely”, as a survey of 5,174 readers has it``."""
    odds = claim.forecast.probability if claim.forecast else None
    if odds is None or not odds.rule:
        return []
    if odds.rule == "corrected":
        return ["set by hand"]
    made = []
    for part in odds.rule.split(" + "):
        found = _ODDS.fullmatch(part)
        if found is None:
            made.append(f"{part}: a number as written")
            continue
        against, phrase, table = found.groups()
        words = "without words of certainty" if phrase == "none" else f"“{phrase}”"
        how = _TABLES.get(table, f"by the yardstick {table.upper()}")
        made.append(f"{words}, {how}" + (", turned round" if against else ""))
    return made
