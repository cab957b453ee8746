"""Groups of claims as findings: the figures of every source side by side, and whether they agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace

from pipeline.claims.ids import digest
from pipeline.model import Claim, Finding, FindingStatus, FindingValues, Stated, Value
from pipeline.reconcile.agreement import agreement
from pipeline.reconcile.corpus import NOTHING, Concept, Corpus, Told
from pipeline.reconcile.rounding import Measured
from pipeline.reconcile.stances import disagree

_NAMED = ("intervention", "comparator", "condition", "outcome")
"""The slots that say what a result is."""
_ORDER = ("arm", "comparator", "baseline", "followup", "total", None)


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of one claim within a finding."""

    told: Told
    index: int
    measured: Measured

    @property
    def value(self) -> Value:
        return self.told.claim.values[self.index]


@dataclass(frozen=True, slots=True)
class Group:
    """What all claims of a finding state for one group in one unit, and which of it the others are held against."""

    role: str | None
    dimension: str
    figures: tuple[Figure, ...]
    reference: Figure


@dataclass(frozen=True, eq=False)
class Result:
    """One finding with what the checks need of it."""

    record: Finding
    told: tuple[Told, ...]
    reference: Told
    """The claim of the best source."""
    groups: tuple[Group, ...]

    @cached_property
    def sources(self) -> list[int]:
        return sorted({one.source for one in self.told})

    @property
    def first_claim(self) -> str:
        """The least of the ids of its claims."""
        return min(one.claim.claim_id for one in self.told)

    def group(self, role: str, dimension: str | None = None) -> Group | None:
        """The group with this role, in this unit if one is given."""
        return next((g for g in self.groups if g.role == role and dimension in (None, g.dimension)), None)


def results_of(corpus: Corpus, groups: Iterable[Sequence[Told]]) -> list[tuple[str, Result]]:
    """The findings, sorted by id, each with what its id is made of."""
    drafts = [_result(corpus, group) for group in groups]
    taken: Counter[str] = Counter()
    results: list[tuple[str, Result]] = []
    for base, result in sorted(drafts, key=lambda draft: (draft[0], draft[1].first_claim)):
        taken[base] += 1
        results.append((base, _with_id(result, finding_id(base, taken[base]))))
    return sorted(results, key=lambda result: result[1].record.finding_id)


def finding_id(base: str, number: int) -> str:
    """The id of what is the same by all that names it: the first, in the order of claim ids, and those after it."""
    return digest("finding", base, *([str(number)] if number > 1 else []))


def _with_id(result: Result, finding_id: str) -> Result:
    return Result(replace(result.record, finding_id=finding_id), result.told, result.reference, result.groups)


def best_first(corpus: Corpus, told: Iterable[Told]) -> list[Told]:
    """``told`` by how far they are to be trusted: near to the study, complete, printed precisely, early in the text."""
    listed = list(told)
    if len(listed) < 2:
        return listed  # most results are told once
    return sorted(
        listed,
        key=lambda one: (
            corpus.sources[one.source].rank,
            -sum(value.role in ("arm", "comparator") for value in one.claim.values),
            -len(one.claim.values),
            _width(one),
            one.source,
            one.claim.start,
            one.claim.claim_id,
        ),
    )


def _width(one: Told) -> float:
    known = [m for m in one.measured if m is not None]
    return sum(min(m.interval.high - m.interval.low, 1e9) for m in known) / len(known) if known else 1e9


def _result(corpus: Corpus, members: Sequence[Told]) -> tuple[str, Result]:
    order = best_first(corpus, members)
    reference = order[0]
    groups = _groups(order)
    named = {slot: _commonest(order, slot) for slot in _NAMED}
    record = Finding(
        finding_id="",
        label=_label(order, named),
        claim_ids=tuple(one.claim.claim_id for one in order),
        articles=len({one.source for one in order}),
        status="disagree" if len(order) > 1 and disagree(corpus, order) else _status(order, groups),
        values=tuple(_values(group) for group in groups),
    )
    return _identity(order, named), Result(record, tuple(order), reference, tuple(groups))


