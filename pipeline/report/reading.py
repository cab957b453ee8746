"""Reads of a run what a report shows of it, and counts the rest, so that a report of millions of claims needs little memory."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from pipeline.errors import UsageError
from pipeline.model import Article, Claim, Finding, Flag, InputError, Record, Statement
from pipeline.run.results import (
    ARTICLES,
    CLAIMS,
    ERRORS,
    FINDINGS,
    FLAGS,
    STATEMENTS,
    chosen_records,
    numbered_records,
    read_run,
)

R = TypeVar("R", bound=Record)

MOST_QUIET = 500
"""Results without a problem that are shown: those of the most articles."""


class Shown(NamedTuple):
    """What is shown, by id where it has one, and how much there is in all."""

    articles: dict[str, Article]
    claims: dict[str, Claim]
    findings: tuple[Finding, ...]
    """Those that flags are about, and those of several articles, the ones of most articles first."""
    flags: tuple[Flag, ...]
    statements: tuple[Statement, ...]
    """Of the articles that flags are about."""
    errors: tuple[InputError, ...]
    counts: dict[str, int]
    """``articles``, ``claims``, ``findings``, and of these ``several``, the findings of several articles."""
    statuses: dict[str, int]


def _require_all(path: Path, number: int, name: str) -> None:
    """Raises UsageError where ``run.json`` counted more records: a file that is cut off at the end of a line reads as whole, and a report
    that says nothing is wrong would be believed."""
    made = read_run(path.parent).get("reconcile")
    counted = made.get(name) if isinstance(made, dict) else None
    if isinstance(counted, dict) and number < (written := sum(n for n in counted.values() if isinstance(n, int))):
        raise UsageError(f"{path}: holds {number} {name} where {written} were written; run 'claims reconcile' again")


def read_shown(folder: Path, also: Collection[str] = ()) -> Shown:
    """What a report on the results in ``folder`` shows; ``also`` are ids of more articles that are needed.

    Raises UsageError, with file and line, where results are missing, damaged or do not belong together.
    """
    if not (folder / FLAGS).is_file() or not (folder / FINDINGS).is_file():
        raise UsageError(f"{folder}: nothing has been reconciled here; run 'claims reconcile {folder}' first")
    flags = tuple(flag for _, flag in numbered_records(folder / FLAGS, Flag))
    _require_all(folder / FLAGS, len(flags), "flags")
    findings, counts, statuses = _findings(folder, {flag.finding_id for flag in flags})
    _require_all(folder / FINDINGS, counts["findings"], "findings")
    told = [claim_id for finding in findings for claim_id in finding.claim_ids]
    wanted = set(told).union(*(flag.claim_ids for flag in flags))
    claims: dict[str, Claim] = {}
    for claim in chosen_records(folder / CLAIMS, Claim, lambda line: line.claim_id in wanted, counts):
        claims[claim.claim_id] = claim
    flagged = {place.article_id for flag in flags for place in flag.places}
    needed = flagged | set(also) | {claim.article_id for claim in claims.values()}
    articles: dict[str, Article] = {}
    for article in chosen_records(folder / ARTICLES, Article, lambda line: line.article_id in needed, counts):
        articles[article.article_id] = article
    for claim_id in told:
        if claim_id not in claims or claims[claim_id].article_id not in articles:
            raise UsageError(
                f"{folder / FINDINGS}: a finding has a claim that is not there, {claim_id}; run 'claims reconcile' again"
            )
    return Shown(
        articles=articles,
        claims=claims,
        findings=findings,
        flags=flags,
        statements=tuple(chosen_records(folder / STATEMENTS, Statement, lambda line: line.article_id in flagged))
        if (folder / STATEMENTS).is_file()
        else (),
        errors=tuple(_optional(folder / ERRORS, InputError)),
        counts=dict(counts),
        statuses=statuses,
    )


def _findings(folder: Path, about: set[str | None]) -> tuple[tuple[Finding, ...], Counter[str], dict[str, int]]:
    counts: Counter[str] = Counter(articles=0, claims=0, findings=0, several=0)
    statuses: Counter[str] = Counter()
    shown: list[Finding] = []
    quiet: list[Finding] = []
    for _, finding in numbered_records(folder / FINDINGS, Finding):
        counts["findings"] += 1
        counts["several"] += finding.articles > 1
        statuses[finding.status] += 1
        if finding.finding_id in about:
            shown.append(finding)
        elif finding.articles > 1:
            quiet.append(finding)
    shown += heapq.nsmallest(MOST_QUIET, quiet, key=_order)
    return tuple(sorted(shown, key=_order)), counts, dict(sorted(statuses.items()))


def _order(finding: Finding) -> tuple[int, str, str]:
    return -finding.articles, finding.label, finding.finding_id


def _optional(path: Path, kind: type[R]) -> Iterator[R]:
    return (record for _, record in numbered_records(path, kind)) if path.is_file() else iter(())
