"""Drawings: where things stand, what they say to who cannot see them, that nothing in them is markup."""

from __future__ import annotations

import datetime

import pytest
from lxml import etree

from sayso.scoring import Bin, calibration
from sayso.web.plots import (
    DayScale,
    Foretold,
    Link,
    Scale,
    calibration_plot,
    chain_diagram,
    outcome_mark,
    probability_bar,
    skill_axis,
    skill_strip,
    time_axis,
    time_strip,
)

EVIL = '"><script>alert(1)</script>'
DAY = datetime.date


def parsed(drawing: str) -> etree._Element:
    return etree.fromstring(str(drawing))


def by_class(root: etree._Element, name: str) -> list[etree._Element]:
    return [e for e in root.iter() if name in (e.get("class") or "").split()]


def test_a_scale_holds_its_values_and_nought() -> None:
    scale = Scale.around_zero([-0.03, 0.22])
    assert scale.ticks == (-0.1, 0.0, 0.1, 0.2, 0.3)
    assert [scale.at(v) for v in (-0.1, 0.1, 0.3, 9.0, -9.0)] == pytest.approx([0.0, 0.5, 1.0, 1.0, 0.0])
    assert Scale.around_zero([]).ticks == (-0.1, -0.05, 0.0, 0.05, 0.1)
    wide = Scale.around_zero([-70.0, 50.0])
    assert wide.low <= -70.0
    assert wide.high >= 50.0


def test_days_have_few_ticks_with_a_year_among_them() -> None:
    for days in (20, 200, 2_000, 20_000, 200_000):
        scale = DayScale.over([DAY(1500, 3, 1), DAY(1500, 3, 1) + datetime.timedelta(days=days)])
        assert scale is not None
        assert len(scale.ticks) <= 8
        assert not scale.ticks or any(label[-1].isdigit() for _, label in scale.ticks)
        assert all(scale.first <= day <= scale.last for day, _ in scale.ticks)
    assert DayScale.over([]) is None
    assert DayScale.over([DAY.min, DAY.max]) is not None


def test_a_dot_stands_where_its_group_does() -> None:
    bins = calibration([0.8, 0.8, 0.8, 0.2], [1, 1, 0, 0])
    root = parsed(calibration_plot(bins, who=EVIL))
    low, high = by_class(root, "dot")
    assert float(low.get("cx")) < float(high.get("cx"))
    assert float(low.get("cy")) > float(high.get("cy"))  # SVG counts downward
    # A share of 2 in 3 at 80% lies under the diagonal.
    assert float(high.get("cy")) > 10 + 296 * 0.2
    assert [e.text for e in by_class(root, "number")] == ["1", "3"]
    assert EVIL in (root.findtext("title") or root.findtext("{*}title") or "")
    assert not [e for e in root.iter() if e.tag == "script"]


def test_dots_grow_with_the_root_of_the_number() -> None:
    def one(count: int, at: float) -> Bin:
        return Bin(at, at + 0.1, count, at + 0.05, 0.5, 0.3, 0.7)

    small, large = by_class(parsed(calibration_plot([one(1, 0.1), one(100, 0.5)], who="x")), "dot")
    assert float(large.get("r")) == pytest.approx(8.2)
    assert float(small.get("r")) == pytest.approx(3.7)


@pytest.mark.parametrize(
    ("low", "high", "sign"), [(0.01, 0.2, "better"), (-0.3, -0.01, "worse"), (-0.1, 0.1, "unsure")]
)
def test_a_strip_says_whether_its_interval_is_clear_of_nought(low: float, high: float, sign: str) -> None:
    scale = Scale.around_zero([low, high])
    root = parsed(skill_strip((low + high) / 2, low, high, scale, who="Ada Prior"))
    assert sign in root.get("class").split()
    dot = by_class(root, "dot")[0]
    assert dot.get("cx") == f"{round(scale.at((low + high) / 2) * 100, 2):g}%"
    assert "Ada Prior" in root.findtext("title")
    assert "90% interval" in root.findtext("title")


