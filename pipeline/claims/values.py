"""Which quantities of a sentence are values of a claim, what they measure, and whose they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from pipeline.components.quantity_rules import Fired, QuantityRules
from pipeline.model import ClaimKind, Measure, Mention, Role, Value
from pipeline.rules.items import Items, PhraseSet, phrase_words
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.template_run import UnitFilter
from pipeline.rules.template_syntax import fold
from pipeline.rules.templates import TemplateCompiler
from pipeline.rules.terms import Term, TermMatcher

CONFIDENCE = 0.8
"""Of a claim whose rule states none."""
_SMALLEST_STUDY = 2
MODEL_RULE = "model-result"
"""The name, in place of a rule's, of what made a claim whose value only the language model knows for one."""
MODEL_CONFIDENCE = 0.7
_BY_UNIT = 40
"""Rules for classes with at most this priority go by the unit alone."""
_DOUBTFUL = ("other", "count", "duration")


class Candidate(NamedTuple):
    """A quantity that is a value: item ``place`` of its sentence."""

    place: int
    mention: Mention
    measure: Measure
    rule: str
    confidence: float
    measured: bool = True
    """Whether a rule says what it measures, rather than its class and unit alone."""
    design: bool = False
    """Whether it tells of how a study was made, not of what it found."""
    counts: str | None = None
    """What it counts, where that is no people and no events: ``studies``."""


class Named(NamedTuple):
    """The group of a value: its words and where they stand, its canonical term, and its role where the words show it."""

    start: int
    end: int
    term: Term | None
    role: Role | None
    words: str
    """Folded."""
    is_population: bool = False
    """Whether the words say who they are, not what was done with them."""


