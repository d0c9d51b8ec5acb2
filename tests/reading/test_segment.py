"""Windows cover a text piece by piece, once each, and offsets lead back to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sayso.reading.encoder import Encoder
from sayso.reading.segment import CLS, SEP, outline, paragraphs, quoted_ranges, sentences, windows

TOKENIZER = Encoder().tokenizer
WORDS = st.lists(
    st.sampled_from(
        [
            "the",
            "Minister",
            "said",
            "“we",
            "will”",
            "stay.",
            "Dr.",
            "naïve",
            "🙂",
            "e\u0301té",
            "שלום",
            "U.S.",
            "\n",
            "\n\n",
            "\r\n",
        ]
    ),
    max_size=400,
)


def pieces(text: str, **options: int) -> list[tuple[int, int]]:
    found = []
    for w in windows(text, TOKENIZER, **options):
        own = range(w.first, len(w.ids) - 1)
        found += [(w.starts[k], w.ends[k]) for k in own if w.ids[k] != SEP]
    return found


@settings(max_examples=60, deadline=None)
@given(WORDS, st.integers(24, 256))
def test_every_piece_stands_once_and_in_order(words: list[str], size: int) -> None:
    text = " ".join(words)
    found = pieces(text, window=size, context=8)
    assert found == pieces(text)
    assert found == sorted(found)
    covered = {i for s, e in found for i in range(s, e)}
    assert all(i in covered for i, c in enumerate(text) if c.isalnum() and c.isascii())


@settings(max_examples=30, deadline=None)
@given(WORDS)
def test_windows_keep_to_their_size_and_carry_context(words: list[str]) -> None:
    text = " ".join(words)
    before: list[int] = []
    for w in windows(text, TOKENIZER, window=64, context=16):
        assert len(w.ids) == len(w.types) == len(w.starts) == len(w.ends) <= 64
        assert w.ids[0] == CLS
        assert w.ids[-1] == SEP
        assert w.ids[1 : w.first] == before[-16:]
        before = w.ids[w.first : -1]


def test_a_paragraph_of_one_endless_sentence_is_cut() -> None:
    text = "word " * 3000
    cut = list(windows(text, TOKENIZER))
    assert len(cut) > 10
    assert max(len(w.ids) for w in cut) <= 256


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Orlen met Sen. Vask. They spoke.", ["Dr. Orlen met Sen. Vask.", "They spoke."]),
        ("“It ends.” He left.", ["“It ends.”", "He left."]),
        ("The U.S. army left at 5 p.m. yesterday.", ["The U.S. army left at 5 p.m. yesterday."]),
        ("J. Orlen said no.", ["J. Orlen said no."]),
        ("no end", ["no end"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[s:e] for s, e in sentences(text)] == expected


def test_paragraphs_are_trimmed_of_any_space() -> None:
    text = "\u00a0\u00a0First one. \r\n\r\n\tSecond\u2029Third\n \n"
    assert [text[s:e] for s, e in paragraphs(text)] == ["First one.", "Second", "Third"]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('He said "yes" and "no".', ['"yes"', '"no"']),
        ("“A left open quotation", ["“A left open quotation"]),
        ("goes on and ends here,” she said.", ["goes on and ends here,”"]),
        ("„So“, sagte er.", ["„So“"]),
        ("No quotation at all.", []),
    ],
)
def test_quoted_ranges(text: str, quoted: list[str]) -> None:
    assert [text[s:e] for s, e in quoted_ranges(text, 0, len(text))] == quoted


def test_an_outline_holds_what_the_parts_say_and_is_made_once() -> None:
    text = "Dr. Venn spoke. “We go on.” Then he left.\n\n  It rained, “as ever.”\n"
    first, second = outline(text)
    assert [(p.start, p.end) for p in (first, second)] == list(paragraphs(text))
    for part in (first, second):
        assert list(part.sentences) == list(sentences(text, part.start, part.end))
        assert list(part.quotes) == quoted_ranges(text, part.start, part.end)
    assert len(first.sentences) == 3
    assert outline(text) is outline(text)
