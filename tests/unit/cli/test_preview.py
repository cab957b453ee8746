"""``claims rules preview``: what changed rules would make of a run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.app import run
from tests.unit.cli.test_decide import reconciled

RULES = Path(__file__).parents[3] / "rules"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reconciled(tmp_path_factory.mktemp("run"))


def changed_rules(folder: Path, file: str, before: str, after: str) -> Path:
    rules = folder / "rules"
    shutil.copytree(RULES, rules)
    text = (rules / file).read_text("utf-8")
    assert text.count(before) == 1
    (rules / file).write_text(text.replace(before, after), "utf-8")
    return rules


def previewed(results: Path, rules: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    before = {path.name: path.read_bytes() for path in results.glob("*.json*")}
    capsys.readouterr()
    command = ["rules", "preview", "--against", str(results), "--rules", str(rules), "--workers", "0", "--json"]
    assert run(command) == 0
    assert {path.name: path.read_bytes() for path in results.glob("*.json*")} == before
    return json.loads(capsys.readouterr().out)


def test_the_same_rules_change_nothing(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = previewed(results, RULES, capsys)
    assert not found["extracted"]
    for kind in ("claims", "flags"):
        assert [found[kind][name] for name in ("added", "lost", "changed")] == [[], [], []]
        assert found[kind]["before"] == found[kind]["after"] > 0
    assert found["findings_before"] == found["findings_after"]


def test_a_changed_check_shows_its_flags_without_extracting(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = "severity: error\n  check: value_mismatch"
    rules = changed_rules(tmp_path, "checks/disagreement.yaml", old, old.replace("error", "warning"))
    found = previewed(results, rules, capsys)
    assert not found["extracted"]
    assert found["claims"]["changed"] == []
    (change,) = found["flags"]["changed"]
    assert change["fields"] == ["severity"]
    assert (change["before"]["severity"], change["after"]["severity"]) == ("error", "warning")
    assert run(["rules", "preview", "--against", str(results), "--rules", str(rules)]) == 0
    shown = capsys.readouterr().out
    assert "flags: 0 added, 0 lost, 1 changed" in shown
    assert "severity: error -> warning" in shown


def test_a_changed_word_shows_the_claims_and_what_follows(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = changed_rules(
        tmp_path,
        "extract/values.yaml",
        "- id: skip-thresholds\n",
        "- id: skip-group\n  stage: extract\n  why: A trial.\n  slot: skip\n  priority: 999\n"
        '  match: "{q} of the arnica group"\n'
        "  examples:\n    - {text: x, expect: [], silent: true}\n    - {text: x, expect: [], silent: false}\n\n"
        "- id: skip-thresholds\n",
    )
    found = previewed(results, rules, capsys)
    assert found["extracted"]
    touched = found["claims"]["lost"] + found["claims"]["changed"]
    assert touched
    assert found["flags"]["lost"]
    assert run(["rules", "preview", "--against", str(results), "--rules", str(rules), "--workers", "0"]) == 0
    shown = capsys.readouterr().out
    assert "48.2 percent" in shown
    assert "value-mismatch" in shown


def test_what_is_no_run_is_told(tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "preview", "--against", str(tmp_path)]) == 2
    assert "claims extract" in capsys.readouterr().err
    bare = tmp_path / "bare"
    shutil.copytree(results, bare)
    (bare / "flags.jsonl").unlink()
    assert run(["rules", "preview", "--against", str(bare)]) == 2
    assert "claims reconcile" in capsys.readouterr().err
