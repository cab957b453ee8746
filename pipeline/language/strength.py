"""How strong a sentence is, by the strength add-on: a small encoder of its own over the shared word embeddings.

It is a file of its own since the public data for it have licences of their own; the program runs without it, on rules alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.errors import ModelError
from pipeline.language.decode import steady
from pipeline.language.pieces import MARKS, windows
from pipeline.language.sessions import open_session
from pipeline.language.weights import CONFIG, Weights, sha256_of

FILE = "strength.onnx"
INPUTS = ("embedded", "shapes")
OUTPUT = "logits"
GUIDES = ("own", "pubmed", "eureka", "insciout")
"""The annotation guides, in the order of its rows (see ``docs/annotation.md``). The row of a guide whose data it was not trained on means
nothing."""
CLASSES = 4
"""none, correlational, conditional_causal, causal"""
MOST = 200
"""Word pieces of a sentence that it reads, the marks of begin and end among them."""

_MEND = "delete it, or install the program again"

Floats = npt.NDArray[np.float32]


class StrengthModel:
    """The add-on, ready to run; :func:`load_strength` makes it."""

    def __init__(self, weights: Weights, path: Path, threads: int = 1) -> None:
        self._weights = weights
        self._path, self._threads = path, threads
        self._session = _session(path, threads)

    def probabilities(self, words: Sequence[str], guide: str = "own") -> Floats:
        """[4] probability of each strength, in the order none, correlational, conditional_causal, causal.

        ``words`` are those of one sentence, at least one; of one too long for the encoder only the begin is read. Raises ValueError
        where there is no word.
        """
        if not words:
            raise ValueError("a sentence has at least one word")
        sizes = self._weights.pieces.sizes(words)
        ids, shapes, *_ = self._weights.pieces(words[: windows(words, sizes, MOST - MARKS)[0][1]])
        embedded = self._weights.words[ids].astype(np.float32)
        embedded *= self._weights.scales[ids, None]
        (logits,) = self._session.run((OUTPUT,), dict(zip(INPUTS, (embedded, shapes), strict=True)))
        row: Floats = logits[GUIDES.index(guide)]
        raised = np.exp(row - row.max())
        probabilities: Floats = steady(raised / raised.sum())
        return probabilities

    def __reduce__(self) -> tuple[Any, ...]:
        return StrengthModel, (self._weights, self._path, self._threads)  # a session cannot travel to another process


def load_strength(weights: Weights, threads: int = 1) -> StrengthModel | None:
    """The add-on that lies beside ``weights``, or None where there is none.

    Raises ModelError, one line, where it is damaged or not the file that ``config.json`` names.
    """
    path = weights.folder / FILE
    if not path.is_file():
        return None
    if sha256_of(weights.folder, FILE) != weights.config.sha256.get(FILE):
        raise ModelError(f"{path}: the strength add-on is not the file that {CONFIG} names; {_MEND}")
    return StrengthModel(weights, path, threads)


def _session(path: Path, threads: int) -> Any:
    try:
        session = open_session(path, threads)
    except Exception as error:  # the library's own errors have no common class
        raise ModelError(f"{path}: the strength add-on cannot be loaded; {_MEND}") from error
    shapes = {entry.name: entry.shape for entry in session.get_outputs()}
    if {entry.name for entry in session.get_inputs()} != set(INPUTS) or shapes.get(OUTPUT) != [len(GUIDES), CLASSES]:
        raise ModelError(f"{path}: the strength add-on is of another version; {_MEND}")
    return session
