"""The gold of the faithful stories holds together, and the score counts what is raised on them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bench import faithful
from bench.clusters import RULES, read_story
from pipeline.claims.analyze import Analyzer
from pipeline.rules.loader import load_rules

STORIES = sorted(faithful.FOLDER.glob("*.yaml"))


def test_each_story_is_of_one_part() -> None:
    parts = [path for part in faithful.PARTS for path in faithful.stories_of(part)]
    assert sorted(parts) == STORIES
    assert len(STORIES) == 88


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_sources_and_gold_are_whole(path: Path) -> None:
    gold = yaml.safe_load(path.read_text("utf-8"))
    texts = {str(source["id"]): " ".join(source["text"].split()) for source in gold["sources"]}
    assert len(texts) >= 3
    assert gold["sources"][0]["kind"] == "primary"
    for flag in gold["flags"]:
        assert texts[str(flag["source"])].count(" ".join(flag["quote"].split())) == 1


def test_what_is_raised_counts_unless_it_is_in_the_gold(tmp_path: Path) -> None:
    primary = "In a trial with 55 runners, 48.2% of the arnica group and 10.7% of the placebo group were free of bruises after two weeks."
    clinic = "In a trial with 55 runners, 48% of the arnica group were free of bruises after two weeks."
    sources = [
        {"id": "a", "kind": "primary", "publisher": "Bruise Letters", "text": primary},
        {"id": "b", "kind": "clinic", "publisher": "Balm House", "text": clinic},
    ]
    rules = load_rules(RULES)
    flag = {"rule": "dropped-comparator", "source": "b", "quote": clinic, "confidence": "medium"}
    found = []
    for flags in ([], [flag]):
        path = tmp_path / "01-bruises.yaml"
        path.write_text(yaml.safe_dump({"sources": sources, "findings": [], "flags": flags}), encoding="utf-8")
        found.append([f.rule for f in faithful.wrong_flags(read_story(path, rules, Analyzer(rules)))])
    assert "dropped-comparator" in found[0]
    assert found[1] == [rule for rule in found[0] if rule != "dropped-comparator"]
