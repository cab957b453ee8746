"""``claims report``."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.common import (
    FilePath,
    decisions_file,
    decisions_of,
    decisions_options,
    epilog,
    printable,
    quiet_option,
    rules_of,
    rules_options,
    since_option,
    suppressed_by,
)
from pipeline.report.base import formats
from pipeline.report.words import counted

if TYPE_CHECKING:
    from pipeline.report.model import Report


def _formats() -> str:
    return ", ".join(f"{entry.name}: {entry.help}" for entry in formats().values())


@click.command(name="report", epilog=epilog("claims report extracted --format html", 130, 5, 2, 4, 0))
@click.argument("folder", metavar="DIR", type=FilePath())
@click.option("-o", "--out", type=FilePath(), help="Folder for the reports. Default: reports/ in DIR.")
@click.option(
    "--format",
    "names",
    multiple=True,
    type=click.Choice(tuple(formats())),
    help=f"Which report to write; may be given several times. Default: all. {_formats()}.",
)
@since_option
@decisions_options
@rules_options
@quiet_option
def command(
    folder: Path,
    out: Path | None,
    names: tuple[str, ...],
    since: str | None,
    decisions: Path | None,
    today: datetime.date | None,
    rules: Path | None,
    strict: bool,
    quiet: bool,
) -> int:
    """Writes reports on the findings and flags of the run in DIR, for people and for other programs.

    Needs what 'claims reconcile' writes. The same results give the same bytes. docs/reports.md describes each format.
    """
    from pipeline.history.since import diff_since
    from pipeline.report.write import FOLDER, write_reports

    ruleset = rules_of(rules, strict)
    target = out if out is not None else folder / FOLDER
    decided = decisions_of(decisions_file(decisions, rules))
    day = today or datetime.date.today()
    diff = diff_since(folder, since, suppressed_by(decided, day))
    report, paths = write_reports(folder, target, formats=names, diff=diff, decisions=decided, today=day, rules=ruleset)
    if not quiet:
        click.echo(_summary(report))
        for path in paths:
            click.echo(f"  {printable(str(path))}")
    return 0


def _summary(report: Report) -> str:
    waiting = report.waiting()
    counts = {name: sum(1 for problem in waiting if problem.severity == name) for name in ("error", "warning", "note")}
    told = ", ".join(counted(count, name) for name, count in counts.items())
    away = sum(1 for problem in report.problems if problem.state != "resolved") - len(waiting)
    put = f"; {away} put away by reviewers" if away else ""
    return f"{counted(len(waiting), 'problem')} to review ({told}){put}. Reports:"
