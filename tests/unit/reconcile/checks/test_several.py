"""Which study of an article that tells of several a claim is of."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.reconcile.checks.several import SeveralStudies
from pipeline.reconcile.corpus import Told, whole_corpus
from pipeline.rules.loader import load_rules
from pipeline.run.sources import read_sources

RULES = load_rules(Path(__file__).parents[4] / "rules")
PRIMARY = "In a trial with 334 runners at Foxley Hospital, 85.0% of the arnica group and 76.2% of the placebo group were free of bruises."
OLDER = "Moss and others (2004) treated 96 runners. Of the arnica group 64.6% and of the placebo group 55.4% were free of bruises."
NEWER = "Fern and others (2022) treated 334 runners. Of the arnica group 85.0% and of the placebo group 76.2% were free of bruises."


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer(RULES)


def told(analyzer: Analyzer, review: str) -> tuple[SeveralStudies, dict[str, Told]]:
    read = read_sources(
        {"1": {"kind": "primary", "text": PRIMARY}, "2": {"kind": "review", "text": review}}, RULES, analyzer
    )
    statements = dict.fromkeys(read.articles, ())
    corpus = whole_corpus(list(read.articles.values()), read.claims, statements, RULES)
    figures = {value.text: one for one in corpus.told for value in one.claim.values if one.claim.article_id == "2"}
    figures["best"] = next(one for one in corpus.told if one.claim.article_id == "1" and len(one.claim.values) == 2)
    return SeveralStudies(corpus), figures


def test_a_study_whose_figures_the_other_article_does_not_have_is_another(analyzer: Analyzer) -> None:
    several, figures = told(analyzer, f"{OLDER} {NEWER}")
    assert several.are_apart(figures["64.6%"], figures["best"])
    assert not several.are_apart(figures["85.0%"], figures["best"])
    assert several.are_apart(figures["64.6%"], figures["85.0%"])


def test_a_study_told_alone_may_be_any(analyzer: Analyzer) -> None:
    several, figures = told(analyzer, OLDER)
    assert not several.are_apart(figures["64.6%"], figures["best"])
