"""Bringing in what others hold: claims as JSON Lines, forecasts as CSV. What cannot be is told row by row."""

from __future__ import annotations

import csv
import datetime
import gzip
import hashlib
import io
import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import sqlalchemy as sa

from sayso.errors import FieldError, InputError
from sayso.ledger import keeping, questions, resolutions, search
from sayso.ledger.keeping import Kept
from sayso.ledger.rows import insert
from sayso.ledger.schema import answer, claim, mark, question, resolution
from sayso.ledger.store import Ledger, now
from sayso.posts import Claim, Forecast, Holder, Horizon, Part, Post, Probability, Thread

BATCH = 500
COLUMNS = ("person", "question", "made_on", "probability", "outcome", "closed_on")
OPTIONAL = ("text", "topic")
_LOOKED_AT = 20
"""Lines of which one at least may be meant for a claim, or the file is of another format."""
_OF_CLAIMS = frozenset(("content", "chain"))
_OPEN = ("", "open", "none", "null", "na", "n/a")
_YES_NO = {"1": "true", "0": "false", "yes": "true", "no": "false", "1.0": "true", "0.0": "false"}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken: its line, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Imported:
    """What an import has done: rows read, rows rejected, what was new in the ledger."""

    rows: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    kept: Kept = field(default_factory=Kept)
    questions: int = 0
    resolutions: int = 0


