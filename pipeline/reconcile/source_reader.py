"""From articles with their claims and statements to sources, see :mod:`pipeline.reconcile.sources`."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from pipeline.claims.grouping import ROW_MARK
from pipeline.components.quantities import QuantityFinder
from pipeline.language.weights import load_words
from pipeline.model import Article, Claim, Slot, Statement, Value
from pipeline.reconcile.concepts import NOTHING, SLOTS, Concept
from pipeline.reconcile.meaning import Meanings
from pipeline.reconcile.rounding import Measured, Rounding
from pipeline.reconcile.sources import Source, TextRead, Told
from pipeline.reconcile.thesaurus import Senses
from pipeline.reconcile.traced import TracedClaim, TracedSource, TracedStatement, TracedTold
from pipeline.reconcile.words import Stems, Words
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import LETTERS, alternation

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
_NO_RESULT = ("sample_size", "dose", "money", "age", "p_value", "interval")


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
        self._relative = tuple(rules.phrases("relative-effects"))
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
        said = Counter(self.concept(slot, self._vague).key for slot in named_by if slot is not None)
        # Its own, so that it can be told from the same treatment named by a claim.
        return replace(named[max(named, key=lambda key: (votes[key], said[key]))])

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
            figures and self._is_of_each(claim),
        )

    def _is_of_each(self, claim: Claim) -> bool:
        roles = {value.role for value in claim.values}
        if claim.measure != "relative_change" or not roles >= {"arm", "comparator"}:
            return False
        quote = f" {' '.join(LETTERS.findall(claim.quote.lower()))} "
        return not any(f" {words} " in quote for words in self._relative)

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


def _is_in_capitals(title: str) -> bool:
    """Whether most words of a title begin with a capital, so that it does not tell names from others."""
    words = [word for word in title.split() if word[0].isalpha()]
    return 2 * sum(word[0].isupper() for word in words) > len(words)


def is_result(claim: Claim | TracedClaim) -> bool:
    """Whether a claim states figures of an outcome, not who took part or what it cost."""
    return bool(claim.values) and claim.measure not in _NO_RESULT


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


def specifics(text: str, numbers: Sequence[str], claims: Sequence[Claim | TracedClaim]) -> Stems:
    """Those ``numbers``, years apart, words that begin with a capital within a sentence, and the sizes of studies."""
    sizes = {size for claim in claims if (size := size_of(claim)) is not None}
    plain = (number.replace(",", "") for number in numbers)
    return frozenset(
        [number for number in plain if not _YEAR.fullmatch(number)]
        + _NAME.findall(text)
        + [f"n = {size:g}" for size in sizes if size >= _LEAST_SIZE]
    )
