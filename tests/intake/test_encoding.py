import pytest

from sayso.errors import DecodingError
from sayso.intake.encoding import decode

ENGLISH = "He said “no” – and the café’s owner agreed: ½ of it is naïve.\n" * 3


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_an_encoding_is_detected(name: str) -> None:
    assert decode(ENGLISH.encode(name), input="x") == ENGLISH


def test_a_single_curly_apostrophe_in_windows_1252() -> None:
    assert decode("it’s".encode("cp1252"), input="x") == "it’s"


def test_another_script_is_guessed_where_it_is_sure() -> None:
    text = "Министр сказал, что мост откроется до конца мая, раньше срока.\n" * 5
    assert decode(text.encode("cp1251"), input="x") == text


def test_emoji_combining_marks_and_right_to_left_text_come_through() -> None:
    text = "e\u0301 👩‍👩‍👧 שלום مرحبا \u202bx\u202c"
    assert decode(text.encode(), input="x") == text


def test_the_declared_encoding_counts_where_the_bytes_are_not_utf8() -> None:
    page = '<meta charset="iso-8859-2"><p>Zażółć gęślą jaźń</p>'
    assert decode(page.encode("iso-8859-2"), input="x", markup=True) == page
    assert decode("Zażółć gęślą".encode("iso-8859-2"), input="x", declared="iso-8859-2") == "Zażółć gęślą"


def test_a_wrong_label_does_not_break_utf8() -> None:
    page = '<meta charset="iso-8859-1"><p>Żaneta’s café</p>'
    assert decode(page.encode(), input="x", markup=True) == page


def test_a_seven_bit_encoding_is_believed() -> None:
    page = '<meta charset="iso-2022-jp"><p>橋が開く</p>'
    assert decode(page.encode("iso-2022-jp"), input="x", markup=True) == page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("naïve café ".encode() + b"\xff more", "UTF-8 but for the byte at 13"),
        (b"abc \x81\x8d\x8f\x90 def" * 5, "no encoding"),
        (bytes(range(128, 256)) * 3, "no encoding"),
        (b"\xff\xfea\x00b", "marked as UTF-16-LE"),
    ],
)
def test_what_cannot_be_decoded_is_an_error(data: bytes, words: str) -> None:
    with pytest.raises(DecodingError, match=words) as caught:
        decode(data, input="letter.txt")
    assert str(caught.value).startswith("letter.txt: ")
    assert caught.value.remedy


def test_a_label_that_is_no_encoding_of_text_is_ignored() -> None:
    assert decode(b"ordinary", input="x", declared="rot13") == "ordinary"
    assert decode("café’s".encode("cp1252"), input="x", declared="hex") == "café’s"
