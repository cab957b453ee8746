"""The articles of a run, or some of them, with all that reconciling needs of them: how alike they are, and how rare what they share."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations

from pipeline.components.quantities import QuantityFinder
from pipeline.model import Article, Claim, Slot, Statement, Value
from pipeline.reconcile.background import Background, background_of, called, counted, lone_publishers
from pipeline.reconcile.concepts import NOTHING, Concept
from pipeline.reconcile.nearness import Nearness
from pipeline.reconcile.rounding import Measured
from pipeline.reconcile.source_reader import SourceReader
from pipeline.reconcile.sources import EFFECTS, RELATIVE, Source, Told
from pipeline.reconcile.words import Stems
from pipeline.rules.ruleset import Ruleset

__all__ = ["EFFECTS", "NOTHING", "RELATIVE", "Concept", "Corpus", "Source", "Told", "whole_corpus"]

_MOST_ALIKE = 100_000
_SHORT = 3
"""A number of two digits and a point is met by chance, and counts half."""


class Corpus:
    """Articles ready to be matched and held against each other, in the order of their ids.

    Of those in ``context``, by index, nothing is joined: they are there for what they say against others.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        background: Background,
        reader: SourceReader,
        rules: Ruleset,
        context: frozenset[int] = frozenset(),
    ) -> None:
        self.rules = rules
        self.sources = sources
        self.background = background
        self.context = context
        self.words = reader.words
        self.sentences = background.sentences
        self._reader = reader
        full = float(rules.params("comparable-articles").get("full", 0.3))
        self._nearness = Nearness(sources, background.words, full)
        self._apart = float(rules.params("near-meaning").get("apart", 1.0))
        story = rules.params("same-story")
        self._enough = float(story.get("enough", 3))
        self.one_story = float(story.get("told", 0.6))
        """From which :meth:`story` on two articles tell one."""
        self._tells: dict[tuple[str, Concept], float] = {}
        self.likened: dict[tuple[Concept, Concept], float] = {}
        """What :func:`pipeline.reconcile.concept_likeness.likeness` says of two names, for as long as the corpus lives."""

    def concept(self, slot: Slot | None, vague: Stems = frozenset()) -> Concept:
        """What ``slot`` names; nothing where all its words are ``vague``."""
        return self._reader.concept(slot, vague)

    def measured(self, value: Value) -> Measured | None:
        """A number as values are compared; None where it states none."""
        return self._reader.measured(value)

    @property
    def numbers(self) -> QuantityFinder:
        """Reads numbers in digits and words."""
        return self._reader.numbers

    @property
    def told(self) -> Iterable[Told]:
        return (told for source in self.sources if source.index not in self.context for told in source.told)

    def concepts_alike(self, one: Concept, other: Concept) -> float:
        """:meth:`words_alike` of two names, where names of one thing are the same words; those of two things are not near in meaning."""
        known, names = self.background.alike, (one.said, other.said)
        found = known.get(names)
        if found is None:
            if len(known) > _MOST_ALIKE:
                known.clear()
            found = known[names] = self._concepts_alike(one, other)
        return found

    def _concepts_alike(self, one: Concept, other: Concept) -> float:
        if not one.senses or not other.senses:
            return self.words_alike(one.words, other.words)
        same = self.shared_senses(one, other), self.shared_senses(other, one)
        if any(same):
            return self.words_alike(one.words, other.words, same)
        return self._apart * self.words_alike(one.words, other.words) if one.words.keys() & other.words.keys() else 0.0

    def shared_senses(self, one: Concept, other: Concept) -> Mapping[str, float]:
        """How much each stem of ``one`` tells of what ``other`` names too, by the thesaurus."""
        return self._reader.senses.shared(one.senses, other.senses)

    def treatments_in(self, text: str) -> Mapping[str, Stems]:
        """The treatments that the thesaurus knows in ``text``, each with the stems of the words that name it."""
        return self._reader.senses.treatments(text)

    def named_in(self, text: str) -> Mapping[str, Stems]:
        """All that the thesaurus knows in ``text``, likewise."""
        return self._reader.senses.of(text)

    def are_kin(self, one: Mapping[str, Stems], other: Mapping[str, Stems]) -> bool:
        """Whether any sense of the one is one of the other, or a kind of it, or it of the one."""
        return bool(self._reader.senses.shared(one, other))

    def words_alike(
        self,
        one: Mapping[str, str],
        other: Mapping[str, str],
        same: tuple[Mapping[str, float], Mapping[str, float]] | None = None,
    ) -> float:
        """0 to 1: how much of the weight of what the one with less says is said by the other too, in the same words or in words near in
        meaning; both are words by their stems. ``same`` says of each how far its stems are said by the other in other words."""
        weigh = self.sentences.weight
        (less, said_of), (more, _) = sorted(
            zip((one, other), same or ({}, {}), strict=True), key=lambda told: (weigh(told[0]), sorted(told[0]))
        )
        total = (
            math.fsum(
                self.sentences.of(stem)
                * (
                    1.0
                    if stem in more
                    else max(
                        said_of.get(stem, 0.0), *(self._reader.meanings.near(word, said) for said in more.values())
                    )
                )
                for stem, word in less.items()
            )
            if more
            else 0.0
        )
        whole = weigh(less)
        return min(max(total / whole, 0.0), 1.0) if whole > 0 else 0.0

    def tells(self, slot: str, concept: Concept) -> float:
        """0 to 1: how much it tells that two claims name this concept; little where every second claim does."""
        key = slot, concept
        if key not in self._tells:
            named = self.background.named[slot]
            self._tells[key] = min((named.share(name) for name in counted(concept)), default=0.0)
        return self._tells[key]

    def alike(self, one: int, other: int, most: float = 1.0) -> float:
        """0 to 1: how much two articles use the same words and numbers; 1 for an article with itself and for one that is as near as
        articles about one study are. At most ``most``: who asks for no more gets it sooner."""
        return self._nearness.of(one, other, most)

    def story(self, one: int, other: int) -> float:
        """0 to 1: whether two articles tell one story, by the rare names and numbers that both have."""
        if one == other:
            return 1.0
        return min(self.shared_names(one, other) / self._enough, 1.0)

    def shared_names(self, one: int, other: int) -> float:
        """How many of the names and numbers that few articles have are in both; short numbers count half."""
        if one == other:
            return sum(name_weight(name) for name in self.sources[one].specifics if not self.background.is_common(name))
        return self._shared_names[one].get(other, 0.0)

    def sharing_names(self, one: int) -> Iterable[int]:
        """The other articles that have any such name in common with this one, in no order."""
        return self._shared_names[one].keys()

    @cached_property
    def _having(self) -> Mapping[str, Sequence[int]]:
        """The articles that have each name which few have, where more than one has it."""
        having: dict[str, list[int]] = defaultdict(list)
        for source in self.sources:
            for name in source.specifics:
                having[name].append(source.index)
        return {name: found for name, found in having.items() if len(found) > 1 and not self.background.is_common(name)}

    @cached_property
    def _shared_names(self) -> Sequence[Mapping[int, float]]:
        shared: list[dict[int, float]] = [defaultdict(float) for _ in self.sources]
        for name, found in self._having.items():
            weight = name_weight(name)
            for one, other in combinations(found, 2):
                shared[one][other] += weight
                shared[other][one] += weight
        return [dict(found) for found in shared]

    def told_together(self, enough: float, most: int) -> Iterator[tuple[int, int]]:
        """Pairs of articles that tell one story at least as much as ``enough``, in order; names of more than ``most`` are no sign."""
        pairs: dict[tuple[int, int], float] = defaultdict(float)
        for name, found in self._having.items():
            if len(found) <= most:
                for pair in combinations(found, 2):
                    pairs[pair] += name_weight(name)
        yield from sorted(pair for pair, count in pairs.items() if count >= enough * self._enough)


def whole_corpus(
    articles: Sequence[Article],
    claims: Mapping[str, Sequence[Claim]],
    statements: Mapping[str, Sequence[Statement]],
    rules: Ruleset,
) -> Corpus:
    """A run as one corpus; ``claims`` and ``statements`` by article id, in text order."""
    reader = SourceReader(rules)
    lone = lone_publishers(article.publisher for article in articles)
    ordered = sorted(articles, key=lambda article: article.article_id)
    sources = [
        reader.source(
            index,
            article,
            called(article, lone),
            claims.get(article.article_id, ()),
            statements.get(article.article_id, ()),
        )
        for index, article in enumerate(ordered)
    ]
    return Corpus(sources, background_of(sources, rules), reader, rules)


def name_weight(name: str) -> float:
    """How much it tells that two articles have a name or number in common."""
    return 0.5 if name[0].isdigit() and len(name) <= _SHORT else 1.0
