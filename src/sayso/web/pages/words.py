"""What templates call to put figures, days and addresses into words."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup

from sayso.export.html import long_date
from sayso.export.words import counted, dates, interval
from sayso.posts import Horizon, Probability
from sayso.web.plots import outcome_mark
from sayso.web.plots.skill import signed
from sayso.web.plots.svg import element

KIND_SAYS = {
    "prediction": "how something unsettled will turn out",
    "pledge": "what the holder or its own side will do",
    "demand": "what someone should do",
    "judgment": "what no record could settle",
    "fact": "what a record could check",
    "other": "none of these",
}
"""What each kind means, in a few words."""

_OUTCOMES = {
    "open": ("open again", "open"),
    "true": ("came true", "yes"),
    "kept": ("kept", "yes"),
    "false": ("did not come true", "no"),
    "broken": ("broken", "no"),
    "void": ("void", "void"),
    "unresolvable": ("not resolvable", "unresolvable"),
}


def day(value: str | datetime.date | None) -> str:
    """A day in words; empty for none. ISO 8601 text that is no day is given back as it is."""
    if value is None:
        return ""
    return long_date(value.isoformat() if isinstance(value, datetime.date) else value[:10])


def percent(value: float | None) -> str:
    """A share in per cent, a dash for none: ``62%``."""
    return "–" if value is None else f"{round(value * 100)}%"


def span(low: float, high: float) -> str:
    """An interval in per cent: ``55–80%``."""
    return interval(Probability((low + high) / 2, low, high))


def figure(value: float | None, places: int = 2) -> str:
    """A number with so many decimals, a dash for none."""
    return "–" if value is None else f"{value:.{places}f}"


def claim_path(key: str, then: str = "") -> str:
    """The address of a claim's page; ``then`` may be ``resolve``, ``history`` …"""
    return f"/claims/{quote(key, safe='')}" + (f"/{then}" if then else "")


def question_path(key: str) -> str:
    """The address of a question's page."""
    return f"/questions/{quote(key, safe='')}"


def person_path(number: int) -> str:
    """The address of a person's page."""
    return f"/people/{number}"


def room_path(article: int, claim: str | None = None, **more: str) -> str:
    """The address of the reading room, opened at a claim."""
    query = {**({"claim": claim} if claim else {}), **more}
    anchor = f"#{claim_anchor(claim)}" if claim else ""
    return f"/articles/{article}" + (f"?{urlencode(query)}" if query else "") + anchor


def claim_anchor(key: str) -> str:
    """The id of the place in the text where a claim begins."""
    return "c-" + "".join(c if c.isalnum() and c.isascii() else "-" for c in key)[-64:]


def address(path: str, query: Mapping[str, Any], **changes: Any) -> str:
    """``path`` with the fields of ``query``, some of them changed or, by None, "" or (), left out."""
    fields: list[tuple[str, str]] = []
    for name, value in {**query, **changes}.items():
        values: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
        fields += [(name, str(each)) for each in values if each not in (None, "")]
    return path + (f"?{urlencode(fields)}" if fields else "")


def outcome_word(value: str) -> str:
    """How a resolution is told: ``came true``; a number in per cent."""
    if value in _OUTCOMES:
        return _OUTCOMES[value][0]
    try:
        return f"{round(float(value) * 100)}% true"
    except ValueError:
        return value


def outcome_class(value: str | None) -> str:
    """The class of an outcome's mark."""
    return "open" if value is None else _OUTCOMES.get(value, ("", "share"))[1]


def outcome(value: str | None) -> Markup:
    """The mark of an outcome, to stand in a line of text."""
    return element(
        "svg", outcome_mark(value), class_="mark", width=18, height=18, viewBox="0 0 18 18", aria_hidden="true"
    )


def horizon_days(horizon: Horizon | None) -> str:
    """The days that a horizon means; empty where no rule knows them."""
    return dates(horizon) if horizon else ""


FOR_TEMPLATES: dict[str, Any] = {
    "address": address,
    "claim_anchor": claim_anchor,
    "claim_path": claim_path,
    "counted": counted,
    "day": day,
    "figure": figure,
    "horizon_days": horizon_days,
    "kind_says": KIND_SAYS,
    "outcome": outcome,
    "outcome_class": outcome_class,
    "outcome_word": outcome_word,
    "percent": percent,
    "person_path": person_path,
    "question_path": question_path,
    "quote_path": lambda text: quote(text, safe=""),
    "room_path": room_path,
    "signed": signed,
    "span": span,
}