def import_file(ledger: Ledger, path: str, *, form: str | None = None) -> Imported:
    """Import a file (``-`` is the standard input): ``form`` is "claims" or "forecasts", by its ending unless told.

    Raises InputError where the file cannot be read, or a CSV lacks a column.
    """
    chosen = form or ("forecasts" if path.lower().endswith((".csv", ".csv.gz")) else "claims")
    with _opened(path) as file:
        if chosen == "forecasts":
            return import_forecasts(ledger, file, name=path)
        return import_claims(ledger, file, name=path)


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    try:
        if path == "-":
            yield io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
        elif path.lower().endswith(".gz"):
            with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as packed:
                yield packed
        else:
            with Path(path).open(encoding="utf-8-sig", newline="") as file:
                yield file
    except UnicodeDecodeError as error:
        remedy = "convert it to UTF-8 if it is text; tables of another kind (Parquet, Excel) as CSV or JSON Lines first"
        raise InputError(path, f"is not UTF-8 at byte {error.start}", remedy) from error
    except (OSError, EOFError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise InputError(path, f"cannot be read ({problem.lower()})", "check the path and its permissions") from error


def import_claims(ledger: Ledger, lines: Iterable[str], *, name: str = "claims") -> Imported:
    """Import claims, one object of ``claim.schema.json`` a line. Doing it again changes nothing.

    Raises InputError where the first of ``lines`` are none of JSON Lines.
    """
    made = Imported()
    for batch in _batches(_claims(_looked_at(lines, name), made)):
        by_thread: dict[int, tuple[Thread, list[Claim]]] = {}
        for one in batch:
            by_thread.setdefault(id(one.thread), (one.thread, []))[1].append(one)
        documents = list(by_thread.values())
        moment = now().isoformat(timespec="seconds")
        made.kept += ledger.database.write(lambda c, d=documents, m=moment: keeping.keep(c, d, m))  # type: ignore[misc]
    search.tidy(ledger.database)
    return made


def _looked_at(lines: Iterable[str], name: str) -> Iterator[str]:
    """The lines, unless the first are all of another format: that is told once, and not of every line."""
    iterator = iter(lines)
    first = list(itertools.islice(iterator, _LOOKED_AT))
    written = [line for line in first if line.strip()]
    if len(written) > 1 and not any(map(_like_claim, written)):
        remedy = (
            "give what `sayso read` or `sayso export` writes as jsonl, or a table of forecasts --as forecasts; "
            "documents to read go to `sayso keep`"
        )
        raise InputError(name, "holds no JSON Lines of claims: none of its first lines is one", remedy)
    return itertools.chain(first, iterator)


def _like_claim(line: str) -> bool:
    """Whether a line is a JSON object that may be meant for a claim."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and not _OF_CLAIMS.isdisjoint(value)


def _claims(lines: Iterable[str], made: Imported) -> Iterator[Claim]:
    from sayso.export.jsonl import claim_from_json

    threads: dict[str, Thread] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        made.rows += 1
        if len(threads) > BATCH:
            threads = {}
        try:
            value = json.loads(line)
            if not isinstance(value, dict):
                raise FieldError("claim", "the line is no object", "give one object a line")
            one = claim_from_json(value, threads=threads)
            keeping.check(one.thread, [one])
        except (ValueError, RecursionError) as error:
            made.rejected.append(Rejected(number, f"no JSON ({error})"))
        except (InputError, AttributeError) as error:
            # A thread that a broken claim began would hand its broken values on to the next.
            threads = {}
            made.rejected.append(Rejected(number, str(error)))
        else:
            yield one


def _batches(items: Iterable[Claim]) -> Iterator[list[Claim]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, BATCH)):
        yield batch


@dataclass(slots=True)
class _Row:
    line: int
    person: str
    question: str
    made_on: str
    probability: float
    outcome: str | None
    closed_on: str | None
    text: str
    topic: str | None


def import_forecasts(ledger: Ledger, file: Iterable[str], *, name: str = "forecasts") -> Imported:
    """Import forecasts as CSV with a header: person, question, made_on, probability, outcome, closed_on, text?, topic?.

    ``probability`` (0..1, or 80%) is that the question's answer is yes; ``outcome`` 1, 0, a share, void, unresolvable,
    or empty while it is open; days are ISO 8601. Each row becomes a prediction attached to its question, each outcome
    a resolution of it. A row that stands twice is two forecasts; importing the file again changes nothing.
    """
    reader = csv.DictReader(file)
    try:
        header = [str(column).strip().casefold() for column in reader.fieldnames or ()]
    except csv.Error as error:
        raise InputError(name, f"is no CSV ({error})") from error
    missing = [column for column in COLUMNS[:4] if column not in header]
    if {"thread_id", "content", "holder"}.issubset(header):
        remedy = "import them as JSON Lines: sayso export --format jsonl, or sayso read --format jsonl"
        raise InputError(name, "is a table of claims, which has not all that is in a claim", remedy)
    if missing:
        raise FieldError(name, f"has no column {', '.join(missing)}", f"its first line must name {', '.join(COLUMNS)}")
    reader.fieldnames = header
    made = Imported()
    seen: Counter[tuple[str, str, str, float]] = Counter()
    answers: dict[str, tuple[str, int]] = {}
    rows = _rows(reader, made, answers)
    while batch := list(itertools.islice(rows, BATCH)):
        documents, attached = _documents(batch, seen)
        moment = now()

        def work(
            connection: sa.Connection,
            documents: list[tuple[Thread, list[Claim]]] = documents,
            batch: list[_Row] = batch,
            attached: dict[str, str] = attached,
            moment: datetime.datetime = moment,
        ) -> tuple[Kept, int, int]:
            stamp = moment.isoformat(timespec="seconds")
            kept = keeping.keep(connection, documents, stamp, known_people=True)
            asked = _ask(connection, batch, stamp)
            _attach(connection, attached)
            return kept, asked, _settle(connection, batch, moment)

        kept, asked, settled = ledger.database.write(work)
        made.kept += kept
        made.questions += asked
        made.resolutions += settled
    search.tidy(ledger.database)
    return made


def _rows(reader: csv.DictReader[str], made: Imported, answers: dict[str, tuple[str, int]]) -> Iterator[_Row]:
    iterator = iter(reader)
    while True:
        try:
            cells = next(iterator)
        except StopIteration:
            return
        except csv.Error as error:
            made.rows += 1
            made.rejected.append(Rejected(reader.line_num, f"no row of CSV ({error})"))
            continue
        made.rows += 1
        try:
            row = _row(
                {k: (v or "").strip() for k, v in cells.items() if isinstance(k, str) and not isinstance(v, list)},
                reader.line_num,
            )
            if row.outcome is not None:
                before, line = answers.setdefault(row.question, (row.outcome, row.line))
                if before != row.outcome:
                    raise FieldError("outcome", f"{row.outcome} contradicts {before} of line {line}", "give one answer")
        except FieldError as error:
            made.rejected.append(Rejected(reader.line_num, str(error)))
        else:
            yield row


def _row(cells: dict[str, str], line: int) -> _Row:
    for column in ("person", "question"):
        if not cells.get(column):
            raise FieldError(column, "is empty", "every row names a person and a question")
    closed = cells.get("closed_on")
    return _Row(
        line,
        cells["person"],
        cells["question"],
        resolutions.parse_day(cells["made_on"], "made_on"),
        _probability(cells["probability"]),
        _outcome(cells.get("outcome", "")),
        resolutions.parse_day(closed, "closed_on") if closed else None,
        cells.get("text") or cells["question"],
        cells.get("topic") or None,
    )


def _probability(text: str) -> float:
    try:
        value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise FieldError("probability", f"{text[:40]!r} is not between 0 and 1", "write 0.8 or 80%")
    return value


def _outcome(text: str) -> str | None:
    word = text.casefold()
    if word in _OPEN:
        return None
    value = resolutions.parse_value(_YES_NO.get(word, word))[0]
    if value in ("kept", "broken"):
        raise FieldError("outcome", f"a question is not {value}", "write 1 or 0")
    return {"1": "true", "0": "false"}.get(value, value)


def _documents(
    rows: Sequence[_Row], seen: Counter[tuple[str, str, str, float]]
) -> tuple[list[tuple[Thread, list[Claim]]], dict[str, str]]:
    """The rows as claims in threads, one a question; and the question of each claim by its id."""
    threads: dict[str, tuple[Thread, list[Claim]]] = {}
    attached: dict[str, str] = {}
    for row in rows:
        repeated = (row.question, row.person, row.made_on, row.probability)
        seen[repeated] += 1
        root = f"forecasts:{row.question}"
        thread, claims = threads.setdefault(root, (Thread(root, [Post(root, "")], title=row.question[:200]), []))
        one = _claim(row, thread, seen[repeated])
        thread.posts.append(one.post)
        claims.append(one)
        attached[one.id] = mark(row.question)
    return list(threads.values()), attached


def _claim(row: _Row, thread: Thread, number: int) -> Claim:
    words = f"{row.probability:g}"
    text = f"{row.text}\nProbability: {words}" + (f"\nBy: {row.closed_on}" if row.closed_on else "")
    said = "\0".join((row.question, row.person, row.made_on, words, str(number)))
    identity = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    post = Post(f"{thread.id}#{identity}", text, "comment", thread.id, None, row.made_on)
    at = len(row.text) + len("\nProbability: ")
    odds = Part(words, ((at, at + len(words)),))
    horizon = None
    if row.closed_on:
        spans = ((len(text) - len(row.closed_on), len(text)),)
        horizon = Horizon(row.closed_on, spans, end=datetime.date.fromisoformat(row.closed_on), rule="imported")
    return Claim(
        identity,
        thread,
        post,
        Part(row.text, ((0, len(row.text)),)),
        None,
        None,
        "indirect",
        "attributed",
        (Holder(row.person),),
        "prediction",
        Forecast(
            horizon=horizon,
            certainty=odds,
            probability=Probability(row.probability, row.probability, row.probability, "imported"),
            resolvable=True,
        ),
    )


def _ask(connection: sa.Connection, rows: Sequence[_Row], stamp: str) -> int:
    made = 0
    for row in {mark(row.question): row for row in reversed(rows)}.values():
        key = mark(row.question)
        if connection.execute(sa.select(question.c.id).where(question.c.key == key)).scalar() is None:
            topic = row.topic[:200] if row.topic else None
            questions.new(connection, row.text, key=key, deadline=row.closed_on, topic=topic, now=stamp)
            made += 1
    return made


def _attach(connection: sa.Connection, attached: dict[str, str]) -> None:
    """Hang the claims on their questions; one that a user has moved elsewhere stays there."""
    from sayso.ledger.holders import chunks

    numbers: dict[str, int] = {}
    for keys in chunks(attached.values()):
        query = sa.select(question.c.key, question.c.id).where(question.c.key.in_(keys))
        numbers.update(connection.execute(query).all())
    new = []
    for some in chunks(attached):
        query = (
            sa.select(claim.c.key, claim.c.root_id)
            .outerjoin(answer, answer.c.claim_id == claim.c.root_id)
            .where(claim.c.key.in_(some), claim.c.latest, answer.c.claim_id.is_(None))
        )
        for row in connection.execute(query):
            new.append({"claim_id": row.root_id, "question_id": numbers[attached[row.key]], "side": "asserted"})
    insert(connection, answer, new)


def _settle(connection: sa.Connection, rows: Sequence[_Row], moment: datetime.datetime) -> int:
    """Resolve the questions whose answer is given, unless that answer stands already."""
    made = 0
    for key, row in {mark(row.question): row for row in reversed(rows) if row.outcome is not None}.items():
        standing = connection.execute(
            sa.select(resolution.c.value)
            .join(question, question.c.id == resolution.c.question_id)
            .where(question.c.key == key)
            .order_by(resolution.c.id.desc())
            .limit(1)
        ).scalar()
        assert row.outcome is not None
        if standing != row.outcome:
            day = min(row.closed_on, moment.date().isoformat()) if row.closed_on else None
            resolutions.resolve(connection, f"question:{key}", row.outcome, on=day, note="imported", now=moment)
            made += 1
    return made
