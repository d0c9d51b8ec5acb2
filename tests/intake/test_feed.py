"""Feeds and lists of feeds, from their bytes."""

from __future__ import annotations

import pytest

from sayso.errors import InputError, LanguageError
from sayso.intake.feed import Entry, Feed, article_key, read_feed, read_opml, thread_from_entry
from sayso.intake.url import Fetched

BASE = "https://quay.example/feeds/news.xml"


def feed(text: str | bytes, kind: str = "application/xml", charset: str | None = None) -> Feed:
    data = text.encode() if isinstance(text, str) else text
    return read_feed(Fetched(data, BASE, kind, charset), name="the feed")


def rss(items: str, head: str = "") -> str:
    return f'<?xml version="1.0"?><rss version="2.0" {head}><channel><title>Quay &amp;amp; Crane</title>{items}</channel></rss>'


def test_rss() -> None:
    made = feed(
        rss(
            """<item><title>Dam &amp;amp; &lt;em&gt;Water&lt;/em&gt;</title><link>../2026/dam?utm_source=rss&amp;id=4#c</link>
            <guid isPermaLink="false">x1</guid><pubDate>Mon, 09 Mar 2026 08:00:00 +0100</pubDate>
            <author>nora@quay.example (Nora Whitlock)</author><description>Short</description>
            <content:encoded><![CDATA[<p>The long <a href="/x">text</a>.</p>]]></content:encoded></item>""",
            'xmlns:content="http://purl.org/rss/1.0/modules/content/"',
        )
    )
    (entry,) = made.entries
    assert made.title == "Quay & Crane"
    assert (entry.key, entry.link) == (
        "https://quay.example/2026/dam?id=4",
        "https://quay.example/2026/dam?utm_source=rss&id=4",
    )
    assert (entry.title, entry.author, entry.published) == ("Dam & Water", "Nora Whitlock", "2026-03-09T07:00:00Z")
    assert entry.content == '<p>The long <a href="https://quay.example/x">text</a>.</p>'


def test_atom_with_a_base_of_its_own() -> None:
    made = feed(
        """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.example/a/"><title>Other</title>
        <entry><id>tag:1</id><title type="html">One &amp;lt; two</title><link href="one"/><updated>2026-03-09T08:00:00Z</updated>
        <author><name>By Jo Field</name></author></entry></feed>"""
    )
    (entry,) = made.entries
    assert (entry.link, entry.title, entry.author) == ("https://other.example/a/one", "One < two", "Jo Field")
    assert entry.published == "2026-03-09T08:00:00Z"


