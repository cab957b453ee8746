"""Statements without a figure in articles that tell one story: what is not known, and what is told in words of a result.

Across stories only statements on one treatment and one outcome are joined (``statements.py``). Within one, which is told for one study, the
treatment goes without saying, and is called by many names; what a statement is about then decides. The rules ``match-in-story`` and
``limit-topics`` hold weights and words.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from pipeline.reconcile.corpus import Corpus, Told
from pipeline.reconcile.likeness import Judge
from pipeline.reconcile.made import is_level
from pipeline.reconcile.rounding import same_time

_LIMIT = "limit"
"""The sort of claims that something is not known, or cannot be shown."""
_SAFETY = "safety"
Groups = list[list[Told]]


class StoryStatements:
    """Joins the statements of a corpus that stand alone."""

    def __init__(self, corpus: Corpus, judge: Judge) -> None:
        self._corpus = corpus
        self._judge = judge
        params = corpus.rules.params("match-in-story")
        self._weights: Mapping[str, float] = defaultdict(float, params.get("weights", {}))
        self._least_retold = float(params.get("least_retold", 1.0))
        self._least_limit = float(params.get("least_limit", 1.0))
        self._margin = float(params.get("margin", 0.3))
        self._unknown = frozenset(map(str, params.get("unknown", ())))
        self._topics = [
            (
                str(entry["topic"]),
                corpus.words.all_stems(" ".join(entry.get("names", ()))),
                frozenset(map(str, entry.get("rules", ()))),
            )
            for entry in corpus.rules.lexicon("limit-topics")
        ]
        self._level = float(params.get("level", 0.1))
        self._share = float(params.get("share", 0.3))
        self._results: dict[tuple[int, int], float] = {}
        self._partners: dict[int, set[int]] = defaultdict(set)
        """By article those that it has results in common with."""
        self._one_story: dict[tuple[int, int], bool] = {}
        self._told_with: dict[int, Sequence[int]] = {}

    def joined(self, groups: Sequence[Sequence[Told]]) -> Groups:
        """``groups`` of claims, each with the statements of its story that tell the same."""
        self._results = _shared_results(groups)
        for a, b in self._results:
            self._partners[a].add(b)
            self._partners[b].add(a)
        limits = [at for at, group in enumerate(groups) if len(group) == 1 and self._is_limit(group[0])]
        done = _merged(groups, self._limits(groups, limits))
        return _merged(done, self._retold(done))

    def tells_one_story(self, one: int, other: int) -> bool:
        """Whether two articles, by index, are told for one study: by the names that they share, or by their figures, of which a good
        part is joined. That they use the same words shows no more than one subject."""
        pair = min(one, other), max(one, other)
        if pair not in self._one_story:
            told = self._corpus.story(*pair) >= self._corpus.one_story or self._results.get(pair, 0.0) >= self._share
            self._one_story[pair] = told and one != other and self._judge.is_tied(*pair)
        return self._one_story[pair]

    def retellings(self, source: int) -> Sequence[int]:
        """The articles that tell one story with this one."""
        if source not in self._told_with:
            # Where nothing is shared, nothing is told together, unless rules ask for nothing.
            tied = {*self._corpus.sharing_names(source), *self._partners[source]}
            others = tied if min(self._corpus.one_story, self._share) > 0 else range(len(self._corpus.sources))
            self._told_with[source] = [other for other in others if self.tells_one_story(source, other)]
        return self._told_with[source]

    def _is_limit(self, one: Told) -> bool:
        """Whether it says that something is not known; of safety, signs tell."""
        if one.sort != _SAFETY:
            return one.sort == _LIMIT
        statement = self._corpus.sources[one.source].statement_at.get(one.claim.start)
        return statement is not None and statement.bears(*self._unknown)

    def _limits(self, groups: Sequence[Sequence[Told]], places: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Pairs of the groups at ``places`` that tell the same limit of what is known, the surest first."""
        topics = {at: self._about(groups[at][0]) for at in places}
        scored: list[tuple[float, int, int]] = []
        of_source: dict[int, list[int]] = defaultdict(list)
        for at in places:
            of_source[groups[at][0].source].append(at)
        near = (
            (i, j) for i in places for other in self.retellings(groups[i][0].source) for j in of_source.get(other, ())
        )
        for i, j in near:
            if i > j:
                continue  # each pair once
            one, other = groups[i][0], groups[j][0]
            likeness = self._judge.alike(one.concepts["outcome"], other.concepts["outcome"])
            score = (
                self._weights["topic"] * bool(topics[i] & topics[j])
                + self._weights["words"] * self._corpus.sentences.shared(one.stems, other.stems)
                + self._weights["outcome"] * max(likeness or 0.0, 0.0)
            )
            if score >= self._least_limit:
                scored.append((-score, i, j))
        for _, i, j in sorted(scored):
            yield i, j

    def _retold(self, groups: Sequence[Sequence[Told]]) -> Iterator[tuple[int, int]]:
        """Pairs of a statement that stands alone and the group of its story that is by far the likeliest to tell the same, the surest
        first."""
        of_source: dict[int, list[int]] = defaultdict(list)
        for at, group in enumerate(groups):
            for source in {one.source for one in group}:
                of_source[source].append(at)
        scored: list[tuple[float, int, int]] = []
        for at, group in enumerate(groups):
            if len(group) > 1 or not self._may_be_retold(group[0]):
                continue
            own = group[0].source
            near = {i for other in self.retellings(own) for i in of_source.get(other, ())}
            ranked = sorted(
                ((self._likeness(group[0], groups[i]), i) for i in near - set(of_source[own])),
                key=lambda found: (-found[0], found[1]),
            )
            if ranked and ranked[0][0] >= self._least_retold:
                best = ranked[0][0]
                if all(best - score >= self._margin for score, _ in ranked[1:2]):
                    scored.append((-best, at, ranked[0][1]))
        for _, i, j in sorted(scored):
            yield i, j

    def _may_be_retold(self, one: Told) -> bool:
        return not one.is_result and one.sort not in (None, _LIMIT, _SAFETY) and one.claim.direction is not None

    def _likeness(self, one: Told, group: Sequence[Told]) -> float:
        """How likely a statement tells what a group does: what its likeliest telling comes to."""
        return max(
            (self._pair(one, other) for other in group if self.tells_one_story(one.source, other.source)), default=0.0
        )

    def _pair(self, one: Told, other: Told) -> float:
        if not other.is_result and not self._may_be_retold(other):
            return 0.0
        outcome = self._judge.alike(one.concepts["outcome"], other.concepts["outcome"])
        if outcome is not None and outcome <= 0:
            return 0.0
        words = self._corpus.sentences.shared(one.stems, other.stems)
        treatment = self._judge.alike(one.concepts["intervention"], other.concepts["intervention"])
        if treatment is not None and treatment < 0:
            return 0.0
        same = same_time(one.days, other.days, 0.1)
        way = self._way(one)
        other_way = self._way(other)
        weigh = self._weights
        return (
            weigh["outcome"] * (outcome or 0.0)
            + weigh["words"] * words
            + weigh["treatment"] * max(treatment or 0.0, 0.0)
            + weigh["time_other"] * (same is False)
            + weigh["equal"] * (way == other_way == "equal")
            + weigh["direction_same"] * (way == other_way != "equal")
            + weigh["direction_other"] * (way is not None and other_way is not None and way != other_way)
        )

    def _way(self, one: Told) -> str | None:
        """The direction of a claim, unless its figures lie so close that words may call them the same."""
        return one.claim.direction if one.claim.direction == "equal" or not is_level(one, self._level) else None

    def _about(self, one: Told) -> frozenset[str]:
        """What is not known: of people, in the long run, the cause."""
        stems = self._corpus.words.all_stems(one.claim.quote)
        return frozenset(topic for topic, names, rules in self._topics if names & stems or one.claim.rule in rules)


