"""Natural frequencies: so many of every hundred or thousand."""

from __future__ import annotations

import pytest

from tests.unit.claims.test_grouping import claims


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Of every 1,000 walkers who wore boots, 74 fell on the ice.", [(74.0, 1000)]),
        ("Of every 1,000 walkers, 74 fell. Of every 1,000 who wore sandals, 87 did.", [(74.0, 1000), (87.0, 1000)]),
        ("Among 100 cooks who take zinc, 5 will catch a cold.", [(5.0, 100)]),
    ],
)
def test_each_number_has_the_whole_that_opens_its_clause(text: str, figures: list[tuple[float, int]]) -> None:
    found = [(value.value, value.n) for draft in claims(text) for value in draft.values]
    assert [figure for figure in found if figure[1] is not None] == figures


def test_so_many_in_every_hundred_is_a_percentage() -> None:
    (draft,) = claims("Around 32 in every 100 cooks slept well after a month.")
    assert [(value.value, value.unit, value.qualifier) for value in draft.values] == [(32.0, "percent", "about")]


@pytest.mark.parametrize(
    "text",
    ["Of 55 walkers in the study, 12 wore boots.", "Of the 1,000 days that followed, it rained. Then 74 walkers came."],
)
def test_a_number_is_no_share_of_a_whole_that_is_none(text: str) -> None:
    assert all(value.n != 1000 for draft in claims(text) for value in draft.values)
