"""What pages show of a ledger: articles, facets, the queue, outcomes, who reports whom."""

from __future__ import annotations

import datetime

import pytest

from sayso.errors import UnknownError
from sayso.ledger import Filter, Ledger, browse
from sayso.ledger.facets import facets_of

from .sample import claim, harbour, numbered, thread

TODAY = datetime.date(2025, 9, 1)


def kept(ledger: Ledger) -> None:
    first = harbour()
    ledger.keep(first.thread, first.claims)
    for number in range(3):
        one = numbered(number, due=f"2025-0{number + 5}-01")
        ledger.keep(one.thread, one.claims)


def test_articles_come_last_kept_first_with_their_claims_by_kind(ledger: Ledger) -> None:
    kept(ledger)
    found = ledger.database.read(lambda c: browse.articles(c, limit=2))
    assert [a.key for a in found] == ["column-2.txt", "column-1.txt"]
    rest = ledger.database.read(lambda c: browse.articles(c, limit=9, offset=2))
    assert rest[-1].kinds == {"prediction": 3, "pledge": 1, "fact": 1}
    assert (rest[-1].claims, rest[-1].forecasts, rest[-1].author) == (5, 4, "Nell Osei")
    assert [a.key for a in ledger.database.read(lambda c: browse.articles(c, text="OPEN twice"))] == ["harbour.txt"]
    assert ledger.database.read(lambda c: browse.articles(c, text="100%_")) == []
    assert len(ledger.database.read(lambda c: browse.articles(c, site="quay and crane"))) == 4


def test_an_article_has_its_text_with_and_without_claims(ledger: Ledger) -> None:
    kept(ledger)
    bare = thread("silent.txt", "Nobody says anything here.", comments=[("1", "Quite so.", "Ada")])
    ledger.keep(bare, [])
    of, found = ledger.database.read(lambda c: browse.article(c, 1))
    assert of.article.text.startswith("Harbour will open twice")
    assert len(found) == 5
    of, found = ledger.database.read(lambda c: browse.article(c, 5))
    assert [p.text for p in of.posts] == ["Nobody says anything here.", "Quite so."]
    assert found == []
    with pytest.raises(UnknownError):
        ledger.database.read(lambda c: browse.article(c, 99))


def test_facets_count_what_a_search_finds(ledger: Ledger) -> None:
    kept(ledger)
    key = next(ledger.claims(text="tariff")).id
    ledger.resolve(f"claim:{key}", "true")
    made = ledger.database.read(lambda c: facets_of(c, Filter(), today=TODAY)[0])
    assert (made.total, made.more) == (8, False)
    assert {v.value: v.count for v in made.kind} == {"prediction": 6, "pledge": 1, "fact": 1}
    assert (made.holder[0].label, made.holder[0].count) == ("Ada Prior", 5)
    assert [(v.label, v.count) for v in made.via] == [("Ada Prior", 2)]
    assert {v.value: v.count for v in made.state} == {"open": 6, "due": 5, "resolved": 1}
    assert [(v.value, v.count) for v in made.site] == [("Quay and Crane", 8)]
    narrow = ledger.database.read(lambda c: facets_of(c, Filter(text="pier", holder="Ada Prior"), today=TODAY)[0])
    assert narrow.total == 3
    assert ledger.database.read(lambda c: facets_of(c, Filter(text="..."), today=TODAY)[0]).total == 0


def test_the_most_quoted_come_first_on_every_page(ledger: Ledger) -> None:
    for number in range(6):
        made = numbered(number, holder=f"Holder {number}", due=f"2025-0{number + 1}-28")
        ledger.keep(made.thread, made.claims)
    keys = [f"Pier {number}" for number in range(6)]
    claims = {one.content.text[:6]: one.id for one in ledger.claims()}
    for question, on in (("two", (0, 3)), ("three", (1, 4, 5)), ("one", (2,))):
        ledger.ask(f"Will {question} reopen?", id=question)
        for number in on:
            ledger.attach(question, claims[keys[number]])

    def page(limit: int, offset: int) -> list[str]:
        found = ledger.database.read(lambda c: browse.due(c, on=TODAY, most_quoted=True, limit=limit, offset=offset))
        return [one.claim.content.text[:6] for one in found]

    every = ["Pier 5", "Pier 4", "Pier 1", "Pier 3", "Pier 0", "Pier 2"]
    assert page(10, 0) == every
    for size in (1, 2, 4):
        assert [key for at in range(0, 8, size) for key in page(size, at)] == every


def test_a_search_is_paged_and_asks_for_what_is_resolved(ledger: Ledger) -> None:
    kept(ledger)
    every = [c.id for c in ledger.claims()]
    pages = [[c.id for c in ledger.claims(limit=3, offset=at)] for at in (0, 3, 6)]
    assert [each for page in pages for each in page] == every
    key = next(ledger.claims(text="tariff")).id
    ledger.resolve(f"claim:{key}", "true")
    assert [c.id for c in ledger.claims(resolved=True)] == [key]
    assert len(list(ledger.claims(article=1))) == 5


