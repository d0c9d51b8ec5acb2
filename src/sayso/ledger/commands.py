"""The ledger's commands: each a few lines over ``Ledger``. ``register(cli)`` adds them to the command line."""

from __future__ import annotations

import datetime
import itertools
import sys
from typing import TYPE_CHECKING, Any

import click

from sayso.export.words import counted
from sayso.ledger.commands_care import ledger_group, people_group, question_group
from sayso.ledger.terminal import by_option, chosen, days, facts, format_option, ledger_option, tell
from sayso.options import Asked, reading_options

if TYPE_CHECKING:
    from sayso.errors import InputError
    from sayso.ledger import Found, Kept, Ledger
    from sayso.ledger.records import Record

CLAIM_FORMATS = ("table", "jsonl", "attributions", "csv", "html")
KINDS = ("prediction", "pledge", "demand", "judgment", "fact", "other")
EXPORTS = ("jsonl", "csv", "parquet", "webannotation", "claimreview", "ics", "corrections")
_WORST = 20
_FEWEST_PARTS = 10
"""Scored forecasts without which nobody is told what a Brier score is made of: it would be noise."""


def register(cli: click.Group) -> None:
    """Add the ledger's commands to a group."""
    for command in (keep, claims, due, resolve, history, record, scores, export, import_command):
        cli.add_command(command)
    for group in (question_group, people_group, ledger_group):
        cli.add_command(group)


def opened(url: str | None, *, create: bool = False) -> Ledger:
    """The ledger that the options and the environment name."""
    from sayso.ledger import Ledger

    return Ledger(url, create=create)


@click.command(short_help="Read articles and keep what they say in the ledger.")
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@ledger_option
@click.option("--from", "folder", metavar="DIR", help="Keep what `sayso archive` read into DIR, instead of INPUTs.")
@reading_options
def keep(inputs: tuple[str, ...], url: str | None, folder: str | None, asked: Asked) -> int:
    """Read articles and their comments, as `sayso read` does, and keep their claims in the ledger.

    Keeping the same text again changes nothing. A changed article becomes a new version, and the claims of the old
    one stay with it.

    \b
    sayso keep columns/ --published 2026-03-09
    sayso keep --from tables/ --only forecasts
    """
    from sayso.ledger import Kept

    if bool(inputs) == bool(folder):
        raise click.UsageError("Give INPUTs to read, or --from with the folder of an archive's tables.")
    if folder:
        kept = _from_archive(url, folder, min_confidence=asked.min_confidence, only_forecasts=bool(asked.only))
        click.echo(_kept(kept), err=True)
        return 0
    failures: list[InputError] = []
    total = Kept()
    with (
        opened(url, create=True) as ledger,
        asked.readings(inputs, failures, shown=sys.stderr.isatty()) as readings,
    ):
        for kept in ledger.keep_all(readings):
            total += kept
    click.echo(_kept(total), err=True)
    return 1 if failures else 0


def _from_archive(url: str | None, folder: str, *, min_confidence: float, only_forecasts: bool) -> Kept:
    """Keep what an archive's tables hold; of documents without a claim that is wanted, nothing is kept."""
    from sayso.archive.keep import readings
    from sayso.export import select
    from sayso.ledger import Kept
    from sayso.progress import Meter

    total = Kept()
    with opened(url, create=True) as ledger, Meter(None, shown=sys.stderr.isatty()) as meter:
        wanted = select(meter.each(readings(folder)), min_confidence=min_confidence, only_forecasts=only_forecasts)
        for kept in ledger.keep_all(reading for reading in wanted if reading.claims):
            total += kept
    return total


def _kept(kept: Kept) -> str:
    changed = f", {kept.versions} changed" if kept.versions else ""
    known = f" ({kept.known} known before)" if kept.known else ""
    claims, documents = counted(kept.claims, "new claim"), counted(kept.threads, "new document")
    return f"kept {claims}{known} of {documents}, {counted(kept.posts, 'new post')}{changed}"


