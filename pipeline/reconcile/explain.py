"""Why claims are one finding: for each claim the one that it is most like, and what speaks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.model import Article, Claim, Finding, Record, Statement
from pipeline.reconcile.corpus import Told, whole_corpus
from pipeline.reconcile.likeness import Judge
from pipeline.rules.ruleset import Ruleset


class MatchReason(Record, frozen=True, kw_only=True):
    """What ties one claim of a finding to the others."""

    claim_id: str
    nearest: str | None
    """The claim of the finding that it is most like; None where it stands alone."""
    study: float
    """How much speaks for one study, and for one result of it; see the rule ``match-weights``."""
    result: float
    parts: dict[str, float]
    """Each piece of evidence with its weight, the weightiest first."""


def explain_finding(
    finding: Finding,
    articles: Sequence[Article],
    claims: Mapping[str, Sequence[Claim]],
    statements: Mapping[str, Sequence[Statement]],
    rules: Ruleset,
) -> list[MatchReason]:
    """A reason for each claim of ``finding``, in its order; claims that the run does not have are left out."""
    corpus = whole_corpus(articles, claims, statements, rules)
    judge = Judge(corpus)
    told = {one.claim.claim_id: one for one in corpus.told}
    members = [told[claim_id] for claim_id in finding.claim_ids if claim_id in told]
    return [_reason(judge, one, [other for other in members if other is not one]) for one in members]


def _reason(judge: Judge, one: Told, others: Sequence[Told]) -> MatchReason:
    compared = [(judge.compare(one, other), other) for other in others]
    best = max(compared, key=lambda pair: pair[0].score, default=None)
    if best is None:
        return MatchReason(claim_id=one.claim.claim_id, nearest=None, study=0.0, result=0.0, parts={})
    likeness, other = best
    ordered = sorted(likeness.parts.items(), key=lambda part: (-abs(part[1]), part[0]))
    return MatchReason(
        claim_id=one.claim.claim_id,
        nearest=other.claim.claim_id,
        study=round(likeness.study, 2),
        result=round(likeness.result, 2),
        parts={name: round(weight, 2) for name, weight in ordered},
    )
