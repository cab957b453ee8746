"""Statements without a figure to findings: what several articles say of one treatment and one outcome, whichever way.

Claims with figures are grouped first (``matching.py``). A statement tells the same if its treatment and what it speaks of are theirs, told
in other words; that it says the contrary makes a finding on which sources disagree. Of each article the statement that fits best counts,
so that a page which says a thing ten times is one witness; only of safety each word counts, since each asks for an edit of its own. The
rules ``match-statements`` and ``statement-topics`` hold the weights and the words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

from pipeline.model import Slot
from pipeline.reconcile.corpus import NOTHING, Concept, Corpus, Source, Told
from pipeline.reconcile.likeness import Judge

Key = tuple[str, str]
Pair = tuple[int, int]
_SAFETY = "safety"
_EFFICACY = "efficacy"
"""Sorts of claims without a figure: on harm, and on whether a treatment works."""
_LIMIT = "limit"
"""The sort of claims that something is not known."""
_OBJECTS = ("OUTCOME",)
_NAMED = ("OUTCOME", "INTERVENTION", "CONDITION")
_COMPARED = "comparison"
_WEIGHTS = (
    "treatment", "about", "words", "study", "unnamed", "condition", "condition_other", "mixed", "verdict",
    "direction_same", "direction_other",
)  # fmt: skip
"""What ``weights`` of the rule ``match-statements`` weighs."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One claim as statements are compared."""

    told: Told
    treatment: Concept
    is_named: bool
    """Whether its sentence names the treatment."""
    condition: Concept
    """NOTHING where a statement does not name it."""
    about: tuple[Concept, ...]
    """The outcome, the danger, or the condition that the treatment is for; then what else its sentence names."""
    is_safety: bool
    is_verdict: bool
    """Whether it sums up what is known."""
    apart: frozenset[str]
    """Signs that both of two statements must have, or neither: mice, an open question."""
    kind: int
    """The same for all that are alike in all this, whatever their article and words."""


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


@dataclass(frozen=True, eq=False)
class Node:
    """Claims that are one already: a finding of figures, or one statement."""

    sayings: tuple[Saying, ...]

    @cached_property
    def first(self) -> Saying:
        return self.sayings[0]

    @cached_property
    def is_statement(self) -> bool:
        return not self.first.told.is_result

    @cached_property
    def sort(self) -> tuple[bool, bool]:
        """Whether it is told of safety, and whether of a limit: what nodes that tell the same have in common."""
        return self.first.is_safety, self.first.told.sort == _LIMIT

    @cached_property
    def sources(self) -> frozenset[int]:
        return frozenset(saying.told.source for saying in self.sayings)


