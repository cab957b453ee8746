"""Checks on the figures of one finding: what sources state for the same group, and what they leave out."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.reconcile.checks.base import Case, Draft, Params, Spot, check
from pipeline.reconcile.checks.conflicts import contradicted
from pipeline.reconcile.corpus import RELATIVE, Concept, Told
from pipeline.reconcile.findings import Figure, Group, Result
from pipeline.reconcile.likeness import agreement, derived
from pipeline.reconcile.rounding import same_time

_BESIDE = 400
"""Characters within which figures are told together."""
_NEXT = 5
"""Characters between a sentence and the next."""
_SOON = 150
"""Characters after a sentence in which the other group may have its own."""
_MOST_VALUES = 4
"""A claim with more values is a list, whose figures lie side by side by chance."""
_ABSOLUTE = ("proportion", "rate", "mean", "median", "score", "count")


def _pairs(result: Result) -> Iterator[tuple[Group, Figure]]:
    """Each figure of another source than the reference's, with its group."""
    for group in result.groups:
        if len(group.reference.told.claim.values) > _MOST_VALUES:
            continue
        for figure in group.figures:
            if figure.told.source != group.reference.told.source and len(figure.told.claim.values) <= _MOST_VALUES:
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
    gap = base - other.reference.measured.point
    return (stated - base) / abs(base) * (1 if gap >= 0 else -1)


def _effect(told: Told, result: Result) -> tuple[float, float] | None:
    """The figures of a claim for the arm and the comparator of ``result``."""
    found: dict[str | None, float] = {}
    for group in result.groups:
        for figure in group.figures:
            if figure.told is told and group.role in ("arm", "comparator"):
                found[group.role] = figure.measured.point
    return (found["arm"], found["comparator"]) if len(found) == 2 else None


def _is_inflated(result: Result, group: Group, figure: Figure, params: Params) -> bool:
    """Whether ``figure`` was restated so that the effect looks larger, by more than rounding to a whole number does."""
    base = group.reference.measured
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
    for result in case.results:
        for group, figure in _pairs(result):
            if figure.measured.fits(group.reference.measured) or figure.told.claim.measure == "duration":
                continue
            if figure.measured.distance(group.reference.measured) >= float(params["distance"]) and _is_sure(
                case, figure.told, group.reference.told, params
            ):
                yield _draft(case, result, group, figure)


def _is_sure(case: Case, one: Told, other: Told, params: Params) -> bool:
    """Whether the two claims are of one result beyond the figures that differ: the other group's figure may tell."""
    likeness = case.judge.compare(one, other)
    differing = sum(weight for name, weight in likeness.parts.items() if name.startswith("value_") and weight < 0)
    return not likeness.barred and likeness.score - differing >= float(params.get("identity", 0.0))


@check("inflated_value")
def inflated_value(case: Case, params: Params) -> Iterator[Draft]:
    """A figure rounded or restated so that the effect looks larger than the best source has it."""
    for result in case.results:
        for group, figure in _pairs(result):
            if figure.measured.distance(group.reference.measured) < float(params["distance"]) and _is_inflated(
                result, group, figure, params
            ):
                yield _draft(case, result, group, figure)


@check("rounded")
def rounded(case: Case, params: Params) -> Iterator[Draft]:
    """The same number rounded, with no change of meaning."""
    for result in case.results:
        for group, figure in _pairs(result):
            reference = group.reference.measured
            if (
                abs(figure.measured.point) != abs(reference.point)
                and figure.measured.fits(reference)
                and not _is_finer(figure, group)
            ):
                yield _draft(case, result, group, figure)


def _is_finer(figure: Figure, group: Group) -> bool:
    """Whether a figure is printed more precisely than the reference, which then is the rounded one."""
    one, other = figure.measured.interval, group.reference.measured.interval
    return one.high - one.low < other.high - other.low


