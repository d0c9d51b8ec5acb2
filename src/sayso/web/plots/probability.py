"""A probability or a share with its interval, as a bar from 0 to 100%."""

from __future__ import annotations

from markupsafe import Markup

from sayso.web.plots.svg import drawing, element, percent


def probability_bar(point: float, low: float, high: float, *, label: str = "") -> Markup:
    """A line from 0 to 1 with the interval as a broad bar on it and the point as a dot, as wide as its place."""
    inside = [
        element("line", class_="base", x1="0%", x2="100%", y1=9, y2=9),
        *(
            element("line", class_="grid", x1=percent(q), x2=percent(q), y1=5, y2=13)
            for q in (0.0, 0.25, 0.5, 0.75, 1.0)
        ),
        element("line", class_="interval", x1=percent(low), x2=percent(high), y1=9, y2=9),
        element("circle", class_="dot", cx=percent(point), cy=9, r=4.5),
    ]
    label = label or f"Probability {round(point * 100)}%, between {round(low * 100)} and {round(high * 100)}%"
    return drawing(*inside, label=label, class_="strip odds", width="100%", height=18)
