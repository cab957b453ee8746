"""What the words of a claim's sentence tell beside its values: how strongly it is said, when it was seen, which way the outcome lies."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.claims.cues import Cue, deciding, joints_between, shown
from pipeline.claims.directions import COMPARABLE, DirectionRules, nearest, of_ratio, of_values
from pipeline.claims.evidence import Evidence
from pipeline.claims.reading import Sentence
from pipeline.claims.slots import Filled
from pipeline.claims.strength import StrengthRules, graded
from pipeline.claims.times import in_days
from pipeline.claims.values import Candidate, ValueRules
from pipeline.model import ClaimKind, Direction, Strength, Timepoint, Value
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import TemplateCompiler

SHIFTS = ("relative_change", "difference", "ratio", "duration", "dose")
"""Measures of a change or a difference."""
LASTING = ("duration", "dose")
"""Measures of how long or how much was given, or lasted."""


class WordingRules:
    """Built once per process."""

    def __init__(
        self, rules: Ruleset, compiler: TemplateCompiler, values: ValueRules, directions: DirectionRules
    ) -> None:
        self._values = values
        self._directions = directions
        self._strengths = StrengthRules(rules, compiler)

    def strength(self, sentence: Sentence, evidence: Evidence) -> Strength:
        """The strength of the whole sentence: the rules and the add-on together."""
        rules = graded(sentence.cues)
        likely = evidence.strength(sentence.start, sentence.end)
        return rules.strength if likely is None else self._strengths.joined(rules, likely)

    def direction(
        self,
        sentence: Sentence,
        group: Sequence[Candidate],
        values: Sequence[Value],
        kind: ClaimKind,
        part: tuple[int, int],
        filled: Filled,
    ) -> Direction | None:
        """The direction that the values show, or else the words, where the claim is one that has any and its values do not belie them."""
        cues, lead, (first, last) = sentence.cues, group[0], part
        if kind != "single" and _is_equal(cues, first, last, lead.place):
            return "equal"
        measure = lead.measure
        by_values = of_values(measure, values)
        if by_values is not None or (kind == "single" and measure not in SHIFTS):
            return by_values
        if measure == "duration":
            last = lead.place
        outcome = sentence.text[slice(*filled.outcome_at)] if filled.outcome_at is not None else None
        place = (lead.mention.start, lead.mention.end)
        if measure in SHIFTS and measure not in LASTING:
            told = shown(cues, "direction", first, last, lead.place, nearest=True)
        else:
            inside = [c for c in cues if deciding([c], "direction", first, last, lead.place) is not None]
            told = nearest(inside, sentence.items, "direction", filled.outcome_at or place, (first, last))
        if told is None and measure in LASTING:
            told = shown(cues, "lasting", first, last)
        if told is None:
            return of_ratio(measure, values)
        # "three times less" is told in words, a hazard ratio of 0.8 by itself.
        bare = of_ratio(measure, values) if lead.mention.unit is None else None
        direction = bare if bare is not None else self._directions.of(told, outcome)
        stated = [candidate.mention.value for candidate in group]
        if kind != "comparison" or measure not in COMPARABLE or len(stated) != 2:
            return direction
        one, other = stated
        if one is None or other is None or one == other:
            return direction
        return direction if direction == ("higher" if one > other else "lower") else None

    def told_direction(self, sentence: Sentence, filled: Filled) -> Direction | None:
        """What the words show in a claim without figures."""
        outcome = sentence.text[slice(*filled.outcome_at)] if filled.outcome_at is not None else None
        everything = 0, len(sentence.items.items)
        told = "equal" if shown(sentence.cues, "direction") == "equal" else None
        if told is None and filled.outcome_at is not None:
            told = nearest(sentence.cues, sentence.items, "direction", filled.outcome_at, everything)
        return self._directions.of(told or shown(sentence.cues, "direction"), outcome)

    def timepoint(self, sentence: Sentence, first: int, last: int, lead: Candidate | None) -> Timepoint | None:
        """The time that is stated in the claim's part of the sentence, the nearest to its first value; else the only one of all."""
        items = sentence.items.items
        times = [
            at
            for at, item in enumerate(items)
            if item.mention is not None and item.mention.quantity_class == "timepoint"
        ]
        inside = [at for at in times if first <= at <= last]
        if not inside and len(times) == 1 and times[0] < first:
            inside = times
        if not inside:
            return self._time_of_effect(sentence, lead)
        place = lead.place if lead is not None else 0
        # Of several in a row ("at 24 hours, 3 and 7 days") the first stands for all.
        at = min(inside, key=lambda index: (abs(index - place) if lead is not None else index, index))
        mention = items[at].mention
        assert mention is not None
        start, end = self._values.time_of(sentence.items, at)
        value = mention.value if mention.value is not None else mention.high
        return Timepoint(text=sentence.text[start:end], days=in_days(value, mention.unit))

    def _time_of_effect(self, sentence: Sentence, lead: Candidate | None) -> Timepoint | None:
        if lead is None or lead.measure != "duration":
            return None
        span = self._values.time_told_by(sentence.items, lead.place)
        days = in_days(lead.mention.value, lead.mention.unit)
        return None if span is None else Timepoint(text=sentence.text[slice(*span)], days=days)


def _is_equal(cues: list[Cue], first: int, last: int, place: int) -> bool:
    """Whether words say that there is no difference in what the figure at ``place`` tells."""
    told = deciding(cues, "direction", first, last, place)
    if told is None or told.produces["direction"] != "equal":
        return False
    if any("turn" in cue.produces and min(told.last, place) < cue.first < max(told.first, place) for cue in cues):
        return False
    apart = joints_between(cues, told, place)
    return not any(
        joints_between(cues, cue, place) < apart
        for cue in cues
        if cue.produces.get("direction", "equal") != "equal" and first <= cue.first and cue.last <= last
    )
