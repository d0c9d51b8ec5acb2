"""Reading something, in a browser: the example, a pasted text, what cannot be read; the reading found again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect

TEXT = """Harbour will open by June, says Prior

Ada Prior, who runs the port, said the northern harbour will open by June 2027.

"We will publish the accounts before the election," she said."""


def test_an_empty_ledger_offers_the_example_and_reads_it(serve: Callable[..., Any], browse: Callable[..., Any]) -> None:
    server = serve(empty=True, readers=True)
    page = browse(server)
    assert "Sayso" in page.title()
    page.get_by_role("button", name="Read the example").click()
    page.wait_for_url(re.compile(r"/jobs/"))
    job = page.url
    # The page is left and found again while the reading goes on.
    page.goto("/read")
    page.get_by_role("link", name=re.compile("Reznar")).first.click()
    assert page.url == job
    page.wait_for_url(re.compile(r"/articles/\d+$"), timeout=60_000)
    assert page.locator(".entry").count() > 20
    assert page.get_by_role("heading", level=1).inner_text().startswith("Reznar’s Dam Will Be Full")
    # It stands on the first page now.
    page.goto("/")
    assert page.get_by_role("link", name=re.compile("Reznar’s Dam")).count()
    expect(page.get_by_role("button", name="Read the example")).to_have_count(0)


def test_without_scripts_a_pasted_text_and_files_are_read(
    serve: Callable[..., Any], browse: Callable[..., Any]
) -> None:
    server = serve(empty=True, readers=True)
    page = browse(server, "/read", javascript=False)
    page.get_by_label("Paste a text").fill(TEXT)
    page.get_by_text("What the text does not say itself").click()
    page.get_by_label("Published").fill("2026-09-01")
    page.get_by_label("choose files").set_input_files(
        [{"name": "note.txt", "mimeType": "text/plain", "buffer": TEXT.replace("Prior", "Reke").encode()}]
    )
    page.get_by_role("button", name="Read", exact=True).click()
    page.wait_for_url(re.compile(r"/jobs$"))
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    for _ in range(100):
        if page.locator("tbody tr", has_text=re.compile(r"\bread\b")).count() == 2:
            break
        page.wait_for_timeout(300)
        page.reload()
    page.get_by_role("link", name=re.compile("note.txt")).click()
    page.get_by_role("link", name=re.compile("Harbour will open")).click()
    assert page.locator(".entry").count() >= 2
    assert page.get_by_text("Reke").count()


def test_what_cannot_be_read_is_told_with_the_reason(serve: Callable[..., Any], browse: Callable[..., Any]) -> None:
    server = serve(empty=True, readers=True)
    page = browse(server, "/read")
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.get_by_text("paste a text, give an address or choose files")).to_be_visible()
    page.goto("/read")
    page.get_by_label("Paste a text").fill(
        "Der Hafen wird bald wieder öffnen, sagte die Ministerin am Freitag im Parlament. " * 4
    )
    page.get_by_role("button", name="Read", exact=True).click()
    page.get_by_text("could not be read").first.wait_for(timeout=60_000)
    assert page.get_by_text(re.compile("looks like German")).count()
