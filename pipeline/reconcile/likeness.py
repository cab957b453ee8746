"""How likely two claims tell the same result: evidence for and against, weighed and named.

Each piece of evidence adds a weight in the manner of Fellegi and Sunter (https://doi.org/10.1080/01621459.1969.10501049): about the
logarithm of how much oftener it is seen for two claims of one result than for two that are not. The weights are in the rule
``match-weights``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.model import Study
from pipeline.reconcile.agreement import agreement, are_swapped
from pipeline.reconcile.corpus import Concept, Corpus, Told
from pipeline.reconcile.made import derived, follows, ratio_as_change
from pipeline.reconcile.rounding import COUNTED, Measured, same_time, significant_digits

_FIGURES = ("value_precise", "value_same", "value_about", "value_count", "value_small", "derived_same")
"""What figures that agree tell."""
_DIFFER = {"value_other", "value_near", "value_swapped", "lasting_other"}
"""What figures that differ tell."""
_ONE_STUDY = {"study_same", "size_same"}
_OF_ONE_STUDY = {*_ONE_STUDY, "value_precise"}
_ONE_FIGURE = {"value_precise", "value_same"}
_NAMED_ALIKE = {"outcome_same", "outcome_near"}
_MANY = ("proportion", "count", "rate")
"""Measures that say how many."""
_POINTS = "points"
_PRECISE = 3
"""So many figures make a number that is not hit by chance."""


class Likeness(NamedTuple):
    """What speaks for two claims telling one result."""

    study: float
    """For one study."""
    result: float
    """For one result of it."""
    parts: Mapping[str, float]
    """The weight of each piece of evidence, by its name in ``match-weights``."""
    barred: bool
    """Whether something excludes it: two studies, two times, two outcomes."""

    @property
    def score(self) -> float:
        """All of it."""
        return self.study + self.result

    @property
    def is_of_one_figure(self) -> bool:
        """Whether figures agree and none differ."""
        return any(name in self.parts for name in _FIGURES) and _DIFFER.isdisjoint(self.parts)


_NO_STUDY = Study()
_APART = Likeness(0.0, 0.0, {}, True)


class Judge:
    """Compares claims of one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        params = corpus.rules.params("match-weights")
        study, result = params.get("study", {}), params.get("result", {})
        self._most = float(study.get("most", 0.0))
        self._of_study = frozenset(study)
        self._weights = {name: float(value) for name, value in (*study.items(), *result.items())}
        self._least = float(params.get("least_tells", 0.3))
        self._time = float(params.get("time_tolerance", 0.1))
        self._other_words = float(params.get("other_words", 0.4))
        self._beyond_chance = float(params.get("beyond_chance", 2.0))
        self._near = float(params.get("near", 0.15))
        self._lead_other = float(params.get("lead_other", 0.5))
        self._order = float(params.get("order", 2.5))
        self._least_words = float(params.get("least_words", 0.2))
        self._one_story = float(params.get("one_story", 1.0))
        self._least_story = float(params.get("least_story", 0.6))
        self._least_alike = float(params.get("least_alike", 0.6))
        self._ties: dict[tuple[int, int], bool] = {}
        self._likened: dict[tuple[Concept, Concept], float | None] = {}
        self._of_slot: dict[tuple[str, Concept, Concept], tuple[Mapping[str, float], bool]] = {}
        self._of_slots: dict[tuple[tuple[Concept, ...], ...], tuple[Mapping[str, float], bool]] = {}
        another = corpus.rules.params("another-study")
        self._another, self._called, self._into = (
            frozenset(map(str, another.get(name, ()))) for name in ("begins", "names", "into")
        )
        self._asides: dict[int, frozenset[str]] = {}
        self._size_tolerance = float(params.get("size_tolerance", 0.05))
        self._least_size = float(params.get("least_size", 8))

    def compare(self, a: Told, b: Told) -> Likeness:
        """The likeness of two claims, in either order."""
        if not self.is_tied(a.source, b.source) and not (_may_be_one_study(a, b) and self._may_tell_one(a, b)):
            return _APART  # most of what shares a key in a large corpus
        parts: dict[str, float] = {}
        barred = self._studies(a, b, parts)
        barred |= self._slots(a, b, parts)
        if a.sort is None and b.sort is None:
            barred |= self._values(a, b, parts)
        elif a.sort is not None and b.sort is not None:
            barred |= self._sorts(a, b, parts)
        else:
            self._add(parts, "mixed")
        self._times(a, b, parts)
        apart = a.source != b.source
        if apart and self._leads(a) and self._leads(b):
            self._add(parts, "lead_both")
            if parts.get("value_other"):
                parts["value_other"] *= self._lead_other  # what a story is told for is also told wrongly
        if a.claim.direction is not None and b.claim.direction is not None:
            self._add(parts, "direction_same" if a.claim.direction == b.claim.direction else "direction_other")
        agreed = _DIFFER.isdisjoint(parts)  # of two pairs of figures, one alone is met by chance
        if (
            agreed
            and parts.get("outcome_unlike")
            and sum(parts.get(name, 0.0) for name in _FIGURES) >= self._beyond_chance
        ):
            parts["outcome_unlike"] *= self._other_words  # one outcome in other words: strokes, vascular events
        words = self._corpus.sentences.shared(a.stems, b.stems)
        self._add(parts, "words", words)
        if apart and words < self._least_words and _NAMED_ALIKE.isdisjoint(parts):
            # among many articles, figures are equal by chance
            self._add(parts, "words_other", self._corpus.background.crowd)
        alike, story = self._corpus.alike(a.source, b.source), self._corpus.story(a.source, b.source)
        if apart and _OF_ONE_STUDY.isdisjoint(parts) and self.sets_apart(a, b):
            self._add(parts, "study_another")
        self._add(parts, "articles", alike)
        self._add(parts, "story", story)
        if apart and not self._is_one_study(parts):
            if story == 0.0 and alike < self._one_story:
                self._add(parts, "story_other")
            barred |= not self.is_tied(a.source, b.source)
        of_study = self._of_study
        study = sum([weight for name, weight in parts.items() if name in of_study])
        result = sum([weight for name, weight in parts.items() if name not in of_study])
        return Likeness(min(study, self._most), result, parts, barred)

    @property
    def asks_for_ties(self) -> bool:
        """Whether there are so many articles that claims of two are compared only where their articles are tied as closely as can be, or
        the claims themselves tell that they are of one study."""
        return self._corpus.background.crowd >= 1

    def is_tied(self, one: int, other: int) -> bool:
        """Whether two articles tell so much alike, for a corpus of this size, that their claims may be of one study."""
        pair = (one, other) if one < other else (other, one)
        found = self._ties.get(pair)
        if found is None:
            crowd = self._corpus.background.crowd
            story = min(self._corpus.story(*pair) / self._least_story, 1.0)
            found = self._ties[pair] = (story + 1.0) / 2 >= crowd and (
                (story + self._corpus.alike(*pair, self._least_alike) / self._least_alike) / 2 >= crowd
            )
        return found

    def _may_tell_one(self, a: Told, b: Told) -> bool:
        """Whether, by study, size and figures alone, :meth:`_is_one_study` may hold."""
        parts: dict[str, float] = {}
        if self._studies(a, b, parts):
            return False
        if not _ONE_STUDY.isdisjoint(parts):
            return True
        if a.sort is not None or b.sort is not None or not any(a.measured) or not any(b.measured):
            return False
        return not self._values(a, b, parts) and not _ONE_FIGURE.isdisjoint(parts)

    def is_aside(self, one: Told) -> bool:
        """Whether its sentence brings in another study than the one that its article has been telling of: an older trial found."""
        found = self._asides.get(one.source)
        if found is None:
            told = self._corpus.sources[one.source].told
            found = self._asides[one.source] = frozenset(self._brought_in(told))
        return bool(found) and one.claim.claim_id in found  # few articles have any

    def sets_apart(self, one: Told, other: Told) -> bool:
        """Whether of two claims of articles that tell one story one alone is of another study than that story's. An article that tells
        no one story has no study of its own: all that it tells of are brought in."""
        one_story = self._corpus.story(one.source, other.source) >= self._corpus.one_story
        return one_story and self.is_aside(one) != self.is_aside(other)

    def _brought_in(self, told: Sequence[Told]) -> Iterator[str]:
        first = min((t.claim.start for t in told if t.claim.study is not None or t.size is not None), default=None)
        begun: set[int] = set()
        for one in told:
            cue = one.claim.study.cue if one.claim.study is not None else None
            if cue is None or first is None or one.claim.start <= first:
                continue
            before, found, _ = one.claim.quote.lower().partition(cue.lower())
            words = cue.lower().split()
            if found and set(before.split()) <= self._into and words[0] in self._another and self._called & set(words):
                begun.add(one.claim.start)
        yield from (one.claim.claim_id for one in told if one.claim.start in begun)

    def _leads(self, one: Told) -> bool:
        return one.claim.claim_id in self._corpus.sources[one.source].leads

    @staticmethod
    def _is_one_study(parts: Mapping[str, float]) -> bool:
        """Whether two claims tell so much alike that their articles need no name in common: one study or its size, or one figure for one
        outcome of one treatment."""
        if not _ONE_STUDY.isdisjoint(parts):
            return True
        return "intervention_same" in parts and "outcome_same" in parts and not _ONE_FIGURE.isdisjoint(parts)

    def _add(self, parts: dict[str, float], name: str, times: float = 1.0) -> None:
        weight = self._weights.get(name, 0.0) * times
        if weight:
            parts[name] = parts.get(name, 0.0) + weight

    def _studies(self, a: Told, b: Told, parts: dict[str, float]) -> bool:
        one, other = a.claim.study or _NO_STUDY, b.claim.study or _NO_STUDY
        for key in ("doi", "pmid"):
            x, y = getattr(one, key), getattr(other, key)
            if x and y:
                same = x.lower() == y.lower()
                self._add(parts, "study_same" if same else "study_other")
                return not same
        if a.size is not None and b.size is not None and min(a.size, b.size) >= self._least_size:
            near = abs(a.size - b.size) <= self._size_tolerance * max(a.size, b.size)
            self._add(parts, "size_same" if a.size == b.size else "size_near" if near else "size_other")
        return False

    def _slots(self, a: Told, b: Told, parts: dict[str, float]) -> bool:
        key = (
            tuple(a.concepts.values()),
            tuple(b.concepts.values()),
        )  # copies, and claims of one sentence, name the same
        found = self._of_slots.get(key)
        if found is None:
            told: dict[str, float] = {}
            barred = False
            for slot in ("intervention", "comparator", "condition", "outcome"):
                tells, bars = self._slot_known(slot, a.concepts[slot], b.concepts[slot])
                told.update(tells)
                barred |= bars
            found = self._of_slots[key] = told, barred
        parts.update(found[0])
        return found[1]

    def _slot_known(self, slot: str, one: Concept, other: Concept) -> tuple[Mapping[str, float], bool]:
        key = slot, one, other
        found = self._of_slot.get(key)
        if found is None:
            found = self._of_slot[key] = self._slot(*key)
        return found

    def _slot(self, slot: str, one: Concept, other: Concept) -> tuple[Mapping[str, float], bool]:
        """What it tells that two claims name these in a slot, and whether it bars them."""
        found: dict[str, float] = {}
        likeness = self.alike(one, other)
        if likeness is None:
            return found, False
        shared = one.words.keys() & other.words.keys() or one.senses.keys() & other.senses.keys()
        if likeness > 0 and not shared and None in (one.id, other.id):
            self._add(found, f"{slot}_near", likeness)
            self._add(found, f"{slot}_unlike", 1 - likeness)
        elif likeness > 0:
            tells = max(self._corpus.tells(slot, one), self._corpus.tells(slot, other))
            self._add(found, f"{slot}_same", likeness * (self._least + (1 - self._least) * tells))
        else:
            self._add(found, f"{slot}_other" if likeness < 0 else f"{slot}_unlike")
        return found, slot == "outcome" and likeness < 0

    def alike(self, one: Concept, other: Concept) -> float | None:
        """1 for one name or the same words, between 0 and 1 for some in common or near in meaning, 0 for none, -1 for two canonical names,
        None where one says nothing."""
        pair = one, other
        try:
            return self._likened[pair]
        except KeyError:
            found = self._likened[pair] = self._alike(one, other)
            return found

    def alike_by_words(self, one: Concept, other: Concept) -> float | None:
        """The same, whatever the thesaurus knows."""
        return self.alike(one.in_words, other)

    def _alike(self, one: Concept, other: Concept) -> float | None:
        if not one or not other:
            return None
        if one.id is not None and other.id is not None:
            if one.id == other.id:
                return 1.0
            return 0.5 if _is_variant(one.id, other.id) else -1.0
        if not one.words or not other.words:
            return None
        return self._corpus.concepts_alike(one, other)

    def _told_otherwise(self, a: Told, b: Told) -> str:
        """What it tells that no value of one claim lies beside one of the other: the evidence's name."""
        if follows(a, b) or follows(b, a):
            return "derived_same"
        if _are_apart(a, b):
            return "units_far"
        return "derived_near" if self._is_near(a, b) or self._is_near(b, a) else "units_other"

    def _is_near(self, one: Told, relative: Told) -> bool:
        """Whether a relative figure is of the order of what another claim makes or states: 15% less, cut by a quarter."""
        stated = next((m.size.point for m in relative.measured if m is not None), None)
        if relative.claim.measure != "relative_change" or len(relative.measured) != 1 or not stated:
            return False
        made = derived(one).get("relative_change") or ratio_as_change(one, relative)
        if made is None and one.claim.measure == "relative_change" and len(one.measured) == 1:
            made = next((m.size.interval for m in one.measured if m is not None), None)
        return made is not None and made.low / self._order <= stated <= made.high * self._order

    def _values(self, a: Told, b: Told, parts: dict[str, float]) -> bool:
        if (a.claim.measure == "sample_size") != (b.claim.measure == "sample_size"):
            return True
        if a.marks and b.marks and a.marks != b.marks:
            return True  # lost 5% or more, lost 10% or more
        if _counts_by_mark(a, b) or _counts_by_mark(b, a):
            return True  # lost 5% or more, lost 15% on average
        found = agreement(a, b)
        lasting = a.claim.measure == b.claim.measure == "duration"
        if lasting and a.source != b.source and "outcome_unlike" not in parts and "condition_other" not in parts:
            self._add(parts, "lasting_both")
        if not found.agree and not found.differ:
            if lasting and not all((*a.measured, *b.measured)):
                return False  # a few weeks
            self._add(parts, self._told_otherwise(a, b))
            return False
        for i, j in found.agree:
            x, y = a.measured[i], b.measured[j]
            assert x is not None
            assert y is not None
            self._add(parts, _value_evidence(x, y, a.claim.values[i].text, b.claim.values[j].text))
        for i, j in found.differ:
            x, y = a.measured[i], b.measured[j]
            assert x is not None
            assert y is not None
            if _is_overstated(x, y, a.claim.values[i].text, b.claim.values[j].text):
                self._add(parts, "value_about")
            elif x.distance(y) <= self._near:
                self._add(parts, "value_near")
            elif are_swapped(a.claim.values[i].text, b.claim.values[j].text):
                self._add(parts, "value_swapped")
            else:
                self._add(parts, "lasting_other" if lasting else "value_other")
        if a.marks & b.marks:
            self._add(parts, "marks_same")
        return False

    def _sorts(self, a: Told, b: Told, parts: dict[str, float]) -> bool:
        if a.sort == b.sort:
            self._add(parts, "sort_same")
        return (a.sort == "safety") != (b.sort == "safety")

    def _times(self, a: Told, b: Told, parts: dict[str, float]) -> None:
        same = same_time(a.days, b.days, self._time)
        if same is not None:
            self._add(parts, "time_same" if same else "time_other")


