"""The chain of a claim as a diagram: from the writer down to the one whose claim it is."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sayso.web.plots.svg import drawing, element

_WIDTH, _LINE, _WRAP, _MOST = 300.0, 18.0, 34, 4


@dataclass(frozen=True, slots=True)
class Link:
    """One of the chain: the name, what he or she is here (``writer``), the address of the record.

    ``cue`` are the words by which the one before brings this one in; ``sure`` is False where no words do.
    """

    name: str
    role: str = ""
    href: str | None = None
    cue: str = ""
    sure: bool = True


def _lines(text: str, width: int) -> list[str]:
    made = textwrap.wrap(text, width) or [text]
    return [*made[: _MOST - 1], made[_MOST - 1] + " …"] if len(made) > _MOST else made


def chain_diagram(links: Sequence[Link]) -> Markup:
    """Discs one below the other joined by arrows with their cues, the holder's the last and full; 300 units wide.

    Names wrap; a name is a link where ``href`` is given.
    """
    inside: list[Markup] = []
    y = 14.0
    above: float | None = None
    for at, link in enumerate(links):
        if above is not None:
            cue = _lines(f"“{link.cue}”", _WRAP) if link.cue else []
            gap = max(24.0, 16.0 + (_LINE - 2) * len(cue))
            end = above + gap + 4
            inside.append(
                element("path", class_="edge" if link.sure else "edge unsure", d=f"M10 {above:g}V{end - 6:g}")
            )
            inside.append(element("path", class_="tip", d=f"M6 {end - 9:g}L10 {end - 2:g}L14 {end - 9:g}Z"))
            inside += [
                element("text", words, class_="cue", x=28, y=above + 15 + (_LINE - 2) * n)
                for n, words in enumerate(cue)
            ]
            y = end + 7
        last = at == len(links) - 1
        inside.append(element("circle", class_="holder" if last else "through", cx=10, cy=y, r=6.5))
        names = _lines(link.name, _WRAP - 2)
        text = element(
            "text",
            *(element("tspan", words, x=28, dy=None if n == 0 else _LINE) for n, words in enumerate(names)),
            class_="name last" if last else "name",
            x=28,
            y=y + 5,
        )
        inside.append(element("a", text, href=link.href) if link.href else text)
        bottom = y + 5 + _LINE * (len(names) - 1)
        if link.role:
            bottom += 15
            inside.append(element("text", link.role, class_="role", x=28, y=bottom))
        above = max(y + 9, bottom - (8 if len(names) > 1 or link.role else 0))
    spoken = ", who has it from ".join(link.name for link in links)
    height = (above or 0.0) + 12
    label = f"Chain: {spoken}"
    return drawing(*inside, label=label, class_="plot chain-plot", role="group", viewBox=f"0 0 {_WIDTH:g} {height:g}")
