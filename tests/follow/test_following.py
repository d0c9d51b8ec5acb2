"""Rounds against a site on this machine."""

from __future__ import annotations

import pytest

from sayso.ledger import Filter

from .conftest import Newsroom
from .site import WORDS, Answer, Site, item, page, rss

LONG = "".join(f"<p>{paragraph}</p>" for paragraph in WORDS * 3)


@pytest.fixture
def full(site: Site, newsroom: Newsroom) -> Newsroom:
    """A site with two articles, both read."""
    site["/ferry"] = page("The Ferry Stops")
    site["/toll"] = page("The Toll Doubles")
    site["/feed"] = rss(
        item("The Toll Doubles", "/toll", date="Tue, 10 Mar 2026 08:00:00 GMT", body="In short"),
        item("The Ferry Stops", "/ferry?utm_source=rss#top", date="Mon, 09 Mar 2026 08:00:00 GMT", body="In short"),
    )
    site["/ferry?utm_source=rss"] = page("The Ferry Stops")
    (report,) = newsroom.round()
    assert (report.outcome, report.entries, report.new, report.kept, report.failed) == ("news", 2, 2, 2, 0)
    return newsroom


def test_what_is_new_is_read_as_full_pages_and_kept(full: Newsroom, site: Site) -> None:
    assert site.asked() == ["/feed", "/ferry?utm_source=rss", "/toll"]  # the oldest article first
    assert full.titles() == ["The Ferry Stops", "The Toll Doubles"]
    ferry = next(claim.thread for claim in full.ledger.claims() if claim.thread.title == "The Ferry Stops")
    assert (ferry.id, ferry.published, ferry.site) == (site.url("/ferry"), "2026-03-09T08:00:00Z", site.host)
    assert full.told == []


def test_what_has_not_changed_is_neither_sent_nor_read_again(full: Newsroom, site: Site) -> None:
    (report,) = full.round()
    assert (report.outcome, report.new, report.kept) == ("unchanged", 0, 0)
    assert site.asked("/feed") == ["200", "304"]
    assert site.asked("/toll") == ["200"]
    sent = site.requests[-1].headers
    assert "if-none-match" in sent
    assert sent["if-modified-since"] == "Mon, 09 Mar 2026 08:00:00 GMT"
    assert sent["user-agent"].startswith("Sayso/")


def test_only_what_is_new_is_read(full: Newsroom, site: Site) -> None:
    site["/quay"] = page("The Quay Empties")
    site["/feed"] = rss(item("The Quay Empties", site.url("/quay")), item("The Toll Doubles", "/toll", body="In short",
                        date="Tue, 10 Mar 2026 08:00:00 GMT"))  # fmt: skip
    (report,) = full.round()
    assert (report.new, report.changed, report.kept) == (1, 0, 1)
    assert site.asked()[3:] == ["/feed", "/quay"]
    (quay,) = (claim.thread for claim in full.ledger.claims() if claim.thread.title == "The Quay Empties")
    assert quay.published is None  # its feed has no date, and none is made up


def test_an_article_that_changed_becomes_a_new_version(full: Newsroom, site: Site) -> None:
    site["/toll"] = page("The Toll Doubles", "A correction: the toll will treble, Ilse Brandt said.", *WORDS[1:])
    site["/feed"] = rss(item("The Toll Doubles", "/toll", body="Corrected", date="Tue, 10 Mar 2026 08:00:00 GMT"))
    (report,) = full.round()
    assert (report.new, report.changed, report.kept, report.claims) == (0, 1, 1, 1)
    versions = list(full.ledger.find(Filter(versions=True), with_text=True))
    texts = {found.claim.post.text for found in versions if found.claim.thread.id == site.url("/toll")}
    assert len(texts) == 2
    assert full.ledger.stats()["threads"] == 2


def test_an_article_whose_page_stayed_as_it_was_is_not_read_again(full: Newsroom, site: Site) -> None:
    site["/feed"] = rss(item("The Toll Doubles", "/toll", body="Another teaser"))
    (report,) = full.round()
    assert (report.changed, report.kept) == (1, 0)
    assert site.asked("/toll") == ["200", "304"]
    assert full.memory.tally()[site.url("/feed")] == {"kept": 2}


