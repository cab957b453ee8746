"""Claims without a figure of their own: effects that are asserted, and differences of which only the time or the size is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pipeline.claims.assertions import Assertion, AssertionRules, Place
from pipeline.claims.cues import Cue, shown
from pipeline.claims.draft import ClaimDraft
from pipeline.claims.evidence import FINITE, INTERVENTION, POPULATION, Evidence, Passage, is_inside
from pipeline.claims.reading import Sentence
from pipeline.claims.slots import Slots
from pipeline.claims.wording import WordingRules
from pipeline.model import Certainty, Measure
from pipeline.rules.items import Items
from pipeline.rules.ruleset import Ruleset

_NO_VALUES_CONFIDENCE = 0.5
_BESIDE = 30
"""Characters between people and what of theirs is told, at most: "a woman's risk"."""
_DIFFERENCE = "difference"
MODEL_ASSERTION = "assertion-by-model"
_TAIL = 2
"""Words of a verb at the end of what stands before a statement: "appears to"."""
_NO_NAME = frozenset({"PRP", "EX", "MD", "TO", "WP", "WDT", "WRB"})
"""Tags of words that no name of a treatment has: pronouns, "there", auxiliaries, question words."""


class FigurelessClaims:
    """Built once per process."""

    def __init__(self, rules: Ruleset, assertions: AssertionRules, wording: WordingRules) -> None:
        self._wording = wording
        self._assertions = assertions
        by_model = rules.params(MODEL_ASSERTION)
        self._sure = float(by_model.get("named", 1.0))
        self._most_none = float(by_model.get("most_none", 0.0))
        self._by_model_right = float(by_model.get("right", 0.5))
        self._subjects = frozenset(by_model.get("subjects", ()))
        self._objects = frozenset(by_model.get("objects", ()))
        self._inherits = frozenset(by_model.get("inherits", ()))
        """Sorts of statements that are about the treatment told before, where they name none."""

    def of(self, sentence: Sentence, evidence: Evidence, slots: Slots) -> list[ClaimDraft]:
        """The claims of a sentence that has no figure."""
        differs = self._without_values(sentence, evidence, slots)
        if differs is not None:
            return [differs]
        named = slots.telling((sentence.start, sentence.end))
        said: list[Assertion | None] = list(
            self._assertions.find_all(
                sentence.text,
                sentence.start,
                sentence.end,
                sentence.items,
                named if evidence.has_entities else None,
                sentence.cues,
            )
        )
        drafts = (
            self._assertion(one, sentence, evidence, slots, named)
            for one in said or [self._by_model(sentence, evidence, named)]
            if one is not None
        )
        return [draft for draft in drafts if draft is not None]

    def _assertion(
        self, said: Assertion, sentence: Sentence, evidence: Evidence, slots: Slots, named: Sequence[Passage]
    ) -> ClaimDraft | None:
        """A claim without a figure."""
        whole = sentence.start, sentence.end
        known = evidence.has_entities
        refers = self._assertions.refers(sentence.items)
        if known and said.subject is not None and not refers and not _touches(said.subject, named):
            said = said._replace(subject=self._without_verb(said.subject, evidence))
        if known and said.subject is not None and not _is_name(said.subject, named, evidence):
            of_what = said.object is not None and _touches(said.object, named)
            if not of_what and not refers:
                return None  # "there are so many things": of nothing that has a name
            said = said._replace(subject=None)
        of_people = any(p.label == POPULATION for p in named)
        compares = said.sort == _DIFFERENCE or shown(sentence.cues, "kind") == "comparison"
        filled = slots.fill(
            whole,
            whole,
            [],
            [],
            (),
            "comparison" if compares else "single",
            inherits=refers or (said.subject is None and said.sort in self._inherits),
        )
        subject, thing = said.subject, said.object
        intervention = slots.stated(*subject, ("intervention",)) if subject is not None else filled.intervention
        if intervention is None and said.sort == _DIFFERENCE and filled.comparator is not None and not of_people:
            # What differs, or does not, under the control that was told before is what was set against it there.
            intervention = slots.inherited(sentence.start)
        outcome = filled.outcome
        if thing is not None and _is_people(thing, named):
            at = filled.outcome_at
            outcome = filled.outcome if at is not None and 0 <= at[0] - thing[1] <= _BESIDE else None
        elif thing is not None:
            outcome = slots.stated(*thing, ("outcome",))
        comparator = filled.comparator
        if intervention is not None and comparator is not None and intervention.text == comparator.text:
            intervention = None  # what something is compared with is not what is tried
        by_model = said.rule == MODEL_ASSERTION
        return ClaimDraft(
            quote=sentence.text[sentence.start : sentence.end],
            start=sentence.start,
            end=sentence.end,
            kind="assertion",
            measure="other",
            values=(),
            timepoint=self._wording.timepoint(sentence, 0, len(sentence.items), None),
            sample_size=sentence.size,
            direction=self._wording.told_direction(sentence, filled._replace(outcome_at=thing))
            if by_model
            else said.direction,
            strength=self._wording.strength(sentence, evidence),
            certainty=said.certainty,
            rule=said.rule,
            confidence=said.confidence,
            intervention=intervention,
            comparator=comparator,
            condition=filled.condition,
            outcome=outcome,
            population=filled.population,
        )

    def _without_verb(self, place: Place, evidence: Evidence) -> Place:
        """``place`` without the verb that ends it: "the device" of "the device appears to", where that may name a treatment."""
        tokens = list(evidence.tokens(*place) or ())
        kept = len(tokens)
        while (
            kept and len(tokens) - kept < _TAIL and (tokens[kept - 1].tag_ in FINITE or tokens[kept - 1].tag_ == "TO")
        ):
            kept -= 1
        if not 0 < kept < len(tokens) or self._assertions.is_told_of(tokens[kept - 1].lower_):
            return place
        return place[0], tokens[kept - 1].idx + len(tokens[kept - 1])

    def _by_model(self, sentence: Sentence, evidence: Evidence, named: Sequence[Passage]) -> Assertion | None:
        """What the strength add-on takes for a claim although no rule does, where the sentence names what it could be about."""
        sure = [p for p in named if p.score > self._sure]
        pairs = [
            (one, other)
            for one in sure
            for other in sure
            if one.label in self._subjects
            and other.label in self._objects
            and (one.end <= other.start or other.end <= one.start)
        ]
        if not pairs or not sentence.is_chosen:
            return None
        subject, thing = max(
            pairs,
            key=lambda pair: (
                pair[0].label == INTERVENTION,
                pair[0].score * pair[1].score,
                -pair[0].start,
                -pair[1].start,
            ),
        )
        if self._assertions.is_barred(sentence.items, sentence.cues) or not evidence.has_verb(
            sentence.start, sentence.end
        ):
            return None
        likely = evidence.strength(sentence.start, sentence.end)
        if likely is None or likely[0] > self._most_none or self._wording.strength(sentence, evidence) == "none":
            return None
        certainty = cast(Certainty, shown(sentence.cues, "certainty") or "asserted")
        confidence = round((1 - likely[0]) * self._by_model_right, 2)
        acts = (subject.start, subject.end) if subject.label == INTERVENTION else None
        return Assertion(acts, (thing.start, thing.end), None, certainty, "effect", MODEL_ASSERTION, confidence)

    def _without_values(self, sentence: Sentence, evidence: Evidence, slots: Slots) -> ClaimDraft | None:
        """A claim that tells how groups differ and states only when, or in how many, it was seen."""
        if not tells_difference(sentence.items, sentence.cues):
            return None
        measure: Measure = shown(sentence.cues, "measure") or "other"
        whole = sentence.start, sentence.end
        filled = slots.fill(whole, whole, [], [], (), "comparison")
        return ClaimDraft(
            quote=sentence.text[sentence.start : sentence.end],
            start=sentence.start,
            end=sentence.end,
            kind="comparison",
            measure=measure,
            values=(),
            timepoint=self._wording.timepoint(sentence, 0, len(sentence.items), None),
            sample_size=sentence.size,
            direction=self._wording.told_direction(sentence, filled),
            strength=self._wording.strength(sentence, evidence),
            certainty=shown(sentence.cues, "certainty") or "asserted",
            rule="cue-finding",
            confidence=_NO_VALUES_CONFIDENCE,
            intervention=filled.intervention,
            comparator=filled.comparator,
            condition=filled.condition,
            outcome=filled.outcome,
            population=filled.population,
        )


def tells_difference(items: Items, cues: list[Cue]) -> bool:
    """Whether a sentence tells how groups differ and states when, or in how many, it was seen."""
    if not items.numbers or not shown(cues, "finding"):
        return False
    mentions = [item.mention for item in items.items if item.mention is not None]
    return any(mention.quantity_class in ("timepoint", "sample_size") and mention.rule for mention in mentions)


def _is_name(place: Place, named: Sequence[Passage], evidence: Evidence) -> bool:
    """Whether the words at ``place`` can name something: the model says that they do, or they hold no verb that has a subject of its own
    and no pronoun: not "the drug appears to", "they carry a risk"."""
    if _touches(place, named):
        return True
    tokens = evidence.tokens(*place)
    return tokens is None or not any(token.tag_ in FINITE or token.tag_ in _NO_NAME for token in tokens)


def _touches(place: Place, named: Sequence[Passage]) -> bool:
    """Whether the model names anything at ``place``."""
    return any(p.start < place[1] and place[0] < p.end for p in named)


def _is_people(place: Place, named: Sequence[Passage]) -> bool:
    """Whether the words at ``place`` name people, who are no outcome, and nothing but what these have."""
    over = [p for p in named if p.start < place[1] and place[0] < p.end]
    people = [p for p in over if p.label == POPULATION]
    return bool(people) and all(any(is_inside(p, q) for q in people) for p in over)
