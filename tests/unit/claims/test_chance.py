from __future__ import annotations

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.claims.draft import ClaimDraft
from pipeline.rules.loader import load_rules
from pipeline.rules.schema import shipped_rules_folder


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer(load_rules(shipped_rules_folder()))


def told(analyzer: Analyzer, text: str) -> list[ClaimDraft]:
    return [draft for draft in analyzer.analyze(text).drafts if draft.values]


@pytest.mark.parametrize(
    ("tests", "direction"),
    [
        ("hazard ratio 0.86; 95% CI, 0.70 to 1.05", "equal"),
        ("hazard ratio 0.86; 95% CI, 0.78 to 0.95", "lower"),
        ("hazard ratio 0.86 [0.70-1.05]", "equal"),
        ("hazard ratio 0.86; P = 0.05", "equal"),
        ("hazard ratio 0.86; P = 0.049", "lower"),
        ("hazard ratio 0.86; P > 0.05", "equal"),
        ("hazard ratio 0.86; P < 0.10", "lower"),
        ("hazard ratio 0.86; 95% CI, 0.75 to 1.00; P = 0.04", "lower"),
        ("hazard ratio 0.86; P for interaction = 0.40", "lower"),
    ],
)
def test_what_chance_may_explain_has_no_direction(analyzer: Analyzer, tests: str, direction: str) -> None:
    drafts = told(analyzer, f"Falls were fewer with valerian than with placebo ({tests}).")
    assert [draft.direction for draft in drafts if draft.measure == "ratio"] == [direction]


def test_a_test_is_of_the_outcome_before_it(analyzer: Analyzer) -> None:
    text = (
        "Falls were seen in 24% of the valerian group and 31% of the placebo group (P = 0.12); "
        "headache was seen in 9% of the valerian group and 21% of the placebo group (P = 0.002)."
    )
    assert [draft.direction for draft in told(analyzer, text)] == ["equal", "lower"]


def test_an_interval_around_the_share_of_a_group_says_nothing_of_a_difference(analyzer: Analyzer) -> None:
    text = "Falls were seen in 24% (95% CI, 20 to 28) of the valerian group and 31% (95% CI, 27 to 35) of the placebo group."
    assert {draft.direction for draft in told(analyzer, text)} == {"lower"}


def test_a_ratio_has_its_own_direction_whatever_words_stand_near(analyzer: Analyzer) -> None:
    drafts = told(analyzer, "Valerian lowered the odds of falls (OR 0.81) and raised those of nausea (OR 1.52).")
    assert [draft.direction for draft in drafts] == ["lower", "higher"]
