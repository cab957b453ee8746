"""What ``claims reconcile`` prints: each finding as a table of who states what, and the flags."""

from __future__ import annotations

import heapq
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipeline.cli.common import printable
from pipeline.cli.tables import aligned, amount, counted, short, terminal_width, wrapped
from pipeline.history.changes import GRAVITY
from pipeline.report.words import source_name

if TYPE_CHECKING:
    from pipeline.decisions.standing import Standing
    from pipeline.model import Claim, Finding, Flag
    from pipeline.run.reconcile import ReconcileSummary

R = TypeVar("R", "Finding", "Flag")
_DONE = {"accept": "accepted", "dismiss": "dismissed", "snooze": "snoozed"}
_MOST_SHOWN = 200
"""Findings that are shown, those of most articles first, and flags of others, unless all are asked for."""
_MOST_ROWS = 12
"""Claims of a finding that are shown, flags of one, and other flags of one rule, unless all are asked for."""


class Ledger:
    """Prints a reconciled run; ``standings`` are what reviewers decided of flags, by id. With ``everything`` the flags that they keep
    away are printed too, and findings of a single article, and all rows of long tables."""

    def __init__(self, summary: ReconcileSummary, standings: Mapping[str, Standing], everything: bool) -> None:
        self._summary = summary
        self._standings = standings
        self._suppressed = {flag_id for flag_id, standing in standings.items() if standing.suppresses}
        self._everything = everything
        self._width = terminal_width()
        several = (finding for finding in summary.findings if everything or finding.articles > 1)
        self._shown = self._most(several, lambda finding: (-finding.articles, finding.label, finding.finding_id))
        listed = {finding.finding_id for finding in self._shown}
        self._claims = summary.claims_of(self._shown)
        self._articles = summary.articles_of(self._claims.values())
        self._flags: dict[str | None, list[Flag]] = {}
        for flag in sorted(self._open(lambda flag: flag.finding_id in listed), key=_gravest):
            self._flags.setdefault(flag.finding_id, []).append(flag)
        # A flag of a finding that is not shown is shown by itself.
        self._loose = self._most(self._few(self._open(lambda flag: flag.finding_id not in listed)), _gravest)

    def _most(self, records: Iterable[R], order: Callable[[R], Any]) -> list[R]:
        """The first of ``records`` in that order, or all of them."""
        return sorted(records, key=order) if self._everything else heapq.nsmallest(_MOST_SHOWN, records, key=order)

    def _few(self, flags: Iterable[Flag]) -> Iterable[Flag]:
        """The gravest of each rule, or all: a hundred copies of one text bury nothing else."""
        if self._everything:
            return flags
        of_rule: dict[str, list[Flag]] = {}
        for flag in flags:
            same = of_rule.setdefault(flag.rule, [])
            insort(same, flag, key=_gravest)
            del same[_MOST_ROWS:]
        return chain.from_iterable(of_rule.values())

    def _open(self, wanted: Callable[[Flag], bool]) -> Iterator[Flag]:
        """The flags that are printed, if they are ``wanted``."""
        flags = self._summary.flags
        return (f for f in flags if wanted(f) and (self._everything or f.flag_id not in self._suppressed))

    def show(self) -> None:
        """All of it, on standard output."""
        for finding in self._shown:
            click.echo("\n".join(self._finding(finding)) + "\n")
        for flag in self._loose:
            click.echo("\n".join(self._flag(flag, with_rule=True)))
        for line in self._left_out():
            click.echo(line)
        click.echo(self._total())

    def _left_out(self) -> Iterator[str]:
        """How much of what could be printed is not."""
        if self._everything:
            return
        several = sum(self._summary.statuses.values()) - self._summary.statuses.get("single", 0)
        if several > len(self._shown):
            yield f"and {several - len(self._shown)} more findings of several articles (--all shows them)"
        told = len(self._loose) + sum(map(len, self._flags.values()))
        left = sum(self._summary.rules.values()) - len(self._suppressed) - told
        if left > 0:
            yield f"and {left} more flags (--all shows them)"

    def _total(self) -> str:
        statuses, severities = Counter(self._summary.statuses), Counter(self._summary.severities)
        if not self._summary.claims and not severities:
            return "no claims, so there is nothing to compare"
        hidden = 0
        for flag in self._summary.flags if self._suppressed else ():
            if flag.flag_id in self._suppressed:
                severities[flag.severity] -= 1
                hidden += 1
        text = (
            f"{counted(statuses.total(), 'finding')}, {statuses.total() - statuses['single']} of several articles "
            f"({statuses['agree']} agree, {statuses['rounded']} rounded, {statuses['disagree']} disagree); "
            f"{counted(severities.total(), 'flag')} ({', '.join(counted(severities[name], name) for name in GRAVITY)})"
        )
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
        rows += [self._row(self._claims[claim_id], verdicts.get(claim_id, ())) for claim_id in chosen]
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


def _gravest(flag: Flag) -> tuple[int, str, str]:
    """The order in which flags are shown."""
    return -GRAVITY[flag.severity], flag.rule, flag.flag_id


def _decided(standing: Standing) -> str:
    """What a reviewer said of a flag."""
    by = f" by {standing.who}" if standing.who else ""
    until = f" until {standing.until}" if standing.until is not None else ""
    return f"{_DONE[standing.verdict]}{by}{until}"


def _figures(claim: Claim) -> Iterator[str]:
    for value in claim.values:
        name = value.group_id or value.group
        yield f"{amount(value)}" + (f" ({short(name, 20)})" if name else "")
