"""What a check is given and what it gives back, and the register of checks.

A check is one function, registered under the name that a rule of stage ``check`` has in its key ``check``. It sees the whole corpus and
yields a :class:`Draft` for every problem; ids, order, wording and severity come afterwards, from the rule.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from pipeline.model import Slot, Statement, Value
from pipeline.reconcile.corpus import Concept, Corpus, Source, Told
from pipeline.reconcile.findings import Result
from pipeline.reconcile.likeness import Judge
from pipeline.reconcile.quotes import Quotes
from pipeline.reconcile.rounding import Measured
from pipeline.reconcile.statements import likeness
from pipeline.reconcile.words import Stems

Params = Mapping[str, Any]
_LETTERS = re.compile(r"\b[A-Z0-9][A-Z0-9]?\b")
"""Letters and numbers that tell one of a kind from another: vitamin D, B12."""
_TELLING = 10
"""Lower whole numbers are met by chance."""
_YEARS = range(1900, 2100)
_FEW = 10
"""So many articles have no names in common by chance."""
_MOST_QUOTED = 160
"""Characters of a passage that a message quotes."""


class Spot(NamedTuple):
    """A passage of an article that a flag is about: a claim's sentence, or any other."""

    source: int
    start: int
    end: int
    claim_id: str | None = None

    @classmethod
    def of(cls, told: Told) -> Spot:
        """Where a claim stands."""
        return cls(told.source, told.claim.start, told.claim.end, told.claim.claim_id)


@dataclass(frozen=True)
class Draft:
    """One problem: what it is about, what shows it, and what the message says."""

    subject: Sequence[Spot]
    evidence: Sequence[Spot] = ()
    result: Result | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    """What the placeholders of the rule's message stand for."""
    details: Mapping[str, Any] = field(default_factory=dict)
    figures: Sequence[float] = ()
    """Numbers that it rests on and that stand outside the passages, such as the size of the study."""


