"""The ledger as files for other programs: claims in Sayso's own forms, Web Annotations, ClaimReview, a calendar."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TextIO, get_args

from sayso.errors import MissingExtra
from sayso.export.output import output_error
from sayso.ledger.finding import Filter, Found
from sayso.ledger.store import Ledger

if TYPE_CHECKING:
    from sayso.export.selection import Selection

Format = Literal["jsonl", "csv", "parquet", "webannotation", "claimreview", "ics", "corrections"]
FORMATS: tuple[Format, ...] = get_args(Format)
BINARY: frozenset[str] = frozenset(("parquet",))
ROWS = 10_000


def export_text(ledger: Ledger, out: TextIO, form: Format, which: Filter | None = None) -> None:
    """Write what ``which`` describes (all of it) to a text file opened with ``newline=""``."""
    which = which or Filter()
    if form == "claimreview":
        from sayso.ledger.feeds import write_claimreview

        write_claimreview(ledger, out, which)
    elif form == "corrections":
        write_corrections(ledger, out)
    elif form == "webannotation":
        from sayso.ledger.feeds import write_webannotation

        write_webannotation(ledger.find(which), out)
    elif form == "ics":
        from sayso.ledger.feeds import calendar

        out.write(calendar(ledger.find(_open(which)), ledger.questions(only_open=True)).decode("utf-8"))
    else:
        from sayso.export import write

        write(_readings(ledger.find(which)), out, format="csv" if form == "csv" else "jsonl")


def write_corrections(ledger: Ledger, out: TextIO) -> None:
    """Write corrections to learn from, one object a line: the step, the text it was made in, the claims of that text.

    A step that was taken back is left out, and so is its undoing. ``claims`` are those that stand in the text now, so
    that a reader can be trained on them; ``changes`` tell what was wrong with them, for looking at errors.
    """
    from sayso.export.jsonl import claim_to_json, dumps
    from sayso.ledger import corrections

    with ledger.database.connect() as connection:
        listed = (c for c in corrections.listing(connection) if not c.undone and c.action != "undo")
        while some := list(itertools.islice(listed, 200)):
            texts = corrections.texts(connection, [each.id for each in some])
            for each in some:
                of = texts[each.id]
                standing = [claim_to_json(one) for one in corrections.standing(connection, of.post_id)]
                value = corrections.to_json(each) | {"author": of.author, "posted": of.posted, "text": of.text}
                out.write(dumps(value | {"claims": standing}) + "\n")


def _open(which: Filter) -> Filter:
    from dataclasses import replace

    return replace(which, open=True)


def _readings(found: Iterator[Found]) -> Iterator[Selection]:
    from sayso.export.selection import Selection

    for one in found:
        yield Selection(one.claim.thread, [one.claim])


def export_parquet(ledger: Ledger, out: BinaryIO, which: Filter | None = None) -> None:
    """Write claims as Parquet, with the columns of the CSV, numbers and truth values as such."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise MissingExtra("Parquet", "parquet") from error
    from sayso.export.csv import COLUMNS, row

    numbers = {"confidence", "probability", "probability_low", "probability_high"}
    flags = {"horizon_past", "resolvable"}

    def kind(column: str) -> Any:
        return pa.float64() if column in numbers else pa.bool_() if column in flags else pa.string()

    def value(column: str, cell: str | None) -> Any:
        if cell is None:
            return None
        if column in numbers:
            return float(cell)
        return cell == "true" if column in flags else cell.encode("utf-8", "replace").decode()

    schema = pa.schema([(column, kind(column)) for column in COLUMNS])
    found = ledger.find(which or Filter())
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        while rows := [row(one.claim) for one in itertools.islice(found, ROWS)]:
            columns = [[value(column, cells.get(column)) for cells in rows] for column in COLUMNS]
            writer.write_table(pa.table([pa.array(c, f.type) for c, f in zip(columns, schema)], schema=schema))


def by_thread(readings: Iterator[Selection]) -> Iterator[Selection]:
    """The readings with one for each thread, in the order in which the threads first come; holds all of them."""
    made: dict[str, Selection] = {}
    for reading in readings:
        assert reading.thread is not None
        first = made.setdefault(reading.thread.id, reading)
        if first is not reading:
            first.claims += reading.claims
            for post, found in reading.attributions.items():
                first.attributions.setdefault(post, []).extend(found)
    return iter(made.values())


@contextlib.contextmanager
def whole_file(path: str) -> Iterator[BinaryIO]:
    """A binary file that is there whole or not at all."""
    part = Path(path).with_name(f".{Path(path).name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        part.unlink(missing_ok=True)
