"""What a retelling gets wrong though no finding joins it to the study."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.run.sources import read_sources

STUDY = (
    "Methods: In the HERON trial 412 adults with frozen shoulder were randomised to splints or surgery at Marlow Hospital. "
    "Results: Splints were noninferior to surgery. By 90 days, 31.4% of the splint group had needed a second treatment. "
    "Moss and Fern led the work."
)


@lru_cache(maxsize=1)
def _tools() -> tuple[Ruleset, Analyzer]:
    rules = load_rules(Path(__file__).parents[4] / "rules")
    return rules, Analyzer(rules)


def flagged(told: str) -> dict[str, str]:
    """The messages of flags on a news page that says ``told`` of the study, by rule."""
    rules, analyzer = _tools()
    sources = {
        "study": {"kind": "primary", "publisher": "Journal of Joints", "text": STUDY},
        "page": {
            "kind": "news",
            "publisher": "The Daily Shoe",
            "text": "The HERON trial of 412 adults with frozen shoulder at Marlow Hospital, led by Moss, is out in the Journal of "
            f"Joints. {told}",
        },
    }
    return {flag.rule: flag.message for flag in read_sources(sources, rules, analyzer).done.flags}


def test_a_treatment_that_is_no_worse_does_not_beat_the_other() -> None:
    message = flagged("Splints are better than surgery.").get("direction-conflict", "")
    assert "which of two is better" in message
    assert "noninferior" in message


@pytest.mark.parametrize(
    "told",
    ["Splints are no better than surgery.", "Splints might be better than surgery.", "Splints are better than tea."],
)
def test_no_other_comparison_is_held_against_it(told: str) -> None:
    assert "direction-conflict" not in flagged(told)


def test_one_share_is_not_of_two_times() -> None:
    told = "Within five years 31.4% of the splint group had needed a second treatment."
    assert "timepoint-conflict" in flagged(told)


def test_the_same_time_in_other_words_is_no_conflict() -> None:
    told = "Within three months 31.4% of the splint group had needed a second treatment."
    assert "timepoint-conflict" not in flagged(told)
