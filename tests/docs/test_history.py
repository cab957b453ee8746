"""Docs of runs, their differences and the nightly job agree with the program."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import yaml

from pipeline.cli.app import cli
from pipeline.history import changes
from pipeline.history.runs import KeptFile, KeptRun
from pipeline.model import Record

ROOT = Path(__file__).parents[2]
HISTORY = (ROOT / "docs" / "history.md").read_text("utf-8")
RECORDS = (ROOT / "docs" / "records.md").read_text("utf-8")
EXAMPLES = ROOT / "docs" / "examples"


@pytest.mark.parametrize(
    "kind",
    [
        changes.RunDiff,
        changes.ArticleChange,
        changes.ClaimChange,
        changes.FigureChange,
        changes.FindingChange,
        changes.FlagChange,
        changes.Made,
    ],
)
def test_the_docs_name_every_field_of_a_difference(kind: type[Record]) -> None:
    for field in kind.__struct_encode_fields__:
        assert f"`{field}`" in HISTORY, f"{kind.__name__}.{field}"


@pytest.mark.parametrize("kind", [KeptRun, KeptFile])
def test_the_docs_name_every_field_of_a_kept_run(kind: type[Record]) -> None:
    for field in kind.__struct_encode_fields__:
        assert f"`{field}`" in RECORDS, f"{kind.__name__}.{field}"


def test_the_docs_name_every_kind_of_change() -> None:
    kinds = [changes.ArticleKind, changes.ClaimKind, changes.FindingKind, changes.FlagStatus, changes.Cause]
    for name in {name for kind in kinds for name in kind.__args__}:  # type: ignore[attr-defined]
        assert f"`{name}`" in HISTORY, name


def test_examples_for_schedulers_use_options_that_exist() -> None:
    context = click.Context(cli)
    used = 0
    for path in sorted(EXAMPLES.iterdir()):
        for call in re.findall(r"claims (refresh|diff|runs)\b([^|\n]*)", path.read_text("utf-8")):
            command = cli.get_command(context, call[0])
            assert command is not None
            known = {name for parameter in command.params for name in parameter.opts}
            for option in re.findall(r"(?<!\S)(--?[a-z-]+)", call[1]):
                assert option in known, f"{path.name}: {option}"
                used += 1
    assert used >= 4


def test_the_workflow_is_valid_yaml_and_knows_the_exit_codes() -> None:
    workflow = yaml.safe_load((EXAMPLES / "github-workflow.yml").read_text("utf-8"))
    [refresh] = [step["run"] for step in workflow["jobs"]["refresh"]["steps"] if step.get("id") == "refresh"]
    assert "0|1|3" in refresh
    assert "SuccessExitStatus=3" in (EXAMPLES / "claims-refresh.service").read_text("utf-8")
    assert "-eq 3" in (EXAMPLES / "crontab").read_text("utf-8")


def test_every_make_target_of_the_examples_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert "STAMP := $(VENV)/.installed" in makefile
    for path in EXAMPLES.iterdir():
        for target in re.findall(r"^\s+make (\S+)", path.read_text("utf-8"), re.MULTILINE):
            assert target in targets | {".venv/.installed"}, f"{path.name}: make {target}"
