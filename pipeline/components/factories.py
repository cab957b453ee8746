"""The components as spaCy factories, so that any spaCy pipeline can take them in, and all of them together.

Importing this module registers the factories. Each takes ``rules``, a folder; by default the rules that the program itself uses.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.components.classify import ClassComponent
from pipeline.components.quantities import QuantityComponent, QuantityFinder
from pipeline.components.sentences import SentenceComponent
from pipeline.rules.ruleset import Ruleset

if TYPE_CHECKING:
    from pipeline.components.language import LanguageComponent, StrengthComponent
    from pipeline.language.annotate import LanguageModel


class Components:
    """All components over one ruleset, in the order in which they need each other."""

    def __init__(self, rules: Ruleset) -> None:
        extend_doc()
        self._components = (SentenceComponent(rules), QuantityComponent(QuantityFinder(rules)), ClassComponent(rules))

    def __call__(self, doc: Doc) -> Doc:
        for component in self._components:
            doc = component(doc)
        return doc


def extend_doc() -> None:
    """Registers ``Doc._.sentence_spans`` and ``Doc._.quantities``, both lists with character offsets, and ``Doc._.strengths``; again does
    nothing."""
    for name in ("sentence_spans", "quantities", "strengths"):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)


@lru_cache(maxsize=4)
def _rules(folder: str | None) -> Ruleset:
    # Workers get their rules ready made, and need not read YAML.
    from pipeline.rules.loader import find_rules_folder, load_rules

    return load_rules(find_rules_folder(None if folder is None else Path(folder)))


@Language.factory(
    "claim_sentences", assigns=["doc._.sentence_spans", "token.is_sent_start"], default_config={"rules": None}
)
def make_sentences(nlp: Language, name: str, rules: str | None) -> SentenceComponent:
    """Sentence spans; see :class:`pipeline.components.sentences.SentenceSplitter`."""
    extend_doc()
    return SentenceComponent(_rules(rules))


@Language.factory("quantities", assigns=["doc._.quantities"], default_config={"rules": None})
def make_quantities(nlp: Language, name: str, rules: str | None) -> QuantityComponent:
    """Number mentions; see :class:`pipeline.components.quantities.QuantityFinder`."""
    extend_doc()
    return QuantityComponent(QuantityFinder(_rules(rules)))


@Language.factory(
    "quantity_classes",
    requires=["doc._.sentence_spans", "doc._.quantities"],
    assigns=["doc._.quantities"],
    default_config={"rules": None},
)
def make_classes(nlp: Language, name: str, rules: str | None) -> ClassComponent:
    """Classes of number mentions; see :class:`pipeline.components.classify.Classifier`."""
    extend_doc()
    return ClassComponent(_rules(rules))


@Language.factory(
    "claim_language",
    assigns=[
        "token.tag",
        "token.pos",
        "token.head",
        "token.dep",
        "token.is_sent_start",
        "doc.ents",
        "doc.spans",
        "doc._.sentence_spans",
        "doc._.figure_scores",
    ],
    default_config={"rules": None, "model": None},
)
def make_language(nlp: Language, name: str, rules: str | None, model: str | None) -> LanguageComponent:
    """Tags, trees, entities, roles and links; ``model`` is another spaCy pipeline to take them from."""
    from pipeline.components.language import LanguageComponent

    extend_doc()
    return LanguageComponent(_rules(rules), _model(rules, model))


@Language.factory(
    "claim_strength",
    assigns=["doc._.sentence_spans", "doc._.strengths"],
    default_config={"rules": None},
)
def make_strength(nlp: Language, name: str, rules: str | None) -> StrengthComponent:
    """How strongly each sentence is said, by the add-on of the program's own language model."""
    from pipeline.components.language import StrengthComponent

    extend_doc()
    return StrengthComponent(_rules(rules), _model(rules, None))


@lru_cache(maxsize=2)
def _model(rules: str | None, name: str | None) -> LanguageModel:
    from pipeline.language.models import load_model

    return load_model(_rules(rules), name)
