import json
from pathlib import Path

import pytest

from pipeline.language.tokenizer import make_nlp
from pipeline.rules.loader import load_rules
from pipeline.train.annotations import read_corpus, read_sentences
from pipeline.train.own import Aligner, prints_number, words_of

ROOT = Path(__file__).resolve().parents[3]
MARKED = """\
@ one | newspaper | knees: ice | correlational | asserted
[48.2%](VALUE role=arm group=i outcome=o) of the [ice-bath group](INTERVENTION#i) [walked well](OUTCOME#o), not the [rest](COMPARATOR).
"""


@pytest.fixture(scope="module")
def aligner() -> Aligner:
    return Aligner(make_nlp(load_rules(ROOT / "rules")))


def test_passages_become_words(aligner: Aligner) -> None:
    [(_, sentence)] = read_sentences("x", MARKED)
    example = aligner.own(sentence)
    assert example.text == sentence.text
    assert example.entities is not None
    assert example.figures is not None
    named = [(" ".join(example.words[s.start : s.end]), s.label) for s in example.entities]
    assert named == [("ice - bath group", "INTERVENTION"), ("walked well", "OUTCOME"), ("rest", "COMPARATOR")]
    [figure] = example.figures
    assert example.words[figure.start : figure.end] == ("48.2", "%")
    assert [example.words[start:end] for start, end in figure.group] == [("ice", "-", "bath", "group")]
    assert [example.words[start:end] for start, end in figure.outcome] == [("walked", "well")]
    assert figure.time == ()
    assert (example.tags, example.heads, example.measured) == (None, None, None)


def test_measured_results(aligner: Aligner, tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    text = "Falls were 12 % with chairs . "
    record = {"id": "a", "text": text, "entities": [{"start": 11, "end": 15, "label": "MEAS"}]}
    path.write_text(json.dumps(record) + "\n", "utf-8")
    [example] = aligner.measured(path)
    assert example.measured is not None
    assert [example.words[s.start : s.end] for s in example.measured] == [("12", "%")]


def test_every_passage_of_the_corpus_has_words(aligner: Aligner) -> None:
    for sentence in read_corpus(ROOT / "pipeline/train/corpus/sentences"):
        example = aligner.own(sentence)
        assert example.text == sentence.text, sentence.id
        spans = [(e.start, e.end) for e in example.entities or ()] + [(f.start, f.end) for f in example.figures or ()]
        assert len(spans) == len(sentence.entities)
        assert all(start < end for start, end in spans), sentence.id


def test_words_that_print_a_number() -> None:
    nlp = make_nlp(load_rules(ROOT / "rules"))
    assert prints_number(["half", "twelve", "IL-6", "walked", "48.2", "%"], nlp) == [
        False,
        True,
        True,
        False,
        True,
        False,
    ]


def test_words_of_a_passage_between_words() -> None:
    doc = make_nlp(load_rules(ROOT / "rules")).make_doc("one two")
    assert words_of(doc, 3, 4) == (0, 0)