def test_articles_are_looked_at_again_where_that_is_asked_for(full: Newsroom, site: Site) -> None:
    full.renew(recheck=3600.0)
    full.round(after=600)
    assert site.asked("/toll") == ["200"]
    full.round(after=3600)  # the feed itself has not changed
    assert site.asked("/toll") == ["200", "304"]
    site["/toll"] = page("The Toll Doubles", *WORDS, comments='<ol class="comment-list"><li class="comment" id="c1">'
                         '<cite>Jo</cite><p>It will not.</p></li></ol>')  # fmt: skip
    (report,) = full.round(after=3600)
    assert report.kept == 1


def test_one_article_in_two_feeds_is_read_once(full: Newsroom, site: Site) -> None:
    site["/front"] = rss(item("The toll doubles!", "/toll?utm_medium=feed", body="Other words"), title="Front page")
    reports = full.round("/feed", "/front")
    assert [(each.new, each.changed, each.kept) for each in reports] == [(0, 0, 0), (0, 0, 0)]
    assert len(site.asked()) == 5


def test_the_text_in_the_feed_stands_in_for_a_page_that_cannot_be_had(site: Site, newsroom: Newsroom) -> None:
    site["/paid"] = Answer("pay", status=402)
    site["/feed"] = rss(
        item("The Whole Text", "/paid", body=LONG, date="Mon, 09 Mar 2026 08:00:00 GMT"),
        item("A Teaser", "/paid?2", body="Buy it"),
        item("No Address", body=LONG, more="<guid isPermaLink='false'>n1</guid>"),
    )
    site["/paid?2"] = Answer("pay", status=402)
    (report,) = newsroom.round()
    assert (report.kept, report.failed) == (2, 1)
    assert newsroom.titles() == ["No Address", "The Whole Text"]
    (error,) = newsroom.told
    assert error.input == site.url("/paid?2")
    assert "402" in error.problem


def test_a_text_in_a_foreign_language_is_refused_once(site: Site, newsroom: Newsroom) -> None:
    german = "Der Minister sagte am Dienstag, dass die Brücke im nächsten Jahr eröffnet werde, und niemand glaubte ihm."
    site["/de"] = page("Die Brücke kommt", *[german] * 4)
    site["/feed"] = rss(item("Die Brücke kommt", "/de"))
    assert newsroom.round()[0].failed == 1
    assert "German" in newsroom.told[0].problem
    assert newsroom.round()[0].failed == 0
    assert len(newsroom.told) == 1


def test_robots_are_heeded_for_articles(site: Site, newsroom: Newsroom) -> None:
    site["/robots.txt"] = Answer("User-agent: *\nDisallow: /private\nDisallow: /feed\nCrawl-delay: 7\n", "text/plain")
    site["/private/a"], site["/open"] = page("Closed"), page("The Open Page")
    site["/feed"] = rss(item("Closed", "/private/a"), item("The Open Page", "/open"))
    (report,) = newsroom.round()
    assert site.asked() == ["/feed", "/open"]  # a feed was named by somebody, and is no crawl
    assert (report.kept, report.failed) == (1, 1)
    assert "robots.txt" in newsroom.told[0].problem
    assert newsroom.waits[-1] == 7.0
    newsroom.round()
    assert site.asked("/robots.txt") == ["200"]


def test_where_robots_cannot_be_had_nothing_is_read_for_now(site: Site, newsroom: Newsroom) -> None:
    site["/robots.txt"] = [Answer("", status=503)] * 3 + [Answer("", "text/plain")]
    site["/ferry"] = page("The Ferry Stops")
    site["/feed"] = rss(item("The Ferry Stops", "/ferry"))
    (report,) = newsroom.round()
    assert (report.kept, report.failed) == (0, 1)
    assert "robots.txt" in newsroom.told[0].problem
    assert newsroom.round()[0].kept == 1


