"""The check on a relative figure that is told without any absolute one."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import Value
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.pairs import told_pairs
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.corpus import RELATIVE, Source, Told
from pipeline.reconcile.findings import Figure, Result
from pipeline.reconcile.made import derived, quotient, towards
from pipeline.reconcile.rounding import COUNTED, significant_digits
from pipeline.reconcile.words import Stems

_BESIDE = 400
"""Characters within which figures are told together."""
_LEAST_DIGITS = 2
_SIDE = 0.1
"""How far, as a share, a rough figure may be from one of two that it stands for."""
_STEP = 5
"""Changes by a multiple of so many percent are round."""
_ROUND = 5.0
"""A lower number that is rounded to a whole one is met by chance."""
_BOTH = {"arm", "comparator"}
_ABSOLUTE = ("proportion", "rate", "mean", "median", "score", "count")


@check("relative_only")
def relative_only(case: Case, params: Params) -> Iterator[Draft]:
    """A relative change with no absolute figure, where another source has one."""
    own_units = case.corpus.words.all_stems(" ".join(params["own_units"]))
    raised: set[str] = set()
    for draft in _relative_in_findings(case, params, own_units):
        raised.update(spot.claim_id for spot in draft.subject if spot.claim_id is not None)
        yield draft
    for source in case.judged:
        relative = [
            told
            for told in source.told
            if _is_relative(told)
            and told.claim.claim_id not in raised
            and told.claim.certainty != "negated"
            and not case.judge.is_aside(told)
            and not own_units & case.corpus.words.all_stems(told.claim.quote)
        ]
        for told in relative:
            yield from _relative_retold(case, source, told, params)


def _relative_retold(case: Case, source: Source, told: Told, params: Params) -> Iterator[Draft]:
    """A relative change that two figures of a better source of the story make, where no finding joins them."""
    near = {f.told for pair in told_pairs(case, source) for f in pair}
    if any(abs(one.claim.start - told.claim.start) < _BESIDE for one in near):
        return  # figures of both groups stand beside it
    if _prints_pair(case, told):
        return
    for other in case.related.retellings(source.index):
        if other.rank >= source.rank or not case.related.is_of_its_study(source.index, other.index):
            continue
        absolute = (pair for pair in told_pairs(case, other) if pair[0].told.claim.measure not in RELATIVE)
        made = [pair for pair in absolute if _is_made(case, told, *pair, float(params["close"]))]
        if any(_is_printed(case, told, figure) for pair in made for figure in pair) or any(
            _prints(case, told, pair[0].told) for pair in made
        ):
            return  # what is told of one group and not of the other is another matter
        for arm, control in made[:1]:
            words = {
                "source": source.name,
                "figure": case.printed(told.claim.values[0]),
                "reference": other.name,
                "reference_figure": case.word("against").join(case.printed(f.value) for f in (arm, control)),
                "result": arm.told.claim.outcome.text if arm.told.claim.outcome else case.word("group"),
            }
            evidence = dict.fromkeys(Spot.of(f.told) for f in (arm, control))
            yield Draft([Spot.of(told)], list(evidence), None, words, {"measure": told.claim.measure})
            return


def _is_made(case: Case, relative: Told, arm: Figure, control: Figure, factor: float) -> bool:
    """Whether a relative figure is what those of two groups make, of an outcome that may be the same."""
    alike = case.judge.alike(relative.concepts["outcome"], arm.told.concepts["outcome"])
    if alike is not None and alike < 0:
        return False
    if not alike and _is_round(relative.claim.values[0]) and not relative.stems & arm.told.stems:
        return False  # a round figure is soon made by those of another outcome
    return _make(arm, control, relative, factor)


def _is_round(value: Value) -> bool:
    return value.value is None or value.value % _STEP == 0


def _is_printed(case: Case, told: Told, figure: Figure) -> bool:
    """Whether the article of a claim gives a figure, whatever it was read as: near the claim, or anywhere if it is no small number."""
    if any(
        figure.measured.point >= _ROUND
        and (rounded := case.corpus.measured(value)) is not None
        and rounded.dimension in (figure.measured.dimension, COUNTED)
        and rounded.interval.overlaps(figure.measured.interval)
        for value in case.numbers(told.source, told.claim.start, told.claim.end)
    ):
        return True  # rounded, beside it: about ten days rather than twelve
    start, end = told.claim.start - _BESIDE, told.claim.end + _BESIDE
    if len(significant_digits(figure.value.text)) >= _LEAST_DIGITS:
        start, end = 0, len(case.source(told).article.text)
    return any(
        (m := case.corpus.measured(value)) is not None
        and m.digits is not None
        and (abs(m.point) == abs(figure.measured.point) or value.value == figure.value.value)
        for value in case.numbers(told.source, start, end)
    )


def _make(arm: Figure, control: Figure, relative: Told, factor: float) -> bool:
    """Whether the figures of two groups make the relative one, in the direction that is told, or one no further off than ``factor``."""
    stated = relative.measured[0]
    a, c = arm.measured.interval, control.measured.interval
    if stated is None or not a.is_bounded or not c.is_bounded or min(a.low, c.low) <= 0:
        return False
    turned = (a.low > c.high and relative.claim.direction == "lower") or (
        a.high < c.low and relative.claim.direction == "higher"
    )
    made = (quotient(c, a) if turned else quotient(a, c))[relative.claim.measure]
    return made.low > 0 and made.low / factor <= stated.size.point <= made.high * factor


def _relative_in_findings(case: Case, params: Params, own_units: Stems) -> Iterator[Draft]:
    """Relative changes of a finding in which another source has absolute figures."""
    for result in case.shared:
        for source in result.sources:
            own = [
                told
                for told in result.told
                if told.source == source
                and (_is_relative(told) or _is_change_as_share(told, result))
                and not case.judge.is_aside(told)
                and not own_units & case.corpus.words.all_stems(told.claim.quote)
            ]
            if not own:
                continue
            told = [t for t in case.sources[source].told if _is_absolute(t)]
            absolute = _absolute_of(case, result, own[0], float(params["factor"]))
            if absolute is not None:
                told = [t for t in told if _is_of(case, t, own[0], result)]
            elif own[0].claim.kind != "change":
                absolute = _absolute_of_study(case, result, own[0])
            if absolute is not None and case.source(absolute).rank > case.sources[source].rank:
                continue
            if told or absolute is None or _prints(case, own[0], absolute) or _has_one_side(own[0], absolute, result):
                continue
            if _prints_pair(case, own[0]) or _is_side(own[0], absolute):
                continue
            words = {
                "source": case.name(own[0]),
                "figure": case.printed(own[0].claim.values[0]),
                "reference": case.name(absolute),
                "reference_figure": case.word("against").join(case.printed(v) for v in absolute.claim.values[:2]),
                "result": result.record.label,
            }
            yield Draft([Spot.of(own[0])], [Spot.of(absolute)], result, words, {"measure": own[0].claim.measure})


def _is_side(relative: Told, absolute: Told) -> bool:
    """Whether what is told as a change is one of the two figures, of what changed in percent: lost just over 15%, of 14.9% and 2.4%."""
    if absolute.claim.measure not in RELATIVE or relative.claim.measure != absolute.claim.measure:
        return False
    return any(
        x is not None and y is not None and x.dimension == y.dimension and x.size.distance(y.size) <= _SIDE
        for x in relative.measured
        for y in absolute.measured
    )


def _has_one_side(relative: Told, absolute: Told, result: Result) -> bool:
    """Whether the article of a relative figure gives one group's, from which the other follows: a third, twice as many as the others. That
    it leaves the other to its readers is another matter."""
    own = [t for t in result.told if t.source == relative.source and t is not relative and not _is_relative(t)]
    beside = [t for t in result.told if t.source == absolute.source and t.claim.start == absolute.claim.start]
    return any(
        x.dimension == y.dimension and x.fits(y)
        for t in own
        for x in t.measured
        for other in beside
        for y in other.measured
        if x is not None and y is not None
    )


def _prints(case: Case, relative: Told, absolute: Told) -> bool:
    """Whether an article has the absolute figures near its relative one, whatever they were read as."""
    start, end = relative.claim.start - _BESIDE, relative.claim.end + _BESIDE
    for told in case.source(absolute).told_at.get(absolute.claim.start, ()):
        values = [value for value in told.claim.values if value.value is not None]
        if told is not absolute and ({value.role for value in values} != _BOTH or told.claim.measure in RELATIVE):
            continue
        if values and all(case.prints(relative.source, v.value, start, end) for v in values if v.value is not None):
            return True  # or, from the same sentence, how many they were
    return False


def _prints_pair(case: Case, relative: Told) -> bool:
    """Whether an article has, near its relative figure, what a better source of the story gives of both groups, such as how many they
    were."""
    start, end = relative.claim.start - _BESIDE, relative.claim.end + _BESIDE
    better = case.related.better_retellings(case.source(relative))
    return any(
        all(
            figure.value.value is not None
            and len(significant_digits(figure.value.text)) >= _LEAST_DIGITS
            and case.prints(relative.source, figure.value.value, start, end)
            for figure in pair
        )
        for other in better
        for pair in told_pairs(case, other)
    )


def _is_absolute(told: Told) -> bool:
    roles = {value.role for value in told.claim.values}
    measured = told.claim.measure in _ABSOLUTE or (told.claim.measure not in RELATIVE and bool(derived(told)))
    return {"arm", "comparator"} <= roles and (measured or len(told.claim.values) == 2)


def _is_of(case: Case, absolute: Told, relative: Told, result: Result) -> bool:
    """Whether an article's own absolute figures are of the outcome of its relative one."""
    alike = case.judge.alike(absolute.concepts["outcome"], relative.concepts["outcome"])
    if absolute in result.told or (alike is not None and alike > 0):
        return True
    return alike is None and abs(absolute.claim.start - relative.claim.start) < _BESIDE


