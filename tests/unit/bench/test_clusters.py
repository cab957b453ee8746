from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.clusters import Story, parts_of, score_story, shares

TEXTS = {"a": "Tea cut colds by 10 percent.", "b": "Colds fell by 10 percent with tea."}


def _story(joined: bool, confidence: str | None) -> Story:
    """Two sources with a claim each, and gold that puts them together."""
    finding: dict[str, Any] = {
        "label": "colds",
        "members": [{"source": source, "quote": text} for source, text in TEXTS.items()],
    }
    if confidence is not None:
        finding["confidence"] = confidence
    claims = {
        source: [SimpleNamespace(claim_id=source, article_id=source, start=0, end=len(text), quote=text)]
        for source, text in TEXTS.items()
    }
    ids = [["a", "b"]] if joined else [["a"], ["b"]]
    read: Any = SimpleNamespace(
        articles={source: SimpleNamespace(text=text) for source, text in TEXTS.items()},
        claims=claims,
        done=SimpleNamespace(
            findings=[SimpleNamespace(finding_id=f"f{n}", claim_ids=members) for n, members in enumerate(ids)], flags=[]
        ),
    )
    return Story({"findings": [finding]}, read)


@pytest.mark.parametrize(
    ("joined", "confidence", "found", "right"),
    [
        (True, None, 1.0, 1.0),
        (False, None, 0.0, None),
        (True, "medium", None, 1.0),
        (False, "medium", None, None),
    ],
)
def test_a_finding_of_medium_confidence_is_right_where_joined_and_not_missed_where_apart(
    joined: bool, confidence: str | None, found: float | None, right: float | None
) -> None:
    figures = shares(score_story(_story(joined, confidence)).counts)
    assert figures["pairs joined"] == found
    assert figures["joined pairs right"] == right


def test_even_stories_from_eighteen_are_kept_and_those_from_seventy_one_on_fresh(tmp_path: Path) -> None:
    for name in ("16-tea.yaml", "17-rest.yaml", "18-walks.yaml", "02-milk.yaml", "34-salt.yaml", "105-bread.yaml"):
        (tmp_path / name).touch()
    parts = {part: [path.name for path in paths] for part, paths in parts_of(tmp_path).items()}
    assert parts == {
        "read": ["02-milk.yaml", "16-tea.yaml", "17-rest.yaml", "34-salt.yaml"],
        "kept": ["18-walks.yaml"],
        "fresh": ["105-bread.yaml"],
    }
