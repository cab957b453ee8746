"""``claims fetch``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.common import (
    EXIT_INPUTS,
    FilePath,
    epilog,
    printable,
    quiet_option,
    rules_of,
    rules_options,
    say,
    verbose_option,
)
from pipeline.cli.tables import aligned, short
from pipeline.errors import InterruptedRunError

if TYPE_CHECKING:
    from pipeline.fetch.raw import RawFetch
    from pipeline.fetch.report import PageReport

_KEPT = "interrupted; what was fetched so far is kept, run the same command again to go on"


@click.command(name="fetch", epilog=epilog("claims fetch raw", 130, 5, 2, 4, 3, 0))
@click.argument("raw", metavar="RAW", type=FilePath())
@click.option("--all", "everything", is_flag=True, help="Fetch also what is not due yet.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of each address as JSON Lines.")
@rules_options
@quiet_option
@verbose_option
def command(
    raw: Path, everything: bool, as_json: bool, rules: Path | None, strict: bool, quiet: bool, verbose: bool
) -> int:
    """Fetches the pages that RAW/sources.yaml lists, as far as they are due.

    What came is archived as WARC in RAW/.archive, and the pages as they are now are put into RAW/fetched, where extract finds them.
    Nothing else of the program uses the network. docs/fetching.md tells what sources.yaml may say.
    """
    from pipeline.fetch.raw import fetch_raw
    from pipeline.model import encode

    ruleset = rules_of(rules, strict)
    try:
        done = fetch_raw(raw, now=datetime.now(UTC).replace(microsecond=0), only_due=not everything, rules=ruleset)
    except KeyboardInterrupt as stop:
        raise InterruptedRunError(_KEPT) from stop
    for problem in done.sources.problems:
        say(f"source left out: {problem}", event="source_left_out")
    for url in done.pages.missing:
        say(f"{url}: its record in the archive is gone or damaged; it is fetched anew when it is due")
    if as_json:
        for page in done.report.pages:
            sys.stdout.write(encode(page).decode() + "\n")
    else:
        _print(done, quiet=quiet, verbose=verbose)
    return EXIT_INPUTS if done.sources.problems or done.report.problems else 0


def _print(done: RawFetch, *, quiet: bool, verbose: bool) -> None:
    report = done.report
    shown = [page for page in report.pages if page.status in ("changed", "gone") or page in report.problems]
    rows = report.pages if verbose else () if quiet else shown
    for line in aligned([_row(page) for page in rows]):
        click.echo(line)
    if quiet:
        for page in report.problems:
            say(
                f"{page.url}: {page.status}: {page.reason}",
                event="page_failed",
                url=page.url,
                status=page.status,
                reason=page.reason,
            )
        return
    counts = ", ".join(f"{number} {status}" for status, number in report.counts.items()) or "nothing to fetch"
    click.echo(f"{counts}; {done.pages.pages} pages are current ({report.requests} requests)")


def _row(page: PageReport) -> tuple[str, str, str]:
    return page.status, short(printable(page.url), 80), printable(page.reason or "")
