"""Many expressions as one alternation that is quick to say no.

An alternation tries its expressions in order at every place, most of them in vain. Python's matcher passes over an
alternative by its first character where that is a plain one and stands bare at its front. So the expressions are parted
at their "|", optional words at the front are written out as two alternatives, and what begins alike is put behind
its common letters, without changing what is tried before what.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby

_PLAIN = re.compile(r"(?:\\s\+|[a-z0-9'’ -])(?![?*+{])")
"""What may be put before a bracket: a character by itself, or the white space between two words."""
_MOST = 64
"""An expression that has more alternatives is left whole."""
_LONGEST = 300
"""What follows a bracket is not written out to more characters than these for all that stands in it."""


def joined(sources: Sequence[str], *, name: str) -> str:
    """One expression that matches as ``a|b|c`` would, in this order.

    Which of them matched is told by the last group of the match, an empty one: ``name`` with the number of the
    expression, an underscore and a number. The expressions have no capturing groups of their own.
    """
    parted: list[str] = []
    for number, source in enumerate(sources):
        alternatives = _alternatives(source)
        parted += [f"{each}(?P<{name}{number}_{n}>)" for n, each in enumerate(alternatives)]
    return _together(parted)


def number_of(match: re.Match[str]) -> int:
    """The number of the expression of `joined` that a match is of."""
    return _number(match.lastgroup or "")


@cache
def _number(group: str) -> int:
    return int(group[1 : group.index("_")])


def _together(alternatives: Iterable[str]) -> str:
    """The alternatives in order, neighbours that begin with plain characters put behind those that they share."""
    made: list[str] = []
    for plain, run in groupby(alternatives, key=lambda a: _PLAIN.match(a) is not None):
        if not plain:
            made += run
            continue
        by_first: dict[str, list[str]] = {}
        for each in run:
            found = _PLAIN.match(each)
            assert found is not None
            by_first.setdefault(found[0], []).append(each[found.end() :])
        # Of two that begin with different characters never both match, so that only those that begin alike keep order.
        made += [first + (rest[0] if len(rest) == 1 else f"(?:{_together(rest)})") for first, rest in by_first.items()]
    return "|".join(made)


def _alternatives(source: str) -> list[str]:
    """The expressions that one stands for: parted at "|", and with what may be left out at the front and what not."""
    waiting = [source]
    made: list[str] = []
    while waiting:
        if len(waiting) + len(made) > _MOST:
            return [f"(?:{source})"]
        first = waiting.pop(0)
        parts = _parted(first)
        if len(parts) > 1:
            waiting[:0] = parts
            continue
        end = _bracket(first) if first.startswith("(?:") else 0
        quantifier = first[end : end + 1]
        if not end or quantifier in ("*", "+", "{") or first[end : end + 2] in ("??", "?+"):
            made.append(first)
            continue
        inside, rest = _parted(first[3 : end - 1]), first[end:].removeprefix("?")
        if len(inside) * len(rest) > _LONGEST:
            made.append(first)
            continue
        waiting[:0] = [each + rest for each in inside] + ([rest] if quantifier == "?" else [])
    return made


def _parted(source: str) -> list[str]:
    """The expression parted at the bars that stand in no bracket."""
    parts, begin, depth = [], 0, 0
    for token in _TOKEN.finditer(source):
        mark = token.group()
        depth += (mark == "(") - (mark == ")")
        if mark == "|" and not depth:
            parts.append(source[begin : token.start()])
            begin = token.end()
    return [*parts, source[begin:]]


def _bracket(source: str) -> int:
    """Where the bracket ends with which an expression begins."""
    depth = 0
    for token in _TOKEN.finditer(source):
        mark = token.group()
        depth += (mark == "(") - (mark == ")")
        if not depth:
            return token.end()
    raise ValueError(f"a bracket is not closed: {source}")


# An escaped character, a class of characters, or any one character.
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
