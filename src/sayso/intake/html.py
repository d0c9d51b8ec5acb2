"""From a page to a thread: its comments first, then the article and what is known of it."""

from __future__ import annotations

import logging
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sayso.errors import InputError
from sayso.intake.comments import take_comments, to_posts
from sayso.intake.comments.found import clean_author
from sayso.intake.dates import parse_date, plausible
from sayso.intake.encoding import decode
from sayso.intake.language import check_language
from sayso.intake.markup import Element, block_text, drop, flat_text, parse, select, squeeze
from sayso.intake.options import NO_OVERRIDES, Overrides
from sayso.intake.plain import header_of
from sayso.posts import Post, Thread

MAX_PAGE = 10_000_000
"""Bytes that a page may have, from an address or a file."""

_MANY, _LONG, _DEEP = 50_000, 2_000_000, 100
"""Elements, characters and levels beyond which a page is read by plainer rules, without trafilatura."""
_PROSE, _BYLINE_WORDS = 80, 5
"""Characters, and words of a sentence, beyond which a paragraph is taken for prose rather than a byline or a date."""
_PLACES = ("[itemprop=articleBody]", "article", "main", "body")
_NO_PROSE = "nav, aside, footer, form, [role=navigation], [class*=related], [class*=sidebar], [class*=share]"
_DATED = frozenset(
    """Article NewsArticle BlogPosting OpinionNewsArticle AnalysisNewsArticle ReportageNewsArticle LiveBlogPosting
    DiscussionForumPosting SocialMediaPosting""".split()
)
_DATE_METAS = "meta[property='article:published_time'], meta[itemprop=datePublished], meta[name='parsely-pub-date']"
_BYLINES = "meta[name=author], [rel=author], [itemprop=author], .byline, .author"


@dataclass(frozen=True, slots=True)
class _About:
    """What a page says of its article."""

    title: str | None
    author: str | None
    site: str | None
    published: str | None
    url: str | None


def thread_from_html(
    html: str | bytes,
    *,
    id: str,
    url: str | None = None,
    charset: str | None = None,
    overrides: Overrides = NO_OVERRIDES,
    languages: bool = True,
) -> Thread:
    """The article of a page and its comment thread. ``id`` names the page in ids and in errors.

    The text of the article is its paragraphs with "\\n\\n" between them. It begins with the headline, which carries
    claims with their source, whether or not the page has it in the same place.

    1. Decode (``charset`` is what the server said) and parse.
    2. Read the comments and take them out of the tree.
    3. Read title, author, site and date from what is left: JSON-LD, meta tags, the byline, else the first lines.
    4. Take the article's body by trafilatura; a page beyond it by plainer rules.
    5. With ``languages``, refuse what the model cannot read.

    Raises InputError where there is no article, DecodingError and LanguageError.
    """
    if len(html) > MAX_PAGE:
        raise InputError(id, f"is a page of more than {MAX_PAGE // 1_000_000} MB", "cut it down to the article")
    if isinstance(html, bytes):
        html = decode(html, input=id, declared=charset, markup=True)
    try:
        tree = parse(html)
    except ValueError as error:
        raise InputError(id, f"is no page ({error})", "check that the page was saved in full") from None
    _hush()
    taken = take_comments(tree)
    beyond = _is_beyond(tree)
    about = _about(_top(tree) if beyond else _without_prose(tree), taken.objects, url, id)
    body = _plain_body(tree) if beyond else _body(tree, id)
    text = with_title(body or _stated_body(taken.objects), about.title)
    if not text:
        raise InputError(id, "has no article in it that could be found", "save the text of the article as a .txt file")
    # What the markup does not say may stand in the lines above the prose, as in a page that a word processor wrote.
    above = header_of(text)
    published = overrides.published or about.published or above.published
    article = Post(id, text, author=overrides.author or about.author or above.author, posted=published)
    thread = Thread(
        id,
        [article, *to_posts(taken.comments, id)],
        url=overrides.url or url or about.url,
        title=overrides.title or about.title,
        site=about.site,
        published=published,
    )
    if languages:
        check_language(thread)
    return thread


