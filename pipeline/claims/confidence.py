"""How likely a claim is wholly right: what its links and roles come to, calibrated on annotated abstracts."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from pipeline.claims.linking import Linked
from pipeline.rules.ruleset import Ruleset

_DIGITS = 2
_EXACT = 6
_NAMELESS = 0.4
"""What a figure is worth of which nobody says what it measures, be the model ever so sure that nobody does."""


class Confidence:
    """The rule ``claim-confidence`` says what share of the claims with a certain score turned out to be right."""

    def __init__(self, rules: Ruleset) -> None:
        steps = sorted((float(entry["score"]), float(entry["right"])) for entry in rules.lexicon("claim-confidence"))
        self._scores = [score for score, _ in steps]
        self._right = [right for _, right in steps]

    def of(self, linked: Sequence[Linked], roles: Sequence[float], stated: float) -> float:
        """0 to 1, two digits. ``roles`` tells how sure the role of each value is, ``stated`` what its rules say of themselves, which counts
        where no model has read the sentence."""
        if not linked or not any(one.evidence.roles for one in linked) or not self._scores:
            return stated
        # In two steps, so that a share in the middle of two steps of confidence falls the same way whatever noise its last digits hold.
        return round(round(self._share(score_of(linked, roles)), _EXACT), _DIGITS)

    def _share(self, score: float) -> float:
        """Linear between the steps."""
        at = bisect_right(self._scores, score)
        if at == 0 or at == len(self._scores):
            return self._right[min(at, len(self._right) - 1)]
        low, high = self._scores[at - 1], self._scores[at]
        part = (score - low) / (high - low)
        return self._right[at - 1] + part * (self._right[at] - self._right[at - 1])


def score_of(linked: Sequence[Linked], roles: Sequence[float]) -> float:
    """The product of how sure the groups, the roles and the outcome are; for several values the geometric mean over them."""
    logs = [
        math.log(max(one.group_score * role * _outcome(one), 1e-6)) for one, role in zip(linked, roles, strict=True)
    ]
    return math.exp(math.fsum(logs) / len(logs))


def _outcome(one: Linked) -> float:
    if one.outcome is not None:
        return one.outcome_score
    return _NAMELESS * one.evidence.unlinked.get("outcome", 0.0)
