"""Odds ratios that are told as if they were ratios of risks: where an outcome is common, the odds grow much faster than the risk.

J Zhang, K F Yu, What's the relative risk? JAMA 1998;280:1690-1691.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.counterparts import pairs_in
from pipeline.reconcile.checks.drafts import Draft
from pipeline.reconcile.checks.effects import Effect, draft_of_effect, is_effect
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.corpus import Told
from pipeline.reconcile.findings import Result
from pipeline.reconcile.made import as_change, quotient
from pipeline.reconcile.rounding import Interval
from pipeline.shapes import LETTERS


def odds_as_risks(case: Case, params: Params) -> Iterator[Draft]:
    """An effect on what is likely that agrees with a better source's odds ratio, and not with the shares that this source gives."""
    for result in case.shared:
        odds = [t for t in result.told if t.claim.measure == "ratio" and _speaks_of_odds(t, params)]
        if not odds:
            continue
        for one in result.told:
            if is_effect(case, one, params) and not _speaks_of_odds(one, params):
                best = next((b for t in odds if (b := _risks(case, result, one, t, params)) is not None), None)
                if best is not None:
                    yield draft_of_effect(case, one, best)


def _risks(case: Case, result: Result, one: Told, odds: Told, params: Params) -> Effect | None:
    """What the shares beside an odds ratio make, where ``one`` tells this ratio and much more than that."""
    way = one.claim.direction
    stated, told = as_change(one, way), as_change(odds, way)
    better = case.source(odds).rank < case.source(one).rank and case.is_held_against(one, odds)
    if not better or stated is None or told is None or not stated.overlaps(told):
        return None
    for arm, control in pairs_in(case, case.source(odds)):
        if arm.measured.dimension != "percent" or arm.told not in result.told:
            continue
        shares = sorted((arm.measured.interval, control.measured.interval), key=lambda share: share.low)
        base, changed = shares if way == "higher" else shares[::-1]
        if base.low <= 0 or changed.low <= 0 or not base.is_bounded or not changed.is_bounded:
            continue
        change = quotient(changed, base)["relative_change"]
        if stated.low > change.high * (1 + float(params["more"])) and not _tells(case, one, change):
            words = case.word("against").join(case.printed(f.value) for f in (arm, control))
            return Effect(arm.told, change, words)
    return None


def _tells(case: Case, one: Told, change: Interval) -> bool:
    """Whether the source of a claim tells this change too, and so makes clear what the odds are."""
    others = (as_change(t, one.claim.direction) for t in case.source(one).told if t is not one)
    return any(other is not None and other.overlaps(change) for other in others)


def _speaks_of_odds(one: Told, params: Params) -> bool:
    return not {str(word) for word in params["odds"]}.isdisjoint(LETTERS.findall(one.claim.quote))
