"""What strangers write is shown as text, wherever it is shown; files and addresses lead nowhere else."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from lxml import etree, html
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from sayso.ledger import Ledger
from sayso.web.app import routes
from sayso.web.bounds import Bounds, limit_for
from sayso.web.headers import HEADERS
from sayso.web.render import ld, safe_url
from sayso.web.settings import Settings

from .conftest import Make, browser, csrf_of
from .sample import BREAK, FORMULA, SCRIPT, fill_evil

KEYS = {"key": ["e" * 16, "f" * 16], "target": ["claim:" + "e" * 16, "question:evil"], "form": ["csv", "jsonl", "atom"]}


@pytest.fixture
def evil(make: Make, ledger: Ledger) -> TestClient:
    fill_evil(ledger)
    return browser(make())


def pages(app: FastAPI) -> list[str]:
    """Addresses of all pages and API lists, with what is in the ledger in the place of their parameters."""
    found = []
    for path, methods, _ in routes(app):
        if "GET" not in methods:
            continue
        names = re.findall(r"\{(\w+)[^}]*\}", path)
        values = [KEYS.get(name, ["2", "3", "evil", "e" * 16]) for name in names]
        choices = values[0] if values else [""]
        for value in choices:
            found.append(re.sub(r"\{[^}]*\}", value.replace("\\", ""), path))
    return found


def harmless(text: str) -> None:
    """No script but our own files', no handler, no address that runs something."""
    tree = html.document_fromstring(text)
    for script in tree.iter("script"):
        if script.get("type") == "application/ld+json":
            json.loads(script.text or "")
        else:
            assert (script.get("src") or "").startswith("/static/"), etree.tostring(script)
            assert not (script.text or "").strip()
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), etree.tostring(element)[:300]
            assert name != "style", "an inline style, which the policy forbids"
            if name in ("href", "src", "action", "formaction", "data", "xlink:href"):
                assert not re.match(r"(?i)\s*(?:javascript|data|vbscript):", value), value
    assert not tree.xpath("//img[@src='x']")
    assert not tree.xpath("//b[text()='bold']")
    assert not list(tree.iter("style"))


def test_what_is_stored_is_shown_as_text(evil: TestClient) -> None:
    shown = seen = 0
    for address in pages(evil.app):  # type: ignore[arg-type]
        answer = evil.get(address)
        assert answer.status_code < 500, address
        kind = answer.headers.get("content-type", "")
        if kind.startswith("text/html"):
            harmless(answer.text)
            shown += answer.status_code == 200
            seen += "&lt;script&gt;alert(&#39;ferry&#39;)&lt;/script&gt;" in answer.text
        elif kind.startswith("application/atom"):
            etree.fromstring(answer.content)
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert shown > 15
    assert seen > 4, "what was to be dangerous was not shown at all"


@pytest.mark.parametrize("text", [SCRIPT, BREAK, "javascript:alert(1)", "' onfocus=alert(1) autofocus='", "{{ 7*7 }}"])
def test_what_is_sent_is_shown_as_text(evil: TestClient, text: str) -> None:
    for address in pages(evil.app):  # type: ignore[arg-type]
        if "{" in address or address.startswith("/api/"):
            continue
        names = (
            "text",
            "q",
            "holder",
            "via",
            "site",
            "since",
            "next",
            "kind",
            "topic",
            "name",
            "sort",
            "order",
            "said",
        )
        answer = evil.get(address, params=dict.fromkeys(names, text))
        assert answer.status_code < 500, (address, answer.text[:300])
        if answer.headers.get("content-type", "").startswith("text/html"):
            harmless(answer.text)
            assert ">49<" not in answer.text
    harmless(evil.get("/" + text).text)
    evil.cookies.set("sayso_said", "%3Cscript%3Ealert(1)%3C/script%3E")
    harmless(evil.get("/about").text)


def test_a_file_name_is_a_name(evil: TestClient, tmp_path: Path) -> None:
    """Of a name nothing is a path, and it is shown as text."""
    head = {"x-csrf-token": csrf_of(evil, "/read")}
    for name in ("../../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", f"{BREAK}.txt", "a\x00b.txt", "." * 300):
        files = {"files": (name, b"The ferry will sail, she said.", "text/plain")}
        answer = evil.post("/api/v1/readings/files", files=files, headers=head)
        assert answer.status_code == 202, answer.text
        (made,) = answer.json()["items"]
        assert not re.search(r"[/\\\x00]", made["name"])
        assert len(made["name"]) <= 200
    for address in ("/jobs", "/read", "/api/v1/readings"):
        answer = evil.get(address)
        if answer.headers["content-type"].startswith("text/html"):
            harmless(answer.text)


