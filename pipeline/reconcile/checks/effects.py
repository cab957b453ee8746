"""Relative effects, a third less, twice as likely, held against all that the figures of a better source make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.reconcile.agreement import are_swapped
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.counterparts import better_of_study, has, pairs_in
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.corpus import RELATIVE, Source, Told
from pipeline.reconcile.findings import Figure, Result
from pipeline.reconcile.made import as_change, quotient
from pipeline.reconcile.rounding import COUNTED, Interval, same_time
from pipeline.shapes import LETTERS

_WAYS = ("higher", "lower")
_SAME_TIME = 0.1
_OF_SHARES = ("percent", "percentage_points", "points", COUNTED)
"""Units that say too little of what they are of."""
_FROM_TO = ("baseline", "followup")


@dataclass(frozen=True, slots=True)
class Effect:
    """By how many percent one group has more or less than the other, by an article."""

    told: Told
    change: Interval
    words: str
    """The figures that say so, as they are printed."""


def exaggerated_effects(case: Case, params: Params) -> Iterator[Draft]:
    """A relative effect that is larger than every one that a better source of the story tells or makes, where no finding joins them."""
    told_by: dict[int, list[tuple[str, Effect]]] = {}
    for source in case.judged:
        least_sure = float(params["confidence"])
        said = [one for one in source.told if is_effect(case, one, params)]
        better = better_of_study(case, source) if said else []
        for one in said:
            stated = as_change(one, one.claim.direction)
            if stated is None:
                continue
            for other in better:
                if other.index not in told_by:
                    told_by[other.index] = list(_effects(case, other))
                ways = [effect for way, effect in told_by[other.index] if way == one.claim.direction]
                largest = max(ways, key=lambda effect: effect.change.high, default=None)
                if largest is None:
                    continue
                high = largest.change.high
                point = (stated.low + stated.high) / 2 if stated.is_bounded else stated.low
                least, most = high * (1 + float(params["more"])), high * float(params["order"])
                # Numbers before meanings: an article may tell hundreds of effects, and few are larger than all of another's.
                if not stated.low > high or not least < point <= most or prints_both(case, one, largest.told):
                    continue
                if one.claim.confidence < least_sure and not _is_of_its_outcome(case, one, largest.told):
                    continue
                if _may_be_of_one(case, one, ways):
                    yield draft_of_effect(case, one, largest)
                    break


def exaggerated_differences(case: Case, params: Params) -> Iterator[Draft]:
    """By how much two groups are said to differ, half a year, 39 metres, where that is more than every difference in this unit that a
    better source of the study tells or its figures make."""
    for source in case.judged:
        said = [one for one in source.told if _is_difference(case, one)]
        for one in said:
            stated = one.measured[0]
            assert stated is not None
            for other in better_of_study(case, source):
                known = list(_differences(case, other, stated.dimension))
                largest = max(known, key=lambda effect: effect.change.high, default=None)
                if largest is None or not _may_differ(case, one, known):
                    continue
                high = largest.change.high
                if stated.size.interval.low > high * (1 + float(params["more"])) and stated.size.point <= high * float(
                    params["order"]
                ):
                    yield draft_of_effect(case, one, largest)
                    break


def _is_difference(case: Case, one: Told) -> bool:
    claim = one.claim
    stated = one.measured[0] if len(one.measured) == 1 else None
    return (
        claim.measure == "difference"
        and claim.direction in _WAYS
        and claim.kind == "comparison"
        and claim.certainty != "negated"
        and stated is not None
        and stated.dimension not in _OF_SHARES
        and stated.interval.is_bounded
        and claim.values[0].qualifier not in ("up_to", "under")
        and not one.marks
        and not case.judge.is_aside(one)
        and not case.quotes(one.source).holds(claim.values[0].start)
    )


def _differences(case: Case, source: Source, dimension: str) -> Iterator[Effect]:
    """The differences in a unit that an article tells, or that its figures of two groups make."""
    for told in source.told:
        stated = told.measured[0] if len(told.measured) == 1 else None
        told_apart = told.claim.measure == "difference" and told.claim.direction in _WAYS
        if told_apart and stated is not None and stated.dimension == dimension:
            yield Effect(told, stated.size.interval, case.printed(told.claim.values[0]))
    for arm, control in pairs_in(case, source):
        a, c = arm.measured.interval, control.measured.interval
        if arm.measured.dimension == control.measured.dimension == dimension and a.is_bounded and c.is_bounded:
            words = case.word("against").join(case.printed(f.value) for f in (arm, control))
            ends = (a.low - c.high, a.high - c.low)
            yield Effect(arm.told, Interval(min(map(abs, ends)), max(map(abs, ends))), words)


def _may_differ(case: Case, one: Told, known: Sequence[Effect]) -> bool:
    """Whether a difference may be of the one outcome that has figures in its unit."""
    likenesses = [case.judge.compare(one, effect.told) for effect in known]
    if not _is_of_one_outcome(known) or any(
        likeness.barred or "size_other" in likeness.parts for likeness in likenesses
    ):
        return False
    alike = [case.judge.alike(one.concepts["outcome"], effect.told.concepts["outcome"]) for effect in known]
    return all(a is None or a >= 0 for a in alike) and not any(
        same_time(one.days, effect.told.days, _SAME_TIME) is False for effect in known
    )


def _is_of_its_outcome(case: Case, one: Told, best: Told) -> bool:
    return (case.judge.alike(one.concepts["outcome"], best.concepts["outcome"]) or 0.0) > 0


def prints_both(case: Case, one: Told, best: Told) -> bool:
    """Whether the sentence of a claim gives all figures of a comparison, so that nobody is misled by what it makes of them in digits; "by
    half" misleads beside them too."""
    if any(measured is not None and measured.digits is None for measured in one.measured):
        return False
    beside = case.numbers(one.source, one.claim.start, one.claim.end)
    figures = [measured for measured in best.measured if measured is not None]
    return len(figures) > 1 and all(has(case, beside, measured) for measured in figures)


