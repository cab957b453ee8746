"""Processors and libraries differ in the last digits of the model's scores; what is extracted does not."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.claims.confidence import Confidence
from pipeline.language.models import OwnModel
from pipeline.rules.loader import load_rules
from tests.support import ROOT

NOISE = 1e-6


class Noisy:
    """An ``onnxruntime`` session whose scores are off by up to :data:`NOISE`."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._random = np.random.default_rng(20261122)

    def run(self, *arguments: Any) -> list[Any]:
        found = self._session.run(*arguments)
        return [scores + self._random.uniform(-NOISE, NOISE, scores.shape).astype(scores.dtype) for scores in found]


def test_noise_in_the_scores_changes_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    analyzer = Analyzer(load_rules(ROOT / "rules"))
    lines = (ROOT / "raw" / "daybook-wire.jsonl").read_text("utf-8").splitlines()
    texts = [(ROOT / "raw" / "ketamine" / "plainhealth-export.txt").read_text("utf-8")]
    texts += [str(json.loads(line).get("text") or "") for line in lines[:3]]
    before = [analyzer.analyze(text) for text in texts]
    assert sum(len(analysis.drafts) for analysis in before) >= 10
    language = analyzer.language
    assert isinstance(language, OwnModel)
    monkeypatch.setattr(language._encoder, "_session", Noisy(language._encoder._session))
    if language.strength is not None:
        monkeypatch.setattr(language.strength, "_session", Noisy(language.strength._session))
    assert [analyzer.analyze(text) for text in texts] == before


def test_a_share_between_two_steps_falls_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    confidence = Confidence(load_rules(ROOT / "rules"))
    evidence = type("Evidence", (), {"roles": {"arm": 1.0}})()
    linked: Any = [type("Linked", (), {"evidence": evidence})()]
    found = set()
    for noise in (-1e-9, 0.0, 1e-9):
        # A share of 0.515, were it not for the noise.
        monkeypatch.setattr(confidence, "_share", lambda score, noise=noise: 0.515 + noise)
        monkeypatch.setattr("pipeline.claims.confidence.score_of", lambda linked, roles: 0.0)
        found.add(confidence.of(linked, [1.0], 0.5))
    assert len(found) == 1
