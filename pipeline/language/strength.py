"""How strong a sentence is and what it says of the evidence, by the strength add-on: a small encoder over the shared word embeddings.

It is a file of its own since the public data for it have licences of their own; the program runs without it, on rules alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import ModelError
from pipeline.language.decode import softmax, steady
from pipeline.language.gate import FILE as GATE
from pipeline.language.gate import Gate
from pipeline.language.meaning import MEANING
from pipeline.language.pieces import MARKS, windows
from pipeline.language.sessions import open_session
from pipeline.language.weights import CONFIG, Weights, sha256_of

FILE = "strength.onnx"
INPUTS = ("embedded", "shapes")
OUTPUT = "logits"
SIGNS_OUTPUT = "signs"
WAYS_OUTPUT = "ways"
MEANING_OUTPUT = "meaning"
TELLS_OUTPUT = "tells"
OUTPUTS = (OUTPUT, SIGNS_OUTPUT, WAYS_OUTPUT, MEANING_OUTPUT, TELLS_OUTPUT)
GUIDES = ("own", "pubmed", "eureka", "insciout")
"""The annotation guides, in the order of its rows (see ``docs/annotation.md``). The row of a guide whose data it was not trained on means
nothing."""
CLASSES = 4
"""none, correlational, conditional_causal, causal"""
SIGNS = (
    "works-for-all",
    "harmless",
    "cause",
    "link-only",
    "tentative",
    "settled",
    "null",
    "harm",
    "everyone",
    "limited",
    "awaited",
    "lasts",
    "fades",
    "denied",
)
"""What a sentence may say of the evidence, any number of them (see ``docs/annotation.md``)."""
WAYS = ("better", "worse", "same", "plain")
"""What a sentence that tells a result says of the studied thing: good for people, bad for them, no difference, or a level alone."""
MOST = 200
"""Word pieces of a sentence that it reads, the marks of begin and end among them."""

_MEND = "delete it, or install the program again"

Floats = npt.NDArray[np.float32]


class Judged(NamedTuple):
    """What the add-on says of one sentence."""

    strength: Floats
    """[4] probability of each strength, in the order none, correlational, conditional_causal, causal"""
    signs: Floats
    """[14] probability of each of :data:`SIGNS`, by itself"""
    ways: Floats
    """[4] probability of each of :data:`WAYS`, if the sentence tells a result"""
    meaning: Floats
    """[64] unit vector: near that of a sentence which tells the same result of the same study in other words"""
    tells: float
    """Probability that it tells a result; without one, ways and meaning say nothing."""


class StrengthModel:
    """The add-on, ready to run; :func:`load_strength` makes it."""

    def __init__(self, weights: Weights, path: Path, threads: int = 1, gate: Gate | None = None) -> None:
        self._weights = weights
        self._path, self._threads = path, threads
        self._gate = gate
        self._session = _session(path, threads)

    def glance(self, words: Sequence[str]) -> float:
        """The log-odds that a sentence of ``words`` bears any sign, without running the model; minus infinity where the gate is missing."""
        if self._gate is None or not words:
            return -math.inf
        return self._gate.score(self._weights.pieces(words).ids[1:-1])

    def judge(self, words: Sequence[str], guide: str = "own") -> Judged:
        """What is said of a sentence of these ``words``, at least one; of one too long for the encoder only the begin is read.

        Raises ValueError where there is no word.
        """
        if not words:
            raise ValueError("a sentence has at least one word")
        sizes = self._weights.pieces.sizes(words)
        ids, shapes, *_ = self._weights.pieces(words[: windows(words, sizes, MOST - MARKS)[0][1]])
        embedded = self._weights.words[ids].astype(np.float32)
        embedded *= self._weights.scales[ids, None]
        given = dict(zip(INPUTS, (embedded, shapes), strict=True))
        logits, signs, ways, meaning, tells = self._session.run(OUTPUTS, given)
        strength = softmax(logits[GUIDES.index(guide)])
        likely, told = (steady(1 / (1 + np.exp(-scores))) for scores in (signs, tells))
        return Judged(steady(strength), likely, steady(softmax(ways)), meaning, float(told[0]))

    def probabilities(self, words: Sequence[str], guide: str = "own") -> Floats:
        """[4] probability of each strength, see :meth:`judge`."""
        return self.judge(words, guide).strength

    def __reduce__(self) -> tuple[Any, ...]:
        # A session cannot travel to another process.
        return StrengthModel, (self._weights, self._path, self._threads, self._gate)


def load_strength(weights: Weights, threads: int = 1) -> StrengthModel | None:
    """The add-on that lies beside ``weights``, or None where there is none.

    Raises ModelError, one line, where it is damaged or not the file that ``config.json`` names.
    """
    path = weights.folder / FILE
    if not path.is_file():
        return None
    _check(weights, FILE)
    return StrengthModel(weights, path, threads, _gate(weights))


def _check(weights: Weights, name: str) -> None:
    if sha256_of(weights.folder, name) != weights.config.sha256.get(name):
        raise ModelError(f"{weights.folder / name}: the strength add-on is not the file that {CONFIG} names; {_MEND}")


def _gate(weights: Weights) -> Gate | None:
    """What stands before it; None where that file is missing, so that no sentence is read for its signs alone."""
    path = weights.folder / GATE
    if not path.is_file():
        return None
    _check(weights, GATE)
    try:
        return Gate(np.load(path, allow_pickle=False))
    except (ValueError, EOFError) as error:
        raise ModelError(f"{path}: the strength add-on cannot be loaded; {_MEND}") from error


def _session(path: Path, threads: int) -> Any:
    try:
        session = open_session(path, threads)
    except Exception as error:  # the library's own errors have no common class
        raise ModelError(f"{path}: the strength add-on cannot be loaded; {_MEND}") from error
    shapes = {entry.name: entry.shape for entry in session.get_outputs()}
    told = dict(zip(OUTPUTS, ([len(GUIDES), CLASSES], [len(SIGNS)], [len(WAYS)], [MEANING], [1]), strict=True))
    if {entry.name for entry in session.get_inputs()} != set(INPUTS) or shapes != told:
        raise ModelError(f"{path}: the strength add-on is of another version; {_MEND}")
    return session
