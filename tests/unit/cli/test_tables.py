"""How results are laid out for people."""

from __future__ import annotations

import pytest

from pipeline.cli.tables import amount
from pipeline.model import Qualifier, Value


@pytest.mark.parametrize(
    ("number", "unit", "qualifier", "shown"),
    [
        (200 / 3, "percent", None, "66.67 percent"),
        (48.25, "percent", "about", "~48.25 percent"),
        (0.0, "percent", None, "0 percent"),
        (0.00012, None, None, "0.00012"),
        (1_234_567.0, "people", "over", "> 1,234,567 people"),
        (100_000 / 7, "people", None, "14,285.71 people"),
        (1 / 7000, "times", None, "0.0001429 times"),
    ],
)
def test_an_amount_has_no_more_digits_than_a_page_may_print(
    number: float, unit: str | None, qualifier: Qualifier | None, shown: str
) -> None:
    value = Value(
        text="x", start=0, end=1, value=number, low=None, high=None, unit=unit, qualifier=qualifier, role=None
    )
    assert amount(value) == shown
