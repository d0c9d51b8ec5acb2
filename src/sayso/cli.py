"""The command line: each command a few lines over the library.

Exit status: 0 all was read and written, 1 something could not be (the rest is done), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from sayso import __version__
from sayso.archive.commands import register as register_archive
from sayso.errors import FieldError, InputError, SaysoError
from sayso.follow.commands import register as register_follow
from sayso.garbage import collect_rarely
from sayso.ledger.commands import register as register_ledger
from sayso.options import YARDSTICKS, Asked, calendar_option, hemisphere_option, line_of, reading_options
from sayso.web.commands import register as register_web

if TYPE_CHECKING:
    from sayso.export import Format

FORMATS = ("table", "jsonl", "attributions", "csv", "html")
_BY_SUFFIX: dict[str, Format] = {".html": "html", ".htm": "html", ".csv": "csv", ".txt": "table"}


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sayso")
def cli() -> None:
    """Who says what, on whose word, in political commentary – and were they right?

    \b
    sayso read column.html                    claims of an article and its comments
    sayso read columns/ --out claims.html     a page to read them on
    sayso dates "by next spring"              what a horizon means in days
    sayso odds "almost certainly"             what certainty words are worth
    """


@cli.command(short_help="Read articles and their comments: who says what, on whose word.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--format", "form", type=click.Choice(FORMATS),
              help="Default: by the ending of --out; else table on a terminal, jsonl when piped.")  # fmt: skip
@click.option("--out", metavar="FILE", help="Write to FILE, whole or not at all. Default: standard output.")
@reading_options
def read(
    inputs: tuple[str, ...],
    form: Format | None,
    out: str | None,
    asked: Asked,
) -> int:
    """Read articles and their comments: every attributed claim, its holder and the chain it came through.

    INPUT is a text or HTML file, a folder of those, JSON Lines of documents (also .gz), an http(s) address, or - for
    the standard input. What cannot be read is named on stderr, and the rest is done.

    \b
    sayso read column.html
    sayso read columns/ --only forecasts --out forecasts.csv
    """
    from sayso.export import write
    from sayso.export.output import destination

    form = form or chosen_format(out)
    if asked.only and form == "attributions":
        raise click.UsageError("--only forecasts goes with claims: attributions have no kind.")
    to_file = out not in (None, "-")
    shown = sys.stderr.isatty() and (to_file or not sys.stdout.isatty())
    failures: list[InputError] = []
    with destination(out) as file, asked.readings(inputs, failures, shown=shown) as readings:
        write(readings, file, format=form)
    return 1 if failures else 0


def chosen_format(out: str | None) -> Format:
    """The format where none is named: by the ending of the file, else by what the standard output is."""
    if out not in (None, "-"):
        return _BY_SUFFIX.get(os.path.splitext(str(out))[1].lower(), "jsonl")
    return "table" if sys.stdout.isatty() else "jsonl"


@cli.command(short_help="Show the days that the words of a horizon mean.")
@click.argument("words")
@click.option("--said", metavar="DATE", help="The day the words were said: 2021-06-02. Default: today.")
@hemisphere_option
@calendar_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def dates(words: str, said: str | None, hemisphere: Any, calendar: str | None, as_json: bool) -> int:
    """Show the days that the words of a horizon mean, and the rules that say so. Status 1: no rule knows them.

    \b
    sayso dates "by next spring" --said 2021-06-02
    """
    import datetime

    from sayso.export.words import explain_horizon
    from sayso.reading.dates import describe_horizon, standard

    try:
        day = datetime.date.fromisoformat(said) if said else datetime.date.today()
    except ValueError as error:
        raise click.BadParameter(f"{said!r} is no day; write it as 2021-06-02.", param_hint="--said") from error
    events = standard().extended(calendar) if calendar else None
    found = describe_horizon(words, day, hemisphere=hemisphere, calendar=events)
    _describe(found, explain_horizon(found), as_json=as_json)
    return 0 if found["rule"] else 1


@cli.command(short_help="Show what words of certainty are worth as a probability.")
@click.argument("words")
@click.option("--yardstick", type=click.Choice(YARDSTICKS), default="survey", show_default=True, help="Whose scale.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def odds(words: str, yardstick: Any, as_json: bool) -> int:
    """Show what words of certainty are worth as a probability, and the rules that say so. Status 1: none knows them.

    \b
    sayso odds "almost certainly"
    """
    from sayso.export.words import explain_odds
    from sayso.reading.odds import describe_odds

    found = describe_odds(words, yardstick)
    _describe(found, explain_odds(found), as_json=as_json)
    return 0 if found["known"] else 1


@cli.command()
def schema() -> None:
    """Print the JSON Schema of a claim, as --format jsonl writes it."""
    import json

    from sayso.export import schema as claim_schema

    click.echo(json.dumps(claim_schema(), indent=2, ensure_ascii=False))


register_ledger(cli)
register_archive(cli)
register_follow(cli)
register_web(cli)


def _describe(found: dict[str, Any], lines: Iterable[str], *, as_json: bool) -> None:
    """Print what the rules made of some words, for people or as JSON."""
    if as_json:
        from sayso.export.jsonl import dumps

        lines = [dumps(found)]
    for line in lines:
        click.echo(line)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and give its exit status; what went wrong is told on stderr."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        # Not cli.main(), which has an exit status of its own for a closed pipe and a blank line for Ctrl-C.
        with cli.make_context("sayso", given) as context:
            status = cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as ended:  # --help and --version
        sys.stdout.flush()
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing is wrong. Nor shall Python complain as it closes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # as a program that SIGPIPE ended
    except SaysoError as error:
        print(line_of(error), file=sys.stderr)
        # A value given on the command line that cannot be is wrong usage; all else is a failure.
        return 2 if isinstance(error, FieldError) and error.input.startswith("--") else 1
    return status if isinstance(status, int) else 0


def main() -> NoReturn:
    """The ``sayso`` program."""
    if "_SAYSO_COMPLETE" in os.environ:  # a shell asks what could follow
        cli.main(prog_name="sayso")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    collect_rarely()
    status = run()
    gc.freeze()  # Python looks once more at exit, and what is frozen it passes over
    sys.exit(status)


if __name__ == "__main__":
    main()
