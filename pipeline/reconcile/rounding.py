"""Printed numbers as the intervals they were rounded from.

A printed number stands for every number that would be printed so: 48 for 47.5 to 48.5, 48.2 for 48.15 to 48.25 (the view of statcheck,
https://doi.org/10.3758/s13428-015-0664-2). A qualifier widens it or leaves it open on one side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pipeline.claims.times import in_days
from pipeline.model import Value

_DECIMALS = re.compile(r"\d[.·](\d+)")
_DIGITS = re.compile(r"\d")
_NO_DIGITS = re.compile(r"\D+")
_COMPOUND = re.compile(r"[/^%°]|per ")
COUNTED = "number"
"""The dimension of what is counted: people, cases, points of nothing in particular."""
_HALF = 0.5
_ROUND = (10, 100, 1000, 10_000, 100_000)
"""Numbers of people of whom one imagines so many that have something: 29 of every 100."""
_ONE_PLACE = 0.9
"""Of the interval of a printed number, so much is one of its last place, with room for rounding twice."""
_MOST_KNOWN = 100_000


class Interval(NamedTuple):
    """All numbers from ``low`` to ``high``; infinite where there is no bound."""

    low: float
    high: float
    exact: bool = True
    """Whether it is as wide as rounding alone makes it."""

    def overlaps(self, other: Interval) -> bool:
        return self.low <= other.high and other.low <= self.high

    @property
    def is_bounded(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)

    def scaled(self, factor: float) -> Interval:
        low, high = self.low * factor, self.high * factor
        return Interval(min(low, high), max(low, high), self.exact)


class Measured(NamedTuple):
    """A value in the unit that values of its kind are compared in."""

    dimension: str
    """``percent``, ``days`` for all times, else the unit itself; ``number`` for people, cases and all else that is counted."""
    point: float
    """The number itself, or the middle of a range."""
    interval: Interval
    printed: Interval | None = None
    """The interval of the digits alone, where a word such as "about" makes ``interval`` wider."""
    counted: Interval | None = None
    """Of a share that is told as so many of a number of people, how many: 96 of 6,240."""

    @property
    def as_counted(self) -> Measured | None:
        """How many, where it tells that; others may tell it without of how many."""
        if self.dimension == COUNTED:
            return self
        counted = self.counted
        return None if counted is None else Measured(COUNTED, (counted.low + counted.high) / 2, counted)

    def is_as_many_as(self, other: Measured) -> bool:
        """Whether both tell how many, and the same number, of whatever whole."""
        one, two = self.as_counted, other.as_counted
        return one is not None and two is not None and one.fits(two)

    @property
    def size(self) -> Measured:
        """The same without its sign: a fall of 15% is told as -15% or as 15%."""
        if self.point >= 0:
            return self
        printed = None if self.printed is None else self.printed.scaled(-1.0)
        return Measured(self.dimension, -self.point, self.interval.scaled(-1.0), printed)

    @property
    def digits(self) -> Interval | None:
        """What the digits alone say, whatever word stands before them; None where they are no digits, or a part told in words."""
        return self.interval if self.interval.exact else self.printed

    def distance(self, other: Measured) -> float:
        """How far apart two numbers are whatever their signs, as a share of the larger: 0 to 1."""
        a, b = abs(self.point), abs(other.point)
        return abs(a - b) / max(a, b) if max(a, b) > 0 else 0.0

    def is_figure_of(self, other: Measured) -> bool:
        """Whether both are one printed number, though in other units: 9.6 mm Hg, 9.6 points."""
        return abs(self.point) == abs(other.point) and self.interval.exact and other.interval.exact

    def fits(self, other: Measured, far: float = 0.35) -> bool:
        """Whether both may be one number: their intervals meet, and, where one has no bound, the numbers are no further apart than ``far``,
        as a share of the larger."""
        one = self
        if one.point < 0 < other.point or other.point < 0 < one.point:
            one, other = one.size, other.size
        low, high, _ = one.interval
        their_low, their_high, _ = other.interval
        if low > their_high or their_low > high or one._is_next_to(other):
            return False
        if one.interval.is_bounded and other.interval.is_bounded:
            return True
        return abs(one.point - other.point) <= far * max(abs(one.point), abs(other.point))

    def _is_next_to(self, other: Measured) -> bool:
        """Whether both are printed to one place and differ there: 27 and 28, whose intervals touch, are not one number."""
        one, two = self.interval, other.interval
        if not (one.exact and two.exact):
            return False
        width = one.high - one.low
        if not math.isclose(width, two.high - two.low, rel_tol=1e-6):
            return False
        return abs(self.point - other.point) >= _ONE_PLACE * width > 0


@lru_cache(maxsize=100_000)
def significant_digits(text: str) -> str:
    """The digits of a printed number without the zeros at its ends, which say how large it is, not how precise."""
    return _NO_DIGITS.sub("", text).strip("0")


class Rounding:
    """Reads values with the tolerances of the rule ``rounding`` and the ``scales`` of ``unit-scales``: the unit to compare in, and the
    factor to it. ``units`` are those that measure; all else is counted, of which ``scored`` are no things: points, copies."""

    def __init__(
        self,
        params: Mapping[str, Any],
        units: Collection[str] = (),
        scales: Mapping[str, tuple[str, float]] | None = None,
        scored: Collection[str] = (),
    ) -> None:
        self._known: dict[tuple[Any, ...], Measured | None] = {}
        self._units = frozenset(units)
        self._scored = frozenset(scored)
        self._scales = dict(scales or {})
        self._about = float(params.get("about", 0.1))
        self._loose = float(params.get("loose", 0.1))
        self._near = float(params.get("near", 0.1))
        self._slack = float(params.get("slack", 0.1))

    def read(self, value: Value) -> Measured | None:
        """``value`` with its interval; None where it states no number. Most numbers are printed again and again."""
        key = value.text, value.value, value.low, value.high, value.unit, value.qualifier, value.n
        try:
            return self._known[key]
        except KeyError:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = self._read(value)
            return found

    def _read(self, value: Value) -> Measured | None:
        low, high = (value.value, value.value) if value.value is not None else (value.low, value.high)
        if low is None and high is None:
            return None
        low, high = (high if low is None else low), (low if high is None else high)
        assert low is not None
        assert high is not None
        if not (math.isfinite(low) and math.isfinite(high)):
            return None
        half, exact = self._half(value, low)
        interval = self._qualified(value.qualifier, Interval(low - half, high + half, exact), low, high)
        dimension, factor = self._dimension(value.unit)
        whole = _DECIMALS.search(value.text) is None  # a score with decimals is no number of people
        if whole and value.n and dimension == COUNTED and value.unit not in self._scored and 0 <= low <= value.n:
            share = 100.0 / value.n
            point = (low + high) / 2 * share
            if value.n in _ROUND:  # of so many people that one imagines: rounded, as a percentage is
                around = self._qualified(value.qualifier, Interval(low - _HALF, high + _HALF), low, high)
                return Measured("percent", point, around.scaled(share))
            return Measured("percent", point, Interval(low, high).scaled(share), counted=interval)
        point = (low / 2 + high / 2) * factor
        if not math.isfinite(point):
            return None
        printed = Interval(low - half, high + half).scaled(factor) if exact and not interval.exact else None
        return Measured(dimension, point, interval.scaled(factor), printed)

    def _half(self, value: Value, number: float) -> tuple[float, bool]:
        """Half of the last printed place, and whether the number was printed in digits."""
        if not _DIGITS.search(value.text):
            return abs(number) * self._loose, False
        decimals = _DECIMALS.search(value.text)
        if decimals is not None:
            unit = 10.0 ** -len(decimals.group(1))
            return unit * (0.5 + self._slack / 2), True  # what was rounded twice: 48.148, 48.15, 48.2
        if value.unit == "percent" and not _is_printed(value.text, number):
            return abs(number) * self._loose, False  # 4 in 10
        whole = abs(round(number))
        if whole < 1000 or whole % 10:
            return 0.5, True
        zeros = len(str(whole)) - len(str(whole).rstrip("0"))
        return 0.5 * 10.0**zeros, True

    def _dimension(self, unit: str | None) -> tuple[str, float]:
        """What values of this unit are compared in, and the factor to it."""
        days = in_days(1.0, unit)
        if days is not None:
            return "days", days
        if unit is None or not (unit in self._units or _COMPOUND.search(unit) or unit.isupper()):
            return COUNTED, 1.0
        return self._scales.get(unit, (unit, 1.0))

    def _qualified(self, qualifier: str | None, interval: Interval, low: float, high: float) -> Interval:
        span = max(abs(low), abs(high)) * (self._near if qualifier == "nearly" else self._about)
        if qualifier == "about":
            return Interval(min(interval.low, low - span), max(interval.high, high + span), False)
        if qualifier == "nearly":
            return Interval(low - span, high, False)
        if qualifier == "over":
            return Interval(low, math.inf, False)
        if qualifier == "at_least":
            return Interval(interval.low, math.inf, False)
        if qualifier == "under":
            return Interval(-math.inf, high, False)
        if qualifier in ("at_most", "up_to"):
            return Interval(-math.inf, interval.high, False)
        return interval


def _is_printed(text: str, number: float) -> bool:
    """Whether the digits of ``text`` begin with ``number`` itself: "40%" does for 40, "4 in 10" does not."""
    digits = re.search(r"\d[\d,]*", text)
    return digits is not None and float(digits.group().replace(",", "")) == abs(number)


def same_time(a: float | None, b: float | None, tolerance: float) -> bool | None:
    """Whether two times in days are one; None where one is not told."""
    if a is None or b is None:
        return None
    return abs(a - b) <= tolerance * max(a, b)
