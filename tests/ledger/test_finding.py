"""Searching: filters, full text, and what a query may not do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from sayso.errors import AmbiguousError, FieldError, UnknownError
from sayso.ledger import Filter, Ledger, finding, schema
from sayso.ledger.words import parse, words_of
from sayso.posts import Kind

from .sample import Reading, claim, harbour, numbered, thread


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    readings = [harbour(), numbered(1), numbered(2, holder="Tomas Reke", due="2027-01-31")]
    of = thread("tide.txt", "High tide beat low tide, wrote Ines Mora.", site=None, url="https://www.tides.example/1",
                published="2026-03-01")  # fmt: skip
    readings.append(Reading(of, [claim(of, "High tide beat low tide", "Ines Mora", kind="judgment", key="tide")]))
    list(ledger.keep_all(readings))
    return ledger


def _words(ledger: Ledger, **which: object) -> list[str]:
    return [c.content.text for c in ledger.claims(**which)]


@pytest.mark.parametrize(
    ("which", "number"),
    [
        ({}, 8),
        ({"holder": "Ada Prior"}, 3),
        ({"holder": "ADA  prior"}, 3),
        ({"via": "Ada Prior"}, 2),
        ({"kind": ("pledge",)}, 1),
        ({"kind": ("pledge", "fact")}, 2),
        ({"site": "quay and crane"}, 7),
        ({"site": "quay.example"}, 7),
        ({"site": "tides.example"}, 1),
        ({"since": "2026-01-01"}, 1),
        ({"until": "2025-12-31"}, 7),
        ({"due_before": "2025-06-30"}, 1),
        ({"due_before": "2025-07-01"}, 3),
        ({"open": True}, 6),
        ({"holder": "Tomas Reke", "kind": ("prediction",), "text": "tariff"}, 1),
        ({"text": "tariff", "site": "tides.example"}, 0),
        ({"text": "tide", "site": "tides.example"}, 1),
        ({"text": "tide", "site": "www.tides.example"}, 1),
        ({"text": "tide", "site": "example"}, 0),
        ({"text": "pier", "site": "QUAY and  Crane"}, 2),
        ({"text": "pier", "site": "quay.example", "open": True}, 2),
        ({"text": "tide", "open": True}, 0),
        ({"text": "dredging", "kind": ("fact",), "open": True}, 0),
        ({"text": "the", "kind": ("fact", "pledge")}, 2),
        ({"text": "pier", "since": "2025-01-11"}, 0),
        ({"limit": 3}, 3),
    ],
)
def test_filters(full: Ledger, which: dict[str, object], number: int) -> None:
    assert len(_words(full, **which)) == number


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("harbour", 2),
        ("HARBOURS opened", 2),
        ("harbour -northern", 1),
        ('"harbour northern"', 0),
        ('"northern harbour"', 1),
        ("pier OR tariff", 3),
        ("reop*", 2),
        ("reopening", 2),
        ("-harbour", 0),
        ("nothing of the kind", 0),
        ("tide", 1),
        ("", 0),
        ("!!! ???", 0),
        ("pier 2", 1),
    ],
)
def test_full_text(full: Ledger, query: str, number: int) -> None:
    assert len(_words(full, text=query)) == number


def test_the_best_match_comes_first(ledger: Ledger) -> None:
    text = "The tide is a tide. The tide and many other words that stand beside it here say little."
    of = thread("t", text)
    ledger.keep(of, [
        claim(of, "The tide and many other words that stand beside it here say little", "Ines Mora", kind="fact"),
        claim(of, "The tide is a tide", "Ines Mora", kind="fact"),
    ])  # fmt: skip
    assert _words(ledger, text="tide")[0] == "The tide is a tide"


def test_accents_and_case_do_not_matter_to_the_search(ledger: Ledger) -> None:
    of = thread("t", "Señor Ibáñez: la CONCESIÓN vencerá. ΟΔΥΣΣΕΎΣ. Ⅳ")
    ledger.keep(of, [claim(of, "la CONCESIÓN vencerá. ΟΔΥΣΣΕΎΣ. Ⅳ", "Señor Ibáñez", kind="fact")])
    for query in ("concesion", "Concesión", "vencera", "οδυσσευς", "iv"):
        assert len(_words(ledger, text=query)) == 1, query


@given(st.text(max_size=80))
def test_no_query_is_an_error_and_words_are_letters_and_digits(text: str) -> None:
    query = parse(text)
    for clause in query.clauses:
        for term in clause:
            assert all(word and all(c.isalnum() for c in word) for word in term.words)
    if query.wanted:
        assert query.for_sqlite()
        assert query.for_postgres()


HOSTILE = ['"', "*", "a*b", "NEAR(a b)", "a AND", "OR", "NOT", "col:umn", "'; --", "\\", "a & | !", "<->", "(", "\x00",
           "-", "--", '"a', 'a"b c"', "{a}", "^a", "a+b", "x" * 5_000, "ß ﬁ"]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_operators_of_the_engines_are_text(full: Ledger, query: str) -> None:
    assert isinstance(_words(full, text=query), list)


def test_a_text_finds_itself(ledger: Ledger) -> None:
    texts = ["It's 5–7% (net) of GDP/capita, a.k.a. U.S.-style", "foo_bar baz-qux http://x.example/?q=1#z", "e\u0301té"]
    for number, text in enumerate(texts):
        of = thread(f"t{number}", text)
        ledger.keep(of, [claim(of, text, "Ines Mora", kind="fact")])
    for text in texts:
        assert text in _words(ledger, text=text), words_of(text)


def test_a_claim_by_the_beginning_of_its_id(full: Ledger) -> None:
    (pledge,) = full.claims(kind=("pledge",))
    assert full.claim(pledge.id) == full.claim(pledge.id[:8])
    with pytest.raises(UnknownError, match="no claim"):
        full.claim("zzzzzz")
    with pytest.raises(UnknownError, match="no claim"):
        full.claim(pledge.id[:2])
    of = thread("two")
    full.keep(of, [claim(of, "Prior", "Ada Prior", kind="fact", key=k) for k in ("abcdef1", "abcdef2")])
    with pytest.raises(AmbiguousError, match="abcdef1, abcdef2"):
        full.claim("abcdef")


def test_unknown_names_are_said_to_be_so(full: Ledger) -> None:
    with pytest.raises(UnknownError, match="did you mean Ada Prior"):
        _words(full, holder="Prior")
    for near in ("Ada", "ada pri", "Pryor", "Ida Priorr"):
        with pytest.raises(UnknownError, match="did you mean Ada Prior"):
            full.person(near)
    with pytest.raises(UnknownError, match="see them all"):
        full.person("a%i")
    with pytest.raises(FieldError, match="no kind of claim"):
        _words(full, kind=("rumour",))


def test_many_claims_come_in_pages(ledger: Ledger) -> None:
    list(ledger.keep_all(numbered(n) for n in range(1_203)))
    found = list(ledger.find(Filter()))
    assert len(found) == len({f.row for f in found}) == 1_203


@pytest.mark.parametrize("few", [0, 10_000])
@pytest.mark.parametrize(
    ("which", "fits"),
    [
        ({}, lambda n: True),
        ({"kind": ("prediction",)}, lambda n: n % 3 == 0),
        ({"holder": "Ines Mora", "since": "2025-01-05"}, lambda n: n % 2 == 1 and n >= 4),
        ({"site": "Site 1", "open": True}, lambda n: n % 4 == 1 and n % 3 == 0),
    ],
)
def test_of_many_matches_those_kept_last_are_ranked_whichever_way_they_are_found(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, few: int, which: dict[str, Any], fits: Callable[[int], bool]
) -> None:
    monkeypatch.setattr("sayso.ledger.finding.RANKED", 4)
    monkeypatch.setattr("sayso.ledger.finding.FEW", {"sqlite": few, "postgresql": few})
    for n in range(48):
        # The word is in all of them; the shorter the text, the better the match.
        text = "The tide turned" + " again" * (n % 7) + f" on day {n}"
        of = thread(
            f"t{n}.txt", text, site=f"Site {n % 4}", published=f"2025-01-{1 + n:02d}" if n < 28 else "2025-02-01"
        )
        kind: Kind = "prediction" if n % 3 == 0 else "fact"
        ledger.keep(of, [claim(of, text, "Ines Mora" if n % 2 else "Ada Prior", kind=kind, key=f"{n:04d}")])
    last = [n for n in range(48) if fits(n)][-4:]
    best = sorted(last, key=lambda n: (n % 7, n))
    found = [int(c.id) for c in ledger.claims(text="tide", limit=3, **which)]
    assert found == best[:3]
    # Where all are asked for, all are ranked.
    everything = sorted(filter(fits, range(48)), key=lambda n: (n % 7, n))
    assert [int(c.id) for c in ledger.claims(text="tide", **which)] == everything


def test_sqlite_looks_words_up_once_and_not_for_each_claim_of_a_kind(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not ledger.database.is_sqlite:
        pytest.skip("how SQLite goes about it")
    monkeypatch.setattr(finding, "RANKED", 0)
    of = thread()
    ledger.keep(of, [claim(of, of.posts[0].text, "Ada Prior", kind="prediction", key="one")])
    which = Filter(text=of.posts[0].text.split()[0], kind=("prediction",), limit=1)
    with ledger.database.connect() as connection:
        query = finding.searched(connection, sa.select(schema.claim.c.id), which)
        assert query is not None
        asked = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}".replace("%", "%%"))]
    assert any("ix_claim_kind_said_on" in step for step in plan)
    # Before the colon a number of the plan, behind it what the index is asked for: with "=" also for each row.
    words = [step.split(":")[1] for step in plan if "VIRTUAL TABLE" in step]
    assert words
    assert not any("=" in each for each in words)


def test_a_search_with_words_knows_a_site_that_was_told_later(ledger: Ledger) -> None:
    first = thread(site=None, url=None)
    ledger.keep(first, harbour(first).claims)
    assert _words(ledger, text="tariff", site="Quay and Crane") == []
    then = thread()
    ledger.keep(then, harbour(then).claims)
    assert len(_words(ledger, text="tariff", site="Quay and Crane")) == 1
    assert len(_words(ledger, text="tariff", site="quay.example")) == 1


@pytest.mark.parametrize("most", [1, 3, 40])
def test_matches_kept_last_are_found_a_stretch_at_a_time(
    ledger: Ledger, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(ledger.keep_all(numbered(n, due="2025-06-30" if n % 3 else "2024-06-30") for n in range(30)))
    monkeypatch.setattr(finding, "RANKED", most)
    monkeypatch.setattr(finding, "NEWEST", 2)
    for which in ({}, {"due_before": "2025-01-01"}, {"site": "quay.example", "open": True}):
        whole = [one.row for one in ledger.find(Filter(text="pier", **which))]
        some = [one.row for one in ledger.find(Filter(text="pier", limit=most, **which))]
        assert sorted(some) == sorted(whole)[-most:]


def test_an_answer_that_was_taken_back_leaves_a_claim_open(full: Ledger) -> None:
    key = next(iter(full.claims(text="tariff", holder="Tomas Reke"))).id
    for value, resolved in (("true", 1), ("open", 0), ("false", 1)):
        full.resolve(key, value)
        assert len(_words(full, text="tariff", resolved=True)) == resolved
        assert len(_words(full, text="tariff", open=True)) == 1 - resolved


def test_postgres_is_told_to_look_through_what_has_come(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    if ledger.database.is_sqlite:
        pytest.skip("SQLite's indexes always suffice")
    done: list[str] = []

    def noted(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("VACUUM"):
            done.append(statement.split()[-1])

    sa.event.listen(sa.Engine, "after_cursor_execute", noted)
    try:
        list(ledger.keep_all([numbered(1)]))
        assert not done  # a few more are not worth it
        monkeypatch.setattr("sayso.ledger.search.UNSEEN", 0)
        list(ledger.keep_all([numbered(2)]))
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", noted)
    assert {"claim", "claim_words", "thread"} <= set(done)