def test_too_many_requests_and_retry_after(site: Site, newsroom: Newsroom) -> None:
    site["/ferry"] = [Answer("slow", status=429, headers={"Retry-After": "40"}), page("The Ferry Stops")]
    site["/feed"] = rss(item("The Ferry Stops", "/ferry"))
    assert newsroom.round()[0].kept == 1
    assert site.asked("/ferry") == ["429", "200"]
    assert newsroom.waits[-1] == 40.0


def test_a_long_retry_after_leaves_the_whole_server_alone(site: Site, newsroom: Newsroom) -> None:
    site["/a"] = [Answer("slow", status=429, headers={"Retry-After": "7000"}), page("The First")]
    site["/b"] = page("The Second")
    site["/feed"] = rss(item("The First", "/a"), item("The Second", "/b"))
    (report,) = newsroom.round()
    assert (report.kept, report.failed) == (0, 2)
    newsroom.renew()  # and also after a new start
    (report,) = newsroom.round()
    assert report.kept == 0
    assert site.asked() == ["/feed", "/a"]
    newsroom.renew()
    assert newsroom.round(after=7200)[0].kept == 2


def test_a_feed_whose_server_fails_is_left_alone_longer_each_time(site: Site, newsroom: Newsroom) -> None:
    site["/feed"] = Answer("oh", status=503)
    assert newsroom.round()[0].outcome == "failed"
    assert site.asked("/feed") == ["503"] * 3
    assert newsroom.round(after=600)[0].outcome == "later"
    assert newsroom.round(after=600)[0].outcome == "failed"
    assert newsroom.round(after=1000)[0].outcome == "later"
    assert newsroom.round(after=1000)[0].outcome == "failed"
    site["/feed"] = rss()
    assert newsroom.round(after=3700)[0].outcome == "news"
    assert newsroom.memory.feed(site.url("/feed")).failures == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer("<rss><chan", "text/xml"), "no sound XML"),
        (Answer("<!DOCTYPE html><html><body><p>Hello</p></body></html>"), "is a page, not a feed"),
        (Answer("", "text/xml"), "is empty"),
        (Answer("GIF89a", "image/gif"), "type image/gif"),
        (Answer("gone", status=410), "taken down"),
    ],
)
def test_feeds_that_are_none(site: Site, newsroom: Newsroom, answer: Answer, words: str) -> None:
    site["/feed"], site["/good"], site["/ferry"] = (
        answer,
        rss(item("The Ferry Stops", "/ferry")),
        page("The Ferry Stops"),
    )
    bad, good = newsroom.round("/feed", "/good")
    assert (bad.outcome, good.outcome, good.kept) == ("failed", "news", 1)
    assert words in (bad.problem or "")
    (error,) = newsroom.told
    assert (error.input, bool(error.remedy)) == (site.url("/feed"), True)
    newsroom.round("/feed")
    assert "304" not in site.asked("/feed")  # it is to be sent whole until it can be read


def test_broken_xml_is_read_as_far_as_it_goes(site: Site, newsroom: Newsroom) -> None:
    feed = rss(item("The Ferry Stops", "/ferry"), item("Cut & off", "/cut"))
    assert isinstance(feed.body, str)
    site["/feed"] = Answer(feed.body[:-45], feed.kind)
    site["/ferry"] = page("The Ferry Stops")
    assert newsroom.round()[0].kept == 1


def test_a_feed_that_moved(site: Site, newsroom: Newsroom) -> None:
    site["/feed"] = Answer(status=301, headers={"Location": "/news/feed"})
    site["/news/feed"] = rss(item("The Ferry Stops", "ferry"))
    site["/news/ferry"] = page("The Ferry Stops")  # relative to where the feed is now
    (report,) = newsroom.round()
    assert report.kept == 1
    assert site.url("/news/feed") in (report.problem or "")
    site["/feed"] = Answer(status=302, headers={"Location": "/news/feed"})
    assert newsroom.round()[0].problem is None


