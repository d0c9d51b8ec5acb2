"""Whose voice a sentence without a cue speaks in, by rule, whatever the network hears."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sayso.reading.voices import Turn, spoken

# Narration, the author's forecast, reported speech.
OWN, REPORTED = (0.3, 0.6, 0.1), (0.2, 0.1, 0.7)


class Ear:
    """An encoder that hears the same in every sentence, and takes it for a prediction."""

    def __init__(self, heard: tuple[float, float, float]) -> None:
        self.heard = heard

    def pooled(self, spans: Iterable[Any]) -> Any:
        return np.zeros((len(list(spans)), 2))

    def verdicts(self, rows: Any) -> Any:
        kinds = np.tile([0.9, 0.0, 0.0, 0.1, 0.0, 0.0], (len(rows), 1))
        return SimpleNamespace(voice=np.tile(self.heard, (len(rows), 1)), kind=kinds)


def heard(text: str, said: list[tuple[str, str]], voice: tuple[float, float, float]) -> dict[str, str | None]:
    """Who is given each sentence that no attribution covers, None for the author; ``said`` are passages and holders."""
    page: Any = SimpleNamespace(text=text, span=lambda body: (np.zeros((1, 2)),))
    attributed = [
        Turn([(text.index(words), text.index(words) + len(words))], holder, "can call" in words)
        for words, holder in said
    ]
    ear: Any = Ear(voice)
    found = spoken(page, ear, attributed)
    return {text[slice(*f.span)]: None if f.holder is None else said[f.holder][1] for f in found}


HAVLIK = "Ardovia is in a good place, Havlik says."


def test_a_sentence_that_begins_inside_a_quotation_goes_on_in_its_voice() -> None:
    text = (
        f"{HAVLIK}\n\nThings are “better than in the year of the flood. It needs one wet winter” so that it will win."
    )
    rest = "It needs one wet winter” so that it will win."
    said = [(HAVLIK, "Havlik"), ("Things are “better than in the year of the flood.", "Havlik")]
    assert heard(text, said, OWN) == {rest: "Havlik"}
    assert heard(text.replace("“", "").replace("”", ""), said[:1], OWN)[rest.replace("”", "")] is None


def test_who_is_named_in_passing_takes_nobodys_place() -> None:
    again = "He has waited long, Havlik adds."
    passing = "Once the court gives in to Reznar’s demand for a hearing, everything will have been decided long before."
    outright = "Reznar’s demand for a hearing stands."
    ended = "The treaty will be forgotten by then."
    said = [(HAVLIK, "Havlik"), (again, "Havlik"), ("Reznar’s demand for a hearing", "Reznar")]
    assert heard(f"{HAVLIK} {again} {passing} {ended}", said, REPORTED)[ended] == "Havlik"
    assert heard(f"{HAVLIK} {again} {outright} {ended}", said, REPORTED)[ended] is None, "Reznar has said one thing"


def test_a_sentence_that_names_another_in_passing_goes_on_in_the_voice_of_the_source_in_force() -> None:
    passing = "Once the court gives in to Reznar’s demand for a hearing, everything will have been decided long before."
    supposed = "Reznar can call it what he likes, but he will lose."
    outright = "Reznar insists on a hearing and on nothing else."
    said = [
        (HAVLIK, "Havlik"),
        ("Reznar’s demand for a hearing", "Reznar"),
        ("Reznar can call it what he likes", "Reznar"),
        (outright, "Reznar"),
        ("He has waited long, Havlik adds.", "Havlik"),
    ]
    text = f"{HAVLIK} {passing} {supposed} {outright} He has waited long, Havlik adds."
    assert heard(text, said, REPORTED) == {passing: "Havlik", supposed: "Havlik"}


@pytest.mark.parametrize("after", ["Such is the way of rivers, Havlik writes.", ""])
def test_between_two_turns_of_one_source_a_forecast_is_likelier_the_sources(after: str) -> None:
    ended = "The treaty will be forgotten by then."
    said = [(HAVLIK, "Havlik"), *([(after, "Havlik")] if after else [])]
    holder = heard(f"{HAVLIK} {ended}\n\n{after}".strip(), said, (0.2, 0.5, 0.3))[ended]
    assert holder == ("Havlik" if after else None)
