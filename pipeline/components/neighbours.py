"""The words beside a number, within its line."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.shapes import SP

_BEFORE = re.compile(rf"([A-Za-zÀ-ÿα-ωΑ-Ω][\w.’'&+-]{{0,24}}){SP}(?P<open>[(“\"])?\Z")
_AFTER = re.compile(rf"{SP}([A-Za-zÀ-ÿ][\w’'-]{{0,24}})")
_OPENS = re.compile(r"(?:^|[.!?:;\n\"“”(\[•|–—]|\n)\s{0,3}\Z")
_PERCENT = re.compile(rf"{SP}?[(\[]{SP}?[0-9]{{1,3}}(?:[.·][0-9]{{1,3}})?{SP}?%")


class Word(NamedTuple):
    """A word as written, where it starts, and whether a bracket or quotation mark stands between it and the number."""

    text: str
    start: int
    apart: bool

    @property
    def lower(self) -> str:
        return self.text.lower()

    @property
    def bare(self) -> str:
        """In lower case, without a full stop."""
        return self.text.lower().rstrip(".")


NO_WORD = Word("", -1, False)


def word_before(text: str, position: int) -> Word:
    """The word that ends before ``position``, ``NO_WORD`` where there is none."""
    match = _BEFORE.search(text, max(0, position - 30), position)
    return Word(match[1], match.start(1), match["open"] is not None) if match is not None else NO_WORD


def word_after(text: str, position: int) -> str:
    """The word after ``position``, empty where there is none."""
    match = _AFTER.match(text, position)
    return match[1] if match is not None else ""


def opens_sentence(text: str, position: int) -> bool:
    """Whether a sentence or bracket opens right before ``position``."""
    return _OPENS.search(text, max(0, position - 4), position) is not None


def percent_follows(text: str, position: int) -> bool:
    """Whether a percentage in brackets follows: "12 (44%)"."""
    return _PERCENT.match(text, position) is not None