def test_an_article_that_fails_is_tried_in_five_rounds_and_told_twice(site: Site, newsroom: Newsroom) -> None:
    site["/feed"] = rss(item("The Ferry Stops", "/ferry"))
    for _ in range(7):
        newsroom.round()  # the page is not there yet (404), and the feed itself unchanged
    assert site.asked("/ferry") == ["404"] * 5
    assert len(newsroom.told) == 2
    assert newsroom.memory.tally()[site.url("/feed")] == {"refused": 1}
    site["/ferry"] = page("The Ferry Stops")
    site["/feed"] = rss(item("The Ferry Stops", "/ferry", body="Now it is there"))
    assert newsroom.round()[0].kept == 1


def test_what_a_stop_leaves_is_read_the_next_time(site: Site, newsroom: Newsroom) -> None:
    site["/feed"] = rss(*(item(f"Number {n}", f"/{n}", date=f"Mon, 09 Mar 2026 08:{n:02}:00 GMT") for n in range(9)))
    for n in range(9):
        site[f"/{n}"] = page(f"Number {n}")
    site.before = lambda path: newsroom.manners.stop.set() if path == "/3" else None
    (report,) = newsroom.round()
    assert report.kept <= 4
    kept = newsroom.titles()
    assert len(kept) == report.kept
    site.before = lambda path: None
    newsroom.renew()
    newsroom.round()
    assert newsroom.titles() == [f"Number {n}" for n in range(9)]
    asked = [path for path in site.asked() if path != "/feed"]
    assert all(asked.count(f"/{n}") == 1 for n in range(report.kept))


def test_losing_the_memory_doubles_nothing(full: Newsroom) -> None:
    before = full.ledger.stats()
    full.memory._write("DELETE FROM feed", [()])
    full.memory._write("DELETE FROM article", [()])
    full.memory._write("DELETE FROM entry", [()])
    full.renew()
    (report,) = full.round()
    assert (report.kept, report.claims) == (2, 0)
    assert {k: v for k, v in full.ledger.stats().items() if k != "bytes"} == {
        k: v for k, v in before.items() if k != "bytes"
    }


def test_what_left_its_feed_long_ago_is_forgotten(full: Newsroom, site: Site) -> None:
    site["/feed"] = rss()
    full.round(after=30 * 86_400)
    assert full.memory.tally() != {}
    full.round(after=40 * 86_400)
    assert full.memory.tally() == {}
    assert len(full.titles()) == 2


def test_links_to_what_only_this_machine_can_reach_are_refused(site: Site, newsroom: Newsroom) -> None:
    """Also behind a redirect. The site's own address is allowed, and it alone."""
    site["/hop"] = Answer(status=302, headers={"Location": f"http://127.0.0.2:{site.port}/secret"})
    site["/secret"] = page("Not For You")
    site["/feed"] = rss(
        item("Straight", f"http://127.0.0.2:{site.port}/secret"),
        item("Cloud", "http://169.254.169.254/latest/meta-data"),
        item("By Another Form", f"http://[::ffff:127.0.0.2]:{site.port}/secret"),
        item("Hop", "/hop"),
        item("Told In The Feed", f"http://[::1]:{site.port}/secret", body=LONG * 3),
    )
    (report,) = newsroom.round()
    assert (report.kept, report.failed) == (1, 4)
    assert newsroom.titles() == ["Told In The Feed"]
    assert "/secret" not in site.asked()
    assert [error.problem for error in newsroom.told] == ["leads to an address that is not public"] * 4
    assert all("--fetch-from" in str(error) for error in newsroom.told)
    assert newsroom.memory.tally()[site.url("/feed")] == {"kept": 1, "refused": 4}


def test_a_site_whose_rules_lead_inside_is_asked_nothing_there(site: Site, newsroom: Newsroom) -> None:
    site["/robots.txt"] = Answer(status=302, headers={"Location": f"http://127.0.0.2:{site.port}/secret"})
    site["/secret"], site["/ferry"] = page("Not For You"), page("The Ferry Stops")
    site["/feed"] = rss(item("The Ferry Stops", "/ferry"))
    assert newsroom.round()[0].kept == 1
    assert "/secret" not in site.asked()