def _is_relative(told: Told) -> bool:
    return told.claim.measure in RELATIVE and len(told.claim.values) == 1


def _is_change_as_share(told: Told, result: Result) -> bool:
    """Whether a share is a relative change in other words: prevents one case in five, where others have 21% fewer."""
    claim, stated = told.claim, told.measured[0] if len(told.measured) == 1 else None
    if claim.measure != "proportion" or claim.strength != "causal" or stated is None:
        return False
    return any(
        t.source != told.source
        and t.claim.measure == "relative_change"
        and len(t.measured) == 1
        and t.measured[0] is not None
        and stated.fits(t.measured[0].size)
        for t in result.told
    )


def _absolute_of(case: Case, result: Result, own: Told, factor: float) -> Told | None:
    """The best absolute comparison of the same finding that makes about what ``own`` says."""
    return next(
        (
            t
            for t in result.told
            if t.source != own.source
            and _is_absolute(t)
            and _makes(t, own, factor)
            and case.is_held_against(own, t)
            and (case.judge.alike(own.concepts["condition"], t.concepts["condition"]) or 0.0) >= 0
        ),
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
    measure = relative.claim.measure if relative.claim.measure in RELATIVE else "relative_change"
    made = towards(absolute, relative.claim.direction).get(measure)
    stated = next((m.size.point for m in relative.measured if m is not None), None)
    if made is None or stated is None:
        return False
    return made.low / factor <= stated <= made.high * factor
