"""Words of certainty to odds."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayso.errors import FieldError
from sayso.reading.odds import YARDSTICKS, Probability, describe_odds, read_odds
from sayso.reading.odds.read import _NEAR_SIGN, _near_sign
from sayso.reading.odds.tables import load

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def of(words: str | None, sentence: str = "", **options: str) -> Probability:
    return read_odds(words, sentence=sentence, **options)  # type: ignore[arg-type]


SURVEY = {
    "almost certainly": (0.9, 0.95, 0.98),
    "highly likely": (0.8, 0.9, 0.9),
    "likely": (0.67, 0.75, 0.8),
    "probably": (0.65, 0.75, 0.8),
    "more likely than not": (0.55, 0.6, 0.6),
    "about even": (0.5, 0.5, 0.5),
    "unlikely": (0.1, 0.2, 0.25),
    "highly unlikely": (0.05, 0.05, 0.1),
    "little chance": (0.05, 0.1, 0.15),
    "a remote chance": (0.03, 0.05, 0.1),
    "almost no chance": (0.01, 0.02, 0.05),
}


@pytest.mark.parametrize("words", SURVEY)
def test_words_of_the_survey(words: str) -> None:
    read = of(words)
    assert (read.low, read.point, read.high) == pytest.approx(SURVEY[words])


NUMBERS = {
    "a 60 percent chance": 0.6,
    "60% sure": 0.6,
    "sixty percent": 0.6,
    "60-70%": 0.65,
    "60 to 70 percent": 0.65,
    "odds of two to one": 2 / 3,
    "3:1 on": 0.75,
    "3:1 against": 0.25,
    "a 9-to-1 shot": 0.1,
    "nine times out of ten": 0.9,
    "9 out of 10": 0.9,
    "one in four": 0.25,
    "a 1-in-5 chance": 0.2,
    "a two-thirds chance": 2 / 3,
    "fifty-fifty": 0.5,
    "50-50": 0.5,
    "100 percent": 1.0,
    "zero percent": 0.0,
    "99.9 percent": 0.999,
}


@pytest.mark.parametrize("words", NUMBERS)
def test_numbers(words: str) -> None:
    assert of(words).point == pytest.approx(NUMBERS[words], abs=1e-3)


def test_numbers_with_an_edge_keep_it() -> None:
    more, less = of("more than a 90 percent chance"), of("less than a 10 percent chance")
    assert (more.low, more.high) == (0.9, 1.0)
    assert (less.low, less.high) == (0.0, 0.1)
    assert 0.9 < more.point < 1
    assert 0 < less.point < 0.1
    about = of("about 40 percent")
    assert (about.low, about.point, about.high) == (0.3, 0.4, 0.5)


def test_numbers_that_cannot_be_are_not_read_as_odds() -> None:
    assert of("5 out of 3", "it will hold") == of(None, "it will hold")
    assert of("250 percent", "it will hold") == of(None, "it will hold")


def test_a_number_in_the_sentence_counts_beside_chance_only() -> None:
    assert of(None, "There is a 30 percent chance that Orlo will resign").point == pytest.approx(0.3)
    assert of(None, "Orlo will win 30 percent of the vote").point == of(None, "Orlo will win").point


def test_probability_is_that_of_what_is_asserted() -> None:
    """ "Will not" and "unlikely to" both assert that it will not come about."""
    assert of(None, "Orlo will not resign").point >= 0.85
    assert of("unlikely", "Orlo is unlikely to resign").point == pytest.approx(0.8)
    assert of("no chance", "there is no chance Orlo resigns").point == pytest.approx(0.98)
    assert of("I doubt", "I doubt Orlo will resign").point == pytest.approx(0.75)
    assert of("don't think", "I don't think Orlo will resign").point == pytest.approx(0.8)
    assert of("don’t think", "I don’t think Orlo will resign").point == pytest.approx(0.8)
    assert of("not likely", "that is not likely to hold up in the Senate").point == pytest.approx(0.8)


def test_words_without_an_outcome_are_worth_what_they_say() -> None:
    assert of("unlikely").point == pytest.approx(0.2)
    assert of("not at all likely", "“not at all likely.”").point == pytest.approx(0.05)


def test_double_negation() -> None:
    assert of("unlikely not to").point == pytest.approx(0.8)
    assert of("unlikely not to", "Orlo is unlikely not to run").point == pytest.approx(0.8)
    assert of("I don't doubt", "I don't doubt that Orlo will run").point >= 0.9
    assert of("no doubt", "there is no doubt that Orlo will run").point >= 0.9
    assert 0.5 <= of("not impossible", "it is not impossible that Orlo runs").point <= 0.6


def test_stacked_hedges() -> None:
    could, well = of("could", "it could fail"), of("could well", "it could well fail")
    assert could.point < well.point < of("likely").point
    stacked = of("fairly sure", "I am fairly sure it may rain")
    assert stacked.point == of("may", "it may rain").point
    assert stacked.rule == "fairly-sure (convention) + may (labelled)"
    assert of("fairly sure", "I am fairly sure it will rain").point == pytest.approx(0.8)
    assert of("fairly sure", "I am fairly sure: it rains; it may stop").point == pytest.approx(0.8)


def test_bare_modal_verbs() -> None:
    will, would, could, might = (of(None, f"Orlo {verb} resign").point for verb in ("will", "would", "could", "might"))
    assert 0.85 <= would <= will <= 0.95
    assert 0.35 <= might <= could <= 0.55
    assert of(None, "Orlo's going to resign").point == will
    assert of(None, "Orlo’ll resign").point == will
    assert of(None, "A verdict is due next week").rule == "none (labelled)"


def test_conditions_do_not_matter() -> None:
    assert of(None, "If Orlo could win, taxes will rise") == of(None, "taxes will rise")
    assert of(None, "Unless it might snow, they will come") == of(None, "they will come")


def test_the_month_is_no_modal_verb() -> None:
    assert of(None, "A decision on May 5 or in mid-May").rule == "none (labelled)"


def test_the_cue_decides_where_the_content_has_no_words() -> None:
    plain = of(None, "that Orlo will resign", cue="said")
    assert plain == of(None, "that Orlo will resign")
    hope, fear, doubt = (of(None, "that Orlo will resign", cue=cue).point for cue in ("hopes", "feared", "doubts"))
    assert doubt < hope <= fear < plain.point
    assert of("probably", "that Orlo will probably resign", cue="hopes").point == of("probably").point


def test_words_that_no_rule_knows_leave_it_to_the_modal_verb() -> None:
    assert of("quux", "it will rain") == of(None, "it will rain")
    assert of("", "it will rain") == of(None, "it will rain")


def test_yardsticks() -> None:
    assert of("likely", yardstick="nato").point == pytest.approx(0.75)
    assert of("likely", yardstick="icd203") == Probability(0.675, 0.55, 0.8, "likely (icd203)")
    assert of("likely", yardstick="ipcc") == Probability(0.83, 0.66, 1.0, "likely (ipcc)")
    assert of("unlikely", "Orlo is unlikely to run", yardstick="icd203").low == pytest.approx(0.55)
    # "extremely" is a step of its own for two of them; for the others it is as good as "highly".
    assert of("extremely likely", yardstick="ipcc") == Probability(0.975, 0.95, 1.0, "extremely-likely (ipcc)")
    assert of("extremely unlikely", yardstick="ipcc").high == pytest.approx(0.05)
    assert of("extremely likely", yardstick="efsa").high == pytest.approx(0.99)
    assert of("very likely", yardstick="ipcc").low == pytest.approx(0.9)
    assert of("extremely likely", yardstick="nato") == Probability(0.95, 0.9, 1.0, "extremely-likely (nato)")
    assert of("extremely likely") == Probability(0.9, 0.8, 0.9, "extremely-likely (survey)")
    # A yardstick without the words leaves them to the survey, and says so.
    assert of("a very good chance", yardstick="nato").rule == "very-good-chance (survey)"
    with pytest.raises(FieldError, match="yardstick: 'astrology' is not known"):
        of("likely", yardstick="astrology")


WORDS = [
    "unlikely", "not", "likely", "certain", "no", "doubt", "could", "well", "60%", "two to one", "against", "may", "I",
    "think", "highly", "chance", "remote", "if", "will", "won't", "less than", "one in", "3", "in", "even", "5:0",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(WORDS), max_size=6),
    st.lists(st.sampled_from(WORDS), max_size=8),
    st.sampled_from(YARDSTICKS),
    st.sampled_from([None, "hopes", "doubts", "said"]),
)
def test_low_point_high(words: list[str], sentence: list[str], yardstick: str, cue: str | None) -> None:
    read = read_odds(" ".join(words), sentence=" ".join(sentence), yardstick=yardstick, cue=cue)  # type: ignore[arg-type]
    assert 0 <= read.low <= read.point <= read.high <= 1
    assert read.rule


@given(st.none() | st.text(max_size=30), st.text(max_size=60))
def test_any_text_is_safe(words: str | None, sentence: str) -> None:
    read = read_odds(words, sentence=sentence)
    assert 0 <= read.low <= read.point <= read.high <= 1


# --- data and explanations ----------------------------------------------------------------------------------------


def test_every_phrase_has_its_own_id_and_a_worth_by_every_yardstick() -> None:
    tables = load()
    ids = [phrase.id for phrase in tables.phrases]
    assert len(ids) == len(set(ids))
    for phrase in tables.phrases:
        assert phrase.says
        for yardstick in YARDSTICKS:
            worth, table = tables.worth(phrase, yardstick)
            assert 0 <= worth.low <= worth.point <= worth.high <= 1
            assert worth.source
            assert table in (*YARDSTICKS, "labelled", "convention")


def test_description_gives_rule_and_source() -> None:
    shown = describe_odds("almost certainly")
    assert (shown["point"], shown["low"], shown["high"]) == (0.95, 0.9, 0.98)
    assert shown["known"]
    assert [rule["id"] for rule in shown["rules"]] == ["almost-certain (survey)"]
    assert "CAPphrase" in shown["rules"][0]["source"]
    assert "CC BY 4.0" in shown["rules"][0]["source"]
    unlikely = describe_odds("unlikely", "nato")
    assert unlikely["rules"][0]["against"]
    assert unlikely["point"] == pytest.approx(0.25)
    assert not describe_odds("quux")["known"]
    assert describe_odds("won't")["rules"][0]["id"] == "wont (labelled)"
    for words in (*NUMBERS, *SURVEY):
        assert all(rule["says"] and rule["source"] for rule in describe_odds(words)["rules"])


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("odds_tables", ROOT / "training" / "odds_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_are_what_the_data_give() -> None:
    if not (SHARED / "wep").exists():
        pytest.skip(f"{SHARED / 'wep'} is not there")
    tables, package = script(), ROOT / "src" / "sayso" / "reading" / "odds"
    assert (package / "yardsticks.csv").read_text(encoding="utf-8") == tables.yardsticks()
    if (SHARED / "claims" / "train.jsonl").exists():
        assert (package / "labelled.csv").read_text(encoding="utf-8") == tables.labelled()


def test_labelled_predictions() -> None:
    path = SHARED / "claims" / "dev.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    claims = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    wrong = [
        abs(read_odds(c["certainty"], sentence=c["content"]).point - c["probability"])
        for c in claims
        if c["kind"] == "prediction"
    ]
    assert sum(wrong) / len(wrong) <= 0.06


def test_no_pattern_is_dead() -> None:
    """Each phrase wins for some plain words of its own: those of its id, or an example here."""
    examples = {
        "unlikely-not": "unlikely not to", "highly-unlikely-not": "highly unlikely not to", "undoubted": "do not doubt",
        "not-unlikely": "not unlikely", "remote-chance": "remote chance", "not-think": "don't think",
        "doubt": "I doubt",
        "not-certain": "not certain", "could-well": "could well", "might-yet": "may yet", "not-surprised":
        "wouldn't be surprised", "fears": "worried", "hopefully": "hopefully", "wont": "won't", "wouldnt": "wouldn't",
    }  # fmt: skip
    tables = load()
    for phrase in tables.phrases:
        if phrase.id == "none":
            continue
        words = examples.get(phrase.id, re.sub("-", " ", phrase.id))
        words = {"hold no hope": "holds little hope"}.get(words, words)
        matcher = tables.cues if phrase.cue else tables.words
        assert phrase.id in [found.id for found, _, _ in matcher.find(words)], phrase.id


@given(
    st.lists(
        st.sampled_from("a to of 60 in win, . ; the chance chances odds surely sure likely one out times".split()),
        max_size=30,
    )
)
def test_the_words_around_a_sign_are_those_of_one_expression(words: list[str]) -> None:
    text = " ".join(words)
    near = _NEAR_SIGN.search(text)
    assert _near_sign(text) == (near[0] if near else None)
