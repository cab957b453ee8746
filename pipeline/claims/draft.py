"""A claim before it has ids."""

from __future__ import annotations

from pipeline.model import (
    Certainty,
    Claim,
    ClaimKind,
    Direction,
    Measure,
    Record,
    SampleSize,
    Slot,
    Strength,
    Study,
    Timepoint,
    Value,
)


class ClaimDraft(Record, frozen=True, kw_only=True):
    """A claim as assembled from one article; the fields are those of :class:`pipeline.model.Claim`.

    ``start`` and ``end`` are those of the whole sentence that ``quote`` holds.
    """

    quote: str
    start: int
    end: int
    kind: ClaimKind
    measure: Measure
    values: tuple[Value, ...]
    intervention: Slot | None = None
    comparator: Slot | None = None
    condition: Slot | None = None
    outcome: Slot | None = None
    population: Slot | None = None
    timepoint: Timepoint | None = None
    sample_size: SampleSize | None = None
    direction: Direction | None = None
    strength: Strength = "none"
    certainty: Certainty = "asserted"
    study: Study | None = None
    rule: str
    confidence: float

    def with_ids(self, article_id: str, claim_id: str, values_hash: str) -> Claim:
        """The finished claim."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return Claim(claim_id=claim_id, article_id=article_id, values_hash=values_hash, **fields)
