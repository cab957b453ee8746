"""Finds the reference lists of a page and makes one block of each entry, with its number where a numbered list gives it.

A list counts where a class, id or role names it, or a heading such as "References" stands before it, and at least half of its entries
look like sources (a year, a DOI, a PMID, a link). What they say is parsed elsewhere.
"""

from __future__ import annotations

import re
from itertools import pairwise

from lxml.html import HtmlElement

from pipeline.clean.blocks import Segment
from pipeline.clean.cues import Cues
from pipeline.clean.dom import ancestors

_NUMBERED = re.compile(r"\W{0,2}(\d{1,4})(?:[.):\]]|\s)")
_ROLES = frozenset(["doc-bibliography", "doc-endnotes", "doc-footnotes"])
_MAX_ENTRY_CHARS = 1500


def reference_entries(segments: list[Segment], cues: Cues) -> tuple[list[Segment], list[Segment]]:
    """``segments`` without reference lists and their headings, and the entries of these as ``reference`` segments; both in page order."""
    taken: set[int] = set()
    total = sum(len(segment.text) for segment in segments if segment.link_share < 0.5)
    for group in [*_named_groups(segments, cues), *_headed_groups(segments, cues), *_plain_groups(segments, cues)]:
        fresh = [segment for segment in group if segment.index not in taken]
        entries = _entries(fresh)
        looking = sum(1 for entry in entries if cues.look.points(entry.text) >= 1)
        size = sum(len(segment.text) for segment in fresh)
        if entries and 2 * looking >= len(entries) and size <= 0.9 * total:
            taken.update(segment.index for segment in fresh)
    if not taken:
        return segments, []
    listed = [segment for segment in segments if segment.index in taken]
    headings = {
        segment.index
        for segment, following in pairwise(segments)
        if following.index in taken and (segment.kind == "heading" or cues.headings.needs(segment.text) is not None)
    }
    running = [segment for segment in segments if segment.index not in taken and segment.index not in headings]
    return running, _entries(listed)


def _named_groups(segments: list[Segment], cues: Cues) -> list[list[Segment]]:
    """The blocks below each outermost element that is named a reference list."""
    known: dict[HtmlElement, HtmlElement | None] = {}
    groups: dict[HtmlElement, list[Segment]] = {}
    for segment in segments:
        element = segment.element
        outermost = known[element] if element in known else _outermost(element, cues, known)
        listed = segment.kind != "heading" and len(segment.text) <= _MAX_ENTRY_CHARS
        if outermost is not None and listed and not cues.headings.needs(segment.text) is not None:
            groups.setdefault(outermost, []).append(segment)
    return list(groups.values())


def _outermost(element: HtmlElement, cues: Cues, known: dict[HtmlElement, HtmlElement | None]) -> HtmlElement | None:
    """The outermost of ``element`` and those around it, up to the article, that is named a reference list; ``known`` keeps it."""
    chain = []
    found: HtmlElement | None = None
    for above in ancestors(element):
        if above in known:
            found = known[above]
            break
        if above.tag in ("body", "html", "article", "main"):
            break
        chain.append(above)
    for above in reversed(chain):
        if found is None and (above.get("role") in _ROLES or cues.is_reference(above)):
            found = above
        known[above] = found
    return found


def _headed_groups(segments: list[Segment], cues: Cues) -> list[list[Segment]]:
    """The blocks that follow each heading or line that says "References": one list, or paragraphs as long as they look like sources."""
    groups = []
    for position, segment in enumerate(segments):
        if not cues.headings.needs(segment.text) is not None:
            continue
        group: list[Segment] = []
        for following in segments[position + 1 :]:
            if following.kind == "heading" or len(following.text) > _MAX_ENTRY_CHARS:
                break
            if following.kind == "list_item":
                if group and group[-1].kind != "list_item":
                    break
            elif group and group[0].kind == "list_item":
                break
            elif cues.look.points(following.text) < 1:
                if group:
                    break
                if len(following.text) > 200:
                    break
                continue
            group.append(following)
        if group:
            groups.append(group)
    return groups


def _plain_groups(segments: list[Segment], cues: Cues) -> list[list[Segment]]:
    """Lists in the second half of the page of which nearly all items are plainly sources, whatever stands before them."""
    lists: dict[HtmlElement, list[Segment]] = {}
    for segment in segments[len(segments) // 2 :]:
        holder = next((above for above in ancestors(segment.element) if above.tag in ("ol", "ul")), None)
        if segment.kind == "list_item" and holder is not None:
            lists.setdefault(holder, []).append(segment)
    found = []
    for group in lists.values():
        entries = _entries(group)
        sure = sum(1 for entry in entries if cues.look.is_sure(entry.text) and cues.look.points(entry.text) >= 2)
        if len(entries) >= 2 and sure >= 0.8 * len(entries):
            found.append(group)
    return found


def _entries(segments: list[Segment]) -> list[Segment]:
    """One segment for each entry: blocks of one list item are joined, and a numbered list's number stands first."""
    entries: list[Segment] = []
    last_item: HtmlElement | None = None
    numbers: dict[HtmlElement, int] = {}
    for segment in segments:
        item = next((above for above in ancestors(segment.element) if above.tag in ("li", "tr")), None)
        if item is not None and item is last_item:
            entries[-1].text = f"{entries[-1].text} {segment.text}"
            continue
        last_item = item
        text = segment.text
        number = _item_number(item, numbers) if item is not None else None
        if number is not None:
            own = _NUMBERED.match(text)
            if own is None or (own[0][-1].isspace() and own[1] != str(number)):
                text = f"{number}. {text}"
        entries.append(Segment(segment.index, "reference", text, segment.element, 0, segment.link_chars, segment.slots))
    return entries


def _item_number(item: HtmlElement, known: dict[HtmlElement, int]) -> int | None:
    """The number a browser shows before ``item``; ``None`` where it is in no numbered list. ``known`` keeps those of whole lists."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return None
    if item not in known:
        number = _integer(parent.get("start"), 1)
        for sibling in parent.iterchildren("li"):
            number = _integer(sibling.get("value"), number)
            known[sibling] = number
            number += 1
    return known.get(item)


def _integer(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 7 else default
