"""Read a phrase of time at a place of a text: a bound ("by") around a period ("the end of 2014") or a stretch.

Recursive descent over the rules of ``rules.toml``: a period is a part of a period, an event of the calendar or a
leaf; a bound says which of its days bound the outcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from sayso.reading.dates.grammar import Grammar, Rule
from sayso.reading.dates.leaves import MAKERS, Context, after, measure
from sayso.reading.dates.spans import BACK, DAY, STEP, Interval, Period, add, unit_around

_ZONE = r"(?:\s*\(?(?:et|est|edt|ct|cst|pt|pst|pdt|gmt|utc|bst|cet|cest)(?:\s*[+-]\s*\d+)?\)?)?"
_CLOCK = re.compile(
    r"(?:(?:about|around)\s+)?(?:the\s+)?(?:midnight|noon|(?:close|start|end)\s+of\s+(?:business|trading|play|the day)|"
    r"[012]?\d(?:[:.][0-5]\d)?\s*(?:am|pm|a\.m\.|p\.m\.|o'clock|h\b)|[012]?\d:[0-5]\d)"
    rf"{_ZONE}(?:,|\s+on|\s+of|\s+starting)?\s+(?:the\s+)?"
)
_TAIL = re.compile(
    rf"(?:,?\s*(?:at|by)?\s*(?:midnight|noon|[012]?\d(?:[:.][0-5]\d)?\s*(?:am|pm|a\.m\.|p\.m\.)|[012]?\d:[0-5]\d){_ZONE})"
    r"|\s+(?:or so|or sooner|at the (?:very )?(?:latest|earliest)|if not (?:sooner|earlier|before)|at least|exactly|"
    rf"(?P<beyond>(?:and|or) (?:beyond|after|later|onwards?)|onwards?))|{_ZONE[:-1]}"
)
_AND = re.compile(r"\s*(?:to|and|through|until|till|or|-|–)\s*(?:the\s+|in\s+)?")
_OR = re.compile(r"\s+(?:or|and|/)\s+(?:in\s+)?")
_OF = re.compile(r"\s+(?:of|after|from|following|before)\s+")
_THIS = re.compile(r"(?:of\s+)?(?:this\s+)?(?:prediction|bet|posting|post|now|today|date|being posted)s?\b")
_NUMBERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_DEPTH = 6


class Phrase(NamedTuple):
    """A phrase that was read: where it ends, what it means, and how strongly it binds (see ``rules.toml``)."""

    end: int
    interval: Interval
    binds: int
    alone: bool
    """No bound stands before it."""


def read_phrase(text: str, at: int, ctx: Context) -> Phrase | None:
    """The longest phrase of time that begins at a place of a lower-case text, or None."""
    best: Phrase | None = None
    for rule, match in ctx.grammar.bounds.match(text, at):
        start = match.end()
        while start < len(text) and text[start].isspace():
            start += 1
        for end, interval in _bounded(rule, text, start, ctx):
            if best is None or end > best.end:
                best = Phrase(end, interval, rule.fields["binds"], False)
        if best is not None and rule.fields["takes"] != "duration":
            break
    for rule, match in ctx.grammar.vague.match(text, at):
        if best is None or match.end() > best.end:
            best = Phrase(match.end(), Interval(ctx.said, None, rule.id), 0, True)
        break
    if (best is None or best.alone) and (found := read_period(text, at, ctx)) is not None:
        period, end = found
        if best is None or end > best.end:
            best = Phrase(end, _interval(period.start, period.end, period.rules, ctx), 1, True)
    return best


def _interval(start: date, end: date | None, rules: tuple[str, ...], ctx: Context) -> Interval:
    if end is not None and end < start:
        start = end  # due before the day it was said: nothing lies between
    return Interval(start, end, " > ".join(rules), end is not None and end < ctx.said)


def _bounded(rule: Rule, text: str, at: int, ctx: Context) -> Iterator[tuple[int, Interval]]:
    takes = rule.fields["takes"]
    if takes == "duration":
        yield from _lasting(rule, text, at, ctx)
        return
    first = read_period(text, at, ctx)
    if first is None:
        return
    period, end = first
    if takes == "range":
        joint = _AND.match(text, end)
        second = read_period(text, joint.end(), ctx, after=period.start) if joint else None
        if second is None:
            return
        rules = (rule.id, *period.rules, *second[0].rules)
        if second[0].end is None or second[0].end >= period.start:
            yield second[1], _interval(period.start, second[0].end, rules, ctx)
        return
    rules = (rule.id, *period.rules)
    if rule.id == "in" and period.grain != "year" and (joint := _OR.match(text, end)) is not None:
        other = read_period(text, joint.end(), ctx, after=period.start)
        if other is not None and other[0].grain == period.grain and other[0].end is not None:
            period, end = replace(period, end=max(other[0].end, other[0].start)), other[1]
    days = {
        "said": ctx.said,
        "start": period.start,
        "end": period.end,
        "none": None,
        "due": due(period, ctx),
        "eve": _eve(period),
        "after": None if period.end is None or period.end == date.max else period.end + DAY,
    }
    start = days[rule.fields["start"]]
    yield end, _interval(start or ctx.said, days[rule.fields["end"]], rules, ctx)


def _eve(period: Period) -> date | None:
    """The last day before a period: of its end where that is what is named, of its middle for "before mid-May"."""
    if period.edge:
        return period.end
    day = period.start if period.due is None or period.due == period.end else period.due
    return day - DAY if day > date.min else day


def _lasting(rule: Rule, text: str, at: int, ctx: Context) -> Iterator[tuple[int, Interval]]:
    """A bound around a stretch of time, which runs from the day it was said or from a period named after it."""
    match = ctx.grammar.duration.match(text, at)
    if match is None:
        return
    since, end = ctx.said, match.end()
    rules: tuple[str, ...] = (rule.id, "stretch")
    if (joint := _OF.match(text, end)) is not None:
        if (this := _THIS.match(text, joint.end())) is not None:
            end = this.end()
        elif (anchor := read_period(text, joint.end(), ctx)) is not None and anchor[0].end is not None:
            if joint[0].strip() == "before":
                return  # "in the weeks before May" is not bounded by a length
            since, end, rules = anchor[0].end, anchor[1], (*rules, *anchor[0].rules)
    if measure(match[0], ctx.grammar) is not None:
        yield end, _interval(min(ctx.said, since), after(match[0], since, ctx.grammar), rules, ctx)


def due(period: Period, ctx: Context) -> date | None:
    """The day that something to happen by or until a period is due, by the conventions of ``rules.toml``."""
    if period.due is not None or period.end is None:
        return period.due
    first = ctx.grammar.conventions["due"].get(period.grain, "end") == "start"
    return period.start if first and not period.start <= ctx.said <= period.end else period.end


def read_period(
    text: str, at: int, ctx: Context, *, after: date | None = None, depth: int = 0
) -> tuple[Period, int] | None:
    """The longest period that words name at a place of a lower-case text, and where they end.

    ``after`` is a day that it is not to lie before: the first of a range, from which the second is counted.
    """
    if after is not None and after > ctx.said:
        ctx = replace(ctx, said=after)
    best: tuple[Period, int] | None = None
    if depth < _DEPTH:
        for rule, match in ctx.grammar.parts.match(text, at):
            inner = read_period(text, match.end(), ctx, depth=depth + 1)
            if inner is not None and (part := _safe_part(rule, match, inner[0], ctx)) is not None:
                best = part, inner[1]
                break
        if (clock := _CLOCK.match(text, at)) is not None:
            inner = read_period(text, clock.end(), ctx, depth=depth + 1)
            if inner is not None and inner[0].start == inner[0].end and (best is None or inner[1] > best[1]):
                best = replace(inner[0], edge=clock[0].startswith("midnight")).under("clock"), inner[1]
    for rule, match in ctx.grammar.leaves.match(text, at):
        if (best is None or match.end() > best[1]) and (depth or not rule.fields.get("inner")):
            made = _made(rule, match, ctx)
            if made is not None:
                best = made, match.end()
                break
    for period, end in ctx.calendar.match(text, at, said=ctx.said):
        if best is None or end > best[1]:
            best = period, end
    return None if best is None else _closed(text, *best, ctx)


def _closed(text: str, period: Period, end: int, ctx: Context) -> tuple[Period, int]:
    """A period, or its last day where the words behind it speak of its end ("the summer | is out")."""
    if period.end is not None:
        for rule, match in ctx.grammar.closings.match(text, end):
            last = period.end
            return Period(last, last, "day", (rule.id, *period.rules), last, edge=True), match.end()
    return period, end


def _made(rule: Rule, match: re.Match[str], ctx: Context) -> Period | None:
    try:
        return MAKERS[rule.fields["make"]](rule, match, ctx)
    except (ValueError, OverflowError):  # beyond the years 1 to 9999
        return None


def _safe_part(rule: Rule, match: re.Match[str], whole: Period, ctx: Context) -> Period | None:
    try:
        return _part(rule, match, whole, ctx)
    except (ValueError, OverflowError):
        return None


def _part(rule: Rule, match: re.Match[str], whole: Period, ctx: Context) -> Period | None:
    """The part of a period that a rule names; of an open one, None."""
    if whole.end is None:
        return None
    rules = (rule.id, *whole.rules)
    if rule.id == "nth-unit-of":
        return _nth(match, whole, rules, ctx.grammar)
    if rule.fields.get("rest"):
        start = max(whole.start, min(ctx.said, whole.end))
        return Period(start, whole.end, "span", rules, whole.end, whole.edge)
    length = (whole.end - whole.start).days
    low, high = rule.fields["from"], rule.fields["to"]
    start = _share(whole, low)
    end = whole.end if high == 1 else _share(whole, high) - DAY
    start, end = min(start, whole.end), max(end, min(start, whole.end))
    if low == 0 and high == 1:
        return replace(whole, rules=rules)
    dues = {"start": start, "end": end, "middle": whole.start + timedelta(days=length // 2)}
    return Period(start, end, "span", rules, dues[rule.fields["due"]], bool(rule.fields.get("edge")))


def _share(whole: Period, share: float) -> date:
    """The day at a share of a period; at the turn of a month where whole months divide so."""
    assert whole.end is not None
    months = 12 * (whole.end.year - whole.start.year) + whole.end.month - whole.start.month + 1
    turned = share * months
    if whole.start.day == 1 and (whole.end + DAY).day == 1 and abs(turned - round(turned)) < 0.05:
        return add(whole.start, months=round(turned)) or whole.end
    return whole.start + timedelta(days=round(share * ((whole.end - whole.start).days + 1)))


def _nth(match: re.Match[str], whole: Period, rules: tuple[str, ...], grammar: Grammar) -> Period | None:
    """The first week, the last three days of a period."""
    assert whole.end is not None
    unit = match["unit"]
    name = {"centuries": "century"}.get(unit, unit.rstrip("s"))
    count = match["count"] or "one"
    if name in ("weekend", "week") and match["count"] is None:
        position = _NUMBERS.get(match["nth"])
        if position is None:
            start = unit_around(name, whole.end)[0]
            start = start if name == "week" or start <= whole.end else BACK[name](start)
        else:
            start = whole.start if name == "week" else unit_around(name, whole.start)[0]
            for _ in range(position - 1):
                start = STEP[name](start)
        days = start, start + timedelta(days=6 if name == "week" else 1)
        return Period(days[0], min(days[1], max(days[0], whole.end)), "span", rules)
    return _stretch_of(f"{count} {name}s", match["nth"], whole, rules, grammar)


def _stretch_of(words: str, nth: str, whole: Period, rules: tuple[str, ...], grammar: Grammar) -> Period | None:
    length = measure(words, grammar)
    assert whole.end is not None
    if length is None:
        return None
    days, months = length
    if nth in ("last", "final"):
        start = add(whole.end + DAY if whole.end < date.max else whole.end, days=-days, months=-months)
        return None if start is None else Period(max(start, whole.start), whole.end, "span", rules)
    position = _NUMBERS[nth]
    start = add(whole.start, days=(position - 1) * days, months=(position - 1) * months)
    end = add(whole.start, days=position * days, months=position * months)
    if start is None or end is None:
        return None
    return Period(start, max(start, min(end - DAY, whole.end)), "span", rules)


def skip_tail(text: str, at: int) -> tuple[int, bool]:
    """Where words that change nothing end after a phrase ("at the latest", "at 10 pm"), and whether they open it."""
    beyond = False
    while (match := _TAIL.match(text, at)) is not None and match.end() > at:
        at, beyond = match.end(), beyond or bool(match.groupdict().get("beyond"))
    return at, beyond
