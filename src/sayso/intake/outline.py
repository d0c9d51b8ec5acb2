"""The comment thread at the end of a plain text: bulleted or indented, an item a comment, its depth the reply.

A list that belongs to the article is told from a thread by what stands before it: see ``_is_thread``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sayso.intake.comments.found import Found, clean_author, to_posts
from sayso.intake.dates import find_date, plausible
from sayso.intake.markup import merge, quoted_lines
from sayso.intake.wrapping import unwrap
from sayso.posts import Post

_BULLET = re.compile(r"^(?P<indent>[ \t\u00a0]*)(?P<mark>[•◦▪‣●○■□⁃∙*+–—-])[ \t\u00a0]+(?=\S)")
_HEADING = re.compile(
    r"^[ \t\u00a0]*(?:(?:\d[\d,]*|all|readers?['’]?s?|user|top|latest)[ \u00a0]+)*"
    r"(?:comments|replies|responses|(?<=1[ \u00a0])(?:comment|reply|response))"
    r"(?:[ \u00a0]*\(\d+\))?[ \u00a0]*:?[ \t]*$",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"^(?P<name>[^\n:]{1,60}?)\s+(?:says|said|wrote|writes|commented|replied)\s*[:…]*\s*(?P<when>[^\n]{0,60}?):?$", re.I
)
_NAMED_LINE = re.compile(r"^(?P<name>[^\n]{1,60}?)\s*[,|·•(\[–—-]*\s*$")
_MIN_WORDS = 12
"""Words that an item of an unannounced flat list must have on average to be taken for a comment."""
_TAB = 4


@dataclass(slots=True)
class _Item:
    indent: int
    lines: list[str] = field(default_factory=list)
    author: str | None = None
    posted: str | None = None


def split_thread(text: str, id: str, *, ends_posting: Callable[[str], bool]) -> tuple[str, list[Post]]:
    """The article part of ``text``, and the posts of the thread at its end (none where there is no thread).

    ``ends_posting`` tells whether a text ends in a posting line, after which a list is a thread.
    """
    lines = text.split("\n")
    heading = next((n for n in range(len(lines) - 1, 0, -1) if _HEADING.match(lines[n])), None)
    if heading is not None and not any(line.strip() for line in lines[:heading]):
        heading = None
    start = _list_start(lines, heading)
    if start is not None:
        items = _bulleted(lines[start:])
        announced = heading is not None and not any(line.strip() for line in lines[heading + 1 : start])
        head = lines[: heading if announced else start]
        if _has_prose(head) and (announced or _is_thread(head, items, ends_posting)):
            return "\n".join(head), _posts(items, id)
    if heading is not None:
        items = _blocks(lines[heading + 1 :])
        if items and _has_prose(lines[:heading]) and _plain_thread(items):
            return "\n".join(lines[:heading]), _posts(items, id)
    return text, []


def _has_prose(lines: list[str]) -> bool:
    return any(line.strip() for line in lines)


def _list_start(lines: list[str], heading: int | None) -> int | None:
    """The line at which the bulleted list begins that goes on to the end of the text."""
    above: list[int | None] = []  # for each line, the indent of the bullet that it stands under
    for line in lines:
        match = _BULLET.match(line)
        above.append(_columns(match["indent"]) if match else above[-1] if above else None)
    start = None
    for number in range(len(lines) - 1, heading if heading is not None else -1, -1):
        line = lines[number]
        if _BULLET.match(line):
            start = number
        elif line.strip() and start is not None:
            # Between items: a line that goes on with the item above is indented more than that item's bullet.
            indent = above[number]
            if indent is None or _columns(_leading(line)) <= indent:
                break
        elif line.strip() and not _leading(line):
            return None  # the text ends in prose
    return start


def _bulleted(lines: list[str]) -> list[_Item]:
    items: list[_Item] = []
    for line in lines:
        if match := _BULLET.match(line):
            items.append(_Item(_columns(match["indent"]), [line[match.end() :]]))
        elif items:
            items[-1].lines.append(line.lstrip(" \t\u00a0"))
    return items


def _is_thread(head: list[str], items: list[_Item], ends_posting: Callable[[str], bool]) -> bool:
    """Whether a list that nothing announces is a thread: after a posting line, if it is nested, or if it is set off
    by two empty lines and its items are long. One that a colon leads up to is the article's."""
    before = "\n".join(head).rstrip()
    if before.endswith(":"):
        return False
    if ends_posting(before):
        return True
    words = sum(len(" ".join(item.lines).split()) for item in items) / len(items)
    nested = len({item.indent for item in items}) > 1
    set_off = len(head) >= 2 and not head[-1].strip() and not head[-2].strip()
    return words >= _MIN_WORDS and (nested or set_off)


