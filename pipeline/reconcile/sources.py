"""Articles as they are compared: what each claim speaks of, whom to trust, and by what a story is known from another."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import msgspec

from pipeline.claims.grouping import ROW_MARK
from pipeline.components.quantities import QuantityFinder
from pipeline.language.weights import load_words
from pipeline.model import Article, Claim, Measure, Record, SampleSize, Sign, Slot, Statement, Study, Value
from pipeline.reconcile.meaning import Meanings
from pipeline.reconcile.rounding import Measured, Rounding
from pipeline.reconcile.thesaurus import Senses
from pipeline.reconcile.words import Stems, Words
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import alternation

_PERCENT = re.compile(r"(\d{1,3}(?:[.·]\d{1,3})?)(?= ?(?:%|per ?cent\b))", re.IGNORECASE)
_LEVELS = ("90", "95", "99")
"""Percentages of confidence intervals, which ask for nothing."""
_DIGITS = re.compile(r"\d[\d,.]+")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+\.\d+|\d{3,}")
_LEAST_SIZE = 20
_MOST_CONCEPTS = 100_000
"""So many are kept; then all are made anew."""
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_NAME = re.compile(r" (?=[A-Z])(?<=[\w,;:–-] )([A-Z][\w’'-]{3,})")
"""Looks for the space and the capital first: most places are no more than that."""
EFFECTS = ("proportion", "ratio", "relative_change", "difference", "mean", "median", "rate", "count", "score")
"""Measures of what became of people."""
RELATIVE = ("relative_change", "ratio")
"""Measures of one group against another that tell no share of either."""
_NO_RESULT = ("sample_size", "dose", "money", "age", "p_value", "interval")
SLOTS = ("intervention", "comparator", "condition", "outcome", "population")


@dataclass(frozen=True, eq=False)
class Concept:
    """What a slot names: its canonical name, where there is one, and the stems of its words."""

    text: str
    id: str | None
    words: Mapping[str, str]
    """By their stems."""
    senses: Mapping[str, Stems] = field(default_factory=dict)
    """What the thesaurus knows of what it names, each with the stems that name it."""

    @cached_property
    def in_words(self) -> Concept:
        """The same without what the thesaurus knows of it."""
        return replace(self, senses={}) if self.senses else self

    @cached_property
    def stems(self) -> Stems:
        return frozenset(self.words)

    @cached_property
    def said(self) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, Stems]]]:
        """Its words and senses, the same for all names that have them."""
        return frozenset(self.words.items()), frozenset(self.senses.items())

    def __bool__(self) -> bool:
        return self.id is not None or bool(self.words)

    @cached_property
    def key(self) -> str:
        """A name for what it names, the same in whatever order the words are told; empty for nothing."""
        return self.id if self.id is not None else " ".join(sorted(self.words))

    def names(self) -> Sequence[str]:
        """Its canonical name and its stems, one of which most of what names the same has too."""
        return self._names

    def all_names(self) -> Sequence[str]:
        """The same, and what the thesaurus knows of it."""
        return self._all_names

    @cached_property
    def _names(self) -> Sequence[str]:
        return (*([self.id] if self.id is not None else ()), *sorted(self.stems))

    @cached_property
    def _all_names(self) -> Sequence[str]:
        return (*self._names, *(f"={sense}" for sense in sorted(self.senses)))


NOTHING = Concept("", None, {})


class Told(msgspec.Struct, frozen=True, eq=False):
    """One claim as the matcher sees it. Equal to itself alone."""

    claim: Claim
    source: int
    """Index of its article."""
    concepts: Mapping[str, Concept]
    words: Mapping[str, str]
    """Of the whole sentence, numbers apart, by their stems."""
    stems: Stems
    measured: tuple[Measured | None, ...]
    """Of each value."""
    days: float | None
    size: float | None
    marks: frozenset[str]
    """The percentages of its sentence that are none of its values: what "lost 5% or more" asks for."""
    sort: str | None
    """What an assertion claims: ``safety``, ``efficacy`` ...; None for claims with figures."""
    is_result: bool
    """Whether it states figures of an outcome, not who took part or what it cost."""


class TracedClaim(Record, frozen=True, kw_only=True):
    """As much of a claim as traces are taken of."""

    measure: Measure
    values: tuple[Value, ...]
    intervention: Slot | None = None
    outcome: Slot | None = None
    sample_size: SampleSize | None = None
    study: Study | None = None


class TracedSign(Record, frozen=True, kw_only=True):
    """The name of a sign."""

    sign: str


class TracedStatement(Record, frozen=True, kw_only=True):
    """As much of a statement as traces are taken of."""

    signs: tuple[TracedSign, ...]


class TextRead(msgspec.Struct, frozen=True, gc=False):
    """What was found in the text of an article, as it is kept for when the article is read again."""

    numbers: list[str]
    """As :attr:`Source.counts` counts them."""
    specifics: list[str]
    """See :class:`Source`."""
    run: int
    """How many words each of the runs has."""
    runs: bytes
    """[runs] uint64, see :class:`pipeline.reconcile.shingles.Shingler`."""


@dataclass(frozen=True, slots=True)
class TracedTold:
    """One claim with figures of an outcome."""

    claim: TracedClaim
    intervention: Concept
    outcome: Concept
    measured: tuple[Measured | None, ...]


@dataclass(frozen=True, slots=True)
class TracedSource:
    """One article as traces are taken of it; see :class:`Source`."""

    index: int
    text: str
    rank: int
    told: tuple[TracedTold, ...]
    signs: frozenset[str]
    numbers: list[str]
    specifics: Stems
    main: Concept


def is_result(claim: Claim | TracedClaim) -> bool:
    """Whether a claim states figures of an outcome, not who took part or what it cost."""
    return bool(claim.values) and claim.measure not in _NO_RESULT


@dataclass(frozen=True)
class Source:
    """One article."""

    index: int
    article: Article
    rank: int
    """How near to the study itself it stands: 0 for a primary source."""
    name: str
    """How messages call it."""
    told: tuple[Told, ...]
    statements: tuple[Statement, ...]
    counts: Mapping[str, int] = field(repr=False)
    """How often it has each stem."""
    specifics: Stems = field(repr=False)
    """Names and printed numbers, by which a story is known from another on the same subject."""
    main: Concept = NOTHING
    """The treatment or exposure that it is about."""
    read: TextRead | None = field(default=None, repr=False)
    """What was found in its text before, where that is known."""

    def signs(self, *names: str) -> Sequence[tuple[Statement, Sign]]:
        """The signs of these names, in text order."""
        if names not in self._signs:
            self._signs[names] = [(s, sign) for s in self.bearing(*names) for sign in s.signs if sign.sign in names]
        return self._signs[names]

    def bearing(self, *names: str) -> Sequence[Statement]:
        """The statements with a sign of one of these names, in text order."""
        found = self._bearing.get(names)
        if found is None:
            places = {at for name in names for at in self._bearers.get(name, ())}
            found = self._bearing[names] = [self.statements[at] for at in sorted(places)]
        return found

    @cached_property
    def _signs(self) -> dict[tuple[str, ...], Sequence[tuple[Statement, Sign]]]:
        """What was asked for, which most checks ask of most articles."""
        return {}

    @cached_property
    def _bearing(self) -> dict[tuple[str, ...], Sequence[Statement]]:
        return {}

    @cached_property
    def _bearers(self) -> Mapping[str, Sequence[int]]:
        """The places of statements by the signs that they bear."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, statement in enumerate(self.statements):
            for sign in statement.signs:
                found[sign.sign].append(at)
        return found

    @cached_property
    def stems(self) -> Stems:
        return frozenset(self.counts)

    @cached_property
    def leads(self) -> frozenset[str]:
        """The claims of the sentence that tells the first result of a comparison, which mostly is the one that the article is about."""
        own = [told for told in self.told if told.is_result and told.claim.measure in EFFECTS]
        compared = [t for t in own if t.claim.kind == "comparison" or t.claim.measure in RELATIVE]
        first = next(iter(compared or own), None)
        return frozenset(t.claim.claim_id for t in own if first is not None and t.claim.start == first.claim.start)

    @cached_property
    def told_at(self) -> Mapping[int, Sequence[Told]]:
        """The claims by where their sentence begins."""
        found: dict[int, list[Told]] = defaultdict(list)
        for told in self.told:
            found[told.claim.start].append(told)
        return found

    @cached_property
    def statement_at(self) -> Mapping[int, Statement]:
        """The statements by where they begin."""
        return {statement.start: statement for statement in self.statements}


