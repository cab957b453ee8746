"""Which way an outcome lies, as it is worded: the intervention's against the comparator's or against before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from pipeline.claims.cues import Cue
from pipeline.model import Direction, Measure, Value
from pipeline.rules.items import Items, phrase_words
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.terms import thesaurus_names

BETTER, WORSE = "better", "worse"
COMPARABLE = ("proportion", "count", "rate", "mean", "median", "score")
"""Measures of which two groups' values are set against each other."""
_LIKEWISE: tuple[Measure, ...] = ("duration", "other")
"""Measures that are compared where the values have the same unit."""
_AGAINST = (("comparator", "arm"), ("baseline", "followup"))


class DirectionRules:
    """Reads directions; built once per process. Which outcomes are bad when they are high the rule ``bad-outcomes`` says, and what the
    thesaurus knows: less of a condition is better."""

    def __init__(self, rules: Ruleset) -> None:
        known = {
            phrase_words(name): kind == "condition" or better == "lower"
            for kind, name, better in thesaurus_names(rules)
            if kind in ("outcome", "condition")
        }
        known |= {phrase_words(phrase): True for phrase in rules.phrases("bad-outcomes")}
        known |= {phrase_words(phrase): False for phrase in rules.phrases("good-outcomes")}
        self._bad = known
        """By the words of an outcome whether less of it is better."""
        self._longest = max(map(len, known), default=0)
        self._of = frozenset(rules.phrases("outcome-links"))

    def is_bad(self, words: str) -> bool:
        """Whether less of what ``words`` name is better, as far as the words tell: what stands last counts, but for what is good and told
        of something bad, "detection of cancer"."""
        found = phrase_words(words)
        head = next((at for at, word in enumerate(found) if word in self._of), len(found))
        return self._last(found[:head]) is not False and self._last(found) is True

    def _last(self, words: Sequence[str]) -> bool | None:
        """Whether the last words that name an outcome name one that is bad, the longest name of those that end there; None without any."""
        for end in range(len(words), 0, -1):
            for start in range(max(0, end - self._longest), end):
                bad = self._bad.get(tuple(words[start:end]))
                if bad is not None:
                    return bad
        return None

    def of(self, told: str | None, outcome: str | None) -> Direction | None:
        """The direction that a cue shows, where ``better`` and ``worse`` depend on what the ``outcome`` is."""
        if told == BETTER:
            return "lower" if outcome is not None and self.is_bad(outcome) else "higher"
        if told == WORSE:
            return "higher" if outcome is not None and self.is_bad(outcome) else "lower"
        return cast("Direction | None", told)


def of_values(measure: Measure, values: Sequence[Value]) -> Direction | None:
    """How the first value of the intervention lies to the first of the comparator, where each has one; ranges must lie apart."""
    if measure not in COMPARABLE and (measure not in _LIKEWISE or len({value.unit for value in values}) > 1):
        return None
    stated: dict[str, tuple[float, float]] = {}
    for value in values:
        low = value.low if value.value is None else value.value
        high = value.high if value.value is None else value.value
        if value.role is not None and low is not None and high is not None:
            stated.setdefault(value.role, (low, high))
    for against, with_ in _AGAINST:
        if against in stated and with_ in stated:
            one, other = stated[with_], stated[against]
            return (
                "equal" if one == other else "higher" if one[0] > other[1] else "lower" if one[1] < other[0] else None
            )
    return None


def of_ratio(measure: Measure, values: Sequence[Value]) -> Direction | None:
    """What a ratio shows by itself: above one is more, below one less."""
    if measure != "ratio" or len(values) != 1 or values[0].unit == "percent":
        return None
    stated = values[0].value if values[0].value is not None else values[0].low
    if stated is None or stated == 1 or stated <= 0:
        return None
    return "higher" if stated > 1 else "lower"


def nearest(cues: Sequence[Cue], items: Items, key: str, span: tuple[int, int], part: tuple[int, int]) -> Any:
    """What the cue for ``key`` that stands nearest to the characters ``span`` shows, of those within items ``part``; one before it goes
    first."""

    def distance(cue: Cue) -> tuple[int, int, int, int, str]:
        start, end = items.items[cue.first].start, items.items[cue.last].end
        gap = span[0] - end if end <= span[0] else start - span[1] if start >= span[1] else 0
        return max(gap, 0), int(start >= span[1]), -cue.priority, cue.first - cue.last, cue.rule

    inside = [cue for cue in cues if key in cue.produces and part[0] <= cue.first and cue.last <= part[1]]
    best = min(inside, key=distance, default=None)
    return None if best is None else best.produces[key]