def _blocks(lines: list[str]) -> list[_Item]:
    """Comments without bullets: blocks between empty lines, the indent of each its depth."""
    items: list[_Item] = []
    current: _Item | None = None
    for line in lines:
        if not line.strip():
            current = None
        elif current is None:
            current = _Item(_columns(_leading(line)), [line.strip()])
            items.append(current)
        else:
            current.lines.append(line.strip())
    headed = [item for item in items if _head_line(item.lines[0]) is not None]
    if not headed or headed[0] is not items[0]:
        return items
    out: list[_Item] = []
    for item in items:
        if _head_line(item.lines[0]) is None and out:
            out[-1].lines += ["", *item.lines]
        else:
            out.append(item)
    return out


def _plain_thread(items: list[_Item]) -> bool:
    """Whether blocks after a heading are comments: they say who wrote them, or they answer one another."""
    return _head_line(items[0].lines[0]) is not None or len({item.indent for item in items}) > 1


def _head_line(line: str) -> tuple[str | None, str | None] | None:
    """The name and the time in the first line of a comment, if that is what it is."""
    line = line.strip()
    if len(line) > 120 or len(line.split()) > 14:
        return None
    if line.startswith(">"):
        return None
    if (match := _SAYS.match(line)) and _may_be_name(match["name"]):
        found = find_date(match["when"])
        if found or (not match["when"] and line.endswith((":", "...", "…"))):
            return clean_author(match["name"]), plausible(found[0]) if found else None
    found = find_date(line)
    if found and re.fullmatch(r"[\s:)\].|·•–—-]*(?:GMT|UTC)?[\s:)\].]*", line[found[1][1] :]):
        before = re.sub(r"\b(?:posted|on|at|by)\b\s*$", "", line[: found[1][0]].strip(), flags=re.I)
        match = _NAMED_LINE.match(before)
        name = clean_author(match["name"]) if match else None
        if name is None or len(name.split()) <= 5:
            return name, plausible(found[0])
    return None


def _may_be_name(text: str) -> bool:
    """Whether words may be a name: up to five capitalised ones, or a nickname."""
    words = text.split()
    return len(words) <= 5 and (len(words) == 1 or all(word[:1].isupper() for word in words))


def _posts(items: list[_Item], id: str) -> list[Post]:
    found: list[Found] = []
    path: list[tuple[int, int]] = []
    for item in items:
        lines = item.lines
        head = _head_line(lines[0]) if len(lines) > 1 and any(line.strip() for line in lines[1:]) else None
        if head is not None:
            lines = lines[1:]
        text = re.sub(r"\n{3,}", "\n\n", unwrap("\n".join(line.rstrip() for line in lines)).strip())
        if not text:
            continue
        while path and path[-1][0] >= item.indent:
            path.pop()
        quotes = merge(quoted_lines(text))
        author, posted = head or (None, None)
        found.append(Found(text, None, path[-1][1] if path else None, author, posted, quotes))
        path.append((item.indent, len(found) - 1))
    return to_posts(found, id)


def _leading(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t\u00a0"))]


def _columns(indent: str) -> int:
    return len(indent.expandtabs(_TAB))
