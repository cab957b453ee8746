"""The check on a figure of one group that is told without the other group's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.model import Value
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.counterparts import read_as
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.lone import is_nearer, lone_figures, sets_beside
from pipeline.reconcile.checks.pairs import pairs_of
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.corpus import RELATIVE, Told
from pipeline.reconcile.findings import Figure, Result
from pipeline.reconcile.rounding import COUNTED, Measured, significant_digits

_BESIDE = 400
"""Characters within which figures are told together."""
_NEXT = 5
"""Characters between a sentence and the next."""
_SOON = 150
"""Characters after a sentence in which the other group may have its own."""
_ROUND = 5.0
"""A lower number that is rounded to a whole one is met by chance."""
_NUMBER = re.compile(r"(?<![\d.,])\d+(?![\d,]|\.\d)")
"""A whole number as it is printed, also where it is read as a name."""
_PRECISE = 3
"""Figures of so many digits are one figure whatever the group is called."""
_HALF = 50.0
_NEAR_GAP = 0.2
"""How far, as a share, a gap may be from the limit that is told of it: more than 50 points, for 55."""
_POINTS = ("points", "percentage_points")


@check("dropped_comparator")
def dropped_comparator(case: Case, params: Params) -> Iterator[Draft]:
    """The treated group's figure without the control group's, which another source gives."""
    found: set[tuple[int, str]] = set()
    for result in case.shared:
        raised: set[int] = set()
        complete = [pair for pair in _complete(result) if not case.is_of_accuracy(pair[0].told)]
        for arm, control in complete:
            beside = [pair for pair in complete if pair[0].told.claim.start == arm.told.claim.start]
            turned = _without(
                case, result, control, arm, [pair[::-1] for pair in beside], params, turned=True
            )  # the study's control may be what a story is about
            for draft in (*_without(case, result, arm, control, beside, params), *turned):
                if draft.subject[0].source not in raised:
                    raised.add(draft.subject[0].source)
                    yield draft
        found |= {(source, result.record.finding_id) for source in raised}
    for lone in lone_figures(case):
        joined = case.result_of.get(lone.arm.told.claim.claim_id)
        known = joined is not None and (lone.one.source, joined.record.finding_id) in found
        if known or _is_light(lone.arm, lone.control, params):
            continue
        if not sets_beside(case, lone.one, lone.value, lone.arm, lone.control, params):
            yield _draft(case, lone.one, lone.value, lone.measured, lone.control, joined)


def _without(
    case: Case,
    result: Result,
    arm: Figure,
    control: Figure,
    beside: Sequence[tuple[Figure, Figure]],
    params: Params,
    turned: bool = False,
) -> Iterator[Draft]:
    """What gives the one figure of a pair and not the other, in any of the units of ``beside``; where the pair is ``turned``, only what is
    surely that figure."""
    if _is_light(arm, control, params):
        return
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
        counted = arm.measured.dimension == COUNTED  # of groups of other sizes
        if turned:
            lone = [f for f in stated if f.value.role != "comparator" and _is_surely(f, arm, control)]
        else:
            lone = [f for f in stated if f.measured.fits(arm.measured) or (not counted and _is_of_arm(result, f, arm))]
        lone = [f for f in lone if case.is_held_against(f.told, control.told)]
        lone = [f for f in lone if f.measured.digits is not None or not counted]
        lone = [
            f
            for f in lone
            if f.measured.point != _HALF or f.value.qualifier is not None or _is_of_outcome(case, f.told, arm.told)
        ]
        if not lone or _tells(case, source, arm, control, own):
            continue
        if any(all(_prints_digits(case, one, figure) for figure in pair) for one in own for pair in beside):
            continue
        if any(sets_beside(case, f.told, f.value, arm, control, params) for f in lone):
            continue
        if any(_is_told_twice(case, f) or (turned and _follows_another(case, f)) for f in lone):
            continue
        yield _draft(case, lone[0].told, lone[0].value, lone[0].measured, control, result)


def _is_told_twice(case: Case, figure: Figure) -> bool:
    """Whether the sentence of a figure has it a second time, of the others or of before: five days, and five days."""
    claim = figure.told.claim
    places = {
        number.start
        for number in case.numbers(figure.told.source, claim.start, claim.end)
        if number.unit == figure.value.unit and number.value == figure.value.value
    }
    return len(places) > 1


def _follows_another(case: Case, figure: Figure) -> bool:
    """Whether the sentence before gives another group another figure, right or wrong: of those on it 41%. Of the others it was 16%."""
    claim = figure.told.claim
    return any(
        0 <= claim.start - told.claim.end < _NEXT
        and told.claim.measure == claim.measure
        and any(
            m is not None and m.dimension == figure.measured.dimension and not m.fits(figure.measured)
            for m in told.measured
        )
        for told in case.source(figure.told).told
    )


def _is_of_arm(result: Result, figure: Figure, arm: Figure) -> bool:
    """Whether a figure, as large as it may be, is told of the treated: it says so, or is told of nobody, in a finding that has ``arm``."""
    if figure.value.role == "arm":
        return True
    return figure.value.role is None and any(
        group.role == "arm" and figure in group.figures and arm in group.figures for group in result.groups
    )


def _is_of_outcome(case: Case, one: Told, best: Told) -> bool:
    """Whether a half may be of the outcome: half of them were given something, half got better."""
    alike = case.judge.alike(one.concepts["outcome"], best.concepts["outcome"])
    return alike is not None and alike > 0


def _draft(case: Case, one: Told, value: Value, measured: Measured, control: Figure, result: Result | None) -> Draft:
    words = {
        "source": case.name(one),
        "figure": case.printed(value),
        "reference": case.name(control.told),
        "control_figure": case.printed(control.value),
        "control": control.value.group or case.word("comparator"),
        "result": result.record.label if result is not None else case.word("group"),
    }
    details = {"stated": measured.point, "control": control.measured.point, "unit": control.value.unit}
    return Draft([Spot.of(one)], [Spot.of(control.told)], result, words, details)


def _is_light(arm: Figure, control: Figure, params: Params) -> bool:
    """Whether the control group's figure adds little: it is nearly the same, and so are not nearly all of those who have it."""
    gap = abs(arm.measured.point - control.measured.point)
    share = control.measured.point / arm.measured.point if arm.measured.point else 0.0
    small = arm.measured.dimension == "percent" and gap < float(params["min_gap"])
    rare = arm.measured.point < float(params["level" if arm.told.claim.direction == "equal" else "common"])
    return small and (rare or share < float(params["nearly_all"]))


