"""Numerals in digits and words."""

from __future__ import annotations

import math

import pytest

from pipeline.components.hints import lowered_words
from pipeline.components.numbers import NumberScanner, Numeral
from pipeline.rules.ruleset import Ruleset
from tests.unit.components.quantity_support import rules

SCANNER = NumberScanner(rules())


def numerals(text: str, scanner: NumberScanner = SCANNER) -> list[Numeral]:
    return scanner.find(text, lowered_words(text))


def only(text: str) -> Numeral:
    found = [numeral for numeral in numerals(text) if numeral.end - numeral.start == len(text)]
    assert found, numerals(text)
    return found[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("48", 48),
        ("48.2", 48.2),
        ("48·2", 48.2),
        (".05", 0.05),
        ("0", 0),
        ("10,000", 10_000),
        ("1,234,567.5", 1_234_567.5),
        ("10 000", 10_000),
        ("10\u202f000", 10_000),
        ("10.000", 10),
        ("−4", -4),
        ("+1", 1),
        ("1.4 million", 1_400_000),
        ("3bn", 3_000_000_000),
        ("½", 0.5),
        ("2½", 2.5),
        ("2 1/2", 2.5),
        ("10²", 100),
        ("10⁶", 1_000_000),
        ("10^3", 1000),
        ("10−4", 0.0001),
        ("5×10^3", 5000),
        ("5 × 10⁻³", 0.005),
        ("6 × 106", 6_000_000),
        ("1.2e-5", 0.000012),
    ],
)
def test_digits(text: str, value: float) -> None:
    assert math.isclose(only(text).value, value)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("fifty-five", 55, "word"),
        ("fifty five", 55, "word"),
        ("Two hundred and six", 206, "word"),
        ("three thousand four hundred", 3400, "word"),
        ("nine hundred and ninety-nine million", 999_000_000, "word"),
        ("a hundred", 100, "word"),
        ("half a million", 500_000, "word"),
        ("a dozen", 12, "word"),
        ("two and a half", 2.5, "word"),
        ("two and a half million", 2_500_000, "word"),
        ("two-thirds", 200 / 3, "share"),
        ("one quarter", 25, "share"),
        ("three quarters", 75, "share"),
        ("twofold", 2, "times"),
        ("three-fold", 3, "times"),
        ("12-fold", 12, "times"),
    ],
)
def test_words(text: str, value: float, kind: str) -> None:
    numeral = only(text)
    assert math.isclose(numeral.value, value)
    assert numeral.kind == kind


def test_words_that_do_not_join_are_two_numbers() -> None:
    assert [numeral.value for numeral in numerals("one one two and three")] == [1, 1, 2, 3]


def test_a_product_is_no_power_of_ten() -> None:
    assert [numeral.value for numeral in numerals("200 × 108 mm")] == [200, 108]
    assert [numeral.value for numeral in numerals("2 × 100 mg")] == [2, 100]


def test_plain_numbers_are_those_that_may_be_years_or_labels() -> None:
    plain = {text: numerals(text)[0].plain for text in ("2019", "2,019", "20.5", "-3", "2 million", "10²")}
    assert plain == {"2019": True, "2,019": False, "20.5": False, "-3": False, "2 million": False, "10²": False}


@pytest.mark.parametrize("text", ["9" * 41, "9" * 1000, "1e999", "5 × 10^999", "10^400"])
def test_numbers_beyond_a_float_are_left_out(text: str) -> None:
    assert all(math.isfinite(numeral.value) for numeral in numerals(text))
    assert not any(numeral.end - numeral.start == len(text) for numeral in numerals(text))


def test_digits_are_read_without_rules() -> None:
    assert [numeral.value for numeral in numerals("two, 3 and 4.5", NumberScanner(Ruleset({})))] == [3, 4.5]
