"""How alike articles are by the words and numbers that they use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.reconcile.sources import Source
from pipeline.reconcile.words import Rarity, cosine

_MOST_ROWS = 512
"""So many articles are kept as rows at a time."""
_ROOM = 1.001
"""What single precision may be off by, and much more."""
Pair = tuple[int, int]


class Nearness:
    """Compares the articles of a corpus, by index. Articles as near as ``full`` are as near as those of one study, which is all that is
    asked of them."""

    def __init__(self, sources: Sequence[Source], rarity: Rarity, full: float) -> None:
        self._sources = sources
        self._rarity = rarity
        self._full = full
        self._vectors: dict[int, dict[str, float]] = {}
        self._places: dict[str, int] = {}
        """The column of each word that any article has."""
        self._packed: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]] = []
        """Of each article the columns of its words and what they weigh."""
        self._rows: dict[int, npt.NDArray[np.float32]] = {}
        """[words] Of articles that were asked for."""
        self._rough: dict[Pair, float] = {}
        self._exact: dict[Pair, float] = {}

    def of(self, one: int, other: int, most: float = 1.0) -> float:
        """0 to 1, 1 for an article with itself and for one that is as near as articles about one study are; at most ``most``, so that less
        has to be known of those that are nearer."""
        if one == other:
            return most
        pair = (one, other) if one < other else (other, one)
        found = self._exact.get(pair)
        if found is None:
            rough = self._rough.get(pair)
            if rough is None:
                rough = self._rough[pair] = self._roughly(*pair)
            if rough >= most * self._full * _ROOM:
                return most
            found = self._exact[pair] = self._exactly(*pair)
        return min(found, most)

    def _exactly(self, one: int, other: int) -> float:
        a, b = self._vector(one), self._vector(other)
        # Intersecting sets costs half of what intersecting the keys of the vectors does.
        shared = self._sources[one].stems & self._sources[other].stems if a and b else frozenset()
        return min(cosine(a, b, shared) / self._full, 1.0)

    def _roughly(self, one: int, other: int) -> float:
        """The cosine of two articles in single precision, a tenth as dear."""
        if not self._packed:
            self._pack()
        row = self._rows.get(one)
        if row is None:
            row = self._rows[one] = self._row(one)
        columns, weights = self._packed[other]
        return float(row[columns] @ weights)

    def _pack(self) -> None:
        for source in self._sources:
            vector = self._vector(source.index)
            columns = [self._places.setdefault(word, len(self._places)) for word in vector]
            self._packed.append((np.array(columns, np.int64), np.array(list(vector.values()), np.float32)))

    def _row(self, one: int) -> npt.NDArray[np.float32]:
        if len(self._rows) >= _MOST_ROWS:
            self._rows.clear()
        columns, weights = self._packed[one]
        row = np.zeros(len(self._places), np.float32)
        row[columns] = weights
        return row

    def _vector(self, index: int) -> dict[str, float]:
        found = self._vectors.get(index)
        if found is None:
            found = self._vectors[index] = self._rarity.vector(self._sources[index].counts)
        return found
