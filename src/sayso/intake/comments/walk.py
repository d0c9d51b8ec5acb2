"""Read the comments of a page by what ``systems`` says of their markup, in one walk over the tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sayso.intake.comments.found import Found, clean_author, clean_date, clean_key
from sayso.intake.comments.systems import System
from sayso.intake.markup import Element, block_text, flat_text, select

_TIME_ATTRIBUTES = (
    "datetime",
    "content",
    "title",
    "data-time",
    "data-timestamp",
    "data-date",
    "data-created",
    "created",
)
_NUMBER = re.compile(r"\d{3,}")


@dataclass(slots=True)
class _Comment:
    """A comment while it is being read; ``parts`` has the best element so far and its rank for each role."""

    element: Element
    inside: int | None
    level: int | None
    end: Element
    own_level: bool = False
    parts: dict[str, tuple[int, Element]] = field(default_factory=dict)


def walk(tree: Element, system: System, elements: Sequence[Element]) -> list[Found]:
    """The comments whose elements are ``elements``, in the order of the page, read as ``system`` says.

    Elements that turn out to hold no words are left out; what answers them answers what they answer.
    """
    if not elements:
        return []
    comments = _gather(tree, system, set(elements))
    skip = set(select(tree, system.drop)) if system.drop else set()
    for comment in comments:
        skip.update(part for role, (_, part) in comment.parts.items() if role != "body")
    skip.difference_update(comment.parts["body"][1] for comment in comments if "body" in comment.parts)
    nested = skip.union(() if system.flat else set(elements))
    quoted = set(select(tree, system.quote))
    texts = []
    for comment in comments:
        body = comment.parts.get("body")
        if body is not None:
            texts.append(block_text(body[1], skip=nested, quoted=quoted))
        else:
            texts.append(("", ()) if system.flat else block_text(comment.element, skip=nested, quoted=quoted))
    parents = _parents(comments, system)
    keys = [_key(comment.element, system) for comment in comments]
    _fill_wrappers(comments, parents, keys, texts)
    return _without_empty(comments, parents, keys, texts)


def _gather(tree: Element, system: System, elements: set[Element]) -> list[_Comment]:
    """Walk the tree once and give every part to the innermost comment that it stands in."""
    from lxml.etree import iterwalk

    roles: dict[Element, list[tuple[str, int]]] = {}
    for role, selectors in (("body", system.body), ("author", system.author), ("time", system.time)):
        for rank, selector in enumerate(selectors):
            for element in select(tree, selector):
                roles.setdefault(element, []).append((role, rank))
    levels = {e: n for e in select(tree, system.level_at) if (n := _level(e, system)) is not None}
    indents = set(select(tree, system.indent))
    out: list[_Comment] = []
    open_: list[int] = []
    around: list[int] = []
    for event, node in iterwalk(tree, events=("start", "end")):
        if event == "end":
            if open_ and out[open_[-1]].end is node:
                open_.pop()
            if node in indents or (node in levels and around):
                around.pop()
            continue
        if node in elements:
            inside = open_[-1] if open_ and not system.flat else None
            if system.flat:
                open_.clear()
            out.append(_Comment(node, inside, around[-1] if around else 0, node.getparent() if system.flat else node))
            open_.append(len(out) - 1)
        if node in indents:
            around.append((around[-1] if around else 0) + 1)
        elif node in levels:
            around.append(levels[node])
            if open_ and not out[open_[-1]].own_level:
                out[open_[-1]].level, out[open_[-1]].own_level = levels[node], True
        if open_ and node in roles:
            parts = out[open_[-1]].parts
            for role, rank in roles[node]:
                if (role not in parts or rank < parts[role][0]) and (role == "body" or _says(role, node)):
                    parts[role] = (rank, node)
    return out


def _says(role: str, element: Element) -> bool:
    """Whether an element holds a name, or a time that is one."""
    return (clean_author(flat_text(element)) if role == "author" else time_of(element)) is not None


def _level(element: Element, system: System) -> int | None:
    for attribute in system.level_in:
        match = re.search(system.level, element.get(attribute) or "")
        if match:
            return int(match[1])
    return None


def time_of(element: Element) -> str | None:
    """The absolute time that an element tells, by an attribute of it or of a ``<time>`` in it, or by its words."""
    inner = element.iterdescendants("time", "abbr", "a", "meta", "span")
    for node in (element, *(n for n, _ in zip(inner, range(8), strict=False))):
        for attribute in _TIME_ATTRIBUTES:
            value = node.get(attribute)
            date = clean_date(value) or (clean_date(value.split()[0]) if value and value.strip() else None)
            if date:
                return date
    return clean_date(flat_text(element)[:200])


def _parents(comments: list[_Comment], system: System) -> list[int | None]:
    """Who answers whom, by the first of: an id, the nesting, how far the comments are indented."""
    place: dict[str, int] = {}
    for number, comment in enumerate(comments):
        for name in system.ids:
            if value := comment.element.get(name):
                place.setdefault(value, number)
                if digits := _NUMBER.search(value):
                    place.setdefault(digits[0], number)
    parents: list[int | None] = []
    path: list[tuple[int, int]] = []  # (level, place) of the comments that the next one may answer
    for number, comment in enumerate(comments):
        named = next((v for name in system.parent if (v := comment.element.get(name))), None)
        parent = place.get(named) if named else None
        if parent is None and comment.inside is not None:
            parent = comment.inside
        level = comment.level or 0
        while path and path[-1][0] >= level:
            path.pop()
        if parent is None and path:
            parent = path[-1][1]
        path.append((level, number))
        parents.append(None if parent == number else parent)
    return parents


def _key(element: Element, system: System) -> str | None:
    for name in system.ids:
        if key := clean_key(element.get(name)):
            return key
    # old Blogger and forums put a named anchor before or in the comment
    first = next(element.iterchildren("a"), None)
    return clean_key(first.get("name") or first.get("id")) if first is not None else None


def _fill_wrappers(
    comments: list[_Comment],
    parents: list[int | None],
    keys: list[str | None],
    texts: list[tuple[str, tuple[tuple[int, int], ...]]],
) -> None:
    """Some themes mark a comment twice, ``li.comment > div.comment``: then the outer one takes the inner one's place.

    The outer one has no words of its own; its first inner one stands alone in its parent element, while the replies
    stand together elsewhere. Told from a comment that was deleted by that.
    """
    children: dict[int, list[int]] = {}
    for number, parent in enumerate(parents):
        if parent is not None:
            children.setdefault(parent, []).append(number)
    for number, (text, _) in enumerate(texts):
        inner = children.get(number)
        if text or not inner or comments[inner[0]].inside != number:
            continue
        first = inner[0]
        here = comments[first].element.getparent()
        if here.tag in ("ol", "ul") or any(comments[other].element.getparent() is here for other in inner[1:]):
            continue
        for other in inner[1:]:
            parents[other] = first
        keys[first] = keys[first] or keys[number]
        for role, part in comments[number].parts.items():
            comments[first].parts.setdefault(role, part)


def _without_empty(
    comments: list[_Comment],
    parents: list[int | None],
    keys: list[str | None],
    texts: list[tuple[str, tuple[tuple[int, int], ...]]],
) -> list[Found]:
    found: list[Found] = []
    place: dict[int, int | None] = {}
    for number, comment in enumerate(comments):
        parent = parents[number]
        above = place.get(parent) if parent is not None else None
        text, quotes = texts[number]
        if not text:
            place[number] = above
            continue
        place[number] = len(found)
        author, time = comment.parts.get("author"), comment.parts.get("time")
        found.append(
            Found(
                text,
                keys[number],
                above,
                clean_author(flat_text(author[1])) if author else clean_author(comment.element.get("author")),
                time_of(time[1]) if time else clean_date(comment.element.get("created")),
                quotes,
            )
        )
    return found