class StatementMatcher:
    """Adds the statements of a corpus to its findings."""

    def __init__(self, corpus: Corpus, judge: Judge) -> None:
        self._corpus = corpus
        self._judge = judge
        params = corpus.rules.params("match-statements")
        weights = params.get("weights", {})
        self._weights = {name: float(weights.get(name, 0.0)) for name in _WEIGHTS}
        self._least = float(params.get("least", 3.0))
        self._least_safety = float(params.get("least_safety", 3.0))
        self._least_treatment = float(params.get("least_treatment", 0.6))
        self._least_about = float(params.get("least_about", 0.6))
        self._same_words = float(params.get("same_words", 0.75))
        self._aside = float(params.get("aside", 0.8))
        self._block = int(params.get("block", 300))
        self._next = int(params.get("next", 3))
        self._verdicts = frozenset(str(sign) for sign in params.get("verdicts", ()))
        self._apart = frozenset(str(sign) for sign in params.get("apart", ()))
        self._topics = [
            Concept(str(entry["topic"]), str(entry["topic"]), corpus.words.content(" ".join(entry["names"])))
            for entry in corpus.rules.lexicon("statement-topics")
        ]
        self._measured = {
            str(term["id"]): str(term["measured_as"])
            for topic in corpus.rules.topics
            for term in topic["terms"]
            if "measured_as" in term
        }
        """By the id of a condition that of the outcome which a treatment of it changes."""
        least = float(corpus.rules.params("same-story").get("least_size", 30))
        self._tolerance = float(corpus.rules.params("match-weights").get("size_tolerance", 0.05))
        self._studies = [frozenset(_studies(source, least)) for source in corpus.sources]
        self._one_studies: dict[tuple[int, int], bool] = {}
        self._kinds: dict[tuple[Any, ...], int] = {}
        self._of_kinds: dict[tuple[int, int], _Named | None] = {}
        """Most sayings of an article are of a kind with some of another, so that few pairs of kinds are met again and again."""
        self._vague = corpus.words.stems(" ".join(corpus.rules.phrases("vague-treatments")))
        self._plain: dict[Concept, Concept] = {}
        self._meant: dict[Concept, Concept] = {}
        self._at_large = corpus.words.stems(" ".join(corpus.rules.phrases("statement-subjects")))

    def joined(self, groups: Sequence[Sequence[Told]]) -> list[list[Told]]:
        """``groups`` of claims with figures, and the statements, each with those of other articles that tell the same; a statement that
        none tells stands alone."""
        said = [
            one
            for one in self._corpus.told
            if not one.is_result and (one.sort is not None or one.claim.kind == _COMPARED)
        ]
        groups, said = self._with_verdicts(groups, said)
        nodes = [Node(tuple(self._saying(one) for one in group)) for group in (*groups, *([one] for one in said))]
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

    def _saying(self, one: Told) -> Saying:
        is_safety = one.sort == _SAFETY
        slot = one.claim.intervention
        own = self._corpus.concept(slot).stems
        treatment = one.concepts["intervention"]
        main = self._corpus.sources[one.source].main
        if is_safety and treatment.id is None and treatment.stems & self._at_large:
            treatment = main  # the risks, our doses
        told_of_main = treatment is main
        if treatment.id is None and treatment.stems - self._vague:
            treatment = self._without_vague(treatment)  # a daily tablet of aspirin
        named = (is_safety and told_of_main) or bool(own & one.stems)
        statement = self._corpus.sources[one.source].statement_at.get(one.claim.start)
        signs = frozenset(sign.sign for sign in statement.signs) if statement is not None else frozenset()
        condition = one.concepts["condition"]
        if not one.is_result and not condition.stems & one.stems:
            condition = NOTHING  # told of what was spoken of before
        found = (
            treatment,
            named,
            condition,
            self._about(one, is_safety),
            is_safety,
            bool(signs & self._verdicts),
            signs & self._apart,
        )
        kind = *found, one.is_result, one.claim.direction
        return Saying(one, *found, self._kinds.setdefault(kind, len(self._kinds)))

    def _without_vague(self, treatment: Concept) -> Concept:
        if treatment not in self._plain:
            words = {stem: word for stem, word in treatment.words.items() if stem not in self._vague}
            self._plain[treatment] = replace(treatment, words=words)
        return self._plain[treatment]

    def _about(self, one: Told, is_safety: bool) -> tuple[Concept, ...]:
        outcome, condition = one.concepts["outcome"], one.concepts["condition"]
        if is_safety:
            return (
                next(
                    (t for words in (outcome.stems, one.stems) for t in self._topics if words & t.stems),
                    self._topics[-1],
                ),
            )
        if (outcome and outcome.stems <= condition.stems) or (
            not outcome and one.sort == _EFFICACY and condition.stems & one.stems
        ):
            outcome = condition  # good for depression
        found = [self._measure(outcome)] if outcome else []
        statement = self._corpus.sources[one.source].statement_at.get(one.claim.start)
        for name in statement.names if statement is not None and one.sort is not None else ():
            if name.label in _OBJECTS:
                concept = self._measure(self._corpus.concept(Slot(text=name.text, id=name.id)))
                if concept and all(concept.key != other.key for other in found):
                    found.append(concept)
        return tuple(found)

    def _measure(self, concept: Concept) -> Concept:
        """The outcome that is meant where a treatment acts on a condition."""
        if concept.id not in self._measured:
            return concept
        if concept not in self._meant:
            self._meant[concept] = replace(concept, id=self._measured[concept.id])
        return self._meant[concept]

    def _score(self, a: Node, b: Node) -> float:
        """How much two nodes of one sort tell the same beyond what is needed; 0 where they do not."""
        if not a.sources.isdisjoint(b.sources):
            return 0.0
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
        one, other, weigh = a.told, b.told, self._weights
        words = self._corpus.sentences.shared(one.stems, other.stems)
        if not found.is_about and words < self._same_words:
            return 0.0
        study = weigh["study"] if self._one_study(one.source, other.source) else found.unnamed
        score = found.named + weigh["words"] * words + study + found.condition + found.mixed + found.verdict
        return score + found.direction - found.least

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

    def _one_study(self, one: int, other: int) -> bool:
        """Whether two articles tell of a study of the same size, or of the same identifier."""
        pair = one, other
        found = self._one_studies.get(pair)
        if found is None:
            found = self._one_studies[pair] = any(
                a == b or (isinstance(a, float) and isinstance(b, float) and abs(a - b) <= self._tolerance * max(a, b))
                for a in self._studies[one]
                for b in self._studies[other]
            )
        return found

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


