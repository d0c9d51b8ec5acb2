"""How articles are to be read, as the commands that read them ask for it: their common options, and what they do."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sayso.errors import InputError, SaysoError
    from sayso.export.selection import Selection
    from sayso.posts import Claim

YARDSTICKS = ("survey", "icd203", "nato", "ipcc", "ukphia", "efsa")

hemisphere_option = click.option("--hemisphere", type=click.Choice(["north", "south"]), default="north",
                                 show_default=True, help="Where the seasons are.")  # fmt: skip
calendar_option = click.option("--calendar", metavar="FILE",
                               help="A TOML file of events that texts name, beside those Sayso knows.")  # fmt: skip

_OPTIONS = (
    click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that read."),
    click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.0, metavar="0..1",
                 help="Leave out what is less sure than this."),
    click.option("--only", type=click.Choice(["forecasts"]), help="Leave out all but predictions and pledges."),
    click.option("--yardstick", type=click.Choice(YARDSTICKS), default="survey", show_default=True,
                 help="Whose scale turns certainty words into probabilities."),
    calendar_option,
    hemisphere_option,
    click.option("--title", help="The title, where the input does not say it."),
    click.option("--author", help="The author, where the input does not say it."),
    click.option("--published", metavar="DATE",
                 help="The day of publication, where the input does not say it: 2021-06-02."),
    click.option("--url", "address", help="The address, where the input does not say it."),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was given for the options that all reading commands have."""

    jobs: int
    min_confidence: float
    only: str | None
    yardstick: Any
    calendar: str | None
    hemisphere: Any
    title: str | None
    author: str | None
    published: str | None
    address: str | None

    @contextmanager
    def readings(
        self, inputs: Sequence[str], failures: list[InputError], *, shown: bool
    ) -> Iterator[Iterator[Selection]]:
        """What is read of the inputs, as it comes; what cannot be is told in a line each and added to ``failures``.

        ``shown`` says whether progress is, on stderr. What has horizons but no day to count them from is told of
        once, at the end.
        """
        from sayso.export import select
        from sayso.intake import Overrides, read_inputs
        from sayso.progress import Meter, estimate
        from sayso.reading.reader import Reader

        if len(inputs) > 1 and (self.title or self.address):
            raise click.UsageError("--title and --url say what one document is: give one INPUT with them.")
        overrides = Overrides(title=self.title, author=self.author, published=self.published, url=self.address)
        undated: list[str] = []
        reader = Reader(jobs=self.jobs, yardstick=self.yardstick, calendar=self.calendar, hemisphere=self.hemisphere)
        with Meter(estimate(inputs) if shown else None, shown=shown) as meter:

            def told() -> Iterator[Any]:
                for reading in meter.each(reader.read_threads(read_inputs(inputs, overrides=overrides))):
                    if reading.error is not None:
                        failures.append(reading.error)
                        meter.say(line_of(reading.error))
                    else:
                        if reading.thread and any(_undated(claim) for claim in reading.claims):
                            undated.append(reading.thread.id)
                        yield reading

            yield select(told(), min_confidence=self.min_confidence, only_forecasts=bool(self.only))
        if undated:
            click.echo(_dateless(undated), err=True)


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of reading; it gets what was given for them as ``asked``."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        asked = Asked(**{each.name: given.pop(each.name) for each in fields(Asked)})
        return command(asked=asked, **given)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def line_of(error: SaysoError) -> str:
    """An error as one line that cannot steer the terminal, whatever the input was called."""
    from sayso.export.words import plain

    return plain(f"sayso: {error}")


def _dateless(names: Sequence[str]) -> str:
    """What is said, once, of inputs whose horizons have no day to be counted from."""
    from sayso.export.words import plain

    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    why = "no day of publication is known, so that words like “by next spring” stay without days"
    return plain(f"sayso: {names[0]}{more}: {why}; give it with --published")


def _undated(claim: Claim) -> bool:
    """Whether the claim has a horizon that a rule reads, and no day to count it from."""
    horizon = claim.forecast.horizon if claim.forecast else None
    return horizon is not None and horizon.rule is not None and horizon.start is None and horizon.end is None
