"""Where a text quotes a speaker: what stands in double quotation marks, paragraph by paragraph."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

_MARK = re.compile(r"[“”\"]")
_OPENING = ("“", '"')
_LONGEST = 2000
"""Characters of a quotation; what is longer is a mark that somebody forgot."""


class Quotes:
    """The quotations of one text."""

    def __init__(self, text: str) -> None:
        self.spans = [span for paragraph, start in _paragraphs(text) for span in _spans(paragraph, start)]
        """Where each begins and ends, marks included, in order."""
        self._starts = [start for start, _ in self.spans]

    def holds(self, place: int) -> bool:
        """Whether the character at ``place`` is quoted."""
        at = bisect_right(self._starts, place) - 1
        return at >= 0 and place < self.spans[at][1]


def _paragraphs(text: str) -> Iterator[tuple[str, int]]:
    """The paragraphs in which a quotation begins, and where each begins."""
    begun = [mark in text for mark in _OPENING]
    start = 0
    for paragraph in text.split("\n") if any(begun) else ():
        if any(mark in paragraph for mark, is_there in zip(_OPENING, begun, strict=True) if is_there):
            yield paragraph, start
        start += len(paragraph) + 1


def _spans(paragraph: str, offset: int) -> Iterator[tuple[int, int]]:
    """What is quoted in a paragraph, in order. A quotation that goes on in the next is not closed."""
    opened: tuple[int, str] | None = None
    for match in _MARK.finditer(paragraph):
        mark = match.group()
        if opened is None:
            if mark != "”":
                opened = match.start(), mark
        elif mark == ("”" if opened[1] == "“" else '"'):
            if match.end() - opened[0] <= _LONGEST:
                yield offset + opened[0], offset + match.end()
            opened = None
    if opened is not None and len(paragraph) - opened[0] <= _LONGEST:
        yield offset + opened[0], offset + len(paragraph)
