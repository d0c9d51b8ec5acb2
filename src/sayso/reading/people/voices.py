"""Whose words stand where: contents with their holders, looked up by place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from sayso.posts import Range
from sayso.values import value

from .layout import Layout

T = TypeVar("T")


@value
class Voice(Generic[T]):
    """A content with what was found out about its holder."""

    spans: tuple[Range, ...]
    holder: T


def length(spans: Iterable[Range]) -> int:
    """Code points that the ranges cover."""
    return sum(end - start for start, end in spans)


class Voices(Generic[T]):
    """Contents by the paragraphs they touch, so that a look-up does not grow with the text."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._by_paragraph: dict[int, list[Voice[T]]] = {}

    def add(self, spans: tuple[Range, ...], holder: T) -> None:
        """Note a content."""
        voice, number_at = Voice(spans, holder), self._layout.paragraph_at
        touched: set[int] = set()
        for start, end in spans:
            touched.update(range(number_at(start), number_at(max(start, end - 1)) + 1))
        for number in touched:
            self._by_paragraph.setdefault(number, []).append(voice)

    def at(self, offset: int) -> Voice[T] | None:
        """The shortest content that covers an offset."""
        there = self._by_paragraph.get(self._layout.paragraph_at(offset), ())
        over = [v for v in there if any(s <= offset < e for s, e in v.spans)]
        return min(over, key=lambda v: length(v.spans), default=None)

    def nearest(self, offset: int) -> Voice[T] | None:
        """The content that begins nearest to an offset in the same paragraph."""
        there = self._by_paragraph.get(self._layout.paragraph_at(offset), ())
        return min(there, key=lambda v: abs(v.spans[0][0] - offset), default=None)
