"""The command `sayso follow`: rounds over ``Follower``, until it is told to stop."""

from __future__ import annotations

import datetime
import re
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sayso.export.words import counted
from sayso.ledger.terminal import chosen, format_option, ledger_option, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sayso.errors import InputError
    from sayso.follow.following import Report
    from sayso.follow.memory import Memory
    from sayso.intake.feed import Subscription
    from sayso.posts import Thread

YARDSTICKS = ("survey", "icd203", "nato", "ipcc", "ukphia", "efsa")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_ROUND = ("feed", "outcome", "entries", "new", "changed", "kept", "claims", "failed", "problem")
_STATUS = ("feed", "asked", "news", "kept", "waiting", "refused", "problem")


def register(cli: click.Group) -> None:
    """Add `sayso follow` to a group."""
    cli.add_command(follow)


def span(text: str, name: str, *, least: int = 0) -> float:
    """A span like ``90s``, ``30m``, ``6h`` or ``1d`` in seconds."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip().lower())
    seconds = int(found[1]) * _UNITS[found[2]] if found else -1
    if seconds < least:
        short = f" of at least {least} seconds" if found else ""
        raise click.BadParameter(f"{text!r} is no span{short}; write 30m, 6h or 1d.", param_hint=name)
    return float(seconds)


@click.command(short_help="Read what is new in feeds into the ledger, again and again.")
@click.argument("sources", nargs=-1, required=True, metavar="FEEDS.opml|URL...")
@ledger_option
@click.option("--every", default="30m", show_default=True, metavar="SPAN", help="Pause between rounds: 15m, 6h, 1d.")
@click.option("--once", is_flag=True, help="One round, then end; for cron and timers.")
@click.option("--status", is_flag=True, help="Only show what is known of the feeds; ask nobody.")
@click.option("--recheck", metavar="SPAN", help="Look again at articles still in their feed, so long after reading.")
@click.option("--delay", type=click.FloatRange(min=0), default=2.0, show_default=True, metavar="SECONDS",
              help="Pause between two requests to one server.")  # fmt: skip
@click.option("--contact", metavar="TEXT", help="Put into the User-Agent, so that sites can reach you.")
@click.option("--fetch-from", "networks", multiple=True, metavar="NETWORK",
              help="A private network that may be fetched from: 10.1.0.0/16.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that read.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.0, metavar="0..1",
              help="Leave out what is less sure than this.")  # fmt: skip
@click.option("--only", type=click.Choice(["forecasts"]), help="Leave out all but predictions and pledges.")
@click.option("--yardstick", type=click.Choice(YARDSTICKS), default="survey", show_default=True,
              help="Whose scale turns certainty words into probabilities.")  # fmt: skip
@click.option("--state", metavar="FILE", help="Where it remembers what was seen. Default: beside the ledger.")
@format_option
def follow(
    sources: tuple[str, ...],
    url: str | None,
    every: str,
    once: bool,
    status: bool,
    recheck: str | None,
    delay: float,
    contact: str | None,
    networks: tuple[str, ...],
    jobs: int,
    min_confidence: float,
    only: str | None,
    yardstick: Any,
    state: str | None,
    form: str | None,
) -> int:
    """Read what is new in feeds, as full pages with their comments, into the ledger; then wait and do it again.

    A source is the address of a feed (RSS, Atom, RDF) or a file with a list of feeds (OPML), which is read again before
    every round. Servers are asked only for what has changed, one request at a time, where robots.txt allows it and when
    they say. Addresses of this machine and of private networks are refused unless --fetch-from allows them. What cannot
    be read is named on stderr, and the rest is done. Ctrl-C ends it after the article in hand.

    \b
    sayso follow feeds.opml --every 30m
    sayso follow https://example.org/feed.xml --once
    """
    from sayso.errors import InputError
    from sayso.export import select
    from sayso.follow.following import Follower
    from sayso.follow.manners import Manners
    from sayso.follow.memory import Memory, beside
    from sayso.intake import guard
    from sayso.ledger.commands import opened
    from sayso.reading.reader import Reader

    pause = span(every, "--every", least=60)
    again = span(recheck, "--recheck", least=60) if recheck else None
    allowed = guard.networks(networks)
    stop = _Stop()
    with opened(url, create=not status) as ledger, Memory(Path(state) if state else beside(ledger)) as memory:
        if status:
            tell(_known(memory, subscriptions(sources)), form, _STATUS, none="no feed was asked yet")
            return 0
        reader = Reader(jobs=jobs, yardstick=yardstick)

        def read(threads: Iterable[Thread]) -> Any:
            return select(reader.read_threads(threads), min_confidence=min_confidence, only_forecasts=bool(only))

        with stop.heeded():
            manners = Manners(
                delay=delay, contact=contact, free_at=memory.hosts(_now()), allowed=allowed, stop=stop.event
            )
            follower = Follower(ledger, memory, manners, read=read, recheck=again, tell=_tell)
            listed = subscriptions(sources)
            while True:
                reports = follower.round(listed)
                _show(reports, form, every=None if once or stop.event.is_set() else pause)
                if once or stop.event.wait(pause):
                    break
                try:
                    listed = subscriptions(sources)
                except InputError as error:  # somebody is at work on the list: the former one still holds
                    _tell(error)
    return stop.status or int(any(r.outcome == "failed" or r.failed for r in reports))


def subscriptions(sources: Sequence[str]) -> list[Subscription]:
    """The feeds that the sources name, each once. Raises InputError."""
    from sayso.errors import InputError
    from sayso.intake.feed import Subscription, read_opml
    from sayso.intake.url import is_url

    found: dict[str, Subscription] = {}
    for source in sources:
        if is_url(source):
            found.setdefault(source, Subscription(source))
            continue
        try:
            data = Path(source).read_bytes()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise InputError(source, f"cannot be read ({why})", "give an OPML file or an http(s) address") from error
        for each in read_opml(data, name=source):
            if not is_url(each.url):
                raise InputError(source, f"names {each.url!r:.80}, which is no http(s) address", "correct the list")
            found.setdefault(each.url, each)
    return list(found.values())


class _Stop:
    """The first SIGINT or SIGTERM sets ``event``, and ``status`` is what to exit with; a second one ends at once."""

    def __init__(self) -> None:
        self.event, self.status = threading.Event(), 0

    @contextmanager
    def heeded(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def heard(number: int, _: object) -> None:
            self.status = 128 + number
            self.event.set()
            click.echo("sayso: stopping after what is in hand; once more to stop at once", err=True)
            for each, handler in before.items():
                signal.signal(each, handler)

        for number in before:
            signal.signal(number, heard)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _tell(error: InputError) -> None:
    from sayso.options import line_of

    click.echo(line_of(error), err=True)


def _show(reports: Sequence[Report], form: str | None, *, every: float | None) -> None:
    """A round's table, or as JSON Lines those feeds with which something was; and in a line how it went."""
    rows = [{"feed": each.title or each.url, **each.to_json()} for each in reports]
    if chosen(form) == "jsonl":
        rows = [
            row for row in rows if row["problem"] or any(row[name] for name in ("new", "changed", "kept", "failed"))
        ]
    tell(rows, form, _ROUND, none="no feeds")
    sys.stdout.flush()
    total = {name: sum(getattr(each, name) for each in reports) for name in ("kept", "claims", "failed")}
    failed = sum(each.outcome == "failed" for each in reports)
    missed = f", {failed} failed" if failed else ""
    unread = f", {total['failed']} could not be read" if total["failed"] else ""
    then = f"; next round at {_clock(_now() + every)}" if every else ""
    feeds = counted(len(reports), "feed")
    claims, articles = counted(total["claims"], "new claim"), counted(total["kept"], "article")
    click.echo(f"{feeds}{missed}: kept {claims} of {articles}{unread}{then}", err=True)


def _known(memory: Memory, feeds: Iterable[Subscription]) -> list[dict[str, Any]]:
    counts = memory.tally()
    rows = []
    for each in feeds:
        state = memory.feed(each.url)
        row: dict[str, Any] = {"feed": each.title or state.title or each.url, "url": each.url}
        row |= {"asked": _moment(state.asked_at), "news": _moment(state.changed_at)}
        row |= {name: counts.get(each.url, {}).get(name, 0) for name in ("kept", "waiting", "refused")}
        row["problem"] = state.problem
        if state.not_before > _now():
            row["problem"] = f"{state.problem}; left alone until {_moment(state.not_before)}"
        rows.append(row)
    return rows


def _now() -> float:
    return datetime.datetime.now(datetime.UTC).timestamp()


def _moment(at: float | None) -> str | None:
    return datetime.datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M") if at else None


def _clock(at: float) -> str:
    return datetime.datetime.fromtimestamp(at).strftime("%H:%M")
