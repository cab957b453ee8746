"""Printed numbers as intervals."""

import math

import pytest

from pipeline.model import Qualifier, Value
from pipeline.reconcile.checks.arithmetic import fits, splits
from pipeline.reconcile.rounding import Interval, Measured, Rounding, same_time

ROUNDING = Rounding({"about": 0.1, "near": 0.12, "loose": 0.1, "slack": 0.1})


def measured(
    text: str,
    value: float | None,
    unit: str | None = "percent",
    qualifier: Qualifier | None = None,
    low: float | None = None,
    high: float | None = None,
    n: int | None = None,
) -> Measured:
    found = ROUNDING.read(
        Value(text=text, start=0, end=len(text), value=value, low=low, high=high, unit=unit, qualifier=qualifier, n=n)
    )
    assert found is not None
    return found


def test_a_whole_number_stands_for_half_a_unit_on_each_side() -> None:
    assert measured("48 percent", 48.0).interval[:2] == (47.5, 48.5)


def test_decimals_narrow_it_and_leave_room_for_rounding_twice() -> None:
    interval = measured("48.2%", 48.2).interval
    assert 48.14 < interval.low < 48.15
    assert 48.25 < interval.high < 48.26


@pytest.mark.parametrize(
    ("qualifier", "low", "high"),
    [("over", 40.0, math.inf), ("at_least", 39.5, math.inf), ("under", -math.inf, 40.0), ("up_to", -math.inf, 40.5)],
)
def test_qualifiers_leave_one_side_open(qualifier: Qualifier, low: float, high: float) -> None:
    assert measured("40%", 40.0, qualifier=qualifier).interval[:2] == (low, high)


def test_nearly_is_below() -> None:
    assert measured("50%", 50.0, qualifier="nearly").interval[:2] == (44.0, 50.0)


def test_words_are_loose() -> None:
    assert measured("half", 50.0).interval[:2] == (45.0, 55.0)
    assert measured("4 in 10", 40.0).interval[:2] == (36.0, 44.0)


def test_a_range_is_as_wide_as_it_says() -> None:
    assert measured("40% to 80%", None, low=40.0, high=80.0).interval[:2] == (39.5, 80.5)


def test_a_count_of_a_known_group_is_a_share() -> None:
    found = measured("12", 12.0, unit=None, n=27)
    assert found.dimension == "percent"
    assert found.fits(measured("44%", 44.0))


def test_times_are_compared_in_days() -> None:
    assert measured("two weeks", 2.0, unit="weeks").fits(measured("14 days", 14.0, unit="days"))
    assert same_time(14.0, 14.4, 0.1)
    assert not same_time(14.0, 182.6, 0.1)
    assert same_time(None, 14.0, 0.1) is None


def test_zero_is_a_number() -> None:
    assert measured("0%", 0.0).point == 0.0
    assert measured("none", 0.0).fits(measured("0%", 0.0))


def test_a_fall_is_told_with_or_without_its_sign() -> None:
    assert measured("-14.9%", -14.9).fits(measured("14.9%", 14.9))


@pytest.mark.parametrize(("one", "other"), [(27.0, 28.0), (48.1, 48.2), (0.0, 1.0), (-3.0, -4.0)])
def test_neighbours_printed_to_one_place_are_two_numbers(one: float, other: float) -> None:
    texts = [f"{number:g}%" for number in (one, other)]
    assert not measured(texts[0], one).fits(measured(texts[1], other))
    assert measured(texts[0], one).fits(measured(texts[0], one))


def test_what_was_rounded_twice_is_one_number() -> None:
    assert measured("48.15%", 48.15).fits(measured("48.2%", 48.2))
    assert measured("27.5%", 27.5).fits(measured("28%", 28.0))
    assert measured("27.5%", 27.5).fits(measured("27%", 27.0))


def test_an_open_bound_is_no_agreement_with_what_is_far_off() -> None:
    assert not measured("5%", 5.0, qualifier="at_least").fits(measured("86.4%", 86.4))
    assert measured("80%", 80.0, qualifier="over").fits(measured("86.4%", 86.4))


def test_nothing_stated_is_nothing() -> None:
    assert (
        ROUNDING.read(
            Value(text="a few", start=0, end=5, value=None, low=None, high=None, unit="weeks", qualifier=None)
        )
        is None
    )


@pytest.mark.parametrize(
    ("percent", "people", "possible"), [(48.2, 27, True), (85.0, 24, False), (10.7, 28, True), (50.0, 1, False)]
)
def test_some_percentages_are_no_share_of_so_many(percent: float, people: int, possible: bool) -> None:
    interval = measured(f"{percent}%", percent).interval
    assert fits(interval, people) is possible


@pytest.mark.parametrize(("number", "unit"), [(1.7e308, "percent"), (1e307, "decades"), (-1.7e308, None)])
def test_what_no_computer_can_count_is_no_number_or_a_finite_one(number: float, unit: str | None) -> None:
    read = ROUNDING.read(
        Value(text="1e308", start=0, end=5, value=number, low=None, high=None, unit=unit, qualifier=None)
    )
    assert read is None or math.isfinite(read.point)


def test_large_studies_are_split_at_once() -> None:
    assert splits([Interval(46.5, 47.5), Interval(30.5, 31.5)], 90_000, 0.7)
    assert not splits([Interval(1000.0, 1000.1), Interval(30.5, 31.5)], 90_000)


def test_two_groups_are_tried_in_every_split() -> None:
    assert splits([Interval(47.5, 48.5), Interval(10.5, 11.5)], 55)
    assert not splits([Interval(47.5, 48.5), Interval(10.5, 11.5)], 7)


def test_of_a_round_number_of_people_the_share_is_rounded() -> None:
    imagined = measured("29", 29.0, unit=None, n=100)
    assert imagined.dimension == "percent"
    assert imagined.fits(measured("29.2%", 29.2))
    assert not imagined.fits(measured("31%", 31.0))


def test_of_a_counted_group_the_share_is_exact() -> None:
    counted = measured("36", 36.0, unit="cases", n=96)
    assert (counted.dimension, counted.point) == ("percent", 37.5)
    assert counted.interval.low == counted.interval.high


def test_the_digits_behind_about_are_kept() -> None:
    assert measured("74%", 74.0, qualifier="about").digits == (73.5, 74.5, True)
    assert measured("half", 50.0).digits is None