def likeness(corpus: Corpus, one: Concept, other: Concept) -> float:
    """0 to 1: 1 for the same name, else between the rare words in common of all that either has, and of the fewer."""
    pair = one, other
    known = corpus.likened.get(pair)
    if known is None:
        known = corpus.likened[pair] = _likeness(corpus, one, other)
    return known


def _likeness(corpus: Corpus, one: Concept, other: Concept) -> float:
    if not one or not other:
        return 0.0
    if one.id is not None and other.id is not None:
        return float(one.id == other.id)
    weigh = corpus.sentences.weight
    a, b = one.stems, other.stems
    if one.senses.keys() & other.senses.keys():
        # What both name counts as if both named it in the words of the one.
        named, said = (
            frozenset(stem for stem, alike in found.items() if alike == 1.0)
            for found in (corpus.shared_senses(one, other), corpus.shared_senses(other, one))
        )
        b = (b - said) | (named & a)
    fewest = min(weigh(a), weigh(b))
    return weigh(a & b) * (1 / weigh(a | b) + 1 / fewest) / 2 if fewest > 0 else 0.0


def _studies(source: Source, least: float) -> Iterator[str | float]:
    for one in source.told:
        if one.size is not None and one.size >= least:
            yield one.size
        if one.claim.study is not None:
            yield from (name for name in (one.claim.study.doi, one.claim.study.pmid) if name)


def disagree(corpus: Corpus, told: Sequence[Told]) -> bool:
    """Whether statements of two articles contradict each other: safe and harmful, an effect and none."""
    stances = {
        (one.source, stance) for one in told if not one.is_result and (stance := _stance(corpus, one)) is not None
    }
    return any(source != other and good != bad for source, good in stances for other, bad in stances)


def _stance(corpus: Corpus, one: Told) -> bool | None:
    """Whether a statement speaks for the treatment, or against it; None where it does neither."""
    if one.sort == _SAFETY:
        params = corpus.rules.params("match-statements")
        statement = corpus.sources[one.source].statement_at.get(one.claim.start)
        if statement is None:
            return None
        good, bad = (statement.bears(*params.get(name, ())) for name in ("speaks_for", "speaks_against"))
        return good if good != bad else None
    if one.claim.direction == "equal" or one.claim.certainty == "negated":
        return False
    return True if one.claim.direction is not None or one.sort == _EFFICACY else None


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
