"""``claims rules preview``: what changed rules would make of a run, without touching it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pipeline.claims.draft import ClaimDraft, identified
from pipeline.config import Limits
from pipeline.errors import ClaimsError, UsageError
from pipeline.language.choice import ModelChoice
from pipeline.model import Article, Claim, Finding, Flag, Record, Reference, Statement
from pipeline.reconcile.reconcile import reconcile
from pipeline.rules.ruleset import Ruleset
from pipeline.run.engine import engine_digest, library_versions
from pipeline.run.executor import Failure, executor
from pipeline.run.reconcile import read_records
from pipeline.run.results import FINDINGS, FLAGS, RUN, numbered_records, read_run

_TOLD = ("rule", "severity", "message", "claim_ids", "values_hash")
"""What of a flag is a change to a reviewer; the rest follows from what other articles say."""
R = TypeVar("R", Claim, Flag)


class Change(Record, frozen=True, kw_only=True):
    """A claim or flag that is there before and after, and not the same."""

    before: Claim | Flag
    after: Claim | Flag
    fields: tuple[str, ...]
    """In which it differs."""


class Difference(Record, frozen=True, kw_only=True):
    """What changed rules would make of the claims, or the flags, of a run; each in the order of the run's files."""

    before: int
    after: int
    added: tuple[Claim | Flag, ...]
    lost: tuple[Claim | Flag, ...]
    changed: tuple[Change, ...]


class Preview(Record, frozen=True, kw_only=True):
    """The whole difference. ``notes`` tell what else may be behind it, or is not in it."""

    extracted: bool
    """Whether claims were extracted anew, which they are only where rules of extraction changed."""
    claims: Difference
    flags: Difference
    findings_before: dict[str, int]
    """How many findings there are of each status."""
    findings_after: dict[str, int]
    notes: tuple[str, ...]


class TextTask(Record, frozen=True, kw_only=True):
    """The cleaned text of one article."""

    article_id: str
    text: str
    references: tuple[Reference, ...]


class _Told(Record, frozen=True, kw_only=True):
    """What a worker sends back."""

    drafts: tuple[ClaimDraft, ...] = ()
    statements: tuple[Statement, ...] = ()
    problem: str | None = None


class TextJob:
    """Extracts the claims of cleaned texts. Picklable before ``start``; the rules come as a file, as they do for a run."""

    def __init__(self, rules_file: Path, model: str | None) -> None:
        self._rules_file = rules_file
        self._model = model

    def start(self) -> None:
        from pipeline.claims.analyze import Analyzer

        self._analyzer = Analyzer(Ruleset.restore(self._rules_file.read_bytes()), self._model)

    def run(self, task: TextTask) -> bytes:
        try:
            analysis = self._analyzer.analyze(task.text, task.references)
            return msgspec.msgpack.encode(_Told(drafts=analysis.drafts, statements=analysis.statements))
        except (MemoryError, ClaimsError):
            raise
        except Exception as error:  # a fault of ours on one odd text must cost that text only
            if os.environ.get("CLAIMS_DEBUG"):
                raise
            return msgspec.msgpack.encode(_Told(problem=f"could not be analysed ({type(error).__name__})"))


