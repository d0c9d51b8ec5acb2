"""What the walk through a text keeps as it goes says the same as looking at everything anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sayso.reading.people import People
from sayso.reading.people.features import Candidate, Spot, salience, scales
from sayso.reading.people.layout import Layout
from sayso.reading.people.ranking import Ranker, Told, shipped
from sayso.reading.people.trail import Trail
from sayso.reading.people.vocabulary import vocabulary
from sayso.reading.segment import paragraphs, sentences

EXAMPLES = [p.read_text("utf-8") for p in (Path(__file__).resolve().parents[2] / "examples").rglob("*.txt")]
CROWDED = (
    "Jane Doe, the governor, told Max Roe that he and the senator, “Kim Poe,” saw her and a judge before Ann Low did"
    + " and Doe said she saw him, and the judge saw it, and Roe’s aide told them so" * 14
    + ". The governor said that Low and her aide knew. “The senator,” Roe said, “told him.” She denied it."
)
"""More mentions in a sentence than are looked back at, and few of some."""
_WORDS = st.sampled_from(
    """Jane Doe. Doe's Roe said the mayor “he she said.” his senator and they Mr. Roe, who it report. a governor
    The an aide to “The mayor campaign” Max Senators the union's Ohio says\n\n""".split(" ")
)
texts = st.lists(_WORDS, max_size=90).map(" ".join)


def sweep(text: str) -> None:
    """Resolve all of a text, every word asked for as a source in turn."""
    words = [(m.start(), m.end()) for m in re.finditer(r"\w+", text)][:400:7]
    people = People(text)
    people.resolve_all([])
    for word in words:
        people.resolve([word], content_span=[word])


def agree(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Sweep a text and compare, at each question, the candidates kept with those found anew; how many there were."""
    asked = 0
    kept = Trail.candidates

    def both(self: Trail, spot: Spot, sorts: tuple[str, ...], gender: str | None) -> list[Candidate]:
        nonlocal asked
        found, anew = kept(self, spot, sorts, gender), self._looked_back(spot, sorts, gender)
        assert [c.entity for c in found] == [c.entity for c in anew]
        for kind in ("he", "person"):
            weigh = scales(kind, shipped())
            one, other = (salience(weigh, enumerate(cs), spot, only=False) for cs in (found, anew))
            assert one == other
        asked += len(found)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Trail, "candidates", both)
        sweep(text)
    return asked


@pytest.mark.parametrize("text", [*EXAMPLES, CROWDED], ids=lambda text: text[:20])
def test_candidates_kept_are_those_that_looking_back_finds(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert agree(text, monkeypatch) > 100


@settings(max_examples=60, deadline=None)
@given(texts)
def test_candidates_of_any_text_are_those_that_looking_back_finds(text: str) -> None:
    agree(text, pytest.MonkeyPatch())


@settings(max_examples=60, deadline=None)
@given(texts)
def test_tracing_changes_no_answer_and_names_all_that_was_summed(text: str) -> None:
    words = [((m.start(), m.end()),) for m in re.finditer(r"\w+", text)]
    plain, traced = People(text), People(text, trace=True)
    for people in (plain, traced):
        people.resolve_all([])
    assert [plain.resolve(w, content_span=w) for w in words] == [traced.resolve(w, content_span=w) for w in words]
    assert not plain.decisions
    for decision in traced.decisions:
        assert len(decision.features) == len(decision.candidates) > 0
        sums = [sum(shipped().weights.get(f, 0.0) for f in features) for features in decision.features]
        assert sums[decision.chosen] == pytest.approx(max(sums))


def test_a_sum_tells_what_it_sums() -> None:
    told = Told.of(1.0, ("near",)) + Told.of(0.5, ("named", "alone"))
    assert told == 1.5
    assert told.features == ("near", "named", "alone")
    assert Ranker({"near": 1.0}).worth(("near", "unheard of")) == 1.0


@settings(deadline=None)
@given(st.text(alphabet="AaBbsSé \n.,“”\"'’()-&_1\u2028Mr.hetyv", max_size=120))
def test_a_layout_has_the_words_of_its_sentences(text: str) -> None:
    layout = Layout(text)
    word = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:[.'’\-&][^\W_]+)*")
    cut = [sentence for paragraph in paragraphs(text) for sentence in sentences(text, *paragraph)]
    found = [words for start, end in cut if (words := [m.span() for m in word.finditer(text, start, end)])]
    numbers = range(len(layout))
    assert layout.sentence_first[-1] == len(layout)
    for sentence, words in enumerate(found):
        mine = [i for i in numbers if layout.sentence[i] == sentence]
        assert mine[0] == layout.sentence_first[sentence]
        # A clitic is a word of its own, and a possessive mark belongs to none.
        begun = [i for i in mine if layout.starts[i] in {start for start, _ in words}]
        assert [layout.starts[i] for i in begun] == [start for start, _ in words]
        for i, (_, end) in zip(begun, words, strict=True):
            last = i + 1 if i + 1 in mine and i + 1 not in begun else i
            assert text[layout.ends[last] : end].lower() in ("", "'s", "’s")
            assert layout.possessive[i] or layout.ends[last] == end
    for i in numbers:
        written = text[layout.starts[i] : layout.ends[i]]
        assert layout.words[i] == (written.replace("’", "'") if written[0] in "'’" else written)
        assert layout.lower[i] == layout.words[i].lower()
        assert layout.raised[i] == layout.words[i][0].isupper()
        if i and layout.close(i):
            assert layout.sentence[i] == layout.sentence[i - 1]
            assert text[layout.ends[i - 1] : layout.starts[i]].strip("'’sS .\t\n\r") == "" or not layout.gap(i)
    assert not layout.close(0)
    assert not layout.close(len(layout))


def test_every_noun_is_in_the_table_of_nouns() -> None:
    words = vocabulary()
    stems = set().union(words.person, words.person_gender, words.document, words.organization, words.plural)
    endings = ("", "s", "es", "ies", "ss", "ses", "ied", "y")
    forms = {stem[: len(stem) - cut] + ending for stem in stems for cut in range(3) for ending in endings}
    assert {form for form in forms if words.noun(form) != words._noun(form)} == set()
    assert words.noun("parties") == ("group", True)
    assert words.noun("treaties") == ("document", True)
    assert words.noun("bus") is None
    assert words.spoken_of > words.nouns.keys()
