"""Which boxes of one page are furniture by name, given where its prose stands.

A name such as "widget" says furniture on most pages; on a page that keeps its text in widgets, it says nothing. So a name counts only
where the boxes that bear it hold little of the prose.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml.html import HtmlElement

from pipeline.clean.blocks import Segment
from pipeline.clean.cues import Cues
from pipeline.clean.dom import ancestors


class JunkBoxes:
    """Judges the elements of one page by their names; ``prose`` are blocks that may be article text, each weighing its words, and
    ``most`` the share of them from which on a name or box is not furniture."""

    def __init__(self, prose: Iterable[Segment], cues: Cues, most: float) -> None:
        self.cues = cues
        self.most = most
        self.words = 0
        self._by_name: dict[str, int] = {}
        self._by_element: dict[HtmlElement, int] = {}
        self._known: dict[HtmlElement, bool] = {}
        own: dict[HtmlElement, int] = {}
        for segment in prose:
            own[segment.element] = own.get(segment.element, 0) + segment.words
        above_of: dict[HtmlElement, frozenset[str]] = {}
        for element, words in own.items():
            self.words += words
            for above in ancestors(element):
                self._by_element[above] = self._by_element.get(above, 0) + words
            for name in self._names_above(element, above_of):
                self._by_name[name] = self._by_name.get(name, 0) + words

    def _names_above(self, element: HtmlElement, known: dict[HtmlElement, frozenset[str]]) -> frozenset[str]:
        """The names of furniture that ``element`` and those above it bear."""
        chain = []
        names: frozenset[str] = frozenset()
        for above in ancestors(element):
            if above in known:
                names = known[above]
                break
            chain.append(above)
        for above in reversed(chain):
            names |= self.cues.junk_names(above)
            known[above] = names
        return names

    def __contains__(self, element: HtmlElement) -> bool:
        known = self._known.get(element)
        if known is None:
            known = self._known[element] = self._judge(element)
        return known

    def holds(self, element: HtmlElement) -> int:
        """How many words of the prose stand in ``element``."""
        return self._by_element.get(element, 0)

    def _judge(self, element: HtmlElement) -> bool:
        most = self.most * self.words
        if self.holds(element) > most:
            return False
        if self.cues.is_out_of_sight(element):
            return True
        names = [name for name in self.cues.junk_names(element) if self._by_name.get(name, 0) <= most]
        return bool(names) and not self.cues.is_embedded_quote(element)
