"""What the values of a claim measure: the outcome that its sentence names, or the condition that is counted or acted on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from pipeline.claims.evidence import COMPARATOR, CONDITION, INTERVENTION, OUTCOME, POPULATION, Evidence, Passage
from pipeline.claims.linking import Linked
from pipeline.claims.slot_rules import SlotRules
from pipeline.claims.times import in_days
from pipeline.model import Slot, Value
from pipeline.rules.items import phrase_words

_ITEM = 60
_LISTED = re.compile(r"[,;)] (?:and |or )?[^\W\d][^\d,;()%]*\Z")
_BRACKET = 2
"""Characters between a word and the figure in the bracket behind it."""
_BESIDE = 25
"""Characters between a figure and what it measures, where the model knows nothing that it does."""
_COUNTS = ("people", None)
"""Units of how many of a group, where it has a role: else they may be all who took part."""
_STOPS = frozenset(",;:.()—")
_DOUBTFUL = 0.5
"""How sure the model is of an outcome at most that gives way to the only one which a topic file knows."""


class Outcomes:
    """Finds the outcomes of the claims of one article; ``slot`` makes a slot of a passage whose id is one of some types."""

    def __init__(self, rules: SlotRules, evidence: Evidence, slot: Callable[[Passage, Collection[str]], Slot]) -> None:
        self._rules, self._text, self._evidence, self._slot = rules, evidence.text, evidence, slot
        self._groups, self._generic = rules.groups, rules.generic

    def of(
        self,
        passages: Sequence[Passage],
        part: tuple[int, int],
        linked: Sequence[Linked],
        place: int,
        values: Sequence[Value],
        sure_of_none: bool,
        lasting: bool,
    ) -> Slot | None:
        """What ``values`` measure, of the ``passages`` of their sentence.

        ``place`` is where the first value stands, ``part`` the characters of the claim; ``sure_of_none`` and ``lasting`` are as in
        :meth:`pipeline.claims.slots.Slots.fill`.
        """
        totals = any(value.role == "total" for value in values)
        told = max((one for one in linked if one.outcome is not None), key=lambda one: one.outcome_score, default=None)
        best = told.outcome if told is not None else None
        outcomes = [p for p in passages if p.label == OUTCOME]
        if lasting and (lasts := self._lasting(passages, (place, place + 1), best is None)) is not None:
            return self._slot(lasts, ("outcome",))
        inside = [p for p in outcomes if part[0] <= p.start < part[1]]
        share = bool(values) and values[0].unit == "percent"
        if best is not None and best.label == CONDITION and share and _is_within(best, linked, passages):
            best = None  # what the people have of whom it is a share
        if best is not None and best.label == CONDITION and totals and all(_overlap(best, p) for p in inside):
            # So many have it: the condition is what is counted.
            return Slot(text=self._words(best), id=self._generic.get("condition"))
        if best is not None and best.label == CONDITION and inside:
            best = None
        if self._is_listed(place):
            # "nausea (12%), rash (9%)": what stands before the bracket, never what another figure stands beside.
            beside = [p for p in passages if p.label in (OUTCOME, CONDITION) and 0 < place - p.end <= _BRACKET]
            if beside:
                best = max(beside, key=lambda p: (p.label == OUTCOME, p.end - p.start))
            elif best is not None and ")" in self._text[best.end : place]:
                return None
        if best is not None:
            found = self._slot(best, ("outcome",))
            if totals and found.id is None and self._is_had(best, passages) and all(_overlap(best, p) for p in inside):
                return Slot(text=self._words(best), id=self._generic.get("condition"))
            known = [p for p in inside if p.id is not None]
            over = [p for p in known if best.start < p.end and p.start < best.end]
            unsure = totals or (told is not None and told.outcome_score < _DOUBTFUL)
            if found.id is None and (over or (unsure and len({p.id for p in known}) == 1)):
                return self._slot((over or known)[0], ("outcome",))
            return found
        if totals and not inside:
            conditions = [
                p
                for p in passages
                if p.label == CONDITION
                and not (share and _is_within(p, linked, passages))
                and _STOPS.isdisjoint(self._text[place : p.start])
            ]
            had = min(conditions, key=lambda p: _distance(p, place), default=None)
            if had is not None:
                return Slot(text=self._words(had), id=self._generic.get("condition"))
        if not outcomes and lasting:
            return self._acted_on(passages, part, place)
        if sure_of_none and any(one.evidence.unlinked.get("outcome", 0.0) > self._rules.no_outcome for one in linked):
            # The model is sure that no words say it: so only those that stand beside the figure can.
            outcomes = [p for p in outcomes if self._is_beside(p, place)]
            inside = []
        if values and in_days(1.0, values[0].unit) is not None and not sure_of_none:
            # What lasts is told before how long it lasts.
            inside = [p for p in inside if p.end <= place] or inside
        return self._nearest(inside or outcomes, place, ("outcome",)) or self._said(passages, place, values)

    def _said(self, passages: Sequence[Passage], place: int, values: Sequence[Value]) -> Slot | None:
        """What is said of the people of whom a value is a share, where nothing that they have, or feel, has a name: they "relapsed"."""
        if (
            not values
            or values[0].role == "total"
            or not (values[0].unit == "percent" or (values[0].unit in _COUNTS and values[0].role is not None))
        ):
            return None
        said = self._evidence.predicate(place, place + 1, self._rules.no_outcomes)
        if said is None or any(p.label != POPULATION and p.start < said[1] and said[0] < p.end for p in passages):
            return None
        return Slot(text=self._text[slice(*said)], id=None)

    def told_before(self, outcome: Slot | None, frame: Mapping[str, Passage]) -> Slot | None:
        """What was told before, where the sentence only calls it a change ("the reduction"), and effects without a name as such."""
        held = frame.get(OUTCOME)
        if outcome is None or outcome.id is not None:
            return outcome
        words = phrase_words(outcome.text)
        if held is not None and self._rules.change.issuperset(words):
            return self._slot(held, ("outcome",))
        return (
            Slot(text=outcome.text, id=self._generic.get("effect")) if self._rules.again.issuperset(words) else outcome
        )

    def _lasting(self, passages: Sequence[Passage], place: tuple[int, int], unlinked: bool) -> Passage | None:
        """The outcome that is said to last so long, or what was told first where that is told again ("the effects"); any noun where no
        figure is linked to an outcome."""
        subject = self._evidence.subject(*place)
        if subject is None:
            return None
        outcomes = [p for p in passages if p.label == OUTCOME]
        last = next((p for p in outcomes if p.start <= subject[0] and subject[1] <= p.end), None)
        again = self._rules.again.issuperset(phrase_words(self._text[slice(*subject)]))
        if again and (last is None or self._rules.again.issuperset(phrase_words(self._words(last)))):
            before = [p for p in outcomes if p.end <= subject[0]]
            return before[0] if before else last or Passage(*subject, OUTCOME, 1.0)
        if last is None and unlinked and not any(p.start < subject[1] and subject[0] < p.end for p in passages):
            named = self._evidence.tokens(*subject)
            return Passage(*subject, OUTCOME, 1.0) if named is not None and named.root.pos_ == "NOUN" else None
        return last

    def _is_listed(self, place: int) -> bool:
        """Whether the figure at ``place`` stands in a bracket behind words that hold no other figure."""
        if self._text[max(0, place - 1) : place] != "(":
            return False
        return _LISTED.search(self._text[max(0, place - _ITEM) : place - 1]) is not None

    def _is_beside(self, passage: Passage, place: int) -> bool:
        between = self._text[min(passage.end, place) : max(passage.start, place)]
        return len(between) <= _BESIDE and _STOPS.isdisjoint(between)

    def _acted_on(self, passages: Sequence[Passage], part: tuple[int, int], place: int) -> Slot | None:
        """The condition that a treatment changes, where no outcome is named: one that does not only tell who was treated."""
        held = [p for p in passages if p.label in (POPULATION, INTERVENTION, COMPARATOR)]
        free = [
            p
            for p in passages
            if p.label == CONDITION
            and part[0] <= p.start < part[1]
            and not any(q.start <= p.start and p.end <= q.end for q in held)
        ]
        condition = self._nearest(free, place, ("condition",))
        if condition is None:
            return None
        return Slot(text=condition.text, id=self._rules.measured_as.get(condition.id or ""))

    def _is_had(self, outcome: Passage, passages: Sequence[Passage]) -> bool:
        """Whether the words for an outcome only say that people have a condition."""
        key = set(self._groups.key(self._words(outcome)))
        conditions = [p for p in passages if p.label == CONDITION and p.start < outcome.end and outcome.start < p.end]
        return any(key <= set(self._groups.key(self._words(p))) for p in conditions)

    def _nearest(self, passages: Sequence[Passage], place: int, types: Collection[str]) -> Slot | None:
        best = nearest(passages, place)
        return None if best is None else self._slot(best, types)

    def _words(self, passage: Passage) -> str:
        return self._text[passage.start : passage.end]


def _is_within(passage: Passage, linked: Sequence[Linked], passages: Sequence[Passage]) -> bool:
    """Whether the words are part of those for the people whose figures are ``linked``."""
    people = [(one.group.start, one.group.end) for one in linked if one.group is not None]
    people += [(p.start, p.end) for p in passages if p.label == POPULATION]
    return any(start <= passage.start and passage.end <= end for start, end in people)


def _overlap(one: Passage, other: Passage) -> bool:
    return one.start < other.end and other.start < one.end


def nearest(passages: Sequence[Passage], place: int) -> Passage | None:
    """The passage nearest to character ``place``."""
    return min(passages, key=lambda p: (_distance(p, place), -p.score, p.start), default=None)


def _distance(passage: Passage, place: int) -> int:
    return max(passage.start - place, place - passage.end, 0)
