"""How strong a sentence is, by the rules, and that they say why."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.claims.cues import Cue
from pipeline.claims.strength import StrengthRules, graded
from pipeline.rules.loader import load_rules
from pipeline.rules.schema import shipped_rules_folder

OVERSTATEMENT = Path(__file__).resolve().parents[4] / "shared" / "bench" / "overstatement"


@pytest.fixture(scope="module")
def rules() -> StrengthRules:
    return StrengthRules(load_rules(shipped_rules_folder()))


@pytest.mark.parametrize(
    ("sentence", "strength"),
    [
        # The word behind the modal decides.
        ("Humming may shorten the wait.", "conditional_causal"),
        ("Humming may be associated with shorter waits.", "correlational"),
        ("A humming diary may be useful in waiting rooms.", "none"),
        ("Humming can shorten the wait.", "causal"),
        # Association outweighs the nouns of effect beside it, and the verbs.
        ("Humming was associated with an increased risk of hiccups.", "correlational"),
        ("Humming increases the risk of hiccups.", "causal"),
        # Who is the subject of a past tense.
        ("Humming lessons reduced the wait of the bakers.", "causal"),
        ("Waits were shorter among bakers who hum than among those who whistle.", "correlational"),
        # "Not" is certainty, never strength.
        ("Humming did not reduce the wait.", "causal"),
        ("There was no difference between hummers and whistlers.", "correlational"),
        # No claim at all.
        ("Bakers should hum.", "none"),
        ("Further studies of humming are needed.", "none"),
        ("A total of 40 bakers were enrolled.", "none"),
        ("", "none"),
        (" \n\t", "none"),
    ],
)
def test_strength_of_a_sentence(rules: StrengthRules, sentence: str, strength: str) -> None:
    assert rules.of(sentence).strength == strength


def test_the_deciding_rule_comes_first(rules: StrengthRules) -> None:
    found = rules.of("Humming was associated with shorter waits than whistling.")
    assert found.rules[0] == "strength-association"
    assert "strength-group-difference" in found.rules[1:]
    assert found.sure


def test_without_a_rule_there_is_no_claim(rules: StrengthRules) -> None:
    found = rules.of("The bakery opens at six.")
    assert found.strength == "none"
    assert found.rules == ()
    assert not found.sure


def test_cues_of_other_kinds_do_not_count() -> None:
    cues = [
        Cue(3, 4, 900, "cue-hedge", {"certainty": "hedged"}),
        Cue(5, 5, 200, "late", {"strength": "causal"}),
        Cue(1, 1, 200, "early", {"strength": "correlational", "sure": True}),
    ]
    found = graded(cues)
    assert found.strength == "correlational"
    assert found.rules == ("early", "late")
    assert found.sure


def test_rules_and_model_are_joined(rules: StrengthRules) -> None:
    silent, sure = rules.of("The bakery opens at six."), rules.of("Humming was associated with hiccups.")
    certain, torn = (0.001, 0.001, 0.001, 0.997), (0.05, 0.44, 0.05, 0.46)
    assert rules.joined(silent, certain) == "causal"
    assert rules.joined(sure, certain) == "causal"
    assert rules.joined(sure, torn) == "correlational"
    assert rules.joined(sure, (1.0, 0.0, 0.0, 0.0)) == "none"


def test_long_text_is_graded_in_time(rules: StrengthRules) -> None:
    assert rules.of("may not " * 5000).strength == "none"


def rows(name: str) -> Iterator[dict[str, Any]]:
    path = OVERSTATEMENT / "dev" / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip("the overstatement data are not at hand")
    yield from map(json.loads, path.read_text("utf-8").splitlines())


@pytest.mark.parametrize(("name", "floor"), [("pubmed", 0.70), ("eureka", 0.67)])
def test_floor_on_the_overstatement_data(rules: StrengthRules, name: str, floor: float) -> None:
    pairs = [(row["strength"], rules.of(row["text"]).strength) for row in rows(name)]
    spec = importlib.util.spec_from_file_location("score_strength", OVERSTATEMENT / "score_strength.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    _, macro, _ = scorer.tables(pairs, scorer.STRENGTHS)
    assert macro >= floor
