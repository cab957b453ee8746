"""From cleaned text to number mentions, reference marks and claim drafts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from spacy.tokens import Doc

from pipeline.claims.assemble import ClaimAssembler
from pipeline.claims.draft import ClaimDraft
from pipeline.clean.mark_finder import MarkFinder
from pipeline.clean.marks import Mark
from pipeline.components.factories import Components
from pipeline.language.tokenizer import make_nlp
from pipeline.model import Citation, Mention, Record, Reference, Study
from pipeline.rules.ruleset import Ruleset

if TYPE_CHECKING:
    from pipeline.language.annotate import LanguageModel


class Analysis(Record, frozen=True, kw_only=True):
    """What one text holds; everything in text order."""

    mentions: tuple[Mention, ...]
    citations: tuple[Citation, ...]
    drafts: tuple[ClaimDraft, ...]


class Analyzer:
    """Analyses texts with one ruleset and one language model; built once per process.

    ``model`` names the spaCy pipeline to use instead of the program's own model. No claim asks for a parse yet, so that neither is
    loaded before :attr:`language` or :meth:`parse` is used.
    """

    def __init__(self, rules: Ruleset, model: str | None = None) -> None:
        self._rules = rules
        self._model = model
        self._nlp = make_nlp(rules)
        self._components = Components(rules)
        self._assembler = ClaimAssembler(rules)
        self._marks = MarkFinder(rules)

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

    def analyze(self, text: str, references: Sequence[Reference] = ()) -> Analysis:
        """``text`` is a whole cleaned article, ``references`` its reference list. Never raises, whatever the text."""
        doc = self._components(self._nlp.make_doc(text))
        marks = self._marks.find(text, references)
        drafts = self._assembler.assemble(text, doc._.sentence_spans, doc._.quantities)
        return Analysis(
            mentions=tuple(doc._.quantities),
            citations=tuple(Citation(start=m.start, end=m.end, text=m.text, keys=m.keys) for m in marks),
            drafts=tuple(with_studies(drafts, marks, references)),
        )


def with_studies(
    drafts: Iterable[ClaimDraft], marks: Sequence[Mark], references: Sequence[Reference]
) -> Iterable[ClaimDraft]:
    """``drafts``, each with the references that are marked in its sentence; with DOI and PMID where they are one reference only."""
    known = {reference.key: reference for reference in references}
    starts = [mark.start for mark in marks]
    for draft in drafts:
        inside = marks[bisect_left(starts, draft.start) : bisect_left(starts, draft.end)]
        keys = tuple(dict.fromkeys(key for mark in inside for key in mark.keys))
        if draft.study is not None or not keys:
            yield draft
            continue
        cited = [known[key] for key in keys if key in known]
        only = cited[0] if len(keys) == 1 and cited else None
        study = Study(ref_keys=keys, doi=only.doi if only else None, pmid=only.pmid if only else None)
        yield msgspec.structs.replace(draft, study=study)
