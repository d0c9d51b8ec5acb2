"""Searching, settling, people and the board, in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from .sample import QUESTION, key_of

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect


def test_a_search_is_narrowed_saved_and_taken_along(serve: Callable[..., Any], browse: Callable[..., Any]) -> None:
    page = browse(serve(), "/claims", javascript=False)
    page.get_by_label("Words").fill("ferr*")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".claim-list > li")).to_have_count(3)
    page.locator(".facet a", has_text="Ada Prior").click()
    expect(page.locator(".claim-list > li")).to_have_count(1)
    expect(page.locator(".chosen a", has_text="Ada Prior")).to_have_count(1)
    assert "Ada Prior" in page.title()
    page.get_by_label("Save this one as").fill("Ferries")
    page.get_by_role("button", name="Save").click()
    address = page.url
    page.goto("/claims")
    page.get_by_role("link", name="Ferries").click()
    assert page.url == address
    page.locator(".chosen a", has_text="Ada Prior").click()
    expect(page.locator(".claim-list > li")).to_have_count(3)
    # What the page shows, as files and as a feed.
    csv = page.request.get(page.get_by_role("link", name="CSV").get_attribute("href"))
    assert csv.text().count("\n") == 4
    lines = page.request.get(page.get_by_role("link", name="JSON Lines").get_attribute("href")).text()
    assert {json.loads(line)["holder" if "holder" in line[:9] else "kind"] for line in lines.splitlines()} == {
        "prediction"
    }
    feed = page.request.get(page.get_by_role("link", name="Atom feed").get_attribute("href"))
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert feed.text().count("<entry>") == 3
    page.goto("/claims?holder=Nobody%20At%20All")
    assert page.get_by_role("alert").inner_text().startswith("Nobody At All")


def test_a_resolved_claim_carries_its_review_for_machines(shared: Any, browse: Callable[..., Any]) -> None:
    key = key_of("the tariff will fall")
    page = browse(shared, f"/claims/{key}")
    review = json.loads(page.locator('script[type="application/ld+json"]').text_content())
    assert review["@type"] == "ClaimReview"
    assert review["reviewRating"]["ratingValue"] == 1
    assert page.locator(".verdict").inner_text().startswith("came true")
    answer = page.request.get(f"/claims/{key}", headers={"accept": "application/ld+json"})
    assert answer.json()["type"] == "Annotation"
    open_claim = browse(shared, f"/claims/{key_of('the treaty will hold')}")
    assert open_claim.locator('script[type="application/ld+json"]').count() == 0


def test_the_queue_is_settled_by_keys_and_an_answer_taken_back(
    serve: Callable[..., Any], browse: Callable[..., Any]
) -> None:
    server = serve()
    page = browse(server, "/due")
    number = int(re.search(r"\d+", page.locator(".lede").inner_text())[0])
    page.get_by_role("link", name="Settle them one by one").click()
    first = page.locator(".p-words").inner_text()
    page.get_by_label("Evidence").fill("https://example.org/seen")
    page.get_by_label("Note").fill("Seen from the quay.")
    page.locator("h1").click()
    page.keyboard.press("n")
    page.locator(".undo-line").wait_for()
    assert "not resolvable" in page.locator(".undo-line").inner_text()
    assert page.locator(".p-words").inner_text() != first
    page.goto("/due")
    assert f"{number - 1} " in page.locator(".lede").inner_text()
    page.go_back()
    page.keyboard.press("u")
    page.get_by_text("It is open again.").wait_for()
    page.get_by_text("answers so far").click()
    answers = page.locator(".answers > li")
    expect(answers).to_have_count(2)
    assert "Seen from the quay." in answers.nth(1).inner_text()
    page.goto("/due")
    assert f"{number} " in page.locator(".lede").inner_text()


def test_several_forecasts_hang_on_one_question_and_are_settled_at_once(
    serve: Callable[..., Any], browse: Callable[..., Any]
) -> None:
    server = serve()
    page = browse(server, "/due", javascript=False)
    page.locator(".due-item", has_text="the treaty will hold").get_by_label("same question").check()
    page.get_by_label("A question that is there").select_option(QUESTION)
    page.get_by_role("button", name="Put them together").click()
    assert page.url.endswith(QUESTION)
    expect(page.locator(".claim-list > li")).to_have_count(2)
    page.get_by_label("Hang a forecast on it").fill(key_of("the ferry will not run again"))
    page.get_by_label("Side").select_option("denied")
    page.get_by_role("button", name="Attach").click()
    page.get_by_role("button", name=re.compile("^No \\d")).click()
    expect(page.locator(".claim-list .state").get_by_text("came true", exact=True)).to_have_count(1)
    expect(page.locator(".claim-list .state").get_by_text("did not come true", exact=True)).to_have_count(2)
    # On the page of one of them the whole question is settled anew.
    page.goto(f"/claims/{key_of('the treaty will hold')}/resolve")
    assert page.get_by_label("the question, with all 3 forecasts on it").is_checked()
    page.get_by_role("button", name=re.compile("^It came true")).click()
    expect(page.locator(".claim-list .state").get_by_text("came true", exact=True)).to_have_count(2)


def test_a_record_says_what_it_rests_on(shared: Any, browse: Callable[..., Any]) -> None:
    page = browse(shared, "/people?text=Prior")
    page.get_by_role("link", name="Ada Prior").click()
    rests = page.locator(".tally-table").first.inner_text()
    assert re.search(r"predictions scored\s+4", rests)
    assert page.locator(".calibration .dot").count() >= 2
    expect(page.locator(".strip.time")).to_have_count(5)
    assert page.get_by_text("Nell Osei").count()
    assert "few to judge anybody by" in page.locator(".finding").first.inner_text()


def test_two_names_become_one_person_and_two_again(serve: Callable[..., Any], browse: Callable[..., Any]) -> None:
    server = serve()
    page = browse(server, "/people", javascript=False)
    page.get_by_role("link", name=re.compile("may be one person")).click()
    pair = page.locator(".pairs > li", has_text="Maud")
    assert "differ in accents" in pair.inner_text()
    pair.get_by_role("button", name="One person").click()
    expect(page.locator(".pairs > li", has_text="Maud")).to_have_count(0)
    page.goto("/people?text=Maud")
    expect(page.locator(".people-list li")).to_have_count(1)
    page.goto("/people/suggestions")
    page.locator(".steps").get_by_role("button", name="undo").click()
    page.goto("/people?text=Maud")
    expect(page.locator(".people-list li")).to_have_count(2)
    page.goto("/people/suggestions")
    page.locator(".pairs > li", has_text="Maud").get_by_role("button", name="Two people").click()
    expect(page.locator(".pairs > li", has_text="Maud")).to_have_count(0)


def test_the_board_sorts_and_is_honest_about_few(shared: Any, browse: Callable[..., Any]) -> None:
    page = browse(shared, "/board")
    names = page.locator(".board").first.locator("tbody th").all_inner_texts()
    assert names == ["Ada Prior", "Tomas Reke"]
    page.get_by_role("link", name="Name").first.click()
    page.get_by_role("link", name="Name").first.click()
    expect(page.locator(".board").first.locator("tbody th")).to_have_text(["Tomas Reke", "Ada Prior"])
    assert page.locator("th[aria-sort=descending]").first.inner_text() == "Name"
    # A choice is sent at once, and twenty settled forecasts nobody has.
    page.get_by_label("With at least").select_option("20")
    page.locator(".empty").wait_for()
    assert "A board of fewer would be a board of luck" in page.locator(".empty").inner_text()


def test_signing_in_settings_and_tokens(serve: Callable[..., Any], browse: Callable[..., Any]) -> None:
    server = serve()
    page = browse(server, "/settings", javascript=False)
    page.get_by_label("Name").fill("Nell")
    page.get_by_label("Role").select_option("admin")
    page.get_by_label("Password").fill("a long enough secret")
    page.get_by_role("button", name="Add").click()
    # From now on everybody has to sign in, and comes to where one wanted to go.
    page.goto("/due?soon=30")
    assert "/login" in page.url
    page.get_by_label("Name").fill("Nell")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill("a long enough secret")
    page.get_by_role("button", name="Sign in").click()
    assert page.url.endswith("/due?soon=30")
    page.goto("/settings")
    page.get_by_label("What for").fill("a script")
    page.get_by_role("button", name="Make a token").click()
    secret = page.locator(".secret code").inner_text()
    assert secret.startswith("sayso_")
    answer = page.request.get("/api/v1/claims", headers={"authorization": f"Bearer {secret}"})
    assert answer.ok
    page.goto("/settings")
    assert secret not in page.content()
    page.get_by_label("nato").check()
    page.get_by_role("button", name="Use it").click()
    assert page.get_by_label("nato").is_checked()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/")
    assert "/login" in page.url


def test_the_public_sees_and_does_not_touch(serve: Callable[..., Any], browse: Callable[..., Any]) -> None:
    server = serve(public=True, local=False, plain_http=True)
    page = browse(server, "/board")
    assert page.locator(".board").count()
    expect(page.get_by_role("link", name="Read", exact=True)).to_have_count(0)
    page.goto("/articles/1")
    expect(page.get_by_role("link", name="Add a missed claim")).to_have_count(0)
    page.locator(".entry a").first.click()
    page.locator(".opened").wait_for()
    expect(page.get_by_role("link", name="Correct it")).to_have_count(0)
    page.goto("/read")
    assert "/login" in page.url
