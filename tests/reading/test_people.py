"""The holder of every claim by the fullest name that the document gives; texts with invented people."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sayso.reading.people import Ask, NamedMention, People, Resolved
from sayso.reading.people.ranking import Ranker

SHARED = Path(__file__).resolve().parents[3] / "shared"


def spans(text: str, *words: str) -> tuple[tuple[int, int], ...]:
    """The ranges of some words of a text; "@" leads to a later place: "before@he" is the "he" after "before"."""
    found = []
    for word in words:
        before, _, sought = word.rpartition("@")
        start = text.index(sought, text.index(before) + len(before) if before else 0)
        found.append((start, start + len(sought)))
    return tuple(found)


def ask(text: str, source: str, content: str, cue: str = "") -> Ask:
    """A question by its words; an empty source is not expressed."""
    return Ask(spans(text, source) if source else (), spans(text, content), spans(text, cue) if cue else ())


def holders(text: str, *asks: tuple[str, ...], **options: object) -> list[str | None]:
    """The names of the holders of (source, content[, cue])."""
    people = People(text, **options)  # type: ignore[arg-type]
    return [r.name if r else None for r in people.resolve_all([ask(text, *a) for a in asks])]


ARTICLE = """Marlow Pledges a New Bridge by Autumn, Union Says

Ohio Sen. Daniel P. Marlow said the bridge would be built. "It will stand," he said. Marlow added that money was there.

Ms. Teresa Quill, the union's economist, doubted it. She said the cost would double. The Ohio senator said it would not.

