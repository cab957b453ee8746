"""Claims name the references that their sentence marks."""

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.model import Reference, Study
from pipeline.rules.loader import load_rules
from tests.support import ROOT

REFERENCES = (
    Reference(key="1", text="Roe A. Tea.", doi="10.5555/tea.1", pmid="123"),
    Reference(key="2", text="Poe B. Milk.", doi="10.5555/milk"),
)


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer(load_rules(ROOT / "rules"))


def studies(analyzer: Analyzer, text: str) -> list[Study | None]:
    return [draft.study for draft in analyzer.analyze(text, REFERENCES).drafts]


def test_one_reference_gives_its_doi_and_pmid(analyzer: Analyzer) -> None:
    text = "After 12 weeks 62 percent of the tea group slept well. [1] In all, 48 percent of the water group did."
    assert studies(analyzer, text) == [Study(ref_keys=("1",), doi="10.5555/tea.1", pmid="123"), None]


def test_several_references_give_their_keys_only(analyzer: Analyzer) -> None:
    assert studies(analyzer, "In two trials 62 percent of the tea group slept well [1,2].") == [
        Study(ref_keys=("1", "2"), cue="two trials")
    ]


def test_a_mark_that_no_list_explains_is_kept_as_a_key(analyzer: Analyzer) -> None:
    assert studies(analyzer, "In one trial 62 percent of the tea group slept well [7].") == [
        Study(ref_keys=("7",), cue="one trial")
    ]
