from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import spacy

from pipeline.components.classify import ClassComponent, Classifier, by_sentence
from pipeline.components.factories import extend_doc
from pipeline.components.quantity_rules import QuantityRules
from pipeline.model import Mention
from pipeline.rules.items import itemise
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import compiler_for

RULES = Path(__file__).parents[3] / "rules"


def mention(text: str, part: str, unit: str | None = None, **fields: Any) -> Mention:
    start = text.index(part)
    return Mention(start=start, end=start + len(part), text=part, unit=unit, **fields)


def ruleset(*rules: dict[str, Any]) -> Ruleset:
    return Ruleset({rule["id"]: {"stage": "extract", **rule} for rule in rules})


def classes(rules: Ruleset, text: str, *mentions: Mention) -> list[tuple[str, str | None]]:
    return [(found.quantity_class, found.rule) for found in Classifier(rules).classify(text, mentions)]


DEFAULT = {"id": "a-default", "class": "count", "priority": 10, "where": {"unit": "*"}}
TIME = {"id": "z-time", "class": "timepoint", "match": "at {q:weeks}"}


def test_the_highest_priority_wins_whatever_the_ids() -> None:
    text = "It was dry at 3 weeks."
    assert classes(ruleset(DEFAULT, TIME), text, mention(text, "3 weeks", "weeks")) == [("timepoint", "z-time")]


def test_where_no_rule_fits_the_class_stays() -> None:
    text = "It was dry at 3."
    assert classes(ruleset(DEFAULT, TIME), text, mention(text, "3")) == [("other", None)]


def test_unless_silences_a_rule() -> None:
    rules = ruleset(DEFAULT, {**TIME, "unless": "at {q} or so"})
    text = "It was dry at 3 weeks or so."
    assert classes(rules, text, mention(text, "3 weeks", "weeks")) == [("count", "a-default")]


@pytest.mark.parametrize(("priority", "expected"), [(899, "year"), (900, "timepoint")])
def test_a_class_seen_in_the_number_gives_way_only_to_overruling_rules(priority: int, expected: str) -> None:
    text = "It was dry at 3 weeks."
    found = classes(
        ruleset({**TIME, "priority": priority}), text, mention(text, "3 weeks", "weeks", quantity_class="year")
    )
    assert found[0][0] == expected


@pytest.mark.parametrize(
    ("where", "fields", "fits"),
    [
        ({"unit": None}, {}, True),
        ({"unit": None}, {"unit": "mg"}, False),
        ({"unit": ["g", "mg/*"]}, {"unit": "mg/day"}, True),
        ({"form": "share"}, {"form": "share"}, True),
        ({"form": ["share", "range"]}, {}, False),
        ({"text": "no one"}, {"text": "No one"}, True),
        ({"class": "age"}, {"quantity_class": "age"}, True),
        ({"min": 0, "max": 5}, {"value": 0.0}, True),
        ({"min": 0, "max": 5}, {"low": 1.0, "high": 6.0}, False),
        ({"min": 0}, {}, False),
        ({"integer": True}, {"value": 3.0}, True),
        ({"integer": True}, {"value": 3.5}, False),
    ],
)
def test_where_looks_at_the_quantity_itself(where: dict[str, Any], fields: dict[str, Any], fits: bool) -> None:
    rules = ruleset({"id": "r", "class": "result", "where": where})
    found = Mention(**{"start": 0, "end": 1, "text": "3", **fields})
    items = itemise("3", 0, 1, [found])
    fired = QuantityRules(rules, "class", compiler_for(rules)).first(items, 0)
    assert (fired is not None) == fits


def test_reference_marks_interrupt_nothing_and_keep_their_class() -> None:
    text = "It was dry at [4] 3 weeks."
    mark = mention(text, "4", quantity_class="citation")
    found = classes(ruleset(TIME), text, mark, mention(text, "3 weeks", "weeks"))
    assert found == [("citation", None), ("timepoint", "z-time")]


def test_mentions_belong_to_the_sentence_in_which_they_start() -> None:
    mentions = [Mention(start=at, end=at + 2, text="x") for at in (0, 5, 9)]
    found = by_sentence([(0, 4), (4, 10), (12, 20)], mentions)
    assert [(start, [m.start for m in inside]) for start, _, inside in found] == [(0, [0]), (4, [5, 9])]


def test_the_component_classifies_each_sentence_by_itself() -> None:
    extend_doc()
    doc = spacy.blank("en").make_doc("Dry at. 3 weeks at 4 weeks.")
    doc._.sentence_spans = [(0, 7), (8, 27)]
    doc._.quantities = [mention(doc.text, "3 weeks", "weeks"), mention(doc.text, "4 weeks", "weeks")]
    found = ClassComponent(ruleset(TIME))(doc)._.quantities
    assert [m.quantity_class for m in found] == ["other", "timepoint"]


def test_the_shipped_rules_know_every_class_but_those_the_number_shows() -> None:
    known = {rule["class"] for rule in load_rules(RULES).stage("extract") if "class" in rule}
    assert known >= {"result", "sample_size", "timepoint", "duration", "dose", "count", "age", "statistic", "other"}
