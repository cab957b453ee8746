"""Signs by the model: from which probability on, and beside which signs of the rules."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.claims.learnt_signs import LearntSigns
from pipeline.language.strength import SIGNS
from pipeline.model import LEARNT, Sign, Statement
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.schema import shipped_rules_folder


def learnt(**more: Any) -> LearntSigns:
    signs = [
        {"says": "cause", "sign": "cause", "least": 0.7, "unless": ["limits"]},
        {"says": "harm", "sign": "harm", "least": 0.5, "unless": []},
        {"says": "harm", "sign": "perhaps", "least": 0.3, "unless": ["harm"]},
    ]
    params = {
        "signs": signs,
        "denied": 0.6,
        "bars": ["price"],
        "least_words": 5,
        "gate": 0.5,
        "tells": 0.5,
        "way": 0.7,
        **more,
    }
    return LearntSigns(Ruleset({LEARNT: {"params": params}}))


def likely(**probabilities: float) -> list[float]:
    return [probabilities.get(name.replace("-", "_"), 0.0) for name in SIGNS]


def sign(name: str) -> Sign:
    return Sign(sign=name, start=2, end=5, rule="some-rule")


def named(found: list[Sign]) -> list[str]:
    return [one.sign for one in found]


def test_a_sign_counts_from_its_probability_on_and_takes_the_whole_sentence() -> None:
    found = learnt().of(likely(cause=0.7, harm=0.29), 2, 30, [])
    assert found == [Sign(sign="cause", start=2, end=30, rule=LEARNT)]


def test_several_stand_in_the_order_of_the_rule() -> None:
    assert named(learnt().of(likely(harm=0.9, cause=0.9), 0, 9, [])) == ["cause", "harm"]


def test_a_weaker_sign_stands_where_the_stronger_does_not() -> None:
    assert named(learnt().of(likely(harm=0.4), 0, 9, [])) == ["perhaps"]
    assert named(learnt().of(likely(harm=0.5), 0, 9, [])) == ["harm"]


@pytest.mark.parametrize("other", ["cause", "limits"])
def test_what_a_rule_found_is_not_told_again_nor_contradicted(other: str) -> None:
    assert named(learnt().of(likely(cause=0.9, harm=0.9), 0, 9, [sign(other)])) == ["harm"]


def test_a_sentence_that_denies_bears_none() -> None:
    assert learnt().of(likely(cause=0.9, denied=0.6), 0, 9, []) == []
    assert learnt().of(likely(cause=0.9, harm=0.9), 0, 9, [sign("price")]) == []


def test_without_the_rule_the_model_tells_nothing() -> None:
    assert LearntSigns(Ruleset({})).of([1.0] * len(SIGNS), 0, 9, []) == []


def test_a_sign_that_the_model_does_not_know_is_told_by_the_rules_loader(tmp_path: Path) -> None:
    shutil.copytree(shipped_rules_folder(), tmp_path / "rules")
    path = tmp_path / "rules" / "context" / "signs-by-model.yaml"
    path.write_text(path.read_text("utf-8").replace("says: harmless,", "says: warmth,"), "utf-8")
    (problem,) = load_rules(tmp_path / "rules").problems
    assert problem.startswith("context/signs-by-model.yaml:")
    assert "warmth" in problem


@pytest.mark.parametrize(
    ("ways", "way"), [((0.7, 0.1, 0.1, 0.1), "better"), ((0.1, 0.69, 0.11, 0.1), None), ((0.0, 0.0, 0.0, 1.0), None)]
)
def test_a_way_is_told_where_it_is_likely_enough_and_compares(ways: tuple[float, ...], way: str | None) -> None:
    assert learnt().way(ways) == way


def test_claims_that_tell_a_result_have_a_meaning_and_others_none() -> None:
    analyzer = Analyzer(load_rules(shipped_rules_folder()))
    said = analyzer.analyze(
        "Valerian\n\nIn the trial 48% slept better with valerian, and only 11% with placebo, a clear benefit. "
        "The drops cost 12 euros."
    )
    told = {draft.quote[:3]: draft for draft in said.drafts}
    assert told["In "].meaning is not None
    assert told["In "].way == "better"
    assert all((draft.meaning, draft.way) == (None, None) for draft in said.drafts if draft.measure == "money")


def test_a_statement_is_learnt_where_the_model_alone_gave_it_the_sign() -> None:
    def told(*signs: Sign) -> Statement:
        return Statement(
            article_id="a", start=0, end=9, quote="", certainty="asserted", strength="none", signs=signs, names=()
        )

    by_model = Sign(sign="cause", start=0, end=9, rule=LEARNT)
    assert told(by_model, sign("harm")).is_learnt("cause", "effect")
    assert not told(by_model, sign("cause")).is_learnt("cause")
    assert not told(sign("harm")).is_learnt("cause"), "what does not bear it has learnt nothing"


def test_sentences_without_words_for_it_bear_their_sign() -> None:
    analyzer = Analyzer(load_rules(shipped_rules_folder()))
    said = analyzer.analyze(
        "Valerian\n\nYou will not find a single sleeper whom the valerian drops have ever let down."
    )
    assert [(s.sign, s.rule) for one in said.statements for s in one.signs if s.rule == LEARNT] == [
        ("sweeping", LEARNT)
    ]
