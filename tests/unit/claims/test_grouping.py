from __future__ import annotations

import functools
from pathlib import Path

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.claims.draft import ClaimDraft
from pipeline.rules.loader import load_rules

RULES = Path(__file__).parents[3] / "rules"


@functools.cache
def analyzer() -> Analyzer:
    return Analyzer(load_rules(RULES))


def claims(text: str) -> tuple[ClaimDraft, ...]:
    return analyzer().analyze(text).drafts


def shares(text: str) -> list[list[float | None]]:
    return [[value.value for value in draft.values] for draft in claims(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Of the nurses 48% slept well, against 11% of the doctors.",
        "Cold feet were rarer with tea (48% v 11%).",
        "Cold feet were reported in 48% and 11%, respectively.",
        "Sound sleep rose from 48% to 11%.",
        "On tea 48% of those with cold feet slept, compared with 11% of those without.",
        "Of those on tea, 48% slept well; in the milk group about 11% did.",
        "Cold feet were seen in 48% of the tea group and 11% of the milk group.",
    ],
)
def test_figures_of_one_outcome_are_one_claim(text: str) -> None:
    assert shares(text) == [[48.0, 11.0]]


@pytest.mark.parametrize(
    "text",
    [
        "Of the nurses 48% were women and 11% were doctors.",
        "Common were dreams (48%), and cold feet (11%).",
        "Tea was liked by 48% of nurses, and 11% of cups broke.",
    ],
)
def test_figures_of_several_outcomes_are_several_claims(text: str) -> None:
    assert shares(text) == [[48.0], [11.0]]


def test_two_comparisons_in_a_sentence_are_two_claims() -> None:
    text = "Cold feet were seen in 48% with tea compared with 11% with milk, and 5% left early compared with 1%."
    assert shares(text) == [[48.0, 11.0], [5.0, 1.0]]


def test_what_is_set_against_a_change_is_a_change() -> None:
    (draft,) = claims("Weights fell by 15% with tea, compared with 2% with milk.")
    assert (draft.measure, len(draft.values)) == ("relative_change", 2)


def test_a_row_of_a_table_is_one_claim_and_no_change() -> None:
    (draft,) = claims("Lost sleep | 86.4% | 31.5%")
    assert draft.kind == "single"
    assert [value.role for value in draft.values] == [None, None]


def test_a_dose_is_told_with_its_effect_in_text_order() -> None:
    (draft,) = claims("After a single dose, the effect lasted for three weeks.")
    assert draft.measure == "duration"
    starts = [value.start for value in draft.values]
    assert starts == sorted(starts)


def test_a_population_is_no_arm() -> None:
    (draft,) = claims("Tea let 84% of smokers sleep, compared with 11% of those who received milk.")
    assert [value.group for value in draft.values] == [None, "those who received milk"]


def test_a_relative_figure_belongs_to_no_group() -> None:
    (draft,) = claims("Colds were 30% less likely with tea than in the control group.")
    assert [(value.group, value.role) for value in draft.values] == [(None, None)]
    assert draft.direction == "lower"


def test_the_figures_tell_the_direction_before_the_words_do() -> None:
    (draft,) = claims("With tea more had a reduction in cold feet than with milk: 48% against 66%.")
    assert draft.direction == "lower"


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("Tea may cut yawning by 30%.", "hedged"),
        ("About 30% of nurses could benefit.", "hedged"),
        ("It may rain, but tea cut yawning by 30%.", "asserted"),
        ("Of nurses 30% had colds that might need tea.", "asserted"),
        ("Yawning fell by 30%, a survey suggests.", "hedged"),
    ],
)
def test_reserve_counts_where_it_concerns_the_figure(text: str, certainty: str) -> None:
    assert {draft.certainty for draft in claims(text)} == {certainty}
