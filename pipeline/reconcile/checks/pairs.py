"""The figures of the two groups of a comparison, whether one claim has both or two claims of one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.corpus import RELATIVE, Source, Told
from pipeline.reconcile.findings import Figure
from pipeline.reconcile.rounding import COUNTED, same_time

_MOST_VALUES = 4
"""A claim with more values is a list, whose figures lie side by side by chance."""
_OF_A_WHOLE = "percent"
_SAME_TIME = 0.1
"""How far apart two times may be, as a share, and be one."""


def figures_of(told: Iterable[Told]) -> list[Figure]:
    """All values of claims that are measured."""
    return [Figure(one, i, m) for one in told for i, m in enumerate(one.measured) if m is not None]


def told_pairs(case: Case, source: Source) -> list[tuple[Figure, Figure]]:
    """:func:`pairs_of` all figures of an article."""
    return case.once((told_pairs, source.index), lambda: list(pairs_of(figures_of(source.told))))


def pairs_of(figures: Iterable[Figure]) -> Iterator[tuple[Figure, Figure]]:
    """The figures for arm and comparator, in one unit, of each sentence that has one of each, at one time; in the order of ``figures``."""
    sentences: dict[tuple[int, int], list[Figure]] = {}
    for figure in figures:
        claim = figure.told.claim
        if len(claim.values) <= _MOST_VALUES and not _is_relative(figure) and figure.value.role is not None:
            sentences.setdefault((figure.told.source, claim.start), []).append(figure)
    for told in sentences.values():
        for dimension in dict.fromkeys(f.measured.dimension for f in told):
            same = [f for f in told if f.measured.dimension == dimension or (_is_bare(f) and dimension != _OF_A_WHOLE)]
            arms, controls = ([f for f in same if f.value.role == role] for role in ("arm", "comparator"))
            if len(arms) + len(controls) < len(same) or not _is_one(arms) or not _is_one(controls):
                continue
            if all(_are_two(a, c) for a in arms for c in controls):
                yield _printed(arms), _printed(controls)


def endings_of(figures: Iterable[Figure]) -> Iterator[tuple[Figure, Figure]]:
    """Where the two groups of each sentence ended up that tells of both where they began: from 6.0 to 4.6, and from 6.1 to 4.7."""
    sentences: dict[tuple[int, int, str], list[Figure]] = {}
    for figure in figures:
        if figure.value.role == "followup":
            claim = figure.told.claim
            sentences.setdefault((figure.told.source, claim.start, figure.measured.dimension), []).append(figure)
    for ends in sentences.values():
        if len(ends) != 2:
            continue
        one, other = ends
        against = one.told.concepts["comparator"].text
        if None in (one.value.group, other.value.group) or one.value.group == other.value.group:
            continue
        yield (other, one) if against == one.value.group else (one, other)


def _is_relative(figure: Figure) -> bool:
    """Whether a figure says by how much one group differs from the other, not what one of them has: of each how much it lost, in
    percent, is the latter."""
    return figure.told.claim.measure in RELATIVE and not figure.told.of_each


def _are_two(arm: Figure, control: Figure) -> bool:
    """Whether two figures may be of two groups at one time, not of one group twice."""
    groups = arm.value.group, control.value.group
    one_group = groups[0] is not None and groups[0] == groups[1]
    return not one_group and same_time(arm.told.days, control.told.days, _SAME_TIME) is not False


def _is_bare(figure: Figure) -> bool:
    """Whether a figure names no unit, and may have that of the other group's: 4.0 visits a year, and 5.0."""
    return figure.measured.dimension == COUNTED and figure.value.unit is None and figure.measured.digits is not None


def _is_one(figures: list[Figure]) -> bool:
    """Whether there is a figure, and all are the same: 21 of 48, 43.8%."""
    return bool(figures) and all(f.measured.fits(figures[0].measured) for f in figures)


def _printed(figures: list[Figure]) -> Figure:
    """Of several prints of a figure the one with a unit."""
    return next((f for f in figures if f.value.unit is not None), figures[0])
