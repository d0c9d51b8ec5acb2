"""Comments in JSON-LD, as pages tell them to search engines (https://schema.org/Comment)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sayso.intake.comments.found import Found, clean_author, clean_date, clean_key
from sayso.intake.markup import Element, block_text, merge, parse, quoted_lines

_COMMENT = frozenset(("Comment", "UserComments", "Answer", "CorrectionComment"))
_POSTING = frozenset(("DiscussionForumPosting", "SocialMediaPosting"))
_HOLDING = ("comment", "comments", "suggestedAnswer", "acceptedAnswer", "resultComment")


def take_linked(tree: Element) -> tuple[list[Found], list[dict[str, Any]]]:
    """The comments that the JSON-LD of a page holds, which are taken out of it, and the other objects in it.

    Taken out, their authors and dates are not mistaken for the article's. A comment's parent is the object it
    stands in or the one that its ``parentItem`` names.
    """
    reader = _Reader()
    objects: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        text = script.text.strip().removeprefix("<!--").removesuffix("-->").strip()
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        before = len(reader.found)
        objects.extend(reader.read(data))
        if len(reader.found) != before or any(_types(o) & _POSTING for o in objects):
            _take_out(data)
            script.text = json.dumps(data)
    return reader.finish(), objects


class _Reader:
    def __init__(self) -> None:
        self.found: list[Found] = []
        self.places: dict[str, int] = {}
        self.named: list[str | None] = []

    def read(self, data: Any) -> Iterator[dict[str, Any]]:
        """Walk through a JSON-LD value, gather its comments and yield the other objects; without recursion."""
        stack: list[tuple[Any, int | None, bool]] = [(data, None, False)]
        while stack:
            value, parent, held = stack.pop()
            if isinstance(value, list):
                stack.extend((item, parent, held) for item in reversed(value))
                continue
            if not isinstance(value, dict):
                continue
            if _is_comment(value, held):
                parent = self._add(value, parent)
            else:
                yield value
            for key, inner in reversed(value.items()):
                if isinstance(inner, dict | list) and key not in ("author", "creator", "parentItem"):
                    stack.append((inner, parent if key in _HOLDING or held else None, key in _HOLDING))

    def _add(self, value: dict[str, Any], parent: int | None) -> int | None:
        text, quotes = _text(_first(value, "text", "commentText", "articleBody", "description"))
        if not text:
            return parent
        author = value.get("author") or value.get("creator")
        if isinstance(author, list):
            author = author[0] if author else None
        name = author.get("name") if isinstance(author, dict) else author
        key = _first(value, "identifier", "@id", "url")
        above = value.get("parentItem")
        above = _first(above, "@id", "identifier", "url") if isinstance(above, dict) else above
        place = len(self.found)
        for name_of in ("@id", "identifier", "url"):
            if isinstance(value.get(name_of), str):
                self.places.setdefault(value[name_of], place)
        self.named.append(above if isinstance(above, str) else None)
        posted = _first(value, "dateCreated", "datePublished", "commentTime", "uploadDate")
        short = key.rsplit("#", 1)[-1] if key else None
        self.found.append(
            Found(
                text,
                clean_key(short),
                parent,
                clean_author(name if isinstance(name, str) else None),
                clean_date(posted),
                quotes,
            )
        )
        return place

    def finish(self) -> list[Found]:
        for place, (comment, name) in enumerate(zip(self.found, self.named, strict=True)):
            if name and self.places.get(name, place) != place:
                comment.parent = self.places[name]
        return self.found


def _types(value: dict[str, Any]) -> set[str]:
    kinds = value.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return {kind.rsplit("/", 1)[-1] for kind in kinds if isinstance(kind, str)}


def _is_comment(value: dict[str, Any], held: bool) -> bool:
    """A comment, or a forum's posting that another one holds as its comment."""
    types = _types(value)
    return bool(types & _COMMENT) or (held and (bool(types & _POSTING) or (not types and "text" in value)))


def _take_out(data: Any) -> None:
    stack = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            value[:] = [item for item in value if not (isinstance(item, dict) and _is_comment(item, False))]
            stack.extend(value)
        elif isinstance(value, dict):
            for key in _HOLDING:
                value.pop(key, None)
            if _types(value) & _POSTING:
                value["@type"] = "Article"
            stack.extend(value.values())


def _first(value: dict[str, Any], *names: str) -> str | None:
    for name in names:
        inner = value.get(name)
        if isinstance(inner, dict):
            inner = inner.get("@value") or inner.get("value")
        if isinstance(inner, int) and not isinstance(inner, bool):
            inner = str(inner)
        if isinstance(inner, str) and inner.strip():
            return inner.strip()
    return None


def _text(raw: str | None) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of a comment, which may be HTML; a plain one keeps its lines."""
    if not raw:
        return "", ()
    if "<" in raw or "&" in raw:
        marked = raw if "<p" in raw or "<br" in raw else raw.replace("\n", " <br>")
        try:
            return block_text(parse(f"<html><body><div>{marked}</div></body></html>"))
        except ValueError:
            pass
    text = raw.replace("\r\n", "\n").strip()
    return text, merge(list(quoted_lines(text)))
