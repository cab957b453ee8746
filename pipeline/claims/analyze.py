"""From cleaned text to number mentions, reference marks and claim drafts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from spacy.tokens import Doc

from pipeline.claims.assemble import ClaimAssembler
from pipeline.claims.design import Design
from pipeline.claims.draft import ClaimDraft
from pipeline.claims.evidence import Evidence
from pipeline.claims.learnt_signs import LearntSigns
from pipeline.claims.reading import Sentence
from pipeline.claims.statements import statements_of
from pipeline.claims.strength import graded
from pipeline.claims.studies import StudyFinder
from pipeline.clean.mark_finder import MarkFinder
from pipeline.components.factories import Components
from pipeline.language.entities import FOUND, read_entities, write_entities
from pipeline.language.text import text_of
from pipeline.language.tokenizer import make_nlp
from pipeline.model import Citation, Mention, Record, Reference, Statement, Strength
from pipeline.rules.ruleset import Ruleset

if TYPE_CHECKING:
    from pipeline.language.annotate import LanguageModel


class Analysis(Record, frozen=True, kw_only=True):
    """What one text holds; everything in text order."""

    mentions: tuple[Mention, ...]
    citations: tuple[Citation, ...]
    drafts: tuple[ClaimDraft, ...]
    statements: tuple[Statement, ...] = ()
    """With an empty article id."""
    sentences: int = 0
    """How many sentences the text has."""


class Examined(NamedTuple):
    """What is known of one text before claims are made of it."""

    doc: Doc
    evidence: Evidence
    title: tuple[int, int] | None
    sentences: list[Sentence]
    design: Design


class Analyzer:
    """Analyses texts with one ruleset and one language model; built once per process.

    ``model`` names the spaCy pipeline to use instead of the program's own model; either is loaded when the first text is read. It reads
    the sentences that can hold a claim (:mod:`pipeline.claims.sieve`); where ``reads_everything``, it looks for claims in the rest too,
    and so shows that there are none.
    """

    def __init__(self, rules: Ruleset, model: str | None = None, *, reads_everything: bool = False) -> None:
        self._rules = rules
        self._reads_everything = reads_everything
        self._model = model
        self._nlp = make_nlp(rules)
        self._components = Components(rules)
        self._assembler = ClaimAssembler(rules)
        self._marks = MarkFinder(rules)
        self._studies = StudyFinder(rules)
        self._learnt = LearntSigns(rules)
        self._labels = {str(entry["link"]): tuple(entry["names"]) for entry in rules.lexicon("link-labels")}

    @cached_property
    def language(self) -> LanguageModel:
        """The language model, loaded when first asked for. Raises ModelError or UsageError, one line, where that fails."""
        from pipeline.language.models import load_model

        return load_model(self._rules, self._model)

    def parse(self, text: str) -> Doc:
        """``text`` with sentences, quantities and all that the language model says of each sentence."""
        doc = self._components(self._nlp.make_doc(text))
        self.language.encode(doc, doc._.sentence_spans)
        return doc

    def examine(self, text: str) -> Examined:
        """What :meth:`analyze` makes claims of."""
        doc = self._components(self._nlp.make_doc(text))
        mentions = doc._.quantities
        sifted = self._assembler.sieve.sift(
            text_of(doc), doc._.sentence_spans, mentions, everything=self._reads_everything
        )
        self.language.encode(doc, sifted.chosen, sifted.rest)
        if sifted.everything:
            self._encode_rest(doc, sifted.rest)
        evidence = Evidence(doc, self._labels, self.language.strength)
        spans = doc._.sentence_spans
        title = spans[0] if spans else None
        read, design = self._assembler.reader.read(evidence, spans, mentions, title, sifted)
        return Examined(doc, evidence, title, read, design)

    def _encode_rest(self, doc: Doc, rest: Sequence[tuple[int, int]]) -> None:
        """Has the model read the ``rest`` of the sentences too. Where these end, and which names count there, stays as it is without."""
        spans, named = doc._.sentence_spans, read_entities(doc)
        self.language.encode(doc, rest)
        doc._.sentence_spans = spans
        write_entities(doc, named, read_entities(doc, FOUND))

    def analyze(self, text: str, references: Sequence[Reference] = ()) -> Analysis:
        """``text`` is a whole cleaned article, ``references`` its reference list. Never raises, whatever the text."""
        return self.conclude(self.examine(text), references)

    def _statements(self, seen: Examined, drafts: Sequence[ClaimDraft]) -> Iterator[Statement]:
        """The statements of a text. The add-on grades those that are claims, or bear a sign for which it matters; of the others the words
        tell."""
        wording, claimed = self._assembler.wording, {draft.start for draft in drafts}

        def strength(sentence: Sentence, evidence: Evidence) -> Strength:
            if sentence.start in claimed or self._assembler.sieve.is_graded(sentence.cues):
                return wording.strength(sentence, evidence)
            return graded(sentence.cues).strength

        return statements_of(seen.evidence, seen.sentences, strength, self._learnt)

    def conclude(self, seen: Examined, references: Sequence[Reference] = ()) -> Analysis:
        """The claims of a text that has been examined."""
        doc, evidence, text = seen.doc, seen.evidence, seen.evidence.text
        marks = self._marks.find(text, references)
        drafts = self._assembler.assemble(evidence, seen.sentences, seen.design, seen.title)
        chosen = [(sentence.start, sentence.end) for sentence in seen.sentences if sentence.is_chosen]
        passages = [passage for span in chosen for passage in evidence.passages(*span)]
        claimed = {draft.start for draft in drafts}
        timeless = frozenset(
            start
            for start, end in chosen
            if start in claimed and evidence.is_timeless(start, end, self._studies.reporting)
        )
        # First: of a sentence that the add-on is asked of for these, claims have its meaning.
        statements = tuple(self._statements(seen, drafts))
        assigned = self._studies.assign(text, doc._.sentence_spans, drafts, marks, references, passages, timeless)
        return Analysis(
            mentions=tuple(doc._.quantities),
            citations=tuple(Citation(start=m.start, end=m.end, text=m.text, keys=m.keys) for m in marks),
            drafts=tuple(self._learnt.retold(draft, evidence) for draft in assigned),
            statements=statements,
            sentences=len(doc._.sentence_spans),
        )
