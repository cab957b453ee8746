"""Sentences whose ways contradict each other by the language model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from pipeline.claims.analyze import Analyzer
from pipeline.language.meaning import MEANING, packed
from pipeline.model import Claim
from pipeline.reconcile.reconcile import reconcile
from pipeline.rules.ruleset import Ruleset
from pipeline.run.sources import read_sources

STUDY = (
    "In the HERON trial 412 adults with frozen shoulder were given splints or leaflets at Marlow Hospital, led by Moss and Fern. "
    "Splints were associated with stiffer elbows."
)
PAGE = (
    "The HERON trial of 412 adults with frozen shoulder at Marlow Hospital was led by Moss and Fern. "
    "Splints improved the elbows."
)
"""The last sentences are given meanings and ways by the tests."""


def axis(*weights: float) -> str:
    vector = np.zeros(MEANING)
    vector[: len(weights)] = weights
    return packed(vector / np.linalg.norm(vector))


def flagged(rules: Ruleset, analyzer: Analyzer, told: dict[str, Any], known: dict[str, Any]) -> list[str]:
    """The rules of flags where the claims of the last sentences have what is ``told`` by the page, and what is ``known`` by the study."""
    read = read_sources(
        {"study": {"kind": "primary", "text": STUDY}, "page": {"kind": "news", "text": PAGE}}, rules, analyzer
    )
    claims: dict[str, list[Claim]] = {}
    for name, given in (("study", known), ("page", told)):
        last = max(claim.start for claim in read.claims[name])
        plain = [replace(claim, way=None, meaning=None) for claim in read.claims[name]]
        claims[name] = [replace(claim, **given) if claim.start == last else claim for claim in plain]
        assert claims[name][-1].certainty == "asserted"
        assert not claims[name][-1].values
    done = reconcile(list(read.articles.values()), claims, {}, rules)
    return [flag.rule for flag in done.flags if "which way it goes" in flag.message]


@pytest.mark.parametrize(
    ("way", "known", "near", "raised"),
    [
        ("better", "worse", 1.0, True),
        ("better", "same", 1.0, True),
        ("worse", "better", 1.0, True),
        ("better", "better", 1.0, False),
        ("same", "better", 1.0, False),
        ("better", "worse", 0.3, False),
    ],
)
def test_the_nearest_sentence_of_the_study_tells(
    rules: Ruleset, analyzer: Analyzer, way: str, known: str, near: float, raised: bool
) -> None:
    told = {"way": way, "meaning": axis(1.0)}
    found = flagged(rules, analyzer, told, {"way": known, "meaning": axis(near, (1 - near**2) ** 0.5)})
    assert found == (["direction-conflict"] if raised else [])
