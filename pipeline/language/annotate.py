"""Writes what a model says of chosen sentences into a spaCy ``Doc``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from spacy.strings import get_string_id
from spacy.tokens import Doc, Span, SpanGroup

from pipeline.language.decode import DIGITS
from pipeline.language.encoder import LINKS
from pipeline.language.entities import ENTITIES, FOUND, Entity, EntityRuler, TokenPlaces, read_entities, write_entities
from pipeline.language.strength import StrengthModel
from pipeline.language.text import text_of
from pipeline.rules.ruleset import Ruleset

MEASURED = "measured"
"""The key of spans in the scheme of RCT-ART in ``Doc.spans``."""
SCORES = "figure_scores"
"""The extension of ``Doc`` that holds roles and links: one mapping a sentence, in text order."""
_SPACE_TAG = "_SP"
_SPACE_RELATION = "dep"
TAG, POS, LEMMA, HEAD, DEP, SENT_START = "TAG", "POS", "LEMMA", "HEAD", "DEP", "SENT_START"
_COLUMNS = (TAG, POS, LEMMA, HEAD, DEP)
_CLASSES = frozenset(
    {"ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART"}
    | {"PRON", "PROPN", "PUNCT", "SCONJ", "SPACE", "SYM", "VERB", "X"}
)
"""The universal parts of speech, and what spaCy adds to them."""

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]


class FigureScores(NamedTuple):
    """Roles and links of the words from ``start`` on; see :class:`pipeline.language.encoder.Parse`."""

    start: int
    roles: npt.NDArray[np.float32]
    links: npt.NDArray[np.float32]


class Sentence(NamedTuple):
    """What a model says of W words that it takes for one sentence. Hashes are those of spaCy's StringStore; 0 is what it does not say."""

    tags: Hashes
    classes: Hashes
    """Universal parts of speech"""
    lemmas: Hashes
    heads: Indices
    """[W] index among the W words, -1 at roots"""
    relations: Hashes
    entities: Sequence[tuple[int, int, str, float]] = ()
    """``(start, end, label, score)`` in words"""
    measured: Sequence[tuple[int, int, str, float]] = ()
    scores: Sequence[FigureScores] = ()
    """Those of each part of the sentence that was run at once."""


class LanguageModel(ABC):
    """A model that can annotate sentences. Each is annotated by itself, so that its annotation depends on nothing but its words."""

    scheme: str
    """What its relations are, see :mod:`pipeline.language.labels`."""
    identity: str
    """Changes with the model; part of what the results of a run depend on."""
    lacks: tuple[str, ...] = ()
    """What it does not bring and what suffers from that, for the user."""
    roles: tuple[str, ...] = ()
    """The roles of figures, in the order of their scores; empty where it knows none."""
    strength: StrengthModel | None = None
    """The add-on that grades sentences, where there is one."""

    def __init__(self, rules: Ruleset) -> None:
        extend()
        self._ruler = EntityRuler(rules)

    @abstractmethod
    def _prepare(self, doc: Doc) -> None:
        """Called before the sentences of a text."""

    @abstractmethod
    def _sentences(self, doc: Doc, words: Sequence[str], spaces: Sequence[bool]) -> Iterable[Sentence]:
        """One sentence of the rules as sentences of the model, one behind the other; strings go into the vocabulary of ``doc``."""

    def encode(
        self, doc: Doc, spans: Iterable[tuple[int, int]], rest: Iterable[tuple[int, int]] = ()
    ) -> list[tuple[int, int]]:
        """Annotates the sentences ``spans`` (character offsets, apart and in text order) and leaves all else as it is.

        Sets tags, parts of speech, heads, relations, ``is_sent_start``, ``doc.ents``, ``doc.spans["entities"]`` and
        ``doc.spans["measured"]``, ``Doc._.figure_scores`` and, where a sentence is found to be several, ``Doc._.sentence_spans``.
        Tokens of sentences that were not chosen have no relation. In sentences of ``rest`` only names out of topic files become
        entities. Returns the chosen sentences, as they are now. Works on any ``Doc`` whose tokens are its text.
        """
        writer = _Writer(doc)
        self._prepare(doc)
        for start, end in spans:
            tokens = writer.words(start, end)
            if len(tokens) == 0:
                continue
            words, spaces = writer.texts(tokens)
            sentences = list(self._sentences(doc, words, spaces))
            writer.add(start, end, tokens, sentences, self._ruler)
        for start, end in rest:
            writer.name(start, end, self._ruler)
        writer.write(self.roles)
        return writer.spans