@click.command(short_help="Search the claims that were kept.")
@ledger_option
@click.option("--holder", metavar="NAME", help="Whose claim it is.")
@click.option("--via", metavar="NAME", help="Through whom it came.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="May be given more than once.")
@click.option("--site", metavar="NAME", help="The site's name or its host.")
@click.option("--since", metavar="DATE", help="Said on that day or later.")
@click.option("--until", metavar="DATE", help="Said on that day or earlier.")
@click.option("--due-before", metavar="DATE", help="Forecasts whose horizon ends before that day.")
@click.option("--open", "still_open", is_flag=True, help="Forecasts that nobody has resolved.")
@click.option(
    "--text", metavar="QUERY", help='Words, a "phrase", begin*, -without, this OR that; the best match first.'
)
@click.option("--question", metavar="ID", help="Forecasts attached to that question.")
@click.option("--versions", is_flag=True, help="Also claims as older versions of a changed post have them.")
@click.option("--limit", type=click.IntRange(min=1), help="At most that many.")
@click.option("--format", "form", type=click.Choice(CLAIM_FORMATS),
              help="Default: by the ending of --out; else table on a terminal, jsonl when piped.")  # fmt: skip
@click.option("--out", metavar="FILE", help="Write to FILE, whole or not at all. Default: standard output.")
def claims(url: str | None, kinds: tuple[Any, ...], form: Any, out: str | None, **options: Any) -> None:
    """Search the claims that were kept; all conditions given must hold.

    \b
    sayso claims --holder "Ada Prior" --kind prediction --open
    sayso claims --text "harbour -tariff" --since 2026-01-01 --format csv
    """
    from sayso.cli import chosen_format
    from sayso.export import write
    from sayso.export.output import destination
    from sayso.export.table import write_table
    from sayso.ledger import Filter
    from sayso.ledger.exporting import by_thread

    form = form or chosen_format(out)
    for name in ("since", "until", "due_before"):
        options[name] = _day(options[name], f"--{name.replace('_', '-')}")
    which = Filter(kind=kinds, open=options.pop("still_open"), **options)
    with opened(url) as ledger, destination(out) as file:
        if options["question"] is not None:
            ledger.question(options["question"])  # says so if there is none
        readings = ledger.readings(which)
        if form == "table":
            first = next(readings, None)
            if first is None:
                click.echo("no claims match", err=True)
            else:
                write_table(by_thread(itertools.chain([first], readings)), file, ids=True)
        else:
            write(by_thread(readings) if form in ("html", "attributions") else readings, file, format=form)


def _day(text: str | None, option: str) -> str | None:
    from sayso.ledger.resolutions import parse_day

    return None if text is None else parse_day(text, option)


def _due_row(found: Found) -> dict[str, Any]:
    from sayso.export.jsonl import claim_to_json

    return {"due_on": found.due_on} | claim_to_json(found.claim)


@click.command(short_help="List forecasts that have come due and wait for an answer.")
@ledger_option
@click.option("--on", metavar="DATE", help="Due by that day. Default: today.")
@click.option("--soon", metavar="SPAN", help="Those instead that come due within that time: 30d, 6w.")
@click.option("--limit", type=click.IntRange(min=1), help="At most that many.")
@format_option
def due(url: str | None, on: str | None, soon: str | None, limit: int | None, form: str | None) -> None:
    """List forecasts whose horizon has ended and that nobody has resolved, the oldest first.

    \b
    sayso due
    sayso due --soon 30d
    """
    day = _day(on, "--on")
    span = days(soon, "--soon") if soon else 0
    with opened(url) as ledger:
        found = ledger.due(on=datetime.date.fromisoformat(day) if day else None, soon=span, limit=limit)
    if chosen(form) == "jsonl":
        tell(map(_due_row, found), form, (), none="")
        return
    rows = (
        {"due": f.due_on, "holder": f.claim.holder.name, "forecast": f.claim.content.text, "id": f.claim.id}
        for f in found
    )
    tell(rows, form, ("due", "holder", "forecast", "id"), none="nothing is due")


@click.command(short_help="Say how a forecast or a question came out.")
@click.argument("target", metavar="CLAIM|QUESTION")
@click.argument("value")
@ledger_option
@click.option("--evidence", multiple=True, metavar="URL", help="What shows it; may be given more than once.")
@click.option("--note", metavar="TEXT", help="A word on it.")
@click.option("--on", metavar="DATE", help="The day on which the answer was known. Default: today.")
@by_option
def resolve(
    target: str,
    value: str,
    url: str | None,
    evidence: tuple[str, ...],
    note: str | None,
    on: str | None,
    by: str | None,
) -> None:
    """Add a resolution: VALUE is true, false, void, unresolvable, kept, broken, open or a number in 0..1.

    A resolution is added to the history and never changed; the latest stands. A forecast whose condition never came
    about is void, and no score counts it. With "open" the answer that stood is taken back.

    \b
    sayso resolve 1f0c9a true --evidence https://news.example/opened
    """
    with opened(url) as ledger:
        made = ledger.resolve(target, value, evidence=evidence, note=note, on=on, by=by)
    click.echo(f"{made.target} is {made.value}", err=True)


@click.command(short_help="Show every resolution of a forecast or a question.")
@click.argument("target", metavar="CLAIM|QUESTION")
@ledger_option
@format_option
def history(target: str, url: str | None, form: str | None) -> None:
    """Show every resolution of a claim or a question, the oldest first; the last one stands."""
    from sayso.ledger.resolutions import to_json

    with opened(url) as ledger:
        rows = [to_json(each) for each in ledger.history(target)]
    tell(rows, form, ("at", "value", "on", "by", "note", "evidence", "stands"), none="nobody has resolved it")


def _scope(command: Any) -> Any:
    for option in (
        click.option("--topic", metavar="TOPIC", help="Forecasts on questions of that topic."),
        click.option("--until", metavar="DATE", help="Said on that day or earlier."),
        click.option("--since", metavar="DATE", help="Said on that day or later."),
        click.option("--kind", type=click.Choice(["prediction", "pledge"]), help="Only predictions, or only pledges."),
    ):
        command = option(command)
    return command


@click.command(short_help="Show one holder's record.")
@click.argument("name")
@ledger_option
@_scope
@format_option
def record(
    name: str, url: str | None, form: str | None, since: str | None, until: str | None, **scope: str | None
) -> None:
    """Show how one holder's forecasts came out, with all that the figures rest on.

    \b
    sayso record "Ada Prior"
    """
    span = {"since": _day(since, "--since"), "until": _day(until, "--until")}
    with opened(url) as ledger:
        made = ledger.record(name, **scope, **span)
    if chosen(form) == "jsonl":
        tell([made.to_json()], form, (), none="")
    else:
        facts(_record_facts(made))
        if made.calibration:
            click.echo()
            rows = [
                {
                    "said": f"{b.low:.0%}–{b.high:.0%}",
                    "forecasts": b.count,
                    "came true": f"{b.frequency:.0%}",
                    "90% interval": f"{b.frequency_low:.0%}–{b.frequency_high:.0%}",
                }
                for b in made.calibration
            ]
            tell(rows, "table", ("said", "forecasts", "came true", "90% interval"), none="")


def _record_facts(made: Record) -> list[tuple[str, Any]]:
    tally = made.tally
    rows: list[tuple[str, Any]] = [
        ("holder", made.holder),
        ("claims", tally.claims),
        ("forecasts", f"{tally.forecasts}, {tally.resolvable} resolvable"),
        ("resolved", f"{tally.resolved}, {tally.void} void, {tally.unresolvable} unresolvable, {tally.scored} scored"),
    ]
    if made.brier is not None:
        at_low, at_high = made.brier_low or 0.0, made.brier_high or 0.0
        of = f"of {tally.scored} forecast{'s' if tally.scored != 1 else ''}"
        ends = f"read at the low end of their words {at_low:.3f}, at the high end {at_high:.3f}"
        rows += [
            ("Brier score", f"{made.brier:.3f} {of}; {ends}"),
            ("log score", f"{made.log_score:.3f} {of}"),
            ("next expected", f"a Brier score of {made.expected_brier or 0.0:.3f}"),
        ]
        if made.skill is not None and made.low is not None and made.high is not None:
            rows.append(("skill", f"{made.skill:+.3f} (90%: {made.low:+.3f} to {made.high:+.3f})"))
    if made.parts is not None and tally.scored >= _FEWEST_PARTS:
        p = made.parts
        parts = f"reliability {p.reliability:.3f}, resolution {p.resolution:.3f}, uncertainty {p.uncertainty:.3f}"
        rows.append(("made of", parts))
    if made.pledges is not None:
        s = made.pledges
        rows.append(("pledges kept", f"{tally.kept:g} of {s.of:g} (90%: {s.low:.0%} to {s.high:.0%})"))
    return rows


@click.command(short_help="Rank the holders by how right they were.")
@ledger_option
@_scope
@click.option("--min-resolved", type=click.IntRange(min=1), default=3, show_default=True,
              help="Leave out holders with fewer resolved forecasts.")  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), help="At most that many.")
