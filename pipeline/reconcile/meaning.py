"""How near two words are in meaning, by the word embeddings of the language model: cardiac and heart, tumour and cancer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.language.weights import Weights

_LONGEST = 40
_KNOWN = 200_000


class Meanings:
    """Compares words. ``params`` are ``from`` and ``to``: the cosines that count as no and as full likeness, and ``most``, what words that
    differ can reach.

    Embeddings share a large common part, which is taken off before the cosine (https://arxiv.org/abs/1702.01417).
    """

    def __init__(self, weights: Weights, params: Mapping[str, Any]) -> None:
        self._weights = weights
        self._from = float(params.get("from", 0.35))
        self._to = float(params.get("to", 0.65))
        self._most = float(params.get("most", 0.8))
        self.near = lru_cache(maxsize=_KNOWN)(self._near)
        self._vector = lru_cache(maxsize=_KNOWN)(self._embed)

    @cached_property
    def _common(self) -> npt.NDArray[np.float64]:
        """[H] mean of all rows."""
        rows = self._weights.words
        total = np.zeros(rows.shape[1])
        for first in range(0, len(rows), 1024):
            total += self._weights.scales[first : first + 1024].astype(np.float64) @ rows[first : first + 1024]
        return total / len(rows)

    def _embed(self, word: str) -> npt.NDArray[np.float64]:
        """[H] the unit vector of a word: the mean of its pieces."""
        ids = self._weights.pieces([word[:_LONGEST]]).ids[1:-1]
        rows = self._weights.words[ids].astype(np.float64) * self._weights.scales[ids, None]
        vector: npt.NDArray[np.float64] = rows.mean(axis=0) - self._common
        return vector / max(float(np.linalg.norm(vector)), 1e-9)

    def _near(self, one: str, other: str) -> float:
        """0 to ``most``: how alike in meaning two words are."""
        cosine = float(self._vector(one) @ self._vector(other))
        # What is rounded here is the same on every machine, whatever order its sums are made in.
        return round(min(max((cosine - self._from) / (self._to - self._from), 0.0), 1.0) * self._most, 3)
