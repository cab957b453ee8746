"""The gold of the short cases that ``bench.cases`` scores holds together."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace as Made
from typing import Any

import pytest

from bench.cases import FOLDER, PARTS, cases_of, figures, is_raised, main
from pipeline.reconcile.checks import CHECKS
from pipeline.rules.loader import load_rules
from tests.support import ROOT

CASES = [(part, rule, case) for part in PARTS for rule, case in cases_of(part)]


def test_each_rule_has_cases_of_both_kinds() -> None:
    counts = Counter((part, rule, "raises" in case) for part, rule, case in CASES)
    rules = {part: {rule for other, rule, _ in CASES if other == part} for part in PARTS}
    assert (len(rules["read"]), len(rules["fresh"])) == (23, 22)
    assert rules["fresh"] < rules["read"]
    assert all(counts[part, rule, raised] >= 4 for part in PARTS for rule in rules[part] for raised in (True, False))


def test_the_cases_are_about_rules_that_there_are() -> None:
    known = {rule["id"] for rule in load_rules(ROOT / "rules").stage("check") if rule.get("check") in CHECKS}
    assert {rule for _, rule, _ in CASES} <= known


def test_every_quote_stands_in_its_source_and_silent_cases_have_none() -> None:
    for part, rule, case in CASES:
        assert ("raises" in case) != bool(case.get("silent")), (part, rule, case)
        if "raises" in case:
            text = " ".join(case["sources"][case["raises"]["source"] - 1]["text"].split())
            assert " ".join(case["raises"]["quote"].split()) in text, (part, rule, case["raises"]["quote"])


def _case(rule: str, source: int, quote: str) -> tuple[dict[str, Any], Any]:
    """A case of two sources, of which the program flags all of the second by ``rule``."""
    texts = ["Tea is tea.", "Tea is safe."]
    case = {"sources": [{"text": text} for text in texts], "raises": {"source": source, "quote": quote}}
    flag = Made(rule=rule, places=[Made(article_id="2", start=0, end=len(texts[1]), role="subject")])
    articles = {str(at): Made(text=text) for at, text in enumerate(texts, 1)}
    return case, Made(articles=articles, done=Made(flags=[flag]))


@pytest.mark.parametrize(
    ("rule", "source", "quote", "raised"),
    [
        ("absolute-safety", 2, "Tea is safe.", True),
        ("absolute-safety", 1, "Tea is tea.", False),
        ("superseded", 2, "Tea is safe.", False),
    ],
)
def test_a_case_is_raised_where_its_rule_speaks_of_its_sentence(
    rule: str, source: int, quote: str, raised: bool
) -> None:
    case, read = _case("absolute-safety", source, quote)
    assert is_raised(rule, case, read) == raised


def test_a_silent_case_is_broken_by_its_rule_anywhere() -> None:
    case, read = _case("absolute-safety", 2, "Tea is safe.")
    del case["raises"]
    assert is_raised("absolute-safety", case, read)
    assert not is_raised("superseded", case, read)


def test_figures_are_shares_of_what_is_asked() -> None:
    assert figures(Counter({"raises": 4, "right raises": 1, "silent": 2, "right silent": 2})) == {
        "raised": 0.25,
        "silent": 1.0,
    }
    assert figures(Counter()) == {"raised": None, "silent": None}


def test_fresh_cases_are_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["fresh", "--list"])
    assert "not to be read" in capsys.readouterr().err
    assert FOLDER.is_dir()
