"""Turns numerals into items: attaches units and money, and marks numbers that are names, codes or labels."""

from __future__ import annotations

import re

from pipeline.components.codes import Codes
from pipeline.components.items import Item
from pipeline.components.names import Names
from pipeline.components.neighbours import word_before
from pipeline.components.nouns import CountedNouns
from pipeline.components.numbers import Numeral
from pipeline.components.years import Years
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import HYPHENS, SP, alternation
from pipeline.units import Unit, Units

_HYPHENED = re.compile(r"[-‐‑][a-z]")
_DIGIT_NEXT = re.compile(rf"{SP}?\d")
_FULL_NAME = re.compile(r"[A-Z][a-z’'-]{1,20} [A-Z][A-Za-z’'-]{1,20}, $")
_AGED = ("years", "months", "weeks", "days")
_OLDEST = 125


class NumberRoles:
    """Compiled from the rules about labels, years, scales, ages and "one"."""

    def __init__(self, rules: Ruleset, nouns: CountedNouns, units: Units) -> None:
        self._nouns, self._units = nouns, units
        self._years = Years(rules, nouns)
        self._codes = Codes(rules, units)
        self._names = Names(rules, nouns, units, self._codes.prefixes, self._years.low)
        self._attached: dict[str, float] = {}
        self._money: dict[str, float] = {}
        for entry in rules.lexicon("number-scales"):
            attached = dict.fromkeys(entry.get("attached", ()), float(entry["scale"]))
            self._attached.update(attached)
            self._money.update({**attached, **dict.fromkeys(entry.get("money", ()), float(entry["scale"]))})
        self._scale = re.compile(rf"({alternation([*self._attached, *self._money])})(?!\w)")
        params = rules.params("unit-ages")
        self._age = re.compile(rf"(?:[-‐‑]|{SP})?{alternation(rules.lexicon('unit-ages'))}(?!\w)", re.IGNORECASE)
        self._aged = re.compile(
            rf"(?<!\w){alternation(params.get('before', ()))}{SP}(?:[a-z]{{1,10}}{SP}){{0,2}}$", re.IGNORECASE
        )
        self._older = re.compile(rf"{SP}{alternation(params.get('after', ()))}(?!\w)", re.IGNORECASE)
        joints = alternation(rules.params("one-idioms").get("joints", ()))
        self._joined = re.compile(rf"(?:{SP}|-){joints}(?:{SP}|-)", re.IGNORECASE)

    def items(self, text: str, numerals: list[Numeral]) -> list[Item]:
        """An item for each of ``numerals``, which are sorted and apart.

        Names are among them, marked as labels, so that they keep apart what stands around them.
        """
        items: list[Item] = []
        for index, numeral in enumerate(numerals):
            if items and numeral.start < items[-1].end:
                continue
            following = numerals[index + 1] if index + 1 < len(numerals) else None
            items.append(self._item(text, numeral, items[-1] if items else None, following))
        return items

    def ages(self, text: str, items: list[Item]) -> None:
        """Reads as ages what stands after "aged" or "over the age of", before "or older", or as in "Jane Doe, 53,"."""
        for item in items:
            top = item.high if item.high is not None else item.value
            measured = item.unit == "years" and item.quantity_class == "other"
            if top is None or not 0 < top < _OLDEST or not (item.bare or measured):
                continue
            told = self._aged.search(text, max(0, item.start - 40), item.start) or self._older.match(text, item.end)
            if not told and item.plain and item.unit is None and text[item.end : item.end + 1] in (",", "."):
                told = _FULL_NAME.search(text, max(0, item.start - 44), item.start)
            if told:
                item.unit, item.unit_kind, item.quantity_class, item.rule = "years", "time", "age", "unit-ages"

    def _item(self, text: str, numeral: Numeral, previous: Item | None, following: Numeral | None) -> Item:
        start, end = numeral.start, numeral.end
        item = Item(start, end, end, numeral.kind, numeral.value, plain=numeral.plain, scale=numeral.scale)
        if numeral.kind == "share":
            item.unit, item.unit_kind, item.form = "percent", "share", "fraction"
            return item
        if numeral.kind == "times":
            item.unit, item.unit_kind = "times", "times"
            rate = self._units.rate_after(text, end) or self._units.often_after(text, end)
            if rate is not None:
                item.unit, item.end = item.unit + rate[0], rate[1]
            return item
        if numeral.kind == "word":
            item.form = "word"
        else:
            money = self._units.before(text, start)
            if money is not None:
                self._price(text, item, *money)
                return item
            self._multiply(text, item)
        self._measure(text, item, previous)
        if item.unit is not None:
            item.label = self._codes.begins_inside(text, item.start) or self._is_titled(text, item)
            return item
        joined = following is not None and self._joined.fullmatch(text, item.end, following.start) is not None
        if self._years.read_era(text, item):
            return item
        item.label = self._names.is_name(text, item, previous, joined) or self._codes.holds(text, item, joined)
        if not item.label:
            self._years.read(text, item)
        if item.bare:
            self._rate(text, item)
        return item

    def _price(self, text: str, item: Item, start: int, code: str) -> None:
        item.start, item.unit_kind = start, "money"
        item.quantity_class, item.rule, item.plain = "money", "currencies", False
        scale = self._scale.match(text, item.end)
        if scale is not None and item.scale == 1.0 and item.value is not None:
            item.scale = self._money[scale[1]]
            item.value *= item.scale
            item.end = item.number_end = scale.end()
        item.label = text[item.end : item.end + 1].isalnum()
        item.unit, item.end = self._units.money_rate(text, item.end, code)

    def _multiply(self, text: str, item: Item) -> None:
        """Reads a scale that touches the digits: 25k and 3bn are numbers, 2.7m only before a unit or a plural ("2.7m sales")."""
        scale = self._scale.match(text, item.end) if item.scale == 1.0 else None
        if scale is None or scale[1] not in self._attached or item.value is None:
            return
        end = scale.end()
        if len(scale[1]) == 1 and scale[1] != "k":
            unit = self._units.after(text, end) if text[end : end + 1] == " " else None
            if unit is None and self._nouns.after(text, end) is None:
                return
        item.scale = self._attached[scale[1]]
        item.value *= item.scale
        item.end = item.number_end = end
        item.plain = False

    def _measure(self, text: str, item: Item, previous: Item | None) -> None:
        unit = self._units.after(text, item.end + (item.plain and text[item.end : item.end + 1] == "+"))
        if unit is None or not self._fits(text, item, unit):
            return
        if not unit.name and self._names.is_lettered(text, item, unit, previous):
            return
        item.unit, item.unit_kind, item.end = unit.unit, unit.kind, unit.end
        if unit.kind == "money":
            item.quantity_class, item.rule = "money", "currencies"
            item.unit, item.end = self._units.money_rate(text, unit.end, unit.unit)
        if unit.unit in _AGED:
            age = self._age.match(text, unit.end)
            if age is not None:
                item.end, item.quantity_class, item.rule = age.end(), "age", "unit-ages"
        if unit.kind != "time" and "/" not in item.unit:
            rate = self._units.rate_after(text, item.end)
            if rate is not None:
                item.unit, item.end = item.unit + rate[0], rate[1]

    def _fits(self, text: str, item: Item, unit: Unit) -> bool:
        """Whether what looks like a unit is one here."""
        written = text[unit.start : unit.end]
        attached = unit.start == item.end
        if unit.name:
            hyphened = not attached and text[item.end] == " " and _HYPHENED.match(text, unit.end) is not None
            if hyphened and self._age.match(text, unit.end) is None:
                # "17 degree-granting colleges"
                return False
            return not self._names.is_idiom(text, item, unit)
        if unit.kind == "times":
            return _DIGIT_NEXT.match(text, unit.end) is None
        if attached and written == "s" and item.plain:
            # "1990s", "in her 20s", "Model 3s"
            value = item.value or 0
            word = word_before(text, item.start).lower
            decade = value % 10 == 0 and (20 <= value <= 90 or value >= self._years.low)
            return not decade and word not in self._names.soft and word not in self._names.hard
        if len(written) == 1 and not attached and unit.kind != "share":
            following = text[unit.end : unit.end + 2]
            if text[item.end] in HYPHENS or (following[:1] in ("'", "’", "&", ".") and following[1:].isalpha()):
                return False
        return True

    def _is_titled(self, text: str, item: Item) -> bool:
        """Whether a number with a unit of time is a title's: "Section 5 days"."""
        if item.unit_kind != "time" or not item.plain:
            return False
        word = word_before(text, item.start)
        return word.bare in self._names.hard and word.text[0].isupper()

    def _rate(self, text: str, item: Item) -> None:
        """Reads "27 per 100,000 person-years" and "5 deaths per 1000"."""
        per, counted = self._units.rate_after(text, item.end), None
        if per is None:
            counted = self._nouns.after(text, item.end, item.value == 1)
            if counted is None or counted.partitive:
                return
            per = self._units.rate_after(text, counted.end)
        if per is not None:
            item.unit = counted.unit + per[0] if counted is not None else "per " + per[0][1:]
            item.unit_kind, item.form, item.end = "rate", "rate", per[1]
