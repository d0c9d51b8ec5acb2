"""The API: pages with cursors, writes that can be repeated, problems as such, linked data."""

from __future__ import annotations

import jsonschema
import pytest
from lxml import etree
from starlette.testclient import TestClient

from sayso.export import schema
from sayso.ledger import Ledger

from .conftest import Make, browser
from .sample import ENGINE, FARE, FERRY, SAIL, TABLE, claim, thread

API = "/api/v1"


def test_claims_have_their_schema(local: TestClient) -> None:
    items = local.get(f"{API}/claims").json()["items"]
    assert {each["id"] for each in items} == {SAIL, FARE, TABLE, ENGINE}
    for each in items:
        kept = each.pop("kept")
        jsonschema.validate(each, schema())
        assert kept["article"] == 1
        assert len(kept["people"]) == len(each["chain"])
        assert (kept["resolution"] is not None) == (each["id"] == TABLE)
    one = local.get(f"{API}/claims/{SAIL[:6]}").json()
    assert (one["id"], one["kept"]["due"]) == (SAIL, "2026-05-31")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"holder": "Jonas Pell"}, {FARE, TABLE}),
        ({"via": "Ruth Odell"}, {FARE}),
        ({"kind": ["fact", "pledge"]}, {ENGINE, TABLE}),
        ({"text": "fare"}, {FARE}),
        ({"state": "open"}, {SAIL, FARE}),
        ({"state": "resolved"}, {TABLE}),
        ({"question": "fare"}, {FARE}),
        ({"site": "ferry.example"}, {SAIL, FARE, TABLE, ENGINE}),
        ({"since": "2026-01-11"}, set()),
        ({"article": 1, "kind": "fact"}, {ENGINE}),
    ],
)
def test_searches(local: TestClient, query: dict[str, object], found: set[str]) -> None:
    assert {each["id"] for each in local.get(f"{API}/claims", params=query).json()["items"]} == found
    lines = local.get(f"{API}/claims.csv", params=query).text.splitlines()
    assert len(lines) - 1 == len(found)


@pytest.mark.parametrize("query", [{}, {"text": "claim OR number"}])
def test_cursors_go_through_all_once(local: TestClient, ledger: Ledger, query: dict[str, str]) -> None:
    words = [f"claim number {n} of many" for n in range(23)]
    of = thread("many.txt", "\n".join(words))
    ledger.keep(of, [claim(of, each, "Ruth Odell", kind="fact", key=f"{n:016x}") for n, each in enumerate(words)])
    seen: list[str] = []
    cursor = None
    while True:
        page = local.get(f"{API}/claims", params={"limit": 5, **query, **({"cursor": cursor} if cursor else {})}).json()
        seen += [each["id"] for each in page["items"]]
        # What is kept meanwhile moves nothing.
        if cursor is None and not query:
            new = thread("new.txt", "The newest of all", published=None)
            ledger.keep(new, [claim(new, "The newest of all", "Ruth Odell", kind="fact", key="7" * 16)])
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert len(set(seen) - {"7" * 16}) == (23 if query else 27)


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "WzFd", "WyIyMDI2Iiwi", "bnVsbA", "WyJhIiwxLDk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"]
)
def test_cursors_of_others(local: TestClient, cursor: str) -> None:
    for path in ("claims", "due", "people", "readings", "corrections"):
        answer = local.get(f"{API}/{path}", params={"cursor": cursor})
        assert answer.status_code in (200, 422), path
        if answer.status_code == 422:
            assert "cursor" in answer.json()["detail"]