def _is_surely(figure: Figure, one: Figure, other: Figure) -> bool:
    """Whether a figure is ``one`` and not ``other``, by its digits."""
    precise = figure.measured.digits is not None and len(significant_digits(figure.value.text)) >= _PRECISE
    return precise and figure.measured.fits(one.measured) and not figure.measured.fits(other.measured)


def _complete(result: Result) -> Iterator[tuple[Figure, Figure]]:
    """The figures for arm and comparator of the best sentence that has both, in each unit."""
    met: set[str] = set()
    for arm, control in pairs_of([f for one in result.told for g in result.groups for f in g.figures if f.told is one]):
        if arm.measured.dimension not in met:
            met.add(arm.measured.dimension)
            yield arm, control


def _tells(case: Case, source: int, arm: Figure, control: Figure, own: list[Told]) -> bool:
    """Whether an article gives the control group's figure beside its own, or the number itself, whatever it was read as."""
    if any(one.marks and one.concepts["comparator"].stems & one.stems for one in own):
        return True  # another share of the sentence, which names the other group
    if any(_has_both(one, arm.measured) for one in own):
        return True  # in other units, or told otherwise
    for told in case.sources[source].told:
        close = any(abs(told.claim.start - one.claim.end) < _BESIDE for one in own)
        beside = told in own or any(0 <= told.claim.start - one.claim.end < _NEXT for one in own)
        for value, measured in zip(told.claim.values, told.measured, strict=True):
            if measured is None:
                continue
            if (
                told in own
                and told.claim.measure not in RELATIVE
                and measured.interval.overlaps(control.measured.interval)
                and (value.role == "comparator" or value.qualifier is not None or not is_nearer(measured, arm, control))
            ):
                return True
            if measured.dimension != control.measured.dimension:
                continue
            if beside and value.role == "comparator" and not measured.fits(arm.measured):
                return True
            loose = value.qualifier is not None or measured.digits is None
            again = loose and measured.fits(arm.measured) and told.claim.direction != "equal"
            if (close or beside) and measured.fits(control.measured) and not again:
                return True
    words = case.corpus.words
    group = words.stems(control.value.group or "")
    text = case.sources[source].article.text
    if group and any(group <= words.stems(text[one.claim.end : one.claim.end + _SOON]) for one in own):
        return True  # in the placebo group nobody did
    return any(_prints_control(case, one, arm, control) or _prints_gap(case, one, arm, control) for one in own)


