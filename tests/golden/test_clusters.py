"""The gold of the stories that ``bench.clusters`` scores holds together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.clusters import parts_of
from pipeline.reconcile.checks import CHECKS
from pipeline.rules.loader import load_rules

FOLDER = Path(__file__).parent / "clusters"
STORIES = sorted(FOLDER.glob("*.yaml"))
RULES = load_rules(Path(__file__).parents[2] / "rules")


def test_there_are_stories() -> None:
    assert {name: len(paths) for name, paths in parts_of().items()} == {"read": 76, "kept": 8, "fresh": 6}


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_every_quote_stands_in_its_source_once(path: Path) -> None:
    gold: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    texts = {str(source["id"]): " ".join(source["text"].split()) for source in gold["sources"]}
    quoted = [member for finding in gold["findings"] for member in finding["members"]]
    quoted += [*gold.get("flags", ()), *gold.get("silent", ())]
    for entry in quoted:
        assert texts[str(entry["source"])].count(" ".join(entry["quote"].split())) == 1, entry["quote"]


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_gold_asks_for_rules_that_there_are(path: Path) -> None:
    gold = yaml.safe_load(path.read_text("utf-8"))
    asked = {entry["rule"] for key in ("flags", "silent") for entry in gold.get(key) or ()}
    assert asked <= {rule["id"] for rule in RULES.stage("check") if rule.get("check") in CHECKS}


def test_every_check_has_a_rule_and_every_rule_its_check() -> None:
    named = {rule["check"] for rule in RULES.stage("check") if "check" in rule}
    assert named == set(CHECKS)
