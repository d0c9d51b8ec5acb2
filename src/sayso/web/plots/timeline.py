"""The time line of forecasts, row by row: from the day it was said to the day it was due, and how it came out."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from markupsafe import Markup

from sayso.web.plots.scale import DayScale
from sayso.web.plots.svg import drawing, element, percent

HEIGHT = 24.0
_SHAPES = {"true": "yes", "kept": "yes", "false": "no", "broken": "no", "void": "void", "unresolvable": "unresolvable"}


@dataclass(frozen=True, slots=True)
class Foretold:
    """A forecast on the line: the days on which it was said, is due and was settled, and the word that settled it."""

    said: datetime.date | None
    due: datetime.date | None
    settled: datetime.date | None = None
    value: str | None = None

    @property
    def days(self) -> list[datetime.date]:
        return [day for day in (self.said, self.due, self.settled) if day is not None]


def outcome_mark(value: str | None, x: str | float = 9, y: float = 9) -> Markup:
    """The mark of an outcome: a full disc for true and kept, a cross for false and broken, a ring for void, a square
    for what cannot be settled, a half-filled disc for a share in between, a dotted ring for what is open.
    """
    shape = "open" if value is None else _SHAPES.get(value, "share")
    group = element("svg", *_shape(shape), x=x, y=y, overflow="visible", class_=f"outcome {shape}")
    return group


def _shape(shape: str) -> list[Markup]:
    if shape == "no":
        return [element("path", d="M-4.5 -4.5L4.5 4.5M-4.5 4.5L4.5 -4.5")]
    if shape == "unresolvable":
        return [element("rect", x=-4.5, y=-4.5, width=9, height=9)]
    if shape == "share":
        return [element("circle", r=5), element("path", class_="half", d="M0 -5A5 5 0 0 1 0 5Z")]
    return [element("circle", r=5)]


def time_strip(item: Foretold, scale: DayScale, *, today: datetime.date, label: str) -> Markup:
    """One forecast's line, as wide as its place: a ring where it was said, a bar where it was due, the outcome's mark.

    Without a deadline the line fades out at today.
    """
    middle = HEIGHT / 2
    inside = [
        element("line", class_="grid", x1=percent(scale.at(day)), x2=percent(scale.at(day)), y1=0, y2=HEIGHT)
        for day, _ in scale.ticks
    ]
    if scale.first <= today <= scale.last:
        at = percent(scale.at(today))
        inside.append(element("line", class_="today", x1=at, x2=at, y1=0, y2=HEIGHT))
    if item.said is not None:
        start = percent(scale.at(item.said))
        end = item.due or item.settled or today
        if end >= item.said:
            dashed = "" if item.due else " without"
            inside.append(
                element("line", class_=f"run{dashed}", x1=start, x2=percent(scale.at(end)), y1=middle, y2=middle)
            )
        inside.append(element("circle", class_="said", cx=start, cy=middle, r=3))
    if item.due is not None:
        due = percent(scale.at(item.due))
        inside.append(element("line", class_="due", x1=due, x2=due, y1=middle - 6, y2=middle + 6))
    settled = item.settled or item.due
    if item.value is not None and settled is not None:
        if item.due is not None and settled > item.due:
            run = element(
                "line",
                class_="late",
                x1=percent(scale.at(item.due)),
                x2=percent(scale.at(settled)),
                y1=middle,
                y2=middle,
            )
            inside.append(run)
        inside.append(outcome_mark(item.value, percent(scale.at(settled)), middle))
    return drawing(*inside, label=label, class_="strip time", width="100%", height=HEIGHT)


def time_axis(scale: DayScale) -> Markup:
    """The years or months above a column of strips."""
    inside = []
    for day, text in scale.ticks:
        share = scale.at(day)
        anchor = "start" if share < 0.05 else "end" if share > 0.95 else "middle"
        inside.append(element("text", text, class_="tick", x=percent(share), y=12, text_anchor=anchor))
    label = f"Days from {scale.first.isoformat()} to {scale.last.isoformat()}"
    return drawing(*inside, label=label, class_="strip axis", width="100%", height=16)
