"""Examples as arrays of indices, and in which batches they come."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.language.encoder import LINKS
from pipeline.language.pieces import Pieces
from pipeline.train.annotations import ROLES
from pipeline.train.examples import Example, Figure
from pipeline.train.settings import Labels

PADDED_TO = 8
"""Lengths are rounded up to multiples of this, since every new shape of a matrix costs the library time to prepare for it."""
IGNORED = -100
"""The target where nobody annotated anything; torch's cross-entropy skips it."""


class Item(NamedTuple):
    """One example, encoded; W words of P pieces."""

    ids: np.ndarray
    """[P] word pieces"""
    shapes: np.ndarray
    """[P]"""
    first: np.ndarray
    """[W] index into the pieces"""
    last: np.ndarray
    tags: np.ndarray
    """[W]"""
    heads: np.ndarray
    """[W] column of the head: 0 root, j + 1 word j"""
    relations: np.ndarray
    starts: np.ndarray
    """[W] 0, 1 or ignored"""
    entities: np.ndarray
    """[W, labels] 0 outside, 1 begin, 2 inside"""
    measured: np.ndarray
    roles: np.ndarray
    links: np.ndarray
    """[3, W, W + 1] true at every right column; a row without any teaches nothing"""


Round = Callable[[int], Sequence[Item]]
"""The items of one round through a set; the argument is the round's number."""


class ItemMaker:
    """Encodes examples with one set of labels; ``pieces`` is what the program itself uses at run time."""

    def __init__(self, pieces: Callable[[Sequence[str]], Pieces], labels: Labels) -> None:
        self._pieces = pieces
        self._tags = {label: index for index, label in enumerate(labels.tags)}
        self._relations = {label: index for index, label in enumerate(labels.relations)}
        self._entities = {label: index for index, label in enumerate(labels.entities)}
        self._measured = {label: index for index, label in enumerate(labels.measured)}

    def make(self, example: Example, figure_like: Sequence[bool] | None = None) -> Item:
        """``figure_like`` tells which words print a number: where figures are annotated, those without a role have the role none."""
        words = len(example.words)
        pieces = self._pieces(example.words)
        blank = np.full(words, IGNORED, np.int64)
        heads = blank if example.heads is None else np.array(example.heads, np.int64) + 1
        entities = np.full((words, len(self._entities)), IGNORED, np.int64)
        if example.entities is not None:
            entities = _sequences(words, self._entities, [(s.start, s.end, s.label) for s in example.entities])
            for label, column in self._entities.items():
                if example.labelled is not None and label not in example.labelled:
                    entities[:, column] = IGNORED
        measured = np.full((words, len(self._measured)), IGNORED, np.int64)
        if example.measured is not None:
            measured = _sequences(words, self._measured, [(s.start, s.end, s.label) for s in example.measured])
        roles, links = self._figures(words, example.figures, figure_like)
        starts = np.zeros(words, np.int64)
        starts[0] = 1
        return Item(
            ids=pieces.ids,
            shapes=pieces.shapes,
            first=pieces.first,
            last=pieces.last,
            tags=blank if example.tags is None else _known(example.tags, self._tags),
            heads=heads,
            relations=blank if example.relations is None else _known(example.relations, self._relations),
            starts=starts,
            entities=entities,
            measured=measured,
            roles=roles,
            links=links,
        )

    def join(self, examples: Sequence[Example]) -> Item:
        """Several sentences as one: a lesson in sentence starts alone."""
        joined = self.make(
            Example(
                id=examples[0].id,
                words=tuple(word for example in examples for word in example.words),
                spaces=tuple(space for example in examples for space in example.spaces),
            )
        )
        at = 0
        for example in examples:
            joined.starts[at] = 1
            at += len(example.words)
        return joined

    @staticmethod
    def _figures(
        words: int, figures: Sequence[Figure] | None, figure_like: Sequence[bool] | None
    ) -> tuple[np.ndarray, np.ndarray]:
        roles = np.full(words, IGNORED, np.int64)
        links = np.zeros((len(LINKS), words, words + 1), bool)
        if figures is None:
            return roles, links
        if figure_like is not None:
            for index in np.flatnonzero(np.array(figure_like, bool)):
                roles[index] = ROLES.index("none")
                links[:, index, 0] = True
        for figure in figures:
            roles[figure.start : figure.end] = IGNORED
            links[:, figure.start : figure.end] = False
            roles[figure.start] = ROLES.index(figure.role)
            for kind, name in enumerate(LINKS):
                ranges = getattr(figure, name)
                if not ranges:
                    links[kind, figure.start, 0] = True
                for start, end in ranges:
                    links[kind, figure.start, start + 1 : end + 1] = True
        return roles, links


def _known(values: Sequence[str], known: dict[str, int]) -> np.ndarray:
    return np.array([known.get(value, IGNORED) for value in values], np.int64)


def _sequences(words: int, labels: dict[str, int], spans: Sequence[tuple[int, int, str]]) -> np.ndarray:
    found = np.zeros((words, len(labels)), np.int64)
    # The outer before the inner: of two spans of one label that stand inside each other the outer is kept.
    for start, end, label in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        column = found[:, labels[label]] if label in labels else None
        if column is not None and not column[start:end].any():
            column[start] = 1
            column[start + 1 : end] = 2
    return found


def batches(lengths: Sequence[int], limit: int, seed: int) -> Iterator[list[int]]:
    """Indices of items for batches of at most ``limit`` pieces with padding: neighbours in length, in random order; one round."""
    rng = random.Random(seed)
    order = sorted(range(len(lengths)), key=lambda index: (lengths[index] + rng.uniform(0, 4), index))
    groups: list[list[int]] = [[]]
    for index in order:
        if groups[-1] and (len(groups[-1]) + 1) * padded(lengths[index]) > limit:
            groups.append([])
        groups[-1].append(index)
    rng.shuffle(groups)
    yield from groups


def padded(length: int) -> int:
    """``length`` rounded up to what it is padded to."""
    return -(-length // PADDED_TO) * PADDED_TO


def hash_of(*parts: object) -> int:
    """A number that depends on ``parts`` alone."""
    return random.Random("|".join(map(str, parts))).getrandbits(32)