@format_option
def scores(
    url: str | None,
    form: str | None,
    min_resolved: int,
    limit: int | None,
    since: str | None,
    until: str | None,
    **scope: str | None,
) -> None:
    """Rank the holders by the lower end of their skill: what they are at least better than the crowd by.

    Skill is the gain in Brier score over what the others said on the same question, else over the base rate, shrunk
    toward the crowd. Few forecasts make a wide interval, and so a low place.
    """
    span = {"since": _day(since, "--since"), "until": _day(until, "--until")}
    with opened(url) as ledger:
        board = ledger.scores(fewest=min_resolved, **scope, **span)
    rows = [{"rank": at} | made.to_json() for at, made in enumerate(board[:limit], 1)]
    columns = (
        "rank",
        "holder",
        "skill",
        "low",
        "high",
        "brier",
        "expected_brier",
        "scored",
        "resolved",
        "kept",
        "broken",
    )
    enough = "a resolved forecast" if min_resolved == 1 else f"{min_resolved} resolved forecasts"
    tell(rows, form, columns, none=f"nobody has {enough}; sayso due lists what can be resolved")


@click.command(short_help="Write the ledger's claims for other programs.")
@ledger_option
@click.option("--format", "form", type=click.Choice(EXPORTS),
              help="ics: deadlines for a calendar; claimreview: resolved forecasts. Default: by the ending of --out "
                   "(.csv, .parquet, .ics), else jsonl.")  # fmt: skip
