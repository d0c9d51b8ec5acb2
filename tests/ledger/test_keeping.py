"""Keeping: once is enough, changed texts are versions, and nothing of a stranger's text is lost or obeyed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sayso.errors import FieldError
from sayso.export.jsonl import claim_to_json
from sayso.ledger import Filter, Ledger
from sayso.posts import Post

from .sample import HARBOUR, Reading, claim, harbour, numbered, thread


def _keep(ledger: Ledger, reading: Reading) -> object:
    assert reading.thread is not None
    return ledger.keep(reading.thread, reading.claims)


def _json(ledger: Ledger) -> list[dict[str, object]]:
    return sorted((claim_to_json(c) for c in ledger.claims()), key=lambda value: str(value["id"]))


def test_what_is_kept_comes_back_as_it_was(ledger: Ledger) -> None:
    reading = harbour()
    kept = ledger.keep(reading.thread, reading.claims)  # type: ignore[arg-type]
    assert (kept.threads, kept.posts, kept.claims, kept.known) == (1, 1, 5, 0)
    assert _json(ledger) == sorted((claim_to_json(c) for c in reading.claims), key=lambda value: str(value["id"]))


def test_posts_come_back_with_their_text_and_quotes(ledger: Ledger) -> None:
    of = thread(comments=[("1", "> open twice\nNever.", None), ("2", "Yes.", "Ada")])
    of.posts[1].quotes = ((0, 12),)
    ledger.keep(of, [claim(of, "Never", "commenter 1", post=1, voice="own")])
    (back,) = ledger.readings(Filter())
    assert back.thread == of


def test_keeping_twice_changes_nothing(ledger: Ledger) -> None:
    _keep(ledger, harbour())
    before, stats = _json(ledger), ledger.stats()
    kept = _keep(ledger, harbour())
    assert (kept.threads, kept.posts, kept.versions, kept.claims, kept.known) == (0, 0, 0, 0, 5)  # type: ignore[attr-defined]
    assert _json(ledger) == before
    assert ledger.stats() | {"bytes": 0} == stats | {"bytes": 0}


def test_twice_in_one_batch_is_once(ledger: Ledger) -> None:
    changes = list(ledger.keep_all([harbour(), harbour(), numbered(1), harbour()]))
    assert sum(kept.claims for kept in changes) == 6
    assert ledger.check() == []


def test_a_changed_article_is_a_new_version_and_old_claims_stay_with_the_old(ledger: Ledger) -> None:
    _keep(ledger, harbour())
    text = HARBOUR.replace("the harbour will not open at all", "nobody will come").replace("Harbour will", "Port may")
    of = thread(text=text)
    again = [c for c in harbour().claims if c.content.text in text]
    moved = [
        claim(of, c.content.text, *[h.name for h in c.chain], kind=c.kind, due="2025-06-30", p=0.8, quote=c.quote)
        for c in again
    ]
    kept = ledger.keep(of, [*moved, claim(of, "nobody will come", "Benno Zahl", p=0.8)])
    assert (kept.versions, kept.claims) == (1, 5)
    stats = ledger.stats()
    assert (stats["posts"], stats["older_versions"], stats["claims"]) == (1, 1, 6)
    # What was said once in both counts once; what was edited out was said all the same, in the old version.
    words = [c.content.text for c in ledger.claims()]
    assert sorted(words) == sorted({*words})
    (old,) = [c for c in ledger.claims() if c.content.text == "the harbour will not open at all"]
    assert old.content.spans[0][1] <= len(HARBOUR)
    (found,) = [f for f in ledger.find(Filter(), with_text=True) if f.claim.id == old.id]
    start, end = found.claim.content.spans[0]
    assert found.claim.post.text[start:end] == "the harbour will not open at all"
    assert len(list(ledger.find(Filter(versions=True)))) == 10
    assert ledger.check() == []


def test_an_older_version_kept_again_changes_nothing(ledger: Ledger) -> None:
    changed = harbour(thread(text="Changed. " + HARBOUR))
    for reading in (harbour(), changed):
        _keep(ledger, reading)
    before, stats = _json(ledger), ledger.stats()
    for reading in (harbour(), changed, harbour(), changed):
        kept = _keep(ledger, reading)
        assert (kept.versions, kept.claims, kept.known) == (0, 0, 5)  # type: ignore[attr-defined]
    assert (_json(ledger), ledger.stats() | {"bytes": 0}) == (before, stats | {"bytes": 0})
    assert ledger.check() == []


def test_a_resolution_stays_with_a_claim_through_versions(ledger: Ledger) -> None:
    first = harbour()
    _keep(ledger, first)
    ledger.resolve(first.claims[0].id, "true")
    of = thread(text="Corrected. " + HARBOUR)
    second = harbour(of)
    assert second.claims[0].id != first.claims[0].id
    _keep(ledger, second)
    assert [r.value for r in ledger.history(second.claims[0].id)] == ["true"]
    record = ledger.record("Ada Prior")
    assert (record.tally.forecasts, record.tally.scored) == (1, 1)


def test_what_becomes_known_later_is_added(ledger: Ledger) -> None:
    of = thread(site=None, url=None, published=None)
    ledger.keep(of, [])
    ledger.keep(thread(), [])
    reading = harbour()
    _keep(ledger, reading)
    (found, *_) = ledger.claims()
    assert (found.thread.site, found.thread.published) == ("Quay and Crane", "2025-01-10")


def test_a_claim_that_cannot_be_read_again_is_refused(ledger: Ledger) -> None:
    of = thread()
    bad = claim(of, "Benno Zahl", "Ada Prior", kind="fact")
    for changed, said in (
        ({"id": ""}, "characters"),
        ({"id": "x" * 300}, "characters"),
        ({"chain": ()}, "no holder"),
        ({"kind": "prophecy"}, "'prophecy' is none of"),
        ({"confidence": 1.5}, "between 0 and 1"),
        ({"post": Post("elsewhere", "")}, "not in its thread"),
    ):
        import dataclasses

        with pytest.raises(FieldError, match=said):
            ledger.keep(of, [dataclasses.replace(bad, **changed)])  # type: ignore[arg-type]
    assert ledger.stats()["claims"] == 0


HOSTILE = [
    "'; DROP TABLE claim; --",
    'a "quoted" word OR NEAR(x) AND NOT *',
    "nul \x00 inside, half a pair \ud83d and an apple \uf8ff with \uf8ff0000",
    "{{7*7}} ${jndi} %s %(x)s :name \\",
    "\u202eright to left\u202c, e\u0301 combined, 😀",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_data(ledger: Ledger, text: str) -> None:
    of = thread(id=f"file {text}", text=f"{text} said {text}", site=text, url=f"https://x.example/{text[:9]!r}")
    reading = Reading(of, [claim(of, text, f"Ann {text}", f"Bo {text}", kind="fact")])
    _keep(ledger, reading)
    _keep(ledger, reading)
    (back,) = ledger.readings(Filter())
    assert back.thread == of
    assert claim_to_json(back.claims[0]) == claim_to_json(reading.claims[0])
    for which in (Filter(text=text), Filter(site=text), Filter(holder=f"Bo {text}"), Filter(via=f"Ann {text}")):
        assert len(list(ledger.find(which))) == 1, which
    assert ledger.check() == []


def test_ten_megabytes_are_one_claim(ledger: Ledger) -> None:
    words = "the harbour silts up " * 500_000
    of = thread(id="x" * 5_000, text=words, site="s" * 5_000, url="https://x.example/" + "u" * 5_000)
    reading = Reading(of, [claim(of, words.strip(), "N" * 6_000, kind="fact", key="long")])
    _keep(ledger, reading)
    _keep(ledger, reading)
    assert ledger.claim("long").content.text == words.strip()
    assert ledger.claim("long").holder.name == "N" * 6_000
    assert len(list(ledger.claims(text='"harbour silts"', holder="N" * 6_000))) == 1


def test_an_error_in_a_batch_keeps_none_of_it(ledger: Ledger) -> None:
    of = thread()
    with pytest.raises(FieldError):
        list(ledger.keep_all([numbered(1), Reading(of, [claim(of, "Benno", " ", kind="fact")])]))
    assert ledger.stats()["threads"] == 0


def test_two_ledgers_are_two(new_url: Callable[[], str]) -> None:
    with Ledger(new_url()) as one, Ledger(new_url()) as other:
        _keep(one, harbour())
        assert (one.stats()["claims"], other.stats()["claims"]) == (5, 0)