class SourceReader:
    """Makes sources of articles. ``rules`` give tolerances, the order of source kinds and lists of words."""

    def __init__(self, rules: Ruleset) -> None:
        self._rules = rules
        self.words = Words(rules)
        self.senses = Senses(rules, self.words)
        self._rounding = Rounding(
            rules.params("rounding"),
            _units(rules),
            {str(one["unit"]): (str(one["to"]), float(one["factor"])) for one in rules.lexicon("unit-scales")},
            _units(rules, measure=False),
        )
        kinds = list(rules.phrases("source-order"))
        self._parts = {
            str(entry["one"]): f"{100 / float(entry['parts']):g}"
            for entry in rules.lexicon("fraction-words")
            if "one" in entry
        }
        """Percentages that words tell: a tenth."""
        self._part = re.compile(
            rf"(?<!\w){alternation(rules.params('fraction-words').get('articles', ()))} ({alternation(self._parts)})(?!\w)"
        )
        self._ranks = {kind: rank for rank, kind in enumerate(kinds)}
        self._sorts = {
            rule["id"]: str(rule["produces"]["assertion"].get("sort"))
            for rule in rules.stage("context")
            if "assertion" in rule.get("produces", ())
        }
        self._few_references = int(rules.params("same-story").get("references", 0))
        self._concepts: dict[tuple[str, str | None, Stems], Concept] = {}
        self.meanings = Meanings(load_words(), rules.params("near-meaning"))
        self._vague = self.words.stems(" ".join(rules.phrases("vague-treatments")))
        vague_outcomes = self.words.stems(" ".join(rules.phrases("vague-outcomes")))
        self._vague_in = {"intervention": self._vague, "outcome": vague_outcomes}

    def source(
        self,
        index: int,
        article: Article,
        name: str,
        own: Sequence[Claim],
        statements: Sequence[Statement],
        *,
        figures: bool = True,
        read: TextRead | None = None,
    ) -> Source:
        """The article at ``index`` of a corpus, called ``name``, with its claims and statements in text order; without ``figures`` only
        words and names are read, which is all that is counted of a sample. ``read`` is what was found in its text, where that is known."""
        taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for claim in own:
            taken[claim.start] += [(value.start, value.end) for value in claim.values]
        said: dict[str, tuple[Mapping[str, str], Stems]] = {}
        text = self._with_references(article)
        numbers = _numbers(text) if read is None else read.numbers
        counts = Counter([*self.words.listed(text), *numbers])
        main = self._main(own, statements, counts)
        return Source(
            index,
            article,
            self._ranks.get(article.kind, len(self._ranks)),
            name,
            tuple(self._told(claim, index, main, said, taken[claim.start], figures) for claim in own),
            tuple(statements),
            counts,
            specifics(text, numbers, own) if read is None else frozenset(read.specifics),
            main,
            read,
        )

    def traced(
        self, index: int, article: Article, own: Sequence[TracedClaim], statements: Sequence[TracedStatement]
    ) -> TracedSource:
        """What traces are taken of: its words are not counted, and it is about the treatment that its claims name most."""
        named = [claim.intervention for claim in own if claim.intervention is not None]
        votes = Counter(slot.text.casefold() for slot in named)
        main = self.concept(max(named, key=lambda slot: votes[slot.text.casefold()], default=None), self._vague)
        told = tuple(
            TracedTold(
                claim,
                self.concept(claim.intervention, self._vague) or main,
                self.concept(claim.outcome, self._vague_in["outcome"]),
                self._measured(claim),
            )
            for claim in own
            if is_result(claim)
        )
        text = self._with_references(article)
        numbers = _numbers(text)
        found = specifics(text, numbers, own)
        rank = self._ranks.get(article.kind, len(self._ranks))
        signs = frozenset(sign.sign for statement in statements for sign in statement.signs)
        return TracedSource(index, article.text, rank, told, signs, numbers, found, main)

    def _with_references(self, article: Article) -> str:
        """The text of an article with its title, and its references where these are few: then they name the study that it tells of, as its
        prose may."""
        few = len(article.references) <= self._few_references
        parts = [article.text, *(reference.text for reference in article.references if few)]
        title = article.title
        if title and not _is_in_capitals(title) and title not in article.text:
            parts.append(title)
        return "\n".join(parts)

    def _main(self, claims: Sequence[Claim], statements: Sequence[Statement], counts: Mapping[str, int]) -> Concept:
        """The treatment or exposure that an article is about: of those that its claims name, else its statements, the one whose words it
        uses most."""
        votes: Counter[str] = Counter()
        named: dict[str, Concept] = {}
        named_by = [claim.intervention for claim in claims]
        if not any(named_by):
            named_by = [Slot(text=n.text, id=n.id) for s in statements for n in s.names if n.label == "INTERVENTION"]
        for slot in named_by:
            concept = self.concept(slot, self._vague)
            if concept.stems:
                votes[concept.key] = max(votes[concept.key], min(counts[stem] for stem in concept.stems))
                named.setdefault(concept.key, concept)
        if not named:
            return NOTHING
        # Its own, so that it can be told from the same treatment named by a claim.
        return replace(named[max(named, key=lambda key: votes[key])])

    def _told(
        self,
        claim: Claim,
        index: int,
        main: Concept,
        said: dict[str, tuple[Mapping[str, str], Stems]],
        taken: Sequence[tuple[int, int]],
        figures: bool,
    ) -> Told:
        """``said`` are the words of the sentences of the article so far, ``taken`` as for :meth:`_marks`."""
        found = said.get(claim.quote)
        if found is None:
            words = self.words.content(claim.quote)
            found = said[claim.quote] = words, frozenset(words)
        return Told(
            claim,
            index,
            self._slots(claim, main),
            *found,
            self._measured(claim) if figures else (),
            claim.timepoint.days if claim.timepoint is not None else None,
            size_of(claim),
            self._marks(claim, taken) if figures else frozenset(),
            self._sorts.get(claim.rule, "effect") if claim.kind == "assertion" else None,
            is_result(claim),
        )

    def _slots(self, claim: Claim, main: Concept) -> dict[str, Concept]:
        concepts: dict[str, Concept] = {}
        for name in SLOTS:
            slot = getattr(claim, name)
            concepts[name] = NOTHING if slot is None else self.concept(slot, self._vague_in.get(name, frozenset()))
        if not concepts["intervention"]:
            concepts["intervention"] = main  # "the shot", "the drug"
        return concepts

    def measured(self, value: Value) -> Measured | None:
        """A number as values are compared; None where it states none."""
        return self._rounding.read(value)

    def _measured(self, claim: Claim | TracedClaim) -> tuple[Measured | None, ...]:
        return tuple(map(self.measured, claim.values))

    def _marks(self, claim: Claim, taken: Sequence[tuple[int, int]]) -> frozenset[str]:
        """The percentages of the sentence that no claim has as a value, each for the claim whose value stands nearest, in a row of a
        table for all; ``taken`` are the values of all its claims."""
        quote = claim.quote.lower()
        matches = [
            *(_PERCENT.finditer(claim.quote) if "%" in quote or "per" in quote else ()),
            *(self._part.finditer(quote) if any(part in quote for part in self._parts) else ()),
        ]
        if not matches:
            return frozenset()
        own = {(value.start, value.end) for value in claim.values}
        found: set[str] = set()
        for match in matches:
            start, end = claim.start + match.start(), claim.start + match.end()
            if match.group(1) in _LEVELS or any(first < end and start < last for first, last in taken):
                continue
            nearest = min(taken, key=lambda span: (max(start - span[1], span[0] - end), span), default=None)
            if nearest is None or nearest in own or ROW_MARK in claim.quote:
                found.add(self._parts.get(match.group(1), match.group(1)))
        return frozenset(found)

    def concept(self, slot: Slot | None, vague: Stems = frozenset()) -> Concept:
        """What ``slot`` names; nothing where all its words are ``vague``."""
        if slot is None:
            return NOTHING
        key = slot.text, slot.id, vague
        known = self._concepts.get(key)
        if known is None:
            if len(self._concepts) > _MOST_CONCEPTS:
                self._concepts.clear()
            words = self.words.content(slot.text)
            if words and words.keys() <= vague:
                known = NOTHING
            else:
                senses = self.senses.of(slot.text)
                for sense, stems in list(senses.items()):
                    if not stems:  # an abbreviation too short to have a stem: MI
                        words[name := f"={sense}"] = sense.replace("_", " ")
                        senses[sense] = frozenset({name})
                    elif stems <= self._vague:
                        del senses[sense]  # "drug" and "medication" do not say which
                known = Concept(slot.text, slot.id, words, senses)
            self._concepts[key] = known
        return known

    @cached_property
    def numbers(self) -> QuantityFinder:
        """Reads numbers in digits and words; made when it is first asked for, which costs as much as a hundred articles."""
        return QuantityFinder(self._rules)


