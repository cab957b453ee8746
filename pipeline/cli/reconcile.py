"""``claims reconcile``."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.common import (
    FilePath,
    decisions_file,
    decisions_of,
    decisions_options,
    epilog,
    log,
    quiet_option,
    rules_of,
    rules_options,
    say,
)
from pipeline.cli.profiling import profile_option, profiled
from pipeline.cli.tables import counted

if TYPE_CHECKING:
    from pipeline.model import Severity

_MOST_WARNINGS = 10


@click.command(name="reconcile", epilog=epilog("claims reconcile extracted --fail-on error", 130, 5, 2, 4, 1, 0))
@click.argument("folder", metavar="DIR", type=FilePath())
@rules_options
@decisions_options
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Leave nothing out: findings of a single article, suppressed flags, all rows of long tables.",
)
@click.option("--json", "as_json", is_flag=True, help="Print findings and flags as JSON Lines instead of tables.")
@click.option(
    "--fail-on",
    type=click.Choice(("error", "warning")),
    help="End with exit code 1 where there is a flag of this severity or a graver one that no decision suppresses.",
)
@profile_option
@quiet_option
def command(
    folder: Path,
    rules: Path | None,
    strict: bool,
    decisions: Path | None,
    today: datetime.date | None,
    everything: bool,
    as_json: bool,
    fail_on: Severity | None,
    profile: Path | None,
    quiet: bool,
) -> int:
    """Finds which claims of the run in DIR tell the same result, and where the sources disagree or overstate.

    Writes findings.jsonl and flags.jsonl beside the claims, and prints each finding as a table: who states what, and how it compares
    with the best source. Flags that a reviewer has dismissed or snoozed are written too, but only counted where they are printed.
    """
    from pipeline.cli.ledger import Ledger
    from pipeline.history.changes import GRAVITY
    from pipeline.model import encode
    from pipeline.run.reconcile import reconcile_folder

    ruleset = rules_of(rules, strict)
    decided = decisions_of(decisions_file(decisions, rules))
    with profiled(profile, "reconcile") as told:
        summary = reconcile_folder(folder, ruleset)
        told.stages = {"reconcile": summary.seconds}
        told.facts.append(f"{counted(len(summary.findings), 'finding')}, {counted(len(summary.flags), 'flag')}")
    for warning in summary.warnings if everything else summary.warnings[:_MOST_WARNINGS]:
        say(warning, event="warning")
    if not everything and len(summary.warnings) > _MOST_WARNINGS:
        say(f"and {len(summary.warnings) - _MOST_WARNINGS} more warnings (--all shows them)")
    standings = decided.standings(summary.flags, today or datetime.date.today())
    suppressed = {flag_id for flag_id, standing in standings.items() if standing.suppresses}
    open_flags = [flag for flag in summary.flags if flag.flag_id not in suppressed]
    log(
        "reconciled",
        f"{counted(len(summary.findings), 'finding')}, {counted(len(summary.flags), 'flag')}",
        findings=len(summary.findings),
        flags=summary.severities,
        suppressed=len(suppressed),
        seconds=summary.seconds,
    )
    if as_json:
        for record in (*summary.findings, *(summary.flags if everything else open_flags)):
            sys.stdout.write(encode(record).decode() + "\n")
    elif not quiet:
        Ledger(summary, standings, everything).show()
    least = GRAVITY[fail_on] if fail_on is not None else None
    return 1 if least is not None and any(GRAVITY[flag.severity] >= least for flag in open_flags) else 0
