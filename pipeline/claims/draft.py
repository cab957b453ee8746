"""A claim before it has ids."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.claims.ids import claim_ids, values_hash
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
    Way,
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
    way: Way | None = None
    meaning: str | None = None
    rule: str
    confidence: float

    @property
    def tells_nothing(self) -> bool:
        """Whether it is a share in words ("half a bottle of wine") of which neither whose nor of what is known: a manner of speaking."""
        if len(self.values) != 1 or self.measure != "proportion" or self.outcome is not None:
            return False
        value = self.values[0]
        return value.group is None and value.role is None and not any(letter.isdigit() for letter in value.text)

    def with_ids(self, article_id: str, claim_id: str, values_hash: str) -> Claim:
        """The finished claim."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return Claim(claim_id=claim_id, article_id=article_id, values_hash=values_hash, **fields)


def identified(article_id: str, drafts: Iterable[ClaimDraft]) -> list[Claim]:
    """The claims of one article in text order, with their ids; ``drafts`` are all that it has."""
    ordered = sorted(drafts, key=lambda draft: (draft.start, draft.end))
    ids = claim_ids(article_id, [(draft.start, draft.quote) for draft in ordered])
    return [
        draft.with_ids(article_id, claim_id, values_hash((v.value, v.low, v.high) for v in draft.values))
        for draft, claim_id in zip(ordered, ids, strict=True)
    ]
