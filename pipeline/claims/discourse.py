"""What a sentence leaves to the sentences before it: the outcome, the time and the groups of figures that go on from the figures told last.

"At one year 30 percent of the spray group still wheezed. The figure for placebo was 52 percent." names the outcome and the time once. The
claims of an article are heard in order; each may take from the one that it goes on from (its anchor), where words say so (cues with
``takes``) or where it is laid out like it: another group, a figure of the same kind, and no outcome of its own. What neither tells stays
empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, cast

import msgspec

from pipeline.claims.answers import AnswerRules
from pipeline.claims.cues import deciding, shown
from pipeline.claims.design import Design
from pipeline.claims.directions import COMPARABLE, of_values
from pipeline.claims.draft import ClaimDraft
from pipeline.claims.evidence import Evidence
from pipeline.claims.grouping import is_row
from pipeline.claims.groups import GroupFinder, is_number
from pipeline.claims.lists import Lists
from pipeline.claims.pointing import Pointing
from pipeline.claims.reading import Sentence
from pipeline.claims.slots import Slots
from pipeline.claims.wording import SHIFTS, WordingRules
from pipeline.model import Role, Slot, Value
from pipeline.rules.items import phrase_words
from pipeline.rules.ruleset import Ruleset

OTHER, OUTCOME, SAME, SHIFT, PEOPLE = "other", "outcome", "same", "shift", "people"
"""What a cue says that its figure takes: it is the other group's; it is of the same outcome; it is the same result put another way, or so
where it measures a difference; it is a share of the people told last."""
_REACH = 2
"""How many sentences back what is taken may stand."""
_STEM = 5
"""Letters that words of one outcome begin with alike."""
_SHORTEST = 4
_GROUPS: tuple[Role, ...] = ("arm", "comparator")
_TIMES: tuple[Role, ...] = ("baseline", "followup")
_RESULTS = (*COMPARABLE, "relative_change", "difference", "ratio")
_COUNTED = ("people", None)
Takes = Literal["other", "outcome", "same", "shift", "people"]


class Heard(NamedTuple):
    """One claim that was told: which sentence of the article, and which of its claims."""

    sentence: int
    claim: int


class DiscourseRules:
    """Built once per process."""

    def __init__(self, rules: Ruleset, groups: GroupFinder) -> None:
        self.groups = groups
        self.answers = AnswerRules(rules)
        self.again = frozenset(rules.phrases("told-again")) | frozenset(rules.phrases("told-changes"))
        self.again |= frozenset(rules.phrases("told-only-as"))
        self.no_outcome = float(rules.params("discourse-limits").get("no_outcome", 0.5))
        self.pronouns = frozenset(rules.phrases("told-by-pronoun"))

    def of(self, evidence: Evidence, design: Design, slots: Slots, wording: WordingRules) -> Discourse:
        """The discourse of one article, of which nothing has been heard yet."""
        return Discourse(self, evidence, design, slots, wording)


class Discourse:
    """The claims of one article as they are told, in text order."""

    def __init__(
        self, rules: DiscourseRules, evidence: Evidence, design: Design, slots: Slots, wording: WordingRules
    ) -> None:
        self._lists = Lists(evidence.text, slots, wording)
        self._rules, self._evidence, self._design, self._slots = rules, evidence, design, slots
        self._text = evidence.text
        self._heard: list[Heard] = []
        self._pointing = Pointing(self._is_bare)
        self._at = -1
        self.drafts: list[ClaimDraft] = []
        """All claims so far; one that a later sentence goes on from may be replaced by one that knows the other group."""

    def add(self, sentence: Sentence, made: Sequence[ClaimDraft]) -> None:
        """Hears the claims of the next sentence."""
        self._at += 1
        new_study = bool(shown(sentence.cues, "new_study"))
        row = is_row(sentence.items)
        is_heading = self._text[sentence.end - 1 : sentence.end].isalnum()
        intro = self._lists.before(sentence)
        first = len(self.drafts)
        for draft in made:
            if intro is not None and draft.values and draft.measure in _RESULTS:
                draft = intro.given(draft, is_bare=draft.outcome is None or self._is_bare(draft.outcome))
            elif draft.values and not row and draft.measure in _RESULTS:
                draft = self._carried(sentence, draft, new_study)
            elif not row and not new_study:
                draft = self._pointing.resolved(sentence, draft, self._at)
            if draft.tells_nothing:
                continue
            if draft.values and not row and not is_heading:
                self._heard.append(Heard(self._at, len(self.drafts)))
            self.drafts.append(draft)
        self._pointing.hear(self.drafts[first:], self._at, new_study=new_study)
        if row or (new_study and not any(draft.values for draft in made)):
            self._heard.clear()
        self._heard = [one for one in self._heard if self._at - one.sentence < _REACH]

    def _carried(self, sentence: Sentence, draft: ClaimDraft, new_study: bool) -> ClaimDraft:
        """``draft`` with what it takes from the claims before it."""
        place = next(
            (at for at, item in enumerate(sentence.items.items) if item.start == draft.values[0].start),
            None,
        )
        cues = [c for c in sentence.cues if draft.measure in SHIFTS or c.produces.get("takes") != SHIFT]
        cue = deciding(cues, "takes", place=place)
        takes = cast("Takes | None", cue.produces["takes"]) if cue is not None else None
        if takes == SHIFT:
            takes = "same"
        since = sentence.items.items[cue.first].start if cue is not None else sentence.start
        bare = draft
        if takes == PEOPLE:
            return self._of_people(draft, since)
        if takes != SAME:
            draft = self._with_group(sentence, draft)
        anchors = self._anchors(draft, since, takes)
        if takes == SAME:
            anchor = self._restated(draft, anchors, at_all=cue is not None and cue.produces["takes"] == SAME)
            return draft if anchor is None else self._retold(draft, anchor)
        if takes in (None, OUTCOME) and new_study:
            return bare
        if takes is None and draft.outcome is None:
            asked = self._rules.answers.outcome(self._evidence, sentence.start, sentence.end)
            if asked is not None:
                changed = bare.measure == "proportion" and self._rules.answers.is_change(asked)
                return msgspec.structs.replace(
                    bare, outcome=asked, measure="relative_change" if changed else bare.measure
                )
        if takes is None and not self._is_laid_out_alike(draft, anchors):
            return bare
        if takes is None and draft.values[0].group != bare.values[0].group and not self._is_control(draft.values[0]):
            return bare
        if takes is None and draft.outcome is None and not self._is_left_out(sentence, draft):
            return bare
        anchor = self._anchor(draft, anchors, takes)
        if anchor is None:
            return bare
        roles = {value.role for value in draft.values}
        if roles >= set(_GROUPS) or not roles.isdisjoint(_TIMES):
            return self._continued(draft, anchor)  # it tells both groups itself, or one group before and after
        role = self._role(draft, self.drafts[anchor], takes)
        continued = self._continued(draft, anchor)
        if role is None or (continued.outcome is None and takes != OTHER):
            return continued
        return self._set_against(continued, anchor, role)

    def _with_group(self, sentence: Sentence, draft: ClaimDraft) -> ClaimDraft:
        """``draft`` as the figure of the only group that its sentence names, where it is known for none's."""
        value = draft.values[0]
        groups = {self._design.arm(g.key): g for g in sentence.groups if not g.is_population}
        if len(draft.values) > 1 or value.group is not None or value.role == "total" or len(groups) != 1:
            return draft
        group = next(iter(groups.values()))
        if group.start <= value.start < group.end:
            return draft
        words = self._text[group.start : group.end]
        named = msgspec.structs.replace(
            value, group=words, group_id=value.group_id or self._slots.group(group.start, group.end)
        )
        return msgspec.structs.replace(draft, values=(named,))

    def _anchors(self, draft: ClaimDraft, since: int, takes: Takes | None) -> list[int]:
        """The claims that ``draft`` may go on from: those of the last sentence with results that stand before character ``since``."""
        found: list[Heard] = []
        for one in reversed(self._heard):
            told = self.drafts[one.claim]
            if told.measure not in _RESULTS or told.values[0].start >= since:
                continue
            if takes != SAME and not _is_of_kind(draft, told):
                continue
            if found and found[-1].sentence != one.sentence and takes != SAME:
                break
            found.append(one)
        if takes is None and found and found[0].sentence == self._at:
            return []  # within a sentence the model and the rules have seen both
        return [one.claim for one in reversed(found)]

    def _anchor(self, draft: ClaimDraft, anchors: Sequence[int], takes: Takes | None) -> int | None:
        """The one of ``anchors`` that has the outcome of ``draft``; of several the last, where words say that it goes on from one."""
        if draft.outcome is not None and not self._is_bare(draft.outcome):
            alike = [(self._likeness(draft.outcome, self.drafts[at].outcome), at) for at in anchors]
            if alike and max(alike)[0] > 0:
                return max(alike)[1]
            return anchors[-1] if anchors and takes == OTHER else None
        outcomes = {outcome.text for at in anchors if (outcome := self.drafts[at].outcome) is not None}
        if takes != OTHER and len(outcomes) > 1:
            return None
        return anchors[-1] if anchors else None

    def _restated(self, draft: ClaimDraft, anchors: Sequence[int], *, at_all: bool) -> int | None:
        """The one of ``anchors`` that ``draft`` puts another way: the last that sets groups against each other, where it measures a
        difference; else the last, if any at all may be it."""
        if draft.measure in SHIFTS:
            compared = [at for at in anchors if self.drafts[at].kind != "single" or self.drafts[at].measure in SHIFTS]
            if compared:
                return compared[-1]
        return anchors[-1] if anchors and at_all else None

    def _is_laid_out_alike(self, draft: ClaimDraft, anchors: Sequence[int]) -> bool:
        """Whether the claim is of one group, each of the claims before it of one other, and the outcome is theirs or none is named."""
        if not anchors or len({value.group for value in draft.values}) > 1 or draft.values[0].role == "total":
            return False
        own = self._key(draft.values[0])
        if own is None or not (
            draft.outcome is None or self._is_bare(draft.outcome) or self._anchor(draft, anchors, None) is not None
        ):
            return False
        others = {self._key(value) for at in anchors for value in self.drafts[at].values}
        return None not in others and own not in others and len(others) == 1

    def _is_left_out(self, sentence: Sentence, draft: ClaimDraft) -> bool:
        """Whether the model, where there is one, sees no words of the sentence that could be the outcome, named or not."""
        said = next(f.linked.evidence for f in sentence.figures if f.candidate.mention.start == draft.values[0].start)
        return said.unlinked.get("outcome", 1.0) > self._rules.no_outcome

    def _role(self, draft: ClaimDraft, anchor: ClaimDraft, takes: Takes | None) -> Role | None:
        """The role of the figure, where it is set against that of ``anchor``; None where it is only told of the same outcome."""
        own, other = draft.values[0], anchor.values[0]
        control, other_control = self._is_control(own), self._is_control(other)
        if {value.role for value in anchor.values} >= set(_GROUPS):
            return None  # they have been set against each other before
        if own.group is not None and self._key(own) == self._key(other):
            return None
        people = anchor.population is not None and anchor.population.text == other.group
        if own.role == "total" and not control and (people or other.group is None):
            return None  # men and women, one country and another: no groups of a study
        if control != other_control:
            return "comparator" if control else "arm"
        if takes == OTHER and not control:
            return "comparator"
        if own.role == "comparator" and other.role in ("arm", None):
            return "comparator"
        return None

    def _set_against(self, draft: ClaimDraft, at: int, role: Role) -> ClaimDraft:
        """``draft`` as the figure of the group with ``role``, and claim ``at`` as that of the other one."""
        anchor = self.drafts[at]
        other: Role = "arm" if role == "comparator" else "comparator"
        own_slot, other_slot = self._slot_of(draft, role), self._slot_of(anchor, other)
        if own_slot is not None and other_slot is not None and own_slot.text == other_slot.text:
            own_slot = None
        intervention, comparator = (own_slot, other_slot) if role == "arm" else (other_slot, own_slot)
        values = tuple(_with_role(value, role, own_slot) for value in draft.values)
        others = tuple(
            _with_role(value, other, other_slot) if value.role in (None, "total", *_GROUPS) else value
            for value in anchor.values
        )
        if draft.outcome != anchor.outcome and self._likeness(draft.outcome, anchor.outcome) == 0:
            return msgspec.structs.replace(
                draft, kind="comparison", values=values, intervention=intervention, comparator=comparator
            )
        direction = of_values(draft.measure, (*others, *values))
        self.drafts[at] = msgspec.structs.replace(
            anchor,
            kind="comparison",
            values=others,
            intervention=intervention if intervention is not None else anchor.intervention,
            comparator=comparator,
            direction=direction if direction is not None else anchor.direction,
        )
        return msgspec.structs.replace(
            draft,
            kind="comparison",
            values=values,
            intervention=intervention if intervention is not None else draft.intervention,
            comparator=comparator,
            direction=direction if direction is not None else draft.direction,
            strength=draft.strength if draft.strength != "none" else "correlational",
        )

    def _slot_of(self, draft: ClaimDraft, role: Role) -> Slot | None:
        """The treatment of the group that the figures of ``draft`` are of, which has ``role``."""
        value = draft.values[0]
        people = draft.population is not None and draft.population.text == value.group
        if role == "arm" and people and (named := draft.intervention or self._slots.inherited(draft.start)) is not None:
            return named
        if value.group is not None and self._rules.groups.tells(value.group):
            start = self._text.find(value.group, draft.start)
            slot = self._slots.treated(start, start + len(value.group))
            if slot.id is None and self._slots.is_nobody(slot.text, (draft.start, draft.end)):
                return None
            return slot if slot.id is not None or value.group_id is None else Slot(text=slot.text, id=value.group_id)
        stated = draft.comparator if role == "comparator" else draft.intervention
        if stated is not None and (role == "arm" or stated.text in draft.quote):
            return stated
        return self._slots.inherited(draft.start) if role == "arm" else None

    def _continued(self, draft: ClaimDraft, at: int) -> ClaimDraft:
        """``draft`` with the outcome and the time of claim ``at``, where it tells none of its own."""
        anchor = self.drafts[at]
        bare = draft.outcome is None or self._is_bare(draft.outcome)
        alike = bare or self._likeness(draft.outcome, anchor.outcome) > 0
        return msgspec.structs.replace(
            draft,
            outcome=anchor.outcome if bare and anchor.outcome is not None else draft.outcome,
            timepoint=anchor.timepoint if draft.timepoint is None and alike else draft.timepoint,
            condition=anchor.condition if draft.condition is None else draft.condition,
        )

    def _retold(self, draft: ClaimDraft, at: int) -> ClaimDraft:
        """``draft`` as the result of claim ``at`` put another way."""
        anchor = self.drafts[at]
        draft = self._continued(draft, at)

        def own(slot: Slot | None, before: Slot | None) -> Slot | None:
            return slot if slot is not None and (slot.text in draft.quote or before is None) else before

        compared = anchor.kind == "comparison" or anchor.comparator is not None
        return msgspec.structs.replace(
            draft,
            kind="comparison" if compared and draft.kind == "single" else draft.kind,
            intervention=own(draft.intervention, anchor.intervention),
            comparator=own(draft.comparator, anchor.comparator),
            population=draft.population if draft.population is not None else anchor.population,
            direction=draft.direction if draft.direction is not None else anchor.direction,
        )

    def _of_people(self, draft: ClaimDraft, since: int) -> ClaimDraft:
        """``draft`` as a share of the people that the claim before it counts, or is a share of."""
        told = [self.drafts[one.claim] for one in self._heard if self.drafts[one.claim].values[0].start < since]
        if not told or draft.values[0].unit != "percent":
            return draft
        anchor = told[-1].values[-1]
        is_count = anchor.unit in _COUNTED and anchor.value is not None and anchor.value.is_integer()
        named = is_count and anchor.unit == "people" and not all(map(is_number, phrase_words(anchor.text)))
        group = anchor.text if named else anchor.group
        size = int(anchor.value) if is_count and anchor.value is not None and anchor.qualifier is None else None
        role = anchor.role if anchor.role in _GROUPS else None
        values = tuple(
            msgspec.structs.replace(
                value,
                group=group if value.group is None else value.group,
                group_id=anchor.group_id if value.group is None else value.group_id,
                role=value.role or role or "total",
                n=value.n if value.n is not None else size,
            )
            for value in draft.values
        )
        return msgspec.structs.replace(draft, values=values)

    def _is_control(self, value: Value) -> bool:
        return value.group is not None and self._rules.groups.is_control(value.group)

    def _key(self, value: Value) -> tuple[str, ...] | None:
        if value.group is None or not (self._rules.groups.tells(value.group) or self._is_control(value)):
            return None
        return self._design.arm(self._rules.groups.key(value.group))

    def _is_bare(self, outcome: Slot) -> bool:
        """Whether the words for an outcome only point to one that was told before ("did", "had such a drop", "caught one")."""
        words = phrase_words(outcome.text)
        if self._rules.again.issuperset(words):
            return True
        if self._rules.pronouns.isdisjoint(words):
            return False
        start = self._text.find(outcome.text)
        tokens = self._evidence.tokens(start, start + len(outcome.text)) or ()
        return not any(token.pos_ in ("NOUN", "PROPN", "ADJ") for token in tokens)

    def _likeness(self, one: Slot | None, other: Slot | None) -> float:
        """The share of beginnings of words that count which two outcomes have in common; 1 for one name."""
        if one is None or other is None:
            return 0.0
        if one.id is not None and one.id == other.id:
            return 1.0
        first, second = self._stems(one.text), self._stems(other.text)
        return len(first & second) / max(len(first | second), 1)

    def _stems(self, words: str) -> set[str]:
        return {
            word[:_STEM]
            for word in phrase_words(words)
            if len(word) >= _SHORTEST and word not in self._rules.again and word not in self._rules.groups.stops
        }


def _is_of_kind(draft: ClaimDraft, told: ClaimDraft) -> bool:
    """Whether the figures of two claims can be set against each other."""
    same = draft.measure == told.measure or (draft.measure in COMPARABLE and told.measure in COMPARABLE)
    return same and draft.values[0].unit == told.values[0].unit


def _with_role(value: Value, role: Role, slot: Slot | None) -> Value:
    group_id = value.group_id if value.group_id is not None or slot is None else slot.id
    return msgspec.structs.replace(value, role=role, group_id=group_id)
