"""The language model as a spaCy component."""

from __future__ import annotations

from spacy.tokens import Doc

from pipeline.components.sentences import SentenceComponent
from pipeline.language.annotate import LanguageModel
from pipeline.rules.ruleset import Ruleset


class LanguageComponent:
    """Annotates all sentences of a text, after those that ``claim_sentences`` has found, or, where it was not run, its own.

    To annotate chosen sentences only, call :meth:`pipeline.language.annotate.LanguageModel.encode`.
    """

    def __init__(self, rules: Ruleset, model: LanguageModel) -> None:
        self._split = SentenceComponent(rules)
        self.model = model

    def __call__(self, doc: Doc) -> Doc:
        if doc._.sentence_spans is None:
            doc = self._split(doc)
        self.model.encode(doc, doc._.sentence_spans)
        return doc
