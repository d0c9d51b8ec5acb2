"""The archive's commands: each a few lines over the modules beside it. ``register(cli)`` adds them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sayso.archive.engines import Engine

YARDSTICKS = ("survey", "icd203", "nato", "ipcc", "ukphia", "efsa")


class _Archive(click.Group):
    """A group whose first word may be left out: what is no command is the first INPUT of ``run``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)


def register(cli: click.Group) -> None:
    """Add the archive's commands to a group."""
    cli.add_command(archive)


@click.group(cls=_Archive, short_help="Read an archive into tables of claims.", subcommand_metavar="INPUT... | COMMAND")
def archive() -> None:
    """Read an archive – WARC, JSON Lines, folders of pages – into tables of claims, on one machine or many.

    \b
    sayso archive news/*.warc.gz --out tables/     read; the same again goes on where it stopped
    sayso archive status tables/                   how far it is
    sayso archive verify tables/                   whether all of it is whole
    """


@archive.command(short_help="Read inputs into tables (what `sayso archive INPUT...` does).")
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@click.option("--out", required=True, metavar="DIR",
              help="The folder of the tables, or s3://bucket/prefix; what it has is added to.")  # fmt: skip
@click.option("--list", "lists", multiple=True, metavar="FILE", help="A file that names inputs, one a line.")
@click.option("--since", metavar="DATE", help="Leave out what was published before that day.")
@click.option("--until", metavar="DATE", help="Leave out what was published after that day.")
@click.option("--site", "sites", multiple=True, metavar="HOST",
              help="Only that site and its subdomains; may be given more than once.")  # fmt: skip
@click.option("--min-words", type=click.IntRange(min=1), default=60, show_default=True,
              help="Leave out shorter articles.")  # fmt: skip
@click.option("--near/--no-near", default=True, show_default=True, help="Find near copies, or exact ones only.")
@click.option("--yardstick", type=click.Choice(YARDSTICKS), default="survey", show_default=True,
              help="Whose scale turns certainty words into probabilities.")  # fmt: skip
@click.option("--engine", "engine_name", type=click.Choice(["local", "ray"]), default="local", show_default=True,
              help="This machine's processes, or a Ray cluster.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), help="Workers. Default: one a core, or all of the cluster's.")
@click.option("--address", metavar="ADDRESS", help="Of the Ray cluster; default: one on this machine.")
@click.option("--resume/--no-resume", default=True, show_default=True,
              help="Leave what is done, or read all of it again.")  # fmt: skip
@click.option("--retry", is_flag=True, help="Try again what was set aside.")
def run(
    inputs: tuple[str, ...],
    out: str,
    lists: tuple[str, ...],
    since: str | None,
    until: str | None,
    sites: tuple[str, ...],
    min_words: int,
    near: bool,
    yardstick: str,
    engine_name: str,
    jobs: int | None,
    address: str | None,
    resume: bool,
    retry: bool,
) -> int:
    """Read INPUTs into the tables in DIR: claims, posts, addresses and rejects, as Parquet.

    INPUT is a WARC or JSON Lines file (also .gz or .zst), a page, a folder of those, or a pattern; a path, or an
    address that fsspec knows (s3://bucket/key). Without INPUT, what DIR already knows is read to its end.

    It may be ended at any time: given again, it goes on where it was. What cannot be read is set aside and named, and
    the exit status is then 1.

    \b
    sayso archive crawl/*.warc.gz --out tables/ --site example.org --since 2021-01-01
    sayso archive --list warc.paths --out tables/ --jobs 8
    """
    from sayso.archive.report import summary
    from sayso.archive.run import Run
    from sayso.archive.shards import listed
    from sayso.archive.tasks import Options
    from sayso.archive.watch import Watch
    from sayso.intake.dates import valid_date

    names = [*inputs, *(name for path in lists for name in listed(path))]
    if lists and not names:
        raise click.UsageError("The list is empty: there is nothing to read.")
    first, last = (valid_date(day, field="day", input=name) for name, day in (("--since", since), ("--until", until)))
    hosts = tuple(sorted({_host(site) for site in sites}))
    options = Options(first and first[:10], last and last[:10], hosts, min_words, near, yardstick)
    try:
        with Watch(shown=sys.stderr.isatty(), out=out) as watch:
            done = Run(out, _engine(engine_name, jobs, address), resume, retry, watch.watcher).read(names, options)
    except KeyboardInterrupt:
        click.echo("stopped; the same command goes on from here", err=True)
        raise
    for line in summary(done):
        click.echo(line, err=True)
    return 1 if done.aside else 0


def _host(site: str) -> str:
    return site.strip().lower().removeprefix("https://").removeprefix("http://").removeprefix("www.").strip("/.")


def _engine(name: str, jobs: int | None, address: str | None) -> Engine:
    if name == "ray":
        from sayso.archive.engines.ray import Ray

        return Ray(workers=jobs or 0, address=address)
    if address:
        raise click.UsageError("--address is a Ray cluster's: give --engine ray with it.")
    from sayso.archive.engines.local import Local

    return Local(
        jobs or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else jobs or os.cpu_count() or 1
    )


@archive.command(short_help="Say how far the tables in DIR are.")
@click.argument("folder", metavar="DIR")
def status(folder: str) -> None:
    """Say how far the tables in DIR are, what came of them, and what is under way."""
    from sayso.archive.check import status as lines

    for line in lines(folder):
        click.echo(line)


@archive.command(short_help="Check every file of the tables in DIR.")
@click.argument("folder", metavar="DIR")
@click.option("--mend", is_flag=True, help="Have the next run read again what is damaged, and drop stray files.")
def verify(folder: str, mend: bool) -> int:
    """Read every file of the tables in DIR and compare it with what was published. Status 1: something is wrong."""
    from sayso.archive.check import verify as troubles

    found = 0
    for trouble in troubles(folder, mend=mend):
        found += 1
        click.echo(f"{trouble.path}: {trouble.problem}")
    if not found:
        click.echo("every part is there and as it was published")
    elif mend:
        click.echo(f"run `sayso archive --out {folder}` to have it mended", err=True)
    else:
        click.echo(
            f"{found} files are wrong; `sayso archive verify --mend {folder}` has the next run mend them", err=True
        )
    return 1 if found else 0
