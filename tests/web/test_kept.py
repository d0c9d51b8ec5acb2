"""Answers that are given again: always what would be made anew, to nobody but whom they were made for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from sayso.ledger import Edit, Filter, Ledger, browse
from sayso.web import accounts, board, saved

from .conftest import HERE, Make, add_account, add_token, browser, sign_in
from .sample import ENGINE, FARE, FERRY, SAIL, TABLE, claim, thread

ADDRESSES = (
    "/", "/claims", "/claims?kind=prediction", "/claims?state=open", "/claims?state=resolved", "/claims?text=ferry",
    "/claims?text=engine", "/claims?holder=%231", "/claims?holder=Ruth+Odell", "/claims?site=Brennick+Post",
    "/claims?question=fare", f"/claims/{SAIL}", f"/claims/{FARE}", f"/claims/{ENGINE}", f"/claims/{SAIL[:6]}",
    "/articles", "/articles?text=ferry", "/articles/1", f"/articles/1?claim={FARE}", "/articles/2", "/due",
    "/due?soon=365", "/people", "/people/1", "/people/2", "/people/suggestions", "/board", "/questions",
    "/questions/fare", "/about", "/api/v1/claims", "/api/v1/claims?text=ferry", "/api/v1/claims/facets",
    f"/api/v1/claims/{SAIL}", "/api/v1/articles", "/api/v1/articles/1", "/api/v1/people", "/api/v1/people/1",
    "/api/v1/people/1/record", "/api/v1/board?fewest=1", "/api/v1/due", "/api/v1/questions",
)  # fmt: skip
_FORMS = re.compile(r'(name="csrf" value=|name="csrf-token" content=|data-csrf=)"[0-9a-f]{64}"')


def again(ledger: Ledger) -> Iterator[Callable[[], object]]:
    """Everything that can be written, a step at a time."""
    yield lambda: ledger.resolve(SAIL, "true", by="nell", evidence=["https://ferry.example/sails"])
    yield lambda: ledger.resolve(SAIL, "open")
    yield lambda: ledger.resolve("question:fare", "false", note="It stayed.")
    other = thread("quay.txt", FERRY, url="https://quay.example/late", site="Quay News", title="Late again")
    yield lambda: ledger.keep(other, [claim(other, "the fare will double", "Jonas Pell", key="7" * 16)])
    yield lambda: ledger.keep(thread("quay.txt", FERRY, url="https://quay.example/late", title="A better title"), [])
    yield lambda: ledger.correct(ENGINE, Edit(kind="judgment"))
    yield lambda: ledger.correct(ENGINE, Edit(holder="Jonas Pell"))
    yield lambda: ledger.delete_claim(FARE)
    last = ledger.corrections(FARE)[-1].id if ledger.corrections(FARE) else 0
    yield lambda: ledger.undo_correction(last or ledger.corrections(FARE)[-1].id)
    yield lambda: ledger.alias("Ruth Odell", "R. Odell")
    yield lambda: ledger.ask("Will it sail?", id="sail")
    yield lambda: ledger.attach("sail", SAIL)
    yield lambda: ledger.detach("fare", FARE)
    yield lambda: ledger.merge("Ruth Odell", "Jonas Pell")
    yield lambda: ledger.undo(ledger.people_history()[-1].id)
    yield lambda: ledger.database.write(lambda c: saved.set_yardstick(c, "nato"))
    yield lambda: ledger.database.write(lambda c: saved.save(c, None, "mine", "text=ferry"))


def seen(client: TestClient, address: str) -> tuple[int, str]:
    answer = client.get(address)
    return answer.status_code, _FORMS.sub("", answer.text)


def test_what_is_kept_is_what_would_be_made_anew_whatever_is_written_elsewhere(
    make: Make, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "LONG", 1e9)  # on a busy machine figures may take long, and lag behind
    keeping = browser(make())
    with Ledger(where) as elsewhere:  # as another process would write
        for write in again(elsewhere):
            for address in ADDRESSES:
                seen(keeping, address)
            write()
            fresh = browser(make())
            for address in ADDRESSES:
                assert seen(keeping, address) == seen(fresh, address), address


def test_figures_that_take_long_lag_behind_but_not_for_those_whom_they_are_of(
    ledger: Ledger, local: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "LONG", -1.0)
    people = {name: number for number, name, _ in ledger.people()}
    odell, pell = (f"/api/v1/people/{people[name]}/record" for name in ("Ruth Odell", "Jonas Pell"))
    before = {address: local.get(address).json() for address in (odell, pell, "/api/v1/board?fewest=1")}
    ledger.resolve(SAIL, "true")
    assert local.get(odell).json()["resolved"] == before[odell]["resolved"] + 1
    assert local.get("/api/v1/board?fewest=1").json() == before["/api/v1/board?fewest=1"]
    now = board.time.monotonic
    monkeypatch.setattr(board.time, "monotonic", lambda: now() + board.BEHIND)
    until = now() + 60
    while local.get("/api/v1/board?fewest=1").json() == before["/api/v1/board?fewest=1"]:  # computed beside
        assert now() < until
    ledger.resolve(SAIL, "false")
    middle = local.get("/api/v1/board?fewest=1").json()
    monkeypatch.setattr(board.time, "monotonic", lambda: now() + 4 * board.BEHIND)
    assert local.get("/api/v1/board?fewest=1").json() != middle  # nobody had asked for it: one waits
    ledger.merge("Ruth Odell", "Jonas Pell")  # which would be missed by all
    assert len(local.get("/api/v1/board?fewest=1").json()["items"]) == 1


def test_a_change_elsewhere_leaves_a_page_as_it_is(
    ledger: Ledger, local: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = thread("quay.txt", FERRY, url="https://quay.example/late", site="Quay News")
    ledger.keep(other, [claim(other, "the fare will double", "Ada Munk", key="7" * 16)])
    made: list[int] = []
    look = browse.article
    monkeypatch.setattr(browse, "article", lambda c, number: made.append(number) or look(c, number))
    for address in ("/articles/1", "/articles/2", "/articles/1", "/articles/2"):
        local.get(address)
    assert made == [1, 2]
    ledger.resolve("7" * 16, "true")
    assert "came true" in local.get(f"/articles/2?claim={'7' * 16}").text
    made.clear()
    local.get("/articles/1")
    local.get("/articles/2")
    assert made == [2]


def test_nobody_is_given_what_was_made_for_somebody_else(make: Make, ledger: Ledger, hashed: str) -> None:
    add_account(ledger, hashed, "ann", "admin")
    reader = add_account(ledger, hashed, "rob", "reader")
    app = make(public=True)
    ann, rob, stranger = sign_in(app, "ann"), sign_in(app, "rob"), browser(app)
    for _ in range(3):
        for client, name, may in ((ann, "ann", True), (rob, "rob", False), (stranger, None, False)):
            text = client.get("/due").text
            assert ("/resolve" in text) is may
            for other in {"ann", "rob"} - {name}:
                assert f">{other}<" not in text
    for _ in range(3):  # each browser's forms carry what is its own
        tokens = {client.get("/due").text.partition('name="csrf" value="')[2][:64] for client in (ann, rob, stranger)}
        assert len(tokens - {""}) >= 2 or "" in tokens
        assert len({ann.get("/due").text.partition('name="csrf" value="')[2][:64], *tokens}) == len(tokens)
    token = add_token(ledger, reader, "read")
    program = browser(app)
    assert [program.get("/api/v1/me", headers=token).json()["name"] for _ in range(3)] == ["rob"] * 3
    assert program.get("/api/v1/me").json()["name"] is None


def test_what_an_account_may_holds_from_the_next_request_on(make: Make, ledger: Ledger, hashed: str) -> None:
    add_account(ledger, hashed, "ann", "admin")
    add_account(ledger, hashed, "rob", "editor")
    rob = sign_in(make(), "rob")
    for _ in range(3):
        assert rob.get("/articles/1").status_code == 200
        assert "/resolve" in rob.get("/due").text
    ledger.database.write(lambda c: accounts.set_role(c, "rob", "reader"))
    assert "/resolve" not in rob.get("/due").text
    ledger.database.write(lambda c: accounts.remove(c, "rob"))
    assert rob.get("/articles/1").status_code == 303


def test_a_browser_that_has_a_page_is_told_so(local: TestClient, ledger: Ledger) -> None:
    local.get("/due")  # where it is given its cookie
    for address in ("/due", "/articles/1", "/api/v1/claims"):
        first = local.get(address)
        etag = first.headers["etag"]
        assert local.get(address).headers["etag"] == etag
        again = local.get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert again.headers["cache-control"] == "private, no-cache"
        assert "Cookie" in again.headers["vary"]
    ledger.resolve(SAIL, "true")
    assert local.get("/articles/1", headers={"If-None-Match": etag}).status_code == 200
    stranger = TestClient(local.app, base_url=HERE)
    given = stranger.get("/due", headers={"If-None-Match": local.get("/due").headers["etag"]})
    assert given.status_code == 200
    assert "etag" not in given.headers


def test_what_was_just_done_is_told_once(local: TestClient) -> None:
    local.get("/claims")
    local.cookies.set("sayso_said", "Kept.")
    assert "Kept." in local.get("/claims").text
    local.cookies.delete("sayso_said")
    assert "Kept." not in local.get("/claims").text


def test_claims_that_were_settled_are_found_by_what_they_are(local: TestClient, ledger: Ledger) -> None:
    assert local.get("/claims?state=resolved").text.count(TABLE)
    assert SAIL not in local.get("/claims?state=resolved").text
    ledger.resolve(SAIL, "false")
    assert SAIL in local.get("/claims?state=resolved").text
    assert len(list(ledger.find(Filter(resolved=True)))) == 2
