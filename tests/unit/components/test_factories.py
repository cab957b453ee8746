"""The components inside a spaCy pipeline."""

import spacy
from spacy.language import Language

from pipeline.components import factories
from pipeline.components.language import StrengthComponent
from pipeline.rules.loader import load_rules
from tests.support import ROOT


def problems(nlp: Language) -> list[str]:
    """What spaCy says the component lacks."""
    report = nlp.analyze_pipes()
    assert report is not None
    return list(report["problems"]["quantity_classes"])


def test_the_components_work_in_any_spacy_pipeline() -> None:
    nlp = spacy.blank("en")
    for name in ("claim_sentences", "quantities", "quantity_classes"):
        nlp.add_pipe(name)
    assert problems(nlp) == []
    doc = nlp("Of 80 gardeners, nearly 62 percent slept well. The others (38%) did not.")
    assert [sentence.text for sentence in doc.sents] == [
        "Of 80 gardeners, nearly 62 percent slept well.",
        "The others (38%) did not.",
    ]
    assert [(m.text, m.value, m.qualifier) for m in doc._.quantities][1:] == [
        ("62 percent", 62.0, "nearly"),
        ("38%", 38.0, None),
    ]
    assert doc._.quantities[1].quantity_class == "result"


def test_classes_without_quantities_are_reported_by_spacy() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("quantity_classes")
    assert problems(nlp) == ["doc._.sentence_spans", "doc._.quantities"]


def test_extensions_are_registered_once() -> None:
    factories.extend_doc()
    factories.extend_doc()
    assert spacy.blank("en")("")._.quantities is None


def test_the_add_on_grades_each_sentence() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("claim_strength")
    doc = nlp("The balm cures gout. The band played two songs.")
    if doc._.strengths is None:
        return  # there is no add-on here
    assert [len(found) for found in doc._.strengths] == [4, 4]
    cures, played = (found[0] for found in doc._.strengths)
    assert cures < played


def test_without_the_add_on_no_sentence_is_graded() -> None:
    model = type("Model", (), {"strength": None})()
    component = StrengthComponent(load_rules(ROOT / "rules"), model)
    factories.extend_doc()
    assert component(spacy.blank("en")("The balm cures gout."))._.strengths is None
