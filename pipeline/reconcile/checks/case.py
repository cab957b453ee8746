"""What a check is given: the corpus with its findings, and what several checks ask of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from pipeline.model import Slot, Statement, Value
from pipeline.reconcile.checks.drafts import Spot
from pipeline.reconcile.checks.numbers import PrintedNumbers
from pipeline.reconcile.checks.related import RelatedArticles
from pipeline.reconcile.checks.several import SeveralStudies
from pipeline.reconcile.concept_likeness import likeness
from pipeline.reconcile.corpus import Concept, Corpus, Source, Told
from pipeline.reconcile.findings import Figure, Result
from pipeline.reconcile.likeness import Judge
from pipeline.reconcile.quotes import Quotes
from pipeline.reconcile.rounding import Measured, significant_digits
from pipeline.reconcile.words import Stems
from pipeline.shapes import LETTERS

_OF_MANY = re.compile(r"(\d{1,3}(?:\.\d{1,3})?) [^\W\d]")
"""A number with words behind it."""
T = TypeVar("T")
Stated = tuple[Value, Measured | None]
"""A number and what it is in its own unit."""


class Case:
    """The corpus with its findings, and what several checks ask of them."""

    def __init__(self, corpus: Corpus, results: Sequence[Result], judge: Judge) -> None:
        self.corpus = corpus
        self.results = results
        self.judge = judge
        self.result_of = {one.claim.claim_id: result for result in results for one in result.told}
        self.results_in = _by_article(results)
        """The findings that each article has claims of."""
        self._numbers = PrintedNumbers(corpus)
        self._stated: dict[tuple[int, int, int], Sequence[Stated]] = {}
        # Given no method of this object: what holds each other in a circle stays in memory until somebody looks for it.
        self.related = RelatedArticles(corpus, judge, self.results_in, self._numbers)
        self._found: dict[Hashable, Any] = {}
        self._quotes: dict[int, Quotes] = {}
        self._sure_study = float(corpus.rules.params("same-story").get("sure_study", 2.5))
        self._held: dict[tuple[Told, Told], bool] = {}
        self._of_accuracy: dict[str, bool] = {}
        self._plain: dict[Concept, Concept] = {}
        """Treatments without the words that say not which: one of each, so that what is known of it is found again."""
        self._one_treatment = float(corpus.rules.params("match-statements").get("least_treatment", 0.6))

    def once(self, key: Hashable, find: Callable[[], T]) -> T:
        """What ``find`` gives, which is looked for once however many checks ask for it; ``key`` tells it from all else."""
        if key not in self._found:
            self._found[key] = find()
        found: T = self._found[key]
        return found

    @cached_property
    def _message_words(self) -> Mapping[str, Any]:
        return self.corpus.rules.params("message-words")

    def word(self, name: str, otherwise: str = "") -> str:
        """What messages say for ``name``, or else for ``otherwise``; see the rule ``message-words``."""
        return str(self._message_words.get(name, self._message_words.get(otherwise, "")))

    def printed(self, value: Value) -> str:
        """A value as its source prints it, with the qualifier."""
        qualifier = self.word(value.qualifier) if value.qualifier is not None else ""
        return f"{qualifier} {value.text}" if qualifier else value.text

    def quotes(self, source: int) -> Quotes:
        """What an article quotes."""
        if source not in self._quotes:
            self._quotes[source] = Quotes(self.sources[source].article.text)
        return self._quotes[source]

    def prints(self, source: int, number: float, start: int, end: int) -> bool:
        """Whether an article has this number, in digits or words, anywhere between two offsets."""
        return any(
            value.value == number or _told_of_many(value) == number for value in self.numbers(source, start, end)
        )

    def numbers(self, source: int, start: int, end: int) -> Sequence[Value]:
        """All numbers that stand between two offsets of an article, whatever they were read as."""
        return self._numbers.between(source, start, end)

    def stated(self, source: int, start: int, end: int) -> Sequence[Stated]:
        """Those of them that are one number each: sentences are held against many figures."""
        key = source, start, end
        found = self._stated.get(key)
        if found is None:
            found = self._stated[key] = [
                (number, self.corpus.measured(number))
                for number in self.numbers(source, start, end)
                if number.value is not None
            ]
        return found

    @cached_property
    def several(self) -> SeveralStudies:
        """Which studies the articles tell of that tell of more than one."""
        return SeveralStudies(self.corpus)

    @cached_property
    def harms(self) -> Stems:
        """The stems of words for harms and symptoms."""
        return self.corpus.words.stems(" ".join(self.corpus.rules.phrases("harm-outcomes")))

    def prints_beside(self, figure: Figure, best: Figure) -> bool:
        """Whether the sentence of ``best`` has the number of ``figure`` too, of the other group or of something else."""
        number, claim = figure.value.value, best.told.claim
        precise = number is not None and len(significant_digits(figure.value.text)) > 1
        return precise and self.prints(best.told.source, number or 0.0, claim.start, claim.end)

    def is_of_accuracy(self, one: Told) -> bool:
        """Whether a claim tells how often a test is right: those with the illness and those without are no groups that are compared."""
        quote = one.claim.quote
        if quote not in self._of_accuracy:  # asked of one claim for each pair of articles, by several checks
            self._of_accuracy[quote] = not self._accuracy.isdisjoint(LETTERS.findall(quote.lower()))
        return self._of_accuracy[quote]

    @cached_property
    def _accuracy(self) -> frozenset[str]:
        return frozenset(self.corpus.rules.phrases("accuracy-words"))

    @property
    def sources(self) -> Sequence[Source]:
        return self.corpus.sources

    @cached_property
    def judged(self) -> Sequence[Source]:
        """The articles whose problems are told; the others are there for what they say against these."""
        return [source for source in self.sources if source.index not in self.corpus.context]

    @cached_property
    def shared(self) -> Sequence[Result]:
        """The findings of several articles: most are of one, which has nothing to be held against."""
        return [result for result in self.results if result.record.articles > 1]

    def source(self, one: Told | Spot) -> Source:
        return self.corpus.sources[one.source]

    def name(self, one: Told | Spot) -> str:
        """How messages call the source of a claim or passage."""
        return self.source(one).name

    def is_sure(self, one: Told, other: Told, least: float) -> bool:
        """Whether figures and slots of two claims were read with a confidence of ``least``, or their outcome is one beyond doubt."""
        if min(one.claim.confidence, other.claim.confidence) >= least:
            return True
        return self.judge.alike(one.concepts["outcome"], other.concepts["outcome"]) == 1.0

    def is_held_against(self, one: Told, other: Told) -> bool:
        """Whether figures of two claims of one finding may be held against each other: articles are few, or theirs tell one story, or both
        claims name one treatment or much else that speaks for one study."""
        if self.several.are_apart(one, other):
            return False
        if (
            one.source == other.source
            or self.corpus.background.crowd == 0
            or self.related.tells_story_of(one.source, other.source)
        ):
            return True
        pair = one, other
        if pair not in self._held:  # asked by several checks
            self._held[pair] = self._tell_one_study(one, other)
        return self._held[pair]

    def is_of_another(self, one: Told, held: Told | None = None) -> bool:
        """Whether a claim brings in another study than its article's, or than that of the claim it is ``held`` against, or acts by a known
        treatment that no better source of the story studied: statins, beside the tablet that the story is about."""
        if self.judge.is_aside(one) if held is None else self.judge.sets_apart(one, held):
            return True
        acting = one.concepts["intervention"]
        named, better = acting.senses, self.related.better_retellings(self.source(one))
        if not named or not any(acting.stems <= other.stems for other in better):
            return False
        studied = (told.concepts["intervention"].senses for other in better for told in other.told)
        titles = (self.corpus.treatments_in(other.article.title or "") for other in better)
        return not any(self.corpus.are_kin(named, senses) for senses in (*titles, *studied) if senses)

    def _tell_one_study(self, one: Told, other: Told) -> bool:
        sizes, others = _counts(one), _counts(other)
        if sizes and others and not sizes & others:
            return False  # two studies of one treatment
        if (
            self.judge.alike(one.concepts["intervention"], other.concepts["intervention"]) or 0.0
        ) >= self._one_treatment:
            return True
        return self.judge.compare(one, other).study >= self._sure_study

    @cached_property
    def _vague(self) -> Stems:
        lists = ("vague-treatments", "statement-subjects")
        return self.corpus.words.stems(" ".join(phrase for name in lists for phrase in self.corpus.rules.phrases(name)))

    def treatment(self, slot: Slot) -> Concept:
        """What ``slot`` names, without the words that say not which; nothing where it has no others."""
        concept = self.corpus.concept(slot, self._vague)
        if concept.id is not None:
            return concept
        if concept not in self._plain:
            words = {stem: word for stem, word in concept.words.items() if stem not in self._vague}
            self._plain[concept] = replace(concept, words=words)
        return self._plain[concept]

    def is_treatment(self, one: Concept, other: Concept) -> bool:
        """Whether two names are of one treatment; where one says nothing, it may be."""
        if not one or not other:
            return True
        return likeness(self.corpus, one, other) >= self._one_treatment

    def sentence(self, source: int, statement: Statement) -> Spot:
        """Where a statement stands; the claim in it is named too."""
        return self.passage(source, statement.start, statement.end)

    def passage(self, source: int, start: int, end: int) -> Spot:
        """The same of any passage of an article."""
        told = self.sources[source].told_at.get(start)
        return Spot(source, start, end, told[0].claim.claim_id if told else None)

    def size_told(self, one: Told) -> Spot:
        """Where the article of a claim tells the size of its study."""
        slot = one.claim.sample_size
        own = [
            t for t in self.source(one).told if t.size == one.size and slot is not None and slot.text in t.claim.quote
        ]
        return Spot.of(next(iter(own), one))

    def quote(self, spot: Spot) -> str:
        return self.sources[spot.source].article.text[spot.start : spot.end]


def _told_of_many(value: Value) -> float | None:
    """How many a share is that is told of so many: 9.8, of "9.8 out of every 1,000"."""
    head = _OF_MANY.match(value.text) if value.unit == "percent" else None
    return float(head.group(1)) if head is not None else None


def _counts(told: Told) -> set[float]:
    """How many took part in the study of a claim, and how many are in the groups that it tells of."""
    return {float(n) for n in (told.size, *(value.n for value in told.claim.values)) if n is not None}


def _by_article(results: Sequence[Result]) -> Mapping[int, Sequence[Result]]:
    found: dict[int, list[Result]] = {}
    for result in results:
        for source in result.sources:
            found.setdefault(source, []).append(result)
    return found
