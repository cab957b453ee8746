"""From cleaned text to number mentions, reference marks and claim drafts."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import spacy

from pipeline.claims.assemble import ClaimAssembler
from pipeline.claims.draft import ClaimDraft
from pipeline.clean.mark_finder import MarkFinder
from pipeline.components.factories import Components
from pipeline.model import Citation, Mention, Record, Reference
from pipeline.rules.ruleset import Ruleset


class Analysis(Record, frozen=True, kw_only=True):
    """What one text holds; everything in text order."""

    mentions: tuple[Mention, ...]
    citations: tuple[Citation, ...]
    drafts: tuple[ClaimDraft, ...]


class Analyzer:
    """Analyses texts with one ruleset; built once per process."""

    def __init__(self, rules: Ruleset) -> None:
        self._nlp = spacy.blank("en")
        # spaCy's limit guards the memory of parsers; the cleaner has a limit of its own, and a tokenizer alone needs little.
        self._nlp.max_length = sys.maxsize
        self._components = Components(rules)
        self._assembler = ClaimAssembler(rules)
        self._marks = MarkFinder(rules)

    def analyze(self, text: str, references: Sequence[Reference] = ()) -> Analysis:
        """``text`` is a whole cleaned article, ``references`` its reference list. Never raises, whatever the text."""
        doc = self._components(self._nlp.make_doc(text))
        marks = self._marks.find(text, references)
        return Analysis(
            mentions=tuple(doc._.quantities),
            citations=tuple(Citation(start=m.start, end=m.end, text=m.text, keys=m.keys) for m in marks),
            drafts=tuple(self._assembler.assemble(text, doc._.sentence_spans, doc._.quantities)),
        )
