"""``claims decisions``."""

from __future__ import annotations

import csv
import datetime
import io
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
_COLUMNS = ("flag_id", "verdict", "who", "at", "until", "state", "reason", "rule", "message", "values_hash", "line")
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
        _write_csv(found, flags)
    else:
        _write_json(found, flags)
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


def _cells(entry: Kept, flags: dict[str, Flag]) -> dict[str, str | int | None]:
    decision, flag = entry.decision, flags.get(entry.decision.flag_id)
    return {
        "flag_id": decision.flag_id,
        "verdict": decision.verdict,
        "who": decision.who,
        "at": decision.at.isoformat(),
        "until": None if decision.until is None else decision.until.isoformat(),
        "state": entry.state,
        "reason": decision.reason,
        "rule": flag.rule if flag is not None else None,
        "message": flag.message if flag is not None else None,
        "values_hash": decision.values_hash,
        "line": entry.line,
    }


def _write_csv(found: list[Kept], flags: dict[str, Flag]) -> None:
    from pipeline.export.csv import defused

    out = io.StringIO(newline="")
    table = csv.DictWriter(out, _COLUMNS, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    table.writeheader()
    table.writerows({name: defused(cell) for name, cell in _cells(entry, flags).items()} for entry in found)
    sys.stdout.write(out.getvalue())


def _write_json(found: list[Kept], flags: dict[str, Flag]) -> None:
    import msgspec

    for entry in found:
        sys.stdout.write(msgspec.json.encode(_cells(entry, flags)).decode() + "\n")
