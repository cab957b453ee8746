"""Checks on when the figures of one finding were seen, and how long an effect lasts."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.reconcile.agreement import agreement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot, each_sentence_once
from pipeline.reconcile.checks.figures import against_reference
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.checks.retold import times_of_pairs, times_retold
from pipeline.reconcile.corpus import Told
from pipeline.reconcile.findings import Result
from pipeline.reconcile.rounding import same_time


@check("timepoint_conflict")
def timepoint_conflict(case: Case, params: Params) -> Iterator[Draft]:
    """The same figures tied to different times, or one effect said to last for times that cannot both be."""
    yield from each_sentence_once(find(case, params) for find in (_times_of_findings, times_of_pairs, times_retold))


def _times_of_findings(case: Case, params: Params) -> Iterator[Draft]:
    for result in case.shared:
        yield from _lasting(case, result, params)
        timed = [one for one in result.told if one.days is not None and one.is_result]
        for one in timed:
            for best in timed:
                if best is one or best.source == one.source or result.told.index(best) > result.told.index(one):
                    continue
                if same_time(one.days, best.days, float(params["tolerance"])) or len(agreement(one, best).agree) < 2:
                    continue
                if not case.is_held_against(one, best):
                    continue
                if any(
                    same_time(one.days, t.days, float(params["tolerance"]))
                    and (t.source == best.source or _is_better_told(case, one, t, best))
                    for t in timed
                ):
                    continue
                assert one.claim.timepoint is not None
                assert best.claim.timepoint is not None
                assert one.days is not None
                assert best.days is not None
                words = {
                    "source": case.name(one),
                    "reference": case.name(best),
                    "figures": " and ".join(case.printed(v) for v in one.claim.values[:2]),
                    "time": one.claim.timepoint.text,
                    "reference_time": best.claim.timepoint.text,
                }
                details = {"days": one.days, "reference_days": best.days}
                figures = (one.days, best.days)
                yield Draft([Spot.of(one)], [Spot.of(best)], result, words, details, figures)
                break


def _is_better_told(case: Case, one: Told, other: Told, best: Told) -> bool:
    """Whether a better source than that of ``best`` gives figures of ``one``."""
    return case.source(other).rank < case.source(best).rank and bool(agreement(one, other).agree)


def _lasting(case: Case, result: Result, params: Params) -> Iterator[Draft]:
    """Claims of how long an effect lasts, where one source has it last clearly longer than the best one."""
    for group, figure in against_reference(case, result):
        reference = group.reference
        if group.dimension != "days" or figure.measured.fits(reference.measured):
            continue
        if all(one.claim.rule in params["lasting"] for one in (figure.told, reference.told)):
            words = {
                "source": case.name(figure.told),
                "reference": case.name(reference.told),
                "figures": result.record.label,
                "time": case.printed(figure.value),
                "reference_time": case.printed(reference.value),
            }
            details = {"days": figure.measured.point, "reference_days": reference.measured.point}
            yield Draft([Spot.of(figure.told)], [Spot.of(reference.told)], result, words, details)
