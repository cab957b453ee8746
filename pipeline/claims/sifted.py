"""What is known of the sentences of a text before the language model reads some of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from pipeline.claims.cues import Cue
from pipeline.rules.items import Items

Span = tuple[int, int]


class Sifted(NamedTuple):
    """The sentences of a text, and which of them the model reads."""

    known: Mapping[Span, tuple[Items, list[Cue]]]
    """By the place of each sentence what it consists of, and what its words show."""
    chosen: list[Span]
    """Those that can become a claim, or of which it matters what they name, in text order."""
    rest: list[Span]
    """All others. Of what the rest of the article leaves to a claim they count by their words alone."""
    everything: bool = False
    """Whether the model reads the rest too, to show that nothing there would become a claim."""

    def is_chosen(self, start: int) -> bool:
        """Whether a sentence that begins at ``start`` is one of those chosen, or a part of one."""
        at = bisect_right(self.chosen, start, key=lambda span: span[0]) - 1
        return at >= 0 and start < self.chosen[at][1]
