"""One view of trees in Universal Dependencies, with subtypes and without, and in CLEAR."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from spacy.tokens import Doc

from pipeline.language.labels import CLEAR, UNIVERSAL, LabelMap
from tests.unit.language.support import nlp, shipped_rules

LABELS = LabelMap(shipped_rules())
Arcs = str
"""``word/tag>head:relation`` for each word, heads from 1, 0 at the root."""


class Case(NamedTuple):
    """One sentence in both schemes; ``universal`` has the subtypes that are told."""

    words: str
    tags: str
    universal: str
    clear: str


CASES = {
    "passive with an agent and a time": Case(
        "Leeks were grown by nuns in May .",
        "NNS VBD VBN IN NNS IN NNP .",
        "3:nsubj:pass 3:aux:pass 0:root 5:case 3:obl:agent 7:case 3:obl 3:punct",
        "3:nsubjpass 3:auxpass 0:ROOT 3:agent 4:pobj 3:prep 6:pobj 3:punct",
    ),
    "progressive passive": Case(
        "Leeks are being grown",
        "NNS VBP VBG VBN",
        "4:nsubj:pass 4:aux 4:aux:pass 0:root",
        "4:nsubjpass 4:aux 4:auxpass 0:ROOT",
    ),
    "perfect": Case(
        "Nuns have grown leeks",
        "NNS VBP VBN NNS",
        "3:nsubj 3:aux 0:root 3:obj",
        "3:nsubj 3:aux 0:ROOT 3:dobj",
    ),
    "chains of prepositions below nouns and verbs": Case(
        "48 % of the peas in pots rose to 50",
        "CD NN IN DT NNS IN NNS VBD IN CD",
        "2:nummod 8:nsubj 5:case 5:det 2:nmod 7:case 5:nmod 0:root 10:case 8:obl",
        "2:nummod 8:nsubj 2:prep 5:det 3:pobj 5:prep 6:pobj 0:ROOT 8:prep 9:pobj",
    ),
    "a preposition whose object hangs on another": Case(
        "Snails came out of pots",
        "NNS VBD IN IN NNS",
        "2:nsubj 0:root 5:case 5:case 2:obl",
        "2:nsubj 0:ROOT 2:prep 3:prep 4:pobj",
    ),
    "compared with": Case(
        "Peas grew compared with beans",
        "NNS VBD VBN IN NNS",
        "2:nsubj 0:root 5:case 5:case 2:obl",
        "2:nsubj 0:ROOT 2:prep 3:prep 4:pobj",
    ),
    "a clause behind a preposition": Case(
        "Peas grew after nuns watered them",
        "NNS VBD IN NNS VBD PRP",
        "2:nsubj 0:root 5:mark 5:nsubj 2:advcl 5:obj",
        "2:nsubj 0:ROOT 2:prep 5:nsubj 3:pcomp 5:dobj",
    ),
    "copula with an adjective": Case(
        "Peas were not green yet",
        "NNS VBD RB JJ RB",
        "4:nsubj 4:cop 4:advmod 0:root 4:advmod",
        "2:nsubj 0:ROOT 2:neg 2:acomp 2:advmod",
    ),
    "copula with a noun that has its own": Case(
        "The dose was 10 mg in May",
        "DT NN VBD CD NN IN NNP",
        "2:det 5:nsubj 5:cop 5:nummod 0:root 7:case 5:obl",
        "2:det 3:nsubj 0:ROOT 5:nummod 3:attr 3:prep 6:pobj",
    ),
    "copula with a prepositional phrase": Case(
        "Peas were in pots",
        "NNS VBD IN NNS",
        "4:nsubj 4:cop 4:case 0:root",
        "2:nsubj 0:ROOT 2:prep 3:pobj",
    ),
    "there are": Case(
        "There were 40 peas in pots",
        "EX VBD CD NNS IN NNS",
        "2:expl 0:root 4:nummod 2:nsubj 6:case 4:nmod",
        "2:expl 0:ROOT 4:nummod 2:attr 4:prep 5:pobj",
    ),
    "other linking verbs": Case(
        "Peas stayed green",
        "NNS VBD JJ",
        "2:nsubj 0:root 2:xcomp",
        "2:nsubj 0:ROOT 2:acomp",
    ),
    "coordination": Case(
        "Peas , beans and leeks grew but died",
        "NNS , NNS CC NNS VBD CC VBD",
        "6:nsubj 1:punct 1:conj 5:cc 1:conj 0:root 8:cc 6:conj",
        "6:nsubj 1:punct 1:conj 3:cc 3:conj 0:ROOT 6:cc 6:conj",
    ),
    "coordinated prepositional phrases": Case(
        "Peas grew in pots and in beds",
        "NNS VBD IN NNS CC IN NNS",
        "2:nsubj 0:root 4:case 2:obl 7:cc 7:case 4:conj",
        "2:nsubj 0:ROOT 2:prep 3:pobj 3:cc 3:conj 6:pobj",
    ),
    "coordinated objects of a preposition": Case(
        "Peas grew in pots and beds",
        "NNS VBD IN NNS CC NNS",
        "2:nsubj 0:root 4:case 2:obl 6:cc 4:conj",
        "2:nsubj 0:ROOT 2:prep 3:pobj 4:cc 4:conj",
    ),
    "relative clause": Case(
        "peas that grew died",
        "NNS WDT VBD VBD",
        "4:nsubj 3:nsubj 1:acl:relcl 0:root",
        "4:nsubj 3:nsubj 1:relcl 0:ROOT",
    ),
    "participle on a noun": Case(
        "peas grown by nuns died",
        "NNS VBN IN NNS VBD",
        "5:nsubj 1:acl 4:case 2:obl:agent 0:root",
        "5:nsubj 1:acl 2:agent 3:pobj 0:ROOT",
    ),
    "possessives": Case(
        "Their nun 's peas",
        "PRP$ NN POS NNS",
        "2:nmod:poss 4:nmod:poss 2:case 0:root",
        "2:poss 4:poss 2:case 0:ROOT",
    ),
    "particle and indirect object": Case(
        "Give the nuns back peas",
        "VB DT NNS RP NNS",
        "0:root 3:det 1:iobj 1:compound:prt 1:obj",
        "0:ROOT 3:det 1:dative 1:prt 1:dobj",
    ),
    "indirect object with a preposition": Case(
        "Give peas to nuns",
        "VB NNS IN NNS",
        "0:root 1:obj 4:case 1:obl",
        "0:ROOT 1:dobj 1:dative 3:pobj",
    ),
    "measures before an adverb": Case(
        "It died three days later",
        "PRP VBD CD NNS RB",
        "2:nsubj 0:root 4:nummod 5:obl 2:advmod",
        "2:nsubj 0:ROOT 4:nummod 5:npadvmod 2:advmod",
    ),
    "a fragment": Case("In 40 peas", "IN CD NNS", "3:case 3:nummod 0:root", "0:ROOT 3:nummod 1:pobj"),
}


def make(words: str, tags: str, arcs: str) -> Doc:
    heads, relations = zip(*(arc.split(":", 1) for arc in arcs.split()), strict=True)
    return Doc(
        nlp().vocab,
        words=words.split(),
        tags=tags.split(),
        heads=[int(head) - 1 if int(head) else index for index, head in enumerate(heads)],
        deps=list(relations),
    )


def shown(doc: Doc, scheme: str | None = None) -> list[str]:
    view = LABELS.view(doc, scheme)
    return [f"{head + 1}:{relation}" for head, relation in zip(view.heads, view.relations, strict=True)]


@pytest.mark.parametrize("name", CASES)
def test_both_schemes_reach_the_same_view(name: str) -> None:
    case = CASES[name]
    assert shown(make(case.words, case.tags, case.universal)) == case.universal.split()
    assert shown(make(case.words, case.tags, case.clear), CLEAR) == case.universal.split()


@pytest.mark.parametrize("name", CASES)
def test_subtypes_that_are_left_out_come_back(name: str) -> None:
    case = CASES[name]
    bare = " ".join(":".join(arc.split(":")[:2]) for arc in case.universal.split())
    assert shown(make(case.words, case.tags, bare), UNIVERSAL) == case.universal.split()


def test_the_scheme_is_told_by_labels() -> None:
    assert LABELS.scheme(["nsubj", "pobj"]) == CLEAR
    assert LABELS.scheme(["nsubj", "obl", "case", "nsubj:pass"]) == UNIVERSAL
    case = CASES["copula with a prepositional phrase"]
    assert shown(make(case.words, case.tags, case.clear)) == case.universal.split()


def test_subtypes_that_nothing_rests_on_go() -> None:
    assert shown(make("peas today", "NNS NN", "0:root 1:nmod:tmod")) == ["0:root", "1:nmod"]


def test_a_sentence_of_several_counts_from_its_own_start() -> None:
    doc = make("Peas grew Leeks were green", "NNS VBD NNS VBD JJ", "2:nsubj 0:ROOT 4:nsubj 0:ROOT 4:acomp")
    view = LABELS.view(doc[2:5])
    assert view.heads.tolist() == [2, 2, -1]
    assert view.relations == ("nsubj", "cop", "root")


def test_what_nobody_parsed_has_no_relations() -> None:
    view = LABELS.view(nlp().make_doc("Peas grew"))
    assert view.heads.tolist() == [-1, -1]
    assert view.relations == ("", "")
    assert LABELS.view(nlp().make_doc("")).relations == ()


def test_without_tags_the_classes_tell_nouns() -> None:
    doc = make("peas in pots", "NNS IN NNS", "0:ROOT 1:prep 2:pobj")
    for token in doc:
        token.tag_ = ""
        token.pos_ = "NOUN"
    assert shown(doc) == ["0:root", "3:case", "1:nmod"]


def test_entities_have_our_names_or_none() -> None:
    assert [LABELS.entity(label) for label in ("ORG", "DATE", "Disease", "CARDINAL", "GPE", "OUTCOME")] == [
        "ORGANISATION", "TIME", "CONDITION", None, None, "OUTCOME",
    ]  # fmt: skip


def test_deep_trees_are_converted_in_reasonable_time() -> None:
    size = 4000
    chain = " ".join(["0:ROOT"] + [f"{at}:prep" for at in range(1, size)])
    assert len(shown(make("of " * size, "IN " * size, chain))) == size
    star = " ".join(["0:ROOT"] + ["1:prep" if at % 2 else f"{at}:pobj" for at in range(1, size)])
    assert len(shown(make("of " * size, "IN " * size, star))) == size