The National Builders League (NBL) expects delays. The NBL said so twice. According to Quill and Marlow, talks go on.
"""


def test_names_come_in_full() -> None:
    assert holders(
        ARTICLE,
        ("Marlow", "a New Bridge"),
        ("Ohio Sen. Daniel P. Marlow", "the bridge would be built"),
        ("Marlow added@Marlow", "money was there"),
        ("Quill and Marlow", "talks go on"),
        ("expects delays. @The NBL", "twice"),
    ) == [
        "Daniel P. Marlow",
        "Daniel P. Marlow",
        "Daniel P. Marlow",
        "Teresa Quill and Daniel P. Marlow",
        "National Builders League",
    ]


def test_pronouns_and_epithets_go_back_to_who_is_meant() -> None:
    people = People(ARTICLE)
    he, she, epithet = people.resolve_all(
        [
            ask(ARTICLE, 'stand," @he', "It will stand"),
            ask(ARTICLE, "She", "the cost would double"),
            ask(ARTICLE, "The Ohio senator", "it would not"),
        ]
    )
    assert he is not None
    assert he.name == "Daniel P. Marlow"
    assert he.pronoun
    assert he.kind == "person"
    assert she is not None
    assert she.name == "Teresa Quill"
    assert she.pronoun
    assert epithet is not None
    assert epithet.name == "Daniel P. Marlow"
    assert epithet.pronoun
    assert 0 < she.confidence <= 1


def test_first_person_in_a_quotation_is_its_speaker_wherever_the_source_stands() -> None:
    text = "“I think we can win this,” said Anna Kovic, a lawyer. Nearby, Peter Lund said that I was no word of his."
    names = holders(
        text,
        ("Anna Kovic, a lawyer", "I think we can win this", "said"),
        ("I", "we can win this", "think"),
        ("we", "win this", "can"),
    )
    assert names == ["Anna Kovic"] * 3


def test_speaker_of_gives_the_innermost_holder() -> None:
    text = "Anna Kovic says Peter Lund believes the sea is rising fast. Others sleep."
    people = People(text)
    people.resolve_all(
        [
            ask(text, "Anna Kovic", "Peter Lund believes the sea is rising fast"),
            ask(text, "Peter Lund", "the sea is rising fast"),
        ]
    )
    inner, outer = people.speaker_of(text.index("rising")), people.speaker_of(text.index("believes"))
    assert inner is not None
    assert inner.name == "Peter Lund"
    assert outer is not None
    assert outer.name == "Anna Kovic"
    assert people.speaker_of(text.index("Others")) is None


def test_first_person_outside_quotations_is_the_author_or_whose_turn_it_is() -> None:
    text = "I believe the plan will fail."
    assert holders(text, ("I", "the plan will fail"), author="Ruth Amsel") == ["Ruth Amsel"]
    assert holders(text, ("I", "the plan will fail")) == ["the author"]
    turn = "Anna Kovic spoke with Peter Lund.\n\nLUND: I believe the plan will fail.\n"
    assert holders(turn, ("I", "the plan will fail")) == ["Peter Lund"]


def test_relative_pronouns() -> None:
    text = "Critics met Anna Kovic, who said it was over. A spokesman for Peter Lund, who called it early, left."
    who, other = holders(text, ("who", "it was over"), ("over. @who", "it early"))
    assert who == "Anna Kovic"
    assert other is not None
    assert other.startswith("a spokesman")


@pytest.mark.parametrize(
    ("source", "name", "kind"),
    [
        ("Anna Kovic, a lawyer from Bern,", "Anna Kovic", "person"),
        ("the group's director, Anna Kovic,", "Anna Kovic", "person"),
        ("Bern lawyer Anna Kovic", "Anna Kovic", "person"),
        ("Anna Kovic (D-Ohio)", "Anna Kovic", "person"),
        ("two officials", "two officials", "group"),
        ("A spokesman for Anna Kovic", "a spokesman for Anna Kovic", "unnamed"),
        ("the report", "the report", "document"),
        ("many voters, who were asked on Monday,", "many voters", "group"),
        ("Anna Kovic and Peter Lund", "Anna Kovic and Peter Lund", "person"),
        ("Anna Kovic and her aides", "Anna Kovic and her aides", "group"),
    ],
)
def test_what_kind_of_phrase_a_source_is(source: str, name: str, kind: str) -> None:
    text = f"On Monday {source} said that the harbour would freeze."
    (found,) = People(text).resolve_all([ask(text, source, "the harbour would freeze")])
    assert found == Resolved(name, kind, found.pronoun, found.confidence)  # type: ignore[union-attr]


def test_people_of_one_surname_are_told_apart() -> None:
    text = (
        "Robert Hale met his wife, Susan Hale. Mrs. Hale said it was cold. Mr. Hale said it was warm. "
        "Robert Hale Jr. said nothing would come of it."
    )
    assert holders(
        text, ("Mrs. Hale", "it was cold"), ("Mr. Hale", "it was warm"), ("Robert Hale Jr.", "nothing would come of it")
    ) == ["Susan Hale", "Robert Hale", "Robert Hale Jr."]


def test_campaigns_by_owner() -> None:
    text = "Anna Kovic runs again. Her campaign said it has money. The Kovic campaign expects a close race."
    assert holders(text, ("Her campaign", "it has money"), ("The Kovic campaign", "a close race")) == [
        "the Anna Kovic campaign",
        "the Anna Kovic campaign",
    ]


def test_a_short_description_takes_the_name_of_the_long_one() -> None:
    text = "A spokesman for the Harbour Board said it froze. Trade stopped. The spokesman said it would thaw."
    first, second = holders(text, ("A spokesman for the Harbour Board", "it froze"), ("The spokesman", "it would thaw"))
    assert first == second == "a spokesman for the Harbour Board"


def test_a_source_that_is_not_expressed() -> None:
    text = "Anna Kovic left early, adding that talks had failed. Peter Lund was told that he could stay."
    names = holders(text, ("", "talks had failed", "adding"), ("", "he could stay", "was told"))
    assert names == ["Anna Kovic", None]


def test_given_names_win_and_others_are_found_beside_them() -> None:
    text = "Then spoke xqz of Bern. Later Anna Kovic spoke."
    start = text.index("xqz")
    people = People(text, [NamedMention(start, start + 3, "PERSON")])
    assert [e.name for e in people.entities() if e.kind == "person"] == ["xqz", "Anna Kovic"]


def test_comments_use_the_names_of_the_article_and_leave_it_alone() -> None:
    article = People("Anna Kovic, the Ohio senator, said it was over.")
    before = [(e.name, e.count, dict(e.roles)) for e in article.entities()]
    text = "Kovic is wrong, as the Ohio senator knows. She said that she would go."
    assert holders(text, ("Kovic", "wrong"), ("said@she", "would go"), context=article) == ["Anna Kovic", "Anna Kovic"]
    assert [(e.name, e.count, dict(e.roles)) for e in article.entities()] == before
    assert holders("Kovic said it again.", ("Kovic", "it again"), title="Anna Kovic Speaks") == ["Anna Kovic"]


def test_one_attribution_more_after_the_others() -> None:
    people = People(ARTICLE)
    people.resolve_all([ask(ARTICLE, "Ohio Sen. Daniel P. Marlow", "the bridge would be built")])
    more = people.resolve(spans(ARTICLE, "the union's economist"), content_span=spans(ARTICLE, "doubted it"))
    assert more is not None
    assert more.name
    alone = People(ARTICLE).resolve(
        spans(ARTICLE, "Marlow added@Marlow"), content_span=spans(ARTICLE, "money was there")
    )
    assert alone is not None
    assert alone.name == "Daniel P. Marlow"


def test_nothing_to_read() -> None:
    assert People("").resolve_all([]) == []
    assert People(" \n ").resolve_all([Ask((), ((0, 1),))]) == [None]
    assert People("…!").resolve((), content_span=((0, 1),)) is None
    assert People("?!").resolve(((0, 1),), content_span=((1, 2),)) is None


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="AaBbé \n.,“”\"'’()-&1 Mr.she he said who", max_size=160), st.data())
def test_any_text_and_any_ranges_are_answered(text: str, data: st.DataObject) -> None:
    place = st.integers(0, len(text))
    asked = []
    for _ in range(3):
        a, b, c, d = sorted(data.draw(place) for _ in range(4))
        asked.append(Ask(((a, b),) if a < b else (), ((c, d),)))
    answers = People(text).resolve_all(asked)
    assert len(answers) == 3
    assert all(r is None or (r.name and 0 <= r.confidence <= 1) for r in answers)


def test_time_grows_with_the_text_and_no_faster() -> None:
    """A text eight times as long takes about eight times as many calls, and answers stay the same."""
    part = ARTICLE + "\n“It will not hold,” she said. He said they would see. Both candidates said they were sure.\n\n"

    def taken(times: int) -> int:
        text = part * times
        asked = []
        for k in range(times):
            offset = k * len(part)
            for a in (ask(part, 'stand," @he', "It will stand"), ask(part, "She", "the cost would double")):
                asked.append(Ask(tuple((s + offset, e + offset) for s, e in a.source), ((offset, offset + 9),)))
        # Calls are counted, not seconds, so that a busy machine changes nothing.
        calls = 0

        def count(*_: object) -> None:
            nonlocal calls
            calls += 1

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            answers = People(text).resolve_all(asked)
        finally:
            sys.setprofile(before)
        assert {r.name for r in answers if r} == {"Daniel P. Marlow", "Teresa Quill"}
        return calls

    assert taken(400) < 9 * taken(50)


def test_accuracy_on_the_labelled_articles() -> None:
    """With the attributions given, the share of holders named right does not fall below what was reached."""
    if not (SHARED / "people" / "dev.jsonl").exists():
        pytest.skip(f"no labelled articles in {SHARED}")
    import sys

    sys.path.insert(0, str(SHARED / "score"))
    try:
        from holders_score import same
    finally:
        del sys.path[0]
    documents = {}
    for line in (SHARED / "polnear" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        documents[document["id"]] = document
    right = gold = 0
    for line in (SHARED / "people" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        article = json.loads(line)
        document = documents[article["id"]]
        asked = [
            Ask(*(tuple(map(tuple, a[part])) for part in ("source", "content", "cue")))
            for a in document["attributions"]
            if a["content"]
        ]
        people = People(document["text"], [NamedMention(*n) for n in document["silver"]["names"]])
        answers = {a.content: r for a, r in zip(asked, people.resolve_all(asked), strict=True)}
        for a in article["attributions"]:
            if a["holder"]:
                gold += 1
                answer = answers[tuple(map(tuple, a["spans"]))]
                right += answer is not None and same(a["holder"], answer.name)
    assert right / gold > 0.84


def test_two_epithets_in_one_sentence_mean_two_people() -> None:
    text = (
        "Restoring the old order is his task, Ilya Brant says. Oleg Vasin, he adds, is sure of it.\n\n"
        "The Kremlin is strong, and Vasin knows it. In his speech, the Kremlin leader said the plan was ready, "
        "the Moscow economist says.\n\nRussian voters trust Vasin. Brant agrees.\n"
    )
    leader, economist = holders(
        text, ("the Kremlin leader", "the plan was ready"), ("the Moscow economist", "In his speech")
    )
    assert leader == "Oleg Vasin"
    assert economist != "Oleg Vasin"


@pytest.mark.parametrize(
    ("text", "after", "name"),
    [
        ("The mill drew wealthy Norwegian buyers who said it was cheap.", "buyers", "wealthy Norwegian buyers"),
        ("She met Whigs who said it was cheap.", "Whigs", "Whigs"),
        ("There are candidates in close races who said it was cheap.", "races", "candidates in close races"),
        ("It fell to lawmakers such as Ann Roe, who have said it was cheap.", "Roe", "lawmakers"),
        ("Jane Doe and Max Roe, who have said it was cheap, left.", "Roe", "Jane Doe and Max Roe"),
        ("A spokesman for Jane Doe, who said it was cheap, left.", "Doe", "a spokesman for Jane Doe"),
        ("Angry millers, many of whom said it was cheap, left.", "", "many angry millers"),
    ],
)
def test_what_who_goes_back_to(text: str, after: str, name: str) -> None:
    (found,) = holders(text, (f"{after}@who" if after else "many of whom", "it was cheap", "said"))
    assert found is not None
    assert found.lower().endswith(name.lower())


def test_a_signed_article_speaks_for_its_signer() -> None:
    text = (
        "I think the mill must close. We have seen it fail, and you know why.\n\nNothing else will help.\n\n"
        "Jane P. Doe, who grew up in Hale, is a historian at Hale College."
    )
    people = People(text)
    assert people.author == "Jane P. Doe"
    asks = [ask(text, "I", "the mill must close"), ask(text, "We", "it fail"), ask(text, "you", "why")]
    assert [r and r.name for r in people.resolve_all(asks)] == ["Jane P. Doe", "Jane P. Doe and readers", "the reader"]
    assert People(text, author="Max Roe").author == "Max Roe"
    # News that ends with somebody is not signed: he is named before, or does something.
    assert People("Max Roe lost.\n\nThe mill closed.\n\nMax Roe is a miller.").author is None
    assert People("The mill closed.\n\nIt rained.\n\nMax Roe is leaving.").author is None


def test_whom_a_speaker_calls_by_name() -> None:
    text = 'Jane Doe asked: "Mr. Roe, do you think it will rain?" Max Roe left. "Do you mind?" she said.'
    found = holders(
        text, ("Jane Doe", '"Mr. Roe, do you think it will rain?"', "asked"), ("you", "it will rain", "think")
    )
    assert found == ["Jane Doe", "Max Roe"]


def test_names_given_in_part_are_made_whole() -> None:
    text = (
        "Min Hla Tun spoke in Hale. Tun said the Regional Grain Office agreed. A memo by the League to Mend Our Roads"
        " (LMOR) was read. LMOR asked for time. Meanwhile Tun left."
    )
    given = [
        NamedMention(*spans(text, words)[0], kind)  # type: ignore[arg-type]
        for words, kind in (("Hla Tun", "PERSON"), ("Office", "ORGANIZATION"), ("Meanwhile @Tun", "PERSON"))
    ]
    people = People(text, given)
    names = [e.name for e in people.entities()]
    assert "Min Hla Tun" in names
    assert "Regional Grain Office" in names
    assert "League to Mend Our Roads" in names
    asks = [ask(text, "read. @LMOR", "time", "asked for"), ask(text, "Hale. @Tun", "agreed", "said")]
    assert [r and r.name for r in people.resolve_all(asks)] == ["League to Mend Our Roads", "Min Hla Tun"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A. J. P. Kestrel, a historian, argued that the war was over.", "A. J. P. Kestrel"),
        ("The ministry fears what J. R. Kestrel said.", "J. R. Kestrel"),
        ("It was worse than World War I. Kestrel said so.", "Kestrel"),
        ("She took vitamin D. Kestrel said so.", "Kestrel"),
        ("The memo J. R. Kestrel wrote was read.", "J. R. Kestrel"),
        ("Orla met with K. Kestrel on Monday.", "K. Kestrel"),
        ("K. Kestrel said so. Mr. Kestrel left.", "K. Kestrel"),
    ],
)
def test_initials_before_a_surname_belong_to_it(text: str, name: str) -> None:
    start = text.index("Kestrel")
    initial = text.find(". Kestrel") - 1
    surname = NamedMention(start, start + 7, "PERSON")
    # Taggers give the surname alone, or an initial as a name of its own.
    for named in ([surname], [NamedMention(initial, initial + 2, "PERSON"), surname]):
        found = [e.name for e in People(text, named).entities() if e.kind == "person" and "Kestrel" in e.name]
        assert found == [name]


def test_a_body_of_one_letter_is_no_initial() -> None:
    text = "He posted it on X. Kestrel denied it."
    given = [NamedMention(*spans(text, "X")[0], "ORGANIZATION"), NamedMention(*spans(text, "Kestrel")[0], "PERSON")]
    assert {e.name for e in People(text, given).entities()} == {"X", "Kestrel"}


def test_initials_belong_to_a_name_that_capitals_show() -> None:
    text = "She disagreed with A. J. P. Kestrel. Kestrel was silent."
    assert [e.name for e in People(text, []).entities()] == ["A. J. P. Kestrel"]


def test_a_source_is_told_without_the_time_but_a_document_with_it() -> None:
    text = "Local millers in April said no. A poll in May said yes. The mill closed in 1990."
    assert holders(
        text,
        ("Local millers in April", "no", "said"),
        ("A poll in May", "yes", "May @said"),
    ) == ["Local millers", "a poll in May"]


def test_people_are_joined_over_appositions() -> None:
    text = "Max Roe, a miller from Hale, and Jane Doe, who is retired, said it was cheap. They want more."
    assert (
        holders(
            text,
            ("Max Roe, a miller from Hale, and Jane Doe, who is retired,", "it was cheap", "said"),
            ("They", "more", "want"),
        )
        == ["Max Roe and Jane Doe"] * 2
    )


def test_the_subject_of_a_cue_whose_source_was_not_marked() -> None:
    text = (
        "Max Roe - even as he says no - has proposed a new bridge. Jane Doe was told to wait. "
        '"She said I hope to stay," Max Roe said.'
    )
    found = holders(
        text,
        ("", "a new bridge", "has proposed"),
        ("", "to wait", "was told"),
    )
    assert found == ["Max Roe", None]
    people = People(text)
    outer = ask(text, 'stay," @Max Roe', '"She said I hope to stay,"', "Roe @said")
    inner = Ask((), spans(text, "to stay"), spans(text, "hope"), within=outer.content[0][0])
    assert [r and r.name for r in people.resolve_all([outer, inner])] == ["Max Roe", "Max Roe"]


def test_the_likeliest_candidate_has_the_most_weight_however_its_features_are_bundled() -> None:
    ranker = Ranker({"near": 1.0, "named": 0.5, "far": -1.0})
    bundles = [[("far",), ("named",)], [("near",), ("named",), ("unheard of",)], [("near",), ()]]
    together = ranker.choose([ranker.worth(sum(row, ())) for row in bundles])
    apart = ranker.choose([sum(map(ranker.worth, row)) for row in bundles])
    assert together == apart
    assert together[0] == 1
    assert together[1] == pytest.approx(0.574, abs=0.001)  # 1 / (1 + e^-2 + e^-0.5)
    with pytest.raises(ValueError, match="no candidates"):
        ranker.choose([])
