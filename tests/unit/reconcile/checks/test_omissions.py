"""Pairs of figures in the sentences that tell of no difference."""

from __future__ import annotations

from pipeline.reconcile.checks.omissions import _PAIR
from tests.patterns import slow


def test_pairs_are_read_whole() -> None:
    assert _PAIR.findall("24 (30%) and 25 (31%)") == [("24", "25")]
    assert _PAIR.findall("9.6 and 9.8") == [("9.6", "9.8")]


def test_times_are_no_pairs_in_part() -> None:
    assert _PAIR.findall("at 5 and 14 months, and at 1.5 and 2.75 weeks") == []


def test_endless_digits_and_brackets_cost_no_more_than_their_length() -> None:
    assert slow(_PAIR.pattern, _PAIR.flags) is None
