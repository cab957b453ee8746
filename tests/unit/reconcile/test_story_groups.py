"""Groups of claims of articles that tell one story, through the whole program."""

from __future__ import annotations

from pipeline.claims.analyze import Analyzer
from pipeline.model import Value
from pipeline.reconcile.rounding import Rounding
from pipeline.rules.ruleset import Ruleset
from pipeline.run.sources import read_sources
from tests.unit.reconcile.heron import RETOLD, TRIAL


def joined(rules: Ruleset, analyzer: Analyzer, one: str, other: str, *quotes: str) -> bool:
    """Whether the sentences that hold ``quotes`` are in one finding."""
    read = read_sources({"one": {"text": one}, "other": {"text": other}}, rules, analyzer)
    ids = [{c.claim_id for found in read.claims.values() for c in found if quote in c.quote} for quote in quotes]
    assert all(ids)
    return any(all(found & set(finding.claim_ids) for found in ids) for finding in read.done.findings)


def test_no_difference_in_words_is_told_with_its_figures(rules: Ruleset, analyzer: Analyzer) -> None:
    one = f"{TRIAL} Sick leave was taken by 31.2% and 30.9% of them, no difference."
    other = f"{RETOLD} Those with a mask took sick leave no less often than the others."
    assert joined(rules, analyzer, one, other, "31.2%", "no less often")


def test_figures_of_two_outcomes_stay_apart(rules: Ruleset, analyzer: Analyzer) -> None:
    one = f"{TRIAL} A rash was found in 12.1% of the mask group and 9.9% of the control group after two years."
    other = f"{RETOLD} A cough was found in 41.3% of the mask group and 44.8% of the control group after two years."
    assert not joined(rules, analyzer, one, other, "12.1%", "41.3%")


def test_a_number_of_people_is_one_whether_or_not_of_how_many() -> None:
    rounding = Rounding({})
    of_many, alone, other = (
        rounding.read(
            Value(text=text, start=0, end=2, value=number, low=None, high=None, unit=None, qualifier=None, n=n)
        )
        for text, number, n in (("49", 49.0, 62), ("49", 49.0, None), ("48", 48.0, None))
    )
    assert of_many is not None
    assert alone is not None
    assert other is not None
    assert of_many.dimension != alone.dimension
    assert of_many.is_as_many_as(alone)
    assert not of_many.is_as_many_as(other)
