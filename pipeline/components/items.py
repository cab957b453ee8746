"""The working form of a quantity while its parts are put together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.model import Mention, Qualifier, QuantityClass


class Label(NamedTuple):
    """A stretch of text without quantities, with the mentions it gives instead: citations."""

    start: int
    end: int
    mentions: tuple[Mention, ...]


@dataclass(slots=True)
class Item:
    """One number or range in the making: ``start``/``end`` of its words, ``number_end`` where its last numeral ends."""

    start: int
    end: int
    number_end: int
    kind: str
    """``digits``, ``word``, ``share`` or ``times``, as of ``Numeral``."""
    value: float | None
    low: float | None = None
    high: float | None = None
    plain: bool = False
    scale: float = 1.0
    unit: str | None = None
    unit_kind: str | None = None
    """As of ``Unit``; ``noun`` where the unit is what is counted; ``None`` where there is no unit."""
    qualifier: Qualifier | None = None
    quantity_class: QuantityClass = "other"
    form: str = "number"
    rule: str | None = None
    total: float | None = None
    tolerance: float | None = None
    parts: float | None = None
    """Of how many a share is told that is one number of both: 1,000, of "31 of every 1,000"."""
    label: bool = False
    """No quantity: a name, a code, a score."""

    @property
    def is_range(self) -> bool:
        return self.low is not None

    @property
    def finite(self) -> bool:
        """Whether every number of it is: scales may lift a very long number beyond what a float holds."""
        numbers = (self.value, self.low, self.high, self.tolerance)
        return all(number is None or math.isfinite(number) for number in numbers)

    @property
    def is_year(self) -> bool:
        return self.quantity_class == "year"

    @property
    def bare(self) -> bool:
        """A number with no unit, no class of its own, and not part of a name."""
        return self.unit is None and not self.label and self.quantity_class == "other"

    @property
    def whole(self) -> bool:
        return self.value is not None and float(self.value).is_integer() and self.value >= 0

    def mention(self, text: str) -> Mention:
        """The finished mention in ``text``."""
        return Mention(
            start=self.start,
            end=self.end,
            text=text[self.start : self.end],
            value=_unsigned(self.value),
            low=_unsigned(self.low),
            high=_unsigned(self.high),
            unit=self.unit,
            qualifier=self.qualifier,
            quantity_class=self.quantity_class,
            form=self.form,
            rule=self.rule,
            total=self.total,
            tolerance=self.tolerance,
        )


def _unsigned(number: float | None) -> float | None:
    """``number``, but zero without a sign: "-0%" is no other figure than "0%"."""
    return None if number is None else number + 0.0
