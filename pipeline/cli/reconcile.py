"""``claims reconcile``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.common import FilePath, epilog, printable, quiet_option, rules_of, rules_options
from pipeline.cli.tables import aligned, amount, short, terminal_width, wrapped

if TYPE_CHECKING:
    from pipeline.model import Article, Claim, Finding, Flag
    from pipeline.run.reconcile import ReconcileSummary

_GRAVITY = {"error": 2, "warning": 1, "note": 0}


@click.command(name="reconcile", epilog=epilog("claims reconcile extracted --fail-on error", 130, 5, 2, 4, 1, 0))
@click.argument("folder", metavar="DIR", type=FilePath())
@rules_options
@click.option("--all", "everything", is_flag=True, help="Print findings of a single article too.")
@click.option("--json", "as_json", is_flag=True, help="Print findings and flags as JSON Lines instead of tables.")
@click.option(
    "--fail-on",
    type=click.Choice(("error", "warning")),
    help="End with exit code 1 where there is a flag of this severity or a graver one.",
)
@quiet_option
def command(
    folder: Path, rules: Path | None, strict: bool, everything: bool, as_json: bool, fail_on: str | None, quiet: bool
) -> int:
    """Finds which claims of the run in DIR tell the same result, and where the sources disagree or overstate.

    Writes findings.jsonl and flags.jsonl beside the claims, and prints each finding as a table: who states what, and how it compares
    with the best source.
    """
    from pipeline.model import encode
    from pipeline.run.reconcile import reconcile_folder

    ruleset = rules_of(rules, strict)
    summary = reconcile_folder(folder, ruleset)
    if as_json:
        for record in (*summary.findings, *summary.flags):
            sys.stdout.write(encode(record).decode() + "\n")
    elif not quiet:
        _print(summary, everything)
    least = _GRAVITY[fail_on] if fail_on is not None else None
    return 1 if least is not None and any(_GRAVITY[flag.severity] >= least for flag in summary.flags) else 0


def _print(summary: ReconcileSummary, everything: bool) -> None:
    articles = {article.article_id: article for article in summary.articles}
    flags: dict[str | None, list[Flag]] = {}
    for flag in summary.flags:
        flags.setdefault(flag.finding_id, []).append(flag)
    width = terminal_width()
    shown = [finding for finding in summary.findings if everything or finding.articles > 1]
    for finding in sorted(shown, key=lambda finding: (-finding.articles, finding.label, finding.finding_id)):
        click.echo(
            "\n".join(_lines(finding, summary.claims, articles, flags.get(finding.finding_id, ()), width)) + "\n"
        )
    loose = sorted(flags.get(None, ()), key=lambda flag: (-_GRAVITY[flag.severity], flag.rule, flag.flag_id))
    for flag in loose:
        click.echo("\n".join(wrapped(f"{flag.severity}: {flag.message} [{flag.rule}]", width)))
    statuses = Counter(finding.status for finding in summary.findings)
    severities = summary.severities
    click.echo(
        f"{len(summary.findings)} findings, {len(summary.findings) - statuses['single']} of several articles "
        f"({statuses['agree']} agree, {statuses['rounded']} rounded, {statuses['disagree']} disagree); {len(summary.flags)} flags "
        f"({', '.join(f'{severities.get(name, 0)} {name}s' for name in _GRAVITY)})"
    )


def _lines(
    finding: Finding, claims: dict[str, Claim], articles: dict[str, Article], flags: list[Flag] | tuple[()], width: int
) -> Iterator[str]:
    """One finding: who states what."""
    head = printable(f"{finding.finding_id}  {finding.label}")
    yield click.style(short(head, width - len(finding.status) - 3), bold=True) + f" ({finding.status})"
    verdicts: dict[str, set[str]] = {}
    for flag in flags:
        if flag.claim_ids:
            verdicts.setdefault(flag.claim_ids[0], set()).add(flag.rule)
    rows = [("source", "kind", "figures", "time", "n", "verdict")]
    for claim_id in finding.claim_ids:
        claim = claims[claim_id]
        article = articles[claim.article_id]
        rows.append(
            (
                short(article.publisher or article.title or article.path, 26),
                article.kind,
                short("; ".join(_figure(claim)) or "–", 44),
                short(claim.timepoint.text, 16) if claim.timepoint is not None else "",
                short(f"{claim.sample_size.value:g}")
                if claim.sample_size is not None and claim.sample_size.value
                else "",
                ", ".join(sorted(verdicts.get(claim_id, ()))),
            )
        )
    yield from ("  " + line for line in aligned(rows))
    for flag in flags:
        yield from wrapped(f"{flag.severity}: {flag.message}", width, "  ")


def _figure(claim: Claim) -> Iterator[str]:
    for value in claim.values:
        name = value.group_id or value.group
        yield f"{amount(value)}" + (f" ({short(name, 20)})" if name else "")
