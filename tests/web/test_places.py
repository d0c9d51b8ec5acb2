"""From words in a form to places in a text."""

from __future__ import annotations

import pytest

from sayso.errors import FieldError
from sayso.web.pages.places import cut, find_words, place_of, spans_of

TEXT = "He said “it’s over” twice. It’s\u00a0over, he said again – and again."


def words(spans: list[tuple[int, int]]) -> list[str]:
    return [TEXT[s:e] for s, e in spans]


def test_words_are_found_nearest_to_where_they_were() -> None:
    assert words(find_words(TEXT, "he said", near=40)) == ["he said"]
    assert find_words(TEXT, "again", near=0) == [(TEXT.index("again"), TEXT.index("again") + 5)]
    assert find_words(TEXT, "again", near=99) == [(TEXT.rindex("again"), TEXT.rindex("again") + 5)]


def test_quotation_marks_dashes_and_spaces_may_be_plain() -> None:
    assert words(find_words(TEXT, '"it\'s over"')) == ["“it’s over”"]
    assert words(find_words(TEXT, "It's   over,")) == ["It’s\u00a0over,"]
    assert words(find_words(TEXT, "again - and")) == ["again – and"]


def test_gaps_make_several_places_in_order() -> None:
    assert words(find_words(TEXT, "it’s over … he said again")) == ["it’s over", "he said again"]
    with pytest.raises(FieldError, match="does not stand in this text"):
        find_words(TEXT, "again – and … He said")


def test_a_part_changes_only_where_the_form_says_so() -> None:
    before = ((9, 18),)
    was = TEXT[9:18]
    assert place_of(TEXT, None, "", before=before, was=was, what="cue") is None
    assert place_of(TEXT, was, "9-18", before=before, was=was, what="cue") is None
    assert place_of(TEXT, "", "9-18", before=before, was=was, what="cue") == []
    assert place_of(TEXT, "", "", what="cue") is None
    assert place_of(TEXT, "twice", "", before=before, was=was, what="cue") == [(20, 25)]
    # What the script has found counts before what stands in the field.
    assert place_of(TEXT, "again", "60-65", before=before, was=was, what="cue") == [(60, 65)]


@pytest.mark.parametrize("field", ["x", "1-", "1-2,", "1-2;3-4", "-1-2", "1-2 3-4", "1" * 12 + "-2"])
def test_spans_are_digits_alone(field: str) -> None:
    with pytest.raises(FieldError):
        spans_of(field)


def test_spans_are_read() -> None:
    assert spans_of("") == []
    assert spans_of("1-2,30-45") == [(1, 2), (30, 45)]


def test_a_claim_is_cut_into_its_pieces_one_after_the_other() -> None:
    at = TEXT.index("It’s")
    made = cut(TEXT, [(at, len(TEXT))], ["he said again", "again"])
    assert [words(piece) for piece in made] == [["he said again"], ["again"]]
    assert made[1][0][0] > made[0][0][1]
    with pytest.raises(FieldError):
        cut(TEXT, [(at, len(TEXT))], ["again.", "It’s"])