def test_rdf() -> None:
    made = feed(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Old</title></channel>
        <item rdf:about="https://old.example/1"><title>One</title><link>https://old.example/1</link>
        <dc:date>2019-02-03</dc:date><dc:creator>Ada Prior</dc:creator></item></rdf:RDF>"""
    )
    assert [(e.key, e.author, e.published) for e in made.entries] == [
        ("https://old.example/1", "Ada Prior", "2019-02-03T00:00:00Z")
    ]


def test_entries_without_date_link_or_title() -> None:
    made = feed(
        rss(
            """<item><link>https://a.example/1</link></item>
            <item><title>An id alone</title><guid isPermaLink="false">7</guid></item>
            <item><title>A permanent id</title><guid>https://a.example/2</guid></item>
            <item><title>Nothing to go by</title></item>
            <item><title>Elsewhere</title><link>mailto:a@b.example</link><guid isPermaLink="false">8</guid></item>
            <item><title>Next century</title><link>https://a.example/3</link>
            <pubDate>Mon, 09 Mar 2126 08:00:00 GMT</pubDate></item>"""
        )
    )
    assert [(e.key, e.link) for e in made.entries] == [
        ("https://a.example/1", "https://a.example/1"),
        (f"{BASE}#7", None),
        ("https://a.example/2", "https://a.example/2"),
        (f"{BASE}#8", None),
        ("https://a.example/3", "https://a.example/3"),
    ]
    assert {e.published for e in made.entries} == {None}


def test_the_digest_changes_with_the_entry_and_not_with_its_teaser_where_it_has_a_date_of_change() -> None:
    def digest(title: str, body: str, updated: str = "") -> str:
        more = f"<a:updated>{updated}</a:updated>" if updated else ""
        text = f"<item><title>{title}</title><link>/a</link><description>{body}</description>{more}</item>"
        return feed(rss(text, 'xmlns:a="http://www.w3.org/2005/Atom"')).entries[0].digest

    assert digest("A", "one") == digest("A", "one")
    assert digest("A", "one") != digest("A", "two")
    assert digest("A", "3 comments", "2026-03-09T08:00:00Z") == digest("A", "4 comments", "2026-03-09T08:00:00Z")
    assert digest("A", "one", "2026-03-09T08:00:00Z") != digest("A", "one", "2026-03-09T09:00:00Z")


@pytest.mark.parametrize("charset", [None, "iso-8859-1"])
def test_the_encoding_is_the_feeds_own_or_the_servers(charset: str | None) -> None:
    text = "<item><title>Café</title><link>/a</link></item>"
    declared = rss(text).replace("?>", ' encoding="iso-8859-1"?>', 1) if charset is None else rss(text)
    made = feed(declared.encode("iso-8859-1"), "text/html", charset)
    assert made.entries[0].title == "Café"


def test_broken_xml_is_read_as_far_as_it_goes() -> None:
    text = rss("<item><title>One</title><link>/1</link></item><item><title>A & B</title><link>/2</link></item>")
    assert [e.title for e in feed(text[:-20]).entries] == ["One", "A & B"]


def test_entities_are_not_fetched_or_unfolded() -> None:
    bomb = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi"))
    head = f'<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY x SYSTEM "file:///etc/hostname">{bomb}]>'
    text = f"{head}<rss version='2.0'><channel><item><title>&i;&x;</title><link>/1</link></item></channel></rss>"
    assert all(len(e.title or "") < 1000 for e in feed(text).entries)


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("", "is empty", "later"),
        (
            "<html><head><link rel='alternate' type='application/rss+xml' href='/f.xml'></head><body>x</body></html>",
            "is a page",
            "its feed is https://quay.example/f.xml",
        ),
        ("<html><body><p>hi</body></html>", "is a page", "look on it"),
        ('{"version": "https://jsonfeed.org/version/1.1"}', "is no feed of RSS, Atom or RDF", "check"),
        ("plain words", "is no feed of RSS, Atom or RDF", "check"),
        ("<rss><chan", "is no sound XML", "tell"),
        (b"\x00\xff\xfe\x01", "is no feed", "check"),
    ],
)
def test_what_is_no_feed(text: str | bytes, problem: str, remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        feed(text)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy
    assert "\n" not in str(caught.value)


def test_an_empty_feed_is_one() -> None:
    assert feed(rss("")) == Feed("Quay & Crane", [])


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://a.example/1?utm_source=rss&utm_medium=feed", "https://a.example/1"),
        ("https://a.example/1?b=2&UTM_campaign=x&a=1#top", "https://a.example/1?b=2&a=1"),
        ("https://a.example/news?12345", "https://a.example/news?12345"),
        ("https://a.example/?p=7&fbclid=q", "https://a.example/?p=7"),
        ("https://a.example/?reference=7", "https://a.example/?reference=7"),
    ],
)
def test_addresses_of_one_article(url: str, key: str) -> None:
    assert article_key(url) == key


def test_lists_of_feeds() -> None:
    data = b"""<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
    <outline text="News"><outline text="Quay" title="The Quay" type="rss" xmlUrl=" https://quay.example/f "/>
    <outline text="Deeper"><outline text="Lower case" xmlurl="https://b.example/f"/></outline></outline>
    <outline text="Again" xmlUrl="https://quay.example/f"/><outline xmlUrl="https://c.example/f"/></body></opml>"""
    assert [(each.url, each.title) for each in read_opml(data, name="x")] == [
        ("https://quay.example/f", "The Quay"),
        ("https://b.example/f", "Lower case"),
        ("https://c.example/f", None),
    ]


def test_the_article_that_a_feed_has_itself() -> None:
    words = (
        "The bridge will open in May, the mayor said, and the ferry will go on through the whole of the summer. " * 6
    )
    entry = Entry(
        "k", "https://a.example/1", "d", "A Bridge by May", "Jo", "2026-03-09", f"<p>{words}</p><p>End.</p>", "Quay"
    )
    thread = thread_from_entry(entry)
    assert thread is not None
    assert thread.article.text == f"A Bridge by May\n\n{words.strip()}\n\nEnd."
    assert (thread.id, thread.url, thread.site, thread.published) == ("k", "https://a.example/1", "Quay", "2026-03-09")
    assert thread_from_entry(Entry("k", None, "d", content="<p>Read more on our site.</p>")) is None
    german = "Der Minister sagte am Dienstag, dass die Brücke im nächsten Jahr eröffnet werde. " * 10
    with pytest.raises(LanguageError, match="German"):
        thread_from_entry(Entry("k", None, "d", content=german))
