"""Word pieces: as the package ``tokenizers`` cuts them, which is the reference implementation."""

from __future__ import annotations

import json
import unicodedata
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sayso.reading import wordpiece
from sayso.reading.wordpiece import WordPiece

tokenizers = pytest.importorskip("tokenizers")

TOKENIZER = (files("sayso.model") / "tokenizer.json").read_text("utf-8")
OURS = WordPiece.from_json(TOKENIZER)
THEIRS = tokenizers.Tokenizer.from_str(TOKENIZER)
SHARED = Path(__file__).resolve().parents[3] / "shared"
# Separators of lines, which the reference counts for nothing, and the special pieces, which it takes from the text.
UNLIKE = {"\x0b", "\x0c", "\x85"}


def same(text: str) -> bool:
    ours, theirs = OURS.cut(text), THEIRS.encode(text, add_special_tokens=False)
    assert ours.ids == theirs.ids
    assert list(zip(ours.starts, ours.ends, strict=True)) == theirs.offsets
    return True


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\n\t ",
        "Khazin’s “colour revolutions” won’t—can’t—last.",
        "ÜBER-Straße, naïve café, Łódź and İstanbul",
        "e\u0301te\u0301 and A\u030angstro\u0308m",
        "zero\u200bwidth, soft\u00adhyphen, a\x00b\x1fc\ufffdd",
        "東京 and 北京abc 한국어 텍스트",
        "שלום עולם, مرحبا",
        "👩‍👩‍👧 family 🇺🇦 and 👍🏽!",
        "x" * 100 + " " + "x" * 101,
        "unaffable counterrevolutionaries antidisestablishmentarianism",
        "$5.3 billion (50%) @user #tag a_b C++ 3rd",
        "a\u00a0b\u2003c\u3000d\u2028e",
    ],
)
def test_is_what_the_reference_gives(text: str) -> None:
    assert same(text)


@given(st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs"), max_codepoint=0x2FF)))
@example("ſ ẞ ﬁ Ⅷ ½")
def test_is_what_the_reference_gives_for_any_latin_text(text: str) -> None:
    assert same(text)


@given(st.text())
def test_places_are_in_order_and_inside_the_text(text: str) -> None:
    pieces = OURS.cut(text)
    assert len(pieces.ids) == len(pieces.starts) == len(pieces.ends)
    assert all(0 <= s < e <= len(text) for s, e in zip(pieces.starts, pieces.ends, strict=True))
    assert pieces.starts == sorted(pieces.starts)


@given(st.text(alphabet="ab é\u0301 中.’", max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_a_range_is_read_as_a_text_of_its_own(text: str, a: int, b: int) -> None:
    start, end = sorted((min(a, len(text)), min(b, len(text))))
    inside, alone = OURS.cut(text, start, end), OURS.cut(text[start:end])
    assert inside.ids == alone.ids
    assert inside.starts == [start + n for n in alone.starts]
    assert inside.ends == [start + n for n in alone.ends]


def test_a_long_text_is_read_as_the_reference_reads_it() -> None:
    path = SHARED / "polnear" / "dev.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    with path.open(encoding="utf-8") as lines:
        assert all(same(json.loads(line)["text"]) for line in lines)


def test_every_character_of_older_unicode_is_taken_as_the_reference_takes_it() -> None:
    # The reference knows Unicode 8; what came later is unknown to it, and to the vocabulary.
    known = unicodedata.ucd_3_2_0
    characters = [chr(n) for n in range(0x3000) if known.category(chr(n)) not in ("Cn", "Cs") and chr(n) not in UNLIKE]
    unlike = []
    for character in characters:
        text = f"ab{character}cd"
        ours, theirs = OURS.cut(text), THEIRS.encode(text, add_special_tokens=False)
        if ours.ids != theirs.ids:
            unlike.append(f"U+{ord(character):04X}")
    # Unicode has put these (Canadian, Hanunoo and Mongolian) into another category since.
    assert set(unlike) <= {"U+166D", "U+1734", "U+1885", "U+1886"}


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordpiece, "KEPT", 10)
    ours = WordPiece.from_json(TOKENIZER)
    text = " ".join(f"word{n}" for n in range(100))
    assert ours.cut(text) == OURS.cut(text)
    assert len(ours._known) <= 10


def test_another_kind_of_vocabulary_is_refused() -> None:
    told = json.loads(TOKENIZER)
    told["normalizer"]["lowercase"] = False
    with pytest.raises(ValueError, match="uncased BERT"):
        WordPiece.from_json(json.dumps(told))
