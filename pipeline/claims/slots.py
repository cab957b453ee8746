"""What a claim is about: intervention, comparator, condition, outcome and population, from its sentence or else from its article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from pipeline.claims.control_slots import KNOWN_CONTROL, ControlSlots
from pipeline.claims.design import Design
from pipeline.claims.evidence import (
    COMPARATOR,
    CONDITION,
    INTERVENTION,
    OUTCOME,
    POPULATION,
    Evidence,
    Passage,
    is_inside,
)
from pipeline.claims.groups import Key
from pipeline.claims.linking import Linked
from pipeline.claims.outcomes import Outcomes
from pipeline.claims.passage_slots import TREATED
from pipeline.claims.slot_rules import SlotRules
from pipeline.claims.values import Named
from pipeline.model import ClaimKind, Slot, Value
from pipeline.rules.items import phrase_words

_TITLE_COUNTS = 3
_HAVING = (POPULATION, INTERVENTION, COMPARATOR)
"""Labels of words that may say who has a condition, or what is given for it."""
_MOSTLY = 0.6
_DENIAL = 40
"""Characters before a condition in which words may say that nobody has it."""


class Told(NamedTuple):
    """A sentence of the article: where it stands, and whether it begins to tell of another study."""

    start: int
    end: int
    new_study: bool


class Filled(NamedTuple):
    """The slots of one claim."""

    intervention: Slot | None
    comparator: Slot | None
    condition: Slot | None
    outcome: Slot | None
    population: Slot | None
    outcome_at: tuple[int, int] | None = None
    """Where the outcome stands, if in the claim's sentence, as the model sees it without any topic's names."""


class SlotFiller(SlotRules):
    """Built once per process; :meth:`of` reads an article."""

    def of(self, evidence: Evidence, design: Design, sentences: Sequence[Told], title: tuple[int, int] | None) -> Slots:
        """The slots of the claims of one article; ``sentences`` are those that were looked at."""
        return Slots(self, evidence, design, sentences, title)


class Slots(ControlSlots):
    """Fills the slots of the claims of one article.

    A slot is filled by what its claim's own sentence says; else by what was last said of the study that the text tells of; else, for
    intervention and condition, by what the article speaks of most.
    """

    def __init__(
        self,
        filler: SlotFiller,
        evidence: Evidence,
        design: Design,
        sentences: Sequence[Told],
        title: tuple[int, int] | None,
    ) -> None:
        super().__init__(filler, evidence, design)
        self._outcomes = Outcomes(filler, evidence, self._slot)
        self._is_about_one = False
        """Whether at least half of the treatments that are named are one and the same."""
        self._is_of_one_condition = False
        """Whether the title names the condition that is named most, or most of all that are named are it."""
        self._opens = frozenset(sentence.start for sentence in sentences if sentence.new_study)
        """Where sentences begin that tell of another study: who took part in it need not have the article's condition."""
        self._is_had = False
        """Whether the article tells of people who have the condition that it names most, or of what is given for it."""
        self._treated: set[Key] = set()
        """The conditions that people of the article have, or are given something for."""
        self._main = {label: self._most(label, sentences, title) for label in (INTERVENTION, CONDITION)}
        self._frames = self._read(sentences)

    def fill(
        self,
        sentence: tuple[int, int],
        part: tuple[int, int],
        linked: Sequence[Linked],
        named: Sequence[Named | None],
        values: Sequence[Value],
        kind: ClaimKind,
        counted: Slot | None = None,
        *,
        sure_of_none: bool = False,
        inherits: bool = True,
        lasting: bool = False,
    ) -> Filled:
        """The slots of the claim with ``values``, whose groups are ``named`` and which stands in ``part`` of its sentence; ``counted`` is
        what it counts, where that is no outcome of people; ``sure_of_none`` lets the model say that the sentence names no outcome;
        ``inherits`` tells whether the treatment may be one that was named before; ``lasting`` that the values are how long something
        lasts."""
        frame = self._frames.get(sentence[0], {})
        passages = self.usable(sentence)
        place = values[0].start if values else sentence[0]
        arm = self._of_role(named, values, "arm")
        comparator = self._of_role(named, values, "comparator")
        totals = any(value.role == "total" for value in values)
        lasting = lasting and all(value.role != "comparator" for value in values)
        if arm is None and not (totals and counted is None):
            arm = self._treatment(passages, place, frame if inherits else None, alone=kind == "single")
        if comparator is None and kind != "single":
            comparator = self._control(passages, part, place, kind, frame)
        if comparator is None:
            comparator = self._controlled(sentence)
        if comparator is not None and comparator.id is None and self._groups.is_bare_control(comparator.text):
            comparator = Slot(text=comparator.text, id=self._generic.get("controls"))
        if (
            comparator is not None
            and comparator.id in self._filler.by_role
            and self._groups.is_bare_control(comparator.text)
        ):
            comparator = self._known_control(comparator, frame)
        if comparator is not None and comparator.id is None and self.is_nobody(comparator.text, sentence):
            comparator = None
        named_conditions = [p for p in passages if p.label == CONDITION]
        conditions = [p for p in named_conditions if not self._is_denied(p)]
        if values and self._main[CONDITION] is not None:
            # An unwanted effect of what is given is no condition of the people.
            measured = [p for p in passages if p.label == OUTCOME]
            conditions = [p for p in conditions if self._is_treated(p) or not any(is_inside(p, q) for q in measured)]
        own = [p for p in conditions if part[0] <= p.start < part[1]]
        if arm is not None and comparator is not None and (comparator.id or comparator.text) == (arm.id or arm.text):
            comparator = None
        condition = self._nearest(own or conditions, place, ("condition",))
        if condition is None and not (totals and counted is None):
            held = frame.get(CONDITION)
            if held is not None:
                condition = self._slot(held, ("condition",))
            elif self._has_the_condition(sentence, passages):
                condition = self._main[CONDITION]
        denied = [self._slot(p, ("condition",)) for p in named_conditions if self._is_denied(p)]
        if condition is not None and any((condition.id or condition.text) == (d.id or d.text) for d in denied):
            condition = None
        if arm is not None and kind == "single":
            arm = Slot(text=arm.text, id=self._filler.compared.get(arm.id or "", arm.id))
        outcome = counted or self._outcomes.told_before(
            self._outcomes.of(passages, part, linked, place, values, sure_of_none, lasting), frame
        )
        worded = self._outcomes.of(
            self.usable(sentence, names=False), part, linked, place, values, sure_of_none, lasting
        )
        at = self._text.find(worded.text, *sentence) if worded is not None else -1
        return Filled(
            arm,
            comparator,
            condition,
            outcome,
            self._nearest([p for p in passages if p.label == POPULATION], place, ("population",)),
            (at, at + len(worded.text)) if worded is not None and at >= 0 else None,
        )

    def identified(
        self, values: Sequence[Value], named: Sequence[Named | None], filled: Filled, kind: ClaimKind
    ) -> tuple[Value, ...]:
        """``values`` with the ids of groups that their sentence names by their role, or not at all."""
        return tuple(
            value if group_id == value.group_id else msgspec.structs.replace(value, group_id=group_id)
            for value, name in zip(values, named, strict=True)
            for group_id in [self._group_id(value, name, filled, kind)]
        )

    def _group_id(self, value: Value, name: Named | None, filled: Filled, kind: ClaimKind) -> str | None:
        unnamed = name is None or (name.is_population and name.term is None)
        if value.role == "arm" and (unnamed or (kind == "single" and value.group_id in self._filler.compared)):
            # People who are told by who they are, not by what they got, got what the claim is about.
            return filled.intervention.id if filled.intervention is not None else None
        if value.role == "comparator" and (
            unnamed or value.group_id in self._filler.by_role or self._groups.is_bare_control(value.group or "")
        ):
            return filled.comparator.id if filled.comparator is not None else value.group_id
        if value.role == "total" and value.group_id is None and value.group is not None:
            words = phrase_words(value.group)
            is_prevalence = filled.outcome is not None and filled.outcome.id == self._generic.get("condition")
            return self._filler.everyone if is_prevalence and self._filler.anyone.issuperset(words) else None
        return value.group_id

    def _has_the_condition(self, sentence: tuple[int, int], passages: Sequence[Passage]) -> bool:
        """Whether what the article treats may be what the people of a sentence have that names no condition: where the article is of
        nothing else, or the words for it stand there; else not those of another study."""
        main = self._main[CONDITION]
        if main is None or self._is_of_one_condition or main.text in self._text[slice(*sentence)]:
            return True
        return self._is_had and (sentence[0] not in self._opens or all(p.label != POPULATION for p in passages))

    def _is_treated(self, condition: Passage) -> bool:
        """Whether later sentences may be about a condition: the title names it, or the article tells of people who have it or of what is
        given for it; one that is only mentioned is not."""
        words = set(self._key(condition))
        return any(words <= set(known) or words >= set(known) for known in self._treated)

    def _is_denied(self, condition: Passage) -> bool:
        """Whether the words say that people do not have it ("without diabetes"), or were left out who do."""
        before = phrase_words(self._text[max(0, condition.start - _DENIAL) : condition.start])
        return any(before[-len(phrase) :] == phrase for phrase in self._filler.denials)

    def is_nobody(self, words: str, sentence: tuple[int, int]) -> bool:
        """Whether the words for a group say neither who they are nor what they got: "the rest", but not "rest" in bed."""
        found = phrase_words(words)
        if len(found) == 1 and found[0] in self._filler.alone:
            told = phrase_words(self._text[slice(*sentence)])
            return any(one in self._filler.articles and other == found[0] for one, other in pairwise(told))
        return self._filler.nobody.issuperset(found)

    def inherited(self, sentence: int) -> Slot | None:
        """The treatment that the sentence which begins at ``sentence`` leaves to those before it."""
        held = None if self._is_about_one else self._frames.get(sentence, {}).get(INTERVENTION)
        return self._main[INTERVENTION] if held is None else self._slot(held, ("intervention",))

    def _read(self, sentences: Sequence[Told]) -> dict[int, dict[str, Passage]]:
        """For the start of each sentence what was last named in its study, label by label, before it."""
        frames: dict[int, dict[str, Passage]] = {}
        held: dict[str, Passage] = {}
        for sentence in sentences:
            if sentence.new_study:
                held = {}
            frames[sentence.start] = dict(held)
            controls: dict[str, Passage] = {}
            for passage in self.usable((sentence.start, sentence.end)):
                words = self._words(passage)
                label = passage.label
                if label == CONDITION and self._is_denied(passage):
                    held.pop(CONDITION, None)
                    continue
                if label == CONDITION and not self._is_treated(passage):
                    continue
                if label == INTERVENTION and (self._groups.is_control(words) or self._odds(passage) < 0):
                    label = COMPARATOR
                if label == COMPARATOR and (known_id := self._slot(passage, TREATED).id) is not None:
                    controls.setdefault(known_id, passage)
                known = held.get(label)
                if known is not None and label == COMPARATOR and self._groups.is_bare_control(words):
                    continue  # "the control group" is what was named before
                if known is None or known.id is None or self._slot(passage, (label.lower(),)).id is not None:
                    held[label] = passage
            specific = [passage for known_id, passage in controls.items() if known_id not in self._filler.by_role]
            if len(specific) == 1:
                held[KNOWN_CONTROL] = specific[0]
            elif specific:
                held.pop(KNOWN_CONTROL, None)
        return frames

    def _treatment(
        self, passages: Sequence[Passage], place: int, frame: Mapping[str, Passage] | None, *, alone: bool
    ) -> Slot | None:
        """The treatment that is told of; ``alone`` where nothing is set against it, so that even a usual control may be it. Without a
        ``frame`` only the sentence itself tells it."""
        treated = [p for p in passages if p.label == INTERVENTION and not self._groups.is_control(self._words(p))]
        if alone and not treated:
            barred = self._filler.by_role | self._filler.times
            treated = [p for p in passages if p.label == COMPARATOR and p.id is not None and p.id not in barred]
        main = self._main[INTERVENTION]
        known = [p for p in treated if p.id is not None]
        if not known and main is not None and main.id is not None:
            # Where the topic's treatment is known, another has to be named clearly to take its place.
            treated = [p for p in treated if p.score >= self._sure]
        tested = [p for p in known or treated if self._odds(p) >= 0]
        found = self._nearest(tested or known or treated, place, ("intervention",))
        if found is not None:
            return found
        if frame is None:
            return None
        held = None if self._is_about_one else frame.get(INTERVENTION)
        if held is not None and (held.id is not None or main is None or main.id is None):
            return self._slot(held, ("intervention",))
        return main

    def _of_role(self, named: Sequence[Named | None], values: Sequence[Value], role: str) -> Slot | None:
        for name, value in zip(named, values, strict=True):
            if name is not None and value.role == role and not name.is_population:
                if name.term is not None:
                    return Slot(text=self._text[name.term.start : name.term.end], id=name.term.id)
                labels = (INTERVENTION, COMPARATOR)
                inside = [
                    p
                    for p in self._evidence.passages(name.start, name.end, names=True)
                    if p.label in labels
                    and p.end <= name.end
                    and (p.id is not None or self._groups.tells(self._words(p)))
                ]
                best = max(inside, key=lambda p: p.end - p.start, default=None)
                found = self._slot(best, ("intervention", "comparator")) if best is not None else None
                if found is not None and found.id is not None:
                    return found
                if (found is None or found.id is None) and self._is_condition(
                    self._groups.trimmed(self._text, name.start, name.end)
                ):
                    continue
                words = (
                    found.text if found is not None else self._text[slice(*self._groups.trimmed(self._text, *name[:2]))]
                )
                return Slot(text=words, id=self.variant(name.start, name.end))
        return None

    def _is_condition(self, place: tuple[int, int]) -> bool:
        """Whether the words name a condition and nothing that is given: "depression" of "depression treatment"."""
        return any(
            p.label == CONDITION and p.end == place[1]
            for p in self._evidence.passages(place[0], place[0] + 1, names=True)
        )

    def _most(self, label: str, sentences: Sequence[Told], title: tuple[int, int] | None) -> Slot | None:
        """What the article speaks of most: by canonical name, else by words; the title counts as several."""
        counts: Counter[Key] = Counter()
        first: dict[Key, Passage] = {}
        titled: set[Key] = set()
        denied: Counter[Key] = Counter()
        for sentence in sentences:
            named = self.usable((sentence.start, sentence.end))
            for passage in named:
                words = self._words(passage)
                if passage.label != label or self._groups.is_control(words):
                    continue
                key = self._key(passage)
                if label == CONDITION and self._is_denied(passage):
                    denied[key] += 1
                elif label == CONDITION and any(p.label in _HAVING and is_inside(passage, p) for p in named):
                    self._treated.add(key)
                is_titled = (sentence.start, sentence.end) == title
                counts[key] += _TITLE_COUNTS if is_titled else 1
                titled.update({key} if is_titled else ())
                first.setdefault(key, passage)
        if not counts:
            return None
        best = max(counts, key=lambda key: (counts[key], -first[key].start))
        if counts[best] < 2 or 2 * denied[best] >= counts[best]:
            return None  # what people are mostly said not to have is not what is treated
        if label == CONDITION:
            self._is_had = best in self._treated
            self._treated |= titled | {best}
            self._is_of_one_condition = best in titled or _MOSTLY * counts.total() <= counts[best]
        if label == INTERVENTION:
            self._is_about_one = 2 * counts[best] >= counts.total()
        return self._slot(first[best], (label.lower(),))
