"""Recognises numbers that are part of a statistic by their form: p values, confidence intervals, n = 23."""

from __future__ import annotations

import re

from pipeline.components.items import Item
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import SP, alternation

_WINDOW = 40
_HEADED = re.compile(rf"[)\]]{SP}?[:=,]?{SP}?(?:[a-z]{{1,8}}{SP})?")
_BRACKET = re.compile(rf"{SP}?[(\[]{SP}?")
_SENTENCE = re.compile(r"[.;!?]\s|\n")


class Statistics:
    """Compiled from the rule ``statistic-words``."""

    def __init__(self, rules: Ruleset) -> None:
        kinds: dict[str, list[str]] = {}
        for entry in rules.lexicon("statistic-words"):
            kinds.setdefault(entry["kind"], []).extend(str(word) for word in entry["words"])
        self._people = frozenset(str(word) for word in (*rules.lexicon("people-nouns"), *kinds.get("size-of", ())))
        relation = r"(?:[<>=≤≥⩽⩾]|&[lg]t;)"
        said = alternation(kinds.get("said", ()))
        p, test, size = (alternation(kinds.get(kind, ())) for kind in ("p", "test", "size"))
        of = alternation(kinds.get("p-of", ()))
        told = rf"(?:{relation}{SP}?{relation}?|{said})"
        self._p = re.compile(rf"(?<![\w-]){p}(?:{SP}?\(?{of}\)?)?{SP}{{0,2}}{told}{SP}?\Z")
        self._size = re.compile(rf"(?<![\w])(?:{size}){SP}?[=:]{SP}?\Z")
        self._test = re.compile(rf"(?<![\w])(?:{test})(?:{SP}?\([\d.,; ]{{1,14}}\))?{SP}?{relation}{SP}?[-−]?\Z")
        interval = alternation(kinds.get("interval", ()))
        self._interval = re.compile(rf"{SP}?[(\[]?{SP}?(?:{interval})(?!\w)", re.IGNORECASE)
        self._after_level = re.compile(
            rf"{SP}?[)\]]?(?:{SP}?[(\[]?(?:{SP}?[A-Z][\w-]{{0,10}}[)\]])?{SP}?[:,;=]?{SP}?[(\[]?{SP}?(?:{said}{SP})?)\Z",
            re.IGNORECASE,
        )
        self._interval_before = re.compile(rf"(?<!\w)(?:{interval})[):]?{SP}?[:,;=]?{SP}?[(\[]?{SP}?(?:{said}{SP})?\Z")
        self._between = re.compile(rf"{SP}?[,;]{SP}?|{SP}?to{SP}?|{SP}(?:and){SP}", re.IGNORECASE)

    def mark(self, text: str, items: list[Item]) -> None:
        """Sets the class of single numbers before they are put together."""
        for item in items:
            if item.label or item.quantity_class not in ("other", "year"):
                continue
            low = max(0, item.start - _WINDOW)
            before = text[low : item.start]
            if "\n" in before:
                low += before.rindex("\n") + 1
            if (item.unit is None and before.rstrip()[-1:] in tuple("=<>≤≥⩽⩾:;-−")) or before[-1:] == " ":
                if item.unit is None and self._p.search(text, low, item.start):
                    item.quantity_class, item.rule = "statistic", "statistic-words"
                elif item.unit is None and item.whole and self._size.search(text, low, item.start):
                    item.quantity_class, item.rule, item.form = "sample_size", "statistic-words", "n"
                    if self._near_people(text, item):
                        item.unit, item.unit_kind = "people", "noun"
                elif self._test.search(text, low, item.start):
                    item.quantity_class, item.rule = "statistic", "statistic-words"
            if item.unit == "percent" and self._interval.match(text, item.end):
                item.quantity_class, item.rule, item.form = "statistic", "statistic-words", "level"

    def _near_people(self, text: str, item: Item) -> bool:
        """Whether people are named within the sentence near "n = 20"."""
        words = (
            _SENTENCE.split(text[max(0, item.start - 80) : item.start])[-1]
            + " "
            + _SENTENCE.split(text[item.end : item.end + 30])[0]
        )
        return any(word in self._people for word in re.findall(r"[a-z]{3,20}", words.lower()))

    def spread(self, text: str, items: list[Item]) -> None:
        """Marks the bounds of an interval; two bounds with a comma between become one range."""
        index = 0
        while index < len(items):
            item = items[index]
            index += 1
            if item.label or item.form == "level":
                continue
            if not self._bounds(text, items, index - 1):
                if index > 1 and _is_around(text, items[index - 2], item):
                    item.unit, item.unit_kind = "percent", "share"
                    item.quantity_class, item.rule = "statistic", "statistic-words"
                continue
            if item.is_range:
                item.quantity_class, item.rule = "statistic", "statistic-words"
                if item.unit is None and index > 2 and _covers(items[index - 3], item):
                    item.unit, item.unit_kind = "percent", "share"
            elif index < len(items):
                second = items[index]
                gap = text[item.end : second.start]
                if (
                    len(gap) < 8
                    and item.value is not None
                    and second.value is not None
                    and self._between.fullmatch(gap)
                ):
                    item.low, item.high, item.value = min(item.value, second.value), max(item.value, second.value), None
                    item.unit, item.unit_kind = second.unit or item.unit, second.unit_kind or item.unit_kind
                    item.end, item.number_end, item.form = second.end, second.number_end, "range"
                    item.quantity_class, item.rule = "statistic", "statistic-words"
                    second.label = True
                    index += 1

    def _bounds(self, text: str, items: list[Item], index: int) -> bool:
        """Whether ``items[index]`` begins right after "95% CI" or "CI"."""
        item = items[index]
        before = items[index - 1] if index else None
        if before is not None and before.form == "level":
            name = self._interval.match(text, before.end)
            if name is not None and name.end() <= item.start <= name.end() + 24:
                return (
                    "\n" not in text[name.end() : item.start]
                    and self._after_level.search(text, name.end(), item.start) is not None
                )
        level = items[index - 2] if index > 1 else None
        if before is not None and level is not None and level.form == "level" and before.value is not None:
            # "difference (95% CI) = 0.4 (0.1, 0.7)"
            name = self._interval.match(text, level.end)
            headed = name is not None and _HEADED.fullmatch(text, name.end(), before.start) is not None
            if headed and _BRACKET.fullmatch(text, before.end, item.start) is not None:
                return True
        return self._interval_before.search(text, max(0, item.start - _WINDOW), item.start) is not None


def _covers(value: Item, interval: Item) -> bool:
    """Whether ``value`` is a percentage that ``interval``, without a unit, is around."""
    if value.unit != "percent" or value.value is None or interval.low is None or interval.high is None:
        return False
    return interval.low <= value.value <= interval.high


def _is_around(text: str, value: Item, interval: Item) -> bool:
    """Whether as in "44% (37-52)"."""
    return (
        interval.unit is None
        and _covers(value, interval)
        and _BRACKET.fullmatch(text, value.end, interval.start) is not None
    )
