"""Units of measurement and money."""

from __future__ import annotations

import pytest

from pipeline.rules.ruleset import Ruleset
from pipeline.units import Units
from tests.unit.components.quantity_support import found, rules

UNITS = Units(rules())


@pytest.mark.parametrize(
    ("text", "unit", "end"),
    [
        (" mg of it", "mg", 3),
        ("mg of it", "mg", 2),
        ("-year study", "years", 5),
        (" %", "percent", 2),
        (" per cent", "percent", 9),
        (" percentage points", "percentage_points", 18),
        (" mg/kg a", "mg/kg", 6),
        (" mg/kg/day", "mg/kg/day", 10),
        (" mg kg−1 day−1", "mg kg-1 day-1", None),
        (" km s−1", "km s-1", 7),
        (" m s-1.", "m s-1", 6),
        (" cm−1", "cm-1", 5),
        (" kg/m2", "kg/m2", 6),
        (" kg/m²", "kg/m2", 6),
        (" μg/ml", "µg/mL", 6),
        (" µg/ml", "µg/mL", 6),
        (" mmHg", "mm Hg", 5),
        (" mm Hg", "mm Hg", 6),
        (" times a day", "times/day", 12),
        (" kilometres per hour", "km/h", 20),
        (" miles an hour", "mph", 14),
        ("h", "hours", 1),
        ("?mg", "mg", 3),
        (" °C", "°C", 3),
        (" MΩ cm", "MΩ cm", 6),
        (" dollars", "USD", 8),
    ],
)
def test_units(text: str, unit: str, end: int | None) -> None:
    read = UNITS.after(text, 0)
    assert read is not None
    if end is not None:
        assert (read.unit, read.end) == (unit, end)


@pytest.mark.parametrize("text", [" magazines", "\nmg", " mgs5", " and", "", " per", "-x", " \n%"])
def test_no_unit(text: str) -> None:
    assert UNITS.after(text, 0) is None


def test_magnitudes_are_never_mixed_up() -> None:
    """Two units that differ by a prefix have two canonical forms."""
    names = [
        ("mg", "Mg"),
        ("ms", "Ms"),
        ("kBq", "MBq"),
        ("mSv", "µSv"),
        ("pF", "nF"),
        ("mPa", "MPa"),
        ("g", "kg"),
        ("nm", "µm"),
    ]
    for left, right in names:
        first, second = UNITS.after(left, 0), UNITS.after(right, 0)
        assert first is None or second is None or first.unit != second.unit


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("$1.2 billion", 1.2e9, "USD"),
        ("US$ 5", 5.0, "USD"),
        ("US $58.24 per barrel", 58.24, "USD/barrel"),
        ("$76 US a barrel", 76.0, "USD/barrel"),
        ("HK$3.7bn", 3.7e9, "HKD"),
        ("£5m", 5e6, "GBP"),
        ("€20k", 20_000.0, "EUR"),
        ("5 dollars", 5.0, "USD"),
        ("7.5 million Danish crowns", 7.5e6, "DKK"),
        ("USD500", 500.0, "USD"),
        ("$200,000 a year", 200_000.0, "USD/year"),
    ],
)
def test_money(text: str, value: float, unit: str) -> None:
    assert found(f"It cost {text}.") == [(text, value, unit)]


def test_what_was_paid_a_year_earlier_is_no_rate() -> None:
    assert found("It cost $6 a year earlier.") == [("$6", 6.0, "USD")]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("27.3 per 100,000 person-years", "per 100000 person-years"),
        ("5 deaths per 1000", "deaths/1000"),
        ("5 cups per week", "cups/week"),
        ("three times weekly", "times/week"),
        ("5000 × g", "×g"),
    ],
)
def test_rates(text: str, unit: str) -> None:
    assert [(part, found_unit) for part, _, found_unit in found(f"It was {text}.")] == [(text, unit)]


def test_a_lettered_figure_is_no_current() -> None:
    assert found("Figures 3A and 3J show 5 A.") == [("5 A", 5.0, "A")]


def test_units_without_rules_are_none() -> None:
    assert Units(Ruleset({})).after(" mg", 0) is None
