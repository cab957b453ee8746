"""What became of the findings of one run in another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pipeline.history.changes import FindingChange, FindingKind
from pipeline.model import Finding

_FINDINGS: tuple[FindingKind, ...] = ("status", "joined", "split", "new", "grown", "shrunk", "gone")
"""The order in which changes are told."""


def finding_changes(old: Iterable[Finding], new: Iterable[Finding], now: Mapping[str, str]) -> list[FindingChange]:
    """Findings are followed by their claims, so that one whose id or label alone is another has not changed."""
    old, new = _without_same(list(old), list(new), now)
    after = {claim_id: finding for finding in new for claim_id in finding.claim_ids}
    came: dict[str, Counter[str]] = defaultdict(Counter)
    """For each new finding, how many of its claims each old one had."""
    went: dict[str, Counter[str]] = defaultdict(Counter)
    by_id = {finding.finding_id: finding for finding in new}
    was = {finding.finding_id: finding for finding in old}
    kept: set[str] = set()
    """Claims of the new run that some old finding had."""
    for finding in old:
        for claim_id in finding.claim_ids:
            claim_now = now.get(claim_id)
            target = after.get(claim_now) if claim_now is not None else None
            if claim_now is not None and target is not None:
                came[target.finding_id][finding.finding_id] += 1
                went[finding.finding_id][target.finding_id] += 1
                kept.add(claim_now)
    changes: list[FindingChange] = []
    for finding in new:
        sources = came.get(finding.finding_id)
        if sources is None:
            changes.append(_finding_change("new", finding, (), (finding,), finding.claim_ids))
            continue
        before = [was[finding_id] for finding_id in sorted(sources)]
        fresh = tuple(claim_id for claim_id in finding.claim_ids if claim_id not in kept)
        if len(before) > 1:
            changes.append(_finding_change("joined", finding, before, (finding,), finding.claim_ids))
        elif fresh:
            changes.append(_finding_change("grown", finding, before, (finding,), fresh))
        if len(before) == 1 and len(went[before[0].finding_id]) == 1 and before[0].status != finding.status:
            changes.append(_finding_change("status", finding, before, (finding,), finding.claim_ids))
    for finding in old:
        targets = went.get(finding.finding_id)
        if targets is None:
            changes.append(_finding_change("gone", finding, (finding,), (), finding.claim_ids))
            continue
        parts = [by_id[finding_id] for finding_id in sorted(targets)]
        main = max(parts, key=lambda part: targets[part.finding_id])
        lost = tuple(claim_id for claim_id in finding.claim_ids if now.get(claim_id) not in after)
        if len(parts) > 1:
            changes.append(_finding_change("split", main, (finding,), parts, finding.claim_ids))
        elif lost:
            changes.append(_finding_change("shrunk", main, (finding,), (main,), lost))
    return sorted(changes, key=lambda change: (_FINDINGS.index(change.kind), change.label, change.finding_id))


def _without_same(
    old: Sequence[Finding], new: Sequence[Finding], now: Mapping[str, str]
) -> tuple[list[Finding], list[Finding]]:
    """The findings but for those that are the same, with the same claims: none of their claims is in another, before or after."""
    before = {finding.finding_id: finding for finding in old}
    same = {
        finding.finding_id
        for finding in new
        if before.get(finding.finding_id) == finding and all(now.get(name) == name for name in finding.claim_ids)
    }
    left_old, left_new = ([one for one in side if one.finding_id not in same] for side in (old, new))
    return left_old, left_new


def _finding_change(
    kind: FindingKind, finding: Finding, old: Sequence[Finding], new: Sequence[Finding], claim_ids: tuple[str, ...]
) -> FindingChange:
    return FindingChange(
        kind=kind,
        finding_id=finding.finding_id,
        label=finding.label,
        old_ids=tuple(one.finding_id for one in old),
        new_ids=tuple(one.finding_id for one in new),
        old_status=old[0].status if len(old) == 1 else None,
        new_status=new[0].status if len(new) == 1 else None,
        claim_ids=claim_ids,
    )
