"""What ``claims reconcile`` prints: each finding as a table of who states what, and the flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from pipeline.cli.common import printable
from pipeline.cli.tables import aligned, amount, counted, short, terminal_width, wrapped
from pipeline.history.changes import GRAVITY
from pipeline.report.words import source_name

if TYPE_CHECKING:
    from pipeline.decisions.standing import Standing
    from pipeline.model import Claim, Finding, Flag
    from pipeline.run.reconcile import ReconcileSummary

_DONE = {"accept": "accepted", "dismiss": "dismissed", "snooze": "snoozed"}
_MOST_ROWS = 12
"""Claims of a finding that are shown, and flags of one, unless all are asked for."""


class Ledger:
    """Prints a reconciled run; ``standings`` are what reviewers decided of flags, by id. With ``everything`` the flags that they keep
    away are printed too, and findings of a single article, and all rows of long tables."""

    def __init__(self, summary: ReconcileSummary, standings: Mapping[str, Standing], everything: bool) -> None:
        self._summary = summary
        self._standings = standings
        self._suppressed = {flag_id for flag_id, standing in standings.items() if standing.suppresses}
        self._everything = everything
        self._articles = {article.article_id: article for article in summary.articles}
        self._flags: dict[str | None, list[Flag]] = {}
        for flag in sorted(summary.flags, key=lambda flag: (-GRAVITY[flag.severity], flag.rule, flag.flag_id)):
            if everything or flag.flag_id not in self._suppressed:
                self._flags.setdefault(flag.finding_id, []).append(flag)
        self._width = terminal_width()

    def show(self) -> None:
        """All of it, on standard output."""
        shown = [finding for finding in self._summary.findings if self._everything or finding.articles > 1]
        listed = {finding.finding_id for finding in shown}
        for finding in sorted(shown, key=lambda finding: (-finding.articles, finding.label, finding.finding_id)):
            click.echo("\n".join(self._finding(finding)) + "\n")
        # A flag of a finding that is not shown is shown by itself.
        loose = [flag for finding_id, flags in self._flags.items() if finding_id not in listed for flag in flags]
        for flag in sorted(loose, key=lambda flag: (-GRAVITY[flag.severity], flag.rule, flag.flag_id)):
            click.echo("\n".join(self._flag(flag, with_rule=True)))
        click.echo(self._total())

    def _total(self) -> str:
        findings, flags = self._summary.findings, self._summary.flags
        if not self._summary.claims and not flags:
            return "no claims, so there is nothing to compare"
        statuses = Counter(finding.status for finding in findings)
        severities = Counter(flag.severity for flag in flags if flag.flag_id not in self._suppressed)
        text = (
            f"{counted(len(findings), 'finding')}, {len(findings) - statuses['single']} of several articles "
            f"({statuses['agree']} agree, {statuses['rounded']} rounded, {statuses['disagree']} disagree); "
            f"{counted(severities.total(), 'flag')} ({', '.join(counted(severities[name], name) for name in GRAVITY)})"
        )
        hidden = len(flags) - severities.total()
        if hidden and not self._everything:
            return f"{text}, {hidden} more suppressed by decisions (--all shows them)"
        return f"{text}, {hidden} more suppressed by decisions" if hidden else text

    def _finding(self, finding: Finding) -> Iterator[str]:
        """One finding: who states what."""
        flags = self._flags.get(finding.finding_id, [])
        head = printable(f"{finding.finding_id}  {finding.label}")
        note: str = finding.status
        if finding.articles > 1 and finding.witnesses < finding.articles:
            note += f", {finding.articles} articles but {counted(finding.witnesses, 'witness', 'witnesses')}"
        yield click.style(short(head, max(self._width - len(note) - 3, 30)), bold=True) + f" ({note})"
        verdicts: dict[str, set[str]] = {}
        for flag in flags:
            if flag.claim_ids:
                verdicts.setdefault(flag.claim_ids[0], set()).add(flag.rule)
        chosen = self._chosen(finding.claim_ids, verdicts)
        rows: list[tuple[str, ...]] = [("source", "kind", "figures", "time", "n", "verdict")]
        rows += [self._row(self._summary.claims[claim_id], verdicts.get(claim_id, ())) for claim_id in chosen]
        yield from ("  " + line for line in aligned(rows))
        if len(chosen) < len(finding.claim_ids):
            yield f"  and {len(finding.claim_ids) - len(chosen)} more (--all shows them)"
        most = len(flags) if self._everything else _MOST_ROWS
        for flag in flags[:most]:
            yield from self._flag(flag, "  ")
        if len(flags) > most:
            yield f"  and {len(flags) - most} more flags (--all shows them)"

    def _chosen(self, claim_ids: Sequence[str], verdicts: Mapping[str, object]) -> list[str]:
        """The claims that are shown, in order: of many the best, and those that a flag is about before others."""
        if self._everything or len(claim_ids) <= _MOST_ROWS:
            return list(claim_ids)
        ranked = sorted(range(len(claim_ids)), key=lambda at: (at > 0 and claim_ids[at] not in verdicts, at))
        return [claim_ids[at] for at in sorted(ranked[:_MOST_ROWS])]

    def _row(self, claim: Claim, rules: Sequence[str] | set[str]) -> tuple[str, ...]:
        article = self._articles[claim.article_id]
        size = claim.sample_size.value if claim.sample_size is not None else None
        return (
            short(source_name(article), 26),
            article.kind,
            short("; ".join(_figures(claim)) or "–", 44),
            short(claim.timepoint.text, 16) if claim.timepoint is not None else "",
            short(f"{size:g}") if size is not None else "",
            ", ".join(sorted(rules)),
        )

    def _flag(self, flag: Flag, indent: str = "", *, with_rule: bool = False) -> Iterator[str]:
        name = f"{flag.rule} {flag.flag_id}" if with_rule else flag.flag_id
        standing = self._standings.get(flag.flag_id)
        head = flag.severity if standing is None else f"{flag.severity}, {_decided(standing)}"
        yield from wrapped(f"{head}: {flag.message} [{name}]", self._width, indent)


def _decided(standing: Standing) -> str:
    """What a reviewer said of a flag."""
    by = f" by {standing.who}" if standing.who else ""
    until = f" until {standing.until}" if standing.until is not None else ""
    return f"{_DONE[standing.verdict]}{by}{until}"


def _figures(claim: Claim) -> Iterator[str]:
    for value in claim.values:
        name = value.group_id or value.group
        yield f"{amount(value)}" + (f" ({short(name, 20)})" if name else "")
