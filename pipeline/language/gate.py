"""Which sentences the strength add-on is asked of for their signs: a glance at the word pieces, since the add-on itself costs far more.

A logistic regression over which pieces a sentence has, and which of them stand beside each other; the pairs share a table by a hash.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FILE = "strength_gate.npy"
PAIRS = 1 << 16
"""How many weights the pairs share."""
_FACTORS = (31337, 7919)


def columns(ids: npt.NDArray[np.int64], pieces: int) -> npt.NDArray[np.int64]:
    """The columns that a sentence fills; ``ids`` are its word pieces without the marks of begin and end, ``pieces`` how many there are."""
    pairs = (ids[:-1] * _FACTORS[0] + ids[1:] * _FACTORS[1]) % PAIRS
    return np.unique(np.concatenate([ids, pieces + pairs]))


class Gate:
    """The weights, ready to ask: [pieces + PAIRS + 1], the bias last. They are half floats, so that their sum is exact in any order."""

    def __init__(self, weights: npt.NDArray[np.float16]) -> None:
        self._pieces = len(weights) - PAIRS - 1
        if self._pieces < 1:
            raise ValueError("too few weights")
        self._weights = weights

    def score(self, ids: npt.NDArray[np.int64]) -> float:
        """The log-odds that a sentence bears a sign; ``ids`` as for :func:`columns`."""
        filled = self._weights[columns(ids, self._pieces)]
        return float(filled.astype(np.float64).sum() + float(self._weights[-1]))
