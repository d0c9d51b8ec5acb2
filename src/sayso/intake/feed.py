"""Feeds (RSS, Atom, RDF): what a site says is new, one entry an article; and lists of feeds (OPML)."""

from __future__ import annotations

import calendar
import datetime
import hashlib
import re
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin

from sayso.errors import InputError
from sayso.intake.comments.found import clean_author
from sayso.intake.dates import plausible
from sayso.intake.html import with_title
from sayso.intake.language import check_language
from sayso.intake.markup import Element, block_text, flat_text, parse, select, squeeze
from sayso.intake.url import Fetched, is_url
from sayso.posts import Post, Thread

MIN_CONTENT = 100
"""Words from which the content of an entry is taken for the article itself, not for a teaser."""

_FEED_LINKS = "link[rel~=alternate][type='application/rss+xml'], link[rel~=alternate][type='application/atom+xml']"
_MAX_SITE = 200
_MAIL_AND_NAME = re.compile(r"\s*\S+@\S+\s+\((.+)\)\s*")
"""An author as RSS 2.0 wants it; feedparser's own pattern takes only some top-level domains whole."""
_TRACKS = re.compile(
    r"(?:utm_\w+|at_(?:medium|campaign|custom\d|link\w*)|ns_(?:source|mchannel|campaign|linkname|fee)|mc_[ce]id"
    r"|fbclid|gclid|dclid|msclkid|igshid|yclid|cmpid|ocid|xtor|smid)=",
    re.IGNORECASE,
)
"""What feeds and networks add to addresses to see who came from where."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed by its address, and the title that a list gives it."""

    url: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    ``key`` names the article: its address without what only tracks who came from where, or the entry's own id where
    it has no address. ``link`` is the address as it is to be asked for. ``digest`` changes when the entry does: with
    the date of its last change where it has one, else with its words. ``content`` is HTML.
    """

    key: str
    link: str | None
    digest: str
    title: str | None = None
    author: str | None = None
    published: str | None = None
    content: str = ""
    site: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Its fields, as ``Entry(**fields)`` takes them."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Feed:
    """What was read of a feed: its title, and its entries in the order they stand in."""

    title: str | None
    entries: list[Entry] = field(default_factory=list)


def read_feed(fetched: Fetched, *, name: str) -> Feed:
    """The feed in an answer; relative addresses count from where it was found.

    A feed that is no sound XML is read as far as it can be. Raises InputError where no feed is in it; ``name`` names
    it there, and the remedy gives the address of the feed where the answer is a page that states one.
    """
    import feedparser

    headers = {"content-location": fetched.url, "content-type": _content_type(fetched)}
    try:
        parsed = feedparser.parse(_Bytes(fetched.data), response_headers=headers)
    except Exception as error:  # a feed that breaks the library is the feed's fault, and must not end the run
        raise InputError(name, f"could not be read as a feed ({type(error).__name__})", "look at it") from error
    if not parsed.get("version") and not parsed.entries:
        raise _no_feed(fetched, name, parsed.get("bozo_exception"))
    if not parsed.entries and parsed.bozo and not parsed.feed:
        raise InputError(name, f"is no sound XML ({_flat(parsed.bozo_exception)})", "tell those who publish it")
    title = (_line(parsed.feed.get("title")) or "")[:_MAX_SITE] or None
    entries: dict[str, Entry] = {}
    for found in parsed.entries:
        if (entry := _entry(found, title, fetched.url)) is not None:
            entries.setdefault(entry.key, entry)
    return Feed(title, list(entries.values()))


def read_opml(data: bytes, *, name: str) -> list[Subscription]:
    """The feeds of an OPML list, in its order and each once, however deep its folders.

    Raises InputError where it is no OPML, has a syntax error (with the line) or names no feed.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise InputError(name, f"is no sound XML ({_flat(error)})", "export the list of feeds again") from None
    if etree.QName(root).localname != "opml":
        raise InputError(name, f"is no OPML but <{etree.QName(root).localname}>", "give a list of feeds, or an address")
    found: dict[str, Subscription] = {}
    for outline in root.iter("outline"):
        # Attributes in any case: exporters do not agree on xmlUrl, xmlurl and XMLURL.
        said = {str(key).lower(): str(value) for key, value in outline.attrib.items()}
        url = said.get("xmlurl", "").strip()
        if url:
            title = squeeze(said.get("title") or said.get("text") or "") or None
            found.setdefault(url, Subscription(url, title))
    if not found:
        raise InputError(name, "names no feed (no xmlUrl in it)", "export the list of feeds again")
    return list(found.values())


