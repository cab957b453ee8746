"""Checks on the figures of one finding: what sources state for the same group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.reconcile.agreement import agreement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.counterparts import draft_of, is_rough, told_otherwise
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.effects import (
    change_told,
    exaggerated_differences,
    exaggerated_effects,
    other_ratios,
    prints_both,
)
from pipeline.reconcile.checks.misprints import misprints, swapped_sizes
from pipeline.reconcile.checks.odds import odds_as_risks
from pipeline.reconcile.checks.pairs import figures_of, pairs_of
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.corpus import RELATIVE, Told
from pipeline.reconcile.findings import Figure, Group, Result
from pipeline.reconcile.made import as_change
from pipeline.reconcile.rounding import Interval, Measured

_MOST_VALUES = 4
"""A claim with more values is a list, whose figures stand together by chance."""
_PEOPLE = "people"
_OF_HEADS = ("count", "proportion", "rate")
"""Measures of how many people something happened to."""
_OF_SCALES = ("score", "mean", "median")
"""Measures of how much each had of it."""
_ANY_MORE = {"share": 0.0, "points": 0.0, "lone_share": 0.0}
"""Of a figure too far off for rounding, all that makes an effect larger counts."""
_AND_MORE = ("over", "at_least")
"""Qualifiers of a figure that the true one is not below."""
_AND_LESS = ("under", "at_most", "up_to")
"""Those of a figure that the true one is not above."""


def against_reference(case: Case, result: Result) -> Iterator[tuple[Group, Figure]]:
    """Each figure of another source than the reference's, with its group."""
    for group in result.groups:
        best = group.reference
        if len(best.told.claim.values) > _MOST_VALUES or (
            group.role == "comparator" and case.is_of_accuracy(best.told)
        ):
            continue
        for figure in group.figures:
            if (
                figure.told.source != best.told.source
                and len(figure.told.claim.values) <= _MOST_VALUES
                and not _are_of_other_things(figure, best)
                and case.is_held_against(figure.told, best.told)
                and not case.is_of_another(figure.told, best.told)
            ):
                yield group, figure


def _widening(result: Result, figure: Figure, group: Group) -> float:
    """By how much of the reference ``figure`` makes the effect look larger; negative where smaller.

    For the arm that is away from the comparator, for the comparator away from the arm; alone, away from nothing.
    """
    other = result.group("comparator" if group.role == "arm" else "arm", group.dimension)
    base, stated = group.reference.measured.point, figure.measured.point
    if base == 0:
        return 0.0
    if other is None:
        return (abs(stated) - abs(base)) / abs(base)
    against = other.reference.measured.point
    if base * stated < 0:  # changed by -14.9%, lost 15%
        base, stated, against = abs(base), abs(stated), abs(against)
    gap = base - against
    return (stated - base) / abs(base) * (1 if gap >= 0 else -1)


def _effect(told: Told, result: Result) -> tuple[float, float] | None:
    found: dict[str | None, float] = {}
    for group in result.groups:
        for figure in group.figures:
            if figure.told is told and group.role in ("arm", "comparator"):
                found[group.role] = figure.measured.point
    return (found["arm"], found["comparator"]) if len(found) == 2 else None


def _is_inflated(result: Result, group: Group, figure: Figure, params: Params) -> bool:
    """Whether ``figure`` was restated so that the effect looks larger, by more than rounding to a whole number does."""
    base = group.reference.measured
    own = [f.measured for f in group.figures if f.told.source == figure.told.source and f is not figure]
    if any(measured.fits(base) for measured in own):
        return False  # told rightly too
    if figure.told.claim.measure in RELATIVE and abs(figure.measured.point) <= abs(base.point):
        return False
    if figure.value.qualifier in _AND_LESS and 0 < base.point <= figure.measured.point:
        return False  # fewer than half, for 43%
    if figure.measured.interval.exact and figure.measured.interval.overlaps(base.interval):
        return False
    both, reference = _effect(figure.told, result), _effect(group.reference.told, result)
    if both is not None and reference is not None:
        wider, before = abs(both[0] - both[1]), abs(reference[0] - reference[1])
        same_way = (both[0] - both[1]) * (reference[0] - reference[1]) > 0
        return (
            same_way and before > 0 and wider - before > max(before * float(params["share"]), float(params["points"]))
        )
    if group.role not in ("arm", None) or group.dimension == "days":
        return False
    wider = _widening(result, figure, group)
    return wider > (float(params["lone_share"]) if figure.measured.fits(base) else 0.0)


