import datetime

import pytest

from sayso.errors import FieldError
from sayso.intake import Overrides
from sayso.intake.dates import find_date, parse_date, valid_date

TODAY = datetime.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2021-06-02", "2021-06-02"),
        ("2021-06-02T04:10:00Z", "2021-06-02T04:10:00Z"),
        ("2021-06-02 04:10:00", "2021-06-02T04:10:00"),
        ("2021-06-02T04:10:00.123+02:00", "2021-06-02T04:10:00+02:00"),
        ("June 2. 2021", "2021-06-02"),
        ("Wednesday, June 2nd, 2021 at 5:12 PM", "2021-06-02T17:12:00"),
        ("12 Sept. 2021, 12:05 a.m.", "2021-09-12T00:05:00"),
        ("posted on 2 June 2021", "2021-06-02"),
        ("1622607000", "2021-06-02T04:10:00Z"),
        ("1622607000000", "2021-06-02T04:10:00Z"),
    ],
)
def test_a_certain_date_is_read(text: str, iso: str) -> None:
    assert parse_date(text) == iso


@pytest.mark.parametrize(
    "text", ["", "3 hours ago", "yesterday", "02/03/2021", "June 2", "May 2021", "31 June 2021", "2021"]
)
def test_nothing_is_guessed(text: str) -> None:
    assert parse_date(text) is None


def test_the_place_of_a_date() -> None:
    text = "Ann Example. June 2. 2021 and on"
    found = find_date(text)
    assert found is not None
    value, (start, end) = found
    assert (value, text[start:end]) == ("2021-06-02", "June 2. 2021")


@pytest.mark.parametrize(
    ("value", "words"),
    [("soon", "not a date"), (20210602, "not a date"), ("1799-12-31", "before 1800"), ("2026-11-24", "in the future")],
)
def test_a_date_that_cannot_be_is_refused(value: object, words: str) -> None:
    with pytest.raises(FieldError, match=words) as caught:
        valid_date(value, field="published", input="a.jsonl:3", today=TODAY)
    assert "a.jsonl:3" in str(caught.value)
    assert '"published"' in str(caught.value)


def test_tomorrow_somewhere_is_allowed() -> None:
    assert valid_date("2026-11-23", field="posted", input="x", today=TODAY) == "2026-11-23"
    assert valid_date("", field="posted", input="x") is None


def test_overrides_are_checked_when_made() -> None:
    assert Overrides(published="June 2, 2021").published == "2021-06-02"
    with pytest.raises(FieldError, match="--published"):
        Overrides(published="last week")
    with pytest.raises(FieldError, match="--title"):
        Overrides(title=" ")
