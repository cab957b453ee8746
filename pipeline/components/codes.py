"""Tells by their form numbers that are part of a code or a compound word: BNT162b2, COVID-19, 13C/12C, 12-lead."""

from __future__ import annotations

import re

from pipeline.components.items import Item
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import HYPHENS, alternation
from pipeline.units import Units

_DASHES = "-‐‑–−"
_TOKEN_BEFORE = re.compile(r"[\w.-]{1,20}\Z")
_MEASURED = re.compile(r"[\d.,]{1,12}([A-Za-z]{1,8})\w{0,20}")
_ONWARD = re.compile(r"[-/][0-9]{1,6}(?=[A-Za-z])")
_DECIMAL = re.compile(r"\d{1,4}[.·]\d")
_LETTER_OPEN = re.compile(r"[A-Za-z]\(\Z")
_DECADE = re.compile(r"['’′]?s(?!\w)")


class Codes:
    """Compiled from the rule ``number-prefixes``."""

    def __init__(self, rules: Ruleset, units: Units) -> None:
        self._units = units
        self.prefixes = frozenset(str(word) for word in rules.lexicon("number-prefixes"))
        self._joined = re.compile(rf"[-‐‑]{alternation(self.prefixes)}[-‐‑]")

    def begins_inside(self, text: str, start: int) -> bool:
        """Whether the number at ``start`` goes on with a code: GLP-1, TRA-1-60, Mg(ClO4)2."""
        before = text[start - 1] if start else " "
        if before in ")]’'":
            # "Mg(ClO4)2" but "[CI]1.59"
            return _DECIMAL.match(text, start) is None
        token = (
            _TOKEN_BEFORE.search(text, max(0, start - 21), start - 1) if before == "/" or before in _DASHES else None
        )
        if token is None:
            return False
        written = token.group()
        if before == "/":
            return written[0].isalpha() and any(char.isdigit() for char in written)
        if written.lower().rsplit("-", 1)[-1] in self.prefixes:
            return False
        measured = _MEASURED.fullmatch(written)
        return written[0].isalpha() or (
            measured is not None and self._units.after(text, start - 1 - len(measured[1])) is None
        )

    def holds(self, text: str, item: Item, joined: bool) -> bool:
        """Whether ``item``, which has no unit, is part of a code; ``joined`` where it goes on to another number."""
        if self.begins_inside(text, item.start):
            return True
        if joined:
            return False
        following = text[item.end : item.end + 2]
        if following[:1].isalpha() or following[:1] == "_":
            return not (item.plain and item.end - item.start == 4 and _DECADE.match(text, item.end))
        if following[:1] in HYPHENS and following[1:].isalpha():
            return self._joined.match(text, item.end) is None
        onward = _ONWARD.match(text, item.end)
        if onward is not None:
            return self._units.after(text, onward.end()) is None
        if item.plain and item.end - item.start > 2 and text[item.start] == "0":
            return True
        return following[:1] in (",", "-") and _LETTER_OPEN.search(text, max(0, item.start - 2), item.start) is not None
