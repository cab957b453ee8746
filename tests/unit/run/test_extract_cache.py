"""What a cached extraction depends on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.run.extract import Settings, extract

RULES = load_rules(Path(__file__).parents[3] / "rules")


def changed(rule_id: str, **keys: Any) -> Ruleset:
    return Ruleset({**RULES.rules, rule_id: {**RULES.rules[rule_id], **keys}}, RULES.topics, "0" * 64)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "page.txt").write_text("After two weeks 48% of the nettle group slept well.", "utf-8")
    return Settings(raw=raw, out=tmp_path / "out", workers=0)


def test_a_changed_check_extracts_nothing_anew_and_another_rule_does(settings: Settings) -> None:
    assert extract(settings, RULES).unchanged == 0
    assert (
        extract(settings, changed("value-mismatch", severity="note", params={"distance": 1, "identity": 1})).unchanged
        == 1
    )
    assert extract(settings, changed("source-order", entries=["news"])).unchanged == 1
    assert extract(settings, changed("class-default-share", priority=11)).unchanged == 0


def test_extracting_is_given_no_rule_of_a_check() -> None:
    assert not RULES.extracting.stage("check")
    assert RULES.extracting.stage("lexicon") == RULES.stage("lexicon")
    assert RULES.extracting.topics == RULES.topics
    assert RULES.extraction_digest != RULES.digest


def test_the_digest_of_extraction_is_that_of_its_rules() -> None:
    assert changed("value-mismatch", severity="note").extraction_digest == RULES.extraction_digest
    assert changed("class-default-share", priority=11).extraction_digest != RULES.extraction_digest
    assert Ruleset(RULES.rules, ()).extraction_digest != RULES.extraction_digest
