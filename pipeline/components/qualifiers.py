"""Reads the words and signs that loosen or bound a number: nearly 50%, ≥16, 65 or more."""

from __future__ import annotations

import re
from typing import cast

from pipeline.components.items import Item
from pipeline.model import Qualifier
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import SP, alternation

_WINDOW = 48
_LAST_WORDS = re.compile(rf"(?<![\w])((?:[A-Za-z'’.\-]{{1,16}}{SP}{{1,2}}){{0,4}}[A-Za-z'’.\-]{{1,16}}){SP}{{1,2}}\Z")
_PLUS = re.compile(r"\+(?![\w+]|[ ]?/[ ]?[-−–])")


class Qualifiers:
    """Compiled from the rules ``quantity-qualifiers`` and ``qualifier-over-time``."""

    def __init__(self, rules: Ruleset) -> None:
        self._before: dict[tuple[str, ...], str] = {}
        self._signs: dict[str, str] = {}
        after: dict[str, str] = {}
        for entry in rules.lexicon("quantity-qualifiers"):
            name = str(entry["qualifier"])
            self._before.update({tuple(phrase.split()): name for phrase in entry.get("before", ())})
            self._signs.update(dict.fromkeys(entry.get("signs", ()), name))
            after.update({" ".join(phrase.split()): name for phrase in entry.get("after", ())})
        self._after = after
        self._longest = max((len(phrase) for phrase in self._before), default=0)
        self._articles = frozenset(str(word) for word in rules.params("quantity-qualifiers").get("articles", ()))
        params = rules.params("quantity-qualifiers")
        self._reached = frozenset(str(word) for word in params.get("reached", ()))
        self._spread = frozenset(str(word) for word in params.get("spread", ()))
        self._sign = re.compile(rf"({alternation(self._signs)}){SP}?(?:({alternation(self._signs)}){SP}?)?\Z")
        self._behind = re.compile(rf"{SP}?({alternation(after)})(?!\w)", re.IGNORECASE)
        self._over_time = frozenset(str(word) for word in rules.lexicon("qualifier-over-time"))

    def read(self, text: str, item: Item) -> None:
        """Sets the qualifier of ``item``; a sign becomes part of its words, a word does not."""
        start = item.start
        while True:
            sign = self._sign.search(text, max(0, item.start - 6), item.start)
            if sign is None:
                break
            if item.qualifier is None or item.qualifier == "about":
                item.qualifier = cast(Qualifier, self._signs[sign[1]])
            item.start = sign.start(1)
            if start - item.start > 6:
                break
        if item.qualifier is not None or item.is_year:
            return
        if _PLUS.match(text, item.number_end):
            item.qualifier = "at_least"
            item.end = max(item.end, item.number_end + 1)
            return
        behind = self._behind.match(text, item.end) or self._behind.match(text, item.number_end)
        if behind is not None:
            item.qualifier = cast(Qualifier, self._after[" ".join(behind[1].lower().split())])
            return
        item.qualifier = self.before(text, item.start, item.unit_kind == "time" and item.quantity_class != "age")

    def before(self, text: str, position: int, time: bool = False) -> Qualifier | None:
        """The qualifier in the words that end at ``position``; ``time`` where a length of time follows."""
        match = _LAST_WORDS.search(text, max(0, position - _WINDOW), position)
        if match is None:
            return None
        words = match[1].lower().split()
        for strip in (0, 1):
            if strip and (len(words) < 2 or words.pop() not in self._articles):
                return None
            for length in range(min(self._longest, len(words)), 0, -1):
                name = self._before.get(tuple(words[-length:]))
                if name is not None:
                    if (
                        name == "up_to"
                        and words[-1] == "to"
                        and self._reached.intersection(words[-length - 1 : -length])
                    ):
                        # "climbed back up to 5"
                        return None
                    if length == 1 and words[-1] == "over" and len(words) > 1 and words[-2] in self._spread:
                        return None
                    if (
                        time
                        and length == 1
                        and words[-1] == "over"
                        and not (len(words) > 1 and words[-2] in self._over_time)
                    ):
                        return None
                    return cast(Qualifier, name)
        return None
