from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.claims.draft import ClaimDraft
from pipeline.claims.times import in_days
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset

RULES = Path(__file__).parents[3] / "rules"
SLEEP = {
    "topic": "sleep",
    "terms": [
        {"id": "valerian", "type": "intervention", "names": ["valerian"]},
        {"id": "placebo", "type": "intervention", "names": ["placebo"]},
        {"id": "insomnia", "type": "condition", "names": ["insomnia"]},
        {"id": "sound_sleep", "type": "outcome", "names": ["slept well"]},
        {"id": "nightmares", "type": "outcome", "names": ["nightmares"]},
    ],
    "variants": [],
}


@functools.cache
def analyzer(topics: bool = True) -> Analyzer:
    rules = load_rules(RULES)
    return Analyzer(Ruleset(rules.rules, (SLEEP,) if topics else ()))


def claims(text: str) -> tuple[ClaimDraft, ...]:
    return analyzer().analyze(text).drafts


def only(text: str) -> ClaimDraft:
    (draft,) = claims(text)
    return draft


def test_a_comparison_is_one_claim_with_both_groups_time_and_slots() -> None:
    text = "At 2 weeks, 48 percent of adults with insomnia in the valerian group slept well compared with 11% in the placebo group."
    draft = only(text)
    assert (draft.quote, draft.start, draft.end) == (text, 0, len(text))
    assert (draft.kind, draft.measure, draft.direction) == ("comparison", "proportion", "higher")
    assert [(v.value, v.unit, v.role, v.group, v.group_id) for v in draft.values] == [
        (48.0, "percent", "arm", "the valerian group", "valerian"),
        (11.0, "percent", "comparator", "the placebo group", "placebo"),
    ]
    assert all(text[v.start : v.end] == v.text for v in draft.values)
    assert draft.timepoint is not None
    assert draft.timepoint.days == 14.0
    slots = (draft.intervention, draft.comparator, draft.condition, draft.outcome)
    assert [slot.id if slot else None for slot in slots] == ["valerian", "placebo", "insomnia", "sound_sleep"]


def test_everything_but_canonical_ids_works_without_a_topic() -> None:
    text = "At 2 weeks, 48% in the valerian group slept well compared with 11% in the placebo group."
    (draft,) = analyzer(topics=False).analyze(text).drafts
    assert [(v.value, v.role, v.group, v.group_id) for v in draft.values] == [
        (48.0, "arm", "the valerian group", None),
        (11.0, "comparator", "the placebo group", "placebo"),
    ]
    assert draft.intervention is not None
    assert (draft.intervention.text, draft.intervention.id) == ("valerian", None)


def test_two_times_in_one_sentence_are_two_claims_with_one_quote() -> None:
    first, second = claims("Well rested were 48% at two weeks, and at six months 44% were.")
    assert first.quote == second.quote
    assert [(d.timepoint and d.timepoint.days, d.values[0].value) for d in (first, second)] == [
        (14.0, 48.0),
        (182.625, 44.0),
    ]


def test_two_measures_in_one_sentence_are_two_claims() -> None:
    found = claims("The tea raised sleep from 24% to 66% of nurses and reduced yawning by 67%.")
    assert [(d.measure, [v.value for v in d.values]) for d in found] == [
        ("proportion", [24.0, 66.0]),
        ("relative_change", [67.0]),
    ]


def test_outcomes_listed_with_their_figures_in_brackets_are_claims_of_their_own() -> None:
    found = claims("Common complaints were nightmares (44%), cold feet (30%) and thirst (24%).")
    assert [[v.value for v in d.values] for d in found] == [[44.0], [30.0], [24.0]]


@pytest.mark.parametrize(
    ("between", "size"),
    [
        ("", 90.0),
        ("All were weighed.\n\nAll were asked.\n\n", 90.0),
        ("All were weighed.\n\n" * 5, None),
        ("In another study, nurses had tea. ", None),
        ("A heading\n\n", None),
    ],
)
def test_the_size_of_the_study_holds_until_another_begins(between: str, size: float | None) -> None:
    *_, draft = claims(f"The trial enrolled 90 nurses.\n\n{between}Of them, 40% slept well.")
    assert (draft.sample_size.value if draft.sample_size else None) == size


def test_the_whole_study_counts_not_its_groups() -> None:
    *_, draft = claims("We randomised 90 nurses. The 45 nurses in the tea group left early. Of them, 40% slept well.")
    assert draft.sample_size is not None
    assert draft.sample_size.value == 90.0


def test_zero_is_a_value() -> None:
    draft = only("None in the tea group had nightmares.")
    assert [(v.value, v.unit) for v in draft.values] == [(0.0, "percent")]


def test_a_range_keeps_both_ends() -> None:
    draft = only("Relapse was seen in 40-80% of nappers.")
    assert [(v.value, v.low, v.high) for v in draft.values] == [(None, 40.0, 80.0)]


def test_a_finding_without_a_figure_states_when() -> None:
    draft = only("After 24 hours, sleep scores were higher with tea compared with milk.")
    assert (draft.values, draft.measure, draft.kind, draft.direction) == ((), "score", "comparison", "higher")
    assert draft.timepoint is not None
    assert draft.timepoint.days == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "In 2019 the tea was sold in 12 shops.",
        "Tea has long been known [3, 4].",
        "The nurse was 54 years old.",
        "First, call 0800 123 4567.",
        "Did 40% of them sleep well?",
        "We plan to enrol 120 nurses in May.",
        "The hose is 40 m long, and its maker has $30.",
        "",
    ],
)
def test_what_reports_nothing_makes_no_claim(text: str) -> None:
    assert claims(text) == ()


def test_a_p_value_or_interval_is_no_value() -> None:
    draft = only("Falls were fewer with tea (hazard ratio 0.47; 95% CI 0.24 to 0.92; P = 0.03).")
    assert [(v.value, d) for v in draft.values for d in [draft.measure]] == [(0.47, "ratio")]


def test_work_grows_linearly_with_length(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.rules import template_run

    steps: Counter[str] = Counter()
    original = template_run._ends

    def counted(*args: object) -> list[int]:
        steps["n"] += 1
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(template_run, "_ends", counted)
    counts = []
    for size in (20, 200):
        steps.clear()
        claims("of 3 nurses, 4% had 5 mg in the 6 group, " * size + "and 7 more.")
        counts.append(steps["n"])
    assert counts[1] < 12 * counts[0]


@pytest.mark.parametrize(
    ("value", "unit", "days"),
    [
        (6.0, "months", 182.625),
        (1.0, "years", 365.25),
        (24.0, "hours", 1.0),
        (0.0, "days", 0.0),
        (None, "days", None),
        (3.0, "sessions", None),
    ],
)
def test_days(value: float | None, unit: str, days: float | None) -> None:
    assert in_days(value, unit) == days
