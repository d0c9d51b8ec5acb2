"""What is let go before the model, the cheapest test first: each gives the reason, or None where a record passes.

1. `of_head`: status, type, length, site, and addresses that no article has; the body is not even read.
2. `of_page`: how much prose the bytes of a page hold and in which language, without parsing it.
3. `of_thread`: after extraction, the language, the length, the day.

Taking a page apart costs about a hundred times what the second test does, and most pages of a crawl fail it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from sayso.archive.tasks import Options
from sayso.errors import LanguageError
from sayso.intake.html import MAX_PAGE
from sayso.intake.language import READ, check_language, language_of
from sayso.intake.url import HTML_TYPES
from sayso.intake.warc import Head
from sayso.posts import Thread

MIN_PAGE = 500
"""Bytes below which a page is a redirection or an error, whatever its status says."""
MAX_WORDS = 100_000
"""Words beyond which a text is a book or a dump."""
PROSE, PIECE = 300, 50
"""Characters of prose that a page must have, in pieces of text of at least so many."""
_SAMPLE = 4_000

_REMOVED = re.compile(rb"<(script|style|noscript|svg|template|head|h[1-6])\b.*?</\1\s*>|<!--.*?-->", re.S | re.I)
_LINKED = re.compile(rb"<a\b[^>]*>(.*?)</a\s*>", re.S | re.I)
_TAGS = re.compile(rb"<(?!/?(?:a|b|i|em|strong|span|abbr|cite|q|time|sup|sub|mark|u|br)\b)[^>]*>", re.I)
_INLINE = re.compile(rb"<[^>]*>")
_SENTENCE = re.compile(rb"[.!?](?:[\"')\]]|\xe2\x80[\x99\x9d]|&rdquo;|&quot;)*(?:\s|$)")
_ARTICLE = re.compile(
    rb"""og:type["'][^>]{0,40}article|article:published_time|"(?:News|Opinion\w*|Analysis\w*)?Article"|BlogPosting"""
    rb"""|DiscussionForumPosting|itemprop=["']?articleBody|"articleBody\"""",
)
_NO_ARTICLE = re.compile(
    r"/(?:tags?|topics?|category|categories|author|authors|search|login|signin|subscribe|feed|rss|amp-story|video-sitemap"
    r"|sitemap|privacy|terms|cookie[\w-]*|contact|about-us|wp-json|wp-login|cart|page/\d+)(?:/|\.|$)",
    re.I,
)
_FILES = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|css|js|json|xml|pdf|mp[34]|zip|ico|woff2?)$", re.I)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record was let go: a word of a fixed list, and the detail."""

    word: str
    detail: str = ""


REASONS = {
    "status": "the answer's status is not 200",
    "type": "the answer is no page",
    "too small": f"the crawled page has fewer than {MIN_PAGE} bytes",
    "too large": f"the page has more than {MAX_PAGE} bytes, or the text more than {MAX_WORDS} words",
    "site": "the site is none of those asked for",
    "address": "the address is none, or a front page's, a section's or a file's",
    "damaged": "the record is broken: cut off, not unpackable, of a wrong length, no JSON",
    "encoding": "the bytes are no text in any encoding that could be detected",
    "no article": "there is no article on the page, or it could not be found",
    "too short": "the article has fewer words than asked for",
    "language": "the text is not in English; the detail is its language",
    "undated": "days are asked for, and the document has none",
    "before": "published before --since",
    "after": "published after --until",
    "failed": "reading it failed; the detail says how",
}
"""All reasons that a reject may have."""


def of_head(head: Head, options: Options) -> str | None:
    """The reason why a record is not read at all, by its head."""
    if head.status != 200:
        return "status"
    if head.content_type and head.content_type not in HTML_TYPES:
        return "type"
    if head.length < MIN_PAGE:
        return "too small"
    if not of_site(head.url, options):
        return "site"
    try:
        parts = urlsplit(head.url)
    except ValueError:
        return "address"
    if parts.path in ("", "/") and not parts.query:
        return "address"
    return "address" if _NO_ARTICLE.search(parts.path) or _FILES.search(parts.path) else None


def of_site(url: str | None, options: Options) -> bool:
    """Whether an address is on one of the sites asked for, or on a part of one."""
    if not options.sites:
        return True
    try:
        host = (urlsplit(url or "").hostname or "").lower().rstrip(".")
    except ValueError:
        return False
    return any(host == site or host.endswith(f".{site}") for site in options.sites)


def of_page(page: bytes) -> Reason | None:
    """The reason why a page cannot hold an English article, by its bytes.

    A piece of text that stands between two tags of blocks counts as prose if it is long enough, mostly no link, and a
    sentence ends in it. The test errs on the side of letting pages through: what passes is judged again by its text.
    """
    if page.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in page[:200]:
        return None  # UTF-16: too rare to be worth a test of its own
    stated = _ARTICLE.search(page) is not None
    prose, size = [], 0
    for piece in _TAGS.split(_REMOVED.sub(b" ", page)):
        if len(piece) < PIECE:
            continue
        linked = sum(len(match[1]) for match in _LINKED.finditer(piece))
        plain = b" ".join(_INLINE.sub(b" ", piece).split())
        if len(plain) >= PIECE and linked < 0.5 * len(plain) and _SENTENCE.search(plain):
            prose.append(plain)
            size += len(plain)
            if size > 3 * _SAMPLE:
                break
    if size < PROSE and not stated:
        return Reason("no article", "next to no prose on the page")
    if size < PROSE:
        return None
    text = html.unescape(b"\n".join(prose).decode("utf-8", "replace"))
    if text.count("\ufffd") > 0.01 * len(text):
        return None  # in another encoding: decoding comes first
    code = language_of(text[: 3 * _SAMPLE])
    return Reason("language", code) if code not in (None, READ) else None


def of_thread(thread: Thread, options: Options) -> Reason | None:
    """The reason why what was taken out is not read: its language, length or day. Sets the languages of its posts."""
    words = len(thread.article.text.split())
    if words < options.min_words and not (len(thread.posts) > 1 and words >= 10):
        return Reason("too short", f"{words} words")
    if words > MAX_WORDS:
        return Reason("too large", f"{words} words")
    if not of_site(thread.url, options):
        return Reason("site")
    if options.since or options.until:
        day = thread.published[:10] if thread.published else None
        if day is None:
            return Reason("undated")
        if options.since and day < options.since:
            return Reason("before", day)
        if options.until and day > options.until:
            return Reason("after", day)
    try:
        check_language(thread)
    except LanguageError:
        return Reason("language", thread.language or "")
    return None
