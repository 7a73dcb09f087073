"""A figure's SVG as a part of a page: in the page's colours, light or dark, and told in words."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

# The colours that figures are drawn in, and the page's names for them (templates/style.css). Where
# the page is light, it shows them as they are.
INKS = {
    "#222222": "ink", "#000": "ink", "#000000": "ink", "black": "ink", "#555555": "soft",
    "#8a8a8a": "pale",
    "#e4e4e4": "rule", "#ddd": "rule", "#dddddd": "rule", "white": "paper", "#ffffff": "paper",
    "#fff": "paper", "#2f6db3": "blue", "#4f8bc9": "blue", "#b9cfe8": "blue-pale",
    "#e08a1e": "orange", "#2f6cb2": "heat",
}  # fmt: skip
SVG = "http://www.w3.org/2000/svg"
DRAWN = frozenset(
    {"svg", "g", "path", "text", "tspan", "rect", "line", "circle", "defs", "clipPath"}
    | {"linearGradient", "stop", "title", "desc"}
)
DROPPED = re.compile("role|aria-.*|class|tabindex|pointer-events|style")
LONG = re.compile(r"(\.\d{2})\d+")  # hundredths of a pixel are enough

ET.register_namespace("", SVG)


def inked(svg: str, name: str, title: str, description: str) -> str:
    """The SVG to be set into a page.

    Parameters
    ----------
    svg
        As vl-convert writes it.
    name
        Sets its ids apart from those of the page's other figures.

    Raises
    ------
    ValueError
        If it holds what no figure needs: a script, a picture, a link.
    """
    root = ET.fromstring(svg)  # noqa: S314  what was drawn a moment ago
    for part in root.iter():
        kind = part.tag.removeprefix(f"{{{SVG}}}")
        if kind not in DRAWN:
            raise ValueError(f"the figure {name} holds a <{kind}>")
        if kind == "text" and "fill" not in part.attrib:
            part.set("fill", "black")  # as it would be by itself
        part.attrib = {
            attribute: _value(attribute, value, name)
            for attribute, value in part.attrib.items()
            if not DROPPED.fullmatch(attribute)
        }
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-t {name}-d")
    for i, (tag, text, end) in enumerate((("title", title, "t"), ("desc", description, "d"))):
        told = ET.Element(f"{{{SVG}}}{tag}", {"id": f"{name}-{end}"})
        told.text = text
        root.insert(i, told)
    return ET.tostring(root, encoding="unicode")


def _value(attribute: str, value: str, name: str) -> str:
    """What an attribute is in a page."""
    if attribute.startswith(("on", "{")) or attribute == "href":
        raise ValueError(f"the figure {name} holds the attribute {attribute}")
    if attribute in {"fill", "stroke"}:
        return f"var(--{INKS[value]})" if value in INKS else value
    if attribute in {"d", "transform"}:
        return LONG.sub(r"\1", value)
    if attribute == "id":
        return f"{name}-{value}"
    return value.replace("url(#", f"url(#{name}-", 1) if value.startswith("url(#") else value
