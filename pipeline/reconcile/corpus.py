"""The articles of a run with all that reconciling needs of them: claims, statements, what they are about, whom to trust."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from pipeline.claims.grouping import ROW_MARK
from pipeline.language.weights import load_words
from pipeline.model import Article, Claim, Sign, Slot, Statement
from pipeline.reconcile.meaning import Meanings
from pipeline.reconcile.rounding import Measured, Rounding
from pipeline.reconcile.words import Rarity, Stems, Words, cosine
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import alternation

_PERCENT = re.compile(r"(\d{1,3}(?:[.·]\d{1,3})?)(?= ?(?:%|per ?cent\b))", re.IGNORECASE)
_LEVELS = ("90", "95", "99")
"""Percentages of confidence intervals, which ask for nothing."""
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+\.\d+|\d{3,}")
_SHORT = 3
"""A number of two digits and a point is met by chance, and counts half."""
_LEAST_SIZE = 20
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_SMALL = re.compile(r"(?<!\w)[a-z][\w’'-]{3,}")
_NAME = re.compile(r"(?<=[\w,;:–-] )([A-Z][\w’'-]{3,})")
EFFECTS = ("proportion", "ratio", "relative_change", "difference", "mean", "median", "rate", "count", "score")
"""Measures of what became of people."""
RELATIVE = ("relative_change", "ratio")
"""Measures of one group against another that tell no share of either."""
SLOTS = ("intervention", "comparator", "condition", "outcome", "population")


@dataclass(frozen=True, slots=True)
class Concept:
    """What a slot names: its canonical name, where there is one, and the stems of its words."""

    text: str
    id: str | None
    words: Mapping[str, str]
    """By their stems."""

    @property
    def stems(self) -> Stems:
        return frozenset(self.words)

    def __bool__(self) -> bool:
        return self.id is not None or bool(self.words)

    @property
    def key(self) -> str:
        """A name for what it names, the same in whatever order the words are told; empty for nothing."""
        return self.id if self.id is not None else " ".join(sorted(self.words))


NOTHING = Concept("", None, {})


@dataclass(frozen=True, slots=True)
class Told:
    """One claim as the matcher sees it."""

    claim: Claim
    source: int
    """Index of its article."""
    concepts: Mapping[str, Concept]
    words: Mapping[str, str]
    """Of the whole sentence, numbers apart, by their stems."""
    measured: tuple[Measured | None, ...]
    """Of each value."""
    days: float | None
    size: float | None
    marks: frozenset[str]
    """The percentages of its sentence that are none of its values: what "lost 5% or more" asks for."""
    sort: str | None
    """What an assertion claims: ``safety``, ``efficacy`` ...; None for claims with figures."""

    @property
    def stems(self) -> Stems:
        return frozenset(self.words)

    @property
    def is_result(self) -> bool:
        """Whether it states figures of an outcome, not who took part or what it cost."""
        return bool(self.claim.values) and self.claim.measure not in (
            "sample_size",
            "dose",
            "money",
            "age",
            "p_value",
            "interval",
        )


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

    def signs(self, *names: str) -> list[tuple[Statement, Sign]]:
        """The signs of these names, in text order."""
        return [(s, sign) for s in self.statements for sign in s.signs if sign.sign in names]

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


class Corpus:
    """All articles of a run, ready to be matched. ``rules`` give tolerances, the order of source kinds and lists of words."""

    def __init__(
        self,
        articles: Sequence[Article],
        claims: Mapping[str, Sequence[Claim]],
        statements: Mapping[str, Sequence[Statement]],
        rules: Ruleset,
    ) -> None:
        self.rules = rules
        self.words = Words(rules)
        self.rounding = Rounding(
            rules.params("rounding"),
            _units(rules),
            {str(one["unit"]): (str(one["to"]), float(one["factor"])) for one in rules.lexicon("unit-scales")},
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
        self._vague = self.words.stems(" ".join(rules.phrases("vague-treatments")))
        self._vague_outcomes = self.words.stems(" ".join(rules.phrases("vague-outcomes")))
        self._full = float(rules.params("comparable-articles").get("full", 0.3))
        names = _names(articles)
        ordered = sorted(articles, key=lambda article: article.article_id)
        self.sources = [
            self._source(index, article, names[article.article_id], claims, statements)
            for index, article in enumerate(ordered)
        ]
        background = int(rules.params("match-limits").get("background", 0))
        among = int(rules.params("match-limits").get("among", 0))
        self.rarity = Rarity((source.stems for source in self.sources), max(among - len(self.sources), background))
        self.sentences = Rarity((told.stems for told in self.told), background)
        self._named = {slot: Rarity((_keys(told.concepts[slot]) for told in self.told), background) for slot in SLOTS}
        self._meanings = Meanings(load_words(), rules.params("near-meaning"))
        self._vectors: dict[int, dict[str, float]] = {}
        # "Safety" in a heading is no name where "safety" is a word.
        ordinary = {word for article in articles for word in _SMALL.findall(article.text)}
        known = Counter(name for source in self.sources for name in source.specifics)
        story = rules.params("same-story")
        most = max(float(story.get("least_articles", 6)), float(story.get("share", 0.01)) * len(self.sources))
        self._common = frozenset(name for name, count in known.items() if count > most or name.lower() in ordinary)
        self._enough = float(story.get("enough", 3))
        few, many = float(story.get("few", 20)), float(story.get("many", 700))
        self.chance = min(max(math.log(max(len(self.sources), 1) / few) / math.log(many / few), 0.0), 1.0)
        """0 for a ``few`` articles, 1 for ``many``: how much must be asked for, since the pairs that are alike by chance grow with their
        square."""
        self._alike: dict[tuple[int, int], float] = {}

    def _source(
        self,
        index: int,
        article: Article,
        name: str,
        claims: Mapping[str, Sequence[Claim]],
        statements: Mapping[str, Sequence[Statement]],
    ) -> Source:
        own = claims.get(article.article_id, ())
        taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for claim in own:
            taken[claim.start] += [(value.start, value.end) for value in claim.values]
        counts = Counter([*self.words.listed(article.text), *_NUMBER.findall(article.text)])
        main = self._main(own, statements.get(article.article_id, ()), counts)
        return Source(
            index,
            article,
            self._ranks.get(article.kind, len(self._ranks)),
            name,
            tuple(self._told(claim, index, main, taken[claim.start]) for claim in own),
            tuple(statements.get(article.article_id, ())),
            counts,
            _specifics(article, own),
            main,
        )

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
        return named[max(named, key=lambda key: votes[key])] if named else NOTHING

    def _told(self, claim: Claim, index: int, main: Concept, taken: Sequence[tuple[int, int]]) -> Told:
        vague = {"intervention": self._vague, "outcome": self._vague_outcomes}
        concepts = {name: self.concept(getattr(claim, name), vague.get(name, frozenset())) for name in SLOTS}
        if not concepts["intervention"]:
            concepts["intervention"] = main  # "the shot", "the drug"
        size = claim.sample_size.value if claim.sample_size is not None else None
        return Told(
            claim,
            index,
            concepts,
            self.words.content(claim.quote),
            tuple(self.rounding.read(value) for value in claim.values),
            claim.timepoint.days if claim.timepoint is not None else None,
            size,
            self._marks(claim, taken),
            self._sorts.get(claim.rule, "effect") if claim.kind == "assertion" else None,
        )

    def _marks(self, claim: Claim, taken: Sequence[tuple[int, int]]) -> frozenset[str]:
        """The percentages of the sentence that no claim has as a value, each for the claim whose value stands nearest, in a row of a
        table for all; ``taken`` are the values of all its claims."""
        own = {(value.start, value.end) for value in claim.values}
        found: set[str] = set()
        for match in (*_PERCENT.finditer(claim.quote), *self._part.finditer(claim.quote.lower())):
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
        words = self.words.content(slot.text)
        return NOTHING if words and words.keys() <= vague else Concept(slot.text, slot.id, words)

    @property
    def told(self) -> Iterable[Told]:
        return (told for source in self.sources for told in source.told)

    def likeness(self, one: Mapping[str, str], other: Mapping[str, str]) -> float:
        """0 to 1: how much of the weight of what the one with less says is said by the other too, in the same words or in words near in
        meaning; both are words by their stems."""
        weigh = self.sentences.weight
        less, more = sorted((one, other), key=lambda words: (weigh(words), sorted(words)))
        total = (
            sum(
                self.sentences.of(stem)
                * (1.0 if stem in more else max(self._meanings.near(word, said) for said in more.values()))
                for stem, word in sorted(less.items())
            )
            if more
            else 0.0
        )
        whole = weigh(less)
        return min(max(total / whole, 0.0), 1.0) if whole > 0 else 0.0

    def tells(self, slot: str, concept: Concept) -> float:
        """0 to 1: how much it tells that two claims name this concept; little where every second claim does."""
        return min((self._named[slot].share(key) for key in _keys(concept)), default=0.0)

    def alike(self, one: int, other: int) -> float:
        """0 to 1: how much two articles use the same words and numbers; 1 for an article with itself and for one that is as near as
        articles about one study are."""
        if one == other:
            return 1.0
        key = (min(one, other), max(one, other))
        if key not in self._alike:
            self._alike[key] = min(cosine(self._vector(key[0]), self._vector(key[1])) / self._full, 1.0)
        return self._alike[key]

    def story(self, one: int, other: int) -> float:
        """0 to 1: whether two articles tell one story, by the rare names and numbers that both have."""
        if one == other:
            return 1.0
        return min(self.shared_names(one, other) / self._enough, 1.0)

    def shared_names(self, one: int, other: int) -> float:
        """How many of the names and numbers that few articles have are in both; short numbers count half."""
        a, b = self.sources[one].specifics, self.sources[other].specifics
        return sum(_weight(name) for name in (a & b) - self._common)

    def told_together(self, enough: float, most: int) -> Iterator[tuple[int, int]]:
        """Pairs of articles that tell one story at least as much as ``enough``, in order; names of more than ``most`` are no sign."""
        having: dict[str, list[int]] = defaultdict(list)
        for source in self.sources:
            for name in source.specifics:
                having[name].append(source.index)
        pairs: dict[tuple[int, int], float] = defaultdict(float)
        for name, sources in having.items():
            if len(sources) <= most and name not in self._common:
                for pair in combinations(sources, 2):
                    pairs[pair] += _weight(name)
        yield from sorted(pair for pair, count in pairs.items() if count >= enough * self._enough)

    def _vector(self, index: int) -> dict[str, float]:
        if index not in self._vectors:
            self._vectors[index] = self.rarity.vector(self.sources[index].counts)
        return self._vectors[index]


def _units(rules: Ruleset) -> frozenset[str]:
    """The units that measure something; what is counted is none."""
    measuring = [entry for entry in rules.lexicon("unit-names") if entry["kind"] not in ("count", "score")]
    return frozenset(
        str(unit) for entry in measuring for unit in (*entry.get("each", ()), entry.get("unit")) if unit is not None
    )


def _specifics(article: Article, claims: Sequence[Claim]) -> Stems:
    """Numbers of three digits or with decimals, years apart, words that begin with a capital within a sentence, and the sizes of
    studies."""
    sizes = {c.sample_size.value for c in claims if c.sample_size is not None and c.sample_size.value is not None}
    numbers = (number.replace(",", "") for number in _NUMBER.findall(article.text))
    return frozenset(
        [number for number in numbers if not _YEAR.fullmatch(number)]
        + [match[1] for match in _NAME.finditer(article.text)]
        + [f"n = {size:g}" for size in sizes if size >= _LEAST_SIZE]
    )


def _weight(name: str) -> float:
    """How much it tells that two articles have a name or number in common."""
    return 0.5 if name[0].isdigit() and len(name) <= _SHORT else 1.0


def _keys(concept: Concept) -> Stems:
    """What a concept is counted by: its canonical name, else its words."""
    return concept.stems if concept.id is None else frozenset({concept.id})


def _names(articles: Iterable[Article]) -> dict[str, str]:
    """A name for each article: its publisher, and the title too where several are of one publisher."""
    listed = sorted(articles, key=lambda article: article.article_id)
    published = Counter(article.publisher for article in listed)
    named: dict[str, str] = {}
    for article in listed:
        title = f"“{article.title}”" if article.title else article.path.rsplit("/", 1)[-1]
        if article.publisher is None:
            named[article.article_id] = title
        elif published[article.publisher] == 1:
            named[article.article_id] = article.publisher
        else:
            named[article.article_id] = f"{article.publisher} ({title})"
    return named