@check("timepoint_conflict")
def timepoint_conflict(case: Case, params: Params) -> Iterator[Draft]:
    """The same figures tied to different times, or one effect said to last for times that cannot both be."""
    for result in case.results:
        yield from _lasting(case, result)
        timed = [one for one in result.told if one.days is not None and one.is_result]
        for one in timed:
            for best in timed:
                if best is one or best.source == one.source or _order(result, best) > _order(result, one):
                    continue
                if same_time(one.days, best.days, float(params["tolerance"])) or len(agreement(one, best).agree) < 2:
                    continue
                if any(
                    same_time(one.days, t.days, float(params["tolerance"])) for t in timed if t.source == best.source
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


def _lasting(case: Case, result: Result) -> Iterator[Draft]:
    """Claims of how long an effect lasts, where one source has it last clearly longer than the best one."""
    for group, figure in _pairs(result):
        reference = group.reference
        if group.dimension != "days" or figure.measured.fits(reference.measured):
            continue
        if figure.told.claim.measure == reference.told.claim.measure == "duration":
            words = {
                "source": case.name(figure.told),
                "reference": case.name(reference.told),
                "figures": result.record.label,
                "time": case.printed(figure.value),
                "reference_time": case.printed(reference.value),
            }
            details = {"days": figure.measured.point, "reference_days": reference.measured.point}
            yield Draft([Spot.of(figure.told)], [Spot.of(reference.told)], result, words, details)


def _order(result: Result, one: Told) -> int:
    return result.told.index(one)


@check("comparator_mismatch")
def comparator_mismatch(case: Case, params: Params) -> Iterator[Draft]:
    """Two sources name different control treatments for one result."""
    vague = case.corpus.words.stems(" ".join(str(word) for word in params.get("vague", ())))
    for result in case.results:
        named = [
            one
            for one in result.told
            if one.is_result and one.concepts["comparator"] and one.concepts["comparator"].stems - vague
        ]
        for one in named[1:]:
            best = named[0]
            if one.source == best.source or not agreement(one, best).agree:
                continue
            a, b = one.concepts["comparator"], best.concepts["comparator"]
            likeness = case.judge.alike(a, b)
            if likeness is not None and likeness <= 0 and not _known(case, one, b) and not _known(case, best, a):
                words = {
                    "source": case.name(one),
                    "comparator": a.text,
                    "reference": case.name(best),
                    "reference_comparator": b.text,
                    "result": result.record.label,
                }
                named_at = _first(case, one, a)
                subject = [Spot.of(one)] if named_at is None else [Spot.of(one), named_at]
                yield Draft(subject, [Spot.of(best)], result, words, {"comparator": a.id, "reference": b.id})


def _first(case: Case, one: Told, comparator: Concept) -> Spot | None:
    """Where the article of a claim first names its comparator."""
    at = case.source(one).article.text.find(comparator.text)
    return None if at < 0 else Spot(one.source, at, at + len(comparator.text))


def _known(case: Case, one: Told, comparator: Concept) -> bool:
    """Whether the article of a claim has a word of this comparator anywhere: then it may only be called otherwise in one place."""
    return bool(comparator.stems & case.source(one).stems)


@check("direction_conflict")
def direction_conflict(case: Case, params: Params) -> Iterator[Draft]:
    """One source says better, another no difference or worse."""
    yield from contradicted(case, params)
    for result in case.results:
        best = result.reference
        for one in result.told[1:]:
            if one.source == best.source:
                continue
            sure = min(one.claim.confidence, best.claim.confidence) >= float(params["confidence"])
            crossed = _crossed(one, best) and _owns_groups(case, one) and _owns_groups(case, best)
            if crossed or (sure and _opposed(case, one, best)):
                words = {
                    "source": case.name(one),
                    "reference": case.name(best),
                    "direction": one.claim.direction or "",
                    "reference_direction": best.claim.direction or "",
                    "result": result.record.label,
                }
                details = {"direction": one.claim.direction, "reference": best.claim.direction}
                yield Draft([Spot.of(one)], [Spot.of(best)], result, words, details)


def _opposed(case: Case, one: Told, best: Told) -> bool:
    """Whether two claims of one outcome point opposite ways."""
    if {one.claim.direction, best.claim.direction} != {"higher", "lower"} or not (one.is_result and best.is_result):
        return False
    return (
        case.judge.alike(one.concepts["outcome"], best.concepts["outcome"]) == 1.0 and one.claim.kind == best.claim.kind
    )


def _crossed(one: Told, best: Told) -> bool:
    """Whether two comparisons give the same two figures to the groups the other way round."""
    if len(one.claim.values) != 2 or len(best.claim.values) != 2:
        return False
    x, y = one.measured, best.measured
    ids, best_ids = (
        [value.group_id if value.group is not None else None for value in told.claim.values] for told in (one, best)
    )
    if None in (*x, *y) or None in (*ids, *best_ids) or ids[0] == ids[1]:
        return False
    assert x[0] is not None
    assert x[1] is not None
    assert y[0] is not None
    assert y[1] is not None
    if x[0].interval.overlaps(x[1].interval):
        return False
    if ids == best_ids[::-1]:
        return x[0].interval.overlaps(y[0].interval) and x[1].interval.overlaps(y[1].interval)
    return ids == best_ids and x[0].interval.overlaps(y[1].interval) and x[1].interval.overlaps(y[0].interval)


def _owns_groups(case: Case, told: Told) -> bool:
    """Whether no other claim of its sentence gives one of its groups a figure: else which figure is whose may have been misread."""
    groups = _called(told)
    return not any(
        other is not told and other.claim.start == told.claim.start and groups & _called(other)
        for other in case.source(told).told
    )


def _called(told: Told) -> set[str]:
    return {name for value in told.claim.values for name in (value.group, value.group_id) if name is not None}


@check("dropped_comparator")
def dropped_comparator(case: Case, params: Params) -> Iterator[Draft]:
    """The treated group's figure without the control group's, which another source gives."""
    for result in case.results:
        best = _complete(result)
        if best is None:
            continue
        arm, control = best
        gap = abs(arm.measured.point - control.measured.point)
        if arm.measured.dimension == "percent" and gap < float(params["min_gap"]):
            continue
        for source in result.sources:
            own = [one for one in result.told if one.source == source]
            if source == arm.told.source or case.sources[source].rank < case.sources[arm.told.source].rank:
                continue
            stated = [
                f
                for g in result.groups
                for f in g.figures
                if f.told.source == source and g.dimension == arm.measured.dimension
            ]
            lone = [f for f in stated if f.measured.fits(arm.measured) or f.value.role == "arm"]
            if not lone or _tells(case, source, arm, control, own):
                continue
            figure = lone[0]
            words = {
                "source": case.name(figure.told),
                "figure": case.printed(figure.value),
                "reference": case.name(control.told),
                "control_figure": case.printed(control.value),
                "control": control.value.group or case.word("comparator"),
                "result": result.record.label,
            }
            details = {"stated": figure.measured.point, "control": control.measured.point, "unit": control.value.unit}
            yield Draft([Spot.of(figure.told)], [Spot.of(control.told)], result, words, details)


def _complete(result: Result) -> tuple[Figure, Figure] | None:
    """The figures for arm and comparator of the best claim that has both."""
    for one in result.told:
        if len(one.claim.values) > _MOST_VALUES:
            continue
        found = {f.value.role: f for g in result.groups for f in g.figures if f.told is one}
        if (
            "arm" in found
            and "comparator" in found
            and found["arm"].measured.dimension == found["comparator"].measured.dimension
        ):
            return found["arm"], found["comparator"]
    return None


def _tells(case: Case, source: int, arm: Figure, control: Figure, own: list[Told]) -> bool:
    """Whether an article gives the control group's figure beside its own, or the number itself, whatever it was read as."""
    for told in case.sources[source].told:
        close = any(abs(told.claim.start - one.claim.end) < _BESIDE for one in own)
        beside = told in own or any(0 <= told.claim.start - one.claim.end < _NEXT for one in own)
        for value, measured in zip(told.claim.values, told.measured, strict=True):
            if measured is None:
                continue
            if told in own and measured.interval.overlaps(control.measured.interval):
                return True
            if measured.dimension != control.measured.dimension:
                continue
            if beside and value.role == "comparator" and not measured.fits(arm.measured):
                return True
            if (close or beside) and measured.fits(control.measured):
                return True
    words = case.corpus.words
    group = words.stems(control.value.group or "")
    text = case.sources[source].article.text
    if any(group & words.stems(text[one.claim.end : one.claim.end + _SOON]) for one in own):
        return True  # in the placebo group nobody did
    number = control.value.value
    return number is not None and any(
        case.prints(source, number, one.claim.start - _BESIDE, one.claim.end + _BESIDE) for one in own
    )


@check("relative_only")
def relative_only(case: Case, params: Params) -> Iterator[Draft]:
    """A relative change with no absolute figure, where another source has one."""
    own_units = case.corpus.words.all_stems(" ".join(params["own_units"]))
    for result in case.results:
        for source in result.sources:
            own = [
                told
                for told in result.told
                if told.source == source
                and _is_relative(told)
                and not own_units & case.corpus.words.all_stems(told.claim.quote)
            ]
            if not own:
                continue
            told = [t for t in case.sources[source].told if _is_absolute(t)]
            absolute = _absolute_of(result, own[0], float(params["factor"]))
            if absolute is not None:
                told = [t for t in told if _is_of(case, t, own[0], result)]
            else:
                absolute = _absolute_of_study(case, result, own[0])
            if told or absolute is None:
                continue
            words = {
                "source": case.name(own[0]),
                "figure": case.printed(own[0].claim.values[0]),
                "reference": case.name(absolute),
                "reference_figure": " against ".join(case.printed(v) for v in absolute.claim.values[:2]),
                "result": result.record.label,
            }
            yield Draft([Spot.of(own[0])], [Spot.of(absolute)], result, words, {"measure": own[0].claim.measure})


def _is_absolute(told: Told) -> bool:
    roles = {value.role for value in told.claim.values}
    return told.claim.measure in _ABSOLUTE and {"arm", "comparator"} <= roles


def _is_of(case: Case, absolute: Told, relative: Told, result: Result) -> bool:
    """Whether an article's own absolute figures are of the outcome of its relative one."""
    alike = case.judge.alike(absolute.concepts["outcome"], relative.concepts["outcome"])
    if absolute in result.told or (alike is not None and alike > 0):
        return True
    return alike is None and abs(absolute.claim.start - relative.claim.start) < _BESIDE


def _is_relative(told: Told) -> bool:
    return told.claim.measure in RELATIVE and told.claim.kind != "change" and len(told.claim.values) == 1


def _absolute_of(result: Result, own: Told, factor: float) -> Told | None:
    """The best absolute comparison of the same finding that makes about what ``own`` says."""
    return next(
        (t for t in result.told if t.source != own.source and _is_absolute(t) and _makes(t, own, factor)),
        None,
    )


def _absolute_of_study(case: Case, result: Result, own: Told) -> Told | None:
    """An absolute comparison of the same study, in a source of the finding."""
    for one in result.told:
        study = one.claim.study
        if one.source == own.source or study is None or not (study.doi or study.pmid):
            continue
        for told in case.sources[one.source].told:
            other = told.claim.study
            if _is_absolute(told) and other is not None and (other.doi, other.pmid) == (study.doi, study.pmid):
                return told
    return None


def _makes(absolute: Told, relative: Told, factor: float) -> bool:
    """Whether two shares make the relative figure, or one no further off than ``factor``: it may be inflated."""
    made = derived(absolute).get(relative.claim.measure)
    stated = next((m.size.point for m in relative.measured if m is not None), None)
    if made is None or stated is None:
        return False
    return made.low / factor <= stated <= made.high * factor
