"""Parsing a page into a tree that is safe to walk: any input, bounded depth, nothing that is not for readers.

``lxml`` (libxml2) repairs broken markup, but it stops at 2048 open elements, takes quadratic time over thousands of attributes of
one tag, and gives nothing at all for an empty page; those are met here before and after it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree
from lxml.etree import SubElement
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from pipeline.config import Limits

# XML has no place for these; libxml2 would stop at a null and turn the rest into replacement characters. The last range holds
# variation selectors that only mark rare variants of CJK glyphs; they are taken out because `body` writes its marks with them.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\U000e0100-\U000e01ef]")
_NOT_TEXT_BYTES = bytes((*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F))
_NOT_TEXT_STARTS = (b"\xef\xbf", b"\xf3\xa0")
"""How the others of them begin in UTF-8."""
_REFERENCE = re.compile(r"&#(?:[xX]0{0,20}([0-9a-fA-F]{1,6})|0{0,20}([0-9]{1,7}));?")
_ENCODING_DECLARATION = re.compile(r"^\s{0,64}<\?xml[^>]{0,256}>", re.ASCII)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,40})([^<>]{0,4096})>")
_HUGE = 8192
_HUGE_TAG = re.compile(rf"<([A-Za-z][A-Za-z0-9:-]{{0,40}})\s([^<>]{{{_HUGE},}})>")
_ATTRIBUTE = re.compile(
    r"(?<![\w.:-])([A-Za-z_][\w:.-]{0,80})\s{0,8}=\s{0,8}(\"[^\"<>]{0,4096}\"|'[^'<>]{0,4096}'|[^\s\"'<>]{1,512})"
)
_MANY_ATTRIBUTES = 500
_ATTRIBUTES_KEPT = 32
INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "dfn", "em", "font", "i", "ins", "kbd",
    "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var",
))  # fmt: skip
"""Elements that part no words."""
_VOID = frozenset((
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
))  # fmt: skip
_NO_TEXT = ("style", "template", "svg", "iframe", "object", "canvas")


def parse(html: str, limits: Limits) -> HtmlElement | None:
    """The page as a tree whose root is ``html``, no deeper than ``limits.html_depth``; ``None`` where it has no element or text."""
    source = _REFERENCE.sub(_without_what_is_no_text, _text_only(html))
    source = _ENCODING_DECLARATION.sub("", source, count=1)
    source = _without_huge_tags(source)
    root, too_deep = _parse(source)
    if too_deep:
        root, _ = _parse(_flat_source(source, limits.html_depth))
    if root is None:
        return None
    _show_frame_content(root)
    etree.strip_elements(root, *_NO_TEXT, with_tail=False)
    for script in list(root.iter("script")):
        if "json" not in (script.get("type") or ""):
            script.drop_tree()
    flatten(root, limits.html_depth)
    return root


def _text_only(html: str) -> str:
    """``html`` without characters that are no text. Bytes show faster than characters whether it holds any."""
    data = html.encode("utf-8", "replace")
    clean = len(data.translate(None, _NOT_TEXT_BYTES)) == len(data) and not any(
        start[0] in data and start in data
        for start in _NOT_TEXT_STARTS  # one byte is found much faster than two
    )
    return html if clean else _NOT_TEXT.sub("", html)


def _parse(source: str) -> tuple[HtmlElement | None, bool]:
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False)
    # One class for all elements: lxml.html's own lookup is asked in Python for each of them, for classes of forms that no one here needs.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        # Bytes, not str: lxml refuses a str that declares an encoding.
        root = document_fromstring(source.encode("utf-8", "replace"), parser=parser, ensure_head_body=True)
    except (etree.LxmlError, ValueError):
        return None, False
    too_deep = any("xcessive depth" in entry.message for entry in parser.error_log)
    return root, too_deep


def _without_what_is_no_text(match: re.Match[str]) -> str:
    """A reference to a character, but for one that is taken out where it stands for itself."""
    number = int(match[1], 16) if match[1] is not None else int(match[2])
    return "" if number <= sys.maxunicode and _NOT_TEXT.match(chr(number)) else match[0]


def _without_huge_tags(source: str) -> str:
    """``source`` with few attributes in tags that have very many. Whether there are any shows in leaps of their length."""
    at = 0
    while len(source) - at > _HUGE:
        end = source.rfind(">", at, at + _HUGE)
        if end < 0:
            end = source.find(">", at)
            if end < 0:
                break
            if end - source.rfind("<", at, end) > _HUGE:
                return _HUGE_TAG.sub(_without_most_attributes, source)
        at = end + 1
    return source


def _without_most_attributes(match: re.Match[str]) -> str:
    if max(match[2].count("="), len(match[2].split())) < _MANY_ATTRIBUTES:  # they may have no value
        return match[0]
    kept = []
    for number, attribute in enumerate(_ATTRIBUTE.finditer(match[2])):
        if number == _ATTRIBUTES_KEPT:
            break
        kept.append(attribute[0])
    return f"<{match[1]} {' '.join(kept)}>"


def _flat_source(source: str, depth: int) -> str:
    """``source`` without the tags that open or close elements deeper than ``depth``; their text stays, with a
    line break for each tag of a block."""
    open_elements = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal open_elements
        if match[2].lower() in _VOID or match[3].endswith("/"):
            return match[0]
        instead = " " if match[2].lower() in INLINE else "<br>"
        if match[1]:
            open_elements = max(0, open_elements - 1)
            return match[0] if open_elements < depth else instead
        open_elements += 1
        return match[0] if open_elements <= depth else instead

    return _TAG.sub(keep, source)


def _show_frame_content(root: HtmlElement) -> None:
    """Parses the text of ``noframes`` into the body: in a page of frames it is all there is to read."""
    body = root.find("body")
    for element in list(root.iter("noframes")):
        content, _ = _parse(element.text or "") if "<" in (element.text or "") else (None, False)
        inner = content.find("body") if content is not None else None
        if inner is None or body is None:
            continue
        element.text = None
        inner.tag = "div"
        body.append(inner)


def flatten(root: HtmlElement, depth: int) -> None:
    """Unwraps all elements deeper than ``depth``, in one pass and without recursion; their text moves up, blocks set apart by breaks."""
    for element in _at_depth(depth)(root):
        if len(element):
            _unwrap_below(element)


@lru_cache(maxsize=4)
def _at_depth(depth: int) -> etree.XPath:
    """Finds the elements that have ``depth`` - 1 others around them, up to the root they are looked for from."""
    return etree.XPath("self::*" + "/*" * (depth - 1))


def _unwrap_below(element: HtmlElement) -> None:
    lines: list[list[str]] = [[]]
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if inner is element:
            lines[-1].append((inner.text or "") if event == "start" else "")
            continue
        if inner.tag not in INLINE:
            lines.append([])
        lines[-1].append((inner.text if event == "start" else inner.tail) or "")
    for child in list(element):
        element.remove(child)
    texts = [text for text in ("".join(line) for line in lines) if text.strip()]
    element.text = texts[0] if texts else None
    for text in texts[1:]:
        SubElement(element, "br").tail = text


def reveal(root: HtmlElement) -> bool:
    """Makes the content of ``noscript`` part of the page; whether there was any."""
    found = list(root.iter("noscript"))
    for element in found:
        element.tag = "div"
    return bool(found)


def text_of(element: HtmlElement) -> str:
    """All text below ``element``, runs of white space as one space."""
    return " ".join("".join(element.itertext()).split())


def ancestors(element: HtmlElement) -> Iterator[HtmlElement]:
    """``element`` and all above it, from the inside out."""
    current: HtmlElement | None = element
    while current is not None:
        yield current
        current = current.getparent()


def strip_tags(text: str) -> str:
    """``text`` without the tags in it, which end lines; as it is where there are none."""
    return _TAG.sub("\n", text) if "<" in text and ">" in text else text
