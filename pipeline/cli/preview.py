"""``claims rules preview``."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.common import (
    FilePath,
    epilog,
    logs_text,
    model_option,
    printable,
    quiet_option,
    rules_of,
    rules_options,
    say,
)
from pipeline.cli.tables import amount, terminal_width, wrapped

if TYPE_CHECKING:
    from pipeline.language.choice import ModelChoice
    from pipeline.model import Claim, Flag
    from pipeline.rules.ruleset import Ruleset
    from pipeline.run.preview import Change, Difference, Preview

_MOST = 20
"""Claims or flags of a kind that are shown unless all are asked for."""


@click.command(
    name="preview", epilog=epilog("claims rules preview --against extracted --rules my-rules", 130, 5, 2, 4, 0)
)
@click.option("--against", required=True, metavar="RUN", type=FilePath(), help="Results of a run that was reconciled.")
@rules_options
@model_option
@click.option(
    "--workers",
    type=click.IntRange(0, 256),
    default=lambda: min(8, os.cpu_count() or 1),
    show_default="one a core, at most 8",
    help="Processes at most; 0 runs all in one.",
)
@click.option("--all", "everything", is_flag=True, help=f"Print all claims and flags, not the first {_MOST} of a kind.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as one JSON record.")
@quiet_option
def preview(
    against: Path,
    rules: Path | None,
    strict: bool,
    model: str | None,
    workers: int,
    everything: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Shows which claims and flags changed rules would add to a run, take from it, or change.

    RUN stays as it is. Its claims are extracted anew from its cleaned texts, which takes about as long as a run, unless only rules of
    checks changed. Rules for cleaning pages show in a run alone.
    """
    import msgspec

    ruleset = rules_of(rules, strict)
    chosen = None
    if model is not None:
        from pipeline.language.models import choose_model

        chosen = choose_model(ruleset, model)
    found = _run(against, ruleset, workers, chosen, quiet)
    for note in found.notes:
        say(note)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return 0
    if quiet:
        return 0
    width = terminal_width()
    most = None if everything else _MOST
    for name, difference in (("claims", found.claims), ("flags", found.flags)):
        click.echo(click.style(_counts(name, difference), bold=True))
        for sign, records in (("+", difference.added), ("-", difference.lost)):
            for record in records[:most]:
                for line in _lines(record, sign, width):
                    click.echo(line)
            _rest(records, most)
        for change in difference.changed[:most]:
            for line in _change(change, width):
                click.echo(line)
        _rest(difference.changed, most)
    click.echo(f"findings: {_statuses(found.findings_before)} before, {_statuses(found.findings_after)} after")
    if not found.extracted:
        click.echo("Only rules of checks differ from the run's, so its claims were taken as they are.")
    return 0


def _run(against: Path, rules: Ruleset, workers: int, model: ModelChoice | None, quiet: bool) -> Preview:
    from pipeline.run.preview import preview as difference

    if quiet or not logs_text() or not sys.stderr.isatty():
        return difference(against, rules, workers=workers, model=model)
    with click.progressbar(length=1, label="articles", file=sys.stderr, show_pos=True) as bar:

        def advance(done: int, total: int) -> None:
            with contextlib.suppress(OSError):  # a terminal that went away
                bar.length = total
                bar.update(done - bar.pos)

        return difference(against, rules, workers=workers, model=model, progress=advance)


def _counts(name: str, difference: Difference) -> str:
    return (
        f"{name}: {len(difference.added)} added, {len(difference.lost)} lost, {len(difference.changed)} changed "
        f"({difference.before} before, {difference.after} after)"
    )


def _rest(records: Sequence[object], most: int | None) -> None:
    if most is not None and len(records) > most:
        click.echo(f"  and {len(records) - most} more (--all shows them)")


def _lines(record: Claim | Flag, sign: str, width: int) -> Iterator[str]:
    """A claim or flag behind ``sign``."""
    from pipeline.model import Flag

    return _flag(record, sign, width) if isinstance(record, Flag) else _claim(record, sign, width)


def _claim(claim: Claim, sign: str, width: int) -> Iterator[str]:
    yield from wrapped(f"{claim.claim_id} {claim.article_id}: {claim.quote}", width, f"  {sign} ")
    yield from wrapped(f"{_figures(claim)} | {claim.measure.replace('_', ' ')} | by {claim.rule}", width, "      ")


def _flag(flag: Flag, sign: str, width: int) -> Iterator[str]:
    yield from wrapped(f"{flag.severity}: {flag.message} [{flag.rule} {flag.flag_id}]", width, f"  {sign} ")


def _change(change: Change, width: int) -> Iterator[str]:
    """What is other than before, field by field."""
    before, after = change.before, change.after
    yield next(iter(_lines(after, "~", width)))
    for name in change.fields:
        told = (_told(getattr(record, name)) for record in (before, after))
        yield from wrapped(f"{name.replace('_', ' ')}: {' -> '.join(told)}", width, "      ")


def _told(value: object) -> str:
    """A field of a claim or flag, short enough to be held against another."""
    from pipeline.model import Value

    if isinstance(value, tuple) and value and all(isinstance(one, Value) for one in value):
        return "; ".join(f"{amount(one)} ({one.role or '-'}, {one.group or '-'})" for one in value)
    text = getattr(value, "text", None)
    if text is not None:
        name = getattr(value, "id", None)
        return printable(f"{text} = {name}" if name else str(text))
    return "nothing" if value is None or value == () else printable(str(value))


def _figures(claim: Claim) -> str:
    return "; ".join(amount(value) for value in claim.values) or "no figure"


def _statuses(counts: dict[str, int]) -> str:
    return f"{sum(counts.values())} ({', '.join(f'{count} {status}' for status, count in counts.items()) or 'none'})"
