"""The score of studies told in several articles."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from bench.tellings import score
from pipeline.language.meaning import MEANING
from pipeline.language.strength import WAYS, StrengthModel
from pipeline.train.strength_data import Graded, Study

TOLD = (
    ("abstract", "sleep", "better"),
    ("abstract", "pain", "same"),
    ("news", "sleep", "better"),
    ("news", "pain", "worse"),
    ("news", None, None),
)
STUDY = Study(
    id="s",
    sentences=tuple(
        Graded(
            id=str(at),
            words=(f"{result}-{way}",),
            strength=None,
            guide=0,
            way=None if way is None else WAYS.index(way),
        )
        for at, (_, result, way) in enumerate(TOLD)
    ),
    articles=tuple(kind for kind, _, _ in TOLD),
    results=tuple(result for _, result, _ in TOLD),
)


class Model:
    """Sees what the words say, but takes what is told of ``mixed_up`` for ``as_if``."""

    def __init__(self, mixed_up: str = "", as_if: str = "") -> None:
        self._mixed_up, self._as_if = mixed_up, as_if

    def judge(self, words: tuple[str, ...]) -> Any:
        told = words[0] if words[0] != self._mixed_up else self._as_if
        result, _, way = told.partition("-")
        axis = ("sleep", "pain", "None").index(result)
        return SimpleNamespace(
            ways=np.eye(len(WAYS))[WAYS.index(way) if way in WAYS else -1], meaning=np.eye(MEANING)[axis]
        )


def test_all_is_right() -> None:
    found = score(cast(StrengthModel, Model()), [STUDY])
    assert found == {"nearest": 1.0, "average_precision": 1.0, "ways": 1.0}


def test_a_sentence_that_is_taken_for_another_costs() -> None:
    found = score(cast(StrengthModel, Model("pain-worse", "sleep-better")), [STUDY])
    # Of pairs that are as near, those of two results come first.
    assert found == {"nearest": 0.5, "average_precision": 0.5, "ways": 0.75}
