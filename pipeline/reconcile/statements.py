"""Statements without a figure to findings: what several articles say of one treatment and one outcome, whichever way.

Claims with figures are grouped first (``matching.py``). A statement tells the same if its treatment and what it speaks of are theirs, told
in other words; that it says the contrary makes a finding on which sources disagree. Of each article the statement that fits best counts,
so that a page which says a thing ten times is one witness; only of safety each word counts, since each asks for an edit of its own. The
rules ``match-statements`` and ``statement-topics`` hold the weights and the words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from pipeline.reconcile.concept_likeness import likeness
from pipeline.reconcile.corpus import Concept, Corpus, Source, Told
from pipeline.reconcile.likeness import Judge
from pipeline.reconcile.sayings import Node, Saying, SayingReader

Key = tuple[str, str]
Pair = tuple[int, int]
_NAMED = ("OUTCOME", "INTERVENTION", "CONDITION")
_COMPARED = "comparison"
_APART, _ON_SUBJECT, _OF_STUDY = range(3)
"""What two articles have in common."""
_WEIGHTS = (
    "treatment", "about", "words", "study", "unnamed", "condition", "condition_other", "mixed", "verdict",
    "direction_same", "direction_other",
)  # fmt: skip
"""What ``weights`` of the rule ``match-statements`` weighs."""


class _Named(NamedTuple):
    """What two sayings come to by what they name, which is the same for all of their kinds."""

    named: float
    """For what acts, and what is spoken of."""
    is_about: bool
    """Whether what is spoken of is alike enough, whatever the words."""
    unnamed: float
    """Where their articles tell of two studies."""
    condition: float
    mixed: float
    verdict: float
    direction: float
    least: float
    """How much is needed."""


class StatementMatcher:
    """Adds the statements of a corpus to its findings."""

    def __init__(self, corpus: Corpus, judge: Judge) -> None:
        self._corpus = corpus
        self._judge = judge
        self._sayings = SayingReader(corpus)
        params = corpus.rules.params("match-statements")
        weights = params.get("weights", {})
        self._weights = {name: float(weights.get(name, 0.0)) for name in _WEIGHTS}
        self._least = float(params.get("least", 3.0))
        self._least_safety = float(params.get("least_safety", 3.0))
        self._least_treatment = float(params.get("least_treatment", 0.6))
        self._least_about = float(params.get("least_about", 0.6))
        self._same_words = float(params.get("same_words", 0.75))
        self._aside = float(params.get("aside", 0.8))
        self._least_alike = float(params.get("least_alike", 0.66)) * corpus.background.crowd
        self._block = int(params.get("block", 300))
        self._next = int(params.get("next", 3))
        least = float(corpus.rules.params("same-story").get("least_size", 30))
        self._tolerance = float(corpus.rules.params("match-weights").get("size_tolerance", 0.05))
        self._studies = [frozenset(_studies(source, least)) for source in corpus.sources]
        self._of_words, self._of_study = self._weights["words"], self._weights["study"]
        self._shared = corpus.sentences.shared
        self._ties: dict[Pair, int] = {}
        """By articles."""
        self._of_kinds: dict[tuple[int, int], _Named | None] = {}
        """Most sayings of an article are of a kind with some of another, so that few pairs of kinds are met again and again."""

    def joined(self, groups: Sequence[Sequence[Told]]) -> list[list[Told]]:
        """``groups`` of claims with figures, and the statements, each with those of other articles that tell the same; a statement that
        none tells stands alone."""
        said = [
            one
            for one in self._corpus.told
            if not one.is_result and (one.sort is not None or one.claim.kind == _COMPARED)
        ]
        groups, said = self._with_verdicts(groups, said)
        nodes = [Node(tuple(self._sayings.read(one) for one in group)) for group in (*groups, *([one] for one in said))]
        scored = {(i, j): score for i, j in self._candidates(nodes) if (score := self._score(nodes[i], nodes[j])) > 0}
        near: dict[int, set[int]] = defaultdict(set)
        for i, j in scored:
            near[i].add(j)
            near[j].add(i)
        group = list(range(len(nodes)))
        members = {i: [i] for i in group}
        with_figures = [not node.is_statement for node in nodes]
        told_by = {i: node.sources for i, node in enumerate(nodes)}
        for _, i, j in sorted((-score, i, j) for (i, j), score in scored.items()):
            a, b = group[i], group[j]
            if a == b or (with_figures[a] and with_figures[b]):
                continue
            if self._may_join(nodes, members[a], members[b], told_by[a].isdisjoint(told_by[b]), near):
                for k in members[b]:
                    group[k] = a
                members[a] += members.pop(b)
                with_figures[a] |= with_figures[b]
                told_by[a] |= told_by.pop(b)
        kept = _once(nodes, [sorted(found) for found in members.values()], scored)
        return [[s.told for i in found for s in nodes[i].sayings] for found in sorted(kept)]

    def _with_verdicts(
        self, groups: Sequence[Sequence[Told]], said: Sequence[Told]
    ) -> tuple[list[list[Told]], list[Told]]:
        """``groups`` with the statements that say of the two figures right before them that they do not differ, "that gap may be chance";
        and the other statements."""
        ends = {
            (one.source, one.claim.end): at
            for at, group in enumerate(groups)
            for one in group
            if one.claim.kind == _COMPARED
        }
        found, others = [list(group) for group in groups], []
        for one in said:
            statement = self._corpus.sources[one.source].statement_at.get(one.claim.start)
            nothing_else = statement is not None and not any(name.label in _NAMED for name in statement.names)
            places = range(one.claim.start, one.claim.start - self._next, -1)
            at = next((ends[one.source, end] for end in places if (one.source, end) in ends), None)
            if at is not None and nothing_else and one.claim.direction == "equal":
                found[at].append(one)
            else:
                others.append(one)
        return found, others

    def _score(self, a: Node, b: Node) -> float:
        """How much two nodes of one sort tell the same beyond what is needed; 0 where they do not."""
        if not a.sources.isdisjoint(b.sources):
            return 0.0
        if len(a.sayings) == len(b.sayings) == 1:
            return self._pair(a.first, b.first)  # mostly
        best = 0.0
        for one in a.sayings:
            for other in b.sayings:
                score = self._pair(one, other)
                if score > best:
                    best = score
        return best

    def _pair(self, a: Saying, b: Saying) -> float:
        kinds = a.kind, b.kind
        try:
            found = self._of_kinds[kinds]
        except KeyError:
            found = self._of_kinds[kinds] = self._named(a, b)
        if found is None:
            return 0.0
        one, other = a.told, b.told
        articles = one.source, other.source
        tie = self._ties.get(articles)
        if tie is None:
            tie = self._ties[articles] = self._tied(*articles)
        if tie is _APART:
            return 0.0
        words = self._shared(one.stems, other.stems)
        if not found.is_about and words < self._same_words:
            return 0.0
        study = self._of_study if tie is _OF_STUDY else found.unnamed
        score = found.named + self._of_words * words + study + found.condition + found.mixed + found.verdict
        score += found.direction - found.least
        return score if score > 0 else 0.0

    def _tied(self, one: int, other: int) -> int:
        if not self._are_on_one_subject(one, other):
            return _APART
        return _OF_STUDY if self._are_of_one_study(one, other) else _ON_SUBJECT

    def _are_on_one_subject(self, one: int, other: int) -> bool:
        """Whether two articles use much the same words: among many, "surgery" and "side effects" are met in any two."""
        return self._least_alike == 0 or self._corpus.alike(one, other, self._least_alike) >= self._least_alike

    def _named(self, a: Saying, b: Saying) -> _Named | None:
        """What two sayings come to by what they name; None where that keeps them apart."""
        if a.apart != b.apart:
            return None
        treatment = likeness(self._corpus, a.treatment, b.treatment)
        if treatment < self._least_treatment:
            return None
        one, other, weigh = a.told, b.told, self._weights
        condition = self._judge.alike(a.condition, b.condition) or 0.0
        if condition < 0 and one.is_result != other.is_result:
            return None
        about = self._alike_of_any(a.about, b.about)
        direction = ""
        if one.claim.direction is not None and other.claim.direction is not None:
            direction = "direction_same" if one.claim.direction == other.claim.direction else "direction_other"
        return _Named(
            weigh["treatment"] * treatment + weigh["about"] * about,
            about >= self._least_about,
            weigh["unnamed"] * ((not a.is_named) + (not b.is_named)),
            weigh["condition"] * condition if condition >= 0 else weigh["condition_other"],
            weigh["mixed"] * (one.is_result != other.is_result),
            weigh["verdict"] * (a.is_verdict + b.is_verdict),
            weigh.get(direction, 0.0),
            self._least_safety if a.is_safety else self._least,
        )

    def _are_of_one_study(self, one: int, other: int) -> bool:
        """Whether two articles tell of a study of the same size, or of the same identifier."""
        return any(
            a == b or (isinstance(a, float) and isinstance(b, float) and abs(a - b) <= self._tolerance * max(a, b))
            for a in self._studies[one]
            for b in self._studies[other]
        )

    def _alike_of_any(self, one: Sequence[Concept], other: Sequence[Concept]) -> float:
        """How alike the two are whose likeness is greatest; what a sentence only names besides tells less."""
        return max(
            [
                likeness(self._corpus, x, y) * (1.0 if i == j == 0 else self._aside)
                for i, x in enumerate(one)
                for j, y in enumerate(other)
            ],
            default=0.0,
        )

    @staticmethod
    def _may_join(
        nodes: Sequence[Node], one: Sequence[int], other: Sequence[int], apart: bool, near: Mapping[int, set[int]]
    ) -> bool:
        """Whether what is put together has one telling of each article, and hangs together; ``apart`` says that no article tells both,
        ``near`` are the nodes that each is alike."""
        if not apart and not nodes[one[0]].first.is_safety:
            return False
        if apart:
            found, whole = sum([len(near[i].intersection(other)) for i in one]), len(one) * len(other)
        else:
            pairs = [(i, j) for i in one for j in other if not nodes[i].sources & nodes[j].sources]
            found, whole = sum(j in near[i] for i, j in pairs), len(pairs)
        return 2 * found >= whole

    def _candidates(self, nodes: Sequence[Node]) -> Iterator[tuple[int, int]]:
        """Pairs of nodes of one sort that share a word for the treatment and one for what it does, not both with figures, each once."""
        blocks: dict[Key, list[int]] = defaultdict(list)
        for place, node in enumerate(nodes):
            for key in {key for saying in node.sayings for key in _keys(saying)}:
                blocks[key].append(place)
        seen: set[Pair] = set()
        for block in blocks.values():
            if 1 < len(block) <= self._block:  # what so many say tells nothing
                told: dict[tuple[bool, bool], tuple[list[int], list[int]]] = {}
                for at in block:
                    statements, figures = told.setdefault(nodes[at].sort, ([], []))
                    (statements if nodes[at].is_statement else figures).append(at)
                for statements, figures in told.values():
                    seen.update(combinations(statements, 2))
                    seen.update((i, j) if i < j else (j, i) for i in figures for j in statements)
        yield from seen


def _studies(source: Source, least: float) -> Iterator[str | float]:
    for one in source.told:
        if one.size is not None and one.size >= least:
            yield one.size
        if one.claim.study is not None:
            yield from (name for name in (one.claim.study.doi, one.claim.study.pmid) if name)


def _once(nodes: Sequence[Node], found: Sequence[list[int]], scored: Mapping[Pair, float]) -> Iterator[list[int]]:
    """``found`` with one group of statements for each treatment and what it does, the one that fits best: what pages say once more, in
    other places, is no finding of its own."""

    def strength(group: list[int]) -> float:
        return max((scored.get((i, j), 0.0) for i in group for j in group), default=0.0)

    taken: set[Key] = set()
    for group in sorted(found, key=lambda group: (-strength(group), group)):
        first = nodes[group[0]].first
        key = first.treatment.key, first.about[0].key if first.about else ""
        if len(group) == 1 or first.is_safety or not all(nodes[i].is_statement for i in group):
            yield group
        elif key in taken:
            yield from ([i] for i in group)
        else:
            taken.add(key)
            yield group


def _keys(saying: Saying) -> Iterator[Key]:
    for treatment in saying.treatment.all_names():
        for concept in saying.about:
            for about in concept.all_names():
                yield treatment, about
