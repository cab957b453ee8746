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
_NAME = re.compile(r"(?<![\w.])([A-Z](?:[A-Za-z’'-]{1,24}|\.)), \Z")
_INTRODUCED = re.compile(r",(?!\s?\d)|\.(?:\s|$)")
_AGED = ("years", "months", "weeks", "days")
_OLDEST = 125
_ADULT = 18


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
            rf"(?<!\w){alternation(params.get('before', ()))}(?:{SP}[a-z]{{1,10}}){{0,2}}(?:{SP}?[=,:])?{SP}?\Z",
            re.IGNORECASE,
        )
        self._no_names = frozenset(str(name).lower() for name in rules.lexicon("month-names")) | self._names.fine
        people = alternation(params.get("people", ()))
        bounds = alternation(params.get("bounds", ()))
        self._people_of = re.compile(rf"(?<!\w){people}{SP}(?:{bounds}{SP})?\Z", re.IGNORECASE)
        self._said = re.compile(rf"(?<!\w){alternation(params.get('said', ()))}{SP}\Z", re.IGNORECASE)
        self._said_end = re.compile(rf"[,.;:)!?]|{SP}{alternation(params.get('said_end', ()))}(?!\w)|$", re.MULTILINE)
        self._older = re.compile(rf"{SP}{alternation(params.get('after', ()))}(?!\w)", re.IGNORECASE)
        self._minus = frozenset(str(word) for word in rules.params("number-words").get("minus", ()))
        self._of_one = re.compile(rf"{SP}{alternation(rules.params('fraction-words').get('of_one', ()))}(?={SP})")
        listing = alternation(rules.params("label-words").get("joints", ()))
        self._listed = re.compile(rf",?{SP}(?:{listing}{SP})?", re.IGNORECASE)
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
            if top is None or not 1 <= top < _OLDEST or not (item.bare or measured):
                continue
            told: re.Match[str] | bool | None
            told = self._aged.search(text, max(0, item.start - 40), item.start) or self._older.match(text, item.end)
            if not told and item.unit is None and not item.is_range:
                said = self._said.search(text, max(0, item.start - 24), item.start)
                told = said if self._said_end.match(text, item.end) else None
            if not told and item.plain and item.unit is None:
                named = _INTRODUCED.match(text, item.end) and _NAME.search(text, max(0, item.start - 44), item.start)
                told = named if named and named[1].lower() not in self._no_names else None
            if not told and item.unit is None and item.kind == "digits" and top >= _ADULT:
                told = self._people_of.search(text, max(0, item.start - 30), item.start)
                told = told and self._nouns.after(text, item.end) is None
            if told:
                item.unit, item.unit_kind, item.quantity_class, item.rule = "years", "time", "age", "unit-ages"

    def _item(self, text: str, numeral: Numeral, previous: Item | None, following: Numeral | None) -> Item:
        start, end = numeral.start, numeral.end
        item = Item(start, end, end, numeral.kind, numeral.value, plain=numeral.plain, scale=numeral.scale)
        if numeral.kind == "share":
            item.unit, item.unit_kind, item.form = "percent", "share", "fraction"
            self._part_of_one(text, item)
            return item
        if numeral.kind == "times":
            item.unit, item.unit_kind = "times", "times"
            rate = self._units.rate_after(text, end, article=True) or self._units.often_after(text, end)
            if rate is not None:
                item.unit, item.end = item.unit + rate[0], rate[1]
            return item
        if previous is not None and previous.label and self._goes_on(text, previous, item):
            item.label = True
            return item
        if numeral.kind == "word":
            item.form = "word"
        else:
            money = self._units.before(text, start, numeral.scale != 1.0 or "," in text[start:end])
            if money is not None:
                self._price(text, item, *money)
                return item
            if start and text[start - 1].isalpha():
                item.label = True
                return item
            self._multiply(text, item)
        self._measure(text, item, previous)
        if item.unit is not None:
            item.label = self._codes.begins_inside(text, item.start) or self._is_titled(text, item)
            return item
        joined = following is not None and self._joined.fullmatch(text, item.end, following.start) is not None
        if self._years.read_era(text, item, previous):
            return item
        item.label = self._names.is_name(text, item, previous, joined) or self._codes.holds(text, item, joined)
        if not item.label:
            if item.rule is not None and item.form != "index":
                item.rule, item.form = None, "word" if item.kind == "word" else "number"
            self._years.read(text, item)
        if item.bare:
            self._rate(text, item, following.start if following is not None else len(text))
        return item

    def _part_of_one(self, text: str, item: Item) -> None:
        """Reads "three-quarters of a mile" as 0.75 miles."""
        of = self._of_one.match(text, item.end)
        unit = self._units.after(text, of.end()) if of is not None else None
        if unit is not None and unit.name and item.value is not None:
            item.value, item.unit, item.unit_kind, item.end = item.value / 100, unit.unit, unit.kind, unit.end

    def _goes_on(self, text: str, code: Item, item: Item) -> bool:
        """Whether ``item`` goes on a ``code`` before it: the 8 of "S4569-8", the -6 of "omega-3 and -6"."""
        if code.rule is not None:
            return False
        if item.start == code.end + 1 and text[code.end] in HYPHENS:
            return True
        hyphened = text[item.start] in HYPHENS and code.start > 0 and text[code.start - 1] in HYPHENS
        return hyphened and self._listed.fullmatch(text, code.end, item.start) is not None

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
        if unit.kind in ("temperature", "angle") and item.value is not None:
            word = word_before(text, item.start)
            if word.lower in self._minus:
                item.start, item.value = word.start, -item.value
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
        if attached and written == "′" and text[unit.end : unit.end + 1] == "s":
            return False
        if attached and written == "s" and item.plain:
            # "1990s", "2018s best", "in her 20s", "Model 3s"
            value = item.value or 0
            if self._years.recent <= value <= self._years.high:
                return False
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

    def _rate(self, text: str, item: Item, limit: int) -> None:
        """Reads "27 per 100,000 person-years" and "5 deaths per 1000"; what is counted ends before ``limit``."""
        per, counted = self._units.rate_after(text, item.end), None
        if per is None:
            counted = self._nouns.after(text, item.end, item.value == 1)
            if counted is None or counted.partitive or counted.end > limit:
                return
            per = self._units.rate_after(text, counted.end, article=counted.unit != "people")
        if per is not None:
            item.unit = counted.unit + per[0] if counted is not None else "per " + per[0][1:]
            item.unit_kind, item.form, item.end = "rate", "rate", per[1]