def _draft(case: Case, result: Result, group: Group, figure: Figure) -> Draft:
    reference = group.reference
    return Draft(
        [Spot.of(figure.told)],
        [Spot.of(reference.told)],
        result,
        {
            "source": case.name(figure.told),
            "figure": case.printed(figure.value),
            "reference": case.name(reference.told),
            "reference_figure": case.printed(reference.value),
            "group": next((f.value.group for f in (reference, figure) if f.value.group), None)
            or case.word(group.role or "group", "group"),
            "result": result.record.label,
        },
        {
            "stated": figure.measured.point,
            "reference": reference.measured.point,
            "unit": reference.value.unit,
        },
    )


@check("value_mismatch")
def value_mismatch(case: Case, params: Params) -> Iterator[Draft]:
    """The same result with another number, beyond rounding and too far off for a restatement."""
    yield from swapped_sizes(case)
    raised: set[tuple[int, int]] = set()
    for draft in _of_findings(case, params):
        raised.update((spot.source, spot.start) for spot in draft.subject)
        yield draft
    for found in told_otherwise(case, params):
        draft = draft_of(case, found)
        place = draft.subject[0].source, draft.subject[0].start
        if place not in raised and not found.inflates:
            raised.add(place)
            yield draft
    yield from (draft for draft in misprints(case) if (draft.subject[0].source, draft.subject[0].start) not in raised)


def _of_findings(case: Case, params: Params) -> Iterator[Draft]:
    for result in case.shared:
        for group, figure in against_reference(case, result):
            if figure.measured.fits(group.reference.measured) or figure.told.claim.measure == "duration":
                continue
            if figure.measured.is_as_many_as(group.reference.measured) or _is_gap(group.reference.told, figure):
                continue  # of another whole, or how far the groups are apart, which is no other number
            if (
                case.prints_beside(figure, group.reference)
                or _is_told_there(result, group, figure)
                or (is_rough(figure.value, figure.measured) and _is_inflated(result, group, figure, _ANY_MORE))
            ):
                continue  # of another time or part of those studied, or an exaggeration
            if not case.is_sure(figure.told, group.reference.told, float(params["confidence"])):
                continue
            if figure.measured.distance(group.reference.measured) >= float(params["distance"]) and _is_one_result(
                case, figure.told, group.reference.told, params
            ):
                yield _draft(case, result, group, figure)
        for figure, best in other_ratios(case, result):
            if (
                figure.measured.distance(best.measured) >= float(params["distance"])
                and case.is_sure(figure.told, best.told, float(params["confidence"]))
                and case.is_held_against(figure.told, best.told)
                and _is_one_result(case, figure.told, best.told, params)
            ):
                yield _draft(case, result, Group(None, best.measured.dimension, (best, figure), best), figure)


def _are_of_other_things(one: Figure, other: Figure) -> bool:
    """Whether two figures count things of other names, nine trials and five databases, or one counts people and the other measures them."""
    units = one.value.unit, other.value.unit
    if one.value.role in (None, "total") and one.value.role == other.value.role and None not in units:
        return units[0] != units[1]
    if one.value.role is None and one.told.claim.measure == "count" and units[0] not in (None, _PEOPLE, units[1]):
        return True  # ten lessons, where nine people felt worse
    measures = {one.told.claim.measure, other.told.claim.measure}
    return not measures.isdisjoint(_OF_HEADS) and not measures.isdisjoint(_OF_SCALES)


def _is_gap(best: Told, figure: Figure) -> bool:
    """Whether a figure is by how much the figures of the two groups of a claim differ: seven below the others."""
    return any(
        figure.measured.dimension == arm.measured.dimension
        and figure.measured.interval.low
        <= abs(arm.measured.point - control.measured.point)
        <= figure.measured.interval.high
        for arm, control in pairs_of(figures_of([best]))
    )


