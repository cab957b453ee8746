"""Docs, help and program agree."""

import json
import re
from pathlib import Path

import click
import pytest

from pipeline.cli.app import COMMANDS, cli
from pipeline.cli.common import EXIT_CODES
from pipeline.model import (
    Article,
    Claim,
    Finding,
    FindingValues,
    Flag,
    Naming,
    Place,
    Quantity,
    Record,
    Sign,
    Stated,
    Statement,
    Value,
)

ROOT = Path(__file__).parents[2]
RECORDS = (ROOT / "docs" / "records.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[tuple[str, click.Command]]:
    context = click.Context(cli)
    found = []
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {sub}", command.commands[sub]) for sub in command.commands]
    return found


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_opens_with_a_sentence_and_ends_with_codes_and_an_example(
    name: str, command: click.Command
) -> None:
    assert command.help
    assert command.help.strip().split("\n")[0].endswith(".")
    assert command.epilog is not None
    assert "Exit codes" in command.epilog
    assert re.search(rf"Example: claims {name.split()[0]}", command.epilog)


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_option_has_help(name: str, command: click.Command) -> None:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts}"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_readme_names_every_command(name: str) -> None:
    assert f"claims {name}" in README


@pytest.mark.parametrize(
    "kind", [Article, Claim, Quantity, Value, Statement, Sign, Naming, Finding, FindingValues, Stated, Flag, Place]
)
def test_the_docs_name_every_field(kind: type[Record]) -> None:
    for field in kind.__struct_encode_fields__:
        assert f"`{field}`" in RECORDS, f"{kind.__name__}.{field}"


@pytest.mark.parametrize("code", sorted(EXIT_CODES))
def test_the_docs_name_every_exit_code(code: int) -> None:
    assert re.search(rf"^\| {code} \|", RECORDS, re.MULTILINE)


def test_links_between_docs_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+\.[a-z]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_layers_of_the_import_check_are_those_of_the_docs() -> None:
    layers = re.findall(r'^    "pipeline\.([a-z]+)",$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    documented = re.findall(
        r"^\| `pipeline/([a-z]+)(?:/|\.py)` \|", (ROOT / "docs" / "how-it-works.md").read_text("utf-8"), re.MULTILINE
    )
    assert layers == documented


def test_the_readme_shows_records_that_are_in_the_results_form() -> None:
    excerpts = re.findall(r"^\{.*\}$", README, re.MULTILINE)
    assert excerpts
    for line in excerpts:
        assert set(json.loads(line)) <= set(Claim.__struct_encode_fields__)
