"""Forecasts taken apart: candidates, conditions beside a claim, the day of a cue, conventions of one's own."""

from __future__ import annotations

import datetime
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayso import cli
from sayso.posts import Attribution
from sayso.reading.forecasts import forecast, said_on
from sayso.reading.odds import find_odds
from sayso.reading.page import Page, States
from sayso.reading.parts import Place, candidates, conditions_outside
from sayso.reading.parts.clauses import clauses, occasions
from sayso.reading.parts.look import _OPENER, _opener
from sayso.reading.parts.scorer import probability, scales
from sayso.reading.reader import Reader

SAID = datetime.date(2024, 11, 14)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "forecasts.md"


def page_of(text: str, *attributions: Attribution) -> Page:
    """A page of which the network thinks nothing in particular."""
    starts = [m.start() for m in re.finditer(r"\w+", text)]
    ends = [m.end() for m in re.finditer(r"\w+", text)]
    parts = np.tile(np.log([0.7, 0.15, 0.15]).astype(np.float32), (len(starts), 3))
    inner = np.zeros(len(starts), np.int64)
    states = np.zeros((len(starts), 1), np.float32)
    return Page(text, starts, ends, States([states]), states[:, 0], parts, inner, [], list(attributions))


def found(text: str, part: str) -> list[str]:
    return [text[c.at[0] : c.at[1]] for c in candidates(Place(page_of(text), [(0, len(text))], "prediction"), part)]


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("If Mr. Orlen loses, the port will close.", "If Mr. Orlen loses"),
        ("It will close unless they scrap a $2.5 billion plan.", "unless they scrap a $2.5 billion plan"),
        ("If elected president he could close it.", "If elected president"),
        ("If he wins the vote he will close it.", "If he wins the vote"),
        ("Should she survive the vote, she will run.", "Should she survive the vote"),
        ("''If current trends continue,'' it will close.", "If current trends continue"),
        ("Without a deal the town will be bankrupt.", "Without a deal the town"),
        ("It will close, depending on how the vote goes.", "depending on how the vote goes"),
        ("Were the court to halt it, they would appeal.", "Were the court to halt it"),
        ("If the dam holds, and the rain stops, the valley is safe.", "If the dam holds, and the rain stops"),
        ("It fails unless Orlen, Kos and Adler step aside.", "unless Orlen, Kos and Adler step aside"),
        ("If for some reason we cannot sail, we will wait.", "If for some reason we cannot sail"),
        ("If this man (Orlen) stays, the firm is done.", "If this man (Orlen) stays"),
        ("They will repay it in cases where the firm has failed.", "in cases where the firm has failed"),
        ("Win or lose, she will stay.", "Win or lose"),
        ("If the valley—and the dam—does not hold, all is lost.", "If the valley—and the dam—does not hold"),
        ("If it rains and if it blows, they will stay.", "If it rains"),
        ("If the trends, the trends of today, go on, it will be hot.", "If the trends, the trends of today, go on"),
        ("In the event of a flood they can open the gates.", "In the event of a flood"),
        ("In case it floods, they will open the gates.", "In case it floods"),
    ],
)  # fmt: skip
def test_clauses_of_condition(text: str, clause: str) -> None:
    assert clause in [text[c.at[0] : c.at[1]] for c in clauses(text, 0, len(text), part="condition")]


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("He says that an Orlen victory would end the talks.", "an Orlen victory"),
        ("Orlen’s defeat could reopen the port.", "Orlen’s defeat"),
        ("“Closing the mine will cost us the valley.”", "Closing the mine"),
        ("By closing the mine, they could lose the valley.", "By closing the mine"),
        ("As the unions grow, the party will follow.", "As the unions grow"),
        ("The more they promise, the less they will keep.", "The more they promise"),
        ("It will end under a Kos administration.", "under a Kos administration"),
        ("If it is signed, if it is kept, they will leave.", "If it is signed, if it is kept"),
    ],
)
def test_what_an_outcome_may_hinge_on_without_an_if(text: str, condition: str) -> None:
    assert condition in found(text, "condition")


@pytest.mark.parametrize(
    "text", ["It was the first such vote in forty years.", "The worst flood in decades hit the town."]
)
def test_a_record_looks_back(text: str) -> None:
    assert found(text, "horizon") == []


