"""What the program finds in the demonstration set, against the values that a careful reader found in it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.rules.loader import load_rules
from pipeline.run.extract import Settings, extract
from tests.support import ROOT, records

GOLD = Path(__file__).parent / "demo_values.jsonl"
LINES: list[dict[str, Any]] = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
RESULTS = [line for line in LINES if line.get("class") == "result"]

# Raised whenever more is found; lowered only with a reason in the change that does it.
VALUES_FOUND = 0.99
VALUES_RIGHT = 0.95
RESULTS_CLAIMED = 0.97

OTHER_STUDIES = (
    ("In that work 66 per cent of the ketamine patients", None),
    ("After a year 50% of those with three sessions", 53.0),
    ("In STEP 1 nausea was reported", None),
    ("A Russian team once compared", None),
    ("With about 24 people in each group", None),
    ("In the final two weeks, 48.2% of the ketamine group", 55.0),
    ("A first heart attack, stroke or cardiovascular death", 17604.0),
)
"""Sentences, by their beginning, with the size of the study that they tell of, where the text gives it."""

Found = dict[str, dict[str, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """By record file and path of the article."""
    out = tmp_path_factory.mktemp("demo") / "extracted"
    extract(Settings(raw=ROOT / "raw", out=out, workers=0), load_rules(ROOT / "rules"))
    paths = {article["article_id"]: article["path"] for article in records(out, "articles")}
    by_path: Found = {name: {path: [] for path in paths.values()} for name in ("quantities", "claims")}
    for name, lines in by_path.items():
        for record in records(out, name):
            lines[paths[record["article_id"]]].append(record)
    return by_path


def same_number(gold: dict[str, Any], value: dict[str, Any]) -> bool:
    pairs = [(gold.get(key), value[key]) for key in ("value", "low", "high")]
    return all(
        one is other if one is None or other is None else math.isclose(one, other, rel_tol=1e-3) for one, other in pairs
    )


def same_unit(gold: dict[str, Any], value: dict[str, Any]) -> bool:
    return gold.get("unit") is None or gold["unit"] == value["unit"]


def agrees(gold: dict[str, Any], quantity: dict[str, Any]) -> bool:
    return (
        same_unit(gold, quantity)
        and gold["qualifier"] == quantity["qualifier"]
        and gold.get("class") in (None, quantity["class"])
    )


def values_of(claims: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for claim in claims:
        yield from claim["values"]


def floor(gold: list[dict[str, Any]], missed: list[dict[str, Any]], least: float) -> None:
    share = 1 - len(missed) / len(gold)
    listed = "\n".join(f"{line['path']}: {line['text']!r} in {line['quote']!r}" for line in missed)
    assert share >= least, f"{share:.3f} is below {least}; missed:\n{listed}"


def test_values_are_found(found: Found) -> None:
    missed = [line for line in LINES if not any(same_number(line, q) for q in found["quantities"][line["path"]])]
    floor(LINES, missed, VALUES_FOUND)


def test_values_have_their_unit_qualifier_and_class(found: Found) -> None:
    missed = [
        line
        for line in LINES
        if not any(same_number(line, q) and agrees(line, q) for q in found["quantities"][line["path"]])
    ]
    floor(LINES, missed, VALUES_RIGHT)


def test_results_are_claimed(found: Found) -> None:
    missed = [
        line
        for line in RESULTS
        if not any(same_number(line, v) and same_unit(line, v) for v in values_of(found["claims"][line["path"]]))
    ]
    floor(RESULTS, missed, RESULTS_CLAIMED)


@pytest.mark.parametrize(("beginning", "size"), OTHER_STUDIES)
def test_no_study_lends_its_size_to_another(found: Found, beginning: str, size: float | None) -> None:
    claims = [claim for path in found["claims"].values() for claim in path if claim["quote"].startswith(beginning)]
    assert claims
    results = [claim for claim in claims if claim["measure"] != "sample_size"] or claims
    assert {claim["sample_size"] and claim["sample_size"]["value"] for claim in results} == {size}


def test_no_table_row_is_a_change_over_time(found: Found) -> None:
    rows = [claim for path in found["claims"].values() for claim in path if " | " in claim["quote"]]
    assert len(rows) > 10
    assert {value["role"] for value in values_of(rows)} <= {None, "arm", "comparator"}
    assert "change" not in {claim["kind"] for claim in rows}
