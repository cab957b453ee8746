"""Meanings as records keep them."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.language.meaning import MEANING, cosine, packed, unpacked


def unit(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=MEANING)
    return vector / np.linalg.norm(vector)


def test_a_record_keeps_cosines() -> None:
    one, other = unit(1), unit(2)
    record = packed(one)
    assert record.isascii()
    assert len(record) == 88
    assert cosine(unpacked(record), unpacked(record)) == 1.0
    assert cosine(unpacked(record), unpacked(packed(-one))) == -1.0
    assert cosine(unpacked(record), unpacked(packed(other))) == pytest.approx(float(one @ other), abs=0.01)


@pytest.mark.parametrize("damaged", ["", "no Base64!", "\ud800", packed(unit(1))[:40], packed(np.zeros(MEANING))])
def test_what_is_damaged_is_like_nothing(damaged: str) -> None:
    assert cosine(unpacked(damaged), unpacked(packed(unit(1)))) == 0.0