class ValueRules:
    """Picks values by the rules in ``rules/extract/`` that have a ``slot`` or a ``measure``."""

    def __init__(self, rules: Ruleset, compiler: TemplateCompiler) -> None:
        self._classes = QuantityRules(rules, "class", compiler)
        self._slots = QuantityRules(rules, "slot", compiler, only=("value", "skip"))
        self._groups = QuantityRules(rules, "slot", compiler, only=("group",))
        self._times = QuantityRules(rules, "slot", compiler, only=("time",))
        self._pairs = QuantityRules(rules, "slot", compiler, only=("pair",))
        self._sizes = QuantityRules(rules, "slot", compiler, only=("size",))
        self._measures = QuantityRules(rules, "measure", compiler)
        self._terms = TermMatcher(rules)
        self._control = PhraseSet(rules.phrases("control-words"))
        self._defaults: list[tuple[str, UnitFilter | None, Measure]] = [
            (entry["class"], compiler.units(tuple(entry.get("units", ()))), entry["measure"])
            for entry in rules.lexicon("measure-defaults")
        ]

    def pick(self, items: Items, is_result: Callable[[Mention], bool] = lambda _: False) -> list[Candidate]:
        """The values of a sentence, in order; ``is_result`` may tell of a quantity that no rule is sure of."""
        found: list[Candidate] = []
        doubtful: list[tuple[int, Mention]] = []
        for index, item in enumerate(items.items):
            if item.mention is not None:
                candidate = self._candidate(items, index, item.mention)
                if candidate is not None:
                    found.append(candidate)
                elif self._is_doubtful(item.mention) and is_result(item.mention):
                    doubtful.append((index, item.mention))
        told = any(not candidate.design for candidate in found)
        for index, mention in doubtful:
            bare = mention.unit is None and mention.tolerance is None and (mention.value or 0.5).is_integer()
            if bare and (not told or mention.form == "word"):
                continue  # a mark of a list, a label, "one woman": unless something else in the sentence is a result
            found.append(self._by_model(items, index, mention, found))
        return sorted(found, key=lambda candidate: candidate.place)

    def may_pick(self, items: Items) -> bool:
        """Whether a sentence has a value, or a quantity that the language model may take for one."""
        return bool(self.pick(items, lambda _: True))

    def _is_doubtful(self, mention: Mention) -> bool:
        """Whether nothing but the unit gave the quantity its class."""
        rule = self._classes.get(mention.rule)
        known = mention.rule is not None and (rule is None or rule.priority > _BY_UNIT)
        return mention.quantity_class in _DOUBTFUL and not known

    def _by_model(self, items: Items, index: int, mention: Mention, others: Sequence[Candidate]) -> Candidate:
        """The value that item ``index`` is, measured like the nearest other of its unit or without one, if no rule measures it."""
        fired = self._measures.first(items, index)
        beside = [
            other
            for other in others
            if not other.design and (other.mention.unit == mention.unit or None in (other.mention.unit, mention.unit))
        ]
        nearest = min(beside, key=lambda other: (abs(other.place - index), other.place), default=None)
        measure = cast(Measure, fired.rule.says) if fired is not None else None
        if measure is None:
            measure = nearest.measure if nearest is not None else self._default(mention, None) or "other"
        if mention.tolerance is not None and measure == "other":
            measure = "mean"
        return Candidate(index, mention, measure, MODEL_RULE, MODEL_CONFIDENCE, fired is not None)

    def time_of(self, items: Items, index: int) -> tuple[int, int]:
        """The words of the timepoint that is item ``index``: what its class rule captured as ``time``, else the mention."""
        item = items.items[index]
        rule = self._classes.get(item.mention.rule) if item.mention is not None else None
        fired = rule.fires(items, index) if rule is not None else None
        captures = fired.match.captures if fired is not None and fired.match is not None else {}
        return captures.get("time", (item.start, item.end))

    def time_told_by(self, items: Items, index: int) -> tuple[int, int] | None:
        """The words that make the duration that is item ``index`` a point in time too, if there are any."""
        fired = self._times.first(items, index)
        return fired.match.captures.get("time") if fired is not None and fired.match is not None else None

    def partner(
        self, items: Items, index: int, earlier: Sequence[Candidate]
    ) -> tuple[Candidate, ClaimKind | None, bool] | None:
        """The value among ``earlier`` ones that item ``index`` is told with, as a figure of the same outcome, where a rule says so:
        the number that it captures as ``first`` or that the match begins with, or the last one of the same unit before the match; what
        kind of claim this shows; and whether the words leave no doubt that the two are of one group, before and after."""
        mention = items.items[index].mention
        fired = self._pairs.first(items, index) if earlier else None
        if mention is None or fired is None or fired.match is None:
            return None
        first = fired.match.first
        captured = fired.match.captures.get("first")
        if captured is not None:
            first = next(at for at, item in enumerate(items.items) if item.start == captured[0])
        number_first = items.items[first].mention is not None
        for one in reversed(earlier):
            if one.mention.unit == mention.unit and (one.place == first if number_first else one.place < first):
                return one, fired.rule.produces.get("kind"), bool(fired.rule.produces.get("baseline"))
        return None

    def is_total(self, items: Items, index: int) -> bool:
        """Whether item ``index`` is the size of a whole study: its class rule says so, and no rule about sizes denies it."""
        mention = items.items[index].mention
        if mention is None or mention.quantity_class != "sample_size" or mention.unit == "percent":
            return False
        if mention.value is None or mention.value < _SMALLEST_STUDY or not mention.value.is_integer():
            return False
        fired = self._sizes.first(items, index)
        rule = fired.rule if fired is not None else self._classes.get(mention.rule)
        return rule is not None and rule.produces.get("size") == "total"

    def group(self, text: str, items: Items, index: int) -> Named | None:
        """The group whose value item ``index`` is, where a template makes it certain."""
        fired = self._groups.first(items, index)
        if fired is None or fired.match is None or "group" not in fired.match.captures:
            return None
        start, end = fired.match.captures["group"]
        terms = [
            term
            for term in self._terms.find(text, start, end)
            if term.type in ("intervention", "comparator", "group", "population")
        ]
        role: Role | None = "comparator" if self.is_control(text[start:end]) else None
        population = bool(fired.rule.produces.get("population"))
        return Named(start, end, terms[0] if terms else None, role, fold(text[start:end]), population)

    def is_control(self, words: str) -> bool:
        """Whether the words name what others are compared with."""
        return self._control.within(phrase_words(words))

    def _candidate(self, items: Items, index: int, mention: Mention) -> Candidate | None:
        slot = self._slots.first(items, index)
        if slot is not None and slot.rule.says == "skip":
            return None
        if slot is None and mention.quantity_class != "result":
            return None
        fired = self._measures.first(items, index) if mention.quantity_class in ("result", "other") else None
        measure = cast(Measure, fired.rule.says) if fired is not None else self._default(mention, slot)
        if measure is None:
            return None
        rule = slot.rule if slot is not None else self._classes.get(mention.rule)
        confidence = rule.produces.get("confidence", CONFIDENCE) if rule is not None else CONFIDENCE
        rule_id = rule.id if rule is not None else mention.rule or "quantities"
        design = measure == "sample_size" or (rule is not None and bool(rule.produces.get("design")))
        counts = rule.produces.get("counts") if rule is not None else None
        return Candidate(index, mention, measure, rule_id, confidence, fired is not None, design, counts)

    def _default(self, mention: Mention, slot: Fired | None) -> Measure | None:
        """By unit and class, else as the class rule says; ``None`` for a bare number of which nothing says what it measures."""
        measure: Measure | None = None
        for quantity_class, units, stated in self._defaults:
            if quantity_class == mention.quantity_class and (units is None or units.admits(mention.unit)):
                measure = stated
                break
        rule = self._classes.get(mention.rule)
        if measure == "other" and rule is not None and "measure" in rule.produces:
            return cast(Measure, rule.produces["measure"])
        return None if measure == "other" and mention.unit is None and slot is None else measure


def value_of(
    mention: Mention, role: Role | None, text: str | None, group_id: str | None, size: int | None = None
) -> Value:
    """The value that ``mention`` states for the group ``text``, whose canonical name is ``group_id`` and which has ``size`` members."""
    return Value(
        text=mention.text,
        start=mention.start,
        end=mention.end,
        value=mention.value,
        low=mention.low,
        high=mention.high,
        unit=mention.unit,
        qualifier=mention.qualifier,
        role=role,
        group=text,
        group_id=group_id,
        n=int(mention.total) if mention.total is not None else size,
    )
