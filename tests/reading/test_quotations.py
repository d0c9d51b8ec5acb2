"""Quotations over several paragraphs: where they stand, and whose they are."""

from __future__ import annotations

import pytest

import sayso
from sayso.posts import Attribution, Range
from sayso.reading.quotations import by_one_speaker, quotations
from sayso.reading.segment import outline

PLAN = (
    "The levy is dead, Ada Penhallow argued.\n\n"
    "“The minister came to us in March with a plan.\n\n"
    "“He came back in May with the same plan. It will fail.\n\n"
    "“I expect it to be withdrawn,” Tomas Brandl told reporters.\n\n"
    "Nobody else spoke."
)


def at(text: str, words: str) -> Range:
    start = text.index(words)
    return start, start + len(words)


def said(text: str, source: str | None, cue: str | None, *content: str) -> Attribution:
    return Attribution(
        (at(text, source),) if source else (),
        (at(text, cue),) if cue else (),
        tuple(at(text, each) for each in content),
        0.8,
    )


@pytest.mark.parametrize("marks", ["“”", '""', "„“"])
def test_a_quotation_goes_on_until_it_is_closed(marks: str) -> None:
    text = PLAN.replace("”", "\0").replace("“", marks[0]).replace("\0", marks[1])
    (found,) = quotations(outline(text), text)
    assert (found.first, found.last) == (1, 3)
    assert text[slice(*found.at)].startswith(f"{marks[0]}The minister")
    assert text[slice(*found.at)].endswith(f"withdrawn,{marks[1]}")


def test_a_mark_that_is_never_closed_opens_nothing() -> None:
    text = "“The minister came in March.\n\nHe came back in May.\n\n“It will fail,” Brandl said."
    assert list(quotations(outline(text), text)) == []
    assert list(quotations(outline("“It will fail."), "“It will fail.")) == []
    text = '"The minister came in March.\n\n“It will fail,” Brandl said."'
    assert list(quotations(outline(text), text)) == []


def test_quotations_that_are_closed_are_no_one_quotation() -> None:
    text = "Ada Low told us:\n\n„The port will close.“\n\n„Taxes will rise,“ Bob Roe said."
    assert list(quotations(outline(text), text)) == []


def test_a_quotation_that_is_closed_and_opened_again_is_two() -> None:
    text = "“It rained in March.\n\n“It snowed in May,” Brandl said. “We froze.\n\n“We will see,” Low said."
    one, two = quotations(outline(text), text)
    assert (one.first, one.last, text[slice(*one.at)].endswith("May,”")) == (0, 1, True)
    assert (two.first, two.last, text[slice(*two.at)].startswith("“We froze")) == (1, 2, True)
    given = [
        said(text, None, None, "It rained in March."),
        said(text, "Brandl", "said", "It snowed in May,"),
        Attribution((at(text, "Low"),), ((len(text) - 5, len(text) - 1),), (at(text, "We will see,"),)),
    ]
    found = by_one_speaker(text, given)
    assert [text[slice(*a.source[0])] for a in found] == ["Brandl", "Brandl", "Low"]


def test_what_is_said_in_one_quotation_is_one_speakers() -> None:
    found = by_one_speaker(
        PLAN,
        [
            said(PLAN, "Ada Penhallow", "argued", "The levy is dead", "The minister came to us in March with a plan."),
            said(PLAN, None, None, "He came back in May with the same plan."),
            said(PLAN, "Tomas Brandl", "told reporters", "I expect it to be withdrawn,"),
        ],
    )
    words = [(PLAN[slice(*a.source[0])], [PLAN[s:e][:20] for s, e in a.content]) for a in found]
    assert words == [
        ("Ada Penhallow", ["The levy is dead"]),
        ("Tomas Brandl", ["The minister came to"]),
        ("Tomas Brandl", ["He came back in May "]),
        ("Tomas Brandl", ["I expect it to be wi"]),
    ]
    assert all(0 < a.confidence <= 0.8 for a in found)


def test_with_two_speakers_beside_a_quotation_nothing_is_moved() -> None:
    text = PLAN.replace("Nobody else spoke", "").replace("told reporters.", "told reporters, Ada Penhallow said.")
    given = [
        said(text, None, None, "He came back in May with the same plan."),
        said(text, "Tomas Brandl", "told reporters", "I expect it to be withdrawn,"),
    ]
    place = text.rindex("Ada Penhallow")
    given.append(Attribution(((place, place + 13),), (at(text, "said"),), (at(text, "expect it to be withdrawn"),)))
    assert by_one_speaker(text, given) == sorted(given, key=lambda a: a.content)


def test_what_a_quotation_attributes_itself_is_not_moved() -> None:
    text = PLAN.replace("It will fail.", "It will fail, Orlen told us.")
    given = [
        said(text, "Orlen", "told us", "It will fail"),
        said(text, "Tomas Brandl", "told reporters", "I expect it to be withdrawn,"),
    ]
    assert by_one_speaker(text, given) == given


def test_a_speaker_who_is_named_first_has_the_paragraphs_that_follow() -> None:
    text = "“It rained,” Orlen said. “Nobody came.\n\n“The mayor was there. He will resign.”"
    given = [said(text, "Orlen", "said", "“It rained,”", "“Nobody came."), said(text, None, None, "He will resign.")]
    assert [text[slice(*a.source[0])] for a in by_one_speaker(text, given)] == ["Orlen", "Orlen"]


def test_the_claims_of_a_quotation_over_paragraphs_are_its_speakers() -> None:
    claims = sayso.read(PLAN)
    theirs = [
        c for c in claims if c.content.start > PLAN.index("“The minister") and c.content.end < PLAN.index(" Tomas")
    ]
    assert theirs
    assert {c.chain[0].name for c in theirs} == {"Tomas Brandl"}
