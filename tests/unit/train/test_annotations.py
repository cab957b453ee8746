"""Our own annotated sentences follow the guide."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.train.annotations import (
    LABELS,
    STYLES,
    AnnotationError,
    Entity,
    Sentence,
    parse_line,
    read_corpus,
    read_sentences,
)

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


@pytest.fixture(scope="module")
def corpus() -> list[Sentence]:
    return read_corpus(CORPUS)


def spans(corpus: list[Sentence], *labels: str) -> Iterator[tuple[Sentence, Entity, str]]:
    """The entities with one of ``labels``, each with its sentence and its words."""
    for sentence in corpus:
        for entity in sentence.entities:
            if entity.label in labels:
                yield sentence, entity, sentence.text[entity.start : entity.end]


def test_the_corpus_is_large_and_varied(corpus: list[Sentence]) -> None:
    labels = Counter(entity.label for sentence in corpus for entity in sentence.entities)
    assert set(labels) == set(LABELS)
    assert min(labels.values()) >= 100
    assert len(corpus) >= 1200
    assert len({sentence.text for sentence in corpus}) == len(corpus)
    assert len({sentence.topic for sentence in corpus}) >= 60
    assert {sentence.style for sentence in corpus} == STYLES
    strengths = Counter(sentence.strength for sentence in corpus)
    assert len(corpus) - strengths["none"] >= 600
    assert min(strengths.values()) >= 150
    assert min(Counter(sentence.certainty for sentence in corpus).values()) >= 120
    assert min(Counter(entity.role for _, entity, _ in spans(corpus, "VALUE")).values()) >= 75


def test_no_span_begins_with_an_article_or_ends_in_space_or_a_comma(corpus: list[Sentence]) -> None:
    # "a third" and "a year" count with their article, so figures and times may begin with one.
    found = [
        (sentence.id, words)
        for sentence, entity, words in spans(corpus, *LABELS)
        if re.match(r"the\b" if entity.label in ("VALUE", "TIME") else r"(?:the|an?)\b", words, re.IGNORECASE)
        or words != words.strip(" ,;")
    ]
    assert found == []


def test_figures_and_their_deviation_are_one_value(corpus: list[Sentence]) -> None:
    found = [
        (sentence.id, words)
        for sentence, entity, words in spans(corpus, "VALUE")
        if sentence.text[: entity.start].endswith("± ") or sentence.text[entity.end :].startswith(" ±")
    ]
    assert found == []


def test_denominators_are_values_with_the_group_of_their_figure_and_no_outcome(corpus: list[Sentence]) -> None:
    counted = 0
    for sentence in corpus:
        values = {entity.start: entity for entity in sentence.entities if entity.label == "VALUE"}
        for value in values.values():
            behind = re.match(r" of (?:the |our |our first )?(?=\d)|/(?=\d)", sentence.text[value.end :])
            if behind is None or not sentence.text[value.start : value.end].replace(",", "").isdecimal():
                continue
            denominator = values.get(value.end + behind.end())
            assert denominator is not None, sentence.id
            if behind[0] == "/":  # perhaps a list of figures: 58/61/49%
                continue
            assert denominator.group == value.group, sentence.id
            assert denominator.role == value.role, sentence.id
            assert denominator.outcome == (), sentence.id
            counted += 1
    assert counted >= 40


def test_what_belongs_to_both_groups_names_both_and_a_difference_none(corpus: list[Sentence]) -> None:
    found = [
        (sentence.id, words)
        for sentence, entity, words in spans(corpus, "VALUE")
        if entity.role == "none" and len(entity.group) == 1
    ]
    assert found == []


def test_roles_fit_the_mentions_they_link_to(corpus: list[Sentence]) -> None:
    allowed = {
        "arm": {"INTERVENTION", "POPULATION"},
        "comparator": {"COMPARATOR"},
        "total": {"POPULATION"},
    }
    for sentence, value, words in spans(corpus, "VALUE"):
        label = {entity.id: entity.label for entity in sentence.entities if entity.id is not None}
        for group in value.group:
            assert label[group] in allowed.get(value.role or "", set(LABELS)), (sentence.id, words)


def test_everything_that_bears_an_id_is_linked_to(corpus: list[Sentence]) -> None:
    for sentence in corpus:
        linked = {link for entity in sentence.entities for link in (*entity.group, *entity.outcome, *entity.time)}
        assert {entity.id for entity in sentence.entities if entity.id is not None} <= linked, sentence.id


def test_a_hedged_causal_statement_is_conditional(corpus: list[Sentence]) -> None:
    assert [s.id for s in corpus if s.strength == "causal" and s.certainty == "hedged"] == []


def test_texts_about_other_things_have_no_health_entities(corpus: list[Sentence]) -> None:
    other = [sentence for sentence in corpus if sentence.style == "other"]
    assert {entity.label for sentence in other for entity in sentence.entities} == {"ORGANISATION"}
