"""Every example of every rule under rules/, collected automatically."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.model import Flag
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft
from pipeline.rules.examples import Example, Runner, list_examples, run_example
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.schema import words_of_check
from pipeline.run.example_runners import example_runners

RULES = Path(__file__).parents[2] / "rules"


@functools.cache
def shipped_rules() -> Ruleset:
    return load_rules(RULES)


@functools.cache
def runners() -> dict[str, Runner]:
    return example_runners(shipped_rules())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "example" in metafunc.fixturenames:
        found = list(list_examples(shipped_rules()))
        ids = [f"{rule_id}[{index}]" for rule_id, index, _ in found]
        metafunc.parametrize("example", [example for _, _, example in found], ids=ids)


@pytest.fixture(autouse=True)
def complete_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails an example where a check gives no word for a placeholder that rules may use for it."""
    from pipeline.reconcile import reconcile

    make = reconcile._flag

    def checked(case: Case, rule: Mapping[str, Any], draft: Draft) -> Flag:
        assert set(words_of_check(rule["check"])) <= set(draft.words), rule["id"]
        return make(case, rule, draft)

    monkeypatch.setattr(reconcile, "_flag", checked)


def test_every_rule_loads() -> None:
    assert shipped_rules().problems == ()


def test_example(example: Example) -> None:
    known = runners()
    # Examples of checks are run by the tests of the checks.
    if not any(key in known for key in example) and "sources" not in example:
        pytest.fail(f"nothing runs this example: {sorted(example)}")
    assert run_example(example, known) is None
