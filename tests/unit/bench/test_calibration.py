"""Claims are judged by the annotated figures in them, and counted by their confidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.calibration import calibration, table

SCORER = Path(__file__).parents[4] / "shared" / "bench" / "score.py"
TEXT = "Naps were longer for 48% with tea and 11% with milk. Snoring was heard in 30% with tea."


def lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def figure(text: str, role: str, outcome: str) -> dict[str, Any]:
    start = TEXT.index(text)
    place = {"start": start, "end": start + len(text), "text": text, "type": "percent", "role": role}
    return {**place, "values": [float(text[:-1])], "outcomes": [outcome]}


def claim(name: str, confidence: float, outcome: str, *values: tuple[str, str]) -> dict[str, Any]:
    stated = [
        {"start": TEXT.index(text), "end": TEXT.index(text) + len(text), "value": float(text[:-1]), "role": role}
        for text, role in values
    ]
    said = {"claim_id": name, "article_id": "a", "quote": TEXT, "start": 0, "confidence": confidence}
    return {**said, "outcome": {"text": outcome}, "values": stated}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    if not SCORER.is_file():
        pytest.skip("the benchmarks lie beside the project only where it is measured")
    data, out = tmp_path / "data", tmp_path / "out"
    # "x-dev-0" of rctart is always in the check part.
    lines(data / "raw" / "articles.jsonl", [{"id": "rctart-dev-0", "text": TEXT}])
    numbers = [figure("48%", "arm", "longer naps"), figure("11%", "comparator", "longer naps")]
    lines(data / "gold.jsonl", [{"id": "rctart-dev-0", "numbers": [*numbers, figure("30%", "arm", "snoring")]}])
    lines(out / "articles.jsonl", [{"article_id": "a", "input_id": "rctart-dev-0", "text": TEXT}])
    return data, out


def test_a_claim_is_right_only_if_every_annotated_figure_in_it_is(folders: tuple[Path, Path]) -> None:
    data, out = folders
    right = ("48%", "arm"), ("11%", "comparator")
    told = [
        claim("both", 0.95, "Naps", *right),
        claim("turned", 0.91, "Naps", ("48%", "comparator"), ("11%", "comparator")),
        claim("outcome", 0.9, "tea", *right),
        claim("edge", 0.5, "Snoring", ("30%", "arm")),
    ]
    lines(out / "claims.jsonl", told)
    bands = calibration(SCORER, data, out, "check")
    assert bands["above 0.9"] == {"claims": 2, "confidence": 0.93, "values right": 0.5, "wholly right": 0.5}
    assert bands["0.8 to 0.9"] == {"claims": 1, "confidence": 0.9, "values right": 1.0, "wholly right": 0.0}
    assert bands["0.5 to 0.7"]["wholly right"] == 1.0
    assert bands["below 0.3"]["claims"] == 0


def test_claims_without_annotated_figures_and_other_parts_are_not_judged(folders: tuple[Path, Path]) -> None:
    data, out = folders
    lines(out / "claims.jsonl", [{**claim("none", 0.8, "Naps"), "values": []}, claim("c", 0.8, "Naps", ("48%", "arm"))])
    assert sum(band["claims"] for band in calibration(SCORER, data, out, "check").values()) == 1
    assert sum(band["claims"] for band in calibration(SCORER, data, out, "train").values()) == 0


def test_an_empty_band_shows_no_share() -> None:
    empty = {"claims": 0.0, "confidence": 0.0, "values right": 0.0, "wholly right": 0.0}
    full = {"claims": 4.0, "confidence": 0.75, "values right": 0.5, "wholly right": 0.25}
    assert table({"a": empty, "b": full})[2:] == ["| a | 0 |  |  |  |", "| b | 4 | 0.75 | 0.50 | 0.25 |"]
