"""Sees years, decades and eras: in 2019, the 1990s, AD 79."""

from __future__ import annotations

import re

from pipeline.components.items import Item
from pipeline.components.neighbours import word_after, word_before
from pipeline.components.nouns import CountedNouns
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import DASH, HYPHENS, SP, alternation

_DECADE = re.compile(r"['’′]?s(?!\w)")
_RELATIONS = "=<>≥≤~∼"


class Years:
    """Compiled from the rule ``year-words``; its ``params`` say from when to when a number can be a year."""

    def __init__(self, rules: Ruleset, nouns: CountedNouns) -> None:
        self._nouns = nouns
        words: dict[str, list[str]] = {}
        for entry in rules.lexicon("year-words"):
            for key, values in entry.items():
                words.setdefault(key, []).extend(str(value) for value in values)
        self._before = frozenset(words.get("before", ()))
        self._strict = frozenset(words.get("strict", ()))
        self._weak = frozenset(words.get("weak", ()))
        params = rules.params("year-words")
        self.low, self.high = float(params.get("low", 1500)), float(params.get("high", 2100))
        self.recent = float(params.get("recent", 1900))
        joints = alternation(rules.params("label-words").get("joints", ()))
        self._joint = re.compile(rf"{SP}(?:{joints}){SP}|{SP}?{DASH}{SP}?")
        eras = alternation(words.get("era", ()))
        self._era_before = re.compile(rf"(?<!\w){eras}{SP}?\Z")
        self._era_after = re.compile(rf"{SP}?{eras}(?!\w)")

    def read_era(self, text: str, item: Item, previous: Item | None = None) -> bool:
        """Whether ``item``, a bare number, is a year with the mark of an era: AD 79. Sets its class.

        In "AD 79 and 81" and "79 to 81 AD" both are.
        """
        if item.value is None or not item.plain:
            return False
        before = self._era_before.search(text, max(0, item.start - 8), item.start)
        after = self._era_after.match(text, item.end)
        joined = previous is not None and self._joint.fullmatch(text, previous.end, item.start) is not None
        if before is None and after is None:
            marked = joined and previous is not None and previous.is_year and text[previous.start].isalpha()
            if marked and self._nouns.after(text, item.end) is None:
                item.quantity_class, item.rule = "year", "year-words"
                return True
            return False
        if before is None and joined and previous is not None and previous.bare and previous.plain:
            previous.quantity_class, previous.rule = "year", "year-words"
        item.quantity_class, item.rule = "year", "year-words"
        item.start = before.start() if before is not None else item.start
        item.end = item.number_end = after.end() if after is not None else item.end
        return True

    def read(self, text: str, item: Item) -> None:
        """Sets the class of ``item``, a bare number, where it is a year, and marks it as a label where it is part of a name."""
        if item.value is None or not item.plain:
            return
        if item.end - item.start == 4 and self.low <= item.value <= self.high:
            decade = _DECADE.match(text, item.end)
            if decade is not None and item.value % 10:
                # "2018's best"
                item.quantity_class = "year"
            elif decade is not None:
                item.quantity_class, item.end, item.number_end = "year", decade.end(), decade.end()
            else:
                self._four_digits(text, item, item.value)
        if item.is_year:
            item.rule = "year-words"

    def _four_digits(self, text: str, item: Item, value: float) -> None:
        word = word_before(text, item.start)
        touching = text[item.start - 1] if item.start else " "
        if word.lower in self._strict or touching in HYPHENS:
            item.quantity_class = "year"
            return
        following = word_after(text, item.end)
        if len(following) > 1 and following[0].isupper() and following.lower() not in self._nouns.stops:
            # "the 2003 Rose Show": part of a name
            item.label = True
            return
        if touching in _RELATIONS:
            return
        counted = self._nouns.after(text, item.end)
        if counted is None:
            year = word.lower not in self._weak or value >= self.recent
        else:
            named = word.text[:1].isupper() and value >= self.recent
            year = counted.unit != "people" and (word.lower in self._before or named)
        if year:
            item.quantity_class = "year"
