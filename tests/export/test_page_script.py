"""The page's script, in a browser: what is shown on tap and focus, the filter by person, permalinks.

Skipped where no Chromium is installed.
"""

import io
import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from sayso.export.html import write_html

from .sample import Reading, beside, reading

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")


def in_browser(
    folder: Path, script: str, *, anchor: str = "", width: int = 1280, made: Reading | None = None, start: str = ""
) -> dict:
    """What ``script`` returns, run in the page of the example once it has loaded (and ``start`` has been run)."""
    out = io.StringIO()
    write_html([made or reading()], out)
    # The page's own policy would forbid the script that looks at it.
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", out.getvalue())
    probe = f"""<script>addEventListener("load", () => setTimeout(() => {{ {start} }}, 100));
        addEventListener("load", () => setTimeout(() => {{
        const found = (() => {{ {script} }})();
        document.documentElement.replaceChildren();
        document.documentElement.append(JSON.stringify(found));
    }}, 300));</script>"""
    page = folder / "page.html"
    page.write_text(text + probe, "utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
            "--disable-background-networking", "--disable-component-update", f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},900", "--virtual-time-budget=3000", "--dump-dom", page.as_uri() + anchor,
        ],
        capture_output=True, text=True, timeout=300, encoding="utf-8",
    )  # fmt: skip
    dom = re.sub(r"^<!DOCTYPE html>\s*<html[^>]*>|</html>\s*$", "", done.stdout.strip())
    found: dict = json.loads(unescape(dom))
    return found


SEEN = """
    const card = document.getElementById("card");
    const named = [...document.querySelectorAll("[data-role]")];
    const roles = Object.fromEntries(named.map((e) => [e.dataset.role, e.textContent]));
    return {hidden: card.hidden, chains: [...card.querySelectorAll(".chain b")].map((b) => b.textContent), roles,
            on: [...document.querySelectorAll(".entry.on")].map((e) => e.id)};
"""


def test_a_tap_shows_the_claim_and_those_around_it(tmp_path: Path) -> None:
    found = in_browser(tmp_path, 'document.querySelector("#c-c02f + a").click();' + SEEN, width=500)
    assert found == {
        "hidden": False,
        "chains": ["Bohdan Reznar", "Marta Havlik"],
        "roles": {"source": "Bohdan Reznar", "cue": "considers"},
        "on": ["lc-c02f"],
    }


def test_focus_shows_and_escape_hides(tmp_path: Path) -> None:
    focus = 'document.querySelector("#c-c06f + a").focus({focusVisible: true});'
    found = in_browser(tmp_path, focus + SEEN)
    assert found["chains"] == ["Anton Velde"]
    assert found["roles"] == {
        "source": "President Velde",
        "cue": "believes",
        "how sure": "could",
        "if": "the court keeps quiet",
        "when": "by next spring",
    }
    escape = 'document.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape"}));'
    assert in_browser(tmp_path, focus + escape + SEEN) == {
        "hidden": True,
        "chains": ["Anton Velde"],
        "roles": {},
        "on": [],
    }


@pytest.mark.parametrize(
    "act", ["click()", "focus({focusVisible: true})", 'dispatchEvent(new PointerEvent("pointerover", {bubbles: true}))']
)
def test_a_condition_beside_its_claim_leads_to_it(tmp_path: Path, act: str) -> None:
    start = f'document.querySelector("[data-apart]").{act};'
    found = in_browser(tmp_path, SEEN, start=start, made=beside())
    assert (found["hidden"], found["chains"], found["on"]) == (False, ["Dov Arad"], ["lc-mill"])
    assert found["roles"] == {"if": "If the mill burns"}


def test_a_condition_inside_anothers_words_tells_of_both(tmp_path: Path) -> None:
    tap = 'document.querySelectorAll("[data-apart]")[1].click();'
    assert in_browser(tmp_path, tap + SEEN, made=beside())["chains"] == ["Ada Kos", "the pit's owners"]


def test_one_person_keeps_the_conditions_of_theirs(tmp_path: Path) -> None:
    found = in_browser(
        tmp_path,
        """
        const select = document.getElementById("person");
        select.value = "Dov Arad";
        select.dispatchEvent(new Event("change"));
        return [...document.querySelectorAll(".m:not(.off)")].map((e) => e.textContent);
        """,
        made=beside(),
    )
    assert found == ["If the mill burns", "the town will empty by spring"]


def test_a_permalink_shows_its_claim(tmp_path: Path) -> None:
    found = in_browser(tmp_path, SEEN, anchor="#c-c03f")
    assert (found["hidden"], found["chains"], found["on"]) == (False, ["Bohdan Reznar"], ["lc-c03f"])


def test_only_one_person(tmp_path: Path) -> None:
    found = in_browser(
        tmp_path,
        """
        const select = document.getElementById("person");
        const people = [...select.options].map((o) => o.text);
        select.value = "Anton Velde";
        select.dispatchEvent(new Event("change"));
        return {people, listed: [...document.querySelectorAll(".entry:not([hidden])")].map((e) => e.id),
                marked: [...document.querySelectorAll(".m:not(.off)")].map((e) => e.dataset.content)};
        """,
    )
    assert found["people"][:3] == ["everyone", "Marta Havlik (6)", "Anton Velde (2)"]
    assert found["listed"] == ["lc-c06f", "lc-c07f"]
    assert set(found["marked"]) == {"6", "7"}


def test_only_some_kinds(tmp_path: Path) -> None:
    found = in_browser(
        tmp_path,
        """
        document.getElementById("show-prediction").click();
        const shown = (e) => getComputedStyle(e).display !== "none";
        const mark = document.querySelector("#c-c05f + a");
        return {listed: [...document.querySelectorAll(".entry")].filter(shown).length,
                line: getComputedStyle(mark).backgroundImage.split(",")[0]};
        """,
    )
    assert found == {"listed": 7, "line": "none"}


@pytest.mark.parametrize("width", [500, 1100, 2000])
def test_nothing_sticks_out_at_the_side(tmp_path: Path, width: int) -> None:
    found = in_browser(
        tmp_path,
        "return {page: document.documentElement.scrollWidth, window: document.documentElement.clientWidth};",
        width=width,
    )
    assert found["page"] <= found["window"]
