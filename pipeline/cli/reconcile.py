"""``claims reconcile``."""

from __future__ import annotations

import datetime
import sys
from itertools import chain
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
    workers_option,
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
@workers_option
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
    workers: int,
    profile: Path | None,
    quiet: bool,
) -> int:
    """Finds which claims of the run in DIR tell the same result, and where the sources disagree or overstate.

    Writes findings.jsonl and flags.jsonl beside the claims, and prints each finding as a table: who states what, and how it compares
    with the best source. Flags that a reviewer has dismissed or snoozed are written too, but only counted where they are printed. Runs of
    more than a thousand articles are compared in parts, by several processes; how many changes no result.
    """
    from pipeline.cli.ledger import Ledger
    from pipeline.history.changes import GRAVITY
    from pipeline.model import Flag, encode
    from pipeline.run.reconcile import reconcile_folder

    ruleset = rules_of(rules, strict)
    decided = decisions_of(decisions_file(decisions, rules))
    with profiled(profile, "reconcile") as told:
        summary = reconcile_folder(folder, ruleset, workers)
        findings, flags = sum(summary.statuses.values()), sum(summary.severities.values())
        told.stages = {"reconcile": summary.seconds}
        told.facts.append(f"{counted(findings, 'finding')}, {counted(flags, 'flag')}")
    for warning in summary.warnings if everything else summary.warnings[:_MOST_WARNINGS]:
        say(warning, event="warning")
    if not everything and len(summary.warnings) > _MOST_WARNINGS:
        say(f"and {len(summary.warnings) - _MOST_WARNINGS} more warnings (--all shows them)")
    standings = decided.standings(summary.flags, today or datetime.date.today())
    suppressed = {flag_id for flag_id, standing in standings.items() if standing.suppresses}
    log(
        "reconciled",
        f"{counted(findings, 'finding')}, {counted(flags, 'flag')}",
        findings=findings,
        flags=dict(summary.severities),
        suppressed=len(suppressed),
        seconds=summary.seconds,
    )
    if as_json:
        for record in chain(summary.findings, summary.flags):
            if everything or not isinstance(record, Flag) or record.flag_id not in suppressed:
                sys.stdout.write(encode(record).decode() + "\n")
    elif not quiet:
        Ledger(summary, standings, everything).show()
    least = GRAVITY[fail_on] if fail_on is not None else None
    if least is None:
        return 0
    return int(any(GRAVITY[flag.severity] >= least for flag in summary.flags if flag.flag_id not in suppressed))
