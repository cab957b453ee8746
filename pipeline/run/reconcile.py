"""``claims reconcile``: adds findings and flags to the results of a run."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import UsageError
from pipeline.model import Article, Claim, Finding, Flag, Record, Statement
from pipeline.reconcile.metadata import Described, contradictions
from pipeline.reconcile.reconcile import reconcile
from pipeline.rules.ruleset import Ruleset
from pipeline.run.compared import Compared, made_of, note, taken_over
from pipeline.run.engine import DISTRIBUTION
from pipeline.run.results import (
    ARTICLES,
    CLAIMS,
    FINDINGS,
    FLAGS,
    RUN,
    STATEMENTS,
    Tally,
    bad_line,
    chosen_records,
    numbered_records,
    read_run,
)
from pipeline.run.store import Store, open_store

R = TypeVar("R", bound=Record)
_BLOCK = 2**20


class Stored(Iterable[R]):
    """The records of a result file, one in memory at a time, each time they are asked for."""

    def __init__(self, path: Path, kind: type[R]) -> None:
        self._path = path
        self._kind = kind

    def __iter__(self) -> Iterator[R]:
        return (record for _, record in numbered_records(self._path, self._kind))


@dataclass(frozen=True, kw_only=True)
class ReconcileSummary:
    """What was found, for the user and for ``run.json``. The records are read from the files that were written."""

    folder: Path
    articles: int
    claims: int
    statuses: Mapping[str, int]
    """How many findings there are of each status."""
    rules: Mapping[str, int]
    """How many flags there are of each rule."""
    severities: Mapping[str, int]
    """How many flags there are of each severity."""
    unchanged: bool
    """Whether nothing was compared anew, since nothing has changed of what findings and flags are made of."""
    warnings: tuple[str, ...]
    """What a person should know of the results that were read: other versions, metadata that contradicts itself."""
    seconds: float

    @property
    def findings(self) -> Iterable[Finding]:
        """All of them, sorted by id."""
        return Stored(self.folder / FINDINGS, Finding)

    @property
    def flags(self) -> Iterable[Flag]:
        """All of them, sorted by id."""
        return Stored(self.folder / FLAGS, Flag)

    def claims_of(self, findings: Iterable[Finding]) -> dict[str, Claim]:
        """The claims of ``findings``, by id."""
        wanted = {claim_id for finding in findings for claim_id in finding.claim_ids}
        claims = chosen_records(self.folder / CLAIMS, Claim, lambda line: line.claim_id in wanted)
        return {claim.claim_id: claim for claim in claims}

    def articles_of(self, claims: Iterable[Claim]) -> dict[str, Article]:
        """The articles of ``claims``, by id."""
        wanted = {claim.article_id for claim in claims}
        articles = chosen_records(self.folder / ARTICLES, Article, lambda line: line.article_id in wanted)
        return {article.article_id: article for article in articles}


def reconcile_folder(folder: Path, rules: Ruleset, workers: int = 0) -> ReconcileSummary:
    """Reconciles the results in ``folder`` and writes the findings and flags beside them, both or neither. Very many articles are shared
    out among ``workers`` processes; 0 for none.

    Raises UsageError, with file and line, where the results are missing, damaged or do not belong together; RunError where they cannot
    be written.
    """
    if not (folder / ARTICLES).is_file():
        raise UsageError(f"{folder / ARTICLES}: no such file; give the results folder of 'claims extract'")
    with open_store(folder, "claims reconcile") as store:
        summary = stage_findings(store, folder, rules, workers)
        store.publish()
    return summary


def stage_findings(store: Store, folder: Path, rules: Ruleset, workers: int = 0) -> ReconcileSummary:
    """As :func:`reconcile_folder`, but leaves findings and flags staged in ``store``; ``folder`` has the results to read."""
    began = time.monotonic()
    record = read_run(folder) or None
    made = made_of(folder, rules)
    earlier = taken_over(store, made) if made is not None else None
    compared = earlier if earlier is not None else _compared(store, folder, rules, workers)
    if made is not None and earlier is None:
        note(store, made, compared)
    summary = ReconcileSummary(
        folder=folder,
        articles=compared.counts[ARTICLES],
        claims=compared.counts[CLAIMS],
        statuses=compared.statuses,
        rules=compared.rules,
        severities=compared.severities,
        unchanged=earlier is not None,
        warnings=(
            *_other_versions(folder / RUN, record, rules),
            *_lost(folder, record, compared.counts),
            *compared.contradictions,
        ),
        seconds=time.monotonic() - began,
    )
    if record is not None:
        store.write_json(RUN, {**record, "reconcile": _run_record(rules, summary)})
    return summary


def _compared(store: Store, folder: Path, rules: Ruleset, workers: int) -> Compared:
    """Compares the articles in ``folder``, and stages findings and flags."""
    most = int(rules.params("parts").get("whole", 800))
    several = most < _lines(folder / ARTICLES, most)
    heads, counts, tally = _in_parts(store, folder, rules, workers) if several else _as_one(store, folder, rules)
    return Compared(
        counts=counts,
        statuses=dict(sorted(tally.statuses.items())),
        rules=dict(sorted(tally.rules.items())),
        severities=dict(sorted(tally.severities.items())),
        contradictions=tuple(contradictions(heads)),
    )


def _lines(path: Path, enough: int) -> int:
    """How many lines a file has, or more than ``enough``. A file that cannot be read has none: who reads it says why."""
    found = 0
    try:
        with path.open("rb") as file:
            while found <= enough and (block := file.read(_BLOCK)):
                found += block.count(b"\n")
    except OSError:
        return 0
    return found


def _as_one(store: Store, folder: Path, rules: Ruleset) -> tuple[Sequence[Described], dict[str, int], Tally]:
    """Reconciles all articles at once."""
    articles, claims, statements = read_records(folder)
    done = reconcile(articles, claims, statements, rules)
    for name, records in ((FINDINGS, done.findings), (FLAGS, done.flags)):
        with store.writer(name) as writer:
            writer.write_all(records)
    counts = {
        ARTICLES: len(articles),
        CLAIMS: sum(map(len, claims.values())),
        STATEMENTS: sum(map(len, statements.values())),
    }
    tally = Tally(
        Counter(finding.status for finding in done.findings),
        Counter(flag.rule for flag in done.flags),
        Counter(flag.severity for flag in done.flags),
    )
    return articles, counts, tally


def _in_parts(
    store: Store, folder: Path, rules: Ruleset, workers: int
) -> tuple[Sequence[Described], dict[str, int], Tally]:
    """Reconciles what is too much to be held against each other at once."""
    from pipeline.run.parts import parts

    with (
        parts(folder, store.work, rules, workers) as run,
        store.lines(FINDINGS) as findings,
        store.lines(FLAGS) as flags,
    ):
        tally = run.reconcile(findings, flags)
        return run.articles, run.counts, tally


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
        raise bad_line(path, number, problem)


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


def _lost(folder: Path, record: dict[str, Any] | None, found: Mapping[str, int]) -> Iterator[str]:
    """Which files hold fewer or more records than were written: one that is cut off at the end of a line reads as whole."""
    counts = (record or {}).get("counts")
    if not isinstance(counts, dict):
        return
    for name, number in found.items():
        written = counts.get(Path(name).stem, 0)  # what there is none of is not counted
        if written != number:
            yield (
                f"{folder / name}: holds {number} {Path(name).stem} where {written} were written; "
                "run 'claims extract' again, or findings and flags may be missing"
            )


def _run_record(rules: Ruleset, summary: ReconcileSummary) -> dict[str, Any]:
    return {
        "rules": rules.digest,
        "findings": summary.statuses,
        "flags": summary.rules,
        "severities": summary.severities,
        "unchanged": summary.unchanged,
        "warnings": list(summary.warnings),
        "seconds": round(summary.seconds, 3),
    }
