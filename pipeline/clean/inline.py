"""Superscripts, subscripts and linked reference marks as plain text, in place, before the page is cut into blocks.

A mark becomes ``[17]``, which can be read as part of no word or number; a power becomes superscript digits (``10²``), an ordinal
plain letters (``1st``), a subscript plain text (``CO2``).
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from pipeline.clean.dom import INLINE, text_of
from pipeline.clean.params import Params
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import TO_RAISED

_MARKS = re.compile(r"[\[(]?\s{0,3}\d{1,4}[a-z]?(?:\s{0,3}[,;–—-]\s{0,3}\d{1,4}[a-z]?){0,40}\s{0,3}[\])]?")
_INTEGER = re.compile(r"[+−–-]?\d{1,3}")
_CHARGE = re.compile(r"\d?[+−–-]")
_LETTER_MARK = re.compile(r"[\[(]?[a-z](?:\s?,\s?[a-z]){0,5}[\])]?")
_SEPARATOR = re.compile(r"[\s,;–—-]{1,5}")
_TEN = re.compile(r"(?:^|[^\d.,])10$")
_VARIABLE = re.compile(r"(?:^|[^\w])[^\W\d_]$")
_UNIT = re.compile(r"(?:^|[\s\d/·(×])([a-zµμ]{1,4})$")
_ELEMENT_SYMBOL = re.compile(r"[A-Z][a-z]?(?![a-z])")
_SUPER_STYLE = re.compile(r"vertical-align\s{0,4}:\s{0,4}(super|sub|top)")
_BEFORE_NODES = 40
_BEFORE_CHARS = 12
"""How much text before a superscript decides what it is."""


class InlineMarks:
    """Rewrites marks; built once per ruleset from the rule ``html-inline``."""

    def __init__(self, rules: Ruleset) -> None:
        params = Params(rules, "html-inline")
        self.units = frozenset(params["power_units"])
        self.symbols: dict[str, str] = params["symbols"]
        self.ordinals = frozenset(params["ordinals"])
        self.super_classes = frozenset(params["superscript_classes"])
        self.sub_classes = frozenset(params["subscript_classes"])
        self.target = re.compile("|".join(params["mark_targets"]), re.IGNORECASE)
        self.max_mark = int(params["max_mark_chars"])

    def rewrite(self, root: HtmlElement) -> None:
        """Replaces every superscript, subscript and linked mark below ``root`` by text."""
        for element in list(root.iter("sup", "sub", "span", "a")):
            kind = self._kind(element)
            if kind is None:
                continue
            text = text_of(element)
            if kind == "sub":
                _replace(element, text)
            elif kind == "sup":
                self._superscript(element, text)
            elif text:
                self._link(element, text)

    def _kind(self, element: HtmlElement) -> str | None:
        if element.tag in ("sup", "sub", "a"):
            return str(element.tag)
        style = element.get("style")
        if style is not None and "vertical-align" in style:
            match = _SUPER_STYLE.search(style)
            if match is not None and len(text_of(element)) <= self.max_mark:
                return "sub" if match[1] == "sub" else "sup"
        classes = element.get("class")
        if classes is not None:
            names = classes.lower().split()
            if not self.super_classes.isdisjoint(names):
                return "sup"
            if not self.sub_classes.isdisjoint(names):
                return "sub"
        return None

    def _superscript(self, element: HtmlElement, text: str) -> None:
        before, at_start = text_before(element)
        after = (element.tail or "")[:8]
        linked = element.find(".//a") is not None or next(element.iterancestors("a"), None) is not None
        if not text or len(text) > 4 * self.max_mark:
            return
        if text.lower() in self.ordinals and before[-1:].isdigit():
            _replace(element, text)
        elif text in self.symbols:
            _replace(element, self.symbols[text])
        elif _SEPARATOR.fullmatch(text):
            _replace(element, text)
        elif not linked and (
            self._is_power(before, text) or _is_isotope(before, text, after, at_start) or _is_charge(before, text)
        ):
            _replace(element, text.translate(TO_RAISED))
        elif _MARKS.fullmatch(text) or _LETTER_MARK.fullmatch(text) or (linked and len(text) <= self.max_mark):
            _replace(element, _bracketed(text, after))

    def _is_power(self, before: str, text: str) -> bool:
        if not _INTEGER.fullmatch(text):
            return False
        if _TEN.search(before) or (text[0] in "−–-" and before[-1:].isalnum()):
            return True
        if text not in ("2", "3"):
            return False
        unit = _UNIT.search(before)
        return (unit is not None and unit[1] in self.units) or _VARIABLE.search(before) is not None

    def _link(self, element: HtmlElement, text: str) -> None:
        if len(text) > self.max_mark or not _MARKS.fullmatch(text) or text[0] in "[(":
            return
        target = element.get("href") or ""
        if not target.startswith("#"):
            return
        before, at_start = text_before(element)
        after = (element.tail or "")[:8]
        if at_start or before[-1:] in "[(" or after[:1] in ("]", ")") or "[" in before.rpartition("]")[2]:
            return
        attached = not before[-1:].isspace() and not before[-1:].isdigit()
        if attached or self.target.search(target[1:]):
            _replace(element, _bracketed(text, after))


def _is_isotope(before: str, text: str, after: str, at_start: bool) -> bool:
    return text.isdigit() and not at_start and not before[-1:].isalnum() and _ELEMENT_SYMBOL.match(after) is not None


def _is_charge(before: str, text: str) -> bool:
    return before[-1:].isalpha() and _CHARGE.fullmatch(text) is not None


def _bracketed(text: str, after: str) -> str:
    inner = (
        "".join(text.strip("[]() ").split()).replace("–", "-").replace("—", "-")
        if _MARKS.fullmatch(text)
        else text.strip("[] ")
    )
    return f"[{inner}]{' ' if after[:1].isalnum() else ''}"


def text_before(element: HtmlElement) -> tuple[str, bool]:
    """The last characters before ``element`` on its line, and whether there are none but space (it starts its block)."""
    text = ""
    current = element
    for _ in range(_BEFORE_NODES):
        if len(text) >= _BEFORE_CHARS:
            break
        previous = current.getprevious()
        if previous is not None:
            text = (previous.tail or "") + text
            if not (previous.tail or "").strip():
                if previous.tag not in INLINE:
                    break
                text = "".join(previous.itertext()) + text
            current = previous
            continue
        parent = current.getparent()
        if parent is None:
            break
        text = (parent.text or "") + text
        if parent.tag not in INLINE:
            break
        current = parent
    return text[-_BEFORE_CHARS:], not text.strip()


def _replace(element: HtmlElement, text: str) -> None:
    """Puts ``text`` where ``element`` stands, its tail kept."""
    parent = element.getparent()
    if parent is None:
        return
    for child in list(element):
        element.remove(child)
    element.text = text
    element.tag = "span"
    element.attrib.clear()
