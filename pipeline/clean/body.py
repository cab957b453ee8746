"""Chooses the blocks of a page that are the article, from votes, each block's place in the page, and its words."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml.html import HtmlElement

from pipeline.clean.blocks import Segment
from pipeline.clean.cues import Cues
from pipeline.clean.dom import ancestors
from pipeline.clean.junk import JunkBoxes
from pipeline.clean.votes import ASIDE

_WORD = re.compile(r"\w+")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")
_DATELINE_WORDS = 12


class _Place(NamedTuple):
    """Where an element stands."""

    inside: bool
    """In the element that holds nearly all of the article."""
    aside: frozenset[str]
    """The tags between the two that hold no running text of an article."""
    junk: bool
    """Whether a box between the two is furniture by name."""


class Chooser:
    """Decides on each block of one page from the votes, its place and its words."""

    def __init__(self, segments: list[Segment], voted: set[int], cues: Cues, title: str | None) -> None:
        self.segments = segments
        self.voted = voted
        self.cues = cues
        self.title = title
        self.few_links = float(cues.params["few_links"])
        self.all_links = float(cues.params["all_links"])
        self.line_words = int(cues.params["line_words"])
        prose = [segment for segment in segments if segment.index in voted]
        self._places: dict[HtmlElement, _Place] = {}
        self.junk = JunkBoxes(prose, cues, float(cues.params["junk_max_share"]))
        self.total = self.junk.words
        self.direct: dict[HtmlElement, int] = {}
        self.like: dict[tuple[str, str], int] = {}
        for segment in prose:
            if segment.kind != "caption":
                holder = flow_parent(segment)
                self.direct[holder] = self.direct.get(holder, 0) + segment.words
                self.like[_signature(holder)] = self.like.get(_signature(holder), 0) + segment.words
        self.container = self._container()
        self.flow = max(self.direct, key=lambda element: self.direct[element]) if self.direct else None

    def _container(self) -> HtmlElement | None:
        """The innermost element that holds nearly all that was voted for."""
        best: HtmlElement | None = None
        share = float(self.cues.params["container_share"])
        for segment in self.segments:
            if segment.index not in self.voted:
                continue
            for above in ancestors(segment.element):
                if self.junk.holds(above) >= share * self.total:
                    if best is None or any(best is outer for outer in above.iterancestors()):
                        best = above
                    break
        while best is not None and best.tag in _LISTED and best.getparent() is not None:
            best = best.getparent()
        return best

    def run(self) -> list[Segment]:
        """The blocks of the article, in reading order."""
        inside = [
            segment.index for segment in self.segments if segment.index in self.voted and self._in_container(segment)
        ]
        if not inside:
            return []
        first, last = inside[0], inside[-1]
        self._link_lists(first, last)
        kept: list[bool] = []
        for segment in self.segments:
            if segment.index in self.voted:
                keep = True
            elif first < segment.index < last:
                keep = self._in_container(segment) and self._fills_gap(segment)
            else:
                keep = self._extends(segment)
            kept.append(keep and not self._junk(segment))
        self._add_headings(kept)
        chosen = [segment for segment, keep in zip(self.segments, kept, strict=True) if keep]
        return self._without_tails(self._without_dateline(self._without_title(chosen)))

    def _add_headings(self, kept: list[bool]) -> None:
        """Keeps the headings right before blocks that are kept and the captions beside rows that are; drops headings of nothing."""
        following: Segment | None = None
        has_text = False
        gap = 0
        for place in range(len(self.segments) - 1, -1, -1):
            segment = self.segments[place]
            if segment.kind == "heading":
                kept[place] = has_text and (
                    kept[place]
                    or (
                        following is not None
                        and gap <= _HEADING_GAP
                        and segment.link_share < self.few_links
                        and self._in_container(segment)
                        and self._place(segment.element).aside <= {"header"}
                        and not self._junk(segment)
                    )
                )
            elif kept[place]:
                following, has_text, gap = segment, True, 0
                continue
            elif segment.kind == "caption":
                beside = self.segments[max(0, place - 1) : place + 2]
                kept[place] = any(
                    b.kind == "table_row" and kept[b_place] for b_place, b in enumerate(beside, max(0, place - 1))
                )
            else:
                gap += 1

    def _link_lists(self, first: int, last: int) -> None:
        """Finds the lists of nothing but links among the blocks of these indices.

        They are ``kept_links`` where they follow nearly every section, else ``dropped_links``, but for those that a colon leads to.
        """
        groups: list[list[Segment]] = []
        leads: list[str] = []
        before: Segment | None = None
        above = ""
        # Reference lists have been taken out, so a block's index is not its place.
        for segment in self.segments:
            if segment.index > last:
                break
            if segment.index < first:
                above = segment.text
                continue
            if segment.kind == "list_item" and segment.link_share > self.all_links:
                if before is not None and before.kind == "list_item" and groups and groups[-1][-1] is before:
                    groups[-1].append(segment)
                elif before is None or before.kind != "list_item":
                    groups.append([segment])
                    leads.append(above)
            before, above = segment, segment.text
        inflow = [group for group in groups if self._in_flow(group[0])]
        self.kept_links: set[int] = set()
        self.dropped_links: set[int] = set()
        if len(inflow) >= int(self.cues.params["link_lists"]):
            self.kept_links.update(segment.index for group in inflow for segment in group)
        for group, lead in zip(groups, leads, strict=True):
            if len(group) >= 3 and group[0].index not in self.kept_links and not lead.endswith(":"):
                self.dropped_links.update(segment.index for segment in group)

    def _in_flow(self, segment: Segment) -> bool:
        """Whether the block stands in an element like the one that holds most of the text."""
        parent = flow_parent(segment)
        return (
            parent is self.flow
            or self.like.get(_signature(parent), 0) >= float(self.cues.params["flow_share"]) * self.total
        )

    def _in_container(self, segment: Segment) -> bool:
        return self._place(segment.element).inside

    def _fills_gap(self, segment: Segment) -> bool:
        """Whether a block that was not voted for belongs to the text it stands in."""
        if segment.kind == "heading":
            return flow_parent(segment) is self.flow
        aside = self._place(segment.element).aside
        if aside:
            # A question on a button folds out its answer.
            return aside == {"button"} and segment.text.endswith("?") and segment.words >= 3
        if segment.kind == "caption":
            return self.cues.is_kept_caption(segment.text)
        if segment.index in self.kept_links:
            return True
        if segment.link_share > float(self.cues.params["gap_link_share"]):
            return False
        words = segment.words
        if self._in_flow(segment) or segment.kind in ("list_item", "table_row", "quote"):
            return words > 3 or segment.text[-1] in _FINAL or segment.kind != "paragraph"
        return words >= int(self.cues.params["gap_words"]) and segment.text[-1] in _FINAL

    def _extends(self, segment: Segment) -> bool:
        """Whether a block before the first or after the last one voted for belongs to the same run of text."""
        parent = flow_parent(segment)
        near = parent is self.flow or parent.getparent() is self.flow
        words = segment.words
        if not near or segment.kind == "caption" or self._place(segment.element).aside:
            return False
        if segment.kind == "heading":
            return parent is self.flow and segment.link_share < self.few_links and segment.level > 1
        if segment.kind in ("table_row", "list_item"):
            return segment.link_share < self.few_links and words >= 2
        return words >= self.line_words and segment.link_share < self.few_links and segment.text[-1] in _FINAL

    def _place(self, element: HtmlElement) -> _Place:
        """Where ``element`` stands; known for each element once."""
        chain = []
        place = _Place(False, frozenset(), False)
        for above in ancestors(element):
            known = self._places.get(above)
            if known is not None:
                place = known
                break
            chain.append(above)
        for above in reversed(chain):
            if above is self.container:
                place = _Place(True, frozenset(), False)
            else:
                tags = place.aside | {str(above.tag)} if above.tag in ASIDE else place.aside
                place = _Place(place.inside, tags, place.junk or above in self.junk)
            self._places[above] = place
        return place

    def _junk(self, segment: Segment) -> bool:
        if self._place(segment.element).junk:
            return True
        if segment.link_share > self.all_links and all(self.cues.junk_names(element) for element, _ in segment.slots):
            return True
        if segment.index in self.dropped_links:
            return True
        if segment.kind == "heading" and segment.link_share > self.all_links and flow_parent(segment) is not self.flow:
            return True
        if (
            segment.kind == "paragraph"
            and segment.link_share > self.all_links
            and segment.words <= 3
            and self.flow is not segment.element
        ):
            return True
        return self.cues.is_junk_line(segment.text, segment.link_share)

    def _without_dateline(self, chosen: list[Segment]) -> list[Segment]:
        """Leaves out a line of hardly more than a date that stands before the text."""
        if chosen and chosen[0].kind == "paragraph" and chosen[0].words <= _DATELINE_WORDS and len(chosen) > 1:
            text = chosen[0].text
            if _YEAR.search(text) and (_CLOCK.search(text) or chosen[0].words <= 4) and text[-1] not in _FINAL:
                return chosen[1:]
        return chosen

    def _without_title(self, chosen: list[Segment]) -> list[Segment]:
        for number, segment in enumerate(chosen[:8]):
            if segment.kind == "heading" and (segment.level == 1 or same_words(segment.text, self.title)):
                # What stands over the headline in a few words is the name of a section.
                above = [s for s in chosen[:number] if not self._is_label(s)]
                return above + chosen[number + 1 :]
            if segment.kind == "paragraph" and segment.words > 25:
                break
        return chosen

    def _is_label(self, segment: Segment) -> bool:
        return (
            segment.kind == "paragraph"
            and segment.words <= int(self.cues.params["label_words"])
            and segment.text[-1] not in _FINAL
        )

    def _without_tails(self, chosen: list[Segment]) -> list[Segment]:
        """Leaves out the sections that a heading such as "Related articles" opens."""
        kept = []
        level: int | None = None
        for segment in chosen:
            words = segment.words
            share = segment.link_share
            if self.cues.is_end_heading(segment.text):
                level = segment.level or 7
                continue
            if level is not None:
                resumes = segment.kind == "heading" and 0 < segment.level <= level and share < 0.5
                resumes = resumes or (
                    segment.kind == "paragraph"
                    and words >= self.line_words
                    and share < self.few_links
                    and self._in_flow(segment)
                )
                if not resumes:
                    continue
                level = None
            kept.append(segment)
        return kept


_HEADING_GAP = 1
_FINAL = ".!?:;…。”\"')"
_LISTED = frozenset(
    ["li", "ul", "ol", "dl", "dd", "dt", "table", "tbody", "thead", "tr", "td", "th", "blockquote", "p"]
)


def flow_parent(segment: Segment) -> HtmlElement:
    """The element in whose run of text the block stands: the parent of its paragraph, list, table or heading."""
    element = segment.element
    if element.tag not in _LISTED and segment.kind != "heading":
        return element
    parent = element.getparent()
    while parent is not None and parent.tag in _LISTED:
        parent = parent.getparent()
    return parent if parent is not None else element


def _signature(element: HtmlElement) -> tuple[str, str]:
    return str(element.tag), element.get("class") or ""


def same_words(text: str, title: str | None) -> bool:
    """Whether ``text`` is the title but for case, marks and a site's name behind it."""
    if title is None:
        return False
    a, b = _WORD.findall(text.lower()), _WORD.findall(title.lower())
    return bool(a) and a == b[: len(a)] and len(a) >= 0.5 * len(b)


def choose(segments: list[Segment], voted: set[int], cues: Cues, title: str | None = None) -> list[Segment]:
    """The blocks that are the article, in reading order."""
    return Chooser(segments, voted, cues, title).run()
