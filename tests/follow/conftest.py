"""A site, a ledger and a follower of it, which waits for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from sayso.errors import InputError
from sayso.follow.following import Follower, Report
from sayso.follow.manners import Manners
from sayso.follow.memory import Memory
from sayso.intake.feed import Subscription
from sayso.intake.guard import networks
from sayso.ledger import Ledger
from sayso.posts import Claim, Holder, Part, Thread
from sayso.reading.reader import Result

from .site import Site, serving

HERE = networks(["127.0.0.1"])


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


def read(threads: Iterable[Thread]) -> Iterator[Result]:
    """Reads without a model: the first ten words of the article are what Ilse Brandt claims."""
    for thread in threads:
        words = Part.of(thread.article.text, [(0, len(" ".join(thread.article.text.split()[:10])))])
        claim = Claim(
            f"c{hash((thread.id, thread.article.text)) & 0xFFFFFFFF:08x}",
            thread,
            thread.article,
            words,
            None,
            None,
            "indirect",
            "own",
            (Holder("Ilse Brandt"),),
            "fact",
        )
        yield Result(thread, [claim])


class Newsroom:
    """A ledger with its follower, its clock at ``now``, and all that it was told and waited."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self.now = 1_773_000_000.0
        self.waits: list[float] = []
        self.told: list[InputError] = []
        self.ledger = Ledger(folder / "ledger.sqlite")
        self.memory = Memory(folder / "ledger.sqlite.follow")
        self.renew()

    def renew(self, **options: object) -> None:
        """As if the program was started anew."""

        def pause(seconds: float) -> None:
            self.waits.append(round(seconds, 1))
            self.now += seconds

        self.manners = Manners(
            delay=2.0, clock=lambda: self.now, pause=pause, free_at=self.memory.hosts(self.now), allowed=HERE
        )
        self.follower = Follower(
            self.ledger, self.memory, self.manners, read=read, tell=self.told.append, clock=lambda: self.now,
            **options,  # type: ignore[arg-type]
        )  # fmt: skip

    def round(self, *paths: str, after: float = 1800.0) -> list[Report]:
        self.now += after
        return self.follower.round([Subscription(self.site.url(path)) for path in paths or ("/feed",)])

    def titles(self) -> list[str | None]:
        return sorted((claim.thread.title for claim in self.ledger.claims()), key=str)

    def close(self) -> None:
        self.memory.__exit__()
        self.ledger.close()


@pytest.fixture
def newsroom(site: Site, tmp_path: Path) -> Iterator[Newsroom]:
    made = Newsroom(site, tmp_path)
    yield made
    made.close()
