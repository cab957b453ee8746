"""What a cached extraction depends on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.readers.base import Source, file_key, is_settled
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


def test_a_file_that_nobody_touched_is_not_opened(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.readers.base._STEP_NS", 0)
    assert extract(settings, RULES).unchanged == 0

    def fail(_source: object) -> str:
        raise AssertionError("the file was opened")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.readers.base.file_key", fail)
        patch.setattr("pipeline.readers.base.is_archive", fail)
        assert extract(settings, RULES).unchanged == 1
        assert extract(settings, changed("value-mismatch", severity="note")).unchanged == 1


def test_a_file_whose_size_and_time_were_put_back_is_read_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.readers.base._STEP_NS", 0)
    extract(settings, RULES)
    page = settings.raw / "page.txt"
    before = page.stat()
    page.write_text(page.read_text("utf-8").replace("48", "49"), "utf-8")
    os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert page.stat().st_size == before.st_size
    assert extract(settings, RULES).unchanged == 0


def test_a_file_that_was_just_written_is_opened_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.readers.base._STEP_NS", 3600 * 10**9)
    extract(settings, RULES)
    opened: list[str] = []

    def noting(source: Source) -> str:
        opened.append(source.path)
        return file_key(source)

    monkeypatch.setattr("pipeline.readers.base.file_key", noting)
    assert extract(settings, RULES).unchanged == 1
    assert opened == ["page.txt"]


def test_a_time_is_settled_when_its_step_is_over() -> None:
    assert is_settled("1:10:5000000000:6000000000 none", 8_000_000_001)
    assert not is_settled("1:10:5000000000:6000000000 none", 8_000_000_000)
    assert not is_settled("1:10:5000000000:6000000000 2:4:9000000000:1", 8_000_000_001)
    assert not is_settled("none none", 8_000_000_001)
