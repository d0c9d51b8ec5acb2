"""The comment thread of a page, read from its tree and taken out of it before the article is.

No general extractor gives a thread with its nesting, authors and times. ``systems`` says what the markup of each
comment system looks like, ``walk`` reads it, ``generic`` finds comments on other pages, ``linked`` reads JSON-LD.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sayso.intake.comments.found import Found, to_posts
from sayso.intake.comments.generic import find_elements
from sayso.intake.comments.linked import take_linked
from sayso.intake.comments.systems import AREA_NAME, ARTICLE_MARKS, GENERIC, SYSTEMS, System
from sayso.intake.comments.walk import walk
from sayso.intake.markup import Element, drop, select

__all__ = ["Found", "Taken", "take_comments", "to_posts"]

_MAX_TRIMMINGS = 1_000
"""Characters that the element around a thread may hold besides it (headings, a form) to be taken out with it."""
_AREA_NAME = re.compile(AREA_NAME, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Taken:
    """The comments of a page, the system they were read by, and the objects of its JSON-LD that are no comments."""

    comments: list[Found]
    system: str | None
    objects: list[dict[str, Any]]


def take_comments(tree: Element) -> Taken:
    """Read the comments of a page and take them out of ``tree``, nothing else with them but the trimmings of a thread.

    1. JSON-LD is read, and the comments in it taken out.
    2. Every known system is tried; the one with the most comments is believed, else the generic rule.
    3. JSON-LD is believed instead if it has more; otherwise it fills in names and times that the markup lacks.
    4. The elements of the comments are taken out, and the elements around them that hold nothing else.
    """
    linked, objects = take_linked(tree)
    holding_article = _holding_article(tree)
    found, system, elements = _best(tree, holding_article)
    if len(linked) > len(found):
        found, name = linked, "json-ld"
    else:
        name = system.name if system else ""
        _fill_in(found, linked)
    if system:
        _take_out(tree, system, elements, holding_article)
    return Taken(found, name or None, objects)


def _best(tree: Element, holding_article: set[Element]) -> tuple[list[Found], System | None, Sequence[Element]]:
    best: tuple[list[Found], System | None, Sequence[Element]] = ([], None, ())
    for system in SYSTEMS:
        elements = [e for e in select(tree, system.comment) if e not in holding_article]
        if len(elements) > len(best[0]):
            found = walk(tree, system, elements)
            if len(found) > len(best[0]):
                best = (found, system, elements)
    if not best[0]:
        elements = find_elements(tree, holding_article)
        found = walk(tree, GENERIC, elements)
        if found:
            best = (found, GENERIC, elements)
    return best


def _holding_article(tree: Element) -> set[Element]:
    """Elements in which the article stands: the page's root, and all above its headline or its text."""
    out = {tree, *tree.iter("body", "main", "head")}
    for mark in select(tree, ARTICLE_MARKS):
        node = mark
        while node is not None and node not in out:
            out.add(node)
            node = node.getparent()
    return out


def _fill_in(found: list[Found], linked: list[Found]) -> None:
    known = {"".join(other.text.split()): other for other in linked}
    for comment in found:
        other = known.get("".join(comment.text.split()))
        if other is not None:
            comment.author = comment.author or other.author
            comment.posted = comment.posted or other.posted


def _take_out(tree: Element, system: System, elements: Sequence[Element], holding_article: set[Element]) -> None:
    parts = [*elements, *(select(tree, ", ".join(system.body)) if system.flat else ())]
    if system.flat:
        holders = {element.getparent() for element in elements}
        parts = [part for part in parts if part.getparent() in holders]
    area = _common_parent(parts)
    for part in parts:
        drop(part)
    while area is not None and area not in holding_article and area.tag != "article":
        rest = sum(len(piece.strip()) for piece in area.itertext())
        named = _AREA_NAME.search(f"{area.get('id') or ''} {area.get('class') or ''}")
        if rest and not (named and rest <= _MAX_TRIMMINGS):
            break
        above = area.getparent()
        drop(area)
        area = above


def _common_parent(elements: Sequence[Element]) -> Element | None:
    """The innermost element around all of ``elements``."""
    above = list(elements[0].iterancestors())
    place = {node: number for number, node in enumerate(above)}
    common, seen = 0, set()
    for element in elements:
        node = element.getparent()
        while node is not None and node not in place and node not in seen:
            seen.add(node)
            node = node.getparent()
        if node is not None and node in place:
            common = max(common, place[node])
    return above[common] if above else None
