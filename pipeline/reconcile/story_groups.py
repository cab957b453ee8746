"""Groups of claims in articles that tell one story, held against each other as wholes.

Two claims alone may say too little of one another to be joined: one in figures and one in words, one whose outcome is a pronoun. What a
group tells is told in several sentences, and all that is in them counts: the figures of the sentence, also those of another claim of it,
its rare words, where in its article it stands. A headline, lead or conclusion in words is likely to tell what the figures tell that
articles lead with. The rule ``match-groups`` holds the weights, which ``python -m bench.joining`` fits.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.language.meaning import MEANING, Floats, cosine, unpacked
from pipeline.reconcile.corpus import Corpus, Told
from pipeline.reconcile.likeness import Judge
from pipeline.reconcile.story_statements import StoryStatements
from pipeline.reconcile.words import Stems

_SAFETY = "safety"
_EQUAL = "equal"
_OTHER = {"time_other", "units_far"}
"""Evidence for another result, whatever else speaks for one."""
_MOST_FIGURES = 2
"""So many figures in common tell as much as more do."""
_TENS = 10
"""Numbers below it are met too often to be told by their whole part alone."""
_LIKELIEST = 12.0
"""No two claims are more alike, see :class:`pipeline.reconcile.likeness.Likeness`."""
Pair = tuple[int, int]


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
    meaning: float
    """Up to 1: the cosine of what they mean; 0 where that of one is not known."""


class _Sentence(NamedTuple):
    """The sentence of a claim as sentences are compared."""

    source: int
    stems: Stems
    weight: float
    """What its rare words weigh."""
    figures: frozenset[float]
    """All its figures, whatever they are of."""
    meaning: Floats | None
    """[64] unit vector; None where none is known."""


class _Group(NamedTuple):
    """A group of claims as groups are compared."""

    told: Sequence[Told]
    """At most so many as are looked at."""
    sentences: Sequence[_Sentence]
    """Of each."""
    with_figures: Sequence[Told]
    """Those that state figures of an outcome."""
    sources: frozenset[int]
    stems: Stems
    """Of all its sentences."""
    meanings: Floats
    """[M, 64] of those of its sentences of which that is known."""
    least: float
    """What the rare words of its shortest sentence weigh."""
    figures: frozenset[float]
    """Of all its sentences, as they are and rounded."""
    is_safety: bool
    is_in_words: bool
    is_equal: bool
    """Whether any of it finds no difference."""
    is_unnamed: bool
    """Whether none of it names an outcome."""
    is_main: bool
    """Whether enough articles lead with its figures, or it is in words that begin an article or sum it up."""
    position: float
    """0 to 1: how far into its article the first of its sentences stands."""


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
        self._most_more = self._weights.get("outcome", 0.0) + self._weights.get("likeness", 0.0) * _LIKELIEST
        """What is added at most by comparing claims one by one."""
        self._least_meaning = float(params.get("least_meaning", 1.0))
        self._sentences: dict[tuple[int, int], _Sentence] = {}
        """By article and where they begin."""

    def joined(self, groups: Sequence[Sequence[Told]]) -> list[list[Told]]:
        """``groups`` of claims with those put together that are likely to tell one result, the surest first, as long as all that is put
        together is likely to on average."""
        compared = [self._group(group) for group in groups]
        known: dict[Pair, tuple[float, int]] = {}

        def scored(pair: Pair) -> tuple[float, int]:
            """What a pair comes to, and how much it counts."""
            if pair not in known:
                evidence = self._evidence(compared[pair[0]], compared[pair[1]], self._least)
                known[pair] = (0.0, 1) if evidence is None else (self.score(evidence), evidence.pairs)
            return known[pair]

        likely = [(scored(pair)[0], pair) for pair in self._candidates(compared) if scored(pair)[0] >= self._least]
        members = {at: [at] for at in range(len(groups))}
        place = list(range(len(groups)))
        for _, (i, j) in sorted(likely, key=lambda found: (-found[0], found[1])):
            a, b = sorted((place[i], place[j]))
            if a == b:
                continue
            across = [scored((min(x, y), max(x, y))) for x in members[a] for y in members[b]]
            if sum(score * pairs for score, pairs in across) < self._least * sum(pairs for _, pairs in across):
                continue
            for at in members[b]:
                place[at] = a
            members[a] += members.pop(b)
        return [[one for at in sorted(found) for one in groups[at]] for _, found in sorted(members.items())]

    def score(self, evidence: Evidence) -> float:
        """All evidence, weighed."""
        return sum([self._weights.get(name, 0.0) * amount for name, amount in evidence.parts.items()])

    def compared(self, groups: Sequence[Sequence[Told]]) -> Iterator[tuple[Pair, Evidence]]:
        """Pairs of groups of articles that tell one story, with what tells that they are one, in order."""
        found = [self._group(group) for group in groups]
        for i, j in self._pairs(found):
            evidence = self._evidence(found[i], found[j])
            if evidence is not None:
                yield (i, j), evidence

    def _group(self, group: Sequence[Told]) -> _Group:
        told = group[: self._members]
        sentences = [self._sentence(one) for one in told]
        figures = frozenset[float]().union(*(sentence.figures for sentence in sentences))
        with_figures = [one for one in told if one.is_result]
        return _Group(
            told,
            sentences,
            with_figures,
            frozenset(one.source for one in told),
            frozenset[str]().union(*(one.stems for one in told)),
            _rows([sentence.meaning for sentence in sentences if sentence.meaning is not None]),
            min(sentence.weight for sentence in sentences),
            figures | {float(round(figure)) for figure in figures},
            all(one.sort == _SAFETY for one in told),
            not with_figures,
            any(one.claim.direction == _EQUAL for one in told),
            not any(one.concepts["outcome"] for one in told),
            self._leading(told) >= self._leads if with_figures else any(map(self._sums_up, told)),
            min(one.claim.start / max(len(self._corpus.sources[one.source].article.text), 1) for one in told),
        )

    def _is_first(self, one: Told) -> bool:
        """Whether it is the first claim of its sentence, sizes and the like apart: the meaning of one that tells two results is that of the
        first."""
        told = self._corpus.sources[one.source].told_at.get(one.claim.start, ())
        first = next((other for other in told if other.is_result), None)
        return first is None or first.claim.claim_id == one.claim.claim_id

    def _leading(self, told: Sequence[Told]) -> int:
        return len({one.source for one in told if one.claim.claim_id in self._corpus.sources[one.source].leads})

    def _sums_up(self, one: Told) -> bool:
        source = self._corpus.sources[one.source]
        statement = source.statement_at.get(one.claim.start)
        early = one.claim.start <= self._early * len(source.article.text)
        return early or (statement is not None and statement.bears(*self._sums))

    def _pairs(self, groups: Sequence[_Group]) -> Iterator[Pair]:
        """Pairs of groups of articles that tell one story; what is said of safety is told apart by its topic."""
        of_source: dict[int, list[int]] = defaultdict(list)
        for at, group in enumerate(groups):
            for source in group.sources if not group.is_safety else ():
                of_source[source].append(at)
        for i, group in enumerate(groups):
            if not group.is_safety:
                others = {other for source in group.sources for other in self._story.retellings(source)}
                yield from ((i, j) for j in sorted({j for other in others for j in of_source.get(other, ()) if j > i}))

    def _candidates(self, groups: Sequence[_Group]) -> Iterator[Pair]:
        """The pairs that may score enough, by all their words and figures together."""
        weigh = defaultdict(float, self._weights)
        of_position, of_words = weigh["position"], weigh["words"] + weigh["most_words"]
        of_figures = _MOST_FIGURES * (weigh["figures"] + weigh["most_figures"])
        of_meaning = max(weigh["meaning"] + weigh["most_meaning"], 0.0)
        sorts = [(group.is_equal, group.is_unnamed, group.is_in_words, group.is_main) for group in groups]
        known: dict[tuple[tuple[bool, ...], tuple[bool, ...], int], float] = {}
        """What the evidence of :func:`_kinds` comes to."""
        for i, j in self._pairs(groups):
            one, other = groups[i], groups[j]
            twice = 0 if one.sources.isdisjoint(other.sources) else len(one.sources & other.sources)
            kinds = sorts[i], sorts[j], twice
            of_kinds = known.get(kinds)
            if of_kinds is None:
                of_kinds = known[kinds] = sum([weigh[name] * amount for name, amount in _kinds(one, other).items()])
            most = self._most_more + of_position * (one.position + other.position)
            most += of_kinds
            if not one.figures.isdisjoint(other.figures):
                most += of_figures
            if most + max(of_words, 0.0) + of_meaning < self._least:
                continue  # even if all their words were the same, and what they mean
            most += of_meaning * _nearest(one.meanings, other.meanings)
            both = one.stems & other.stems
            if both:
                shared = self._corpus.sentences.weight(both)
                rest = one.least + other.least - shared
                share = min(shared / rest, 1.0) if rest > 0 else 1.0
                most += share * of_words
            if most >= self._least:
                yield i, j

    def _evidence(self, one: _Group, other: _Group, least: float = -math.inf) -> Evidence | None:
        """What tells that two groups are one; None where something tells that they are not, or nothing that they are. Where they cannot
        score ``least``, no more is looked for."""
        if self._are_apart(one, other):
            return None
        shared = [self._in_common(a, b) for a in one.sentences for b in other.sentences if a.source != b.source]
        if not shared:
            return None
        parts = _kinds(one, other)
        if not parts["equal"] and not any(
            found.figures or found.words or found.meaning >= self._least_meaning for found in shared
        ):
            return None
        parts["figures"] = sum([found.figures for found in shared]) / len(shared)
        parts["most_figures"] = max([found.figures for found in shared])
        parts["other_figures"] = sum([found.other_figures for found in shared]) / len(shared)
        parts["words"] = sum([found.words for found in shared]) / len(shared)
        parts["most_words"] = max([found.words for found in shared])
        parts["meaning"] = sum([found.meaning for found in shared]) / len(shared)
        parts["most_meaning"] = max([found.meaning for found in shared])
        parts["position"] = one.position + other.position
        evidence = Evidence(parts, len(shared))
        if self.score(evidence) + self._most_more < least:
            return evidence
        pairs = [(a, b) for a in one.told for b in other.told if a.source != b.source]
        if len({self._judge.is_aside(told) for told in {told for pair in pairs for told in pair}}) > 1:
            return None
        likeness = -math.inf
        for a, b in pairs:
            alike = self._judge.compare(a, b)
            if alike.barred or not alike.parts.keys().isdisjoint(_OTHER):
                return None
            likeness = max(likeness, alike.score)
        parts["likeness"] = likeness
        parts["outcome"] = max([self._said(a, b) for a, b in pairs])
        return evidence

    def _are_apart(self, one: _Group, other: _Group) -> bool:
        """Whether both state figures, and of two results: an article has other figures of one measure for each, or both name an outcome,
        and not the same. Much the same is said in words of many studies, so that such articles must share names."""
        if one.is_in_words and other.is_in_words:
            return any(
                a != b and self._corpus.story(a, b) < self._corpus.one_story for a in one.sources for b in other.sources
            )
        pairs = [(a, b) for a in one.with_figures for b in other.with_figures]
        alike = [self._judge.alike(a.concepts["outcome"], b.concepts["outcome"]) for a, b in pairs]
        if max((found for found in alike if found is not None), default=1.0) <= 0:
            return True
        return any(
            a.source == b.source
            and a.claim.start != b.claim.start
            and a.claim.measure == b.claim.measure
            and not _share_figures(a, b)
            for a, b in pairs
        )

    def _in_common(self, one: _Sentence, other: _Sentence) -> _Shared:
        both = one.stems & other.stems
        words = self._corpus.sentences.weight(both) if both else 0.0
        share = words / (one.weight + other.weight - words) if words > 0 else 0.0
        meaning = 0.0 if one.meaning is None or other.meaning is None else cosine(one.meaning, other.meaning)
        if not (one.figures and other.figures):
            return _Shared(0.0, 0.0, share, meaning)
        same = sum([any(_is_one_figure(x, y) for y in other.figures) for x in one.figures])
        return _Shared(float(min(same, _MOST_FIGURES)), float(not same), share, meaning)

    def _sentence(self, one: Told) -> _Sentence:
        key = one.source, one.claim.start
        if key not in self._sentences:
            told = self._corpus.sources[one.source].told_at.get(one.claim.start, ())
            figures = frozenset(
                abs(number)
                for other in told
                for value in other.claim.values
                for number in (value.value, value.low, value.high)
                if number is not None and math.isfinite(number)
            )
            weight = self._corpus.sentences.weight(one.stems)
            meaning = None if one.claim.meaning is None else unpacked(one.claim.meaning)
            self._sentences[key] = _Sentence(one.source, one.stems, weight, figures, meaning)
        known = self._sentences[key]
        return known if known.meaning is None or self._is_first(one) else known._replace(meaning=None)

    def _said(self, a: Told, b: Told) -> float:
        """0 to 1: how much of the outcome of either is said in the sentence of the other."""
        weigh = self._corpus.sentences.weight
        return max(
            weigh(named & said) / weigh(named) if named & said else 0.0
            for named, said in ((a.concepts["outcome"].stems, b.stems), (b.concepts["outcome"].stems, a.stems))
        )


def _kinds(one: _Group, other: _Group) -> dict[str, float]:
    """The evidence that needs no comparing of claims."""
    is_mixed = one.is_in_words != other.is_in_words
    return {
        "equal": float(one.is_equal and other.is_equal),
        "unnamed": float(one.is_unnamed) + float(other.is_unnamed),
        "told_twice": float(len(one.sources & other.sources)),
        "in_words": float(one.is_in_words and other.is_in_words),
        "mixed": float(is_mixed),
        "main": float(is_mixed and one.is_main and other.is_main),
    }


def _rows(meanings: Sequence[Floats]) -> Floats:
    return np.stack(meanings) if meanings else np.zeros((0, MEANING), np.float32)


def _nearest(one: Floats, other: Floats) -> float:
    """The greatest cosine of two; 0 where there is none or none is positive."""
    return max(float((one @ other.T).max()), 0.0) if len(one) and len(other) else 0.0


def _is_one_figure(x: float, y: float) -> bool:
    """Whether two printed numbers are the same, or one is the other without what comes after the point."""
    if x == y:
        return True
    if max(x, y) < _TENS or not (x.is_integer() or y.is_integer()):
        return False
    return round(x) == round(y)


def _share_figures(a: Told, b: Told) -> bool:
    return any(x is not None and y is not None and x.fits(y) for x in a.measured for y in b.measured)
