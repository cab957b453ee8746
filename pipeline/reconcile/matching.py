"""Claims to findings: which claims of all sources tell the same result.

No claim is compared with all others: those that share a key (a study, a figure, a treatment with an outcome) are, and pairs that are alike
enough are joined, the surest first, as long as nothing within what they join to speaks against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pipeline.reconcile.corpus import Corpus, Told
from pipeline.reconcile.likeness import Judge, Likeness

Key = tuple[str, ...]


class Matcher:
    """Groups the claims of a corpus. ``params`` of the rule ``match-limits`` say how alike is alike enough."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.judge = Judge(corpus)
        limits = corpus.rules.params("match-limits")
        self._least = float(limits.get("least", 3.0))
        self._least_statement = float(limits.get("least_statement", 3.0))
        self._least_study = float(limits.get("least_study", 0.0))
        self._least_result = float(limits.get("least_result", 0.0))
        self._mean = float(limits.get("mean", 0.5))
        self._mean_statement = float(limits.get("mean_statement", 0.9))
        self._block = int(limits.get("block", 300))
        self._neighbours = int(limits.get("neighbours", 3))
        self._members = int(limits.get("members", 12))
        self._cache: dict[tuple[int, int], Likeness] = {}

    def groups(self) -> list[list[Told]]:
        """Every claim that can be one of a result, in groups; each group in the order of articles and text."""
        told = [one for one in self._corpus.told if one.is_result]
        pairs = [
            (-likeness.score, i, j)
            for i, j in self._candidates(told)
            if self._is_alike(likeness := self._likeness(told, i, j), told[i])
        ]
        group = list(range(len(told)))
        members = {i: [i] for i in group}
        for _, i, j in sorted(pairs):
            a, b = group[i], group[j]
            if a != b and self._may_join(told, members[a], members[b]):
                if len(members[a]) < len(members[b]):
                    a, b = b, a
                for k in members[b]:
                    group[k] = a
                members[a] += members.pop(b)
        return [[told[i] for i in sorted(found)] for _, found in sorted(members.items())]

    def _is_alike(self, likeness: Likeness, one: Told) -> bool:
        """Whether two claims are likely to be of one study, and of one result of it."""
        return (
            not likeness.barred
            and likeness.study >= self._least_study
            and likeness.result >= self._least_result
            and likeness.score >= self._threshold(one)
        )

    def _threshold(self, one: Told) -> float:
        return self._least if one.sort is None else self._least_statement

    def _may_join(self, told: Sequence[Told], one: Sequence[int], other: Sequence[int]) -> bool:
        """Whether no two of the claims exclude each other, and they are alike on the whole."""
        total, count = 0.0, 0
        for i in sorted(one)[: self._members]:
            for j in sorted(other)[: self._members]:
                likeness = self._likeness(told, min(i, j), max(i, j))
                if likeness.barred:
                    return False
                total += likeness.score
                count += 1
        least = self._mean if told[one[0]].sort is None else self._mean_statement
        return total / count >= least * self._threshold(told[one[0]])

    def _likeness(self, told: Sequence[Told], i: int, j: int) -> Likeness:
        if (i, j) not in self._cache:
            self._cache[i, j] = self.judge.compare(told[i], told[j])
        return self._cache[i, j]

    def _candidates(self, told: Sequence[Told]) -> Iterator[tuple[int, int]]:
        """Pairs that share a key, each once."""
        blocks: dict[Key, list[int]] = defaultdict(list)
        for place, one in enumerate(told):
            for key in sorted(set(_keys(one))):
                blocks[key].append(place)
        seen: set[tuple[int, int]] = set()
        for _, block in sorted(blocks.items()):
            reach = len(block)
            if reach > self._block:  # only what is next to each other by its words: copies of one story
                block.sort(key=lambda place: (told[place].claim.quote, place))
                reach = self._neighbours
            for at, near in enumerate(block):
                for next_one in block[at + 1 : at + 1 + reach]:
                    i, j = min(near, next_one), max(near, next_one)
                    if (i, j) not in seen:
                        seen.add((i, j))
                        yield i, j


def _keys(one: Told) -> Iterator[Key]:
    """What claims of one result are likely to share."""
    claim = one.claim
    if claim.study is not None:
        for name in (claim.study.doi, claim.study.pmid):
            if name:
                yield "study", name.lower()
    treatments = list(_names(one, "intervention")) or [""]
    outcomes = list(_names(one, "outcome"))
    conditions = list(_names(one, "condition"))
    if one.sort is not None:
        for treatment in treatments:
            for name in (*outcomes, *conditions, f"sort {one.sort}"):
                yield "said", treatment, name
        return
    for treatment in treatments:
        for outcome in outcomes:
            yield "told", treatment, outcome
    for outcome in outcomes:
        for condition in conditions:
            yield "seen", condition, outcome
    for measured in one.measured:
        if measured is not None:
            for number in sorted({round(measured.point - 0.5), round(measured.point), round(measured.point + 0.5)}):
                yield "value", measured.dimension, str(number)
    if one.size is not None:
        yield "size", str(round(one.size))


def _names(one: Told, slot: str) -> Iterator[str]:
    concept = one.concepts[slot]
    if concept.id is not None:
        yield concept.id
    yield from sorted(concept.stems)
