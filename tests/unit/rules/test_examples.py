from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import RulesError
from pipeline.rules.examples import is_part, run_example, run_examples
from pipeline.rules.ruleset import Ruleset

FOUND = [{"value": 3.0, "unit": "cups"}, {"value": None, "low": 1.0, "unit": None}]
RUNNERS = {"expect": lambda _: FOUND, "cleaned": lambda example: example["text"].strip()}


@pytest.mark.parametrize(
    ("example", "holds"),
    [
        ({"expect": [{"value": 3}]}, True),
        ({"expect": [{"low": 1.0}]}, True),
        ({"expect": [{"value": 3.0}, {"value": None}]}, True),
        ({"expect": [{"low": 1.0}, {"value": 3.0}]}, False),
        ({"expect": [{"value": 3.0, "unit": "mugs"}]}, False),
        ({"expect": [{"high": None}]}, False),
        ({"expect": []}, False),
        ({"expect": [{"value": 3.0}], "exact": True}, False),
        ({"expect": [{"value": 3.0}, {}], "exact": True}, True),
        ({"expect": [{"value": 4.0}], "known_miss": "why"}, True),
        ({"expect": [{"value": 3.0}], "known_miss": "why"}, False),
        ({"text": " a ", "cleaned": "a"}, True),
        ({"text": " a ", "cleaned": " a "}, False),
    ],
)
def test_what_an_example_asks(example: dict[str, Any], holds: bool) -> None:
    assert (run_example(example, RUNNERS) is None) == holds


@pytest.mark.parametrize(
    ("wanted", "found", "fits"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 1.0, "c": 2}}, True),
        ({"a": [{"b": 1}]}, {"a": ({"b": 1, "c": 2},)}, True),
        ({"a": [1]}, {"a": [1, 2]}, False),
        (0, False, False),
        (0.0, 0, True),
        (None, 0, False),
    ],
)
def test_part_of(wanted: object, found: object, fits: bool) -> None:
    assert is_part(wanted, found) == fits


def test_every_example_that_a_runner_knows_is_run() -> None:
    rules = Ruleset({"a": {"examples": [{"expect": []}, {"sources": []}, {"text": "b", "cleaned": "b"}]}})
    found = run_examples(rules, RUNNERS)
    assert [(result.name, result.problem is None) for result in found] == [("a[0]", False), ("a[2]", True)]


def test_an_example_that_cannot_be_run_fails_in_one_line() -> None:
    def fail(_example: Any) -> Any:
        raise ValueError("lengths\ndiffer")

    for extra in ({}, {"known_miss": "why"}):
        problem = run_example({"parsed": [], **extra}, {"parsed": fail})
        assert problem == "parsed: cannot be run (ValueError: lengths differ)"

    def refuse(_example: Any) -> Any:
        raise RulesError(["a.yaml:1: broken"])

    with pytest.raises(RulesError):
        run_example({"parsed": []}, {"parsed": refuse})