@pytest.mark.parametrize(
    "text",
    [
        "If anything, it will rise.",
        "It will rise, if not by much.",
        "Where should it go?",
        "She would be surprised if the bill failed.",
        "They have yet to determine if it floats.",
    ],
)
def test_what_is_no_condition(text: str) -> None:
    assert [*clauses(text, 0, len(text), part="condition")] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("He will win in next Tuesday's primary.", "in next Tuesday's primary"),
        ("It will be settled at the party convention in July.", "at the party convention in July"),
        ("It will drag on until the votes are counted.", "until the votes are counted"),
        ("It will not come before 2027 at the earliest.", "before 2027 at the earliest"),
        ("The talks will end by next spring.", "by next spring"),
        ("They will vote on Monday or Tuesday.", "on Monday or Tuesday"),
        (
            "He will be chosen at the party convention in Tarnow this summer.",
            "at the party convention in Tarnow this summer",
        ),
        ("It will take at least a couple of years.", "at least a couple of years"),
        ("They will gain later in March and beyond.", "later in March and beyond"),
    ],
)
def test_phrases_of_time(text: str, words: str) -> None:
    assert words in found(text, "horizon")


def test_occasions_begin_with_their_preposition() -> None:
    text = "He plans to speak at the congress."
    assert [text[s:e] for s, e in occasions(text, 0, len(text))][-1] == "at the congress"


@pytest.mark.parametrize(
    "text", ["This is a mad election.", "He wants to win this race.", "In order to carry the vote"]
)
def test_what_is_no_occasion(text: str) -> None:
    assert not [(s, e) for s, e in occasions(text, 0, len(text)) if s == 0 or text[s:].startswith("to")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The bill is likely to pass.", ["likely"]),
        ("The bill isn’t likely to pass.", ["isn’t likely"]),
        ("I am confident that it will pass.", ["I am confident"]),
        ("I don't think it will pass.", ["I don't think"]),
        ("There is a 60 percent chance that it will pass.", ["There is a 60 percent chance"]),
        ("It would almost certainly pass.", ["almost certainly"]),
        ("It will pass.", []),
        ("It can't pass, and it cannot be mended.", []),
        ("It is only a matter of time.", ["only a matter of time"]),
        ("I'd be wildly surprised if it passed.", ["I'd be wildly surprised"]),
        ("It looks as if the bill will pass.", ["looks as if"]),
        ("It is extremely unlikely to pass.", ["extremely unlikely"]),
    ],
)
def test_words_of_certainty_as_people_mark_them(text: str, words: list[str]) -> None:
    assert [text[s:e] for s, e, _ in find_odds(text)] == words


def test_a_forecast_by_its_rules_alone() -> None:
    text = "If the strike holds, the port could close by Christmas."
    parts = forecast(page_of(text), [(0, len(text))], kind="prediction", said=SAID, resolvable=0.7, cue="warns")
    assert [c.text for c in parts.conditions] == ["If the strike holds"]
    assert parts.horizon is not None
    assert (parts.horizon.text, parts.horizon.end) == ("by Christmas", datetime.date(2024, 12, 25))
    assert parts.certainty is not None
    assert parts.certainty.text == "could"
    assert parts.probability is not None
    assert parts.probability.rule == "could (labelled)"


def test_a_part_is_looked_for_where_the_network_sees_one() -> None:
    text = "If the strike holds, the port could close by Christmas."
    page = page_of(text)
    page.parts[:, 0] = 9.0  # no word of it is of a condition
    parts = forecast(page, [(0, len(text))], kind="prediction", said=SAID, resolvable=0.7, cue="warns")
    assert not parts.conditions
    assert parts.horizon is not None
    assert parts.certainty is not None


def sure(text: str, words: str) -> float:
    """How likely the words are the certainty of a text, by the rules and a network that does not know."""
    place = Place(page_of(text), [(0, len(text))], "prediction")
    found = {text[c.at[0] : c.at[1]]: c for c in candidates(place, "certainty")}
    return probability(found[words].features, scales()["certainty"].weights)


def test_what_is_hedged_is_the_outcome() -> None:
    plain = sure("The ferries could be kept in port.", "could")
    assert plain > sure("The council will drop a rule that could keep the ferries in port.", "could") + 0.2
    assert plain > sure("The race will be far closer than anybody thought it could be.", "could") + 0.2
    both = "I think the council will certainly drop it."
    assert sure(both, "certainly") > sure(both, "I think")


def test_a_condition_ends_where_its_outcome_begins() -> None:
    assert found("If he wins the vote, he will resign", "condition") == ["If he wins the vote"]
    # What stands between commas is no outcome.
    assert len(found("If the vote, the last of its kind, is lost", "condition")) > 1


def test_several_conditions_in_the_order_of_the_text() -> None:
    text = "If the ministry pays, and if the weather holds, we will load every ship before spring."
    parts = forecast(page_of(text), [(0, len(text))], kind="pledge", said=SAID, resolvable=0.7)
    assert [c.text for c in parts.conditions] == ["If the ministry pays", "and if the weather holds"]


def part(text: str, words: str) -> tuple[int, int]:
    return text.index(words), text.index(words) + len(words)


