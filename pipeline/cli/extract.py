"""``claims extract``."""

from __future__ import annotations

import contextlib
import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from pipeline.cli.common import (
    EXIT_INPUTS,
    FilePath,
    cluster_of,
    cluster_option,
    epilog,
    given_text,
    logs_text,
    model_option,
    printable,
    quiet_option,
    read_text,
    rules_of,
    rules_options,
    say,
    say_foreign,
    verbose_option,
    workers_option,
)
from pipeline.cli.profiling import log_extracted, profile_option, profiled, rates_of
from pipeline.cli.tables import claim_lines, counted, terminal_width, wrapped
from pipeline.errors import InterruptedRunError, UsageError

_KEPT = "interrupted; finished articles are kept, run the same command again to go on"

if TYPE_CHECKING:
    from pipeline.rules.ruleset import Ruleset
    from pipeline.run.extract import Settings, Summary


@click.command(
    name="extract",
    epilog=epilog("claims extract raw -o extracted --workers 2", 130, 5, 2, 4, 3, 0),
)
@click.argument("raw", metavar="RAW", required=False, type=FilePath())
@click.option(
    "-o",
    "--out",
    type=FilePath(),
    help="Folder for the results; made where there is none.",
)
@click.option(
    "--text",
    metavar="TEXT",
    help="Show the claims of this text, or of standard input if it is -, and write nothing; in place of RAW and --out.",
)
@rules_options
@click.option(
    "--since",
    type=FilePath(),
    help="Results of an earlier run whose article ids are carried over to renamed files.",
)
@workers_option
@cluster_option
@model_option
@quiet_option
@verbose_option
@profile_option
@click.pass_context
def command(
    context: click.Context,
    raw: Path | None,
    out: Path | None,
    text: str | None,
    rules: Path | None,
    strict: bool,
    since: Path | None,
    workers: int,
    cluster: str | None,
    model: str | None,
    quiet: bool,
    verbose: bool,
    profile: Path | None,
) -> int:
    """Cleans the articles in RAW and extracts every quantity and numeric claim.

    RAW is a folder, read with all its subfolders, or one file. Results are JSON Lines: articles, claims, quantities, errors, and run.json.
    Articles that have not changed since the last run into the same folder are not read again.

    With --text the claims of a sentence or more are shown as a table, and nothing is read from RAW or written.
    """
    if text is not None:
        _require_alone(context)
    elif raw is None or out is None:
        raise _missing(context, "raw" if raw is None else "out")
    try:
        return _carry_out(
            raw,
            out,
            text,
            rules,
            model,
            since,
            strict=strict,
            workers=workers,
            cluster=cluster,
            quiet=quiet,
            verbose=verbose,
            profile=profile,
        )
    except KeyboardInterrupt as stop:
        if text is not None:
            raise
        raise InterruptedRunError(_KEPT) from stop


def _carry_out(
    raw: Path | None,
    out: Path | None,
    text: str | None,
    rules: Path | None,
    model: str | None,
    since: Path | None,
    *,
    strict: bool,
    workers: int,
    cluster: str | None,
    quiet: bool,
    verbose: bool,
    profile: Path | None,
) -> int:
    """The command, with options that go together; ``text`` or both ``raw`` and ``out`` are given."""
    from pipeline.run.extract import Settings

    ruleset = rules_of(rules, strict)
    if text is not None:
        return _show(text, ruleset, model, quiet=quiet)
    assert raw is not None
    assert out is not None
    chosen = None
    if model is not None:
        from pipeline.language.models import choose_model

        chosen = choose_model(ruleset, model)
        for lack in chosen.lacks:
            say(f"--model {model}: {lack}")
    with cluster_of(cluster) as machines, profiled(profile, "extract") as told:
        settings = Settings(raw=raw, out=out, workers=workers, since=since, model=chosen, cluster=machines)
        summary = _run(settings, ruleset, quiet)
        told.extracted(summary)
    for error in summary.errors:
        say(f"{error.path}: {error.reason}", event="input_left_out", path=error.path, reason=error.reason)
    say_foreign(summary.foreign)
    log_extracted(summary)
    if not quiet:
        _report(summary, out, verbose)
    return EXIT_INPUTS if summary.errors else 0


def _require_alone(context: click.Context) -> None:
    """Raises where --text is given with what only a run over RAW takes."""
    given = [
        parameter
        for parameter in context.command.params
        if parameter.name in ("raw", "out", "since", "workers", "cluster", "profile")
        and context.get_parameter_source(parameter.name) not in (None, ParameterSource.DEFAULT)
    ]
    if given:
        raise click.UsageError(f"--text cannot go with {given[0].get_error_hint(context)}; it writes no files", context)


def _missing(context: click.Context, name: str) -> click.MissingParameter:
    parameter = next(parameter for parameter in context.command.params if parameter.name == name)
    return click.MissingParameter(ctx=context, param=parameter)


def _show(text: str, rules: Ruleset, model: str | None, *, quiet: bool) -> int:
    """Prints the claims of ``text``."""
    from pipeline.claims.analyze import Analyzer
    from pipeline.claims.draft import identified

    content = read_text(sys.stdin.buffer, "standard input") if text == "-" else given_text(text)
    if not content.strip():
        raise UsageError("--text: there is nothing to read")
    analyzer = Analyzer(rules, model)
    for lack in analyzer.language.lacks:
        say(f"--model {model}: {lack}")
    width = terminal_width()
    claims = identified("text", analyzer.analyze(content).drafts)
    before = None
    for claim in claims:
        if claim.start != before:
            click.echo("\n".join(wrapped(claim.quote, width)))
            before = claim.start
        click.echo("\n".join(printable(line) for line in claim_lines(claim, width)) + "\n")
    if not claims and not quiet:
        say("no claims")
    return 0


def _run(settings: Settings, ruleset: Ruleset, quiet: bool) -> Summary:
    from pipeline.run.extract import extract

    if quiet or not logs_text() or not sys.stderr.isatty():
        return extract(settings, ruleset)
    with click.progressbar(
        itertools.count(), label="articles", file=sys.stderr, show_percent=False, show_eta=False, show_pos=True
    ) as bar:  # no length: how many articles archives hold is not known before they are read

        def advance(count: int, _path: str) -> None:
            with contextlib.suppress(OSError):  # a terminal that went away
                bar.update(count)

        return extract(settings, ruleset, advance)


def _report(summary: Summary, out: Path, verbose: bool) -> None:
    click.echo(
        f"{counted(summary.articles, 'article')} ({summary.unchanged} unchanged), {counted(summary.claims, 'claim')}, "
        f"{counted(summary.quantities, 'quantity', 'quantities')}, {counted(len(summary.errors), 'input')} that could not be used"
    )
    place = printable(str(out))
    click.echo(f"Results are in {place}/ ; 'claims show {place}' prints the claims.")
    if verbose and logs_text():
        for name, seconds in summary.seconds.items():
            click.echo(f"  {name:10} {seconds:8.2f} s", err=True)
        for rates in rates_of(summary):
            click.echo(f"  {rates}", err=True)
