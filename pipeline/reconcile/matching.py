"""Claims to findings: which claims of all sources tell the same result.

No claim is compared with all others: those that share a key (a study, a figure, a treatment with an outcome) are, and pairs that are alike
enough are joined, the surest first, as long as nothing within what they join to speaks against it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from pipeline.model import Study
from pipeline.reconcile.corpus import Concept, Corpus, Told
from pipeline.reconcile.likeness import Judge, Likeness
from pipeline.reconcile.made import follows
from pipeline.reconcile.rounding import Measured, same_time

Key = tuple[str, ...]
_FIGURE = "figure"
Telling = tuple[Told, ...]
"""Claims of one sentence that tell one result."""
_FAMILIES = (
    {"proportion", "count", "rate", "ratio", "relative_change", "difference"},
    {"mean", "median", "score", "difference"},
)
"""Measures that one result is told in."""
_MADE = ("ratio", "relative_change", "difference")
"""Measures of one figure that two others make."""


class Matcher:
    """Groups the claims of a corpus. ``params`` of the rule ``match-limits`` say how alike is alike enough."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.judge = Judge(corpus)
        limits = corpus.rules.params("match-limits")
        self._least = float(limits.get("least", 3.0))
        self._least_study = float(limits.get("least_study", 0.0))
        self._least_result = float(limits.get("least_result", 0.0))
        self._mean = float(limits.get("mean", 0.5))
        self._most_articles = int(limits.get("most_articles", 12))
        self._block = int(limits.get("block", 300))
        self._neighbours = int(limits.get("neighbours", 3))
        self._most_pairs = int(limits.get("most_pairs", 2500))
        best = corpus.rules.params("match-best")
        more = float(best.get("chance", 1.2)) * corpus.background.crowd
        self._best_study = float(best.get("least_study", 0.8)) + more
        self._best_result = float(best.get("least_result", 0.4)) + more
        self._own = float(limits.get("own", 0.5))
        self._margin = float(best.get("margin", 0.8))
        self._members = int(limits.get("members", 12))
        self._beside = int(limits.get("beside", 400))
        self._cache: dict[tuple[int, int], Likeness] = {}

    def groups(self) -> list[list[Told]]:
        """Every claim that states figures of an outcome, in groups; each group in the order of articles and text."""
        told = [one for one in self._corpus.told if one.is_result]
        nodes, node_of = self._tellings(told)
        pairs = sorted(
            {(a, b) if a < b else (b, a) for i, j in self._candidates(told) if (a := node_of[i]) != (b := node_of[j])}
        )
        for pair in pairs:
            self._likeness(nodes, *pair)
        self._set_apart(nodes, pairs)
        found = {pair: self._cache[pair] for pair in pairs}
        scores = {pair: likeness.score for pair, likeness in found.items() if self._is_alike(likeness)}
        likeliest = {pair: found[pair].score for pair in self._best(nodes, found) if pair not in scores}
        group = list(range(len(nodes)))
        members = {i: [i] for i in group}
        told_by = {i: {node[0].source} for i, node in enumerate(nodes)}
        steps = ((rank, -score, *pair) for rank, of in enumerate((scores, likeliest)) for pair, score in of.items())
        for rank, _, i, j in sorted(steps):
            a, b = group[i], group[j]
            if a == b or (rank and told_by[a] & told_by[b]):
                continue  # what an article tells twice is two results, where nothing but a likeliest partner joins it
            if self._may_join(nodes, members[a], members[b]):
                if len(members[a]) < len(members[b]):
                    a, b = b, a
                for k in members[b]:
                    group[k] = a
                members[a] += members.pop(b)
                told_by[a] |= told_by.pop(b)
        return [[one for i in sorted(found) for one in nodes[i]] for _, found in sorted(members.items())]

    def _tellings(self, told: Sequence[Told]) -> tuple[list[Telling], dict[int, int]]:
        """The tellings, and which of them each place in ``told`` is in. What a sentence makes of the two figures of one before it is told
        with them: 32.4% and 17.8%, so 82% more."""
        nodes = _tellings(told)
        kept: list[Telling] = []
        for node in nodes:
            lone = node[0] if len(node) == 1 and node[0].claim.measure in _MADE else None
            at = next((k for k in self._before(kept, node) if lone and self._makes(kept[k], lone)), None)
            if at is None:
                kept.append(node)
            else:
                kept[at] += node
        places = {one.claim.claim_id: at for at, one in enumerate(told)}
        return kept, {places[one.claim.claim_id]: at for at, node in enumerate(kept) for one in node}

    def _before(self, kept: Sequence[Telling], node: Telling) -> Iterator[int]:
        """The tellings that stand shortly before one, the nearest first."""
        for at in range(len(kept) - 1, -1, -1):
            if kept[at][0].source != node[0].source or node[0].claim.start - kept[at][0].claim.end > self._beside:
                return
            yield at

    def _makes(self, node: Telling, relative: Told) -> bool:
        """Whether the figures of a telling make that of a later claim, and nothing says that it is of something else."""
        if any(one.claim.measure == relative.claim.measure and len(one.claim.values) == 1 for one in node):
            return False
        return any(
            follows(one, relative, either_way=True)
            and one.marks == relative.marks
            and same_time(one.days, relative.days, 0.1) is not False
            and all(
                (self.judge.alike(one.concepts[s], relative.concepts[s]) or 0.0) >= 0 for s in ("outcome", "condition")
            )
            for one in node
        )

    def _is_alike(self, likeness: Likeness) -> bool:
        """Whether two claims are likely to be of one study, and of one result of it."""
        return (
            not likeness.barred
            and likeness.study >= self._least_study
            and likeness.result >= self._least_result
            and likeness.score >= self._least
        )

    def _best(self, nodes: Sequence[Telling], found: Mapping[tuple[int, int], Likeness]) -> Iterator[tuple[int, int]]:
        """Pairs of two articles of one story each of which is by far the likeliest of its article to tell what the other does, though that
        is not much: what a story is told for is told in other words, and with other figures."""
        ranked: dict[tuple[int, int], list[float]] = defaultdict(list)
        for (i, j), likeness in found.items():
            if not likeness.barred:
                for one, other in ((i, j), (j, i)):
                    ranked[one, nodes[other][0].source].append(likeness.result)
        for results in ranked.values():
            results.sort(reverse=True)
        for (i, j), likeness in found.items():
            a, b = nodes[i][0].source, nodes[j][0].source
            if likeness.barred or a == b or likeness.study < self._best_study or likeness.result < self._best_result:
                continue
            near = self._corpus.alike(a, b) * (1 - self._corpus.background.crowd)
            if max(self._corpus.story(a, b), near) < self._corpus.one_story or self._outcomes(nodes, i, j) == 0:
                continue
            least = likeness.result - self._margin
            if all(len(results) == 1 or results[1] <= least for results in (ranked[i, b], ranked[j, a])):
                yield i, j

    def _set_apart(self, nodes: Sequence[Telling], pairs: Sequence[tuple[int, int]]) -> None:
        """Bars the pairs whose outcomes have nothing in common where each outcome is named by a claim of the other's article too, and those
        of one article that have no figure in common: a study has many outcomes, and small studies have the same figure for two of them."""
        outcomes = {pair: self._outcomes(nodes, *pair) for pair in pairs}
        has_own: dict[tuple[int, int], set[str | None]] = defaultdict(set)
        """The canonical outcomes under which an article names that of a telling."""
        for (i, j), alike in outcomes.items():
            if alike is not None and alike >= self._own and not self._cache[i, j].barred:
                # What is the same by the thesaurus alone is no sure sign that the outcome is named.
                named = self._outcomes(nodes, i, j, by_words=True)
                if named is not None and named >= self._own:
                    has_own[i, nodes[j][0].source].add(nodes[j][0].concepts["outcome"].id)
                    has_own[j, nodes[i][0].source].add(nodes[i][0].concepts["outcome"].id)
        for (i, j), alike in outcomes.items():
            a, b, likeness = nodes[i][0].source, nodes[j][0].source, self._cache[i, j]
            there = has_own.get((i, b), set()) - _canonical(nodes[j])
            here = has_own.get((j, a), set()) - _canonical(nodes[i])
            # Clean, where the other article says still clean and means the abstinence of its own telling, is the same.
            if alike == 0 and (not likeness.is_of_one_figure if a == b else there and here):
                self._cache[i, j] = likeness._replace(barred=True)

    def _outcomes(self, nodes: Sequence[Telling], i: int, j: int, *, by_words: bool = False) -> float | None:
        """How alike the outcomes of two tellings are at most, as :meth:`Judge.alike` says; None where one names none."""
        alike = self.judge.alike_by_words if by_words else self.judge.alike
        found = [alike(a.concepts["outcome"], b.concepts["outcome"]) for a in nodes[i] for b in nodes[j]]
        return found[0] if len(found) == 1 else max((alike for alike in found if alike is not None), default=None)

    def _may_join(self, nodes: Sequence[Telling], one: Sequence[int], other: Sequence[int]) -> bool:
        """Whether no two of the tellings exclude each other, and they are alike on the whole: what each two articles tell most alike."""
        best: dict[tuple[int, int], float] = {}
        for i in sorted(one)[: self._members]:
            for j in sorted(other)[: self._members]:
                likeness = self._likeness(nodes, min(i, j), max(i, j))
                if likeness.barred:
                    return False
                pair = nodes[i][0].source, nodes[j][0].source
                best[pair] = max(best.get(pair, -math.inf), likeness.score)
        return sum(best.values()) / len(best) >= self._mean * self._least

    def _likeness(self, nodes: Sequence[Telling], i: int, j: int) -> Likeness:
        """That of the two claims that are most alike; barred where any two exclude each other."""
        known = self._cache.get((i, j))
        if known is not None:
            return known
        found = [self.judge.compare(a, b) for a in nodes[i] for b in nodes[j]]
        best = found[0]
        if len(found) > 1:
            best = max(found, key=lambda likeness: (not likeness.barred, likeness.score))
            best = best._replace(barred=any(likeness.barred for likeness in found))
        self._cache[i, j] = best
        return best

    def _candidates(self, told: Sequence[Told]) -> Iterator[tuple[int, int]]:
        """Pairs that share a key, or whose articles tell one story, each once, in no order."""
        blocks: dict[Key, list[int]] = defaultdict(list)
        of_source: dict[int, list[int]] = defaultdict(list)
        keys = sure_keys if self.judge.asks_for_ties else _keys
        for place, one in enumerate(told):
            of_source[one.source].append(place)
            for key in set(keys(one)):
                blocks[key].append(place)
        seen: set[tuple[int, int]] = set()
        for key, block in blocks.items():
            if (
                len(block) > 1
                and key[0] == _FIGURE
                and len({told[place].source for place in block}) > self._most_articles
            ):
                continue  # a figure that so many give for it is met by chance
            self._pair_off(told, block, seen)
        for own in of_source.values() if keys is sure_keys else ():
            self._pair_by_keys(told, own, seen)  # an article may tell its own result twice
        for a, b in self._corpus.told_together(self._corpus.one_story, self._most_articles):
            if not self.judge.is_tied(a, b):
                continue
            if len(of_source[a]) * len(of_source[b]) <= self._most_pairs:
                seen.update(product(of_source[a], of_source[b]))
            else:  # of two articles with hundreds of results, what has something in common
                self._pair_by_keys(told, [*of_source[a], *of_source[b]], seen)
        yield from seen

    def _pair_by_keys(self, told: Sequence[Told], places: Sequence[int], seen: set[tuple[int, int]]) -> None:
        """Adds the pairs of ``places`` that share any key to ``seen``."""
        blocks: dict[Key, list[int]] = defaultdict(list)
        for place in places if len(places) > 1 else ():
            for key in set(_keys(told[place])):
                blocks[key].append(place)
        for block in blocks.values():
            self._pair_off(told, block, seen)

    def _pair_off(self, told: Sequence[Told], block: list[int], seen: set[tuple[int, int]]) -> None:
        """Adds the pairs within a block to ``seen``; of a large one only what is next to each other by its words: copies of one story."""
        reach = len(block)
        if reach < 2:
            return
        if reach > self._block:
            block.sort(key=lambda place: (told[place].claim.quote, place))
            reach = self._neighbours
        for at, near in enumerate(block[:-1], 1):
            seen.update([(near, far) if near < far else (far, near) for far in block[at : at + reach]])