class _Writer:
    """Collects annotation as arrays over the tokens of a text, since setting token by token costs more than the model."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self.text = text_of(doc)
        self.places = TokenPlaces(doc)
        size = len(doc)
        self._is_space = doc.to_array(["IS_SPACE"]).astype(bool).reshape(size)
        columns = doc.to_array([*_COLUMNS, SENT_START]).reshape(size, len(_COLUMNS) + 1)
        self._columns: dict[str, Hashes] = {name: columns[:, at].astype(np.uint64) for at, name in enumerate(_COLUMNS)}
        self._heads = np.arange(size) + self._columns[HEAD].astype(np.int64)
        self._begins = columns[:, -1].astype(np.int64) == 1
        self._done = np.zeros(size, bool)
        self._entities: list[Entity] = []
        self._found: list[Entity] = []
        self._measured: list[Span] = []
        self._scores: list[dict[str, Any]] = []
        self.spans: list[tuple[int, int]] = []
        self._replaced: dict[tuple[int, int], list[tuple[int, int]]] = {}

    def words(self, start: int, end: int) -> Indices:
        """The tokens that begin in ``start`` to ``end`` and are no white space."""
        first, behind = np.searchsorted(self.places.starts, (start, end)).tolist()
        tokens: Indices = first + np.flatnonzero(~self._is_space[first:behind])
        return tokens

    def texts(self, tokens: Indices) -> tuple[list[str], list[bool]]:
        """The words, and whether white space follows each."""
        text = self.text
        ends = self.places.ends[tokens].tolist()
        words = [text[start:end] for start, end in zip(self.places.starts[tokens].tolist(), ends, strict=True)]
        return words, [text[end : end + 1].isspace() for end in ends]

    def add(self, start: int, end: int, tokens: Indices, sentences: Sequence[Sentence], ruler: EntityRuler) -> None:
        """Notes the annotation of the span ``start`` to ``end`` with the words ``tokens``."""
        at = 0
        found: list[Entity] = []
        cuts: list[int] = []
        for sentence in sentences:
            own = tokens[at : at + len(sentence.heads)]
            at += len(own)
            self._columns[TAG][own] = sentence.tags
            self._columns[POS][own] = sentence.classes
            self._columns[LEMMA][own] = sentence.lemmas
            self._columns[DEP][own] = sentence.relations
            self._heads[own] = np.where(sentence.heads < 0, own, own[sentence.heads])
            cuts.append(int(own[0]))
            found.extend(_placed(entity, own) for entity in sentence.entities)
            self._measured.extend(
                Span(self._doc, e.start, e.end, label=e.label) for e in (_placed(m, own) for m in sentence.measured)
            )
            for scores in sentence.scores:
                part = own[scores.start : scores.start + len(scores.roles)]
                self._scores.append({"tokens": part, "roles": scores.roles, "links": scores.links})
        first, behind = int(tokens[0]), int(tokens[-1]) + 1
        self._done[first:behind] = True
        self._begins[first:behind] = False
        self._begins[cuts] = True
        following = behind + np.flatnonzero(~self._is_space[behind : behind + 1 + _spaces(self._is_space, behind)])
        self._begins[following[:1]] = True
        self._entities.extend(ruler.merge(ruler.find(self.text, self.places, start, end), found))
        self._found.extend(found)
        starts = [start, *self.places.starts[cuts[1:]].tolist()]
        ends = [*self.places.ends[[self._word_before(cut) for cut in cuts[1:]]].tolist(), end]
        parts = list(zip(starts, ends, strict=True))
        self.spans.extend(parts)
        if len(parts) > 1:
            self._replaced[start, end] = parts

    def name(self, start: int, end: int, ruler: EntityRuler) -> None:
        """Notes the names out of topic files in the span ``start`` to ``end``, which no model reads."""
        self._entities.extend(ruler.find(self.text, self.places, start, end))

    def _word_before(self, token: int) -> int:
        token -= 1
        while self._is_space[token]:
            token -= 1
        return token

    def write(self, roles: tuple[str, ...]) -> None:
        """Puts everything into the text."""
        doc, size = self._doc, len(self._doc)
        if size == 0:
            write_entities(doc, [], [])
            return
        self._attach()
        columns = self._columns
        columns[HEAD] = (self._heads - np.arange(size)).astype(np.uint64)
        _set(doc, _COLUMNS, [columns[name] for name in _COLUMNS])
        # Heads alone would make sentences of their own of tokens that no model has seen.
        _set(doc, (SENT_START,), [np.where(self._begins, 1, -1).astype(np.uint64)])
        write_entities(doc, self._with_earlier(ENTITIES, self._entities), self._with_earlier(FOUND, self._found))
        spans = [span for span in doc.spans.get(MEASURED) or () if not self._done[span.start : span.end].any()]
        spans = sorted([*spans, *self._measured], key=lambda span: (span.start, -span.end, span.label_))
        doc.spans[MEASURED] = SpanGroup(doc, name=MEASURED, spans=spans)
        scores = [entry for entry in doc._.figure_scores or () if not self._done[entry["tokens"]].any()]
        scores.extend({**entry, "names": list(roles)} for entry in self._scores)
        doc._.figure_scores = sorted(scores, key=lambda entry: int(entry["tokens"][0]))
        if self._replaced and doc.has_extension("sentence_spans") and doc._.sentence_spans is not None:
            doc._.sentence_spans = [
                part for span in doc._.sentence_spans for part in self._replaced.get(tuple(span), [tuple(span)])
            ]

    def _with_earlier(self, key: str, entities: Sequence[Entity]) -> list[Entity]:
        """``entities`` with those that were written before in other sentences."""
        earlier = [e for e in read_entities(self._doc, key) if not self._done[e.start : e.end].any()]
        return sorted({*earlier, *entities}, key=lambda e: (e.start, -e.end, e.label, e.name, -e.score))

    def _attach(self) -> None:
        """Hangs white space on the word before it.

        What no model has seen hangs on the first token of its sentence, which spaCy does not show, but which keeps the sentence one when
        the text is stored and read.
        """
        size = len(self._heads)
        places = np.arange(size)
        self._begins[0] = True
        firsts = np.maximum.accumulate(np.where(self._begins, places, 0))
        unseen = self._columns[DEP] == 0
        self._heads[unseen] = firsts[unseen]
        space = self._is_space
        before = np.maximum.accumulate(np.where(space, -1, places))
        behind = np.minimum.accumulate(np.where(space, size, places)[::-1])[::-1]
        # White space at the head of a sentence hangs on the word behind it; where there is neither, it stays as it is.
        word = np.where(before >= firsts, before, behind)
        hung = space & (word < size)
        hung[hung] &= firsts[word[hung]] == firsts[hung]
        hung[hung] &= self._columns[DEP][word[hung]] != 0
        strings = self._doc.vocab.strings
        self._heads[hung] = word[hung]
        self._columns[DEP][hung] = strings.add(_SPACE_RELATION)
        self._columns[TAG][space] = strings.add(_SPACE_TAG)
        self._columns[POS][space] = get_string_id("SPACE")


def _spaces(is_space: npt.NDArray[np.bool_], start: int) -> int:
    """How many tokens of white space stand from ``start`` on."""
    end = start
    while end < len(is_space) and is_space[end]:
        end += 1
    return end - start


def _placed(entity: tuple[int, int, str, float], tokens: Indices) -> Entity:
    start, end, label, score = entity
    return Entity(int(tokens[start]), int(tokens[end - 1]) + 1, label, score)


def _set(doc: Doc, names: Sequence[str], columns: Sequence[npt.NDArray[np.uint64]]) -> None:
    doc.from_array(
        list(names), cast(Any, np.stack(columns, axis=1).astype(np.uint64))
    )  # the stub wants thinc's own type


class Classes:
    """Universal parts of speech by Penn tag and relation: the rule ``universal-classes``."""

    def __init__(self, rules: Ruleset) -> None:
        self._tags: dict[str, int] = {}
        self._pairs: dict[tuple[str, str], int] = {}
        for entry in rules.lexicon("universal-classes"):
            if entry["pos"] not in _CLASSES:
                continue
            for tag in map(str, entry["names"]):
                if "relations" not in entry:
                    self._tags[tag] = get_string_id(entry["pos"])
                for relation in entry.get("relations", ()):
                    self._pairs[tag, str(relation)] = get_string_id(entry["pos"])
        self._unknown = get_string_id("X")

    def of(self, tag: str, relation: str) -> int:
        """What spaCy numbers the part of speech of a word with this tag and this relation."""
        found = self._pairs.get((tag, relation))
        return self._tags.get(tag, self._unknown) if found is None else found

    def table(self, tags: Sequence[str], relations: Sequence[str]) -> Hashes:
        """[tags, relations] for every pair."""
        return np.array([[self.of(tag, relation) for relation in relations] for tag in tags], np.uint64)


def extend() -> None:
    """Registers ``Doc._.figure_scores``, ``Span._.role_scores`` and ``Span._.link_score``; again does nothing."""
    if not Doc.has_extension(SCORES):
        Doc.set_extension(SCORES, default=None)
    if not Span.has_extension("role_scores"):
        Span.set_extension("role_scores", getter=role_scores)
    if not Span.has_extension("link_score"):
        Span.set_extension("link_score", method=link_score)


def role_scores(figure: Span) -> dict[str, float] | None:
    """The probability of each role of the figure; None where no model with roles has seen its first token."""
    found = _scores_of(figure)
    if found is None:
        return None
    entry, row = found
    # Rounded again, since a short float made long ends in digits of its own.
    return {
        name: round(score, DIGITS) for name, score in zip(entry["names"], entry["roles"][row].tolist(), strict=True)
    }


def link_score(figure: Span, kind: str, mention: Span | None) -> float | None:
    """The probability that ``figure`` belongs to ``mention`` as its ``kind`` (group, outcome, time).

    The sum over the mention's words, as the model was taught; for the mention None, that the sentence tells none. None where no model
    with links has seen the figure's first token; 0 where the mention stands in another sentence.
    """
    found = _scores_of(figure)
    if found is None:
        return None
    entry, row = found
    scores = entry["links"][LINKS.index(kind), row]
    if mention is None:
        return round(float(scores[0]), DIGITS)
    first, behind = np.searchsorted(entry["tokens"], (mention.start, mention.end)).tolist()
    return round(float(scores[first + 1 : behind + 1].sum()), DIGITS)


def _scores_of(figure: Span) -> tuple[Mapping[str, Any], int] | None:
    entries = figure.doc._.figure_scores or ()
    at = bisect_right(entries, figure.start, key=lambda entry: int(entry["tokens"][0])) - 1
    if at < 0:
        return None
    tokens = entries[at]["tokens"]
    row = int(np.searchsorted(tokens, figure.start))
    return (entries[at], row) if row < len(tokens) and tokens[row] == figure.start else None
