"""What all commands share: options, exit codes in the help, and how the program talks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

EXIT_INPUTS = 3
EXIT_CODES = {
    130: "interrupted; finished articles are kept for the next run",
    5: "the run itself failed (disk, lock, rules folder); earlier results are untouched",
    2: "wrong use, or nothing to read",
    4: "broken rules, with --strict",
    3: "results written, some inputs could not be used",
    1: "an example of a rule failed",
    0: "done",
}
F = TypeVar("F", bound=Callable[..., Any])

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print problems only.")
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Print more about what is done.")


def rules_options(function: F) -> F:
    """Adds --rules and --strict."""
    folder = click.option(
        "--rules",
        type=click.Path(path_type=Path),
        help="Folder of rules. Default: rules/ here, else the copy inside the package.",
    )
    strict = click.option("--strict", is_flag=True, help="Stop at a broken rule instead of leaving it out.")
    return folder(strict(function))


def epilog(example: str, *codes: int) -> str:
    """The end of a command's help: its exit codes, the first that applies from the top, and an example that works."""
    lines = [f"  {code:<4} {EXIT_CODES[code]}" for code in codes]
    return "\b\nExit codes (the first that applies, from the top):\n" + "\n".join(lines) + f"\n\n\b\nExample: {example}"


def say(message: str) -> None:
    """One line to the user, on standard error."""
    click.echo(f"claims: {message}", err=True)
