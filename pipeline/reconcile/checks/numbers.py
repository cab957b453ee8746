"""The numbers that articles print, whatever they were read as."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.model import Mention, Value
from pipeline.reconcile.corpus import Corpus


class PrintedNumbers:
    """Reads the numbers of passages, each once: reading costs much, and several checks ask for the same."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._found: dict[tuple[int, int, int], Sequence[Value]] = {}
        self._mentions: dict[str, Sequence[Mention]] = {}
        """By the passage: copies print the same."""

    def between(self, source: int, start: int, end: int) -> Sequence[Value]:
        """All that stand between two offsets of an article, in digits or words."""
        start = max(start, 0)
        key = source, start, end
        known = self._found.get(key)
        if known is None:
            text = self._corpus.sources[source].article.text[start:end]
            mentions = self._mentions.get(text)
            if mentions is None:
                mentions = self._mentions[text] = self._corpus.numbers.find(text)
            known = self._found[key] = [
                Value(
                    text=found.text,
                    start=start + found.start,
                    end=start + found.end,
                    value=found.value,
                    low=found.low,
                    high=found.high,
                    unit=found.unit,
                    qualifier=found.qualifier,
                )
                for found in mentions
            ]
        return known
