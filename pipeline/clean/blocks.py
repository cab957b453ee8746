"""Cuts a page into its blocks in reading order, nothing left out yet but what no reader sees.

Each block knows the element that holds it, so that `body` can judge it by its place in the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from pipeline.clean.cues import Cues
from pipeline.clean.dom import text_of
from pipeline.model import BlockKind

UNREAD = frozenset((
    "script", "style", "template", "noscript", "head", "iframe", "object", "embed", "applet", "audio", "video",
    "canvas", "map", "svg", "select", "option", "datalist", "textarea", "input", "progress", "meter",
    "annotation", "annotation-xml", "rp", "frameset",
))  # fmt: skip
BLOCK = frozenset((
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre",
    "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "noframes",
))  # fmt: skip
HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CAPTIONS = frozenset(("figcaption", "caption"))
_SPECIAL = _CAPTIONS | HEADINGS.keys()
_LISTS = frozenset(("ul", "ol", "dl"))
_KINDS: dict[str, BlockKind] = {"li": "list_item", "dd": "list_item", "dt": "list_item", "blockquote": "quote"}
_TELLING = _SPECIAL | _LISTS | _KINDS.keys()
_NEAR = 3
"""So many of the elements around a block are asked whether they are named a caption."""
_BREAK = "\u2028"
_CELL = "\u2029"
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_MAX_CELL_CHARS = 300
_MAX_LONE_CELL_CHARS = 40
"""A table whose cells hold more on average lays out a page instead of data; the second is for a table of one row."""


@dataclass(slots=True)
class Segment:
    """One block as it stands in the page, with what is needed to judge it."""

    index: int
    kind: BlockKind
    text: str
    element: HtmlElement
    """The innermost block element that holds it."""
    level: int = 0
    link_chars: int = 0
    """How many of its characters are link text."""
    slots: list[tuple[HtmlElement, bool]] = field(default_factory=list)
    """Its text nodes: an element, and whether its tail (else its text) is meant."""

    @property
    def words(self) -> int:
        """How many words it has."""
        return self.text.count(" ") + 1

    @property
    def link_share(self) -> float:
        """How much of its text is links, 0 to 1."""
        return self.link_chars / len(self.text)


class _Part(NamedTuple):
    """A text node, or white space put between two."""

    text: str
    element: HtmlElement | None = None
    tail: bool = False
    linked: bool = False


class _Around(NamedTuple):
    """What an element and those above it say of the blocks in it."""

    special: HtmlElement | None = None
    """The innermost heading or caption."""
    kind: BlockKind | None = None
    """Of the innermost item or quotation."""
    depth: int = 0
    """How many lists there are."""


class Segmenter:
    """Walks one tree; made anew for each page."""

    def __init__(self, cues: Cues) -> None:
        self.cues = cues
        self.segments: list[Segment] = []
        self._parts: list[_Part] = []
        self._links = 0
        self._open: list[HtmlElement] = []
        self._around: list[_Around] = []
        """What stands around a block, for each open element."""
        self._rows = 0
        self._fact: HtmlElement | None = None
        self._captions: dict[HtmlElement, bool] = {}

    def run(self, root: HtmlElement) -> list[Segment]:
        """All blocks below ``root``."""
        body = root.find("body")
        skipped: HtmlElement | None = None
        top = body if body is not None else root
        self._push(top, top.tag)
        walker = etree.iterwalk(top, events=("start", "end"))
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if tag in UNREAD or not isinstance(tag, str) or self.cues.is_hidden(element):
                    walker.skip_subtree()
                    skipped = element  # its end comes next
                    continue
                self._start(element, tag)
            else:
                if element is not skipped:
                    self._end(element, tag)
                tail = element.tail
                if tail and element is not body and (self._parts or not tail.isspace()):
                    self._parts.append(_Part(tail, element, True, self._links > 0))
        self._flush()
        return self.segments

    def _push(self, element: HtmlElement, tag: str) -> None:
        around = self._around[-1] if self._around else _Around()
        if tag in _TELLING:
            special = element if tag in _SPECIAL else around.special
            kind = _KINDS.get(tag, around.kind)
            around = _Around(special, kind, around.depth + (tag in _LISTS))
        self._open.append(element)
        self._around.append(around)

    def _start(self, element: HtmlElement, tag: str) -> None:
        if tag in BLOCK:
            if self._rows == 0:
                self._flush()
            elif tag in ("td", "th") or element is self._fact:
                self._parts.append(_Part(_CELL))
            else:
                self._parts.append(_Part(" "))
            self._push(element, tag)
            if tag == "tr" and self._rows == 0 and is_data_table(element):
                self._rows += 1
            elif tag == "dt" and self._rows == 0 and is_fact_list(element.getparent()):
                self._rows += 1
                self._fact = element.getnext()
        elif tag == "br":
            self._parts.append(_Part(_BREAK if self._rows == 0 else " "))
        elif tag == "a":
            self._links += 1
        text = element.text
        if text and (self._parts or not text.isspace()):  # white space before a block is none of it
            self._parts.append(_Part(text, element, False, self._links > 0))

    def _end(self, element: HtmlElement, tag: str) -> None:
        if tag in BLOCK:
            if tag == "tr" and self._rows and is_data_table(element):
                self._flush_row()
                self._rows -= 1
            elif element is self._fact:
                self._flush_row()
                self._rows -= 1
                self._fact = None
            elif self._rows == 0:
                self._flush()
            else:
                self._parts.append(_Part(" "))
            self._open.pop()
            self._around.pop()
        elif tag == "a":
            self._links -= 1

    def _flush(self) -> None:
        parts = self._parts
        if not parts:
            return
        self._parts = []
        for part in parts:
            if part.element is not None and not part.text.isspace():
                break
        else:
            return
        kind, level, element = self._kind()
        broken = any(part.text == _BREAK for part in parts)
        for line in split_lines(parts) if broken else (parts,):
            self._append(kind, level, line, _joined(line), element)

    def _flush_row(self) -> None:
        parts, self._parts = self._parts, []
        text = "".join(part.text for part in parts)
        cells = [" ".join(cell.split()) for cell in text.split(_CELL)]
        # Each cell of a table has the mark before it, the term of a list has not.
        cells = cells[1:] if not cells[0] else cells
        self._append("table_row", 0, parts, _INVISIBLE.sub("", " | ".join(cells)).rstrip(" |"), self._open[-1])

    def _append(self, kind: BlockKind, level: int, parts: list[_Part], text: str, element: HtmlElement) -> None:
        slots = [(part.element, part.tail) for part in parts if part.element is not None and not part.text.isspace()]
        if not slots or not text:
            return
        link_chars = sum([len(part.text.strip()) for part in parts if part.linked])
        self.segments.append(Segment(len(self.segments), kind, text, element, level, min(link_chars, len(text)), slots))

    def _is_caption(self, element: HtmlElement) -> bool:
        known = self._captions.get(element)
        if known is None:
            known = self._captions[element] = self.cues.is_caption(element)
        return known

    def _kind(self) -> tuple[BlockKind, int, HtmlElement]:
        """What the open elements make of a block, its level, and the element it stands for."""
        element = self._open[-1]
        for above in self._open[: -_NEAR - 1 : -1]:
            if above.tag in HEADINGS:
                return "heading", HEADINGS[above.tag], above
            if above.tag in _CAPTIONS or self._is_caption(above):
                return "caption", 0, element
        special = self._around[-1].special
        if special is not None and special.tag in HEADINGS:
            return "heading", HEADINGS[special.tag], special
        if special is not None:
            return "caption", 0, element
        kind = self._around[-1].kind
        return (kind or "paragraph"), (self._around[-1].depth if kind == "list_item" else 0), element


def _joined(parts: list[_Part]) -> str:
    text = "".join([part.text for part in parts])
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


def split_lines(parts: list[_Part]) -> list[list[_Part]]:
    """The lines of a block, parted at ``<br>``, but for a line that goes on in the next one.

    Two breaks in a row always part; one break does unless what follows starts in lower case, or what stands before ends in a comma.
    """
    lines: list[list[_Part]] = []
    current: list[_Part] = []
    last = ""
    blank = True
    for part in [*parts, _Part(_BREAK)]:
        if part.text != _BREAK:
            current.append(part)
            continue
        text = _joined(current)
        if not text:
            blank = True
            continue
        if lines and not blank and (text[0].islower() or last in ",-–(/&"):
            lines[-1] += [_Part(" "), *current]
        else:
            lines.append(current)
        last = text[-1]
        current, blank = [], False
    return lines


def is_data_table(row: HtmlElement) -> bool:
    """Whether the table of ``row`` holds data, not the layout of a page: at least two columns of short cells and no table within."""
    table = next(row.iterancestors("table"), None)
    if table is None:
        return False
    known = table.get("data-cells")
    if known is None:
        known = "yes" if _holds_data(table) else "no"
        table.set("data-cells", known)
    return bool(known == "yes")


def is_fact_list(holder: HtmlElement | None) -> bool:
    """Whether a list of terms is a table of two columns: at least three pairs, each a short term that asks nothing and one short value."""
    if holder is None or holder.tag != "dl":
        return False
    known = holder.get("data-cells")
    if known is None:
        items = [element for element in holder if isinstance(element.tag, str)]
        terms, values = items[::2], items[1::2]
        paired = (
            len(items) >= 6 and all(e.tag == "dt" for e in terms) and [e.tag for e in values] == ["dd"] * len(terms)
        )
        short = paired and all(
            0 < len(term := text_of(e)) <= _MAX_LONE_CELL_CHARS and not term.endswith("?") for e in terms
        )
        known = "yes" if short and all(0 < len(text_of(e)) <= 3 * _MAX_LONE_CELL_CHARS for e in values) else "no"
        holder.set("data-cells", known)
    return bool(known == "yes")


def _holds_data(table: HtmlElement) -> bool:
    if table.find(".//table") is not None or table.find(".//form") is not None or table.get("role") == "presentation":
        return False
    rows = columns = cells = 0
    chars = 0
    for row in table.iter("tr"):
        count = sum(1 for cell in row if cell.tag in ("td", "th"))
        rows += 1
        cells += count
        columns = max(columns, count)
    if columns < 2:
        return False
    longest = 0
    for cell in table.iter("td", "th"):
        length = len(text_of(cell))
        chars += length
        longest = max(longest, length)
    return chars <= (_MAX_CELL_CHARS if rows > 1 else _MAX_LONE_CELL_CHARS) * cells and longest <= 10 * _MAX_CELL_CHARS
