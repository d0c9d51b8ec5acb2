"""The dot plot of skill, row by row, so that each row of a table carries its own."""

from __future__ import annotations

from markupsafe import Markup

from sayso.web.plots.scale import Scale
from sayso.web.plots.svg import drawing, element, number, percent

HEIGHT = 28.0


def signed(value: float, places: int = 2) -> str:
    """A number with its sign, a true minus, and no sign at nought: ``+0.12``, ``−0.03``, ``0.00``."""
    text = f"{abs(value):.{places}f}"
    if float(text) == 0.0:
        return text
    return ("+" if value > 0 else "−") + text


def _grid(scale: Scale, height: float) -> list[Markup]:
    return [
        element(
            "line",
            class_="zero" if tick == 0 else "grid",
            x1=percent(scale.at(tick)),
            x2=percent(scale.at(tick)),
            y1=0,
            y2=height,
        )
        for tick in scale.ticks
    ]


def skill_strip(skill: float, low: float, high: float, scale: Scale, *, who: str) -> Markup:
    """One holder's dot with the interval, as wide as its place.

    The class says whether the interval lies wholly above nought (``better``), below it (``worse``) or holds it.
    """
    sign = "better" if low > 0 else "worse" if high < 0 else "unsure"
    middle = HEIGHT / 2
    a, b = percent(scale.at(low)), percent(scale.at(high))
    label = f"{who}: skill {signed(skill)}, 90% interval {signed(low)} to {signed(high)}"
    return drawing(
        *_grid(scale, HEIGHT),
        element("line", class_="interval", x1=a, x2=b, y1=middle, y2=middle),
        *(element("line", class_="interval", x1=end, x2=end, y1=middle - 4, y2=middle + 4) for end in (a, b)),
        element("circle", class_="dot", cx=percent(scale.at(skill)), cy=middle, r=5),
        label=label,
        class_=f"strip skill {sign}",
        width="100%",
        height=HEIGHT,
    )


def skill_axis(scale: Scale) -> Markup:
    """The numbers above a column of strips; those that a narrow place can do without have the class ``minor``."""
    zero = scale.at(0.0)

    def needed(tick: float) -> bool:
        return tick == 0 or (tick in (scale.low, scale.high) and abs(scale.at(tick) - zero) > 0.25)

    inside = [
        element(
            "text",
            signed(tick),
            class_="tick" if needed(tick) else "tick minor",
            x=percent(scale.at(tick)),
            y=12,
            text_anchor=_anchor(scale.at(tick)),
        )
        for tick in scale.ticks
    ]
    label = f"Scale of skill from {signed(scale.low)} to {signed(scale.high)}; nought is what the others achieve"
    return drawing(*inside, label=label, class_="strip axis", width="100%", height=number(16))


def _anchor(share: float) -> str:
    return "start" if share < 0.03 else "end" if share > 0.97 else "middle"
