"""Quantities put together: ranges, lists, shares, qualifiers, statistics, counted nouns, amounts in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.components.quantities import QuantityFinder
from pipeline.model import Mention
from pipeline.rules.ruleset import Ruleset
from tests.unit.components.quantity_support import Value, finder, found, one

Found = tuple[str, Value, str | None]


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("65-70% of them", [("65-70%", (65.0, 70.0), "percent")]),
        ("65–70 % of them", [("65–70 %", (65.0, 70.0), "percent")]),
        ("between 40% and 80% of them", [("40% and 80%", (40.0, 80.0), "percent")]),
        ("Take 10 to 20 mg.", [("10 to 20 mg", (10.0, 20.0), "mg")]),
        ("It takes one to two hours.", [("one to two hours", (1.0, 2.0), "hours")]),
        ("It ranges from 5 cm to 9 cm.", [("5 cm to 9 cm", (5.0, 9.0), "cm")]),
        ("two or three times", [("two or three times", (2.0, 3.0), "times")]),
        ("$2-3 million", [("$2-3 million", (2e6, 3e6), "USD")]),
        ("at −5 to −2 °C", [("−5 to −2 °C", (-5.0, -2.0), "°C")]),
        ("between 200 and >1000 m", [("200 and >1000 m", (200.0, 1000.0), "m")]),
        ("aged 18 to 65", [("18 to 65", (18.0, 65.0), "years")]),
        ("between $62 and $68 per share", [("$62 and $68 per share", (62.0, 68.0), "USD/share")]),
        ("$1,000-$2,000 a session", [("$1,000-$2,000 a session", (1000.0, 2000.0), "USD/session")]),
        ("a 2- to 4-week course", [("2- to 4-week", (2.0, 4.0), "weeks")]),
        ("a median of (range, 0.2%-2.9%)", [("0.2%-2.9%", (0.2, 2.9), "percent")]),
        ("15 or 20 people", [("15 or 20 people", (15.0, 20.0), "people")]),
    ],
)
def test_ranges(text: str, quantities: list[Found]) -> None:
    assert found(text) == quantities


@pytest.mark.parametrize(
    "text", ["It rose from 24% to 66%.", "The share went from 24% to 66%.", "An increase from 24% to 66% was seen."]
)
def test_a_change_is_two_values(text: str) -> None:
    assert found(text) == [("24%", 24.0, "percent"), ("66%", 66.0, "percent")]


def test_different_units_make_no_range() -> None:
    assert found("It gained 3 percent to 6,327.80.") == [("3 percent", 3.0, "percent"), ("6,327.80", 6327.8, None)]


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        (
            "from 31.2 to 26.9 per 1,000 bed days",
            [("31.2", 31.2, "per 1000 bed days"), ("26.9 per 1,000 bed days", 26.9, "per 1000 bed days")],
        ),
        ("24, 48 and 72 hours", [("24", 24.0, "hours"), ("48", 48.0, "hours"), ("72 hours", 72.0, "hours")]),
        ("3 and 7 days", [("3", 3.0, "days"), ("7 days", 7.0, "days")]),
        ("60 or 63 mm", [("60", 60.0, "mm"), ("63 mm", 63.0, "mm")]),
        ("120/80 mm Hg", [("120", 120.0, "mm Hg"), ("80 mm Hg", 80.0, "mm Hg")]),
        ("It rose from 5 to 7 hours.", [("5", 5.0, "hours"), ("7 hours", 7.0, "hours")]),
        ("doses of 10 or 20 mg", [("10", 10.0, "mg"), ("20 mg", 20.0, "mg")]),
        ("24, or 5 percent, left", [("24", 24.0, None), ("5 percent", 5.0, "percent")]),
        ("It closed at 212, down 5 points.", [("212", 212.0, "points"), ("5 points", 5.0, "points")]),
        ("two bearded and six bald men", [("two", 2.0, "people"), ("six", 6.0, "people")]),
        ("five spades or six rakes", [("five", 5.0, "spades"), ("six", 6.0, "rakes")]),
    ],
)
def test_lists_share_a_unit(text: str, quantities: list[Found]) -> None:
    assert found(text) == quantities


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("Sleep was 6 hours 46 minutes.", [("6 hours 46 minutes", 406.0, "minutes")]),
        ("Sleep was six hours and 46 minutes.", [("six hours and 46 minutes", 406.0, "minutes")]),
        ("It took 3 minutes, 20 seconds.", [("3 minutes, 20 seconds", 200.0, "seconds")]),
        ("It took 3 hours and 90 minutes.", [("3 hours", 3.0, "hours"), ("90 minutes", 90.0, "minutes")]),
        ("It took 3 hours or 20 minutes.", [("3 hours", 3.0, "hours"), ("20 minutes", 20.0, "minutes")]),
        ("It took 2.5 hours, 20 minutes by car.", [("2.5 hours", 2.5, "hours"), ("20 minutes", 20.0, "minutes")]),
        ("It took 3 hours and about 20 minutes.", [("3 hours", 3.0, "hours"), ("20 minutes", 20.0, "minutes")]),
    ],
)
def test_a_time_in_two_units_is_one_quantity(text: str, quantities: list[Found]) -> None:
    assert found(text) == quantities


def test_tolerance() -> None:
    mention = one("It was 70 ± 5 mg.")
    assert (mention.text, mention.value, mention.tolerance, mention.unit, mention.low) == (
        "70 ± 5 mg",
        70.0,
        5.0,
        "mg",
        None,
    )


@pytest.mark.parametrize(
    ("text", "totals"),
    [
        ("3 of 27 gardeners", [3.0, 27.0]),
        ("3 out of 27 gardeners", [3.0, 27.0]),
        ("3/27 gardeners", [3.0, 27.0]),
        ("12 (44%) of 27 gardeners", [12.0, 44.0, 27.0]),
        ("44% (12/27) of them", [44.0, 12.0, 27.0]),
        ("44% of 27 gardeners", [44.0, 27.0]),
        ("three out of 27 who had stayed", [3.0, 27.0]),
    ],
)
def test_shares_name_their_total(text: str, totals: list[float]) -> None:
    mentions = finder().find(text)
    assert [mention.value for mention in mentions] == totals
    assert [mention.total for mention in mentions] == [27.0] * (len(totals) - 1) + [None]
    assert mentions[-1].form == "total"


@pytest.mark.parametrize(
    ("text", "totals"),
    [
        ("Of 40 seedlings, 36 (90%) lived.", [None, 40.0, 40.0]),
        ("Of the 40 seedlings, 90% (36) lived and 4 (10.0%) died.", [None, 40.0, 40.0, 40.0, 40.0]),
        ("Among 40 cooks in each kitchen, 36 (90%) and 13 (32%) slept.", [None, 40.0, 40.0, 40.0, 40.0]),
        ("Only 36 of 40 seedlings (90%) lived.", [40.0, None, 40.0]),
        ("Of 80 cooks, 20 (50%) of the bakers slept.", [None, None, None]),  # 20 of the 40 bakers
        ("Of 40 cooks, 36 (90.4%) slept.", [None, None, None]),
        ("Some 40 seedlings came. Then 36 (90%) lived.", [None, None, None]),
        ("Of 40 came few. Then 36 (90%) lived.", [None, None, None]),
        ("In 40 weeks, 36 (90%) lived.", [None, None, None]),
        ("Of 0 seedlings, 0 (0%) lived.", [None, None, None]),
    ],
)
def test_a_whole_that_is_told_apart_is_known_by_its_share(text: str, totals: list[float | None]) -> None:
    assert [mention.total for mention in finder().find(text)] == totals


def test_what_is_counted_passes_from_the_total_to_its_parts() -> None:
    assert [mention.unit for mention in finder().find("12 (44%) of 27 gardeners")] == ["people", "percent", "people"]


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("one in five adults", 20.0),
        ("1 in 5 adults", 20.0),
        ("a one-in-five chance", 20.0),
        ("one in every 20 adults", 5.0),
        ("half of the adults", 50.0),
        ("a third of the adults", 100 / 3),
        ("1/4 of the adults", 25.0),
        ("None in the tea group woke.", 0.0),
        ("No one in the placebo group woke.", 0.0),
    ],
)
def test_shares_in_words_are_percent(text: str, percent: float) -> None:
    mention = one(text)
    assert mention.unit == "percent"
    assert mention.value == pytest.approx(percent)


def test_zero_is_kept() -> None:
    assert found("0 of 27 gardeners, 0% and 0 mg") == [
        ("0", 0.0, "people"),
        ("27 gardeners", 27.0, "people"),
        ("0%", 0.0, "percent"),
        ("0 mg", 0.0, "mg"),
    ]


@pytest.mark.parametrize(
    ("text", "part", "qualifier"),
    [
        ("nearly 50% of them", "50%", "nearly"),
        ("just under 50% of them", "50%", "nearly"),
        ("about a third of them", "a third", "about"),
        ("more than 30 studies", "30 studies", "over"),
        ("at least 24 weeks", "24 weeks", "at_least"),
        ("no more than 5 mg", "5 mg", "at_most"),
        ("fewer than 5 rakes", "5 rakes", "under"),
        ("up to 10 days", "10 days", "up_to"),
        ("65 years or older", "65 years", "at_least"),
        ("<10 cm", "<10 cm", "under"),
        ("≥ 16", "≥ 16", "at_least"),
        ("~5 mg", "~5 mg", "about"),
        ("for over two years", "two years", "over"),
        ("over 12 weeks", "12 weeks", None),
        ("only 10% of them", "10%", None),
    ],
)
def test_qualifiers(text: str, part: str, qualifier: str | None) -> None:
    mention = one(text)
    assert (mention.text, mention.qualifier) == (part, qualifier)


def test_statistics_have_their_class() -> None:
    mentions = finder().find("Sleep was longer (HR 0.47; 95% CI 0.24–0.92; p < 0.001; n = 23).")
    assert [(m.text, m.quantity_class) for m in mentions] == [
        ("0.47", "other"),
        ("95%", "statistic"),
        ("0.24–0.92", "statistic"),
        ("< 0.001", "statistic"),
        ("23", "sample_size"),
    ]
    assert mentions[3].qualifier == "under"


@pytest.mark.parametrize(
    "text",
    [
        "95% CI 1.2 to 3.4",
        "95% CI, 1.2-3.4",
        "95% CI: 1.2, 3.4",
        "95% confidence interval [CI], 1.2 to 3.4",
        "(95% CI = [1.2; 3.4])",
    ],
)
def test_intervals(text: str) -> None:
    level, bounds = finder().find(text)
    assert (level.value, level.quantity_class) == (95.0, "statistic")
    assert (bounds.low, bounds.high, bounds.value, bounds.quantity_class) == (1.2, 3.4, None, "statistic")


def test_an_interval_may_cross_zero() -> None:
    assert found("95% CI -0.5 to 1.2")[1][1] == (-0.5, 1.2)


@pytest.mark.parametrize(
    ("text", "text_found", "unit"),
    [
        ("three stages", "three", "stages"),
        ("12 different rakes broke", "12 different rakes", "rakes"),
        ("10,308 London civil servants came", "10,308 London civil servants", "people"),
        ("54 functions spread out", "54 functions", "functions"),
        ("seven randomised, double-blind trials", "seven", "trials"),
        ("2.7m combined digital and physical sales", "2.7m", "sales"),
        ("3 million of the gardens", "3 million", "gardens"),
        ("53 fell asleep", "53", None),
        ("One trial found it.", "One", "trials"),
        ("one man left", "one", "people"),
        ("12 mice", "12 mice", "mice"),
        ("200 cells/ml", "200 cells/ml", "cells/mL"),
    ],
)
def test_counted_nouns(text: str, text_found: str, unit: str | None) -> None:
    mention = one(text)
    assert mention.text.startswith(text_found)
    assert mention.unit == unit


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("a few weeks", ("a few weeks", None, "weeks")),
        ("several months or even years", ("several months or even years", None, "months")),
        ("Millions suffer.", ("Millions", None, "people")),
        ("dozens of rakes", ("dozens", None, "rakes")),
        ("a couple of decades", ("a couple of decades", 2.0, "decades")),
        ("about a week", ("a week", 1.0, "weeks")),
        ("half an hour", ("half an hour", 0.5, "hours")),
        ("a single cold or warm session", ("single", 1.0, "sessions")),
        ("weekly tea sessions", ("weekly", 1.0, "per_week")),
        ("twice as likely", ("twice", 2.0, "times")),
        ("twice daily", ("twice daily", 2.0, "times/day")),
    ],
)
def test_amounts_in_words(text: str, quantity: Found) -> None:
    assert found(text) == [quantity]


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("a 65-year-old man", ("65-year-old", 65.0, "years")),
        ("65 years old", ("65 years old", 65.0, "years")),
        ("before age 50", ("50", 50.0, "years")),
        ("people 65 or older", ("65", 65.0, "years")),
        ("Ann Miller, 53, gardens.", ("53", 53.0, "years")),
        ("65+ years", ("65+ years", 65.0, "years")),
        ("women 50 to 74", ("50 to 74", (50.0, 74.0), "years")),
        ("men over 65 slept", ("65", 65.0, "years")),
        ("Miller, 53, who gardens", ("53", 53.0, "years")),
        ("his mother, who is 81, slept", ("81", 81.0, "years")),
        ("mean age = 58", ("58", 58.0, "years")),
    ],
)
def test_ages(text: str, quantity: Found) -> None:
    assert found(text) == [quantity]


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("a quarter of a million bees", [("a quarter of a million", 250000.0, "bees")]),
        ("half a billion bees", [("half a billion", 5e8, "bees")]),
        ("three-quarters of a mile", [("three-quarters of a mile", 0.75, "miles")]),
        ("the last three quarters", [("three quarters", 3.0, "quarters")]),
        ("one out of four adults", [("one out of four", 25.0, "percent")]),
        ("3 out of 10 adults", [("3 out of 10", 30.0, "percent")]),
        ("3 out of 10 patients", [("3", 3.0, "people"), ("10 patients", 10.0, "people")]),
        ("a pain score of 5 of 10", [("5", 5.0, None), ("10", 10.0, None)]),
        ("four of every five", [("four of every five", 80.0, "percent")]),
        ("an hour and a half", [("an hour and a half", 1.5, "hours")]),
    ],
)
def test_parts_and_wholes(text: str, quantities: list[Found]) -> None:
    assert found(text) == quantities


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("two 50-mg tablets a day", [("two", 2.0, "tablets"), ("50-mg", 50.0, "mg")]),
        ("3 five-year plans", [("3", 3.0, "plans"), ("five-year", 5.0, "years")]),
        ("12 (44%) gardeners", [("12", 12.0, "people"), ("44%", 44.0, "percent")]),
    ],
)
def test_what_is_counted_may_stand_behind_another_number(text: str, quantities: list[Found]) -> None:
    assert found(text) == quantities


@pytest.mark.parametrize("ratio", ["1:1:2", "3:3:2:1"])
def test_a_ratio_of_more_than_two_is_no_single_number(ratio: str) -> None:
    mention = one(f"They were split {ratio}, at random.")
    assert (mention.text, mention.value, mention.form) == (ratio, None, "ratio")


def test_an_interval_of_a_percentage_is_in_percent() -> None:
    intervals = [mention for mention in finder().find("It was 60% (95% CI 53-67) or 44% (37-52).") if mention.low]
    assert [(i.low, i.high, i.unit, i.quantity_class) for i in intervals] == [
        (53.0, 67.0, "percent", "statistic"),
        (37.0, 52.0, "percent", "statistic"),
    ]


def test_an_interval_may_be_named_before_its_value() -> None:
    interval = finder().find("The gain (95% CI) was 0.4 (- 0.1, 0.9).")[2]
    assert (interval.low, interval.high, interval.quantity_class) == (-0.1, 0.9, "statistic")


def test_a_line_break_ends_everything() -> None:
    assert found("It was 5\nmg in 12\nto 14 days") == [("5", 5.0, None), ("12", 12.0, None), ("14 days", 14.0, "days")]


def test_offsets_count_code_points() -> None:
    text = "🌱🌱 half of the 12 rakes, İ 5 mg"
    assert [text[m.start : m.end] for m in finder().find(text)] == ["half", "12 rakes", "5 mg"]


def test_a_finder_without_rules_reads_digits_only() -> None:
    assert [mention.value for mention in QuantityFinder(Ruleset({})).find("two, 5 mg and 7.5%")] == [5.0, 7.5]


SEEDS = Path(__file__).parents[3].parent / "shared"


def test_the_seed_articles_give_their_quantities() -> None:
    """Every number that the hand-made gold needs is found with its value; at most one in fifty has another unit."""
    gold = SEEDS / "gold" / "seeds.quantities.jsonl"
    if not gold.is_file():
        pytest.skip("the seed articles are not beside this checkout")
    wanted = [json.loads(line) for line in gold.read_text("utf-8").splitlines()]
    wanted = [entry for entry in wanted if not entry.get("optional")]
    texts = {
        name: (SEEDS / "seeds" / name).read_bytes().decode("utf-8") for name in {entry["file"] for entry in wanted}
    }
    mentions = {name: finder().find(text) for name, text in texts.items()}
    missed, other_unit = [], []
    for entry in wanted:
        hit = next((m for m in mentions[entry["file"]] if m.start < entry["end"] and entry["start"] < m.end), None)
        if hit is None or _numbers(hit) != (entry["value"], entry["low"], entry["high"], entry["qualifier"]):
            missed.append(entry["start"])
        elif hit.unit != entry["unit"]:
            other_unit.append(entry["start"])
    assert missed == []
    assert len(other_unit) <= len(wanted) // 50


def _numbers(mention: Mention) -> tuple[float | None, float | None, float | None, str | None]:
    return mention.value, mention.low, mention.high, mention.qualifier


def test_zero_has_no_sign() -> None:
    mentions = finder().find("It changed by -0%, by −0.0 kg and between -0 and 5 points.")
    assert [(m.value, m.low) for m in mentions] == [(0.0, None), (0.0, None), (None, 0.0)]
    assert "-" not in "".join(str(number) for m in mentions for number in (m.value, m.low, m.high))


@pytest.mark.parametrize("text", ["It was sewn with 2/0 thread.", "They wrote 1/0 or 0/0."])
def test_what_is_divided_by_zero_is_a_code(text: str) -> None:
    assert finder().find(text) == []


def test_digits_of_all_scripts_are_read_where_they_stand() -> None:
    text = "Of ４０ cooks, ３６（９０％） slept ２．５ hours; ٣٦ did ١٬٢٠٠ times, and १२ left."
    mentions = finder().find(text)
    assert [mention.value for mention in mentions] == [40.0, 36.0, 90.0, 2.5, 36.0, 1200.0, 12.0]
    assert all(text[mention.start : mention.end] == mention.text for mention in mentions)


@pytest.mark.parametrize("text", ["$\n5", "about\n5", "(n =\n5", "aged\n5", "minus\n5"])
def test_what_stands_in_the_line_before_tells_nothing(text: str) -> None:
    (mention,) = finder().find(text)
    assert (mention.text, mention.value, mention.unit, mention.qualifier, mention.form) == (
        "5",
        5.0,
        None,
        None,
        "number",
    )
    assert mention.quantity_class == "other"
