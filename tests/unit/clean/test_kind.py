from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.clean.kind import KindOfSource, _has_any
from pipeline.rules.loader import load_rules

RULES = load_rules(Path(__file__).parents[3] / "rules")
KIND = KindOfSource(RULES)
NEEDY = [cue for cue in KIND._cues if cue.needs and cue.pattern is not None]
_FOLDED_ODDLY = set("ſıİK")
"""Letters that match others in any case but are not folded to them; no English text has them."""


@pytest.mark.parametrize("cue", NEEDY, ids=lambda cue: cue.pattern.pattern[:30])
def test_every_match_has_what_its_pattern_needs(cue: object) -> None:
    needs, pattern = cue.needs, cue.pattern  # type: ignore[attr-defined]

    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    @given(st.from_regex(pattern))
    def holds(text: str) -> None:
        assume(not _FOLDED_ODDLY & set(text))
        found = re.search(pattern, text)
        assert found is None or _has_any(needs, found.group(), found.group().casefold())

    holds()


def test_needs_with_a_capital_are_looked_for_as_written() -> None:
    assert _has_any(("SD",), "an SD of 4", "an sd of 4")
    assert not _has_any(("SD",), "wednesday", "wednesday")
    assert _has_any(("we help",), "We help gardeners", "we help gardeners")
    assert not _has_any(("we help",), "they helped", "they helped")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("We randomised 40 gardeners to tea or milk. The effect was small (p < 0.05; 95% CI 1 to 3).", "primary"),
        ("Gardeners were randomly assigned. Patients were assigned to tea. METHODS We measured sleep.", "primary"),
        ("Tea helps, the gardener said. It's a lot of tea, she said. They don't sleep on Monday, he added.", "news"),
        ("It rained.", "other"),
    ],
)
def test_words_of_the_text_tell_the_kind(text: str, kind: str) -> None:
    assert KIND.of(url=None, title=None, headings=(), text=text, raw=text, page=text) == kind
