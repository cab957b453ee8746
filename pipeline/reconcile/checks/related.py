"""Which articles are held against each other: those on one subject, on one treatment, or that tell one story."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from pipeline.reconcile.checks.numbers import PrintedNumbers
from pipeline.reconcile.corpus import Concept, Corpus, Source, Told
from pipeline.reconcile.findings import Result
from pipeline.reconcile.likeness import Judge
from pipeline.reconcile.rounding import Measured

_LETTERS = re.compile(r"\b[A-Z0-9][A-Z0-9]?\b")
"""Letters and numbers that tell one of a kind from another: vitamin D, B12."""
_TELLING = 10
"""Lower whole numbers are met by chance."""
_YEARS = range(1900, 2100)
_FEW = 10
"""So many articles have no names in common by chance."""


class RelatedArticles:
    """Of each article of a corpus, by index, the others that it may be held against. ``results_in`` are the findings that each has claims
    of; ``numbers`` are those that articles print."""

    def __init__(
        self,
        corpus: Corpus,
        judge: Judge,
        results_in: Mapping[int, Sequence[Result]],
        numbers: PrintedNumbers,
    ) -> None:
        self._corpus = corpus
        self._judge = judge
        self._results_in = results_in
        self._numbers = numbers
        self._on_treatment: dict[int, list[Source]] = {}
        self._retellings: dict[int, list[Source]] = {}
        self._of_size_of: dict[int, frozenset[int]] = {}
        self._least_size = float(corpus.rules.params("same-story").get("least_size", 30))
        self._stories: dict[int, frozenset[int]] = {}
        self._near = float(corpus.rules.params("comparable-articles").get("likeness", 0.25))
        story = corpus.rules.params("same-story")
        self._alike_study = float(story.get("alike_study", 0.6))
        self._least_count = float(story.get("least_count", 1000))
        self._few_numbers = int(story.get("few_numbers", 2))
        self._alike_few = float(story.get("alike_few", 0.8))
        self._of_numbers_of: dict[int, frozenset[int]] = {}
        self._least_names = self._corpus.one_story * float(story.get("enough", 3))
        self._share = float(corpus.rules.params("comparable-articles").get("share", 0.2))

    @cached_property
    def _subjects(self) -> list[dict[str, float]]:
        """Of each article, what share of its claims is about each treatment or exposure."""
        found = []
        for source in self._corpus.sources:
            counts: dict[str, float] = {}
            for told in source.told:
                key = told.concepts["intervention"].key
                if key:
                    counts[key] = counts.get(key, 0.0) + 1.0
            total = sum(counts.values())
            found.append({key: count / total for key, count in counts.items()} if total else {})
        return found

    def comparable(self, one: int, other: int) -> bool:
        """Whether two articles speak of the same thing: much the same words, or one treatment in a good part of the claims of both."""
        if one == other:
            return False
        a, b = self._subjects[one], self._subjects[other]
        for key in a.keys() & b.keys():  # costs much less than to hold all their words against each other
            if min(a[key], b[key]) >= self._share:
                return True
        return self._corpus.alike(one, other, self._near) >= self._near

    def retellings(self, source: int) -> list[Source]:
        """The comparable articles that tell the same story: of one study, by the names and numbers in common, or, where articles are
        few, as another such article does."""
        if source not in self._retellings:
            near = self._story(source) | self._of_its_size(source) | self._of_its_numbers(source)
            further = near if self.by_chance >= 1 else near.union(*(self._story(other) for other in near))
            figured = {
                other for result in self._results_in.get(source, ()) if result.groups for other in result.sources
            }
            self._retellings[source] = self.ordered(source, (further | figured) - {source})
        return self._retellings[source]

    def better_retellings(self, source: Source) -> list[Source]:
        """Those of them that stand nearer to the study than an article does."""
        return [other for other in self.retellings(source.index) if other.rank < source.rank]

    def better_of_its_study(self, source: Source) -> list[Source]:
        """Those of these that tell of its study."""
        return [other for other in self.better_retellings(source) if self.is_of_its_study(source.index, other.index)]

    def ordered(self, source: int, others: Iterable[int]) -> list[Source]:
        """Those of ``others`` that are comparable, the most to be trusted first, then the most alike."""
        found = [self._corpus.sources[other] for other in others if self.comparable(source, other)]
        of_rank = Counter(other.rank for other in found)

        def order(other: Source) -> tuple[int, float, int]:
            """How alike they are is asked where it matters only."""
            alike = self._corpus.alike(source, other.index) if of_rank[other.rank] > 1 else 0.0
            return other.rank, -alike, other.index

        return sorted(found, key=order) if len(found) > 1 else found

    def tells_story_of(self, one: int, other: int) -> bool:
        """Whether the names and numbers of one article are those of the other, not of one between them."""
        return other in self._story(one)

    def is_of_its_study(self, one: int, other: int) -> bool:
        """Whether an article shares names and numbers with another, or tells of a study of its size."""
        return other in self._story(one) or other in self._of_its_size(one) or other in self._of_its_numbers(one)

    def _of_its_size(self, source: int) -> frozenset[int]:
        """The articles that tell, on the same treatment, of a study of as many people; where articles are few, also those in much the same
        words of a study of about as many: more than 28,000, and 28,300."""
        if source in self._of_size_of:
            return self._of_size_of[source]
        found: set[int] = set()
        main = self._corpus.sources[source].main
        few = self.by_chance < 1
        for size in self._sizes[source]:
            found.update(
                other
                for other in self.with_size(size)
                if other not in found
                and (
                    self._judge.alike(main, self._corpus.sources[other].main) == 1.0
                    or (few and self._corpus.alike(source, other) >= self._alike_study)
                )
            )
        for told in self._counted[source] if few else ():
            found.update(
                other.source
                for key in _magnitudes(told.measured[0])
                for other in self._of_magnitude.get(key, ())
                if other.source not in found
                and _fits(told, other)
                and self._corpus.alike(source, other.source) >= self._alike_study
            )
        self._of_size_of[source] = frozenset(found - {source})
        return self._of_size_of[source]

    def _of_its_numbers(self, source: int) -> frozenset[int]:
        """Where articles are few, those in much the same words with as many numbers, in digits or words, in common as are not shared by
        chance: 600 tea pickers, and six hundred."""
        if self.by_chance > 0:
            return frozenset()
        if source not in self._of_numbers_of:
            own = self._telling[source]
            self._of_numbers_of[source] = frozenset(
                other
                for other in range(len(self._corpus.sources))
                if other != source
                and self._are_many(source, other, own & self._telling[other])
                and self._corpus.alike(source, other) >= self._alike_few
            )
        return self._of_numbers_of[source]

    def _are_many(self, one: int, other: int, numbers: frozenset[float]) -> bool:
        """Whether what two articles have in common is more than chance: some numbers or names, or how many took part."""
        names = sum(
            not name[0].isdigit()
            for name in self._corpus.sources[one].specifics & self._corpus.sources[other].specifics
        )
        sizes = self._sizes[one] | self._sizes[other]
        return bool(numbers & sizes) or (bool(numbers) and len(numbers) + names >= self._few_numbers)

    @cached_property
    def _telling(self) -> Sequence[frozenset[float]]:
        """Of each article, the numbers that are not low, years and those that may stand in any study apart."""
        everyday = {float(number) for number in self._corpus.rules.params("same-story").get("everyday", ())}
        return [
            frozenset(
                value.value
                for value in self._numbers.between(source.index, 0, len(source.article.text))
                if value.value is not None
                and value.value not in everyday
                and (value.value >= _TELLING or value.value != int(value.value))
                and value.value not in _YEARS
            )
            for source in self._corpus.sources
        ]

    @cached_property
    def _counted(self) -> Sequence[Sequence[Told]]:
        """Of each article, the claims of how many took part in a study, where they are not few."""
        return [
            [
                told
                for told in source.told
                if told.claim.measure == "sample_size"
                and len(told.measured) == 1
                and told.measured[0] is not None
                and told.measured[0].point >= self._least_count
            ]
            for source in self._corpus.sources
        ]

    @cached_property
    def _of_magnitude(self) -> Mapping[tuple[int, int], Sequence[Told]]:
        found: dict[tuple[int, int], list[Told]] = {}
        for counted in self._counted:
            for told in counted:
                for key in _magnitudes(told.measured[0]):
                    found.setdefault(key, []).append(told)
        return found

    def with_size(self, size: float) -> Iterable[int]:
        """The articles that tell of a study of so many people."""
        return self._of_size.get(size, ())

    @cached_property
    def _sizes(self) -> Sequence[frozenset[float]]:
        """Of each article, the sizes of studies that are not met by chance."""
        return [
            frozenset(t.size for t in source.told if t.size is not None and t.size >= self._least_size)
            for source in self._corpus.sources
        ]

    @cached_property
    def _of_size(self) -> Mapping[float, Sequence[int]]:
        found: dict[float, list[int]] = {}
        for source in self._corpus.sources:
            for size in {told.size for told in source.told if told.size is not None}:
                found.setdefault(size, []).append(source.index)
        return found

    def _is_story(self, one: int, other: int) -> bool:
        """Whether two articles have so many names and numbers in common as are not shared by chance: the more articles there are, the more
        it takes where nothing says that both are on one treatment."""
        shared = self._corpus.shared_names(one, other)
        if shared < self._least_names or self._corpus.story(one, other) < self._corpus.one_story:
            return False
        same = (self._judge.alike(self._corpus.sources[one].main, self._corpus.sources[other].main) or 0.0) > 0
        chance = self.by_chance / 2 if same else self.by_chance
        return shared >= self._least_names + chance

    @cached_property
    def by_chance(self) -> float:
        """How many rare names two articles may have in common and yet not tell one story: the more, the more articles there are."""
        share = float(self._corpus.rules.params("same-story").get("by_chance", 2.0))
        return share * math.log10(max(self._corpus.background.articles / _FEW, 1.0))

    @cached_property
    def _journals(self) -> Mapping[int, frozenset[int]]:
        """Of articles that name the journal which a primary source appeared in, those sources; and of these, who names them."""
        journals: dict[str, list[int]] = {}
        for source in self._corpus.sources:
            if source.article.kind == "primary" and source.article.publisher:
                journals.setdefault(source.article.publisher.casefold(), []).append(source.index)
        found: dict[int, set[int]] = {}
        for source in self._corpus.sources if journals else ():
            text = source.article.text.casefold()
            for journal in journals:
                for primary in journals[journal] if journal in text else ():
                    if primary != source.index:
                        found.setdefault(source.index, set()).add(primary)
                        found.setdefault(primary, set()).add(source.index)
        return {index: frozenset(others) for index, others in found.items()}

    def _story(self, source: int) -> frozenset[int]:
        if source not in self._stories:
            named = self._journals.get(source, frozenset())
            self._stories[source] = frozenset(
                other
                for other in {*self._corpus.sharing_names(source), *named}
                if (self._is_story(source, other) or (other in named and self._knows(source, other)))
                and self.comparable(source, other)
            )
        return self._stories[source]

    def _knows(self, one: int, other: int) -> bool:
        """Whether a journal that is named is enough to tie two articles: among many, a rare name has to be in both too."""
        return not self._judge.asks_for_ties or self._corpus.shared_names(one, other) >= 1.0

    def same_treatment(self, source: int) -> list[Source]:
        """The comparable articles about the same treatment, or that tell the same story."""
        if source not in self._on_treatment:
            main = self._corpus.sources[source].main
            same = {other for key in _kinds(main) for other in self._of_treatment.get(key, ())}
            one = {other for other in same if _is_one(main, self._corpus.sources[other].main)}
            self._on_treatment[source] = self.ordered(source, (one - {source}) | self._story(source))
        return self._on_treatment[source]

    def speaking_of(self, source: int, treatments: Iterable[Concept]) -> list[Source]:
        """The articles about the treatment of this one, or about one of ``treatments``, which a sentence of it names, or that tell the same
        story."""
        named = {
            other
            for treatment in treatments
            for key in _kinds(treatment)
            for other in self._of_treatment.get(key, ())
            if _is_one(treatment, self._corpus.sources[other].main)
        }
        near = {other.index for other in (*self.same_treatment(source), *self.retellings(source))}
        return self.ordered(source, (near | named) - {source})

    @cached_property
    def _of_treatment(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for source in self._corpus.sources:
            for key in _kinds(source.main):
                found.setdefault(key, []).append(source.index)
        return found


def _magnitudes(measured: Measured | None) -> set[tuple[int, int]]:
    """The first digit and the order of magnitude of a number, cut off and rounded."""
    if measured is None or measured.point <= 0:
        return set()
    order = math.floor(math.log10(measured.point))
    first = measured.point / 10**order
    return {(math.floor(first), order), (round(first), order)}


def _fits(one: Told, other: Told) -> bool:
    a, b = one.measured[0], other.measured[0]
    return a is not None and b is not None and a.fits(b)


def _kinds(treatment: Concept) -> Iterator[str]:
    """Names of a treatment, one of which any other that is the same has too."""
    if treatment.id is not None:
        yield f"id {treatment.id}"
    if treatment.words:
        yield " ".join(sorted(treatment.words))


def _is_one(one: Concept, other: Concept) -> bool:
    """Whether two treatments are one: of one name, or told in the same words, short ones such as the D of a vitamin among them."""
    if one.id is not None and other.id is not None:
        return one.id == other.id
    return bool(one.words) and one.words.keys() == other.words.keys() and _letters(one.text) == _letters(other.text)


def _letters(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _LETTERS.findall(text))
