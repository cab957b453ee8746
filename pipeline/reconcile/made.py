"""What two figures of a comparison make: a ratio, a difference, a change in percent."""

from __future__ import annotations

from pipeline.reconcile.corpus import Told
from pipeline.reconcile.rounding import COUNTED, Interval, Measured

_MADE = ("difference", "ratio", "relative_change")
"""What :func:`derived` gives."""
_RATES = ("rate", "ratio")
"""Measures whose counts are of as many people in both groups."""
_NOT_COMPARED = {"days", "times"}
"""Units of which a ratio is seldom told."""
_WIDEST = 0.5
"""How wide, as a share of its middle, an interval may be that figures make."""


def follows(absolute: Told, relative: Told, *, either_way: bool = False) -> bool:
    """Whether the figure of ``relative`` is what the figures of the two groups of ``absolute`` make; with ``either_way`` whichever of
    them is told first."""
    measure = relative.claim.measure
    if measure not in _MADE:
        return False
    stated = next((m for m in relative.measured if m is not None), None)
    if stated is None or not stated.interval.is_bounded:
        return False
    change = ratio_as_change(absolute, relative)
    found = [
        derived(absolute).get(measure),
        change,
        derived(absolute, turned=True).get(measure) if either_way else None,
    ]
    return any(made is not None and _tells(made) and made.overlaps(stated.size.interval) for made in found)


def is_level(told: Told, most: float) -> bool:
    """Whether a claim states two figures that a reader may call the same, no further apart than ``most``, whichever is the larger; or a
    ratio half as near to 1."""
    known = [measured for measured in told.measured if measured is not None]
    if len(known) != len(told.measured):
        return False
    if told.claim.measure == "ratio" and len(known) == 1:
        return abs(known[0].point - 1) <= most / 2
    return len(known) == 2 and known[0].distance(known[1]) <= most


def as_change(told: Told, direction: str | None) -> Interval | None:
    """By how many percent a claim says or implies that one group has more or less than the other, in the ``direction`` that is spoken of:
    its relative change, its ratio, or what its two figures make."""
    if len(told.measured) == 1 and told.measured[0] is not None:
        stated = told.measured[0]
        if told.claim.measure == "relative_change" and stated.interval.is_bounded:
            return stated.size.interval
        return _changed(stated) if told.claim.measure == "ratio" else None
    made = towards(told, direction).get("relative_change")
    return made if made is not None and _tells(made) else None


def towards(told: Told, direction: str | None) -> dict[str, Interval]:
    """What :func:`derived` gives, of the group that has more or less of the other's, as ``direction`` says."""
    made = derived(told)
    more = "ratio" in made and made["ratio"].low >= 1
    if "ratio" in made and ((direction == "lower" and more) or (direction == "higher" and made["ratio"].high <= 1)):
        return derived(told, turned=True)
    return made


def derived(told: Told, *, turned: bool = False) -> dict[str, Interval]:
    """What the figures of two groups of a comparison make: their ``difference`` (of shares in points), ``ratio`` (times) and
    ``relative_change`` (percent of the comparator's, with ``turned`` of the arm's), each with the bounds that rounding leaves; empty
    without two figures in one unit, and for heads counted of groups of unknown size."""
    known = [m for m in told.measured if m is not None]
    units = {m.dimension for m in known} - {COUNTED}
    if not units and told.claim.measure in _RATES:
        units = {COUNTED}
    if len(told.claim.values) != 2 or len(known) != 2 or len(units) != 1 or units & _NOT_COMPARED:
        return {}
    found = {value.role: m.interval for value, m in zip(told.claim.values, known, strict=True) if m.interval.is_bounded}
    arm, control = found.get("arm"), found.get("comparator")
    if turned:
        arm, control = control, arm
    if arm is None or control is None or control.low <= 0 or arm.low < 0:
        return {}
    made = quotient(arm, control)
    if units == {"percent"}:
        difference = Interval(arm.low - control.high, arm.high - control.low)
        made["difference"] = difference.scaled(-1.0) if difference.high <= 0 else difference
    return made


def quotient(arm: Interval, control: Interval) -> dict[str, Interval]:
    """The ratio of two figures above 0, and the change in percent of the second that it is."""
    ratio = Interval(arm.low / control.high, arm.high / control.low)
    change = Interval(100 * (ratio.low - 1), 100 * (ratio.high - 1))
    return {"ratio": ratio, "relative_change": change.scaled(-1.0) if change.high <= 0 else change}


def _tells(made: Interval) -> bool:
    """Whether figures are printed so precisely that what they make is not hit by chance."""
    return made.high - made.low <= _WIDEST * max(abs(made.low + made.high) / 2, 1e-9)


def ratio_as_change(ratio: Told, change: Told) -> Interval | None:
    """A ratio as a change in percent: 0.80 is 20% less."""
    if ratio.claim.measure != "ratio" or change.claim.measure != "relative_change" or len(ratio.measured) != 1:
        return None
    return _changed(ratio.measured[0]) if ratio.measured[0] is not None else None


def _changed(ratio: Measured) -> Interval | None:
    if ratio.dimension not in ("number", "times") or ratio.point <= 0:
        return None
    made = Interval(100 * (ratio.interval.low - 1), 100 * (ratio.interval.high - 1))
    return made.scaled(-1.0) if made.high <= 0 else made
