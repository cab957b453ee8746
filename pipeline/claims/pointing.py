"""Statements without a figure that point back: "That gap may be chance", "It worked no better", "The benefit faded".

Such a sentence leaves its outcome to what was told last. It takes that outcome only where the nearest sentence with claims tells one and
no other, so that nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from pipeline.claims.cues import shown
from pipeline.claims.draft import ClaimDraft
from pipeline.claims.reading import Sentence
from pipeline.model import Slot

_POINTS = "points"
"""What the cues show by which a statement is known to point back."""
_REACH = 2
"""How many sentences back what is taken may stand."""


class _Told(NamedTuple):
    sentence: int
    draft: ClaimDraft


class Pointing:
    """The outcomes that one article has told last; ``is_bare`` says of an outcome whether its words only point to another."""

    def __init__(self, is_bare: Callable[[Slot], bool]) -> None:
        self._is_bare = is_bare
        self._told: list[_Told] = []

    def resolved(self, sentence: Sentence, draft: ClaimDraft, at: int) -> ClaimDraft:
        """``draft``, a claim of the sentence with number ``at``, with the outcome that it points back to, if it does and there is one."""
        if draft.kind != "assertion" or (draft.outcome is not None and not self._is_bare(draft.outcome)):
            return draft
        if not shown(sentence.cues, _POINTS):
            return draft
        anchor = self._anchor(at)
        if anchor is None:
            return draft
        return msgspec.structs.replace(
            draft,
            outcome=anchor.outcome,
            intervention=draft.intervention if draft.intervention is not None else anchor.intervention,
            comparator=draft.comparator
            if draft.comparator is not None or draft.direction != "equal" or draft.intervention == anchor.comparator
            else anchor.comparator,
            condition=draft.condition if draft.condition is not None else anchor.condition,
        )

    def hear(self, drafts: Sequence[ClaimDraft], at: int, *, new_study: bool) -> None:
        """Remembers what the claims of the sentence with number ``at`` are about."""
        if new_study and not drafts:
            self._told.clear()
        self._told = [told for told in self._told if at - told.sentence < _REACH]
        self._told += [_Told(at, d) for d in drafts if d.outcome is not None and not self._is_bare(d.outcome)]

    def _anchor(self, at: int) -> ClaimDraft | None:
        """The last claim of the nearest sentence before ``at`` with claims, where these are of one outcome."""
        before = [told for told in self._told if 0 < at - told.sentence <= _REACH]
        nearest = [told.draft for told in before if told.sentence == before[-1].sentence]
        outcomes = {outcome.id or outcome.text.lower() for draft in nearest if (outcome := draft.outcome) is not None}
        return nearest[-1] if len(outcomes) == 1 else None