def test_problems(local: TestClient) -> None:
    for method, path, body, status in (
        ("GET", "claims/ffff0000", None, 404),
        ("GET", "claims?since=yesterday", None, 422),
        ("GET", "claims?holder=Nobody", None, 404),
        ("GET", "articles/77", None, 404),
        ("GET", "nothing", None, 404),
        ("DELETE", "claims", None, 405),
        ("POST", f"claims/{SAIL}/resolutions", {"value": "kept"}, 422),
        ("POST", f"claims/{ENGINE}/resolutions", {"value": "true"}, 422),
        ("POST", f"claims/{SAIL}/resolutions", {"value": "true", "evidence": ["javascript:alert(1)"]}, 422),
        ("POST", f"claims/{SAIL}/resolutions", {"value": "true", "unknown": 1}, 422),
        ("PATCH", f"claims/{SAIL}", {}, 422),
        ("PATCH", f"claims/{SAIL}", {"content": [[5, 4]]}, 422),
        ("POST", "readings", {"text": "x", "address": "http://x.example"}, 422),
        ("POST", "readings", {"address": "file:///etc/passwd"}, 422),
    ):
        answer = local.request(method, f"{API}/{path}", json=body)
        assert answer.status_code == status, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "detail"} <= answer.json().keys()


def test_writes_can_be_repeated(local: TestClient, ledger: Ledger) -> None:
    head = {"idempotency-key": "question-1"}
    one = local.post(f"{API}/questions", json={"text": "Will it sail?"}, headers=head)
    other = local.post(f"{API}/questions", json={"text": "Will it sail?"}, headers=head)
    assert (one.status_code, one.json()) == (other.status_code, other.json())
    assert other.headers["idempotency-replayed"] == "true"
    assert len(ledger.questions()) == 2
    changed = local.post(f"{API}/questions", json={"text": "Will it not?"}, headers=head)
    assert changed.status_code == 422
    # What was refused has done nothing, and its key may be used again.
    head = {"idempotency-key": "question-2"}
    assert local.post(f"{API}/questions", json={"text": "x", "id": "fare"}, headers=head).status_code == 422
    assert local.post(f"{API}/questions", json={"text": "x", "id": "other"}, headers=head).status_code == 201


def test_corrections(local: TestClient) -> None:
    start = FERRY.index("the fare")
    edit = {
        "holder": "Ruth Odell",
        "kind": "pledge",
        "content": [[start, start + 8]],
        "to": "2026-06-30",
        "probability": 0.4,
    }
    made = local.patch(f"{API}/claims/{FARE}", json=edit).json()
    now = local.get(f"{API}/claims/{FARE}").json()
    assert (now["kind"], now["content"]["text"], now["chain"][-1]["name"]) == ("pledge", "the fare", "Ruth Odell")
    assert (now["kept"]["due"], now["forecast"]["probability"]["point"]) == ("2026-06-30", 0.4)
    missed = {"article": 1, "kind": "demand", "content": [[0, 9]], "holder": "Nell Osei"}
    added = local.post(f"{API}/claims", json=missed).json()
    local.delete(f"{API}/claims/{added['changes'][0]['claim']}")
    assert local.get(f"{API}/claims/{added['changes'][0]['claim']}").status_code == 404
    split = local.post(f"{API}/claims/{SAIL}/split", json={"parts": [[[40, 50]], [[52, 60]]]}).json()
    ids = [each["claim"] for each in split["changes"]]
    assert local.post(f"{API}/claims/join", json={"claims": ids}).status_code == 201
    assert local.post(f"{API}/corrections/{split['id']}/undo").status_code == 422
    assert local.post(f"{API}/corrections/{made['id']}/undo").status_code == 201
    assert local.get(f"{API}/claims/{FARE}").json()["content"]["text"] == "the fare will double"
    actions = [each["action"] for each in local.get(f"{API}/corrections").json()["items"]]
    assert actions == ["change", "add", "delete", "split", "join", "undo"]
    assert [each["action"] for each in local.get(f"{API}/claims/{FARE}/corrections").json()["items"]] == [
        "change",
        "undo",
    ]