def _has_both(one: Told, arm: Measured) -> bool:
    """Whether a claim sets the figure of the arm beside another of its kind, of what it compares with."""
    kinds = [
        (value.role, m.dimension, m.fits(arm))
        for value, m in zip(one.claim.values, one.measured, strict=True)
        if m is not None
    ]
    own = {dimension for role, dimension, fits in kinds if role == "arm"}
    return any(role == "comparator" and dimension in own and not fits for role, dimension, fits in kinds)


def _prints_gap(case: Case, one: Told, arm: Figure, control: Figure) -> bool:
    """Whether the sentence of a claim tells how far both groups are apart, from which the other's figure follows: six points more."""
    gap = abs(arm.measured.point - control.measured.point)
    units = {arm.value.unit, control.value.unit, *_POINTS} - {None}
    return any(
        value.unit in units
        and (found := case.corpus.measured(value)) is not None
        and not found.fits(arm.measured)
        and found.interval.low <= gap <= found.interval.high
        and (found.interval.is_bounded or abs(found.point - gap) <= _NEAR_GAP * gap)  # at least 5% is no gap of 55
        for value in case.numbers(one.source, one.claim.start, one.claim.end)
    )


def _prints_digits(case: Case, one: Told, figure: Figure) -> bool:
    """Whether the digits of a figure stand near a claim: shares may be told by their counts, 61 of 144, and of the others 79."""
    value = figure.value
    start, end = one.claim.start - _BESIDE, one.claim.end + _BESIDE
    precise = value.value is not None and len(significant_digits(value.text)) > 1
    return precise and any(v.value == value.value for v in case.numbers(one.source, start, end))


def _prints_control(case: Case, one: Told, arm: Figure, control: Figure) -> bool:
    """Whether the control group's figure stands near a claim: the same number, or one that it may be rounded to, in its unit, or in the
    claim's own sentence in none."""
    for value in case.numbers(one.source, one.claim.start - _BESIDE, one.claim.end + _BESIDE):
        if value.value is not None and value.value == control.value.value:
            return True
        inside = one.claim.start <= value.start < one.claim.end
        found = case.corpus.measured(value)
        if inside and value.unit is None:
            found = read_as(case, value, control, arm.value.unit) or found
        if found is None or found.fits(arm.measured) or not found.fits(control.measured):
            continue
        if found.dimension == control.measured.dimension and (inside or found.dimension != COUNTED):
            return True
        if inside and value.unit is None:
            return True  # 48 percent, against about 11
    digits = (float(number) for number in _NUMBER.findall(one.claim.quote))
    wanted = control.value.value
    return wanted is not None and wanted >= _ROUND and any(round(wanted) == number for number in digits)  # in arm 40
