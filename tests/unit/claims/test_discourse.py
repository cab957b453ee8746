"""What a sentence leaves to the sentence before it, on topics that no file knows."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.claims.draft import ClaimDraft
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset

ROOT = Path(__file__).parents[3]


@cache
def analyzer() -> Analyzer:
    return Analyzer(Ruleset(load_rules(ROOT / "rules").rules, ()))


def claims(text: str) -> list[ClaimDraft]:
    return [draft for draft in analyzer().analyze(text).drafts if draft.measure != "sample_size"]


def words(draft: ClaimDraft) -> tuple[str | None, str | None]:
    return (
        draft.outcome.text if draft.outcome is not None else None,
        draft.timepoint.text if draft.timepoint is not None else None,
    )


@pytest.mark.parametrize(
    ("text", "outcome", "time"),
    [
        (
            "After ten weeks, 64 percent of the runners slept through the night. "
            "That compared with 21 percent of those who stretched.",
            "slept through the night",
            "After ten weeks",
        ),
        (
            "At one year, 30 percent of children given the nasal spray still wheezed. "
            "The figure for placebo was 52 percent.",
            "still wheezed",
            "one year",
        ),
        (
            "About 61 percent of women on the new patch were free of hot flushes after 12 weeks. "
            "Of those given a dummy patch, 33 percent were.",
            "free of hot flushes",
            "after 12 weeks",
        ),
        (
            "In the trial of ginger tea, 48 percent of drinkers were free of nausea at six weeks. "
            "In the control group it was 19 percent.",
            "free of nausea",
            "six weeks",
        ),
        (
            "Among men who took vitamin K, 8 percent broke a bone within five years. "
            "This compares with 15 percent among men who took none.",
            "broke a bone",
            "within five years",
        ),
        (
            "The bread eaters lowered their cholesterol by 12 percent in eight weeks. "
            "By comparison, it fell by 3 percent in the control group.",
            "cholesterol",
            "eight weeks",
        ),
        (
            "With the vaccine, 2 percent caught shingles over four years. The rate was 9 percent in the placebo group.",
            "caught shingles",
            "four years",
        ),
    ],
)
def test_the_other_groups_figure_takes_outcome_and_time(text: str, outcome: str, time: str) -> None:
    first, second = claims(text)
    assert words(first) == words(second) == (outcome, time)
    assert (first.kind, second.kind) == ("comparison", "comparison")
    assert (first.values[0].role, second.values[0].role) == ("arm", "comparator")
    assert first.direction == second.direction is not None
    assert first.intervention == second.intervention is not None
    assert first.comparator == second.comparator


def test_groups_that_take_turns_over_two_sentences_are_set_against_each_other() -> None:
    first, second = claims(
        "The trial followed 320 adults with gout who took either cherry extract or a placebo for a year. "
        "Attacks came back in 27 percent of the cherry group. In the placebo group, 44 percent had another attack."
    )
    assert first.comparator is not None
    assert first.comparator.id == "placebo"
    assert first.direction == second.direction == "lower"
    assert second.outcome is not None


def test_another_outcome_of_the_other_group_is_its_own() -> None:
    first, second = claims(
        "At one year, 30 percent of the patients on the spray slept badly. "
        "In the placebo group, 52 percent had headaches."
    )
    assert first.comparator is None
    assert words(second) == ("had headaches", None)


def test_one_more_figure_of_the_same_group_is_no_comparison() -> None:
    _, second = claims(
        "At one year, 30 percent of the spray group slept badly. Some 12 percent of the spray group snored."
    )
    assert (second.kind, second.comparator) == ("single", None)


def test_men_and_women_are_no_groups_of_a_study() -> None:
    found = claims("Up to one in four men may break a hip. By comparison, one in two women will break a hip.")
    assert [value.role for draft in found for value in draft.values].count("comparator") == 0
    assert all(draft.comparator is None for draft in found)


def test_of_two_outcomes_the_one_that_shares_words_is_taken_up() -> None:
    found = claims(
        "After 22 weeks, 69 percent of the patients on the injection kept a clinical response and 41 percent had lost all rashes. "
        ""
        "That compared with a clinical response of 42 percent in the placebo group."
    )
    first, other, last = found
    assert first.direction == last.direction == "higher"
    assert other.comparator is None


def test_what_stands_too_far_back_is_not_taken() -> None:
    found = claims(
        "At one year, 30 percent of the spray group slept badly. "
        "The spray is sold in blue bottles. It has a mild smell. "
        "In the placebo group, 52 percent."
    )
    assert all(draft.outcome is None for draft in found[1:])


def test_another_study_begins_afresh() -> None:
    found = claims(
        "At one year, 30 percent of the spray group slept badly. "
        "In another trial, of 900 nurses, the rate in the control group was 52 percent."
    )
    assert found[0].comparator is None


def test_a_share_of_the_people_told_last_knows_how_many_they_are() -> None:
    draft = claims(
        "In all, 212 patients had surgery for a torn tendon. Of these, 18 percent had a new tear within two years."
    )[-1]
    assert draft.values[0].n == 212
    assert draft.values[0].group == "212 patients"
    assert words(draft) == ("had a new tear", "within two years")


def test_about_so_many_people_are_no_denominator() -> None:
    draft = claims(
        "About 200 patients had surgery for a torn tendon. Of these, 18 percent had a new tear within two years."
    )[-1]
    assert draft.values[0].n is None


def test_a_result_put_another_way_has_the_slots_of_the_comparison() -> None:
    found = claims(
        "Five years on, 1.4 percent of the invited group and 1.7 percent of the usual-care group had a melanoma. "
        "Only 38 percent of those who were invited went along. That is a reduction of 18 percent."
    )
    told, again = found[0], found[-1]
    assert again.measure == "relative_change"
    assert (again.outcome, again.comparator, again.timepoint) == (told.outcome, told.comparator, told.timepoint)


def test_what_is_no_difference_is_not_told_again() -> None:
    last = claims(
        "At one year, 30 percent of the spray group and 40 percent of the placebo group slept badly. "
        "That is what 10 percent of all nurses say."
    )[-1]
    assert last.comparator is None


def test_items_have_what_the_words_before_the_list_say() -> None:
    found = claims(
        "W"
        "alking and falls\n\nAfter two years, the risk of falling among people who walked was:\n\n23 percent lower in women,\n\n"
        "48 percent lower in men, and\n\n5 percent higher in nurses.\n\nSales rose. Colds were 9 percent rarer."
    )
    assert [words(draft) for draft in found[:3]] == [("falling", "After two years")] * 3
    assert found[-1].timepoint is None


@pytest.mark.parametrize(
    ("text", "measure", "value", "unit", "direction"),
    [
        ("The new pill halves the risk of stroke.", "relative_change", 50.0, "percent", "lower"),
        ("Deaths doubled among men who skipped breakfast.", "ratio", 2.0, "times", "higher"),
        ("Taking statins tripled the odds of muscle pain, compared with placebo.", "ratio", 3.0, "times", "higher"),
        ("The pain was halved in six weeks.", "relative_change", 50.0, "percent", "lower"),
        ("Four cups of coffee a day halve your risk of gout.", "relative_change", 50.0, "percent", "lower"),
    ],
)
def test_verbs_that_multiply_are_figures(text: str, measure: str, value: float, unit: str, direction: str) -> None:
    (draft,) = claims(text)
    assert (draft.measure, draft.direction) == (measure, direction)
    assert (draft.values[0].value, draft.values[0].unit) == (value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "He doubled the dose after two weeks.",
        "Use of the drug tripled between 2010 and 2015.",
        "It was a double-blind test with triple jumps.",
        "Anna, 54, of Leeds, lost 14 kg in six months on the jab.",
        "My blood pressure dropped by 20 points after four weeks on the drops.",
        "He says his pain has fallen by 80 percent since the operation.",
        "Researchers expect that 40 percent of patients on the new pill will respond, against 20 percent on placebo.",
        "The study is designed to detect a difference of 15 percentage points between the groups.",
    ],
)
def test_doses_testimonials_and_hopes_are_no_results(text: str) -> None:
    assert [draft for draft in claims(text) if draft.values] == []


def test_what_nobody_has_is_no_condition() -> None:
    (draft,) = claims("In people without diabetes, the jab cut weight by 15 percent over 68 weeks.")
    assert draft.condition is None
    (draft,) = claims("In people with diabetes, the jab cut weight by 15 percent over 68 weeks.")
    assert draft.condition is not None


def test_people_told_by_what_they_do_not_have_are_no_controls() -> None:
    (draft,) = claims("Adults who did not have asthma were given the spray, and 12 percent had a cold.")
    assert draft.values[0].role != "comparator"


def test_a_treatment_never_begins_with_its_share() -> None:
    draft = claims(
        "Some 240 smokers were given vouchers and 120 had quit after six months. "
        "Of those, 30 percent relapsed within a year."
    )[-1]
    assert draft.intervention is None or "30" not in draft.intervention.text


def test_a_group_called_the_rest_names_no_treatment() -> None:
    (draft,) = claims(
        "Of the nurses, 48 percent of those who drank the tea slept well, compared with 11 percent of the rest."
    )
    assert draft.comparator is None
    assert draft.values[1].role == "comparator"


def test_who_went_without_the_treatment_is_the_other_group() -> None:
    one, other = claims("After the jab, 79 percent of the babies had antibodies. Without the jab, only 13 percent did.")
    assert (one.values[0].role, other.values[0].role) == ("arm", "comparator")
    assert other.values[0].group == "Without the jab"
    assert words(other)[0] == words(one)[0]


def test_the_other_wards_are_the_other_group() -> None:
    one, other = claims(
        "On the ward with later shifts, sleep lengthened by 34 minutes. At the other wards it rose by 3 minutes."
    )
    assert (one.values[0].role, other.values[0].role) == ("arm", "comparator")
    assert words(other)[0] == words(one)[0]
