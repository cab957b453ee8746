"""What is written into a ``Doc``, with a model that says what it is told."""

from __future__ import annotations

import numpy as np
from spacy.tokens import Doc

from pipeline.language.annotate import Classes, FigureScores, Sentence
from pipeline.language.entities import Entity, apart, merge
from pipeline.rules.ruleset import Ruleset
from tests.unit.language.support import ToldModel, nlp, read, sentence, shipped_rules

TOPIC = {
    "topic": "beds",
    "terms": [
        {"id": "bone_meal", "type": "intervention", "names": ["bone meal"]},
        {"id": "clubroot", "type": "condition", "names": ["clubroot"]},
        {"id": "rest", "type": "group", "names": ["the others"]},
    ],
}


def rules_with_topic() -> Ruleset:
    return Ruleset(shipped_rules().rules, (TOPIC,))


def tree(doc: Doc) -> list[tuple[str, str, str]]:
    return [(token.text, token.dep_, token.head.text) for token in doc]


def test_white_space_hangs_on_the_word_before_it() -> None:
    doc = read("  Peas  grew.\n\nBeans \n died.")
    ToldModel(shipped_rules()).encode(doc, doc._.sentence_spans)
    spaces = [(token.text, token.tag_, token.pos_, token.dep_, token.head.text) for token in doc if token.is_space]
    assert spaces[0] == ("  ", "_SP", "SPACE", "", "  ")  # a sentence of its own: no word stands before it
    assert spaces[1] == (" ", "_SP", "SPACE", "dep", "Peas")
    assert spaces[2] == ("\n\n", "_SP", "SPACE", "dep", ".")
    assert spaces[3] == ("\n ", "_SP", "SPACE", "dep", "Beans")
    assert [sent.text.strip() for sent in doc.sents] == ["", "Peas  grew.", "Beans", "died."]


def test_sentences_not_chosen_stay_as_they_are() -> None:
    doc = read("Peas grew. Beans died. Leeks slept.")
    spans = list(doc._.sentence_spans)
    model = ToldModel(shipped_rules())
    assert model.encode(doc, spans[1:2]) == spans[1:2]
    assert tree(doc) == [
        ("Peas", "", "Peas"), ("grew", "", "grew"), (".", "", "."),
        ("Beans", "root", "Beans"), ("died", "conj", "Beans"), (".", "conj", "Beans"),
        ("Leeks", "", "Leeks"), ("slept", "", "slept"), (".", "", "."),
    ]  # fmt: skip
    assert [sent.text for sent in doc.sents] == ["Peas grew.", "Beans died.", "Leeks slept."]
    model.encode(doc, spans[2:])
    assert [token.dep_ for token in doc][3:] == ["root", "conj", "conj"] * 2
    assert [sent.text for sent in doc.sents] == ["Peas grew.", "Beans died.", "Leeks slept."]


def test_spans_need_no_splitter() -> None:
    doc = nlp().make_doc("Peas grew. Beans died. Leeks slept.")
    ToldModel(shipped_rules()).encode(doc, [(11, 22)])
    assert [sent.text for sent in doc.sents] == ["Peas grew.", "Beans died.", "Leeks slept."]


def test_a_sentence_that_is_several_is_split() -> None:
    doc = read("Beds of leeks Sown in May. Beans died.")
    model = ToldModel(shipped_rules(), {"Beds": [sentence(3), sentence(4)]})
    spans = model.encode(doc, doc._.sentence_spans)
    assert [doc.text[start:end] for start, end in spans] == ["Beds of leeks", "Sown in May.", "Beans died."]
    assert doc._.sentence_spans == spans
    assert [sent.text for sent in doc.sents] == ["Beds of leeks", "Sown in May.", "Beans died."]


def test_trees_that_are_not_projective_stay_one_sentence() -> None:
    doc = read("a b c d e f. Beans died.")
    heads = [2, 4, -1, 2, 3, 0, 1]
    ToldModel(shipped_rules(), {"a": [sentence(7, heads=heads)]}).encode(doc, doc._.sentence_spans)
    assert [token.head.i for token in doc][:7] == [2, 4, 2, 2, 3, 0, 1]
    assert [sent.text for sent in doc.sents] == ["a b c d e f.", "Beans died."]


def test_names_of_topics_go_before_what_the_model_finds() -> None:
    doc = read("Bone meal kept clubroot away from the others.")
    told = [
        sentence(
            9,
            entities=[
                (0, 1, "OUTCOME", 0.9),  # inside the name
                (1, 4, "CONDITION", 0.9),  # across it
                (3, 4, "OUTCOME", 0.9),  # in its place
                (2, 5, "OUTCOME", 0.7),  # around it
                (6, 8, "POPULATION", 0.5),
            ],
        )
    ]
    ToldModel(rules_with_topic(), {"Bone": told}).encode(doc, doc._.sentence_spans)
    group = doc.spans["entities"]
    assert [(span.text, span.label_, span.id_) for span in group] == [
        ("Bone meal", "INTERVENTION", "bone_meal"),
        ("Bone", "OUTCOME", ""),
        ("kept clubroot away", "OUTCOME", ""),
        ("clubroot", "CONDITION", "clubroot"),
        ("the others", "POPULATION", ""),
    ]
    assert group.attrs["scores"] == [1.0, 0.9, 0.7, 1.0, 0.5]
    assert [(entity.text, entity.label_) for entity in doc.ents] == [
        ("Bone meal", "INTERVENTION"),
        ("clubroot", "CONDITION"),
        ("the others", "POPULATION"),
    ]


