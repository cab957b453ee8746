"""Rulesets travel to other processes whole."""

from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from tests.support import ROOT


def test_a_ruleset_survives_the_journey() -> None:
    rules = load_rules(ROOT / "rules")
    copy = Ruleset.restore(rules.dump())
    assert copy.rules == rules.rules
    assert copy.digest == rules.digest
    assert copy.places == rules.places
    assert copy.dump() == rules.dump()
