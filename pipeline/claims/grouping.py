"""Which values of a sentence belong to one claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pipeline.claims.cues import Cue
from pipeline.claims.draft import ClaimDraft
from pipeline.claims.values import Candidate, Named
from pipeline.model import ClaimKind, Measure
from pipeline.rules.items import Items

ROW_MARK = "|"
_WITH_AN_EFFECT = ("dose", "sample_size", "count")


def bounds(items: Items, cues: Sequence[Cue], kind: str = "split") -> list[int]:
    """Item indices at which another part of the sentence begins, by the cues that show ``kind``; what stands in brackets is never
    parted."""
    inside = [(start, end) for start, end in items.closing.items()]
    return sorted(
        cue.first
        for cue in cues
        if cue.produces.get(kind) and not any(start < cue.first < end for start, end in inside)
    )


def part(bounds: Sequence[int], index: int, size: int) -> tuple[int, int]:
    """The first and last item of the part of the sentence that item ``index`` lies in."""
    first = max((bound for bound in bounds if bound <= index), default=0)
    last = min((bound for bound in bounds if bound > index), default=size) - 1
    return first, last


def is_row(items: Items) -> bool:
    """Whether the sentence is a row of a table."""
    return any(item.word == ROW_MARK for item in items.items)


class Pair(NamedTuple):
    """That a value is told with an earlier one, and what kind of claim this shows."""

    earlier: int
    kind: ClaimKind | None
    is_before: bool = False
    """Whether words say that the earlier one is what the same group had before."""


def paired(
    candidates: Sequence[Candidate],
    partner: Callable[[int, Sequence[Candidate]], tuple[Candidate, ClaimKind | None, bool] | None],
) -> tuple[list[Candidate], dict[int, Pair]]:
    """``candidates``, and which earlier one each is told with, as indices into them.

    ``partner`` gives the one among earlier candidates that an item is told with. What only a default measures is measured like the
    one it is told with.
    """
    found: list[Candidate] = []
    pairs: dict[int, Pair] = {}
    for index, candidate in enumerate(candidates):
        told = partner(candidate.place, found)
        if told is not None:
            other, kind, is_before = told
            at = found.index(other)
            if other.measure != candidate.measure and not candidate.measured:
                candidate = candidate._replace(measure=other.measure)
            elif other.measure != candidate.measure and not other.measured:
                found[at] = other._replace(measure=candidate.measure)
            if found[at].measure == candidate.measure:
                pairs[index] = Pair(at, kind, is_before)
        found.append(candidate)
    for opening in [pair.earlier for pair in pairs.values() if pair.kind == "change"]:
        pairs.pop(opening, None)  # what a group began with is set against what it ended with, and nothing else
    return found, pairs


def grouped(
    items: Items,
    candidates: Sequence[Candidate],
    named: Sequence[Named | None],
    bounds: Sequence[int],
    pairs: Mapping[int, Pair],
    outcomes: Sequence[tuple[int, int] | None],
) -> list[list[int]]:
    """The values of a sentence, one list for each claim, as indices into ``candidates``, the one that leads the claim first.

    ``named`` are the groups whose values they are, ``outcomes`` where the outcome of each stands, if that is sure. Together go values of
    one measure, within one part, that are ``pairs`` or of different groups of people and of no other outcome, and all of one row of a
    table; a dose goes with the effect that is told beside it. All others report outcomes of their own.
    """
    leader = list(range(len(candidates)))
    row = is_row(items)
    changes = {at for index, pair in pairs.items() if pair.kind == "change" for at in (index, pair.earlier)}
    for index, candidate in enumerate(candidates):
        if index in pairs:
            earlier: int | None = pairs[index].earlier
        elif index in changes and not row:
            continue  # what one group began with goes with what it ended with, and with nothing before
        else:
            earlier = _of_another_group(candidates, named, index, row, outcomes)
            if earlier in changes and not row:
                earlier = None
        if earlier is not None and index not in pairs and _differ(outcomes[earlier], outcomes[index]) and not row:
            earlier = None
        if earlier is not None and index not in pairs and not row and _is_told(leader, named, earlier, index):
            earlier = None
        told_before = index in pairs and pairs[index].is_before
        if earlier is not None and (
            told_before or not any(candidates[earlier].place < at <= candidate.place for at in bounds)
        ):
            _join(leader, earlier, index)
    found: dict[int, list[int]] = {}
    for index in range(len(candidates)):
        found.setdefault(_find(leader, index), []).append(index)
    return _with_doses(candidates, list(found.values()))


def _of_another_group(
    candidates: Sequence[Candidate],
    named: Sequence[Named | None],
    index: int,
    row: bool,
    outcomes: Sequence[tuple[int, int] | None],
) -> int | None:
    """The nearest earlier value of the same measure that is another group's, or of the same row."""
    candidate, own = candidates[index], named[index]
    for earlier in range(index - 1, -1, -1):
        other = named[earlier]
        if candidates[earlier].measure != candidate.measure:
            continue
        if not row and _differ(outcomes[earlier], outcomes[index]):
            continue
        if row:
            return earlier
        if own is None or other is None or not _is_of_one_unit(candidates[earlier], candidate):
            return None
        return earlier if (own.start, own.end) != (other.start, other.end) and own.words != other.words else None
    return None


