"""What holds of the analysis of any text."""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.claims.analyze import Analysis, Analyzer
from pipeline.claims.ids import claim_ids
from pipeline.rules.loader import load_rules
from tests.support import ROOT

PIECES = [
    "48.2%", "48 percent", "nearly half", "of patients", "in the tea group", "compared with",
    "11", "(n = 27)", "95% CI 1.2 to 3.4", "0.5 mg/kg", "at six-month follow-up", "none",
    "p < 0.001", "[3,4]", "(17)", "Fig. 2", "COVID-19", "2019",
    "$1.2 billion", "two or three times", ".", ",", "\n", "\n\n",
    " | ", "one in five", "±", "×10⁶", "−", "½",
    "who slept well.", "Tea cut naps by", "between 40% and 80%", "1,2,3", "٣", "²",
]  # fmt: skip
prose = st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def analyzer() -> Analyzer:
    return Analyzer(load_rules(ROOT / "rules"))


def check(text: str, analysis: Analysis) -> None:
    end = 0
    for mention in analysis.mentions:
        assert text[mention.start : mention.end] == mention.text
        assert end <= mention.start < mention.end
        end = mention.end
        for number in (mention.value, mention.low, mention.high):
            assert number is None or abs(number) < float("inf")
        if mention.low is not None or mention.high is not None:
            assert mention.value is None
    spans = {(mention.start, mention.end) for mention in analysis.mentions}
    for draft in analysis.drafts:
        assert text[draft.start : draft.end] == draft.quote
        assert 0.0 <= draft.confidence <= 1.0
        starts = [value.start for value in draft.values]
        assert starts == sorted(starts)
        for value in draft.values:
            assert text[value.start : value.end] == value.text
            assert draft.start <= value.start < value.end <= draft.end
            assert (value.start, value.end) in spans
            assert value.group is None or value.group in text
    for mark in analysis.citations:
        assert text[mark.start : mark.end] == mark.text


@quick
@given(prose)
def test_prose_with_many_numbers(text: str) -> None:
    check(text, analyzer().analyze(text))


@quick
@given(any_text)
def test_any_text(text: str) -> None:
    check(text, analyzer().analyze(text))


@quick
@given(prose, prose)
def test_a_paragraph_added_above_keeps_the_ids_of_claims_below(above: str, below: str) -> None:
    shared = "Of 80 gardeners, 62 percent of the tea group slept well."
    text = f"{shared}\n\n{below}"

    def ids(full: str, offset: int) -> list[str]:
        drafts = analyzer().analyze(full).drafts
        found = claim_ids("a", [(draft.start, draft.quote) for draft in drafts])
        return [claim_id for draft, claim_id in zip(drafts, found, strict=True) if draft.start >= offset]

    before = ids(text, 0)
    longer = f"A line of words without a figure.\n\n{text}"
    assert ids(longer, longer.index(shared)) == before
    # Claims above may equal claims below word for word; otherwise they change nothing either.
    mixed = f"{above}\n\n{text}"
    if not set(ids(above, 0)) & set(before):
        assert ids(mixed, len(mixed) - len(text)) == before


@quick
@given(st.sampled_from(PIECES), st.integers(100, 400))
def test_repetition_is_survived(piece: str, times: int) -> None:
    text = (piece + " ") * times
    check(text, analyzer().analyze(text))
