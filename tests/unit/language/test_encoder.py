"""A sentence's result depends on its words alone: not on its neighbours, their order, threads or the process."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from spacy.tokens import Doc

from pipeline.language.decode import ROOT
from pipeline.language.encoder import SentenceEncoder
from pipeline.language.models import OwnModel
from pipeline.language.tokenizer import make_nlp
from tests.support import ROOT as REPOSITORY
from tests.unit.language.support import SENTENCES, open_weights, read, shipped_rules


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(open_weights())


@pytest.fixture(scope="module")
def model() -> OwnModel:
    return OwnModel(shipped_rules(), open_weights())


def annotation(doc: Doc) -> list[dict[str, Any]]:
    """All that the model has said, sentence by sentence, with offsets from the sentence's own start."""
    found = []
    for start, end in doc._.sentence_spans:
        span = doc.char_span(start, end)
        assert span is not None
        words = [token for token in span if not token.is_space]
        scores = [entry for entry in doc._.figure_scores if span.start <= entry["tokens"][0] < span.end]
        group, probabilities = doc.spans["entities"], doc.spans["entities"].attrs["scores"]
        found.append(
            {
                "text": span.text,
                "tokens": [
                    (t.text, t.tag_, t.pos_, t.dep_, t.head.i - span.start, bool(t.is_sent_start)) for t in words
                ],
                "entities": [
                    (e.start - span.start, e.end - span.start, e.label_, e.id_, score)
                    for e, score in zip(group, probabilities, strict=True)
                    if span.start <= e.start < span.end
                ],
                "ents": [
                    (e.start - span.start, e.end - span.start, e.label_)
                    for e in doc.ents
                    if span.start <= e.start < span.end
                ],
                "roles": [entry["roles"].tobytes().hex() for entry in scores],
                "links": [entry["links"].tobytes().hex() for entry in scores],
            }
        )
    return found


def annotate(model: OwnModel, texts: list[str]) -> list[dict[str, Any]]:
    """The annotation of ``texts`` as paragraphs of one document."""
    doc = read("\n\n".join(texts))
    model.encode(doc, doc._.sentence_spans)
    return annotation(doc)


def test_results_are_the_same_alone_together_and_in_any_order(model: OwnModel) -> None:
    texts = list(SENTENCES)
    together = annotate(model, texts)
    alone = [record for text in texts for record in annotate(model, [text])]
    assert alone == together
    shuffled = texts * 2
    random.Random(3).shuffle(shuffled)
    by_text: dict[str, list[dict[str, Any]]] = {}
    for record in together:
        by_text.setdefault(record["text"], []).append(record)
    for record in annotate(model, shuffled):
        assert record in by_text[record["text"]]


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_pipe_gives_the_same_for_any_batch_size(batch: int, model: OwnModel, monkeypatch: pytest.MonkeyPatch) -> None:
    import pipeline.language.models as models

    monkeypatch.setattr(models, "load_weights", lambda: open_weights())
    nlp = make_nlp(shipped_rules())
    nlp.add_pipe("claim_sentences")
    nlp.add_pipe("claim_language")
    docs = list(nlp.pipe(SENTENCES, batch_size=batch))
    assert [record for doc in docs for record in annotation(doc)] == annotate(model, list(SENTENCES))


def test_chosen_sentences_get_what_all_together_get(model: OwnModel) -> None:
    text = " ".join(SENTENCES[:4])
    whole, chosen = read(text), read(text)
    spans = list(whole._.sentence_spans)
    model.encode(whole, spans)
    expected = annotation(whole)
    model.encode(chosen, spans[2:3])
    span = chosen.char_span(*spans[2])
    assert span is not None
    record = next(record for record in annotation(chosen) if record["text"] == expected_text(expected, text, spans[2]))
    assert record in expected
    assert all(not token.dep_ for token in chosen[: span.start])
    model.encode(chosen, [spans[0], spans[1], spans[3]])
    assert annotation(chosen) == expected


def expected_text(records: list[dict[str, Any]], text: str, span: tuple[int, int]) -> str:
    """The text of the first record inside ``span``: the model may have found several sentences there."""
    inside = text[slice(*span)]
    return next(str(record["text"]) for record in records if inside.startswith(record["text"]))


_SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tests.unit.language.test_encoder import annotate
from tests.unit.language.support import SENTENCES, open_weights, shipped_rules
from pipeline.language.models import OwnModel
print(json.dumps(annotate(OwnModel(shipped_rules(), open_weights(int(sys.argv[2]))), list(SENTENCES))))
"""


def test_results_are_the_same_in_another_process_with_other_threads(model: OwnModel) -> None:
    found = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(REPOSITORY), "2"],
        env={**os.environ, "OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "7"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert json.loads(found.stdout) == json.loads(json.dumps(annotate(model, list(SENTENCES))))


def test_a_parse_is_whole(encoder: SentenceEncoder) -> None:
    words = ["Of", "80", "bakers", ",", "62", "%", "said", "that", "flour", "made", "them", "cough", "."]
    parse = encoder.run(words)
    size = len(words)
    assert len(parse.tags) == len(parse.relations) == size
    assert (parse.heads == ROOT).sum() == 1
    assert [relation == "root" for relation in parse.relations] == (parse.heads == ROOT).tolist()
    assert parse.roles.shape == (size, len(encoder.config.roles))
    assert parse.links.shape == (3, size, size + 1)
    for probabilities in (parse.roles, parse.links):
        assert np.allclose(probabilities.sum(axis=-1), 1, atol=1e-4)
    assert ((parse.starts >= 0) & (parse.starts <= 1)).all()
    assert all(0 <= start < end <= size for start, end, _, _ in (*parse.entities, *parse.measured))


@pytest.mark.parametrize("words", [["\n"], ["\u200b", "☃"], ["."] * 400, ["word" * 1000], ["\U0001f600"]])
def test_odd_words_parse(words: list[str], encoder: SentenceEncoder) -> None:
    assert len(encoder.run(words).heads) == len(words)


def test_too_much_is_refused_and_windows_make_it_fit(encoder: SentenceEncoder) -> None:
    words = ["antidisestablishmentarianism"] * 400
    with pytest.raises(ValueError, match="pieces"):
        encoder.run(words)
    with pytest.raises(ValueError, match="pieces"):
        encoder.run([])
    parts = encoder.windows(words)
    assert sum(len(encoder.run(words[start:end]).heads) for start, end in parts) == 400


@pytest.mark.parametrize(
    "text",
    [
        "word " * 3000,
        "beans, " * 700 + "and peas.",
        "x" * 1_000_000,
        "(" * 2000,
        "\n \t \n" * 50,
        "",
        " ",
        "\u2028a\u2028",
        "𝔘𝔫𝔦 ﷽ \u0301\u0301 \U0001f469\u200d\U0001f52c",
    ],
)
def test_any_text_gives_one_tree_a_sentence(text: str, model: OwnModel) -> None:
    doc = read(text)
    model.encode(doc, doc._.sentence_spans)
    for start, end in doc._.sentence_spans:
        span = doc.char_span(start, end, alignment_mode="expand")
        assert span is not None
        roots = [token for token in span if token.head.i == token.i]
        assert len(roots) == 1
        assert all(span.start <= token.head.i < span.end for token in span)
    assert doc.text == text


def test_relations_and_classes_fit_the_tree(model: OwnModel) -> None:
    doc_sentences = annotate(model, list(SENTENCES))
    for record in doc_sentences:
        for number, (_, tag, pos, relation, head, _) in enumerate(record["tokens"]):
            assert tag
            assert pos
            assert (relation == "root") == (head == number) or relation == "dep"