def test_the_queue_has_the_soonest_first_or_the_most_quoted(ledger: Ledger) -> None:
    kept(ledger)
    queue = ledger.database.read(lambda c: browse.due(c, on=TODAY))
    days = [one.due_on for one in queue]
    assert days == sorted(days, reverse=True)
    assert ledger.database.read(lambda c: browse.count_due(c, on=TODAY)) == len(queue) == 5
    assert ledger.database.read(lambda c: browse.count_due(c, on=TODAY, most=2)) == 2
    ledger.ask("Will it?", id="it")
    for one in queue[-2:]:
        ledger.attach("it", one.claim.id)
    quoted = ledger.database.read(lambda c: browse.due(c, on=TODAY, most_quoted=True))
    assert {one.claim.id for one in quoted[:2]} == {one.claim.id for one in queue[-2:]}
    soon = ledger.database.read(lambda c: browse.due(c, on=datetime.date(2025, 12, 1), soon=60))
    assert [one.due_on for one in soon] == ["2025-12-31"]


def test_outcomes_are_those_that_stand_for_the_claim_itself(ledger: Ledger) -> None:
    kept(ledger)
    found = list(ledger.find(Filter(kind=("prediction", "pledge"))))
    opens, tariff, accounts = (
        next(one for one in found if words in one.claim.content.text)
        for words in ("harbour to open", "tariff", "accounts")
    )
    ledger.ask("Will it open?", id="open")
    ledger.attach("open", opens.claim.id, side="denied")
    ledger.attach("open", accounts.claim.id)
    ledger.resolve("question:open", "true", by="Nell")
    ledger.resolve(f"claim:{tariff.claim.id}", "void")
    kinds = {one.root: one.claim.kind for one in found}
    made = ledger.database.read(lambda c: browse.standings(c, kinds))
    assert {root: r.value for root, r in made.items()} == {
        opens.root: "false",
        accounts.root: "kept",
        tariff.root: "void",
    }
    assert ledger.database.read(lambda c: browse.settled_roots(c, kinds)) == set(made)
    last = ledger.database.read(lambda c: browse.settled(c, limit=2))
    assert last[0].root == tariff.root
    assert last[1].root in (opens.root, accounts.root)


def test_an_answer_is_taken_back_and_the_forecast_is_open_again(ledger: Ledger) -> None:
    kept(ledger)
    queue = ledger.database.read(lambda c: browse.due(c, on=TODAY))
    one = queue[0]
    target = f"claim:{one.claim.id}"
    ledger.resolve(target, "true")
    assert one.root not in {o.root for o in ledger.database.read(lambda c: browse.due(c, on=TODAY))}
    assert ledger.record("Ada Prior").tally.resolved == 1
    ledger.resolve(target, "open", by="Nell")
    assert [o.root for o in ledger.database.read(lambda c: browse.due(c, on=TODAY))] == [o.root for o in queue]
    assert ledger.record("Ada Prior").tally.resolved == 0
    assert list(ledger.claims(resolved=True)) == []
    assert ledger.database.read(lambda c: browse.standings(c, {one.root: "prediction"})) == {}
    assert [r.value for r in ledger.history(target)] == ["true", "open"]
    ledger.resolve(target, "false")
    assert [c.id for c in ledger.claims(resolved=True)] == [one.claim.id]


def test_a_question_taken_back_opens_all_its_forecasts(ledger: Ledger) -> None:
    kept(ledger)
    queue = ledger.database.read(lambda c: browse.due(c, on=TODAY))
    ledger.ask("Will it?", id="it")
    for one in queue[:3]:
        ledger.attach("it", one.claim.id)
    ledger.resolve("question:it", "true")
    assert ledger.database.read(lambda c: browse.count_due(c, on=TODAY)) == len(queue) - 3
    ledger.resolve("question:it", "open")
    assert ledger.question("it").value is None
    assert ledger.database.read(lambda c: browse.count_due(c, on=TODAY)) == len(queue)
    # An answer of its own, given later, holds for that one.
    ledger.resolve(f"claim:{queue[0].claim.id}", "true")
    assert ledger.database.read(lambda c: browse.count_due(c, on=TODAY)) == len(queue) - 1


def test_reporters_are_those_next_to_the_person(ledger: Ledger) -> None:
    kept(ledger)
    reke = ledger.person("Tomas Reke")
    prior = ledger.person("Ada Prior")
    assert ledger.database.read(lambda c: browse.reporters(c, reke.id)) == [(prior.id, "Ada Prior", 2)]
    assert ledger.database.read(lambda c: browse.reporters(c, prior.id)) == [(None, "Nell Osei", 5)]


def test_chains_and_articles_of_claims_are_found_together(ledger: Ledger) -> None:
    kept(ledger)
    found = list(ledger.find(Filter(holder="Tomas Reke")))
    rows = [one.row for one in found]
    reke, prior = ledger.person("Tomas Reke").id, ledger.person("Ada Prior").id
    assert ledger.database.read(lambda c: browse.chains(c, rows)) == {row: [prior, reke] for row in rows}
    assert ledger.database.read(lambda c: browse.article_of(c, rows)) == dict.fromkeys(rows, 1)


def test_first_pages_count_what_is_there(ledger: Ledger) -> None:
    assert ledger.database.read(browse.totals) == browse.Totals(0, 0, 0)
    kept(ledger)
    extra = thread("extra.txt", "Ada Prior says the pier is long.")
    ledger.keep(extra, [claim(extra, "the pier is long", "Ada Prior", kind="fact")])
    assert ledger.database.read(browse.totals) == browse.Totals(5, 7, 0)
    assert ledger.database.read(lambda c: browse.article_title(c, 1)).startswith("Harbour will open")
