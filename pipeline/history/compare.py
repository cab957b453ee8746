"""Compares two runs without reading all of either: an article whose lines are the same in both is looked at once and left out."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Set
from pathlib import Path
from typing import NamedTuple

import msgspec

from pipeline.history.changes import Earlier, RunDiff, Suppressed
from pipeline.history.diff import Unchanged, diff_runs
from pipeline.history.runs import earlier_of, results_of
from pipeline.model import Article, Claim, Finding, Flag, InputError, decode
from pipeline.run.results import (
    ARTICLES,
    CLAIMS,
    ERRORS,
    FINDINGS,
    FLAGS,
    Named,
    SharedLines,
    WholeResults,
    chosen_records,
    is_reconciled,
    numbered_lines,
    numbered_records,
    read_run,
)


class Compared(NamedTuple):
    """What is different between two runs."""

    diff: RunDiff
    articles: dict[str, Article]
    """Those that changes of articles and claims are about, by id; of two of one id that of the new run."""


class _Claimed(msgspec.Struct):
    claim_ids: list[str]


class _Identified(msgspec.Struct):
    finding_id: str


def compare(
    old: Path,
    new: Path,
    suppressed: Suppressed = lambda _flag: False,
    earlier: Earlier = Earlier(),  # noqa: B008 - frozen
    names: tuple[str, str] = ("old", "new"),
) -> Compared:
    """What :func:`pipeline.history.diff.diff_runs` says of the results in two folders.

    Raises UsageError, with file and line, where they are missing or of another version.
    """
    before, after, unchanged = read_changed(old, new)
    diff = diff_runs(before, after, suppressed, earlier, names, unchanged)
    return Compared(diff, {article.article_id: article for run in (before, after) for article in run.articles})


def compare_named(old: str, new: str, suppressed: Suppressed = lambda _flag: False) -> Compared:
    """The same for runs as a user names them, see :func:`pipeline.history.runs.results_of`."""
    with results_of(old) as before, results_of(new) as after:
        return compare(before, after, suppressed, earlier_of(old), names=(old, new))


def read_changed(old: Path, new: Path) -> tuple[WholeResults, WholeResults, Unchanged]:
    """The results in two folders, without what is the same in both: articles with their claims, and findings on these alone.

    Raises UsageError as :func:`pipeline.run.results.read_whole` does.
    """
    before, after = _digests(old), _digests(new)
    same = frozenset(article_id for article_id, digest in before.items() if after.get(article_id) == digest)
    del before, after
    claims = frozenset(_claim_ids(new, same))
    findings = _lines(old) & _lines(new) if is_reconciled(old) and is_reconciled(new) else frozenset()
    shared = SharedLines()
    left = Unchanged(same, claims)
    one, other = (_read(folder, left, findings, shared) for folder in (old, new))
    return one, other, left


def _digests(folder: Path) -> dict[str, bytes]:
    """Of the lines of each article and of its claims, by its id."""
    decoder = msgspec.json.Decoder(Named)
    found: dict[str, bytes] = defaultdict(bytes)
    for name in (ARTICLES, CLAIMS):
        for _, (article_id, line) in numbered_lines(
            folder / name, lambda line: (decoder.decode(line).article_id, line)
        ):
            found[article_id] = _digest(found[article_id] + line)
    return found


def _claim_ids(folder: Path, articles: Set[str]) -> Iterator[str]:
    """Of all claims of these articles."""
    decoder = msgspec.json.Decoder(Named)
    for _, line in numbered_lines(folder / CLAIMS, decoder.decode):
        if line.article_id in articles and line.claim_id is not None:
            yield line.claim_id


def _lines(folder: Path) -> Set[bytes]:
    """The digests of the lines of all findings, but for those whose id stands twice: which of these counts, all of them tell."""
    decoder = msgspec.json.Decoder(_Identified)
    found: dict[bytes, bytes | None] = {}
    for _, (finding_id, line) in numbered_lines(
        folder / FINDINGS, lambda line: (_digest(decoder.decode(line).finding_id.encode()), _digest(line))
    ):
        found[finding_id] = line if finding_id not in found else None
    return {line for line in found.values() if line is not None}


def _read(folder: Path, left: Unchanged, findings: Set[bytes], shared: SharedLines) -> WholeResults:
    """What is in ``folder`` but for what is ``left`` out: articles, claims, and those of the ``findings`` that have no other claims."""
    decoder = msgspec.json.Decoder(_Claimed)

    def finding(line: bytes) -> Finding | None:
        if _digest(line) in findings and left.claims.issuperset(decoder.decode(line).claim_ids):
            return None
        return decode(line, Finding)

    articles = chosen_records(folder / ARTICLES, Article, lambda line: line.article_id not in left.articles)
    claims: dict[str, list[Claim]] = defaultdict(list)
    for claim in chosen_records(folder / CLAIMS, Claim, lambda line: line.article_id not in left.articles):
        claims[claim.article_id].append(claim)
    reconciled = is_reconciled(folder)
    return WholeResults(
        articles=tuple(articles),
        claims={article_id: tuple(found) for article_id, found in claims.items()},
        findings=tuple(f for _, f in numbered_lines(folder / FINDINGS, finding) if f is not None) if reconciled else (),
        flags=tuple(f for _, f in numbered_lines(folder / FLAGS, lambda line: shared.decode(line, Flag)))
        if reconciled
        else (),
        errors=tuple(e for _, e in numbered_records(folder / ERRORS, InputError))
        if (folder / ERRORS).is_file()
        else (),
        reconciled=reconciled,
        run=read_run(folder),
    )


def _digest(line: bytes) -> bytes:
    return hashlib.blake2b(line.rstrip(), digest_size=16).digest()