def _canonical(node: Telling) -> set[str | None]:
    """The canonical outcomes of a telling."""
    return {one.concepts["outcome"].id for one in node} - {None}


def _tellings(told: Sequence[Told]) -> list[Telling]:
    """The claims of one sentence that tell one outcome in several measures (311 people, 7.4%, a ratio of 0.85) together, all others
    alone."""
    nodes: list[list[Told]] = []
    open_nodes: dict[tuple[int, int], list[int]] = defaultdict(list)
    for one in told:
        own = open_nodes[one.source, one.claim.start]
        at = next((at for at in own if all(_is_other_telling(one, other) for other in nodes[at])), None)
        if at is None:
            at = len(nodes)
            nodes.append([])
            own.append(at)
        nodes[at].append(one)
    return [tuple(node) for node in nodes]


def _is_other_telling(a: Told, b: Told) -> bool:
    """Whether two claims of one sentence tell the same outcome in two measures."""
    if a.claim.measure == b.claim.measure:
        return False
    outcomes = {one.concepts["outcome"].key for one in (a, b)}
    return (
        any({a.claim.measure, b.claim.measure} <= family for family in _FAMILIES)
        and len(outcomes) == 1
        and "" not in outcomes
        and a.marks == b.marks
        and a.days == b.days
    )


