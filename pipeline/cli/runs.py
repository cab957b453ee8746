"""``claims runs``: the runs that are kept."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.common import FilePath, epilog, printable, say
from pipeline.cli.tables import aligned

if TYPE_CHECKING:
    from pipeline.history.runs import History, KeptRun

_CODES = (130, 5, 2, 0)


@click.group(name="runs", epilog=epilog("claims runs list extracted", *_CODES))
def command() -> None:
    """Lists, restores and forgets the runs that are kept in the results folder DIR.

    'claims refresh' keeps every run. DIR@RUN names one wherever a command takes a run.
    """


@command.command(name="list", epilog=epilog("claims runs list extracted", *_CODES))
@click.argument("folder", metavar="DIR", type=FilePath())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a run instead of a table.")
def list_runs(folder: Path, as_json: bool) -> int:
    """Prints the runs that are kept in DIR, the oldest first: when they were, what they had and what changed."""
    from pipeline.errors import UsageError
    from pipeline.model import encode

    history = _history(folder)
    rows: list[tuple[str, ...]] = [("run", "articles", "claims", "flags", "changes", "")]
    for run_id in history.ids():
        try:
            run = history.run(run_id)
        except UsageError as error:
            say(str(error))
            continue
        if as_json:
            click.echo(encode(run).decode())
        else:
            counts = run.counts
            told = tuple(str(counts.get(name, 0)) for name in ("articles", "claims", "flags"))
            rows.append((run_id, *told, _changes(run), f"{len(run.warnings)} warnings" if run.warnings else ""))
    if not as_json:
        click.echo("\n".join(aligned(rows)) if len(rows) > 1 else "no runs are kept here")
    return 0


@command.command(name="show", epilog=epilog("claims runs show extracted last", *_CODES))
@click.argument("folder", metavar="DIR", type=FilePath())
@click.argument("run", metavar="RUN")
def show(folder: Path, run: str) -> int:
    """Prints what the run RUN was made of, as JSON: versions, digests of rules and model, sources, counts, times."""
    import msgspec

    from pipeline.model import encode

    history = _history(folder)
    kept = history.run(history.find(run))
    click.echo(msgspec.json.format(encode(kept)).decode())
    return 0


@command.command(name="keep", epilog=epilog("claims runs keep extracted", *_CODES))
@click.argument("folder", metavar="DIR", type=FilePath())
def keep(folder: Path) -> int:
    """Keeps the results that lie in DIR now, as made by extract and reconcile."""
    from pipeline.history.keeping import keep_results

    run = keep_results(folder, datetime.datetime.now(datetime.UTC))
    click.echo(f"kept as run {run.run_id}")
    return 0


@command.command(name="restore", epilog=epilog("claims runs restore extracted last -o old-results", *_CODES))
@click.argument("folder", metavar="DIR", type=FilePath())
@click.argument("run", metavar="RUN")
@click.option("-o", "--out", required=True, type=FilePath(), help="Folder for the results; made where there is none.")
def restore(folder: Path, run: str, out: Path) -> int:
    """Writes the results of the run RUN as they were into the folder OUT, in place of those that lie there.

    OUT may be DIR itself: then the results go back to that run.
    """
    from pipeline.history.keeping import restore_results

    run_id = restore_results(folder, run, out)
    click.echo(f"the results of run {run_id} are in {printable(str(out))}/")
    return 0


@command.command(name="prune", epilog=epilog("claims runs prune extracted --keep-days 90", *_CODES))
@click.argument("folder", metavar="DIR", type=FilePath())
@click.option("--keep-days", type=click.IntRange(0), help="Forget runs that began more than so many days ago.")
@click.option("--keep-last", type=click.IntRange(1), help="Forget all but so many of the newest.")
@click.option("--run", "runs", metavar="RUN", multiple=True, help="Forget this run; may be given several times.")
@click.option("--dry-run", is_flag=True, help="Only say which would go.")
def prune(folder: Path, keep_days: int | None, keep_last: int | None, runs: tuple[str, ...], dry_run: bool) -> int:
    """Forgets runs and frees the disk that only they used. The newest is never forgotten but by its name."""
    from pipeline.errors import UsageError
    from pipeline.history.runs import too_old
    from pipeline.run.store import open_store

    if keep_days is None and keep_last is None and not runs:
        raise UsageError("nothing to forget; give --keep-days, --keep-last or --run")
    history = _history(folder)
    ids = history.ids()
    chosen = {history.find(run) for run in runs}
    if keep_days is not None:
        chosen.update(too_old(ids, keep_days, datetime.datetime.now(datetime.UTC)))
    if keep_last is not None:
        chosen.update(ids[:-keep_last])
    if dry_run:
        click.echo("\n".join(run_id for run_id in ids if run_id in chosen) or "none")
        return 0
    if not chosen:
        click.echo("none is that old; nothing was forgotten")
        return 0
    before = history.bytes()
    with open_store(folder, "claims runs prune"):
        history.remove(sorted(chosen))
    freed = before - history.bytes()
    click.echo(f"runs forgotten: {len(chosen)}, kept: {len(ids) - len(chosen)}, freed: {freed / 2**20:.1f} MiB")
    return 0


@command.command(name="check", epilog=epilog("claims runs check extracted", *_CODES))
@click.argument("folder", metavar="DIR", type=FilePath())
def check(folder: Path) -> int:
    """Reads every kept run whole and tells which are damaged."""
    from pipeline.errors import UsageError

    history = _history(folder)
    problems = history.check()
    if problems:
        for problem in problems[1:]:
            say(problem)
        raise UsageError(problems[0])
    click.echo(f"runs kept: {len(history.ids())}, all whole, {history.bytes() / 2**20:.1f} MiB")
    return 0


def _changes(run: KeptRun) -> str:
    if run.since is None:
        return "-"
    changes = run.changes
    parts = [
        f"{number} {name}"
        for name, number in (
            ("figures", changes.get("claims", {}).get("changed", 0)),
            ("new claims", changes.get("claims", {}).get("new", 0)),
            ("gone claims", changes.get("claims", {}).get("gone", 0)),
            ("new flags", changes.get("flags", {}).get("new", 0) + changes.get("flags", {}).get("back", 0)),
            ("resolved flags", changes.get("flags", {}).get("resolved", 0)),
        )
        if number
    ]
    return ", ".join(parts) or "none"


def _history(folder: Path) -> History:
    from pipeline.errors import UsageError
    from pipeline.history.runs import History

    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; give the results folder of 'claims refresh'")
    return History(folder)
