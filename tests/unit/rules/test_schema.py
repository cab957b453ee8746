from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from pipeline.rules.schema import check_rule, known_checks, load_schema, shipped_rules_folder, words_of_check
from pipeline.rules.yamlfile import Located

DOCS = (Path(__file__).parents[3] / "docs" / "rules.md").read_text("utf-8")


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(load_schema())
    assert (shipped_rules_folder() / "schema.json").is_file()


@pytest.mark.parametrize("kind", ["rule", "example", "where", "term", "variant", "topic"])
def test_the_docs_name_every_key(kind: str) -> None:
    for key in load_schema()["$defs"][kind]["properties"]:
        assert f"`{key}" in DOCS or f"{key}:" in DOCS, key


CHECK = {
    "id": "too-safe",
    "stage": "check",
    "why": "A flat word of safety.",
    "family": "overstatement",
    "severity": "warning",
    "check": "scope_widened",
    "params": {"reach": 400, "animals": 1, "near": 0.3, "rank": 3, "next": 200, "shared": 0.25},
    "message": "{source} says too much: “{quote}”.",
    "examples": [{"sources": [{"text": "Tea is good."}], "flags": []}, {"sources": [{"text": "Tea."}], "silent": True}],
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"check": "no_such"}, "`check` is 'no_such'; use one of"),
        ({"params": {"reach": 400, "near": 0.3, "rank": 3, "next": 200, "shared": 0.25}}, "`params` lacks animals"),
        (
            {"params": {"reach": "far", "animals": 1, "near": 0.3, "rank": 3, "next": 200, "shared": 0.25}},
            "`params.reach` is 'far'; it must be a number",
        ),
        ({"params": None}, "`params`"),
        ({"message": None}, "`message`"),
        ({"severity": "fatal"}, "`severity` is 'fatal'"),
        *(
            ({"message": message}, "placeholders are names in braces")
            for message in ("{", "}", "{}", "{0}", "{source!z}", "{source:>99}", "{source.__class__}", "{source[0]}")
        ),
    ],
)
def test_a_check_that_could_not_run_is_refused(change: dict[str, object], told: str) -> None:
    assert [p.message for p in check_rule(Located(CHECK, {})) if "example" not in p.message] == []
    problems = check_rule(Located({**CHECK, **change}, {}))
    assert any(told in problem.message for problem in problems), problems


@pytest.mark.parametrize("key", ["family", "severity", "message", "params"])
def test_a_check_needs_its_keys(key: str) -> None:
    rule = {name: value for name, value in CHECK.items() if name != key}
    assert any(f"lacks {key}" in problem.message for problem in check_rule(Located(rule, {})))


def test_a_placeholder_that_the_check_has_nothing_for_is_refused() -> None:
    told = [problem.message for problem in check_rule(Located({**CHECK, "message": "{source} says {nonsense}."}, {}))]
    (problem,) = [line for line in told if "example" not in line]
    assert "unknown placeholder {nonsense}" in problem
    assert "{reference_quote}" in problem


def test_every_message_of_every_check_is_known_word_by_word() -> None:
    for name in known_checks():
        assert "source" in words_of_check(name)
