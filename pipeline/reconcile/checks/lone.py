"""Figures of the treated that are told without those of the others, where no finding need join the claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.model import Value
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.counterparts import (
    Pair,
    better_of_study,
    claim_at,
    has,
    is_made,
    is_of_one_sentence,
    is_one_pair,
    pairs_in,
    read_as,
    read_as_known,
)
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.corpus import RELATIVE, Source, Told
from pipeline.reconcile.findings import Figure
from pipeline.reconcile.rounding import COUNTED, Measured, significant_digits
from pipeline.shapes import LETTERS

_BESIDE = 400
"""Characters within which figures are told together."""
_SOON = 150
"""Characters after a sentence in which the other group may be spoken of."""
_LEAST_DIGITS = 2
_OF_A_WHOLE = "percent"
_NEAR = 0.02
"""How far, as a share, a part told in words may be from the figure that it stands for."""
_LEVEL = ("null-result", "no-better")
_OTHERS = ("comparator", "baseline")
"""Roles of figures that are not those of the treated."""


class Lone(NamedTuple):
    """A figure that is told alone, and the pair that it is of."""

    one: Told
    value: Value
    measured: Measured
    arm: Figure
    control: Figure


def lone_figures(case: Case) -> Iterator[Lone]:
    """The first figure of a pair of a better source, in an article that nowhere has the other; one of each pair."""
    for source in case.judged:
        if source.bearing(*_LEVEL):
            continue  # that the others fared as well is told in words
        for o in better_of_study(case, source):
            pairs = pairs_in(case, o)
            for pair in pairs:
                if case.is_of_accuracy(pair[0].told):
                    continue
                found = _alone(case, source, pair, pairs)
                if found is not None:
                    yield found


def _alone(case: Case, source: Source, pair: Pair, pairs: Sequence[Pair]) -> Lone | None:
    """The first figure of a pair where an article has it alone. All numbers of the article are read last, which costs most."""
    arm, control = pair
    if not is_of_one_sentence(arm.measured, arm.measured.dimension, pairs):
        return None
    for told in source.told_at.values():
        start, end = told[0].claim.start, told[0].claim.end
        for x, known in case.stated(source.index, start, end):
            if x.qualifier is not None:
                continue
            measured = read_as_known(case, x, known, arm)
            if measured is None or not _is_it(x, measured, arm):
                continue
            if measured.fits(control.measured) and not is_nearer(measured, arm, control):
                continue
            if _has_control(case, case.numbers(source.index, start, end), pair):
                return None
            one = claim_at(told, x, x)
            if _is_set_beside(told, x) or not is_one_pair(case, one, arm, x):
                continue
            every = case.numbers(source.index, 0, len(source.article.text))
            # Shares may be told by their counts: 61 of 144, and of the others 79.
            beside = [other for other in pairs if other[0].told.claim.start == arm.told.claim.start]
            if any(_has_control(case, every, other) for other in (pair, *beside)):
                return None
            if not _is_told_beside(case, source, one, x, every, pair):
                return Lone(one, x, measured, arm, control)
    return None


def _has_control(case: Case, numbers: Sequence[Value], pair: Pair) -> bool:
    """Whether one of ``numbers`` may be the second figure of a pair, and not the first."""
    others = [v for v in numbers if not is_nearer(case.corpus.measured(v), *pair)]
    return has(case, others, pair[1].measured)


def _is_set_beside(told: Sequence[Told], x: Value) -> bool:
    """Whether a number of a sentence is that of the others, or where a group began."""
    return any(v.start <= x.start < v.end and v.role in _OTHERS for one in told for v in one.claim.values)


def _is_told_beside(case: Case, source: Source, one: Told, x: Value, every: Sequence[Value], pair: Pair) -> bool:
    """Whether a sentence, or what stands near it, tells of the other group: what both figures make, or the group by its name."""
    start, end = one.claim.start, one.claim.end
    near = [v for v in every if start - _BESIDE <= v.start < end + _BESIDE and v.start != x.start]
    if any(_tells_both(case, v, *pair) for v in near):
        return True
    stems = case.corpus.words.stems
    group = stems(pair[1].value.group or "")
    return bool(group and group & stems(source.article.text[start : end + _SOON]) - one.concepts["intervention"].stems)


def sets_beside(case: Case, one: Told, stated: Value, arm: Figure, control: Figure, params: Params) -> bool:
    """Whether the sentence of a figure gives the other group another, whatever it is, in whatever words: or says that it is of both."""
    told = case.source(one).told_at.get(one.claim.start, ())
    for claim in told:
        if claim.claim.measure in RELATIVE:
            continue
        for value, measured in zip(claim.claim.values, claim.measured, strict=True):
            if (
                value.role == "comparator"
                and measured is not None
                and not measured.fits(arm.measured)
                and measured.dimension in (arm.measured.dimension, COUNTED, _OF_A_WHOLE)
            ):
                return True
    words = LETTERS.findall(one.claim.quote.lower())
    if not set(words).isdisjoint(params["both"]):
        return True
    group = case.corpus.words.stems(control.value.group or "") - one.concepts["intervention"].stems
    if set(words).isdisjoint(params["others"]) and not group & case.corpus.words.stems(one.claim.quote):
        return False
    apart = [slot.text for t in told for slot in (t.claim.timepoint, t.claim.sample_size) if slot is not None]
    return any(
        value.start != stated.start
        and value.unit in (None, stated.unit, "percent", "times")
        and not any(value.text in text for text in apart)
        and case.corpus.measured(value) is not None
        for value in case.numbers(one.source, one.claim.start, one.claim.end)
    )


def is_nearer(measured: Measured | None, arm: Figure, control: Figure) -> bool:
    """Whether a figure that may be either of a pair is the first: a part told in words that is as good as it, seven in ten, of 70% and
    68%, or a printed number, 14% of 14% and 15%."""
    if measured is None or measured.dimension != arm.measured.dimension:
        return False
    if measured.digits is not None:
        return measured.fits(arm.measured) and not measured.fits(control.measured)
    return measured.distance(arm.measured) <= min(_NEAR, measured.distance(control.measured) / 2)


def _is_it(x: Value, measured: Measured, arm: Figure) -> bool:
    """Whether a number that stands for itself is a figure of another source: its digits, or a part told in words that is as large."""
    if not measured.fits(arm.measured):
        return False
    if measured.digits is None:
        return measured.dimension == "percent" and measured.distance(arm.measured) <= _NEAR
    return len(significant_digits(x.text)) >= _LEAST_DIGITS


def _tells_both(case: Case, value: Value, arm: Figure, control: Figure) -> bool:
    """Whether a number is what the two figures make, the difference, the ratio, or the other of them without its unit."""
    measured = case.corpus.measured(value)
    if value.unit is None and (bare := read_as(case, value, control, arm.value.unit)) and bare.fits(control.measured):
        return True
    return value.value is not None and measured is not None and is_made(measured, arm, control)
