"""First claims: the sentences of an article that report a result, with the slots that surface rules can fill safely."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.claims.cues import Cue, CueRules, shown
from pipeline.claims.draft import ClaimDraft
from pipeline.claims.times import in_days
from pipeline.claims.values import Candidate, Named, ValueRules, roles, value_of
from pipeline.components.classify import by_sentence
from pipeline.model import ClaimKind, Direction, Measure, Mention, SampleSize, Slot, Timepoint, Value
from pipeline.rules.items import Items, itemise
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.template_syntax import fold
from pipeline.rules.templates import compiler_for
from pipeline.rules.terms import Term, TermMatcher

_PARAGRAPH = "\n\n"
_PARAGRAPHS_PER_STUDY = 3
_NO_VALUES_CONFIDENCE = 0.5
_COMPARABLE = ("proportion", "count", "rate", "mean", "median", "score")


class _Sentence(NamedTuple):
    """One sentence with all that its claims share. ``first`` and ``last`` of parts are item indices."""

    text: str
    """Of the article."""
    start: int
    end: int
    items: Items
    cues: list[Cue]
    terms: list[Term]
    size: SampleSize | None


class _Slots(NamedTuple):
    intervention: Slot | None
    comparator: Slot | None
    condition: Slot | None
    outcome: Slot | None
    population: Slot | None


class ClaimAssembler:
    """Makes claims of classified quantities, by the rules in ``rules/extract/`` and ``rules/context/``."""

    def __init__(self, rules: Ruleset) -> None:
        compiler = compiler_for(rules)
        self._values = ValueRules(rules, compiler)
        self._cues = CueRules(rules, compiler)
        self._terms = TermMatcher(rules)

    def assemble(
        self, text: str, sentences: Sequence[tuple[int, int]], mentions: Sequence[Mention]
    ) -> list[ClaimDraft]:
        """The claims of an article, in text order. ``sentences`` are spans of ``text``, ``mentions`` have their classes; both are
        sorted. Never raises."""
        drafts: list[ClaimDraft] = []
        terms = self._terms.find(text)
        starts = [term.start for term in terms]
        study = _StudySize(text)
        with_mentions = {start: inside for start, _, inside in by_sentence(sentences, mentions)}
        for start, end in sentences:
            inside = with_mentions.get(start, [])
            items = itemise(text, start, end, inside)
            cues = self._cues.find(items, None if inside else "new_study")
            size = study.read(start, end, bool(shown(cues, "new_study")), *self._sizes(inside))
            if inside:
                nearby = terms[bisect_left(starts, start) : bisect_left(starts, end)]
                drafts.extend(self._drafts(_Sentence(text, start, end, items, cues, nearby, size)))
        return drafts

    def _sizes(self, mentions: Sequence[Mention]) -> tuple[SampleSize | None, SampleSize | None]:
        """The size of the whole study, and the size of a part of it, that a sentence states."""
        found: dict[str | None, SampleSize] = {}
        for mention in mentions:
            if mention.quantity_class == "sample_size" and mention.value is not None and mention.unit != "percent":
                kind = self._values.size_kind(mention) or "part"
                found.setdefault(kind, SampleSize(text=mention.text, value=mention.value))
        return found.get("total"), found.get("part")

    def _drafts(self, sentence: _Sentence) -> Iterator[ClaimDraft]:
        if shown(sentence.cues, "no_claim"):
            return
        candidates = self._values.pick(sentence.items)
        if not candidates:
            draft = self._without_values(sentence)
            if draft is not None:
                yield draft
            return
        bounds = _bounds(sentence.items, sentence.cues)
        made = [self._draft(sentence, group, bounds) for group in _groups(sentence, candidates, bounds)]
        yield from sorted(made, key=lambda draft: draft.values[0].start)

    def _draft(self, sentence: _Sentence, group: list[Candidate], bounds: list[int]) -> ClaimDraft:
        first, last = _part(bounds, group[0].place, len(sentence.items))
        last = max(last, group[-1].place)
        cues = sentence.cues
        named = [self._values.group(sentence.text, sentence.items, candidate.place) for candidate in group]
        kind: ClaimKind = shown(cues, "kind", first, last) or "single"
        names = [fold(sentence.text[name.start : name.end]) if name is not None else None for name in named]
        stated_roles = roles(names, [name.role if name is not None else None for name in named], kind)
        if group[0].measure not in _COMPARABLE:
            stated_roles = [role if role in ("arm", "comparator") else None for role in stated_roles]
        if "comparator" in stated_roles:
            kind = "comparison"
        values = tuple(
            value_of(
                candidate.mention,
                role,
                sentence.text[name.start : name.end] if name else None,
                name.term if name else None,
            )
            for candidate, role, name in zip(group, stated_roles, named, strict=True)
        )
        lead = group[0]
        slots = self._slots(sentence, named, values, kind)
        return ClaimDraft(
            quote=sentence.text[sentence.start : sentence.end],
            start=sentence.start,
            end=sentence.end,
            kind=kind,
            measure=lead.measure,
            values=values,
            timepoint=self._timepoint(sentence, first, last, lead),
            sample_size=self._size_of(sentence, lead),
            direction=_direction(lead.measure, values) or shown(cues, "direction", first, last),
            strength=shown(cues, "strength", first, last) or "none",
            certainty=shown(cues, "certainty", first, last) or "asserted",
            rule=lead.rule,
            confidence=min(candidate.confidence for candidate in group),
            intervention=slots.intervention,
            comparator=slots.comparator,
            condition=slots.condition,
            outcome=slots.outcome,
            population=slots.population,
        )

    def _size_of(self, sentence: _Sentence, lead: Candidate) -> SampleSize | None:
        """The size of the study; a claim that states a size of its own has that."""
        own = lead.mention
        if lead.measure == "sample_size" and own.value is not None and self._values.size_kind(own) == "total":
            return SampleSize(text=own.text, value=own.value)
        return sentence.size

    def _without_values(self, sentence: _Sentence) -> ClaimDraft | None:
        """A claim that tells how groups differ and states only when, or in how many, it was seen."""
        if not shown(sentence.cues, "finding"):
            return None
        mentions = [item.mention for item in sentence.items.items if item.mention is not None]
        if not any(mention.quantity_class in ("timepoint", "sample_size") and mention.rule for mention in mentions):
            return None
        measure: Measure = shown(sentence.cues, "measure") or "other"
        slots = self._slots(sentence, [], (), "comparison")
        return ClaimDraft(
            quote=sentence.text[sentence.start : sentence.end],
            start=sentence.start,
            end=sentence.end,
            kind="comparison",
            measure=measure,
            values=(),
            timepoint=self._timepoint(sentence, 0, len(sentence.items), None),
            sample_size=sentence.size,
            direction=shown(sentence.cues, "direction"),
            strength=shown(sentence.cues, "strength") or "none",
            certainty=shown(sentence.cues, "certainty") or "asserted",
            rule="cue-finding",
            confidence=_NO_VALUES_CONFIDENCE,
            intervention=slots.intervention,
            comparator=slots.comparator,
            condition=slots.condition,
            outcome=slots.outcome,
            population=slots.population,
        )

    def _timepoint(self, sentence: _Sentence, first: int, last: int, lead: Candidate | None) -> Timepoint | None:
        """The time that is stated in the claim's part of the sentence, the nearest to its first value; else the only one of all."""
        items = sentence.items.items
        times = [
            at
            for at, item in enumerate(items)
            if item.mention is not None and item.mention.quantity_class == "timepoint"
        ]
        inside = [at for at in times if first <= at <= last]
        if not inside and len(times) == 1:
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

    def _time_of_effect(self, sentence: _Sentence, lead: Candidate | None) -> Timepoint | None:
        if lead is None or lead.measure != "duration":
            return None
        span = self._values.time_told_by(sentence.items, lead.place)
        days = in_days(lead.mention.value, lead.mention.unit)
        return None if span is None else Timepoint(text=sentence.text[slice(*span)], days=days)

    def _slots(
        self, sentence: _Sentence, named: Sequence[Named | None], values: Sequence[Value], kind: ClaimKind
    ) -> _Slots:
        text = sentence.text
        arm = _slot_of(text, named, values, "arm")
        comparator = _slot_of(text, named, values, "comparator")
        given = [term for term in sentence.terms if term.type == "intervention"]
        others = [term for term in sentence.terms if term.type == "comparator"]
        treated = [term for term in given if not self._values.is_control(text[term.start : term.end])]
        if arm is None and treated:
            arm = _slot(text, treated[0])
        if comparator is None and kind == "comparison":
            control = (
                [term for term in given if term not in treated]
                + others
                + [term for term in treated if arm is None or term.id != arm.id]
            )
            comparator = _slot(text, control[0]) if control else None
        place = values[0].start if values else sentence.start
        return _Slots(
            arm,
            comparator,
            _nearest(text, sentence.terms, "condition", place),
            _nearest(text, sentence.terms, "outcome", place),
            _nearest(text, sentence.terms, "population", place),
        )


