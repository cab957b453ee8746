"""``claims diff``."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
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
    suppressed_by,
)
from pipeline.cli.tables import amount, short, terminal_width, wrapped
from pipeline.history.changes import FAIL_ON

if TYPE_CHECKING:
    from pipeline.history.changes import (
        ArticleChange,
        ClaimChange,
        FailOn,
        FigureChange,
        FindingChange,
        FlagChange,
        RunDiff,
    )
    from pipeline.model import Article

_MADE = {
    "version": "the program's version",
    "engine": "the program",
    "rules": "the rules",
    "checks": "the rules for comparing",
    "model": "the language model",
}
_ARTICLES = {
    "gone": "gone",
    "failed": "could not be read",
    "new": "new",
    "back": "back",
    "changed": "other words",
    "renamed": "renamed",
}
_CLAIMS = {
    "gone": "claims that are gone",
    "new": "new claims",
    "back": "claims that are back",
    "reworded": "reworded, with the same figures",
    "moved": "moved",
}
_FINDINGS = {
    "status": "{old} before, {new} now",
    "joined": "{before} findings are one now",
    "split": "is {after} findings now",
    "new": "new",
    "grown": "more claims of it: {claims}",
    "shrunk": "fewer claims of it: {claims}",
    "gone": "gone",
}
_QUIET_CLAIMS = ("moved",)
_QUIET_FLAGS = ("open", "suppressed")
_FEW = 10
"""How many of the less important changes of one kind are printed without --all."""


@click.command(name="diff", epilog=epilog("claims diff extracted@previous extracted", 130, 5, 2, 1, 0))
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as one JSON object instead of text.")
@click.option("--all", "everything", is_flag=True, help="Print also what moved, flags still open, and lists in full.")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    help="End with exit code 1 where there is a flag of this severity or a graver one; with new-, one that is new or back.",
)
@decisions_options
@click.option("--rules", type=FilePath(), help="Folder of the rules beside which decisions are looked for.")
@quiet_option
def command(
    old: str,
    new: str,
    as_json: bool,
    everything: bool,
    fail_on: FailOn | None,
    decisions: Path | None,
    today: datetime.date | None,
    rules: Path | None,
    quiet: bool,
) -> int:
    """Prints what changed from the run OLD to the run NEW: figures first, then flags, claims, findings and articles.

    Each is a folder of results, or DIR@RUN for a run that was kept: its id or the beginning of it, "last", or "previous". Menus that
    were edited, paragraphs that moved and files that were renamed are no changes; sentences that were reworded are told as such.
    """
    from pipeline.history.compare import compare_named
    from pipeline.model import encode

    decided = decisions_of(decisions_file(decisions, rules))
    diff, articles = compare_named(old, new, suppressed_by(decided, today or datetime.date.today()))
    if as_json:
        click.echo(encode(diff).decode())
    elif not quiet:
        for line in diff_lines(diff, articles, terminal_width(), everything=everything):
            click.echo(line)
    return 1 if diff.fails(fail_on) else 0


def diff_lines(diff: RunDiff, articles: dict[str, Article], width: int, *, everything: bool = False) -> Iterator[str]:
    """The changes as text, those that matter most first."""
    yield printable(f"{diff.old} -> {diff.new}: {summary_line(diff)}")
    if diff.made:
        told = ", ".join(_MADE[name] for name in diff.made if name != "version" or len(diff.made) == 1)
        yield from wrapped(f"Not made alike ({told} changed): what is marked (program) is no change of a page.", width)
    if not diff.reconciled:
        yield from wrapped(
            "Not both runs have findings and flags (claims reconcile), so these are not compared.", width
        )
    few = None if everything else _FEW
    yield from _changed_figures(diff, articles, width)
    yield from _flags(diff, width, few)
    for kind, title in _CLAIMS.items():
        chosen = [change for change in diff.claims if change.kind == kind]
        if chosen and (everything or kind not in _QUIET_CLAIMS):
            yield from _headed(title, len(chosen))
            yield from _listed([_claim(change, articles, width) for change in chosen], few)
    if diff.findings:
        yield from _headed("findings", len(diff.findings))
        yield from _listed([_finding(change, width) for change in diff.findings], few)
    if diff.articles:
        yield from _headed("articles", len(diff.articles))
        yield from _listed([_article(change, width) for change in diff.articles], few)


def summary_line(diff: RunDiff) -> str:
    """The numbers of changes in one line."""
    if diff.quiet and not diff.claims and not diff.articles:
        return "no changes"
    counts = diff.counts()
    parts = [
        f"{number} {one if number == 1 else many}"
        for number, one, many in (
            (counts["claims"].get("changed", 0), "figure changed", "claims with other figures"),
            (counts["claims"].get("new", 0), "new claim", "new claims"),
            (counts["claims"].get("back", 0), "claim back", "claims back"),
            (counts["claims"].get("gone", 0), "claim gone", "claims gone"),
            (counts["claims"].get("reworded", 0), "reworded", "reworded"),
            (counts["claims"].get("moved", 0), "moved", "moved"),
            (counts["flags"].get("new", 0), "new flag", "new flags"),
            (counts["flags"].get("back", 0), "flag back", "flags back"),
            (counts["flags"].get("resolved", 0), "flag resolved", "flags resolved"),
            (counts["articles"].get("new", 0), "new article", "new articles"),
            (counts["articles"].get("gone", 0), "article gone", "articles gone"),
            (counts["articles"].get("failed", 0), "article could not be read", "articles could not be read"),
            (counts["articles"].get("renamed", 0), "article renamed", "articles renamed"),
        )
        if number
    ]
    return ", ".join(parts) or "no change of a claim or flag"


def _headed(title: str, number: int) -> Iterator[str]:
    yield ""
    yield click.style(f"{title} ({number})", bold=True)


def _listed(entries: list[list[str]], few: int | None) -> Iterator[str]:
    for entry in entries[:few]:
        yield from entry
    if few is not None and len(entries) > few:
        yield f"  and {len(entries) - few} more (--all)"


def _changed_figures(diff: RunDiff, articles: dict[str, Article], width: int) -> Iterator[str]:
    chosen = [change for change in diff.claims if change.kind == "changed"]
    if not chosen:
        return
    yield from _headed("changed figures", len(chosen))
    for change in chosen:
        figures = "; ".join(map(_figure, change.figures)) or "another figure"
        yield from wrapped(f"{figures}{_by_program(change.cause)}", width, "  ")
        yield from wrapped(_source(change, articles), width, "      ")
        if change.old is not None and change.new is not None:
            yield from wrapped(change.old.quote, width, "    - ")
            yield from wrapped(change.new.quote, width, "    + ")


def _figure(change: FigureChange) -> str:
    sides = [amount(value) if value is not None else "nothing" for value in (change.old, change.new)]
    value = change.new or change.old
    name = (value.group_id or value.group) if value is not None else None
    return f"{sides[0]} -> {sides[1]}" + (f" ({short(name, 40)})" if name else "")


def _flags(diff: RunDiff, width: int, few: int | None) -> Iterator[str]:
    """The flags that came, changed or went. Of errors and warnings that came none is left out."""
    chosen = [
        change
        for change in diff.flags
        if few is None or change.status not in _QUIET_FLAGS or (change.status == "open" and change.changed)
    ]
    if not chosen:
        return
    yield from _headed("flags", len(chosen))
    grave = [change for change in chosen if change.status in ("new", "back") and change.flag.severity != "note"]
    notes = [change for change in chosen if change.status in ("new", "back") and change.flag.severity == "note"]
    others = [change for change in chosen if change.status not in ("new", "back")]
    yield from _listed([_flag(change, width) for change in grave], None)
    for rest in (notes, others):
        yield from _listed([_flag(change, width) for change in rest], few)


def _flag(change: FlagChange, width: int) -> list[str]:
    flag = change.flag
    status = f"{change.status}, changed" if change.status == "open" and change.changed else change.status
    message = f"{status} {flag.severity}: {flag.message} [{flag.rule}]{_by_program(change.cause)}"
    return wrapped(message, width, "  ", "      ")


def _claim(change: ClaimChange, articles: dict[str, Article], width: int) -> list[str]:
    lines = wrapped(f"{_source(change, articles)}{_by_program(change.cause)}", width, "  ")
    if change.old is not None and (change.new is None or change.kind != "moved"):
        lines += wrapped(change.old.quote, width, "    - ")
    if change.new is not None:
        lines += wrapped(change.new.quote, width, "    + " if change.kind != "moved" else "    ")
    if change.slots:
        lines += wrapped(f"now read otherwise: {', '.join(change.slots).replace('_', ' ')}", width, "      ")
    return lines


def _finding(change: FindingChange, width: int) -> list[str]:
    told = _FINDINGS[change.kind].format(
        old=change.old_status,
        new=change.new_status,
        before=len(change.old_ids),
        after=len(change.new_ids),
        claims=len(change.claim_ids),
    )
    return wrapped(f"{change.finding_id}  {change.label}: {told}", width, "  ", "      ")


def _article(change: ArticleChange, width: int) -> list[str]:
    told = _ARTICLES[change.kind]
    if change.kind == "renamed" and change.old_path != change.path:
        told += f" from {change.old_path}"
    if change.kind in ("gone", "failed", "new", "back"):
        told += f", {change.claims} claim{'s' * (change.claims != 1)}"
    if change.reason is not None:
        told += f" ({change.reason})"
    return wrapped(f"{change.publisher or change.title or change.path} ({change.path}): {told}", width, "  ", "      ")


def _source(change: ClaimChange, articles: dict[str, Article]) -> str:
    article = articles.get(change.article_id)
    if article is None:
        return change.article_id
    return (article.publisher or article.path) + (f" (“{article.title}”)" if article.title else "")


def _by_program(cause: str) -> str:
    return " (program)" if cause == "program" else ""
