"""Our own annotated sentences follow the guide."""

from collections import Counter
from pathlib import Path

import pytest

from pipeline.train.annotations import LABELS, AnnotationError, Sentence, parse_line, read_corpus, read_sentences

CORPUS = Path(__file__).parents[3] / "pipeline" / "train" / "corpus" / "sentences"
HEAD = "@ tea-1 | newspaper | insomnia: tea | correlational | asserted\n"


def read(line: str, head: str = HEAD) -> Sentence:
    [(_, sentence)] = read_sentences("file.txt", head + line + "\n")
    return sentence


def test_entities_and_links_are_read_with_offsets_into_the_plain_text() -> None:
    sentence = read(
        "Of [cooks with [gout](CONDITION)](POPULATION), [48%](VALUE role=arm group=i outcome=o) "
        "on [tea](INTERVENTION#i) [slept](OUTCOME#o) \\[3\\]."
    )
    assert sentence.text == "Of cooks with gout, 48% on tea slept [3]."
    assert [(sentence.text[e.start : e.end], e.label) for e in sentence.entities] == [
        ("cooks with gout", "POPULATION"),
        ("gout", "CONDITION"),
        ("48%", "VALUE"),
        ("tea", "INTERVENTION"),
        ("slept", "OUTCOME"),
    ]
    assert sentence.entities[2].role == "arm"
    assert sentence.entities[2].group == ("i",)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Tea [helps.", "not closed"),
        ("Tea] helps.", "closes nothing"),
        ("[Tea](DRINK) helps.", "no label DRINK"),
        ("[5](VALUE) slept.", "needs role="),
        ("[5](VALUE role=winner) slept.", "no role winner"),
        ("[5](VALUE role=arm group=x) slept.", "leads to no"),
        ("[5](VALUE role=arm drink=x) slept.", "no link drink="),
        ("[Tea](INTERVENTION#a) and [milk](COMPARATOR#a).", "stands twice"),
        ("[](TIME) slept.", "without words"),
    ],
)
def test_mistakes_are_named(line: str, problem: str) -> None:
    with pytest.raises(AnnotationError, match=problem):
        read(line)


def test_heads_are_checked() -> None:
    with pytest.raises(AnnotationError, match="no style 'song'"):
        read("Tea.", "@ a | song | tea | none | asserted\n")
    with pytest.raises(AnnotationError, match="without a sentence"):
        list(read_sentences("f", HEAD))
    with pytest.raises(AnnotationError, match="without a head"):
        list(read_sentences("f", "Tea.\n"))


def test_a_line_without_marks_is_itself() -> None:
    assert parse_line("x", "Tea (hot) helps.") == ("Tea (hot) helps.", [])


def test_the_whole_corpus_follows_the_guide() -> None:
    corpus = read_corpus(CORPUS)
    labels = Counter(entity.label for sentence in corpus for entity in sentence.entities)
    if corpus:
        assert set(labels) == set(LABELS)
        assert len({sentence.text for sentence in corpus}) == len(corpus)
