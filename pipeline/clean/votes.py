"""trafilatura's vote on the blocks of a page, and a vote by density of text where it has none.

Before trafilatura runs, every block is marked with a number written in variation selectors, which take no room, are printable and
part of no word, so that they come through its filters; the numbers found in its output say exactly which blocks it took, with no
matching of texts.
"""

from __future__ import annotations

import re
from copy import copy
from functools import cache

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Extractor

from pipeline.clean.blocks import Segment
from pipeline.clean.cues import Cues
from pipeline.clean.dom import ancestors
from pipeline.clean.junk import JunkBoxes

_FIRST = 0xE0100
_BASE = 240
_DIGITS = 3
_MARK = re.compile("[\U000e0100-\U000e01ef]{3}")


def mark(segments: list[Segment]) -> None:
    """Writes the number of each block into the longest of its text nodes."""
    seen: set[tuple[HtmlElement, bool]] = set()
    for segment in segments[: _BASE**_DIGITS]:
        code = segment.index
        letters = []
        for _ in range(_DIGITS):
            code, digit = divmod(code, _BASE)
            letters.append(chr(_FIRST + digit))
        slot = segment.slots[0]
        if len(segment.slots) > 1:
            slot = max(segment.slots, key=lambda slot: len((slot[0].tail if slot[1] else slot[0].text) or ""))
        if slot in seen:
            continue
        seen.add(slot)
        element, tail = slot
        value = (element.tail if tail else element.text) or ""
        stripped = value.lstrip()
        value = value[: len(value) - len(stripped)] + "".join(letters) + stripped
        if tail:
            element.tail = value
        else:
            element.text = value


def marks_in(text: str) -> set[int]:
    """The numbers of the blocks whose marks are in ``text``."""
    found = set()
    for match in _MARK.finditer(text):
        code = 0
        for letter in reversed(match[0]):
            code = code * _BASE + ord(letter) - _FIRST
        found.add(code)
    return found


def extracted(root: HtmlElement, url: str | None) -> set[int]:
    """The numbers of the blocks that trafilatura takes for the article."""
    options = copy(_options())
    options.url = url
    try:
        document = bare_extraction(root, options=options)
    except (
        Exception
    ):  # What it may raise on a broken page is not documented, and the page can be read without its vote.
        return set()
    if document is None or isinstance(document, dict) or document.body is None:
        return set()
    return marks_in("".join(document.body.itertext()))


@cache
def _options() -> Extractor:
    """What trafilatura is asked for, which takes it a while to make. Only its tree is of use, so that it makes no text of it."""
    return Extractor(output_format="txt", fast=True, precision=True, comments=False, tables=True, dedup=False)


_PROSE = ("paragraph", "list_item", "quote")
_PARAGRAPHS = ("p", "li", "pre", "dd", "blockquote")
_MOST_LINKS = 0.5
ASIDE = frozenset(["aside", "nav", "footer", "form", "dialog", "fieldset", "menu", "button", "header"])
"""Elements that hold no running text of an article."""


def dense(segments: list[Segment], cues: Cues) -> set[int]:
    """The numbers of the blocks below the element with the most prose, after the idea of Readability (Arc90): each paragraph counts
    its words for its parent and half of them for the parent's parent."""
    minimum = int(cues.params["prose_words"])
    prose = [s for s in segments if s.kind in _PROSE and s.words >= minimum and s.link_share <= _MOST_LINKS]
    places = Places(JunkBoxes(prose, cues, float(cues.params["dense_junk_share"])))
    prose = [segment for segment in prose if not places.aside(segment.element)]
    scores: dict[HtmlElement, float] = {}
    for segment in prose:
        parent = segment.element.getparent() if segment.element.tag in _PARAGRAPHS else segment.element
        for share in (1.0, 0.5):
            if parent is None:
                break
            scores[parent] = scores.get(parent, 0.0) + share * segment.words
            parent = parent.getparent()
    if not scores:
        return set()
    best = max(scores, key=lambda element: scores[element])
    return {segment.index for segment in prose if any(above is best for above in ancestors(segment.element))}


def remainder(segments: list[Segment], cues: Cues) -> list[Segment]:
    """All blocks that are no furniture by tag, name or links, for a page that holds no paragraph; none where they hardly say anything."""
    places = Places(JunkBoxes(segments, cues, float(cues.params["dense_junk_share"])))
    found = [
        segment
        for segment in segments
        if segment.link_share < _MOST_LINKS
        and not cues.is_junk_line(segment.text, segment.link_share)
        and not places.aside(segment.element)
    ]
    return found if sum(segment.words for segment in found) >= int(cues.params["least_words"]) else []


class Places:
    """Whether elements of one page stand in furniture; remembers what it found."""

    def __init__(self, junk: JunkBoxes) -> None:
        self._junk = junk
        self._known: dict[HtmlElement, bool] = {}

    def aside(self, element: HtmlElement) -> bool:
        """Whether ``element`` or one above it, up to the article, is furniture by tag or name."""
        chain = []
        verdict = False
        for above in ancestors(element):
            known = self._known.get(above)
            if known is not None:
                verdict = known
                break
            if above.tag in ("body", "html", "article", "main"):
                break
            chain.append(above)
        for above in reversed(chain):
            verdict = verdict or above.tag in ASIDE or above in self._junk
            self._known[above] = verdict
        return verdict
