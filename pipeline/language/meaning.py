"""Meanings of sentences as records keep them: 64 signed bytes in Base64, and back.

A cosine of two is that of the vectors they were made of to within 0.01.
"""

from __future__ import annotations

import binascii
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

MEANING = 64
"""Numbers of a meaning."""
_STEPS = 200
"""A byte is so many times the coordinate of a unit vector; hardly any coordinate is greater than 127 / 200."""
_KNOWN = 50_000


def packed(meaning: npt.ArrayLike) -> str:
    """The record of a unit vector [64]."""
    steps = np.clip(np.rint(np.asarray(meaning) * _STEPS), -127, 127).astype(np.int8)
    return binascii.b2a_base64(steps.tobytes(), newline=False).decode("ascii")


@lru_cache(maxsize=_KNOWN)
def unpacked(record: str) -> Floats:
    """[64] the unit vector of a record; all zeros, which is like nothing, where it is damaged."""
    try:
        steps = np.frombuffer(binascii.a2b_base64(record.encode("ascii"), strict_mode=True), np.int8).astype(np.float32)
    except ValueError:
        steps = np.zeros(0, np.float32)
    if len(steps) != MEANING:
        return np.zeros(MEANING, np.float32)
    unit: Floats = steps / max(float(np.linalg.norm(steps)), 1e-9)
    return unit


def cosine(one: Floats, other: Floats) -> float:
    """How near two meanings are, -1 to 1, with so many decimals as are the same on every machine."""
    return round(float(one @ other), 3)
