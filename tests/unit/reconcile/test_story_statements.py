"""Statements of articles that tell one story, through the whole program."""

from __future__ import annotations

from pipeline.claims.analyze import Analyzer
from pipeline.rules.ruleset import Ruleset
from pipeline.run.sources import read_sources
from tests.unit.reconcile.heron import RETOLD, TRIAL

OTHER = "Hens in Marl laid 212 eggs each in a year, the farmer Lutz told the Marl Gazette."


def joined(rules: Ruleset, analyzer: Analyzer, one: str, other: str, *quotes: str) -> bool:
    """Whether the sentences that hold ``quotes``, one of each page, are one finding."""
    read = read_sources({"one": {"text": one}, "other": {"text": other}}, rules, analyzer)
    ids = [next(c.claim_id for found in read.claims.values() for c in found if quote in c.quote) for quote in quotes]
    return any(set(ids) <= set(finding.claim_ids) for finding in read.done.findings)


def test_what_is_not_known_of_one_trial_is_one_finding(rules: Ruleset, analyzer: Analyzer) -> None:
    one = f"{TRIAL} The long-term effects of the masks are unknown."
    other = f"{RETOLD} Nobody knows yet whether the gain lasts for decades."
    assert joined(rules, analyzer, one, other, "long-term", "decades")


def test_limits_on_different_things_stay_apart(rules: Ruleset, analyzer: Analyzer) -> None:
    one = f"{TRIAL} Residual confounding by smoking is possible."
    other = f"{RETOLD} Nobody knows yet what the masks do over decades."
    assert not joined(rules, analyzer, one, other, "confounding", "decades")


def test_limits_told_in_other_stories_stay_apart(rules: Ruleset, analyzer: Analyzer) -> None:
    one = f"{TRIAL} The long-term effects of the masks are unknown."
    other = f"{OTHER} The long-term effects of the feed are unknown."
    assert not joined(rules, analyzer, one, other, "masks are unknown", "feed")


def test_a_statement_is_told_with_the_figures_that_it_repeats(rules: Ruleset, analyzer: Analyzer) -> None:
    one = f"{TRIAL} Coughs were reported by 9.1% of the mask group and 9.3% of the control group."
    other = f"{RETOLD} There was no difference in coughs between the two groups."
    assert joined(rules, analyzer, one, other, "9.1%", "no difference")
    apart = f"{RETOLD} There was no difference in sick leave between the two groups."
    assert not joined(rules, analyzer, one, apart, "9.1%", "no difference")