@click.option("--out", metavar="FILE", help="Write to FILE, whole or not at all. Default: standard output.")
def export(url: str | None, form: Any, out: str | None) -> None:
    """Write all claims in a form that other programs read.

    Corrections are written to learn from: one object a line, with the text, and the claims before and after.

    \b
    sayso export --format ics --out deadlines.ics
    """
    from sayso.export.output import destination
    from sayso.ledger.exporting import BINARY, export_parquet, export_text, whole_file

    form = form or next(
        (form for form in ("csv", "parquet", "ics") if (out or "").lower().endswith(f".{form}")), "jsonl"
    )
    with opened(url) as ledger:
        if form in BINARY:
            if out in (None, "-"):
                raise click.UsageError(f"--format {form} is no text: give --out FILE.")
            with whole_file(str(out)) as binary:
                export_parquet(ledger, binary)
        else:
            with destination(out) as file:
                export_text(ledger, file, form)


@click.command("import", short_help="Bring in claims or forecasts that others hold.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@ledger_option
@click.option("--as", "form", type=click.Choice(["claims", "forecasts"]),
              help="Default: forecasts for .csv, else claims.")  # fmt: skip
def import_command(files: tuple[str, ...], url: str | None, form: str | None) -> int:
    """Bring in claims as JSON Lines, as `sayso read` and `sayso export` write them, or forecasts as CSV.

    The CSV has the columns person, question, made_on, probability, outcome, closed_on, and may have text and topic.
    Rows that cannot be are named on stderr, the rest is taken, and the exit status is 1. Importing a file again
    changes nothing.
    """
    from sayso.export.words import plain
    from sayso.ledger.importing import import_file

    rejected = 0
    with opened(url, create=True) as ledger:
        for path in files:
            made = import_file(ledger, path, form=form)
            for each in made.rejected[:_WORST]:
                click.echo(plain(f"sayso: {path}, line {each.line}: {each.reason}"), err=True)
            if len(made.rejected) > _WORST:
                click.echo(f"sayso: {plain(path)}: {len(made.rejected) - _WORST} more rows rejected", err=True)
            rejected += len(made.rejected)
            extra = f", {made.questions} questions, {made.resolutions} resolutions" if made.questions else ""
            click.echo(
                f"{plain(path)}: {made.rows} rows, {len(made.rejected)} rejected; {_kept(made.kept)}{extra}", err=True
            )
    return 1 if rejected else 0