def test_the_axis_keeps_nought_and_ends_that_are_far_from_it() -> None:
    root = parsed(skill_axis(Scale.around_zero([-0.4, 0.1])))
    kept = [e.text for e in root.iter("text") if e.get("class") == "tick"]
    assert kept == ["−0.40", "0.00"]
    assert len(by_class(root, "minor")) == 4


def test_a_forecast_runs_from_said_to_due_and_ends_in_its_outcome() -> None:
    item = Foretold(DAY(2025, 1, 1), DAY(2025, 7, 1), DAY(2025, 8, 1), "false")
    scale = DayScale.over(item.days)
    assert scale is not None
    root = parsed(time_strip(item, scale, today=DAY(2025, 9, 1), label="said, due, did not come true"))
    run = by_class(root, "run")[0]
    assert run.get("x1") == by_class(root, "said")[0].get("cx")
    assert run.get("x2") == by_class(root, "due")[0].get("x1")
    assert by_class(root, "late")
    assert "no" in by_class(root, "outcome")[0].get("class").split()
    assert root.findtext("title") == "said, due, did not come true"
    assert len(list(parsed(time_axis(scale)).iter("text"))) == len(scale.ticks)


def test_without_a_deadline_the_line_goes_on_until_today_and_is_broken() -> None:
    item = Foretold(DAY(2025, 1, 1), None)
    scale = DayScale.over([*item.days, DAY(2025, 12, 1)])
    assert scale is not None
    root = parsed(time_strip(item, scale, today=DAY(2025, 12, 1), label="open"))
    assert by_class(root, "without")[0].get("x2") == by_class(root, "today")[0].get("x1")
    assert not by_class(root, "outcome")
    # What was due before it was said has no line, and is no error.
    odd = Foretold(DAY(2025, 6, 1), DAY(2025, 1, 1))
    assert not by_class(parsed(time_strip(odd, scale, today=DAY(2025, 12, 1), label="x")), "run")


def test_every_outcome_has_a_shape_of_its_own() -> None:
    values = ("true", "false", "void", "unresolvable", "0.4", None)
    drawn = {str(outcome_mark(value)) for value in values}
    assert len(drawn) == len(values)
    assert str(outcome_mark("kept")) == str(outcome_mark("true"))


def test_a_bar_spans_its_interval() -> None:
    root = parsed(probability_bar(0.75, 0.67, 0.8))
    interval = by_class(root, "interval")[0]
    assert (interval.get("x1"), interval.get("x2")) == ("67%", "80%")
    assert root.findtext("title") == "Probability 75%, between 67 and 80%"
    assert "Ada: 2 of 3" in parsed(probability_bar(0.6, 0.1, 0.9, label="Ada: 2 of 3")).findtext("title")


def test_a_chain_goes_down_from_the_writer_to_the_holder() -> None:
    links = [
        Link("Nora Whitlock", "writer"),
        Link("Marta Havlik", href="/people/1", cue="says"),
        Link(EVIL, sure=False),
    ]
    root = parsed(chain_diagram(links))
    heights = [float(e.get("cy")) for e in root.iter("circle")]
    assert heights == sorted(heights)
    assert [e.get("class") for e in root.iter("circle")] == ["through", "through", "holder"]
    assert len(by_class(root, "edge")) == 2
    assert len(by_class(root, "unsure")) == 1
    assert [e.get("href") for e in root.iter("a")] == ["/people/1"]
    assert by_class(root, "cue")[0].text == "“says”"
    assert root.findtext("title") == f"Chain: Nora Whitlock, who has it from Marta Havlik, who has it from {EVIL}"
    height = float(root.get("viewBox").split()[3])
    assert max(heights) < height


def test_long_names_wrap_and_end() -> None:
    root = parsed(chain_diagram([Link("the chairman of the committee for the harbour and its approaches " * 9)]))
    lines = ["".join(e.itertext()) for e in root.iter("tspan")]
    assert len(lines) == 4
    assert lines[-1].endswith(" …")
