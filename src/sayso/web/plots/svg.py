"""Elements of SVG as escaped text."""

from __future__ import annotations

from markupsafe import Markup, escape


def number(value: float) -> str:
    """A coordinate: two decimals at most, without a trailing zero."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def percent(share: float) -> str:
    """A share in 0..1 as a coordinate that grows with the drawing."""
    return number(share * 100.0) + "%"


def element(name: str, *inside: str | Markup, **attributes: str | float | None) -> Markup:
    """An element; ``class_`` gives ``class``, an underscore within a name a hyphen, and None leaves the attribute out.

    Text inside and values of attributes are escaped, unless they are Markup.

    >>> str(element("text", "a < b", x=3.0, class_="label", text_anchor="end"))
    '<text x="3" class="label" text-anchor="end">a &lt; b</text>'
    """
    made = Markup("")
    for key, value in attributes.items():
        if value is None:
            continue
        text = value if isinstance(value, str) else number(value)
        label = key.rstrip("_").replace("_", "-") if key != "viewBox" else key
        made += Markup(' {}="{}"').format(label, text)
    content = Markup("").join(escape(each) for each in inside)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), made, content)


def drawing(*inside: Markup, label: str, class_: str, role: str = "img", **attributes: str | float | None) -> Markup:
    """An ``svg`` that is read out as ``label``; one with links inside has the role ``group``, for an image has none."""
    return element("svg", element("title", label), *inside, class_=class_, role=role, **attributes)