@pytest.mark.parametrize(
    "name",
    ["../settings.py", "..%2fsettings.py", "%2e%2e/settings.py", "....//settings.py", "/etc/passwd", "%2fetc%2fpasswd",
     "..\\settings.py", "..%5csettings.py", "site.css%00.py", "../../../../../../etc/passwd", "__init__.py"],
)  # fmt: skip
def test_static_files_are_those_alone(local: TestClient, name: str) -> None:
    answer = local.get(f"/static/{name}")
    assert answer.status_code in (404, 400)
    assert "root:" not in answer.text
    assert "import" not in answer.text


def test_paths_in_the_place_of_ids(local: TestClient) -> None:
    for prefix in ("/api/v1/claims/", "/api/v1/questions/", "/api/v1/articles/", "/articles/", "/claims/", "/people/"):
        for value in ("..%2f..%2fetc%2fpasswd", "%00", "'%20OR%201=1--", "9" * 40, "-1", "%F0%9F%92%A9" * 60, "%ff%fe"):
            answer = local.get(prefix + value)
            assert 300 <= answer.status_code < 500, (prefix, value, answer.status_code)


def test_cells_are_no_formulas(evil: TestClient) -> None:
    for address in ("/api/v1/claims.csv", "/claims.csv"):
        answer = evil.get(address)
        if answer.status_code == 404:
            continue
        rows = list(csv.reader(io.StringIO(answer.text)))
        cells = [cell for row in rows for cell in row]
        assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell[:1]]
        assert any(FORMULA in cell for cell in cells)
        assert answer.headers["content-disposition"].startswith("attachment")


def test_linked_data_ends_no_script(evil: TestClient) -> None:
    assert ld({"a": "</script><!--\u2028"}) == '{"a": "\\u003c/script\\u003e\\u003c!--\\u2028"}'
    answer = evil.get("/claims/" + "f" * 16)
    (found,) = html.document_fromstring(answer.text).xpath("//script[@type='application/ld+json']")
    value = json.loads(found.text)
    assert value["claimReviewed"] == FORMULA
    assert value["reviewBody"] == "</script>" + SCRIPT


def test_addresses_that_run_something_are_no_links() -> None:
    for address in (
        "javascript:alert(1)",
        " JavaScript:x",
        "data:text/html,x",
        "vbscript:x",
        "//x",
        "file:///x",
        None,
        "",
    ):
        assert safe_url(address) is None
    assert safe_url(" https://ferry.example ") == "https://ferry.example"


def test_every_answer_has_its_headers(local: TestClient) -> None:
    for address in (
        "/",
        "/claims",
        "/nowhere",
        "/api",
        "/api/v1/claims",
        "/api/v1/nowhere",
        "/static/site.css",
        "/login",
    ):
        answer = local.get(address)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (address, name)
    policy = HEADERS["content-security-policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    assert not re.search(r"https?:", policy)


def test_bodies_are_bounded(make: Make) -> None:
    client = browser(make(max_text=1_000, max_upload=1_000))
    assert client.post("/api/v1/readings", json={"text": "x" * 2_000}).status_code == 413
    assert client.post("/api/v1/readings", json={"text": "x" * 2_000_000}).status_code == 413
    files = [("files", (f"{n}.txt", b"x" * 999, "text/plain")) for n in range(3)]
    assert (
        client.post(
            "/api/v1/readings/files", files=files[:1], headers={"x-csrf-token": csrf_of(client, "/read")}
        ).status_code
        == 202
    )
    assert (
        client.post(
            "/api/v1/readings/files", files=files * 9, headers={"x-csrf-token": csrf_of(client, "/read")}
        ).status_code
        == 413
    )


def run(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: while a browser is open for other tests, this one has a loop that runs."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, work).result()


def test_a_body_without_an_end_is_cut_off() -> None:
    """Whatever its headers promise: the application sees no more than the bound, and the sender is told."""
    asked, taken = 0, 0
    told: list[Message] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal taken
        while True:
            message = await receive()
            taken += len(message["body"])
            assert message["more_body"]

    async def endless() -> Message:
        nonlocal asked
        asked += 1
        assert asked < 1_000, "it is read without an end"
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    async def sending(message: Message) -> None:
        told.append(message)

    settings = Settings(max_text=1_000)
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}
    run(Bounds(application, settings)(scope, endless, sending))
    assert told[0]["status"] == 413
    assert taken <= limit_for("application/json", settings)


def test_a_body_that_is_sent_too_slowly_is_cut_off() -> None:
    told: list[Message] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def sending(message: Message) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "headers": []}
    run(Bounds(application, Settings(), seconds=0.01)(scope, never, sending))
    assert told[0]["status"] == 408