def _counts_by_mark(one: Told, other: Told) -> bool:
    """Whether one claim says how many reached a mark, and the other by how much something changed, in percent and without a mark."""
    change = other.claim.measure == "relative_change" and len(other.claim.values) > 1 and not other.marks
    return change and bool(one.marks) and one.claim.measure in _MANY


def _may_be_one_study(a: Told, b: Told) -> bool:
    """Whether two claims name one study, its size, or a figure that may be the same."""
    one, other = a.claim.study or _NO_STUDY, b.claim.study or _NO_STUDY
    if (one.doi is not None and other.doi is not None) or (one.pmid is not None and other.pmid is not None):
        return True
    if a.size is not None and a.size == b.size:
        return True
    return any(x is not None and y is not None and x.fits(y) for x in a.measured for y in b.measured)


def _are_apart(a: Told, b: Told) -> bool:
    """Whether one claim says how many, the other how much: 54.5% had it under control, it fell by 9.6 mm Hg, or by 15 points."""
    many = [one.claim.measure in _MANY for one in (a, b)]
    if all(many) or not any(many):
        return False
    much = b if many[0] else a
    return all(
        m is not None and (m.dimension not in (COUNTED, "percent", "times") or value.unit == _POINTS)
        for value, m in zip(much.claim.values, much.measured, strict=True)
    )


