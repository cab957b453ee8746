"""Figures of two groups held against those of a better source that has one of them, where no finding need join the claims.

A sentence that gives one group's figure as a better source of the story does, and another for the other group, tells that pair, in
whatever words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from pipeline.model import Value
from pipeline.reconcile.checks.case import Case, Stated
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.pairs import endings_of, figures_of, pairs_of, told_pairs
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.findings import Figure
from pipeline.reconcile.made import quotient
from pipeline.reconcile.rounding import COUNTED, Measured, same_time, significant_digits

_BESIDE = 400
"""Characters within which figures are told together."""
_LEAST_DIGITS = 2
_PRECISE = 3
"""Figures of so many digits are one figure whatever the group is called."""
_PEOPLE = "people"
_OF_PEOPLE = ("count", "proportion", "sample_size")
"""Measures that say of how many people something was found."""
_STEP = 5
"""Whole numbers that are multiples of this are taken for rounded."""
_APART = ("baseline", "total")
"""Roles of figures that are of no group as the study left it."""
_SAME_TIME = 0.1
_LEAST_NAMES = 1.0

Pair = tuple[Figure, Figure]
"""Of arm and comparator."""


@dataclass(frozen=True, slots=True)
class Misstated:
    """A pair of figures of a better source, and what an article has in their place."""

    one: Told
    stated: Value
    """What is told otherwise."""
    kept: Figure
    """The figure of the better source that is told as it is."""
    other: Figure
    """The one that is not."""
    inflates: bool
    """Whether it is a rough figure that sets the two groups further apart."""


def is_rough(value: Value, measured: Measured) -> bool:
    """Whether a figure is told as a rough one, with a word such as "nearly" or in words alone."""
    return value.qualifier is not None or measured.digits is None


def _is_loose(value: Value, measured: Measured) -> bool:
    """The same, or whether it is a round number."""
    number = value.value
    return is_rough(value, measured) or (number is not None and number.is_integer() and number % _STEP == 0)


def better_of_study(case: Case, source: Source) -> list[Source]:
    """The better sources of the story of an article that tell of its study."""
    return [o for o in case.related.better_retellings(source) if _is_of_one_study(case, source.index, o.index)]


def _is_of_one_study(case: Case, one: int, other: int) -> bool:
    """Whether two articles tell of one study; where articles are few, one rare name in common is enough."""
    if case.related.is_of_its_study(one, other):
        return True
    return case.corpus.background.crowd == 0 and case.corpus.shared_names(one, other) >= _LEAST_NAMES


def pairs_in(case: Case, source: Source) -> list[Pair]:
    """The figures of both groups that an article has in digits, in one sentence: as shares and as counts, and where both ended up."""
    return case.once((pairs_in, source.index), lambda: _pairs_in(case, source))


def _pairs_in(case: Case, source: Source) -> list[Pair]:
    figures = figures_of(source.told)
    pairs = [*told_pairs(case, source), *endings_of(figures), *pairs_of(_as_counts(figures))]
    return [(arm, control) for arm, control in pairs if arm.measured.interval.exact and control.measured.interval.exact]


def _as_counts(figures: Iterable[Figure]) -> list[Figure]:
    """Of shares that are told as so many of so many, how many."""
    return [
        Figure(f.told, f.index, counted)
        for f in figures
        if f.measured.counted is not None and (counted := f.measured.as_counted) is not None
    ]


def told_otherwise(case: Case, params: Params) -> Sequence[Misstated]:
    """Sentences that give one figure of a better source's pair as it is, and in the other's place one that no better source has."""
    least, most = float(params["least"]), float(params["most"])
    return case.once((told_otherwise, least, most), lambda: list(_told_otherwise(case, least, most)))


def _told_otherwise(case: Case, least: float, most: float) -> Iterator[Misstated]:
    for source in case.judged:
        better = better_of_study(case, source)
        pairs = [
            (own, [pair for pair in own if not case.is_of_accuracy(pair[0].told)])
            for o in better
            if (own := pairs_in(case, o))
        ]
        if not pairs:
            continue
        for told in source.told_at.values():
            ours = case.stated(source.index, told[0].claim.start, told[0].claim.end)
            if len(ours) > 1:
                every = (f for own, held in pairs for f in _otherwise(case, told, ours, own, held, better, least, most))
                found = next(every, None)
                if found is not None:
                    yield found


def _otherwise(
    case: Case,
    told: Sequence[Told],
    ours: Sequence[Stated],
    pairs: Sequence[Pair],
    held: Sequence[Pair],
    better: Sequence[Source],
    least: float,
    most: float,
) -> Iterator[Misstated]:
    """Of ``ours``, the numbers of a sentence; ``held`` are the ``pairs`` of a source that it is held against."""
    for arm, control in held:
        for kept, missed in ((arm, control), (control, arm)):
            for x, measured in ours:
                if x.qualifier is not None:
                    continue
                anchor = read_as_known(case, x, measured, kept)
                if anchor is None or not _is_told(x, anchor, kept, pairs):
                    continue
                rest = [
                    (v, m)
                    for v, known in ours
                    if v is not x
                    and (m := read_as_known(case, v, known, missed, x.unit)) is not None
                    and not m.fits(anchor)
                ]
                others = [
                    (v, m)
                    for v, m in rest
                    if not m.fits(missed.measured)
                    and least <= m.distance(missed.measured) <= most
                    and not is_made(m, arm, control)
                    and not _is_apart(told, x, v)
                    and is_one_pair(case, claim_at(told, x, v), kept, x)
                ]
                others = [(v, m) for v, m in others if not _is_told_rightly(case, claim_at(told, x, v), x, missed)]
                if not others:
                    continue  # mostly; reading all that the better sources have costs much more
                rest = [(v, m) for v, m in rest if not _is_printed(case, better, v)]
                if len(rest) != 1 or rest[0] not in others or has(case, _numbers_of(case, better), rest[0][1]):
                    continue
                value, stated = rest[0]
                one = claim_at(told, x, value)
                a, c = (anchor, stated) if kept is arm else (stated, anchor)
                gap, before = a.point - c.point, arm.measured.point - control.measured.point
                wider = gap * before > 0 and abs(gap) > abs(before)
                yield Misstated(one, value, kept, missed, wider and _is_loose(value, stated))


def _is_told_rightly(case: Case, one: Told, x: Value, missed: Figure) -> bool:
    """Whether the figure that is missed beside ``x`` stands near a claim too."""
    near = case.numbers(one.source, one.claim.start - _BESIDE, one.claim.end + _BESIDE)
    return has(case, [v for v in near if v.start != x.start], missed.measured)


def _numbers_of(case: Case, sources: Iterable[Source]) -> Iterator[Value]:
    """All numbers of articles, each of which is read when its turn comes."""
    return (value for source in sources for value in case.numbers(source.index, 0, len(source.article.text)))


def _is_printed(case: Case, sources: Iterable[Source], value: Value) -> bool:
    return any(value.value in (known.value, known.low, known.high) for known in _numbers_of(case, sources))


def read_as(case: Case, value: Value, figure: Figure, beside: str | None = None) -> Measured | None:
    """A number of a sentence as one in the unit of ``figure``, which it has, or the number beside it, or neither names; None where it is of
    another kind."""
    return read_as_known(case, value, case.corpus.measured(value), figure, beside) if value.value is not None else None


def read_as_known(
    case: Case, value: Value, found: Measured | None, figure: Figure, beside: str | None = None
) -> Measured | None:
    """The same of a number that is ``found`` in its own unit."""
    theirs = figure.measured.dimension
    if value.unit == _PEOPLE and figure.value.unit is None and figure.told.claim.measure not in _OF_PEOPLE:
        return None  # 15 people, where a mean changed by 15.3
    if found is None or found.dimension == theirs:
        return found
    if found.dimension == COUNTED and value.unit in (None, beside, "points") and theirs != "days":
        if theirs == "percent" and value.unit is None and beside != "percent":
            return None
        return case.corpus.measured(replace(value, unit=figure.value.unit))
    return None


def _is_told(x: Value, anchor: Measured, kept: Figure, pairs: Sequence[Pair]) -> bool:
    """Whether a number that stands for itself is a figure of a pair, and of no other pair of the source."""
    if not anchor.fits(kept.measured) or anchor.digits is None:
        return False
    if len(significant_digits(x.text)) < _LEAST_DIGITS and anchor.dimension != "percent":
        return False
    return is_of_one_sentence(anchor, kept.measured.dimension, pairs)


def is_of_one_sentence(measured: Measured, dimension: str, pairs: Iterable[Pair]) -> bool:
    """Whether the figures of ``pairs`` in a unit that a number may be are all of one sentence."""
    starts = {
        figure.told.claim.start
        for pair in pairs
        for figure in pair
        if figure.measured.dimension == dimension and figure.measured.fits(measured)
    }
    return len(starts) == 1


def claim_at(told: Sequence[Told], x: Value, value: Value) -> Told:
    """The claim of a sentence that has these numbers, the one that is told otherwise before the other."""
    for number in (value, x):
        for one in told:
            if any(v.start <= number.start < v.end for v in one.claim.values):
                return one
    return told[0]


def is_made(measured: Measured, arm: Figure, control: Figure) -> bool:
    """Whether a number is what the figures of two groups make: the difference, the ratio, the change, or those who did not."""
    a, c = arm.measured, control.measured
    kinds = {a.dimension, COUNTED, "percentage_points"}
    made = [(abs(a.point - c.point), kinds)]
    if a.dimension == "percent":
        made += [(100 - a.point, {"percent"}), (100 - c.point, {"percent"})]
    if min(a.interval.low, c.interval.low) > 0 and a.interval.is_bounded and c.interval.is_bounded:
        for pair in ((a.interval, c.interval), (c.interval, a.interval)):
            found = quotient(*pair)
            made.append((sum(found["ratio"][:2]) / 2, {COUNTED, "times"}))
            made.append((sum(found["relative_change"][:2]) / 2, {"percent"}))
    return any(
        measured.dimension in kinds and measured.interval.low <= number <= measured.interval.high
        for number, kinds in made
    )


def has(case: Case, numbers: Iterable[Value], measured: Measured) -> bool:
    """Whether one of ``numbers`` may be this figure."""
    return any(
        value.value is not None
        and (m := case.corpus.measured(value)) is not None
        and m.dimension == measured.dimension
        and m.fits(measured)
        for value in numbers
    )


def _is_apart(told: Sequence[Told], *numbers: Value) -> bool:
    """Whether one of two numbers is where a group began, or of all."""
    return any(
        v.role in _APART and v.start <= number.start < v.end
        for one in told
        for v in one.claim.values
        for number in numbers
    )


def is_one_pair(case: Case, one: Told, kept: Figure, x: Value) -> bool:
    """Whether a claim may be of the result of ``kept``, and something besides the figure says that it is."""
    best = kept.told
    if case.judge.compare(one, best).barred or not case.is_held_against(one, best):
        return False
    times = same_time(one.days, best.days, _SAME_TIME)
    if times is False or (one.marks and best.marks and one.marks != best.marks):
        return False
    result = case.result_of.get(one.claim.claim_id)
    if result is not None and best in result.told:
        return True
    if len(significant_digits(x.text)) >= _PRECISE:
        return True
    slots = ("outcome", "intervention", "comparator")
    alike = any((case.judge.alike(one.concepts[slot], best.concepts[slot]) or 0.0) > 0 for slot in slots)
    return alike or (times is True and len(significant_digits(x.text)) >= _LEAST_DIGITS)


def draft_of(case: Case, found: Misstated) -> Draft:
    """What is said of a figure that is told otherwise."""
    best, value = found.other.told, found.other.value
    result = case.result_of.get(best.claim.claim_id)
    words = {
        "source": case.name(found.one),
        "figure": case.printed(found.stated),
        "reference": case.name(best),
        "reference_figure": case.printed(value),
        "group": value.group or case.word(value.role or "group", "group"),
        "result": result.record.label if result is not None else case.word("group"),
    }
    details = {"stated": found.stated.value, "reference": value.value, "unit": value.unit}
    return Draft([Spot.of(found.one)], [Spot.of(best)], result, words, details)
