"""``claims reconcile``: adds findings and flags to the results of a run."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.model import Article, Claim, Finding, Flag, Record, Statement
from pipeline.reconcile.metadata import contradictions
from pipeline.reconcile.reconcile import Reconciled, reconcile
from pipeline.rules.ruleset import Ruleset
from pipeline.run.engine import DISTRIBUTION
from pipeline.run.results import ARTICLES, CLAIMS, FINDINGS, FLAGS, RUN, STATEMENTS, numbered_records, read_run
from pipeline.run.store import Store, open_store


class ReconcileSummary(Record, frozen=True, kw_only=True):
    """What was found, for the user and for ``run.json``."""

    articles: tuple[Article, ...]
    claims: dict[str, Claim]
    findings: tuple[Finding, ...]
    flags: tuple[Flag, ...]
    warnings: tuple[str, ...]
    """What a person should know of the results that were read: other versions, metadata that contradicts itself."""
    seconds: float

    @property
    def severities(self) -> dict[str, int]:
        """How many flags there are of each severity."""
        return dict(sorted(Counter(flag.severity for flag in self.flags).items()))


def reconcile_folder(folder: Path, rules: Ruleset) -> ReconcileSummary:
    """Reconciles the results in ``folder`` and writes the findings and flags beside them, both or neither.

    Raises UsageError, with file and line, where the results are missing, damaged or do not belong together; RunError where they cannot
    be written.
    """
    if not (folder / ARTICLES).is_file():
        raise UsageError(f"{folder / ARTICLES}: no such file; give the results folder of 'claims extract'")
    with open_store(folder, "claims reconcile") as store:
        summary = stage_findings(store, folder, rules)
        store.publish()
    return summary


def stage_findings(store: Store, folder: Path, rules: Ruleset) -> ReconcileSummary:
    """As :func:`reconcile_folder`, but leaves findings and flags staged in ``store``; ``folder`` has the results to read."""
    began = time.monotonic()
    articles, claims, statements = read_records(folder)
    record = read_run(folder) or None
    warnings = (
        *_other_versions(folder / RUN, record, rules),
        *_lost(folder, record, articles, claims, statements),
        *contradictions(articles),
    )
    done: Reconciled = reconcile(articles, claims, statements, rules)
    with store.writer(FINDINGS) as writer:
        for finding in done.findings:
            writer.write(finding)
    with store.writer(FLAGS) as writer:
        for flag in done.flags:
            writer.write(flag)
    summary = ReconcileSummary(
        articles=tuple(articles),
        claims={claim.claim_id: claim for found in claims.values() for claim in found},
        findings=done.findings,
        flags=done.flags,
        warnings=warnings,
        seconds=time.monotonic() - began,
    )
    if record is not None:
        store.write_json(RUN, {**record, "reconcile": _run_record(rules, summary)})
    return summary


def find_finding(folder: Path, finding_id: str) -> Finding | None:
    """The finding of this id among the results in ``folder``; None where there is none, or nothing has been reconciled yet."""
    if not (folder / FINDINGS).is_file():
        return None
    return next((f for _, f in numbered_records(folder / FINDINGS, Finding) if f.finding_id == finding_id), None)


def read_records(folder: Path) -> tuple[list[Article], dict[str, list[Claim]], dict[str, list[Statement]]]:
    """What reconciling needs of the results in ``folder``. Raises UsageError, with file and line, where that does not fit together."""
    articles = [article for _, article in numbered_records(folder / ARTICLES, Article)]
    known = {article.article_id: article.text for article in articles}
    if len(known) < len(articles):
        twice = next(name for name, count in Counter(a.article_id for a in articles).items() if count > 1)
        raise UsageError(f"{folder / ARTICLES}: the article {twice} stands there twice; run 'claims extract' again")
    claims: dict[str, list[Claim]] = defaultdict(list)
    seen: set[str] = set()
    for number, claim in numbered_records(folder / CLAIMS, Claim):
        _require(folder / CLAIMS, number, claim.article_id in known, "is of an article that is not there")
        stands = known[claim.article_id][max(claim.start, 0) : claim.end] == claim.quote
        _require(folder / CLAIMS, number, stands, "does not stand in its article where it says")
        _require(
            folder / CLAIMS, number, claim.claim_id not in seen, f"has the id of an earlier line, {claim.claim_id}"
        )
        seen.add(claim.claim_id)
        claims[claim.article_id].append(claim)
    statements: dict[str, list[Statement]] = defaultdict(list)
    for number, statement in numbered_records(folder / STATEMENTS, Statement):
        _require(folder / STATEMENTS, number, statement.article_id in known, "is of an article that is not there")
        stands = known[statement.article_id][max(statement.start, 0) : statement.end] == statement.quote
        _require(folder / STATEMENTS, number, stands, "does not stand in its article where it says")
        statements[statement.article_id].append(statement)
    return articles, claims, statements


def _require(path: Path, number: int, holds: bool, problem: str) -> None:
    if not holds:
        raise UsageError(f"{path}:{number}: {problem}; run 'claims extract' again to write it anew")


def _other_versions(path: Path, record: dict[str, Any] | None, rules: Ruleset) -> Iterator[str]:
    """What the results were made with, where it is not what they are compared with."""
    if record is None:
        yield f"{path}: cannot be read, so it is not known what made these results; 'claims extract' writes it"
        return
    own = version(DISTRIBUTION)
    if record.get("version") != own:
        yield (
            f"{path}: these claims were extracted by version {record.get('version') or 'unknown'}, this is {own}; "
            "run 'claims extract' again, or flags may be missing or wrong"
        )
    if record.get("rules_extract", rules.extraction_digest) != rules.extraction_digest:
        yield f"{path}: these claims were extracted with other rules; run 'claims extract' again to have what the rules say now"


def _lost(
    folder: Path,
    record: dict[str, Any] | None,
    articles: list[Article],
    claims: dict[str, list[Claim]],
    statements: dict[str, list[Statement]],
) -> Iterator[str]:
    """Which files hold fewer or more records than were written: one that is cut off at the end of a line reads as whole."""
    counts = (record or {}).get("counts")
    if not isinstance(counts, dict):
        return
    for name, number in (
        (ARTICLES, len(articles)),
        (CLAIMS, sum(map(len, claims.values()))),
        (STATEMENTS, sum(map(len, statements.values()))),
    ):
        written = counts.get(Path(name).stem, 0)  # what there is none of is not counted
        if written != number:
            yield (
                f"{folder / name}: holds {number} {Path(name).stem} where {written} were written; "
                "run 'claims extract' again, or findings and flags may be missing"
            )


def _run_record(rules: Ruleset, summary: ReconcileSummary) -> dict[str, Any]:
    def counted(kinds: Iterable[str]) -> dict[str, int]:
        return dict(sorted(Counter(kinds).items()))

    return {
        "rules": rules.digest,
        "findings": counted(finding.status for finding in summary.findings),
        "flags": counted(flag.rule for flag in summary.flags),
        "severities": summary.severities,
        "warnings": list(summary.warnings),
        "seconds": round(summary.seconds, 3),
    }
