"""HTML as a tree, and the text of its elements.

Everything here walks without recursion and in time linear in the size of the page, whatever the page is like.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Container
from typing import Any

from sayso.posts import Range

Element = Any  # lxml's elements; lxml has no types of its own

MAX_DEPTH = 400
"""Elements nested deeper lose their tags and keep their text. libxml2 gives up at 2,048, cells of tables included."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)(?:[^<>\"']++|\"[^\"]*\"|'[^']*')*+>")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_CLOSED_BY_THE_NEXT = frozenset(["p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot"])

_BLOCKS = frozenset(
    """address article aside blockquote body caption center cite-block dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li main menu nav ol p pre section summary
    table tbody td tfoot th thead tr ul head item quote list row cell ab fw code-block""".split()
)
"""Elements that stand on lines of their own, in HTML and in the trees that trafilatura makes of it."""
_SILENT = frozenset(
    """script style noscript template svg math button select option textarea input iframe object video audio
    canvas""".split()
)
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0\u200b\ufeff]+")
_REPEATED = re.compile(r"^[ \t]*>.*(?:\n[ \t]*>.*)*", re.MULTILINE)


def parse(html: str) -> Element:
    """The page as an lxml tree, without comments; characters that no page may hold (NUL) are left out.

    Raises ValueError where there is no element in it, or more of them in each other than can be mended.
    """
    from lxml import etree
    from lxml.html import document_fromstring

    html = _NOT_XML.sub("", html)
    for source in (html, None):
        parser = _parser()
        data = (source if source is not None else shallow(html)).encode()
        try:
            tree = document_fromstring(data, parser=parser)
        except (etree.ParserError, etree.XMLSyntaxError) as error:
            raise ValueError(str(error)) from None
        if not any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
            return tree
    raise ValueError("elements are nested too deeply")


def shallow(html: str, *, depth: int = MAX_DEPTH) -> str:
    """``html`` without the tags of elements nested deeper than ``depth``, which would end the parser's work."""
    parts: list[str] = []
    stack: list[tuple[str, bool]] = []
    opened: dict[str, int] = {}
    kept, at = 0, 0
    for match in _TAG.finditer(html):
        name = match[2].lower()
        if name in _VOID or name in _CLOSED_BY_THE_NEXT:
            continue
        keep = True
        if not match[1]:
            keep = kept < depth
            stack.append((name, keep))
            opened[name] = opened.get(name, 0) + 1
            kept += keep
        elif opened.get(name):
            while stack:
                other, keep = stack.pop()
                opened[other] -= 1
                kept -= keep
                if other == name:
                    break
        if not keep:
            parts.append(html[at : match.start()] + " ")
            at = match.end()
    return "".join(parts) + html[at:]


@functools.lru_cache(maxsize=512)
def _compiled(selector: str) -> Any:
    from cssselect import HTMLTranslator
    from lxml.etree import XPath

    return XPath(HTMLTranslator().css_to_xpath(selector, prefix="descendant-or-self::"))


def select(tree: Element, selector: str) -> list[Element]:
    """The elements of ``tree`` that a CSS selector matches, in the order of the page."""
    return list(_compiled(selector)(tree)) if selector else []


def flat_text(element: Element, *, limit: int = 1_000) -> str:
    """The text of a small element on one line, or the beginning of that of a large one; the ``alt`` or ``content``
    of an image or a meta tag."""
    pieces, size = [], 0
    for piece in element.itertext() if element.tag not in ("meta", "img") else ():
        pieces.append(piece[:limit])
        size += len(pieces[-1].strip())
        if size > limit:
            break
    return squeeze("".join(pieces) or element.get("content") or element.get("alt") or "")


def squeeze(text: str) -> str:
    """``text`` with each run of white space, no-break spaces included, as one space, and none at the ends."""
    return _SPACES.sub(" ", text).strip()


def block_text(
    element: Element, *, skip: Container[Element] = (), quoted: Container[Element] = ()
) -> tuple[str, tuple[Range, ...]]:
    """The text of ``element`` with "\\n\\n" between its blocks and "\\n" for a single ``<br>``, and its quotes.

    Elements in ``skip`` are left out with all that is in them. The quotes are the ranges of the text that stand in a
    ``<blockquote>``, in an element of ``quoted``, or on lines that begin with ">"; none where that is all of it.
    """
    from lxml.etree import iterwalk

    writer = _Writer()
    depth_of_quote = 0
    silent = None
    for event, node in iterwalk(element, events=("start", "end")):
        if event == "start":
            if silent is not None:
                continue
            tag = node.tag
            if not isinstance(tag, str) or ((tag in _SILENT or node in skip) and node is not element):
                silent = node
                continue
            if tag == "br" or tag == "lb":
                writer.line()
            elif tag == "img" and "emoji" in (node.get("class") or ""):
                writer.add(node.get("alt") or "")
            elif tag in _BLOCKS:
                writer.paragraph()
            if (tag in ("blockquote", "quote") or node in quoted) and node is not element:
                depth_of_quote += 1
                writer.paragraph()
                if depth_of_quote == 1:
                    writer.open_quote()
            if node.text:
                writer.add(node.text)
            continue
        if silent is None:
            if node.tag in _BLOCKS:
                writer.paragraph()
            if (node.tag in ("blockquote", "quote") or node in quoted) and node is not element:
                depth_of_quote -= 1
                writer.paragraph()
                if depth_of_quote == 0:
                    writer.close_quote()
        elif silent is node:
            silent = None
        if silent is None and node.tail and node is not element:
            writer.add(node.tail)
    return writer.finish()


def quoted_lines(text: str) -> list[Range]:
    """The ranges of ``text`` on lines that begin with ">", as replies by mail repeat what they answer."""
    return [match.span() for match in _REPEATED.finditer(text)]


def merge(ranges: list[Range]) -> tuple[Range, ...]:
    """Ranges in order, those that touch or overlap made one."""
    out: list[Range] = []
    for start, end in sorted(ranges):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        elif end > start:
            out.append((start, end))
    return tuple(out)


def drop(element: Element) -> None:
    """Take ``element`` out of its tree, and leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    if tail and not tail.isspace():  # white space is let go, or it would pile up behind one element
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + tail
        else:
            before.tail = (before.tail or "") + tail
    element.tail = None
    parent.remove(element)


def _parser() -> Any:
    from lxml.html import HTMLParser

    return HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)


class _Writer:
    """Gathers pieces of text into paragraphs."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.length = 0
        self.lines: list[list[str]] = [[]]
        self.ranges: list[Range] = []
        self.quote_from = 0

    def add(self, text: str) -> None:
        self.lines[-1].append(text)

    def line(self) -> None:
        self.lines.append([])

    def paragraph(self) -> None:
        lines = [squeeze("".join(line)) for line in self.lines]
        self.lines = [[]]
        for part in re.split(r"\n{2,}", "\n".join(lines)):
            part = part.strip("\n")
            if part:
                self.length += len(part) + (2 if self.done else 0)
                self.done.append(part)

    def open_quote(self) -> None:
        self.quote_from = self.length + (2 if self.done else 0)

    def close_quote(self) -> None:
        if self.length > self.quote_from:
            self.ranges.append((self.quote_from, self.length))

    def finish(self) -> tuple[str, tuple[Range, ...]]:
        self.paragraph()
        text = "\n\n".join(self.done)
        quotes = merge(self.ranges + quoted_lines(text))
        return text, () if quotes == ((0, len(text)),) else quotes
