"""What the readers of comment threads hand on, and how it becomes posts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sayso.intake.comments.systems import UNNAMED
from sayso.intake.dates import parse_date, plausible
from sayso.intake.markup import squeeze
from sayso.posts import Post, Range

_LEAD = re.compile(r"^(?:posted |written |comment )?by:?\s+", re.IGNORECASE)
_TRAIL = re.compile(
    r"(?:[\s:,|·•–—-]*\b(?:says|said|wrote|writes|commented|replied)[\s:,.…]*|[\s:,…|·•–—-]+)$", re.IGNORECASE
)
_MAX_NAME = 100
_BEFORE_NUMBER = re.compile(r"^(?:li|div|article)-(?=comment-)")
_SAFE_KEY = re.compile(r"[^\s#]{1,200}")


@dataclass(slots=True)
class Found:
    """A comment as a page has it; ``parent`` is the place in the same list of the comment answered, None at the top."""

    text: str
    key: str | None = None
    parent: int | None = None
    author: str | None = None
    posted: str | None = None
    quotes: tuple[Range, ...] = ()


def clean_author(text: str | None) -> str | None:
    """A name without "By" and "says:"; None for what systems write in place of one."""
    if not text:
        return None
    name = _LEAD.sub("", squeeze(text))
    name = _TRAIL.sub("", name) or name
    return None if not name or len(name) > _MAX_NAME or name.casefold() in UNNAMED else name


def clean_key(text: str | None) -> str | None:
    """A comment's id as addresses on the page use it; None where it cannot be one."""
    key = _BEFORE_NUMBER.sub("", (text or "").strip())
    return key if _SAFE_KEY.fullmatch(key) else None


def clean_date(text: str | None) -> str | None:
    """The ISO form of an absolute date or time that can be one."""
    return plausible(parse_date(text)) if text else None


def to_posts(found: Sequence[Found], thread_id: str) -> list[Post]:
    """The comments as posts of the thread: ids after the site's own, else ``c1``, ``c2``, … in reading order.

    A comment that would be its own ancestor, which only a broken page says, answers the article.
    """
    keys: list[str] = []
    taken: set[str] = set()
    for number, comment in enumerate(found, 1):
        key = comment.key
        if not key or key in taken:
            key, extra = f"c{number}", 1
            while key in taken:
                extra += 1
                key = f"c{number}.{extra}"
        taken.add(key)
        keys.append(key)
    parents = without_loops([comment.parent for comment in found])
    return [
        Post(
            f"{thread_id}#{key}",
            comment.text,
            "comment",
            thread_id if parent is None else f"{thread_id}#{keys[parent]}",
            comment.author,
            comment.posted,
            comment.quotes,
        )
        for comment, key, parent in zip(found, keys, parents, strict=True)
    ]


def without_loops(parents: Sequence[int | None]) -> list[int | None]:
    """``parents`` with one link of every loop taken out, in linear time."""
    out = list(parents)
    state = [0] * len(out)  # 0 not seen, 1 on the way now, 2 known to lead to the top
    for first in range(len(out)):
        path: list[int] = []
        at: int | None = first
        while at is not None and state[at] == 0:
            state[at] = 1
            path.append(at)
            at = out[at]
        if at is not None and state[at] == 1:
            out[path[-1]] = None
        for place in path:
            state[place] = 2
    return out
