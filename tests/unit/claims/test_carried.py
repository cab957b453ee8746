"""What a claim takes from the sentences before it, and what it leaves there."""

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


def last(text: str) -> ClaimDraft:
    """The last claim of a text."""
    return analyzer().analyze(text).drafts[-1]


GIVEN = "In the trial 800 patients were given zinc tablets or dummy pills. "


@pytest.mark.parametrize(
    "told",
    [
        "Serious illnesses were equally common in both.",
        "Broken bones were just as frequent in one group as in the other.",
        "About the same number of people died in each group.",
        "Sleep quality did not differ between groups.",
        "The difference in fever was too small to be sure of.",
    ],
)
def test_groups_that_are_alike_are_those_that_were_set_against_each_other(told: str) -> None:
    claim = last(GIVEN + told)
    assert (claim.kind, claim.direction, claim.certainty) == ("assertion", "equal", "negated")
    assert claim.intervention is not None
    assert claim.comparator is not None
    assert (claim.intervention.text, claim.comparator.text) == ("zinc tablets", "dummy pills")
    assert claim.outcome is not None


def test_a_difference_is_not_taken_for_likeness() -> None:
    claim = last(GIVEN + "Zinc worked much better than the dummy pills, and nearly as well as rest.")
    assert claim.direction != "equal"


def test_what_holds_at_all_times_is_no_result_of_the_study_before() -> None:
    before = "A new study of 90 nurses was published in May. "
    general = last(before + "Long naps ease cramps.")
    assert (general.study, general.sample_size) == (None, None)
    told = last(before + "Long naps eased cramps.")
    assert told.study is not None
    assert told.sample_size is not None


def test_a_condition_that_is_only_mentioned_is_not_carried() -> None:
    text = "A trial enrolled 90 people with gout. Fear of {} is common in the town. Swimming eased pain in 40% of them."
    claim = last(text.format("asthma"))
    assert claim.condition is None or "asthma" not in claim.condition.text


def test_people_are_no_outcome_of_a_statement() -> None:
    claim = last("Long naps are an effective treatment for nurses with severe cramps.")
    assert claim.outcome is None or "nurses" not in claim.outcome.text


def test_from_and_to_are_the_beginning_and_end_of_each_group() -> None:
    text = "Pain scores went from 62 to 41 in the exercise group and from 60 to 55 in the booklet group."
    claims = analyzer().analyze(text).drafts
    assert [[(v.value, v.role) for v in claim.values] for claim in claims] == [
        [(62.0, "baseline"), (41.0, "followup")],
        [(60.0, "baseline"), (55.0, "followup")],
    ]
    assert {claim.kind for claim in claims} == {"change"}
    assert ["exercise" in (claim.values[0].group or "") for claim in claims] == [True, False]


@pytest.mark.parametrize(
    ("told", "treatment"),
    [
        ("The drug appears to be harmless.", "zinc tablets"),
        ("The Maestro bracelet seems to be harmless.", "Maestro bracelet"),
    ],
)
def test_a_treatment_has_no_verb_in_its_name(told: str, treatment: str) -> None:
    claim = last(GIVEN + told)
    assert claim.intervention is not None
    assert claim.intervention.text == treatment


def test_a_statement_of_nothing_that_has_a_name_is_no_claim() -> None:
    assert last(GIVEN + "There are a great many things one may get addicted to.").kind != "assertion"
