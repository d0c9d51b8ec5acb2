"""A ledger as a newsroom would have it after some months: an article that was read, columns, answers, a question."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

from sayso.intake import read_inputs
from sayso.ledger import Ledger
from sayso.posts import Claim, Forecast, Holder, Horizon, Kind, Part, Post, Probability, Thread
from sayso.reading.reader import Reader

EXAMPLE = Path(__file__).parents[3] / "examples" / "dam-treaty.txt"
TODAY = datetime.date.today()
QUESTION = "will-the-ferry-run-again-before"

COLUMNS: tuple[tuple[str, str, int, int, float | None, Kind, str | None], ...] = (
    # who, words, days from said to due, days since due, probability, kind, how it came out
    ("Ada Prior", "the northern ferry will run again", 120, 400, 0.8, "prediction", "true"),
    ("Ada Prior", "the tariff will fall", 90, 300, 0.9, "prediction", "true"),
    ("Ada Prior", "the council will resign", 60, 250, 0.2, "prediction", "false"),
    ("Ada Prior", "the bridge will open on time", 200, 100, 0.7, "prediction", "true"),
    ("Ada Prior", "we shall publish the accounts", 30, 90, None, "pledge", "kept"),
    ("Tomas Reke", "rents will rise by a third", 120, 380, 0.9, "prediction", "false"),
    ("Tomas Reke", "the mine will close", 90, 310, 0.8, "prediction", "false"),
    ("Tomas Reke", "the vote will be repeated", 60, 200, 0.35, "prediction", "void"),
    ("Tomas Reke", "the harbour will be dredged", 60, 180, 0.6, "prediction", "true"),
    ("Tomas Reke", "I shall not stand again", 60, 150, None, "pledge", "broken"),
    ("Tomas Reke", "the quay will be lit by night", 60, 120, None, "pledge", "kept"),
    ("Benno Zahl", "the treaty will hold", 300, 40, 0.5, "prediction", None),
    ("Benno Zahl", "the ferry will run again this year", 300, 30, 0.6, "prediction", None),
    ("Maud Ekström", "the ferry will not run again", 300, 20, 0.9, "prediction", None),
    ("Maud Ekstrom", "the wall will be raised", 200, -60, 0.7, "prediction", None),
    ("Irene Falk", "the depot will be sold", 200, -20, 0.4, "prediction", None),
)


def column(number: int, who: str, words: str, said: datetime.date) -> Thread:
    """A short column in which somebody says something."""
    text = (
        f"The harbour, {number} weeks on\n\nNobody on the quay is sure of anything. "
        f"“I tell you that {words},” {who} says, "
        "and orders another coffee.\n\nThe gulls have heard it before."
    )
    site = ("Quay and Crane", "The Lower Harbour Post")[number % 2]
    post = Post(f"column-{number}", text, author="Nell Osei", posted=said.isoformat())
    url, title = f"https://quay.example/{number}", text.split("\n")[0]
    return Thread(post.id, [post], url=url, title=title, site=site, published=post.posted, language="en")


def claim(of: Thread, words: str, who: str, *, kind: Kind, due: datetime.date, p: float | None) -> Claim:
    """What somebody says in a column."""
    at = of.article.text.index(words)
    horizon = Horizon(words, ((at, at + len(words)),), None, due, "by > year")
    odds = None if p is None else Probability(p, max(0.0, p - 0.1), min(1.0, p + 0.08), "likely (survey)")
    forecast = Forecast(horizon=horizon, probability=odds, resolvable=True)
    key = hashlib.sha256(words.encode()).hexdigest()[:16]
    content = Part(words, horizon.spans)
    return Claim(key, of, of.article, content, None, None, "direct", "attributed", (Holder(who),), kind, forecast, 0.9)


def columns() -> list[tuple[Thread, Claim, str | None]]:
    """The columns with their claims and how they came out."""
    made = []
    for number, (who, words, run, ago, p, kind, value) in enumerate(COLUMNS):
        due = TODAY - datetime.timedelta(days=ago)
        of = column(number, who, words, due - datetime.timedelta(days=run))
        made.append((of, claim(of, words, who, kind=kind, due=due, p=p), value))
    return made


def fill(ledger: Ledger) -> None:
    """Put it all into a ledger."""
    for result in Reader().read_threads(read_inputs([EXAMPLE])):
        assert result.thread is not None
        ledger.keep(result.thread, result.claims)
    for of, made, value in columns():
        ledger.keep(of, [made])
        if value is not None:
            ledger.resolve(
                f"claim:{made.id}", value, evidence=["https://example.org/report"], note="So it was.", by="Nell"
            )
    ledger.ask(
        "Will the ferry run again before the year is out?",
        criteria="A ferry carries paying passengers between the two banks.",
        deadline=(TODAY + datetime.timedelta(days=40)).isoformat(),
        topic="harbour",
        id=QUESTION,
        by="Nell",
    )
    ledger.attach(QUESTION, key_of("the ferry will run again this year"))


def key_of(words: str) -> str:
    """The id of the claim with these words in a column."""
    return next(made.id for _, made, _ in columns() if made.content.text == words)