@pytest.mark.parametrize(
    ("text", "content", "condition"),
    [
        ("If he wins, Orlen has said, he would close the port.", "he would close the port", "If he wins"),
        ("She vowed to call in the army unless they return.", "to call in the army", "unless they return"),
        ("If they refuse? Then the army will come.", "Then the army will come.", "If they refuse"),
        ("Asked if he would run, Orlen said he would close it.", "he would close it", None),
        ("If it rains, she said. The port will close.", "The port will close.", None),
    ],
)
def test_a_condition_beside_the_content(text: str, content: str, condition: str | None) -> None:
    at = part(text, content)
    outside = conditions_outside(page_of(text, Attribution((), (), (at,))), [at])
    assert [text[s:e] for s, e in outside] == ([condition] if condition else [])


def test_a_condition_in_somebody_elses_words_is_theirs() -> None:
    text = "If it rains, we stay, Ada said, and Jan said he would go."
    hers, his = part(text, "If it rains, we stay"), part(text, "he would go")
    page = page_of(text, Attribution((), (), (hers,)), Attribution((), (), (his,)))
    assert conditions_outside(page, [his]) == []


@pytest.mark.parametrize(
    ("around", "day"),
    [("told reporters on Tuesday", datetime.date(2024, 11, 12)), ("said", SAID), ("said Thursday", SAID)],
)
def test_the_day_beside_the_cue(around: str, day: datetime.date) -> None:
    assert said_on(SAID, around) == day
    assert said_on(None, around) is None


def test_no_date_keeps_the_words_without_days() -> None:
    text = "The port will close by next spring."
    horizon = forecast(page_of(text), [(0, len(text))], kind="prediction", said=None, resolvable=0.7).horizon
    assert horizon is not None
    assert (horizon.text, horizon.start, horizon.end) == ("by next spring", None, None)


def test_every_part_has_weights_and_a_threshold() -> None:
    for scale in scales().values():
        assert 0.2 < scale.least < 0.6
        assert probability({"bias": 1.0}, scale.weights) < scale.least  # nothing speaks for it, so it is not taken


def test_a_calendar_of_ones_own(tmp_path: Path) -> None:
    calendar = tmp_path / "events.toml"
    entry = PAGE.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    calendar.write_text(entry, "utf-8")
    text = "The leadership will fall by the congress of the dockers."
    reader = Reader(calendar=calendar)
    place = Place(
        page_of(text), [(0, len(text))], "prediction", said=SAID, calendar=reader.conventions.calendar
    )  # fmt: skip
    ends = {c.read.end for c in candidates(place, "horizon") if c.read and "dockers-congress" in c.read.rule}
    assert ends == {datetime.date(2025, 3, 9)}


def test_the_examples_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"^```\n(\$ .*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    examples = [e for block in blocks for e in re.split(r"\n*^\$ ", block, flags=re.MULTILINE) if e]
    shown = [e.strip().split("\n", 1) for e in examples if e.startswith(("sayso dates", "sayso odds"))]
    assert len(shown) >= 8
    for line, output in shown:
        cli.run(shlex.split(line)[1:])
        assert capsys.readouterr().out.strip() == output.strip(), line


def test_dates_with_a_calendar_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calendar = tmp_path / "events.toml"
    calendar.write_text('[[event]]\nid = "fair"\nnames = ["harbour fair"]\non = "08-15"\n', "utf-8")
    asked = ["dates", "by the harbour fair", "--said", "2024-11-14"]
    assert cli.run(asked) == 1
    assert cli.run([*asked, "--calendar", str(calendar)]) == 0
    assert "14 Nov 2024 – 15 Aug 2025" in capsys.readouterr().out
    calendar.write_text('[[event]]\nid = "fair"\n', "utf-8")
    assert cli.run([*asked, "--calendar", str(calendar)]) == 2 or "names" in capsys.readouterr().err


def test_a_missing_day_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.txt", "b.txt"):
        text = "The port will close by next spring, the union leader Jan Orlen predicted on the radio."
        (tmp_path / name).write_text(text, "utf-8")
    assert cli.run(["read", str(tmp_path), "--format", "jsonl"]) == 0
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert "a.txt and 1 more: no day of publication is known" in told[0]
    assert cli.run(["read", str(tmp_path), "--published", "2024-11-14", "--format", "jsonl"]) == 0
    assert capsys.readouterr().err == ""


@given(st.lists(st.sampled_from("that if If who to win as, so. he — so-called than".split()), max_size=12))
def test_the_word_that_opens_a_clause_is_the_last_before_a_stop(words: list[str]) -> None:
    text = " ".join(words)
    one = _OPENER.pattern
    plain = re.search(rf"{one}(?:(?!{one})[^.,;:?!—–\n])*\Z", text, re.IGNORECASE)
    opener = _opener(text, 0, len(text))
    assert (opener and opener.start()) == (plain and plain.start())