def _shared_results(groups: Sequence[Sequence[Told]]) -> dict[tuple[int, int], float]:
    """By pairs of articles how many of the results with figures of the one that has fewer are told by the other too, 0 to 1."""
    count: Counter[int] = Counter()
    both: Counter[tuple[int, int]] = Counter()
    for group in groups:
        told = sorted({one.source for one in group if one.is_result})
        count.update(told)
        both.update(combinations(told, 2))
    return {(a, b): number / min(count[a], count[b]) for (a, b), number in both.items()}


def _merged(groups: Sequence[Sequence[Told]], pairs: Iterator[tuple[int, int]]) -> Groups:
    """``groups`` with those of ``pairs`` put together, in that order, where no article is told twice by it."""
    members: list[list[Told] | None] = [list(group) for group in groups]
    place = list(range(len(groups)))
    held: dict[int, list[int]] = {}
    """The places of the groups that each has taken in, where it has taken in any."""
    for i, j in pairs:
        a, b = place[i], place[j]
        one, other = members[a] or [], members[b] or []
        if a == b or {told.source for told in one} & {told.source for told in other}:
            continue
        if a > b:
            a, b, one, other = b, a, other, one
        members[a], members[b] = one + other, None
        taken = held.pop(b, [b])
        for at in taken:
            place[at] = a
        held.setdefault(a, [a]).extend(taken)
    return [group for group in members if group is not None]