def _about(tree: Element, objects: list[dict[str, Any]], url: str | None, id: str) -> _About:
    """What trafilatura and htmldate find, a full date-time from JSON-LD or the meta tags going before a bare day.

    htmldate is kept to dates in markup and addresses, and does not see the prose: a date there is another's.
    """
    from trafilatura.metadata import extract_metadata

    known = {"original_date": True, "extensive_search": False, "deferred_url_extractor": True}
    try:
        data = extract_metadata(tree, url, known, extensive=False)
    except Exception as error:  # a page that breaks the library is the page's fault, and must not end the run
        raise _broken(id, error) from error
    names = [name.strip() for name in (data.author or "").split(";") if name.strip()]
    return _About(
        squeeze(data.title) or None if data.title else None,
        clean_author(" and ".join(names)) or _byline(tree),
        data.sitename or None,
        _stated_date(tree, objects) or plausible(data.date),
        data.url or None,
    )


def _stated_date(tree: Element, objects: list[dict[str, Any]]) -> str | None:
    """The date that the page states for machines to read."""
    stated: list[Any] = []
    for thing in objects:
        kinds = thing.get("@type")
        if any(isinstance(kind, str) and kind in _DATED for kind in (kinds if isinstance(kinds, list) else [kinds])):
            stated.append(thing.get("datePublished"))
    stated.extend(meta.get("content") for meta in select(tree, _DATE_METAS))
    dates = (plausible(parse_date(value)) for value in stated if isinstance(value, str))
    return next((date for date in dates if date), None)


def _byline(tree: Element) -> str | None:
    """A byline that trafilatura does not take, such as a name of one word."""
    for element in select(tree, _BYLINES):
        name = clean_author(element.get("content") or "".join(element.itertext()))
        if name and len(name.split()) <= 5:
            return name
    return None


def _body(tree: Element, id: str) -> str:
    from trafilatura import bare_extraction

    try:
        document = bare_extraction(tree, include_comments=False, include_tables=True)
    except Exception as error:  # as above
        raise _broken(id, error) from error
    if document is None or isinstance(document, dict) or document.body is None:
        return ""
    return block_text(document.body)[0]


def _is_beyond(tree: Element) -> bool:
    """Whether a page is so large or so deep that trafilatura would take too much memory or time with it."""
    from lxml.etree import iterwalk

    elements = characters = depth = deepest = 0
    for event, node in iterwalk(tree, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        elements += 1
        deepest = max(deepest, depth)
        if node.tag not in ("script", "style"):
            characters += len(node.text or "") + len(node.tail or "")
    return elements > _MANY or characters > _LONG or deepest > _DEEP


def _plain_body(tree: Element) -> str:
    """The text of the first kind of place that articles are in, the longest of its kind, without menus."""
    skip = set(select(tree, _NO_PROSE))
    for place in _PLACES:
        texts = (block_text(element, skip=skip)[0] for element in select(tree, place)[:20] if element not in skip)
        if text := max(texts, key=len, default=""):
            return text
    return ""


def _without_prose(tree: Element) -> Element:
    """A copy of a page without the paragraphs that are sentences or long: a byline is neither."""
    tree = deepcopy(tree)
    for paragraph in list(tree.iter("p")):
        text = flat_text(paragraph)
        sentence = text.endswith((".", "!", "?", "”", '"')) and len(text.split()) > _BYLINE_WORDS
        if (sentence or len(text) > _PROSE) and not select(paragraph, "time, [class*=date], [itemprop]"):
            drop(paragraph)
    return tree


def _top(tree: Element) -> Element:
    """A page of the same head, headlines and bylines, with nothing else in its body."""
    from lxml.html import Element as new

    page, body = new("html"), new("body")
    page.extend([deepcopy(head) for head in tree.findall("head")[:1]])
    page.append(body)
    marks = [mark for mark in select(tree, "h1, .byline, [rel=author]")[:5] if len(mark) < 20]
    body.extend([deepcopy(mark) for mark in marks])
    return page


def _stated_body(objects: list[dict[str, Any]]) -> str:
    """The text in the JSON-LD of a page: a forum may have its first posting nowhere else."""
    for thing in objects:
        for name in ("articleBody", "text"):
            if isinstance(body := thing.get(name), str) and body.strip():
                return body.strip()
    return ""


def with_title(text: str, title: str | None) -> str:
    if not title or not text:
        return text
    begins = "".join(filter(str.isalnum, text[: 2 * len(title) + 200])).casefold()
    if begins.startswith("".join(filter(str.isalnum, title)).casefold()):
        return text
    return f"{title}\n\n{text}"


def _broken(id: str, error: Exception) -> InputError:
    return InputError(id, f"could not be read as a page ({type(error).__name__})", "save its text as .txt")


def _hush() -> None:
    """Keep the libraries' log off stderr where nobody asked for it: what matters is raised as an error here."""
    for name in ("trafilatura", "htmldate"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
