"""Which documents are copies of which, from the indexes alone."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

import warc_maker
from sayso.archive.elect import Copy, Plan, elect
from sayso.archive.near import BANDS, NEAR, band_keys, paragraphs, same, short, signature
from sayso.archive.store import Hashed, Store
from sayso.archive.tables import INDEX, Parts


def article(number: int, length: int = 12) -> list[str]:
    """Paragraphs that no other number has."""
    return [warc_maker.narrative(random.Random(f"{number} {n}")) for n in range(length)]


def laid(root: Path, shards: dict[str, list[tuple[str, str]]]) -> Store:
    """Indexes of shards, each a list of (day, text)."""
    store = Store(root)
    store.make()
    for shard, documents in shards.items():
        file = Hashed(store.index(shard))
        rows = Parts(file, INDEX)
        for number, (day, text) in enumerate(documents):
            marks = [short(part) for part in paragraphs(text)]
            rows.add({"number": number, "published": day, "same": same(text), "signature": signature(text),
                      "paragraphs": marks, "comments": []})  # fmt: skip
        rows.close()
        file.close()
    return store


def copies(root: Path, shards: dict[str, list[tuple[str, str]]], runs: dict[str, int] | None = None) -> dict[str, Copy]:
    store = laid(root, shards)
    plans = elect(store, runs or dict.fromkeys(shards, 1))
    return {f"{shard}/{number}": copy for shard, plan in plans.items() for number, copy in plan.copies.items()}


def test_the_first_published_is_read_wherever_it_lies(tmp_path: Path) -> None:
    text = "\n\n".join(article(1))
    found = copies(tmp_path, {"a": [("2024-03-02", text)], "b": [("2024-03-03", "x"), ("2024-03-01", text)]})
    assert found == {"a/0": Copy(0, "b/1", "exact", 1.0)}


def test_what_an_earlier_run_added_is_read_whatever_its_day(tmp_path: Path) -> None:
    text = "\n\n".join(article(1))
    found = copies(tmp_path, {"a": [("2024-03-02", text)], "b": [("2024-03-01", text)]}, {"a": 1, "b": 2})
    assert list(found) == ["b/0"]


def test_a_near_copy_is_said_to_change_what_it_changes(tmp_path: Path) -> None:
    first = article(1, 20)
    other = [*first[:5], *article(2, 1), *first[6:]]
    found = copies(tmp_path, {"a": [("2024-03-01", "\n".join(first)), ("2024-03-02", "\n".join(other))]})
    assert list(found) == ["a/1"]
    assert (found["a/1"].kind, found["a/1"].paragraphs, found["a/1"].left_out) == ("near", (5,), (5,))
    assert NEAR <= found["a/1"].overlap < 1


def test_what_a_second_copy_takes_from_the_first_is_not_read_twice(tmp_path: Path) -> None:
    first = article(1, 20)
    more = article(2, 1)
    texts = [first, [*first, *more], [*more, *first]]
    found = copies(tmp_path, {"a": [(f"2024-03-0{n + 1}", "\n".join(text)) for n, text in enumerate(texts)]})
    assert [found[name].paragraphs for name in ("a/1", "a/2")] == [(20,), ()]


def test_small_changes_one_after_the_other_do_not_drift(tmp_path: Path) -> None:
    """Each text is near the one before; a copy must be near the very text that is read for it."""
    texts = [article(1, 30)]
    for step in range(12):
        texts.append([*texts[-1][: step * 2], *article(100 + step, 2), *texts[-1][step * 2 + 2 :]])
    documents = [(f"2024-03-{n + 1:02}", "\n".join(text)) for n, text in enumerate(texts)]
    found = copies(tmp_path, {"a": documents})
    assert 2 <= len(found) < 12
    assert all(copy.of not in found for copy in found.values())
    for name, copy in found.items():
        one, other = (set(texts[int(place.partition("/")[2])]) for place in (name, copy.of))
        assert len(one & other) / len(one | other) > 0.7


def test_a_copy_of_a_near_copy_word_for_word_is_a_copy_of_the_same(tmp_path: Path) -> None:
    first = article(1, 20)
    other = "\n".join([*first[:-1], *article(2, 1)])
    found = copies(tmp_path, {"a": [("2024-03-01", "\n".join(first)), ("2024-03-02", other), ("2024-03-03", other)]})
    assert {name: copy.of for name, copy in found.items()} == {"a/1": "a/0", "a/2": "a/0"}
    assert found["a/2"].paragraphs == ()


def test_different_articles_are_no_copies(tmp_path: Path) -> None:
    documents = [("2024-03-01", "\n".join(warc_maker.story(n, 2).paragraphs)) for n in range(150)]
    assert copies(tmp_path, {"a": documents}) == {}


def test_the_election_does_not_depend_on_who_extracted_what_first(tmp_path: Path) -> None:
    rng = random.Random(1)
    bodies = [article(n, 16) for n in range(12)]
    shards: dict[str, list[tuple[str, str]]] = {name: [] for name in "abcd"}
    for _ in range(60):
        body = list(rng.choice(bodies))
        if rng.random() < 0.5:
            body[rng.randrange(16)] = rng.choice(rng.choice(bodies))
        shards[rng.choice("abcd")].append((f"2024-03-{rng.randint(1, 28):02}", "\n".join(body)))
    one = copies(tmp_path / "one", shards)
    other = copies(tmp_path / "other", dict(reversed(shards.items())))
    assert one == other
    assert len(one) >= 30


def test_a_plan_is_what_it_was_when_it_is_read_again() -> None:
    plan = Plan({3: Copy(3, "a/1", "near", 0.875, (1, 2), (), (4,)), 1: Copy(1, "b/2", "exact", 1.0)})
    assert Plan.from_json(plan.to_json()) == plan


def test_nothing_is_elected_of_nothing(tmp_path: Path) -> None:
    assert elect(laid(tmp_path, {"a": [], "b": []}), {"a": 1, "b": 1}) == {"a": Plan(), "b": Plan()}


def test_case_and_punctuation_do_not_count_and_words_do() -> None:
    text = " ".join(article(1))
    plain = text.replace(",", " –").upper()
    assert signature(text) == signature(plain)
    both = np.frombuffer(signature(text) + signature(" ".join(article(2))), dtype="<u4").reshape(2, -1)
    assert (both[0] == both[1]).mean() < 0.1


@pytest.mark.parametrize("band", [0, BANDS - 1])
def test_a_band_has_one_key_for_the_same_values_and_others_for_others(band: int) -> None:
    rng = np.random.default_rng(1)
    signatures = rng.integers(0, 2**32, (1_000, 128), dtype=np.uint32)
    signatures[500] = signatures[7]
    keys = band_keys(signatures, band)
    assert keys[500] == keys[7]
    assert len(set(keys.tolist())) == 999