def is_effect(case: Case, one: Told, params: Params) -> bool:
    """Whether a claim tells flatly a relative effect of what its article is about."""
    claim = one.claim
    if claim.measure not in RELATIVE or len(claim.values) != 1 or claim.direction not in _WAYS:
        return False
    if (
        claim.certainty == "negated"
        or case.is_of_another(one)
        or one.marks
        or claim.values[0].qualifier in ("up_to", "under")
    ):
        return False
    at = claim.values[0].start
    words = set(LETTERS.findall(claim.quote[: at - claim.start].lower()))
    return not case.quotes(one.source).holds(at) and not words & {*params["reported"], *params["apart"]}


def _effects(case: Case, source: Source) -> Iterator[tuple[str, Effect]]:
    """The relative effects that an article tells, or that its figures make, each with its direction."""
    for told in source.told:
        stated = told.measured[0] if len(told.measured) == 1 else None
        if stated is None or told.claim.measure not in RELATIVE:
            continue
        way = told.claim.direction
        if told.claim.measure == "ratio":
            way = "higher" if stated.point > 1 else "lower"
        change = as_change(told, way)
        for one in _WAYS:
            if change is not None and way in (one, "equal", None):
                yield one, Effect(told, change, case.printed(told.claim.values[0]))
    yield from _changes(case, source)
    for arm, control in pairs_in(case, source):
        a, c = arm.measured.interval, control.measured.interval
        if arm.measured.dimension == "days" or not a.is_bounded or not c.is_bounded or min(a.low, c.low) <= 0:
            continue
        words = case.word("against").join(case.printed(f.value) for f in (arm, control))
        for x, y in ((a, c), (c, a)):
            if not x.overlaps(y):
                yield (
                    "higher" if x.low > y.high else "lower",
                    Effect(arm.told, quotient(x, y)["relative_change"], words),
                )


