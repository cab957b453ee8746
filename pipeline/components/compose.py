"""Puts neighbouring numbers together: ranges, lists that share a unit, figures with a tolerance."""

from __future__ import annotations

import re
from itertools import pairwise

from pipeline.components.items import Item
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import DASH, SP, alternation

_MAX_JOINT = 30
_LOOSE = (None, "time", "share", "times", "score", "noun", "money", "length", "count")
"""Kinds of unit with which "10 or 20" is one rough number; doses of 10 or 20 mg are two."""
_PLUS_MINUS = re.compile(rf"{SP}?(?:±|\+{SP}?/?{SP}?[-−–]){SP}?")
_DASHED = re.compile(rf"{SP}?{DASH}{SP}?")
_LISTED = re.compile(r"[\d%],\s\Z")
_CODE = 1000
"""From here on, a number behind a dash and far above the one before it is part of a code."""
_CODE_STEP = 20
_CLAUSE = re.compile(r"[.;:!?\n]")


class Composer:
    """Compiled from the rule ``range-words``."""

    def __init__(self, rules: Ruleset) -> None:
        words: dict[str, list[str]] = {}
        for entry in rules.lexicon("range-words"):
            for key, values in entry.items():
                words.setdefault(key, []).extend(str(value) for value in values)
        self._range = frozenset(words.get("range", ()))
        self._rising = frozenset(words.get("rising", ()))
        self._change = frozenset(words.get("change", ()))
        self._changing = frozenset(str(unit) for unit in rules.params("range-words").get("changing", ()))
        self._parts: dict[str, tuple[str, float]] = {
            str(whole): (str(part["unit"]), float(part["of"]))
            for whole, part in rules.params("range-words").get("parts", {}).items()
        }
        self._beside = re.compile(rf",?{SP}(?:{alternation(words.get('and', ()))}{SP})?", re.IGNORECASE)
        self._lookback = int(rules.params("range-words").get("lookback", 60))
        to, between, start, lists = (alternation(words.get(key, ())) for key in ("to", "between", "from", "lists"))
        loosely, whole = alternation(words.get("loosely", ())), alternation(words.get("whole", ()))
        self._to = re.compile(rf"-?(?:{SP}|-){to}(?:{SP}|-)(?:{loosely}{SP})?", re.IGNORECASE)
        self._or = re.compile(rf"{SP}{alternation(words.get('or', ()))}{SP}", re.IGNORECASE)
        self._and = re.compile(
            rf",?{SP}{alternation(words.get('and', ()))}{SP}(?:{whole}{SP})?(?:{loosely}{SP})?", re.IGNORECASE
        )
        self._list = re.compile(
            rf"-?(?:{SP}?,{SP}?(?:{lists}{SP})?|{SP}{lists}{SP}(?:{whole}{SP})?|{SP}?/{SP}?|{SP}?[×x]{SP}?)",
            re.IGNORECASE,
        )
        self._moved = re.compile(rf"(?:,?{SP}|{SP}?\(){alternation(words.get('moved', ()))}{SP}", re.IGNORECASE)
        self._against = re.compile(rf",?{SP}{alternation(words.get('against', ()))}{SP}", re.IGNORECASE)
        self._apart = re.compile(rf",{SP}{alternation(words.get('or', ()))}{SP}", re.IGNORECASE)
        self._between = re.compile(rf"(?<!\w){between}{SP}(?:{loosely}{SP})?\Z", re.IGNORECASE)
        self._from = re.compile(rf"(?<!\w){start}{SP}(?:{loosely}{SP}){{0,2}}\Z", re.IGNORECASE)

    def compose(self, text: str, items: list[Item]) -> list[Item]:
        """``items``, in order and with units attached, put together where they belong together. Changes the items."""
        items = self._ranges(text, self._in_parts(text, items))
        self._share_units(text, items)
        self._points_in_time(text, items)
        return items

    def lists(self, gap: str) -> bool:
        """Whether ``gap`` joins the members of a list."""
        return self._list.fullmatch(gap) is not None

    def _in_parts(self, text: str, items: list[Item]) -> list[Item]:
        """``items`` in which a time told in two units is one quantity, in the smaller: "6 hours and 46 minutes"."""
        out: list[Item] = []
        for item in items:
            last = out[-1] if out else None
            if last is None or not self._is_rest(text, last, item):
                out.append(item)
                continue
            assert last.value is not None
            assert item.value is not None
            unit, of = self._parts[last.unit or ""]
            last.value = last.value * of + item.value
            last.unit = unit
            last.end, last.number_end, last.plain = item.end, item.number_end, False
        return out

    def _is_rest(self, text: str, whole: Item, rest: Item) -> bool:
        """Whether ``rest`` tells the smaller units beside ``whole``."""
        unit, of = self._parts.get(whole.unit or "", (None, 0.0))
        if unit is None or not (whole.whole and rest.whole) or whole.label or rest.label:
            return False
        if whole.is_range or rest.is_range or whole.tolerance is not None or rest.tolerance is not None:
            return False
        if rest.value is None or rest.value >= of or rest.qualifier is not None:
            return False
        return rest.unit == unit and self._beside.fullmatch(text, whole.end, rest.start) is not None

    def _ranges(self, text: str, items: list[Item]) -> list[Item]:
        out: list[Item] = []
        index = 0
        while index < len(items):
            first = items[index]
            second = items[index + 1] if index + 1 < len(items) else None
            joined = None
            if second is not None and not first.label and 0 <= second.start - first.end <= _MAX_JOINT:
                joined = self._join(text, first, second)
            if joined is None:
                out.append(first)
                index += 1
            else:
                out.append(joined)
                index += 2
        return out

    def _join(self, text: str, first: Item, second: Item) -> Item | None:
        gap = text[first.end : second.start].rstrip("<>~∼≈≥≤⩾⩽")
        if first.value is None or second.value is None or "\n" in gap or second.label:
            return None
        if _PLUS_MINUS.fullmatch(gap) or (text[second.start] == "±" and len(gap) < 3 and not gap.strip()):
            return self._tolerance(first, second)
        if not _compatible(first, second):
            return None
        if _DASHED.fullmatch(gap):
            return self._dashed(text, first, second)
        if first.is_year != second.is_year:
            return None
        if self._to.fullmatch(gap):
            start = self._from.search(text, max(0, first.start - 40), first.start)
            if start is not None:
                falls = first.value > second.value or (second.unit or first.unit) in self._changing
                if self._says_change(text, start.start(), self._lookback, default=falls):
                    return None
            if start is None and first.value > second.value:
                return None
            if (
                start is None
                and first.unit is None
                and second.unit is None
                and self._says_change(text, first.start, 20)
            ):
                return None
            return _ranged(first, second)
        if self._and.fullmatch(gap) and self._between.search(text, max(0, first.start - 40), first.start):
            return _ranged(first, second)
        if self._or.fullmatch(gap) and not first.is_year and _next_to(first, second):
            return None if _LISTED.search(text, max(0, first.start - 3), first.start) else _ranged(first, second)
        return None

    def _dashed(self, text: str, first: Item, second: Item) -> Item | None:
        assert first.value is not None
        assert second.value is not None
        if first.is_year and second.plain and second.value < 100 and second.unit is None:
            century = first.value - first.value % 100
            if second.value > first.value % 100:
                second.value += century
                second.quantity_class = "year"
                return _ranged(first, second)
        if first.is_year != second.is_year:
            return None
        if second.unit is None and first.unit is None and first.value >= second.value:
            # 3-2 is a score, 12-4 a code
            first.label = second.label = True
            return None
        if (
            second.unit is None
            and second.plain
            and second.value >= max(_CODE, _CODE_STEP * first.value)
            and second.value % 10
        ):
            first.label = second.label = True
            return None
        return _ranged(first, second)

    def _tolerance(self, first: Item, second: Item) -> Item | None:
        if second.unit is not None and first.unit not in (None, second.unit):
            return None
        first.tolerance = second.value
        first.unit, first.unit_kind = (
            (second.unit, second.unit_kind) if second.unit is not None else (first.unit, first.unit_kind)
        )
        first.end, first.number_end = second.end, second.number_end
        first.form, first.plain = "tolerance", False
        return first

    def _says_change(self, text: str, position: int, reach: int, default: bool = False) -> bool:
        """Whether the nearest cue in the clause before ``position``, at most ``reach`` characters back, is of change, not of a range.

        ``default``, which holds where there is none, is true of numbers that fall: only words for ranges alone make a range of these.
        """
        clause = _CLAUSE.split(text[max(0, position - reach) : position])[-1]
        for word in reversed(clause.lower().split()):
            if word.strip("(,") in self._change:
                return True
            if word.strip("(,") in self._range or (not default and word.strip("(,") in self._rising):
                return False
        return default

    def _share_units(self, text: str, items: list[Item]) -> None:
        """Gives the unit at the end of a list to all of it: "24, 48 and 72 hours". From right to left, each from its neighbour."""
        chained = False
        for index in range(len(items) - 2, -1, -1):
            left, right = items[index], items[index + 1]
            gap = text[left.end : right.start]
            listed = 0 < len(gap) <= _MAX_JOINT and (self._list.fullmatch(gap) or self._to.fullmatch(gap)) is not None
            if right.unit_kind == "score" and left.bare and self._moved.fullmatch(gap):
                left.unit, left.unit_kind = right.unit, right.unit_kind
            if left.unit_kind == "rate" and right.bare and self._against.fullmatch(gap):
                right.unit, right.unit_kind, right.form = left.unit, left.unit_kind, left.form
            open_end = listed and left.bare and left.kind in ("digits", "word") and (chained or gap.strip() != ",")
            if open_end and right.unit_kind == "share" and not chained and self._apart.fullmatch(gap):
                # "24, or 5 percent": the same people twice, unless it is the end of a list
                open_end = _LISTED.search(text, max(0, left.start - 3), left.start) is not None
            if open_end and _gives_unit(text, right, gap):
                left.unit, left.unit_kind, left.form = right.unit, right.unit_kind, "list_item"
                if right.quantity_class == "age":
                    left.quantity_class = "age"
            chained = listed and right.unit is not None and left.unit == right.unit

    def _points_in_time(self, text: str, items: list[Item]) -> None:
        """In "days 3, 5 and 7" the numbers after the first are days too."""
        for left, right in pairwise(items):
            if (
                left.form == "index"
                and right.bare
                and right.plain
                and self._list.fullmatch(text[left.end : right.start])
            ):
                right.unit, right.unit_kind, right.form = left.unit, left.unit_kind, left.form
                right.quantity_class, right.rule = left.quantity_class, left.rule


