"""Whole stories in words of our own: what the checks on wording must say of them, and what not."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.rules.loader import load_rules
from pipeline.run.sources import read_sources

Source = dict[str, Any]

MICE: dict[str, Source] = {
    "abstract": {
        "kind": "primary",
        "publisher": "Annals of Gut Biology",
        "text": "Methods: We randomly assigned 48 male mice to a daily dose of Lactobacillus brevis K7 or saline for four weeks. "
        "Results: Treated mice spent 41% of the time in the open arms, compared with 22% in the saline group. "
        "Conclusions: L. brevis K7 reduced anxiety in mice. Whether these findings apply to humans is unknown.",
    },
    "fair": {
        "kind": "press",
        "publisher": "University of Marlow",
        "text": "A gut bacterium makes mice calmer, researchers at the University of Marlow report in the Annals of Gut Biology. "
        "The 48 mice were given Lactobacillus brevis K7 or salt water for four weeks.",
    },
    "bold": {
        "kind": "news",
        "publisher": "Daily Bell",
        "text": "Lactobacillus brevis K7 reduces anxiety, the University of Marlow reports in the Annals of Gut Biology. "
        "Dr Ana Petrov, who led the work, eats yoghurt every morning.",
    },
}
BOWEL: dict[str, Source] = {
    "abstract": {
        "kind": "primary",
        "publisher": "European Screening Journal",
        "published": "2022-10-01",
        "text": "Methods: In the BOWSTEP trial 84,500 people aged 55 to 64 in Norway were randomised to an invitation to a single "
        "colonoscopy or to usual care. Results: At 10 years, bowel cancer had been diagnosed in 0.98% of the invited group and "
        "1.20% of the usual-care group. Death from bowel cancer did not differ significantly (0.28% and 0.31%). "
        "Bleeding after polyp removal occurred in 15 participants.",
    },
    "careless": {
        "kind": "news",
        "publisher": "The Metro Courier",
        "published": "2022-10-02",
        "text": "Being invited to a colonoscopy cut the risk of bowel cancer by 18 per cent over ten years, the BOWSTEP trial of "
        "84,500 people in the European Screening Journal found. Everyone over 40 should book the test. It is painless and "
        "carries no risk.",
    },
    "fair": {
        "kind": "news",
        "publisher": "The Quiet Post",
        "published": "2022-10-02",
        "text": "An invitation to a colonoscopy lowered the risk of bowel cancer in the BOWSTEP trial of 84,500 people, printed in "
        "the European Screening Journal: 0.98 per cent of those invited and 1.20 per cent of the others were diagnosed. "
        "Deaths from bowel cancer were no different. A few people bled.",
    },
    "old": {
        "kind": "reference",
        "publisher": "Lakeside Library",
        "published": "2021-02-01",
        "text": "Colonoscopy may lower the risk of bowel cancer. A large Nordic trial called BOWSTEP has not yet reported; its "
        "results are expected in 2022.",
    },
}


@lru_cache(maxsize=1)
def _program() -> tuple[Any, Analyzer]:
    rules = load_rules(Path(__file__).parents[4] / "rules")
    return rules, Analyzer(rules)


@lru_cache(maxsize=4)
def _flags(story: str) -> set[tuple[str, str]]:
    """Each rule with the page that it is raised on."""
    rules, analyzer = _program()
    done = read_sources({"mice": MICE, "bowel": BOWEL}[story], rules, analyzer).done
    return {(flag.rule, flag.places[0].article_id) for flag in done.flags}


@pytest.mark.parametrize(
    ("story", "rule", "page"),
    [
        ("mice", "scope-widened", "bold"),
        ("bowel", "scope-widened", "careless"),
        ("bowel", "absolute-safety", "careless"),
        ("bowel", "omitted-null", "careless"),
        ("bowel", "superseded", "old"),
    ],
)
def test_a_careless_page_is_flagged(story: str, rule: str, page: str) -> None:
    assert (rule, page) in _flags(story)


@pytest.mark.parametrize(
    ("story", "page"), [("mice", "fair"), ("bowel", "fair"), ("mice", "abstract"), ("bowel", "abstract")]
)
def test_a_fair_page_is_left_alone(story: str, page: str) -> None:
    quiet = (
        "scope-widened",
        "absolute-safety",
        "absolute-efficacy",
        "omitted-null",
        "superseded",
        "dropped-hedge",
        "direction-conflict",
    )
    assert not {rule for rule, where in _flags(story) if where == page and rule in quiet}
