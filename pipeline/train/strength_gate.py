"""Trains the gate before the strength add-on: which sentences, at a glance, may bear a sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from pipeline.language.gate import FILE, PAIRS, columns
from pipeline.language.pieces import Pieces
from pipeline.language.strength import SIGNS
from pipeline.train.hashes import name_hashes
from pipeline.train.logistic import fit_logistic
from pipeline.train.strength_data import Graded

_SPREAD = 0.3
"""The variance that a weight is taken to have before anything is seen; found by what of real articles gets through (docs/training.md)."""
_STEPS = 60


def fit_gate(items: Sequence[Graded], pieces: Callable[[Sequence[str]], Pieces], vocabulary: int) -> np.ndarray:
    """[vocabulary + PAIRS + 1] half floats: a logistic regression, ridge, on whether a sentence bears any sign but ``denied``."""
    denied = SIGNS.index("denied")
    rows, filled, target = [], [], []
    for row, item in enumerate(items):
        found = columns(pieces(item.words).ids[1:-1], vocabulary)
        rows += [row] * len(found)
        filled += found.tolist()
        target.append(float(any(sign != denied for sign in item.signs or ())))
    shape = (len(items), vocabulary + PAIRS)
    places, ones = torch.tensor([rows, filled]), torch.ones(len(rows))
    table = torch.sparse_coo_tensor(places, ones, shape, check_invariants=False).coalesce()
    weights = fit_logistic(
        lambda w: torch.sparse.mm(table, w[:, None]).squeeze(1), shape[1], torch.tensor(target), _SPREAD, _STEPS
    )
    halves: np.ndarray = weights.numpy().astype(np.float16)
    return halves


def write_gate(weights: np.ndarray, folder: Path) -> None:
    """Writes the file, and its hash into the ``config.json`` beside it, if there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / FILE, weights)
    name_hashes(folder)
