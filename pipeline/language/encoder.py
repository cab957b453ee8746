"""Runs the encoder on sentences, each by itself, so that its result depends on nothing but its words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.language.decode import ScoredSpan, heads_of, relations_of, softmax, spans_of, steady, whole_spans
from pipeline.language.pieces import MARKS, windows
from pipeline.language.sessions import load_runtime
from pipeline.language.weights import INPUTS, OUTPUTS, Config, Weights

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

LINKS = ("group", "outcome", "time")
"""What a figure is linked to, in the order of :attr:`Parse.links`."""
_ROOT = "root"
_LARGE = 160
"""Pieces of a sentence after which the memory that it took is given back."""


@dataclass(frozen=True)
class Parse:
    """All that the model says of one sentence of W words."""

    config: Config
    """The labels that the indices stand for."""
    tag_ids: Indices
    """[W] Penn Treebank tags"""
    heads: Indices
    """[W] index of each word's head, -1 at the root; always one tree"""
    relation_ids: Indices
    """[W] Universal Dependencies relation to the head; ``root`` at the root and nowhere else"""
    starts: Floats
    """[W] probability that a sentence begins at the word"""
    entity_spans: list[ScoredSpan]
    measured_spans: list[ScoredSpan]
    """In the scheme of RCT-ART."""
    roles: Floats
    """[W, roles] probability of each role of the figure that begins at the word; means nothing at other words"""
    links: Floats
    """[3, W, W + 1] for group, outcome and time: probability that the figure beginning at word i belongs to the mention that holds word
    j, in column j + 1; column 0: that the sentence names none"""

    @cached_property
    def tags(self) -> tuple[str, ...]:
        return tuple(self.config.tags[index] for index in self.tag_ids.tolist())

    @cached_property
    def relations(self) -> tuple[str, ...]:
        return tuple(self.config.relations[index] for index in self.relation_ids.tolist())

    @cached_property
    def entities(self) -> tuple[tuple[int, int, str, float], ...]:
        """``(start, end, label, score)`` in words, sorted by start; may overlap."""
        return tuple((s.start, s.end, self.config.entities[s.label], s.score) for s in self.entity_spans)

    @cached_property
    def measured(self) -> tuple[tuple[int, int, str, float], ...]:
        return tuple((s.start, s.end, self.config.measured[s.label], s.score) for s in self.measured_spans)


class SentenceEncoder:
    """One set of weights, ready to run. Built once per process; holds nothing of the sentences it has seen but their words' pieces."""

    def __init__(self, weights: Weights) -> None:
        self.config = weights.config
        self._weights = weights
        self._pieces, self._words, self._scales = weights.pieces, weights.words, weights.scales
        self._session = weights.session
        self._root = self.config.relations.index(_ROOT)
        self._shrinking = load_runtime().RunOptions()
        self._shrinking.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def run(self, words: Sequence[str]) -> Parse:
        """The parse of one sentence of at least one word that fits the encoder (see :meth:`windows`).

        Raises ValueError where it does not fit.
        """
        ids, *rest = self._pieces(words)
        if not words or len(ids) > self.config.max_pieces:
            raise ValueError(
                f"{len(words)} words are {len(ids)} pieces; from 1 word to {self.config.max_pieces} pieces fit"
            )
        embedded = self._words[ids].astype(np.float32)
        embedded *= self._scales[ids, None]
        tags, arcs, relations, starts, entities, measured, roles, links = self._session.run(
            OUTPUTS,
            dict(zip(INPUTS, (embedded, *rest), strict=True)),
            self._shrinking if len(ids) > _LARGE else None,
        )
        heads = heads_of(arcs)
        tag_ids = steady(tags).argmax(axis=1)
        named = [self.config.tags[index] for index in tag_ids.tolist()]
        return Parse(
            config=self.config,
            tag_ids=tag_ids,
            heads=heads,
            relation_ids=relations_of(relations, heads, self._root),
            starts=steady(1.0 / (1.0 + np.exp(-np.clip(starts, -80.0, 80.0)))),
            entity_spans=whole_spans(spans_of(entities), named, heads.tolist()),
            measured_spans=spans_of(measured),
            roles=steady(softmax(roles)),
            links=steady(softmax(links)),
        )

    def windows(self, words: Sequence[str], breaks: Sequence[Collection[str]] = ()) -> list[tuple[int, int]]:
        """The ranges of ``words`` that :meth:`run` takes one by one; one range where all fit.

        See :func:`pipeline.language.pieces.windows`.
        """
        return windows(words, self._pieces.sizes(words), self.config.max_pieces - MARKS, breaks)

    def __reduce__(self) -> tuple[Any, ...]:
        return SentenceEncoder, (self._weights,)