def thread_from_entry(entry: Entry, *, languages: bool = True) -> Thread | None:
    """The article as the feed itself has it; None where that is a teaser of fewer than 100 words.

    Raises LanguageError.
    """
    if len(entry.content.split()) < MIN_CONTENT:
        return None
    try:
        text = block_text(parse(entry.content))[0]
    except ValueError:
        return None
    if len(text.split()) < MIN_CONTENT:
        return None
    article = Post(entry.key, with_title(text, entry.title), author=entry.author, posted=entry.published)
    thread = Thread(entry.key, [article], entry.link, entry.title, entry.site, entry.published)
    if languages:
        check_language(thread)
    return thread


def complete(thread: Thread, entry: Entry) -> Thread:
    """``thread``, with what its page leaves open and the feed says: title, author, day and site."""
    thread.title = thread.title or entry.title
    thread.published = thread.published or entry.published
    thread.site = thread.site or entry.site
    thread.article.posted = thread.article.posted or thread.published
    thread.article.author = thread.article.author or entry.author
    return thread


def article_key(url: str) -> str:
    """An address without its fragment and without what only tracks readers (utm_source and its like)."""
    address, _, query = urldefrag(url)[0].partition("?")
    kept = [part for part in query.split("&") if part and not _TRACKS.match(part)]
    return address + ("?" + "&".join(kept) if kept else "")


class _Bytes:
    """Bytes as a file: feedparser would open a plain string as an address or a path."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self) -> bytes:
        return self.data


def _content_type(fetched: Fetched) -> str:
    # A type that is none of XML makes feedparser doubt the encoding that the XML declares.
    kind = fetched.content_type if "xml" in fetched.content_type else "application/xml"
    return f"{kind}; charset={fetched.charset}" if fetched.charset else kind


def _entry(found: Any, site: str | None, base: str) -> Entry | None:
    link = found.get("link") or ""
    if link and not is_url(link):
        link = urljoin(base, link)
    link = link if is_url(link) else ""
    own = found.get("id") or ""
    if not link and is_url(own):
        link = own
    if not link and not own:
        return None
    contents = [found.get("summary") or "", *(part.get("value") or "" for part in found.get("content", ()))]
    content = max(contents, key=len)
    title = _line(found.get("title"))
    updated = dict.get(found, "updated")  # feedparser's own get() gives the day of publication in its place
    said = [title or "", updated] if updated else [title or "", *contents]
    return Entry(
        article_key(link) if link else own if ":" in own else f"{base}#{own}",
        urldefrag(link)[0] or None,
        hashlib.sha256("\0".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:32],
        title,
        _author(found),
        _moment(found.get("published_parsed") or dict.get(found, "updated_parsed")),
        content,
        site,
    )


def _author(found: Any) -> str | None:
    said = found.get("author") or ""
    if mail := _MAIL_AND_NAME.fullmatch(said):
        return clean_author(mail[1])
    return clean_author((found.get("author_detail") or {}).get("name") or said)


def _line(html: str | None) -> str | None:
    """A title, which may be HTML or have entities written twice, as one line."""
    if not html:
        return None
    if "<" in html or "&" in html:
        try:
            html = flat_text(parse(html))
        except ValueError:
            return None
    return squeeze(html) or None


def _moment(parsed: Any) -> str | None:
    """A time as feedparser gives it, in UTC."""
    if parsed is None:
        return None
    try:
        moment = datetime.datetime.fromtimestamp(calendar.timegm(parsed), datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return plausible(moment.isoformat().replace("+00:00", "Z"))


def _no_feed(fetched: Fetched, name: str, error: Exception | None) -> InputError:
    if not fetched.data.strip():
        return InputError(name, "is empty", "try again later")
    links: list[Element] = []
    try:
        tree = parse(fetched.data.decode("utf-8", "replace"))
        links = select(tree, _FEED_LINKS)
        page = tree.find(".//body") is not None and bool(select(tree, "head, body > *"))
    except ValueError:
        page = False
    for link in links:
        if href := link.get("href"):
            return InputError(name, "is a page, not a feed", f"its feed is {urljoin(fetched.url, href)}")
    if b"<html" in fetched.data[:4096].lower() and page:
        return InputError(name, "is a page, not a feed", "look on it for the address of its feed")
    why = f" ({_flat(error)})" if error is not None else ""
    return InputError(name, f"is no feed of RSS, Atom or RDF{why}", "check the address")


def _flat(error: object) -> str:
    """What a parser says, without the name it has for a text that came from no file."""
    says = getattr(error, "getMessage", None)
    words = says() if says is not None else getattr(error, "msg", None) or error
    return " ".join(str(words).split())[:120]