class Case:
    """The corpus with its findings, and what several checks ask of them."""

    def __init__(self, corpus: Corpus, results: Sequence[Result], judge: Judge) -> None:
        self.corpus = corpus
        self.results = results
        self.judge = judge
        self.result_of = {one.claim.claim_id: result for result in results for one in result.told}
        self._quotes: dict[int, Quotes] = {}
        self._on_treatment: dict[int, list[Source]] = {}
        self._sure_study = float(corpus.rules.params("same-story").get("sure_study", 2.5))
        self._retellings: dict[int, list[Source]] = {}
        self._of_size_of: dict[int, frozenset[int]] = {}
        self._printed: dict[tuple[int, int, int], Sequence[Value]] = {}
        """The numbers in passages."""
        self._held: dict[tuple[Told, Told], bool] = {}
        self._plain: dict[Concept, Concept] = {}
        """Treatments without the words that say not which: one of each, so that what is known of it is found again."""
        self._one_treatment = float(corpus.rules.params("match-statements").get("least_treatment", 0.6))
        self._least_size = float(corpus.rules.params("same-story").get("least_size", 30))
        self._stories: dict[int, frozenset[int]] = {}
        self._near = float(corpus.rules.params("comparable-articles").get("likeness", 0.25))
        story = corpus.rules.params("same-story")
        self._alike_study = float(story.get("alike_study", 0.6))
        self._least_count = float(story.get("least_count", 1000))
        self._few_numbers = int(story.get("few_numbers", 2))
        self._alike_few = float(story.get("alike_few", 0.8))
        self._of_numbers_of: dict[int, frozenset[int]] = {}
        self._least_names = self.corpus.one_story * float(story.get("enough", 3))
        self._share = float(corpus.rules.params("comparable-articles").get("share", 0.2))

    @cached_property
    def _message_words(self) -> Params:
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
        return any(value.value == number for value in self.numbers(source, start, end))

    def numbers(self, source: int, start: int, end: int) -> Sequence[Value]:
        """All numbers that stand between two offsets of an article, whatever they were read as."""
        start = max(start, 0)
        key = source, start, end
        if key not in self._printed:
            self._printed[key] = [
                Value(
                    text=found.text,
                    start=start + found.start,
                    end=start + found.end,
                    value=found.value,
                    low=found.low,
                    high=found.high,
                    unit=found.unit,
                    qualifier=found.qualifier,
                )
                for found in self.corpus.numbers.find(self.sources[source].article.text[start:end])
            ]
        return self._printed[key]

    @cached_property
    def results_in(self) -> Mapping[int, Sequence[Result]]:
        """The findings that each article has claims of."""
        found: dict[int, list[Result]] = {}
        for result in self.results:
            for source in result.sources:
                found.setdefault(source, []).append(result)
        return found

    @cached_property
    def harms(self) -> Stems:
        """The stems of words for harms and symptoms."""
        return self.corpus.words.stems(" ".join(self.corpus.rules.phrases("harm-outcomes")))

    @property
    def sources(self) -> Sequence[Source]:
        return self.corpus.sources

    def source(self, one: Told | Spot) -> Source:
        return self.corpus.sources[one.source]

    def name(self, one: Told | Spot) -> str:
        """How messages call the source of a claim or passage."""
        return self.source(one).name

    @cached_property
    def _subjects(self) -> list[dict[str, float]]:
        """Of each article, what share of its claims is about each treatment or exposure."""
        found = []
        for source in self.sources:
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
        if self.corpus.alike(one, other) >= self._near:
            return True
        a, b = self._subjects[one], self._subjects[other]
        return any(min(share, b.get(key, 0.0)) >= self._share for key, share in a.items())

    def retellings(self, source: int) -> list[Source]:
        """The comparable articles that tell the same story: of one study, by the names and numbers in common, or, where articles are
        few, as another such article does."""
        if source not in self._retellings:
            near = self._story(source) | self._of_its_size(source) | self._of_its_numbers(source)
            further = near if self.by_chance >= 1 else near.union(*(self._story(other) for other in near))
            figured = {other for result in self.results_in.get(source, ()) if result.groups for other in result.sources}
            self._retellings[source] = self.ordered(source, (further | figured) - {source})
        return self._retellings[source]

    def ordered(self, source: int, others: Iterable[int]) -> list[Source]:
        """Those of ``others`` that are comparable, the most to be trusted first, then the most alike."""
        found = [self.sources[other] for other in others if self.comparable(source, other)]
        return sorted(found, key=lambda other: (other.rank, -self.corpus.alike(source, other.index), other.index))

    def tells_story_of(self, one: int, other: int) -> bool:
        """Whether the names and numbers of one article are those of the other, not of one between them."""
        return other in self._story(one)

    def is_of_its_study(self, one: int, other: int) -> bool:
        """Whether an article shares names and numbers with another, or tells of a study of its size."""
        return other in self._story(one) or other in self._of_its_size(one) or other in self._of_its_numbers(one)

    def is_sure(self, one: Told, other: Told, least: float) -> bool:
        """Whether figures and slots of two claims were read with a confidence of ``least``, or their outcome is one beyond doubt."""
        if min(one.claim.confidence, other.claim.confidence) >= least:
            return True
        return self.judge.alike(one.concepts["outcome"], other.concepts["outcome"]) == 1.0

    def is_held_against(self, one: Told, other: Told) -> bool:
        """Whether figures of two claims of one finding may be held against each other: articles are few, or theirs tell one story, or both
        claims name one treatment or much else that speaks for one study."""
        if (
            one.source == other.source
            or self.corpus.background.crowd == 0
            or self.tells_story_of(one.source, other.source)
        ):
            return True
        pair = one, other
        if pair not in self._held:  # asked by several checks
            self._held[pair] = self._tell_one_study(one, other)
        return self._held[pair]

    def _tell_one_study(self, one: Told, other: Told) -> bool:
        sizes, others = _counts(one), _counts(other)
        if sizes and others and not sizes & others:
            return False  # two studies of one treatment
        if (
            self.judge.alike(one.concepts["intervention"], other.concepts["intervention"]) or 0.0
        ) >= self._one_treatment:
            return True
        return self.judge.compare(one, other).study >= self._sure_study

    def _of_its_size(self, source: int) -> frozenset[int]:
        """The articles that tell, on the same treatment, of a study of as many people; where articles are few, also those in much the same
        words of a study of about as many: more than 28,000, and 28,300."""
        if source in self._of_size_of:
            return self._of_size_of[source]
        found: set[int] = set()
        main = self.sources[source].main
        few = self.by_chance < 1
        for size in self._sizes[source]:
            found.update(
                other
                for other in self.with_size(size)
                if other not in found
                and (
                    self.judge.alike(main, self.sources[other].main) == 1.0
                    or (few and self.corpus.alike(source, other) >= self._alike_study)
                )
            )
        for told in self._counted[source] if few else ():
            found.update(
                other.source
                for key in _magnitudes(told.measured[0])
                for other in self._of_magnitude.get(key, ())
                if other.source not in found
                and _fits(told, other)
                and self.corpus.alike(source, other.source) >= self._alike_study
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
                for other in range(len(self.sources))
                if other != source
                and self._are_many(source, other, own & self._telling[other])
                and self.corpus.alike(source, other) >= self._alike_few
            )
        return self._of_numbers_of[source]

    def _are_many(self, one: int, other: int, numbers: frozenset[float]) -> bool:
        """Whether what two articles have in common is more than chance: some numbers or names, or how many took part."""
        names = sum(not name[0].isdigit() for name in self.sources[one].specifics & self.sources[other].specifics)
        sizes = self._sizes[one] | self._sizes[other]
        return bool(numbers & sizes) or (bool(numbers) and len(numbers) + names >= self._few_numbers)

    @cached_property
    def _telling(self) -> Sequence[frozenset[float]]:
        """Of each article, the numbers that are not low, years and those that may stand in any study apart."""
        everyday = {float(number) for number in self.corpus.rules.params("same-story").get("everyday", ())}
        return [
            frozenset(
                value.value
                for value in self.numbers(source.index, 0, len(source.article.text))
                if value.value is not None
                and value.value not in everyday
                and (value.value >= _TELLING or value.value != int(value.value))
                and value.value not in _YEARS
            )
            for source in self.sources
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
            for source in self.sources
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
            for source in self.sources
        ]

    @cached_property
    def _of_size(self) -> Mapping[float, Sequence[int]]:
        found: dict[float, list[int]] = {}
        for source in self.sources:
            for size in {told.size for told in source.told if told.size is not None}:
                found.setdefault(size, []).append(source.index)
        return found

    def _is_story(self, one: int, other: int) -> bool:
        """Whether two articles have so many names and numbers in common as are not shared by chance: the more articles there are, the more
        it takes where nothing says that both are on one treatment."""
        if self.corpus.story(one, other) < self.corpus.one_story:
            return False
        same = (self.judge.alike(self.sources[one].main, self.sources[other].main) or 0.0) > 0
        chance = self.by_chance / 2 if same else self.by_chance
        return self.corpus.shared_names(one, other) >= self._least_names + chance

    @cached_property
    def by_chance(self) -> float:
        """How many rare names two articles may have in common and yet not tell one story: the more, the more articles there are."""
        share = float(self.corpus.rules.params("same-story").get("by_chance", 2.0))
        return share * math.log10(max(self.corpus.background.articles / _FEW, 1.0))

    @cached_property
    def _journals(self) -> Mapping[int, frozenset[int]]:
        """Of articles that name the journal which a primary source appeared in, those sources; and of these, who names them."""
        journals: dict[str, list[int]] = {}
        for source in self.sources:
            if source.article.kind == "primary" and source.article.publisher:
                journals.setdefault(source.article.publisher.casefold(), []).append(source.index)
        found: dict[int, set[int]] = {}
        for source in self.sources if journals else ():
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
                for other in {*self.corpus.sharing_names(source), *named}
                if (self._is_story(source, other) or (other in named and self._knows(source, other)))
                and self.comparable(source, other)
            )
        return self._stories[source]

    def _knows(self, one: int, other: int) -> bool:
        """Whether a journal that is named is enough to tie two articles: among many, a rare name has to be in both too."""
        return not self.judge.asks_for_ties or self.corpus.shared_names(one, other) >= 1.0

    def same_treatment(self, source: int) -> list[Source]:
        """The comparable articles about the same treatment, or that tell the same story."""
        if source not in self._on_treatment:
            main = self.sources[source].main
            same = {other for key in _kinds(main) for other in self._of_treatment.get(key, ())}
            one = {other for other in same if _is_one(main, self.sources[other].main)}
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
            if _is_one(treatment, self.sources[other].main)
        }
        near = {other.index for other in (*self.same_treatment(source), *self.retellings(source))}
        return self.ordered(source, (near | named) - {source})

    @cached_property
    def _of_treatment(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for source in self.sources:
            for key in _kinds(source.main):
                found.setdefault(key, []).append(source.index)
        return found

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
        told = self.sources[source].told_at.get(statement.start)
        return Spot(source, statement.start, statement.end, told[0].claim.claim_id if told else None)

    def size_told(self, one: Told) -> Spot:
        """Where the article of a claim tells the size of its study."""
        slot = one.claim.sample_size
        own = [
            t for t in self.source(one).told if t.size == one.size and slot is not None and slot.text in t.claim.quote
        ]
        return Spot.of(next(iter(own), one))

    def quote(self, spot: Spot) -> str:
        return self.sources[spot.source].article.text[spot.start : spot.end]


def fill(template: str, words: Mapping[str, str]) -> str:
    """``template`` with ``words`` in place of its ``{placeholders}``; loading lets none through that the check does not know."""
    return " ".join(template.format_map(words).split())


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


def _counts(told: Told) -> set[float]:
    """How many took part in the study of a claim, and how many are in the groups that it tells of."""
    return {float(n) for n in (told.size, *(value.n for value in told.claim.values)) if n is not None}


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


def excerpt(text: str) -> str:
    """A passage for a message: in one line, cut at a word where it is long, without the full stop that the message itself has."""
    text = " ".join(text.split())
    if len(text) > _MOST_QUOTED:
        return text[: _MOST_QUOTED + 1].rsplit(" ", 1)[0] + " …"
    return text[:-1] if text.endswith(".") and not text.endswith("..") else text


Check = Callable[[Case, Params], Iterator[Draft]]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Registers a check under the name that rules call it by."""

    def register(function: Check) -> Check:
        if name in CHECKS:
            raise ValueError(f"two checks are called {name}")
        CHECKS[name] = function
        return function

    return register
