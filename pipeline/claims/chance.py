"""Figures whose difference chance may explain: the interval around them holds no effect, or their p value is above the usual limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from pipeline.claims.draft import ClaimDraft
from pipeline.claims.reading import Sentence
from pipeline.model import Mention
from pipeline.rules.ruleset import Ruleset

_APART = ("difference", "ratio", "relative_change")
"""Measures of how far two groups are apart, which have a direction by themselves."""
_NEVER = ("sample_size", "dose", "money", "age", "interval", "p_value")
_BETWEEN = frozenset("([,;:")
"""Marks between a ratio and the bounds around it."""
_LESS, _MORE = ("under", "at_most"), ("over", "at_least")


class _Test(NamedTuple):
    """A p value, or the bounds of an interval, at an item."""

    place: int
    mention: Mention
    is_p: bool


class ChanceRules:
    """Reads what intervals and p values say of the claims before them; built once per process. The thresholds are the rule ``chance``."""

    def __init__(self, rules: Ruleset) -> None:
        params = rules.params("chance")
        self._level = float(params.get("level", 0.05))
        self._reach = int(params.get("reach", 0))
        self._ratio, self._gap = float(params.get("ratio", 1.0)), float(params.get("difference", 0.0))

    def applied(self, sentence: Sentence, made: Sequence[ClaimDraft]) -> list[ClaimDraft]:
        """``made``, the claims of ``sentence``: those between whose groups no difference is shown have the direction ``equal``."""
        found = list(made)
        after = 0
        for run in _runs(self._tests(sentence, made), made):
            nearest = self._nearest(sentence, found, run[0])
            none = self._shows_none(run, found[nearest]) if nearest is not None else None
            if nearest is not None and none:
                of = found[nearest]
                below = any(test.mention.low is not None and test.mention.low < self._gap for test in run)
                for at, draft in enumerate(found):
                    if _is_with(draft, of, after, run[0].mention.start, alone=below and at == nearest):
                        found[at] = msgspec.structs.replace(draft, direction="equal")
            if none is not None or any(test.is_p for test in run):
                after = run[-1].mention.end
        return found

    def _tests(self, sentence: Sentence, made: Sequence[ClaimDraft]) -> list[_Test]:
        items = sentence.items.items
        values = {value.start for draft in made for value in draft.values}
        ratios = {value.start: value.value for draft in made if draft.measure == "ratio" for value in draft.values}
        p = {cue.last for cue in sentence.cues if cue.produces.get("tests")}
        tests = []
        for place, item in enumerate(items):
            mention = item.mention
            if mention is None or mention.start in values:
                continue
            if place in p:
                tests.append(_Test(place, mention, True))
            elif mention.low is not None and mention.high is not None:
                before = items[place - 2].mention if place > 1 and items[place - 1].word in _BETWEEN else None
                ratio = ratios.get(before.start) if before is not None else None
                around = ratio is not None and mention.unit is None and mention.low <= ratio <= mention.high
                if around or mention.quantity_class == "statistic":
                    tests.append(_Test(place, mention, False))
        return tests

    def _nearest(self, sentence: Sentence, made: Sequence[ClaimDraft], test: _Test) -> int | None:
        """The claim whose last value stands right before ``test``, within reach and with no other figure of a result between."""
        ends = [max((v.end for v in d.values), default=-1) for d in made]
        before = [at for at, end in enumerate(ends) if 0 <= end <= test.mention.start]
        best = max(before, key=lambda at: (ends[at], made[at].measure in _APART), default=None)
        if best is None or made[best].measure in _NEVER:
            return None
        words = sum(ends[best] <= item.start < test.mention.start for item in sentence.items.items)
        return best if words <= self._reach else None

    def _shows_none(self, run: Sequence[_Test], draft: ClaimDraft) -> bool | None:
        """Whether the tests say that there is no difference; None where they do not tell. A p value goes before an interval, whose bounds
        are rounded."""
        for test in sorted(run, key=lambda test: not test.is_p):
            said = self._by_p(test.mention) if test.is_p else self._by_interval(test.mention, draft)
            if said is not None:
                return said
        return None

    def _by_p(self, p: Mention) -> bool | None:
        if p.value is None or not 0 <= p.value <= 1:
            return None
        if p.qualifier in _LESS:
            return False if p.value <= self._level else None
        if p.qualifier in _MORE:
            return True if p.value >= self._level else None
        return p.value >= self._level

    def _by_interval(self, bounds: Mention, draft: ClaimDraft) -> bool | None:
        low, high = bounds.low, bounds.high
        assert low is not None
        assert high is not None
        if draft.measure == "ratio":
            return low <= self._ratio <= high
        if low < self._gap < high:
            return True  # no share and no mean of anything counted lies below nothing
        if draft.measure not in _APART:
            return None
        stated = draft.values[-1].value
        if stated is None:
            return None
        if low <= abs(stated) <= high or low <= -abs(stated) <= high:
            return low <= self._gap <= high
        if draft.measure == "relative_change" and bounds.unit is None:
            # "12% lower (95% CI 0.74 to 1.05)": the bounds are those of the ratio.
            made = (1 - abs(stated) / 100, 1 + abs(stated) / 100)
            if any(low <= ratio <= high for ratio in made):
                return low <= self._ratio <= high
        return None


def _runs(tests: Sequence[_Test], made: Sequence[ClaimDraft]) -> Iterator[list[_Test]]:
    """Tests with no figure of a claim between them, which are of the same claim."""
    values = sorted(value.start for draft in made for value in draft.values)
    run: list[_Test] = []
    for test in tests:
        if run and any(run[-1].mention.end <= start < test.mention.start for start in values):
            yield run
            run = []
        run.append(test)
    if run:
        yield run


def _is_with(draft: ClaimDraft, nearest: ClaimDraft, after: int, before: int, *, alone: bool) -> bool:
    """Whether a claim is told with the one that a test is of: between that test and the one before, of the same outcome, and of two groups
    or times; ``alone`` where a single figure will do, as what may lie below nothing is a difference."""
    if not draft.values or draft.measure in _NEVER:
        return False
    if not all(after <= value.start and value.end <= before for value in draft.values):
        return False
    if draft.kind == "single" and draft.measure not in _APART and not alone:
        return False
    return draft is nearest or draft.outcome is None or nearest.outcome is None or draft.outcome == nearest.outcome
