"""The calibration plot: what was said to be how likely, against how often it came true."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from sayso.scoring import Bin
from sayso.web.plots.svg import drawing, element

_LEFT, _TOP, _SIDE, _BAR = 44.0, 10.0, 296.0, 34.0
_BOTTOM = _TOP + _SIDE


def _x(share: float) -> float:
    return _LEFT + share * _SIDE


def _y(share: float) -> float:
    return _BOTTOM - share * _SIDE


def calibration_plot(bins: Sequence[Bin], *, who: str) -> Markup:
    """A square with a dot a bin, its Jeffreys interval, and below it how many forecasts each bin holds.

    A dot on the diagonal means that as many came true as was said. Dots grow with the square root of the number.
    Bröcker and Smith, Weather and Forecasting 22 (2007), on why intervals belong into such a plot.
    """
    total = sum(each.count for each in bins)
    most = max((each.count for each in bins), default=1)
    inside: list[Markup] = []
    for tenth in range(0, 11, 2):
        share = tenth / 10
        end = tenth in (0, 10)
        inside += [
            element("line", class_="grid", x1=_x(share), x2=_x(share), y1=_TOP, y2=_BOTTOM),
            element("line", class_="grid", x1=_LEFT, x2=_x(1), y1=_y(share), y2=_y(share)),
            element(
                "text",
                f"{tenth * 10}{'%' if end else ''}",
                class_="tick",
                x=_LEFT - 7,
                y=_y(share) + 4,
                text_anchor="end",
            ),
            element(
                "text",
                f"{tenth * 10}{'%' if end else ''}",
                class_="tick",
                x=_x(share),
                y=_BOTTOM + _BAR + 24,
                text_anchor="middle",
            ),
        ]
    inside.append(element("line", class_="ideal", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1)))
    for each in bins:
        x = _x(each.probability)
        inside += [
            element("line", class_="interval", x1=x, x2=x, y1=_y(each.frequency_low), y2=_y(each.frequency_high)),
            *(
                element("line", class_="interval", x1=x - 4, x2=x + 4, y1=_y(end), y2=_y(end))
                for end in (each.frequency_low, each.frequency_high)
            ),
        ]
    for each in bins:
        radius = 3.2 + 5.0 * math.sqrt(each.count / most)
        said, came = round(each.probability * 100), round(each.frequency * 100)
        interval = f"{round(each.frequency_low * 100)}–{round(each.frequency_high * 100)}%"
        tip = f"said {said}%: {each.count} forecasts, {came}% came true (90% interval {interval})"
        inside.append(
            element(
                "circle", element("title", tip), class_="dot", cx=_x(each.probability), cy=_y(each.frequency), r=radius
            )
        )
    base = _BOTTOM + 8 + _BAR
    for each in bins:
        height = max(1.5, (_BAR - 12) * each.count / most)
        left, right = _x(each.low) + 2, _x(each.high) - 2
        inside += [
            element("rect", class_="count", x=left, y=base - height, width=right - left, height=height),
            element(
                "text",
                str(each.count),
                class_="number",
                x=(left + right) / 2,
                y=base - height - 2.5,
                text_anchor="middle",
            ),
        ]
    middle = _BOTTOM - _SIDE / 2
    inside += [
        element("text", "how likely they said it was", class_="axis", x=_x(0.5), y=base + 38, text_anchor="middle"),
        element(
            "text",
            "how often it came true",
            class_="axis",
            x=11,
            y=middle,
            text_anchor="middle",
            transform=f"rotate(-90 11 {middle:g})",
        ),
    ]
    label = f"Calibration of {who}: {total} scored forecasts in {len(bins)} groups"
    return drawing(*inside, label=label, class_="plot calibration", viewBox="0 0 362 392")
