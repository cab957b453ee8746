"""``claims refresh``."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.common import (
    EXIT_INPUTS,
    FilePath,
    cluster_of,
    cluster_option,
    decisions_file,
    decisions_options,
    epilog,
    log,
    model_option,
    printable,
    quiet_option,
    rules_of,
    rules_options,
    say,
    say_foreign,
    workers_option,
)
from pipeline.cli.profiling import log_extracted, profile_option, profiled
from pipeline.errors import InterruptedRunError, UsageError
from pipeline.history.changes import FAIL_ON
from pipeline.report.base import formats as report_formats

if TYPE_CHECKING:
    from pipeline.history.changes import FailOn, RunDiff
    from pipeline.refresh.refresh import Refreshed

_KEPT = "interrupted; earlier results are as they were, run the same command again to go on"
_EPOCH = "SOURCE_DATE_EPOCH"


@click.command(
    name="refresh", epilog=epilog("claims refresh raw -o extracted --fail-on new-error", 130, 5, 2, 4, 1, 3, 0)
)
@click.argument("raw", metavar="RAW", type=FilePath(), default=Path("raw"))
@click.option(
    "-o", "--out", type=FilePath(), default=Path("extracted"), show_default=True, help="Folder of the results."
)
@click.option(
    "--since",
    metavar="RUN",
    help='The kept run to compare with: its id, the beginning of it, or "last". Default: the last that was told of.',
)
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    help="End with exit code 1 where there is a flag of this severity or a graver one; with new-, one that is new or back.",
)
@rules_options
@decisions_options
@model_option
@workers_option
@cluster_option
@click.option("--no-fetch", is_flag=True, help="Take the articles in RAW as they are, and nothing from the network.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(tuple(report_formats())),
    help="Which report to write; may be given several times. Default: all.",
)
@click.option(
    "--keep-days", type=click.IntRange(1), help="Forget runs that began more than so many days ago. Default: keep all."
)
@profile_option
@quiet_option
def command(
    raw: Path,
    out: Path,
    since: str | None,
    fail_on: FailOn | None,
    rules: Path | None,
    strict: bool,
    decisions: Path | None,
    today: datetime.date | None,
    model: str | None,
    workers: int,
    cluster: str | None,
    no_fetch: bool,
    formats: tuple[str, ...],
    keep_days: int | None,
    profile: Path | None,
    quiet: bool,
) -> int:
    """Fetches what RAW/sources.yaml lists, brings the results up to date with RAW, keeps the run, and prints what changed.

    Does what fetch, extract, reconcile, diff and report do, reads only what has changed, and puts the new results in place together
    when all are written. Default for RAW: raw. What changed is since the last run that was told of.
    """
    try:
        return _refresh(
            raw,
            out,
            since,
            fail_on,
            rules,
            decisions,
            today,
            model,
            strict=strict,
            workers=workers,
            cluster=cluster,
            no_fetch=no_fetch,
            formats=formats,
            keep_days=keep_days,
            profile=profile,
            quiet=quiet,
        )
    except KeyboardInterrupt as stop:
        raise InterruptedRunError(_KEPT) from stop


def _refresh(
    raw: Path,
    out: Path,
    since: str | None,
    fail_on: FailOn | None,
    rules: Path | None,
    decisions: Path | None,
    today: datetime.date | None,
    model: str | None,
    *,
    strict: bool,
    workers: int,
    cluster: str | None,
    no_fetch: bool,
    formats: tuple[str, ...],
    keep_days: int | None,
    profile: Path | None,
    quiet: bool,
) -> int:
    from pipeline.refresh.decided import Decided
    from pipeline.refresh.fetching import fetch_step
    from pipeline.refresh.refresh import RefreshSettings, Steps, fails, refresh
    from pipeline.report.write import write_reports
    from pipeline.run.work import Settings

    ruleset = rules_of(rules, strict)
    now = _now()
    day = today or now.astimezone().date()
    decided = Decided(decisions_file(decisions, rules, writes=True), day)
    for problem in decided.decisions.problems:
        say(problem, event="decision_left_out")
    chosen = None
    if model is not None:
        from pipeline.language.models import choose_model

        chosen = choose_model(ruleset, model)
        for lack in chosen.lacks:
            say(f"--model {model}: {lack}")

    def report(results: Path, target: Path, diff: RunDiff | None, warnings: Sequence[str]) -> Sequence[Path]:
        _, files = write_reports(
            results,
            target,
            formats=formats,
            diff=diff,
            decisions=decided.decisions,
            today=day,
            rules=ruleset,
            warnings=warnings,
        )
        return files

    with cluster_of(cluster) as machines, profiled(profile, "refresh") as told:
        done = refresh(
            RefreshSettings(
                extract=Settings(raw=raw, out=out, workers=workers, model=chosen, cluster=machines), since=since
            ),
            ruleset,
            Steps(
                fetch=None if no_fetch else fetch_step(raw, ruleset, now),
                report=report,
                decided=decided,
                announce=lambda done: _tell(done, out, quiet=quiet),
                now=_now,
            ),
            keep_days=keep_days,
        )
        told.extracted(done.extracted)
        told.stages = dict(done.seconds)
    _log(done)
    if fails(done, fail_on):
        return 1
    unread = done.errors or (done.fetched is not None and done.fetched.problems)
    return EXIT_INPUTS if unread or done.drops else 0


def _log(done: Refreshed) -> None:
    log_extracted(done.extracted)
    log(
        "refreshed",
        f"kept as run {done.run.run_id}",
        run_id=done.run.run_id,
        since=done.run.since,
        counts=done.run.counts,
        changes=done.run.changes,
        suppressed=len(done.run.suppressed),
        warnings=len(done.warnings),
        fetched=done.fetched.counts if done.fetched is not None else None,
        seconds=done.seconds,
    )


def _now() -> datetime.datetime:
    """The time; for builds that have to be the same bytes twice, that of SOURCE_DATE_EPOCH, seconds since 1970."""
    epoch = os.environ.get(_EPOCH)
    if not epoch:
        return datetime.datetime.now(datetime.UTC)
    try:
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"{_EPOCH}={epoch}: is no number of seconds since 1970") from None


def _tell(done: Refreshed, out: Path, *, quiet: bool) -> None:
    from pipeline.cli.diff import diff_lines
    from pipeline.cli.tables import counted, terminal_width

    for error in done.errors:
        say(f"{error.path}: {error.reason}", event="input_left_out", path=error.path, reason=error.reason)
    say_foreign(done.extracted.foreign)
    for problem in (*(done.fetched.problems if done.fetched is not None else ()), *done.warnings):
        say(f"warning: {problem}", event="warning")
    if quiet:
        return
    if done.fetched is not None:
        click.echo(
            "fetched: " + (", ".join(f"{count} {name}" for name, count in done.fetched.counts.items()) or "nothing")
        )
    counts = done.run.counts
    click.echo(
        f"{counted(counts['articles'], 'article')} ({done.extracted.unchanged} unchanged), {counted(counts['claims'], 'claim')}, "
        f"{counted(counts['findings'], 'finding')}, {counted(counts['flags'], 'flag')} ({len(done.run.suppressed)} put away by reviewers), "
        f"{counted(counts['errors'], 'input')} that could not be used"
    )
    if done.diff is None:
        click.echo(
            "The first run that is kept here: there is nothing to compare with." if done.run.since is None else ""
        )
    else:
        for line in diff_lines(done.diff, done.articles, terminal_width()):
            click.echo(line)
    place = printable(str(out))
    reports: Sequence[str] = done.run.reports
    told = f"; reports are in {place}/reports/" if reports else ""
    click.echo(f"Results are in {place}/, kept as run {done.run.run_id}{told}")
