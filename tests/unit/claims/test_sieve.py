"""Which sentences the language model reads."""

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.rules.loader import load_rules
from tests.support import ROOT

TITLE = "Notes from the garden"
PLAIN = "The band first played in the yard in 1987."


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer(load_rules(ROOT / "rules"))


def read(analyzer: Analyzer, *sentences: str) -> list[str]:
    seen = analyzer.examine("\n\n".join((TITLE, *sentences)))
    text = seen.evidence.text
    return [text[one.start : one.end] for one in seen.sentences if one.is_read]


@pytest.mark.parametrize(
    "told",
    [
        "After 12 weeks 62 percent of the tea group slept well.",
        "In three out of four mice the wound had closed.",
        "The balm cures gout.",
        "The balm is harmless for babies.",
        "The others got a placebo balm.",
        "The balm has no side effects.",
        "What the gardeners said:",
    ],
)
def test_what_can_become_a_claim_is_read(analyzer: Analyzer, told: str) -> None:
    assert read(analyzer, PLAIN, told) == [TITLE, told]


def test_the_rest_makes_no_claim_and_keeps_its_quantities(analyzer: Analyzer) -> None:
    analysis = analyzer.analyze("\n\n".join((TITLE, PLAIN)))
    assert analysis.drafts == ()
    assert [mention.value for mention in analysis.mentions] == [1987.0]


def test_everything_is_read_where_that_is_asked_for(analyzer: Analyzer) -> None:
    everything = Analyzer(load_rules(ROOT / "rules"), reads_everything=True)
    assert read(everything, PLAIN) == [TITLE, PLAIN]


def test_a_text_without_sentences_is_no_fault(analyzer: Analyzer) -> None:
    assert analyzer.analyze(" \n ").drafts == ()