def _groups(order: Sequence[Told]) -> list[Group]:
    """The values of ``order``, the best claim first, group by group."""
    columns: list[list[Figure]] = []
    if len(order) == 1:
        one = order[0]
        columns = [[Figure(one, i, measured)] for i, measured in enumerate(one.measured) if measured is not None]
    for one in order if len(order) > 1 else ():
        free = {i: m for i, m in enumerate(one.measured) if m is not None}
        for column in columns:
            anchor = column[0]
            for i, j in _aligned(anchor.told, one):
                if i == anchor.index and j in free and not any(figure.told is one for figure in column):
                    column.append(Figure(one, j, free.pop(j)))
        columns += [[Figure(one, i, measured)] for i, measured in sorted(free.items())]
    groups = [Group(c[0].value.role, c[0].measured.dimension, tuple(c), c[0]) for c in columns]
    if len(groups) < 2:
        return groups
    return sorted(groups, key=lambda g: (_ORDER.index(g.role) if g.role in _ORDER else len(_ORDER), g.dimension))


def _aligned(a: Told, b: Told) -> list[tuple[int, int]]:
    found = agreement(a, b)
    return [*found.agree, *found.differ]


def _status(order: Sequence[Told], groups: Sequence[Group]) -> FindingStatus:
    if len({one.source for one in order}) == 1:
        return "single"
    status: FindingStatus = "agree"
    for group in groups:
        for figure in group.figures[1:]:
            if not figure.measured.fits(group.reference.measured):
                return "disagree"
            if abs(figure.measured.point) != abs(group.reference.measured.point):
                status = "rounded"
    directions = {one.claim.direction for one in order} - {None}
    return "disagree" if {"higher", "lower"} <= directions else status


def _values(group: Group) -> FindingValues:
    named = next((f.value for f in group.figures if f.value.group_id is not None), None)
    called = next((f.value for f in group.figures if f.value.group is not None), None)
    return FindingValues(
        role=group.reference.value.role,
        group=called.group if called is not None else None,
        group_id=named.group_id if named is not None else None,
        stated=tuple(_stated(figure) for figure in group.figures),
        reference=_stated(group.reference) if len(group.figures) > 1 else None,
    )


def _stated(figure: Figure) -> Stated:
    value, claim = figure.value, figure.told.claim
    return Stated(
        claim_id=claim.claim_id,
        article_id=claim.article_id,
        text=value.text,
        value=value.value,
        low=value.low,
        high=value.high,
        unit=value.unit,
        qualifier=value.qualifier,
    )


def _commonest(order: Sequence[Told], slot: str) -> Concept:
    """What most claims name, canonical names first; of equals what the best claim says."""
    if len(order) == 1:
        return order[0].concepts[slot]
    votes: dict[str, float] = defaultdict(float)
    named: dict[str, Concept] = {}
    for one in order:
        concept = one.concepts[slot]
        if concept:
            votes[concept.key] += 1.0 if concept.id is None else 2.0
            named.setdefault(concept.key, concept)
    return named[max(named, key=lambda key: votes[key])] if named else NOTHING


def _label(order: Sequence[Told], named: Mapping[str, Concept]) -> str:
    """What the result is, in the words of the sources."""
    called = {slot: concept.text if concept else "" for slot, concept in named.items()}
    outcome = called["outcome"] or order[0].claim.measure.replace("_", " ")
    time = next((one.claim.timepoint.text for one in order if one.claim.timepoint is not None), None)
    head = ", ".join([part for part in (called["condition"], outcome, time) if part])
    arms = " v ".join([part for part in (called["intervention"], called["comparator"]) if part])
    return f"{head}: {arms}" if arms else head


def _identity(order: Sequence[Told], named: Mapping[str, Concept]) -> str:
    """What the result is, without figures: the study if it is named, and the canonical or commonest names."""
    studies: Counter[str] = Counter()
    for one in order:
        study = one.claim.study
        known = (study.doi or study.pmid) if study is not None else None
        if known:
            studies[known] += 1
    parts = [max(sorted(studies), key=lambda key: studies[key]) if studies else ""]
    parts += [concept.key for concept in named.values()]
    days = Counter(round(one.days) for one in order if one.days is not None)
    parts.append(str(max(sorted(days), key=lambda key: days[key])) if days else "")
    parts.append(order[0].sort or _kind(order[0].claim))
    return "\0".join(parts)


def _kind(claim: Claim) -> str:
    return "size" if claim.measure == "sample_size" else "result"
