"""Plots as SVG text: pure functions from figures to a drawing that stands inside a page.

A drawing has no style of its own: classes name what each mark is, and the page's style sheet says how that looks, in
light, in dark and on paper. Where a drawing must be as wide as its place, its x coordinates are percentages, so that
words in it keep their size on every screen. Outcomes differ in shape as well as in colour.
"""

from sayso.web.plots.calibration import calibration_plot
from sayso.web.plots.chain import Link, chain_diagram
from sayso.web.plots.probability import probability_bar
from sayso.web.plots.scale import DayScale, Scale
from sayso.web.plots.skill import skill_axis, skill_strip
from sayso.web.plots.timeline import Foretold, outcome_mark, time_axis, time_strip

__all__ = [
    "DayScale",
    "Foretold",
    "Link",
    "Scale",
    "calibration_plot",
    "chain_diagram",
    "outcome_mark",
    "probability_bar",
    "skill_axis",
    "skill_strip",
    "time_axis",
    "time_strip",
]
