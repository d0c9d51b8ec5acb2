"""Tags and links to attributions, on scores made by hand."""

from __future__ import annotations

import numpy as np

from sayso.posts import Attribution
from sayso.reading.attribution import CONTENT, CUE, SOURCE, Row, Scores, Vote, raised, signed, spans_of, votes
from sayso.reading.segment import Window

TEXT = "Vask said no and Orlen added maybe"
WORDS = [(0, 4), (5, 9), (10, 12), (13, 16), (17, 22), (23, 28), (29, 34)]


def row(tags: list[int], links: dict[int, dict[int | None, float]]) -> Row:
    array = np.array(tags)
    made = {}
    for begin in (CUE, CONTENT):
        for a, b in spans_of(array, begin):
            if a in links:
                made[a] = Vote(a, b, links[a])
    starts, ends = np.array([s for s, _ in WORDS]), np.array([e for _, e in WORDS])
    return Row(TEXT, starts, ends, array, np.ones(len(tags), np.float32), made)


def test_two_cues_may_share_a_source_and_contents_a_cue() -> None:
    found = row(
        [SOURCE, CUE, CONTENT, 0, 0, CUE, CONTENT],
        {1: {0: 1.0}, 2: {1: 1.0}, 5: {0: 0.9, 4: 0.1}, 6: {5: 1.0}},
    ).attributions()
    assert [(a.source, a.cue, a.content) for a in found] == [
        (((0, 4),), ((5, 9),), ((10, 12),)),
        (((0, 4),), ((23, 28),), ((29, 34),)),
    ]
    joined = row([SOURCE, CUE, CONTENT, 0, 0, 0, CONTENT], {1: {0: 1.0}, 2: {1: 1.0}, 6: {1: 0.8}}).attributions()
    assert [a.content for a in joined] == [((10, 12), (29, 34))]


def test_votes_for_nothing_leave_the_role_empty() -> None:
    found = row([SOURCE, CUE, CONTENT, 0, 0, 0, 0], {1: {None: 1.0}, 2: {1: 1.0}}).attributions()
    assert [(a.source, a.cue) for a in found] == [((), ((5, 9),))]
    alone = row([SOURCE, CUE, CONTENT, 0, 0, 0, 0], {1: {0: 1.0}, 2: {None: 0.9, 1: 0.1}}).attributions()
    assert [(a.source, a.cue, a.content) for a in alone] == [((), (), ((10, 12),))]


def test_cues_and_sources_are_raised_where_links_point_outside_every_one() -> None:
    window = Window([101, 1, 2, 3, 102], [0] * 5, [0, 0, 5, 10, 12], [0, 4, 9, 12, 12], 1)
    cue_of, source_of = np.full((2, 5, 5), -9.0, np.float32)
    cue_of[:, 2] = source_of[:, 1] = 9.0
    scores = Scores(np.zeros((5, 7), np.float32), cue_of, source_of)
    better = raised(window, scores, np.array([0, SOURCE, 0, CONTENT, 0]))
    assert better is not None
    assert better[2, CUE] > 0
    assert not better[:, SOURCE].any()
    better = raised(window, scores, np.array([0, 0, CUE, CONTENT, 0]))
    assert better is not None
    assert better[1, SOURCE] > 0
    assert not better[:, CUE].any()
    better = raised(window, scores, np.array([0, 0, 0, CONTENT, 0]))
    assert better is not None
    assert better[2, CUE] > 0, "and from the cue raised"
    assert better[1, SOURCE] > 0
    assert raised(window, scores, np.array([0, SOURCE, CUE, CONTENT, 0])) is None


def test_a_content_is_raised_where_a_cue_with_a_source_has_nothing_said() -> None:
    window = Window([101, *range(1, 6), 102], [0] * 7, [0, 0, 6, 11, 16, 22, 26], [0, 5, 10, 15, 21, 26, 26], 1)
    tags = np.array([0, 0, 0, 0, SOURCE, CUE, 0])
    cue_of, source_of = np.full((2, 7, 7), -9.0, np.float32)
    cue_of[:, 5] = source_of[:, 4] = 9.0
    heard = np.zeros((7, 7), np.float32)
    heard[1:4, CONTENT + 1] = 1.0
    better = raised(window, Scores(heard, cue_of, source_of), tags)
    assert better is not None
    assert [*np.flatnonzero(better[:, CONTENT])] == [1], "where what is said would begin"
    assert raised(window, Scores(heard, cue_of, source_of), np.array([0, 0, 0, CONTENT, SOURCE, CUE, 0])) is None
    heard[2:4, 0] = 3.0
    assert raised(window, Scores(heard, cue_of, source_of), tags) is None, "too little sounds like it"


def test_votes_count_from_the_first_piece_of_the_text() -> None:
    window = Window([101, 9, 1, 2, 102], [0] * 5, [0, 0, 5, 10, 12], [0, 4, 9, 12, 12], 2)
    link = np.full((5, 5), -20.0, np.float32)
    link[3, 1] = 20.0  # the content points at a cue in the left context
    scores = Scores(np.zeros((5, 7), np.float32), link, link)
    (vote,) = votes(window, scores, np.array([0, CUE, 0, CONTENT, 0]), base=10)
    assert (vote.a, vote.b) == (11, 12)
    assert vote.shares.keys() == {9}


def test_spans_of_begins_anew_at_a_begin_tag() -> None:
    assert spans_of(np.array([5, 6, 5, 0, 6, 6]), CONTENT) == [(0, 2), (2, 3), (4, 6)]


def test_a_quotation_that_is_signed_is_given_to_who_signs_it() -> None:
    text = "“I shall not pay.” ― Jane Roe\n“Nor shall I.”\n- Max Poe\n“Who would?” Kim Low asked."
    names = [(s, s + len(n)) for n in ("Jane Roe", "Max Poe", "Kim Low") for s in [text.index(n)]]
    first, second, third = ((s, text.index("”", s) + 1) for s in (0, text.index("“Nor"), text.index("“Who")))
    given = [Attribution((names[0],), (), (at,), 0.5) for at in (first, second, third)]
    found = signed(text, given, names)
    assert [text[slice(*a.source[0])] for a in found] == ["Jane Roe", "Max Poe", "Jane Roe"]
    assert [[text[s:e] for s, e in a.cue] for a in found] == [[], ["-"], []]
