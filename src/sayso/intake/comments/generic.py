"""Find the comments of a page of no known system: repeated elements inside something called after comments."""

from __future__ import annotations

import re
from collections import Counter

from sayso.intake.comments.systems import AREAS, GENERIC, NOT_AREAS
from sayso.intake.markup import Element, flat_text, select

_VARIABLE = re.compile(
    r"\d|^(?:odd|even|alt|first|last|new|highlighted|active|is-|has-|depth|level|indent|parent|child|by)"
)
_CLIMB = 12
_ITEMS = frozenset(("li", "div", "article", "section", "tr", "dd"))
_MIN_WORDS = 2
_HEADING = re.compile(
    r"(?:\d[\d,.]* )?(?:(?:all|our|your|the|readers?['’]?s?|user) )*(?:comments?|replies|responses)(?:COUNT)?:?|"
    r"(?:your|readers['’]?|reader) (?:views|opinions|reactions|letters|discussion)(?:COUNT)?:?|"
    r"what readers say|have your say|join the (?:conversation|discussion|debate)".replace(
        "COUNT", r" ?[:(\[]? ?\d[\d,.]*[)\]]?"
    ),
    re.IGNORECASE,
)
"""What stands above a thread."""
_HEADED = 8
"""Words that the element of a heading has at most, beyond which it holds the thread itself."""

_Kind = tuple[str, frozenset[str]]


def find_elements(tree: Element, refused: set[Element]) -> list[Element]:
    """The elements of the comments: the outermost kind of which the most have a name or a time of their own.

    A kind is a tag with its classes but for those that number or mark a single one. Without any name or time the
    kind is that of the most ``<li>`` (or the like) that are children of one element. Fewer than two are no thread.
    """
    areas = [
        area for area in select(tree, AREAS) if area not in refused and area.tag not in ("body", "html", "a", "span")
    ]
    areas += [area for area in _headed(tree) if area not in refused and area not in areas]
    inside: set[Element] = set()
    for other in select(tree, NOT_AREAS):
        if other not in refused and other not in inside:
            inside.update(other.iter())
    outer = []
    for area in areas:  # in the order of the page, so that an outer one comes before those in it; then headed ones
        if area not in inside:
            outer.append(area)
            inside.update(area.iter())
    best: list[Element] = []
    for area in outer:
        elements = _by_signs(area, refused) or _by_repetition(area, refused)
        if len(elements) > len(best):
            best = elements
    return best if len(best) > 1 else []


def _headed(tree: Element) -> list[Element]:
    """What stands around a heading such as "Comments (12)" or "What readers say", where nothing is called after it."""
    around = []
    for heading in tree.iter("h2", "h3", "h4", "legend"):
        if _HEADING.fullmatch(" ".join(flat_text(heading).split())):
            above = heading.getparent()
            # A heading in an element of its own, with a button beside it, stands in the one around.
            if above is not None and above.tag in ("header", "div") and len(flat_text(above).split()) < _HEADED:
                above = above.getparent()
            if above is not None and above.tag not in ("body", "html", "main", "article"):
                around.append(above)
    return around


def _by_signs(area: Element, refused: set[Element]) -> list[Element]:
    held: dict[_Kind, set[Element]] = {}
    for selector in (*GENERIC.author, *GENERIC.time):
        for sign in select(area, selector):
            node, seen = sign.getparent(), set()
            for _ in range(_CLIMB):
                if node is None or node is area:
                    break
                kind = _kind(node)
                if node.tag in _ITEMS and kind not in seen:
                    seen.add(kind)
                    held.setdefault(kind, set()).add(node)
                node = node.getparent()
    ranked = sorted(held.items(), key=lambda item: -len(item[1]))
    if not ranked or len(ranked[0][1]) < 2:
        return []
    most = len(ranked[0][1])
    equals = {kind for kind, elements in ranked if len(elements) >= 0.9 * most}
    outermost = _outermost(area, {node: kind for kind in equals for node in held[kind]})
    if outermost is None:
        return []
    return [node for node in area.iter(outermost[0]) if _kind(node) == outermost and node not in refused]


def _outermost(area: Element, kinds: dict[Element, _Kind]) -> _Kind | None:
    """Of kinds of elements that stand in each other, the one that the page opens first."""
    return next((kinds[node] for node in area.iter() if node in kinds), None)


def _by_repetition(area: Element, refused: set[Element]) -> list[Element]:
    counts: Counter[_Kind] = Counter()
    for parent in area.iter():
        here = Counter(_kind(child) for child in parent if isinstance(child.tag, str) and child.tag in _ITEMS)
        for kind, number in here.items():
            if number > 1:
                counts[kind] += number
    for kind, _ in sorted(counts.items(), key=lambda item: -item[1]):
        elements = [node for node in area.iter(kind[0]) if _kind(node) == kind and node not in refused]
        wordy = sum(1 for node in elements[:50] if len(flat_text(node).split()) >= _MIN_WORDS and _is_prose(node))
        if wordy >= 2 and wordy * 2 >= len(elements[:50]):
            return elements
    return []


def _is_prose(node: Element) -> bool:
    """Whether an element is more than links, as the entries of a menu are not."""
    words = len(flat_text(node).split())
    linked = sum(len(flat_text(link).split()) for link in node.iter("a", "button", "label"))
    return linked * 2 < words


def _kind(node: Element) -> _Kind:
    classes = (node.get("class") or "").split()
    return node.tag, frozenset(name for name in classes if not _VARIABLE.search(name))
