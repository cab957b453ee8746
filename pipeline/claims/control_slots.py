"""What a treatment is compared with: the control that a sentence names, alone or with others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from pipeline.claims.evidence import COMPARATOR, Passage
from pipeline.claims.outcomes import nearest
from pipeline.claims.passage_slots import TREATED, PassageSlots
from pipeline.model import ClaimKind, Slot
from pipeline.rules.items import phrase_words

KNOWN_CONTROL = "control"
"""The key of the last control whose treatment has a name, among what was named before in a study."""
_WORD_LENGTH = 20


class ControlSlots(PassageSlots):
    """Finds the comparators of the claims of one article."""

    def _control(
        self,
        passages: Sequence[Passage],
        part: tuple[int, int],
        place: int,
        kind: ClaimKind,
        frame: Mapping[str, Passage],
    ) -> Slot | None:
        types = TREATED
        told = [p for p in passages if p.label == COMPARATOR]
        own = self._pooled(told, part) or self._nearest(told, place, types)
        named = [t for t in self._terms.find(self._text, *part) if t.type == "comparator"]
        if own is None and named:
            best = min(named, key=lambda t: (abs(t.start - place), t.start))
            return Slot(text=self._text[best.start : best.end], id=best.id)
        if own is None and kind == "comparison":
            held = frame.get(COMPARATOR)
            if held is None or not (held.id or held.score > self._sure or self._groups.is_control(self._words(held))):
                return None
            return self._slot(held, types)
        return own

    def _pooled(self, told: Sequence[Passage], part: tuple[int, int]) -> Slot | None:
        """Several controls told as one ("saline or midazolam"), where the sentence says what they are together."""
        run = list(told[:1])
        for one, other in pairwise(told):
            if not set(phrase_words(self._text[one.end : other.start])) <= self._filler.joiners:
                break
            run.append(other)
        if len(run) < 2:
            return None
        names = {t.id for t in self._terms.find(self._text, *part) if t.id in self._filler.by_role}
        apart = {self._slot(p, TREATED).id for p in run}
        if len(names) != 1 or names & apart:
            return None
        return Slot(text=self._text[run[0].start : run[-1].end], id=names.pop())

    def _controlled(self, sentence: tuple[int, int]) -> Slot | None:
        """The control that an adjective names: "placebo-controlled"."""
        for term in self._terms.find(self._text, *sentence):
            behind = phrase_words(self._text[term.end : min(term.end + _WORD_LENGTH, sentence[1])])
            if term.type in TREATED and not self._filler.controlled.isdisjoint(behind[:2]):
                return Slot(text=self._text[term.start : term.end], id=term.id)
        return None

    def _known_control(self, control: Slot, frame: Mapping[str, Passage]) -> Slot:
        """``control``, with the id of what the control of this study got, where that was told before."""
        held = frame.get(KNOWN_CONTROL)
        known = self._term(held.start, held.end, ("intervention",)) if held is not None else None
        return control if known is None else Slot(text=control.text, id=known.id)

    def _nearest(self, passages: Sequence[Passage], place: int, types: Collection[str]) -> Slot | None:
        best = nearest(passages, place)
        return None if best is None else self._slot(best, types)
