"""Headlines that report a figure belong to what an article claims, though they stand outside its body."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.model import Block
from pipeline.rules.ruleset import Ruleset

_LOOKED_AT = 5
_WORD = re.compile(r"\w+")


class Headline:
    """Keeps a title as the first block by the rule ``headline-figures``: words of which one has to stand in it."""

    def __init__(self, rules: Ruleset) -> None:
        cues = sorted(rules.phrases("headline-figures"), key=len, reverse=True)
        # A sign such as % stands against the digit before it, a word stands alone.
        bounded = [rf"\b{re.escape(cue)}\b" if cue[0].isalnum() else re.escape(cue) for cue in cues]
        self._cue = re.compile("|".join(bounded), re.IGNORECASE) if cues else None

    def kept(self, title: str | None, blocks: Sequence[Block]) -> list[Block]:
        """``blocks``, with ``title`` before them where it reports a figure and does not stand among the first of them."""
        if title is None or self._cue is None or self._cue.search(title) is None:
            return list(blocks)
        words = _words(title)
        if any(words in _words(block.text) for block in blocks[:_LOOKED_AT]):
            return list(blocks)
        return [Block(kind="heading", text=" ".join(title.split()), level=1), *blocks]


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