def test_the_model_tells_whether_a_treatment_is_the_control_here() -> None:
    doc = read("Bone meal beat lime, not clubroot.")
    told = [
        sentence(
            8,
            entities=[
                (0, 2, "COMPARATOR", 0.6),
                (0, 2, "CONDITION", 0.5),
                (6, 7, "COMPARATOR", 0.9),  # a condition is no treatment, whatever the model says
            ],
        )
    ]
    ToldModel(rules_with_topic(), {"Bone": told}).encode(doc, doc._.sentence_spans)
    group = doc.spans["entities"]
    assert [(span.text, span.label_, span.id_) for span in group] == [
        ("Bone meal", "COMPARATOR", "bone_meal"),
        ("clubroot", "CONDITION", "clubroot"),
    ]
    assert group.attrs["scores"] == [1.0, 1.0]


def test_entities_stay_where_other_sentences_are_chosen_later() -> None:
    doc = read("Bone meal helped. Clubroot spread.")
    model = ToldModel(rules_with_topic())
    for span in (doc._.sentence_spans[0], doc._.sentence_spans[1], doc._.sentence_spans[0]):
        model.encode(doc, [span])
    assert [(entity.text, entity.label_) for entity in doc.ents] == [
        ("Bone meal", "INTERVENTION"),
        ("Clubroot", "CONDITION"),
    ]


def test_the_longest_and_then_the_most_certain_win() -> None:
    entities = [Entity(0, 2, "A", 0.5), Entity(1, 4, "B", 0.1), Entity(4, 5, "C", 0.2), Entity(4, 5, "D", 0.3)]
    assert [entity.label for entity in apart(entities)] == ["B", "D"]
    assert apart(reversed(entities)) == apart(entities)
    assert merge([], entities) == entities


def test_roles_and_links_are_read_from_spans() -> None:
    doc = read("Of the peas, 3 of 4  grew in May.")
    size = 10
    roles = np.tile(np.array([[0.25, 0.75]], np.float32), (size, 1))
    links = np.zeros((3, size, size + 1), np.float32)
    links[0, 4, [0, 2, 3]] = 0.25, 0.25, 0.5  # none, "the", "peas"
    told = [sentence(size, scores=FigureScores(0, roles, links))]
    ToldModel(shipped_rules(), {"Of": told}).encode(doc, doc._.sentence_spans)
    figure, peas, may = doc[4:5], doc[1:3], doc[10:11]
    assert may.text == "May"
    assert figure._.role_scores == {"arm": 0.25, "none": 0.75}
    assert figure._.link_score("group", peas) == 0.75
    assert figure._.link_score("group", may) == 0.0
    assert figure._.link_score("group", None) == 0.25
    assert doc[7:8]._.role_scores is None  # white space
    assert read("Peas grew.")[0:1]._.link_score("time", None) is None


def test_scores_of_the_second_window_count_from_its_start() -> None:
    doc = read("Peas grew; beans died.")
    first = FigureScores(0, np.full((3, 2), 0.1, np.float32), np.zeros((3, 3, 4), np.float32))
    second = FigureScores(3, np.full((3, 2), 0.9, np.float32), np.ones((3, 3, 4), np.float32))
    told = Sentence(*sentence(6)[:5], scores=(first, second))
    ToldModel(shipped_rules(), {"Peas": [told]}).encode(doc, doc._.sentence_spans)
    scores = doc[3:4]._.role_scores
    assert scores is not None
    assert round(scores["arm"], 3) == 0.9
    assert doc[3:4]._.link_score("group", doc[4:5]) == 1.0
    assert doc[3:4]._.link_score("group", doc[0:1]) == 0.0


def test_annotation_survives_being_stored() -> None:
    doc = nlp().make_doc("Peas grew. Beans died.")
    told = sentence(3, scores=FigureScores(0, np.ones((3, 2), np.float32), np.ones((3, 3, 4), np.float32)))
    ToldModel(rules_with_topic(), {"Beans": [told]}).encode(doc, [(11, 22)])
    again = Doc(doc.vocab).from_bytes(doc.to_bytes())
    assert tree(again) == tree(doc)
    assert [sent.text for sent in again.sents] == [sent.text for sent in doc.sents]
    assert again[3:4]._.role_scores == doc[3:4]._.role_scores == {"arm": 1.0, "none": 1.0}


def test_classes_follow_tag_and_relation() -> None:
    table = Classes(shipped_rules()).table(["VBZ", "IN", "??"], ["root", "aux", "mark"])
    names = [nlp().vocab.strings[int(value)] for value in table[[0, 0, 1, 1, 2], [0, 1, 0, 2, 0]]]
    assert names == ["VERB", "AUX", "ADP", "SCONJ", "X"]
