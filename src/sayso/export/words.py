"""How a claim is put into words for people: names, chains, dates, certainty. The table and the page share it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from sayso.posts import Claim, Forecast, Horizon, Probability, Thread

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CHAIN = " ‹ "
"""Stands between two holders: the left one has it from the right one."""

# Characters that would let a text steer a terminal, or turn the order of what stands around it.
_STEERING: dict[int, str] = dict.fromkeys(
    (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)), "\ufffd"
)
for _space in (*range(0x09, 0x0E), 0x1C, 0x1D, 0x1E, 0x1F, 0x85):
    _STEERING[_space] = " "


def plain(text: str) -> str:
    """The text on one line, with nothing in it that steers a terminal (control and bidirectional override codes)."""
    return " ".join(text.translate(_STEERING).split())


def author_names(thread: Thread) -> dict[str, str | None]:
    """Who wrote each post, by its id; an unnamed commenter is named by its place among the comments.

    The author of an article is None where unknown.
    """
    names: dict[str, str | None] = {}
    comments = 0
    for post in thread.posts:
        comments += post.kind == "comment"
        names[post.id] = post.author or (f"commenter {comments}" if post.kind == "comment" else None)
    return names


def full_chain(claim: Claim, author: str | None) -> list[str]:
    """The names from the post's ``author`` to the holder, the author left out where unknown or already the first."""
    names = [holder.name for holder in claim.chain]
    if author is None or claim.voice == "own" or (names and names[0].casefold() == author.casefold()):
        return names
    return [author, *names]


def counted(count: int, noun: str) -> str:
    """A number with its noun: ``1 pledge``, ``2 pledges``."""
    return f"{count} {noun}{'s' if count != 1 and noun != 'other' else ''}"


def day(date: datetime.date) -> str:
    """A day as people write it: ``31 May 2022``."""
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def dates(horizon: Horizon) -> str:
    """The days a horizon means: ``2 Jun 2021 – 31 May 2022``; empty where no rule knows them."""
    start, end = horizon.start, horizon.end
    if start is None and end is None:
        return ""
    if end is None:
        assert start is not None
        return f"from {day(start)}"
    if start is None:
        return f"until {day(end)}"
    if start == end:
        return day(end)
    if start.year == end.year:
        if start.month == end.month:
            return f"{start.day}–{day(end)}"
        return f"{start.day} {_MONTHS[start.month - 1]} – {day(end)}"
    return f"{day(start)} – {day(end)}"


def interval(probability: Probability) -> str:
    """The interval of a probability in per cent: ``55–80%``."""
    low, high = round(probability.low * 100), round(probability.high * 100)
    return f"{high}%" if low == high else f"{low}–{high}%"


def horizon_words(horizon: Horizon) -> str:
    """The words of a horizon and the days they mean: ``by next spring [1 Mar – 31 May 2022]``."""
    meant = dates(horizon)
    note = "already past when said" if horizon.past else ""
    inside = ", ".join(x for x in (meant, note) if x)
    return plain(horizon.text) + (f" [{inside}]" if inside else "")


def certainty_words(forecast: Forecast) -> str:
    """The words that say how sure, and what they are worth: ``likely, 55–80%``; empty where neither is known."""
    if forecast.probability is None:
        return plain(forecast.certainty.text) if forecast.certainty else ""
    words = plain(forecast.certainty.text) if forecast.certainty else "unhedged"
    return f"{words}, {interval(forecast.probability)}"


def forecast_words(forecast: Forecast) -> str:
    """A forecast's parts on one line: ``if the vote fails, by next spring [1 Mar – 31 May 2022] (likely, 55–80%)``."""
    parts = ["; ".join(plain(condition.text) for condition in forecast.conditions)] if forecast.conditions else []
    if forecast.horizon:
        parts.append(horizon_words(forecast.horizon))
    line = ", ".join(parts)
    sure = certainty_words(forecast)
    return " ".join(x for x in (line, f"({sure})" if sure else "") if x)


def explain_horizon(found: dict[str, Any]) -> Iterator[str]:
    """Lines that tell what ``describe_horizon`` found: the words, the days they mean and each rule."""
    start, end, said = (found[k] and datetime.date.fromisoformat(found[k]) for k in ("from", "to", "said"))
    yield f"“{plain(found['words'])}”, said on {day(said)}"
    if not found["rule"]:
        yield "  no rule knows these words"
        return
    horizon = Horizon(found["words"], (), start, end, found["rule"], found["past"])
    yield "  " + (dates(horizon) or "no bound") + (" (already past when said)" if horizon.past else "")
    for rule in found["rules"]:
        yield f"  {rule['id']}: {rule['says']}"


def explain_odds(found: dict[str, Any]) -> Iterator[str]:
    """Lines that tell what ``describe_odds`` found: the words, what they are worth and each rule with its source."""
    yield f"“{plain(found['words'])}”, by the yardstick {found['yardstick']}"
    if not found["known"]:
        yield "  no rule knows these words"
        return
    worth = Probability(found["point"], found["low"], found["high"])
    yield f"  {round(worth.point * 100)}%, {interval(worth)}"
    for rule in found["rules"]:
        each = Probability(rule["point"], rule["low"], rule["high"])
        against = ", against what is said" if rule["against"] else ""
        worth_each = f"{round(each.point * 100)}%, {interval(each)}{against}"
        yield f"  {rule['id']}: {rule['says']}: {worth_each} ({rule['source']})"
