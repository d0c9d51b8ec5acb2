"""What people correct stands: now, after the same article is read again, and after it has changed."""

from __future__ import annotations

import datetime
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from sayso.errors import FieldError, UnknownError
from sayso.ledger import Correction, Edit, Filter, Ledger
from sayso.ledger.exporting import export_text
from sayso.posts import Thread

from .sample import HARBOUR, claim, thread

OPEN = "the northern harbour to open by June 2025"
TARIFF = "the tariff will fall before 2026"


def kept(ledger: Ledger, of: Thread | None = None) -> Thread:
    """An article with two claims of two holders, read and kept."""
    of = of or thread()
    claims = [claim(of, OPEN, "Ada Prior", due="2025-06-30", p=0.9), claim(of, TARIFF, "Ada Prior", "Tomas Reke")]
    ledger.keep(of, claims)
    return of


def ids(ledger: Ledger) -> dict[str, str]:
    return {one.content.text: one.id for one in ledger.claims()}


def contents(ledger: Ledger) -> set[str]:
    return {one.content.text for one in ledger.claims()}


def test_holder_kind_spans_and_dates(ledger: Ledger) -> None:
    kept(ledger)
    key = ids(ledger)[OPEN]
    start = HARBOUR.index("northern harbour to open")
    edit = Edit(
        holder="Benno Zahl",
        content=[(start, start + len("northern harbour to open"))],
        end=datetime.date(2025, 7, 1),
        probability=0.6,
    )
    made = ledger.correct(key, edit, by="nell")
    assert (made.action, made.by, [c.claim for c in made.changes]) == ("change", "nell", [key])
    now = ledger.claim(key)
    assert (now.holder.name, now.content.text, now.confidence) == ("Benno Zahl", "northern harbour to open", 1.0)
    assert now.forecast is not None
    assert now.forecast.horizon is not None
    assert now.forecast.probability is not None
    assert (now.forecast.horizon.end, now.forecast.horizon.rule) == (datetime.date(2025, 7, 1), "corrected")
    assert now.forecast.probability.point == 0.6
    # Found by what it says now, and not by what it said.
    assert [c.id for c in ledger.claims(holder="Benno Zahl")] == [key]
    assert [c.id for c in ledger.claims(text="northern harbour")] == [key]
    assert list(ledger.claims(text="june")) == []
    assert [f.claim.id for f in ledger.due(on=datetime.date(2025, 7, 2))] == [key]
    assert ledger.correct(key, Edit(kind="fact")).changes[0].after["forecast"] is None  # type: ignore[index]
    assert ledger.claim(key).forecast is None
    # A fact that turns out to be a prediction gets its odds from its words.
    ledger.correct(key, Edit(kind="prediction"))
    assert ledger.claim(key).forecast.probability is not None  # type: ignore[union-attr]
    assert ledger.check() == []


def test_the_chain(ledger: Ledger) -> None:
    kept(ledger)
    key = ids(ledger)[TARIFF]
    ledger.correct(key, Edit(chain=["Nell Osei", "Ada Prior", "Tomas Reke"]))
    assert [h.name for h in ledger.claim(key).chain] == ["Nell Osei", "Ada Prior", "Tomas Reke"]
    assert [c.id for c in ledger.claims(via="Nell Osei")] == [key]
    ledger.correct(key, Edit(chain=["Tomas Reke"]))
    assert list(ledger.claims(via="Ada Prior")) == []


def test_split_join_delete_add_and_the_way_back(ledger: Ledger) -> None:
    kept(ledger)
    found = ids(ledger)
    at = HARBOUR.index(OPEN)
    parts = [[(at, at + 20)], [(at + 21, at + len(OPEN))]]
    split = ledger.split_claim(found[OPEN], parts)
    assert contents(ledger) == {HARBOUR[at : at + 20], HARBOUR[at + 21 : at + len(OPEN)], TARIFF}
    second = split.changes[1].claim
    with pytest.raises(FieldError, match="is given"):
        ledger.join_claims([found[OPEN]])
    joined = ledger.join_claims([found[OPEN], second])
    assert HARBOUR[at : at + 20] + " … " + HARBOUR[at + 21 : at + len(OPEN)] in contents(ledger)
    with pytest.raises(UnknownError):
        ledger.claim(second)
    with pytest.raises(FieldError, match=f"{joined.id} builds on it"):
        ledger.undo_correction(split.id)
    ledger.undo_correction(joined.id)
    ledger.undo_correction(split.id)
    assert contents(ledger) == {OPEN, TARIFF}
    with pytest.raises(FieldError, match="undone already"):
        ledger.undo_correction(split.id)
    gone = ledger.delete_claim(found[TARIFF])
    assert contents(ledger) == {OPEN}
    assert ledger.check() == []
    ledger.undo_correction(gone.id)
    assert contents(ledger) == {OPEN, TARIFF}
    start = HARBOUR.index("the harbour will not open")
    spans = [(start, start + len("the harbour will not open at all"))]
    added = ledger.add_claim(1, "prediction", Edit(holder="Benno Zahl", content=spans), by="nell")
    assert "the harbour will not open at all" in contents(ledger)
    with pytest.raises(FieldError, match="there already"):
        ledger.add_claim(1, "prediction", Edit(holder="Benno Zahl", content=spans))
    ledger.undo_correction(added.id)
    assert contents(ledger) == {OPEN, TARIFF}
    ledger.add_claim(1, "prediction", Edit(holder="Benno Zahl", content=spans))
    assert [c.action for c in ledger.corrections(added.changes[0].claim)] == ["add", "undo", "add"]
    assert ledger.check() == []


