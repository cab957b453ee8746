"""``claims rules``."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.common import FilePath, epilog, say
from pipeline.cli.preview import preview

_folder = click.argument("folder", required=False, type=FilePath())


_FAILED = 1, "an example of a rule failed"


@click.group(name="rules", epilog=epilog("claims rules test", 2, 4, _FAILED, 0))
def command() -> None:
    """Checks rules, runs their examples, and shows what a change of them does."""


@command.command(epilog=epilog("claims rules check rules", 2, 4, 0))
@_folder
def check(folder: Path | None) -> int:
    """Loads the rules in FOLDER (default: as for extract) and prints every problem with its file and line."""
    from pipeline.rules.loader import find_rules_folder, load_rules

    place = find_rules_folder(folder)
    rules = load_rules(place)
    for problem in rules.problems:
        say(problem)
    click.echo(f"{len(rules.rules)} rules and {len(rules.topics)} topics in {place}, {len(rules.problems)} problems")
    return 4 if rules.problems else 0


@command.command(epilog=epilog("claims rules test rules", 2, 4, _FAILED, 0))
@_folder
def test(folder: Path | None) -> int:
    """Runs the examples of all rules in FOLDER (default: as for extract) and prints those that fail."""
    from pipeline.rules.examples import run_examples
    from pipeline.rules.loader import find_rules_folder, load_rules
    from pipeline.run.example_runners import example_runners

    rules = load_rules(find_rules_folder(folder))
    for problem in rules.problems:
        say(problem)
    results = run_examples(rules, example_runners(rules))
    failed = [result for result in results if result.problem is not None]
    for result in failed:
        say(f"{rules.places[result.rule_id]}: {result.name}: {result.problem}")
    click.echo(f"{len(results) - len(failed)} of {len(results)} examples passed")
    return 4 if rules.problems else 1 if failed else 0


command.add_command(preview)
