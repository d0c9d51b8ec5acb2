"""Horizon words to days."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sayso.errors import FieldError, InputError
from sayso.reading.dates import (
    Interval,
    binding_horizon,
    describe_horizon,
    find_horizons,
    read_horizon,
    standard,
)
from sayso.reading.dates.grammar import load

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
SAID = date(2021, 6, 2)  # a Wednesday


def days(words: str, said: date = SAID, **options: object) -> tuple[str | None, str | None]:
    interval = read_horizon(words, said=said, **options)  # type: ignore[arg-type]
    assert interval is not None, words
    return (
        interval.start.isoformat() if interval.start else None,
        interval.end.isoformat() if interval.end else None,
    )


READINGS = {
    "by next spring": ("2021-06-02", "2022-05-31"),
    "by mid-2025": ("2021-06-02", "2025-07-02"),
    "before Christmas": ("2021-06-02", "2021-12-24"),
    "by the end of Q3": ("2021-06-02", "2021-09-30"),
    "over the next 18 months": ("2021-06-02", "2022-12-02"),
    "within five years": ("2021-06-02", "2026-06-02"),
    "by 2030": ("2021-06-02", "2030-01-01"),
    "no later than 2030": ("2021-06-02", "2030-12-31"),
    "on or before 1 July": ("2021-06-02", "2021-07-01"),
    "before 2030": ("2021-06-02", "2029-12-31"),
    "in 2022": ("2022-01-01", "2022-12-31"),
    "during 2022": ("2022-01-01", "2022-12-31"),
    "in the next 3 days": ("2021-06-02", "2021-06-05"),
    "by the end of the weekend": ("2021-06-02", "2021-06-06"),
    "by 10th November": ("2021-06-02", "2021-11-10"),
    "by 11/10": ("2021-06-02", "2021-11-10"),
    "by 25/12/2021": ("2021-06-02", "2021-12-25"),
    "2022-04-01": ("2022-04-01", "2022-04-01"),
    "by midnight": ("2021-06-02", "2021-06-02"),
    "before midnight ET 31 Dec 2021": ("2021-06-02", "2021-12-31"),
    "tonight": ("2021-06-02", "2021-06-02"),
    "by tomorrow morning": ("2021-06-02", "2021-06-03"),
    "this week": ("2021-05-31", "2021-06-06"),
    "next week": ("2021-06-07", "2021-06-13"),
    "this month": ("2021-06-01", "2021-06-30"),
    "later this month": ("2021-06-02", "2021-06-30"),
    "this year": ("2021-01-01", "2021-12-31"),
    "by next year": ("2021-06-02", "2022-01-01"),
    "in the coming weeks": ("2021-06-02", "2021-07-14"),
    "in FY2022": ("2021-10-01", "2022-09-30"),
    "in a decade": ("2021-06-02", "2031-06-02"),
    "over the next few years": ("2021-06-02", "2026-06-02"),
    "in the 2030s": ("2030-01-01", "2039-12-31"),
    "this century": ("2001-01-01", "2100-12-31"),
    "in the 22nd century": ("2101-01-01", "2200-12-31"),
    "within the year": ("2021-01-01", "2021-12-31"),
    "in two weeks' time": ("2021-06-16", "2021-06-16"),
    "a year and a half from now": ("2022-12-02", "2022-12-02"),
    "this time next year": ("2022-06-02", "2022-06-02"),
    "next June": ("2022-06-01", "2022-06-30"),
    "next November": ("2021-11-01", "2021-11-30"),
    "by March": ("2021-06-02", "2022-03-01"),
    "by June": ("2021-06-02", "2021-06-30"),
    "by the end of June": ("2021-06-02", "2021-06-30"),
    "by Friday": ("2021-06-02", "2021-06-04"),
    "next Friday": ("2021-06-11", "2021-06-11"),
    "next Monday": ("2021-06-07", "2021-06-07"),
    "early next year": ("2022-01-01", "2022-04-30"),
    "late 2022": ("2022-09-01", "2022-12-31"),
    "in mid-August": ("2021-08-11", "2021-08-21"),
    "the first week of May": ("2022-05-01", "2022-05-07"),
    "in the second half of the year": ("2021-07-01", "2021-12-31"),
    "in the third quarter of next year": ("2022-07-01", "2022-09-30"),
    "from October to February": ("2021-10-01", "2022-02-28"),
    "between July and September 2022": ("2021-07-01", "2022-09-30"),
    "in February or March": ("2022-02-01", "2022-03-31"),
    "by Thanksgiving": ("2021-06-02", "2021-11-25"),
    "until Easter": ("2021-06-02", "2022-04-17"),
    "by New Year's Eve": ("2021-06-02", "2021-12-31"),
    "by the midterms": ("2021-06-02", "2022-11-08"),
    "the 2024 election": ("2024-11-05", "2024-11-05"),
    "this term": ("2021-01-20", "2025-01-19"),
    "in her first 100 days": ("2025-01-20", "2025-04-29"),
    "during the winter Olympics": ("2022-02-04", "2022-02-20"),
    "by the turn of the decade": ("2021-06-02", "2029-12-31"),
    "by year's end": ("2021-06-02", "2021-12-31"),
    "in eighteen to twenty-four months": ("2021-06-02", "2023-06-02"),
    "in a week or two": ("2021-06-02", "2021-06-16"),
    "within 24 hours": ("2021-06-02", "2021-06-03"),
    "within two weeks of the 2024 election": ("2021-06-02", "2024-11-19"),
    "after 2022": ("2023-01-01", None),
    "as early as next week": ("2021-06-07", None),
    "soon": ("2021-06-02", None),
    "eventually": ("2021-06-02", None),
    "for years to come": ("2021-06-02", None),
    "in my lifetime": ("2021-06-02", None),
    "by 2030 or beyond": ("2021-06-02", None),
    "By the End of 2022,": ("2021-06-02", "2022-12-31"),
    "by year’s end": ("2021-06-02", "2021-12-31"),
}


@pytest.mark.parametrize("words", READINGS)
def test_reading(words: str) -> None:
    assert days(words) == READINGS[words]


def test_first_hundred_days_that_still_run() -> None:
    assert days("in his first 100 days", date(2021, 2, 1)) == ("2021-01-20", "2021-04-29")


def test_seasons_follow_the_hemisphere() -> None:
    assert days("this summer") == ("2021-06-01", "2021-08-31")
    assert days("this summer", hemisphere="south") == ("2021-12-01", "2022-02-28")
    assert days("by the end of winter 2023", hemisphere="south") == ("2021-06-02", "2023-08-31")
    with pytest.raises(FieldError, match="hemisphere"):
        read_horizon("this summer", said=SAID, hemisphere="east")  # type: ignore[arg-type]


def test_a_sunday_looks_ahead() -> None:
    assert days("this week", date(2021, 6, 6)) == ("2021-06-07", "2021-06-13")


@pytest.mark.parametrize(
    "words", ["", "   ", "by the time it matters", "when pigs fly", "by 31 June", "gibberish", "?"]
)
def test_words_that_no_rule_knows(words: str) -> None:
    assert read_horizon(words, said=SAID) is None


def test_past_is_flagged_and_never_moved() -> None:
    assert read_horizon("by 2010", said=date(2012, 5, 1)) == Interval(
        date(2010, 1, 1), date(2010, 1, 1), "by > year", True
    )
    last = read_horizon("last year", said=SAID)
    assert last is not None
    assert (last.start, last.end, last.past) == (date(2020, 1, 1), date(2020, 12, 31), True)
    running = read_horizon("this year", said=SAID)
    assert running is not None
    assert not running.past


def test_last_days_of_months_and_leap_days() -> None:
    assert days("within a month", date(2021, 1, 31)) == ("2021-01-31", "2021-02-28")
    assert days("within a month", date(2024, 1, 31)) == ("2024-01-31", "2024-02-29")
    assert days("within a year", date(2024, 2, 29)) == ("2024-02-29", "2025-02-28")
    assert days("by the end of February", date(2024, 1, 5)) == ("2024-01-05", "2024-02-29")
    assert days("by February 29", date(2021, 3, 1)) == ("2021-03-01", "2024-02-29")
    assert days("tomorrow", date(2021, 12, 31)) == ("2022-01-01", "2022-01-01")
    assert days("next month", date(2021, 12, 31)) == ("2022-01-01", "2022-01-31")
    assert days("by January", date(2021, 12, 31)) == ("2021-12-31", "2022-01-01")


def test_far_off_is_open() -> None:
    assert days("within 10,000 years")[1] is None


@pytest.mark.parametrize("said", [date(1, 1, 1), date(9999, 12, 31), date(1800, 1, 1), date(2100, 2, 28)])
@pytest.mark.parametrize("words", [*READINGS, "last week", "last summer", "a century ago", "the next decade"])
def test_any_day_is_safe(words: str, said: date) -> None:
    interval = read_horizon(words, said=said)
    if interval is not None and interval.start and interval.end:
        assert interval.start <= interval.end


MADE_OF = [
    "by", "before", "in", "within", "the end of", "next", "this", "last", "mid-", "early", "late", "2024", "March",
    "29 February", "Friday", "week", "month", "year", "quarter", "two", "a few", "months", "spring", "winter", "Easter",
    "the", "first", "half of", "from", "to", "or", "and", "Q3", "decade", "until", "after", "election", "12/31", "of",
    "ago", "31",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(MADE_OF), max_size=7),
    st.dates(date(1800, 1, 1), date(2199, 12, 31)),
    st.sampled_from(["north", "south"]),
)
def test_from_is_never_after_to(words: list[str], said: date, hemisphere: str) -> None:
    text = " ".join(words)
    interval = read_horizon(text, said=said, hemisphere=hemisphere)  # type: ignore[arg-type]
    if interval is not None:
        assert interval.rule
        if interval.start is not None and interval.end is not None:
            assert interval.start <= interval.end
        assert interval.past == (interval.end is not None and interval.end < said)
    for start, end, found in find_horizons(text, said=said):
        assert 0 <= start < end <= len(text)
        assert found.start is None or found.end is None or found.start <= found.end


@given(st.text(max_size=60), st.dates(date(1800, 1, 1), date(2199, 12, 31)))
def test_any_text_is_safe(text: str, said: date) -> None:
    read_horizon(text, said=said)
    for start, end, _ in find_horizons(text, said=said):
        assert 0 <= start < end <= len(text)


@given(st.dates(date(1800, 1, 1), date(2199, 11, 30)), st.integers(1, 300))
def test_stretches_shift_with_the_day(said: date, count: int) -> None:
    for unit, size in (("days", 1), ("weeks", 7)):
        interval = read_horizon(f"within {count} {unit}", said=said)
        assert interval is not None
        assert interval.end == said + timedelta(days=size * count)
    month = read_horizon(f"over the next {count} months", said=said)
    assert month is not None
    assert month.end is not None
    whole = said.year * 12 + said.month - 1 + count
    assert (month.end.year, month.end.month) == (whole // 12, whole % 12 + 1)
    assert month.end.day == said.day or (month.end + timedelta(days=1)).day == 1


@given(st.dates(date(1800, 1, 1), date(2199, 11, 30)))
def test_units_shift_with_the_day(said: date) -> None:
    """The same words said a month later mean the month after; said any day of a month or year, the same."""
    later = (said.replace(day=28) + timedelta(days=4)).replace(day=1)
    now, then = read_horizon("next month", said=said), read_horizon("this month", said=later)
    assert now is not None
    assert then is not None
    assert (now.start, now.end) == (then.start, then.end)
    fixed = [read_horizon("in March 2031", said=day) for day in (said, later)]
    assert fixed[0] is not None
    assert fixed[1] is not None
    assert (fixed[0].start, fixed[0].end) == (fixed[1].start, fixed[1].end) == (date(2031, 3, 1), date(2031, 3, 31))
    end = read_horizon("by the end of the year", said=said)
    assert end is not None
    assert end.end == date(said.year, 12, 31)
    weekday = read_horizon("by Thursday", said=said)
    assert weekday is not None
    assert weekday.end is not None
    assert weekday.end.weekday() == 3
    assert 0 <= (weekday.end - said).days < 7


@settings(max_examples=40)
@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_named_events_are_still_to_come(said: date) -> None:
    for words in ("by Christmas", "by Easter", "by the midterms", "before the next election", "by inauguration day"):
        interval = read_horizon(words, said=said)
        assert interval is not None
        assert interval.end is not None
        assert said <= interval.end + timedelta(days=1)


# --- in sentences -------------------------------------------------------------------------------------------------


def bound(text: str, said: date = SAID) -> tuple[str, str | None] | None:
    found = binding_horizon(text, said=said)
    if found is None:
        return None
    return text[found[0] : found[1]], found[2].end.isoformat() if found[2].end else None


def test_a_deadline_goes_before_a_span_and_a_mention() -> None:
    assert bound("In 2020 Orlo lost; this year he wins a seat by 1 October.") == ("by 1 October", "2021-10-01")
    assert bound("The Tarn dam, begun in 2019, will be finished within three years") == (
        "within three years",
        "2024-06-02",
    )
    assert bound("Eventually, and I think this autumn, the coalition will break") == ("this autumn", "2021-11-30")


def test_short_forecasts() -> None:
    assert bound("Harbour tunnel: < 4 accidents in 2022. —Vesna") == ("in 2022", "2022-12-31")
    assert bound("no rain through Friday") == ("through Friday", "2021-06-04")
    assert bound("“Quillon to leave office before midnight ET 31 Dec 2021”") == (
        "before midnight ET 31 Dec 2021",
        "2021-12-31",
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the talks could start this week", ["this week"]),
        ("the strike will end next month", ["next month"]),
        ("the talks may end", []),
        ("done by end 2025, or by end-2026", ["by end 2025", "by end-2026"]),
        ("before May ends", ["before May ends"]),
        ("if she comes back too soon", []),
        ("whoever runs for the presidency", []),
        ("during his presidency", ["during his presidency"]),
        ("a few weeks later than usual, by a leader two years older", []),
        ("five years", ["five years"]),
    ],
)
def test_a_verb_or_a_purpose_is_no_time(text: str, found: list[str]) -> None:
    assert [text[s:e] for s, e, _ in find_horizons(text, said=date(2021, 6, 2))] == found


def test_what_bounds_nothing_is_left_out() -> None:
    assert bound("Mira Tolland will win") is None
    assert bound("Turnout will be higher than last year") is None
    assert bound("Read http://example.org/2022/05/01/tolland first") is None
    assert bound("The Sun will say so") is None
    assert bound("You may march with us") is None


def test_a_year_is_cut_at_the_event_that_settles_it() -> None:
    found = binding_horizon("Governor Tolland will be re-elected in 2024", said=SAID)
    assert found is not None
    assert found[2] == Interval(date(2024, 1, 1), date(2024, 11, 5), "in > year > us-election", False)
    assert bound("Tolland will stay in office in 2024") == ("in 2024", "2024-12-31")


def test_places_survive_odd_characters() -> None:
    text = "İ😀 Tolland’s party will split by year’s end"
    found = find_horizons(text, said=SAID)
    assert [text[s:e] for s, e, _ in found] == ["by year’s end"]


def test_all_are_found_in_order() -> None:
    text = "By Friday or, failing that, within two weeks; certainly in 2021."
    assert [text[s:e] for s, e, _ in find_horizons(text, said=SAID)] == ["By Friday", "within two weeks", "in 2021"]


# --- data and explanations ----------------------------------------------------------------------------------------


def test_every_rule_has_its_own_id_and_says_how_it_reads() -> None:
    grammar = load()
    ids = [r.id for rules in (grammar.bounds, grammar.parts, grammar.leaves, grammar.vague) for r in rules.rules]
    assert len(ids) == len(set(ids))
    assert all(grammar.says.values())
    assert not set(ids) & set(standard().says)
    assert all(standard().says.values())


def test_every_event_of_the_calendar_is_dated() -> None:
    calendar = standard()
    for event, _ in calendar._events:
        assert event.around(date(2008, 1, 1)) is not None, event.id


def test_description_explains_each_rule() -> None:
    shown = describe_horizon("by the end of next spring", SAID)
    assert (shown["from"], shown["to"], shown["past"]) == ("2021-06-02", "2022-05-31", False)
    assert shown["rule"] == "by > end-of > season"
    assert [rule["id"] for rule in shown["rules"]] == ["by", "end-of", "season"]
    assert all(rule["says"] for rule in shown["rules"])
    unknown = describe_horizon("when pigs fly", SAID)
    assert (unknown["from"], unknown["to"], unknown["rule"], unknown["rules"]) == (None, None, None, [])
    for words in READINGS:
        assert describe_horizon(words, SAID)["rules"]


def test_users_extend_the_calendar(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'day_first = true\n[[event]]\nid = "river-fair"\nnames = ["(?:the )?river fair"]\non = "09-12"\ndays = 3\n'
        'says = "three days from 12 September"\n[[event]]\nid = "elections-here"\nnames = ["elections?"]\n'
        'dates = ["2023-05-14"]\n',
        encoding="utf-8",
    )
    calendar = standard().extended(path)
    assert days("before the river fair", calendar=calendar) == ("2021-06-02", "2021-09-11")
    assert days("by the next election", calendar=calendar) == ("2021-06-02", "2023-05-14")
    assert days("by 5/11", calendar=calendar) == ("2021-06-02", "2021-11-05")
    assert days("by Christmas", calendar=calendar) == ("2021-06-02", "2021-12-25")
    assert days("by the next election") == ("2021-06-02", "2024-11-05")
    assert describe_horizon("during the river fair", SAID, calendar=calendar)["rules"][1]["says"].startswith("three")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[event]\n", "cannot be read as a calendar"),
        ('[[event]]\nid = "x"\non = "01-01"\n', "event 1: has no names"),
        ('[[event]]\nid = "x"\nnames = ["x"]\n', "exactly one of"),
        ('[[event]]\nid = "x"\nnames = ["x"]\non = "13-01"\n', "event 1: cannot be read"),
        ('[[event]]\nid = "x"\nnames = ["x"]\ndates = ["2021-02-30"]\n', "event 1: cannot be read"),
        ('[[event]]\nid = "x"\nnames = ["x"]\ndates = ["2021-03-02/2021-03-01"]\n', "ends before it begins"),
        ('[[event]]\nid = "x"\nnames = ["x("]\non = "01-01"\n', "event 1: cannot be read"),
        ('[[event]]\nid = "x"\nnames = "x"\non = "01-01"\n', "not a list"),
        ('[[event]]\nid = "x"\nnames = ["x"]\non = "01-01"\nwhen = 3\n', "unknown field 'when'"),
    ],
)
def test_a_bad_calendar_says_where_and_what(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.toml") as error:
        standard().extended(path)
    assert problem in str(error.value)
    with pytest.raises(InputError, match="cannot be read as a calendar"):
        standard().extended(tmp_path / "missing.toml")


def test_deadlines_that_the_public_set() -> None:
    path = SHARED / "horizons" / "dev.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    gold = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    right = dated = 0
    for item in gold:
        said, closes = date.fromisoformat(item["said_on"]), date.fromisoformat(item["closes_on"])
        found = binding_horizon(item["text"], said=said)
        if found and found[2].end:
            dated += 1
            right += abs((found[2].end - closes).days) <= max(3, 0.05 * (closes - said).days)
    assert right / len(gold) >= 0.81
    assert right / dated >= 0.85


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("before the summer is out", "2021-08-31"),
        ("before summer ends", "2021-08-31"),
        ("by the summer's end", "2021-08-31"),
        ("before the year is out", "2021-12-31"),
        ("before the decade is out", "2029-12-31"),
        ("before her term is out", "2025-01-19"),
        ("before June is over", "2021-06-30"),
        ("before the winter comes to a close", "2022-02-28"),
        ("before the summer", "2021-08-31"),
    ],
)
def test_before_something_is_out_ends_with_its_end(words: str, end: str) -> None:
    read = read_horizon(words, said=date(2021, 6, 2))
    assert read is not None
    if words == "before the summer":  # which runs already: without the closing words it begins before it was said
        assert (read.past, read.end) == (True, date(2021, 5, 31))
        return
    assert (read.end, read.past) == (date.fromisoformat(end), False)
    assert read.start == date(2021, 6, 2)
