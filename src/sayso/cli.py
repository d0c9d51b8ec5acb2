"""The command line: each command a few lines over the library.

Exit status: 0 all was read and written, 1 something could not be (the rest is done), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from sayso import __version__
from sayso.errors import FieldError, InputError, SaysoError
from sayso.ledger.commands import register as register_ledger
from sayso.web.commands import register as register_web

if TYPE_CHECKING:
    from sayso.export import Format
    from sayso.export.selection import Reading
    from sayso.progress import Meter

FORMATS = ("table", "jsonl", "attributions", "csv", "html")
YARDSTICKS = ("survey", "icd203", "nato", "ipcc", "ukphia", "efsa")
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
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that read.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.0, metavar="0..1",
              help="Leave out what is less sure than this.")  # fmt: skip
@click.option("--only", type=click.Choice(["forecasts"]), help="Leave out all but predictions and pledges.")
@click.option("--yardstick", type=click.Choice(YARDSTICKS), default="survey", show_default=True,
              help="Whose scale turns certainty words into probabilities.")  # fmt: skip
@click.option("--title", help="The title, where the input does not say it.")
@click.option("--author", help="The author, where the input does not say it.")
@click.option(
    "--published", metavar="DATE", help="The day of publication, where the input does not say it: 2021-06-02."
)
@click.option("--url", help="The address, where the input does not say it.")
def read(
    inputs: tuple[str, ...],
    form: Format | None,
    out: str | None,
    jobs: int,
    min_confidence: float,
    only: str | None,
    yardstick: Any,
    title: str | None,
    author: str | None,
    published: str | None,
    url: str | None,
) -> int:
    """Read articles and their comments: every attributed claim, its holder and the chain it came through.

    INPUT is a text or HTML file, a folder of those, JSON Lines of documents (also .gz), an http(s) address, or - for
    the standard input. What cannot be read is named on stderr, and the rest is done.

    \b
    sayso read column.html
    sayso read columns/ --only forecasts --out forecasts.csv
    """
    from sayso.export import select, write
    from sayso.export.output import destination
    from sayso.intake import Overrides, read_inputs
    from sayso.progress import Meter, estimate
    from sayso.reading.reader import Reader

    form = form or chosen_format(out)
    if only and form == "attributions":
        raise click.UsageError("--only forecasts goes with claims: attributions have no kind.")
    if len(inputs) > 1 and (title or url):
        raise click.UsageError("--title and --url say what one document is: give one INPUT with them.")
    overrides = Overrides(title=title, author=author, published=published, url=url)
    to_file = out not in (None, "-")
    shown = sys.stderr.isatty() and (to_file or not sys.stdout.isatty())
    failures: list[InputError] = []
    with destination(out) as file, Meter(estimate(inputs) if shown else None, shown=shown) as meter:
        results = Reader(jobs=jobs, yardstick=yardstick).read_threads(read_inputs(inputs, overrides=overrides))
        readings = _told(meter.each(results), failures, meter)
        write(select(readings, min_confidence=min_confidence, only_forecasts=bool(only)), file, format=form)
    return 1 if failures else 0


def chosen_format(out: str | None) -> Format:
    """The format where none is named: by the ending of the file, else by what the standard output is."""
    if out not in (None, "-"):
        return _BY_SUFFIX.get(os.path.splitext(str(out))[1].lower(), "jsonl")
    return "table" if sys.stdout.isatty() else "jsonl"


def _told(readings: Iterable[Reading], failures: list[InputError], meter: Meter) -> Iterator[Reading]:
    """Pass on what was read; tell each failure in a line, as it comes."""
    for reading in readings:
        if reading.error is not None:
            failures.append(reading.error)
            meter.say(_line(reading.error))
        else:
            yield reading


@cli.command(short_help="Show the days that the words of a horizon mean.")
@click.argument("words")
@click.option("--said", metavar="DATE", help="The day the words were said: 2021-06-02. Default: today.")
@click.option("--hemisphere", type=click.Choice(["north", "south"]), default="north", show_default=True,
              help="Where the seasons are.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def dates(words: str, said: str | None, hemisphere: Any, as_json: bool) -> int:
    """Show the days that the words of a horizon mean, and the rules that say so. Status 1: no rule knows them.

    \b
    sayso dates "by next spring" --said 2021-06-02
    """
    import datetime

    from sayso.export.words import explain_horizon
    from sayso.reading.dates import describe_horizon

    try:
        day = datetime.date.fromisoformat(said) if said else datetime.date.today()
    except ValueError as error:
        raise click.BadParameter(f"{said!r} is no day; write it as 2021-06-02.", param_hint="--said") from error
    found = describe_horizon(words, day, hemisphere=hemisphere)
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
register_web(cli)


def _describe(found: dict[str, Any], lines: Iterable[str], *, as_json: bool) -> None:
    """Print what the rules made of some words, for people or as JSON."""
    if as_json:
        from sayso.export.jsonl import dumps

        lines = [dumps(found)]
    for line in lines:
        click.echo(line)


def _line(error: SaysoError) -> str:
    """An error as one line that cannot steer the terminal, whatever the input was called."""
    from sayso.export.words import plain

    return plain(f"sayso: {error}")


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
        print(_line(error), file=sys.stderr)
        # A value given on the command line that cannot be is wrong usage; all else is a failure.
        return 2 if isinstance(error, FieldError) and error.input.startswith("--") else 1
    return status if isinstance(status, int) else 0


def main() -> NoReturn:
    """The ``sayso`` program."""
    if "_SAYSO_COMPLETE" in os.environ:  # a shell asks what could follow
        cli.main(prog_name="sayso")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(run())


if __name__ == "__main__":
    main()