def _keys(one: Told) -> Iterator[Key]:
    """What claims of one result are likely to share."""
    claim = one.claim
    yield from _of_study(claim.study, one.size)
    treatments = list(one.concepts["intervention"].all_names()) or [""]
    outcomes = list(one.concepts["outcome"].all_names())
    conditions = list(one.concepts["condition"].all_names())
    for treatment in treatments:
        for outcome in outcomes:
            yield "told", treatment, outcome
    for outcome in outcomes:
        for condition in conditions:
            yield "seen", condition, outcome
    for mark in one.marks:  # lost a tenth or more, lost at least 10%
        for treatment in treatments:
            yield "mark", treatment, mark
    if claim.measure == "duration":
        for treatment in treatments:
            for condition in conditions:
                yield "lasts", treatment, condition
    for measured in one.measured:
        if measured is not None:
            for number in _near(measured):
                yield "value", measured.dimension, number


def sure_keys(one: Told) -> Iterator[Key]:
    """What claims share that can be of one study though nothing else ties their articles: the study, its size, a figure of one outcome of
    one treatment."""
    claim = one.claim
    yield from keys_of_study(claim.study, one.size, one.measured, one.concepts["intervention"], one.concepts["outcome"])


def keys_of_study(
    study: Study | None,
    size: float | None,
    measured: Sequence[Measured | None],
    intervention: Concept,
    outcome: Concept,
) -> Iterator[Key]:
    """The keys of :func:`sure_keys` for a claim of which no more is known."""
    yield from _of_study(study, size)
    numbers = {
        (one.dimension, number) for one in measured if one is not None and one.interval.exact for number in _near(one)
    }
    if numbers:
        for treatment in intervention.names():
            for told in outcome.names():
                for number in numbers:
                    yield _FIGURE, treatment, told, *number


def _of_study(study: Study | None, size: float | None) -> Iterator[Key]:
    """What the study of a claim is known by."""
    if study is not None:
        for name in (study.doi, study.pmid):
            if name:
                yield "study", name.lower()
    if size is not None:
        yield "size", str(round(size))


def _near(measured: Measured) -> Iterator[str]:
    """The whole numbers that a figure may be rounded to."""
    return map(str, {round(measured.point - 0.5), round(measured.point), round(measured.point + 0.5)})
