"""Why claims are one finding: for each claim, and each group of claims that was joined as a whole, what it is most like and what speaks
for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.model import Article, Claim, Finding, Record, Statement
from pipeline.reconcile.corpus import Told, whole_corpus
from pipeline.reconcile.likeness import Judge
from pipeline.reconcile.reconcile import grouped
from pipeline.reconcile.story_groups import StoryGroups
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


class JoinReason(Record, frozen=True, kw_only=True):
    """What ties claims of a finding that were put together before to others of it, as articles of one story tell them; see the rule
    ``match-groups``."""

    claim_ids: tuple[str, ...]
    nearest: tuple[str, ...]
    """The claims of the finding, put together before, that they are most like."""
    score: float
    """All evidence."""
    parts: dict[str, float]
    """Each piece of evidence as it is weighed, the weightiest first."""


class FindingReasons(Record, frozen=True, kw_only=True):
    """Why claims are one finding."""

    claims: tuple[MatchReason, ...]
    """One for each claim, in the order of the finding."""
    groups: tuple[JoinReason, ...]
    """One for each group of claims, where several were joined as wholes."""


def explain_finding(
    finding: Finding,
    articles: Sequence[Article],
    claims: Mapping[str, Sequence[Claim]],
    statements: Mapping[str, Sequence[Statement]],
    rules: Ruleset,
) -> FindingReasons:
    """What speaks for ``finding``; claims that the run does not have are left out."""
    corpus = whole_corpus(articles, claims, statements, rules)
    found = grouped(corpus)
    told = {one.claim.claim_id: one for one in corpus.told}
    members = [told[claim_id] for claim_id in finding.claim_ids if claim_id in told]
    own = set(members)
    return FindingReasons(
        claims=tuple(_reason(found.judge, one, [other for other in members if other is not one]) for one in members),
        groups=tuple(_joins(found.joiner, [group for group in found.groups if not own.isdisjoint(group)], rules)),
    )


def _joins(joiner: StoryGroups, groups: Sequence[Sequence[Told]], rules: Ruleset) -> Iterator[JoinReason]:
    """Of each group the one that it is most like, where it is like any."""
    weights = rules.params("match-groups").get("weights", {})
    compared = [(joiner.score(evidence), pair, evidence) for pair, evidence in joiner.compared(groups)]
    ids = [tuple(one.claim.claim_id for one in group) for group in groups]
    for at in range(len(groups)):
        near = [found for found in compared if at in found[1]]
        if near:
            score, pair, evidence = max(near, key=lambda found: found[0])
            parts = {name: float(weights.get(name, 0.0)) * amount for name, amount in evidence.parts.items()}
            yield JoinReason(
                claim_ids=ids[at],
                nearest=ids[pair[0] if pair[1] == at else pair[1]],
                score=round(score, 2),
                parts=_weightiest({name: weight for name, weight in parts.items() if weight}),
            )


def _reason(judge: Judge, one: Told, others: Sequence[Told]) -> MatchReason:
    compared = [(judge.compare(one, other), other) for other in others]
    best = max(compared, key=lambda pair: pair[0].score, default=None)
    if best is None:
        return MatchReason(claim_id=one.claim.claim_id, nearest=None, study=0.0, result=0.0, parts={})
    likeness, other = best
    return MatchReason(
        claim_id=one.claim.claim_id,
        nearest=other.claim.claim_id,
        study=round(likeness.study, 2),
        result=round(likeness.result, 2),
        parts=_weightiest(likeness.parts),
    )


def _weightiest(parts: Mapping[str, float]) -> dict[str, float]:
    ordered = sorted(parts.items(), key=lambda part: (-abs(part[1]), part[0]))
    return {name: round(weight, 2) for name, weight in ordered}
