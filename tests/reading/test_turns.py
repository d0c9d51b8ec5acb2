"""Turns in interviews, transcripts and parliaments' records: what is said in one is its speaker's."""

from __future__ import annotations

import pytest

from sayso.posts import Claim, Post, Thread
from sayso.reading.reader import Reader
from sayso.reading.turns import Turns

READER = Reader()
INTERVIEW = """Before the Vote

Deputy Oona Fairweather leads the Canal Party. We met her at the lock.

Q: Will the canal be dredged this year?

A: It will be dredged by October. I have seen the contract myself.

Q: The mayor says you are dreaming.

A: Mayor Bostock has said that for ten years. I expect him to give in before Christmas.

We will open the second lock in spring.

Q: And if he does not?

A: Then we will go to court."""
TRANSCRIPT = """PAT MORROW, HOST: Good evening. Will the strike end this week?

DR. HELGA STROM, UNION ECONOMIST: It will end by Friday. I think the owners are out of money.

MORROW: And the wages?

STROM: The wages will rise in March, whatever anybody says.

ILYA VENN, EMPLOYERS' ASSOCIATION: I disagree with every word. The owners told us that they can wait until summer."""
ARTICLE = """Note: this is a column about the port.

The minister said three things: the port will open, the road will be built, and nobody will pay.

Oona Fairweather had one answer: “Never.”

Update: the port has opened.

Correction: the road was built in 2012."""


def read(text: str, author: str | None = None) -> list[Claim]:
    return READER.read_thread(Thread("t", [Post("t", text, author=author)], published="2026-03-04")).claims


def labels(text: str) -> list[str]:
    return [text[slice(*turn.label)] for turn in Turns(text)]


def test_what_is_answered_is_the_interviewees() -> None:
    claims = read(INTERVIEW, author="Nell Ambry")
    dredged = next(c for c in claims if "dredged by October" in c.content.text)
    assert dredged.holder.name == "Oona Fairweather"
    assert not dredged.content.text.startswith("A:")
    lock = next(c for c in claims if "second lock in spring" in c.content.text)
    assert lock.holder.name == "Oona Fairweather", "an answer of two paragraphs"
    assert not [c.holder.name for c in claims if c.holder.name.casefold() in ("a", "q", "the author")]


def test_a_question_is_no_forecast_of_who_asks() -> None:
    assert not [c for c in read(INTERVIEW, author="Nell Ambry") if c.voice == "own" and "?" in c.content.text]


def test_speakers_of_a_transcript_are_named_in_full_and_no_forecast_is_the_writers() -> None:
    claims = read(TRANSCRIPT)
    assert {c.holder.name for c in claims} >= {"HELGA STROM"}
    assert not [c for c in claims if c.voice == "own"]
    for claim in claims:
        turn = Turns(TRANSCRIPT).at(claim.content.start)
        assert turn is not None
        assert turn.said[0] <= claim.content.start


def test_what_a_speaker_tells_of_others_comes_through_the_speaker() -> None:
    told = next(c for c in read(TRANSCRIPT) if "they can wait until summer" in c.content.text and len(c.chain) > 1)
    assert told.chain[0].name == "ILYA VENN"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (INTERVIEW, ["Q", "A", "Q", "A", "Q", "A"]),
        (ARTICLE, []),
        ("Time: noon\nPlace: the hall\nPrice: nothing\nDoors: at eleven", []),
        (
            "Q1. [901] Ann Lowe (Vale) (Lab): Will the school open by May?\n\n"
            "The Prime Minister: It will open in May, as I said.\n\n"
            "Sir Bram Tull (Northby): Does the minister believe it himself?\n\n"
            "The Prime Minister: He does, and I do as well.",
            ["Ann Lowe (Vale) (Lab)", "The Prime Minister", "Sir Bram Tull (Northby)", "The Prime Minister"],
        ),
    ],
)
def test_a_record_of_turns_is_told_from_other_texts(text: str, found: list[str]) -> None:
    assert labels(text) == found
