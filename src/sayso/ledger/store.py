"""The ledger as users of the library hold it: one object, each method a transaction over the modules beside it."""

from __future__ import annotations

import datetime
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from sayso.ledger import finding, people, questions, resolutions, search
from sayso.ledger.database import Database
from sayso.ledger.finding import Filter, Found
from sayso.ledger.location import ledger_url
from sayso.ledger.people import Event, Person
from sayso.ledger.questions import Question, Side
from sayso.ledger.resolutions import Resolution
from sayso.posts import Attribution, Claim, Kind, Range, Thread

if TYPE_CHECKING:
    from sayso.export.selection import Selection
    from sayso.ledger.care import Finding
    from sayso.ledger.corrections import Correction, Step
    from sayso.ledger.editing import Edit
    from sayso.ledger.keeping import Kept
    from sayso.ledger.records import Record
    from sayso.ledger.suggestions import Suggestion

BATCH = 64
"""Documents that are kept in one transaction at most; and a transaction at least every second while they come."""


class HasClaims(Protocol):
    """What a reader gives of one document; ``thread`` is None where it could not be read."""

    @property
    def thread(self) -> Thread | None: ...
    @property
    def claims(self) -> list[Claim]: ...


def now() -> datetime.datetime:
    """This moment, in UTC."""
    return datetime.datetime.now(datetime.UTC)


