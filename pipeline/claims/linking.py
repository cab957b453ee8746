"""Whose a figure is, and what it measures: rules where words leave no doubt, else what the language model points to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.claims.evidence import Evidence, FigureEvidence, Passage, around
from pipeline.claims.groups import GroupMention, mention_at

_RIVAL = 0.5
"""How sure the model has to be of another group than the one that its clause begins with."""
RULE, MODEL, CLAUSE = "rule", "model", "clause"


class Linked(NamedTuple):
    """What one figure belongs to."""

    evidence: FigureEvidence
    group: GroupMention | None
    group_by: str | None
    """``rule``, ``model`` or ``clause``: what found the group."""
    group_score: float
    """The model's probability of the group, or that there is none; 1 without a model."""
    outcome: Passage | None
    outcome_score: float


def link(
    evidence: Evidence,
    sentence: tuple[int, int],
    figure: tuple[int, int],
    groups: Sequence[GroupMention],
    certain: tuple[int, int] | None,
    clause: tuple[int, int] | None = None,
    sure: float = 1.0,
) -> Linked:
    """Links the figure at ``figure``; ``certain`` are the words that a rule found for its group.

    ``clause`` is the beginning of its clause, up to the first figure: if that names one group, it is the group of all its figures; the
    model must be ``sure`` that a figure has no group to be believed against it.
    """
    said = evidence.figure(*figure, sentence)
    # No group's name reaches into the figure that is told of it.
    groups = [
        g
        for g in groups
        if not g.start < figure[0] < g.end and (g.is_population or not evidence.is_quantity(g.start, g.end))
    ]
    mass = [(evidence.link("group", figure, (g.start, g.end)), g) for g in around(groups, figure[0])]
    best = max(mass, key=lambda pair: (pair[0], -abs(pair[1].start - figure[0])), default=None)
    group = mention_at(groups, *certain) if certain is not None else None
    by = RULE if group is not None else None
    if group is not None and best is not None and best[1] != group and best[0] > sure and not best[1].is_population:
        group, by = best[1], MODEL
    if group is None and certain is None:
        fronted = _fronted(groups, clause, figure[0]) if _is_of_one(said) else None
        if fronted is not None and said.unlinked.get("group", 0.0) < sure and (best is None or best[0] < _RIVAL):
            group, by = fronted, CLAUSE
        elif best is not None and best[0] > said.unlinked.get("group", 1.0):
            group, by = best[1], MODEL
    outcome, outcome_score = _outcome(said)
    score = 1.0
    if said.roles:
        none = said.unlinked.get("group", 0.0)
        score = none if group is None else next((value for value, one in mass if one == group), 0.0)
    return Linked(said, group, by, score, outcome, outcome_score)


def _is_of_one(said: FigureEvidence) -> bool:
    """Whether the model does not take the figure for one of all people."""
    told = said.roles.get("arm", 0.0) + said.roles.get("comparator", 0.0)
    return said.roles.get("total", 0.0) <= max(told, 0.5)


def _outcome(said: FigureEvidence) -> tuple[Passage | None, float]:
    found = said.links.get("outcome") or []
    if not found or found[0][1] <= said.unlinked.get("outcome", 1.0):
        return None, 0.0
    return found[0]


def _fronted(groups: Sequence[GroupMention], clause: tuple[int, int] | None, figure: int) -> GroupMention | None:
    """The only group of the clause, if it stands before the figure."""
    if clause is None:
        return None
    inside = [g for g in groups if clause[0] <= g.start < clause[1] and not g.is_population]
    return inside[0] if len({g.key for g in inside}) == 1 and inside[0].end <= figure else None
