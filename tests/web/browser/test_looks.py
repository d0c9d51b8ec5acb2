"""Every page in light and dark: nothing serious for axe-core, nothing too wide for 360 px, and pictures to look at."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .sample import QUESTION, key_of

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

WIDTHS = (360, 1280, 2000)
PAGES = {
    "home": "/",
    "read": "/read",
    "jobs": "/jobs",
    "articles": "/articles",
    "room": "/articles/1",
    "room-open": "",  # the first forecast with a condition
    "room-edit": "",
    "room-add": "/articles/1?add=1",
    "claims": "/claims?text=the",
    "claim": f"/claims/{key_of('the tariff will fall')}",
    "due": "/due",
    "resolve": f"/claims/{key_of('the ferry will run again this year')}/resolve",
    "questions": "/questions",
    "question": f"/questions/{QUESTION}",
    "people": "/people",
    "suggestions": "/people/suggestions",
    "person": "",  # Ada Prior
    "board": "/board",
    "about": "/about",
    "settings": "/settings",
    "missing": "/articles/999",
}


def address(server: Any, name: str) -> str:
    """The address of a page by its name."""
    if name.startswith("room-") and not PAGES[name]:
        claims = server.ledger.claims(article=1, kind=["prediction"])
        found = next(c for c in claims if c.forecast and c.forecast.conditions and c.forecast.horizon)
        return f"/articles/1?claim={found.id}" + ("&edit=1" if name == "room-edit" else "")
    if name == "person":
        return f"/people/{server.ledger.person('Ada Prior').id}"
    return PAGES[name]


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("SAYSO_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, scheme: str, shared: Any, browse: Callable[..., Any], pictures: Path) -> None:
    page = browse(shared, address(shared, name), color_scheme=scheme, reduced_motion="reduce")
    assert page.title().endswith("· Sayso")
    expect(page.locator("h1")).to_have_count(1)
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]})
    serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [node["html"][:160] for node in v["nodes"]][:4]) for v in serious] == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"too wide at {width}"
        page.screenshot(path=pictures / f"{name}-{width}-{scheme}.jpg", type="jpeg", quality=70)


def test_on_paper_a_page_is_its_text(shared: Any, browse: Callable[..., Any]) -> None:
    page = browse(shared, "/articles/1")
    page.emulate_media(media="print")
    assert not page.locator(".sections").is_visible()
    assert not page.locator("#filter").is_visible()
    expect(page.locator(".text h1")).to_be_visible()
    page.goto("/board")
    expect(page.locator(".board").first).to_be_visible()
    assert not page.locator(".find").is_visible()
    assert not page.locator(".board-filter").is_visible()
