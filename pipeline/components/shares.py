"""Reads shares: 3 of 27, 12 (44%) of 27, 44% (12/27), 13/45, one in five, 1/3, and ratios, 2:1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.components.items import Item
from pipeline.components.neighbours import percent_follows
from pipeline.components.nouns import CountedNouns
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import SP, alternation

_MAX_JOINT = 30
_MOST_SHARES = 20
"""From here on, "30 in 50" is two counts rather than a share."""
_MANY = 100
"""Of so many, a share may be told with decimals: 2.8 in every hundred."""
_SLASH = re.compile(rf"{SP}?/{SP}?")
_THIRD = re.compile(r"(?::\d{1,4}){1,4}(?![\w:])")
"""The rest of a ratio of more than two: the ":2" of 1:1:2, which is no single number."""
_OPEN = re.compile(rf"{SP}?[(\[]{SP}?(?:[nN]{SP}?={SP}?)?")
_DECIMALS = re.compile(r"[.,·](\d+)\D*\Z")
_STOP = re.compile(r"[.;!?]\s|\n")
_CLAUSE = re.compile(r",[^\d]{0,30}\Z")
_BACK = 8
"""How many numbers before a share its whole may stand."""
_BETWEEN = 3
"""How many numbers behind a share one may stand that is of as many."""
_REACH = 200
"""Characters between a share and the whole that is told before it."""


class Shares:
    """Compiled from the rule ``range-words``."""

    def __init__(self, rules: Ruleset, nouns: CountedNouns) -> None:
        self._nouns = nouns
        words: dict[str, list[str]] = {}
        for entry in rules.lexicon("range-words"):
            for key, values in entry.items():
                words.setdefault(key, []).extend(str(value) for value in values)
        of, whole, share, every = (alternation(words.get(key, ())) for key in ("of", "whole", "share", "every"))
        out_of = alternation(words.get("out of", ()))
        loosely, against = (alternation(words.get(key, ())) for key in ("loosely", "against"))
        self._against = re.compile(rf"(?<!\w){against}{SP}(?:{loosely}{SP})?\Z", re.IGNORECASE)
        self._studied = frozenset(words.get("studied", ()))
        self._told_of = frozenset(words.get("told of", ()))
        self._rounds = frozenset(float(parts) for parts in rules.params("range-words").get("round_parts", ()))
        self._common = frozenset(float(parts) for parts in rules.params("range-words").get("common_parts", ()))
        self._of = re.compile(rf"{SP}{of}{SP}(?:{whole}{SP})?", re.IGNORECASE)
        leading = alternation(words.get("leading", ()))
        self._leading = re.compile(rf"(?<!\w){leading}{SP}(?:{whole}{SP})?\Z", re.IGNORECASE)
        self._of_every = re.compile(
            rf"(?:\A|(?<=[.;:!?,] )|(?<=\n)){leading}{SP}(?P<every>{every}{SP})?\Z", re.IGNORECASE
        )
        self._in = re.compile(
            rf"(?:{SP}|-)(?:{share}|(?P<out>{out_of})|{of}(?={SP}{every}))(?:{SP}|-)(?P<every>{every}(?:{SP}|-))?",
            re.IGNORECASE,
        )

    def read(self, text: str, items: list[Item]) -> list[Item]:
        """``items``, in order, with their totals set and those joined that are one share. Changes the items."""
        out: list[Item] = []
        skip = False
        for index, first in enumerate(items):
            if skip:
                skip = False
                continue
            out.append(first)
            if first.label or index + 1 >= len(items) or self._part_of(text, items, index):
                continue
            skip = self._one_number(text, first, items[index + 1])
        return out

    def mark(self, text: str, items: Sequence[Item]) -> None:
        """Marks what only looks like a share: "2/0" is the size of a thread or the like, for nothing is divided by zero."""
        for first, second in pairwise(items):
            divided = first.plain and second.plain and text[first.end : second.start] == "/"
            if divided and second.value == 0 and second.unit is None:
                first.label = second.label = True

    def complete(self, text: str, items: Sequence[Item]) -> None:
        """Sets the total of shares whose whole the sentence tells apart from them: "Of 40 seedlings, 36 (90%)", "36 of 40 seedlings (90%)".

        Which number is the whole, the share itself proves: it comes to what is stated. ``items`` are all of ``text``, in order, with their
        nouns.
        """
        for index, first in enumerate(items):
            if first.parts is None:
                continue
            for second in items[index + 1 : index + 1 + _BETWEEN]:
                if self._is_of_as_many(text, first, second, first.parts):
                    _share_of(second, first.parts)
                    break
        for index in range(len(items) - 1):
            first, second = items[index], items[index + 1]
            if self._is_frequency(text, first, second):
                _set_total(first, second)
                continue
            if second.unit == "percent" and second.total is None and first.form == "total" and index:
                part, whole = items[index - 1], first
                if part.total == whole.value and _comes_to(text, part, whole, second) and _opens(text, whole, second):
                    second.total = whole.value
                continue
            part, share = (second, first) if first.unit == "percent" else (first, second)
            if share.unit != "percent" or not (part.total is share.total is None) or not _opens(text, first, second):
                continue
            for whole in reversed(items[max(0, index - _BACK) : index]):
                if first.start - whole.end > _REACH or _STOP.search(text, whole.end, first.start):
                    break
                before = text[max(0, whole.start - _MAX_JOINT) : whole.start]
                if _comes_to(text, part, whole, share) and self._leading.search(before):
                    part.total = share.total = whole.value
                    break

    def _is_of_as_many(self, text: str, first: Item, second: Item, whole: float) -> bool:
        """Whether a number is set against a share of so many that it leaves the ``whole`` to: "31 of every 1,000, compared with 14"."""
        if not _counts(second) or not second.bare or second.value is None or second.total is not None:
            return False
        gap = text[first.end : second.start]
        near = len(gap) <= _REACH and _STOP.search(gap) is None
        return near and second.value < whole and self._against.search(gap) is not None

    def _is_frequency(self, text: str, whole: Item, part: Item) -> bool:
        """Whether two numbers are a natural frequency: "Of every 1,000 walkers, 74 fell", "among 100 who rest, 5 do"."""
        if not (_counts(whole) and _counts(part)) or whole.value is None or part.value is None:
            return False
        if part.total is not None or not whole.value > part.value or part.start - whole.end > _REACH:
            return False
        opened = self._of_every.search(text[max(0, whole.start - _MAX_JOINT) : whole.start])
        if opened is None or (opened["every"] is None and whole.value not in self._rounds):
            return False
        return (
            _STOP.search(text, whole.end, part.start) is None
            and _CLAUSE.search(text[whole.end : part.start]) is not None
        )

    def _part_of(self, text: str, items: list[Item], index: int) -> bool:
        """Sets the total of ``items[index]`` where the text states it as part of one."""
        first, second = items[index], items[index + 1]
        gap = text[first.end : second.start]
        if len(gap) > _MAX_JOINT or not (_is_count(first) or first.unit == "percent"):
            return False
        if _is_total(second):
            divided = _SLASH.fullmatch(gap) is not None and self._divides(text, first, second)
            measured = second.unit is not None and second.unit_kind != "noun"  # of the 40 mg group
            within = not measured and self._of.fullmatch(gap)
            if (within or divided) and _at_most(first, second) and not self._told(text, first, second):
                _set_total(second, first)
                return True
        if index + 2 < len(items) and _OPEN.fullmatch(gap):
            third = items[index + 2]
            rest = text[second.end : third.start]
            if len(rest) > _MAX_JOINT or not _is_total(third):
                return False
            if _is_count(first) and second.unit == "percent" and rest[:1] in ")]" and self._of.fullmatch(rest[1:]):
                _set_total(third, first, second)
                return True
            within = self._of.fullmatch(rest) or _SLASH.fullmatch(rest)
            if first.unit == "percent" and within and _is_count(second) and _at_most(second, third):
                _set_total(third, first)
                return True
        return False

    def _told(self, text: str, first: Item, second: Item) -> bool:
        """Whether "one out of four people" or "3 out of 10 adults" tells how common something is, rather than what was counted."""
        share = self._in.fullmatch(self._gap(text, first, second))
        if share is None or share["out"] is None or not _is_count(first) or second.unit is not None:
            return False
        if first.value is None or second.value is None or not 0 < first.value < second.value:
            return False
        counted = self._nouns.after(text, second.end)
        if first.value >= _MOST_SHARES or (counted is not None and counted.unit not in self._told_of):
            return False
        if second.kind == "word":
            return True
        behind = text[second.end : counted.end].split() if counted is not None else []
        studied = bool(behind) and behind[-1].lower() in self._studied
        return second.value in self._rounds and not studied

    def _divides(self, text: str, first: Item, second: Item) -> bool:
        """Whether "13/45" is 13 of 45 rather than a fraction like 1/3."""
        if not (first.plain and second.plain) or second.unit is not None or second.value is None or second.value <= 1:
            return False
        return first.value != 1 or second.value not in self._common or percent_follows(text, second.end)

    def _gap(self, text: str, first: Item, second: Item) -> str:
        """What stands between two numbers; without the people in "one nurse in five", where the second number counts nothing."""
        if first.kind == second.kind == "word" and first.value is not None and first.value < _MANY:
            people = self._nouns.after(text, first.end, one=first.value == 1)
            if people is None or people.unit != "people" or people.partitive or people.end >= second.start:
                return text[first.end : second.start]
            if self._nouns.after(text, second.end) is None:
                return text[people.end : second.start]
        return text[first.end : second.start]

    def _is_part_of_many(self, gap: str, first: Item, second: Item) -> bool:
        """Whether "2.8 in every hundred" tells a share although nobody counts 2.8 people."""
        share = self._in.fullmatch(gap)
        plain = first.bare and first.kind == "digits" and not first.is_range
        return plain and share is not None and share["every"] is not None and (second.value or 0) >= _MANY

    def _one_number(self, text: str, first: Item, second: Item) -> bool:
        """Makes ``first`` one number of both: "one in five", "1/3", "2:1"."""
        if not _is_total(second) or not second.value:
            return False
        if first.is_range:
            return self._range_of_many(text, first, second)
        if first.value is None:
            return False
        gap = self._gap(text, first, second)
        if len(gap) > _MAX_JOINT or not (_is_count(first) or self._is_part_of_many(gap, first, second)):
            return False
        below = 0 < first.value < second.value
        share = self._in.fullmatch(gap)
        of_many = second.value in self._rounds and second.value >= _MANY
        few = first.value < _MOST_SHARES or of_many or (share is not None and share["every"] is not None)
        if share is not None and below and few and second.unit is None:
            if share["out"] is not None and not (share["every"] is not None or self._told(text, first, second)):
                return False
            alike = first.kind == second.kind or first.kind == "word" or of_many
            if not (alike or share["every"] is not None):
                return False
            _share_of(first, second.value)
        elif gap == "/" and below and first.plain and second.plain and second.unit is not None:
            first.value, first.unit, first.unit_kind = first.value / second.value, second.unit, second.unit_kind
            first.form = "fraction"
        elif gap == "/" and below and first.value == 1 and first.plain and second.value in self._common:
            first.value, first.unit, first.unit_kind, first.form = (
                _percent(1, second.value),
                "percent",
                "share",
                "fraction",
            )
        elif gap == ":":
            third = _THIRD.match(text, second.end)
            first.value = first.value / second.value if third is None else None
            first.form = "ratio"
            if third is not None:
                second.end = second.number_end = third.end()
        else:
            return False
        first.end, first.number_end, first.plain = second.end, second.number_end, False
        return True

    def _range_of_many(self, text: str, first: Item, second: Item) -> bool:
        """Makes a range of shares one of both: "three or four in a hundred", "1 to 2 in 100"."""
        gap = text[first.end : second.start]
        share = self._in.fullmatch(gap) if len(gap) <= _MAX_JOINT else None
        if share is None or not first.bare or second.unit is not None or second.value not in self._rounds:
            return False
        if first.low is None or first.high is None or not 0 <= first.low <= first.high < second.value:
            return False
        if share["out"] is not None and self._nouns.after(text, second.end) is not None:
            return False
        _share_of(first, second.value)
        first.end, first.number_end, first.plain = second.end, second.number_end, False
        return True


def _share_of(item: Item, whole: float) -> None:
    """Makes a number, or both of a range, a share of ``whole``."""
    item.value, item.low, item.high = (
        None if number is None else _percent(number, whole) for number in (item.value, item.low, item.high)
    )
    item.unit, item.unit_kind, item.form, item.parts = "percent", "share", "share", whole


def _opens(text: str, first: Item, second: Item) -> bool:
    return second.start - first.end <= _MAX_JOINT and _OPEN.fullmatch(text, first.end, second.start) is not None


def _comes_to(text: str, part: Item, whole: Item, share: Item) -> bool:
    """Whether ``part`` of ``whole`` is ``share``, to the last decimal that is stated, rounded or cut."""
    if not (_counts(part) and _counts(whole)) or share.is_range or share.value is None:
        return False
    if part.value is None or not whole.value or part.value > whole.value:
        return False
    decimals = _DECIMALS.search(text[share.start : share.number_end])
    step = 10.0 ** -len(decimals[1]) if decimals is not None else 1.0
    return abs(_percent(part.value, whole.value) - share.value) < step


def _counts(item: Item) -> bool:
    """Whether it is a number of people or things."""
    plain = item.whole and item.kind in ("digits", "word") and not item.is_range
    return plain and item.unit_kind in (None, "noun") and item.quantity_class == "other"


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole


def _at_most(first: Item, second: Item) -> bool:
    return first.unit == "percent" or (
        first.value is not None and second.value is not None and first.value <= second.value
    )


def _set_total(total: Item, *parts: Item) -> None:
    total.form = "total"
    for part in parts:
        part.total = total.value
        if part.unit != "percent":
            part.form = "share"


def _is_count(item: Item) -> bool:
    return item.whole and item.bare and item.kind in ("digits", "word") and not item.is_range


def _is_total(item: Item) -> bool:
    plain = item.kind in ("digits", "word") and not item.is_range and item.tolerance is None
    return plain and item.whole and not item.label and item.quantity_class == "other"
