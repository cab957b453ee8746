"""What several tests of whole stories read with."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset


@pytest.fixture(scope="package")
def rules() -> Ruleset:
    return load_rules(Path(__file__).parents[3] / "rules")


@pytest.fixture(scope="package")
def analyzer(rules: Ruleset) -> Analyzer:
    return Analyzer(rules)
