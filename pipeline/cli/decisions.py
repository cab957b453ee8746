"""``claims decisions``."""

from __future__ import annotations

import datetime
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.common import FilePath, decisions_file, decisions_of, decisions_options, epilog, printable, say
from pipeline.cli.tables import aligned, short

if TYPE_CHECKING:
    from pipeline.decisions.standing import Kept, State
    from pipeline.model import Flag

_STATES: dict[State, str] = {
    "holds": "holds",
    "replaced": "replaced by a later one",
    "undone": "taken back",
    "figures": "lapsed: the figures changed",
    "date": "lapsed: its day came",
    "gone": "no such flag any more",
    "comment": "",
    "undo": "",
}
_WIDEST = 44


@click.command(name="decisions", epilog=epilog("claims decisions extracted --format csv", 130, 2, 0))
@click.argument("folder", metavar="[DIR]", default="extracted", type=FilePath())
@click.option(
    "--format",
    "layout",
    type=click.Choice(("table", "csv", "json")),
    default="table",
    show_default=True,
    help="How to print them: a table for people, CSV, or JSON Lines.",
)
@click.option("--lapsed", is_flag=True, help="Only those that no longer hold: figures changed, day came, flag gone.")
@click.option(
    "--rules", type=FilePath(), help="Folder of rules, beside which decisions are kept. Default: as for extract."
)
@decisions_options
def command(
    folder: Path,
    layout: str,
    lapsed: bool,
    rules: Path | None,
    decisions: Path | None,
    today: datetime.date | None,
) -> int:
    """Lists what reviewers decided of flags, and what has become of each decision.

    A decision holds for the figures that it was made on, and until its day where it has one. DIR (default: extracted) is the run whose
    flags they are held against.
    """
    import msgspec

    from pipeline.export.decisions import decision_rows, decisions_csv
    from pipeline.model import Flag
    from pipeline.run.results import FLAGS, numbered_records

    file = decisions_file(decisions, rules)
    kept = decisions_of(file)
    flags = {flag.flag_id: flag for _, flag in numbered_records(folder / FLAGS, Flag)}
    found = list(kept.states(flags.values(), today or datetime.date.today()))
    counts = Counter(entry.state for entry in found)
    if lapsed:
        found = [entry for entry in found if entry.state in ("figures", "date", "gone")]
    if layout == "table":
        _print(found, flags)
        told = ", ".join(f"{counts[state]} {words}" for state, words in _STATES.items() if counts[state] and words)
        click.echo(f"{len(kept.entries)} decisions in {printable(str(file))}" + (f": {told}" if told else ""))
    elif layout == "csv":
        sys.stdout.write(decisions_csv(found, flags))
    else:
        for row in decision_rows(found, flags):
            sys.stdout.write(msgspec.json.encode(row).decode() + "\n")
    if counts["gone"] and layout == "table":
        say("decisions of flags that are gone do no harm: they hold again if the flag comes back with the same figures")
    return 0


def _print(found: list[Kept], flags: dict[str, Flag]) -> None:
    if not found:
        return
    rows = [("flag", "rule", "verdict", "who", "on", "until", "state", "reason")]
    for _, decision, state in found:
        flag = flags.get(decision.flag_id)
        rows.append(
            (
                decision.flag_id,
                flag.rule if flag is not None else "",
                decision.verdict,
                short(decision.who, 20),
                decision.at.date().isoformat(),
                "" if decision.until is None else decision.until.isoformat(),
                _STATES[state],
                short(" ".join(decision.reason.split()), _WIDEST),
            )
        )
    click.echo("\n".join(aligned(rows)))
