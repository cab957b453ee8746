"""Which words a text has, so that nothing is looked for that needs one which it has not: that costs far less than looking."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline.shapes import LETTERS, lowered


class Lowered(NamedTuple):
    """A text in lower case, see :func:`pipeline.shapes.lowered`."""

    text: str
    words: frozenset[str]
    """All its runs of letters."""


def lowered_words(text: str) -> Lowered:
    """``text`` in lower case, with its words."""
    lower = lowered(text)
    return Lowered(lower, frozenset(LETTERS.findall(lower)))


class Hint:
    """Tells where one of ``phrases`` may stand in a text as words of their own. Each begins with a letter."""

    def __init__(self, phrases: Iterable[str]) -> None:
        listed = [LETTERS.findall(phrase.lower()) for phrase in phrases]
        self._longest = frozenset(max(words, key=len) for words in listed)
        self._first = frozenset(words[0] for words in listed)

    def may_be_in(self, text: Lowered) -> bool:
        """Never false where one of them is: where the longest word of one is."""
        return not self._longest.isdisjoint(text.words)

    def matches(self, pattern: re.Pattern[str], text: Lowered) -> Iterator[re.Match[str]]:
        """As ``pattern.finditer``, of a pattern that finds ``phrases`` where a word begins, and only there."""
        if not self.may_be_in(text):
            return
        done = 0
        for word in LETTERS.finditer(text.text):
            if word.group() in self._first and word.start() >= done:
                match = pattern.match(text.text, word.start())
                if match is not None:
                    done = match.end()
                    yield match