def _is_told_there(result: Result, group: Group, figure: Figure) -> bool:
    """Whether the source of the reference has this figure in another claim of the result: of another time, of a part of those studied."""
    best = group.reference.told
    opposite = {"arm": "comparator", "comparator": "arm"}.get(group.role or "")
    return figure.measured.digits is not None and any(
        measured is not None
        and value.role != opposite
        and measured.dimension == group.dimension
        and measured.fits(figure.measured)
        for told in result.told
        if told.source == best.source and told is not best
        for value, measured in zip(told.claim.values, told.measured, strict=True)
    )


def _is_believed(case: Case, result: Result, one: Told, best: Told, params: Params) -> bool:
    """Whether a claim and the one it is held against were read well enough; what several sources tell alike, each vouches for."""
    least = float(params["confidence"])
    if case.is_sure(one, best, least):
        return True
    vouched = (t for t in result.told if t.source not in (one.source, best.source) and t.claim.confidence >= least)
    return one.claim.confidence >= least and any(agreement(t, best).agree for t in vouched)


def _is_one_result(case: Case, one: Told, other: Told, params: Params) -> bool:
    """Whether the two claims are of one result beyond the figures that differ: the other group's figure may tell."""
    if _is_beside(case, one, other):
        return False
    likeness = case.judge.compare(one, other)
    differing = sum(weight for name, weight in likeness.parts.items() if name.startswith("value_") and weight < 0)
    score = likeness.score - differing
    if likeness.barred or score < float(params["identity_alone"]):
        return False
    return score >= float(params["identity"]) or (
        one.claim.measure in params["shares"] and not _is_told_of_another(case, one, other)
    )


def _is_beside(case: Case, one: Told, other: Told) -> bool:
    """Whether the sentence of ``other`` gives the figures of a claim too: of a part of those studied, of another arm."""
    alone = len(case.source(other).told_at.get(other.claim.start, ())) < 2
    return not alone and any(one.measured) and not _not_beside(case, one, other)


def _not_beside(case: Case, one: Told, other: Told) -> list[Measured]:
    """The figures of a claim that the sentence of ``other`` does not give."""
    beside = [y for t in case.source(other).told_at.get(other.claim.start, ()) for y in t.measured if y is not None]
    figures = [x for x in one.measured if x is not None]
    return [x for x in figures if not any(x.dimension == y.dimension and x.fits(y) for y in beside)]


def _is_told_of_another(case: Case, one: Told, other: Told) -> bool:
    """Whether a source that tells the story gives the figures of a claim, though not in ``other``: of another group, time or outcome."""
    story = {source.index: source for source in (*case.related.retellings(one.source), case.source(other))}
    figures = _not_beside(case, one, other)
    return any(
        measured.dimension == figure.dimension and measured.fits(figure)
        for source in story.values()
        for told in source.told
        if _may_be_of(case, told, one) or _may_be_of(case, told, other)
        for measured in told.measured
        if measured is not None
        for figure in figures
    )


def _may_be_of(case: Case, told: Told, one: Told) -> bool:
    """Whether two claims are one, or of outcomes that are alike."""
    return told is one or (case.judge.alike(told.concepts["outcome"], one.concepts["outcome"]) or 0.0) > 0


@check("inflated_value")
def inflated_value(case: Case, params: Params) -> Iterator[Draft]:
    """A figure rounded or restated so that the effect looks larger than the best source has it."""
    for result in case.shared:
        for group, figure in against_reference(case, result):
            if not _is_believed(case, result, figure.told, group.reference.told, params):
                continue
            if figure.measured.is_as_many_as(group.reference.measured):
                continue  # of another whole, or of none that is told
            near = figure.measured.distance(group.reference.measured) < float(params["distance"])
            if (near and _is_inflated(result, group, figure, params)) or (
                not near and _is_exaggerated(case, result, group, figure, params)
            ):
                yield _draft(case, result, group, figure)
        yield from _exaggerated(case, result, params)
    yield from (draft_of(case, found) for found in told_otherwise(case, params) if found.inflates)
    yield from exaggerated_effects(case, params)
    yield from exaggerated_differences(case, params)
    yield from odds_as_risks(case, params)


