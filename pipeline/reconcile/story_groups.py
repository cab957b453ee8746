"""Groups of claims in articles that tell one story, held against each other as wholes.

Two claims alone may say too little of one another to be joined: one in figures and one in words, one whose outcome is a pronoun. What a
group tells is told in several sentences, and all that is in them counts: the figures of the sentence, also those of another claim of it,
its rare words, where in its article it stands. A headline, lead or conclusion in words is likely to tell what the figures tell that
articles lead with. The rule ``match-groups`` holds the weights, which ``python -m bench.joining`` fits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.reconcile.corpus import Corpus, Told
from pipeline.reconcile.likeness import Judge
from pipeline.reconcile.story_statements import StoryStatements
from pipeline.reconcile.words import Stems

_SAFETY = "safety"
_EQUAL = "equal"
_MOST_FIGURES = 2
"""So many figures in common tell as much as more do."""
_LIKELIEST = 12.0
"""No two claims are more alike, see :class:`pipeline.reconcile.likeness.Likeness`."""
Pair = tuple[int, int]
Sentence = tuple[int, int]
"""An article, and where in it the sentence begins."""


class Evidence(NamedTuple):
    """What tells of two groups that they are one."""

    parts: Mapping[str, float]
    """How much there is of each piece of evidence, by its name in ``weights``."""
    pairs: int
    """How many pairs of claims of different articles they make."""


class _Shared(NamedTuple):
    """What two sentences have in common."""

    figures: float
    """How many figures, at most :data:`_MOST_FIGURES`."""
    other_figures: float
    """1 where both have figures and none in common."""
    words: float
    """0 to 1: the rare words, of all that either has."""


class StoryGroups:
    """Joins groups of claims of a corpus; ``story`` has joined what it could, and knows which articles tell one story."""

    def __init__(self, corpus: Corpus, judge: Judge, story: StoryStatements) -> None:
        self._corpus = corpus
        self._judge = judge
        self._story = story
        params = corpus.rules.params("match-groups")
        self._weights = {name: float(weight) for name, weight in params.get("weights", {}).items()}
        self._least = float(params.get("least", 3.0))
        self._members = int(params.get("members", 12))
        self._leads = int(params.get("leads", 2))
        self._early = float(params.get("early", 0.12))
        self._sums = frozenset(map(str, params.get("sums_up", ())))
        self._figures: dict[Sentence, frozenset[float]] = {}
        self._shared: dict[tuple[Sentence, Sentence], _Shared] = {}

    def joined(self, groups: Sequence[Sequence[Told]]) -> list[list[Told]]:
        """``groups`` of claims with those put together that are likely to tell one result, the surest first, as long as all that is put
        together is likely to on average."""
        found = {pair: (self.score(evidence), evidence.pairs) for pair, evidence in self.compared(groups, self._least)}
        members = {at: [at] for at in range(len(groups))}
        place = list(range(len(groups)))
        for (i, j), (score, _) in sorted(found.items(), key=lambda pair: (-pair[1][0], pair[0])):
            a, b = place[i], place[j]
            if score < self._least or a == b:
                continue
            across = [(min(x, y), max(x, y)) for x in members[a] for y in members[b]]
            known = [found.get(pair, (0.0, 1)) for pair in across]
            if sum(score * pairs for score, pairs in known) < self._least * sum(pairs for _, pairs in known):
                continue
            a, b = min(a, b), max(a, b)
            for at in members[b]:
                place[at] = a
            members[a] += members.pop(b)
        return [[one for at in sorted(found) for one in groups[at]] for _, found in sorted(members.items())]

    def score(self, evidence: Evidence) -> float:
        """All evidence, weighed."""
        return sum(self._weights.get(name, 0.0) * amount for name, amount in evidence.parts.items())

    def compared(self, groups: Sequence[Sequence[Told]], least: float | None = None) -> Iterator[tuple[Pair, Evidence]]:
        """Pairs of groups of articles that tell one story, with what tells that they are one, in order; no more of it is
        looked for where they cannot score ``least``."""
        of_source: dict[int, list[int]] = defaultdict(list)
        for at, group in enumerate(groups):
            for source in {one.source for one in group}:
                of_source[source].append(at)
        position = [self._position(group) for group in groups]
        for i, group in enumerate(groups):
            if _is_safety(group):
                continue  # what is said of safety is told apart by its topic
            others = {other for one in group for other in self._story.retellings(one.source)}
            for j in sorted({j for other in others for j in of_source.get(other, ()) if j > i}):
                if _is_safety(groups[j]):
                    continue
                evidence = self._evidence(group, groups[j], position[i] + position[j], least)
                if evidence is not None:
                    yield (i, j), evidence

    def _position(self, group: Sequence[Told]) -> float:
        """0 to 1: how far into its article the first of its sentences stands."""
        return min(one.claim.start / max(len(self._corpus.sources[one.source].article.text), 1) for one in group)

    def _evidence(
        self, one: Sequence[Told], other: Sequence[Told], position: float, least: float | None
    ) -> Evidence | None:
        pairs = [(a, b) for a in one[: self._members] for b in other[: self._members] if a.source != b.source]
        if not pairs:
            return None
        shared = [self._in_common(a, b) for a, b in pairs]
        if not any(found.figures or found.words for found in shared) and not any(map(_both_equal, pairs)):
            return None
        number = len(pairs)
        figures, words = [found.figures for found in shared], [found.words for found in shared]
        parts = {
            "figures": sum(figures) / number,
            "most_figures": max(figures),
            "other_figures": sum(found.other_figures for found in shared) / number,
            "words": sum(words) / number,
            "most_words": max(words),
            "equal": float(any(map(_both_equal, pairs))),
            "position": position,
            "unnamed": float(_is_unnamed(one)) + float(_is_unnamed(other)),
            "told_twice": float(len({a.source for a in one} & {b.source for b in other})),
            "in_words": float(_in_words(one) and _in_words(other)),
            "mixed": float(_in_words(one) != _in_words(other)),
            "main": float(self._tell_main(one, other) or self._tell_main(other, one)),
        }
        if least is not None:
            most = self._weights.get("outcome", 0.0) + self._weights.get("likeness", 0.0) * _LIKELIEST
            if self.score(Evidence(parts, number)) + most < least:
                return Evidence(parts, number)  # whatever the rest is
        parts["outcome"] = max(self._said(a, b) for a, b in pairs)
        if len({self._judge.is_aside(one) for pair in pairs for one in pair}) > 1:
            return None
        compared = [self._judge.compare(a, b) for a, b in pairs]
        if any(likeness.barred for likeness in compared):
            return None
        parts["likeness"] = max(likeness.score for likeness in compared)
        return Evidence(parts, number)

    def _tell_main(self, one: Sequence[Told], other: Sequence[Told]) -> bool:
        """Whether ``one`` is in words that begin its article or sum it up, and ``other`` has the figures that articles lead with."""
        return (
            self._leading(other) >= self._leads
            and _in_words(one)
            and not _in_words(other)
            and any(map(self._sums_up, one))
        )

    def _leading(self, group: Sequence[Told]) -> int:
        return len({one.source for one in group if one.claim.claim_id in self._corpus.sources[one.source].leads})

    def _sums_up(self, one: Told) -> bool:
        source = self._corpus.sources[one.source]
        statement = source.statement_at.get(one.claim.start)
        early = one.claim.start <= self._early * len(source.article.text)
        return early or (statement is not None and statement.bears(*self._sums))

    def _in_common(self, a: Told, b: Told) -> _Shared:
        pair = (a.source, a.claim.start), (b.source, b.claim.start)
        found = self._shared.get(pair)
        if found is None:
            one, other = self._figures_of(a), self._figures_of(b)
            same = sum(any(_is_one_figure(x, y) for y in other) for x in one)
            found = self._shared[pair] = _Shared(
                float(min(same, _MOST_FIGURES)),
                float(bool(one) and bool(other) and not same),
                self._words_alike(a.stems, b.stems),
            )
        return found

    def _words_alike(self, one: Stems, other: Stems) -> float:
        both = one & other
        weigh = self._corpus.sentences.weight
        return weigh(both) / weigh(one | other) if both else 0.0

    def _figures_of(self, one: Told) -> frozenset[float]:
        """The figures of its sentence, whatever they are of."""
        key = one.source, one.claim.start
        if key not in self._figures:
            told = self._corpus.sources[one.source].told_at.get(one.claim.start, ())
            self._figures[key] = frozenset(
                abs(number)
                for other in told
                for value in other.claim.values
                for number in (value.value, value.low, value.high)
                if number is not None
            )
        return self._figures[key]

    def _said(self, a: Told, b: Told) -> float:
        """0 to 1: how much of the outcome of either is said in the sentence of the other."""
        weigh = self._corpus.sentences.weight
        return max(
            weigh(named & said) / weigh(named) if named & said else 0.0
            for named, said in ((a.concepts["outcome"].stems, b.stems), (b.concepts["outcome"].stems, a.stems))
        )


def _is_one_figure(x: float, y: float) -> bool:
    """Whether two printed numbers are the same, or one is the other without what comes after the point."""
    if x == y:
        return True
    if max(x, y) < 10 or not (x.is_integer() or y.is_integer()):
        return False
    return round(x) == round(y)


def _is_safety(group: Sequence[Told]) -> bool:
    return all(one.sort == _SAFETY for one in group)


def _is_unnamed(group: Iterable[Told]) -> bool:
    return not any(one.concepts["outcome"] for one in group)


def _both_equal(pair: tuple[Told, Told]) -> bool:
    return all(one.claim.direction == _EQUAL for one in pair)


def _in_words(group: Iterable[Told]) -> bool:
    return not any(one.is_result for one in group)