def test_a_claim_as_linked_data(local: TestClient) -> None:
    for path in (f"{API}/claims/{TABLE}", f"/claims/{TABLE}"):
        note = local.get(path, headers={"accept": "application/ld+json"})
        assert note.headers["content-type"] == 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
        assert note.headers["vary"] == "Accept"
        value = note.json()
        assert (value["type"], value["target"]["selector"]["refinedBy"]["exact"]) == (
            "Annotation", "to publish the timetable in April 2026",
        )  # fmt: skip
        asked = {"accept": 'application/ld+json; profile="https://schema.org", text/html;q=0.5'}
        review = local.get(path, headers=asked).json()
        assert (review["@type"], review["reviewRating"]["alternateName"]) == ("ClaimReview", "Kept")
        assert local.get(path.replace(TABLE, SAIL), headers=asked).status_code == 404
        assert local.get(path, headers={"accept": "text/html,application/ld+json;q=0.1"}).status_code == 200


def test_people_board_and_questions(local: TestClient) -> None:
    people = local.get(f"{API}/people").json()["items"]
    number = next(each["id"] for each in people if each["name"] == "Ruth Odell")
    other = next(each["id"] for each in people if each["name"] == "Jonas Pell")
    assert local.post(f"{API}/people/{number}/names", json={"name": "R. Odell"}).status_code == 201
    step = local.post(f"{API}/people/merge", json={"person": f"#{number}", "other": f"#{other}"}).json()["step"]
    assert local.get(f"{API}/people/{number}").json()["claims"] == 4
    assert local.post(f"{API}/people/steps/{step}/undo").status_code == 201
    assert local.get(f"{API}/people/{number}/record").json()["claims"] == 2
    assert local.get(f"{API}/people/{other}/record").json()["kept"] == 1.0
    assert local.get(f"{API}/board", params={"fewest": 1}).json()["items"][0]["holder"] == "Jonas Pell"
    assert local.get(f"{API}/questions/fare").json()["claims"] == [{"claim": FARE, "side": "asserted"}]
    assert (
        local.post(f"{API}/questions/fare/resolutions", json={"value": "false", "on": "2026-06-01"}).status_code == 201
    )
    assert local.get(f"{API}/claims/{FARE}").json()["kept"]["resolution"]["value"] == "false"
    # What was computed before is not given after the ledger has changed.
    assert {each["holder"] for each in local.get(f"{API}/board", params={"fewest": 1}).json()["items"]} == {
        "Jonas Pell"
    }
    assert local.get(f"{API}/people/{other}/record").json()["resolved"] == 2
    assert local.delete(f"{API}/questions/fare/claims/{FARE}").json() == {"claims": [FARE]}
    assert local.get(f"{API}/questions/fare").json()["claims"] == []
    assert local.delete(f"{API}/questions/fare/claims/{FARE}").status_code == 422
    assert local.get(f"{API}/people/{other}/record").json()["resolved"] == 1


def test_the_feed(local: TestClient) -> None:
    feed = etree.fromstring(local.get(f"{API}/claims.atom", params={"text": "fare"}).content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    assert feed.xpath("a:entry/a:id/text()", namespaces=space) == [f"urn:sayso:claim:{FARE}"]
    assert feed.xpath("a:entry/a:link/@href", namespaces=space)[0].endswith(f"/claims/{FARE}")


def test_the_description(make: Make) -> None:
    client = browser(make(public=True))
    described = client.get(f"{API}/openapi.json").json()
    jsonschema.Draft202012Validator.check_schema(described["components"]["schemas"]["Claim"])
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], (method, path)
            assert operation["x-role"] in ("reader", "editor", "admin")
    page = client.get("/api")
    for path in described["paths"]:
        assert path in page.text
    assert client.get(f"{API}/claims", headers={"accept": "*/*"}).status_code == 200


def test_files_over_http(local: TestClient) -> None:
    files = [("files", (name, FERRY.encode(), "text/plain")) for name in ("one.txt", "two.txt")]
    answer = local.post(f"{API}/readings/files", files=files, data={"published": "2026-02-01"})
    assert [each["name"] for each in answer.json()["items"]] == ["one.txt", "two.txt"]
    page = {"origin": "http://127.0.0.1:8765", "sec-fetch-site": "same-origin"}
    refused = local.post(f"{API}/readings/files", files=files, headers=page)
    assert refused.status_code == 403, "what comes out of a browser carries our token"
