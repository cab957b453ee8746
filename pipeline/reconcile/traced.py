"""As much of articles, claims and statements as traces are taken of, see :mod:`pipeline.reconcile.traces`."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model import Measure, Record, SampleSize, Slot, Study, Value
from pipeline.reconcile.concepts import Concept
from pipeline.reconcile.rounding import Measured
from pipeline.reconcile.words import Stems


class TracedClaim(Record, frozen=True, kw_only=True):
    """As much of a claim as traces are taken of."""

    measure: Measure
    values: tuple[Value, ...]
    intervention: Slot | None = None
    outcome: Slot | None = None
    sample_size: SampleSize | None = None
    study: Study | None = None


class TracedSign(Record, frozen=True, kw_only=True):
    """The name of a sign."""

    sign: str


class TracedStatement(Record, frozen=True, kw_only=True):
    """As much of a statement as traces are taken of."""

    signs: tuple[TracedSign, ...]


@dataclass(frozen=True, slots=True)
class TracedTold:
    """One claim with figures of an outcome."""

    claim: TracedClaim
    intervention: Concept
    outcome: Concept
    measured: tuple[Measured | None, ...]


@dataclass(frozen=True, slots=True)
class TracedSource:
    """One article as traces are taken of it; see :class:`pipeline.reconcile.sources.Source`."""

    index: int
    text: str
    rank: int
    told: tuple[TracedTold, ...]
    signs: frozenset[str]
    numbers: list[str]
    specifics: Stems
    main: Concept