def test_a_repeated_attempt_does_nothing(ledger: Ledger) -> None:
    kept(ledger)
    key = ids(ledger)[OPEN]
    one = ledger.correct(key, Edit(holder="Benno Zahl"), token="same")
    assert ledger.correct(key, Edit(holder="Benno Zahl"), token="same") == one
    assert len(ledger.corrections(key)) == 1


def everything(ledger: Ledger) -> Correction:
    """Correct one claim, take one away, add one."""
    found = ids(ledger)
    ledger.correct(found[OPEN], Edit(holder="Benno Zahl", kind="demand"))
    ledger.delete_claim(found[TARIFF])
    start = HARBOUR.index("the harbour will not open")
    spans = [(start, start + len("the harbour will not open at all"))]
    return ledger.add_claim(1, "prediction", Edit(holder="Benno Zahl", content=spans))


def state(ledger: Ledger) -> set[tuple[str, str, str]]:
    return {(one.content.text, one.holder.name, one.kind) for one in ledger.claims()}


def test_the_same_article_read_again(ledger: Ledger) -> None:
    kept(ledger)
    everything(ledger)
    before = state(ledger)
    kept(ledger)
    assert state(ledger) == before
    # A better model reads nearly the same places with ids of its own.
    of = thread()
    claims = [
        claim(of, OPEN[4:], "Ada Prior", key="new1"),
        claim(of, TARIFF[:-5], "Ada Prior", "Tomas Reke", key="new2"),
        claim(of, "publish the accounts", "Tomas Reke", key="new3", kind="pledge"),
    ]
    ledger.keep(of, claims)
    assert state(ledger) == before | {("publish the accounts", "Tomas Reke", "pledge")}
    assert ledger.check() == []


def test_the_changed_article_read_again(ledger: Ledger) -> None:
    kept(ledger)
    added = everything(ledger)
    ledger.resolve(added.changes[0].claim, "false")
    before = state(ledger)
    kept(ledger, thread(text="Corrected on 3 February.\n\n" + HARBOUR))
    assert state(ledger) == before
    (open_,) = list(ledger.find(Filter(text="northern harbour"), with_text=True))
    start, end = open_.claim.content.spans[0]
    assert open_.claim.post.text[start:end] == OPEN
    # The resolutions of a corrected claim stay with it.
    assert [r.value for r in ledger.history(added.changes[0].claim)] == ["false"]
    # Where its words are gone, a correction has nothing to say.
    other = thread(text=HARBOUR.replace("northern harbour to open", "old quay to open"))
    ledger.keep(other, [claim(other, "the old quay to open by June 2025", "Ada Prior")])
    assert ("the old quay to open by June 2025", "Ada Prior", "prediction") in state(ledger)
    assert ledger.check() == []


@pytest.mark.parametrize("spans", [[(0, 0)], [(5, 4)], [(0, 99_999)], [(0, 5), (3, 8)], [(-2, 3)], []])
def test_places_that_cannot_be(ledger: Ledger, spans: list[tuple[int, int]]) -> None:
    kept(ledger)
    with pytest.raises(FieldError):
        ledger.correct(ids(ledger)[OPEN], Edit(content=spans))


@pytest.mark.parametrize(
    "edit",
    [
        Edit(holder="  "),
        Edit(kind="rumour"),  # type: ignore[arg-type]
        Edit(probability=1.5),
        Edit(start=datetime.date(2026, 1, 2), end=datetime.date(2026, 1, 1)),
        Edit(chain=[]),
    ],
)
def test_values_that_cannot_be(ledger: Ledger, edit: Edit) -> None:
    kept(ledger)
    before = state(ledger)
    with pytest.raises(FieldError):
        ledger.correct(ids(ledger)[OPEN], edit)
    assert state(ledger) == before


def test_what_changes_nothing_is_no_correction(ledger: Ledger) -> None:
    of = kept(ledger)
    key = ids(ledger)[OPEN]
    with pytest.raises(FieldError, match="it is so already"):
        ledger.correct(key, Edit(holder="Ada Prior"))
    assert replace(ledger.claim(key), thread=of).holder.name == "Ada Prior"


def test_corrections_as_something_to_learn_from(ledger: Ledger) -> None:
    kept(ledger)
    found = ids(ledger)
    ledger.correct(found[OPEN], Edit(holder="Benno Zahl"), by="nell")
    ledger.undo_correction(ledger.delete_claim(found[TARIFF]).id)
    out = io.StringIO()
    export_text(ledger, out, "corrections")
    (line,) = [json.loads(each) for each in out.getvalue().splitlines()]
    assert (line["action"], line["by"], line["text"]) == ("change", "nell", HARBOUR)
    (change,) = line["changes"]
    assert (change["before"]["chain"][-1]["name"], change["after"]["chain"][-1]["name"]) == ("Ada Prior", "Benno Zahl")
    assert {one["content"]["text"] for one in line["claims"]} == {OPEN, TARIFF}
    for one in line["claims"]:
        start, end = one["content"]["spans"][0]
        assert line["text"][start:end] == one["content"]["text"]


def test_corrections_are_in_a_backup(ledger: Ledger, second: Ledger, tmp_path: Path) -> None:
    kept(ledger)
    everything(ledger)
    ledger.backup(tmp_path / "backup.sqlite")
    second.restore(tmp_path / "backup.sqlite")
    assert second.check() == []
    before = state(second)
    kept(second)
    assert state(second) == before
