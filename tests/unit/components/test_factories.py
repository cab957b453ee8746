"""The components inside a spaCy pipeline."""

import spacy
from spacy.language import Language

from pipeline.components import factories


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