class _StudySize:
    """The size of the study that the text tells of, sentence by sentence.

    The first whole that is stated holds until another study begins: with words that say so, behind a heading, or when the text has
    gone on for some paragraphs without it.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._size: SampleSize | None = None
        self._at = 0

    def read(
        self, start: int, end: int, new_study: bool, total: SampleSize | None, part: SampleSize | None
    ) -> SampleSize | None:
        """The size that holds for the sentence at ``start`` to ``end``; ``total`` and ``part`` are those it states."""
        between = self._text[self._at : start] if self._size is not None else ""
        heading = self._text[end : end + 2] == _PARAGRAPH and self._text[end - 1 : end].isalnum()
        if new_study or heading or between.count(_PARAGRAPH) > _PARAGRAPHS_PER_STUDY:
            self._size = None
        if self._size is None and total is not None:
            self._size, self._at = total, end
        return self._size or part


def _bounds(items: Items, cues: Sequence[Cue]) -> list[int]:
    """Item indices at which another part of the sentence begins; what stands in brackets is never parted."""
    inside = [(start, end) for start, end in items.closing.items()]
    return sorted(
        cue.first
        for cue in cues
        if cue.produces.get("split") and not any(start < cue.first < end for start, end in inside)
    )


def _part(bounds: Sequence[int], index: int, size: int) -> tuple[int, int]:
    """The first and last item of the part of the sentence that item ``index`` lies in."""
    first = max((bound for bound in bounds if bound <= index), default=0)
    last = min((bound for bound in bounds if bound > index), default=size) - 1
    return first, last


def _groups(sentence: _Sentence, candidates: list[Candidate], bounds: Sequence[int]) -> list[list[Candidate]]:
    """The values of a sentence, one list for each claim: by part of the sentence and by measure."""
    found: dict[tuple[int, str, int], list[Candidate]] = {}
    for candidate in candidates:
        first, last = _part(bounds, candidate.place, len(sentence.items))
        compared = shown(sentence.cues, "kind", first, last) == "comparison"
        bracket = -1 if compared else _bracket(sentence.items, candidate.place)
        found.setdefault((first, candidate.measure, bracket), []).append(candidate)
    groups = list(found.values())
    # A dose that goes with an effect is told with it.
    doses = [group for group in groups if group[0].measure == "dose"]
    effects = [group for group in groups if group[0].measure not in ("dose", "sample_size", "count")]
    if doses and effects:
        effects[0].extend(candidate for group in doses for candidate in group)
        effects[0].sort(key=lambda candidate: candidate.place)
        lead = next(candidate for candidate in effects[0] if candidate.measure != "dose")
        effects[0].insert(0, effects[0].pop(effects[0].index(lead)))
        groups = [group for group in groups if group not in doses]
    return groups


def _bracket(items: Items, index: int) -> int:
    """The bracket that item ``index`` stands in right behind a word, as in ``nausea (44%)``: what it states is its own outcome."""
    opening = index - 1
    if opening > 0 and opening in items.closing and items.items[opening - 1].is_word:
        return opening
    return -1


def _direction(measure: Measure, values: Sequence[Value]) -> Direction | None:
    """How the arm's value lies to the comparator's, where each has one."""
    if measure not in _COMPARABLE:
        return None
    stated: dict[str, float | None] = {value.role: value.value for value in values if value.role is not None}
    for against, with_ in (("comparator", "arm"), ("baseline", "followup")):
        low, high = stated.get(against), stated.get(with_)
        if low is not None and high is not None:
            return "higher" if high > low else "lower" if high < low else "equal"
    return None


def _slot(text: str, term: Term) -> Slot:
    return Slot(text=text[term.start : term.end], id=term.id)


def _slot_of(text: str, named: Sequence[Named | None], values: Sequence[Value], role: str) -> Slot | None:
    for name, value in zip(named, values, strict=True):
        if name is not None and value.role == role:
            return _slot(text, name.term) if name.term is not None else Slot(text=text[name.start : name.end], id=None)
    return None


def _nearest(text: str, terms: Sequence[Term], kind: str, place: int) -> Slot | None:
    term = min(
        (term for term in terms if term.type == kind),
        key=lambda term: (abs(term.start - place), term.start),
        default=None,
    )
    return None if term is None else _slot(text, term)