def _gives_unit(text: str, item: Item, gap: str) -> bool:
    """Whether the unit of ``item`` is also that of the number before it in a list."""
    if item.unit is None or item.label or item.form in ("total", "level") or item.unit_kind in ("noun", "times"):
        return False
    if gap.strip() == "/":
        return item.unit_kind == "pressure"
    return item.unit_kind != "money" or item.number_end < item.end


def _compatible(first: Item, second: Item) -> bool:
    if first.kind in ("share", "times") and second.kind != first.kind and second.unit != first.unit:
        return False
    if first.unit is None or first.unit == second.unit or (second.unit or "").startswith(f"{first.unit}/"):
        return second.unit_kind != "money" or first.unit is not None or first.scale == 1.0
    return second.unit is None and (first.unit_kind == "money" or first.form == "index")


def _next_to(first: Item, second: Item) -> bool:
    """Whether as in "two or three", "10 or 20", but not "60 or 63"."""
    if not (first.whole and second.whole) or first.value is None or second.value is None:
        return False
    step = second.value - first.value
    return step == 1 or (
        second.unit_kind in _LOOSE
        and first.value >= 5
        and step > 0
        and first.value % step == 0
        and step in (5, 10, 100, 1000)
        and second.value % step == 0
    )


def _ranged(first: Item, second: Item) -> Item:
    assert first.value is not None
    assert second.value is not None
    low, high = first.value, second.value
    if second.scale != 1.0 and first.scale == 1.0 and low <= high / second.scale:
        low *= second.scale
    first.low, first.high, first.value = min(low, high), max(low, high), None
    if second.unit is not None:
        first.unit, first.unit_kind = second.unit, second.unit_kind
    if second.quantity_class != "other":
        first.quantity_class = second.quantity_class
    first.end, first.number_end = second.end, second.number_end
    first.form, first.plain = "range", False
    return first
