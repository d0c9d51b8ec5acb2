"""Pages without a browser: what they say, what they leave out, what they answer to what cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from importlib.resources import files
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from sayso.ledger import Ledger
from sayso.web.pages.about import READS, accuracy
from sayso.web.pages.read import example_text

from .conftest import browser, csrf_of

EXAMPLE = Path(__file__).parents[2] / "examples" / "dam-treaty.txt"


def test_the_example_of_the_package_is_that_of_the_readme() -> None:
    assert example_text() == EXAMPLE.read_text("utf-8")


def test_the_figures_are_those_of_the_model_card_in_readers_words(local: TestClient) -> None:
    measured, rows = accuracy()
    assert measured.startswith("Measured 20")
    assert {what for what, _ in rows} == set(READS)
    text = unescape(local.get("/about").text)
    for what, figure in rows:
        assert READS[what] in text
        assert f"{figure:.2f}</td>" in text


def test_no_page_has_an_inline_script_or_style(local: TestClient, ledger: Ledger) -> None:
    claim = next(ledger.claims(kind=["prediction"])).id
    for path in ("/", "/read", "/jobs", "/articles", f"/articles/1?claim={claim}&edit=1", "/claims", f"/claims/{claim}",
                 "/due", f"/claims/{claim}/resolve", "/questions", "/people", "/people/1", "/people/suggestions",
                 "/board", "/about", "/settings"):  # fmt: skip
        answer = local.get(path)
        assert answer.status_code == 200, path
        assert " style=" not in answer.text, path
        assert not re.search(r"\son[a-z]+=", answer.text), path
        for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", answer.text, re.DOTALL):
            assert "src=" in attributes or "application/ld+json" in attributes, path
            assert "src=" not in attributes or not body.strip(), path
        assert len(re.findall(r"<title>[^<]+ · Sayso</title>", answer.text)) == 1, path


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/articles/99", 404),
        ("/articles/1?claim=nothing", 404),
        ("/articles/x", 422),
        ("/claims/nothing", 404),
        ("/people/99", 404),
        ("/questions/nothing", 404),
        ("/jobs/nothing", 404),
        ("/nothing", 404),
        ("/claims?holder=Nobody", 404),
        ("/claims?since=yesterday", 422),
        ("/claims?article=99", 404),
        ("/board?since=soon", 422),
        ("/claims.atom?since=soon", 422),
    ],
)
def test_what_is_not_there_is_said_on_a_page(local: TestClient, address: str, status: int) -> None:
    answer = local.get(address)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "Traceback" not in answer.text


def test_a_claim_taken_away_keeps_its_address_and_comes_back(local: TestClient, ledger: Ledger) -> None:
    claim = next(ledger.claims(kind=["prediction"])).id
    fields = {"csrf": csrf_of(local, "/settings")}
    answer = local.post(f"/claims/{claim}/delete", data=fields)
    assert answer.status_code == 303
    gone = local.get(f"/claims/{claim}")
    assert gone.status_code == 410
    step = re.search(r"/corrections/(\d+)/undo", gone.text)
    assert step is not None
    assert local.post(step[0], data=fields).status_code == 303
    assert local.get(f"/claims/{claim}").status_code == 200


def test_a_form_without_its_token_changes_nothing(local: TestClient, ledger: Ledger) -> None:
    claim = next(ledger.claims(kind=["prediction"])).id
    headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    answer = local.post(f"/claims/{claim}/delete", content="", headers=headers)
    assert answer.status_code == 403
    assert next(ledger.claims(kind=["prediction"])).id == claim


def test_a_change_that_changes_nothing_or_cannot_be_is_refused(local: TestClient, ledger: Ledger) -> None:
    claim = next(ledger.claims(kind=["prediction"]))
    fields = {"csrf": csrf_of(local, "/settings"), "holder": claim.holder.name, "kind": "prediction"}
    fields["via"] = "\n".join(each.name for each in claim.chain[:-1])
    for wrong, words in (
        ({"kind": "rumour"}, "is none of"),
        ({"end": "tomorrow"}, "is no day"),
        ({"probability": "140"}, "is not between 0 and 100"),
        ({"content": "words that nobody wrote"}, "does not stand in this text"),
        ({"content": "x", "content_spans": "0-999999"}, "is no range of the text"),
    ):
        answer = local.post(f"/claims/{claim.id}/change", data=fields | wrong)
        assert answer.status_code == 422, wrong
        assert words in unescape(answer.text)
    assert ledger.corrections(claim.id) == []


def test_the_public_is_shown_no_form(make: Callable[..., FastAPI]) -> None:
    client = browser(make(public=True, local=False))
    for path in ("/", "/articles/1", "/claims", "/due", "/people/1", "/people/suggestions", "/questions", "/board"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert 'method="post"' not in answer.text, path
    assert client.get("/settings").status_code == 303
    assert client.get("/read").status_code == 303


def test_files_of_the_pages_are_there_and_named_by_what_is_in_them(local: TestClient) -> None:
    page = local.get("/articles/1").text
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert {name.partition("?")[0] for name in found} >= {f"/static/{n}" for n in ("site.css", "room.js", "marks.css")}
    assert all("?v=" in name for name in found)
    assert all(local.get(name).status_code == 200 for name in found)
    # Nothing that pages load names another host.
    for name in ("site.css", "pages.css", "room.css", "site.js", "room.js"):
        text = (files("sayso.web") / "static" / name).read_text("utf-8")
        assert "//" not in re.sub(r"//[^\n]*", "", text) if name.endswith(".js") else "url(" not in text