def _is_of_one_unit(earlier: Candidate, later: Candidate) -> bool:
    """Whether two values are in one unit; who has been counted is often said once: 31 women of one group, 52 of the other."""
    unit, other = later.mention.unit, earlier.mention.unit
    return unit == other or (later.measure == "count" and unit is None)


def _is_told(leader: list[int], named: Sequence[Named | None], earlier: int, index: int) -> bool:
    """Whether the claim of ``earlier`` has a value of the group of ``index`` already: then what follows is another outcome."""
    own, claim = named[index], _find(leader, earlier)
    return own is not None and any(
        other is not None and other.words == own.words and _find(leader, at) == claim
        for at, other in enumerate(named[:index])
    )


def is_told_with(one: ClaimDraft, other: ClaimDraft) -> bool:
    """Whether the figures of two claims may be measured alike: "by 7.1 mm Hg with the app and by 5.2 with the diary"."""
    return one.measure == other.measure or (other.values[0].unit is None and one.values[0].unit is not None)


def is_counterpart(one: ClaimDraft, other: ClaimDraft) -> bool:
    """Whether two claims of one measure are the two sides of one comparison: a figure of the arm, one of the comparator, each of a group
    that is named, and no word that they report different outcomes."""
    if len(one.values) != 1 or len(other.values) != 1:
        return False
    a, b = one.values[0], other.values[0]
    if {a.role, b.role} != {"arm", "comparator"} or (a.unit != b.unit and None not in (a.unit, b.unit)):
        return False
    if None in (a.group, b.group) or a.group == b.group:
        return False
    outcomes = {draft.outcome.text.lower() for draft in (one, other) if draft.outcome is not None}
    return len(outcomes) < 2 and one.timepoint == other.timepoint


def _differ(one: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    return one is not None and other is not None and (one[1] <= other[0] or other[1] <= one[0])


def _with_doses(candidates: Sequence[Candidate], groups: list[list[int]]) -> list[list[int]]:
    def measure(group: list[int]) -> Measure:
        return candidates[group[0]].measure

    doses = [group for group in groups if measure(group) == "dose"]
    effect = next((group for group in groups if measure(group) not in _WITH_AN_EFFECT), None)
    if effect is None or not doses:
        return groups
    told = [index for group in doses for index in group]
    return [[*group, *told] if group is effect else group for group in groups if group not in doses]


def _find(leader: list[int], index: int) -> int:
    while leader[index] != index:
        index = leader[index]
    return index


def _join(leader: list[int], first: int, second: int) -> None:
    one, other = _find(leader, first), _find(leader, second)
    leader[max(one, other)] = min(one, other)
