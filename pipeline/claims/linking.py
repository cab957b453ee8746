"""Whose a figure is, and what it measures: rules where words leave no doubt, else what the language model points to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.claims.evidence import Evidence, FigureEvidence, Passage, around
from pipeline.claims.groups import GroupMention, mention_at

_RIVAL = 0.5
"""How sure the model has to be of another group than the one that its clause begins with."""
_BRACKETS = {"(": ")", "[": "]"}
RULE, MODEL, CLAUSE, LAYOUT = "rule", "model", "clause", "layout"


class Linked(NamedTuple):
    """What one figure belongs to."""

    evidence: FigureEvidence
    group: GroupMention | None
    group_by: str | None
    """``rule``, ``model``, ``clause`` or ``layout``: what found the group."""
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


def by_layout(
    text: str, figures: Sequence[tuple[int, int]], groups: Sequence[GroupMention]
) -> list[GroupMention | None]:
    """Whose each of the ``figures`` is, where groups and figures take turns in a sentence; nobody's where they do not.

    Groups and figures are in text order. Either each group is followed by figures of its own ("in X 5% slept and 3% woke, in Y 4%
    did"), or each is named behind them ("5% slept and 3% woke in X, and 4% in Y"). What stands in brackets behind a group is its own.
    """
    nobody: list[GroupMention | None] = [None] * len(figures)
    named = [g for g in groups if not g.is_population]
    if len({g.key for g in named}) < 2 or len(figures) <= len(named):
        return nobody
    starts = [start for start, _ in figures]
    counts = [bisect_left(starts, g.start) for g in named]
    between = [after - before for before, after in pairwise([*counts, len(figures)])]
    if counts[0] == 0 and all(between):
        return [named[bisect_right([g.start for g in named], start) - 1] for start in starts]
    if counts[-1] == len(figures) and counts[0] and all(between[:-1]):
        behind = [bisect_left([g.start for g in named], start) for start in starts]
        return [
            named[at - 1] if at and _is_inside(text[named[at - 1].end : start]) else named[at]
            for at, start in zip(behind, starts, strict=True)
        ]
    return nobody


def _is_inside(between: str) -> bool:
    """Whether a bracket has been opened at the beginning and not closed."""
    opened = between.lstrip()[:1]
    return opened in _BRACKETS and _BRACKETS[opened] not in between


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