def _units(rules: Ruleset, *, measure: bool = True) -> frozenset[str]:
    """The units that measure something, or those that do not: points, copies. What is counted is neither."""
    measuring = [entry for entry in rules.lexicon("unit-names") if (entry["kind"] not in ("count", "score")) is measure]
    return frozenset(
        str(unit) for entry in measuring for unit in (*entry.get("each", ()), entry.get("unit")) if unit is not None
    )


def size_of(claim: Claim | TracedClaim) -> float | None:
    """How many people its study has, where that is told."""
    return claim.sample_size.value if claim.sample_size is not None else None


def _numbers(text: str) -> list[str]:
    """The numbers of three digits or with decimals, as they are printed."""
    # Looking for the longer pattern in runs of digits alone is several times as fast as in all of a text.
    return [number for run in _DIGITS.findall(text) for number in _NUMBER.findall(run)]


def _is_in_capitals(title: str) -> bool:
    """Whether most words of a title begin with a capital, so that it does not tell names from others."""
    words = [word for word in title.split() if word[0].isalpha()]
    return 2 * sum(word[0].isupper() for word in words) > len(words)


def specifics(text: str, numbers: Sequence[str], claims: Sequence[Claim | TracedClaim]) -> Stems:
    """Those ``numbers``, years apart, words that begin with a capital within a sentence, and the sizes of studies."""
    sizes = {size for claim in claims if (size := size_of(claim)) is not None}
    plain = (number.replace(",", "") for number in numbers)
    return frozenset(
        [number for number in plain if not _YEAR.fullmatch(number)]
        + _NAME.findall(text)
        + [f"n = {size:g}" for size in sizes if size >= _LEAST_SIZE]
    )


def name_of(article: Article, *, is_alone: bool) -> str:
    """How messages call an article: by its publisher, and by its title too unless it is the only one of the publisher."""
    title = f"“{article.title}”" if article.title else article.path.rsplit("/", 1)[-1]
    if article.publisher is None:
        return title
    return article.publisher if is_alone else f"{article.publisher} ({title})"
