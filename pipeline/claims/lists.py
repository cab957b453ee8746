"""Lists: what the words before a list say of all its items ("After two years the risk was, on average:")."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from pipeline.claims.draft import ClaimDraft
from pipeline.claims.evidence import INTERVENTION, OUTCOME
from pipeline.claims.reading import Sentence
from pipeline.claims.slots import Slots
from pipeline.claims.wording import WordingRules
from pipeline.model import Slot, Timepoint

_OPENS = ":"
"""Ends the words before a list."""


class Intro(NamedTuple):
    """What the words before a list tell."""

    end: int
    """Where they end, or the last item so far."""
    intervention: Slot | None
    outcome: Slot | None
    timepoint: Timepoint | None

    def given(self, draft: ClaimDraft, *, is_bare: bool) -> ClaimDraft:
        """``draft``, of an item, with what its own words do not tell; ``is_bare`` where these name no outcome."""
        own = draft.intervention is not None and draft.intervention.text in draft.quote
        return msgspec.structs.replace(
            draft,
            intervention=draft.intervention if own or self.intervention is None else self.intervention,
            outcome=self.outcome if is_bare and self.outcome is not None else draft.outcome,
            timepoint=self.timepoint if draft.timepoint is None else draft.timepoint,
        )


class Lists:
    """The lists of one article, as its sentences are read in order."""

    def __init__(self, text: str, slots: Slots, wording: WordingRules) -> None:
        self._text, self._slots, self._wording = text, slots, wording
        self._intro: Intro | None = None

    def before(self, sentence: Sentence) -> Intro | None:
        """What the list that ``sentence`` is an item of begins with; None where it is no item."""
        intro = self._intro
        if intro is not None and self._is_item(sentence, intro.end):
            self._intro = intro._replace(end=sentence.end)
            return intro
        self._intro = self._opened(sentence)
        return None

    def _opened(self, sentence: Sentence) -> Intro | None:
        if self._text[sentence.start : sentence.end].rstrip()[-1:] != _OPENS:
            return None
        return Intro(
            sentence.end,
            self._named(sentence, INTERVENTION),
            self._named(sentence, OUTCOME),
            self._wording.timepoint(sentence, 0, len(sentence.items), None),
        )

    def _named(self, sentence: Sentence, label: str) -> Slot | None:
        found = [p for p in self._slots.usable((sentence.start, sentence.end)) if p.label == label]
        best = max(found, key=lambda p: (p.score, p.start), default=None)
        return self._slots.stated(best.start, best.end, (label.lower(),)) if best is not None else None

    def _is_item(self, sentence: Sentence, behind: int) -> bool:
        """Whether the sentence is a line of its own that follows and does not begin as sentences do."""
        between = self._text[behind : sentence.start]
        is_line = self._text[sentence.end : sentence.end + 1] in ("\n", "")
        return "\n" in between and not between.strip() and is_line and not self._text[sentence.start].isupper()