def preview(
    folder: Path,
    rules: Ruleset,
    *,
    workers: int = 0,
    model: ModelChoice | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Preview:
    """What ``rules`` would add to, take from and change in the claims and flags of the run in ``folder``.

    The cleaned texts are those of the run. ``progress`` is called with the number of articles done and of all, where claims are
    extracted anew. Raises UsageError where the run is not whole or not reconciled.
    """
    articles, claims, statements = read_records(folder)
    flags = [flag for _, flag in numbered_records(folder / FLAGS, Flag)]
    findings = [finding for _, finding in numbered_records(folder / FINDINGS, Finding)]
    record = read_run(folder)
    if not record:
        raise UsageError(f"{folder / RUN}: cannot be read; give the results folder of 'claims extract'")
    notes = list(_notes(folder, record, model))
    known = record.get("rules_extract")
    extracted = known != rules.extraction_digest
    new_claims: Mapping[str, Sequence[Claim]] = claims
    new_statements: Mapping[str, Sequence[Statement]] = statements
    if extracted:
        found = _extract(articles, rules, workers, model, progress, notes)
        new_claims = {**claims, **{article_id: told[0] for article_id, told in found.items()}}
        new_statements = {**statements, **{article_id: told[1] for article_id, told in found.items()}}
    done = reconcile(articles, new_claims, new_statements, rules)
    return Preview(
        extracted=extracted,
        claims=_difference(
            [claim for article in articles for claim in claims.get(article.article_id, ())],
            [claim for article in articles for claim in new_claims.get(article.article_id, ())],
            lambda claim: claim.claim_id,
            tuple(name for name in Claim.__struct_fields__ if name not in ("claim_id", "article_id")),
        ),
        flags=_difference(flags, done.flags, lambda flag: flag.flag_id, _TOLD),
        findings_before=_statuses(findings),
        findings_after=_statuses(done.findings),
        notes=tuple(notes),
    )


def _extract(
    articles: Sequence[Article],
    rules: Ruleset,
    workers: int,
    model: ModelChoice | None,
    progress: Callable[[int, int], None],
    notes: list[str],
) -> dict[str, tuple[list[Claim], list[Statement]]]:
    """The claims and statements of each article, extracted from its cleaned text."""
    found: dict[str, tuple[list[Claim], list[Statement]]] = {}
    tasks = [TextTask(article_id=a.article_id, text=a.text, references=a.references) for a in articles]
    limits = Limits()
    decoder = msgspec.msgpack.Decoder(_Told)
    with tempfile.TemporaryDirectory(prefix="claims-preview-") as scratch:
        file = Path(scratch) / "rules.json"
        file.write_bytes(rules.extracting.dump())
        job = TextJob(file, model.name if model is not None else None)
        run = executor(min(workers, len(tasks)), limits.article_seconds, limits.worker_bytes)
        with contextlib.closing(run(job, tasks)) as results:
            for number, finished in enumerate(results, 1):
                article_id = finished.task.article_id
                told = (
                    _Told(problem=finished.result.reason)
                    if isinstance(finished.result, Failure)
                    else decoder.decode(finished.result)
                )
                if told.problem is not None:
                    notes.append(
                        f"{article_id}: {told.problem.removesuffix('; left out')}; its claims are taken as they were"
                    )
                else:
                    found[article_id] = (
                        identified(article_id, told.drafts),
                        [msgspec.structs.replace(statement, article_id=article_id) for statement in told.statements],
                    )
                progress(number, len(tasks))
    return found


def _difference(before: Iterable[R], after: Iterable[R], key: Callable[[R], str], fields: Sequence[str]) -> Difference:
    old = {key(record): record for record in before}
    new = {key(record): record for record in after}
    changed = []
    for name, record in old.items():
        if name in new:
            differing = tuple(f for f in fields if getattr(record, f) != getattr(new[name], f))
            if differing:
                changed.append(Change(before=record, after=new[name], fields=differing))
    return Difference(
        before=len(old),
        after=len(new),
        added=tuple(record for name, record in new.items() if name not in old),
        lost=tuple(record for name, record in old.items() if name not in new),
        changed=tuple(changed),
    )


def _statuses(findings: Iterable[Finding]) -> dict[str, int]:
    return dict(sorted(Counter(finding.status for finding in findings).items()))


def _notes(folder: Path, record: Mapping[str, Any], model: ModelChoice | None) -> Iterable[str]:
    """What else than the rules may be behind a difference."""
    if record.get("engine") != engine_digest(library_versions()):
        yield f"{folder}: was made by another version of the program, so that not all of the difference need be the rules'"
    if record.get("model") != (model.identity if model is not None else None):
        yield f"{folder}: was made with another language model; name the same one with --model to see what the rules do"
