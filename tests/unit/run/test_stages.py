"""A change runs the stages that depend on it, and no others; what comes of it is what a run from nothing gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.clean.clean import Cleaner
from pipeline.config import Limits
from pipeline.model import RawDocument
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.run.extract import Settings, extract
from tests.support import ROOT, page, result_bytes

RULES = load_rules(ROOT / "rules")
FIRST = "After two weeks 48% of the nettle group slept well."
SECOND = "Headache was reported by 12.5 percent of the walkers."


class Folder:
    """A raw folder with results that are brought up to date."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.raw, self.out = place / "raw", place / "out"
        self.raw.mkdir()
        self._fresh = 0

    def write(self, name: str, text: str) -> None:
        (self.raw / name).write_text(text, "utf-8")

    def run(self, rules: Ruleset = RULES) -> tuple[int, int, int]:
        """How many articles were cleaned, analysed and left as they were; the results must be those of a run from nothing."""
        summary = extract(Settings(raw=self.raw, out=self.out, workers=0), rules)
        self._fresh += 1
        fresh = self._place / f"fresh{self._fresh}"
        extract(Settings(raw=self.raw, out=fresh, workers=0), rules)
        assert result_bytes(self.out) == result_bytes(fresh)
        told = json.loads((self.out / "run.json").read_bytes())
        assert told["done"] == summary.done
        return summary.done["cleaned"], summary.done["analysed"], summary.unchanged


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    found = Folder(tmp_path)
    found.write("a.html", page(FIRST))
    found.write("b.html", page(SECOND, title="Walking and the head"))
    assert found.run() == (2, 2, 0)
    assert found.run() == (0, 0, 2)
    return found


def changed(rule_id: str, **keys: Any) -> Ruleset:
    return Ruleset({**RULES.rules, rule_id: {**RULES.rules[rule_id], **keys}}, RULES.topics, "0" * 64)


def more(rule_id: str, entry: str) -> Ruleset:
    return changed(rule_id, entries=[*RULES.rules[rule_id]["entries"], entry])


def test_a_rule_for_finding_claims_cleans_nothing_anew(folder: Folder) -> None:
    assert folder.run(changed("class-default-share", priority=11)) == (0, 2, 0)


def test_a_rule_for_cleaning_analyses_only_texts_that_it_changed(folder: Folder) -> None:
    assert folder.run(more("furniture-items", "nobody wrote this line")) == (2, 0, 0)
    assert folder.run(more("html-junk-lines", SECOND)) == (2, 1, 0)


@pytest.mark.parametrize(
    "rules",
    [
        changed("value-mismatch", severity="note"),
        changed("value-mismatch", message="Others say {other}."),
        changed("class-default-share", why="For another reason."),
    ],
)
def test_a_check_a_message_or_a_reason_runs_nothing(folder: Folder, rules: Ruleset) -> None:
    assert folder.run(rules) == (0, 0, 2)


def test_a_page_that_changed_beside_its_article_is_cleaned_and_not_analysed(folder: Folder) -> None:
    folder.write("a.html", page(FIRST).replace(">Home<", ">Front page<"))
    assert folder.run() == (1, 0, 1)
    assert folder.run() == (0, 0, 2)


def test_an_article_that_changed_is_cleaned_and_analysed(folder: Folder) -> None:
    folder.write("a.html", page(FIRST.replace("48", "52")))
    assert folder.run() == (1, 1, 1)


def test_what_is_known_of_an_article_may_change_without_an_analysis(folder: Folder) -> None:
    folder.write("a.html.meta.json", json.dumps({"id": "nettle-1", "publisher": "The Herb", "kind": "news"}))
    assert folder.run() == (1, 0, 1)
    assert b'"article_id":"nettle-1"' in (folder.out / "claims.jsonl").read_bytes()


def test_an_id_that_another_article_takes_is_changed_without_an_analysis(folder: Folder) -> None:
    for name in ("a", "b"):
        folder.write(f"{name}.html.meta.json", json.dumps({"id": "one"}))
    assert folder.run() == (2, 0, 0)
    # Now the second bears the id of the first.
    (folder.raw / "a.html").unlink()
    (folder.raw / "a.html.meta.json").unlink()
    assert folder.run() == (0, 0, 1)


def test_articles_of_an_archive_are_told_apart(folder: Folder) -> None:
    lines = [json.dumps({"id": str(number), "text": f"{FIRST} So said number {number}."}) for number in range(3)]
    folder.write("c.jsonl", "\n".join(lines))
    assert folder.run() == (3, 3, 2)
    folder.write("c.jsonl", "\n".join([*lines[:2], lines[2].replace("48", "49")]))
    assert folder.run() == (1, 1, 4)
    assert folder.run(changed("class-default-share", priority=11)) == (0, 5, 0)


def test_other_limits_clean_anew_and_analyse_nothing(folder: Folder) -> None:
    settings = Settings(raw=folder.raw, out=folder.out, workers=0, limits=Limits(text_chars=1_000_000))
    assert extract(settings, RULES).done == {"cleaned": 2, "analysed": 0, "sentences": 0, "claims": 0}


def test_cleaning_asks_for_its_own_rules_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()

    def noting(read: Callable[[Ruleset, str], Any]) -> Callable[[Ruleset, str], Any]:
        def run(rules: Ruleset, rule_id: str) -> Any:
            asked.add(rule_id)
            return read(rules, rule_id)

        return run

    for name in ("lexicon", "phrases", "params"):
        monkeypatch.setattr(Ruleset, name, noting(getattr(Ruleset, name)))
    document = RawDocument(path="a", media="html", content=page(FIRST), sha256="0" * 64)
    Cleaner(Ruleset(RULES.rules, RULES.topics)).clean(document, Limits())
    assert asked
    assert asked <= RULES.cleaning.rules.keys()


def test_no_stage_is_given_rules_of_another() -> None:
    assert {rule["stage"] for rule in RULES.cleaning.rules.values()} == {"clean"}
    assert not RULES.cleaning.topics
    analysing = {rule_id for rule_id, rule in RULES.analysing.rules.items() if rule["stage"] in ("clean", "check")}
    assert analysing == {"mark-names"}
    assert not any("examples" in rule or "why" in rule for rule in RULES.analysing.rules.values())