class Ledger:
    """A ledger of claims: kept, searched, resolved, scored. SQLite without any set-up, PostgreSQL by its URL.

    ``url`` is a URL or the path of a SQLite file; without it SAYSO_LEDGER, else the platform's data folder. A ledger
    that is not there is made, unless ``create`` is False. ``timeout`` is how many seconds a writer waits for another,
    ``cache_mb`` what each connection to SQLite may hold in memory.
    Raises `sayso.errors.LedgerError` and what is below it. Threads may share one ledger.

    >>> ledger = Ledger(":memory:")
    >>> ledger.stats()["claims"]
    0
    """

    def __init__(
        self,
        url: str | os.PathLike[str] | None = None,
        *,
        create: bool = True,
        timeout: float = 30.0,
        cache_mb: int = 32,
    ) -> None:
        self.database = Database(ledger_url(url), create=create, timeout=timeout, cache_mb=cache_mb)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give its connections back."""
        self.database.close()

    # Keeping

    def keep(self, thread: Thread, claims: Sequence[Claim]) -> Kept:
        """Keep one document's claims; doing it again changes nothing. A changed text becomes a new version."""
        from sayso.ledger import keeping

        moment = now().isoformat(timespec="seconds")
        return self.database.write(lambda c: keeping.keep(c, [(thread, claims)], moment))

    def keep_all(self, readings: Iterable[HasClaims]) -> Iterator[Kept]:
        """Keep readings as they come, in transactions of up to 64 documents or a second: yields what each changed."""
        batch: list[tuple[Thread, Sequence[Claim]]] = []
        since = time.monotonic()
        for reading in readings:
            if reading.thread is not None:
                batch.append((reading.thread, reading.claims))
            if len(batch) >= BATCH or (batch and time.monotonic() - since > 1.0):
                yield self._keep_batch(batch)
                batch, since = [], time.monotonic()
        if batch:
            yield self._keep_batch(batch)
        search.tidy(self.database)

    def _keep_batch(self, batch: list[tuple[Thread, Sequence[Claim]]]) -> Kept:
        from sayso.ledger import keeping

        moment = now().isoformat(timespec="seconds")
        return self.database.write(lambda c: keeping.keep(c, batch, moment))

    # Finding

    def claims(self, **which: Any) -> Iterator[Claim]:
        """Yield claims; the keywords are those of ``Filter``: ``ledger.claims(holder="Ada Prior", text="tariff")``."""
        return (found.claim for found in self.find(Filter(**which)))

    def find(self, which: Filter, *, with_text: bool = False) -> Iterator[Found]:
        """Yield what ``which`` describes, with the numbers of rows; see ``Filter``."""
        with self.database.connect() as connection:
            yield from finding.find(connection, which, with_text=with_text)

    def readings(self, which: Filter) -> Iterator[Selection]:
        """Yield the same by thread, with the texts of the posts, as ``sayso.export.write`` takes it."""
        from sayso.export.selection import Selection

        current: Selection | None = None
        for found in self.find(which, with_text=True):
            claim = found.claim
            if current is None or current.thread is not claim.thread:
                if current is not None:
                    yield current
                current = Selection(claim.thread)
            current.claims.append(claim)
            if claim.voice == "attributed":
                source, cue = (part.spans if part else () for part in (claim.source, claim.cue))
                made = Attribution(source, cue, claim.content.spans, claim.confidence)
                current.attributions.setdefault(claim.post.id, []).append(made)
        if current is not None:
            yield current

    def claim(self, key: str) -> Claim:
        """The claim with this id, or the only one whose id begins so."""
        return self.database.read(lambda c: finding.by_key(c, key)).claim

    def due(
        self,
        *,
        on: datetime.date | None = None,
        soon: int = 0,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Found]:
        """Forecasts whose horizon ended before the day ``on`` (today), and nobody has resolved: the oldest first.

        With ``soon`` those instead whose horizon ends in that many days from ``on``.
        """
        day = on or datetime.date.today()
        since = day.isoformat() if soon else None
        until = (day + datetime.timedelta(days=soon + 1)).isoformat() if soon else day.isoformat()
        return self.database.read(lambda c: list(finding.due(c, on=until, since=since, limit=limit, offset=offset)))

    # Correcting

    def correct(self, claim: str, edit: Edit, *, by: str | None = None, token: str = "") -> Correction:
        """Change a claim; see ``editing.Edit``. ``token`` names the attempt here and below: a second does nothing."""
        from sayso.ledger import corrections

        return self._correct(lambda c, step: corrections.change(c, claim, edit, step), by, token)

    def split_claim(
        self, claim: str, parts: Sequence[Sequence[Range]], *, by: str | None = None, token: str = ""
    ) -> Correction:
        """Make several claims of one; each part is the spans of one, and the first keeps the id."""
        from sayso.ledger import corrections

        return self._correct(lambda c, step: corrections.split(c, claim, parts, step), by, token)

    def join_claims(self, claims: Sequence[str], *, by: str | None = None, token: str = "") -> Correction:
        """Make one claim of several in one post; the first keeps its id."""
        from sayso.ledger import corrections

        return self._correct(lambda c, step: corrections.join(c, claims, step), by, token)

    def delete_claim(self, claim: str, *, by: str | None = None, token: str = "") -> Correction:
        """Say that a claim is none."""
        from sayso.ledger import corrections

        return self._correct(lambda c, step: corrections.delete(c, claim, step), by, token)

    def add_claim(
        self, article: int, kind: Kind, edit: Edit, *, post: str | None = None, by: str | None = None, token: str = ""
    ) -> Correction:
        """Add a claim that was missed, to a post (None: the article itself) of the thread with that row."""
        from sayso.ledger import corrections

        return self._correct(lambda c, step: corrections.add(c, article, post, kind, edit, step), by, token)

    def undo_correction(self, number: int, *, by: str | None = None, token: str = "") -> Correction:
        """Take a correction back."""
        from sayso.ledger import corrections

        return self._correct(lambda c, step: corrections.undo(c, number, step), by, token)

    def corrections(self, claim: str) -> list[Correction]:
        """The corrections of a claim, the oldest first."""
        from sayso.ledger import corrections

        return self.database.read(lambda c: corrections.history(c, claim))

    def _correct(self, work: Callable[[sa.Connection, Step], Correction], by: str | None, token: str) -> Correction:
        from sayso.ledger.corrections import Step

        step = Step(now=_moment(), by=by, token=token or uuid.uuid4().hex)
        return self.database.write(lambda c: work(c, step))

    # Settling

    def resolve(
        self,
        target: str,
        value: str | float,
        *,
        evidence: Sequence[str] = (),
        note: str | None = None,
        on: str | None = None,
        by: str | None = None,
        token: str = "",
    ) -> Resolution:
        """Add a resolution of a claim or a question; see ``resolutions.resolve``. The newest stands."""
        token, moment = token or uuid.uuid4().hex, now()
        return self.database.write(
            lambda c: resolutions.resolve(
                c, target, str(value), evidence=evidence, note=note, on=on, by=by, token=token, now=moment
            )
        )

    def history(self, target: str) -> list[Resolution]:
        """All resolutions of a claim or a question, the oldest first."""
        return self.database.read(lambda c: resolutions.history(c, target))

    def ask(
        self,
        text: str,
        *,
        criteria: str | None = None,
        deadline: str | None = None,
        topic: str | None = None,
        id: str | None = None,
        by: str | None = None,
    ) -> Question:
        """Put a question that forecasts can be attached to."""
        moment = now().isoformat(timespec="seconds")
        key = self.database.write(
            lambda c: questions.new(
                c, text, criteria=criteria, deadline=deadline, topic=topic, key=id, by=by, now=moment
            )
        )
        return self.question(key)

    def attach(self, question: str, claim: str, *, side: Side = "asserted") -> str:
        """Hang a forecast on a question, on its own side; gives the claim's id."""
        return self.database.write(lambda c: questions.attach(c, question, claim, side=side))[0]

    def detach(self, question: str, claim: str) -> str:
        """Take a forecast off a question; gives the claim's id."""
        return self.database.write(lambda c: questions.detach(c, question, claim))

    def question(self, key: str) -> Question:
        """The question with this id."""
        return self.database.read(lambda c: questions.find(c, key))

    def questions(self, *, topic: str | None = None, only_open: bool = False) -> list[Question]:
        """All questions, those with the earliest deadline first."""
        return self.database.read(lambda c: questions.listing(c, topic=topic, only_open=only_open))

    def claims_on(self, question: str) -> list[tuple[str, str]]:
        """The forecasts that hang on a question: (id of the claim, side)."""
        return self.database.read(lambda c: questions.claims_on(c, question))

    # People

    def people(self, *, text: str | None = None, limit: int | None = None) -> list[tuple[int, str, int]]:
        """People as (number, name, claims), those with most claims first."""
        return self.database.read(lambda c: people.listing(c, text=text, limit=limit))

    def person(self, who: str) -> Person:
        """A person by name, ``#number`` or external id."""
        return self.database.read(lambda c: people.show(c, people.find(c, who)))

    def alias(self, who: str, other: str, *, by: str | None = None) -> int:
        """Give a person another name; gives the number of the step, as the following do."""
        return self.database.write(lambda c: people.alias(c, people.find(c, who), other, now=_moment(), by=by))

    def merge(self, who: str, other: str, *, by: str | None = None) -> int:
        """Make two people one, under the name of the first."""
        return self.database.write(
            lambda c: people.merge(c, people.find(c, who), people.find(c, other), now=_moment(), by=by)
        )

    def split(self, who: str, *, name: str | None = None, thread: str | None = None, by: str | None = None) -> int:
        """Make one person two: by a name, or by all that the person says in a thread. Gives the new one's number."""
        return self.database.write(
            lambda c: people.split(c, people.find(c, who), name_text=name, thread_key=thread, now=_moment(), by=by)
        )[0]

    def link(self, who: str, value: str, *, by: str | None = None) -> int:
        """Say who a person is elsewhere: a Wikidata QID or an address."""
        return self.database.write(lambda c: people.link(c, people.find(c, who), value, now=_moment(), by=by))

    def different(self, who: str, other: str, *, by: str | None = None) -> int:
        """Say that two people are not one."""
        return self.database.write(
            lambda c: people.different(c, people.find(c, who), people.find(c, other), now=_moment(), by=by)
        )

    def undo(self, event: int, *, by: str | None = None) -> int:
        """Take back a step of those above."""
        return self.database.write(lambda c: people.undo(c, event, now=_moment(), by=by))

    def people_history(self, who: str | None = None) -> list[Event]:
        """The steps, the oldest first."""
        return self.database.read(lambda c: people.history(c, people.find(c, who) if who else None))

    def suggestions(self, *, limit: int = 100) -> list[Suggestion]:
        """Who may be one person, with reasons."""
        from sayso.ledger.suggestions import suggest

        return self.database.read(lambda c: suggest(c, limit=limit))

    # Scores

    def record(self, who: str, **scope: str | None) -> Record:
        """One holder's forecasts and how they came out; keywords as in ``settled.Scope``."""
        from sayso.ledger import records
        from sayso.ledger.settled import Scope

        return self.database.read(lambda c: records.record(c, who, scope=Scope(**scope)))

    def scores(self, *, fewest: int = 3, **scope: str | None) -> list[Record]:
        """The board of all holders with at least ``fewest`` resolved forecasts, best first."""
        from sayso.ledger import records
        from sayso.ledger.settled import Scope

        return self.database.read(lambda c: records.scores(c, scope=Scope(**scope), fewest=fewest))

    # Care

    def check(self) -> list[Finding]:
        """Look for damage: what was found, nothing where all is well."""
        from sayso.ledger.care import check

        return check(self.database)

    def backup(self, path: str | os.PathLike[str]) -> None:
        """Write one state of the ledger to a new SQLite file, which is itself a ledger, while others may write."""
        from sayso.ledger.copying import backup

        backup(self.database, Path(path))

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Fill this ledger, which must be empty, from a backup, of whichever engine."""
        from sayso.ledger.copying import restore

        restore(self.database, Path(path))

    def stats(self) -> dict[str, Any]:
        """How much there is of everything."""
        from sayso.ledger.care import stats

        return stats(self.database)


def _moment() -> str:
    return now().isoformat(timespec="seconds")
