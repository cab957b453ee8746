"""``claims review``."""

from __future__ import annotations

import contextlib
import datetime
import os
import secrets
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
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
    say,
    since_option,
    suppressed_by,
)
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.review.server import Page
    from pipeline.review.state import ReviewState
    from pipeline.rules.ruleset import Ruleset

_PORT = 8737
_HIGHEST_PORT = 65535


@click.command(name="review", epilog=epilog("claims review extracted --who Ada", 130, 5, 2, 4, 0))
@click.argument("folder", metavar="[DIR]", default="extracted", type=FilePath())
@since_option
@click.option("--who", metavar="NAME", help="Who decides. Default: the name that git knows you by, else the account's.")
@click.option(
    "--port",
    type=click.IntRange(0, _HIGHEST_PORT),
    default=_PORT,
    show_default=True,
    help="Port on this machine; 0 takes any that is free.",
)
@click.option("--no-open", is_flag=True, help="Print the address and open no browser.")
@decisions_options
@rules_options
@quiet_option
def command(
    folder: Path,
    since: str | None,
    who: str | None,
    port: int,
    no_open: bool,
    decisions: Path | None,
    today: datetime.date | None,
    rules: Path | None,
    strict: bool,
    quiet: bool,
) -> int:
    """Opens a page on which reviewers accept, dismiss, snooze and comment on the flags of the run in DIR.

    The page is served on this machine alone (127.0.0.1), until Ctrl-C. Each decision is saved at once to the file of decisions, and
    holds until the figures of the flag change.
    """
    from pipeline.decisions.who import default_name
    from pipeline.review.server import ReviewServer
    from pipeline.review.state import ReviewState

    ruleset = rules_of(rules, strict)
    file = decisions_file(decisions, rules, writes=True)
    decisions_of(file)
    name = " ".join((default_name() if who is None else who).split())
    state = ReviewState(folder, file, name, lambda: today or datetime.date.today())
    _require_writable(file)
    flags = state.flags()
    with ReviewServer(state, page_of(state, ruleset, since), lambda: _export(state), port, say) as server:
        if not quiet:
            click.echo(
                f"{len(flags)} flags to look at, decisions by {printable(name) or 'nobody named'} go to {printable(str(file))}"
            )
        click.echo(f"Open {server.address}")
        if not quiet:
            click.echo("Ctrl-C ends the review; what was decided is saved.")
        sys.stdout.flush()
        if not no_open:
            _open(server.address)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever(poll_interval=0.2)
    if not quiet:
        click.echo("The review has ended.")
    return 0


def page_of(state: ReviewState, rules: Ruleset, since: str | None) -> Page:
    """Makes the page, with what was decided up to then; anew where results, decisions or the day are others than at the last time."""
    from pipeline.decisions.log import read_decisions
    from pipeline.history.since import diff_since
    from pipeline.report.build import build_report
    from pipeline.report.formats.html import render_html
    from pipeline.review.state import stamp

    lock = threading.Lock()
    place = secrets.token_urlsafe(16)
    """Stands for the nonce in a page that is kept; nothing that comes from pages can know it."""
    kept: dict[tuple[object, ...], str] = {}

    def page(about: Mapping[str, str], nonce: str) -> str:
        day = state.today()
        with lock:  # two tabs need not make the same page at once
            key = (day, *about.values(), *(stamp(path) for path in (*_results(state.folder), state.file)))
            if key not in kept:
                decided = read_decisions(state.file)
                diff = diff_since(state.folder, since, suppressed_by(decided, day))
                report = build_report(state.folder, rules, diff=diff, decisions=decided, today=day)
                kept.clear()
                kept[key] = render_html(report, dict(about), place)
            return kept[key].replace(place, nonce)

    return page


def _results(folder: Path) -> Iterator[Path]:
    from pipeline.run.results import ARTICLES, CLAIMS, ERRORS, FINDINGS, FLAGS, STATEMENTS

    return (folder / name for name in (ARTICLES, CLAIMS, STATEMENTS, FINDINGS, FLAGS, ERRORS))


def _export(state: ReviewState) -> bytes:
    """All decisions as CSV."""
    from pipeline.decisions.log import read_decisions
    from pipeline.export.decisions import decisions_csv

    flags = state.flags()
    return decisions_csv(read_decisions(state.file).states(flags.values(), state.today()), flags).encode()


def _require_writable(file: Path) -> None:
    """Raises UsageError where no decision could be kept, before anybody makes one."""
    place = file if file.exists() else next((p for p in file.parents if p.exists()), Path())
    if not os.access(place, os.W_OK):
        raise UsageError(f"{file}: cannot be written, so no decision could be kept; name another file with --decisions")


def _open(address: str) -> None:
    """Opens the browser, where there is a screen to open one on; apart, since some wait until it is closed."""
    import webbrowser

    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    threading.Thread(target=_quietly, args=(lambda: webbrowser.open(address),), daemon=True).start()


def _quietly(function: Callable[[], object]) -> None:
    try:
        function()
    except Exception:  # the address is printed; a person can open it
        say("no browser could be opened; open the address yourself")
