"""Pipelines that the user brings."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.util import fix_random_seed

from pipeline.errors import ModelError, UsageError
from pipeline.language.labels import CLEAR, UNIVERSAL
from pipeline.language.models import SpacyModel, choose_model, load_model, sentence_starts
from tests.unit.language.support import SENTENCES, read, shipped_rules


def build(folder: Path, *pipes: str, relations: tuple[str, ...] = ("nsubj", "dobj", "prep", "pobj")) -> Path:
    """A pipeline with random weights."""
    fix_random_seed(1)
    nlp = spacy.blank("en")
    for pipe in pipes:
        component = nlp.add_pipe(pipe)
        for label in {"tagger": ("NN", "VBD"), "ner": ("ORG", "CARDINAL"), "parser": ("ROOT", *relations)}.get(
            pipe, ()
        ):
            component.add_label(label)  # type: ignore[attr-defined]
    doc = Doc(
        nlp.vocab,
        words=["Nuns", "slept", "well"],
        tags=["NN", "VBD", "NN"],
        heads=[1, 1, 1],
        deps=["nsubj", "ROOT", "nsubj"],
        ents=["B-ORG", "O", "B-CARDINAL"],
    )
    nlp.initialize(lambda: [Example(doc.copy(), doc)])
    nlp.to_disk(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("model") / "en_random", "tagger", "parser", "ner")


@pytest.fixture(scope="module")
def model(folder: Path) -> SpacyModel:
    return SpacyModel(shipped_rules(), str(folder))


def test_a_whole_pipeline_lacks_nothing(model: SpacyModel) -> None:
    assert model.lacks == ()
    assert model.scheme == CLEAR
    assert model.roles == ()


def test_it_annotates_sentence_by_sentence(model: SpacyModel) -> None:
    together = read(" ".join(SENTENCES[:4]))
    model.encode(together, together._.sentence_spans)
    assert all(token.tag_ and token.dep_ for token in together if not token.is_space)
    assert together[0:1]._.role_scores is None
    assert {entity.label_ for entity in together.ents} <= {"ORGANISATION", *LABELS_OF_TOPICS}
    at = 0
    for text in SENTENCES[:4]:
        alone = read(text)
        model.encode(alone, alone._.sentence_spans)
        there = together[at : at + len(alone)]
        assert [(t.text, t.tag_, t.dep_, t.head.i) for t in alone] == [
            (t.text, t.tag_, t.dep_, t.head.i - at) for t in there
        ]
        at += len(alone)


LABELS_OF_TOPICS = ("INTERVENTION", "COMPARATOR", "CONDITION", "OUTCOME", "POPULATION")


def test_long_and_odd_texts_pass(model: SpacyModel) -> None:
    for text in ("word " * 700, "", "\n\n", "x" * 100_000, "a  b \u2028 c"):
        doc = read(text)
        model.encode(doc, doc._.sentence_spans)
        assert doc.text == text


def test_what_is_lacking_is_said(tmp_path: Path) -> None:
    chosen = choose_model(shipped_rules(), str(build(tmp_path / "m", "tagger")))
    assert [lack.split(":")[0] for lack in chosen.lacks] == ["it has no parser", "it has no entity recogniser"]
    model = SpacyModel(shipped_rules(), str(tmp_path / "m"))
    doc = read("Nuns slept. Beans died.")
    model.encode(doc, doc._.sentence_spans)
    assert [token.dep_ for token in doc] == [""] * 6
    assert [sent.text for sent in doc.sents] == ["Nuns slept.", "Beans died."]
    assert (doc[0].tag_, doc[0].pos_) in (("NN", "NOUN"), ("VBD", "VERB"))


def test_a_parser_of_universal_dependencies_is_known_by_its_labels(tmp_path: Path) -> None:
    folder = build(tmp_path / "m", "parser", relations=("nsubj", "obj", "case", "obl"))
    model = SpacyModel(shipped_rules(), str(folder))
    assert model.scheme == UNIVERSAL


def test_the_identity_changes_with_the_files(folder: Path, tmp_path: Path, model: SpacyModel) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(folder, copy)
    assert SpacyModel(shipped_rules(), str(copy)).identity == model.identity
    config = copy / "tagger" / "cfg"
    config.write_text(config.read_text("utf-8") + "\n", "utf-8")
    assert SpacyModel(shipped_rules(), str(copy)).identity != model.identity
    assert str(tmp_path) not in model.identity


def message(name: str) -> str:
    with pytest.raises(UsageError) as caught:
        load_model(shipped_rules(), name)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_an_unknown_name_says_how_to_install_it() -> None:
    assert message("en_core_web_none") == (
        "--model en_core_web_none: no such spaCy pipeline here; "
        "install it (python -m spacy download en_core_web_none) or give the folder of one"
    )


def test_what_is_no_pipeline_is_told(folder: Path, tmp_path: Path) -> None:
    assert "check the path" in message(str(tmp_path / "none"))
    assert "cannot be loaded" in message(str(tmp_path))
    assert "cannot be loaded" in message("numpy")
    assert "empty" in message("")
    assert "check the path" in message("x/" * 5000)
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "parser" / "model").write_bytes(b"no weights")
    assert "cannot be loaded" in message(str(broken))


def test_components_that_were_never_trained_are_told_before_a_run(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger").add_label("NN")  # type: ignore[attr-defined]
    nlp.to_disk(tmp_path / "m")
    assert "cannot be loaded" in message(str(tmp_path / "m"))


def test_components_that_join_words_are_left_out(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "DRUG", "pattern": "bean tea"}])  # type: ignore[attr-defined]
    nlp.add_pipe("merge_entities")
    nlp.add_pipe("token_splitter", config={"min_length": 4, "split_length": 2})
    nlp.to_disk(tmp_path / "m")
    doc = read("Nuns drank bean tea.")
    load_model(shipped_rules(), str(tmp_path / "m")).encode(doc, doc._.sentence_spans)
    assert [(entity.text, entity.label_) for entity in doc.ents] == [("bean tea", "INTERVENTION")]


@Language.component("test_fails_on_tea")
def fails_on_tea(doc: Doc) -> Doc:
    if "tea" in doc.text:
        raise RuntimeError("no tea\nhere")
    return doc


@Language.component("test_drops_words")
def drops_words(doc: Doc) -> Doc:
    return doc[:1].as_doc() if len(doc) > 2 else doc


@pytest.mark.parametrize(
    ("component", "told"), [("test_fails_on_tea", "failed on a sentence"), ("test_drops_words", "joins or splits")]
)
def test_a_pipeline_that_fails_on_a_sentence_is_told(tmp_path: Path, component: str, told: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(component)
    nlp.to_disk(tmp_path / "m")
    model = load_model(shipped_rules(), str(tmp_path / "m"))
    doc = read("Nuns drank tea.")
    with pytest.raises(ModelError, match=told) as caught:
        model.encode(doc, doc._.sentence_spans)
    assert "\n" not in str(caught.value)


def test_our_own_model_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pipeline.language.weights as weights

    monkeypatch.setattr(weights, "shipped_weights", lambda: tmp_path)
    with pytest.raises(ModelError, match="no language model"):
        load_model(shipped_rules())


def test_a_window_s_first_word_begins_no_sentence() -> None:
    assert sentence_starts([np.array([0.9, 0.1, 0.9]), np.array([0.9, 0.9])], 0.8) == [0, 2, 4]