def _changes(case: Case, source: Source) -> Iterator[tuple[str, Effect]]:
    """By how many percent a group changed of which an article tells where it began and where it ended up."""
    for told in source.told:
        if tuple(value.role for value in told.claim.values) != _FROM_TO:
            continue
        words = case.word("against").join(case.printed(value) for value in told.claim.values[::-1])
        for way in _WAYS:
            change = change_told(told, way)
            if change is not None:
                yield way, Effect(told, change, words)


def change_told(told: Told, way: str | None) -> Interval | None:
    """By how many percent a claim says that one group has more or less than the other, or its one group than before."""
    if tuple(value.role for value in told.claim.values) != _FROM_TO:
        return as_change(told, way)
    began, ended = (m.interval if m is not None else None for m in told.measured)
    if began is None or ended is None or not (began.is_bounded and ended.is_bounded):
        return None
    if (
        min(began.low, ended.low) <= 0
        or began.overlaps(ended)
        or way != ("higher" if ended.low > began.high else "lower")
    ):
        return None
    return quotient(ended, began)["relative_change"]


def _may_be_of_one(case: Case, one: Told, ways: Sequence[Effect]) -> bool:
    """Whether what the effects in the direction of a claim are of may be what the claim is of, and something says so."""
    slots = ("intervention", "comparator")
    alike = case.judge.alike
    if not any((alike(one.concepts[s], effect.told.concepts[s]) or 0.0) > 0 for s in slots for effect in ways):
        return False
    if not (
        any((alike(one.concepts["outcome"], effect.told.concepts["outcome"]) or 0.0) > 0 for effect in ways)
        or any(same_time(one.days, effect.told.days, _SAME_TIME) for effect in ways)
        or (_is_in_words(one) and _is_of_one_outcome(ways))
    ):
        return False
    likenesses = (case.judge.compare(one, effect.told) for effect in ways)
    return not any(likeness.barred or "size_other" in likeness.parts for likeness in likenesses)


def _is_in_words(one: Told) -> bool:
    """Whether an effect is told in words, halved, twice as likely: a percentage may be none."""
    return one.claim.measure == "ratio" or any(m is not None and m.digits is None for m in one.measured)


def _is_of_one_outcome(effects: Iterable[Effect]) -> bool:
    return len({effect.told.concepts["outcome"].key for effect in effects}) == 1


def draft_of_effect(case: Case, one: Told, best: Effect) -> Draft:
    """What to say of a claim that tells more than ``best``."""
    result = case.result_of.get(best.told.claim.claim_id)
    words = {
        "source": case.name(one),
        "figure": case.printed(one.claim.values[0]),
        "reference": case.name(best.told),
        "reference_figure": best.words,
        "group": case.word("group"),
        "result": result.record.label if result is not None else case.word("group"),
    }
    stated = one.measured[0]
    details: Mapping[str, object] = {
        "stated": stated.size.point if stated is not None else None,
        "reference": (best.change.low + best.change.high) / 2,
        "unit": "percent",
    }
    return Draft([Spot.of(one)], [Spot.of(best.told)], result, words, details)


def other_ratios(case: Case, result: Result) -> Iterator[tuple[Figure, Figure]]:
    """Ratios in digits of a finding that are not the best source's, nor anything else that it prints; each with the best one."""
    ratios = [
        Figure(t, 0, m)
        for t in result.told
        if t.claim.measure == "ratio" and len(t.measured) == 1 and (m := t.measured[0]) is not None
    ]
    for one in ratios[1:]:
        best = ratios[0]
        text = case.source(best.told).article.text
        if (
            case.source(best.told).rank < case.source(one.told).rank
            and one.measured.interval.exact
            and best.measured.interval.exact
            and not any(one.measured.fits(other.measured) for other in ratios if other.told.source == best.told.source)
            and not are_swapped(one.value.text, best.value.text)
            and same_time(one.told.days, best.told.days, _SAME_TIME) is not False
            and one.told.marks == best.told.marks
            and one.value.value is not None
            and not case.prints(best.told.source, one.value.value, 0, len(text))
        ):
            yield one, best
