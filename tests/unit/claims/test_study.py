from __future__ import annotations

import functools
from pathlib import Path

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset

RULES = Path(__file__).parents[3] / "rules"
TEAS = {
    "topic": "teas",
    "terms": [
        {"id": "valerian", "type": "intervention", "names": ["valerian"]},
        {"id": "camomile", "type": "intervention", "names": ["camomile"]},
        {"id": "placebo", "type": "intervention", "names": ["placebo"]},
        {"id": "insomnia", "type": "condition", "names": ["insomnia"]},
        {"id": "snoring", "type": "condition", "names": ["snoring"]},
    ],
    "variants": [],
}


@functools.cache
def analyzer() -> Analyzer:
    return Analyzer(Ruleset(load_rules(RULES).rules, (TEAS,)))


def last_size(text: str) -> float | None:
    draft = analyzer().analyze(text).drafts[-1]
    return draft.sample_size.value if draft.sample_size is not None else None


@pytest.mark.parametrize(
    "sentence",
    [
        "Of them, 40% slept well.",
        "At six weeks, 40% with valerian slept well.",
        "With valerian, 40% of those with snoring slept well.",
        "Compared with placebo, 40% more slept well.",
    ],
)
def test_the_size_holds_for_what_the_study_found(sentence: str) -> None:
    assert last_size(f"The trial enrolled 90 adults with insomnia to test valerian. {sentence}") == 90.0


@pytest.mark.parametrize(
    "sentence",
    [
        "In that work 40% slept well.",
        "Earlier research had found that 40% slept well.",
        "Of adults with snoring, 40% slept well.",
        "Nationwide, 40% sleep well.",
        "About 3 million people use it, and 40% sleep well.",
        "Sleep at night | 90 | 40%",
    ],
)
def test_the_size_ends_with_the_study(sentence: str) -> None:
    assert last_size(f"The trial enrolled 90 adults with insomnia to test valerian. {sentence}") is None


def test_another_trial_name_is_another_study() -> None:
    text = "The DOZE 1 trial enrolled 90 adults. In {}, 40% slept well."
    assert last_size(text.format("DOZE 1")) == 90.0
    assert last_size(text.format("DOZE 2")) is None


def test_another_reference_is_another_study() -> None:
    text = "The trial enrolled 90 adults. [1] Of them, 40% slept well. {} Of them, 40% slept well. [{}]"
    assert last_size(text.format("", 1)) == 90.0
    assert last_size(text.format("", 2)) is None


@pytest.mark.parametrize(
    "first",
    [
        "The study compared 90 women who had tea with 80 men who had milk.",
        "They assigned 90 adults to tea and 80 to milk.",
        "With about 90 adults in each group, it was small.",
        "The clinic has now treated 90 adults.",
        "A total of 90 adults (60%) were treated as planned.",
        "The 90 adults given tea were weighed.",
    ],
)
def test_the_size_of_a_part_is_no_size_of_the_study(first: str) -> None:
    assert last_size(f"{first} Of them, 40% slept well.") is None


def test_a_size_that_is_no_whole_number_is_none() -> None:
    assert last_size("The trial enrolled 13.984 adults. Of them, 40% slept well.") is None
