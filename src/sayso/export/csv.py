"""Claims as CSV: one row a claim, flat columns, for spreadsheets and data frames.

The columns are those of ``COLUMNS``. Several ranges of one part are written ``s-e;s-e`` (code points of the post's
text, the end not included), several conditions are set apart by ``" | "`` (and their ranges by ``|``), the names of
a chain by ``" ‹ "``, the outermost first. What is unknown is an empty cell. The file is UTF-8 with a header, rows
end in CRLF (RFC 4180).

**Formulas.** A spreadsheet runs a cell that begins with ``= + - @`` as a formula, quoted or not, and the text of a
stranger's comment can begin so. Such a text is written with one apostrophe before it, which spreadsheets take as
"this is text". The mark can be taken off without loss: a text that already begins with apostrophes before such a
sign gets one more, so ``unguard`` (and ``read_csv``) give back exactly what was published.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from sayso.export.selection import Reading
from sayso.export.words import CHAIN
from sayso.posts import Claim, Part, Range

COLUMNS: tuple[str, ...] = (
    "id",
    "thread_id",
    "thread_url",
    "thread_title",
    "thread_site",
    "thread_published",
    "thread_language",
    "post_id",
    "post_parent",
    "post_author",
    "post_posted",
    "post_kind",
    "holder",
    "chain",
    "chain_spans",
    "kind",
    "content",
    "content_spans",
    "source",
    "source_spans",
    "cue",
    "cue_spans",
    "quote",
    "voice",
    "condition",
    "condition_spans",
    "horizon",
    "horizon_spans",
    "horizon_from",
    "horizon_to",
    "horizon_rule",
    "horizon_past",
    "certainty",
    "certainty_spans",
    "probability",
    "probability_low",
    "probability_high",
    "probability_rule",
    "resolvable",
    "confidence",
)

_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")


def guard(text: str) -> str:
    """The text as a cell that no spreadsheet runs as a formula."""
    return "'" + text if _FORMULA.match(text) else text


def unguard(cell: str) -> str:
    """The text of a cell that ``guard`` made."""
    return cell[1:] if _GUARDED.match(cell) else cell


def spans_cell(spans: Sequence[Range]) -> str:
    """Ranges as ``s-e;s-e``."""
    return ";".join(f"{start}-{end}" for start, end in spans)


def _part(name: str, part: Part | None) -> dict[str, str]:
    return {name: part.text, f"{name}_spans": spans_cell(part.spans)} if part else {}


def _flag(value: bool) -> str:
    return "true" if value else "false"


def row(claim: Claim) -> dict[str, str]:
    """The claim as texts by column, not yet guarded; columns without a value are left out."""
    thread, post, forecast = claim.thread, claim.post, claim.forecast
    cells: dict[str, str | None] = {
        "id": claim.id,
        "thread_id": thread.id,
        "thread_url": thread.url,
        "thread_title": thread.title,
        "thread_site": thread.site,
        "thread_published": thread.published,
        "thread_language": thread.language,
        "post_id": post.id,
        "post_parent": post.parent,
        "post_author": post.author,
        "post_posted": post.posted,
        "post_kind": post.kind,
        "holder": claim.holder.name,
        "chain": CHAIN.join(holder.name for holder in claim.chain),
        "chain_spans": "|".join(spans_cell(h.mention.spans) if h.mention else "" for h in claim.chain),
        "kind": claim.kind,
        **_part("content", claim.content),
        **_part("source", claim.source),
        **_part("cue", claim.cue),
        "quote": claim.quote,
        "voice": claim.voice,
        "confidence": f"{claim.confidence:.4g}",
    }
    if forecast:
        if forecast.conditions:
            cells["condition"] = " | ".join(c.text for c in forecast.conditions)
            cells["condition_spans"] = "|".join(spans_cell(c.spans) for c in forecast.conditions)
        if horizon := forecast.horizon:
            cells |= {
                "horizon": horizon.text,
                "horizon_spans": spans_cell(horizon.spans),
                "horizon_from": horizon.start.isoformat() if horizon.start else "",
                "horizon_to": horizon.end.isoformat() if horizon.end else "",
                "horizon_rule": horizon.rule,
                "horizon_past": _flag(horizon.past),
            }
        cells |= _part("certainty", forecast.certainty)
        if probability := forecast.probability:
            cells |= {
                "probability": f"{probability.point:.4g}",
                "probability_low": f"{probability.low:.4g}",
                "probability_high": f"{probability.high:.4g}",
                "probability_rule": probability.rule,
            }
        cells["resolvable"] = _flag(forecast.resolvable)
    return {name: value for name, value in cells.items() if value}


def write_csv(readings: Iterable[Reading], out: TextIO) -> None:
    """Write the header and one row a claim. ``out`` must not translate line ends (``newline=""``)."""
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    for reading in readings:
        writer.writerows({name: guard(cell) for name, cell in row(claim).items()} for claim in reading.claims)


def read_csv(file: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield the rows of a file that ``write_csv`` made, opened with ``newline=""``, their texts as they were."""
    for cells in csv.DictReader(file):
        yield {name: unguard(cell) for name, cell in cells.items()}
