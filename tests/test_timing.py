"""Datelines and stamps."""

from __future__ import annotations

import datetime

import pytest

from sayso.timing import dateline_day, day_of

PUBLISHED = datetime.date(2021, 6, 2)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Staunton, May 31 – The minister said no.", datetime.date(2021, 5, 31)),
        ("A headline\n\nKYIV, Ukraine, 1 June — It rained.", datetime.date(2021, 6, 1)),
        ("OSLO (AP), May 30 - It rained.", datetime.date(2021, 5, 30)),
        ("Oslo, May 31 was warm.", None),
        ("Oslo, July 31 – next month's news cannot be.", None),
        ("Oslo, Febtober 31 – no such month.", None),
        ("Oslo, February 30 – no such day.", None),
    ],
)
def test_dateline(text: str, day: datetime.date | None) -> None:
    assert dateline_day(text, PUBLISHED) == day


def test_a_dateline_at_the_turn_of_the_year() -> None:
    assert dateline_day("Oslo, Dec. 30 – Snow.", datetime.date(2022, 1, 2)) == datetime.date(2021, 12, 30)
    assert dateline_day("Oslo, Dec. 30 – Snow.", None) is None


@pytest.mark.parametrize(
    ("stamp", "day"), [("2021-06-02T10:00:00Z", PUBLISHED), ("2021-06-02", PUBLISHED), ("June", None), (None, None)]
)
def test_day_of(stamp: str | None, day: datetime.date | None) -> None:
    assert day_of(stamp) == day
