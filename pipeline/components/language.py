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


class StrengthComponent:
    """Sets ``Doc._.strengths`` for all sentences: of each, in text order, the probability of each strength by the add-on, in the order of
    ``pipeline.model.Strength``; None where there is no add-on.
    """

    def __init__(self, rules: Ruleset, model: LanguageModel) -> None:
        self._split = SentenceComponent(rules)
        self._model = model.strength

    def __call__(self, doc: Doc) -> Doc:
        if doc._.sentence_spans is None:
            doc = self._split(doc)
        doc._.strengths = None if self._model is None else [self._graded(doc, *span) for span in doc._.sentence_spans]
        return doc

    def _graded(self, doc: Doc, start: int, end: int) -> list[float]:
        span = doc.char_span(start, end, alignment_mode="expand")
        words = [token.text for token in span or () if not token.is_space]
        if self._model is None or not words:
            return []
        return [float(value) for value in self._model.probabilities(words)]
