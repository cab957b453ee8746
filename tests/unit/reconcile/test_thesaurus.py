"""What is named in different words."""

from __future__ import annotations

import pytest

from pipeline.model import Slot
from pipeline.reconcile.concept_likeness import likeness
from pipeline.reconcile.corpus import Corpus, whole_corpus
from pipeline.reconcile.thesaurus import Senses
from pipeline.reconcile.words import Words
from pipeline.rules.ruleset import Ruleset
from tests.unit.reconcile.test_reconcile import RULES, article


def corpus() -> Corpus:
    return whole_corpus([article("abstract", "primary", "Nurses slept.")], {}, {}, RULES)


def alike(one: str, other: str) -> float:
    found = corpus()
    return found.concepts_alike(*(found.concept(Slot(text=text)) for text in (one, other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("heart attacks", "myocardial infarction"),
        ("MI", "heart attack"),
        ("Broken bones", "fractures"),
        ("death from bowel cancer", "mortality from colorectal cancer"),
        ("Tylenol", "acetaminophen"),
    ],
)
def test_names_of_one_thing_are_alike(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one) == pytest.approx(1.0)
    found = corpus()
    assert likeness(found, *(found.concept(Slot(text=text)) for text in (one, other))) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("one", "other"), [("heart attack", "kidney stone"), ("mi", "heart attack"), ("sore throat", "fracture")]
)
def test_names_of_two_things_are_not(one: str, other: str) -> None:
    assert alike(one, other) < 0.5


@pytest.mark.parametrize(
    ("one", "other"), [("nausea", "vomiting"), ("aspirin", "ibuprofen"), ("stroke", "heart attack")]
)
def test_names_near_in_meaning_of_two_things_are_not_alike(one: str, other: str) -> None:
    assert alike(one, other) == 0.0
    assert 0 < alike(f"sudden {one}", f"sudden {other}") <= 0.5


def test_a_kind_of_a_thing_is_near_to_it_whatever_lies_between() -> None:
    rules = Ruleset(
        {
            "near-meaning": {"stage": "check", "params": {"kin": 0.7}},
            "health-treatments": {
                "stage": "lexicon",
                "entries": [
                    {"id": "statin", "names": ["statin"], "broader": ["medicine"]},
                    {"id": "zocor", "names": ["Zocor"], "broader": ["statin", "zocor"]},
                    {"id": "medicine", "names": ["medicine"], "broader": ["zocor"]},
                    {"id": "tea", "names": ["tea"]},
                ],
            },
        },
        (),
    )
    senses = Senses(rules, Words(rules))
    zocor, medicine, tea = map(senses.of, ("Zocor", "any medicine", "tea with Zocor"))
    assert senses.shared(zocor, medicine) == {"zocor": 0.7}
    assert senses.shared(zocor, tea) == {"zocor": 1.0}
    assert senses.shared(tea, medicine) == {"zocor": 0.7}


def test_what_the_lists_know_of_no_name_is_nothing() -> None:
    senses = Senses(Ruleset({}, ()), Words(Ruleset({}, ())))
    assert senses.of("a heart attack") == {}