def _is_variant(one: str, other: str) -> bool:
    """Whether one canonical name narrows the other: a dose or schedule of it."""
    return one.startswith(other + "_") or other.startswith(one + "_")


def _is_overstated(x: Measured, y: Measured, *texts: str) -> bool:
    """Whether two values are one figure but for a word beside it: just over 15, for 14.9."""
    if x.digits is None or y.digits is None or x.dimension != y.dimension or x.interval.exact == y.interval.exact:
        return False
    return all(len(significant_digits(text)) > 1 for text in texts) and x.digits.overlaps(y.digits)


def _value_evidence(x: Measured, y: Measured, *texts: str) -> str:
    """How much it tells that two values agree, by the figures that are printed: 7 is often met by chance, 48 seldom, 48.2 hardly."""
    if x.digits is None or y.digits is None:
        return "value_loose"
    if x.dimension != y.dimension and (x.counted or y.counted):
        return "value_count"
    if not (x.interval.exact and y.interval.exact):
        two = all(len(significant_digits(text)) > 1 for text in texts)
        return "value_about" if two and x.digits.overlaps(y.digits) else "value_loose"
    digits = min(len(significant_digits(text)) for text in texts)
    if digits >= _PRECISE:
        return "value_precise"
    return "value_same" if digits > 1 else "value_small"
