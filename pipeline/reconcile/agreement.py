"""Which figures of two claims lie together, and whether they are the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pipeline.reconcile.corpus import RELATIVE, Told
from pipeline.reconcile.rounding import COUNTED, Measured, significant_digits

_OF_A_WHOLE = {"percent", "days"}
"""Units without which a figure is another: 16 people, 16%."""
_NEAR = 0.15
"""How far apart, as a share of the larger, two lone figures may be to be told of one thing."""


class Agreement(NamedTuple):
    """How the values of two claims lie to each other, group by group."""

    agree: tuple[tuple[int, int], ...]
    """Indices of values that overlap."""
    differ: tuple[tuple[int, int], ...]


_NOTHING = Agreement((), ())


def agreement(a: Told, b: Told) -> Agreement:
    """Which values of two claims lie together: by role where both tell it, else each with what it may be the same number as.

    Two pairs of the same two numbers lie together number by number, whatever their roles, which are the less sure reading.
    """
    fits = {
        (i, j): x.fits(y) or _is_one_count(x, y)
        for i, x in enumerate(a.measured)
        if x is not None
        for j, y in enumerate(b.measured)
        if y is not None and _comparable(x, y)
    }
    if not fits:
        return _NOTHING
    by_role = _aligned(a, b, fits, by_role=True)
    if by_role.agree and not by_role.differ:
        return by_role
    by_number = _aligned(a, b, fits, by_role=False)
    if not by_role.differ and not by_number.agree:
        return by_number
    lone = min(len(a.measured), len(b.measured)) == 1
    if not by_number.differ and len(by_number.agree) > (1 if by_role.differ and not lone else 0):
        return by_number
    return by_role


def _aligned(a: Told, b: Told, fits_of: Mapping[tuple[int, int], bool], *, by_role: bool) -> Agreement:
    """The values that lie together, of those that may: ``fits_of`` tells which may be one number, and whether they are."""
    agree: list[tuple[int, int]] = []
    differ: list[tuple[int, int]] = []
    left = [j for j, measured in enumerate(b.measured) if measured is not None]
    for i, x in enumerate(a.measured):
        if x is None:
            continue
        role = a.claim.values[i].role
        best: tuple[bool, bool, int] | None = None
        for j in left:
            may_fit = fits_of.get((i, j))
            if may_fit is None:
                continue
            other = b.claim.values[j].role
            if by_role and role is not None and other is not None and role != other:
                continue
            choice = (may_fit, role == other, -j)
            if (best is None or choice > best) and (may_fit or _is_measured_alike(a, b)):
                best = choice
        if best is None:
            continue
        fits, same_role, place = best
        y = b.measured[-place]
        assert y is not None
        lone = not by_role and min(len(a.measured), len(b.measured)) == 1
        near = x.distance(y) <= _NEAR or are_swapped(a.claim.values[i].text, b.claim.values[-place].text)
        if fits or (same_role and role is not None) or (lone and near):
            left.remove(-place)
            (agree if fits else differ).append((i, -place))
    return Agreement(tuple(agree), tuple(differ))


def is_swapped(one: float, other: float) -> bool:
    """Whether two whole numbers have the same digits but for two that are next to each other and swapped: 86,420 and 68,420."""
    a, b = f"{one:.0f}", f"{other:.0f}"
    apart = [at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y]
    return (
        len(a) == len(b)
        and len(apart) == 2
        and apart[1] == apart[0] + 1
        and a[apart[0]] == b[apart[1]]
        and a[apart[1]] == b[apart[0]]
    )


def _is_measured_alike(a: Told, b: Told) -> bool:
    """Whether figures of two claims that differ tell different things of one: a share is no change of a share."""
    relative = [one.claim.measure in RELATIVE for one in (a, b)]
    return a.claim.measure == b.claim.measure if all(relative) else not any(relative)


def are_swapped(one: str, other: str) -> bool:
    """Whether two printed numbers have the same digits in another order: 0.47 typed for 0.74."""
    a, b = significant_digits(one), significant_digits(other)
    return len(a) > 1 and a != b and sorted(a) == sorted(b)


def _comparable(x: Measured, y: Measured) -> bool:
    """Whether two values may be one number: in one unit, or the same figure where one source names the unit and the other does not."""
    if x.dimension == y.dimension or _is_one_count(x, y):
        return True
    dimensions = {x.dimension, y.dimension}
    return COUNTED in dimensions and not dimensions & _OF_A_WHOLE and x.is_figure_of(y)


def _is_one_count(x: Measured, y: Measured) -> bool:
    """Whether one source tells of how many the other's number is: 96 of 6,240 people, 96 people."""
    if x.dimension == y.dimension or (x.counted is None and y.counted is None):
        return False
    return x.is_as_many_as(y)
