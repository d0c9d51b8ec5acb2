"""The reading room: opening claims by mouse, keyboard and without scripts; filters, permalinks, corrections."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect

ROOM = "/articles/1"


def opened(page: Any) -> Any:
    return page.locator("#panel .opened")


def test_a_marked_passage_opens_beside_the_text(shared: Any, browse: Callable[..., Any]) -> None:
    page = browse(shared, ROOM)
    mark = page.locator(".m.prediction", has_text="If Velenia signs").first
    mark.click()
    opened(page).wait_for()
    assert opened(page).locator(".chain-plot").get_attribute("role") == "group"
    card = opened(page).locator(".card-forecast").inner_text()
    assert "by the end of 2027" in card
    assert "75%" in card
    assert "survey" in card
    assert "claim=" in page.url
    # Its parts are named in the text.
    roles = page.eval_on_selector_all("[data-role]", "all => all.map((e) => e.dataset.role)")
    assert {"if", "when", "how sure"} <= {word for role in roles for word in role.split(", ")}
    # The address alone opens the same.
    again = browse(shared, page.url.removeprefix(shared.url))
    assert opened(again).locator(".p-words").inner_text() == opened(page).locator(".p-words").inner_text()
    page.go_back()
    page.locator("#panel[data-empty]").wait_for(state="attached")


def test_by_keyboard_alone(shared: Any, browse: Callable[..., Any]) -> None:
    page = browse(shared, ROOM)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    opened(page).wait_for()
    first = page.locator(".entry.on").get_attribute("data-number")
    assert first == "2"
    page.keyboard.press("j")
    page.locator('.opened[data-number="3"]').wait_for()
    page.keyboard.press("k")
    page.locator('.opened[data-number="2"]').wait_for()
    page.keyboard.press("e")
    page.locator(".editing").wait_for()
    page.keyboard.press("Escape")
    page.locator('.opened[data-number="2"]:not(.editing)').wait_for()
    page.keyboard.press("Escape")
    page.locator("#panel[data-empty]").wait_for(state="attached")


def test_filters_by_kind_and_holder_and_keeps_them_in_the_address(shared: Any, browse: Callable[..., Any]) -> None:
    page = browse(shared, ROOM)
    total = page.locator(".entry:visible").count()
    page.get_by_label(re.compile("^pledge")).check()
    pledges = page.locator(".entry:visible").count()
    assert 0 < pledges < total
    expect(page.locator(".entry.pledge:visible")).to_have_count(pledges)
    assert "kind=pledge" in page.url
    holder = page.locator("#holder option").nth(1).get_attribute("value")
    page.locator("#holder").select_option(holder)
    assert page.locator(".entry:visible").count() <= pledges
    # The same page without scripts, from its address.
    plain = browse(shared, page.url.removeprefix(shared.url), javascript=False)
    assert plain.locator(".entry:visible").count() == page.locator(".entry:visible").count()


def test_without_scripts_claims_open_and_close_by_links(shared: Any, browse: Callable[..., Any]) -> None:
    page = browse(shared, ROOM, javascript=False)
    page.locator(".entry a").nth(3).click()
    expect(opened(page)).to_be_visible()
    assert page.locator(".m.on").count()
    number = opened(page).get_attribute("data-number")
    page.get_by_role("link", name="Next claim").click()
    assert opened(page).get_attribute("data-number") == str(int(number) + 1)
    page.get_by_role("link", name="Close").click()
    expect(opened(page)).to_have_count(0)


def test_nested_claims_lead_to_one_another(shared: Any, browse: Callable[..., Any]) -> None:
    page = browse(shared, ROOM)
    page.locator(".entry", has_text="to have the reservoir full").last.locator("a").click()
    opened(page).wait_for()
    assert opened(page).locator(".chain-plot title").text_content().count("who has it from") >= 2
    page.locator(".around a").first.click()
    page.locator(".opened", has_text="holds the next government").wait_for()


def select(page: Any, words: str) -> None:
    """Select words of the article, wherever claims are marked in them."""
    page.evaluate(
        """words => {
            const walker = document.createTreeWalker(document.querySelector(".text"), NodeFilter.SHOW_TEXT);
            for (let node; (node = walker.nextNode()); ) {
                const at = node.data.indexOf(words);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + words.length);
                getSelection().removeAllRanges();
                getSelection().addRange(range);
                return;
            }
        }""",
        words,
    )


def test_correcting_holder_kind_dates_and_words(serve: Callable[..., Any], browse: Callable[..., Any]) -> None:
    server = serve()
    page = browse(server, ROOM)
    page.locator(".m.prediction", has_text="If Velenia signs").first.click()
    page.get_by_role("link", name="Correct it").click()
    form = page.locator("form.correct")
    form.get_by_label("Holder").fill("Elin Sund")
    form.get_by_label("pledge", exact=True).check()
    form.get_by_label("to", exact=True).fill("2028-03-31")
    form.get_by_label("Probability").fill("60")
    # The words: those that are selected in the text.
    select(page, "the first turbine")
    page.locator("#selected").get_by_role("button", name="words").click()
    assert form.get_by_label("Words exactly").input_value() == "the first turbine"
    form.get_by_role("button", name="Keep the correction").click()
    expect(page.get_by_text("The correction is kept.")).to_be_visible()
    words = page.locator("#panel").inner_text()
    assert "Elin Sund" in words
    assert "31 Mar 2028" in words
    assert "60%" in words
    assert "the first turbine" in page.locator(".p-words").inner_text()
    assert "Corrected once" in words
    # And back.
    page.get_by_role("link", name="Correct it").click()
    page.locator(".steps").get_by_role("button", name="undo").click()
    expect(page.get_by_text("taken back").first).to_be_visible()
    assert "Nora Whitlock" in page.locator("#panel").inner_text()


def test_without_scripts_splitting_deleting_and_adding(serve: Callable[..., Any], browse: Callable[..., Any]) -> None:
    server = serve()
    page = browse(server, ROOM, javascript=False)
    before = page.locator(".entry").count()
    page.locator(".entry", has_text="The rain does the rest").locator("a").click()
    page.get_by_role("link", name="Correct it").click()
    page.get_by_text("Split, join, delete").click()
    words = page.get_by_label("Split it").input_value()
    page.get_by_label("Split it").fill(words.replace(", and every", ",\n\nand every"))
    page.get_by_role("button", name="Split").click()
    expect(page.locator(".entry")).to_have_count(before + 1)
    page.get_by_role("link", name="Correct it").click()
    page.get_by_text("Split, join, delete").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.locator(".entry")).to_have_count(before)
    page.get_by_role("button", name="Take that back").click()
    expect(page.locator(".entry")).to_have_count(before + 1)
    page.get_by_role("link", name="Correct it").click()
    page.get_by_text("Split, join, delete").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.locator(".entry")).to_have_count(before)
    page.get_by_role("link", name="Add a missed claim").click()
    page.get_by_label("Words exactly").fill("Cement is dear, and the banks are nervous.")
    page.get_by_label("Holder").fill("Nora Whitlock")
    page.get_by_label("judgment", exact=True).check()
    page.get_by_role("button", name="Add the claim").click()
    expect(page.locator(".entry")).to_have_count(before + 1)
    assert page.locator(".m.judgment", has_text="Cement is dear").count()
    # Words that are not in the text are refused, with what to do.
    page.get_by_role("link", name="Add a missed claim").click()
    page.get_by_label("Words exactly").fill("The moon is made of cement.")
    page.get_by_label("Holder").fill("Nora Whitlock")
    page.get_by_label("fact", exact=True).check()
    page.get_by_role("button", name="Add the claim").click()
    expect(page.get_by_text("does not stand in this text")).to_be_visible()


def test_selected_words_become_a_claim(serve: Callable[..., Any], browse: Callable[..., Any]) -> None:
    server = serve()
    page = browse(server, ROOM)
    select(page, "Cement is dear")
    page.get_by_role("button", name="Add a claim").click()
    page.locator("form.correct").wait_for()
    assert page.get_by_label("Words exactly").input_value() == "Cement is dear"
    page.get_by_label("Holder").fill("Nora Whitlock")
    page.get_by_label("judgment", exact=True).check()
    page.get_by_role("button", name="Add the claim").click()
    expect(page.get_by_text("Added.")).to_be_visible()
    expect(page.locator(".opened.judgment")).to_be_visible()


def test_joining_two_claims(serve: Callable[..., Any], browse: Callable[..., Any]) -> None:
    server = serve()
    page = browse(server, ROOM, javascript=False)
    before = page.locator(".entry").count()
    page.locator(".entry", has_text="He needs only to wait.").locator("a").click()
    page.get_by_role("link", name="Correct it").click()
    page.get_by_text("Split, join, delete").click()
    other = page.locator("#f-other option", has_text="The rain does the rest").get_attribute("value")
    page.get_by_label("Join it with").select_option(other)
    page.get_by_role("button", name="Join").click()
    expect(page.locator(".entry")).to_have_count(before - 1)
    assert "The rain does the rest" in page.locator(".p-words").inner_text()
