"""First claims: the sentences of an article that report a result, with the slots that surface rules can fill safely."""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from pipeline.claims.cues import Cue, CueRules, follows, shown
from pipeline.claims.draft import ClaimDraft
from pipeline.claims.grouping import bounds, grouped, is_row, paired, part
from pipeline.claims.study import Marks, StudySize, most_people, references_and_years
from pipeline.claims.times import in_days
from pipeline.claims.values import Candidate, Named, ValueRules, roles, value_of
from pipeline.components.classify import by_sentence
from pipeline.model import ClaimKind, Direction, Measure, Mention, SampleSize, Slot, Timepoint, Value
from pipeline.rules.items import Items, itemise
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import compiler_for
from pipeline.rules.terms import Term, TermMatcher

_NO_VALUES_CONFIDENCE = 0.5
_COMPARABLE = ("proportion", "count", "rate", "mean", "median", "score")
_SHIFTS = ("relative_change", "difference", "ratio", "duration", "dose")
_LASTING = ("duration", "dose")
_ACRONYM = 3


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
        self._study_words = frozenset(rules.phrases("study-words"))

    def assemble(
        self, text: str, sentences: Sequence[tuple[int, int]], mentions: Sequence[Mention]
    ) -> list[ClaimDraft]:
        """The claims of an article, in text order. ``sentences`` are spans of ``text``, ``mentions`` have their classes; both are
        sorted. Never raises."""
        drafts: list[ClaimDraft] = []
        terms = self._terms.find(text)
        starts = [term.start for term in terms]
        study = StudySize(text)
        with_mentions = {start: inside for start, _, inside in by_sentence(sentences, mentions)}
        for start, end in sentences:
            inside = with_mentions.get(start, [])
            if not inside and not study.known:
                continue
            items = itemise(text, start, end, inside)
            cues = self._cues.find(items, None if inside else ("new_study", "study_name"))
            nearby = terms[bisect_left(starts, start) : bisect_left(starts, end)]
            new_study = bool(shown(cues, "new_study"))
            marks = self._marks(text, items, cues, nearby, inside)
            size = study.read(start, end, new_study, self._totals(items), most_people(inside), marks)
            if inside:
                drafts.extend(self._drafts(_Sentence(text, start, end, items, cues, nearby, size)))
        return drafts

    def _totals(self, items: Items) -> list[SampleSize]:
        """The sizes of whole studies that a sentence states."""
        return [
            SampleSize(text=item.mention.text, value=item.mention.value)
            for index, item in enumerate(items.items)
            if item.mention is not None and self._values.is_total(items, index)
        ]

    def _marks(
        self, text: str, items: Items, cues: list[Cue], terms: Sequence[Term], mentions: Sequence[Mention]
    ) -> Marks:
        """What in a sentence may tell its study from another."""
        about_study = not self._study_words.isdisjoint(items.vocabulary)
        references, years = references_and_years(mentions, about_study)
        names = frozenset(_numbered(items)).union(
            *(_shouted(items, cue.first, cue.last) for cue in cues if "study_name" in cue.produces)
        )
        treatments = frozenset(
            term.id
            for term in terms
            if term.type == "intervention" and not self._values.is_control(text[term.start : term.end])
        )
        conditions = frozenset(term.id for term in terms if term.type == "condition")
        return Marks(references, names, years, treatments, conditions)

    def _drafts(self, sentence: _Sentence) -> Iterator[ClaimDraft]:
        if shown(sentence.cues, "no_claim"):
            return
        candidates = self._values.pick(sentence.items)
        if not candidates:
            draft = self._without_values(sentence)
            if draft is not None:
                yield draft
            return
        items = sentence.items
        candidates, pairs = paired(candidates, functools.partial(self._values.partner, items))
        named = [self._values.group(sentence.text, items, candidate.place) for candidate in candidates]
        edges = bounds(items, sentence.cues)
        made = [
            self._draft(
                sentence,
                [candidates[at] for at in group],
                [named[at] for at in group],
                edges,
                next((pairs[at].kind for at in group if at in pairs and pairs[at].kind), None),
            )
            for group in grouped(items, candidates, named, edges, pairs)
        ]
        yield from sorted(made, key=lambda draft: draft.values[0].start)

    def _draft(
        self,
        sentence: _Sentence,
        group: list[Candidate],
        named: list[Named | None],
        edges: list[int],
        told_as: ClaimKind | None,
    ) -> ClaimDraft:
        """The claim of ``group``, whose first value leads; ``named`` are the groups of people, ``told_as`` what pairs show."""
        lead = group[0]
        order = sorted(range(len(group)), key=lambda index: group[index].place)
        group, named = [group[index] for index in order], [named[index] for index in order]
        first, last = part(edges, group[0].place, len(sentence.items))
        last = max(last, group[-1].place)
        cues = sentence.cues
        if any(name is not None and not name.is_population for name in named):
            # A population is none of the groups that are set against each other.
            named = [None if name is not None and name.is_population else name for name in named]
        if lead.design:
            named = [None] * len(named)
        if len(group) == 1 and lead.measure in _SHIFTS:
            # "30% less likely than the placebo group": the figure is nobody's.
            named = [name if name is None or name.role != "comparator" else None for name in named]
        names = [name.words if name is not None else None for name in named]
        kind = told_as or self._kind(sentence, lead, names, first, last)
        stated_roles = roles(names, [name.role if name is not None else None for name in named], kind)
        if lead.measure not in _COMPARABLE:
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
        slots = self._slots(sentence, named, values, kind)
        told = not lead.design
        return ClaimDraft(
            quote=sentence.text[sentence.start : sentence.end],
            start=sentence.start,
            end=sentence.end,
            kind=kind,
            measure=lead.measure,
            values=values,
            timepoint=self._timepoint(sentence, first, last, lead) if told else None,
            sample_size=self._size_of(sentence, lead),
            direction=_direction(lead.measure, values) or self._shift(cues, group, kind, first, last) if told else None,
            strength=shown(cues, "strength", first, last, lead.place) or "none" if told else "none",
            certainty=shown(cues, "certainty", first, last, lead.place) or "asserted" if told else "asserted",
            rule=lead.rule,
            confidence=min(candidate.confidence for candidate in group),
            intervention=slots.intervention,
            comparator=slots.comparator,
            condition=slots.condition,
            outcome=slots.outcome,
            population=slots.population,
        )

    def _kind(
        self, sentence: _Sentence, lead: Candidate, names: Sequence[str | None], first: int, last: int
    ) -> ClaimKind:
        """Groups are compared where two are named for one outcome, or words say so; a table's row says nothing of the kind. A figure
        that stands alone is compared only by what follows it."""
        if len({name for name in names if name is not None}) > 1:
            return "comparison"
        if is_row(sentence.items) or lead.design:
            return "single"
        kind: ClaimKind = shown(sentence.cues, "kind", first, last, lead.place) or "single"
        alone = len(names) == 1 and lead.measure in _COMPARABLE
        if kind == "comparison" and alone and not follows(sentence.cues, "kind", kind, lead.place, last):
            return "single"
        return kind

    def _shift(
        self, cues: list[Cue], group: Sequence[Candidate], kind: ClaimKind, first: int, last: int
    ) -> Direction | None:
        """The direction that the words show, where the claim is one that has any and its values do not belie it."""
        if kind == "single" and group[0].measure not in _SHIFTS:
            return None
        lead = group[0]
        if lead.measure in _LASTING:
            last = lead.place
        stated_shift = shown(cues, "direction", first, last, lead.place, nearest=lead.measure in _SHIFTS)
        direction = cast("Direction | None", stated_shift)
        stated = [candidate.mention.value for candidate in group]
        if kind != "comparison" or group[0].measure not in _COMPARABLE or len(stated) != 2:
            return direction
        one, other = stated
        if one is None or other is None or one == other:
            return direction
        return direction if direction == ("higher" if one > other else "lower") else None

    def _size_of(self, sentence: _Sentence, lead: Candidate) -> SampleSize | None:
        """The size of the study; a claim that states a size of its own has that, or none where it is a group's."""
        if lead.measure != "sample_size":
            return sentence.size
        own = lead.mention
        total = self._values.is_total(sentence.items, lead.place)
        return SampleSize(text=own.text, value=own.value) if total else None

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


def _shouted(items: Items, first: int, last: int) -> Iterator[str]:
    """The acronyms of some length among items ``first`` to ``last``, each with the number behind it (STEP 1)."""
    for index in range(first, last + 1):
        shouted = items.items[index].shouted
        if shouted and len(shouted) >= _ACRONYM:
            following = items.items[index + 1].word if index + 1 < len(items) else ""
            yield f"{shouted} {following}" if following.isdigit() else shouted


def _numbered(items: Items) -> Iterator[str]:
    """The acronyms of a sentence that have a number behind them: so named are trials, whether it says so or not."""
    return (name for name in _shouted(items, 0, len(items) - 1) if " " in name)


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