def _is_exaggerated(case: Case, result: Result, group: Group, figure: Figure, params: Params) -> bool:
    """Whether a rough figure is too far off for rounding, so that the effect looks larger: three in four, for 53%."""
    best, reference = group.reference.told, group.reference.measured
    return (
        is_rough(figure.value, figure.measured)
        and figure.measured.dimension == reference.dimension
        and figure.measured.distance(reference) <= float(params["farthest"])
        and _is_inflated(result, group, figure, _ANY_MORE)
        and not _is_told_there(result, group, figure)
        and not figure.measured.is_as_many_as(reference)
        and _is_one_result(case, figure.told, best, params)
    )


def _exaggerated(case: Case, result: Result, params: Params) -> Iterator[Draft]:
    """A relative effect that is larger than what the best sources give or their figures make: 15% less, told as a quarter; more than three
    times as many, for 66% and 24%."""
    relative = [
        one
        for one in result.told
        if len(one.claim.values) == 1 and _is_relative_effect(one) and not case.is_of_another(one)
    ]
    for one in relative:
        rank, way = case.source(one).rank, one.claim.direction
        stated, told = one.measured[0], _told_change(one)
        others = [
            (t, made) for t in result.told if t.source != one.source and (made := change_told(t, way)) is not None
        ]
        better = [pair for pair in others if case.source(pair[0]).rank < rank]
        better = [pair for pair in better if case.is_held_against(one, pair[0])]
        near = [change for t, change in others if case.source(t).rank <= rank]
        if stated is None or told is None or not better or any(change.overlaps(told) for change in near):
            continue
        best, change = better[0] if len(better[0][0].claim.values) == 1 else max(better, key=lambda pair: pair[1].high)
        if prints_both(case, one, best):
            continue  # an odds ratio beside the shares that it is made of
        printed = case.numbers(best.source, best.claim.start, best.claim.end)
        if any((m := case.corpus.measured(v)) is not None and m.fits(stated.size) for v in printed):
            continue  # what an outcome is defined by: at least 30% less
        if not _is_believed(case, result, one, best, params):
            continue
        point = (told.low + told.high) / 2 if told.is_bounded else told.low
        # What is said to be more than a figure is that, or is wrong.
        more = 0.0 if one.claim.values[0].qualifier in _AND_MORE else float(params["more"])
        least = max(change.high, change.low) * (1 + more)
        if told.low > change.high and least < point <= change.high * float(params["order"]):
            words = {
                "source": case.name(one),
                "figure": case.printed(one.claim.values[0]),
                "reference": case.name(best),
                "reference_figure": case.word("against").join(case.printed(v) for v in best.claim.values[:2]),
                "group": case.word("group"),
                "result": result.record.label,
            }
            details = {"stated": point, "reference": (change.low + change.high) / 2, "unit": "percent"}
            yield Draft([Spot.of(one)], [Spot.of(best)], result, words, details)


def _is_relative_effect(one: Told) -> bool:
    """Whether a claim tells a relative change, or how many times as much something is."""
    return one.claim.measure == "relative_change" or (
        one.claim.measure == "ratio" and one.claim.values[0].unit == "times" and one.claim.direction == "higher"
    )


def _told_change(one: Told) -> Interval | None:
    """By how many percent a relative claim says that something changed."""
    stated = one.measured[0]
    if one.claim.measure == "ratio":
        return as_change(one, one.claim.direction)
    return stated.size.interval if stated is not None else None


@check("rounded")
def rounded(case: Case, params: Params) -> Iterator[Draft]:
    for result in case.shared:
        for group, figure in against_reference(case, result):
            reference = group.reference.measured
            if (
                abs(figure.measured.point) != abs(reference.point)
                and figure.measured.fits(reference)
                and (figure.value.value is not None or group.reference.value.value is None)
                and not _is_finer(figure, group)
            ):
                one = _draft(case, result, group, figure)
                verb = "rounds" if figure.value.unit == group.reference.value.unit else "restates"
                yield replace(one, words={**one.words, "rounds": case.word(verb)})


def _is_finer(figure: Figure, group: Group) -> bool:
    """Whether a figure is printed more precisely than the reference, which then is the rounded one."""
    one, other = figure.measured.interval, group.reference.measured.interval
    return one.high - one.low < other.high - other.low
