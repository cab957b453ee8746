"""Numbers that are no quantities."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.components.labels import Labels
from tests.unit.components.quantity_support import finder, found, rules

LABELS = Labels(rules())


@pytest.mark.parametrize(
    "text",
    [
        "See https://garden.example/2019/12?p=5 for more.",
        "Write to bulb12@garden.example now.",
        "doi:10.1000/xyz123",
        "Registered as NCT01234567 and ISRCTN12345678.",
        "ISBN 978-3-16-148410-0",
        "Call 0800 123 4567 or +44 20 7946 0958.",
        "It was on 12 March 2020.",
        "On Mar 9 2018 and Oct. 31 it rained.",
        "From 5 to 12 May it rained.",
        "2020-03-12T10:20:00Z",
        "At 11 a.m., at 10:30 and at 5pm.",
        "As Fig. 3D, Table 2, Section 3.3 and Eq. 4 show.",
        "Figures 3A, 3B and 3J show it.",
        "In phases 3, 5, and 7 of it.",
        "Type 2 diabetes in a phase 3 trial.",
        "BNT162b2, HNF-4α, CO2, H2O, K10, 13C/12C and Mg(ClO4)2.",
        "COVID-19, GLP-1, PM2.5, omega-3, Vitamin B12 and TRA-1-60.",
        "It runs on Windows 10 and on the iPhone 11 Pro.",
        "They came first in the 21st century, then 3rd.",
        "Version 3.1.2 is out.",
        "They won 3-2.",
        "A code of 1234-56-789.",
        "In her 20s she sang.",
        "It is one of the best; this one knows, and no one else.",
        "They told one another, and may one day meet.",
        "the second half of the third quarter",
        "A two- and sometimes three-sided thing.",
        "Grade 3/4 aches were rare in cycle 2.",
        "It should 1) rest and 2) grow.",
        "They moved to Boise, ID 83702.",
        "Rich in omega-3 and -6.",
        "The sp 500 fell, and so did the FTSE 100.",
        "It is open 24/7.",
        "(60)Co or S0140(17)30160-8",
        "The antibody 10-1074 is new.",
    ],
)
def test_silent(text: str) -> None:
    assert found(text) == []


def test_list_numbers_at_the_start_of_a_line_are_none() -> None:
    assert found("1. Water the tea\n2) Wait 3 minutes\n(3) Drink\n") == [("3 minutes", 3.0, "minutes")]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Tea helps (17).", ["17"]),
        ("Tea helps [3,4].", ["3", "4"]),
        ("Tea helps [5–7].", ["5–7"]),
        ("Tea helps.17 It is hot.", ["17"]),
        ("Tea helps sleepers.² It is hot.", ["²"]),
        ("Tea helps (Miller et al., 2003; Park, 2010).", ["2003", "2010"]),
        ("Miller et al. (2003) drank tea.", ["2003"]),
        ("Miller and Park (2003, 2004) drank tea.", ["2003", "2004"]),
    ],
)
def test_citations_keep_their_numbers(text: str, marks: list[str]) -> None:
    mentions = finder().find(text)
    assert [mention.text for mention in mentions] == marks
    assert {mention.quantity_class for mention in mentions} == {"citation"}


def test_a_run_of_marks_is_a_range() -> None:
    (mention,) = finder().find("Tea helps [5–7].")
    assert (mention.value, mention.low, mention.high) == (None, 5.0, 7.0)


def test_bracketed_figures_beside_figures_are_no_marks() -> None:
    assert [mention.quantity_class for mention in finder().find("In all 23 (17) and 12 (44%) slept.")] == ["other"] * 4


def test_units_keep_their_exponents() -> None:
    assert found("It covers 12 cm² or 3 m².") == [("12 cm²", 12.0, "cm2"), ("3 m²", 3.0, "m2")]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("In 2019 it rained.", ("2019", 2019.0)),
        ("In the 1990s it rained.", ("1990s", 1990.0)),
        ("The mid-2019 flood.", ("2019", 2019.0)),
        ("In May 2019 it rained.", ("2019", 2019.0)),
        ("Built in AD 79 by hand.", ("AD 79", 79.0)),
        ("It ran from 2005 to 2010.", ("2005 to 2010", (2005.0, 2010.0))),
        ("It stood between A.D. 1000 and 1260.", ("A.D. 1000 and 1260", (1000.0, 1260.0))),
        ("One of 2018s best films.", ("2018", 2018.0)),
        ("It ran in 1991-93.", ("1991-93", (1991.0, 1993.0))),
    ],
)
def test_years(text: str, year: tuple[str, object]) -> None:
    (mention,) = finder().find(text)
    assert mention.quantity_class == "year"
    assert found(text)[0][:2] == year


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("We planted 2000 bulbs.", ("2000 bulbs", 2000.0, "bulbs")),
        ("It weighs 1850 mg.", ("1850 mg", 1850.0, "mg")),
        ("It cost $2000.", ("$2000", 2000.0, "USD")),
        ("In arm 1, 16 (4.4%) slept.", ("16", 16.0, None)),
        ("The tea group (110) slept.", ("110", 110.0, None)),
        ("On a 0 to 10) scale.", ("0 to 10", (0.0, 10.0), None)),
        ("Among Americans 20 people slept.", ("20 people", 20.0, "people")),
    ],
)
def test_quantities_that_look_like_labels(text: str, quantity: tuple[str, object, str | None]) -> None:
    assert quantity in found(text)


def test_points_in_time_are_read() -> None:
    assert found("At week 12 and on days 1, 3 and 7 it rained.") == [
        ("week 12", 12.0, "weeks"),
        ("days 1", 1.0, "days"),
        ("3", 3.0, "days"),
        ("7", 7.0, "days"),
    ]


def test_labels_are_sorted_and_apart() -> None:
    labels = LABELS.find(
        "1. See [3] on 2020-03-12 (Miller, 2003), https://a.example/1 as told (17) at 10:30; 5th, #12."
    )
    assert len(labels) == 9
    assert all(left.end <= right.start for left, right in pairwise(labels))
