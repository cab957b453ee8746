"""What a training run is made of: label sets, sizes of the heads, schedule."""

from __future__ import annotations

from pipeline.model import Record


class Labels(Record, frozen=True, kw_only=True):
    """The label sets of the heads, in the order of their scores."""

    tags: tuple[str, ...]
    relations: tuple[str, ...]
    entities: tuple[str, ...]
    measured: tuple[str, ...]
    roles: tuple[str, ...]


class Sizes(Record, frozen=True, kw_only=True):
    """Widths of the heads, and what is dropped in training."""

    arcs: int = 256
    relations: int = 96
    links: int = 128
    hidden: int = 256
    dropout: float = 0.15
    pair_dropout: float = 0.25


class Schedule(Record, frozen=True, kw_only=True):
    """One stage of training."""

    name: str
    steps: int
    pieces: int = 2048
    """Word pieces per batch, padding counted."""
    encoder_rate: float = 2e-4
    head_rate: float = 1e-3
    warmup: float = 0.06
    """Part of the steps."""
    final: float = 0.01
    """The rate at the end, as a part of the highest."""
    masked: float = 0.0
    """Part of the word pieces that are hidden, so that few sentences are not learnt by heart."""
    weight_decay: float = 0.01
    shares: tuple[tuple[str, float], ...]
    """How much of the batches each set fills."""
    seed: int = 20261122
