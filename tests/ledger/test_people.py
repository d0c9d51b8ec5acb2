"""Who is who: names that are one person and names that are not, and every step back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sayso.errors import AmbiguousError, FieldError, UnknownError
from sayso.ledger import Ledger
from sayso.ledger.names import is_description
from sayso.posts import Claim, Thread

from .sample import claim, thread


def _said(ledger: Ledger, id: str, *chains: Sequence[str], site: str = "Quay") -> Thread:
    of = thread(id, " ".join(f"Words {n}." for n in range(len(chains))), site=site, url=None)
    ledger.keep(of, [claim(of, f"Words {n}", *chain, kind="fact") for n, chain in enumerate(chains)])
    return of


def _signed(ledger: Ledger, id: str, author: str | None, holder: str, *, site: str) -> None:
    of = thread(id, site=site, url=None, comments=[("1", "It will rain.", author)])
    ledger.keep(of, [claim(of, "It will rain", holder, post=1, voice="own", p=0.7)])


def _claims(ledger: Ledger, who: str) -> int:
    return ledger.person(who).claims


def _held(ledger: Ledger, who: str) -> list[Claim]:
    return list(ledger.claims(holder=who))


def test_one_name_in_two_documents_is_one_person(ledger: Ledger) -> None:
    _said(ledger, "a", ["Ada Prior"], ["NATO"], ["Kremlin"])
    _said(ledger, "b", ["ada  PRIOR"], ["NATO"], ["Kremlin"])
    assert [_claims(ledger, who) for who in ("Ada Prior", "NATO", "Kremlin")] == [2, 2, 2]
    assert len(ledger.people()) == 3


@pytest.mark.parametrize("words", ["a senior official", "the report", "commenter 2", "both campaigns", "unnamed"])
def test_descriptions_are_somebody_else_in_each_document(ledger: Ledger, words: str) -> None:
    _said(ledger, "a", [words], [words])
    _said(ledger, "b", [words])
    assert sorted(claims for _, _, claims in ledger.people()) == [1, 2]
    with pytest.raises(AmbiguousError, match="2 people go by that name: #1, #2"):
        ledger.person(words)
    assert ledger.person("#1").claims == 2


@pytest.mark.parametrize(
    ("name", "described"),
    [("Ada Prior", False), ("The Times", False), ("the Kremlin", False), ("the report", True), ("The report", True),
     ("Unnamed officials", True), ("de Gaulle", False), ("普京", False), ("", True), ("Commenter 3", True),
     ("Nobody", True), ("She", True), ("WHO", False), ("US", False), ("NOBODY", True), ("This Nobody", False)],
)  # fmt: skip
def test_what_is_a_description(name: str, described: bool) -> None:
    assert is_description(name) is described


def test_commenters_are_one_on_one_site_only(ledger: Ledger) -> None:
    _signed(ledger, "a", "Ada", "Ada", site="Quay")
    _signed(ledger, "b", "Ada", "Ada", site="Quay")
    _signed(ledger, "c", "Ada", "Ada", site="Crane")
    assert sorted(claims for _, _, claims in ledger.people()) == [1, 2]
    (suggested,) = ledger.suggestions()
    assert "the same name" in suggested.reasons[0]


def test_a_surname_that_two_bear_is_nobody_in_particular(ledger: Ledger) -> None:
    _said(ledger, "a", ["Ada Prior"], ["Prior"])
    _said(ledger, "b", ["Prior"])
    assert _claims(ledger, "Prior") == 2
    _said(ledger, "c", ["Otto Prior"])
    _said(ledger, "d", ["Prior"])
    # The one known before stays; from now on a bare "Prior" that no rule has placed yet would be its thread's own.
    assert sum(claims for _, name, claims in ledger.people() if name == "Prior") == 3
    reasons = [reason for s in ledger.suggestions() for reason in s.reasons]
    assert any("one of 2" in reason for reason in reasons)


def test_new_surnames_stay_in_their_document_where_two_bear_them(ledger: Ledger) -> None:
    _said(ledger, "a", ["Ada Prior"], ["Otto Prior"])
    _said(ledger, "b", ["Prior"])
    _said(ledger, "c", ["Prior"])
    assert [claims for _, name, claims in ledger.people() if name == "Prior"] == [1, 1]


def test_an_alias_joins_what_comes_later(ledger: Ledger) -> None:
    _said(ledger, "a", ["Ada Prior"])
    ledger.alias("Ada Prior", "A. P. Prior")
    _said(ledger, "b", ["A. P. Prior"])
    assert _claims(ledger, "Ada Prior") == _claims(ledger, "a. p. prior") == 2
    with pytest.raises(FieldError, match="already"):
        ledger.alias("Ada Prior", "A. P. PRIOR")
    _said(ledger, "c", ["Tomas Reke"])
    with pytest.raises(FieldError, match="people merge"):
        ledger.alias("Ada Prior", "Tomas Reke")


def test_a_merge_and_its_way_back(ledger: Ledger) -> None:
    _said(ledger, "a", ["Ada Prior"], ["The Moscow economist"], ["Ada Prior", "Prior"])
    ledger.link("The Moscow economist", "Q42")
    before = ledger.people()
    step = ledger.merge("Ada Prior", "The Moscow economist", by="Kai")
    assert _claims(ledger, "Ada Prior") == 2
    assert ledger.person("Q42").name == "Ada Prior"
    assert ledger.person("the moscow economist").id == ledger.person("Ada Prior").id
    assert len(_held(ledger, "Ada Prior")) == 2
    ledger.undo(step)
    assert ledger.people() == before
    assert ledger.person("q42").name == "The Moscow economist"
    history = ledger.people_history("Ada Prior")
    assert [(e.action, e.undone) for e in history] == [("merge", True), ("undo", False)]
    assert history[0].by == "Kai"


def test_steps_are_undone_in_their_order(ledger: Ledger) -> None:
    _said(ledger, "a", ["Ada Prior"], ["Bo Lund"], ["Cai Moss"])
    first = ledger.merge("Ada Prior", "Bo Lund")
    second = ledger.merge("Ada Prior", "Cai Moss")
    with pytest.raises(FieldError, match=f"step {second} builds on it"):
        ledger.undo(first)
    ledger.undo(second)
    ledger.undo(first)
    with pytest.raises(FieldError, match="undone already"):
        ledger.undo(first)
    assert len(ledger.people()) == 3
    with pytest.raises(UnknownError):
        ledger.undo(99)


def test_a_name_is_split_off_and_comes_back(ledger: Ledger) -> None:
    _said(ledger, "a", ["Ada Prior"], ["A. Prior"])
    ledger.merge("Ada Prior", "A. Prior")
    new = ledger.split("Ada Prior", name="a. prior")
    assert (_claims(ledger, "Ada Prior"), _claims(ledger, f"#{new}")) == (1, 1)
    assert ledger.suggestions() == []  # a split is a "no"
    ledger.undo(ledger.people_history()[-1].id)
    assert _claims(ledger, "Ada Prior") == 2
    with pytest.raises(UnknownError, match="has no such name"):
        ledger.split("Ada Prior", name="Bo")
    with pytest.raises(FieldError, match="a name or a thread"):
        ledger.split("Ada Prior")


def test_one_name_for_two_people_is_split_by_document(ledger: Ledger) -> None:
    _said(ledger, "a", ["John Smith"], ["John Smith", "Ada Prior"])
    _said(ledger, "b", ["John Smith"])
    new = ledger.split("John Smith", thread="a")
    assert (_claims(ledger, "John Smith"), _claims(ledger, f"#{new}")) == (1, 1)
    assert len(list(ledger.claims(via=f"#{new}"))) == 1
    # The same document read again, and more of it, is still the other one's.
    _said(ledger, "a", ["John Smith"], ["John Smith", "Ada Prior"], ["John Smith"])
    _said(ledger, "c", ["John Smith"])
    assert (_claims(ledger, "John Smith"), _claims(ledger, f"#{new}")) == (2, 2)
    ledger.undo(ledger.people_history()[-1].id)
    assert _claims(ledger, "John Smith") == 4
    assert ledger.check() == []


def test_external_ids(ledger: Ledger) -> None:
    _said(ledger, "a", ["Ada Prior"], ["Bo Lund"])
    ledger.link("Ada Prior", "q7747")
    step = ledger.link("Ada Prior", "https://prior.example/me")
    assert ledger.person("https://prior.example/me").links == (
        ("wikidata", "Q7747"),
        ("url", "https://prior.example/me"),
    )
    with pytest.raises(FieldError, match="linked with #1 already"):
        ledger.link("Bo Lund", "Q7747")
    with pytest.raises(FieldError, match="neither a Wikidata id"):
        ledger.link("Bo Lund", "ftp://x")
    ledger.undo(step)
    assert ledger.person("Ada Prior").links == (("wikidata", "Q7747"),)


def test_suggestions_have_reasons_for_and_against_and_take_a_no(ledger: Ledger) -> None:
    _said(ledger, "a", ["Ada Prior"], ["Prior"], ["A. Prior"], ["Ada Prior", "A. Prior"])
    found = {(s.one_name, s.other_name): s for s in ledger.suggestions()}
    assert "may be short for" in found["Ada Prior", "A. Prior"].reasons[0]
    assert found["Ada Prior", "A. Prior"].against == ("one of them reports what the other says",)
    assert found["Ada Prior", "Prior"].against == ()
    step = ledger.different("Prior", "Ada Prior")
    assert ("Ada Prior", "Prior") not in {(s.one_name, s.other_name) for s in ledger.suggestions()}
    ledger.undo(step)
    assert ("Ada Prior", "Prior") in {(s.one_name, s.other_name) for s in ledger.suggestions()}
    ledger.link("Ada Prior", "Q1")
    ledger.link("Prior", "Q2")
    found = {(s.one_name, s.other_name): s for s in ledger.suggestions()}
    assert found["Ada Prior", "Prior"].against == ("Wikidata has them as Q1 and Q2",)


def test_listing_by_part_of_a_name(ledger: Ledger) -> None:
    _said(ledger, "a", ["Ada Prior"], ["Bo 100% Lund"], ["Ada Prior"])
    assert ledger.people(text="prio") == [(1, "Ada Prior", 2)]
    assert [name for _, name, _ in ledger.people(text="0%")] == ["Bo 100% Lund"]
    assert ledger.people(text="%") == ledger.people(text="100%")
