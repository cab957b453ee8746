"""``claims decide``."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from pipeline.cli.common import (
    Day,
    FilePath,
    decisions_file,
    decisions_of,
    decisions_options,
    epilog,
    printable,
    quiet_option,
)
from pipeline.decisions.model import VERDICTS
from pipeline.errors import UsageError
from pipeline.model import Flag

_FEWEST = 4
"""Characters of a flag's id that may stand for the whole."""


@click.command(
    name="decide",
    epilog=epilog('claims decide 0123456789abcdef extracted --verdict dismiss --reason "another trial"', 130, 5, 2, 0),
)
@click.argument("flag_id", metavar="FLAG_ID")
@click.argument("folder", metavar="[DIR]", default="extracted", type=FilePath())
@click.option(
    "--verdict",
    required=True,
    type=click.Choice(VERDICTS),
    help="accept: the flag is right; dismiss: it is not, or does not matter; snooze: not before --until; comment: a remark; "
    "undo: take back the last of these.",
)
@click.option("--reason", default="", help="Why; dismiss and comment need one.")
@click.option("--until", type=Day(), metavar="DATE", help="The day on which the flag comes back, as 2026-03-31.")
@click.option("--who", metavar="NAME", help="Who decides. Default: the name that git knows you by, else the account's.")
@click.option(
    "--rules", type=FilePath(), help="Folder of rules, beside which decisions are kept. Default: as for extract."
)
@decisions_options
@quiet_option
def command(
    flag_id: str,
    folder: Path,
    verdict: str,
    reason: str,
    until: datetime.date | None,
    who: str | None,
    rules: Path | None,
    decisions: Path | None,
    today: datetime.date | None,
    quiet: bool,
) -> int:
    """Keeps what you decide of a flag, so that it is not shown again until its figures change.

    FLAG_ID is a flag of the run in DIR (default: extracted), as 'claims reconcile' prints it; its first characters will do. The decision is
    added to the file of decisions, nothing else is changed.
    """
    from pipeline.decisions.log import append_decision, now
    from pipeline.decisions.model import make_decision
    from pipeline.decisions.who import default_name

    file = decisions_file(decisions, rules, writes=True)
    seen = decisions_of(file)
    flag = _find(flag_id, folder)
    if until is not None and today is not None and until <= today:
        raise UsageError(f"--until {until}: must lie after {today}")
    decision = make_decision(
        flag_id=flag.flag_id,
        verdict=verdict,
        values_hash=flag.values_hash,
        at=now(),
        reason=reason,
        who=default_name() if who is None else who,
        until=until,
    )
    last = seen.last(flag.flag_id)
    after = append_decision(file, decision, seen=seen.version(flag.flag_id))
    if not quiet:
        click.echo(printable(f"{flag.severity}: {flag.message} [{flag.rule} {flag.flag_id}]"))
        what = f"{decision.verdict} by {decision.who or 'somebody'}"
        if decision.verdict == "undo" and last is not None:
            what = f"the verdict of {last.verdict} by {last.who or 'somebody'} is taken back"
        standing = after.standing(flag, today or datetime.date.today())
        holds = "hidden" if standing is not None and standing.suppresses else "shown"
        ends = f" until {standing.until}" if standing is not None and standing.until is not None else ""
        click.echo(printable(f"{what}: the flag is {holds}{ends}. Kept in {file}"))
    return 0


def _find(flag_id: str, folder: Path) -> Flag:
    """The flag whose id is, or alone begins with, ``flag_id``. Raises UsageError where there is none, or more than one."""
    from pipeline.run.results import FLAGS, numbered_records

    flags = [flag for _, flag in numbered_records(folder / FLAGS, Flag) if flag.flag_id.startswith(flag_id)]
    exact = [flag for flag in flags if flag.flag_id == flag_id]
    if exact:
        return exact[0]
    if len(flag_id) < _FEWEST or not flags:
        raise UsageError(f"{flag_id}: no such flag in {folder / FLAGS}; 'claims reconcile' prints the ids")
    if len(flags) > 1:
        raise UsageError(f"{flag_id}: {len(flags)} flags begin so; give more of the id")
    return flags[0]
