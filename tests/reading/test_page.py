"""Names by the tags of pieces, and the states of pieces in the windows that they come from."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sayso.reading.page import NAME_TYPES, States, _names
from sayso.reading.people import NamedMention


@given(st.lists(st.integers(0, 8), max_size=40))
def test_a_name_goes_on_while_its_tag_does(tags: list[int]) -> None:
    text = " ".join("x" * len(tags))
    starts = list(range(0, 2 * len(tags), 2))
    ends = [start + 1 for start in starts]
    expected: list[NamedMention] = []
    for i, tag in enumerate(tags):
        if not tag:
            continue
        begins = tag % 2 == 1  # odd tags begin a name, the even ones after them go on with it
        goes_on = i > 0 and tags[i - 1] in (tag, tag - 1)
        if begins or not goes_on:
            expected.append(NamedMention(starts[i], ends[i], NAME_TYPES[(tag - 1) // 2]))
        else:
            expected[-1] = expected[-1]._replace(end=ends[i])
    assert _names(text, starts, ends, np.array(tags, dtype=np.int64)) == expected


@given(st.lists(st.integers(1, 6), max_size=5), st.data())
def test_states_are_those_of_one_array_cut_into_windows(sizes: list[int], data: st.DataObject) -> None:
    count = sum(sizes)
    joined = np.arange(2 * count, dtype=np.float32).reshape(count, 2)
    edges = np.cumsum([0, *sizes])
    states = States([joined[a:b] for a, b in pairwise(edges)])
    places = st.integers(0, count)
    ranges = [range(*sorted(pair)) for pair in data.draw(st.lists(st.tuples(places, places), max_size=3))]
    assert states.of(ranges).tolist() == [joined[i].tolist() for inside in ranges for i in inside]
